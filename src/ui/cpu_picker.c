#include "base/str.h"
#include "ui/cpu_picker_state.h"

#include <errno.h>
#include <stdlib.h>

enum {
    TYPED_MAX = 512, // bytes typed on top of a canonical list
    LIST_BYTES = 64, // of a list of CPUs within a note
    WHEEL_STEP = 3,
};

static void copy_text(char *out, size_t size, const char *text)
{
    struct strbuf buf;
    str_init(&buf, out, size);
    str_add(&buf, text);
}

static void respond(struct cpu_picker *picker, bool error, const char *text)
{
    copy_text(picker->response, sizeof(picker->response), text);
    picker->response_is_error = error;
}

/* --- sets ------------------------------------------------------------------------------------ */

bool cpu_picker_may_choose(const struct cpu_picker *picker, uint32_t cpu)
{
    return (!picker->has_allowed || cpu_set_has(&picker->allowed, cpu)) &&
           (picker->tree.place_count == 0 || cpu_set_has(&picker->online, cpu));
}

void cpu_picker_keep_choosable(const struct cpu_picker *picker, struct cpu_set *set)
{
    if (picker->has_allowed) {
        cpu_set_and(set, &picker->allowed);
    }
    if (picker->tree.place_count > 0) {
        cpu_set_and(set, &picker->online);
    }
}

/* Append a list of CPUs, cut at a whole number. */
static void add_list(struct strbuf *buf, const struct cpu_set *set)
{
    char list[LIST_BYTES];
    struct strbuf text;
    str_init(&text, list, sizeof(list));
    cpu_set_format(set, &text);
    str_add(buf, list);
    str_add(buf, text.overflow ? ",..." : "");
}

/* Append "8-11 (not allowed by its cpuset)" when there are such. */
static void add_left_out(struct strbuf *buf, const struct cpu_set *set, const char *why)
{
    if (cpu_set_count(set) > 0) {
        str_add(buf, buf->len > 0 ? ", " : "left out: ");
        add_list(buf, set);
        str_addf(buf, " (%s)", why);
    }
}

/* Say which of the wanted CPUs cannot be had. */
static void note_left_out(struct cpu_picker *picker)
{
    struct cpu_set absent = picker->wanted;
    struct cpu_set offline = picker->wanted;
    struct cpu_set forbidden = picker->wanted;
    struct strbuf buf;
    str_init(&buf, picker->response, sizeof(picker->response));
    picker->response_is_error = false;
    if (picker->has_topology) {
        cpu_set_subtract(&absent, &picker->present);
        cpu_set_and(&offline, &picker->present);
        cpu_set_subtract(&offline, &picker->online);
        cpu_set_and(&forbidden, &picker->online);
        add_left_out(&buf, &absent, "not there");
        add_left_out(&buf, &offline, "offline");
    }
    if (picker->has_allowed) {
        cpu_set_subtract(&forbidden, &picker->allowed);
        add_left_out(&buf, &forbidden, "not allowed by its cpuset");
    }
}

/* Make `chosen` follow `wanted`. */
static void choose_wanted(struct cpu_picker *picker)
{
    picker->chosen = picker->wanted;
    cpu_picker_keep_choosable(picker, &picker->chosen);
}

static void write_line(struct cpu_picker *picker)
{
    struct strbuf buf;
    str_init(&buf, picker->line, sizeof(picker->line));
    cpu_set_format(&picker->chosen, &buf);
    picker->line_len = buf.len;
    picker->line_limit = buf.len + TYPED_MAX;
    picker->line_is_typed = false;
    picker->line_is_valid = true;
}

/* The user has ticked: the line follows. */
static void tick(struct cpu_picker *picker, const struct cpu_set *set)
{
    picker->touched = true;
    picker->wanted = *set;
    choose_wanted(picker);
    picker->wanted = picker->chosen;
    write_line(picker);
}

/* The user has typed: the ticks follow. */
static void read_line(struct cpu_picker *picker)
{
    picker->touched = true;
    picker->line_is_typed = true;
    picker->line_is_valid = cpu_set_parse(picker->line, &picker->wanted) == 0;
    if (picker->line_is_valid) {
        choose_wanted(picker);
        note_left_out(picker);
    }
}

/* --- ticks ----------------------------------------------------------------------------------- */

/* The CPUs of a row that can be chosen. */
static struct cpu_set row_set(const struct cpu_picker *picker, const struct cpu_row *row)
{
    struct cpu_set set = {0};
    for (uint32_t i = 0; i < row->count; i++) {
        uint32_t cpu = picker->tree.places[row->first + i].cpu;
        if (cpu_picker_may_choose(picker, cpu)) {
            cpu_set_add(&set, cpu);
        }
    }
    return set;
}

const char *cpu_picker_refusal(const struct cpu_picker *picker, const struct cpu_row *row)
{
    bool is_online = false;
    for (uint32_t i = 0; i < row->count; i++) {
        const struct cpu_place *place = &picker->tree.places[row->first + i];
        if (cpu_picker_may_choose(picker, place->cpu)) {
            return "";
        }
        is_online = is_online || place->online;
    }
    return is_online ? "not allowed by its cpuset" : "offline";
}

