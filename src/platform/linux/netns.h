#ifndef PLATFORM_LINUX_NETNS_H
#define PLATFORM_LINUX_NETNS_H

#include "platform/platform.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct platform;

/* Private to platform/linux: which network namespaces there are beside ours. */

enum {
    NETNS_MAX = 256, // looked into; more are only counted
    NETNS_NAME_BYTES = 64,
};

/* One that a process we may look at is in. */
struct netns {
    uint32_t inode;
    struct proc_id id; // of a process in it: the one with the lowest pid
    size_t name_len;
    char name[NETNS_NAME_BYTES]; // of the container, or whatever it is known by; any bytes
};

/* Who is where, remembered between scans. */
struct netns_index;

/*
 * Find out in which namespaces the processes of a sample are. *index is made when it is NULL.
 * New processes are looked at, and some of the others in turns.
 * Errors: -ENOMEM. Thread: the scanning one. Source: /proc/PID/ns/net.
 */
int netns_update(struct platform *platform, struct netns_index **index,
                 const struct raw_sample *sample);

/* The namespaces other than ours. Owns: the index, until the next update. */
const struct netns *netns_list(const struct netns_index *index, size_t *ret_count);

/* How many more there are than NETNS_MAX. */
size_t netns_left_out(const struct netns_index *index);

/* Forget everything. NULL is a no-op. */
void netns_destroy(struct netns_index *index);

/*
 * Open the directory of the namespace's process in /proc, if that is still in it.
 * Owns: the caller, who closes *ret. Errors: -ESRCH, others as the kernel says.
 */
int netns_open(const struct platform *platform, const struct netns *netns, int *ret);

/*
 * Likewise of any process that is in the namespace with this inode.
 * Errors: -ESRCH when there is none. Thread: any. Source: /proc/PID/ns/net.
 */
int netns_find(const struct platform *platform, uint32_t inode, int *ret);

/* What netns_run() runs. */
typedef void netns_body(void *context);

/*
 * Run `body` on a thread made for it and wait for its end. That thread alone has the privilege to
 * enter namespaces, as far as we have it, so no other can be left in the wrong place.
 * Errors: as errand_start(); `body` has not run then.
 */
int netns_run(netns_body *body, void *context);

/*
 * Bring the calling thread, which must be one of netns_run()'s, into the namespace with this inode
 * by the directory of a process. Errors: -ESRCH when the process is not in it any more, -EPERM,
 * others as setns(2) says; the thread is then where it was.
 */
int netns_enter(int process_dir, uint32_t inode);

#endif
