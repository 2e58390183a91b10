#ifndef PLATFORM_LINUX_PARSE_CGROUP_FILES_H
#define PLATFORM_LINUX_PARSE_CGROUP_FILES_H

#include "platform/platform.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Files of a cgroup's directory, both versions, as values. Pure functions over a buffer that may
 * hold anything; what is not told, or "max", is FIGURE_ABSENT.
 */

/* A file of one number. */
uint64_t parse_cgroup_number(struct raw_bytes file);

/* The number in the line "key number", times `unit`. */
uint64_t parse_cgroup_keyed(struct raw_bytes file, const char *key, uint64_t unit);

/* Read `cpu.max`. Units: ns. */
void parse_cgroup_cpu_max(struct raw_bytes file, uint64_t *ret_quota_ns, uint64_t *ret_period_ns);

/* Sum what `io.stat` has of all devices. */
void parse_cgroup_io_stat(struct raw_bytes file, uint64_t *ret_read, uint64_t *ret_write);

/* Likewise `blkio.throttle.io_service_bytes` of v1. */
void parse_cgroup_blkio(struct raw_bytes file, uint64_t *ret_read, uint64_t *ret_write);

#endif
