#ifndef MODEL_HISTORY_H
#define MODEL_HISTORY_H

#include "base/facts.h"
#include "model/series.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct snapshot;

/*
 * What was, since perch started: series of the machine and of each process, for graphs. Fed with
 * every scan, read by panes. Times are on the history's own clock, in ns: that of the snapshots,
 * moved on by the time the machine slept, so that a sleep is a gap. Wall-clock time has no part
 * in it. Thread: any one at a time; the main thread has it.
 */
struct history;

/* Owns: the caller, who ends it with history_destroy(). Errors: NULL when out of memory. */
struct history *history_create(void);

/* NULL is a no-op. */
void history_destroy(struct history *history);

/*
 * Take over what a snapshot says, once for each scan. One that follows after much more than
 * `usual_ns`, the interval that is set, leaves a gap: what it says is the mean of a pause.
 * When memory is short there is a gap, too.
 */
void history_add(struct history *history, const struct snapshot *snap, uint64_t usual_ns);

/* The interval that is running now is to be a gap: updating was paused or goes on. */
void history_break(struct history *history);

/* The end of the newest interval, where windows end. 0 before the first one. */
uint64_t history_now_ns(const struct history *history);

/* --- processes ------------------------------------------------------------------------------ */

/* What is kept of each process. */
enum process_series {
    PROCESS_CPU,      // VALUE_CPUS: 1.0 is one CPU kept busy
    PROCESS_RESIDENT, // VALUE_BYTES
    PROCESS_READ,     // VALUE_BYTE_RATE; storage; only while something shows it, like the next
    PROCESS_WRITE,
    PROCESS_SERIES_COUNT,
};

/* Ceilings. What a process does beyond them is not kept and reads as a gap. */
enum {
    HISTORY_PROCESSES_MAX = 16384,  // processes and threads followed, exited ones included
    HISTORY_RECORDINGS_MAX = 5120,  // series of processes that ever changed; 3 KiB each
    HISTORY_PROCESS_POINTS = 256,   // in each; when full, neighbours become one
    HISTORY_EXITED_S = 300,         // an exited process is kept this long at most
    HISTORY_EXITED_PROCESSES = 512, // with more of them for a shorter time
};

/* Since when and until when a process was seen. Errors: false when nothing is known of it. */
bool history_process_span(const struct history *history, struct proc_id id, uint64_t *ret_first_ns,
                          uint64_t *ret_last_ns);

/* Put a series of a process into the columns of a window; ret has window->count points, all gaps
 * when nothing is known of it. */
void history_process_read(const struct history *history, struct proc_id id,
                          enum process_series series, const struct series_window *window,
                          struct series_point *ret);

#endif
