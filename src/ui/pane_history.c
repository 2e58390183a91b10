#include "ui/pane_history.h"

#include "base/str.h"
#include "model/history.h"
#include "model/settings.h"
#include "model/snapshot.h"
#include "ui/graph_panel.h"

#include <stdlib.h>
#include <string.h>

/*
 * All graphs show the same time: `span` long, up to end_ns, or up to now and on with it when that
 * is 0. The ruler stands at at_ns, in every graph; moving it past an edge moves the time.
 *
 * The graph under the cursor is remembered by its name: those of devices come and go.
 */

static const uint64_t second_ns = 1000000000;

static const uint32_t spans_s[] = {60, 120, 300, 600, 1800, 3600, 10800, 21600, 43200, 86400};

enum {
    SPAN_COUNT = sizeof(spans_s) / sizeof(spans_s[0]),
    SPAN_FIRST = 3,       // ten minutes
    PANEL_MIN_CELLS = 62, // of a graph beside others
    GRID_MAX = 3,         // graphs side by side
    PANEL_MIN_ROWS = 4,   // of a graph above others
    WHEEL_ROWS = 1,
};

/* The pane. */
struct pane_history {
    struct pane pane;
    char selected[HISTORY_NAME_BYTES]; // name of the graph under the cursor; "": the first
    char search_from[HISTORY_NAME_BYTES];
    char highlight[HISTORY_NAME_BYTES];
    size_t cursor, count;        // index of that graph; how many there are
    size_t top;                  // first row of the grid that is shown
    size_t span;                 // index in spans_s
    uint64_t end_ns;             // 0: now
    uint64_t at_ns;              // of the ruler; 0: none
    bool alone;                  // the graph under the cursor is
    struct series_point *points; // heap: room for the lines of one graph
    size_t room;                 // points of a line
};

static struct pane_history *history_of(struct pane *pane)
{
    return (struct pane_history *)(void *)pane; // pane is its first member
}

static const struct pane_history *history_of_const(const struct pane *pane)
{
    return (const struct pane_history *)(const void *)pane;
}

/* --- layout ---------------------------------------------------------------------------------- */

static struct graph_grid lay_out(const struct pane_history *list)
{
    const struct rect *area = &list->pane.area;
    int columns = area->width / PANEL_MIN_CELLS;
    columns = list->alone || columns < 1 ? 1 : columns > GRID_MAX ? GRID_MAX : columns;
    return graph_grid_of(area->width, area->height, (size_t)columns, list->alone ? 1 : list->count,
                         PANEL_MIN_ROWS);
}

static struct series_window window_of(const struct pane_history *list, const struct view *view,
                                      const struct graph_grid *grid)
{
    uint64_t end_ns = list->end_ns > 0 ? list->end_ns : history_now_ns(view->history);
    return series_window_of(end_ns, spans_s[list->span] * second_ns,
                            graph_panel_points(view->graph, grid->cells));
}

/* Keep the cursor on its graph, and that on the screen. */
static void settle(struct pane_history *list, const struct view *view)
{
    struct graph_grid grid = lay_out(list);
    size_t row = list->cursor / grid.columns;
    size_t needed = (list->count + grid.columns - 1) / grid.columns;
    size_t last_top = needed > grid.rows ? needed - grid.rows : 0;
    list->top = list->top < last_top ? list->top : last_top;
    if (list->alone) {
        list->top = 0;
    } else if (row < list->top) {
        list->top = row;
    } else if (row >= list->top + grid.rows) {
        list->top = row - grid.rows + 1;
    }
    struct history_graph graph = history_graph_info(view->history, list->cursor);
    struct strbuf buf;
    str_init(&buf, list->selected, sizeof(list->selected));
    str_add(&buf, graph.name);
}

