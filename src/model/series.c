#include "model/series.h"

#include <math.h>

struct series_point series_gap(void)
{
    return (struct series_point){.min = NAN, .mean = NAN, .max = NAN};
}

bool series_is_gap(const struct series_point *point)
{
    return isnan(point->mean);
}

struct series_window series_window_of(uint64_t end_ns, uint64_t span_ns, size_t count)
{
    uint64_t column_ns = span_ns / (count > 0 ? count : 1);
    return (struct series_window){
        .end_ns = end_ns,
        .column_ns = column_ns > 0 ? column_ns : 1,
        .count = count,
    };
}

/* The number of a window's last column, counted from the beginning of time. */
static uint64_t last_column(const struct series_window *window)
{
    return window->end_ns > 0 ? (window->end_ns - 1) / window->column_ns : 0;
}

uint64_t series_column_ns(const struct series_window *window, size_t column)
{
    uint64_t last = last_column(window);
    uint64_t back = window->count - 1 - column;
    return back <= last ? (last - back) * window->column_ns : 0;
}

ptrdiff_t series_column_at(const struct series_window *window, uint64_t at_ns)
{
    uint64_t last = last_column(window);
    uint64_t at = at_ns / window->column_ns;
    return at <= last && last - at < window->count ? (ptrdiff_t)(window->count - 1 - (last - at))
                                                   : -1;
}

void series_add(struct series_point *point, double *weight, double value, double part)
{
    float single = (float)value;
    if (series_is_gap(point) || !(*weight > 0)) {
        *point = (struct series_point){.min = single, .mean = single, .max = single};
        *weight = part;
        return;
    }
    *weight += part;
    point->mean += (float)((value - (double)point->mean) * (part / *weight));
    point->min = single < point->min ? single : point->min;
    point->max = single > point->max ? single : point->max;
}

/* How much of a step lies within [from, to). */
static double overlap(const struct series_run *run, uint64_t step, uint64_t from, uint64_t to)
{
    uint64_t begin = run->start_ns + step * run->step_ns;
    uint64_t end = begin + run->step_ns;
    begin = begin > from ? begin : from;
    end = end < to ? end : to;
    return end > begin ? (double)(end - begin) : 0;
}

static struct series_point read_column(const struct series_run *run, uint64_t from, uint64_t to)
{
    struct series_point ret = series_gap();
    uint64_t first = run->last + 1 - run->count;
    if (run->count == 0 || to <= run->start_ns) {
        return ret;
    }
    uint64_t step = from > run->start_ns ? (from - run->start_ns) / run->step_ns : 0;
    uint64_t end = (to - 1 - run->start_ns) / run->step_ns;
    double weight = 0;
    for (step = step > first ? step : first; step <= end && step <= run->last; step++) {
        const struct series_point *point = &run->points[step % run->capacity];
        if (series_is_gap(point)) {
            continue;
        }
        float min = ret.min;
        float max = ret.max;
        bool empty = series_is_gap(&ret);
        series_add(&ret, &weight, (double)point->mean, overlap(run, step, from, to));
        ret.min = empty || point->min < min ? point->min : min;
        ret.max = empty || point->max > max ? point->max : max;
    }
    return ret;
}

void series_read(const struct series_run *run, const struct series_window *window,
                 struct series_point *ret)
{
    uint64_t last = last_column(window);
    for (size_t i = 0; i < window->count; i++) {
        bool before_time = window->count - 1 - i > last;
        uint64_t from = series_column_ns(window, i);
        ret[i] = before_time ? series_gap() : read_column(run, from, from + window->column_ns);
    }
}

struct series_figures series_figures_of(const struct series_point *points, size_t count)
{
    struct series_figures ret = {.now = NAN, .min = NAN, .mean = NAN, .max = NAN};
    double sum = 0;
    size_t known = 0;
    for (size_t i = 0; i < count; i++) {
        if (series_is_gap(&points[i])) {
            continue;
        }
        double min = (double)points[i].min;
        double max = (double)points[i].max;
        ret.min = known == 0 || min < ret.min ? min : ret.min;
        ret.max = known == 0 || max > ret.max ? max : ret.max;
        sum += (double)points[i].mean;
        known++;
    }
    if (known > 0) {
        ret.mean = sum / (double)known;
    }
    if (count > 0) {
        ret.now = (double)points[count - 1].mean;
    }
    return ret;
}
