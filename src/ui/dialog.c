#include "ui/dialog.h"

#include "base/str.h"
#include "base/utf8.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    ITEMS_MAX = 65536,
    TYPED_BYTES = 32,
    WIDTH_MIN = 16,
    WIDTH_MAX = 60, // beyond that it would hide the processes behind it
    LABEL_MAX = 24, // longer labels push aside what follows them
    WHEEL_STEP = 3,
};

struct menu {
    char title[64], note[200];
    bool note_is_error;
    bool editable;
    bool has_ticks;
    struct menu_item *items;
    size_t count, capacity;
    size_t cursor, top; // top: first item in view
    size_t rows;        // items that fit into the height it is drawn in
    bool laid_out;      // rows is known
    char typed[TYPED_BYTES];
};

struct menu *menu_create(const char *title, const char *note)
{
    struct menu *menu = calloc(1, sizeof(*menu));
    if (!menu) {
        return NULL;
    }
    struct strbuf buf;
    str_init(&buf, menu->title, sizeof(menu->title));
    str_add(&buf, title);
    menu_set_note(menu, note, false);
    menu->rows = 1;
    return menu;
}

void menu_destroy(struct menu *menu)
{
    if (menu) {
        free(menu->items);
        free(menu);
    }
}

void menu_set_note(struct menu *menu, const char *note, bool error)
{
    struct strbuf buf;
    str_init(&buf, menu->note, sizeof(menu->note));
    str_add(&buf, note);
    menu->note_is_error = error;
}

int menu_add(struct menu *menu, const struct menu_item *item)
{
    if (menu->count >= ITEMS_MAX) {
        return -E2BIG;
    }
    if (menu->count == menu->capacity) {
        size_t capacity = menu->capacity > 0 ? menu->capacity * 2 : 32;
        struct menu_item *items = realloc(menu->items, capacity * sizeof(*items));
        if (!items) {
            return -ENOMEM;
        }
        menu->items = items;
        menu->capacity = capacity;
    }
    menu->items[menu->count++] = *item;
    menu->has_ticks = menu->has_ticks || item->ticked;
    return 0;
}

static size_t top_for(size_t top, size_t cursor, size_t rows, size_t count)
{
    rows = rows > 0 ? rows : 1;
    if (cursor < top) {
        top = cursor;
    } else if (cursor - top >= rows) {
        top = cursor - rows + 1;
    }
    size_t last = count > rows ? count - rows : 0; // no empty lines while there are items above
    return top > last ? last : top;
}

static void move_to(struct menu *menu, size_t cursor)
{
    menu->cursor = cursor < menu->count ? cursor : menu->count > 0 ? menu->count - 1 : 0;
    menu->top = top_for(menu->top, menu->cursor, menu->rows, menu->count);
}

static void move_by(struct menu *menu, size_t step, bool down)
{
    if (down) {
        move_to(menu, menu->cursor + step);
    } else {
        move_to(menu, menu->cursor > step ? menu->cursor - step : 0);
    }
}

bool menu_select(struct menu *menu, int64_t value)
{
    for (size_t i = 0; i < menu->count; i++) {
        if (menu->items[i].value == value) {
            move_to(menu, i);
            return true;
        }
    }
    return false;
}

void menu_make_editable(struct menu *menu)
{
    menu->editable = true;
}

/* Exchange the item under the cursor with a neighbour; the cursor goes along. */
static void move_item(struct menu *menu, bool down)
{
    if (menu->count == 0 || (down ? menu->cursor + 1 >= menu->count : menu->cursor == 0)) {
        return;
    }
    size_t other = down ? menu->cursor + 1 : menu->cursor - 1;
    struct menu_item item = menu->items[menu->cursor];
    menu->items[menu->cursor] = menu->items[other];
    menu->items[other] = item;
    move_to(menu, other);
}

static enum menu_outcome edit(struct menu *menu, enum action_id action)
{
    if (!menu->editable || menu->count == 0) {
        return MENU_OPEN;
    }
    if (action == ACTION_TOGGLE_ITEM) {
        menu->items[menu->cursor].ticked = !menu->items[menu->cursor].ticked;
    } else {
        move_item(menu, action == ACTION_MOVE_ITEM_DOWN);
    }
    return MENU_OPEN;
}

