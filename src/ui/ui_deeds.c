#include "base/str.h"
#include "model/snapshot.h"
#include "ui/ui_state.h"

#include <string.h>

/*
 * The dialogs in which the value of a deed is chosen, and the deeds that need none. What was
 * chosen goes into the draft; ui_draft_decide() then asks what else must be asked.
 */

enum {
    TERMINATE_ITEM = -1,
    IO_LEVELS = 8,
    IO_ITEM_FIRST = 1000, // beyond what one types, so that digits find nothing
    RESET_ITEM = 1000,
    GROUP_FREEZE = 0,
    GROUP_THAW,
    GROUP_KILL,
};

static int add_item(struct ui *ui, int64_t value, const char *label, const char *detail)
{
    struct menu_item item = {.value = value};
    struct strbuf buf;
    str_init(&buf, item.label, sizeof(item.label));
    str_add(&buf, label);
    str_init(&buf, item.detail, sizeof(item.detail));
    str_add(&buf, detail);
    return menu_add(ui->menu, &item);
}

/* The value all targets have now. Errors: NULL when it is not known, or differs. */
static const struct deed_value *current(const struct ui *ui)
{
    const struct draft *draft = ui->draft;
    return draft->inspected && draft->now.known && draft->now.same ? &draft->now.value : NULL;
}

/* Put the cursor on what is so now, unless the user has put it somewhere. */
static void preselect(struct ui *ui, int64_t value)
{
    if (!menu_touched(ui->menu)) {
        (void)menu_select(ui->menu, value); // no such item: it stays
    }
}

static bool note_value(const struct ui *ui, struct strbuf *buf)
{
    ui_draft_value(ui, buf);
    return false;
}

/* Take the number of the item under the cursor as the value. False when there is none. */
static bool take_number(struct ui *ui)
{
    const struct menu_item *item = menu_selected(ui->menu);
    if (item != NULL) {
        ui->draft->deed.value.number = (int32_t)item->value;
    }
    return item != NULL;
}

/* --- signals --------------------------------------------------------------------------------- */

static int add_terminate(struct ui *ui)
{
    struct menu_item item = {.value = TERMINATE_ITEM};
    struct strbuf buf;
    str_init(&buf, item.label, sizeof(item.label));
    int32_t wait_ms = ui->options.settings->terminate_wait_ms;
    str_add(&buf, "   terminate properly: KILL in ");
    str_add_fixed(&buf, (double)wait_ms / 1000, wait_ms % 1000 != 0 ? 1 : 0);
    str_add(&buf, " s");
    return menu_add(ui->menu, &item);
}

static int add_signal(struct ui *ui, const struct ui_signal *sig)
{
    struct menu_item item = {.value = sig->number};
    struct strbuf buf;
    str_init(&buf, item.label, sizeof(item.label));
    str_addf(&buf, "%2d SIG%s", sig->number, sig->name);
    str_init(&buf, item.detail, sizeof(item.detail));
    str_add(&buf, sig->help);
    str_init(&buf, item.shortcut, sizeof(item.shortcut));
    str_add(&buf, sig->name);
    return menu_add(ui->menu, &item);
}

/* The proper way to end a process stands beside the usual one, where it is seen. */
static int fill_signals(struct ui *ui)
{
    int error = 0;
    for (size_t i = 0; i < ui->options.signal_count && error == 0; i++) {
        const struct ui_signal *sig = &ui->options.signals[i];
        error = sig->number == ui->options.signal_default ? add_terminate(ui) : 0;
        error = error != 0 ? error : add_signal(ui, sig);
    }
    if (ui->last_signal == 0 || !menu_select(ui->menu, ui->last_signal)) {
        (void)menu_select(ui->menu, ui->options.signal_default); // absent: the first one
    }
    return error;
}

static bool choose_signal(struct ui *ui, struct effects *effects)
{
    const struct menu_item *item = menu_selected(ui->menu);
    struct deed *deed = &ui->draft->deed;
    if (item == NULL) {
        return false;
    }
    ui->draft->signal = item->value;
    if (item->value == TERMINATE_ITEM) {
        deed->kind = DEED_TERMINATE;
        deed->value.number = ui->options.settings->terminate_wait_ms;
    } else if (item->value == ui->options.signal_stop) { // so that it can be undone
        deed->kind = DEED_STOP;
        deed->value.number = 1;
    } else {
        deed->kind = DEED_SIGNAL;
        deed->value.number = (int32_t)item->value;
    }
    return !ui_draft_decide(ui, effects);
}

