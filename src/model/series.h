#ifndef MODEL_SERIES_H
#define MODEL_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Values over time in steps of equal length. What was not measured is a gap: it is never taken
 * as 0 and never made up from its neighbours.
 */

/* What was measured during one step or column. All three are NaN in a gap. */
struct series_point {
    float min, mean, max;
};

/*
 * Points of equal length in a ring. Step number n covers the time from start_ns + n * step_ns;
 * its point is at n % capacity. Steps that are kept: `count` of them, the last is `last`.
 */
struct series_run {
    const struct series_point *points;
    size_t capacity;
    uint64_t start_ns, step_ns;
    uint64_t last;
    size_t count;
};

/* What is asked for: `count` columns of equal length. A column begins at a multiple of its
 * length, so that what is past stays as it is while time goes on; the last one holds the moment
 * before end_ns. */
struct series_window {
    uint64_t end_ns;
    uint64_t column_ns; // never 0
    size_t count;
};

/* Figures of a whole window. */
struct series_figures {
    double now; // of the last column; NaN when it is a gap, like the others when all are
    double min, mean, max;
};

/* The point of a gap. */
struct series_point series_gap(void);

/* True when nothing was measured. */
bool series_is_gap(const struct series_point *point);

/* A window of `span_ns` in `count` (at least 1) columns that ends at end_ns. */
struct series_window series_window_of(uint64_t end_ns, uint64_t span_ns, size_t count);

/* When a column begins. Columns before the beginning of time begin at 0. */
uint64_t series_column_ns(const struct series_window *window, size_t column);

/* Which column holds a moment. Errors: -1 when none does. */
ptrdiff_t series_column_at(const struct series_window *window, uint64_t at_ns);

/* Add a value that was so for a part of a step, whose weight so far is *weight. */
void series_add(struct series_point *point, double *weight, double value, double part);

/* Put what a run knows into the columns of a window; ret has window.count points. */
void series_read(const struct series_run *run, const struct series_window *window,
                 struct series_point *ret);

/* Sum points up. The mean is that of the columns which are no gaps; of no points nothing is known. */
struct series_figures series_figures_of(const struct series_point *points, size_t count);

#endif
