#include "ui/line_edit.h"

#include "base/utf8.h"

#include <string.h>

void line_edit_set(struct line_edit *edit, const char *text)
{
    uint32_t cells = 0;
    edit->len = utf8_make_safe(text, strlen(text), edit->text, sizeof(edit->text), &cells);
    edit->cursor = edit->len;
}

static uint32_t code_at(const struct line_edit *edit, size_t at)
{
    uint32_t code = UTF8_BAD;
    (void)utf8_decode(edit->text + at, edit->len - at, &code);
    return code;
}

static bool is_continuation(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

/* What a person takes for a character is a code point with the marks on it. */
static bool is_boundary(const struct line_edit *edit, size_t at)
{
    if (at == 0 || at >= edit->len) {
        return true;
    }
    return !is_continuation(edit->text[at]) && utf8_width(code_at(edit, at)) != 0;
}

static size_t before(const struct line_edit *edit, size_t at)
{
    while (at > 0) {
        at--;
        if (is_boundary(edit, at)) {
            break;
        }
    }
    return at;
}

static size_t behind(const struct line_edit *edit, size_t at)
{
    while (at < edit->len) {
        at++;
        if (is_boundary(edit, at)) {
            break;
        }
    }
    return at;
}

/* Take out the bytes from `from` to the cursor's side `to`; the cursor goes there. */
static void erase(struct line_edit *edit, size_t from, size_t to)
{
    memmove(edit->text + from, edit->text + to, edit->len - to);
    edit->len -= to - from;
    edit->text[edit->len] = '\0';
    edit->cursor = from;
}

static size_t word_before(const struct line_edit *edit)
{
    size_t at = edit->cursor;
    while (at > 0 && edit->text[at - 1] == ' ') {
        at--;
    }
    while (at > 0 && edit->text[at - 1] != ' ') {
        at--;
    }
    return at;
}

bool line_edit_key(struct line_edit *edit, struct key key)
{
    if (key.code >= KEYCODE_FIRST || (key.mods & (MOD_CTRL | MOD_ALT)) != 0) {
        return false;
    }
    int width = utf8_width(key.code);
    if (width < 0 || (width == 0 && edit->cursor == 0)) {
        return false;
    }
    char bytes[4];
    size_t len = utf8_encode(key.code, bytes);
    if (edit->len + len >= sizeof(edit->text)) {
        return false;
    }
    memmove(edit->text + edit->cursor + len, edit->text + edit->cursor, edit->len - edit->cursor);
    memcpy(edit->text + edit->cursor, bytes, len);
    edit->len += len;
    edit->text[edit->len] = '\0';
    edit->cursor += len;
    return true;
}

bool line_edit_act(struct line_edit *edit, enum action_id action)
{
    if (action == ACTION_ERASE_BACK) {
        erase(edit, before(edit, edit->cursor), edit->cursor);
    } else if (action == ACTION_ERASE_FORWARD) {
        erase(edit, edit->cursor, behind(edit, edit->cursor));
    } else if (action == ACTION_ERASE_WORD) {
        erase(edit, word_before(edit), edit->cursor);
    } else if (action == ACTION_ERASE_ALL) {
        erase(edit, 0, edit->len);
    } else if (action == ACTION_CHAR_LEFT) {
        edit->cursor = before(edit, edit->cursor);
    } else if (action == ACTION_CHAR_RIGHT) {
        edit->cursor = behind(edit, edit->cursor);
    } else if (action == ACTION_LINE_START) {
        edit->cursor = 0;
    } else if (action == ACTION_LINE_END) {
        edit->cursor = edit->len;
    } else {
        return false;
    }
    return true;
}

/* Columns the text takes up to a byte offset. */
static int columns_before(const struct line_edit *edit, size_t end)
{
    int columns = 0;
    for (size_t at = 0; at < end;) {
        uint32_t code = UTF8_BAD;
        at += utf8_decode(edit->text + at, edit->len - at, &code);
        columns += utf8_width(code);
    }
    return columns;
}

int line_edit_draw(const struct line_edit *edit, struct surface *surface, int x, int y, int cells,
                   enum role role)
{
    if (cells < 1) {
        return 0;
    }
    int cursor = columns_before(edit, edit->cursor);
    int skip = cursor > cells - 1 ? cursor - (cells - 1) : 0;
    surface_fill(surface, (struct rect){.x = x, .y = y, .width = cells, .height = 1}, role);
    struct text text = {.ptr = edit->text, .bytes = (uint32_t)edit->len};
    (void)surface_text_from(surface, x, y, cells, role, text, skip);
    return cursor - skip;
}
