#ifndef PRINT_JSON_H
#define PRINT_JSON_H

#include <stddef.h>

struct batch_sample;
struct out;

/*
 * Write a sample as one JSON object on one line. Units: bytes, nanoseconds, fractions of 1,
 * events a second. What is absent is null; for a process the member "absent" then says why.
 * Errors: kept in `out`.
 */
void print_json(struct out *out, const struct batch_sample *sample);

/* Groups of the machine's figures. */
enum json_figures { JSON_CPU, JSON_MEMORY, JSON_SWAP, JSON_TASKS, JSON_FIGURES_COUNT };

/* Name of a figure of a group, for the schema. Owns: static storage. Errors: NULL behind the last. */
const char *print_json_figure(enum json_figures group, size_t at);

#endif
