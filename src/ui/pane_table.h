#ifndef UI_PANE_TABLE_H
#define UI_PANE_TABLE_H

#include "model/table.h"
#include "ui/pane.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct strbuf;
struct table_settings;

/* Any table of model/table.h as a pane: sorted, filtered, searched, with a cursor that stays on
 * its row. Rows are made anew in update(), which must therefore run before the snapshot they
 * point into is given back, and before anything else is asked of a pane that was hidden. */

/*
 * Columns and order are kept in `settings`, which is borrowed as long as the pane lives.
 * Owns: the caller, who ends it through pane_class.destroy(). Errors: NULL when out of memory.
 */
struct pane *pane_table_create(const struct table *table, struct table_settings *settings);

/* Lines above a table: figures of what its rows are a part of. */
struct table_block {
    /* How many of the pane's rows it takes; fewer than all but one. */
    int (*rows)(const struct view *view, int width, int height);
    /* Draw it into these rows. view->snap is there. */
    void (*draw)(const struct view *view, struct surface *surface);
};

/* Put a block above the table. Owns: static storage. */
void pane_table_set_block(struct pane *pane, const struct table_block *block);

/* What it shows. Owns: static storage. */
const struct table *pane_table_info(const struct pane *pane);

/* Set or clear ("") the filter. */
void pane_table_set_filter(struct pane *pane, const struct view *view, const char *filter);

/* The filter in force. Owns: the pane. */
const char *pane_table_filter(const struct pane *pane);

/* Only what belongs to this process (pid 0: all). */
void pane_table_set_process(struct pane *pane, const struct view *view, struct proc_id process);

/* The process it is limited to; pid 0: none. */
struct proc_id pane_table_process(const struct pane *pane);

/* Move the cursor to the next match of `text` from where it is (`step` 1 or -1), or with 0 to
 * the first from where the search began. False when nothing matches. */
bool pane_table_search(struct pane *pane, const struct view *view, const char *text, int step);

/* Remember where the cursor is: what a search with step 0 counts from and cancelling goes
 * back to. */
void pane_table_search_begin(struct pane *pane);

/* Go back there. */
void pane_table_search_cancel(struct pane *pane, const struct view *view);

/* Mark where this text occurs in the rows ("" for nowhere): the search being typed. */
void pane_table_highlight(struct pane *pane, const char *text);

/* Sort by this column, in its first direction; again by the same: invert. */
void pane_table_sort(struct pane *pane, const struct view *view, size_t column);

/* The column it is sorted by. */
size_t pane_table_sort_column(const struct pane *pane);

/* The columns shown if there is room, left to right; returns how many. */
size_t pane_table_columns(const struct pane *pane, uint8_t ret[TABLE_COLUMNS_MAX]);

/* Show these from now on, at least one and none twice. */
void pane_table_set_columns(struct pane *pane, const uint8_t *columns, size_t count);

/* Let the cursor wait on the top row, whichever that is, as at the start. */
void pane_table_top(struct pane *pane);

/* Cells its columns take when each has what it likes best. */
int pane_table_width(const struct pane *pane);

/* Whether there are more columns than are in sight, to the right or else to the left. */
bool pane_table_scrolls(const struct pane *pane, bool right);

/* In a table of processes: say of how many may not be read what it is sorted by, and what would help.
 * Nothing when all may be. */
void pane_table_describe_denied(const struct pane *pane, const struct view *view,
                                struct strbuf *buf);

/* How many rows there are. */
size_t pane_table_count(const struct pane *pane);

/* On which of them the cursor is. */
size_t pane_table_position(const struct pane *pane);

/* Stay on the row under the cursor from now on: something is about to be done to it. */
void pane_table_anchor(struct pane *pane);

/* Show long texts to their ends, or not any more, when the one under the cursor is such a one.
 * False when it is not. */
bool pane_table_unfold(struct pane *pane, const struct view *view);

/* Put the cursor on the row with this key; a filter that hides it goes. False when it is not
 * there. */
bool pane_table_go(struct pane *pane, const struct view *view, struct row_key key);

/* Put the cursor on the row with this key as soon as it is there, unless it is moved before. */
void pane_table_aim(struct pane *pane, const struct view *view, struct row_key key);

/* The row under the cursor. Owns: the snapshot. Errors: NULL when there is none. */
const void *pane_table_row(const struct pane *pane);

/* The process behind the row under the cursor. Errors: false when there is none. */
bool pane_table_owner(const struct pane *pane, struct proc_id *ret);

#endif
