#include "ui/ui_draft.h"

#include "model/network.h"
#include "model/protect.h"
#include "ui/ui_state.h"

#include <stdlib.h>

/*
 * A deed in the making: whom it is for, and its way from the first key to the effect.
 */

/* --- whom ------------------------------------------------------------------------------------ */

static struct scope scope_of(const struct ui *ui, enum scope_kind kind)
{
    return (struct scope){
        .kind = kind,
        .anchor = ui->draft->anchor,
        .threads = (deed_info(ui->draft->deed.kind)->flags & DEED_PER_THREAD) != 0,
        .own_pid = ui->options.own_pid,
        .protect = ui->options.settings->protected_names,
    };
}

/* Find whom an answer means, as pane_process_scope(). */
static int find_targets(struct ui *ui, enum scope_kind kind, struct target *ret, size_t max,
                        struct scope_size *ret_size)
{
    const struct target *thread = &ui->draft->thread;
    const struct view view = ui_view(ui);
    const struct scope scope = scope_of(ui, kind);
    if (kind != SCOPE_THREAD || thread->id.pid == 0) {
        return pane_process_scope(ui->list, &view, &scope, ret, max, ret_size);
    }
    if (max > 0) {
        ret[0] = *thread;
    }
    *ret_size = (struct scope_size){.count = 1, .digest = (uint64_t)thread->id.pid};
    return 0;
}

/* Offer one more answer unless it holds nobody, or just those an earlier one does. */
static void offer(struct ui *ui, enum scope_kind kind, bool one_thread)
{
    struct draft *draft = ui->draft;
    struct choice choice = {.kind = kind, .one_thread = one_thread};
    if (draft->choice_count >= CHOICES_MAX || find_targets(ui, kind, NULL, 0, &choice.size) != 0) {
        return;
    }
    bool is_first = draft->choice_count == 0; // empty: this is what there is to say
    for (size_t i = 0; i < draft->choice_count; i++) {
        const struct choice *other = &draft->choices[i];
        if (other->one_thread == one_thread && other->size.count == choice.size.count &&
            other->size.digest == choice.size.digest) {
            return;
        }
    }
    if (is_first || choice.size.count > 0) {
        draft->choices[draft->choice_count++] = choice;
    }
}

static void offer_all(struct ui *ui)
{
    const struct draft *draft = ui->draft;
    const struct proc *anchor = snapshot_find(ui->snap, draft->anchor);
    bool per_thread = (deed_info(draft->deed.kind)->flags & DEED_PER_THREAD) != 0;
    bool tagged = ui->origin.set ? ui->origin.tagged : pane_process_tagged(ui->list) > 0;
    if (tagged) {
        offer(ui, SCOPE_TAGGED, false);
    }
    const bool is_thread = draft->anchor_is_thread || draft->thread.id.pid > 0;
    if (per_thread && is_thread) {
        offer(ui, SCOPE_THREAD, true);
    }
    offer(ui, SCOPE_PROCESS, false);
    if (per_thread && !is_thread && anchor != NULL && anchor->thread_count > 1) {
        offer(ui, SCOPE_THREAD, true);
    }
    offer(ui, SCOPE_SUBTREE, false);
    offer(ui, SCOPE_GROUP, false);
    offer(ui, SCOPE_SESSION, false);
    if (pane_process_limited(ui->list)) {
        offer(ui, SCOPE_LISTED, false);
    }
}

/* Say why nothing can be done to the first answer. */
static void say_nobody(struct ui *ui, const struct choice *choice)
{
    char text[MESSAGE_BYTES];
    struct strbuf buf;
    str_init(&buf, text, sizeof(text));
    const struct proc *proc =
        choice != NULL ? snapshot_find(ui->snap, choice->size.kernel_first) : NULL;
    bool signals = (deed_info(ui->draft->deed.kind)->flags & DEED_REVERSIBLE) == 0 ||
                   ui->draft->deed.kind == DEED_STOP;
    if (choice != NULL && choice->size.kernel > 0 && proc != NULL) {
        str_addf(&buf, "kernel threads cannot be %s: %s (%d %s)", signals ? "signalled" : "changed",
                 signals ? "signals do not reach them" : "the kernel relies on them",
                 (int)proc->id.pid, proc->name.ptr);
    } else if (choice != NULL && choice->kind == SCOPE_TAGGED) {
        str_add(&buf, "the tagged processes have exited");
    } else if (ui->draft->anchor.pid > 0) {
        str_addf(&buf, "process %d has exited", (int)ui->draft->anchor.pid);
    } else {
        str_add(&buf, "no process selected");
    }
    ui_say(ui, true, text);
}

