#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The last messages for people, newest last, in a ring of fixed size. While the terminal is
 * ours nothing may go to stderr, so messages are kept here, shown in the message list and
 * (configuration errors) printed after the terminal was given back. Main thread only.
 */
struct log;

/* One message. */
struct log_entry {
    int64_t wall_s; // Unix time, for display
    bool error;     // something failed
    char text[240]; // safe text, NUL-terminated, cut to fit
};

/*
 * Create a ring of `capacity` messages (at least 1).
 * Owns: the caller, who ends it with log_destroy().
 * Errors: NULL when out of memory.
 */
struct log *log_create(size_t capacity);

/* NULL is a no-op. */
void log_destroy(struct log *log);

/* Add a message, pushing the oldest out. `text` is made safe here. NULL log is a no-op. */
void log_add(struct log *log, int64_t wall_s, bool error, const char *text);

/* Messages now in the ring. */
size_t log_count(const struct log *log);

/* Messages ever added. */
uint64_t log_total(const struct log *log);

/* The message at `index`, 0 being the oldest kept. Owns: the log, until the next log_add(). */
const struct log_entry *log_at(const struct log *log, size_t index);

#endif
