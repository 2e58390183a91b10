#ifndef MODEL_PLAN_H
#define MODEL_PLAN_H

#include "base/facts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PLAN_VISIBLE_MAX = 512, // rows on the screen, with some above and below
};

/* What to sample from now on: said by the UI, carried by app.c, obeyed by the sampler. */
struct plan {
    uint64_t interval_ns;                     // between the starts of two scans; 100 ms to 1 h
    fact_mask want;                           // of every process: what is sorted or filtered by
    fact_mask want_visible;                   // of the visible ones only, on top of `want`
    struct proc_id visible[PLAN_VISIBLE_MAX]; // top row first
    size_t visible_count;
    bool threads;                    // list user threads too
    bool resting;                    // no process is looked at: most need not be read in every scan
    unsigned parts;                  // enum sample_part: what else to read; see plan_parts()
    struct proc_id inspected;        // the process looked at in detail; pid 0: none
    struct proc_id inspected_thread; // of it, whose wait is looked at closely; pid 0: its first
    unsigned inspect;                // 1u << enum inspect_part: what is shown of it
    bool names;                      // find out those of hosts and services, once sockets are read
    uint32_t baseline;               // growth is counted from when this last changed
    bool frequencies;                // read the CPUs' clock frequencies
    bool paused;                     // no scans; facts of newly visible rows are still read
    bool settle; // publish only when the prober has answered for all that is wanted
};

/* The parts of a sample to read (enum sample_part): those asked for, and those that facts come of. */
unsigned plan_parts(const struct plan *plan);

/* True when both ask for the same. */
bool plan_equal(const struct plan *a, const struct plan *b);

#endif
