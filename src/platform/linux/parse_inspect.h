#ifndef PLATFORM_LINUX_PARSE_INSPECT_H
#define PLATFORM_LINUX_PARSE_INSPECT_H

#include "platform/inspect.h"
#include "platform/linux/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Files of /proc/PID that are read while somebody looks at one process, as values. Pure functions
 * over a buffer that may hold anything; texts point into it.
 */

/*
 * Find the value behind "key:" in /proc/PID/status. The process's name, which it chooses itself,
 * is the first line and passed over. False when there is no such line.
 */
bool parse_inspect_status(struct raw_bytes status, const char *key, struct span *ret);

/* The decimal number there; `absent` when there is none. */
uint64_t parse_inspect_status_u64(struct raw_bytes status, const char *key, uint64_t absent);

/* Read what `status` has of an identity; what it lacks becomes unknown. The groups stay as they
 * are. */
void parse_inspect_identity(struct raw_bytes status, struct raw_identity *ret);

/* Read the supplementary groups in `status`, at most `capacity`; returns how many there are. */
size_t parse_inspect_groups(struct raw_bytes status, uint32_t *ret, size_t capacity);

/* The inode in a link like "net:[4026531840]"; false when it is none of that type. */
bool parse_inspect_link_inode(struct raw_bytes link, const char *type, uint64_t *ret);

/*
 * Time a task was runnable without a CPU, in `schedstat`.
 * Units: ns. FIGURE_ABSENT when it does not say.
 */
uint64_t parse_inspect_run_delay(struct raw_bytes schedstat);

/*
 * Time a task waited for block I/O, in `stat`, of which the kernel leaves 0 unless it was told to
 * count. Units: ns. FIGURE_ABSENT when it does not say.
 */
uint64_t parse_inspect_block_delay(struct raw_bytes stat, uint64_t tick_ns);

#endif
