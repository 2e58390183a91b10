#include "ui/ui_tabs.h"

#include "base/str.h"
#include "model/network.h"
#include "ui/memory_block.h"
#include "ui/pane_help.h"
#include "ui/pane_history.h"
#include "ui/pane_process_history.h"
#include "ui/pane_table.h"
#include "ui/tab_line.h"
#include "ui/ui_inspect.h"

#include <assert.h>
#include <errno.h>

/* The tabs from left to right. */
static const struct {
    enum action_id action;           // goes there
    char digit;                      // of its key, and in the line of tabs
    const char *title, *short_title; // NULL: those of the table
    enum table_id table;             // TABLE_COUNT: it shows none, but
    struct pane *(*create)(void);    // this; NULL: the processes
} tabs[] = {
    {ACTION_TAB_PROCESSES, '1', "Processes", "Processes", TABLE_COUNT, NULL},
    {ACTION_TAB_CONNECTIONS, '2', NULL, NULL, TABLE_CONNECTIONS, NULL},
    {ACTION_TAB_LISTENING, '3', NULL, NULL, TABLE_LISTENING, NULL},
    {ACTION_TAB_INTERFACES, '4', NULL, NULL, TABLE_INTERFACES, NULL},
    {ACTION_TAB_PROTOCOLS, '5', NULL, NULL, TABLE_PROTOCOLS, NULL},
    {ACTION_TAB_DISKS, '6', NULL, NULL, TABLE_DISKS, NULL},
    {ACTION_TAB_MOUNTS, '7', NULL, NULL, TABLE_MOUNTS, NULL},
    {ACTION_TAB_MEMORY, '8', NULL, NULL, TABLE_MEMORY, NULL},
    {ACTION_TAB_HISTORY, '9', "History", "Hist", TABLE_COUNT, pane_history_create},
};

enum {
    TAB_COUNT = sizeof(tabs) / sizeof(tabs[0]),
};
static_assert((int)TAB_COUNT <= (int)TABS_MAX, "the UI has room for them");

int ui_tabs_create(struct ui *ui)
{
    struct settings *settings = ui->options.settings;
    for (unsigned id = 0; id < TABLES_ON_SCREEN; id++) {
        ui->tables[id] = pane_table_create(table_info((enum table_id)id), &settings->tables[id]);
        if (ui->tables[id] == NULL) {
            return -ENOMEM;
        }
    }
    pane_table_set_block(ui->tables[TABLE_MEMORY], memory_block());
    ui->process_history = pane_process_history_create();
    if (ui->process_history == NULL) {
        return -ENOMEM;
    }
    for (size_t tab = 0; tab < TAB_COUNT; tab++) {
        ui->tabs[tab] = tabs[tab].create != NULL         ? tabs[tab].create()
                        : tabs[tab].table != TABLE_COUNT ? ui->tables[tabs[tab].table]
                                                         : ui->list;
        if (ui->tabs[tab] == NULL) {
            return -ENOMEM;
        }
    }
    return 0;
}

void ui_tabs_destroy(struct ui *ui)
{
    for (size_t tab = 0; tab < TAB_COUNT; tab++) {
        if (tabs[tab].create != NULL && ui->tabs[tab] != NULL) {
            ui->tabs[tab]->class->destroy(ui->tabs[tab]);
        }
    }
    if (ui->process_history != NULL) {
        ui->process_history->class->destroy(ui->process_history);
    }
    for (unsigned id = 0; id < TABLES_ON_SCREEN; id++) {
        if (ui->tables[id] != NULL) {
            ui->tables[id]->class->destroy(ui->tables[id]);
        }
    }
}

struct pane *ui_tab_upper(const struct ui *ui)
{
    if (ui_inspect_is_open(ui)) {
        return ui_inspect_pane(ui);
    }
    return ui->tabs[ui->tab];
}

const struct table *ui_tab_upper_table(const struct ui *ui)
{
    if (ui_inspect_is_open(ui)) {
        return ui_inspect_table(ui);
    }
    return tabs[ui->tab].table != TABLE_COUNT ? table_info(tabs[ui->tab].table) : NULL;
}

struct pane *ui_tab_pane(const struct ui *ui)
{
    struct pane *lower = ui->below ? ui_tab_lower(ui) : NULL;
    return lower != NULL ? lower : ui_tab_upper(ui);
}

