#ifndef PRINT_JSON_H
#define PRINT_JSON_H

struct batch_sample;
struct out;

/*
 * Write a sample as one JSON object on one line. Units: bytes, nanoseconds, fractions of 1,
 * events a second. What is absent is null; for a process the member "absent" then says why.
 * Errors: kept in `out`.
 */
void print_json(struct out *out, const struct batch_sample *sample);

#endif
