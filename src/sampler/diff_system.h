#ifndef SAMPLER_DIFF_SYSTEM_H
#define SAMPLER_DIFF_SYSTEM_H

#include "model/snapshot.h"
#include "platform/platform.h"

#include <stdint.h>

struct arena;
struct cache;

/*
 * The machine's half of diff_samples(): CPUs, memory, pressure, counters, task counts.
 * `interval_ns` 0: no rates.
 * Owns: the arena. Errors: -ENOMEM.
 */
int diff_system(const struct raw_sample *before, const struct raw_sample *after,
                const struct cache *cache, uint64_t interval_ns, struct arena *arena,
                struct system_load *ret);

#endif
