#ifndef TESTS_SCREEN_H
#define TESTS_SCREEN_H

#include "model/snapshot.h"
#include "ui/surface.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Made-up populations and golden screens. Everything is invented and depends on nothing but
 * the arguments, so a screen drawn from it is the same on every machine.
 */

/* One invented process. Members left zero get plain values: state S, its own group, user "". */
struct screen_proc {
    int32_t pid, ppid;
    int32_t group_pid;     // 0: pid
    int32_t pgrp, session; // 0: pid
    uint32_t threads;      // 0: 1
    const char *name;      // NULL: "proc"
    const char *args;      // the command line; NULL: none was read
    const char *user;      // NULL: not read
    uint32_t uid;
    char state;     // 0: 'S'
    uint32_t flags; // enum proc_flag
    int16_t nice;
    double cpu;       // fraction of one CPU; meaningful when the snapshot has rates
    uint64_t time_ms; // CPU time since it started
    uint64_t resident_kib, virtual_kib, shared_kib;
    uint64_t read_kib, write_kib; // from and to storage, a second; in all a minute's worth
    uint64_t start_ns;            // 0: pid * 10 ms
    fact_mask denied;             // taken out of `have` and put there
    fact_mask blocked;            // likewise
};

/* What screen_snapshot() builds. */
struct screen_options {
    uint64_t seq;                    // 0: 1; the interval is unknown in the first one
    uint32_t cpus;                   // 0: 4
    const struct screen_proc *procs; // ascending pid; NULL: the built-in population
    size_t proc_count;
    const struct screen_proc *exited;
    size_t exited_count;
    bool bare; // the kernel says nothing about the system
};

/*
 * Build a snapshot. Snapshots with `seq` above 1 have rates.
 * Owns: the caller, who ends it with snapshot_free().
 */
struct snapshot *screen_snapshot(const struct screen_options *options);

/* The built-in population of 24 processes: services, shells, kernel threads, odd names. */
const struct screen_proc *screen_population(size_t *ret_count);

/*
 * Fail the running test unless the surface is what tests/golden/NAME.txt says. With
 * PERCH_UPDATE_GOLDEN=1 in the environment the file is written instead, and the program ends
 * with a failure, so that an update cannot pass unseen.
 */
void screen_check(const struct surface *surface, const char *name);

/* One row of the surface as text without trailing blanks, in a static buffer. */
const char *screen_row(const struct surface *surface, int y);

/* True when some row of the surface contains the text. */
bool screen_has(const struct surface *surface, const char *text);

#endif
