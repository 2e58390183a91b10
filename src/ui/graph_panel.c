#include "ui/graph_panel.h"

#include "base/str.h"

#include <math.h>
#include <string.h>

/*
 * A graph with what is written around it: a caption with figures, the scale to the left, the
 * time below. What there is no room for goes: the axis, then lines from the last on, then the
 * scale; the caption stays.
 */

enum {
    SCALE_CELLS = 7,      // to the left of the graph, with a blank
    SCALE_MIN_WIDTH = 24, // of the panel, for a scale
    FIGURE_CELLS = 6,     // of one value
    TEXT_BYTES = 160,
    TICK_MIN_CELLS = 16, // of the graph, between two times
    GRID_GAP = 2,        // between panels side by side
};

struct graph_grid graph_grid_of(int width, int height, size_t columns, size_t panels, int min_rows)
{
    struct graph_grid grid = {.columns = columns, .axis = height >= min_rows + 2};
    const int inner = height - (grid.axis ? 1 : 0);
    const size_t needed = (panels + columns - 1) / columns;
    const size_t fit = inner >= min_rows ? (size_t)(inner / min_rows) : 1;
    grid.rows = needed < fit ? needed : fit;
    grid.rows = grid.rows > 0 ? grid.rows : 1;
    grid.height = inner / (int)grid.rows;
    grid.cells = (width - GRID_GAP * (int)(columns - 1)) / (int)columns;
    grid.cells = grid.cells > 0 ? grid.cells : 1;
    return grid;
}

struct rect graph_grid_place(const struct graph_grid *grid, size_t n)
{
    return (struct rect){
        .x = (int)(n % grid->columns) * (grid->cells + GRID_GAP),
        .y = (int)(n / grid->columns) * grid->height,
        .width = grid->cells,
        .height = grid->height,
    };
}

size_t graph_grid_column(const struct graph_grid *grid, int x)
{
    return (size_t)(x / (grid->cells + GRID_GAP));
}

static int scale_cells(int width)
{
    return width >= SCALE_MIN_WIDTH ? SCALE_CELLS : 0;
}

size_t graph_panel_points(enum graph_glyphs glyphs, int width)
{
    int cells = width - scale_cells(width);
    return graph_points(glyphs, cells > 0 ? cells : 1);
}

int graph_panel_point_at(const struct graph_panel *panel, int x, int width)
{
    int cell = x - scale_cells(width);
    int points = (int)graph_points(panel->glyphs, 1);
    return cell >= 0 && x < width ? cell * points + points - 1 : -1;
}

/* --- figures --------------------------------------------------------------------------------- */

static void add_number(struct strbuf *buf, enum value_kind kind, double number)
{
    struct value value = {.kind = kind, .as.number = number};
    struct value_style style = {.cells = FIGURE_CELLS};
    if (isnan(number)) {
        str_add(buf, "-");
        return;
    }
    if (kind == VALUE_BYTES) {
        value.as.bytes = number > 0 ? (uint64_t)number : 0;
    }
    value_format(&value, &style, buf);
    str_add(buf, kind == VALUE_FRACTION || kind == VALUE_CPUS ? "%" : "");
    str_add(buf, kind == VALUE_BYTE_RATE ? "/s" : "");
}

/* Draw a text if it fits in front of `end`; returns where the next one may begin. */
static int add_text(struct surface *surface, int x, int end, enum role role, const char *text)
{
    int cells = surface_cells(text);
    if (x + cells > end) {
        return end; // and what follows would be out of order
    }
    return x + surface_string(surface, x, 0, cells, role, text);
}

static int add_figure(struct surface *surface, const struct graph_panel *panel, int x,
                      const char *label, double number)
{
    char text[TEXT_BYTES];
    struct strbuf buf;
    str_init(&buf, text, sizeof(text));
    add_number(&buf, panel->kind, number);
    int end = surface->clip.width;
    int needed = 2 + surface_cells(label) + 1 + surface_cells(text);
    if (x + needed > end) {
        return end;
    }
    x = add_text(surface, x + 2, end, ROLE_METER_LABEL, label);
    return add_text(surface, x + 1, end, ROLE_METER_VALUE, text);
}

/* What a line is now, or under the ruler. */
static double value_of(const struct graph_panel *panel, size_t line)
{
    const struct graph_line *is = &panel->lines[line];
    return panel->ruler >= 0 ? (double)is->points[panel->ruler].mean : is->latest;
}

/* One line of a panel in one row: what it is now, and between what it was. */
static void draw_caption(const struct graph_panel *panel, size_t first, size_t last,
                         struct surface *surface)
{
    int end = surface->clip.width;
    bool alone = last == first + 1;
    int x = 0;
    if (first == 0) {
        enum role role = panel->selected ? ROLE_MENU_SELECTED : ROLE_METER_LABEL;
        x = surface_string(surface, 0, 0, end, role, panel->title);
    }
    for (size_t i = first; i < last; i++) {
        const struct graph_line *line = &panel->lines[i];
        struct series_figures figures = series_figures_of(line->points, panel->window.count);
        x = add_figure(surface, panel, x, line->title, value_of(panel, i));
        if (alone) {
            x = add_figure(surface, panel, x, "min", figures.min);
            x = add_figure(surface, panel, x, "mean", figures.mean);
        }
        x = add_figure(surface, panel, x, "max", figures.max);
    }
}