static void toggle(struct cpu_picker *picker)
{
    if (picker->tree.row_count == 0) {
        return;
    }
    const struct cpu_row *row = &picker->tree.rows[picker->cursor];
    const char *why = cpu_picker_refusal(picker, row);
    if (why[0] != '\0') {
        respond(picker, true, why);
        return;
    }
    struct cpu_set below = row_set(picker, row);
    struct cpu_set left = below;
    cpu_set_subtract(&left, &picker->chosen);
    struct cpu_set set = picker->chosen;
    if (cpu_set_count(&left) > 0) {
        cpu_set_or(&set, &below);
    } else {
        cpu_set_subtract(&set, &below);
    }
    tick(picker, &set);
}

/* --- creating and knowing -------------------------------------------------------------------- */

struct cpu_picker *cpu_picker_create(const char *title)
{
    struct cpu_picker *picker = calloc(1, sizeof(*picker));
    if (picker == NULL) {
        return NULL;
    }
    cpu_picker_set_title(picker, title);
    picker->rows = 1;
    write_line(picker);
    return picker;
}

void cpu_picker_destroy(struct cpu_picker *picker)
{
    if (picker != NULL) {
        cpu_tree_finish(&picker->tree);
        free(picker);
    }
}

void cpu_picker_set_title(struct cpu_picker *picker, const char *title)
{
    copy_text(picker->title, sizeof(picker->title), title);
}

void cpu_picker_set_note(struct cpu_picker *picker, const char *note, bool error)
{
    copy_text(picker->note, sizeof(picker->note), note);
    picker->note_is_error = error;
}

static void find_restriction(struct cpu_picker *picker)
{
    struct strbuf buf;
    str_init(&buf, picker->restriction, sizeof(picker->restriction));
    struct cpu_set forbidden = picker->online;
    cpu_set_subtract(&forbidden, &picker->allowed);
    if (picker->has_allowed && cpu_set_count(&forbidden) > 0) {
        str_add(&buf, "its cpuset allows ");
        add_list(&buf, &picker->allowed);
    }
}

static void move_to(struct cpu_picker *picker, size_t cursor)
{
    size_t count = picker->tree.row_count;
    picker->cursor = cursor < count ? cursor : count > 0 ? count - 1 : 0;
    picker->top = cpu_picker_top(picker, picker->rows);
}

int cpu_picker_set(struct cpu_picker *picker, const struct topology *topology,
                   const struct cpu_set *allowed, const struct cpu_set *chosen)
{
    struct cpu_tree tree;
    int error = cpu_tree_init(&tree, topology, allowed);
    if (error != 0) {
        return error;
    }
    cpu_tree_finish(&picker->tree);
    picker->tree = tree;
    picker->is_known = true;
    picker->has_topology = topology != NULL && topology->count > 0;
    picker->allowed = *allowed;
    picker->has_allowed = cpu_set_count(allowed) > 0;
    picker->present = (struct cpu_set){0};
    picker->online = (struct cpu_set){0};
    for (size_t i = 0; i < tree.place_count; i++) {
        cpu_set_add(&picker->present, tree.places[i].cpu);
        if (tree.places[i].online) {
            cpu_set_add(&picker->online, tree.places[i].cpu);
        }
    }
    find_restriction(picker);
    if (!picker->touched) {
        picker->wanted = *chosen;
    }
    choose_wanted(picker);
    if (!picker->line_is_typed) {
        write_line(picker);
    } else if (picker->line_is_valid) {
        note_left_out(picker);
    }
    picker->widest = cpu_picker_widest_row(picker);
    cpu_picker_layout(picker, picker->height);
    return 0;
}

const struct cpu_set *cpu_picker_chosen(const struct cpu_picker *picker)
{
    return &picker->chosen;
}

bool cpu_picker_touched(const struct cpu_picker *picker)
{
    return picker->touched;
}

/* --- presets --------------------------------------------------------------------------------- */

/* Owns: static storage. Errors: NULL when no preset has this key here. */
static const struct cpu_preset *find_preset(const struct cpu_picker *picker, uint32_t code)
{
    for (size_t i = 0; i < CPU_PRESET_COUNT; i++) {
        if ((uint32_t)cpu_presets[i].key == code &&
            cpu_preset_applies(&cpu_presets[i], &picker->tree)) {
            return &cpu_presets[i];
        }
    }
    return NULL;
}

static void apply(struct cpu_picker *picker, const struct cpu_preset *preset)
{
    if (!picker->line_is_valid) { // a slip of the finger while typing: what is typed stays
        respond(picker, true, "the list of CPUs is not complete; complete or erase it first");
        return;
    }
    if (picker->tree.row_count == 0 && preset->choose != NULL) {
        respond(picker, true, "the CPUs are not known; type their numbers");
        return;
    }
    struct cpu_set set = {0};
    if (preset->choose != NULL) {
        preset->choose(picker, &set);
    }
    tick(picker, &set);
    if (preset->choose != NULL && cpu_set_count(&picker->chosen) == 0) {
        respond(picker, false, "that leaves no CPU");
    }
}

