#ifndef UI_TABLE_LIST_H
#define UI_TABLE_LIST_H

#include "model/listing.h"
#include "model/settings.h"
#include "ui/line_edit.h"
#include "ui/pane_table.h"
#include "ui/typed.h"

/*
 * Private to pane_table.c and table_*.c: the state of a table's pane.
 */

/* Where the cursor and the view are. */
struct table_place {
    struct row_key key; // of the row under the cursor
    bool known;         // there is one
    bool aimed;         // the cursor goes to the row with key `aim` when that comes
    struct row_key aim;
    bool anchored;    // false until the user moves: the cursor then stays on the top row
    size_t line, top; // as drawn: a row, or one of the lines its text takes
    size_t part;      // which of them
};

/* One line of a table that explains: a piece of a text of one column. */
struct table_line {
    size_t row;
    size_t column;      // the last one, beside which the others stand; else it has lines of its own
    uint32_t at, bytes; // of the text
    bool left_out;      // it stands for so many bytes that are not shown
};

/* A table's pane. */
struct pane_table {
    struct pane pane; // must be first
    const struct table *table;
    struct listing *listing;
    struct table_settings *settings; // borrowed: columns and order
    char filter[LINE_EDIT_BYTES];
    char highlight[LINE_EDIT_BYTES]; // searched for right now, "" for nothing
    struct proc_id process;          // only its rows; pid 0: all
    const struct snapshot *snap;     // the rows are of this one,
    uint64_t seq;                    // if it is still this one
    bool stale;                      // order or limits changed since the rows were made
    struct table_place place, search_from;
    uint8_t usual[TABLE_COLUMNS_MAX]; // columns shown unless others are chosen, left to right
    size_t usual_count;
    size_t scroll;                   // columns left out at the left
    const struct table_block *block; // above it; NULL: none
    int block_rows;                  // it takes
    struct typed typed;
    bool typed_found;         // there is a row of what is typed
    struct table_line *lines; // owned; in a table that explains: what its rows come to
    size_t line_count, line_capacity;
    int lines_cells; // columns they were broken for
    bool unfolded;   // long texts are shown to their ends
};

/* One column as laid out. */
struct table_cell {
    size_t column;            // index in the table
    int x, cells;             // relative to the pane; cells 0: its texts have lines of their own
    int title_x, title_cells; // of its title, when there is a header
};

/* The columns that fit, left to right. */
struct table_cells {
    struct table_cell cells[TABLE_COLUMNS_MAX];
    size_t count;
    size_t left_out; // shown columns that did not fit behind them
    int head;        // row of the first row: behind the block and the header
};

/* The columns chosen, or else the usual ones, left to right; returns how many. */
size_t table_list_columns(const struct pane_table *list, uint8_t ret[TABLE_COLUMNS_MAX]);

/* Lay the columns out for the width of the pane. */
void table_list_layout(const struct pane_table *list, struct table_cells *ret);

/* Lines there are: rows, or more in a table that explains. */
size_t table_list_lines(const struct pane_table *list);

/* What is in a line. line must be < table_list_lines(). */
struct table_line table_list_line(const struct pane_table *list, size_t line);

/* Break long texts anew, after the rows or the width have changed. */
void table_list_break(struct pane_table *list, const struct view *view);

/* The row a line belongs to. */
size_t table_list_row_at(const struct pane_table *list, size_t line);

/* The line a row begins with; for a row behind the last one, how many lines there are. */
size_t table_list_first_line(const struct pane_table *list, size_t row);

/* Keep the cursor a row of the table and on the screen, and remember which row it is. */
void table_list_settle(struct pane_table *list);

/* Put the cursor back on its row after the rows were made anew. */
void table_list_restore(struct pane_table *list);

/* Put the cursor on a line. */
void table_list_go(struct pane_table *list, size_t line);

/* Move the cursor by some lines. */
void table_list_go_by(struct pane_table *list, ptrdiff_t lines);

/* Go to the next row or the one before, and bring all of it in sight; what is longer than the screen
 * is scrolled through first. */
void table_list_go_on(struct pane_table *list, bool down);

/* Scroll the view by some lines, dragging the cursor along at the edges. */
void table_list_scroll(struct pane_table *list, ptrdiff_t lines);

/* Turn the page: what is on the screen makes way for what follows it, and the cursor keeps its
 * place on it. */
void table_list_turn_page(struct pane_table *list, bool down);

/* Lines that fit on the screen, at least 1. */
size_t table_list_page(const struct pane_table *list);

/* True when what the table is made of was read for this snapshot. */
bool table_list_was_read(const struct pane_table *list, const struct snapshot *snap);

/* Why there are no rows to show yet. Owns: static storage. */
const char *table_list_trouble(const struct pane_table *list, const struct snapshot *snap);

/* Lay out a table that explains; table_list_layout() does it. */
void table_explain_layout(const struct pane_table *list, struct table_cells *ret);

/* True when a text that names something is not repeated beside its line: it stands above. */
bool table_explain_is_named(const struct pane_table *list, const struct view *view,
                            const struct table_cell *cell, size_t index);

/* True when a row's text is too long to be shown to its end unasked. */
bool table_explain_is_long(const struct pane_table *list, const struct view *view, size_t row);

/* True when its lines are in the order in which they explain something. */
bool table_list_is_natural(const struct pane_table *list);

/* Lines the header takes: 0 or 1. */
int table_list_head(const struct pane_table *list);

/* Draw header and rows; the cursor only where the keys go. */
void table_list_draw(const struct pane_table *list, const struct view *view, bool focused,
                     struct surface *surface);

/* Draw what was of a device, by the name in its row, into a cell. */
void table_list_draw_graph(const struct pane_table *list, const struct view *view,
                           struct text device, struct rect cell, struct surface *surface);

/* A short line for the status row: rows shown and total, limits, order, sums, what is missing. */
void table_list_describe(const struct pane_table *list, const struct view *view,
                         struct strbuf *buf);

/* Add the row under the cursor, column by column. False when there is none. */
bool table_list_copy(const struct pane *pane, const struct view *view, struct strbuf *buf);

#endif
