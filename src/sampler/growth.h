#ifndef SAMPLER_GROWTH_H
#define SAMPLER_GROWTH_H

#include "model/snapshot.h"
#include "platform/platform.h"

#include <stdint.h>

struct cache_entry;

/*
 * How much bigger a process has become: since the baseline, and over the last half to full minute.
 * The resident size of `stat` is not that of `statm` (the former is counted quickly), so each is
 * compared with its own kind only. Pure. Thread: the scanning one only.
 */

/* Note the size of a process in the scan of this time. */
void growth_note(struct cache_entry *entry, const struct raw_proc *raw, uint64_t scan_ns);

/* Note that `statm` was read for that scan as well. */
void growth_note_exact(struct cache_entry *entry, const struct raw_proc *raw, uint64_t scan_ns);

/* Make the size in the scan of this time the baseline. */
void growth_rebase(struct cache_entry *entry, const struct raw_proc *raw, uint64_t scan_ns);

/* Say how it has grown up to that scan. `entry` may be NULL: nothing is known. */
void growth_fill(const struct cache_entry *entry, const struct raw_proc *raw, uint64_t scan_ns,
                 struct proc *proc);

/* Bytes gained between two readings of one process, negative: lost. */
int64_t growth_between(const struct raw_proc *before, const struct raw_proc *after);

#endif
