#ifndef SAMPLER_SCAN_STATE_H
#define SAMPLER_SCAN_STATE_H

#include "sampler/scan.h"
#include "sampler/scan_inspect.h"
#include "sampler/scan_parts.h"

/* Private to scan.c and scan_ask.c. */

/* See scan.h. */
struct scan {
    struct platform *platform;
    struct prober *prober; // NULL: none
    struct cache *cache;
    fact_mask provided;
    struct arena *arenas[2];
    struct raw_sample raw[2];
    unsigned newest;             // which of the two is `after`
    bool has_after, has_before;  // and whether they hold anything
    bool intact;                 // the last scan succeeded, so both are as it left them
    bool rested;                 // the last scan's plan was resting: rates are kept in the cache
    uint64_t count;              // successful scans
    fact_mask read_of_all;       // facts `after` has of every process
    fact_mask asked_of_all;      // likewise with the prober
    size_t ask_at;               // first process whose questions did not fit in
    size_t renew_at;             // where renewing costly facts goes on
    uint32_t baseline;           // the plan's, as last obeyed
    bool frequency_pending;      // asked
    bool has_frequencies;        // there is something to forget
    uint32_t last_uid, last_tty; // looked up just now: most rows repeat them
    bool has_last_uid;
    struct scan_parts parts;
    struct scan_inspect inspect;
};

/* The last sample. Owns: the scan. */
static inline struct raw_sample *scan_after(struct scan *scan)
{
    return &scan->raw[scan->newest];
}

#endif
