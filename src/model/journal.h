#ifndef MODEL_JOURNAL_H
#define MODEL_JOURNAL_H

#include "base/deed.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What was done to whom and what came of it, newest last, in a ring of fixed size. A line that
 * is not at its end (a termination under way) is brought up to date in place. Main thread only.
 */
struct journal;

/* One line. Texts are safe. */
struct journal_entry {
    int64_t wall_s; // Unix time, for display
    uint32_t job;   // of the request it belongs to; with the target's id it names the line
    struct target target;
    bool undo;        // a change was taken back
    bool error;       // it failed
    bool pending;     // more is to come
    char action[48];  // "SIGTERM", "nice", "I/O priority"
    char change[200]; // "0 -> 5", "best-effort 4 -> idle"; "" when there is no value
    char result[160]; // "exited after 0.4 s", "permission denied"
};

/* Create a ring of `capacity` lines (at least 1).
 * Owns: the caller, who ends it with journal_destroy(). Errors: NULL when out of memory. */
struct journal *journal_create(size_t capacity);

/* NULL is a no-op. */
void journal_destroy(struct journal *journal);

/* Add a line, or replace the pending one of the same job and target. */
void journal_put(struct journal *journal, const struct journal_entry *entry);

/* Lines now in the ring. */
size_t journal_count(const struct journal *journal);

/* Lines ever added. */
uint64_t journal_total(const struct journal *journal);

/* The line at `index`, 0 being the oldest kept. Owns: the journal, until the next change. */
const struct journal_entry *journal_at(const struct journal *journal, size_t index);

#endif
