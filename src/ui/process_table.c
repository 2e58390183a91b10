#include "base/map.h"
#include "base/str.h"
#include "base/utf8.h"
#include "model/query.h"
#include "ui/action.h"
#include "ui/keymap.h"
#include "ui/process_list.h"
#include "ui/theme.h"

#include <string.h>

/*
 * Drawing the process table: columns are laid out from the settings, each cell is formatted
 * by its kind, and only the last column (the command) is scrolled sideways.
 */

enum {
    GUIDE_CELLS = 3,    // of one level of the tree
    GROW_CELLS = 12,    // what the growing column should keep on a narrow screen
    FEW_COLUMNS = 3,    // so few are kept even at the cost of the growing one,
    GROW_CELLS_FEW = 5, // which then keeps this
    CELL_BYTES = 64,    // of a formatted number
    MATCHES_MAX = 16,   // marked in one cell
    HINT_BYTES = 128,
    CELLS_MAX = 65536, // longer than any text
};

/* Who goes first when the screen is too narrow; whoever is not named goes from the right. */
static const enum column_id least_missed[] = {
    COLUMN_VIRTUAL, COLUMN_SHARED, COLUMN_PRIORITY, COLUMN_NICE, COLUMN_TIME, COLUMN_STATE,
};

static int column_cells(const struct pane_process *list, enum column_id id)
{
    int cells = column_info(id)->cells;
    return list->id_cells[id] > cells ? list->id_cells[id] : cells;
}

static void drop_column(struct table_layout *layout, size_t index)
{
    memmove(&layout->columns[index], &layout->columns[index + 1],
            (layout->count - index - 1) * sizeof(layout->columns[0]));
    layout->count--;
}

/* The column to leave out next; layout->count when none may go. */
static size_t find_least_missed(const struct table_layout *layout, enum column_id sort)
{
    for (size_t m = 0; m < sizeof(least_missed) / sizeof(least_missed[0]); m++) {
        for (size_t i = 0; i + 1 < layout->count; i++) {
            if (layout->columns[i].id == least_missed[m] && least_missed[m] != sort) {
                return i;
            }
        }
    }
    for (size_t i = layout->count - 1; i > 0; i--) {
        if (layout->columns[i - 1].id != sort) {
            return i - 1;
        }
    }
    return layout->count;
}

/* Cells all columns take but the last, gaps included. */
static int fixed_cells(const struct table_layout *layout)
{
    int cells = 0;
    for (size_t i = 0; i + 1 < layout->count; i++) {
        cells += layout->columns[i].cells + 1;
    }
    return cells;
}

/* The columns of the settings, and the one it is sorted by when that is not among them: before
 * the last one, which takes what is left of the line. */
static void choose_columns(const struct pane_process *list, const struct settings *settings,
                           enum column_id sort, struct table_layout *layout)
{
    bool has_sort = false;
    layout->count = 0;
    for (size_t i = 0; i < settings->column_count && i < SETTINGS_COLUMNS_MAX; i++) {
        if (settings->columns[i] < COLUMN_COUNT) {
            enum column_id id = (enum column_id)settings->columns[i];
            has_sort |= id == sort;
            layout->columns[layout->count++] =
                (struct list_column){.id = id, .cells = column_cells(list, id)};
        }
    }
    if (has_sort || layout->count == 0 || layout->count >= SETTINGS_COLUMNS_MAX) {
        return;
    }
    const size_t last = layout->count - 1;
    const size_t at = column_info(layout->columns[last].id)->grows ? last : last + 1;
    memmove(&layout->columns[at + 1], &layout->columns[at],
            (layout->count - at) * sizeof(layout->columns[0]));
    layout->columns[at] = (struct list_column){.id = sort, .cells = column_cells(list, sort)};
    layout->count++;
}

/* Leaves columns out until the last one has room. */
static void make_room(struct table_layout *layout, enum column_id sort, int width)
{
    const struct list_column *last = &layout->columns[layout->count - 1];
    if (!column_info(last->id)->grows) {
        return;
    }
    int keep = last->cells < GROW_CELLS ? last->cells : GROW_CELLS;
    while (layout->count > 1 && fixed_cells(layout) + keep > width) {
        keep = layout->count > FEW_COLUMNS ? keep : GROW_CELLS_FEW;
        if (fixed_cells(layout) + keep <= width) {
            break;
        }
        size_t least = find_least_missed(layout, sort);
        if (least >= layout->count) {
            break;
        }
        drop_column(layout, least);
    }
}