bool ui_tab_is_list(const struct ui *ui)
{
    return ui->tab == 0 && !ui_inspect_is_open(ui);
}

const struct table *ui_tab_table(const struct ui *ui)
{
    return ui_tab_upper_table(ui) != NULL ? pane_table_info(ui_tab_pane(ui)) : NULL;
}

/* --- going from tab to tab ------------------------------------------------------------------- */

/* Rows of a pane that was hidden belong to a snapshot that is gone: they are made anew. */
static void show_tab(struct ui *ui, size_t tab, struct effects *effects)
{
    ui->below = false;
    if (ui_inspect_is_open(ui)) {
        ui_inspect_close(ui);
    }
    if (tab == ui->tab) {
        return;
    }
    ui->tab = tab;
    ui_tab_update(ui, ui->list->area);
    if (ui_tab_table(ui) != NULL) {
        effects_add(effects, EFFECT_SAMPLE); // what it shows was not read so far
    }
}

/* Go to a tab for itself: there is no way back from it. */
static void go_to_tab(struct ui *ui, size_t tab, struct effects *effects)
{
    ui->trail_count = 0;
    show_tab(ui, tab, effects);
}

/* Show the process behind the row under the cursor in the list of processes. */
static void go_to_process(struct ui *ui, struct proc_id id, struct effects *effects)
{
    struct view view = ui_view(ui);
    bool limited = pane_process_limited(ui->list);
    char text[MESSAGE_BYTES];
    struct strbuf buf;
    str_init(&buf, text, sizeof(text));
    if (snapshot_find(ui->snap, id) == NULL) {
        str_addf(&buf, "process %d has exited", (int)id.pid);
        ui_say(ui, true, text);
        return;
    }
    go_to_tab(ui, 0, effects);
    if (pane_process_go(ui->list, &view, id)) {
        return;
    }
    if (limited) {
        pane_process_set_filter(ui->list, &view, "");
        pane_process_set_user(ui->list, &view, false, 0);
    }
    if (limited && pane_process_go(ui->list, &view, id)) {
        ui_say(ui, false, "the list is no longer filtered: it left this process out");
        return;
    }
    str_addf(&buf, "process %d is not in the list as it is set", (int)id.pid);
    ui_say(ui, true, text);
}

/* The process behind the row under the cursor. Says why when there is none. */
static bool find_owner(struct ui *ui, struct proc_id *ret)
{
    struct pane *pane = ui_tab_pane(ui);
    const struct table *table = pane_table_info(pane);
    const void *row = ui->snap != NULL ? pane_table_row(pane) : NULL;
    if (row == NULL) {
        ui_say(ui, true, "there is no row here");
        return false;
    }
    pane_table_anchor(pane);
    if (pane_table_owner(pane, ret)) {
        return true;
    }
    bool is_socket = (table->parts & PART_SOCKETS) != 0; // its rows are connections then
    if (table->owner == NULL) {
        ui_say(ui, true, "no process is behind this row");
    } else if (is_socket && ((const struct connection *)row)->owners_pending) {
        ui_say(ui, true, "whose it is is not known yet: not all processes were looked through");
    } else if (is_socket && ((const struct connection *)row)->owners_denied) {
        static const char *const why[] = {
            [LOOKER_USER] = "whose it is may not be read: perch needs more rights, as with sudo",
            [LOOKER_ROOT] = "whose it is may not be read: outside this PID namespace, or perch "
                            "needs CAP_SYS_PTRACE",
            [LOOKER_TRACER] = "whose it is may not be read: outside this PID namespace, or refused "
                              "even with CAP_SYS_PTRACE",
        };
        ui_say(ui, true, why[ui->snap->looker]);
    } else {
        ui_say(ui, true,
               is_socket ? "no process holds this socket: it is the kernel's"
                         : "no process is behind this row");
    }
    return false;
}

/* Limit the tables of sockets to those of one process (pid 0: all). */
static void limit_sockets(struct ui *ui, struct proc_id id)
{
    struct view view = ui_view(ui);
    pane_table_set_process(ui->tables[TABLE_CONNECTIONS], &view, id);
    pane_table_set_process(ui->tables[TABLE_LISTENING], &view, id);
}

