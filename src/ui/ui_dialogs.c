#include "base/str.h"
#include "ui/ui_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * The menus: signals, sort columns, users, shown columns. The signal menu keeps its targets
 * from the moment it opens: whatever happens to the list meanwhile, the signal goes to the
 * processes named in the title or to nobody.
 */

enum { NAMED_MAX = 8, ALL_USERS = -1 };

static void copy_text(char *out, size_t size, const char *text)
{
    struct strbuf buf;
    str_init(&buf, out, size);
    str_add(&buf, text);
}

/* --- signals --------------------------------------------------------------------------------- */

struct target *ui_take_targets(struct ui *ui, bool processes, size_t *ret_count)
{
    struct view view = ui_view(ui);
    struct target *targets = calloc(EFFECT_TARGETS_MAX, sizeof(*targets));
    if (targets == NULL) {
        ui_say(ui, true, "not enough memory");
        return NULL;
    }
    size_t count = pane_process_targets(ui->list, &view, processes, targets, EFFECT_TARGETS_MAX);
    struct proc_id id;
    char text[MESSAGE_BYTES];
    struct strbuf buf;
    str_init(&buf, text, sizeof(text));
    if (count > EFFECT_TARGETS_MAX) {
        str_addf(&buf, "%zu processes are tagged; one command reaches at most %d", count,
                 (int)EFFECT_TARGETS_MAX);
    } else if (count == 0 && pane_process_selected(ui->list, &id)) {
        str_addf(&buf, "process %d has exited", (int)id.pid);
    } else if (count == 0) {
        str_add(&buf, "no process selected");
    } else {
        *ret_count = count;
        return targets;
    }
    ui_say(ui, true, text);
    free(targets);
    return NULL;
}

static void name_target(struct strbuf *buf, const struct target *target)
{
    str_addf(buf, "%d %s", (int)target->id.pid, target->name);
}

static void signal_title(const struct ui *ui, struct strbuf *buf)
{
    str_add(buf, "Signal ");
    if (ui->target_count == 1) {
        name_target(buf, &ui->targets[0]);
        if (ui->targets[0].user[0] != '\0') {
            str_addf(buf, " (%s)", ui->targets[0].user);
        }
        return;
    }
    str_addf(buf, "%zu processes: ", ui->target_count);
    for (size_t i = 0; i < ui->target_count && i < NAMED_MAX; i++) {
        str_add(buf, i > 0 ? ", " : "");
        name_target(buf, &ui->targets[i]);
    }
    if (ui->target_count > NAMED_MAX) {
        str_add(buf, ui->options.unicode ? ", …" : ", ...");
    }
}

static bool is_gone(const struct ui *ui, const struct target *target)
{
    const struct proc *proc = snapshot_find(ui->snap, target->id);
    return proc == NULL || (proc->flags & PROC_EXITED) != 0;
}

/* Say in the menu who of the targets is no more. */
static void note_gone(struct ui *ui)
{
    size_t gone = 0;
    const struct target *first = NULL;
    for (size_t i = 0; ui->snap != NULL && i < ui->target_count; i++) {
        if (is_gone(ui, &ui->targets[i])) {
            first = gone == 0 ? &ui->targets[i] : first;
            gone++;
        }
    }
    if (first == NULL) {
        return;
    }
    char text[MESSAGE_BYTES];
    struct strbuf buf;
    str_init(&buf, text, sizeof(text));
    name_target(&buf, first);
    if (gone == 1) {
        str_add(&buf, " has exited");
    } else {
        str_addf(&buf, " and %zu more have exited", gone - 1);
    }
    menu_set_note(ui->menu, text, true);
}

static int fill_signals(struct ui *ui)
{
    for (size_t i = 0; i < ui->options.signal_count; i++) {
        const struct ui_signal *sig = &ui->options.signals[i];
        struct menu_item item = {.value = sig->number};
        struct strbuf buf;
        str_init(&buf, item.label, sizeof(item.label));
        str_addf(&buf, "%2d SIG%s", sig->number, sig->name);
        copy_text(item.detail, sizeof(item.detail), sig->help);
        copy_text(item.shortcut, sizeof(item.shortcut), sig->name);
        int error = menu_add(ui->menu, &item);
        if (error != 0) {
            return error;
        }
    }
    (void)menu_select(ui->menu, ui->options.signal_default); // absent: the first one
    return 0;
}

