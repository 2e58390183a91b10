#include "term_memory.h"

#include "base/str.h"
#include "check.h"
#include "ui/keymap.h"

#include <string.h>

enum { EVENTS_MAX = 256 };

/* One terminal, as in a program; a test may keep state in its own files. */
struct term {
    struct term_memory memory;
    struct term_event events[EVENTS_MAX];
    size_t first, count;
};

static struct term the_term = {
    .memory = {.width = 80, .height = 24, .colour = true, .unicode = true, .cursor_x = -1}};

struct term_memory *term_memory(void)
{
    return &the_term.memory;
}

void term_memory_reset(void)
{
    surface_finish(&the_term.memory.shown);
    the_term = (struct term){
        .memory = {.width = 80, .height = 24, .colour = true, .unicode = true, .cursor_x = -1}};
}

void term_memory_push(const struct term_event *event)
{
    assert_true(the_term.count < EVENTS_MAX);
    the_term.events[(the_term.first + the_term.count++) % EVENTS_MAX] = *event;
}

void term_memory_type(const char *keys)
{
    while (*keys != '\0') {
        size_t len = strcspn(keys, " ");
        char name[32];
        assert_true(len < sizeof(name));
        memcpy(name, keys, len);
        name[len] = '\0';
        struct term_event event = {0};
        assert_true(key_parse(name, &event.key));
        term_memory_push(&event);
        keys += len;
        keys += strspn(keys, " ");
    }
}

int term_open(const struct term_options *options, struct term **ret)
{
    struct term_memory *memory = &the_term.memory;
    if (memory->open_error < 0) {
        return memory->open_error;
    }
    assert_false(memory->is_open);
    memory->is_open = true;
    memory->options = *options;
    *ret = &the_term;
    return 0;
}

void term_close(struct term *term)
{
    if (term) {
        assert_true(term->memory.is_open);
        term->memory.is_open = false;
    }
}

void term_configure(struct term *term, const struct term_options *options)
{
    term->memory.options = *options;
    term->memory.configured++;
}

int term_present(struct term *term, const struct surface *surface, int cursor_x, int cursor_y)
{
    struct term_memory *memory = &term->memory;
    assert_true(memory->is_open && !memory->is_suspended);
    if (memory->present_error < 0) {
        return memory->present_error;
    }
    int r = surface_resize(&memory->shown, surface->width, surface->height);
    if (r < 0) {
        return r;
    }
    size_t count = (size_t)surface->width * (size_t)surface->height;
    memcpy(memory->shown.cells, surface->cells, count * sizeof(*surface->cells));
    memory->cursor_x = cursor_x;
    memory->cursor_y = cursor_y;
    memory->presented++;
    return 0;
}

bool term_next_event(struct term *term, struct term_event *ret)
{
    if (term->count == 0 || term->memory.is_suspended) {
        return false;
    }
    *ret = term->events[term->first];
    term->first = (term->first + 1) % EVENTS_MAX;
    term->count--;
    return true;
}

void term_size(struct term *term, int *ret_width, int *ret_height)
{
    *ret_width = term->memory.width;
    *ret_height = term->memory.height;
}

int term_copy(struct term *term, const char *text)
{
    struct strbuf buf;
    str_init(&buf, term->memory.copied, sizeof(term->memory.copied));
    str_add(&buf, text);
    return 0;
}

void term_invalidate(struct term *term)
{
    term->memory.invalidated++;
}

void term_suspend(struct term *term)
{
    assert_false(term->memory.is_suspended);
    term->memory.is_suspended = true;
}

void term_resume(struct term *term)
{
    assert_true(term->memory.is_suspended);
    term->memory.is_suspended = false;
}

bool term_has_colour(const struct term *term)
{
    return term->memory.colour;
}

bool term_has_braille(const struct term *term)
{
    (void)term;
    return true;
}

bool term_has_unicode(const struct term *term)
{
    return term->memory.unicode;
}

void term_emergency_restore(void)
{
    the_term.memory.is_open = false;
}
