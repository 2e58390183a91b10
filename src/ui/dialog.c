#include "ui/dialog.h"

#include "base/str.h"
#include "base/utf8.h"
#include "ui/wrap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    ITEMS_MAX = 65536,
    TYPED_BYTES = 32,
    WIDTH_MIN = 16,
    LABEL_MAX = 24, // longer labels push aside what follows them
    WHEEL_STEP = 3,
    NOTE_LINES_MAX = 3,
    HINT_LINES_MAX = 2,
    ROWS_BEFORE_HINT = 2, // items that go before the hint where there is little room
    NUMBER_BYTES = 16,
};

/* What is between the title and the items. */
struct menu_head {
    int note, hint, entry; // rows
};

struct menu {
    char title[200], note[256], hint[256];
    bool note_is_error;
    bool editable;
    bool touched; // the user has moved or typed
    struct {
        bool allowed;
        bool fresh;  // not typed but set: the first key replaces it
        bool erased; // nothing is typed, and what is under the cursor does not count
        int64_t min, max;
        menu_meaning *meaning;
        char typed[NUMBER_BYTES];
    } number;
    struct menu_head head; // as laid out
    bool has_ticks;
    struct menu_item *items;
    size_t count, capacity;
    size_t cursor, top; // top: first item in view
    size_t rows;        // items that fit into the height it is drawn in
    bool laid_out;      // rows is known
    char typed[TYPED_BYTES];
    bool unfound; // `typed` is a number nothing has
};

