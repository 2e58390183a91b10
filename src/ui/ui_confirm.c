#include "base/str.h"
#include "model/protect.h"
#include "ui/ui_state.h"

#include <string.h>

/*
 * The last questions before a deed: the list of those it reaches, and "yes" to be typed when
 * somebody among them is protected.
 */

static void add_target(struct menu_item *item, const struct target *target)
{
    struct strbuf buf;
    str_init(&buf, item->label, sizeof(item->label));
    str_addf(&buf, "%5d %s", (int)target->id.pid, target->name);
    str_init(&buf, item->detail, sizeof(item->detail));
    str_add(&buf, target->user);
    const char *why = protect_text(target->protection);
    if (why != NULL) {
        str_addf(&buf, "%s%s", buf.len > 0 ? ", " : "", why);
        item->alarming = true;
    }
}

/* Those who are protected stand first: they are what the list is read for. */
static int fill_confirm(struct ui *ui)
{
    const struct draft *draft = ui->draft;
    int error = 0;
    for (size_t i = 0; i < 2 * draft->target_count && error == 0; i++) {
        size_t index = i % draft->target_count;
        const struct target *target = &draft->targets[index];
        if ((target->protection != PROTECT_NOTHING) == (i < draft->target_count)) {
            struct menu_item item = {.value = target->id.pid};
            add_target(&item, target);
            error = menu_add(ui->menu, &item);
        }
    }
    return error;
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

/* Who is protected and why: the first one, and how many more there are. */
static bool note_protected(const struct draft *draft, struct strbuf *buf)
{
    const struct target *first = NULL;
    size_t count = 0;
    for (size_t i = 0; i < draft->target_count; i++) {
        const struct target *target = &draft->targets[i];
        if (target->protection != PROTECT_NOTHING) {
            first = first != NULL ? first : target;
            count++;
        }
    }
    if (first == NULL) {
        return false;
    }
    str_addf(buf, "%d %s: %s", (int)first->id.pid, first->name, protect_text(first->protection));
    if (count > 1) {
        str_addf(buf, "; %zu more are protected", count - 1);
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
    .head = head_confirm,
    .note = note_confirm,
    .choose = choose_confirm,
};