/* --- keys ------------------------------------------------------------------------------------ */

static void move_by(struct cpu_picker *picker, size_t step, bool down)
{
    size_t up = picker->cursor > step ? picker->cursor - step : 0;
    move_to(picker, down ? picker->cursor + step : up);
}

static void erase(struct cpu_picker *picker, enum action_id action)
{
    size_t len = picker->line_len;
    if (action == ACTION_ERASE_ALL) {
        len = 0;
    } else if (action == ACTION_ERASE_WORD) {
        while (len > 0 && picker->line[--len] != ',') {
        }
    } else if (len > 0) {
        len--;
    }
    picker->line_len = len;
    picker->line[len] = '\0';
    read_line(picker);
}

static enum menu_outcome accept(struct cpu_picker *picker)
{
    if (!picker->line_is_valid) {
        respond(picker, true, "not a list of CPUs: write them like 0-3,8");
    } else if (cpu_set_count(&picker->chosen) > 0) {
        return MENU_CHOSEN;
    } else if (cpu_set_count(&picker->wanted) > 0) {
        respond(picker, true, "none of these CPUs can be chosen");
    } else {
        respond(picker, true, "choose at least one CPU");
    }
    return MENU_OPEN;
}

enum menu_outcome cpu_picker_act(struct cpu_picker *picker, enum action_id action)
{
    respond(picker, false, "");
    if (action == ACTION_UP || action == ACTION_DOWN) {
        move_by(picker, 1, action == ACTION_DOWN);
    } else if (action == ACTION_PAGE_UP || action == ACTION_PAGE_DOWN) {
        move_by(picker, picker->rows, action == ACTION_PAGE_DOWN);
    } else if (action == ACTION_FIRST) {
        move_to(picker, 0);
    } else if (action == ACTION_LAST) {
        move_to(picker, picker->tree.row_count);
    } else if (action == ACTION_TOGGLE_ITEM) {
        toggle(picker);
    } else if (action == ACTION_ERASE_BACK || action == ACTION_ERASE_WORD ||
               action == ACTION_ERASE_ALL) {
        erase(picker, action);
    } else if (action == ACTION_ACCEPT) {
        return accept(picker);
    } else if (action == ACTION_CANCEL) {
        return MENU_CANCELLED;
    }
    return MENU_OPEN;
}

static void type(struct cpu_picker *picker, char c)
{
    const bool is_digit = c >= '0' && c <= '9';
    if (!picker->line_is_typed && is_digit) { // it was written by ticking: this is another one
        picker->line_len = 0;
        picker->line_limit = TYPED_MAX;
    }
    if (picker->line_len >= picker->line_limit || picker->line_len + 1 >= sizeof(picker->line)) {
        respond(picker, true, "this is too long");
        return;
    }
    picker->line[picker->line_len++] = c;
    picker->line[picker->line_len] = '\0';
    read_line(picker);
}

enum menu_outcome cpu_picker_key(struct cpu_picker *picker, struct key key)
{
    respond(picker, false, "");
    if ((key.mods & (MOD_CTRL | MOD_ALT)) != 0 || key.code < ' ' || key.code > '~') {
        return MENU_OPEN;
    }
    const char c = (char)key.code;
    const struct cpu_preset *preset = find_preset(picker, key.code);
    if ((c >= '0' && c <= '9') || c == ',' || c == '-' || c == ':') {
        type(picker, c);
    } else if (preset != NULL) {
        apply(picker, preset);
    } else if (c == 'q') {
        return MENU_CANCELLED;
    }
    return MENU_OPEN;
}

/* --- place ----------------------------------------------------------------------------------- */

void cpu_picker_layout(struct cpu_picker *picker, int height)
{
    if (picker->height == 0) { // until now no more than the cursor's row was known to be in view
        picker->top = 0;
    }
    picker->height = height;
    picker->rows = cpu_picker_arrange(picker, height).rows;
    move_to(picker, picker->cursor);
}

enum menu_outcome cpu_picker_mouse(struct cpu_picker *picker, const struct mouse *mouse)
{
    const struct cpu_arrangement at = cpu_picker_arrange(picker, picker->height);
    if (mouse->kind == MOUSE_WHEEL_UP || mouse->kind == MOUSE_WHEEL_DOWN) {
        move_by(picker, WHEEL_STEP, mouse->kind == MOUSE_WHEEL_DOWN);
        return MENU_OPEN;
    }
    if (mouse->kind != MOUSE_PRESS || mouse->button != 1 || mouse->y < at.head) {
        return MENU_OPEN;
    }
    size_t row = (size_t)(mouse->y - at.head);
    if (row >= at.rows || at.top + row >= picker->tree.row_count) {
        return MENU_OPEN;
    }
    respond(picker, false, "");
    if (at.top + row == picker->cursor) {
        toggle(picker);
    } else {
        move_to(picker, at.top + row);
    }
    return MENU_OPEN;
}
