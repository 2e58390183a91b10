#include "ui/ui.h"

#include "base/str.h"
#include "model/history.h"
#include "model/query.h"
#include "ui/ui_inspect.h"
#include "ui/ui_state.h"
#include "ui/ui_tabs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * The root of the interface: takes events, hands them to whatever has the focus (prompt, dialog,
 * help, list), and turns what the user asked for into effects. Nothing here acts on the
 * system, and the only clock is the time in the events.
 */

static const uint64_t second_ns = 1000ull * 1000 * 1000;

enum {
    MESSAGE_S = 4,        // a message stays this long
    MESSAGE_ERROR_S = 10, // an error
    MESSAGE_READ_S = 1,   // a key takes it away after this
    PASTE_LOST_S = 10,    // a paste whose end never came is over
    STALL_TICK_MS = 500,  // the counted seconds of a stall are redrawn
    WHEEL_LINES = 3,
};

/* --- life ------------------------------------------------------------------------------------ */

int ui_create(const struct ui_options *options, struct ui **ret)
{
    struct ui *ui = calloc(1, sizeof(*ui));
    if (ui == NULL) {
        return -ENOMEM;
    }
    ui->options = *options;
    ui->width = 80;
    ui->height = 24;
    ui->history = history_create();
    ui->list = pane_process_create(&options->list);
    if (ui->history == NULL || ui->list == NULL || ui_tabs_create(ui) < 0) {
        ui_destroy(ui);
        return -ENOMEM;
    }
    ui->options.list = (struct pane_process_options){0}; // the pane has copied it
    *ret = ui;
    return 0;
}

void ui_destroy(struct ui *ui)
{
    if (ui == NULL) {
        return;
    }
    ui_close_over(ui);
    if (ui->list != NULL) {
        ui->list->class->destroy(ui->list);
    }
    ui_tabs_destroy(ui);
    ui_widget_destroy(ui);
    ui_draft_destroy(ui->draft);
    snapshot_free(ui->snap);
    history_destroy(ui->history);
    free(ui);
}

/* What graphs are drawn with: what is set, as far as the terminal can show it. */
static enum graph_glyphs graph_glyphs(const struct ui *ui)
{
    const enum graph_choice choice = (enum graph_choice)ui->options.settings->graph;
    if (!ui->options.unicode || choice == GRAPH_CHOICE_ASCII) {
        return GRAPH_ASCII;
    }
    if (choice == GRAPH_CHOICE_AUTO) {
        return ui->options.braille ? GRAPH_BRAILLE : GRAPH_HALVES;
    }
    return choice == GRAPH_CHOICE_BRAILLE ? GRAPH_BRAILLE : GRAPH_BLOCKS;
}

struct view ui_view(const struct ui *ui)
{
    return (struct view){
        .snap = ui->snap,
        .settings = ui->options.settings,
        .keymap = ui->options.keymap,
        .log = ui->options.log,
        .journal = ui->options.journal,
        .history = ui->history,
        .now_ns = ui->now_ns,
        .colour = ui->options.colour,
        .unicode = ui->options.unicode,
        .graph = graph_glyphs(ui),
        .paused = ui->paused,
    };
}

enum context ui_context(const struct ui *ui)
{
    if (ui->prompt != PROMPT_NONE) {
        return CONTEXT_PROMPT;
    }
    if (ui->dialog != DIALOG_NONE) {
        return CONTEXT_MENU;
    }
    if (ui->over != NULL) {
        return ui->over->class->context;
    }
    return ui_inspect_is_open(ui) ? CONTEXT_INSPECT : ui_tab_pane(ui)->class->context;
}

void ui_say(struct ui *ui, bool error, const char *sentence)
{
    struct strbuf buf;
    str_init(&buf, ui->message.text, sizeof(ui->message.text));
    str_add(&buf, sentence);
    ui->message.error = error;
    ui->message.since_ns = ui->now_ns;
    ui->message.until_ns =
        ui->now_ns + (error ? (uint64_t)MESSAGE_ERROR_S : (uint64_t)MESSAGE_S) * second_ns;
}

/* Give every part its place and the current data. */
static void refresh(struct ui *ui)
{
    struct view view = ui_view(ui);
    struct ui_layout layout;
    ui_layout(ui, &layout);
    ui->list->class->update(ui->list, &view, layout.pane);
    if (!ui_tab_is_list(ui)) {
        ui_tab_update(ui, layout.pane);
    }
    if (ui->over != NULL && ui->over->class->update != NULL) {
        ui->over->class->update(ui->over, &view, layout.pane);
    }
    ui_widget_layout(ui, layout.menu.width, layout.menu.height);
}

/* --- keys and mouse -------------------------------------------------------------------------- */

static void type_into_prompt(struct ui *ui, struct key key)
{
    if (line_edit_key(&ui->edit, key)) {
        ui_prompt_changed(ui);
    }
}