static size_t tab_of(enum table_id table)
{
    size_t tab = 0;
    while (tab < TAB_COUNT - 1 && tabs[tab].table != table) {
        tab++;
    }
    return tab;
}

/* Show the connections of one process; what it listens on is in the next tab. */
static void show_sockets(struct ui *ui, struct proc_id id, struct effects *effects)
{
    limit_sockets(ui, id);
    go_to_tab(ui, tab_of(TABLE_CONNECTIONS), effects);
}

/* Take the limit to one process away. False when there is none. */
static bool show_all_processes(struct ui *ui)
{
    bool limited = ui_tab_table(ui) != NULL && pane_table_process(ui_tab_pane(ui)).pid > 0;
    if (limited) {
        limit_sockets(ui, (struct proc_id){0});
    }
    return limited;
}

void ui_tabs_go_to_socket(struct ui *ui, const struct connection *socket, struct effects *effects)
{
    const enum table_id table =
        connection_is_listening(socket) ? TABLE_LISTENING : TABLE_CONNECTIONS;
    const struct row_key key = table_info(table)->key(socket);
    const struct view view = ui_view(ui);
    limit_sockets(ui, (struct proc_id){0});
    show_tab(ui, tab_of(table), effects);
    (void)pane_table_go(ui->tables[table], &view, key); // it is in this very snapshot
}

/* Open the menu of signals for the process behind the row. */
static void signal_owner(struct ui *ui, struct effects *effects)
{
    char text[MESSAGE_BYTES];
    struct strbuf buf;
    str_init(&buf, text, sizeof(text));
    struct proc_id id;
    if (ui->options.refusal != NULL) {
        str_addf(&buf, "nothing was done: %s", ui->options.refusal);
        ui_say(ui, true, text);
    } else if (find_owner(ui, &id)) {
        ui->origin.set = true;
        ui->origin.anchor = id;
        ui->origin.thread = (struct target){0};
        ui->origin.tagged = false;
        ui_open_dialog(ui, DIALOG_SIGNAL, effects);
        ui->origin.set = false;
    }
}

/* --- actions --------------------------------------------------------------------------------- */

/* Those that are about the list of processes alone, beside all on a process. */
static bool is_for_processes(enum action_id action)
{
    static const enum action_id only[] = {
        ACTION_USER,           ACTION_SORT_CPU,     ACTION_SORT_MEM,  ACTION_SORT_TIME,
        ACTION_SORT_NET,       ACTION_SORT_PID,     ACTION_TREE,      ACTION_FOLD_ALL,
        ACTION_KERNEL_THREADS, ACTION_USER_THREADS, ACTION_UNTAG_ALL,
    };
    for (size_t i = 0; i < sizeof(only) / sizeof(only[0]); i++) {
        if (only[i] == action) {
            return true;
        }
    }
    return (action_info(action)->flags & ACTION_ON_PROCESS) != 0;
}

/* Those that are about rows. */
static bool is_for_rows(enum action_id action)
{
    return action == ACTION_SORT_MENU || action == ACTION_SORT_INVERT || action == ACTION_COLUMNS ||
           action == ACTION_FILTER || action == ACTION_GO_PROCESS ||
           (action_info(action)->flags & ACTION_ON_SOCKET) != 0;
}

bool ui_tabs_offers(const struct ui *ui, enum action_id action)
{
    const bool on_socket = (action_info(action)->flags & ACTION_ON_SOCKET) != 0;
    const struct table *table = ui_tab_table(ui);
    if (ui_inspect_is_open(ui)) {
        return ui_inspect_offers(ui, action);
    }
    if (ui->tab == 0) {
        return !on_socket;
    }
    if (on_socket) {
        return table != NULL && (table->parts & PART_SOCKETS) != 0;
    }
    if (table == NULL) {
        return !is_for_processes(action) && !is_for_rows(action);
    }
    return action == ACTION_SIGNAL ? table->owner != NULL : !is_for_processes(action);
}

