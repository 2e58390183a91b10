#include "base/str.h"
#include "model/protect.h"
#include "model/snapshot.h"
#include "ui/ui_state.h"

#include <string.h>

/*
 * The last questions before a deed: the list of those it reaches, and "yes" to be typed when
 * somebody among them is protected.
 */

enum { MORE_ITEM = -1 }; // the number of those who are not listed

static void describe_target(const struct ui *ui, const struct target *target,
                            struct menu_item *item)
{
    struct strbuf buf;
    str_init(&buf, item->label, sizeof(item->label));
    if (target->id.pid > 0) {
        str_addf(&buf, "%5d %s", (int)target->id.pid, target->name);
    } else {
        str_add(&buf, target->name);
    }
    str_init(&buf, item->detail, sizeof(item->detail));
    str_add(&buf, target->user);
    const char *why = protect_text(target->protection);
    if (why != NULL) {
        str_addf(&buf, "%s%s", buf.len > 0 ? ", " : "", why);
        item->alarming = true;
    }
    const struct proc *proc = ui->snap != NULL ? snapshot_find(ui->snap, target->id) : NULL;
    if (proc != NULL && (proc->have & FACT_CMDLINE) != 0 && proc->cmdline.bytes > 0) {
        str_add(&buf, buf.len > 0 ? "  " : "");
        str_add(&buf, proc->cmdline.ptr); // tells those of one name apart
    }
}

static int add_targets(struct ui *ui, const struct target *targets, size_t count, bool protected)
{
    int error = 0;
    for (size_t i = 0; i < count && error == 0; i++) {
        if ((targets[i].protection != PROTECT_NOTHING) == protected) {
            struct menu_item item = {.value = targets[i].id.pid};
            describe_target(ui, &targets[i], &item);
            error = menu_add(ui->menu, &item);
        }
    }
    return error;
}

/* How many in the cgroup are not in the list. */
static int add_more(struct ui *ui)
{
    const struct draft *draft = ui->draft;
    size_t listed = draft->target_count + draft->member_count;
    if ((deed_info(draft->deed.kind)->flags & DEED_ON_CGROUP) == 0 ||
        draft->now.cgroup_processes <= listed) {
        return 0;
    }
    struct menu_item item = {.value = MORE_ITEM};
    struct strbuf buf;
    str_init(&buf, item.label, sizeof(item.label));
    str_addf(&buf, "  and %zu more", (size_t)draft->now.cgroup_processes - listed);
    return menu_add(ui->menu, &item);
}

/* Those who are protected stand first: they are what the list is read for. */
static int fill_confirm(struct ui *ui)
{
    const struct draft *draft = ui->draft;
    int error = 0;
    for (int pass = 0; pass < 2 && error == 0; pass++) {
        error = add_targets(ui, draft->targets, draft->target_count, pass == 0);
        error =
            error != 0 ? error : add_targets(ui, draft->members, draft->member_count, pass == 0);
    }
    return error != 0 ? error : add_more(ui);
}

static void plan_targets(const struct target *targets, size_t count, struct plan *plan)
{
    for (size_t i = 0; i < count && plan->visible_count < PLAN_VISIBLE_MAX; i++) {
        if (targets[i].id.pid > 0) {
            plan->visible[plan->visible_count++] = targets[i].id;
        }
    }
}

void ui_confirm_plan(const struct ui *ui, struct plan *plan)
{
    plan->want_visible |= FACT_CMDLINE;
    plan_targets(ui->draft->targets, ui->draft->target_count, plan);
    plan_targets(ui->draft->members, ui->draft->member_count, plan);
}

static void head_confirm(const struct ui *ui, struct strbuf *buf)
{
    size_t start = buf->len;
    ui_draft_deed(ui, buf);
    if (buf->ptr[start] >= 'a' && buf->ptr[start] <= 'z') {
        buf->ptr[start] = (char)(buf->ptr[start] - 'a' + 'A');
    }
    str_add(buf, " ");
    ui_draft_whom_short(ui->draft, buf);
    str_add(buf, "?");
}

