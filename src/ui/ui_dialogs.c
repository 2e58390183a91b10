#include "base/str.h"
#include "ui/ui_state.h"
#include "ui/ui_tabs.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * The dialogs: a registry with a row for each, what all of them have in common, and the one about
 * whose processes are listed. Those about columns are in ui_columns.c, those about processes in
 * ui_deeds.c and ui_confirm.c.
 */

enum { ALL_USERS = -1 };

/* --- users ----------------------------------------------------------------------------------- */

/* One user who has processes. */
struct present {
    uint32_t uid;
    const char *name; // "" when not known; the snapshot's
    size_t count;
};

static int compare_uids(const void *a, const void *b)
{
    const struct present *left = a;
    const struct present *right = b;
    if (left->uid != right->uid) {
        return left->uid < right->uid ? -1 : 1;
    }
    return (left->name[0] == '\0') - (right->name[0] == '\0'); // whoever knows the name first
}

/* By name; those without one behind, by number. */
static int compare_names(const void *a, const void *b)
{
    const struct present *left = a;
    const struct present *right = b;
    if ((left->name[0] == '\0') != (right->name[0] == '\0')) {
        return left->name[0] == '\0' ? 1 : -1;
    }
    int order = strcmp(left->name, right->name);
    return order != 0 ? order : compare_uids(a, b);
}

/* Count the processes of each user; `users` has room for one per process. */
static size_t collect_users(const struct snapshot *snap, struct present *users)
{
    size_t found = 0;
    for (size_t i = 0; i < snap->proc_count; i++) {
        const struct proc *proc = &snap->procs[i];
        if ((proc->have & FACT_OWNER) != 0 && (proc->flags & PROC_THREAD) == 0) {
            const char *name = (proc->have & FACT_USER) != 0 ? proc->user.ptr : "";
            users[found++] = (struct present){.uid = proc->uid, .name = name, .count = 1};
        }
    }
    qsort(users, found, sizeof(*users), compare_uids);
    size_t count = 0;
    for (size_t i = 0; i < found; i++) {
        if (count > 0 && users[count - 1].uid == users[i].uid) {
            users[count - 1].count++;
        } else {
            users[count++] = users[i];
        }
    }
    qsort(users, count, sizeof(*users), compare_names);
    return count;
}

static int add_user(struct ui *ui, const struct present *user)
{
    struct menu_item item = {.value = (int64_t)user->uid};
    struct strbuf buf;
    str_init(&buf, item.label, sizeof(item.label));
    if (user->name[0] != '\0') {
        str_add(&buf, user->name);
    } else {
        str_addf(&buf, "%u", (unsigned)user->uid);
    }
    str_init(&buf, item.detail, sizeof(item.detail));
    str_addf(&buf, "%zu process%s", user->count, user->count == 1 ? "" : "es");
    return menu_add(ui->menu, &item);
}

static int fill_users(struct ui *ui)
{
    struct menu_item all = {.value = ALL_USERS, .label = "All users"};
    int error = menu_add(ui->menu, &all);
    size_t room = ui->snap != NULL ? ui->snap->proc_count : 0;
    struct present *users = calloc(room + 1, sizeof(*users));
    if (users == NULL) {
        return -ENOMEM;
    }
    size_t count = room > 0 ? collect_users(ui->snap, users) : 0;
    for (size_t i = 0; i < count && error == 0; i++) {
        error = add_user(ui, &users[i]);
    }
    free(users);
    uint32_t uid;
    if (error == 0 && pane_process_user(ui->list, &uid)) {
        (void)menu_select(ui->menu, (int64_t)uid); // has no process: stay on all
    }
    return error;
}

static bool choose_user(struct ui *ui, struct effects *effects)
{
    (void)effects;
    const struct menu_item *item = menu_selected(ui->menu);
    struct view view = ui_view(ui);
    if (item != NULL) {
        pane_process_set_user(ui->list, &view, item->value != ALL_USERS,
                              item->value != ALL_USERS ? (uint32_t)item->value : 0);
    }
    return true;
}

