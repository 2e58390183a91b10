#ifndef E2E_STUCK_H
#define E2E_STUCK_H

#include "dead_fs.h"

#include <stdbool.h>
#include <sys/types.h>

/*
 * A process whose command line nobody can read: the kernel makes every reader of
 * /proc/PID/cmdline wait for the lock of its memory map. That lock is held for reading by
 * somebody who looks into its memory, at a page of a file whose file system (ours, by FUSE)
 * never answers; and the process itself waits to change the map, behind which all later
 * readers queue.
 */
struct stuck {
    struct dead_fs fs;
    pid_t target; // the process
    pid_t holder; // looks into its memory
};

/* Make one, whose short name is `name`. False, with `*ret_why`, where it cannot be made. */
bool stuck_start(struct stuck *stuck, const char *name, const char **ret_why);

/* Let the reads fail, so that everyone goes on. */
void stuck_release(struct stuck *stuck);

/* End and bury all. */
void stuck_finish(struct stuck *stuck);

#endif