void process_table_layout(const struct pane_process *list, const struct settings *settings,
                          struct table_layout *ret)
{
    int width = list->pane.area.width;
    struct query_options options = process_list_query(list, settings);
    ret->head = list->pane.area.height > 1 ? 1 : 0;
    choose_columns(list, settings, options.sort, ret);
    if (ret->count == 0) {
        return;
    }
    make_room(ret, options.sort, width);
    int x = 0;
    for (size_t i = 0; i < ret->count; i++) {
        struct list_column *column = &ret->columns[i];
        column->x = x;
        if (i + 1 == ret->count && column_info(column->id)->grows && x < width) {
            column->cells = width - x;
        }
        x += column->cells + 1;
    }
    while (ret->count > 1 && ret->columns[ret->count - 1].x >= width) {
        ret->count--;
    }
}

/* --- the command: one long line of parts, seen through a window ------------------------------ */

/* Where a line of parts is being drawn. */
struct line {
    struct surface *surface;
    int x, y, cells; // the window
    int skip;        // columns of the line left of it
    int used;        // columns of the line so far
};

static void line_text(struct line *line, enum role role, struct text text)
{
    int text_cells = text.cells < CELLS_MAX ? (int)text.cells : CELLS_MAX;
    int start = line->used - line->skip;
    int hidden = start < 0 ? -start : 0;
    int x = start > 0 ? start : 0;
    if (hidden < text_cells && x < line->cells) {
        (void)surface_text_from(line->surface, line->x + x, line->y, line->cells - x, role, text,
                                hidden);
    }
    line->used += text_cells;
}

static void line_string(struct line *line, enum role role, const char *s)
{
    size_t len = strlen(s);
    uint32_t cells = 0;
    for (size_t at = 0; at < len;) {
        uint32_t code;
        at += utf8_decode(s + at, len - at, &code);
        cells++; // only our own one-column characters come here
    }
    line_text(line, role, (struct text){.ptr = s, .bytes = (uint32_t)len, .cells = cells});
}

static struct text text_until(struct text text, size_t bytes)
{
    return (struct text){.ptr = text.ptr,
                         .bytes = (uint32_t)bytes,
                         .cells = text_cells_to(text, bytes)};
}

/* Mark where one term occurs in a text whose first column is `start` in the line. */
static void mark_term(const struct line *line, int start, struct text text, const char *term,
                      size_t len)
{
    size_t at = 0;
    for (int n = 0; n < MATCHES_MAX && len > 0; n++) {
        ptrdiff_t found = str_find_fold(text.ptr + at, text.bytes - at, term, len);
        if (found < 0) {
            return;
        }
        at += (size_t)found;
        int from = start + (int)text_cells_to(text, at) - line->skip;
        int to = start + (int)text_cells_to(text, at + len) - line->skip;
        from = from < 0 ? 0 : from;
        to = to > line->cells ? line->cells : to;
        if (from < to) {
            struct rect area = {.x = line->x + from, .y = line->y, .width = to - from, .height = 1};
            surface_recolour(line->surface, area, ROLE_MATCH);
        }
        at += len;
    }
}

/* Mark every term ('|' between them) of what is searched or filtered for. */
static void mark_matches(const struct line *line, int start, struct text text, const char *terms)
{
    while (*terms != '\0') {
        const char *end = strchr(terms, '|');
        size_t len = end != NULL ? (size_t)(end - terms) : strlen(terms);
        mark_term(line, start, text, terms, len);
        terms += len + (end != NULL ? 1 : 0);
    }
}

static void mark_all(const struct pane_process *list, const struct line *line, int start,
                     struct text text)
{
    mark_matches(line, start, text, list->filter);
    mark_matches(line, start, text, list->highlight);
}

static int guide_levels(const struct query_row *row)
{
    return row->depth <= QUERY_DEPTH_MAX ? row->depth : QUERY_DEPTH_MAX;
}

static void fold_mark(const struct query_row *row, char *buf, size_t size)
{
    struct strbuf out;
    str_init(&out, buf, size);
    if ((row->flags & ROW_FOLDED) != 0) {
        str_addf(&out, "[+%u] ", (unsigned)row->hidden);
    }
}

int process_table_guide_cells(const struct query_row *row)
{
    char mark[24];
    fold_mark(row, mark, sizeof(mark));
    return guide_levels(row) * GUIDE_CELLS + (int)strlen(mark);
}