/* The graph of this name, `otherwise` when there is none. */
static size_t find_name(const struct history *history, const char *name, size_t otherwise)
{
    size_t count = history_graph_count(history);
    for (size_t i = 0; i < count; i++) {
        if (str_equal(history_graph_info(history, i).name, name)) {
            return i;
        }
    }
    return otherwise < count ? otherwise : count - 1;
}

static void go(struct pane_history *list, const struct view *view, size_t index)
{
    list->cursor = index < list->count ? index : list->count - 1;
    settle(list, view);
}

static void go_by(struct pane_history *list, const struct view *view, ptrdiff_t graphs)
{
    ptrdiff_t index = (ptrdiff_t)list->cursor + graphs;
    go(list, view, index > 0 ? (size_t)index : 0);
}

/* --- time ------------------------------------------------------------------------------------ */

/* Show up to this moment; from now on nothing is shown but what is on with it. */
static void show_until(struct pane_history *list, const struct view *view, uint64_t end_ns)
{
    uint64_t now_ns = history_now_ns(view->history);
    uint64_t least_ns = history_begin_ns(view->history) + spans_s[list->span] * second_ns;
    end_ns = end_ns > least_ns ? end_ns : least_ns;
    list->end_ns = end_ns < now_ns ? end_ns : 0;
}

/* Move the ruler by one cell. It begins at the end that is nearest to where it goes to. */
static void move_ruler(struct pane_history *list, const struct view *view, bool back)
{
    struct graph_grid grid = lay_out(list);
    struct series_window window = window_of(list, view, &grid);
    uint64_t step_ns = window.column_ns * graph_points(view->graph, 1);
    uint64_t quarter_ns = window.column_ns * window.count / 4;
    uint64_t begin_ns = series_column_ns(&window, 0);
    if (list->at_ns == 0) {
        list->at_ns = back && window.end_ns > 0 ? window.end_ns - 1 : 0;
    } else if (back) {
        list->at_ns -= list->at_ns > step_ns + history_begin_ns(view->history) ? step_ns : 0;
    } else {
        list->at_ns += step_ns;
    }
    if (list->at_ns >= history_now_ns(view->history)) {
        list->at_ns = 0; // it has come to now
        list->end_ns = 0;
    } else if (list->at_ns >= window.end_ns) {
        show_until(list, view, window.end_ns + quarter_ns);
    } else if (list->at_ns > 0 && list->at_ns < begin_ns) {
        show_until(list, view, window.end_ns - quarter_ns);
    }
}

/* The moment under the ruler stays in sight. */
static void zoom(struct pane_history *list, const struct view *view, bool in)
{
    size_t span = list->span;
    list->span = in ? (span > 0 ? span - 1 : 0) : span + 1 < SPAN_COUNT ? span + 1 : span;
    uint64_t now_ns = history_now_ns(view->history);
    uint64_t half_ns = spans_s[list->span] * second_ns / 2;
    if (list->at_ns > 0) {
        show_until(list, view, list->at_ns + half_ns);
    } else if (list->end_ns > 0) {
        show_until(list, view, list->end_ns < now_ns ? list->end_ns : now_ns);
    }
}

static void go_to_first(struct pane_history *list, const struct view *view)
{
    show_until(list, view, 1);
    list->at_ns = history_begin_ns(view->history);
}

/* --- drawing --------------------------------------------------------------------------------- */

static enum role role_of(const struct history_graph *graph, size_t line)
{
    static const struct {
        const char *name;
        enum role roles[HISTORY_LINES_MAX];
    } special[] = {
        {"CPU", {ROLE_GRAPH, ROLE_CPU_USER, ROLE_CPU_SYSTEM, ROLE_CPU_IOWAIT, ROLE_CPU_STEAL}},
        {"memory", {ROLE_MEM_USED, ROLE_GRAPH_OTHER, ROLE_MEM_CACHE}},
        {"swap", {ROLE_SWAP_USED}},
    };
    for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++) {
        if (str_equal(special[i].name, graph->name)) {
            return special[i].roles[line];
        }
    }
    return line % 2 == 0 ? ROLE_GRAPH : ROLE_GRAPH_OTHER;
}

