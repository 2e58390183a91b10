#ifndef PLATFORM_LINUX_PARSE_CGROUP_H
#define PLATFORM_LINUX_PARSE_CGROUP_H

#include "platform/platform.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Where cgroups are, as values. Pure functions over a buffer that may hold anything. A cgroup's
 * path is any bytes but NUL and newline: the kernel refuses to make one with a newline, because
 * these files write paths as they are.
 */

enum { PARSE_CGROUP_PATH = 4096 }; // bytes of a path, NUL included; the kernel's own limit

/* A mounted hierarchy. */
struct parse_cgroup_mount {
    char point[PARSE_CGROUP_PATH]; // where it is mounted
    char root[PARSE_CGROUP_PATH];  // the cgroup that can be seen there: "/" but in containers
};

/*
 * Find a process's cgroup in /proc/PID/cgroup: in the hierarchy v2 (`controller` NULL) or in the
 * one of v1 that has this controller. *ret then points into the buffer. False when it is in none.
 */
bool parse_cgroup_path(struct raw_bytes file, const char *controller, struct raw_bytes *ret);

/*
 * Find the next mount of that hierarchy in mountinfo, from *at on, which is set behind it.
 * False when there is none.
 */
bool parse_cgroup_mount(struct raw_bytes mountinfo, size_t *at, const char *controller,
                        struct parse_cgroup_mount *ret);

/*
 * Write the path of a cgroup as seen below a mount of `root`: "a/b", or "." for the root itself.
 * False when it is not below it, or has a NUL or "..": that would lead out of the hierarchy. It is there
 * in the path of a cgroup outside our cgroup namespace.
 */
bool parse_cgroup_below(struct raw_bytes path, const char *root, char *ret, size_t size);

/*
 * Find, in /proc/PID/cgroup, what container the process is in: the first 12 digits of its id
 * (Docker, Podman, containerd, CRI-O) or its name (LXC, nspawn, as systemd escapes it). Of
 * containers in containers the inner one. *ret then points into the buffer; never empty.
 */
bool parse_cgroup_container(struct raw_bytes file, struct raw_bytes *ret);

/* Likewise the systemd service it is of: "name.service", no user's own manager. */
bool parse_cgroup_service(struct raw_bytes file, struct raw_bytes *ret);

#endif
