#ifndef UI_PANE_HELP_H
#define UI_PANE_HELP_H

#include "ui/pane.h"

/*
 * The help screen: what the header shows, every action with its keys, every column with
 * its meaning, all from the registries; scrolls.
 * Owns: the caller, who ends it through pane_class.destroy(). Errors: NULL: out of memory.
 */
struct pane *pane_help_create(void);

/* The list of messages (view.log), newest at the bottom; scrolls. Owns: as above. */
struct pane *pane_messages_create(void);

#endif