/* Say that an action is one of the other tab. */
static void say_elsewhere(struct ui *ui, enum action_id action)
{
    char text[MESSAGE_BYTES];
    struct strbuf buf;
    str_init(&buf, text, sizeof(text));
    bool on_process =
        (action_info(action)->flags & ACTION_ON_PROCESS) != 0 && ui_tab_table(ui) != NULL;
    str_add(&buf, on_process ? "go to the process first: " : "only in the list of processes: ");
    if (!keymap_key(ui->options.keymap, CONTEXT_TABLE,
                    on_process ? ACTION_GO_PROCESS : ACTION_TAB_PROCESSES, &buf)) {
        str_add(&buf, "no key is bound");
    }
    ui_say(ui, true, text);
}

/* Help with the columns of this table. */
static void open_help(struct ui *ui)
{
    struct pane *help = pane_help_create();
    if (help == NULL) {
        ui_say(ui, true, "not enough memory");
        return;
    }
    pane_help_set_table(help, ui_tab_table(ui));
    ui_close_over(ui);
    ui->over = help;
}

static bool act_on_table(struct ui *ui, enum action_id action, struct effects *effects)
{
    struct proc_id id;
    if (action == ACTION_GO_PROCESS) {
        if (find_owner(ui, &id)) {
            go_to_process(ui, id, effects);
        }
    } else if (action == ACTION_SOCKETS) {
        if (find_owner(ui, &id)) {
            show_sockets(ui, id, effects);
        }
    } else if (action == ACTION_SIGNAL) {
        signal_owner(ui, effects);
    } else if (action == ACTION_CLOSE_CONNECTION) {
        ui_close_connection(ui, effects);
    } else if (action == ACTION_ACT_MENU) {
        ui_open_row_menu(ui, effects);
    } else if (action == ACTION_HELP) {
        open_help(ui);
    } else if (action == ACTION_CANCEL) {
        return show_all_processes(ui) || ui_inspect_return(ui, effects);
    } else if (is_for_processes(action)) {
        say_elsewhere(ui, action);
    } else {
        return false;
    }
    return true;
}

/* In a pane that has no rows. */
static bool act_on_pane(struct ui *ui, enum action_id action)
{
    if (is_for_rows(action)) {
        ui_say(ui, true, "there are no rows here");
    } else if (is_for_processes(action)) {
        say_elsewhere(ui, action);
    } else {
        return false;
    }
    return true;
}

static bool act_on_processes(struct ui *ui, enum action_id action, struct effects *effects)
{
    struct proc_id id;
    if (action == ACTION_GO_PROCESS || ui_inspect_is_section(action)) {
        if (pane_process_selected(ui->list, &id)) {
            ui_inspect_open(ui, id, action, effects);
        } else {
            ui_say(ui, true, "no process selected");
        }
        return true;
    }
    if (action == ACTION_SOCKETS && pane_process_selected(ui->list, &id)) {
        pane_process_anchor(ui->list);
        show_sockets(ui, id, effects);
        return true;
    }
    if (action == ACTION_CLOSE_CONNECTION) {
        ui_close_connection(ui, effects); // says where
        return true;
    }
    return false;
}

bool ui_tabs_act(struct ui *ui, enum action_id action, struct effects *effects)
{
    if (ui_tab_cross(ui, action, effects) ||
        (ui_inspect_is_open(ui) && ui_inspect_act(ui, action, effects))) {
        return true;
    }
    if (action == ACTION_TAB_NEXT || action == ACTION_TAB_PREVIOUS) {
        size_t step = action == ACTION_TAB_NEXT ? 1 : TAB_COUNT - 1;
        go_to_tab(ui, (ui->tab + step) % TAB_COUNT, effects);
        return true;
    }
    for (size_t tab = 0; tab < TAB_COUNT; tab++) {
        if (tabs[tab].action == action) {
            go_to_tab(ui, tab, effects);
            if (ui->tab > 0) {
                (void)show_all_processes(ui); // asked for by name: all of it is meant
            }
            return true;
        }
    }
    if (action == ACTION_SORT_NET && !ui_tab_is_list(ui)) { // asks who, wherever one is
        go_to_tab(ui, 0, effects);
        const struct view view = ui_view(ui);
        return ui->list->class->act(ui->list, &view, action, effects);
    }
    if (ui_tab_is_list(ui)) {
        return act_on_processes(ui, action, effects);
    }
    return ui_tab_table(ui) != NULL ? act_on_table(ui, action, effects) : act_on_pane(ui, action);
}

/* --- what is sampled ------------------------------------------------------------------------- */

