#ifndef UI_PANE_HISTORY_H
#define UI_PANE_HISTORY_H

#include "ui/pane.h"

/* Graphs of what the machine did (view.history): as many as fit in a grid, or one alone, over a
 * time that can be made longer and shorter and moved back.
 * Owns: the caller, who ends it through pane_class.destroy(). Errors: NULL when out of memory. */
struct pane *pane_history_create(void);

#endif