/* --- the registry ---------------------------------------------------------------------------- */

static const struct dialog dialog_user = {
    .title = "Show processes of",
    .deed = DEED_COUNT,
    .fill = fill_users,
    .choose = choose_user,
    .update = ui_dialog_refill, // names and users become known
};

const struct dialog *ui_dialog_info(enum ui_dialog dialog)
{
    static const struct dialog *const dialogs[] = {
        [DIALOG_NONE] = NULL,
        [DIALOG_SORT] = &ui_dialog_sort,
        [DIALOG_USER] = &dialog_user,
        [DIALOG_COLUMNS] = &ui_dialog_columns,
        [DIALOG_ROW] = &ui_dialog_row,
        [DIALOG_SIGNAL] = &ui_dialog_signal,
        [DIALOG_NICE] = &ui_dialog_nice,
        [DIALOG_IO_PRIORITY] = &ui_dialog_io_priority,
        [DIALOG_AFFINITY] = &ui_dialog_affinity,
        [DIALOG_SCHEDULING] = &ui_dialog_scheduling,
        [DIALOG_RT_PRIORITY] = &ui_dialog_rt_priority,
        [DIALOG_OOM_ADJ] = &ui_dialog_oom_adj,
        [DIALOG_CGROUP] = &ui_dialog_cgroup,
        [DIALOG_ACTIONS] = &ui_dialog_actions,
        [DIALOG_CONFIRM] = &ui_dialog_confirm,
    };
    static_assert(sizeof(dialogs) / sizeof(dialogs[0]) == DIALOG_COUNT, "one row per dialog");
    assert(dialog > DIALOG_NONE && dialog < DIALOG_COUNT);
    return dialogs[dialog];
}

/* --- all of them ----------------------------------------------------------------------------- */

void ui_dialog_describe(struct ui *ui)
{
    const struct dialog *info = ui_dialog_info(ui->dialog);
    char texts[3][MESSAGE_BYTES];
    struct strbuf title;
    struct strbuf note;
    struct strbuf hint;
    str_init(&title, texts[0], sizeof(texts[0]));
    str_init(&note, texts[1], sizeof(texts[1]));
    str_init(&hint, texts[2], sizeof(texts[2]));
    if (info->head != NULL) {
        info->head(ui, &title);
    } else {
        str_add(&title, info->title);
        if (ui->draft != NULL) {
            str_add(&title, " ");
            ui_draft_whom(ui, &title);
        }
    }
    bool error = ui->draft != NULL && ui_draft_gone(ui, &note);
    if (info->note != NULL && !(error && ui->draft->target_count == 1)) {
        size_t start = note.len;
        str_add(&note, start > 0 ? "; " : "");
        size_t behind = note.len;
        error = info->note(ui, &note) || error;
        if (note.len == behind) {
            note.len = start;
            texts[1][start] = '\0';
        }
    }
    if (info->changes_scope) {
        ui_draft_choices(ui, &hint);
    }
    ui_widget_describe(ui, texts[0], texts[1], error, texts[2]);
}

void ui_dialog_refill(struct ui *ui)
{
    if (ui->menu == NULL) {
        return;
    }
    const struct menu_item *selected = menu_selected(ui->menu);
    int64_t value = selected != NULL ? selected->value : 0;
    menu_clear(ui->menu);
    int error = ui_dialog_info(ui->dialog)->fill(ui); // what there was room for is shown
    (void)error;
    if (selected != NULL) {
        (void)menu_select(ui->menu, value); // gone: stay where it opened
    }
}

/* Make the widget of a dialog and fill it. */
static int make_widget(struct ui *ui, const struct dialog *info)
{
    if (info->picks_cpus) {
        ui->picker = cpu_picker_create("");
        return ui->picker == NULL ? -ENOMEM : info->fill(ui);
    }
    ui->menu = menu_create("", "");
    int error = ui->menu == NULL ? -ENOMEM : info->fill(ui);
    if (error == 0 && info->edits && ui->draft == NULL) {
        menu_make_editable(ui->menu);
    }
    return error;
}

