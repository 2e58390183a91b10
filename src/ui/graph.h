#ifndef UI_GRAPH_H
#define UI_GRAPH_H

#include "model/series.h"
#include "model/value.h"
#include "ui/surface.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Series as graphs. What was measured reaches up to its mean, with a mark at its maximum where
 * that is higher, and never down to nothing: 0 is a line along the bottom. A gap is blank.
 */

/* What graphs are drawn with. */
enum graph_glyphs {
    GRAPH_ASCII,
    GRAPH_HALVES,  // half blocks: all that the font of a Linux console has
    GRAPH_BLOCKS,  // eighths of a block
    GRAPH_BRAILLE, // two columns and four steps in a cell
};

/* How many points stand side by side in this many cells. */
size_t graph_points(enum graph_glyphs glyphs, int cells);

/* Draw one series into a rectangle, `most` at its top. */
void graph_draw(const struct series_point *points, double most, enum role role,
                enum graph_glyphs glyphs, struct surface *surface);

/* A round value at or above `most`, fit for a scale of this kind; above 0. */
double graph_round_up(enum value_kind kind, double most);

#endif
