#include "base/str.h"
#include "base/utf8.h"
#include "model/network.h"
#include "ui/keymap.h"
#include "ui/table_list.h"
#include "ui/theme.h"

#include <string.h>

/*
 * Drawing a table. Columns go from left to right as they are chosen, or else registered; what does
 * not fit is scrolled to, a whole column at a time, because half a number is a wrong number. The column
 * the rows are sorted by always has a place, so that the order can be seen.
 */

enum {
    CELL_BYTES = 64, // of a formatted number
    LEFT_OUT_BYTES = 96,
    MATCHES_MAX = 16, // marked in one cell
    GROW_CELLS = 15,  // what a growing column keeps on a narrow screen: an address with its port
    THIN_CELLS = 11,  // and where that leaves no room for the protocol, a name and a rate
    THIN_WIDTH = 44,  // what all of them take
    GROW_TIMES = 3,   // its preferred width a column grows to: far apart is hard to read
    CUT_CELLS = 4,    // what is left of it beside the sorted column where even that is too wide
    MORE_CELLS = 2,   // a gap and the mark that there are more columns
};

/* --- layout ---------------------------------------------------------------------------------- */

static bool is_of_sockets(const struct pane_table *list)
{
    return (list->table->parts & PART_SOCKETS) != 0;
}

/* The least a column can do with. */
static int least_cells(const struct pane_table *list, size_t at)
{
    if (at >= list->table->column_count) {
        return -1; // sorted by none: no gap either
    }
    const struct table_column column = table_column_info(list->table, at);
    const bool thin = is_of_sockets(list) && list->pane.area.width < THIN_WIDTH;
    const int least = thin ? THIN_CELLS : GROW_CELLS;
    return column.grows && column.cells > least ? least : column.cells;
}

/* The columns to show, in order. */
struct shown {
    size_t columns[TABLE_COLUMNS_MAX];
    size_t count;
    size_t core; // so many are wanted before all others: up to the rates
};

/* Who goes behind the others in a table of one process's sockets when there would be no room for
 * whom they lead to: in both directions they send, and the user mostly is its own. */
static const char *const own_missed[] = {"user", "tx_rate", "rx_rate"};

/* Who goes behind the others when the screen is too narrow for the rates. */
static const char *const least_missed[] = {"graph", "kind", "user", "state"};

/* And then of sockets, when it is too narrow even with all that can shrink at its least. */
static const char *const next_missed[] = {"local", "address", "pid"};

/* And of an inspected process, when there would be no room for what the rows are about. */
static const char *const inspect_missed[] = {"lock",     "position", "swap", "access",
                                             "resident", "time",     "wchan"};

static bool ends_core(const struct table *table, size_t column)
{
    return table->core > 0 ? column + 1 == table->core
                           : table_column_info(table, column).kind == VALUE_BYTE_RATE;
}

static void find_core(const struct pane_table *list, struct shown *shown)
{
    shown->core = shown->count;
    while (shown->core > 0 && !ends_core(list->table, shown->columns[shown->core - 1])) {
        shown->core--;
    }
}

static void move_behind(const struct pane_table *list, struct shown *shown, const char *name)
{
    for (size_t i = 0; i < shown->count; i++) {
        size_t column = shown->columns[i];
        if (column != list->settings->sort &&
            str_equal(table_column_info(list->table, column).name, name)) {
            memmove(&shown->columns[i], &shown->columns[i + 1],
                    (shown->count - i - 1) * sizeof(shown->columns[0]));
            shown->columns[shown->count - 1] = column;
            return;
        }
    }
}

/* True when the rates are in sight; `shrunk`: with all that can shrink at its least. */
static bool core_fits(const struct pane_table *list, const struct shown *shown, bool shrunk)
{
    int cells = -1;
    for (size_t i = 0; i < shown->core; i++) {
        const size_t at = shown->columns[i];
        cells += (shrunk ? least_cells(list, at) : table_column_info(list->table, at).cells) + 1;
    }
    return cells <= list->pane.area.width;
}

/* Put in the column it is sorted by, when it is not among them: before the next registered one
 * in the usual order, else before a last one that takes what is left of the line. */