static int open_signal(struct ui *ui, struct effects *effects)
{
    ui->targets = ui_take_targets(ui, true, &ui->target_count);
    if (ui->targets == NULL) {
        return 0; // said why
    }
    char title[MESSAGE_BYTES];
    struct strbuf buf;
    str_init(&buf, title, sizeof(title));
    signal_title(ui, &buf);
    ui->menu = menu_create(title, "");
    int error = ui->menu != NULL ? fill_signals(ui) : -ENOMEM;
    if (error == 0 && !effects_add_targets(effects, EFFECT_PIN, 0, ui->targets, ui->target_count)) {
        error = -E2BIG;
    }
    return error;
}

/* --- sort and columns ------------------------------------------------------------------------ */

static int add_column(struct ui *ui, enum column_id id, bool ticked)
{
    const struct column *info = column_info(id);
    struct menu_item item = {.value = (int64_t)id, .ticked = ticked};
    copy_text(item.label, sizeof(item.label), info->title);
    copy_text(item.detail, sizeof(item.detail), info->help);
    copy_text(item.shortcut, sizeof(item.shortcut), info->name);
    return menu_add(ui->menu, &item);
}

static int open_sort(struct ui *ui)
{
    const struct settings *settings = ui->options.settings;
    int32_t sort = settings->tree ? settings->tree_sort : settings->sort;
    ui->menu = menu_create("Sort by", "");
    int error = ui->menu == NULL ? -ENOMEM : 0;
    for (unsigned id = 0; id < COLUMN_COUNT && error == 0; id++) {
        error = add_column(ui, (enum column_id)id, (int32_t)id == sort);
    }
    if (error == 0) {
        (void)menu_select(ui->menu, sort); // unknown: the first one
    }
    return error;
}

/* What the keys do to the columns, under the title of their menu. */
static void note_columns(struct ui *ui)
{
    static const struct {
        enum action_id action;
        const char *before, *after;
    } parts[] = {
        {ACTION_TOGGLE_ITEM, "", ": on or off"},
        {ACTION_MOVE_ITEM_UP, "; ", ": up"},
        {ACTION_MOVE_ITEM_DOWN, "; ", ": down"},
    };
    char text[MESSAGE_BYTES];
    struct strbuf buf;
    str_init(&buf, text, sizeof(text));
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        char key[MESSAGE_BYTES / 8];
        struct strbuf name;
        str_init(&name, key, sizeof(key));
        if (keymap_key(ui->options.keymap, CONTEXT_MENU, parts[i].action, &name)) {
            str_addf(&buf, "%s%s%s", buf.len > 0 ? parts[i].before : "", key, parts[i].after);
        }
    }
    menu_set_note(ui->menu, text, false);
}

static int open_columns(struct ui *ui)
{
    const struct settings *settings = ui->options.settings;
    bool shown[COLUMN_COUNT] = {0};
    memcpy(ui->columns_before, settings->columns, sizeof(ui->columns_before));
    ui->column_count_before = settings->column_count;
    ui->menu = menu_create("Columns", "");
    int error = ui->menu == NULL ? -ENOMEM : 0;
    if (error == 0) {
        note_columns(ui);
    }
    for (size_t i = 0; i < settings->column_count && i < SETTINGS_COLUMNS_MAX && error == 0; i++) {
        if (settings->columns[i] < COLUMN_COUNT && !shown[settings->columns[i]]) {
            shown[settings->columns[i]] = true;
            error = add_column(ui, (enum column_id)settings->columns[i], true);
        }
    }
    for (unsigned id = 0; id < COLUMN_COUNT && error == 0; id++) {
        error = shown[id] ? 0 : add_column(ui, (enum column_id)id, false);
    }
    if (error == 0) {
        menu_make_editable(ui->menu);
    }
    return error;
}

/* Show the ticked columns at once, so that the effect is seen behind the menu. */
static void apply_columns(struct ui *ui)
{
    struct settings *settings = ui->options.settings;
    uint8_t columns[SETTINGS_COLUMNS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < menu_count(ui->menu); i++) {
        const struct menu_item *item = menu_at(ui->menu, i);
        if (item->ticked && count < SETTINGS_COLUMNS_MAX) {
            columns[count++] = (uint8_t)item->value;
        }
    }
    if (count == 0) {
        menu_set_note(ui->menu, "at least one column must stay", true);
        return;
    }
    note_columns(ui);
    memcpy(settings->columns, columns, count);
    settings->column_count = count;
}

