#ifndef MODEL_HISTORY_H
#define MODEL_HISTORY_H

#include "base/facts.h"
#include "model/series.h"
#include "model/value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/* --- the machine ---------------------------------------------------------------------------- */

/* Ceilings. */
enum {
    HISTORY_LINES_MAX = 5,    // of a graph
    HISTORY_DEVICES_MAX = 64, // interfaces and disks, those of the last day included
    HISTORY_NAME_BYTES = 48,
};

/* Something to draw: lines of one kind over the same axis. */
struct history_graph {
    const char *name; // "CPU", "eth0", "sda busy"; safe text
    const char *help; // what it shows, in a few words; static
    enum value_kind kind;
    double full;       // the value that is all there can be; 0: there is no such value
    size_t line_count; // at most HISTORY_LINES_MAX
    size_t main_count; // of them, from the first on, tell most of it
    const char *lines[HISTORY_LINES_MAX]; // titles; static
};

/* What a table draws beside the figures of a device. */
enum history_device {
    HISTORY_NO_DEVICE,
    HISTORY_INTERFACE, // bytes through it
    HISTORY_DISK,      // how busy it is
};

/* How many graphs there are now. */
size_t history_graph_count(const struct history *history);

/* One of them; index must be < history_graph_count(). The name belongs to the history. A graph
 * keeps its index as long as it is there; those of devices that are gone for a day go, and that
 * of swap is there when the machine has any. */
struct history_graph history_graph_info(const struct history *history, size_t index);

/* Index of the graph of a device, by its name. Errors: history_graph_count() when nothing is kept
 * of it: it was never used, or is a part of another one. */
size_t history_device_graph(const struct history *history, enum history_device device,
                            const char *name);

/* The value of a line in the newest scan; NaN when that did not say. */
double history_latest(const struct history *history, size_t index, size_t line);

/* Put a line into the columns of a window; ret has window->count points. Seconds are kept for 17
 * minutes, tens of seconds for 2.8 hours, hundreds of seconds for 25 hours. */
void history_read(const struct history *history, size_t index, size_t line,
                  const struct series_window *window, struct series_point *ret);

/* A line of a graph, summed up. */
struct history_line {
    size_t number;             // in the order of the graphs
    const char *graph, *title; // safe text; they belong to the history
    enum value_kind kind;
    struct series_figures figures; // of all that was added; NaN: not known
    uint64_t known_ns;             // how long it was known
    enum absent why;               // when it never was
};

/* Take one more value into a line's figures: what it was for so long; NaN: not known. */
void history_line_add(struct history_line *line, double value, uint64_t interval_ns);

/* As many as there can be. */
enum { HISTORY_ALL_LINES_MAX = 32 + 3 * HISTORY_DEVICES_MAX };

/* Sum up the lines of all graphs, in their order; returns how many. */
size_t history_lines(const struct history *history, struct history_line ret[HISTORY_ALL_LINES_MAX]);

/* When the first interval began. 0 before that. */
uint64_t history_begin_ns(const struct history *history);

/* --- processes ------------------------------------------------------------------------------ */

/* What is kept of each process. */
enum process_series {
    PROCESS_CPU,      // VALUE_CPUS: 1.0 is one CPU kept busy
    PROCESS_RESIDENT, // VALUE_BYTES
    PROCESS_READ,     // VALUE_BYTE_RATE; storage; only while something shows it, like the next
    PROCESS_WRITE,
    PROCESS_RX, // VALUE_BYTE_RATE; over TCP; likewise
    PROCESS_TX,
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

/* The lines of a process, which are not known yet. */
void history_process_lines(struct history_line ret[PROCESS_SERIES_COUNT]);

/* Take over what a snapshot says of it, once for each scan. */
void history_process_lines_add(struct history_line lines[PROCESS_SERIES_COUNT],
                               const struct snapshot *snap, const struct proc *proc);

/* Since when and until when a process was seen. Errors: false when nothing is known of it. */
bool history_process_span(const struct history *history, struct proc_id id, uint64_t *ret_first_ns,
                          uint64_t *ret_last_ns);

/* Put a series of a process into the columns of a window; ret has window->count points, all gaps
 * when nothing is known of it. */
void history_process_read(const struct history *history, struct proc_id id,
                          enum process_series series, const struct series_window *window,
                          struct series_point *ret);

/* The value of a series in the newest scan; NaN when that did not say. */
double history_process_latest(const struct history *history, struct proc_id id,
                              enum process_series series);

#endif
