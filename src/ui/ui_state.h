#ifndef UI_UI_STATE_H
#define UI_UI_STATE_H

#include "model/settings.h"
#include "model/table.h"
#include "ui/cpu_picker.h"
#include "ui/dialog.h"
#include "ui/keymap.h"
#include "ui/line_edit.h"
#include "ui/ui.h"
#include "ui/ui_draft.h"

/*
 * Private to ui.c and ui_*.c: the state of the interface and how its files call each other.
 */

enum {
    MESSAGE_BYTES = 256,
    STATUS_BYTES = 1024,
    NAME_BYTES = 128,
    FOOTER_MAX = 16,
    TABS_MAX = 9,
    TRAIL_MAX = 16,
};

/* What is being typed into the status line. */
enum ui_prompt { PROMPT_NONE, PROMPT_SEARCH, PROMPT_FILTER, PROMPT_CONFIRM };

/* Which dialog is open. */
enum ui_dialog {
    DIALOG_NONE,
    DIALOG_SORT,
    DIALOG_USER,
    DIALOG_COLUMNS,
    DIALOG_ROW,
    /* about processes: there is a draft */
    DIALOG_SIGNAL,
    DIALOG_NICE,
    DIALOG_IO_PRIORITY,
    DIALOG_AFFINITY,
    DIALOG_SCHEDULING,
    DIALOG_RT_PRIORITY,
    DIALOG_OOM_ADJ,
    DIALOG_CGROUP,
    DIALOG_ACTIONS,
    DIALOG_CONFIRM,
    DIALOG_COUNT,
};

/* One row of the registry of dialogs, see ui_dialog_info(). Hooks may be NULL unless it says so. */
struct dialog {
    const char *title;   // with a draft: what stands before whom it is about
    enum deed_kind deed; // of the draft it begins; DEED_COUNT: it begins none

    /* Put the items into the menu, or make the picker when `picks_cpus`. Never NULL.
     * Errors: -ENOMEM, -E2BIG. */
    int (*fill)(struct ui *ui);
    bool picks_cpus;
    bool wide;          // it may have all columns but a few for the list
    bool edits;         // ACTION_TOGGLE_ITEM does something
    bool changes_scope; // ACTION_SCOPE_NEXT and _PREVIOUS do something
    bool offers_now;    // what is chosen first is how things are, once that is known

    /* Append the title, where it is not `title` and whom it is about. */
    void (*head)(const struct ui *ui, struct strbuf *buf);

    /* Append the line below the title. True when it is an error. */
    bool (*note)(const struct ui *ui, struct strbuf *buf);

    /* Try an action before the widget gets it. False when it is none of the dialog's own. */
    bool (*act)(struct ui *ui, enum action_id action);

    /* What is chosen was taken. True when the dialog is to close now. Never NULL. */
    bool (*choose)(struct ui *ui, struct effects *effects);

    void (*changed)(struct ui *ui); // a key was handled
    void (*cancel)(struct ui *ui);  // it is left without choosing
    void (*update)(struct ui *ui);  // a new snapshot came
    void (*inspected)(struct ui *ui, const struct inspection *inspection);
};

/* Where everything is. A row that is not there is -1, an area that is not there has height 0. */
struct ui_layout {
    struct rect header, pane, menu;
    int tabs_y, head_y, status_y, footer_y; // head_y: who is inspected
};

/* One key of the footer as laid out. */
struct footer_place {
    struct footer_item item;
    int x, cells; // key and label together
};

/* Where one was in the inspector before one went on from there. */
struct ui_stop {
    struct proc_id id;
    size_t section;
    struct proc_id thread;
    bool has_row;
    struct row_key row; // under the cursor
};

