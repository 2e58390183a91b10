#include "sampler/growth.h"

#include "sampler/cache.h"

static const uint64_t window_ns = 30000000000; // half of the longest time looked back

static struct cache_resident resident_of(const struct raw_proc *raw, uint64_t ns)
{
    const bool is_exact = (raw->have & FACT_MEMORY) != 0;
    return (struct cache_resident){
        .ns = ns,
        .counted = raw->counted_bytes,
        .exact = is_exact ? raw->resident_bytes : FIGURE_ABSENT,
    };
}

static int64_t minus(uint64_t a, uint64_t b)
{
    return a >= b ? (int64_t)((a - b) & INT64_MAX) : -(int64_t)((b - a) & INT64_MAX);
}

static int64_t gained(const struct cache_resident *before, const struct cache_resident *after)
{
    const bool exact = before->exact != FIGURE_ABSENT && after->exact != FIGURE_ABSENT;
    return exact ? minus(after->exact, before->exact) : minus(after->counted, before->counted);
}

int64_t growth_between(const struct raw_proc *before, const struct raw_proc *after)
{
    const struct cache_resident was = resident_of(before, 0);
    const struct cache_resident is = resident_of(after, 0);
    return gained(&was, &is);
}

void growth_note(struct cache_entry *entry, const struct raw_proc *raw, uint64_t scan_ns)
{
    const struct cache_resident now = resident_of(raw, scan_ns);
    if (entry->base.ns == 0) {
        entry->base = now;
        entry->window[0] = now;
        entry->window[1] = now;
    } else if (scan_ns - entry->window[1].ns >= window_ns) {
        entry->window[0] = entry->window[1];
        entry->window[1] = now;
    }
}

void growth_note_exact(struct cache_entry *entry, const struct raw_proc *raw, uint64_t scan_ns)
{
    struct cache_resident *const notes[] = {&entry->base, &entry->window[0], &entry->window[1]};
    for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
        if (notes[i]->ns == scan_ns) {
            notes[i]->exact = raw->resident_bytes;
        }
    }
}

void growth_rebase(struct cache_entry *entry, const struct raw_proc *raw, uint64_t scan_ns)
{
    entry->base = resident_of(raw, scan_ns);
}

void growth_fill(const struct cache_entry *entry, const struct raw_proc *raw, uint64_t scan_ns,
                 struct proc *proc)
{
    if (entry == NULL || entry->base.ns == 0) {
        return;
    }
    const struct cache_resident now = resident_of(raw, scan_ns);
    proc->mem.has_baseline = true;
    proc->mem.growth_bytes = gained(&entry->base, &now);
    const struct cache_resident *const from = &entry->window[0];
    if (scan_ns > from->ns) {
        proc->mem.window_ns = scan_ns - from->ns;
        proc->mem.window_bytes_per_s =
            (double)gained(from, &now) * 1e9 / (double)proc->mem.window_ns;
    }
}