/* Pasted characters are text in a prompt and nothing anywhere else. True when `key` was one. */
static bool handle_paste(struct ui *ui, struct key key)
{
    if (key.code == KEYCODE_PASTE_BEGIN || key.code == KEYCODE_PASTE_END) {
        ui->pasting = key.code == KEYCODE_PASTE_BEGIN;
        ui->paste_ns = ui->now_ns;
        return true;
    }
    if (ui->pasting && ui->now_ns - ui->paste_ns > PASTE_LOST_S * second_ns) {
        ui->pasting = false;
    }
    if (!ui->pasting) {
        return false;
    }
    ui->paste_ns = ui->now_ns;
    if (ui->prompt != PROMPT_NONE) {
        type_into_prompt(ui, key);
    }
    return true;
}

/* A key without a meaning: say so, for fingers that know another program. What was said just
 * before is worth more. */
static void say_unbound(struct ui *ui, struct key key)
{
    char text[MESSAGE_BYTES];
    struct strbuf buf;
    str_init(&buf, text, sizeof(text));
    key_format(key, &buf);
    bool nameless = str_equal(text, "?") && key.code != '?';
    if (nameless || ui->message.text[0] != '\0') {
        return;
    }
    str_add(&buf, " does nothing here");
    size_t len = buf.len;
    str_add(&buf, " (");
    bool has_help = keymap_key(ui->options.keymap, CONTEXT_TABLE, ACTION_HELP, &buf);
    str_add(&buf, ": help)");
    if (!has_help) {
        text[len] = '\0';
    }
    ui_say(ui, false, text);
}

static void handle_key(struct ui *ui, struct key key, struct effects *effects)
{
    if (handle_paste(ui, key)) {
        return;
    }
    if (ui->now_ns - ui->message.since_ns >= MESSAGE_READ_S * second_ns) {
        ui->message.text[0] = '\0';
    }
    struct view view = ui_view(ui);
    enum action_id action = keymap_find(ui->options.keymap, ui_context(ui), key);
    if (action != ACTION_NONE) {
        ui_act(ui, action, effects);
    } else if (ui->prompt != PROMPT_NONE) {
        type_into_prompt(ui, key);
    } else if (ui->dialog != DIALOG_NONE) {
        ui_dialog_outcome(ui, ui_widget_key(ui, key), effects);
    } else {
        struct pane *pane = ui->over != NULL ? ui->over : ui_tab_pane(ui);
        bool known = pane->class->key != NULL && pane->class->key(pane, &view, key, effects);
        if (!known && ui->over == NULL) {
            say_unbound(ui, key);
        }
    }
}

static bool inside(const struct rect *area, const struct mouse *mouse)
{
    return mouse->x >= area->x && mouse->x < area->x + area->width && mouse->y >= area->y &&
           mouse->y < area->y + area->height;
}

/* A press on the bottom line does what the key there does. True when it hit one. */
static bool press_footer(struct ui *ui, const struct ui_layout *layout, const struct mouse *mouse,
                         struct effects *effects)
{
    if (layout->footer_y < 0 || mouse->y != layout->footer_y || mouse->kind != MOUSE_PRESS ||
        mouse->button != 1) {
        return false;
    }
    struct footer_place places[FOOTER_MAX];
    size_t count = ui_footer(ui, places);
    for (size_t i = 0; i < count; i++) {
        if (mouse->x >= places[i].x && mouse->x < places[i].x + places[i].cells) {
            ui_act(ui, places[i].item.action, effects);
            return true;
        }
    }
    return false;
}

static void mouse_over(struct ui *ui, const struct mouse *mouse, struct effects *effects)
{
    struct view view = ui_view(ui);
    if (ui->over->class->mouse != NULL && ui->over->class->mouse(ui->over, &view, mouse, effects)) {
        return;
    }
    if (mouse->kind == MOUSE_WHEEL_UP || mouse->kind == MOUSE_WHEEL_DOWN) {
        for (int i = 0; i < WHEEL_LINES; i++) {
            ui_act(ui, mouse->kind == MOUSE_WHEEL_UP ? ACTION_UP : ACTION_DOWN, effects);
        }
    }
}

static void handle_mouse(struct ui *ui, struct mouse mouse, struct effects *effects)
{
    struct ui_layout layout;
    ui_layout(ui, &layout);
    if (ui->pasting || press_footer(ui, &layout, &mouse, effects)) {
        return;
    }
    bool free_to_go = ui->dialog == DIALOG_NONE && ui->prompt == PROMPT_NONE;
    if (layout.tabs_y >= 0 && mouse.y == layout.tabs_y && mouse.kind == MOUSE_PRESS && free_to_go) {
        (ui_inspect_is_open(ui) ? ui_inspect_press : ui_tabs_press)(ui, mouse.x, effects);
        return;
    }
    const struct rect *area = ui->dialog != DIALOG_NONE ? &layout.menu : &layout.pane;
    if (!inside(area, &mouse)) {
        return;
    }
    mouse.x -= area->x;
    mouse.y -= area->y;
    if (ui->dialog != DIALOG_NONE) {
        ui_dialog_outcome(ui, ui_widget_mouse(ui, &mouse), effects);
    } else if (ui->over != NULL) {
        mouse_over(ui, &mouse, effects);
    } else if (ui->prompt == PROMPT_NONE || mouse.kind != MOUSE_PRESS) {
        ui_tab_mouse(ui, layout.pane, mouse, effects);
    }
}