/* Fill the targets of one answer. Says why it cannot; those there were are then still there. */
static bool take(struct ui *ui, size_t index)
{
    struct draft *draft = ui->draft;
    const enum scope_kind kind = draft->choices[index].kind;
    struct scope_size size = {0};
    if (find_targets(ui, kind, NULL, 0, &size) != 0) {
        ui_say(ui, true, "not enough memory");
        return false;
    }
    if (size.count == 0) {
        say_nobody(ui, &(struct choice){.kind = kind, .size = size});
        return false;
    }
    if (size.count > EFFECT_TARGETS_MAX) {
        char text[MESSAGE_BYTES];
        struct strbuf buf;
        str_init(&buf, text, sizeof(text));
        str_addf(&buf, "%zu processes are meant; one command reaches at most %d", size.count,
                 (int)EFFECT_TARGETS_MAX);
        ui_say(ui, true, text);
        return false;
    }
    if (find_targets(ui, kind, draft->targets, EFFECT_TARGETS_MAX, &size) != 0) {
        draft->target_count = 0; // who they are is not known any more
        ui_say(ui, true, "not enough memory");
        return false;
    }
    draft->choice = index;
    draft->choices[index].size = size;
    draft->target_count = size.count;
    draft->deed.one_thread = draft->choices[index].one_thread;
    return true;
}

/* Errors: false; says so. */
static bool make_draft(struct ui *ui, enum deed_kind kind, size_t room)
{
    struct draft *draft = calloc(1, sizeof(*draft));
    struct target *targets = calloc(room, sizeof(*targets));
    if (draft == NULL || targets == NULL) {
        free(draft);
        free(targets);
        ui_say(ui, true, "not enough memory");
        return false;
    }
    draft->deed.kind = kind;
    draft->targets = targets;
    ui->draft = draft;
    return true;
}

bool ui_draft_begin(struct ui *ui, enum deed_kind kind)
{
    if (!make_draft(ui, kind, EFFECT_TARGETS_MAX)) {
        return false;
    }
    struct draft *draft = ui->draft;
    if (ui->origin.set) {
        draft->anchor = ui->origin.anchor;
        draft->thread = ui->origin.thread;
    } else {
        (void)pane_process_selected(ui->list, &draft->anchor); // nobody: only tags count
    }
    if (ui->snap != NULL) {
        const struct proc *anchor = snapshot_find(ui->snap, draft->anchor);
        draft->anchor_is_thread =
            (anchor != NULL && (anchor->flags & PROC_THREAD) != 0) ||
            (draft->thread.id.pid > 0 && draft->thread.id.pid != draft->anchor.pid);
        offer_all(ui);
    }
    if (draft->choice_count > 0 && draft->choices[0].size.count > 0 && take(ui, 0)) {
        return true;
    }
    if (draft->choice_count == 0 || draft->choices[0].size.count == 0) {
        say_nobody(ui, draft->choice_count > 0 ? &draft->choices[0] : NULL);
    }
    ui_draft_destroy(draft);
    ui->draft = NULL;
    return false;
}

/* One process may hold a connection by several descriptors. */
static bool is_known_holder(const struct draft *draft, struct proc_id id)
{
    for (size_t i = 0; i < draft->member_count; i++) {
        if (proc_id_equal(draft->members[i].id, id)) {
            return true;
        }
    }
    return proc_id_equal(draft->targets[0].id, id);
}

bool ui_draft_begin_close(struct ui *ui, const struct connection *connection)
{
    static const struct target nobody = {.name = "no known process"};
    const char *protect = ui->options.settings->protected_names;
    if (!make_draft(ui, DEED_CLOSE, 1)) {
        return false;
    }
    struct draft *draft = ui->draft;
    draft->deed.value.socket = connection_id(connection);
    draft->target_count = 1;
    draft->targets[0] =
        connection->owner_count > 0
            ? target_of_holder(ui->snap, &connection->owners[0], ui->options.own_pid, protect)
            : nobody;
    draft->anchor = draft->targets[0].id;
    if (connection->owner_count > 1) {
        draft->members = calloc(connection->owner_count, sizeof(*draft->members));
    }
    for (uint32_t i = 1; draft->members != NULL && i < connection->owner_count; i++) {
        if (!is_known_holder(draft, connection->owners[i].id)) {
            draft->members[draft->member_count++] =
                target_of_holder(ui->snap, &connection->owners[i], ui->options.own_pid, protect);
        }
    }
    return true;
}

void ui_draft_destroy(struct draft *draft)
{
    if (draft != NULL) {
        free(draft->targets);
        free(draft->members);
        free(draft);
    }
}

void ui_draft_drop(struct ui *ui, struct effects *effects)
{
    if (ui->draft == NULL) {
        return;
    }
    if (ui->draft->held) {
        effects_add(effects, EFFECT_RELEASE);
    }
    ui_draft_destroy(ui->draft);
    ui->draft = NULL;
}

static uint32_t next_job(struct ui *ui)
{
    ui->last_job = ui->last_job < UINT32_MAX ? ui->last_job + 1 : 1;
    return ui->last_job;
}

