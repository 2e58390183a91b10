#ifndef UI_GRAPH_PANEL_H
#define UI_GRAPH_PANEL_H

#include "ui/graph.h"

/* A graph with what is written around it: caption, figures, scale and time. */

/* One line of a panel. */
struct graph_line {
    const char *title;                 // static
    const struct series_point *points; // graph_panel_points() of them
    double latest;                     // NaN: not known
    enum role role;
};

enum { GRAPH_LINES_MAX = 5 };

/*
 * Several lines one above the other over the same time, with a caption, figures and scales. The
 * first ones have the room when there is not enough for all.
 */
struct graph_panel {
    const char *title;
    enum value_kind kind;
    double full; // the top of the scale; 0: a round value above all that is shown
    struct graph_line lines[GRAPH_LINES_MAX];
    size_t line_count;
    struct series_window window;
    uint64_t now_ns; // the time axis counts back from here
    bool captions;   // each line has a caption of its own
    bool axis;       // a line with times below
    bool selected;   // its title is marked
    int ruler;       // point that is marked; negative: none
    enum graph_glyphs glyphs;
};

/* Panels of one size in columns and rows, with one axis below each column. */
struct graph_grid {
    size_t columns, rows; // that are shown
    int cells, height;    // of one panel
    bool axis;
};

/* The grid for so many panels in a place of this size, none of them lower than min_rows if that can
 * be. The axis goes first where there is too little room. */
struct graph_grid graph_grid_of(int width, int height, size_t columns, size_t panels, int min_rows);

/* Where the n-th panel of a grid is, from the left and then down. */
struct rect graph_grid_place(const struct graph_grid *grid, size_t n);

/* The column of a grid at x; grid->columns or more when it is in none. */
size_t graph_grid_column(const struct graph_grid *grid, int x);

/* How many points a panel this wide has in each line: at least 1. */
size_t graph_panel_points(enum graph_glyphs glyphs, int width);

/* Which of the points is in column x of the panel; negative: none. */
int graph_panel_point_at(const struct graph_panel *panel, int x, int width);

/* Draw over the whole surface given. */
void graph_panel_draw(const struct graph_panel *panel, struct surface *surface);

/* Draw the axis of a panel into row y: below a panel, or once for many of the same width. */
void graph_axis_draw(const struct graph_panel *panel, struct surface *surface, int y);

#endif
