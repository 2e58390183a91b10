#ifndef UI_UI_STATE_H
#define UI_UI_STATE_H

#include "model/settings.h"
#include "ui/dialog.h"
#include "ui/keymap.h"
#include "ui/line_edit.h"
#include "ui/ui.h"

/*
 * Private to ui.c and ui_*.c: the state of the interface and how its files call each other.
 */

enum { MESSAGE_BYTES = 256, FOOTER_MAX = 16 };

/* What is being typed into the status line. */
enum ui_prompt { PROMPT_NONE, PROMPT_SEARCH, PROMPT_FILTER };

/* Which menu is open. */
enum ui_dialog { DIALOG_NONE, DIALOG_SIGNAL, DIALOG_SORT, DIALOG_USER, DIALOG_COLUMNS };

/* Where everything is. A row that is not there is -1, an area that is not there has height 0. */
struct ui_layout {
    struct rect header, pane, menu;
    int status_y, footer_y;
};

/* One key of the footer as laid out. */
struct footer_place {
    struct footer_item item;
    int x, cells; // key and label together
};

/* The interface. */
struct ui {
    struct ui_options options; // settings, keymap and log are borrowed
    struct snapshot *snap;     // owned
    struct pane *list;
    struct pane *over; // help or messages in place of the list; NULL for none
    int width, height;
    uint64_t now_ns; // of the last event
    bool paused;
    bool pasting; // between KEYCODE_PASTE_BEGIN and _END
    uint64_t paste_ns;
    enum ui_prompt prompt;
    struct line_edit edit;
    bool no_match;                // of what is typed into the search prompt
    char search[LINE_EDIT_BYTES]; // what was searched for last
    enum ui_dialog dialog;
    uint8_t columns_before[SETTINGS_COLUMNS_MAX]; // when the column menu was opened
    size_t column_count_before;
    struct menu *menu;      // NULL when no dialog is open
    struct target *targets; // owned; whom the signal dialog is about
    size_t target_count;
    struct {
        char text[MESSAGE_BYTES]; // "" for none
        bool error;
        uint64_t since_ns, until_ns;
    } message;
    struct {
        bool stalled;
        int32_t pid;
        uint64_t since_ns;
    } stall;
};

/* What the panes may look at now. */
struct view ui_view(const struct ui *ui);

/* Show a sentence in the status line for a while. */
void ui_say(struct ui *ui, bool error, const char *sentence);

/* Compute where everything is. */
void ui_layout(const struct ui *ui, struct ui_layout *ret);

/* Which bindings apply. */
enum context ui_context(const struct ui *ui);

/* Lay out the keys at the bottom; returns how many fit. */
size_t ui_footer(const struct ui *ui, struct footer_place ret[FOOTER_MAX]);

/* Do an action where the focus is. */
void ui_act(struct ui *ui, enum action_id action, struct effects *effects);

/* The text of the prompt changed: search or filter by it. */
void ui_prompt_changed(struct ui *ui);

/* Close help or messages, if open. */
void ui_close_over(struct ui *ui);

/*
 * The processes an action is for, in a new array. Says why when there are none.
 * Owns: the caller, who frees it. Errors: NULL.
 */
struct target *ui_take_targets(struct ui *ui, bool processes, size_t *ret_count);

/* Open one of the menus. Says why when it cannot. */
void ui_open_dialog(struct ui *ui, enum ui_dialog dialog, struct effects *effects);

/* Close the menu without choosing; also releases what it had pinned. */
void ui_close_dialog(struct ui *ui, struct effects *effects);

/* Act on what the menu said about the last key, action or press. */
void ui_dialog_outcome(struct ui *ui, enum menu_outcome outcome, struct effects *effects);

/* A new snapshot came: refresh what the open menu says. */
void ui_dialog_update(struct ui *ui);

#endif