static void draw_guides(struct line *line, const struct query_row *row)
{
    int levels = guide_levels(row);
    for (int level = 1; level < levels; level++) {
        bool more = ((row->guides >> level) & 1u) != 0;
        line_string(line, ROLE_TREE, more ? "│  " : "   ");
    }
    if (levels > 0) {
        line_string(line, ROLE_TREE, (row->flags & ROW_LAST) != 0 ? "└─ " : "├─ ");
    }
    char mark[24];
    fold_mark(row, mark, sizeof(mark));
    line_string(line, ROLE_TREE, mark);
}

/* What the command cell says, cut as the settings want it. */
static struct text command_shown(const struct proc *proc, const struct settings *settings,
                                 size_t *ret_name_at, size_t *ret_name_bytes)
{
    struct text text = column_command_text(proc);
    text = text.bytes > 0 ? text : proc->name;
    bool is_cmdline = (proc->have & FACT_CMDLINE) != 0 && text.ptr == proc->cmdline.ptr;
    size_t at = proc->cmdline_name_at;
    size_t bytes = proc->cmdline_name_bytes;
    if (!is_cmdline || at > text.bytes || bytes > text.bytes - at) {
        *ret_name_at = 0;
        *ret_name_bytes = 0;
        return text;
    }
    if (!settings->full_path) {
        text = column_program_text(proc);
        at -= proc->cmdline.bytes - text.bytes;
    }
    *ret_name_at = at;
    *ret_name_bytes = bytes;
    return text;
}

static enum role command_role(const struct query_row *row)
{
    unsigned flags = row->proc->flags;
    if ((row->flags & ROW_CONTEXT) != 0) {
        return ROLE_DIM;
    }
    if ((flags & PROC_KERNEL) != 0) {
        return ROLE_KERNEL;
    }
    return (flags & PROC_THREAD) != 0 ? ROLE_THREAD : ROLE_TEXT;
}

/* Lay the parts of a command out; the surface may have no cells to only measure. */
static void draw_command(const struct pane_process *list, const struct view *view,
                         const struct query_row *row, struct line *line)
{
    draw_guides(line, row);
    size_t name_at;
    size_t name_bytes;
    struct text text = command_shown(row->proc, view->settings, &name_at, &name_bytes);
    enum role role = command_role(row);
    enum role name_role = role == ROLE_TEXT ? ROLE_BASENAME : role;
    int start = line->used;
    if (name_bytes > 0) {
        struct text rest = text_from(text, name_at);
        line_text(line, role, text_until(text, name_at));
        line_text(line, name_role, text_until(rest, name_bytes));
        line_text(line, role, text_from(rest, name_bytes));
    } else {
        line_text(line, role, text);
    }
    mark_all(list, line, start, text);
    line_string(line, ROLE_WARNING, column_command_trouble(row->proc));
}

int process_table_line_cells(const struct query_row *row, const struct view *view)
{
    size_t name_at;
    size_t name_bytes;
    struct text text = command_shown(row->proc, view->settings, &name_at, &name_bytes);
    const char *trouble = column_command_trouble(row->proc);
    int cells = text.cells < CELLS_MAX ? (int)text.cells : CELLS_MAX;
    return process_table_guide_cells(row) + cells + (int)strlen(trouble);
}

/* --- other cells ----------------------------------------------------------------------------- */

static enum role state_role(int64_t letter)
{
    switch (letter) {
    case 'R':
        return ROLE_STATE_RUNNING;
    case 'D':
        return ROLE_STATE_BLOCKED;
    case 'Z':
    case 'X':
        return ROLE_STATE_ZOMBIE;
    case 'T':
    case 't':
        return ROLE_STATE_STOPPED;
    default:
        return ROLE_DIM;
    }
}

