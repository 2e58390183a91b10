#ifndef SAMPLER_SCAN_PARTS_H
#define SAMPLER_SCAN_PARTS_H

#include "platform/platform.h"
#include "sampler/scan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cache;
struct probe_answer;
struct prober;

/*
 * Private to scan.c: what outlives a scan of the parts of a sample that are no processes. File
 * systems are asked how full they are one after the other, so that many dead ones cannot keep
 * all threads of the prober.
 */

/* Where the round of questions is. Zero: nothing to ask. */
struct scan_parts {
    size_t mount_at;      // first mount of the sample not asked in this round
    bool mount_pending;   // one is with the prober
    uint64_t mount_asked; // which
};

/* A new sample is here, number `count`; `before` is NULL when there is none. */
void scan_parts_begin(struct scan_parts *parts, struct cache *cache,
                      const struct raw_sample *before, const struct raw_sample *after,
                      uint64_t count);

/* Ask the next file system, if none is being asked, and for names. `prober` may be NULL. True when
 * there is something for prober_go(). */
bool scan_parts_ask(struct scan_parts *parts, struct cache *cache, struct prober *prober,
                    const struct raw_sample *sample);

/* Take in the answer to a PROBE_MOUNT. */
enum scan_news scan_parts_take(struct scan_parts *parts, struct cache *cache,
                               const struct probe_answer *answer);

/* True when the round is over. */
bool scan_parts_are_settled(const struct scan_parts *parts, const struct raw_sample *sample);

#endif
