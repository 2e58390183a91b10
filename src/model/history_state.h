#ifndef MODEL_HISTORY_STATE_H
#define MODEL_HISTORY_STATE_H

#include "model/history.h"
#include "model/snapshot.h"

/* Private to history.c and history_*.c. */

enum { HISTORY_STRETCHES_MAX = 256 };

/* A time without a gap. */
struct stretch {
    uint64_t from_ns, to_ns;
};

/* When there were scans: the newest stretches, ascending. Older ones are forgotten, which makes
 * gaps of them where nothing else was kept. */
struct stretches {
    struct stretch items[HISTORY_STRETCHES_MAX];
    size_t count;
};

enum {
    HISTORY_FIXED = 9,         // graphs of the machine as a whole
    HISTORY_DEVICE_SERIES = 3, // two rates, and for a disk how busy it is
    HISTORY_LEVELS = 3,        // resolutions
};

struct system_series;

/* An interface or a disk. */
struct device_track {
    char name[HISTORY_NAME_BYTES], busy_name[HISTORY_NAME_BYTES];
    bool is_disk;
    uint64_t last_ns;                                    // when it was seen last
    struct system_series *series[HISTORY_DEVICE_SERIES]; // heap; NULL: never known
};

/* What is kept of the machine, see history_system.c. */
struct system_tracks {
    struct system_series *series[HISTORY_FIXED][HISTORY_LINES_MAX]; // likewise
    double full[HISTORY_FIXED];
    struct device_track devices[HISTORY_DEVICES_MAX]; // in the order they were first seen
    size_t device_count;
    bool has_swap; // there was some, or nobody knows; else it has no graph
};

struct process_track;

/* What is kept of processes, see history_process.c. */
struct process_tracks {
    struct process_track *items, *spare; // heap; ascending id; the other is what it was before
    size_t count, room, spare_room;
    size_t recordings; // in use
    uint64_t keep_ns;  // how long exited ones stay
};

/* The history. */
struct history {
    uint64_t sample;   // the scan added last; 0: none
    uint64_t now_ns;   // end of the newest interval
    uint64_t slept_ns; // by the machine: this clock is so much ahead of the monotonic one
    int64_t ahead_ns;  // uptime less monotonic time, the most it was
    bool has_ahead;
    bool broken;       // the interval running is to be a gap
    uint64_t begin_ns; // of the first interval
    struct stretches stretches;
    struct system_tracks system;
    struct process_tracks processes;
};

/* Follow the processes of a snapshot, whose interval goes from then to history->now_ns. False
 * when out of memory: nothing was taken over then. */
bool history_processes_add(struct history *history, const struct snapshot *snap, uint64_t from_ns);

/* Take over what it says of the machine, likewise. What there is no memory for is left out. */
void history_system_add(struct history *history, const struct snapshot *snap, uint64_t from_ns);

/* Free what is kept of it. */
void history_system_finish(struct system_tracks *system);

/* Free what is kept of them. */
void history_processes_finish(struct process_tracks *processes);

#endif