/* Fill a panel in; the points go into the pane's scratch memory. */
static struct graph_panel panel_of(const struct pane_history *list, const struct view *view,
                                   const struct graph_grid *grid, size_t index)
{
    struct history_graph graph = history_graph_info(view->history, index);
    struct graph_panel panel = {
        .title = graph.name,
        .kind = graph.kind,
        .full = graph.full,
        .line_count = list->alone ? graph.line_count : graph.main_count,
        .window = window_of(list, view, grid),
        .now_ns = history_now_ns(view->history),
        .captions = list->alone,
        .selected = index == list->cursor,
        .ruler = -1,
        .glyphs = view->graph,
    };
    if (list->at_ns > 0) {
        panel.ruler = (int)series_column_at(&panel.window, list->at_ns);
    }
    for (size_t i = 0; i < panel.line_count; i++) {
        struct series_point *points = list->points + i * list->room;
        history_read(view->history, index, i, &panel.window, points);
        panel.lines[i] = (struct graph_line){
            .title = graph.lines[i],
            .points = points,
            .latest = history_latest(view->history, index, i),
            .role = role_of(&graph, i),
        };
    }
    return panel;
}

static void draw_graph(const struct pane_history *list, const struct view *view,
                       const struct graph_grid *grid, size_t place, struct surface *surface)
{
    size_t index = list->alone ? list->cursor : list->top * grid->columns + place;
    if (index >= list->count) {
        return;
    }
    struct rect area = graph_grid_place(grid, place);
    struct graph_panel panel = panel_of(list, view, grid, index);
    struct surface part = surface_sub(surface, area);
    graph_panel_draw(&panel, &part);
    if (list->highlight[0] != '\0') {
        ptrdiff_t at = str_find_fold(panel.title, strlen(panel.title), list->highlight,
                                     strlen(list->highlight));
        int cells = surface_cells(list->highlight);
        surface_recolour(&part, (struct rect){(int)at, 0, at >= 0 ? cells : 0, 1}, ROLE_MATCH);
    }
    if (grid->axis && place < grid->columns) {
        area.y = surface->clip.height - 1;
        area.height = 1;
        struct surface below = surface_sub(surface, area);
        graph_axis_draw(&panel, &below, 0);
    }
}

static void history_draw(const struct pane *pane, const struct view *view, bool focused,
                         struct surface *surface)
{
    (void)focused;
    const struct pane_history *list = history_of_const(pane);
    struct graph_grid grid = lay_out(list);
    int width = surface->clip.width;
    if (history_now_ns(view->history) == 0) {
        bool kept = view->settings->history;
        (void)surface_string(surface, 0, 0, width, ROLE_DIM,
                             kept ? "reading ..."
                                  : "nothing is kept: the setting \"history\" is off");
        return;
    }
    if (list->room < graph_panel_points(view->graph, grid.cells)) {
        (void)surface_string(surface, 0, 0, width, ROLE_ERROR, "not enough memory");
        return;
    }
    for (size_t place = 0; place < grid.rows * grid.columns; place++) {
        draw_graph(list, view, &grid, place, surface);
    }
}

/* --- pane ------------------------------------------------------------------------------------ */

static void history_destroy_pane(struct pane *pane)
{
    if (pane != NULL) {
        free(history_of(pane)->points);
        free(pane);
    }
}

static void history_update(struct pane *pane, const struct view *view, struct rect area)
{
    struct pane_history *list = history_of(pane);
    pane->area = area;
    list->count = history_graph_count(view->history);
    list->cursor = find_name(view->history, list->selected, list->cursor);
    settle(list, view);
    struct graph_grid grid = lay_out(list);
    size_t needed = graph_panel_points(view->graph, grid.cells);
    if (needed > list->room) {
        free(list->points);
        list->points = malloc(HISTORY_LINES_MAX * needed * sizeof(list->points[0]));
        list->room = list->points != NULL ? needed : 0;
    }
}