const struct dialog ui_dialog_signal = {
    .title = "Signal",
    .deed = DEED_SIGNAL,
    .fill = fill_signals,
    .changes_scope = true,
    .choose = choose_signal,
};

/* --- nice values ----------------------------------------------------------------------------- */

static const char *nice_meaning(int64_t number)
{
    return number == -20  ? "most of the CPU"
           : number == 0  ? "the usual share"
           : number == 19 ? "least of the CPU"
                          : "";
}

static int fill_nice(struct ui *ui)
{
    const struct deed_info *info = deed_info(DEED_NICE);
    int error = 0;
    for (int32_t nice = info->min; nice <= info->max && error == 0; nice++) {
        char label[16];
        struct strbuf buf;
        str_init(&buf, label, sizeof(label));
        str_addf(&buf, "%3d", (int)nice);
        error = add_item(ui, nice, label, nice_meaning(nice));
    }
    (void)menu_select(ui->menu, 0); // it is there
    return error;
}

static void nice_known(struct ui *ui, const struct inspection *inspection)
{
    (void)inspection;
    const struct deed_value *value = current(ui);
    if (value != NULL) {
        preselect(ui, value->number);
    }
}

static bool choose_nice(struct ui *ui, struct effects *effects)
{
    return take_number(ui) && !ui_draft_decide(ui, effects);
}

const struct dialog ui_dialog_nice = {
    .title = "Nice value of",
    .deed = DEED_NICE,
    .fill = fill_nice,
    .changes_scope = true,
    .note = note_value,
    .choose = choose_nice,
    .offers_now = true,
    .inspected = nice_known,
};

void ui_act_nice(struct ui *ui, enum deed_kind kind, int difference, struct effects *effects)
{
    if (!ui_draft_begin(ui, kind)) {
        return; // said why
    }
    ui->draft->deed.relative = true;
    ui->draft->deed.value.number = difference;
    if (!ui_draft_decide(ui, effects)) {
        ui_draft_drop(ui, effects);
    }
}

/* --- stopping -------------------------------------------------------------------------------- */

static bool all_stopped(const struct ui *ui)
{
    for (size_t i = 0; i < ui->draft->target_count; i++) {
        const struct proc *proc = snapshot_find(ui->snap, ui->draft->targets[i].id);
        if (proc == NULL || proc->state != 'T') {
            return false;
        }
    }
    return true;
}

void ui_act_stop(struct ui *ui, struct effects *effects)
{
    if (!ui_draft_begin(ui, DEED_STOP)) {
        return; // said why
    }
    ui->draft->deed.value.number = all_stopped(ui) ? 0 : 1;
    if (!ui_draft_decide(ui, effects)) {
        ui_draft_drop(ui, effects);
    }
}

/* --- I/O priority ---------------------------------------------------------------------------- */

static int64_t io_item(int32_t class, int32_t level)
{
    bool levelled = class == IO_CLASS_REALTIME || class == IO_CLASS_BEST_EFFORT;
    return IO_ITEM_FIRST + (int64_t) class * IO_LEVELS + (levelled ? level : 0);
}

static int add_levels(struct ui *ui, enum io_class class, const char *name)
{
    int error = 0;
    for (int32_t level = 0; level < IO_LEVELS && error == 0; level++) {
        char label[32];
        struct strbuf buf;
        str_init(&buf, label, sizeof(label));
        str_addf(&buf, "%s %d", name, (int)level);
        error = add_item(ui, io_item((int32_t) class, level), label,
                         level == 0               ? "first of its class"
                         : level == IO_LEVELS - 1 ? "last of its class"
                                                  : "");
    }
    return error;
}

static int fill_io(struct ui *ui)
{
    int error = add_item(ui, io_item(IO_CLASS_NONE, 0), "none", "follows the nice value");
    error = error != 0 ? error : add_levels(ui, IO_CLASS_REALTIME, "real-time");
    error = error != 0 ? error : add_levels(ui, IO_CLASS_BEST_EFFORT, "best-effort");
    return error != 0 ? error
                      : add_item(ui, io_item(IO_CLASS_IDLE, 0), "idle", "when no one else wants");
}

static void io_known(struct ui *ui, const struct inspection *inspection)
{
    (void)inspection;
    const struct deed_value *value = current(ui);
    if (value != NULL) {
        preselect(ui, io_item(value->io.class, value->io.level));
    }
}

