#include "base/str.h"
#include "model/history.h"
#include "ui/pane_help.h"
#include "ui/pane_journal.h"
#include "ui/ui_state.h"
#include "ui/ui_tabs.h"

#include <stddef.h>
#include <string.h>

/*
 * What each action does, by what has the focus: prompt, dialog, help, list.
 */

/* --- prompts --------------------------------------------------------------------------------- */

static void open_prompt(struct ui *ui, enum ui_prompt prompt)
{
    ui->prompt = prompt;
    ui->no_match = false;
    line_edit_set(&ui->edit, prompt == PROMPT_FILTER ? ui_tab_filter(ui) : "");
    if (prompt == PROMPT_SEARCH) {
        ui_tab_search_begin(ui);
    }
}

void ui_prompt_changed(struct ui *ui)
{
    if (ui->prompt == PROMPT_FILTER) {
        ui_tab_set_filter(ui, ui->edit.text);
    } else if (ui->prompt == PROMPT_SEARCH) {
        ui_tab_highlight(ui, ui->edit.text);
        ui->no_match = !ui_tab_search(ui, ui->edit.text, 0);
    }
}

/* Leave the prompt, keeping what it found or not. */
static void close_prompt(struct ui *ui, bool keep)
{
    if (ui->prompt == PROMPT_FILTER && !keep) {
        ui_tab_set_filter(ui, "");
    } else if (ui->prompt == PROMPT_SEARCH) {
        ui_tab_highlight(ui, "");
        if (!keep || ui->no_match) {
            ui_tab_search_cancel(ui);
        }
        if (keep && ui->edit.len > 0) {
            memcpy(ui->search, ui->edit.text, sizeof(ui->search));
        }
        if (keep && ui->no_match) {
            ui_say(ui, true, "no match");
        }
    }
    ui->prompt = PROMPT_NONE;
    ui->no_match = false;
}

/* Next or previous match; of what is typed, or of the last search. */
static void search_on(struct ui *ui, int step)
{
    const char *text = ui->prompt == PROMPT_SEARCH ? ui->edit.text : ui->search;
    if (text[0] == '\0') {
        ui_say(ui, true, "nothing was searched for yet");
        return;
    }
    bool found = ui_tab_search(ui, text, step);
    if (ui->prompt == PROMPT_SEARCH) {
        ui->no_match = !found;
    } else if (!found) {
        ui_say(ui, true, "no match");
    }
}

/* --- actions --------------------------------------------------------------------------------- */

/* One action of the program itself. */
typedef void root_action(struct ui *ui, struct effects *effects);

static void act_quit(struct ui *ui, struct effects *effects)
{
    (void)ui;
    effects_add(effects, EFFECT_QUIT);
}

static void act_suspend(struct ui *ui, struct effects *effects)
{
    (void)ui;
    effects_add(effects, EFFECT_SUSPEND);
}

static void act_refresh(struct ui *ui, struct effects *effects)
{
    (void)ui;
    effects_add(effects, EFFECT_REPAINT);
    effects_add(effects, EFFECT_SAMPLE);
}

static void act_save(struct ui *ui, struct effects *effects)
{
    (void)ui;
    effects_add(effects, EFFECT_SAVE_SETTINGS);
}

static void act_search(struct ui *ui, struct effects *effects)
{
    (void)effects;
    open_prompt(ui, PROMPT_SEARCH);
}

static void act_filter(struct ui *ui, struct effects *effects)
{
    (void)effects;
    open_prompt(ui, PROMPT_FILTER);
}

static void act_search_next(struct ui *ui, struct effects *effects)
{
    (void)effects;
    search_on(ui, 1);
}

static void act_search_previous(struct ui *ui, struct effects *effects)
{
    (void)effects;
    search_on(ui, -1);
}

static void act_nice_down(struct ui *ui, struct effects *effects)
{
    ui_act_nice(ui, DEED_NICE, -1, effects);
}

static void act_nice_up(struct ui *ui, struct effects *effects)
{
    ui_act_nice(ui, DEED_NICE, 1, effects);
}

static void act_autogroup_down(struct ui *ui, struct effects *effects)
{
    ui_act_nice(ui, DEED_AUTOGROUP, -1, effects);
}

static void act_autogroup_up(struct ui *ui, struct effects *effects)
{
    ui_act_nice(ui, DEED_AUTOGROUP, 1, effects);
}

