#include "sampler/diff_reaped.h"

/*
 * A child that finishes together with its parent is charged to the next ancestor that is still
 * there, because that one waited for the parent. Should it have been handed to init instead, the
 * ancestor's rate is too low for one interval.
 */

enum {
    REAPED_GENERATIONS = 16, // so many that finished together are followed
};

/* Index of the process with this pid; proc_count when there is none. */
static size_t find_process(const struct raw_sample *sample, int32_t pid)
{
    size_t low = 0;
    size_t high = sample->proc_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (sample->procs[middle].id.pid < pid) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    const bool found =
        low < sample->proc_count && sample->procs[low].id.pid == pid && !sample->procs[low].thread;
    return found ? low : sample->proc_count;
}

static size_t find_heir(const struct raw_sample *sample, const bool *gone, size_t child)
{
    size_t at = child;
    for (int i = 0; i < REAPED_GENERATIONS; i++) {
        at = find_process(sample, sample->procs[at].ppid);
        if (at == sample->proc_count || !gone[at]) {
            return at;
        }
    }
    return sample->proc_count;
}

static uint64_t add(uint64_t a, uint64_t b)
{
    return b > UINT64_MAX - a ? UINT64_MAX : a + b;
}

void diff_reaped(const struct raw_sample *before, const bool *gone, struct reaped *reaped)
{
    for (size_t i = 0; i < before->proc_count; i++) {
        const struct raw_proc *child = &before->procs[i];
        if (!gone[i] || child->thread) {
            continue;
        }
        const size_t heir = find_heir(before, gone, i);
        if (heir == before->proc_count) {
            continue;
        }
        if ((child->have & FACT_IO) == 0) {
            reaped[heir].has_unknown = true;
            continue;
        }
        reaped[heir].read_bytes = add(reaped[heir].read_bytes, child->read_bytes);
        reaped[heir].write_bytes = add(reaped[heir].write_bytes, child->write_bytes);
    }
}
