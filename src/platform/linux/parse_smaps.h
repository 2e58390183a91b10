#ifndef PLATFORM_LINUX_PARSE_SMAPS_H
#define PLATFORM_LINUX_PARSE_SMAPS_H

#include "platform/inspect.h"
#include "platform/linux/span.h"

#include <stdbool.h>

/*
 * Lines of /proc/PID/maps and smaps as values. The file can be larger than what one wants to keep,
 * so it is read line by line; texts point into the line. Lines and figures nobody knows are
 * passed over, and what a kernel does not tell stays FIGURE_ABSENT.
 */

/* Read the line that begins a map: its path, size and permissions. False when it is none. */
bool parse_smaps_map(struct span line, struct raw_map *ret);

/* Add the figure in a line like "Rss: 8 kB" to a map's. */
void parse_smaps_figure(struct span line, struct raw_map *map);

/* Add a map to those of the same file. */
void parse_smaps_merge(const struct raw_map *map, struct raw_map *into);

#endif
