#ifndef SAMPLER_DIFF_H
#define SAMPLER_DIFF_H

#include "model/snapshot.h"
#include "platform/platform.h"

struct arena;
struct cache;

/*
 * The only bridge from the raw to the derived world: a pure function of two raw samples and
 * of what the cache knows. Counters that step back count as no change, never as a huge one;
 * CPUs that come and go, intervals of zero and samples out of order are all survived.
 *
 * `before` is NULL for the first sample. `after->procs` and `before->procs` are both ascending.
 * Owns: the arena, which the snapshot then carries; *ret is inside it.
 * Errors: -ENOMEM when the arena is full; *ret is then untouched.
 */
int diff_samples(const struct raw_sample *before, const struct raw_sample *after,
                 const struct cache *cache, fact_mask provided, struct arena *arena,
                 struct snapshot **ret);

/* Growth of a counter; 0 when it stepped back or either is FIGURE_ABSENT. */
uint64_t diff_counter(uint64_t before, uint64_t after);

/* Time between two moments; 0 when it is too short for a rate. */
uint64_t diff_interval(uint64_t before_ns, uint64_t after_ns);

#endif
