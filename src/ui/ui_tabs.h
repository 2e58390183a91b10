#ifndef UI_UI_TABS_H
#define UI_UI_TABS_H

#include "ui/ui_state.h"

struct connection;

/*
 * Private to ui.c and ui_*.c: the tabs. The first is the list of processes, most others are a
 * table of model/table.h each. One of them is shown; what the prompts and keys of ui_actions.c do
 * goes through here to whichever it is.
 */

/* Make the tables' panes. Errors: -ENOMEM; what was made is freed by ui_tabs_destroy(). */
int ui_tabs_create(struct ui *ui);

/* Free them. */
void ui_tabs_destroy(struct ui *ui);

/* The pane of the tab shown that has the focus. Owns: the UI. */
struct pane *ui_tab_pane(const struct ui *ui);

/* The pane the tab is named after. Owns: the UI. */
struct pane *ui_tab_upper(const struct ui *ui);

/* Its table. Owns: static storage. Errors: NULL when it shows none. */
const struct table *ui_tab_upper_table(const struct ui *ui);

/* The pane below or beside that. Owns: the UI. Errors: NULL when there is none. */
struct pane *ui_tab_lower(const struct ui *ui);

/* Give the panes of the tab shown their places within `area`, and the current data. */
void ui_tab_update(struct ui *ui, struct rect area);

/* Draw them there. */
void ui_tab_draw(const struct ui *ui, struct rect area, struct surface *surface);

/* Hand on what the mouse did, relative to `area`; a press moves the focus. */
void ui_tab_mouse(struct ui *ui, struct rect area, struct mouse mouse, struct effects *effects);

/* Move the cursor over the border between the two. False when it is not there. */
bool ui_tab_cross(struct ui *ui, enum action_id action, struct effects *effects);

/* Whether the list of processes is shown: neither another tab nor the inspector. */
bool ui_tab_is_list(const struct ui *ui);

/* The table that has the focus. Owns: static storage. Errors: NULL on a tab that shows none: the
 * processes, the graphs. */
const struct table *ui_tab_table(const struct ui *ui);

/* Do an action that is about tabs, or that means something else on a table than in the list of
 * processes. False when it is none of these. */
bool ui_tabs_act(struct ui *ui, enum action_id action, struct effects *effects);

/* Leave the inspector for the tab that lists this socket, with the cursor on it; the way back stays
 * known while that tab is shown. */
void ui_tabs_go_to_socket(struct ui *ui, const struct connection *socket, struct effects *effects);

/* True when an action can do something in the tab shown. */
bool ui_tabs_offers(const struct ui *ui, enum action_id action);

/* Add what must be sampled for the tab shown. */
void ui_tabs_plan(const struct ui *ui, struct plan *plan);

/* Draw the line of tabs. */
void ui_tabs_draw(const struct ui *ui, int y, struct surface *surface);

/* Go to the tab at a column of that line. */
void ui_tabs_press(struct ui *ui, int x, struct effects *effects);

/* --- filter and search, of the tab shown; see pane.h ------------------------------------------ */

/* The filter in force. Owns: the pane. */
const char *ui_tab_filter(const struct ui *ui);

/* Set or clear ("") it. */
void ui_tab_set_filter(struct ui *ui, const char *filter);

/* Go to the next match. False when nothing matches. */
bool ui_tab_search(struct ui *ui, const char *text, int step);

/* Remember where the search begins. */
void ui_tab_search_begin(struct ui *ui);

/* Go back there. */
void ui_tab_search_cancel(struct ui *ui);

/* Mark where this text occurs. */
void ui_tab_highlight(struct ui *ui, const char *text);

#endif
