#ifndef E2E_WORLD_H
#define E2E_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * The world the program is watched in: a PID namespace of our own where that is allowed, so
 * that the list holds only what a test started; otherwise the program is told to list only
 * these. Children are made for the test and tell which signals reached them.
 */

/* A process made for a test. It does nothing but note signals. */
struct child {
    pid_t pid;
    int signals; // read end of a pipe: one byte for every signal it got
};

enum { WORLD_CHILDREN_MAX = 64 };

/* Main of a test program: enters the world (or the child's part) and runs `tests` there.
 * Returns the exit status. */
int world_main(int argc, char **argv, int (*tests)(void));

/* True when the list holds only our own processes. */
bool world_is_ours(void);

/* True when tests may do what only root can. */
bool world_is_root(void);

/* A directory that is removed at the end. Owns: static storage. */
const char *world_directory(void);

/* Start a child that shows as `name`; returns when it is ready. */
void child_start(struct child *child, const char *name);

/* Likewise below another child's pid is not possible; this one starts `count` children of its
 * own, named `name`-1 and so on, for trees. They end with it. */
void child_start_family(struct child *child, const char *name, int count);

/* Likewise, all of them another user's; for root only. */
void child_start_family_for(struct child *child, const char *name, int count, uid_t uid);

/* Start a child with so many threads beside its first; all of them do nothing. */
void child_start_threads(struct child *child, const char *name, int threads);

/* Likewise, all of it another user's (0: ours); for root only. */
void child_start_threads_for(struct child *child, const char *name, int threads, uid_t uid);

/* Start a child that belongs to another user; for root only. */
void child_start_for(struct child *child, const char *name, uid_t uid);

/* Start a child that takes no notice of a signal but SIGKILL and SIGSTOP if `deaf`, and otherwise
 * dies of SIGTERM as programs do. */
void child_start_mortal(struct child *child, const char *name, bool deaf);

/* Start a child that holds so many MiB of memory of its own and so many of shared memory. */
void child_start_holding(struct child *child, const char *name, int private_mib, int shared_mib);

/* Start a child with this very pid, which must be free. False where the kernel does not let us. */
bool child_start_as(struct child *child, const char *name, pid_t pid);

/* Wait for one signal. Returns its number, 0 when none came within the time. */
int child_next_signal(struct child *child, int timeout_ms);

/* End a child and take it from the process table. */
void child_finish(struct child *child);

/* End all children still there: for a test's teardown. Fits cmocka. */
int children_finish(void **state);

/* "PID,PID,..." of all children now. Owns: static storage. */
const char *children_pids(void);

#endif