/* The interface. */
struct ui {
    struct ui_options options; // settings, keymap and log are borrowed
    struct snapshot *snap;     // owned
    struct history *history;   // owned; fed with every snapshot
    struct pane *list;
    struct pane *tables[TABLES_ON_SCREEN];
    struct pane *process_history; // a section of the inspector
    struct pane *tabs[TABS_MAX];  // of each tab; the list and tables among them
    size_t tab;                   // the one shown; 0 is the list
    bool below;                   // of its two tables the lower or right one has the focus
    struct pane *over;            // help or messages in place of the list; NULL for none
    int width, height;
    uint64_t now_ns;   // of the last event
    uint32_t baseline; // how often growth was told to count from then on
    bool paused;
    bool pasting; // between KEYCODE_PASTE_BEGIN and _END
    uint64_t paste_ns;
    enum ui_prompt prompt;
    struct line_edit edit;
    bool no_match;                // of what is typed into the search prompt
    char search[LINE_EDIT_BYTES]; // what was searched for last
    enum ui_dialog dialog;
    struct menu *menu;         // of the open dialog; or else
    struct cpu_picker *picker; // likewise
    struct draft *draft;       // of the open dialog, when it is about processes
    uint32_t last_job;
    int64_t last_signal; // sent last from the menu, to be offered first
    struct {
        bool set;              // an action was chosen from the menu of actions:
        struct proc_id anchor; // for these, whatever the cursor is on now
        struct target thread;  // of that, one the list need not have; id.pid 0: none
        bool tagged;
    } origin;
    struct {
        struct proc_id id; // pid 0: nothing is inspected
        size_t section;
        struct proc_id thread; // looked at closely among what it waits for; pid 0: its first
        bool exited;
        int64_t exited_wall_s;                   // when that was seen
        char name[NAME_BYTES], user[NAME_BYTES]; // as last known, like the rest
        char state;
        bool has_cpu;
        double cpu;
        uint64_t resident_bytes, elapsed_ns;
    } inspect;
    struct ui_stop trail[TRAIL_MAX]; // the way back, the last one first to go to; of a longer way
    size_t trail_count;              // its beginning is forgotten
    struct row_key row;              // of a table, what DIALOG_ROW is about
    uint8_t columns_before[SETTINGS_COLUMNS_MAX]; // when the column menu was opened
    size_t column_count_before;
    struct {
        char text[STATUS_BYTES]; // "" for none
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

/* Do an action of the program itself, whatever is shown. False when it is none. */
bool ui_act_root(struct ui *ui, enum action_id action, struct effects *effects);

/* The text of the prompt changed: search or filter by it. */
void ui_prompt_changed(struct ui *ui);

/* Close help or messages, if open. */
void ui_close_over(struct ui *ui);

/* --- dialogs: ui_dialogs.c ------------------------------------------------------------------- */

/* The registry of dialogs. Owns: static storage. dialog must be between NONE and COUNT. */
const struct dialog *ui_dialog_info(enum ui_dialog dialog);

/* Open one of the dialogs. Says why when it cannot. */
void ui_open_dialog(struct ui *ui, enum ui_dialog dialog, struct effects *effects);

/* Put another dialog in the place of the open one, about the same processes. */
void ui_switch_dialog(struct ui *ui, enum ui_dialog dialog, struct effects *effects);

/* Close it without choosing; also releases who was held. */
void ui_close_dialog(struct ui *ui, struct effects *effects);

/* Do an action in the open dialog. */
void ui_dialog_act(struct ui *ui, enum action_id action, struct effects *effects);

/* Act on what the widget said about the last key, action or press. */
void ui_dialog_outcome(struct ui *ui, enum menu_outcome outcome, struct effects *effects);

/* A new snapshot came: refresh what the open dialog says. */
void ui_dialog_update(struct ui *ui);

/* What was asked about the targets is known now. */
void ui_dialog_inspected(struct ui *ui, const struct inspection *inspection);

/* Write title, note and hint anew. */
void ui_dialog_describe(struct ui *ui);

/* Fill the menu anew, the cursor staying on its item. */
void ui_dialog_refill(struct ui *ui);

/* --- rows of tables: ui_rows.c --------------------------------------------------------------- */

/* Ask whether to close the connection of the row under the cursor. Says why when it cannot be. */
void ui_close_connection(struct ui *ui, struct effects *effects);

/* Open the menu of what can be done with the row under the cursor. */
void ui_open_row_menu(struct ui *ui, struct effects *effects);

/* --- rows of the registry -------------------------------------------------------------------- */

extern const struct dialog ui_dialog_sort, ui_dialog_columns, ui_dialog_signal, ui_dialog_nice,
    ui_dialog_io_priority, ui_dialog_affinity, ui_dialog_scheduling, ui_dialog_rt_priority,
    ui_dialog_oom_adj, ui_dialog_cgroup, ui_dialog_actions, ui_dialog_confirm, ui_dialog_row;

/* --- acting: ui_deeds.c, ui_confirm.c -------------------------------------------------------- */

/* Do what needs no dialog of its own: nice values, stop. */
void ui_act_nice(struct ui *ui, enum deed_kind kind, int difference, struct effects *effects);

/* Stop, or continue when all targets are stopped. */
void ui_act_stop(struct ui *ui, struct effects *effects);

/* Let "yes" be typed under the list of targets. */
void ui_confirm_typed(struct ui *ui);

/* Ask for the command lines of those in the list. */
void ui_confirm_plan(const struct ui *ui, struct plan *plan);

/* Do an action while "yes" is being typed. False when it is none of its own. */
bool ui_confirm_act(struct ui *ui, enum action_id action, struct effects *effects);

/* Append what stands in front of what is typed, in at most `cells` columns. */
void ui_confirm_label(const struct ui *ui, int cells, struct strbuf *buf);

/* --- the widget of the open dialog: ui_widget.c ---------------------------------------------- */

/* Columns it would like to have, of which a menu may have `most`. */
int ui_widget_width(const struct ui *ui, int most);

/* Whether the user has moved, typed or ticked something. */
bool ui_widget_touched(const struct ui *ui);

/* Set the size it is drawn in. */
void ui_widget_layout(struct ui *ui, int width, int height);

/* Do an action of CONTEXT_MENU. */
enum menu_outcome ui_widget_act(struct ui *ui, enum action_id action);

/* Take a typed key. */
enum menu_outcome ui_widget_key(struct ui *ui, struct key key);

/* Take a mouse report relative to its area. */
enum menu_outcome ui_widget_mouse(struct ui *ui, const struct mouse *mouse);

/* Replace the note: what was chosen is not taken. */
void ui_widget_refuse(struct ui *ui, const char *why);

/* Replace title, note and hint. */
void ui_widget_describe(struct ui *ui, const char *title, const char *note, bool error,
                        const char *hint);

/* Draw it over the whole surface given. */
void ui_widget_draw(const struct ui *ui, struct surface *surface);

/* Free it. */
void ui_widget_destroy(struct ui *ui);

#endif