/* --- other events ---------------------------------------------------------------------------- */

/* The interval that is set. */
static uint64_t interval_ns(const struct ui *ui)
{
    int32_t interval_ms = ui->options.settings->interval_ms;
    interval_ms = interval_ms < INTERVAL_MIN_MS   ? INTERVAL_MIN_MS
                  : interval_ms > INTERVAL_MAX_MS ? INTERVAL_MAX_MS
                                                  : interval_ms;
    return (uint64_t)interval_ms * (second_ns / 1000);
}

/* Take the new snapshot; the rows are made anew before the old one goes. */
static struct snapshot *handle_snapshot(struct ui *ui, struct snapshot *snap)
{
    struct snapshot *old = ui->snap;
    ui->snap = snap;
    if (ui->options.settings->history) {
        history_add(ui->history, snap, interval_ns(ui));
    }
    struct view view = ui_view(ui);
    ui->list->class->update(ui->list, &view, ui->list->area);
    ui_inspect_update(ui);
    if (!ui_tab_is_list(ui)) {
        ui_tab_update(ui, ui->list->area);
    }
    if (ui->dialog != DIALOG_NONE) {
        ui_dialog_update(ui);
    }
    if (ui->prompt == PROMPT_SEARCH && ui->no_match) { // command lines may have come
        ui->no_match = !ui_tab_search(ui, ui->edit.text, 0);
    }
    return old;
}

static int clamp_side(int cells)
{
    return cells < 1 ? 1 : cells > SURFACE_MAX_SIDE ? SURFACE_MAX_SIDE : cells;
}

static void handle_tick(struct ui *ui)
{
    struct view view = ui_view(ui);
    if (ui->message.text[0] != '\0' && ui->now_ns >= ui->message.until_ns) {
        ui->message.text[0] = '\0';
    }
    pane_process_tick(ui->list, &view);
}

struct snapshot *ui_handle(struct ui *ui, const struct event *event, struct effects *effects)
{
    struct snapshot *unneeded = NULL;
    ui->now_ns = event->now_ns > ui->now_ns ? event->now_ns : ui->now_ns;
    switch (event->kind) {
    case EVENT_KEY:
        handle_key(ui, event->as.key, effects);
        break;
    case EVENT_MOUSE:
        handle_mouse(ui, event->as.mouse, effects);
        break;
    case EVENT_RESIZE:
        ui->width = clamp_side(event->as.size.width);
        ui->height = clamp_side(event->as.size.height);
        break;
    case EVENT_SNAPSHOT:
        unneeded = handle_snapshot(ui, event->as.snap);
        break;
    case EVENT_TICK:
        handle_tick(ui);
        break;
    case EVENT_STATUS:
        ui_say(ui, event->as.status.error, event->as.status.sentence);
        break;
    case EVENT_INSPECTION:
        ui_dialog_inspected(ui, event->as.inspection);
        break;
    case EVENT_STALL:
        ui->stall.stalled = event->as.stall.stalled;
        ui->stall.pid = event->as.stall.pid;
        ui->stall.since_ns = event->as.stall.since_ns;
        break;
    }
    refresh(ui);
    return unneeded;
}

uint64_t ui_deadline_ns(const struct ui *ui)
{
    uint64_t deadline = pane_process_deadline_ns(ui->list);
    if (ui->message.text[0] != '\0' && ui->message.until_ns < deadline) {
        deadline = ui->message.until_ns;
    }
    uint64_t tick = ui->now_ns + STALL_TICK_MS * (second_ns / 1000);
    return ui->stall.stalled && tick < deadline ? tick : deadline;
}

void ui_plan(const struct ui *ui, struct plan *ret)
{
    const struct settings *settings = ui->options.settings;
    memset(ret, 0, sizeof(*ret));
    ret->interval_ns = interval_ns(ui);
    ret->want = FACT_IDENT;
    ret->frequencies = settings->cpu_frequency && settings->header;
    ret->parts = settings->history ? PART_INTERFACES | PART_DISKS : 0; // for graphs
    ret->paused = ui->paused;
    ret->baseline = ui->baseline;
    ui_tabs_plan(ui, ret);
    if (ui->dialog == DIALOG_CONFIRM) {
        ui_confirm_plan(ui, ret);
    }
    if (ui->prompt == PROMPT_SEARCH && ui_tab_is_list(ui)) { // looks where a filter looks
        struct query_options options = {.sort = COLUMN_PID, .filter = "x"};
        ret->want |= (query_needs(&options) | FACT_CMDLINE) & FACT_READABLE;
    }
    if (ui->dialog == DIALOG_USER) {
        ret->want |= FACT_OWNER | FACT_USER;
    }
}