/* Where the ruler is, by the clock on the wall and as seen from now. */
static void describe_ruler(const struct pane_history *list, const struct view *view,
                           struct strbuf *buf)
{
    uint64_t now_ns = history_now_ns(view->history);
    uint64_t back_s = now_ns > list->at_ns ? (now_ns - list->at_ns) / second_ns : 0;
    int64_t wall_s = view->snap->wall_s + view->snap->utc_offset_s - (int64_t)back_s;
    int of_day_s = (int)((wall_s % 86400 + 86400) % 86400);
    struct value age = {.kind = VALUE_AGE, .as.ns = back_s * second_ns};
    struct value_style style = {.cells = 8};
    str_addf(buf, "at %02d:%02d:%02d, ", of_day_s / 3600, of_day_s / 60 % 60, of_day_s % 60);
    value_format(&age, &style, buf);
    str_add(buf, " ago");
}

static void history_describe(const struct pane *pane, const struct view *view, struct strbuf *buf)
{
    const struct pane_history *list = history_of_const(pane);
    const char *dot = view->unicode ? " · " : " | ";
    struct history_graph graph = history_graph_info(view->history, list->cursor);
    if (list->at_ns > 0 && view->snap != NULL) {
        describe_ruler(list, view, buf);
        str_add(buf, dot);
    }
    uint32_t span_s = spans_s[list->span];
    str_addf(buf, "%u %s", span_s < 3600 ? span_s / 60 : span_s / 3600,
             span_s < 3600 ? "min" : "h");
    str_addf(buf, "%sgraph %zu of %zu: %s, %s", dot, list->cursor + 1, list->count, graph.name,
             graph.help);
    str_addf(buf, "%s%s", view->paused ? dot : "", view->paused ? "paused" : "");
}

static void history_plan(const struct pane *pane, const struct view *view, struct plan *plan)
{
    (void)pane;
    (void)view;
    (void)plan; // what graphs need is sampled all the time
}

/* What moves the cursor. False when the action is something else. */
static bool act_on_cursor(struct pane_history *list, const struct view *view, enum action_id action)
{
    struct graph_grid grid = lay_out(list);
    ptrdiff_t row = list->alone ? 1 : (ptrdiff_t)grid.columns;
    ptrdiff_t page = list->alone ? 1 : row * (ptrdiff_t)grid.rows;
    const struct {
        enum action_id action;
        ptrdiff_t graphs;
    } moves[] = {
        {ACTION_UP, -row},
        {ACTION_DOWN, row},
        {ACTION_PAGE_UP, -page},
        {ACTION_PAGE_DOWN, page},
        {ACTION_SCROLL_UP, -row},
        {ACTION_SCROLL_DOWN, row},
        {ACTION_LINE_START, -PTRDIFF_MAX / 2},
        {ACTION_LINE_END, PTRDIFF_MAX / 2},
    };
    for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
        if (moves[i].action == action) {
            go_by(list, view, moves[i].graphs);
            return true;
        }
    }
    return false;
}

static bool history_act(struct pane *pane, const struct view *view, enum action_id action,
                        struct effects *effects)
{
    (void)effects;
    struct pane_history *list = history_of(pane);
    if (act_on_cursor(list, view, action)) {
        return true;
    }
    if (action == ACTION_LEFT || action == ACTION_RIGHT) {
        move_ruler(list, view, action == ACTION_LEFT);
    } else if (action == ACTION_ZOOM_IN || action == ACTION_ZOOM_OUT) {
        zoom(list, view, action == ACTION_ZOOM_IN);
    } else if (action == ACTION_TIME_NOW) {
        list->end_ns = 0;
        list->at_ns = 0;
    } else if (action == ACTION_TIME_FIRST) {
        go_to_first(list, view);
    } else if (action == ACTION_MAXIMISE || (action == ACTION_CANCEL && list->alone)) {
        list->alone = !list->alone;
    } else if (action == ACTION_CANCEL && list->at_ns > 0) {
        list->at_ns = 0; // its time stays
    } else {
        return false;
    }
    settle(list, view);
    return true;
}

