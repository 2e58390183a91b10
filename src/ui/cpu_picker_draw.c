#include "base/str.h"
#include "ui/cpu_picker_state.h"
#include "ui/wrap.h"

#include <string.h>

enum {
    NOTE_ROWS_MAX = 2,
    WIDTH_MIN = 24,
    WIDTH_MAX = 60, // as that of menus
    ROW_BYTES = 1024,
    INDENT_CELLS = 2,
    MARK_CELLS = 4,
    /* heights from which on there is room for less important things */
    HEIGHT_NOTE = 5,
    HEIGHT_FOOTER = 8,
    HEIGHT_BOTH_NOTES = 10,
};

size_t cpu_picker_top(const struct cpu_picker *picker, size_t rows)
{
    const size_t count = picker->tree.row_count;
    const size_t cursor = picker->cursor;
    size_t top = picker->top;
    rows = rows > 0 ? rows : 1;
    if (cursor < top) {
        top = cursor;
    } else if (cursor - top >= rows) {
        top = cursor - rows + 1;
    }
    size_t last = count > rows ? count - rows : 0; // no empty lines while there are rows above
    return top > last ? last : top;
}

/* Append what stands in a row after its mark; returns why it cannot be ticked, or "". */
static const char *describe_row(const struct cpu_picker *picker, const struct cpu_row *row,
                                struct strbuf *buf)
{
    cpu_tree_label(&picker->tree, row, buf);
    return cpu_picker_refusal(picker, row);
}

static int indent(const struct cpu_row *row)
{
    return (int)row->depth * INDENT_CELLS + MARK_CELLS;
}

int cpu_picker_widest_row(const struct cpu_picker *picker)
{
    int widest = 0;
    for (size_t i = 0; i < picker->tree.row_count && widest < WIDTH_MAX; i++) {
        const struct cpu_row *row = &picker->tree.rows[i];
        char label[ROW_BYTES];
        struct strbuf buf;
        str_init(&buf, label, sizeof(label));
        const char *why = describe_row(picker, row, &buf);
        int cells = indent(row) + surface_cells(label);
        cells += why[0] != '\0' ? surface_cells(why) + 2 : 0;
        widest = cells > widest ? cells : widest;
    }
    return widest;
}

/* How much of a row is ticked. */
static const char *mark(const struct cpu_picker *picker, const struct cpu_row *row)
{
    uint32_t choosable = 0;
    uint32_t chosen = 0;
    for (uint32_t i = 0; i < row->count; i++) {
        uint32_t cpu = picker->tree.places[row->first + i].cpu;
        choosable += cpu_picker_may_choose(picker, cpu);
        chosen += cpu_set_has(&picker->chosen, cpu);
    }
    if (choosable == 0) {
        return ""; // nothing to tick
    }
    return chosen == choosable ? "[x]" : chosen > 0 ? "[-]" : "[ ]";
}

/* Columns of all presets that mean something here. */
static int preset_cells(const struct cpu_picker *picker, bool brief)
{
    int cells = 0;
    for (size_t i = 0; i < CPU_PRESET_COUNT; i++) {
        if (cpu_preset_applies(&cpu_presets[i], &picker->tree)) {
            cells += cells > 0 ? (brief ? 1 : 2) : 0;
            cells += 2 + surface_cells(brief ? cpu_presets[i].brief : cpu_presets[i].label);
        }
    }
    return cells;
}

int cpu_picker_width(const struct cpu_picker *picker)
{
    const int wishes[] = {
        surface_cells(picker->title) + 5,
        surface_cells(picker->note) + 4,
        surface_cells(picker->restriction) + 4,
        preset_cells(picker, false) + 4,
        picker->widest + 4,
    };
    int width = WIDTH_MIN;
    for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
        width = wishes[i] > width ? wishes[i] : width;
    }
    return width < WIDTH_MAX ? width : WIDTH_MAX;
}

