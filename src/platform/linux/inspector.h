#ifndef PLATFORM_LINUX_INSPECTOR_H
#define PLATFORM_LINUX_INSPECTOR_H

#include "base/arena.h"
#include "platform/inspect.h"
#include "platform/linux/procfs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Private to platform/linux: what the readers of platform_inspect() share. Everything is read
 * below a descriptor of the process's directory in /proc that was proven to be its own: what is
 * there is then never another process's. Nothing of the platform is written to.
 */

/* One look at one process. */
struct inspector {
    const struct platform *platform;
    struct proc_id id;
    int dir;             // its directory in /proc; borrowed
    struct arena *arena; // for the result
};

/* True when an error means that we are not allowed to know. */
bool inspector_is_denied(int error);

/* Copy bytes into the arena. Errors: -ENOMEM. */
int inspector_copy(const struct inspector *in, const char *ptr, size_t len, struct raw_bytes *ret);

/*
 * Read a file below the process's directory into the arena, at most `max` bytes of it.
 * Errors: -ENOMEM, others as the kernel says; *ret_cut (may be NULL) is set only when it has more.
 */
int inspector_file(const struct inspector *in, const char *path, size_t max, struct raw_bytes *ret,
                   bool *ret_cut);

/* Read a link below `dir` into the arena. Errors: -ENOMEM, others as the kernel says. */
int inspector_link(const struct inspector *in, int dir, const char *path, struct raw_bytes *ret);

/*
 * Read the kernel function that a task sleeps in; empty when it runs or we may not know.
 * Errors: -ENOMEM.
 */
int inspector_wchan(const struct inspector *in, int dir, const char *path, struct raw_bytes *ret);

/* Numbers that name the entries of a directory of /proc. Zero-initialise; free `items`. */
struct inspector_numbers {
    int32_t *items; // heap; ascending
    size_t count, capacity;
    bool cut; // there were more than asked for
};

/* List a directory, at most `max` of its numbers. Errors: -ENOMEM, others as the kernel says. */
int inspector_list(int dir, size_t max, struct inspector_numbers *ret);

/* Open descriptors in the arena. */
struct inspector_files {
    const struct raw_file *items; // ascending fd
    size_t count;
    bool cut; // there were more than asked for
};

/*
 * Read at most `max` open descriptors.
 * Errors: -ENOMEM, others as opening their directory said; *ret is then untouched.
 */
int inspector_files(const struct inspector *in, size_t max, struct inspector_files *ret);

/*
 * Read the delays of a task in an open `task` directory.
 * Units: ns. FIGURE_ABSENT when it does not say.
 */
uint64_t inspector_run_delay(int dir, int32_t tid);

/* Likewise for block I/O; only where procfs_counts_delays(). */
uint64_t inspector_block_delay(const struct inspector *in, int dir, int32_t tid);

/* Read the locks for INSPECT_WAITING. Errors: -ENOMEM. */
int inspector_locks(const struct inspector *in, struct raw_inspect *ret);

/*
 * INSPECT_IDENTITY, INSPECT_THREADS ... Each fills its member of `ret`, and sets ret->cut.
 * Errors: as platform_inspect(); `ret` may then be half filled.
 */
int inspect_identity(const struct inspector *in, struct raw_inspect *ret);

/* Likewise. Errors: likewise. */
int inspect_threads(const struct inspector *in, struct raw_inspect *ret);

/* Likewise. Errors: likewise. */
int inspect_files(const struct inspector *in, struct raw_inspect *ret);

/* Likewise. Errors: likewise. */
int inspect_limits(const struct inspector *in, struct raw_inspect *ret);

/* Likewise. Errors: likewise. */
int inspect_environ(const struct inspector *in, struct raw_inspect *ret);

/* Likewise. Errors: likewise. */
int inspect_waiting(const struct inspector *in, struct raw_inspect *ret);

/* Likewise. Errors: likewise. */
int inspect_maps(const struct inspector *in, struct raw_inspect *ret);

/* Likewise. Errors: likewise. */
int inspect_cgroup(const struct inspector *in, struct raw_inspect *ret);

#endif