/* Whether what is looked at are processes: in a list, one by one, or to do something to them. */
static bool shows_processes(const struct ui *ui)
{
    const struct table *upper = ui_tab_upper_table(ui);
    const struct pane *lower = ui_tab_lower(ui);
    return ui->tab == 0 || ui_inspect_is_open(ui) || ui->draft != NULL ||
           (upper != NULL && upper->process_columns != NULL) ||
           (lower != NULL && pane_table_info(lower)->process_columns != NULL);
}

void ui_tabs_plan(const struct ui *ui, struct plan *plan)
{
    struct view view = ui_view(ui);
    const struct pane *const panes[] = {ui_tab_upper(ui), ui_tab_lower(ui)};
    for (size_t i = 0; i < 2 && panes[i] != NULL; i++) {
        panes[i]->class->plan(panes[i], &view, plan);
    }
    if (ui_tab_is_list(ui)) {
        return;
    }
    if (ui_inspect_is_open(ui)) {
        ui_inspect_plan(ui, plan);
    }
    const struct table *table = ui_tab_table(ui);
    plan->resting = !shows_processes(ui);
    plan->names =
        ui->options.settings->names && table != NULL && (table->parts & PART_SOCKETS) != 0;
    plan->threads = ui->options.settings->user_threads; // else tagged ones would seem to exit
    if (ui->draft != NULL && ui->draft->anchor.pid > 0 &&
        plan->visible_count < PLAN_VISIBLE_MAX) { // what is asked before it is signalled
        plan->visible[plan->visible_count++] = ui->draft->anchor;
        plan->want_visible |= FACT_OWNER | FACT_USER | FACT_CMDLINE;
    }
}

/* --- the line of tabs ------------------------------------------------------------------------ */

static struct tab_line all_tabs(const struct ui *ui)
{
    struct tab_line line = {.count = TAB_COUNT, .shown = ui->tab};
    for (size_t tab = 0; tab < TAB_COUNT; tab++) {
        const struct table *table = tabs[tab].title == NULL ? table_info(tabs[tab].table) : NULL;
        line.digits[tab] = tabs[tab].digit;
        line.titles[tab] = table != NULL ? table->title : tabs[tab].title;
        line.short_titles[tab] = table != NULL ? table->short_title : tabs[tab].short_title;
    }
    return line;
}

void ui_tabs_draw(const struct ui *ui, int y, struct surface *surface)
{
    const struct tab_line line = all_tabs(ui);
    tab_line_draw(&line, ui->width, y, surface);
}

void ui_tabs_press(struct ui *ui, int x, struct effects *effects)
{
    const struct tab_line line = all_tabs(ui);
    const size_t tab = tab_line_at(&line, ui->width, x);
    if (tab < TAB_COUNT) {
        go_to_tab(ui, tab, effects);
    }
}

/* --- filter and search ----------------------------------------------------------------------- */

const char *ui_tab_filter(const struct ui *ui)
{
    const struct pane *pane = ui_tab_pane(ui);
    return pane->class->filter != NULL ? pane->class->filter(pane) : "";
}

void ui_tab_set_filter(struct ui *ui, const char *filter)
{
    struct view view = ui_view(ui);
    struct pane *pane = ui_tab_pane(ui);
    if (pane->class->set_filter != NULL) {
        pane->class->set_filter(pane, &view, filter);
    }
}

bool ui_tab_search(struct ui *ui, const char *text, int step)
{
    struct view view = ui_view(ui);
    struct pane *pane = ui_tab_pane(ui);
    return pane->class->search != NULL && pane->class->search(pane, &view, text, step);
}

void ui_tab_search_begin(struct ui *ui)
{
    struct pane *pane = ui_tab_pane(ui);
    if (pane->class->search != NULL) {
        pane->class->search_begin(pane);
    }
}

void ui_tab_search_cancel(struct ui *ui)
{
    struct view view = ui_view(ui);
    struct pane *pane = ui_tab_pane(ui);
    if (pane->class->search != NULL) {
        pane->class->search_cancel(pane, &view);
    }
}

void ui_tab_highlight(struct ui *ui, const char *text)
{
    struct pane *pane = ui_tab_pane(ui);
    if (pane->class->search != NULL) {
        pane->class->highlight(pane, text);
    }
}