/*
 * The rows do not depend on the answer to the last key where there is room: the list must not
 * move away below the mouse.
 */
struct cpu_arrangement cpu_picker_arrange(const struct cpu_picker *picker, int height)
{
    struct cpu_arrangement at = {.has_footer = height >= HEIGHT_FOOTER};
    const bool has_text =
        (picker->note[0] != '\0' && height >= HEIGHT_NOTE) || picker->response[0] != '\0';
    at.has_restriction = picker->restriction[0] != '\0' && height >= HEIGHT_NOTE &&
                         (height >= HEIGHT_BOTH_NOTES || !has_text);
    at.note_rows = at.has_footer ? !at.has_restriction || has_text : has_text;
    if (height >= HEIGHT_BOTH_NOTES) {
        int rows = wrap_rows(picker->note, cpu_picker_width(picker) - 3);
        at.note_rows = rows < NOTE_ROWS_MAX ? rows : NOTE_ROWS_MAX;
    }
    at.head = 1 + at.note_rows + (at.has_restriction ? 1 : 0) + 1;
    int rows = height - at.head - (at.has_footer ? 1 : 0) - 1;
    at.rows = rows > 1 ? (size_t)rows : 1;
    at.top = cpu_picker_top(picker, at.rows);
    return at;
}

static void draw_notes(const struct cpu_picker *picker, const struct cpu_arrangement *at,
                       struct surface *surface)
{
    const bool responds = picker->response[0] != '\0';
    const char *text = responds ? picker->response : picker->note;
    const bool error = responds ? picker->response_is_error : picker->note_is_error;
    const int cells = surface->clip.width - 3;
    for (int i = 0; i < at->note_rows && cells > 0; i++) {
        struct text part = {.ptr = text, .bytes = (uint32_t)strlen(text)};
        if (i + 1 < at->note_rows) {
            part.bytes = (uint32_t)wrap_line(text, cells);
            text = wrap_rest(text, cells);
        }
        (void)surface_text(surface, 2, 1 + i, cells, error ? ROLE_ERROR : ROLE_DIM, part);
    }
    if (at->has_restriction) {
        (void)surface_string(surface, 2, 1 + at->note_rows, cells, ROLE_WARNING,
                             picker->restriction);
    }
}

static void draw_line(const struct cpu_picker *picker, int y, struct surface *surface)
{
    static const char label[] = "CPUs: ";
    int x = 2 + surface_string(surface, 2, y, surface->clip.width - 3, ROLE_MENU, label);
    const int cells = surface->clip.width - 1 - x;
    const int len = (int)picker->line_len; // ASCII
    const int skip = len > cells - 1 ? len - (cells - 1) : 0;
    struct text text = {.ptr = picker->line, .bytes = (uint32_t)len};
    x += surface_text_from(surface, x, y, cells, picker->line_is_valid ? ROLE_MENU : ROLE_ERROR,
                           text, skip);
    if (picker->line_is_typed || len == 0) {
        x += surface_string(surface, x, y, 1, ROLE_MENU, "_");
    }
    if (len == 0) {
        (void)surface_string(surface, x, y, surface->clip.width - 1 - x, ROLE_DIM,
                             " type them, as 0-3,8");
    }
}

static void draw_row(const struct cpu_picker *picker, size_t index, struct surface *line)
{
    const struct cpu_row *row = &picker->tree.rows[index];
    const int width = line->clip.width;
    const bool selected = index == picker->cursor;
    char label[ROW_BYTES];
    struct strbuf buf;
    str_init(&buf, label, sizeof(label));
    const char *why = describe_row(picker, row, &buf);
    enum role role = selected ? ROLE_MENU_SELECTED : why[0] != '\0' ? ROLE_DIM : ROLE_MENU;
    surface_fill(line, (struct rect){.width = width, .height = 1},
                 selected ? ROLE_MENU_SELECTED : ROLE_MENU);
    int x = 1 + indent(row);
    (void)surface_string(line, x - MARK_CELLS, 0, width - x, role, mark(picker, row));
    x += surface_string(line, x, 0, width - 1 - x, role, label);
    if (why[0] != '\0') {
        (void)surface_string(line, x + 2, 0, width - 3 - x, role, why);
    }
}

