#ifndef UI_PANE_PROCESS_HISTORY_H
#define UI_PANE_PROCESS_HISTORY_H

#include "base/facts.h"
#include "ui/pane.h"

/* Graphs of one process since perch first saw it: CPU, memory, I/O, network. */

/* Owns: the caller, who ends it through pane_class.destroy(). Errors: NULL when out of memory. */
struct pane *pane_process_history_create(void);

/* Whom it is about from the next update() on. */
void pane_process_history_set_process(struct pane *pane, struct proc_id id);

#endif