static bool choose_io(struct ui *ui, struct effects *effects)
{
    const struct menu_item *item = menu_selected(ui->menu);
    if (item == NULL) {
        return false;
    }
    ui->draft->deed.value.io.class = (int32_t)((item->value - IO_ITEM_FIRST) / IO_LEVELS);
    ui->draft->deed.value.io.level = (int32_t)((item->value - IO_ITEM_FIRST) % IO_LEVELS);
    return !ui_draft_decide(ui, effects);
}

const struct dialog ui_dialog_io_priority = {
    .title = "I/O priority of",
    .deed = DEED_IOPRIO,
    .fill = fill_io,
    .changes_scope = true,
    .note = note_value,
    .choose = choose_io,
    .offers_now = true,
    .inspected = io_known,
};

/* --- CPU affinity ---------------------------------------------------------------------------- */

/* Nothing is known of the CPUs until the inspection is there. */
static int fill_affinity(struct ui *ui)
{
    (void)ui;
    return 0;
}

static void affinity_known(struct ui *ui, const struct inspection *inspection)
{
    const struct cpu_set *chosen =
        inspection->known ? &inspection->value.cpus : &inspection->allowed;
    if (cpu_picker_set(ui->picker, inspection->topology, &inspection->allowed, chosen) != 0) {
        ui_say(ui, true, "not enough memory");
    }
}

static bool choose_affinity(struct ui *ui, struct effects *effects)
{
    ui->draft->deed.value.cpus = *cpu_picker_chosen(ui->picker);
    return !ui_draft_decide(ui, effects);
}

const struct dialog ui_dialog_affinity = {
    .title = "CPUs of",
    .deed = DEED_AFFINITY,
    .fill = fill_affinity,
    .picks_cpus = true,
    .edits = true,
    .changes_scope = true,
    .note = note_value,
    .choose = choose_affinity,
    .offers_now = true,
    .inspected = affinity_known,
};

/* --- scheduling ------------------------------------------------------------------------------ */

static int fill_scheduling(struct ui *ui)
{
    static const struct {
        enum sched_policy policy;
        const char *label, *detail;
        bool more; // a priority is asked for
    } rows[] = {
        {POLICY_OTHER, "OTHER", "time-sharing, by nice", false},
        {POLICY_BATCH, "BATCH", "for long computations", false},
        {POLICY_IDLE, "IDLE", "when the CPU is free", false},
        {POLICY_FIFO, "FIFO", "real-time until it waits", true},
        {POLICY_RR, "RR", "real-time, in turns", true},
    };
    int error = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && error == 0; i++) {
        char label[16];
        struct strbuf buf;
        str_init(&buf, label, sizeof(label));
        str_add(&buf, rows[i].label);
        str_add(&buf, !rows[i].more ? "" : ui->options.unicode ? "…" : "...");
        error = add_item(ui, rows[i].policy, label, rows[i].detail);
    }
    bool reset = ui->draft->deed.value.sched.reset_on_fork;
    return error != 0 ? error
                      : add_item(ui, RESET_ITEM, reset ? "[x] reset on fork" : "[ ] reset on fork",
                                 "children get OTHER");
}

static void scheduling_known(struct ui *ui, const struct inspection *inspection)
{
    (void)inspection;
    const struct deed_value *value = current(ui);
    if (value == NULL) {
        return;
    }
    if (!ui->draft->toggled) {
        ui->draft->deed.value.sched.reset_on_fork = value->sched.reset_on_fork;
        ui_dialog_refill(ui);
    }
    preselect(ui, value->sched.policy);
}

static void toggle_reset(struct ui *ui)
{
    ui->draft->toggled = true;
    ui->draft->deed.value.sched.reset_on_fork = !ui->draft->deed.value.sched.reset_on_fork;
    ui_dialog_refill(ui);
}

static bool act_scheduling(struct ui *ui, enum action_id action)
{
    if (action == ACTION_TOGGLE_ITEM) {
        toggle_reset(ui);
    }
    return action == ACTION_TOGGLE_ITEM;
}

static bool choose_scheduling(struct ui *ui, struct effects *effects)
{
    const struct menu_item *item = menu_selected(ui->menu);
    if (item == NULL) {
        return false;
    }
    if (item->value == RESET_ITEM) {
        toggle_reset(ui);
        return false;
    }
    if (!ui->draft->inspected && !ui->draft->toggled) { // or a flag unseen would be cleared
        ui_widget_refuse(ui, "whether it resets on fork is not known yet");
        return false;
    }
    ui->draft->deed.value.sched.policy = (int32_t)item->value;
    ui->draft->deed.value.sched.rt_priority = 0;
    if (item->value == POLICY_FIFO || item->value == POLICY_RR) {
        ui_switch_dialog(ui, DIALOG_RT_PRIORITY, effects);
        return false;
    }
    return !ui_draft_decide(ui, effects);
}

