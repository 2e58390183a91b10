#ifndef UI_PANE_HELP_H
#define UI_PANE_HELP_H

#include "ui/pane.h"

/*
 * The help screen: what the header shows, every action with its keys, every column with
 * its meaning, all from the registries; scrolls.
 * Owns: the caller, who ends it through pane_class.destroy(). Errors: NULL: out of memory.
 */
struct pane *pane_help_create(void);

struct table;

/* Explain the columns of this table (static; NULL: those of the processes) in a help screen. */
void pane_help_set_table(struct pane *pane, const struct table *table);

/* The list of messages (view.log), newest at the bottom; scrolls. Owns: as above. */
struct pane *pane_messages_create(void);

#endif
