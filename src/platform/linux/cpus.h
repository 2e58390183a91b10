#ifndef PLATFORM_LINUX_CPUS_H
#define PLATFORM_LINUX_CPUS_H

#include "base/cpuset.h"
#include "platform/linux/procfs.h"

/* Private to platform/linux: lists of CPUs in files. */

/*
 * Read a file below `dir` that holds a CPU list and a newline.
 * Errors: -EINVAL or -ERANGE when it is no list, others as the kernel says.
 */
int cpus_read_list(int dir, const char *path, struct cpu_set *ret);

/* The CPUs that are online, by /sys or else by /proc/stat. Errors: as reading says. */
int cpus_read_online(const struct platform *platform, struct cpu_set *ret);

#endif