static void add_sorted(const struct pane_table *list, struct shown *shown)
{
    const size_t sort = list->settings->sort;
    const bool usual = list->settings->column_count == 0;
    size_t at = 0;
    for (size_t i = 0; i < shown->count; i++) {
        if (shown->columns[i] == sort) {
            return;
        }
        at = !usual || shown->columns[i] < sort ? i + 1 : at;
    }
    if (!usual && at > 0 && table_column_info(list->table, shown->columns[at - 1]).grows) {
        at--;
    }
    memmove(&shown->columns[at + 1], &shown->columns[at],
            (shown->count - at) * sizeof(shown->columns[0]));
    shown->columns[at] = sort;
    shown->count++;
}

size_t table_list_columns(const struct pane_table *list, uint8_t ret[TABLE_COLUMNS_MAX])
{
    const struct table_settings *settings = list->settings;
    if (settings->column_count > 0) {
        memcpy(ret, settings->columns, settings->column_count);
        return settings->column_count;
    }
    memcpy(ret, list->usual, list->usual_count);
    return list->usual_count;
}

/* Move columns behind the others, in this order, until the core fits. */
static void make_room(const struct pane_table *list, struct shown *shown, const char *const *names,
                      size_t count, bool shrunk)
{
    for (size_t i = 0; i < count && !core_fits(list, shown, shrunk); i++) {
        move_behind(list, shown, names[i]);
        find_core(list, shown);
    }
}

static void order_columns(const struct pane_table *list, struct shown *ret)
{
    uint8_t columns[TABLE_COLUMNS_MAX];
    ret->count = table_list_columns(list, columns);
    for (size_t i = 0; i < ret->count; i++) {
        ret->columns[i] = columns[i];
    }
    add_sorted(list, ret);
    find_core(list, ret);
    const bool sockets = is_of_sockets(list);
    const bool inspects = list->table->inspect != 0 && list->table->core > 0;
    if (list->settings->column_count == 0 && list->table->of_process) {
        make_room(list, ret, own_missed, sizeof(own_missed) / sizeof(own_missed[0]), true);
    }
    if (list->settings->column_count == 0 && !inspects) { // who chose an order means it
        make_room(list, ret, least_missed, sizeof(least_missed) / sizeof(least_missed[0]),
                  sockets && list->table->core > 0);
    }
    if (list->settings->column_count == 0 && sockets) {
        make_room(list, ret, next_missed, sizeof(next_missed) / sizeof(next_missed[0]), true);
    }
    if (list->settings->column_count == 0 && inspects) {
        make_room(list, ret, inspect_missed, sizeof(inspect_missed) / sizeof(inspect_missed[0]),
                  true);
    }
    ret->core = ret->core > 0 ? ret->core : ret->count; // no rates: all are alike
}

/* Take the columns that fit; returns the cells they need at least, gaps included. Up to the core
 * columns shrink to get in; behind it they only use what is left. */
static int take_columns(const struct pane_table *list, struct table_cells *layout)
{
    struct shown shown;
    order_columns(list, &shown);
    int width = list->pane.area.width;
    int kept = least_cells(list, list->settings->sort) + 1; // for the sorted one
    int used = 0;
    int liked = 0; // if nothing had to shrink
    bool full = false;
    for (size_t i = 0; i < shown.count; i++) {
        int least = least_cells(list, shown.columns[i]);
        const struct table_column column = table_column_info(list->table, shown.columns[i]);
        int cells = column.cells;
        bool sorted = shown.columns[i] == list->settings->sort;
        int needed = i < shown.core ? used + least : liked + (column.grows ? least : cells);
        kept = sorted ? 0 : kept;
        if (!sorted && i < list->scroll) {
            continue;
        }
        full = full || (layout->count > 0 && needed + kept > width);
        if (!sorted && full) {
            layout->left_out++;
            continue;
        }
        layout->cells[layout->count++] =
            (struct table_cell){.column = shown.columns[i], .cells = least};
        used += least + 1;
        liked += cells + 1;
    }
    return used > 0 ? used - 1 : 0;
}

/* Take what is beyond the edge from the columns that can be cut: a cut number is a wrong one. The
 * sorted column alone stays when that is not enough. */
