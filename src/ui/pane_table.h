#ifndef UI_PANE_TABLE_H
#define UI_PANE_TABLE_H

#include "model/table.h"
#include "ui/pane.h"

#include <stdbool.h>
#include <stddef.h>

struct strbuf;

/* Any table of model/table.h as a pane: sorted, filtered, searched, with a cursor that stays on
 * its row. Enter goes to the process behind it. */

/* Owns: the caller, who ends it through pane_class.destroy(). Errors: NULL when out of memory. */
struct pane *pane_table_create(enum table_id table);

/* Which table it shows. */
enum table_id pane_table_id(const struct pane *pane);

/* Set or clear ("") the filter. */
void pane_table_set_filter(struct pane *pane, const struct view *view, const char *filter);

/* The filter in force. Owns: the pane. */
const char *pane_table_filter(const struct pane *pane);

/* Only what belongs to this process (pid 0: all). */
void pane_table_set_process(struct pane *pane, const struct view *view, struct proc_id process);

/* Move the cursor to the next match of `text` (`step` 1 or -1), or with 0 to the first from
 * where it is. False when nothing matches. */
bool pane_table_search(struct pane *pane, const struct view *view, const char *text, int step);

/* Sort by this column, in its first direction; again by the same: invert. */
void pane_table_sort(struct pane *pane, const struct view *view, size_t column);

/* The column it is sorted by. */
size_t pane_table_sort_column(const struct pane *pane);

/* The process behind the row under the cursor. Errors: false when there is none. */
bool pane_table_owner(const struct pane *pane, struct proc_id *ret);

#endif
