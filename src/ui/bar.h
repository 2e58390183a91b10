#ifndef UI_BAR_H
#define UI_BAR_H

#include "ui/surface.h"

#include <stdbool.h>
#include <stddef.h>

/* A kind of segment a bar is made of. Strings are static. */
struct bar_part {
    enum role role;
    char sign;        // what it is drawn with where there are no colours
    const char *help; // for the legend on the help screen
};

enum { BAR_PARTS_MAX = 8 };

/* A horizontal bar: label, frame, segments from the left, and a text on its right end. */
struct bar {
    const char *label;
    int label_cells; // the label is set against the right edge of these
    const struct bar_part *parts;
    size_t part_count;               // at most BAR_PARTS_MAX
    double fractions[BAR_PARTS_MAX]; // of the whole bar; anything outside 0..1 is cut
    const char *text;
    enum role text_role;
    bool colour; // false: parts differ by their sign
};

/*
 * Draw it in one row of `cells` columns. The segments end where their running total says,
 * rounded, so that together they are never longer than the total.
 */
void bar_draw(const struct bar *bar, struct surface *surface, int x, int y, int cells);

#endif
