#ifndef UI_PANE_JOURNAL_H
#define UI_PANE_JOURNAL_H

#include "ui/pane.h"

/*
 * What was done to processes and what came of it (view.journal), newest at the bottom; scrolls.
 * Nothing is cut that a wider line would show: what is too long goes on below.
 * Owns: the caller, who ends it through pane_class.destroy(). Errors: NULL: out of memory.
 */
struct pane *pane_journal_create(void);

#endif