void ui_draft_inspect(struct ui *ui, struct effects *effects)
{
    struct draft *draft = ui->draft;
    draft->job = next_job(ui);
    draft->inspected = false;
    draft->held = effects_add_deed(effects, EFFECT_INSPECT, draft->job, &draft->deed,
                                   draft->targets, draft->target_count) ||
                  draft->held;
}

void ui_draft_step(struct ui *ui, int step, struct effects *effects)
{
    struct draft *draft = ui->draft;
    size_t count = draft->choice_count;
    size_t index = draft->choice;
    for (size_t tried = 1; tried < count; tried++) {
        index = (index + (step > 0 ? 1 : count - 1)) % count;
        if (take(ui, index)) {
            ui_draft_inspect(ui, effects);
            return;
        }
    }
}

/* --- stages ---------------------------------------------------------------------------------- */

static bool has_protected(const struct target *targets, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (targets[i].protection != PROTECT_NOTHING) {
            return true;
        }
    }
    return false;
}

bool ui_draft_is_protected(const struct draft *draft)
{
    if (has_protected(draft->targets, draft->target_count)) {
        return true;
    }
    if (draft->deed.kind == DEED_CLOSE) {
        return has_protected(draft->members, draft->member_count);
    }
    if ((deed_info(draft->deed.kind)->flags & DEED_ON_CGROUP) == 0 || !draft->inspected) {
        return false;
    }
    bool kills_others =
        draft->deed.kind == DEED_KILL_GROUP && draft->now.cgroup_processes > draft->target_count;
    return draft->now.cgroup_has_ancestor || kills_others ||
           has_protected(draft->members, draft->member_count);
}

/* True when it does harm to everybody in a cgroup. */
static bool strikes(const struct draft *draft)
{
    return draft->deed.kind == DEED_KILL_GROUP ||
           (draft->deed.kind == DEED_FREEZE && draft->deed.value.number != 0);
}

/* A key that adds to a value is meant to be pressed often: only a list for the rest. */
static bool needs_list(const struct draft *draft)
{
    bool several = draft->target_count > 1 || draft->choices[draft->choice].size.kernel > 0;
    return strikes(draft) || draft->deed.kind == DEED_CLOSE || (several && !draft->deed.relative);
}

static bool is_target(const struct draft *draft, int32_t pid)
{
    for (size_t i = 0; i < draft->target_count; i++) {
        if (draft->targets[i].id.pid == pid || draft->targets[i].group_pid == pid) {
            return true;
        }
    }
    return false;
}

/* Find out who else is in the cgroup. Somebody the list does not know yet is told as a number. */
static void find_members(struct ui *ui)
{
    struct draft *draft = ui->draft;
    const struct cgroup_facts *cgroup = &draft->now.cgroup;
    if (draft->deed.kind == DEED_CLOSE) {
        return; // known from the start
    }
    draft->member_count = 0;
    if (!strikes(draft) || !draft->inspected || cgroup->pid_count == 0) {
        return;
    }
    free(draft->members);
    draft->members = calloc(CGROUP_PIDS_MAX, sizeof(*draft->members));
    for (uint32_t i = 0; draft->members != NULL && i < cgroup->pid_count && i < CGROUP_PIDS_MAX;
         i++) {
        const struct proc *proc = snapshot_find_pid(ui->snap, cgroup->pids[i]);
        if (is_target(draft, cgroup->pids[i])) {
            continue;
        }
        draft->members[draft->member_count++] =
            proc != NULL ? target_of(ui->snap, proc, ui->options.own_pid,
                                     ui->options.settings->protected_names)
                         : (struct target){.id.pid = cgroup->pids[i]};
    }
}

bool ui_draft_decide(struct ui *ui, struct effects *effects)
{
    bool listed = needs_list(ui->draft);
    find_members(ui);
    if (!listed && !ui_draft_is_protected(ui->draft)) {
        ui_draft_perform(ui, effects);
        return false;
    }
    if (!ui->draft->held && ui->draft->deed.kind != DEED_CLOSE) { // who is asked about is held
        ui_draft_inspect(ui, effects);
    }
    ui_switch_dialog(ui, DIALOG_CONFIRM, effects);
    if (ui->dialog == DIALOG_CONFIRM && ui_draft_is_protected(ui->draft)) {
        ui_confirm_typed(ui);
    }
    return true;
}

void ui_draft_perform(struct ui *ui, struct effects *effects)
{
    struct draft *draft = ui->draft;
    draft->job = next_job(ui);
    if (!effects_add_deed(effects, EFFECT_DEED, draft->job, &draft->deed, draft->targets,
                          draft->target_count)) {
        ui_say(ui, true, "nothing was done: too many requests at once");
    } else if (draft->signal != 0) {
        ui->last_signal = draft->signal;
    }
}
