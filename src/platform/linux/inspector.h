#ifndef PLATFORM_LINUX_INSPECTOR_H
#define PLATFORM_LINUX_INSPECTOR_H

#include "base/arena.h"
#include "platform/inspect.h"
#include "platform/linux/parse_inspect.h"
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
    int32_t tid;         // of the thread whose directory `top` is: its first as a rule
    int top;             // its directory in /proc; borrowed
    int dir;             // likewise where to read what it has: `top`, or a thread's that lives
    struct arena *arena; // for the result
};

/* True when an error means that we are not allowed to know. */
bool inspector_is_denied(int error);

/* True when the process may not be traced: then the kernel tells no functions, as if it ran. */
bool inspector_hides_functions(const struct inspector *in);

/* Copy bytes into the arena. Errors: -ENOMEM. */
int inspector_copy(const struct inspector *in, const char *ptr, size_t len, struct raw_bytes *ret);

/*
 * Read a file below `dir` into the arena, at most `max` bytes of it.
 * Errors: -ENOMEM, others as the kernel says; *ret_cut (may be NULL) is set only when it has more.
 */
int inspector_file(const struct inspector *in, int dir, const char *path, size_t max,
                   struct raw_bytes *ret, bool *ret_cut);

/* Read a link below `dir` into the arena. Errors: -ENOMEM, others as the kernel says. */
int inspector_link(const struct inspector *in, int dir, const char *path, struct raw_bytes *ret);

/* Read the link of one of its descriptors into the arena. Errors: as inspector_link(). */
int inspector_fd_link(const struct inspector *in, int32_t fd, struct raw_bytes *ret);

/*
 * The path of a file of one of its threads, below `top`.
 * Owns: `path` or `file`, whichever it is.
 */
const char *inspector_task_path(const struct inspector *in, int32_t tid, const char *file,
                                char path[PROCFS_PATH_BYTES]);

/* Read the kernel function that a task sleeps in; 0: it runs, or we may not know. */
size_t inspector_wchan_text(int dir, const char *path, char *buf, size_t size);

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

/* Whether a number is among them. */
bool inspector_has_number(const struct inspector_numbers *list, int32_t number);

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

/* The ways in which the threads of a process wait, in the arena. */
struct inspector_waits {
    struct raw_wait *items; // the first thread's, then the others'; without their kernel stacks
    size_t count;           // at least 1
    uint32_t thread_count;
};

/* Find out in which ways the threads wait. Errors: -ESRCH, -ENOMEM. */
int inspector_waits(const struct inspector *in, struct inspector_waits *ret);

/* Locks in the arena. */
struct inspector_locks {
    const struct raw_lock *items;
    const struct raw_lock *holds; // of each: the one that is held, if it waits; else itself
    size_t count;
    bool cut;    // there were more than INSPECT_LOCKS_MAX
    bool denied; // its descriptors may not be looked at
};

/* Read the locks that a process has or waits for; `waits` as inspector_waits() found them.
 * Errors: -ENOMEM. */
int inspector_locks(const struct inspector *in, const struct inspector_waits *waits,
                    struct inspector_locks *ret);

/* A thing that others have, too, and who was found to have it. */
struct inspector_sought {
    struct raw_bytes link;       // of a descriptor that leads to it
    uint64_t inode;              // 0: the link says all, as that of a pipe does
    bool readers, writers;       // those who have it open for either of these
    const struct raw_lock *lock; // not NULL: only those with this lock
    int32_t *holders;            // pids; room for INSPECT_HOLDERS_MAX
    size_t count, left_out;
};

/*
 * Look through all processes, the nearest pids first, for who has what is sought.
 * *ret_hidden: some may not be looked into or are not to be seen; *ret_unfinished: it took too long.
 * Errors: -ENOMEM. Source: /proc/PID/{fd,fdinfo}.
 */
int inspector_seek(const struct inspector *in, struct inspector_sought *items, size_t count,
                   bool *ret_hidden, bool *ret_unfinished);

/*
 * Find the descriptors that a thread waits on: their numbers, and for what. Returns how many there
 * are in `ret`, at most `max`; *ret_cut is set only when there are more.
 * Source: /proc/PID/{fdinfo,mem}, so it may never return.
 */
size_t inspector_watched(const struct inspector *in, const struct raw_wait *wait, size_t max,
                         struct parse_watched *ret, bool *ret_cut);

/*
 * Read a piece of the memory of the process as far as it goes; returns how much. It may never
 * return.
 */
size_t inspector_memory(const struct inspector *in, uint64_t address, void *buf, size_t size);

/*
 * Find out whether the process is in a PID namespace other than the one of the files read here.
 * Errors: -ENOMEM; when it is not known *ret stays as it is.
 */
int inspector_inner_pids(const struct inspector *in, bool *ret);

/* Futexes in the arena. */
struct inspector_futexes {
    struct raw_futex *items; // ascending tid
    size_t count;
    bool cut; // there were more than INSPECT_FUTEXES_MAX
};

/* Find the futexes that the threads of a process wait for. Errors: -ENOMEM. It may never return. */
int inspector_futexes(const struct inspector *in, struct inspector_futexes *ret);

/*
 * Read the path a thread is opening, as it was given. Errors: -ENOENT when it opens none or it is
 * not to be read, -ENOMEM. Source: /proc/PID/mem, so it may never return.
 */
int inspector_opened(const struct inspector *in, const struct raw_wait *wait,
                     struct raw_bytes *ret);

/*
 * Read the name of the local socket that a thread connects to: a path as it was given, or "@name".
 * Errors, source: as inspector_opened().
 */
int inspector_connected(const struct inspector *in, const struct raw_wait *wait,
                        struct raw_bytes *ret);

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
int inspect_peers(const struct inspector *in, struct raw_inspect *ret);

/* Likewise. Errors: likewise. */
int inspect_maps(const struct inspector *in, struct raw_inspect *ret);

/* Likewise. Errors: likewise. */
int inspect_cgroup(const struct inspector *in, struct raw_inspect *ret);

#endif
