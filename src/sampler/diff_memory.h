#ifndef SAMPLER_DIFF_MEMORY_H
#define SAMPLER_DIFF_MEMORY_H

#include "model/memory.h"
#include "platform/platform.h"

#include <stdint.h>

struct arena;

/*
 * Private to diff.c: what is known of memory beyond /proc/meminfo. Pure; see diff.h. *ret is NULL
 * when it was not read; `interval_ns` 0: no rates.
 * Owns: the arena. Errors: -ENOMEM.
 */
int diff_memory(const struct raw_sample *before, const struct raw_sample *after,
                uint64_t interval_ns, struct arena *arena, const struct memory_detail **ret);

#endif
