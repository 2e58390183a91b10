#ifndef UI_METERS_H
#define UI_METERS_H

#include "ui/bar.h"
#include "ui/pane.h"
#include "ui/surface.h"

#include <stddef.h>

/*
 * The header: CPU bars with the split of their time, memory, swap, and on the other half
 * tasks, load, uptime and pressure. A meter is one row in the table of meters.c. Laid out for
 * 1 to 1024 CPUs so that it never takes more than `max_height` rows: many CPUs share a row
 * in columns, then become one-cell columns of blocks, then one bar for all.
 */

/* The kinds of bars, for the legend. */
enum meter_bar { METER_BAR_CPU, METER_BAR_MEMORY, METER_BAR_SWAP, METER_BAR_COUNT };

/* What the segments of a bar are, from the left. Owns: static storage. */
const struct bar_part *meters_parts(enum meter_bar bar, const char **ret_title, size_t *ret_count);

/* Rows the header wants at this width, at most `max_height`; 0 when switched off. */
int meters_height(const struct view *view, int width, int max_height);

/* Draw it over the whole surface given, laid out as meters_height() said. */
void meters_draw(const struct view *view, struct surface *surface);

#endif