static void draw_footer(const struct cpu_picker *picker, int y, struct surface *surface)
{
    const int end = surface->clip.width - 2;
    const bool brief = 2 + preset_cells(picker, false) > end;
    int x = 2;
    for (size_t i = 0; i < CPU_PRESET_COUNT; i++) {
        const char *label = brief ? cpu_presets[i].brief : cpu_presets[i].label;
        const char key[] = {cpu_presets[i].key, '\0'};
        if (!cpu_preset_applies(&cpu_presets[i], &picker->tree) ||
            x + 2 + surface_cells(label) > end) {
            continue;
        }
        (void)surface_string(surface, x, y, 1, ROLE_KEY, key);
        x += 2;
        x += surface_string(surface, x, y, end - x, ROLE_DIM, label) + (brief ? 1 : 2);
    }
}

/* Into the lower edge: how many are chosen, and where the cursor is when not all is in view. */
static void draw_edge(const struct cpu_picker *picker, const struct cpu_arrangement *at,
                      struct surface *surface)
{
    const int inner = surface->clip.width - 2;
    const int y = surface->clip.height - 1;
    char text[64];
    struct strbuf buf;
    str_init(&buf, text, sizeof(text));
    if (picker->tree.row_count > at->rows && inner > 0) {
        str_addf(&buf, " %zu/%zu ", picker->cursor + 1, picker->tree.row_count);
        surface_string_right(surface, 1, y, inner, ROLE_DIM, text);
    }
    const int room = inner - surface_cells(text);
    struct cpu_set all = picker->online;
    cpu_picker_keep_choosable(picker, &all);
    str_init(&buf, text, sizeof(text));
    str_addf(&buf, " %zu of %zu chosen ", cpu_set_count(&picker->chosen), cpu_set_count(&all));
    if (picker->tree.place_count > 0 && surface_cells(text) < room) {
        (void)surface_string(surface, 1, y, room, ROLE_DIM, text);
    }
}

static void draw_list(const struct cpu_picker *picker, const struct cpu_arrangement *at,
                      struct surface *surface)
{
    const int inner = surface->clip.width - 2;
    for (size_t i = 0; i < at->rows && at->top + i < picker->tree.row_count; i++) {
        struct surface line =
            surface_sub(surface,
                        (struct rect){.x = 1, .y = at->head + (int)i, .width = inner, .height = 1});
        draw_row(picker, at->top + i, &line);
    }
    if (picker->tree.row_count == 0) {
        (void)surface_string(surface, 2, at->head, inner - 1, ROLE_DIM,
                             picker->is_known ? "the CPUs are not known" : "reading ...");
    }
}

void cpu_picker_draw(const struct cpu_picker *picker, struct surface *surface)
{
    const struct rect all = {.width = surface->clip.width, .height = surface->clip.height};
    const int inner = all.width - 2;
    const struct cpu_arrangement at = cpu_picker_arrange(picker, all.height);
    surface_fill(surface, all, ROLE_MENU);
    draw_notes(picker, &at, surface);
    draw_line(picker, at.head - 1, surface);
    draw_list(picker, &at, surface);
    if (at.has_footer) {
        draw_footer(picker, all.height - 2, surface);
    }
    surface_frame(surface, all, ROLE_MENU_BORDER);
    if (inner > 2) {
        int used = surface_string(surface, 2, 0, inner - 2, ROLE_MENU_TITLE, picker->title);
        (void)surface_string(surface, 2 + used, 0, inner - 2 - used, ROLE_MENU_TITLE, " ");
        (void)surface_string(surface, 1, 0, 1, ROLE_MENU_TITLE, " ");
    }
    draw_edge(picker, &at, surface);
}
