#ifndef UI_UI_INSPECT_H
#define UI_UI_INSPECT_H

#include "ui/ui_state.h"

/*
 * Private to ui.c and ui_*.c: the inspector, which shows one process in the place of the list.
 * Each of its sections is a table of model/table.h that is about one process, so sorting,
 * filtering and searching are those of every tab. It stays open when the process ends.
 */

/* Whether it is open. */
bool ui_inspect_is_open(const struct ui *ui);

/* Whether an action goes to one of its sections. */
bool ui_inspect_is_section(enum action_id action);

/* Open it for a process, at the section with this action. */
void ui_inspect_open(struct ui *ui, struct proc_id id, enum action_id section,
                     struct effects *effects);

/* Close it; the way back stays known. */
void ui_inspect_close(struct ui *ui);

/* Go back to where one last went on from within it. False when there is no such place. */
bool ui_inspect_return(struct ui *ui, struct effects *effects);

/* The pane of the section shown. Owns: the UI. It must be open. */
struct pane *ui_inspect_pane(const struct ui *ui);

/* Its table. Owns: static storage. Errors: NULL when it has none. */
const struct table *ui_inspect_table(const struct ui *ui);

/* Take what is shown beside the section away from its area. Height 0: nothing is. */
struct rect ui_inspect_beside(const struct ui *ui, struct rect *area);

/* Do an action. False when it means what it means elsewhere. */
bool ui_inspect_act(struct ui *ui, enum action_id action, struct effects *effects);

/* True when an action can do something here. */
bool ui_inspect_offers(const struct ui *ui, enum action_id action);

/* A new snapshot came: remember what is known of the process. */
void ui_inspect_update(struct ui *ui);

/* Add what must be sampled for the section shown. */
void ui_inspect_plan(const struct ui *ui, struct plan *plan);

/* Draw the line of sections. */
void ui_inspect_draw_tabs(const struct ui *ui, int y, struct surface *surface);

/* Go to the section at a column of that line. */
void ui_inspect_press(struct ui *ui, int x, struct effects *effects);

/* Draw the line that says who it is. */
void ui_inspect_draw_head(const struct ui *ui, int y, struct surface *surface);

#endif