static void squeeze(const struct pane_table *list, struct table_cells *layout, int over)
{
    for (size_t i = 0; i < layout->count && over > 0; i++) {
        struct table_cell *cell = &layout->cells[i];
        int room = cell->cells - CUT_CELLS;
        if (cell->column != list->settings->sort &&
            table_column_info(list->table, cell->column).grows && room > 0) {
            cell->cells -= over < room ? over : room;
            over -= over < room ? over : room;
        }
    }
    for (size_t i = 0; i < layout->count && over > 0; i++) {
        if (layout->cells[i].column == list->settings->sort) {
            layout->left_out += layout->count - 1;
            layout->cells[0] = layout->cells[i];
            layout->count = 1;
            return;
        }
    }
}

/* Share the spare columns among those that grow. */
static void grow(const struct pane_table *list, struct table_cells *layout, int spare)
{
    int growing = 0;
    for (size_t i = 0; i < layout->count; i++) {
        growing += table_column_info(list->table, layout->cells[i].column).grows != GROWS_NOT;
    }
    for (size_t i = 0; i < layout->count && growing > 0 && spare > 0; i++) {
        const struct table_column column = table_column_info(list->table, layout->cells[i].column);
        if (column.grows) { // the last one is not in the way of any other
            int most = i + 1 < layout->count ? GROW_TIMES * column.cells : list->pane.area.width;
            int room = most - layout->cells[i].cells;
            int share = spare / growing;
            growing--;
            layout->cells[i].cells += share < room ? share : room;
            spare -= share < room ? share : room;
        }
    }
}

int table_list_head(const struct pane_table *list)
{
    return list->pane.area.height - list->block_rows > 1 && !table_is_prose(list->table) ? 1 : 0;
}

void table_list_layout(const struct pane_table *list, struct table_cells *ret)
{
    *ret = (struct table_cells){.head = list->block_rows + table_list_head(list)};
    if (list->table->explains) {
        table_explain_layout(list, ret);
        return;
    }
    int spare = list->pane.area.width - take_columns(list, ret);
    squeeze(list, ret, -spare);
    spare -= ret->left_out > 0 ? MORE_CELLS : 0;
    grow(list, ret, spare > 0 ? spare : 0);
    int x = 0;
    for (size_t i = 0; i < ret->count; i++) {
        ret->cells[i].x = x;
        ret->cells[i].title_x = x;
        ret->cells[i].title_cells = ret->cells[i].cells;
        x += ret->cells[i].cells + 1;
    }
}

/* --- cells ----------------------------------------------------------------------------------- */

/* Mark where one term occurs in a text drawn from `from` on in `area`. */
static void mark_term(struct surface *surface, struct rect area, int from, struct text text,
                      const char *term, size_t len)
{
    size_t at = 0;
    for (int n = 0; n < MATCHES_MAX && len > 0; n++) {
        ptrdiff_t found = str_find_fold(text.ptr + at, text.bytes - at, term, len);
        if (found < 0) {
            return;
        }
        at += (size_t)found;
        int start = from + (int)text_cells_to(text, at);
        int end = from + (int)text_cells_to(text, at + len);
        start = start > 0 ? start : 0; // its beginning may be cut
        end = end < area.width ? end : area.width;
        if (start < end) {
            struct rect part = {
                .x = area.x + start, .y = area.y, .width = end - start, .height = 1};
            surface_recolour(surface, part, ROLE_MATCH);
        }
        at += len;
    }
}

/* Mark every term ('|' between them) of what is filtered and searched for. */
static void mark_all(const struct pane_table *list, struct surface *surface, struct rect area,
                     int from, struct text text)
{
    const char *const all[] = {list->filter, list->highlight};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        for (const char *terms = all[i]; *terms != '\0';) {
            const char *end = strchr(terms, '|');
            size_t len = end != NULL ? (size_t)(end - terms) : strlen(terms);
            mark_term(surface, area, from, text, terms, len);
            terms += len + (end != NULL ? 1 : 0);
        }
    }
}