struct menu *menu_create(const char *title, const char *note)
{
    struct menu *menu = calloc(1, sizeof(*menu));
    if (!menu) {
        return NULL;
    }
    menu_set_title(menu, title);
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

static void copy_text(char *out, size_t size, const char *text)
{
    struct strbuf buf;
    str_init(&buf, out, size);
    str_add(&buf, text);
}

void menu_set_title(struct menu *menu, const char *title)
{
    copy_text(menu->title, sizeof(menu->title), title);
}

void menu_set_note(struct menu *menu, const char *note, bool error)
{
    copy_text(menu->note, sizeof(menu->note), note);
    menu->note_is_error = error;
}

void menu_set_hint(struct menu *menu, const char *hint)
{
    copy_text(menu->hint, sizeof(menu->hint), hint);
}

void menu_clear(struct menu *menu)
{
    menu->count = 0;
    menu->cursor = 0;
    menu->has_ticks = false;
}

bool menu_touched(const struct menu *menu)
{
    return menu->touched;
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

/* --- a number to type ------------------------------------------------------------------------ */

void menu_allow_number(struct menu *menu, int64_t min, int64_t max, menu_meaning *meaning)
{
    menu->number.allowed = true;
    menu->number.min = min;
    menu->number.max = max;
    menu->number.meaning = meaning;
}

void menu_set_number(struct menu *menu, int64_t number)
{
    struct strbuf buf;
    str_init(&buf, menu->number.typed, sizeof(menu->number.typed));
    str_addf(&buf, "%lld", (long long)number);
    menu->number.fresh = true;
    menu->number.erased = false;
    (void)menu_select(menu, number); // no such item: the cursor stays
}

bool menu_number(const struct menu *menu, int64_t *ret)
{
    if (menu->number.typed[0] != '\0') {
        return str_parse_i64(menu->number.typed, menu->number.min, menu->number.max, ret) == 0;
    }
    bool counts = menu->count > 0 && !menu->number.erased;
    if (counts) {
        *ret = menu->items[menu->cursor].value;
    }
    return counts;
}

/* True when an action erases something, or would where text is typed. */
static bool erases(enum action_id action)
{
    return action == ACTION_ERASE_BACK || action == ACTION_ERASE_WORD || action == ACTION_ERASE_ALL;
}

/* What is erased is the number shown, be it typed or the one under the cursor. */
static void erase_number(struct menu *menu, enum action_id action)
{
    char *typed = menu->number.typed;
    if (typed[0] == '\0' && !menu->number.erased && menu->count > 0) {
        menu_set_number(menu, menu->items[menu->cursor].value);
    }
    size_t len = strlen(typed);
    typed[action == ACTION_ERASE_BACK && len > 0 ? len - 1 : 0] = '\0';
    menu->number.fresh = false;
    menu->number.erased = typed[0] == '\0';
    menu->touched = true;
}

/* Take one key of a number. False when it is none. */
static bool type_number(struct menu *menu, struct key key)
{
    char *typed = menu->number.typed;
    size_t len = strlen(typed);
    if (key.mods != 0 || ((key.code < '0' || key.code > '9') && key.code != '-')) {
        return false;
    }
    len = menu->number.fresh ? 0 : len;
    if (len + 1 < sizeof(menu->number.typed)) {
        typed[len] = (char)key.code;
        typed[len + 1] = '\0';
        menu->number.fresh = false;
        menu->number.erased = false;
    }
    int64_t number;
    if (menu_number(menu, &number)) {
        (void)menu_select(menu, number); // no such item: the cursor stays
    }
    return true;
}

/* What is under the cursor counts. */
static void forget_number(struct menu *menu)
{
    menu->number.typed[0] = '\0';
    menu->number.erased = false;
}

/* Accept what is chosen, if it is something. */
static enum menu_outcome accept(struct menu *menu)
{
    int64_t number;
    if (!menu->number.allowed) {
        return menu->count > 0 ? MENU_CHOSEN : MENU_OPEN;
    }
    if (menu_number(menu, &number)) {
        return MENU_CHOSEN;
    }
    char text[64];
    struct strbuf buf;
    str_init(&buf, text, sizeof(text));
    str_addf(&buf, "a number from %lld to %lld is needed", (long long)menu->number.min,
             (long long)menu->number.max);
    menu_set_note(menu, text, true);
    return MENU_OPEN;
}

/* --- keys and mouse -------------------------------------------------------------------------- */

static bool moves(enum action_id action)
{
    return action == ACTION_UP || action == ACTION_DOWN || action == ACTION_PAGE_UP ||
           action == ACTION_PAGE_DOWN || action == ACTION_FIRST || action == ACTION_LAST;
}

static void refuse_unfound(struct menu *menu)
{
    char text[64];
    struct strbuf buf;
    str_init(&buf, text, sizeof(text));
    str_addf(&buf, "there is no %s here", menu->typed);
    menu_set_note(menu, text, true);
    menu->typed[0] = '\0';
    menu->unfound = false;
}

enum menu_outcome menu_act(struct menu *menu, enum action_id action)
{
    if (action == ACTION_TOGGLE_ITEM && !menu->editable && menu->typed[0] != '\0') {
        return menu_key(menu, (struct key){.code = ' '}); // of a label being typed
    }
    if (menu->unfound && action == ACTION_ACCEPT) { // what the cursor is on was not meant
        refuse_unfound(menu);
        return MENU_OPEN;
    }
    menu->typed[0] = '\0';
    menu->unfound = false;
    if (moves(action)) {
        menu->touched = true;
        forget_number(menu);
    }
    if (erases(action) && menu->number.allowed) {
        erase_number(menu, action);
    }
    if (action == ACTION_UP || action == ACTION_DOWN) {
        move_by(menu, 1, action == ACTION_DOWN);
    } else if (action == ACTION_PAGE_UP || action == ACTION_PAGE_DOWN) {
        move_by(menu, menu->rows, action == ACTION_PAGE_DOWN);
    } else if (action == ACTION_FIRST) {
        move_to(menu, 0);
    } else if (action == ACTION_LAST) {
        move_to(menu, menu->count);
    } else if (action == ACTION_ACCEPT) {
        return accept(menu);
    } else if (action == ACTION_CANCEL) {
        return MENU_CANCELLED;
    } else if (action == ACTION_TOGGLE_ITEM || action == ACTION_MOVE_ITEM_UP ||
               action == ACTION_MOVE_ITEM_DOWN) {
        return edit(menu, action);
    }
    return MENU_OPEN;
}

/* True when a text begins like this, or is this as a whole. */
static bool is_meant(const char *text, const char *typed, bool whole)
{
    while (*text == ' ') {
        text++; // labels set against the right
    }
    size_t text_len = strlen(text);
    size_t len = strlen(typed);
    return (whole ? len == text_len : len <= text_len) && str_find_fold(text, len, typed, len) == 0;
}

/* Go to the first item with this number, or that is called so, or else begins like this: "-1"
 * is not -19, and "RTMAX" not RTMAX-14. */
static bool find(struct menu *menu, const char *typed)
{
    int64_t number = 0;
    if (str_parse_i64(typed, 0, INT64_MAX, &number) == 0 && menu_select(menu, number)) {
        return true;
    }
    for (size_t i = 0; i < 4 * menu->count; i++) {
        const struct menu_item *item = &menu->items[i % menu->count];
        size_t pass = i / menu->count; // shortcuts before labels
        if (is_meant(pass % 2 == 0 ? item->shortcut : item->label, typed, pass < 2)) {
            move_to(menu, i % menu->count);
            return true;
        }
    }
    return false;
}

/* True when a digit after this is part of the same number: "9", "rtmin+1", but not "k". */
static bool is_number_begun(const char *typed)
{
    return typed[0] != '\0' &&
           (typed[strspn(typed, "0123456789")] == '\0' || strpbrk(typed, "+-") != NULL);
}

enum menu_outcome menu_key(struct menu *menu, struct key key)
{
    if (menu->number.allowed) {
        bool typed = type_number(menu, key);
        menu->touched = menu->touched || typed;
        return !typed && key.code == 'q' && key.mods == 0 ? MENU_CANCELLED : MENU_OPEN;
    }
    if (key.code >= KEYCODE_FIRST || (key.mods & (MOD_CTRL | MOD_ALT)) != 0 ||
        utf8_width(key.code) < 1) {
        menu->typed[0] = '\0';
        return MENU_OPEN;
    }
    char longer[TYPED_BYTES];
    char bytes[4];
    size_t len = utf8_encode(key.code, bytes);
    bool was_empty = menu->typed[0] == '\0';
    bool more_of_number = key.code >= '0' && key.code <= '9' && is_number_begun(menu->typed);
    menu->unfound = false;
    for (int attempt = 0; attempt < (more_of_number ? 1 : 2); attempt++) {
        /* what was typed before with this at its end, or else this as a new beginning */
        struct strbuf buf;
        str_init(&buf, longer, sizeof(longer));
        str_add(&buf, attempt == 0 ? menu->typed : "");
        str_add_bytes(&buf, bytes, len);
        if (!buf.overflow && find(menu, longer)) {
            menu->touched = true;
            memcpy(menu->typed, longer, sizeof(menu->typed));
            return MENU_OPEN;
        }
    }
    menu->typed[0] = '\0';
    if (more_of_number) {
        menu->unfound = true;
        copy_text(menu->typed, sizeof(menu->typed), longer);
    }
    return was_empty && key.code == 'q' ? MENU_CANCELLED : MENU_OPEN;
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* Columns of the note in a frame of this width. */
static int note_cells(int width)
{
    return width > 5 ? width - 4 : 1;
}

/* Lines to give a text of which at most `max` can be shown. */
static int count_lines(const char *text, int cells, int max)
{
    return text[0] == '\0' || max < 1 ? 0 : least(wrap_rows(text, cells), max);
}

/* Share out the rows of an area: one item comes first, then the number, note and hint. */
static struct menu_head head_of(const struct menu *menu, int width, int height)
{
    int room = height > 3 ? height - 3 : 0; // without frame and one item
    struct menu_head head = {.entry = menu->number.allowed && room > 0 ? 1 : 0};
    room -= head.entry;
    head.note = count_lines(menu->note, note_cells(width), least(NOTE_LINES_MAX, room));
    room -= head.note + ROWS_BEFORE_HINT;
    head.hint = count_lines(menu->hint, note_cells(width), least(HINT_LINES_MAX, room));
    return head;
}

/* Rows between the top of the area and the first item. */
static int head_rows(struct menu_head head)
{
    return 1 + head.note + head.hint + head.entry;
}

enum menu_outcome menu_mouse(struct menu *menu, const struct mouse *mouse)
{
    if (mouse->kind == MOUSE_WHEEL_UP || mouse->kind == MOUSE_WHEEL_DOWN) {
        menu->touched = true;
        move_by(menu, WHEEL_STEP, mouse->kind == MOUSE_WHEEL_DOWN);
        return MENU_OPEN;
    }
    int head = head_rows(menu->head);
    if (mouse->kind != MOUSE_PRESS || mouse->button != 1 || mouse->y < head) {
        return MENU_OPEN;
    }
    size_t row = (size_t)(mouse->y - head);
    if (row >= menu->rows || menu->top + row >= menu->count) {
        return MENU_OPEN;
    }
    menu->touched = true;
    menu->unfound = false;
    forget_number(menu);
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

int menu_width(const struct menu *menu, int most)
{
    int width = surface_cells(menu->title) + 5;
    int note = surface_cells(menu->note) + 4;
    width = note > width ? note : width;
    int hint = surface_cells(menu->hint) + 4;
    width = hint > width ? hint : width;
    int labels = label_cells(menu);
    for (size_t i = 0; i < menu->count; i++) {
        int label = surface_cells(menu->items[i].label);
        int detail = surface_cells(menu->items[i].detail);
        label = detail > 0 && label < labels ? labels : label;
        int item = mark_cells(menu) + label + (detail > 0 ? detail + 2 : 0) + 4;
        width = item > width ? item : width;
    }
    return width < WIDTH_MIN ? WIDTH_MIN : width > most ? most : width;
}

static size_t rows_in(struct menu_head head, int height)
{
    int rows = height - head_rows(head) - 1;
    return rows > 1 ? (size_t)rows : 1;
}

void menu_layout(struct menu *menu, int width, int height)
{
    menu->head = head_of(menu, width, height);
    menu->rows = rows_in(menu->head, height);
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
    enum role role = selected ? ROLE_MENU_SELECTED : item->disabled ? ROLE_DIM : ROLE_MENU;
    int width = line->clip.width;
    surface_fill(line, (struct rect){.width = width, .height = 1}, role);
    const char *mark = menu->editable ? (item->ticked ? "[x]" : "[ ]") : item->ticked ? "•" : "";
    int x = 1;
    (void)surface_string(line, x, 0, width - 2, role, mark);
    x += mark_cells(menu);
    int used = surface_string(line, x, 0, width - 1 - x, role, item->label);
    if (item->detail[0] != '\0') {
        x += used > labels ? used : labels;
        enum role dim = item->alarming ? ROLE_WARNING : ROLE_DIM;
        (void)surface_string(line, x + 2, 0, width - 3 - x, selected ? role : dim, item->detail);
    }
}

/* Draw some lines of a text; returns the row below them. */
static int draw_lines(struct surface *surface, int y, int lines, enum role role, const char *text)
{
    int cells = note_cells(surface->clip.width);
    for (int i = 0; i < lines; i++) {
        size_t bytes = i + 1 < lines ? wrap_line(text, cells) : strlen(text); // the rest is cut
        struct text line = {.ptr = text, .bytes = (uint32_t)bytes};
        (void)surface_text(surface, 2, y + i, cells, role, line);
        text = wrap_rest(text, cells);
    }
    return y + lines;
}

/* Draw the number that would be taken now, and what it means. */
static void draw_number(const struct menu *menu, int y, struct surface *surface)
{
    char text[NUMBER_BYTES + 8];
    struct strbuf buf;
    str_init(&buf, text, sizeof(text));
    int64_t number = 0;
    bool valid = menu_number(menu, &number);
    if (menu->number.typed[0] != '\0' || menu->number.erased) {
        str_add(&buf, menu->number.typed);
    } else {
        str_addf(&buf, "%lld", (long long)number);
    }
    str_add(&buf, "_");
    int cells = note_cells(surface->clip.width);
    int x = surface_string(surface, 2, y, cells, ROLE_MENU, "Value ");
    x += surface_string(surface, 2 + x, y, cells - x, valid ? ROLE_PROMPT : ROLE_ERROR, text);
    (void)surface_string(surface, 4 + x, y, cells - x - 2, ROLE_DIM,
                         valid ? menu->number.meaning(number) : "");
}

static void draw_head(const struct menu *menu, struct menu_head head, struct surface *surface)
{
    int y =
        draw_lines(surface, 1, head.note, menu->note_is_error ? ROLE_ERROR : ROLE_DIM, menu->note);
    y = draw_lines(surface, y, head.hint, ROLE_DIM, menu->hint);
    if (head.entry > 0) {
        draw_number(menu, y, surface);
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
    /* the area may differ from the one it was laid out for: the cursor must still be in view */
    struct menu_head head = head_of(menu, all.width, all.height);
    draw_head(menu, head, surface);
    size_t rows = rows_in(head, all.height);
    size_t top = top_for(menu->top, menu->cursor, rows, menu->count);
    int labels = label_cells(menu);
    for (size_t i = 0; i < rows && top + i < menu->count; i++) {
        struct surface line = surface_sub(
            surface,
            (struct rect){.x = 1, .y = head_rows(head) + (int)i, .width = inner, .height = 1});
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
