#include "base/str.h"
#include "model/network.h"
#include "ui/pane_table.h"
#include "ui/ui_inspect.h"
#include "ui/ui_state.h"
#include "ui/ui_tabs.h"

/*
 * What can be done with the row of a table: closing its connection, and the menu of all there is.
 */

/* What stands in the menu, as far as the table offers it. */
static const enum action_id row_actions[] = {
    ACTION_GO_PROCESS,
    ACTION_SOCKETS,
    ACTION_SIGNAL,
    ACTION_CLOSE_CONNECTION,
};

/* --- closing a connection -------------------------------------------------------------------- */

/* Why this one cannot be closed. Owns: static storage. Errors: NULL when it can. */
static const char *why_not_close(const struct connection *c)
{
    if (c->protocol != SOCKET_TCP) {
        return "only TCP connections can be closed, and this is none";
    }
    if (connection_is_listening(c)) {
        return "it has no peer: only connections are closed";
    }
    if (c->state == SOCKET_TIME_WAIT) {
        return "it is over already, the kernel only remembers it for a while";
    }
    return c->cookie == 0 ? "the kernel gave no sure mark to tell it by" : NULL;
}

/* The row under the cursor if the table shown is one of sockets. Owns: the snapshot.
 * Errors: NULL; says why. */
static const struct connection *connection_here(struct ui *ui)
{
    char text[MESSAGE_BYTES];
    struct strbuf buf;
    str_init(&buf, text, sizeof(text));
    const struct table *table = ui_tab_table(ui);
    if (table == NULL || (table->parts & PART_SOCKETS) == 0) {
        const bool inspects = ui_inspect_is_open(ui);
        const enum context context = inspects ? CONTEXT_INSPECT : CONTEXT_TABLE;
        const enum action_id there = inspects ? ACTION_SECTION_SOCKETS : ACTION_TAB_CONNECTIONS;
        str_add(&buf, inspects ? "choose one of its sockets first: "
                               : "only in the table of connections: ");
        if (!keymap_key(ui->options.keymap, context, there, &buf)) {
            str_add(&buf, "no key is bound");
        }
        ui_say(ui, true, text);
        return NULL;
    }
    const void *row = ui->snap != NULL ? pane_table_row(ui_tab_pane(ui)) : NULL;
    if (row == NULL) {
        ui_say(ui, true, "there is no row here");
    }
    return row;
}

void ui_close_connection(struct ui *ui, struct effects *effects)
{
    const struct connection *connection = connection_here(ui);
    if (connection == NULL) {
        return;
    }
    pane_table_anchor(ui_tab_pane(ui));
    const char *why = ui->options.refusal != NULL ? ui->options.refusal : why_not_close(connection);
    if (why != NULL) {
        char text[MESSAGE_BYTES];
        struct strbuf buf;
        str_init(&buf, text, sizeof(text));
        str_addf(&buf, "nothing was closed: %s", why);
        ui_say(ui, true, text);
    } else if (ui->options.close_needs != NULL) { // no need to ask first
        char text[MESSAGE_BYTES];
        struct strbuf buf;
        str_init(&buf, text, sizeof(text));
        str_addf(&buf, "nothing was closed: this needs %s%s", ui->options.close_needs,
                 ui->snap->looker != LOOKER_USER ? ", which even root lacks here"
                                                 : "; run perch with sudo");
        ui_say(ui, true, text);
    } else if (ui_draft_begin_close(ui, connection)) {
        (void)ui_draft_decide(ui, effects); // it always asks
    }
}

/* --- the menu -------------------------------------------------------------------------------- */

/* The table has something else under the cursor than what the menu was opened for. */
static bool has_moved(const struct ui *ui)
{
    const void *row = pane_table_row(ui_tab_pane(ui));
    if (row == NULL) {
        return true;
    }
    const struct row_key key = ui_tab_table(ui)->key(row);
    return key.a != ui->row.a || key.b != ui->row.b;
}

static int fill_row(struct ui *ui)
{
    int error = 0;
    for (size_t i = 0; i < sizeof(row_actions) / sizeof(row_actions[0]) && error == 0; i++) {
        const struct action *info = action_info(row_actions[i]);
        bool on_socket = (info->flags & ACTION_ON_SOCKET) != 0;
        if (on_socket ? !ui_tabs_offers(ui, row_actions[i]) : ui_tab_table(ui)->owner == NULL) {
            continue;
        }
        char key[32];
        struct strbuf buf;
        str_init(&buf, key, sizeof(key));
        (void)keymap_key(ui->options.keymap, CONTEXT_TABLE, row_actions[i], &buf); // "": none
        struct menu_item item = {.value = row_actions[i]};
        item.disabled = (info->flags & ACTION_CHANGES) != 0 && ui->options.refusal != NULL;
        str_init(&buf, item.label, sizeof(item.label));
        str_addf(&buf, "%-5s %s", key, info->help);
        str_init(&buf, item.shortcut, sizeof(item.shortcut));
        str_add(&buf, key[0] != '\0' && key[1] == '\0' ? key : "");
        error = menu_add(ui->menu, &item);
    }
    return error;
}

static bool choose_row(struct ui *ui, struct effects *effects)
{
    const struct menu_item *item = menu_selected(ui->menu);
    if (item == NULL) {
        return true;
    }
    enum action_id action = (enum action_id)item->value;
    ui_close_dialog(ui, effects);
    if (has_moved(ui)) {
        ui_say(ui, true, "nothing was done: the row is gone");
    } else {
        ui_act(ui, action, effects);
    }
    return false;
}

void ui_open_row_menu(struct ui *ui, struct effects *effects)
{
    struct pane *pane = ui_tab_pane(ui);
    const struct table *table = ui_tab_table(ui);
    const void *row = ui->snap != NULL ? pane_table_row(pane) : NULL;
    if (row == NULL) {
        ui_say(ui, true, "there is no row here");
    } else if (table->owner == NULL && (table->parts & PART_SOCKETS) == 0) {
        ui_say(ui, true, "nothing can be done with a row of this table");
    } else {
        pane_table_anchor(pane);
        ui->row = table->key(row);
        ui_open_dialog(ui, DIALOG_ROW, effects);
    }
}

const struct dialog ui_dialog_row = {
    .title = "With this row",
    .deed = DEED_COUNT,
    .fill = fill_row,
    .choose = choose_row,
};
