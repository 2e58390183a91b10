#ifndef UI_UI_H
#define UI_UI_H

#include "model/plan.h"
#include "ui/action.h"
#include "ui/input.h"
#include "ui/pane_process.h"
#include "ui/surface.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct inspection;
struct journal;
struct keymap;
struct log;
struct settings;
struct snapshot;

/*
 * The whole user interface as a value: events go in, effects come out, and a surface
 * can be drawn from it at any time. It owns no thread, reads no clock, touches no
 * terminal and makes no system call, so a test drives it with an array of events.
 */
struct ui;

/* Kinds of event. */
enum event_kind {
    EVENT_KEY,
    EVENT_MOUSE,
    EVENT_RESIZE,
    EVENT_SNAPSHOT,
    EVENT_TICK,       // the time ui_deadline_ns() named has come
    EVENT_STATUS,     // a sentence for the status line: how an effect ended
    EVENT_INSPECTION, // what EFFECT_INSPECT asked for
    EVENT_STALL,      // the scanning thread hangs, or does so no more
};

/* One thing that happened. */
struct event {
    enum event_kind kind;
    uint64_t now_ns; // monotonic; the only clock the UI has
    union {
        struct key key;
        struct mouse mouse;
        struct {
            int width, height; // cells
        } size;
        struct snapshot *snap;               // ownership moves to the UI
        const struct inspection *inspection; // borrowed during the call
        struct {
            const char *sentence; // safe text; copied
            bool error;
        } status;
        struct {
            bool stalled;
            int32_t pid;
            uint64_t since_ns;
        } stall;
    } as;
};

/* A signal to offer in the menu. Strings are static. */
struct ui_signal {
    int number;
    const char *name; // without "SIG"
    const char *help;
};

/* What the interface is made of. Everything pointed at is borrowed until ui_destroy(). */
struct ui_options {
    struct settings *settings;
    const struct keymap *keymap;
    const struct log *log;
    const struct journal *journal;
    const struct ui_signal *signals; // ascending
    size_t signal_count;
    int signal_default;      // SIGTERM
    int signal_stop;         // SIGSTOP: choosing it is DEED_STOP, so that it can be undone
    int32_t own_pid;         // of perch, as the list numbers it
    const char *refusal;     // NULL, or why everything with ACTION_CHANGES is refused; static
    const char *close_needs; // privilege that perch lacks to close connections; NULL: none; static
    bool colour;             // see struct view
    bool unicode;
    bool braille; // the terminal has glyphs for it
    struct pane_process_options list;
};

/* Owns: the caller, who ends it with ui_destroy(). Errors: -ENOMEM. */
int ui_create(const struct ui_options *options, struct ui **ret);

/* Frees the snapshot it holds, too. NULL is a no-op. */
void ui_destroy(struct ui *ui);

/*
 * React to one event; what the program must do is appended to `effects`.
 * Owns: the caller. A snapshot the UI no longer needs comes back, to be given to
 * source_give_back(); NULL when there is none.
 */
struct snapshot *ui_handle(struct ui *ui, const struct event *event, struct effects *effects);

/*
 * Draw the current state over the whole surface. Changes nothing, so calling it twice draws
 * the same. The cursor belongs at (*ret_cursor_x, *ret_cursor_y); x is -1 to hide it.
 */
void ui_draw(const struct ui *ui, struct surface *surface, int *ret_cursor_x, int *ret_cursor_y);

/* What must be sampled to draw what is shown now. app.c hands it on when it changes. */
void ui_plan(const struct ui *ui, struct plan *ret);

/* When the UI wants an EVENT_TICK (a message fades, typed digits expire); UINT64_MAX: never. */
uint64_t ui_deadline_ns(const struct ui *ui);

#endif