static enum role value_role(enum column_id id, const struct value *value)
{
    const double never = 1e300;
    if (id == COLUMN_NICE) {
        int64_t nice = value->as.integer;
        return nice < 0 ? ROLE_NICE_LOW : nice > 0 ? ROLE_NICE_HIGH : ROLE_VALUE_LOW;
    }
    switch (value->kind) {
    case VALUE_NONE:
        return ROLE_ABSENT;
    case VALUE_LETTER:
        return state_role(value->as.integer);
    case VALUE_CPUS:
        return role_of_level(value->as.number, 0.0005, 0.5, 0.9);
    case VALUE_FRACTION:
        return role_of_level(value->as.number, 0.0005, 0.1, 0.5);
    case VALUE_BYTES:
        return role_of_level((double)value->as.bytes, 1.0, 1024.0 * 1024 * 1024, never);
    case VALUE_BYTE_RATE:
        return role_of_level(value->as.number, 1.0, 10.0 * 1024 * 1024, never);
    case VALUE_BYTE_CHANGE:
        return role_of_level((double)value->as.integer, 1.0, 100.0 * 1024 * 1024, never);
    case VALUE_COUNT_RATE:
        return role_of_level(value->as.number, 0.05, 1e4, never);
    case VALUE_ID:
    case VALUE_COUNT:
    case VALUE_DURATION:
    case VALUE_LATENCY:
    case VALUE_AGE:
    case VALUE_WALL:
    case VALUE_TEXT:
    case VALUE_KIND_COUNT:
        break;
    }
    return ROLE_TEXT;
}

/* True for the columns whose text a search looks into. */
static bool is_searched(enum column_id id)
{
    return id == COLUMN_PID || id == COLUMN_USER;
}

static void draw_text_cell(const struct pane_process *list, const struct list_column *column,
                           const struct value *value, bool last, struct line *line)
{
    line->skip = last ? list->scroll : 0;
    line_text(line, ROLE_TEXT, value->as.text);
    if (is_searched(column->id)) {
        mark_all(list, line, 0, value->as.text);
    }
    if (!last && value->as.text.cells > (uint32_t)column->cells) {
        (void)surface_string(line->surface, column->x + column->cells - 1, line->y, 1, ROLE_DIM,
                             "+"); // so that a cut name is not taken for another
    }
}

static void draw_number_cell(const struct pane_process *list, const struct view *view,
                             const struct list_column *column, const struct value *value,
                             struct line *line)
{
    struct value_style style = {
        .cells = (uint32_t)column->cells,
        .utc_offset_s = view->snap->utc_offset_s,
        .now_wall_s = view->snap->wall_s,
    };
    char buf[CELL_BYTES];
    struct strbuf out;
    str_init(&out, buf, sizeof(buf));
    value_format(value, &style, &out);
    enum role role = value_role(column->id, value);
    if (!value_is_right_aligned(column_info(column->id)->kind)) {
        (void)surface_string(line->surface, column->x, line->y, column->cells, role, buf);
        return;
    }
    surface_string_right(line->surface, column->x, line->y, column->cells, role, buf);
    if (is_searched(column->id) && value->kind != VALUE_NONE) {
        struct text text = {.ptr = buf, .bytes = (uint32_t)out.len, .cells = (uint32_t)out.len};
        mark_all(list, line, column->cells - (int)out.len, text);
    }
}

static void draw_cell(const struct pane_process *list, const struct view *view,
                      const struct query_row *row, const struct list_column *column,
                      struct line *line)
{
    bool last = line->cells > 0 && column->x + column->cells >= list->pane.area.width;
    if (column->id == COLUMN_COMMAND) {
        line->skip = last ? list->scroll : 0;
        draw_command(list, view, row, line);
        return;
    }
    struct value value = column_value(column->id, row->proc, view->snap->provided);
    if (value.kind == VALUE_TEXT) {
        draw_text_cell(list, column, &value, last, line);
    } else {
        draw_number_cell(list, view, column, &value, line);
    }
}

/* --- rows and header ------------------------------------------------------------------------- */

/* The role that covers a whole row, ROLE_TEXT when each cell keeps its own. */
static enum role row_role(const struct pane_process *list, const struct view *view,
                          const struct query_row *row, bool selected, bool tagged)
{
    if (selected) {
        return list->following ? ROLE_FOLLOWED : ROLE_SELECTED;
    }
    if (tagged) {
        return ROLE_TAGGED;
    }
    if ((row->proc->flags & PROC_EXITED) != 0) {
        return ROLE_EXITED;
    }
    if (view->settings->highlight_new && (row->proc->flags & PROC_NEW) != 0) {
        return ROLE_NEW;
    }
    return (row->flags & ROW_CONTEXT) != 0 ? ROLE_DIM : ROLE_TEXT;
}

