#include "base/str.h"
#include "model/history.h"
#include "ui/graph.h"
#include "ui/table_list.h"

/* The graphs in a table's cells: what was of each row's device, from the history of the machine. */

enum {
    SPAN_S = 120,     // what they show; the titles of the columns say so
    POINTS_MAX = 128, // side by side; what is left of a wider cell stays free
};

/* Add what another line of the graph was at the same time; what is only half known is a gap. */
static void add_points(struct series_point *points, const struct series_point *others, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        points[i].mean += others[i].mean;
    }
}

/* One row of cells has no room for a mark beside what was on average. Returns the highest. */
static double level_points(struct series_point *points, size_t count)
{
    double most = 0;
    for (size_t i = 0; i < count; i++) {
        points[i].min = points[i].mean;
        points[i].max = points[i].mean;
        most = (double)points[i].mean > most ? (double)points[i].mean : most; // not in a gap
    }
    return most;
}

void table_list_draw_graph(const struct pane_table *list, const struct view *view,
                           struct text device, struct rect cell, struct surface *surface)
{
    const struct history *history = view->history;
    const size_t index = history_device_graph(history, list->table->graph, device.ptr);
    if (index == history_graph_count(history)) {
        (void)surface_string(surface, cell.x, cell.y, cell.width, ROLE_ABSENT,
                             absent_sign(ABSENT_NOT_APPLICABLE));
        return;
    }
    while (graph_points(view->graph, cell.width) > POINTS_MAX) {
        cell.width--;
    }
    struct series_point points[POINTS_MAX];
    struct series_point others[POINTS_MAX];
    const struct series_window window =
        series_window_of(history_now_ns(history), SPAN_S * UINT64_C(1000000000),
                         graph_points(view->graph, cell.width));
    const struct history_graph graph = history_graph_info(history, index);
    history_read(history, index, 0, &window, points);
    for (size_t line = 1; line < graph.line_count; line++) {
        history_read(history, index, line, &window, others);
        add_points(points, others, window.count);
    }
    const double most = level_points(points, window.count);
    struct surface part = surface_sub(surface, cell);
    graph_draw(points, graph.full > 0 ? graph.full : graph_round_up(graph.kind, most), ROLE_GRAPH,
               view->graph, &part);
}
