#include "ui/pane_process_history.h"

#include "base/str.h"
#include "model/dossier.h"
#include "model/history.h"
#include "model/settings.h"
#include "model/snapshot.h"
#include "ui/graph_panel.h"

#include <stdlib.h>

static const uint64_t second_ns = 1000000000;

enum {
    LINES_MAX = 2,        // of a graph
    PANEL_MIN_CELLS = 62, // of a graph beside others
    PANEL_MIN_ROWS = 3,   // of a graph above others
    SPAN_MIN_S = 60,
};

/* The graphs from top to bottom. */
static const struct graph {
    const char *title;
    enum value_kind kind;
    size_t line_count;
    enum process_series series[LINES_MAX];
    const char *lines[LINES_MAX];
    enum role roles[LINES_MAX];
    fact_mask need;      // of the process
    const char *missing; // why nothing may be known although that was read
} graphs[] = {
    {"CPU", VALUE_CPUS, 1, {PROCESS_CPU}, {"used"}, {ROLE_GRAPH}, FACT_IDENT, "nothing known yet"},
    {"memory",
     VALUE_BYTES,
     1,
     {PROCESS_RESIDENT},
     {"resident"},
     {ROLE_MEM_USED},
     FACT_IDENT,
     "nothing known yet"},
    {"I/O",
     VALUE_BYTE_RATE,
     2,
     {PROCESS_READ, PROCESS_WRITE},
     {"read", "write"},
     {ROLE_GRAPH, ROLE_GRAPH_OTHER},
     FACT_IO,
     "nothing known yet: it is read while the process is shown here"},
    {"network, TCP only",
     VALUE_BYTE_RATE,
     2,
     {PROCESS_RX, PROCESS_TX},
     {"rx", "tx"},
     {ROLE_GRAPH, ROLE_GRAPH_OTHER},
     FACT_SOCKETS,
     "nothing known yet; bytes of other protocols nobody counts"},
};

enum { GRAPH_COUNT = sizeof(graphs) / sizeof(graphs[0]) };

/* The pane. */
struct pane_process_history {
    struct pane pane;
    struct proc_id id;
    size_t top;                  // first graph that is shown
    struct series_point *points; // heap: room for the lines of one graph
    size_t room;                 // points of a line
};

static struct pane_process_history *list_of(struct pane *pane)
{
    return (struct pane_process_history *)(void *)pane; // pane is its first member
}

static const struct pane_process_history *list_of_const(const struct pane *pane)
{
    return (const struct pane_process_history *)(const void *)pane;
}

static struct graph_grid lay_out(const struct pane_process_history *list)
{
    const struct rect *area = &list->pane.area;
    const size_t columns = area->width >= 2 * PANEL_MIN_CELLS + 2 ? 2 : 1;
    return graph_grid_of(area->width, area->height, columns, GRAPH_COUNT, PANEL_MIN_ROWS);
}

/* From when it was first seen until it was last. */
static struct series_window window_of(const struct pane_process_history *list,
                                      const struct view *view, const struct graph_grid *grid)
{
    uint64_t first_ns = 0;
    uint64_t last_ns = 0;
    const size_t points = graph_panel_points(view->graph, grid->cells);
    if (!history_process_span(view->history, list->id, &first_ns, &last_ns)) {
        last_ns = history_now_ns(view->history);
        first_ns = last_ns;
    }
    const uint64_t least_ns = SPAN_MIN_S * second_ns;
    const uint64_t span_ns = last_ns - first_ns;
    return series_window_of(last_ns, span_ns > least_ns ? span_ns : least_ns, points);
}

/* --- drawing --------------------------------------------------------------------------------- */

static bool is_empty(const struct graph_panel *panel)
{
    for (size_t line = 0; line < panel->line_count; line++) {
        for (size_t i = 0; i < panel->window.count; i++) {
            if (!series_is_gap(&panel->lines[line].points[i])) {
                return false;
            }
        }
    }
    return true;
}

/* Why there is nothing in a graph. */
static const char *trouble(const struct pane_process_history *list, const struct view *view,
                           const struct graph *graph)
{
    const struct proc *proc = view->snap != NULL ? snapshot_find(view->snap, list->id) : NULL;
    if (proc != NULL && (proc->denied & graph->need) != 0) {
        return dossier_trouble(DOSSIER_DENIED, view->snap->looker);
    }
    return graph->missing;
}

static void draw_graph(const struct pane_process_history *list, const struct view *view,
                       const struct graph_grid *grid, size_t place, struct surface *surface)
{
    const struct graph *graph = &graphs[list->top + place];
    struct graph_panel panel = {
        .title = graph->title,
        .kind = graph->kind,
        .line_count = graph->line_count,
        .window = window_of(list, view, grid),
        .now_ns = history_now_ns(view->history),
        .ruler = -1,
        .glyphs = view->graph,
    };
    for (size_t i = 0; i < graph->line_count; i++) {
        struct series_point *points = list->points + i * list->room;
        history_process_read(view->history, list->id, graph->series[i], &panel.window, points);
        panel.lines[i] = (struct graph_line){
            .title = graph->lines[i],
            .points = points,
            .latest = history_process_latest(view->history, list->id, graph->series[i]),
            .role = graph->roles[i],
        };
    }
    struct rect area = graph_grid_place(grid, place);
    struct surface part = surface_sub(surface, area);
    if (is_empty(&panel)) {
        (void)surface_string(&part, 0, 0, grid->cells, ROLE_METER_LABEL, graph->title);
        (void)surface_string(&part, 0, 1, grid->cells, ROLE_DIM, trouble(list, view, graph));
    } else {
        graph_panel_draw(&panel, &part);
    }
    if (grid->axis && place < grid->columns) {
        area.y = (int)grid->rows * grid->height;
        area.height = 1;
        part = surface_sub(surface, area);
        graph_axis_draw(&panel, &part, 0);
    }
}