void ui_switch_dialog(struct ui *ui, enum ui_dialog dialog, struct effects *effects)
{
    ui_widget_destroy(ui);
    ui->dialog = dialog;
    int error = make_widget(ui, ui_dialog_info(dialog));
    if (error != 0) {
        ui_say(ui, true, error == -ENOMEM ? "not enough memory" : "too many at once");
        ui_close_dialog(ui, effects);
        return;
    }
    ui_dialog_describe(ui);
}

void ui_open_dialog(struct ui *ui, enum ui_dialog dialog, struct effects *effects)
{
    const struct dialog *info = ui_dialog_info(dialog);
    if (info->deed != DEED_COUNT && !ui_draft_begin(ui, info->deed)) {
        return; // said why
    }
    if (info->deed != DEED_COUNT && info->changes_scope) {
        ui_draft_inspect(ui, effects);
    }
    ui_switch_dialog(ui, dialog, effects);
}

void ui_close_dialog(struct ui *ui, struct effects *effects)
{
    ui_widget_destroy(ui);
    ui->dialog = DIALOG_NONE;
    ui_draft_drop(ui, effects);
    if (ui->prompt == PROMPT_CONFIRM) {
        ui->prompt = PROMPT_NONE;
    }
}

/*
 * True when what would be taken is only what stood there before it was known how things are: it
 * would change what nobody has seen. Whoever has typed or moved has said what they mean.
 */
static bool is_too_early(const struct ui *ui)
{
    return ui->draft != NULL && ui_dialog_info(ui->dialog)->offers_now && !ui->draft->inspected &&
           !ui_widget_touched(ui);
}

void ui_dialog_outcome(struct ui *ui, enum menu_outcome outcome, struct effects *effects)
{
    const struct dialog *info = ui_dialog_info(ui->dialog);
    if (info->changed != NULL) {
        info->changed(ui);
    }
    if (outcome == MENU_CANCELLED && info->cancel != NULL) {
        info->cancel(ui);
    }
    if (outcome == MENU_CHOSEN && is_too_early(ui)) {
        ui_widget_refuse(ui, "how it is now is not known yet");
        return;
    }
    if (outcome == MENU_CANCELLED || (outcome == MENU_CHOSEN && info->choose(ui, effects))) {
        ui_close_dialog(ui, effects);
    }
}

void ui_dialog_act(struct ui *ui, enum action_id action, struct effects *effects)
{
    const struct dialog *info = ui_dialog_info(ui->dialog);
    if (action == ACTION_SCOPE_NEXT || action == ACTION_SCOPE_PREVIOUS) {
        if (info->changes_scope) {
            ui_draft_step(ui, action == ACTION_SCOPE_NEXT ? 1 : -1, effects);
            ui_dialog_refill(ui);
            ui_dialog_describe(ui);
            if (ui->draft->choice_count < 2) {
                ui_widget_refuse(ui, "there is nobody else to choose");
            }
        }
    } else if (info->act == NULL || !info->act(ui, action)) {
        ui_dialog_outcome(ui, ui_widget_act(ui, action), effects);
    }
}

void ui_dialog_update(struct ui *ui)
{
    const struct dialog *info = ui_dialog_info(ui->dialog);
    if (info->update != NULL) {
        info->update(ui);
    }
    if (ui->draft != NULL) {
        ui_dialog_describe(ui);
    }
}

void ui_dialog_inspected(struct ui *ui, const struct inspection *inspection)
{
    struct draft *draft = ui->draft;
    if (draft == NULL || ui->dialog == DIALOG_NONE || inspection->job != draft->job) {
        return; // an answer to a question that is no longer open
    }
    draft->inspected = true;
    draft->now = *inspection;
    draft->now.topology = NULL; // the sender's
    const struct dialog *info = ui_dialog_info(ui->dialog);
    if (info->inspected != NULL) {
        info->inspected(ui, inspection);
    }
    ui_dialog_describe(ui);
}