const struct dialog ui_dialog_scheduling = {
    .title = "Scheduling of",
    .deed = DEED_SCHEDULING,
    .fill = fill_scheduling,
    .edits = true,
    .changes_scope = true,
    .note = note_value,
    .act = act_scheduling,
    .choose = choose_scheduling,
    .offers_now = true,
    .inspected = scheduling_known,
};

static int fill_rt_priority(struct ui *ui)
{
    int error = 0;
    for (int priority = 1; priority <= 99 && error == 0; priority++) {
        char label[16];
        struct strbuf buf;
        str_init(&buf, label, sizeof(label));
        str_addf(&buf, "%2d", priority);
        error = add_item(ui, priority, label,
                         priority == 1    ? "before everything that is not real-time"
                         : priority == 99 ? "before the kernel's own threads, too"
                                          : "");
    }
    const struct deed_value *value = current(ui);
    if (value != NULL && value->sched.rt_priority > 0) {
        (void)menu_select(ui->menu, value->sched.rt_priority); // beyond 99: the first
    }
    return error;
}

static void head_rt_priority(const struct ui *ui, struct strbuf *buf)
{
    bool fifo = ui->draft->deed.value.sched.policy == POLICY_FIFO;
    str_add(buf, fifo ? "FIFO priority of " : "RR priority of ");
    ui_draft_whom(ui, buf);
}

static bool choose_rt_priority(struct ui *ui, struct effects *effects)
{
    const struct menu_item *item = menu_selected(ui->menu);
    if (item == NULL) {
        return false;
    }
    ui->draft->deed.value.sched.rt_priority = (int32_t)item->value;
    return !ui_draft_decide(ui, effects);
}

const struct dialog ui_dialog_rt_priority = {
    .deed = DEED_COUNT, // goes on with the one of the scheduling dialog
    .fill = fill_rt_priority,
    .head = head_rt_priority,
    .note = note_value,
    .choose = choose_rt_priority,
};

/* --- OOM score adjustment -------------------------------------------------------------------- */

static const char *oom_meaning(int64_t number)
{
    return number == -1000  ? "never killed for memory"
           : number < 0     ? "killed later than others"
           : number == 0    ? "as the kernel judges"
           : number == 1000 ? "killed first"
                            : "killed sooner than others";
}

static int fill_oom(struct ui *ui)
{
    static const int16_t presets[] = {-1000, -500, 0, 500, 1000};
    const struct deed_info *info = deed_info(DEED_OOM_ADJ);
    int error = 0;
    for (size_t i = 0; i < sizeof(presets) / sizeof(presets[0]) && error == 0; i++) {
        char label[16];
        struct strbuf buf;
        str_init(&buf, label, sizeof(label));
        str_addf(&buf, "%5d", (int)presets[i]);
        error = add_item(ui, presets[i], label, oom_meaning(presets[i]));
    }
    menu_allow_number(ui->menu, info->min, info->max, oom_meaning);
    (void)menu_select(ui->menu, 0); // it is there
    return error;
}

static void oom_known(struct ui *ui, const struct inspection *inspection)
{
    (void)inspection;
    const struct deed_value *value = current(ui);
    if (value != NULL && !menu_touched(ui->menu)) {
        menu_set_number(ui->menu, value->number);
    }
}

static bool choose_oom(struct ui *ui, struct effects *effects)
{
    int64_t number;
    if (!menu_number(ui->menu, &number)) {
        return false;
    }
    ui->draft->deed.value.number = (int32_t)number;
    return !ui_draft_decide(ui, effects);
}

const struct dialog ui_dialog_oom_adj = {
    .title = "OOM score adj of",
    .deed = DEED_OOM_ADJ,
    .fill = fill_oom,
    .changes_scope = true,
    .note = note_value,
    .choose = choose_oom,
    .offers_now = true,
    .inspected = oom_known,
};

/* --- cgroup ---------------------------------------------------------------------------------- */

/* Why this item cannot be chosen, appended. False when it can. */
static bool cgroup_refuses(const struct ui *ui, int64_t item, struct strbuf *buf)
{
    if (!ui_draft_cgroup(ui, buf)) {
        return true;
    }
    buf->len = 0;
    buf->ptr[0] = '\0';
    if (item == GROUP_KILL && !ui->draft->now.cgroup.can_kill) {
        str_add(buf, "this kernel cannot kill a cgroup as a whole");
        return true;
    }
    return false;
}