static enum role value_role(const struct value *value)
{
    const double never = 1e300;
    switch (value->kind) {
    case VALUE_NONE:
        return ROLE_ABSENT;
    case VALUE_CPUS:
    case VALUE_FRACTION:
        return role_of_level(value->as.number, 0.0005, 0.7, 0.9);
    case VALUE_BYTES:
        return role_of_level((double)value->as.bytes, 1.0, never, never);
    case VALUE_BYTE_RATE:
        return role_of_level(value->as.number, 1.0, 10.0 * 1024 * 1024, never);
    case VALUE_BYTE_CHANGE:
        return role_of_level((double)value->as.integer, 1.0, 100.0 * 1024 * 1024, never);
    case VALUE_COUNT:
        return role_of_level((double)value->as.integer, 1.0, never, never);
    case VALUE_COUNT_RATE:
        return role_of_level(value->as.number, 0.05, 1e4, never);
    case VALUE_ID:
    case VALUE_DURATION:
    case VALUE_LATENCY:
    case VALUE_AGE:
    case VALUE_WALL:
    case VALUE_LETTER:
    case VALUE_TEXT:
    case VALUE_KIND_COUNT:
        break;
    }
    return ROLE_TEXT;
}

static void draw_text(const struct pane_table *list, struct rect area, struct text text,
                      enum role role, struct surface *surface)
{
    (void)surface_text(surface, area.x, area.y, area.width, role, text);
    mark_all(list, surface, area, 0, text);
    if (text.cells > (uint32_t)area.width && area.width > 0) {
        (void)surface_string(surface, area.x + area.width - 1, area.y, 1, ROLE_DIM,
                             "+"); // so that a cut name is not taken for another
    }
}

/* Cells at the end of a text that stay when it is too long. */
static int kept_cells(const struct table_column *column, struct text text, int width)
{
    const char *const colon = memrchr(text.ptr, ':', text.bytes);
    if (column->grows == GROWS_KEEP_END ||
        (column->grows == GROWS_KEEP_PORT && colon == NULL)) { // of a unix socket: a path
        return width - 1;
    }
    const int port =
        colon != NULL ? (int)text.cells - (int)text_cells_to(text, (size_t)(colon - text.ptr)) : 0;
    // The host tells most where there is little room.
    return column->grows == GROWS_KEEP_PORT && 5 * port <= 2 * width ? port : 0;
}

/* A text that is too long, with a mark where something is left out. */
static void draw_cut(const struct pane_table *list, struct rect area, struct text text, int kept,
                     struct surface *surface)
{
    const int mark = area.width - kept - 1;
    const int left_out = (int)text.cells - kept;
    const struct rect head = {area.x, area.y, mark, 1};
    const struct rect tail = {area.x + mark + 1, area.y, kept, 1};
    (void)surface_text(surface, head.x, head.y, head.width, ROLE_TEXT, text);
    mark_all(list, surface, head, 0, text);
    (void)surface_string(surface, area.x + mark, area.y, 1, ROLE_DIM, "+");
    (void)surface_text_from(surface, tail.x, tail.y, kept, ROLE_TEXT, text, left_out);
    mark_all(list, surface, tail, -left_out, text);
}

/* What stands in the place of the end of a long text. */
static void draw_left_out(const struct view *view, struct rect area, uint32_t bytes,
                          struct surface *surface)
{
    char text[LEFT_OUT_BYTES];
    struct strbuf buf;
    str_init(&buf, text, sizeof(text));
    str_addf(&buf, "%s %u more bytes: ", view->unicode ? "…" : "...", (unsigned)bytes);
    const size_t len = buf.len;
    if (!keymap_key(view->keymap, CONTEXT_TABLE, ACTION_GO_PROCESS, &buf)) {
        text[len - 2] = '\0'; // no colon
    }
    (void)surface_string(surface, area.x, area.y, area.width, ROLE_DIM, text);
}

/* The part of a text that stands in one line. */
static void draw_part(const struct pane_table *list, const struct view *view, struct rect area,
                      struct table_line line, enum role role, struct surface *surface)
{
    const void *row = listing_rows(list->listing)[line.row];
    const struct value value = table_shown_value(list->table, line.column, view->snap, row);
    if (line.left_out) {
        draw_left_out(view, area, line.bytes, surface);
        return;
    }
    if (value.kind != VALUE_TEXT) {
        (void)surface_string(surface, area.x, area.y, area.width, ROLE_ABSENT,
                             absent_sign(value.why));
        return;
    }
    struct text part = {.ptr = value.as.text.ptr + line.at, .bytes = line.bytes};
    part.cells = text_cells_to(part, part.bytes);
    draw_text(list, area, part, role, surface);
}

