#include "ui_fixture.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

static const struct ui_signal signals[] = {
    {1, "HUP", "hang up"},      {2, "INT", "interrupt"}, {9, "KILL", "kill at once"},
    {15, "TERM", "please end"}, {19, "STOP", "stop"},
};

void handle(struct fixture *f, struct event event)
{
    event.now_ns = f->now_ns;
    snapshot_free(ui_handle(f->ui, &event, f->effects));
}

void resize(struct fixture *f, int width, int height)
{
    handle(f, (struct event){.kind = EVENT_RESIZE, .as.size = {.width = width, .height = height}});
    assert_int_equal(surface_resize(&f->surface, width, height), 0);
}

static void start_with(struct fixture *f, const struct ui_options *with, bool colour)
{
    *f = (struct fixture){.now_ns = 100 * second};
    settings_init(&f->settings);
    assert_int_equal(keymap_create(&f->keymap), 0);
    f->log = log_create(8);
    assert_non_null(f->log);
    f->journal = journal_create(8);
    assert_non_null(f->journal);
    f->effects = calloc(1, sizeof(*f->effects));
    assert_non_null(f->effects);
    struct ui_options options = with != NULL ? *with : (struct ui_options){0};
    options.settings = &f->settings;
    options.keymap = f->keymap;
    options.log = f->log;
    options.journal = f->journal;
    options.signals = signals;
    options.signal_count = sizeof(signals) / sizeof(signals[0]);
    options.signal_default = 15;
    options.signal_stop = 19;
    options.colour = colour;
    options.unicode = true;
    assert_int_equal(ui_create(&options, &f->ui), 0);
    resize(f, 80, 24);
}

void start(struct fixture *f, const struct ui_options *with)
{
    start_with(f, with, true);
}

void start_mono(struct fixture *f)
{
    start_with(f, NULL, false);
}

void stop(struct fixture *f)
{
    ui_destroy(f->ui);
    keymap_destroy(f->keymap);
    log_destroy(f->log);
    journal_destroy(f->journal);
    surface_finish(&f->surface);
    free(f->effects);
}

void draw(struct fixture *f)
{
    ui_draw(f->ui, &f->surface, &f->cursor_x, &f->cursor_y);
}

void press(struct fixture *f, const char *keys)
{
    char name[16];
    while (*keys != '\0') {
        size_t len = strcspn(keys, " ");
        assert_true(len < sizeof(name));
        memcpy(name, keys, len);
        name[len] = '\0';
        struct event event = {.kind = EVENT_KEY};
        assert_true(key_parse(name, &event.as.key));
        handle(f, event);
        keys += len + (keys[len] == ' ');
    }
    draw(f);
}

void code(struct fixture *f, uint32_t key)
{
    handle(f, (struct event){.kind = EVENT_KEY, .as.key.code = key});
}

void type(struct fixture *f, const char *text)
{
    for (; *text != '\0'; text++) {
        code(f, (unsigned char)*text);
    }
    draw(f);
}

void mouse(struct fixture *f, enum mouse_kind kind, int x, int y)
{
    handle(f, (struct event){.kind = EVENT_MOUSE,
                             .as.mouse = {.kind = kind, .x = x, .y = y, .button = 1}});
    draw(f);
}

void show(struct fixture *f, const struct screen_proc *procs, size_t count)
{
    struct screen_options options = {.seq = ++f->seq, .procs = procs, .proc_count = count};
    handle(f, (struct event){.kind = EVENT_SNAPSHOT, .as.snap = screen_snapshot(&options)});
    draw(f);
}

void start_shown(struct fixture *f)
{
    start(f, NULL);
    show(f, NULL, 0);
    show(f, NULL, 0);
    wait_s(f, 2); // for a look at it
}

void wait_s(struct fixture *f, uint64_t seconds)
{
    f->now_ns += seconds * second;
}

const struct effect *effect_of(const struct fixture *f, enum effect_kind kind)
{
    for (size_t i = 0; i < f->effects->count; i++) {
        if (f->effects->items[i].kind == kind) {
            return &f->effects->items[i];
        }
    }
    return NULL;
}

int32_t target_pid(const struct fixture *f, const struct effect *effect, size_t index)
{
    assert_true(index < effect->target_count);
    return f->effects->targets[effect->first_target + index].id.pid;
}

void forget(struct fixture *f)
{
    f->effects->count = 0;
    f->effects->target_count = 0;
}

const char *selected(struct fixture *f)
{
    draw(f);
    for (int y = 0; y < f->surface.height; y++) {
        for (int x = 0; x < f->surface.width; x += 8) {
            uint8_t role = f->surface.cells[y * f->surface.width + x].role;
            if (role == ROLE_SELECTED || role == ROLE_FOLLOWED) {
                return screen_row(&f->surface, y);
            }
        }
    }
    return "";
}

int selected_pid(struct fixture *f)
{
    return (int)strtol(selected(f), NULL, 10);
}
