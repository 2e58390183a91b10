#ifndef PLATFORM_LINUX_PROBE_MEMORY_H
#define PLATFORM_LINUX_PROBE_MEMORY_H

#include "platform/linux/procfs.h"

#include <stddef.h>
#include <stdint.h>

/*
 * What the prober reads of a process's memory. Whether it still was that process is for the caller
 * to check behind. Errors: as the kernel says. Thread: any; may wait for locks of the process.
 */

/* PROBE_SMAPS, of the directory "PID" or "PID/task/TID". Errors: -ESRCH also of a kernel thread and a
 * zombie, -ENODATA when it says nothing. */
int probe_memory_smaps(const struct platform *platform, const char *task, struct raw_smaps *ret);

/* PROBE_CGROUP, into at least sizeof(struct raw_cgroup) bytes. Errors: -ENODATA when it is in none. */
int probe_memory_cgroup(const struct platform *platform, int32_t pid, char *buf, size_t size,
                        size_t *ret_len);

#endif