static bool is_command(const struct table *table, size_t column)
{
    return table->columns == NULL && table->process_columns[column] == COLUMN_COMMAND;
}

static void draw_cell(const struct pane_table *list, const struct view *view, size_t index,
                      const struct table_cell *cell, int y, struct surface *surface)
{
    const struct table_line line = table_list_line(list, index);
    const void *row = listing_rows(list->listing)[line.row];
    const struct table_column column = table_column_info(list->table, cell->column);
    struct value value = table_shown_value(list->table, cell->column, view->snap, row);
    struct rect area = {.x = cell->x, .y = y, .width = cell->cells, .height = 1};
    if (list->table->explains && cell->column == line.column) {
        draw_part(list, view, area, line, ROLE_TEXT, surface);
        return;
    }
    if (list->table->explains && table_explain_is_named(list, view, cell, index)) {
        return;
    }
    if (value.kind == VALUE_TEXT && column.kind == VALUE_NONE) {
        table_list_draw_graph(list, view, value.as.text, area, surface);
        return;
    }
    if (value.kind == VALUE_TEXT && is_command(list->table, cell->column) &&
        (!view->settings->full_path || value.as.text.cells > (uint32_t)area.width)) {
        value.as.text = column_program_text(row);
    }
    if (value.kind == VALUE_TEXT && value.as.text.cells > (uint32_t)area.width && area.width > 1) {
        draw_cut(list, area, value.as.text, kept_cells(&column, value.as.text, area.width),
                 surface);
        return;
    }
    if (value.kind == VALUE_TEXT) {
        draw_text(list, area, value.as.text, ROLE_TEXT, surface);
        return;
    }
    struct value_style style = {
        .cells = (uint32_t)cell->cells,
        .utc_offset_s = view->snap->utc_offset_s,
        .now_wall_s = view->snap->wall_s,
    };
    char buf[CELL_BYTES];
    struct strbuf out;
    str_init(&out, buf, sizeof(buf));
    value_format(&value, &style, &out);
    int from = 0;
    if (value_is_right_aligned(column.kind)) {
        surface_string_right(surface, cell->x, y, cell->cells, value_role(&value), buf);
        from = cell->cells - surface_cells(buf);
    } else {
        (void)surface_string(surface, cell->x, y, cell->cells, value_role(&value), buf);
    }
    if (value.kind == VALUE_ID) { // names, if in digits
        struct text text = {.ptr = buf,
                            .bytes = (uint32_t)out.len,
                            .cells = (uint32_t)surface_cells(buf)};
        mark_all(list, surface, area, from, text);
    }
}

/* --- rows and header ------------------------------------------------------------------------- */

static void draw_row(const struct pane_table *list, const struct view *view,
                     const struct table_cells *layout, size_t index, bool focused,
                     struct surface *surface)
{
    const void *row = listing_rows(list->listing)[table_list_line(list, index).row];
    int y = layout->head + (int)(index - list->place.top);
    struct rect area = {.x = 0, .y = y, .width = list->pane.area.width, .height = 1};
    const struct table_line line = table_list_line(list, index);
    const bool names = list->table->explains && line.column + 1 < list->table->column_count;
    const bool heads = names && line.column == 0 && table_is_prose(list->table);
    if (names) {
        draw_part(list, view, area, line, heads ? ROLE_HELP_TITLE : ROLE_TEXT, surface);
    }
    for (size_t i = 0; i < layout->count && !names; i++) {
        draw_cell(list, view, index, &layout->cells[i], y, surface);
    }
    const size_t chosen = table_list_line(list, list->place.line).row;
    const bool is_chosen =
        list->table->explains ? line.row == chosen && !heads : index == list->place.line;
    if (focused && is_chosen) {
        surface_recolour(surface, area, ROLE_SELECTED);
    } else if (!names && list->table->alarming != NULL && list->table->alarming(row)) {
        surface_recolour(surface, area, ROLE_WARNING);
    }
}