enum menu_outcome menu_act(struct menu *menu, enum action_id action)
{
    menu->typed[0] = '\0';
    if (action == ACTION_UP || action == ACTION_DOWN) {
        move_by(menu, 1, action == ACTION_DOWN);
    } else if (action == ACTION_PAGE_UP || action == ACTION_PAGE_DOWN) {
        move_by(menu, menu->rows, action == ACTION_PAGE_DOWN);
    } else if (action == ACTION_FIRST) {
        move_to(menu, 0);
    } else if (action == ACTION_LAST) {
        move_to(menu, menu->count);
    } else if (action == ACTION_ACCEPT) {
        return menu->count > 0 ? MENU_CHOSEN : MENU_OPEN;
    } else if (action == ACTION_CANCEL) {
        return MENU_CANCELLED;
    } else if (action == ACTION_TOGGLE_ITEM || action == ACTION_MOVE_ITEM_UP ||
               action == ACTION_MOVE_ITEM_DOWN) {
        return edit(menu, action);
    }
    return MENU_OPEN;
}

static bool begins_with(const char *text, const char *start)
{
    while (*text == ' ') {
        text++; // labels set against the right
    }
    size_t text_len = strlen(text);
    size_t len = strlen(start);
    return len <= text_len && str_find_fold(text, len, start, len) == 0;
}

/* Go to the first item with this number, or else to the first that begins like this. */
static bool find(struct menu *menu, const char *typed)
{
    int64_t number = 0;
    if (str_parse_i64(typed, 0, INT64_MAX, &number) == 0 && menu_select(menu, number)) {
        return true;
    }
    for (size_t i = 0; i < menu->count; i++) {
        if (begins_with(menu->items[i].label, typed) ||
            begins_with(menu->items[i].shortcut, typed)) {
            move_to(menu, i);
            return true;
        }
    }
    return false;
}

enum menu_outcome menu_key(struct menu *menu, struct key key)
{
    if (key.code >= KEYCODE_FIRST || (key.mods & (MOD_CTRL | MOD_ALT)) != 0 ||
        utf8_width(key.code) < 1) {
        menu->typed[0] = '\0';
        return MENU_OPEN;
    }
    char longer[TYPED_BYTES];
    char bytes[4];
    size_t len = utf8_encode(key.code, bytes);
    bool was_empty = menu->typed[0] == '\0';
    for (int attempt = 0; attempt < 2; attempt++) {
        /* what was typed before with this at its end, or else this as a new beginning */
        struct strbuf buf;
        str_init(&buf, longer, sizeof(longer));
        str_add(&buf, attempt == 0 ? menu->typed : "");
        str_add_bytes(&buf, bytes, len);
        if (!buf.overflow && find(menu, longer)) {
            memcpy(menu->typed, longer, sizeof(menu->typed));
            return MENU_OPEN;
        }
    }
    menu->typed[0] = '\0';
    return was_empty && key.code == 'q' ? MENU_CANCELLED : MENU_OPEN;
}

/* Rows between the top of the area and the first item. */
static int head_rows(const struct menu *menu)
{
    return menu->note[0] != '\0' ? 2 : 1;
}

enum menu_outcome menu_mouse(struct menu *menu, const struct mouse *mouse)
{
    if (mouse->kind == MOUSE_WHEEL_UP || mouse->kind == MOUSE_WHEEL_DOWN) {
        move_by(menu, WHEEL_STEP, mouse->kind == MOUSE_WHEEL_DOWN);
        return MENU_OPEN;
    }
    int head = head_rows(menu);
    if (mouse->kind != MOUSE_PRESS || mouse->button != 1 || mouse->y < head) {
        return MENU_OPEN;
    }
    size_t row = (size_t)(mouse->y - head);
    if (row >= menu->rows || menu->top + row >= menu->count) {
        return MENU_OPEN;
    }
    if (menu->top + row == menu->cursor) {
        return MENU_CHOSEN;
    }
    move_to(menu, menu->top + row);
    return MENU_OPEN;
}

const struct menu_item *menu_selected(const struct menu *menu)
{
    return menu->count > 0 ? &menu->items[menu->cursor] : NULL;
}

const struct menu_item *menu_at(const struct menu *menu, size_t index)
{
    return &menu->items[index];
}

size_t menu_count(const struct menu *menu)
{
    return menu->count;
}