static void history_draw(const struct pane *pane, const struct view *view, bool focused,
                         struct surface *surface)
{
    (void)focused;
    const struct pane_process_history *list = list_of_const(pane);
    const struct graph_grid grid = lay_out(list);
    const int width = surface->clip.width;
    if (!view->settings->history) {
        (void)surface_string(surface, 0, 0, width, ROLE_DIM,
                             "nothing is kept: the setting \"history\" is off");
        return;
    }
    if (list->room < graph_panel_points(view->graph, grid.cells)) {
        (void)surface_string(surface, 0, 0, width, ROLE_ERROR, "not enough memory");
        return;
    }
    const size_t shown = grid.rows * grid.columns;
    for (size_t place = 0; place < shown && list->top + place < GRAPH_COUNT; place++) {
        draw_graph(list, view, &grid, place, surface);
    }
}

/* --- pane ------------------------------------------------------------------------------------ */

static void history_destroy_pane(struct pane *pane)
{
    if (pane != NULL) {
        free(list_of(pane)->points);
        free(pane);
    }
}

/* Begin at this graph, or at the last from which on those below still fill the pane. */
static void scroll_to(struct pane_process_history *list, ptrdiff_t top)
{
    const struct graph_grid grid = lay_out(list);
    const ptrdiff_t last = (ptrdiff_t)GRAPH_COUNT - (ptrdiff_t)(grid.rows * grid.columns);
    top = top < last ? top : last;
    list->top = top > 0 ? (size_t)top : 0;
}

static void history_update(struct pane *pane, const struct view *view, struct rect area)
{
    struct pane_process_history *list = list_of(pane);
    pane->area = area;
    scroll_to(list, (ptrdiff_t)list->top);
    const struct graph_grid grid = lay_out(list);
    const size_t needed = graph_panel_points(view->graph, grid.cells);
    if (needed > list->room) {
        free(list->points);
        list->points = malloc(LINES_MAX * needed * sizeof(list->points[0]));
        list->room = list->points != NULL ? needed : 0;
    }
}

static void history_plan(const struct pane *pane, const struct view *view, struct plan *plan)
{
    (void)pane;
    (void)view;
    (void)plan; // what graphs need is sampled as long as the process is inspected
}

static bool history_act(struct pane *pane, const struct view *view, enum action_id action,
                        struct effects *effects)
{
    (void)view;
    (void)effects;
    struct pane_process_history *list = list_of(pane);
    const struct graph_grid grid = lay_out(list);
    const ptrdiff_t row = (ptrdiff_t)grid.columns;
    const ptrdiff_t page = row * (ptrdiff_t)grid.rows;
    const struct {
        enum action_id action;
        ptrdiff_t graphs;
    } moves[] = {
        {ACTION_UP, -row},       {ACTION_DOWN, row},       {ACTION_SCROLL_UP, -row},
        {ACTION_PAGE_UP, -page}, {ACTION_PAGE_DOWN, page}, {ACTION_SCROLL_DOWN, row},
        {ACTION_FIRST, -page},   {ACTION_LAST, page},
    };
    for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
        if (moves[i].action == action) {
            const bool end = action == ACTION_FIRST || action == ACTION_LAST;
            scroll_to(list,
                      (ptrdiff_t)list->top + (end ? (ptrdiff_t)GRAPH_COUNT : 1) * moves[i].graphs);
            return true;
        }
    }
    return false;
}

static bool history_mouse(struct pane *pane, const struct view *view, const struct mouse *mouse,
                          struct effects *effects)
{
    const bool up = mouse->kind == MOUSE_WHEEL_UP;
    return (up || mouse->kind == MOUSE_WHEEL_DOWN) &&
           history_act(pane, view, up ? ACTION_UP : ACTION_DOWN, effects);
}

static void history_describe(const struct pane *pane, const struct view *view, struct strbuf *buf)
{
    const struct pane_process_history *list = list_of_const(pane);
    const struct graph_grid grid = lay_out(list);
    const size_t shown = grid.rows * grid.columns;
    const char *dot = view->unicode ? " · " : " | ";
    uint64_t first_ns = 0;
    uint64_t last_ns = 0;
    if (history_process_span(view->history, list->id, &first_ns, &last_ns)) {
        const struct value age = {.kind = VALUE_AGE, .as.ns = last_ns - first_ns};
        const struct value_style style = {.cells = 8};
        str_add(buf, "seen by perch for ");
        value_format(&age, &style, buf);
    } else {
        str_add(buf, "nothing is known of it");
    }
    if (shown < GRAPH_COUNT) {
        str_addf(buf, "%sgraphs %zu to %zu of %d", dot, list->top + 1, list->top + shown,
                 (int)GRAPH_COUNT);
    }
    str_addf(buf, "%s%s", view->paused ? dot : "", view->paused ? "paused" : "");
}

static const struct pane_class history_class = {
    .name = "process history",
    .context = CONTEXT_INSPECT,
    .min_width = 1,
    .min_height = 1,
    .update = history_update,
    .act = history_act,
    .mouse = history_mouse,
    .plan = history_plan,
    .draw = history_draw,
    .describe = history_describe,
    .destroy = history_destroy_pane,
};

struct pane *pane_process_history_create(void)
{
    struct pane_process_history *list = calloc(1, sizeof(*list));
    if (list == NULL) {
        return NULL;
    }
    list->pane.class = &history_class;
    return &list->pane;
}

void pane_process_history_set_process(struct pane *pane, struct proc_id id)
{
    list_of(pane)->id = id;
    list_of(pane)->top = 0;
}
