#ifndef TESTS_UI_FIXTURE_H
#define TESTS_UI_FIXTURE_H

#include "base/log.h"
#include "model/journal.h"
#include "model/settings.h"
#include "screen.h"
#include "ui/keymap.h"
#include "ui/ui.h"

/* The whole interface over invented processes, driven by scripts of keys and events. */

static const uint64_t second = 1000000000;

/* One interface with all it borrows. */
struct fixture {
    struct settings settings;
    struct keymap *keymap;
    struct log *log;
    struct journal *journal;
    struct ui *ui;
    struct effects *effects;
    struct surface surface;
    uint64_t now_ns;
    uint64_t seq;
    int cursor_x, cursor_y;
};

/* Hand it one event, at the fixture's time. */
void handle(struct fixture *f, struct event event);

/* Give it another size. */
void resize(struct fixture *f, int width, int height);

/* Make one of 80 x 24 without processes; `with` may be NULL. */
void start(struct fixture *f, const struct ui_options *with);

/* Likewise for a terminal without colours. */
void start_mono(struct fixture *f);

/* Start with the built-in processes, rates and all. */
void start_shown(struct fixture *f);

/* End it. */
void stop(struct fixture *f);

/* Draw into the surface. */
void draw(struct fixture *f);

/* Press keys by name, separated by blanks; "" for none. */
void press(struct fixture *f, const char *keys);

/* Press a key by its code. */
void code(struct fixture *f, uint32_t key);

/* Type text. */
void type(struct fixture *f, const char *text);

/* Report something of the mouse. */
void mouse(struct fixture *f, enum mouse_kind kind, int x, int y);

/* Show these processes; NULL: the built-in ones. */
void show(struct fixture *f, const struct screen_proc *procs, size_t count);

/* Let time pass. */
void wait_s(struct fixture *f, uint64_t seconds);

/* The first effect of a kind since forget(). Owns: the fixture. Errors: NULL. */
const struct effect *effect_of(const struct fixture *f, enum effect_kind kind);

/* The pid of one of its targets. */
int32_t target_pid(const struct fixture *f, const struct effect *effect, size_t index);

/* Forget the effects so far. */
void forget(struct fixture *f);

/* The text of the row drawn as selected; "" when there is none. */
const char *selected(struct fixture *f);

/* The pid in it. */
int selected_pid(struct fixture *f);

#endif
