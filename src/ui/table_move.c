#include "ui/table_list.h"

/*
 * Where the cursor and the view of a table are. A row can take several lines: the cursor goes from
 * row to row, the view from line to line.
 */

size_t table_list_row_at(const struct pane_table *list, size_t line)
{
    return table_list_line(list, line).row;
}

size_t table_list_first_line(const struct pane_table *list, size_t row)
{
    size_t low = 0;
    size_t high = table_list_lines(list);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table_list_row_at(list, middle) < row) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void table_list_settle(struct pane_table *list)
{
    size_t count = table_list_lines(list);
    size_t page = table_list_page(list);
    struct table_place *place = &list->place;
    if (count == 0) {
        place->line = 0;
        place->top = 0;
        return; // the key stays: the rows may only be late
    }
    place->line = place->line < count ? place->line : count - 1;
    if (place->top + page > count) {
        place->top = count > page ? count - page : 0;
    }
    if (place->line < place->top) {
        place->top = place->line;
    } else if (place->line >= place->top + page) {
        place->top = place->line - page + 1;
    }
    size_t row = table_list_row_at(list, place->line);
    place->part = place->line - table_list_first_line(list, row);
    place->key = list->table->key(listing_rows(list->listing)[row]);
    place->known = true;
}

void table_list_restore(struct pane_table *list)
{
    struct table_place *place = &list->place;
    const ptrdiff_t aim =
        place->aimed ? listing_find(list->listing, list->table, place->aim) : (ptrdiff_t)-1;
    if (aim >= 0) {
        place->aimed = false;
        place->anchored = true;
        place->line = table_list_first_line(list, (size_t)aim);
        return;
    }
    if (!place->anchored) {
        place->line = 0;
        place->top = 0;
        return;
    }
    ptrdiff_t row =
        place->known ? listing_find(list->listing, list->table, place->key) : (ptrdiff_t)-1;
    if (row < 0) {
        return;
    }
    size_t line = table_list_first_line(list, (size_t)row) + place->part;
    size_t end = table_list_first_line(list, (size_t)row + 1);
    line = line < end ? line : end - 1;
    if (table_list_is_natural(list)) { // who reads it does not want it to move
        ptrdiff_t top = (ptrdiff_t)place->top + (ptrdiff_t)line - (ptrdiff_t)place->line;
        place->top = top > 0 ? (size_t)top : 0;
    }
    place->line = line;
}

void table_list_go(struct pane_table *list, size_t line)
{
    list->place.line = line;
    list->place.anchored = true;
    list->place.aimed = false;
    table_list_settle(list);
}

void table_list_go_by(struct pane_table *list, ptrdiff_t lines)
{
    ptrdiff_t line = (ptrdiff_t)list->place.line + lines;
    table_list_go(list, line > 0 ? (size_t)line : 0);
}

/* The lines of a row: from the first one to behind the last one. */
static void find_lines(const struct pane_table *list, size_t row, size_t *ret_from, size_t *ret_end)
{
    *ret_from = table_list_first_line(list, row);
    *ret_end = table_list_first_line(list, row + 1);
}

void table_list_go_on(struct pane_table *list, bool down)
{
    struct table_place *place = &list->place;
    const size_t page = table_list_page(list);
    const size_t count = table_list_lines(list);
    size_t from = 0;
    size_t end = 0;
    if (count == 0) {
        return;
    }
    find_lines(list, table_list_row_at(list, place->line), &from, &end);
    if (end - from > page && (down ? end > place->top + page : from < place->top)) {
        table_list_go(list, down ? place->top + page : place->top - 1);
        return;
    }
    if (down ? end == count : from == 0) {
        table_list_go(list, down ? place->line : from);
        return;
    }
    find_lines(list, table_list_row_at(list, down ? end : from - 1), &from, &end);
    if (down && end > place->top + page) { // table_list_settle() does the other direction
        place->top = end - from > page ? from : end - page;
    }
    table_list_go(list, down || end - from <= page ? from : end - 1);
}

void table_list_scroll(struct pane_table *list, ptrdiff_t lines)
{
    size_t count = table_list_lines(list);
    size_t page = table_list_page(list);
    size_t last_top = count > page ? count - page : 0;
    struct table_place *place = &list->place;
    ptrdiff_t top = (ptrdiff_t)place->top + lines;
    place->top = top < 0 ? 0 : (size_t)top > last_top ? last_top : (size_t)top;
    size_t line = place->line;
    if (line < place->top) {
        line = place->top;
    } else if (line >= place->top + page) {
        line = place->top + page - 1;
    }
    if (line != place->line) {
        table_list_go(list, line);
    }
}

void table_list_turn_page(struct pane_table *list, bool down)
{
    size_t count = table_list_lines(list);
    size_t page = table_list_page(list);
    size_t last_top = count > page ? count - page : 0;
    size_t top = list->place.top;
    top = down ? top + page : top > page ? top - page : 0;
    list->place.top = top < last_top ? top : last_top;
    table_list_go_by(list, down ? (ptrdiff_t)page : -(ptrdiff_t)page);
}