static void draw_row(const struct pane_process *list, const struct view *view,
                     const struct table_layout *layout, size_t index, struct surface *surface)
{
    const struct query_row *row = &query_rows(list->query)[index];
    int y = layout->head + (int)(index - list->place.top);
    for (size_t i = 0; i < layout->count; i++) {
        const struct list_column *column = &layout->columns[i];
        struct line line = {.surface = surface, .x = column->x, .y = y, .cells = column->cells};
        draw_cell(list, view, row, column, &line);
    }
    bool selected = index == list->place.row;
    bool tagged = map_has(list->tags, row->proc->id);
    enum role role = row_role(list, view, row, selected, tagged);
    struct rect area = {.x = 0, .y = y, .width = list->pane.area.width, .height = 1};
    if (role != ROLE_TEXT) {
        surface_recolour(surface, area, role);
    }
    if (selected && tagged && layout->count > 0) { // both must be seen
        area.width = layout->columns[0].cells;
        surface_recolour(surface, area, ROLE_TAGGED);
    }
}

static const char *sort_mark(const struct view *view, bool descending)
{
    if (view->unicode) {
        return descending ? "▽" : "△";
    }
    return descending ? "v" : "^";
}

static void draw_title(const struct view *view, const struct list_column *column,
                       const struct query_options *options, struct surface *surface)
{
    const struct column *info = column_info(column->id);
    bool sorted = column->id == options->sort;
    enum role role = sorted ? ROLE_TABLE_HEAD_SORT : ROLE_TABLE_HEAD;
    int len = (int)strlen(info->title);
    int cells = len + (sorted ? 1 : 0);
    int x = column->x;
    if (value_is_right_aligned(info->kind) && cells < column->cells) {
        x += column->cells - cells;
    }
    if (sorted) {
        struct rect area = {.x = column->x, .y = 0, .width = column->cells, .height = 1};
        surface_recolour(surface, area, role);
    }
    int used = surface_string(surface, x, 0, column->cells, role, info->title);
    if (sorted) { // a title that fills its column has its mark in the gap behind it
        (void)surface_string(surface, x + used, 0, 1, role, sort_mark(view, options->descending));
    }
}

static void draw_head(const struct pane_process *list, const struct view *view,
                      const struct table_layout *layout, struct surface *surface)
{
    struct rect area = {.x = 0, .y = 0, .width = list->pane.area.width, .height = 1};
    surface_fill(surface, area, ROLE_TABLE_HEAD);
    struct query_options options = process_list_query(list, view->settings);
    for (size_t i = 0; i < layout->count; i++) {
        draw_title(view, &layout->columns[i], &options, surface);
    }
}

/* Whether one of those the list is limited to is left out because it belongs to the kernel. */
static bool hides_kernel_thread(const struct pane_process *list, const struct view *view)
{
    bool hides = false;
    for (size_t i = 0; list->pids != NULL && i < list->pid_count && !hides; i++) {
        const struct proc *proc = snapshot_find_pid(view->snap, list->pids[i]);
        hides = proc != NULL && (proc->flags & PROC_KERNEL) != 0 && !view->settings->kernel_threads;
    }
    return hides;
}

static void draw_empty(const struct pane_process *list, const struct view *view, int y,
                       struct surface *surface)
{
    const char *why = view->snap == NULL                         ? "reading processes ..."
                      : list->filter[0] != '\0' || list->by_user ? "no process matches"
                      : view->snap->proc_count == 0              ? "no processes are readable"
                                                                 : "no process to show";
    char text[HINT_BYTES];
    struct strbuf buf;
    str_init(&buf, text, sizeof(text));
    str_add(&buf, why);
    if (view->snap != NULL && hides_kernel_thread(list, view)) {
        str_add(&buf, ": kernel threads are not listed");
        const size_t len = buf.len;
        str_add(&buf, ", press ");
        if (!keymap_key(view->keymap, CONTEXT_TABLE, ACTION_KERNEL_THREADS, &buf)) {
            text[len] = '\0';
        }
    }
    (void)surface_string(surface, 0, y, list->pane.area.width, ROLE_DIM, text);
}

void process_table_draw(const struct pane_process *list, const struct view *view,
                        struct surface *surface)
{
    struct table_layout layout;
    process_table_layout(list, view->settings, &layout);
    if (layout.head > 0) {
        draw_head(list, view, &layout, surface);
    }
    size_t count = view->snap != NULL ? query_count(list->query) : 0;
    if (count == 0) {
        draw_empty(list, view, layout.head, surface);
        return;
    }
    size_t page = process_list_page(list);
    for (size_t i = 0; i < page && list->place.top + i < count; i++) {
        draw_row(list, view, &layout, list->place.top + i, surface);
    }
}