/* Columns in front of the labels. */
static int mark_cells(const struct menu *menu)
{
    return menu->editable ? 4 : menu->has_ticks ? 2 : 0;
}

/* The widest label that something follows: what follows starts in the same column everywhere. */
static int label_cells(const struct menu *menu)
{
    int widest = 0;
    for (size_t i = 0; i < menu->count; i++) {
        if (menu->items[i].detail[0] != '\0') {
            int label = surface_cells(menu->items[i].label);
            widest = label > widest ? label : widest;
        }
    }
    return widest < LABEL_MAX ? widest : LABEL_MAX;
}

int menu_width(const struct menu *menu)
{
    int width = surface_cells(menu->title) + 5;
    int note = surface_cells(menu->note) + 4;
    width = note > width ? note : width;
    int labels = label_cells(menu);
    for (size_t i = 0; i < menu->count; i++) {
        int label = surface_cells(menu->items[i].label);
        int detail = surface_cells(menu->items[i].detail);
        label = detail > 0 && label < labels ? labels : label;
        int item = mark_cells(menu) + label + (detail > 0 ? detail + 2 : 0) + 4;
        width = item > width ? item : width;
    }
    return width < WIDTH_MIN ? WIDTH_MIN : width > WIDTH_MAX ? WIDTH_MAX : width;
}

static size_t rows_in(const struct menu *menu, int height)
{
    int rows = height - head_rows(menu) - 1;
    return rows > 1 ? (size_t)rows : 1;
}

void menu_layout(struct menu *menu, int height)
{
    menu->rows = rows_in(menu, height);
    if (!menu->laid_out) { // until now no more than the cursor's line was known to be in view
        menu->laid_out = true;
        menu->top = 0;
    }
    move_to(menu, menu->cursor);
}

static void draw_item(const struct menu *menu, size_t index, int labels, struct surface *line)
{
    const struct menu_item *item = &menu->items[index];
    bool selected = index == menu->cursor;
    enum role role = selected ? ROLE_MENU_SELECTED : ROLE_MENU;
    int width = line->clip.width;
    surface_fill(line, (struct rect){.width = width, .height = 1}, role);
    const char *mark = menu->editable ? (item->ticked ? "[x]" : "[ ]") : item->ticked ? "•" : "";
    int x = 1;
    (void)surface_string(line, x, 0, width - 2, role, mark);
    x += mark_cells(menu);
    int used = surface_string(line, x, 0, width - 1 - x, role, item->label);
    if (item->detail[0] != '\0') {
        x += used > labels ? used : labels;
        (void)surface_string(line, x + 2, 0, width - 3 - x, selected ? role : ROLE_DIM,
                             item->detail);
    }
}

void menu_draw(const struct menu *menu, struct surface *surface)
{
    struct rect all = {.width = surface->clip.width, .height = surface->clip.height};
    int inner = all.width - 2;
    surface_fill(surface, all, ROLE_MENU);
    surface_frame(surface, all, ROLE_MENU_BORDER);
    if (inner > 2) {
        int used = surface_string(surface, 2, 0, inner - 2, ROLE_MENU_TITLE, menu->title);
        (void)surface_string(surface, 2 + used, 0, inner - 2 - used, ROLE_MENU_TITLE, " ");
        (void)surface_string(surface, 1, 0, 1, ROLE_MENU_TITLE, " ");
    }
    if (menu->note[0] != '\0') {
        (void)surface_string(surface, 2, 1, inner - 1, menu->note_is_error ? ROLE_ERROR : ROLE_DIM,
                             menu->note);
    }
    /* the area may differ from the one it was laid out for: the cursor must still be in view */
    size_t rows = rows_in(menu, all.height);
    size_t top = top_for(menu->top, menu->cursor, rows, menu->count);
    int labels = label_cells(menu);
    for (size_t i = 0; i < rows && top + i < menu->count; i++) {
        struct surface line = surface_sub(
            surface,
            (struct rect){.x = 1, .y = head_rows(menu) + (int)i, .width = inner, .height = 1});
        draw_item(menu, top + i, labels, &line);
    }
    if (menu->count > rows && inner > 0) {
        char position[32];
        struct strbuf buf;
        str_init(&buf, position, sizeof(position));
        str_addf(&buf, " %zu/%zu ", menu->cursor + 1, menu->count);
        surface_string_right(surface, 1, all.height - 1, inner, ROLE_DIM, position);
    }
}