/* Of these, count who is protected, and keep the first one. */
static size_t count_protected(const struct target *targets, size_t count,
                              const struct target **first)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        if (targets[i].protection != PROTECT_NOTHING) {
            *first = *first != NULL ? *first : &targets[i];
            found++;
        }
    }
    return found;
}

/* Who is protected and why: the first one, and how many more there are. */
static bool note_protected(const struct draft *draft, struct strbuf *buf)
{
    const struct target *first = NULL;
    size_t count = count_protected(draft->targets, draft->target_count, &first);
    count += count_protected(draft->members, draft->member_count, &first);
    if (first == NULL) {
        return false;
    }
    str_addf(buf, "%d %s: %s", (int)first->id.pid, first->name, protect_text(first->protection));
    if (count > 1) {
        str_addf(buf, "; %zu more %s protected", count - 1, count == 2 ? "is" : "are");
    }
    return true;
}

static bool note_confirm(const struct ui *ui, struct strbuf *buf)
{
    const struct draft *draft = ui->draft;
    bool on_cgroup = (deed_info(draft->deed.kind)->flags & DEED_ON_CGROUP) != 0;
    bool alarming = note_protected(draft, buf) || on_cgroup;
    if (on_cgroup) {
        str_add(buf, buf->len > 0 ? "; all of it: " : "all of it: ");
        (void)ui_draft_cgroup(ui, buf); // why not would not have come this far
        if (draft->now.cgroup_has_ancestor) {
            str_add(buf, "; the system or perch depends on some of them");
        }
    }
    if (draft->deed.kind == DEED_CLOSE) {
        str_add(buf, buf->len > 0 ? "; " : "");
        str_add(buf, draft->deed.value.socket.netns != 0 ? "in another network namespace; " : "");
        str_add(buf, "both ends get an error; this cannot be undone");
    }
    size_t kernel = draft->choices[draft->choice].size.kernel;
    if (kernel > 0) {
        str_addf(buf, "%s%zu kernel thread%s left out", buf->len > 0 ? "; " : "", kernel,
                 kernel == 1 ? " is" : "s are");
    }
    return alarming;
}

void ui_confirm_typed(struct ui *ui)
{
    ui->prompt = PROMPT_CONFIRM;
    line_edit_set(&ui->edit, "");
}

void ui_confirm_label(const struct ui *ui, int cells, struct strbuf *buf)
{
    size_t start = buf->len;
    str_add(buf, "Type yes to ");
    ui_draft_deed(ui, buf);
    str_add(buf, " ");
    ui_draft_whom_short(ui->draft, buf);
    str_add(buf, ": ");
    if (surface_cells(buf->ptr + start) > cells) {
        buf->len = start;
        buf->ptr[start] = '\0';
        buf->overflow = false;
        str_add(buf, "Type yes: ");
    }
}

bool ui_confirm_act(struct ui *ui, enum action_id action, struct effects *effects)
{
    if (action == ACTION_ACCEPT) {
        if (str_equal(ui->edit.text, "yes")) {
            ui_draft_perform(ui, effects);
        } else {
            ui_say(ui, true, "nothing was done: \"yes\" was not typed");
        }
        ui_close_dialog(ui, effects);
    } else if (action == ACTION_CANCEL) {
        ui_close_dialog(ui, effects);
    } else if (action == ACTION_UP || action == ACTION_DOWN || action == ACTION_PAGE_UP ||
               action == ACTION_PAGE_DOWN) {
        (void)ui_widget_act(ui, action); // only moves
    } else {
        return line_edit_act(&ui->edit, action);
    }
    return true;
}

static bool choose_confirm(struct ui *ui, struct effects *effects)
{
    if (ui->prompt == PROMPT_CONFIRM) {
        return false; // a press on the list is no answer
    }
    if (ui_draft_is_protected(ui->draft)) {
        ui_confirm_typed(ui);
        return false;
    }
    ui_draft_perform(ui, effects);
    return true;
}

const struct dialog ui_dialog_confirm = {
    .deed = DEED_COUNT,
    .fill = fill_confirm,
    .wide = true,
    .head = head_confirm,
    .note = note_confirm,
    .choose = choose_confirm,
    .update = ui_dialog_refill, // command lines become known
};
