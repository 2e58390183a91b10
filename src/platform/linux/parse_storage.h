#ifndef PLATFORM_LINUX_PARSE_STORAGE_H
#define PLATFORM_LINUX_PARSE_STORAGE_H

#include "platform/platform.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Block devices and mounts as values. Pure functions over a buffer that may hold anything. A
 * line that makes no sense is left out and spoils no other. Texts point into the buffer.
 */

/*
 * Read /proc/diskstats into the first `capacity` rows; returns how many there are (`ret` may be
 * NULL for none). Sizes are unknown, kinds are judged by name.
 */
size_t parse_storage_disks(const char *buf, size_t len, struct raw_disk *ret, size_t capacity);

/* True when the device has not done anything since boot. */
bool parse_storage_disk_idle(const struct raw_disk *disk);

/* One line of mountinfo. */
struct parse_mount {
    struct raw_mount mount;
    uint64_t parent; // id of the mount it is mounted on
};

/*
 * Read mountinfo into the first `capacity` rows; returns how many there are (`ret` may be NULL
 * for none). Escapes in what is stored are undone within the buffer, so it can be stored once.
 * `is_real` is judged by type.
 */
size_t parse_storage_mounts(char *buf, size_t len, struct parse_mount *ret, size_t capacity);

/*
 * Take `is_real` away from mounts that would show the same space again (bind mounts; the
 * shortest target stays) and from those something else is mounted on. `order` has room for
 * `count`.
 */
void parse_storage_select(struct parse_mount *mounts, size_t count, struct parse_mount **order);

/* The "mnt_id:" of a /proc/PID/fdinfo file; false when there is none. */
bool parse_storage_mount_id(const char *buf, size_t len, uint64_t *ret);

#endif
