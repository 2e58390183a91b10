#ifndef PRINT_TABLE_H
#define PRINT_TABLE_H

struct batch_sample;
struct out;

/*
 * Write a sample as a summary, a header line and one line for each process. No escape
 * sequences; text in the last column is never cut.
 * Errors: kept in `out`.
 */
void print_table(struct out *out, const struct batch_sample *sample);

#endif