static void act_undo(struct ui *ui, struct effects *effects)
{
    (void)ui;
    effects_add(effects, EFFECT_UNDO);
}

void ui_close_over(struct ui *ui)
{
    if (ui->over != NULL) {
        ui->over->class->destroy(ui->over);
        ui->over = NULL;
    }
}

static void open_over(struct ui *ui, struct pane *pane)
{
    if (pane == NULL) {
        ui_say(ui, true, "not enough memory");
        return;
    }
    ui_close_over(ui);
    ui->over = pane;
}

static void act_help(struct ui *ui, struct effects *effects)
{
    (void)effects;
    open_over(ui, pane_help_create());
}

static void act_messages(struct ui *ui, struct effects *effects)
{
    (void)effects;
    open_over(ui, pane_messages_create());
}

static void act_journal(struct ui *ui, struct effects *effects)
{
    (void)effects;
    open_over(ui, pane_journal_create());
}

/* What a message shows of it: the rest is in the clipboard. */
enum { COPY_SHOWN_BYTES = 160 };

static void act_copy(struct ui *ui, struct effects *effects)
{
    const struct view view = ui_view(ui);
    const struct pane *pane = ui_tab_pane(ui);
    struct strbuf buf;
    str_init(&buf, effects->text, sizeof(effects->text));
    if (!ui->options.settings->clipboard) {
        ui_say(ui, true, "nothing was copied: the setting \"clipboard\" is off");
    } else if (pane->class->copy == NULL || !pane->class->copy(pane, &view, &buf)) {
        ui_say(ui, true, "there is no line to copy here");
    } else {
        char said[COPY_SHOWN_BYTES];
        const bool cut = buf.overflow;
        str_init(&buf, said, sizeof(said));
        str_add(&buf, cut ? "copied, its first 8 KiB: " : "copied: ");
        str_add(&buf, effects->text);
        ui_say(ui, false, said);
        effects_add(effects, EFFECT_COPY);
    }
}

static void act_pause(struct ui *ui, struct effects *effects)
{
    ui->paused = !ui->paused;
    history_break(ui->history);
    if (!ui->paused) {
        effects_add(effects, EFFECT_SAMPLE);
    }
}

/* The sampler is told through the plan; the figures are in every table that has the column. */
static void act_baseline(struct ui *ui, struct effects *effects)
{
    (void)effects;
    ui->baseline++;
    ui_say(ui, false, "memory growth (SINCE) is counted from now on");
}

/* Go to the next step of the interval in either direction. */
static void change_interval(struct ui *ui, bool faster)
{
    static const int32_t steps_ms[] = {
        100,   200,   500,   1000,   1500,   2000,   3000,    5000,
        10000, 30000, 60000, 120000, 300000, 600000, 1800000, INTERVAL_MAX_MS,
    };
    const size_t count = sizeof(steps_ms) / sizeof(steps_ms[0]);
    struct settings *settings = ui->options.settings;
    int32_t now = settings->interval_ms;
    for (size_t i = 0; i < count && !faster; i++) {
        if (steps_ms[i] > now) {
            settings->interval_ms = steps_ms[i];
            break;
        }
    }
    for (size_t i = count; i > 0 && faster; i--) {
        if (steps_ms[i - 1] < now) {
            settings->interval_ms = steps_ms[i - 1];
            break;
        }
    }
    char text[MESSAGE_BYTES];
    struct strbuf buf;
    str_init(&buf, text, sizeof(text));
    str_add(&buf, settings->interval_ms == now ? "no further: " : "");
    str_add(&buf, "updating every ");
    str_add_fixed(&buf, (double)settings->interval_ms / 1000, settings->interval_ms % 1000 ? 1 : 0);
    str_add(&buf, " s");
    ui_say(ui, false, text);
}

static void act_faster(struct ui *ui, struct effects *effects)
{
    (void)effects;
    change_interval(ui, true);
}

static void act_slower(struct ui *ui, struct effects *effects)
{
    (void)effects;
    change_interval(ui, false);
}

/* Esc in the list: nothing is open, so only a message can go. */
static void act_cancel(struct ui *ui, struct effects *effects)
{
    (void)effects;
    ui->message.text[0] = '\0';
}