static void draw_title(const struct pane_table *list, const struct view *view,
                       const struct table_cell *cell, bool focused, struct surface *surface)
{
    const struct table_column column = table_column_info(list->table, cell->column);
    bool sorted = cell->column == list->settings->sort;
    int y = list->block_rows;
    enum role role = !focused ? ROLE_TABLE_HEAD_IDLE
                     : sorted ? ROLE_TABLE_HEAD_SORT
                              : ROLE_TABLE_HEAD;
    int cells = (int)strlen(column.title) + (sorted ? 1 : 0);
    int x = cell->title_x;
    if (value_is_right_aligned(column.kind) && cells < cell->title_cells) {
        x += cell->title_cells - cells;
    }
    if (sorted) {
        struct rect area = {.x = cell->title_x, .y = y, .width = cell->title_cells, .height = 1};
        surface_recolour(surface, area, role);
    }
    int used = surface_string(surface, x, y, cell->title_cells, role, column.title);
    if (sorted) { // a title that fills its column has its mark in the gap behind it
        const char *down = view->unicode ? "▽" : "v";
        const char *up = view->unicode ? "△" : "^";
        (void)surface_string(surface, x + used, y, 1, role, list->settings->descending ? down : up);
    }
}

/* A mark at the right edge, where it is free: there are more columns. */
static void draw_more(const struct pane_table *list, const struct table_cells *layout,
                      enum role role, const char *mark, struct surface *surface)
{
    int width = list->pane.area.width;
    const struct table_cell *last = &layout->cells[layout->count - 1];
    if (layout->left_out > 0 && last->x + last->cells + MORE_CELLS <= width) {
        (void)surface_string(surface, width - 1, list->block_rows, 1, role, mark);
    }
}

/* True when some of the sockets may be anybody's. */
static bool owners_are_denied(const struct pane_table *list, const struct snapshot *snap)
{
    const struct network_load *network = snap->network;
    bool denied = false;
    for (size_t i = 0; is_of_sockets(list) && i < network->connection_count; i++) {
        const struct connection *socket = &network->connections[i];
        denied |= socket->owner_count == 0 && socket->inode != 0 && socket->owners_denied;
    }
    return denied;
}

static const char *why_empty(const struct pane_table *list, const struct snapshot *snap)
{
    if (snap == NULL || !table_list_was_read(list, snap)) {
        return table_list_trouble(list, snap);
    }
    if (list->filter[0] != '\0') {
        return "nothing matches";
    }
    if (list->process.pid > 0 && snapshot_find(snap, list->process) == NULL) {
        return "it has none any more: it has exited";
    }
    const char *trouble = table_process_trouble(list->table, snap, list->process);
    if (trouble[0] != '\0') {
        return trouble;
    }
    if (list->process.pid > 0 && owners_are_denied(list, snap)) {
        static const char *const why[] = {
            [LOOKER_USER] = "none known: whose they are is not readable, needs more rights, as "
                            "with sudo",
            [LOOKER_ROOT] = "none known: whose they are is not readable, needs CAP_SYS_PTRACE",
            [LOOKER_TRACER] = "none known: whose they are is not readable, even with "
                              "CAP_SYS_PTRACE",
        };
        return why[snap->looker];
    }
    return list->process.pid > 0 ? "this process has none here" : "there is nothing to show";
}

void table_list_draw(const struct pane_table *list, const struct view *view, bool focused,
                     struct surface *surface)
{
    const enum role head = focused ? ROLE_TABLE_HEAD : ROLE_TABLE_HEAD_IDLE;
    struct table_cells layout;
    table_list_layout(list, &layout);
    int width = list->pane.area.width;
    if (list->block_rows > 0 && view->snap != NULL) {
        struct rect area = {.width = width, .height = list->block_rows};
        struct surface block = surface_sub(surface, area);
        list->block->draw(view, &block);
    }
    if (layout.head > list->block_rows) {
        struct rect area = {.y = list->block_rows, .width = width, .height = 1};
        surface_fill(surface, area, head);
        for (size_t i = 0; i < layout.count; i++) {
            draw_title(list, view, &layout.cells[i], focused, surface);
        }
        draw_more(list, &layout, head, view->unicode ? "›" : ">", surface);
    }
    size_t count = view->snap != NULL ? table_list_lines(list) : 0;
    if (count == 0) {
        (void)surface_string(surface, 0, layout.head, width, ROLE_DIM, why_empty(list, view->snap));
        return;
    }
    size_t page = table_list_page(list);
    for (size_t i = 0; i < page && list->place.top + i < count; i++) {
        draw_row(list, view, &layout, list->place.top + i, focused, surface);
    }
}
