#ifndef SAMPLER_DIFF_REAPED_H
#define SAMPLER_DIFF_REAPED_H

#include "platform/platform.h"

/*
 * What a process was given by children that have finished: the kernel adds the counters of a child
 * that was waited for to those of its parent, in the moment it is waited for.
 */
struct reaped {
    uint64_t read_bytes, write_bytes; // all these children had done by the previous sample
    bool has_unknown;                 // and more: of some of them nobody knows it
};

/*
 * Charge what the processes that are gone had done to those that waited for them. `gone[i]` says
 * that before->procs[i] has exited; `reaped[i]` is of the same process and all zero to begin with.
 * Thread: any; a pure function.
 */
void diff_reaped(const struct raw_sample *before, const bool *gone, struct reaped *reaped);

#endif