static bool history_mouse(struct pane *pane, const struct view *view, const struct mouse *mouse,
                          struct effects *effects)
{
    (void)effects;
    struct pane_history *list = history_of(pane);
    struct graph_grid grid = lay_out(list);
    if (mouse->kind == MOUSE_WHEEL_UP || mouse->kind == MOUSE_WHEEL_DOWN) {
        ptrdiff_t row = list->alone ? 1 : (ptrdiff_t)grid.columns;
        go_by(list, view, mouse->kind == MOUSE_WHEEL_UP ? -WHEEL_ROWS * row : WHEEL_ROWS * row);
        return true;
    }
    if (mouse->kind != MOUSE_PRESS || mouse->button != 1 || mouse->x < 0 || mouse->y < 0 ||
        history_now_ns(view->history) == 0) {
        return false;
    }
    size_t column = graph_grid_column(&grid, mouse->x);
    size_t row = (size_t)(mouse->y / grid.height);
    size_t index = list->alone ? list->cursor : (list->top + row) * grid.columns + column;
    if (column >= grid.columns || row >= grid.rows || index >= list->count) {
        return false;
    }
    go(list, view, index);
    struct graph_panel panel = {.glyphs = view->graph};
    int point =
        graph_panel_point_at(&panel, mouse->x - graph_grid_place(&grid, column).x, grid.cells);
    struct series_window window = window_of(list, view, &grid);
    if (point >= 0 && (size_t)point < window.count) {
        uint64_t at_ns = series_column_ns(&window, (size_t)point);
        uint64_t begin_ns = history_begin_ns(view->history);
        list->at_ns = at_ns > begin_ns ? at_ns : begin_ns;
    }
    return true;
}

/* --- search ---------------------------------------------------------------------------------- */

static void history_search_begin(struct pane *pane)
{
    struct pane_history *list = history_of(pane);
    memcpy(list->search_from, list->selected, sizeof(list->search_from));
}

static void history_search_cancel(struct pane *pane, const struct view *view)
{
    struct pane_history *list = history_of(pane);
    go(list, view, find_name(view->history, list->search_from, list->cursor));
}

static bool history_search(struct pane *pane, const struct view *view, const char *text, int step)
{
    struct pane_history *list = history_of(pane);
    if (step == 0) {
        history_search_cancel(pane, view);
    }
    for (size_t i = step == 0 ? 0 : 1; i <= list->count; i++) {
        size_t index = (list->cursor + (step < 0 ? list->count - i : i)) % list->count;
        const char *name = history_graph_info(view->history, index).name;
        if (str_find_fold(name, strlen(name), text, strlen(text)) >= 0) {
            go(list, view, index);
            return true;
        }
    }
    return false;
}

static void history_highlight(struct pane *pane, const char *text)
{
    struct pane_history *list = history_of(pane);
    struct strbuf buf;
    str_init(&buf, list->highlight, sizeof(list->highlight));
    str_add(&buf, text);
}

static const struct pane_class history_class = {
    .name = "history",
    .context = CONTEXT_GRAPHS,
    .min_width = 1,
    .min_height = 1,
    .update = history_update,
    .act = history_act,
    .mouse = history_mouse,
    .plan = history_plan,
    .draw = history_draw,
    .search = history_search,
    .search_begin = history_search_begin,
    .search_cancel = history_search_cancel,
    .highlight = history_highlight,
    .describe = history_describe,
    .destroy = history_destroy_pane,
};

struct pane *pane_history_create(void)
{
    struct pane_history *list = calloc(1, sizeof(*list));
    if (list == NULL) {
        return NULL;
    }
    list->pane.class = &history_class;
    list->span = SPAN_FIRST;
    return &list->pane;
}
