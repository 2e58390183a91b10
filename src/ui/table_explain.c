#include "ui/table_list.h"
#include "ui/wrap.h"

#include <stdlib.h>
#include <string.h>

/*
 * Tables that explain: the long texts of their last column go on below, beside the columns that
 * name them. Where it is too narrow for that, names have lines of their own above what they name:
 * first those in the first column, then all. So have those that are longer than their column.
 * Texts that are very long end after some lines, until somebody asks for the rest.
 */

enum {
    LINES_START = 64,
    LINES_MAX = 1 << 20,
    BESIDE_ALL = 24,  // columns a text needs beside all names
    BESIDE_SOME = 16, // and beside those behind the first column
    INDENT = 2,       // below a name
    FOLD_BYTES = 400, // of a text that is shown to its end whatever that takes
    FOLD_LINES = 6,   // of a longer one
};

/* --- layout ---------------------------------------------------------------------------------- */

/* The first column that stands beside the text; the last one: none does. */
static size_t first_beside(const struct pane_table *list, int *ret_cells)
{
    const size_t last = list->table->column_count - 1;
    const int width = list->pane.area.width;
    int names = 0;
    for (size_t i = 0; i < last; i++) {
        names += table_column_info(list->table, i).cells + 1;
    }
    size_t from = 0;
    while (from < last && width - names < (from == 0 ? (int)BESIDE_ALL : (int)BESIDE_SOME)) {
        names -= table_column_info(list->table, from++).cells + 1;
    }
    *ret_cells = from < last ? width - names : width > 2 * INDENT ? width - INDENT : width;
    return from;
}

void table_explain_layout(const struct pane_table *list, struct table_cells *ret)
{
    const size_t last = list->table->column_count - 1;
    int cells = 0;
    const size_t from = first_beside(list, &cells);
    int x = from == last ? list->pane.area.width - cells : 0;
    int title_x = 0;
    for (size_t i = 0; i <= last; i++) {
        const struct table_column column = table_column_info(list->table, i);
        struct table_cell *cell = &ret->cells[ret->count++];
        *cell = (struct table_cell){.column = i, .x = x, .title_x = title_x};
        if (i >= from) {
            cell->cells = i < last ? column.cells : cells > 1 ? cells : 1;
            x += cell->cells + 1;
        }
        cell->title_cells = from < last || i == last ? cell->cells : (int)strlen(column.title) + 1;
        title_x += cell->title_cells + 1;
    }
}

bool table_list_is_natural(const struct pane_table *list)
{
    return table_is_prose(list->table) && list->settings->sort == list->table->sort &&
           !list->settings->descending;
}

static struct value value_of(const struct pane_table *list, const struct view *view, size_t row,
                             size_t column)
{
    return table_value(list->table, column, view->snap, listing_rows(list->listing)[row]);
}

/* True when the text in this column has lines of its own. */
static bool stands_above(const struct pane_table *list, const struct view *view,
                         const struct table_cell *cell, size_t row)
{
    const struct value value = value_of(list, view, row, cell->column);
    const bool too_long = cell->column == 0 && value.kind == VALUE_TEXT &&
                          value.as.text.cells > (uint32_t)cell->cells;
    return cell->cells == 0 || too_long;
}

/* True when the row above is about the same. */
static bool repeats(const struct pane_table *list, const struct view *view,
                    const struct table_cell *cell, size_t row)
{
    if (cell->column != 0 || row == 0 || !table_list_is_natural(list)) {
        return false;
    }
    const struct value above = value_of(list, view, row - 1, 0);
    const struct value here = value_of(list, view, row, 0);
    return value_compare(&above, &here) == 0;
}

bool table_explain_is_named(const struct pane_table *list, const struct view *view,
                            const struct table_cell *cell, size_t index)
{
    const struct table_line line = table_list_line(list, index);
    if (cell->cells == 0 || line.at > 0) {
        return true;
    }
    const bool in_sight = index != list->place.top; // what stands above
    return in_sight &&
           (repeats(list, view, cell, line.row) || stands_above(list, view, cell, line.row));
}

/* --- lines ----------------------------------------------------------------------------------- */

size_t table_list_lines(const struct pane_table *list)
{
    return list->table->explains ? list->line_count : listing_count(list->listing);
}

struct table_line table_list_line(const struct pane_table *list, size_t line)
{
    return list->table->explains ? list->lines[line] : (struct table_line){.row = line};
}

/* Out of memory leaves the rest away until the next sample. */
static bool add_line(struct pane_table *list, struct table_line line)
{
    if (list->line_count == list->line_capacity) {
        size_t capacity = list->line_capacity == 0 ? LINES_START : 2 * list->line_capacity;
        struct table_line *lines =
            capacity > LINES_MAX ? NULL : reallocarray(list->lines, capacity, sizeof(*lines));
        if (lines == NULL) {
            return false;
        }
        list->lines = lines;
        list->line_capacity = capacity;
    }
    list->lines[list->line_count++] = line;
    return true;
}

/* Add a text, one line at least and `most` lines at most. False when there was no room. */
static bool add_text(struct pane_table *list, struct value value, struct table_line line, int cells,
                     size_t most)
{
    const struct text all =
        value.kind == VALUE_TEXT ? value.as.text : (struct text){.ptr = "", .bytes = 0};
    const char *rest = all.ptr;
    bool room = true;
    size_t count = 0;
    do {
        line.at = (uint32_t)(rest - all.ptr);
        line.left_out = count == most;
        line.bytes = line.left_out ? all.bytes - line.at : (uint32_t)wrap_line(rest, cells);
        room = add_line(list, line);
        rest = wrap_rest(rest, cells);
    } while (room && *rest != '\0' && count++ < most);
    return room;
}

bool table_explain_is_long(const struct pane_table *list, const struct view *view, size_t row)
{
    const size_t last = list->table->column_count - 1;
    const struct value value = value_of(list, view, row, last);
    if (value.kind != VALUE_TEXT || value.as.text.bytes <= FOLD_BYTES) {
        return false;
    }
    int cells = 0;
    (void)first_beside(list, &cells);
    const char *rest = value.as.text.ptr;
    for (int line = 0; line < FOLD_LINES && *rest != '\0'; line++) {
        rest = wrap_rest(rest, cells);
    }
    return *rest != '\0';
}

static bool add_row(struct pane_table *list, const struct view *view,
                    const struct table_cells *layout, size_t row)
{
    const size_t last = list->table->column_count - 1;
    for (size_t i = 0; i < last; i++) {
        const struct table_cell *cell = &layout->cells[i];
        if (stands_above(list, view, cell, row) && !repeats(list, view, cell, row) &&
            !add_text(list, value_of(list, view, row, i),
                      (struct table_line){.row = row, .column = i}, list->pane.area.width,
                      SIZE_MAX)) {
            return false;
        }
    }
    const bool folds = !list->unfolded && table_explain_is_long(list, view, row);
    return add_text(list, value_of(list, view, row, last),
                    (struct table_line){.row = row, .column = last}, layout->cells[last].cells,
                    folds ? FOLD_LINES : SIZE_MAX);
}

void table_list_break(struct pane_table *list, const struct view *view)
{
    if (!list->table->explains) {
        return;
    }
    struct table_cells layout;
    table_list_layout(list, &layout);
    list->line_count = 0;
    list->lines_cells = list->pane.area.width;
    bool room = true;
    for (size_t row = 0; room && row < listing_count(list->listing); row++) {
        room = add_row(list, view, &layout, row);
    }
}