static const struct {
    enum action_id id;
    root_action *act;
} root_actions[] = {
    {ACTION_QUIT, act_quit},
    {ACTION_SUSPEND, act_suspend},
    {ACTION_REFRESH, act_refresh},
    {ACTION_SAVE, act_save},
    {ACTION_SEARCH, act_search},
    {ACTION_SEARCH_NEXT, act_search_next},
    {ACTION_SEARCH_PREVIOUS, act_search_previous},
    {ACTION_FILTER, act_filter},
    {ACTION_NICE_DOWN, act_nice_down},
    {ACTION_NICE_UP, act_nice_up},
    {ACTION_AUTOGROUP_DOWN, act_autogroup_down},
    {ACTION_AUTOGROUP_UP, act_autogroup_up},
    {ACTION_STOP, ui_act_stop},
    {ACTION_UNDO, act_undo},
    {ACTION_HELP, act_help},
    {ACTION_MESSAGES, act_messages},
    {ACTION_JOURNAL, act_journal},
    {ACTION_PAUSE, act_pause},
    {ACTION_COPY, act_copy},
    {ACTION_BASELINE, act_baseline},
    {ACTION_FASTER, act_faster},
    {ACTION_SLOWER, act_slower},
    {ACTION_CANCEL, act_cancel},
};

/* Actions that open a dialog. */
static const struct {
    enum action_id id;
    enum ui_dialog dialog;
} openers[] = {
    {ACTION_USER, DIALOG_USER},         {ACTION_SORT_MENU, DIALOG_SORT},
    {ACTION_COLUMNS, DIALOG_COLUMNS},   {ACTION_SIGNAL, DIALOG_SIGNAL},
    {ACTION_RENICE, DIALOG_NICE},       {ACTION_IO_PRIORITY, DIALOG_IO_PRIORITY},
    {ACTION_AFFINITY, DIALOG_AFFINITY}, {ACTION_SCHEDULING, DIALOG_SCHEDULING},
    {ACTION_OOM_ADJ, DIALOG_OOM_ADJ},   {ACTION_CGROUP, DIALOG_CGROUP},
    {ACTION_ACT_MENU, DIALOG_ACTIONS},
};

/* Settings switched by one key, and what is said when the screen may not show it. */
static const struct {
    enum action_id id;
    size_t offset; // of a bool in struct settings
    const char *on, *off;
} toggles[] = {
    {ACTION_TREE, offsetof(struct settings, tree), NULL, NULL},
    {ACTION_KERNEL_THREADS, offsetof(struct settings, kernel_threads), "kernel threads are listed",
     "kernel threads are not listed"},
    {ACTION_USER_THREADS, offsetof(struct settings, user_threads), "threads are listed",
     "threads are not listed"},
    {ACTION_FULL_PATH, offsetof(struct settings, full_path), "programs with their paths",
     "programs without their paths"},
    {ACTION_NAMES, offsetof(struct settings, names), "hosts and services by name",
     "hosts and services by number"},
    {ACTION_HEADER, offsetof(struct settings, header), NULL, NULL},
    {ACTION_CPU_PER_CORE, offsetof(struct settings, cpu_per_core), "one bar for each CPU",
     "one bar for all CPUs"},
};

static bool act_toggle(struct ui *ui, enum action_id action)
{
    for (size_t i = 0; i < sizeof(toggles) / sizeof(toggles[0]); i++) {
        if (toggles[i].id == action) {
            bool *flag = (bool *)(void *)((char *)ui->options.settings + toggles[i].offset);
            *flag = !*flag;
            if (toggles[i].on != NULL) {
                ui_say(ui, false, *flag ? toggles[i].on : toggles[i].off);
            }
            return true;
        }
    }
    return false;
}

bool ui_act_root(struct ui *ui, enum action_id action, struct effects *effects)
{
    for (size_t i = 0; i < sizeof(root_actions) / sizeof(root_actions[0]); i++) {
        if (root_actions[i].id == action) {
            root_actions[i].act(ui, effects);
            return true;
        }
    }
    for (size_t i = 0; i < sizeof(openers) / sizeof(openers[0]); i++) {
        if (openers[i].id == action) {
            ui_open_dialog(ui, openers[i].dialog, effects);
            return true;
        }
    }
    return act_toggle(ui, action);
}

static bool opens_dialog(enum action_id action)
{
    for (size_t i = 0; i < sizeof(openers) / sizeof(openers[0]); i++) {
        if (openers[i].id == action) {
            return true;
        }
    }
    return false;
}