static int fill_cgroup(struct ui *ui)
{
    static const struct {
        int64_t value;
        const char *label, *detail;
    } rows[] = {
        {GROUP_FREEZE, "freeze", "stop all of it until thawed"},
        {GROUP_THAW, "thaw", "let it go on"},
        {GROUP_KILL, "kill", "SIGKILL to all of it"},
    };
    int error = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && error == 0; i++) {
        struct menu_item item = {.value = rows[i].value};
        char why[MESSAGE_BYTES];
        struct strbuf buf;
        str_init(&buf, why, sizeof(why));
        item.disabled = cgroup_refuses(ui, rows[i].value, &buf);
        str_init(&buf, item.label, sizeof(item.label));
        str_add(&buf, rows[i].label);
        str_init(&buf, item.detail, sizeof(item.detail));
        bool never = item.disabled && ui->draft->inspected;
        str_add(&buf, never ? "not possible" : rows[i].detail);
        error = menu_add(ui->menu, &item);
    }
    return error;
}

static bool note_cgroup(const struct ui *ui, struct strbuf *buf)
{
    return !ui_draft_cgroup(ui, buf) && ui->draft->inspected;
}

static void cgroup_known(struct ui *ui, const struct inspection *inspection)
{
    (void)inspection;
    ui_dialog_refill(ui);
    if (current(ui) != NULL) {
        preselect(ui, current(ui)->number != 0 ? GROUP_THAW : GROUP_FREEZE);
    }
}

static bool choose_cgroup(struct ui *ui, struct effects *effects)
{
    const struct menu_item *item = menu_selected(ui->menu);
    char why[MESSAGE_BYTES];
    struct strbuf buf;
    str_init(&buf, why, sizeof(why));
    if (item == NULL) {
        return false;
    }
    if (cgroup_refuses(ui, item->value, &buf)) {
        char text[MESSAGE_BYTES];
        menu_set_note(ui->menu, why, true);
        str_init(&buf, text, sizeof(text));
        str_addf(&buf, "nothing was done: %s", why); // the note may have said so all along
        ui_say(ui, true, text);
        return false;
    }
    ui->draft->deed.kind = item->value == GROUP_KILL ? DEED_KILL_GROUP : DEED_FREEZE;
    ui->draft->deed.value.number = item->value == GROUP_FREEZE ? 1 : 0;
    return !ui_draft_decide(ui, effects);
}

const struct dialog ui_dialog_cgroup = {
    .title = "Cgroup of",
    .deed = DEED_FREEZE,
    .fill = fill_cgroup,
    .changes_scope = true,
    .note = note_cgroup,
    .choose = choose_cgroup,
    .inspected = cgroup_known,
};

/* --- the menu of actions --------------------------------------------------------------------- */

static int fill_actions(struct ui *ui)
{
    int error = 0;
    for (unsigned id = ACTION_NONE + 1; id < ACTION_COUNT && error == 0; id++) {
        const struct action *info = action_info((enum action_id)id);
        if ((info->flags & (ACTION_CHANGES | ACTION_ON_SOCKET)) != ACTION_CHANGES ||
            id == ACTION_ACT_MENU) {
            continue;
        }
        char key[32];
        struct strbuf buf;
        str_init(&buf, key, sizeof(key));
        (void)keymap_key(ui->options.keymap, CONTEXT_TABLE, (enum action_id)id, &buf); // "": none
        struct menu_item item = {.value = id};
        str_init(&buf, item.label, sizeof(item.label));
        str_addf(&buf, "%-4s %s", key, info->help);
        str_init(&buf, item.shortcut, sizeof(item.shortcut));
        str_add(&buf, strlen(key) == 1 ? key : "");
        error = menu_add(ui->menu, &item);
    }
    return error;
}

/* The action is for those this menu was opened for, even if the cursor is elsewhere by now. */
static bool choose_action(struct ui *ui, struct effects *effects)
{
    const struct menu_item *item = menu_selected(ui->menu);
    if (item == NULL) {
        return true;
    }
    enum action_id action = (enum action_id)item->value;
    ui->origin.set = true;
    ui->origin.anchor = ui->draft->anchor;
    ui->origin.thread = ui->draft->thread;
    ui->origin.tagged = ui->draft->choices[0].kind == SCOPE_TAGGED;
    ui_close_dialog(ui, effects);
    ui_act(ui, action, effects);
    ui->origin.set = false;
    return false;
}

const struct dialog ui_dialog_actions = {
    .title = "Act on",
    .deed = DEED_SIGNAL,
    .fill = fill_actions,
    .choose = choose_action,
};
