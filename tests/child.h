#ifndef TESTS_CHILD_H
#define TESTS_CHILD_H

#include "platform/platform.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { CHILD_THREADS_MAX = 8 };

/* A child that waits to be ended, and its identity. */
struct child {
    pid_t pid;
    struct proc_id id;
    size_t thread_count;             // besides the first
    int32_t tids[CHILD_THREADS_MAX]; // of these
    int orders;                      // each byte written here ends one of them; -1: none there
};

/* The live platform. Owns: the caller. */
struct platform *child_platform(void);

/* Identity by a scan, as the program gets it; threads included. */
struct proc_id child_identify(struct platform *platform, int32_t pid);

/* Start one, in a session of its own, with so many threads besides the first. */
struct child child_start(struct platform *platform, size_t thread_count);

/* Let one of its threads end, and wait until it has. Returns which of tids it was. */
size_t child_end_thread(struct child *child);

/* Kill and collect it; its wait status. */
int child_end(const struct child *child);

#endif
