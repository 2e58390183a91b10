#ifndef E2E_WAITS_H
#define E2E_WAITS_H

#include "dead_fs.h"

#include <stdbool.h>
#include <sys/types.h>

/*
 * Processes that are stuck or slow for a reason a test knows. Each is started by one function,
 * which returns when it is so, and ended by waits_finish().
 */

/* The name of the file that is read in vain. */
#define WAITS_FILE "never-answers"

enum {
    WAITS_QUOTA_US = 5000, // CPU time of a throttled one
    WAITS_PERIOD_US = 100000,
};

/* One such process. */
struct waits {
    pid_t pid;
    struct dead_fs fs; // what a read waits for
    char cgroup[256];  // directory of its own cgroup; empty: none
    bool v2;           // of which version that is
};

/* One that reads WAITS_FILE, of a file system by FUSE that never answers, by descriptor *ret_fd.
 * False, with `*ret_why`, where it cannot be made. */
bool waits_read(struct waits *waits, const char *name, int *ret_fd, const char **ret_why);

/* Likewise one whose first thread sleeps on purpose, and another one, called `thread`, reads. */
bool waits_read_in_thread(struct waits *waits, const char *name, const char *thread, int *ret_fd,
                          const char **ret_why);

/* One that does what `run` does, called so when this returns. */
void waits_start(struct waits *waits, const char *name, void (*run)(const void *context),
                 const void *context);

/* One that waits for a mutex it holds itself: a futex. */
void waits_futex(struct waits *waits, const char *name);

/* One that would use a CPU all the time and is allowed WAITS_QUOTA_US of every WAITS_PERIOD_US,
 * in a cgroup of its own; it was throttled at least once. False, with `*ret_why`, where there is
 * no CPU controller that may be written. */
bool waits_throttled(struct waits *waits, const char *name, const char **ret_why);

/* End and bury all of it. */
void waits_finish(struct waits *waits);

#endif
