#ifndef PLATFORM_LINUX_PARTS_H
#define PLATFORM_LINUX_PARTS_H

#include "platform/linux/procfs.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * The parts of a sample beside processes (enum sample_part). Each function reads one part into
 * the arena, sets its array in `sample` and its bit in sample->parts; where the kernel has no
 * such file the bit stays clear and that is no error.
 */

/* Read the parts asked for. Errors: -ENOMEM. */
int procfs_parts(struct platform *platform, unsigned parts, struct arena *arena,
                 struct raw_sample *sample);

/* A whole file in the arena. */
struct parts_text {
    char *ptr; // NUL behind it
    size_t len;
};

/* True when an error says that descriptors or memory ran out. */
bool parts_is_scarcity(int error);

/* Tell in the sample what kept a part, or some of it, from being read, if it is such an error. */
void parts_note(struct raw_sample *sample, int error);

/* Read a file below /proc into the arena; ret->ptr is NULL when it cannot be read, which is noted
 * in the sample. Errors: -ENOMEM when the arena is full. */
int parts_read(struct platform *platform, const char *path, struct arena *arena,
               struct raw_sample *sample, struct parts_text *ret);

/* PART_INTERFACES. Errors: -ENOMEM. */
int netdev_interfaces(struct platform *platform, struct arena *arena, struct raw_sample *sample);

/* PART_PROTOCOLS. Errors: -ENOMEM. */
int netdev_protocols(struct platform *platform, struct arena *arena, struct raw_sample *sample);

/* Free what is kept of interfaces between scans. NULL is a no-op. False: a look at them that does
 * not come to an end goes on using platform->sys_fd. */
bool netdev_cache_destroy(struct netdev_cache *cache);

/* Forget what is kept of block devices. NULL is a no-op. */
void disks_cache_destroy(struct disks_cache *cache);

/* PART_DISKS. Errors: -ENOMEM. */
int disks_devices(struct platform *platform, struct arena *arena, struct raw_sample *sample);

/* PART_MOUNTS. Errors: -ENOMEM. */
int disks_mounts(struct platform *platform, struct arena *arena, struct raw_sample *sample);

/* PART_MEMORY. Errors: -ENOMEM. */
int memory_detail(struct platform *platform, struct arena *arena, struct raw_sample *sample);

/*
 * Read how full the file system of the mount with this id is.
 * Errors: -ESRCH when that mount is gone or cannot be reached, -EACCES, -ENOTSUP when the mounts
 * are not ours, others as the kernel says. Thread: any; may never return.
 */
int disks_space(const struct platform *platform, uint64_t id, struct raw_space *ret);

#endif