/* Take back what was done to the columns since the menu opened. */
static void restore_columns(struct ui *ui)
{
    struct settings *settings = ui->options.settings;
    if (settings->column_count != ui->column_count_before ||
        memcmp(settings->columns, ui->columns_before, ui->column_count_before) != 0) {
        memcpy(settings->columns, ui->columns_before, sizeof(ui->columns_before));
        settings->column_count = ui->column_count_before;
        ui_say(ui, false, "the columns are as they were before");
    }
}

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

static int open_users(struct ui *ui)
{
    ui->menu = menu_create("Show processes of", "");
    if (ui->menu == NULL) {
        return -ENOMEM;
    }
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

/* Names and users become known while the menu is open: list them again. */
static void update_users(struct ui *ui)
{
    const struct menu_item *selected = menu_selected(ui->menu);
    int64_t value = selected != NULL ? selected->value : ALL_USERS;
    struct menu *old = ui->menu;
    if (open_users(ui) != 0) {
        menu_destroy(ui->menu);
        ui->menu = old;
        return;
    }
    menu_destroy(old);
    (void)menu_select(ui->menu, value); // gone: stay where the filter is
}

/* --- all of them ----------------------------------------------------------------------------- */

void ui_open_dialog(struct ui *ui, enum ui_dialog dialog, struct effects *effects)
{
    int error = 0;
    ui->dialog = dialog;
    switch (dialog) {
    case DIALOG_NONE:
        break;
    case DIALOG_SIGNAL:
        error = open_signal(ui, effects);
        break;
    case DIALOG_SORT:
        error = open_sort(ui);
        break;
    case DIALOG_USER:
        error = open_users(ui);
        break;
    case DIALOG_COLUMNS:
        error = open_columns(ui);
        break;
    }
    if (error != 0) {
        ui_say(ui, true, error == -ENOMEM ? "not enough memory" : "too many at once");
    }
    if (error != 0 || ui->menu == NULL) {
        menu_destroy(ui->menu);
        ui->menu = NULL;
        ui->dialog = DIALOG_NONE;
        free(ui->targets);
        ui->targets = NULL;
        ui->target_count = 0;
    }
}

void ui_close_dialog(struct ui *ui, struct effects *effects)
{
    if (ui->dialog == DIALOG_SIGNAL) {
        effects_add(effects, EFFECT_UNPIN, 0);
    }
    menu_destroy(ui->menu);
    ui->menu = NULL;
    ui->dialog = DIALOG_NONE;
    free(ui->targets);
    ui->targets = NULL;
    ui->target_count = 0;
}

static void choose_signal(struct ui *ui, int64_t number, struct effects *effects)
{
    if (!effects_add_targets(effects, EFFECT_SIGNAL, (int)number, ui->targets, ui->target_count)) {
        ui_say(ui, true, "nothing was sent: too many requests at once");
    }
}

static void choose_sort(struct ui *ui, int64_t column)
{
    const struct settings *settings = ui->options.settings;
    if (column != (settings->tree ? settings->tree_sort : settings->sort)) {
        struct view view = ui_view(ui);
        pane_process_sort(ui->list, &view, (int)column);
    }
}

static void choose_user(struct ui *ui, int64_t uid)
{
    struct view view = ui_view(ui);
    pane_process_set_user(ui->list, &view, uid != ALL_USERS, uid != ALL_USERS ? (uint32_t)uid : 0);
}

void ui_dialog_outcome(struct ui *ui, enum menu_outcome outcome, struct effects *effects)
{
    if (ui->dialog == DIALOG_COLUMNS) {
        apply_columns(ui);
    }
    if (ui->dialog == DIALOG_COLUMNS && outcome == MENU_CANCELLED) {
        restore_columns(ui);
    }
    if (outcome == MENU_OPEN) {
        return;
    }
    const struct menu_item *item = outcome == MENU_CHOSEN ? menu_selected(ui->menu) : NULL;
    if (item != NULL) {
        switch (ui->dialog) {
        case DIALOG_SIGNAL:
            choose_signal(ui, item->value, effects);
            break;
        case DIALOG_SORT:
            choose_sort(ui, item->value);
            break;
        case DIALOG_USER:
            choose_user(ui, item->value);
            break;
        case DIALOG_COLUMNS:
        case DIALOG_NONE:
            break;
        }
    }
    ui_close_dialog(ui, effects);
}

void ui_dialog_update(struct ui *ui)
{
    if (ui->dialog == DIALOG_SIGNAL) {
        note_gone(ui);
    } else if (ui->dialog == DIALOG_USER) {
        update_users(ui);
    }
}
