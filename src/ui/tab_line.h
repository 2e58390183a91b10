#ifndef UI_TAB_LINE_H
#define UI_TAB_LINE_H

#include "ui/surface.h"

#include <stddef.h>

enum { TAB_LINE_MAX = 10 };

/* A line of tabs, each with the digit of its key. As the line gets shorter the titles do, and then only the one shown has
 * one. Strings are static. */
struct tab_line {
    const char *titles[TAB_LINE_MAX], *short_titles[TAB_LINE_MAX];
    char digits[TAB_LINE_MAX];
    size_t count, shown;
};

/* Draw it over a row of the surface. */
void tab_line_draw(const struct tab_line *line, int width, int y, struct surface *surface);

/* The tab at a column. Errors: line->count when there is none. */
size_t tab_line_at(const struct tab_line *line, int width, int x);

#endif