/* True when the process under the cursor is not the one the user has seen there, with why. */
static bool has_slipped(struct ui *ui, enum action_id action, struct strbuf *buf)
{
    const unsigned strikes = ACTION_ON_PROCESS | ACTION_CHANGES;
    struct view view = ui_view(ui);
    return (action_info(action)->flags & strikes) == strikes && !ui->origin.set &&
           pane_process_slipped(ui->list, &view, !opens_dialog(action), buf);
}

/* Say why an action cannot be done now; false when it can. */
static bool refuse(struct ui *ui, enum action_id action)
{
    unsigned flags = action_info(action)->flags;
    char text[MESSAGE_BYTES];
    struct strbuf buf;
    str_init(&buf, text, sizeof(text));
    struct proc_id id;
    if ((flags & ACTION_CHANGES) != 0 && ui->options.refusal != NULL) {
        str_addf(&buf, "nothing was done: %s", ui->options.refusal);
    } else if ((flags & ACTION_ON_PROCESS) != 0 && !pane_process_selected(ui->list, &id) &&
               pane_process_tagged(ui->list) == 0) {
        str_add(&buf, "no process selected");
    } else if (!has_slipped(ui, action, &buf)) {
        return false;
    }
    ui_say(ui, true, text);
    return true;
}

static void act_in_list(struct ui *ui, enum action_id action, struct effects *effects)
{
    struct view view = ui_view(ui);
    struct pane *pane = ui_tab_pane(ui);
    if (ui_tabs_act(ui, action, effects) || refuse(ui, action)) {
        return;
    }
    if ((action_info(action)->flags & ACTION_ON_PROCESS) != 0) {
        pane_process_anchor(ui->list);
    }
    if (!pane->class->act(pane, &view, action, effects)) {
        (void)ui_act_root(ui, action, effects); // what nobody knows does nothing
    }
}

/* What means the same wherever the focus is. */
static bool act_anywhere(struct ui *ui, enum action_id action, struct effects *effects)
{
    bool anywhere = action == ACTION_QUIT || action == ACTION_SUSPEND || action == ACTION_REFRESH;
    return anywhere && ui_act_root(ui, action, effects);
}

static void act_in_prompt(struct ui *ui, enum action_id action, struct effects *effects)
{
    struct view view = ui_view(ui);
    size_t len = ui->edit.len;
    if (ui->prompt == PROMPT_CONFIRM) {
        if (!ui_confirm_act(ui, action, effects)) {
            (void)act_anywhere(ui, action, effects);
        }
    } else if (action == ACTION_ACCEPT || action == ACTION_CANCEL) {
        close_prompt(ui, action == ACTION_ACCEPT);
    } else if (action == ACTION_SEARCH_NEXT || action == ACTION_SEARCH_PREVIOUS) {
        if (ui->prompt == PROMPT_SEARCH) {
            search_on(ui, action == ACTION_SEARCH_NEXT ? 1 : -1);
        }
    } else if (line_edit_act(&ui->edit, action)) {
        if (ui->edit.len != len) {
            ui_prompt_changed(ui);
        }
    } else if (action == ACTION_UP || action == ACTION_DOWN || action == ACTION_PAGE_UP ||
               action == ACTION_PAGE_DOWN) {
        struct pane *pane = ui_tab_pane(ui);
        (void)pane->class->act(pane, &view, action, effects); // it knows these
    } else {
        (void)act_anywhere(ui, action, effects); // the rest means nothing here
    }
}

static void act_over(struct ui *ui, enum action_id action, struct effects *effects)
{
    struct view view = ui_view(ui);
    if (action == ACTION_CANCEL) {
        ui_close_over(ui);
    } else if (ui->over->class->act == NULL ||
               !ui->over->class->act(ui->over, &view, action, effects)) {
        (void)act_anywhere(ui, action, effects); // the rest means nothing here
    }
}

/* Do an action where the focus is. */
void ui_act(struct ui *ui, enum action_id action, struct effects *effects)
{
    if (ui->prompt != PROMPT_NONE) {
        act_in_prompt(ui, action, effects);
    } else if (ui->dialog != DIALOG_NONE) {
        if (!act_anywhere(ui, action, effects)) {
            ui_dialog_act(ui, action, effects);
        }
    } else if (ui->over != NULL) {
        act_over(ui, action, effects);
    } else {
        act_in_list(ui, action, effects);
    }
}
