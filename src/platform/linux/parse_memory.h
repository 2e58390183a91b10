#ifndef PLATFORM_LINUX_PARSE_MEMORY_H
#define PLATFORM_LINUX_PARSE_MEMORY_H

#include "platform/platform.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What /proc/meminfo does not say of memory, as values. Pure functions over a buffer that may
 * hold anything. A line that makes no sense is left out and spoils no other.
 */

/*
 * Read /proc/swaps into the first `capacity` rows; returns how many there are (`ret` may be NULL
 * for none). Texts point into the buffer; escapes in what is stored are undone there, so it can be
 * stored once.
 */
size_t parse_memory_swaps(char *buf, size_t len, struct raw_swap *ret, size_t capacity);

/* Read /proc/vmstat. What it does not say is FIGURE_ABSENT. */
void parse_memory_vmstat(const char *buf, size_t len, uint64_t page_bytes, struct raw_reclaim *ret);

/* Read the mm_stat of a zram device, but for its index. False when it makes no sense. */
bool parse_memory_zram(const char *buf, size_t len, struct raw_zram *ret);

/* Read the meminfo of a node, but for its index. False without total and free memory. */
bool parse_memory_node(const char *buf, size_t len, struct raw_node *ret);

/* Size and limit in the arcstats of ZFS, each FIGURE_ABSENT when not there. */
void parse_memory_arc(const char *buf, size_t len, uint64_t *ret_size, uint64_t *ret_limit);

/* A file that holds a number of pages, in bytes; FIGURE_ABSENT when it does not. */
uint64_t parse_memory_pages(const char *buf, size_t len, uint64_t page_bytes);

#endif