/* --- bands ----------------------------------------------------------------------------------- */

static double top_of_scale(const struct graph_panel *panel)
{
    double most = panel->full;
    if (most > 0) {
        return most;
    }
    most = 0;
    for (size_t i = 0; i < panel->line_count; i++) {
        struct series_figures figures =
            series_figures_of(panel->lines[i].points, panel->window.count);
        most = figures.max > most ? figures.max : most;
    }
    return graph_round_up(panel->kind, most);
}

static void draw_scale(const struct graph_panel *panel, size_t line, double most, int height,
                       struct surface *surface)
{
    char text[TEXT_BYTES];
    struct strbuf buf;
    str_init(&buf, text, sizeof(text));
    struct value value = {.kind = panel->kind, .as.number = most};
    if (panel->kind == VALUE_BYTES) {
        value.as.bytes = (uint64_t)most;
    }
    struct value_style style = {.cells = SCALE_CELLS - 2};
    value_format(&value, &style, &buf);
    str_add(&buf, panel->kind == VALUE_FRACTION || panel->kind == VALUE_CPUS ? "%" : "");
    surface_string_right(surface, 0, 0, SCALE_CELLS - 1, ROLE_DIM, text);
    if (height > 1) {
        bool named = panel->line_count > 1;
        surface_string_right(surface, 0, height - 1, SCALE_CELLS - 1, ROLE_DIM,
                             named ? panel->lines[line].title : "0");
    }
}

static void mark_ruler(const struct graph_panel *panel, struct surface *plot)
{
    if (panel->ruler >= 0) {
        int x = panel->ruler / (int)graph_points(panel->glyphs, 1);
        surface_recolour(plot, (struct rect){x, 0, 1, plot->clip.height}, ROLE_SELECTED);
    }
}

static void draw_band(const struct graph_panel *panel, size_t line, double most,
                      struct surface *surface)
{
    int width = surface->clip.width;
    int height = surface->clip.height;
    int scale = scale_cells(width);
    if (scale > 0) {
        draw_scale(panel, line, most, height, surface);
    }
    struct rect area = {.x = scale, .width = width - scale, .height = height};
    struct surface plot = surface_sub(surface, area);
    graph_draw(panel->lines[line].points, most, panel->lines[line].role, panel->glyphs, &plot);
    mark_ruler(panel, &plot);
}

/* How many lines have room, with `least` rows each. */
static size_t lines_that_fit(const struct graph_panel *panel, int rows, int least)
{
    size_t fit = rows > 0 ? (size_t)(rows / least) : 0;
    fit = fit < panel->line_count ? fit : panel->line_count;
    return fit > 0 ? fit : 1;
}

void graph_panel_draw(const struct graph_panel *panel, struct surface *surface)
{
    int width = surface->clip.width;
    int rows = surface->clip.height;
    bool axis = panel->axis && rows >= 4;
    rows -= axis ? 1 : 0;
    if (axis) {
        graph_axis_draw(panel, surface, rows);
    }
    int top = panel->captions ? 0 : 1;
    struct surface head = surface_sub(surface, (struct rect){0, 0, width, 1});
    size_t count = lines_that_fit(panel, rows - top, panel->captions ? 3 : 1);
    if (!panel->captions) {
        draw_caption(panel, 0, panel->line_count, &head);
    }
    double most = top_of_scale(panel);
    for (size_t i = 0; i < count && rows > top; i++) {
        int begin = top + (int)i * (rows - top) / (int)count;
        int end = top + (int)(i + 1) * (rows - top) / (int)count;
        if (panel->captions) {
            head = surface_sub(surface, (struct rect){0, begin, width, 1});
            draw_caption(panel, i, i + 1, &head);
            begin++;
        }
        struct surface band = surface_sub(surface, (struct rect){0, begin, width, end - begin});
        draw_band(panel, i, most, &band);
    }
}

/* --- time ------------------------------------------------------------------------------------ */

static void add_age(struct strbuf *buf, uint64_t age_ns)
{
    struct value value = {.kind = VALUE_AGE, .as.ns = age_ns};
    struct value_style style = {.cells = FIGURE_CELLS};
    str_add(buf, age_ns == 0 ? "now" : "-");
    if (age_ns > 0) {
        value_format(&value, &style, buf);
    }
}

void graph_axis_draw(const struct graph_panel *panel, struct surface *surface, int y)
{
    int width = surface->clip.width;
    int scale = scale_cells(width);
    int cells = width - scale;
    int ticks = cells / TICK_MIN_CELLS;
    ticks = ticks < 1 ? 1 : ticks > 4 ? 4 : ticks;
    uint64_t span_ns = panel->window.column_ns * panel->window.count;
    for (int i = 0; i <= ticks; i++) {
        char text[TEXT_BYTES];
        struct strbuf buf;
        str_init(&buf, text, sizeof(text));
        uint64_t back_ns = span_ns / (unsigned)ticks * (unsigned)(ticks - i);
        back_ns += panel->now_ns > panel->window.end_ns ? panel->now_ns - panel->window.end_ns : 0;
        add_age(&buf, (back_ns + 500000000) / 1000000000 * 1000000000);
        int len = surface_cells(text);
        int x = scale + cells * i / ticks - (i == 0 ? 0 : i == ticks ? len : len / 2);
        (void)surface_string(surface, x, y, width - x, ROLE_DIM, text);
    }
}
