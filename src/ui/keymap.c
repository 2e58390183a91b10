#include "ui/keymap.h"

#include "base/utf8.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What every key means, unless the user says otherwise: htop's keys, and what top's users expect.
 * Within a context the first key of an action is the one shown in the footer. */
/* clang-format off */
static const struct binding defaults[] = {
    {CONTEXT_ALL, "C-c", ACTION_QUIT, 0},
    {CONTEXT_ALL, "C-z", ACTION_SUSPEND, 0},
    {CONTEXT_ALL, "C-l", ACTION_REFRESH, 0},

    {CONTEXT_TABLE, "F1", ACTION_HELP, 1},
    {CONTEXT_TABLE, "F2", ACTION_COLUMNS, 2},
    {CONTEXT_TABLE, "F3", ACTION_SEARCH, 3},
    {CONTEXT_TABLE, "F4", ACTION_FILTER, 4},
    {CONTEXT_TABLE, "F5", ACTION_TREE, 5},
    {CONTEXT_TABLE, "F6", ACTION_SORT_MENU, 6},
    {CONTEXT_TABLE, "F7", ACTION_NICE_DOWN, 7},
    {CONTEXT_TABLE, "F8", ACTION_NICE_UP, 8},
    {CONTEXT_TABLE, "F9", ACTION_SIGNAL, 9},
    {CONTEXT_TABLE, "F10", ACTION_QUIT, 10},
    {CONTEXT_TABLE, "q", ACTION_QUIT, 0},
    {CONTEXT_TABLE, "h", ACTION_HELP, 0},
    {CONTEXT_TABLE, "?", ACTION_HELP, 0},
    {CONTEXT_TABLE, "S", ACTION_COLUMNS, 0},
    {CONTEXT_TABLE, "C", ACTION_COLUMNS, 0},
    {CONTEXT_TABLE, "L", ACTION_MESSAGES, 0},
    {CONTEXT_TABLE, "W", ACTION_SAVE, 0},
    {CONTEXT_TABLE, "/", ACTION_SEARCH, 0},
    {CONTEXT_TABLE, "n", ACTION_SEARCH_NEXT, 0},
    {CONTEXT_TABLE, "S-F3", ACTION_SEARCH_PREVIOUS, 0},
    {CONTEXT_TABLE, "\\", ACTION_FILTER, 0},
    {CONTEXT_TABLE, "u", ACTION_USER, 0},
    {CONTEXT_TABLE, "t", ACTION_TREE, 0},
    {CONTEXT_TABLE, "+", ACTION_UNFOLD, 0},
    {CONTEXT_TABLE, "=", ACTION_UNFOLD, 0},
    {CONTEXT_TABLE, "-", ACTION_FOLD, 0},
    {CONTEXT_TABLE, "*", ACTION_FOLD_ALL, 0},
    {CONTEXT_TABLE, "Backspace", ACTION_FOLD_PARENT, 0},
    {CONTEXT_TABLE, ">", ACTION_SORT_MENU, 0},
    {CONTEXT_TABLE, "<", ACTION_SORT_MENU, 0},
    {CONTEXT_TABLE, ".", ACTION_SORT_MENU, 0},
    {CONTEXT_TABLE, ",", ACTION_SORT_MENU, 0},
    {CONTEXT_TABLE, "I", ACTION_SORT_INVERT, 0},
    {CONTEXT_TABLE, "P", ACTION_SORT_CPU, 0},
    {CONTEXT_TABLE, "M", ACTION_SORT_MEM, 0},
    {CONTEXT_TABLE, "T", ACTION_SORT_TIME, 0},
    {CONTEXT_TABLE, "B", ACTION_SORT_NET, 0},
    {CONTEXT_TABLE, "N", ACTION_SORT_PID, 0},
    {CONTEXT_TABLE, "K", ACTION_KERNEL_THREADS, 0},
    {CONTEXT_TABLE, "H", ACTION_USER_THREADS, 0},
    {CONTEXT_TABLE, "p", ACTION_FULL_PATH, 0},
    {CONTEXT_TABLE, "#", ACTION_HEADER, 0},
    {CONTEXT_TABLE, "A", ACTION_CPU_PER_CORE, 0},
    {CONTEXT_TABLE, "Z", ACTION_PAUSE, 0},
    {CONTEXT_TABLE, "D", ACTION_FASTER, 0},
    {CONTEXT_TABLE, "M-.", ACTION_FASTER, 0},
    {CONTEXT_TABLE, "d", ACTION_SLOWER, 0},
    {CONTEXT_TABLE, "M-,", ACTION_SLOWER, 0},
    {CONTEXT_TABLE, "F", ACTION_FOLLOW, 0},
    {CONTEXT_TABLE, "Space", ACTION_TAG, 0},
    {CONTEXT_TABLE, "c", ACTION_TAG_SUBTREE, 0},
    {CONTEXT_TABLE, "U", ACTION_UNTAG_ALL, 0},
    {CONTEXT_TABLE, "k", ACTION_SIGNAL, 0},
    {CONTEXT_TABLE, "]", ACTION_NICE_DOWN, 0},
    {CONTEXT_TABLE, "[", ACTION_NICE_UP, 0},
    {CONTEXT_TABLE, "r", ACTION_RENICE, 0},
    {CONTEXT_TABLE, "S-F7", ACTION_AUTOGROUP_DOWN, 0},
    {CONTEXT_TABLE, "}", ACTION_AUTOGROUP_DOWN, 0},
    {CONTEXT_TABLE, "S-F8", ACTION_AUTOGROUP_UP, 0},
    {CONTEXT_TABLE, "{", ACTION_AUTOGROUP_UP, 0},
    {CONTEXT_TABLE, "i", ACTION_IO_PRIORITY, 0},
    {CONTEXT_TABLE, "a", ACTION_AFFINITY, 0},
    {CONTEXT_TABLE, "Y", ACTION_SCHEDULING, 0},
    {CONTEXT_TABLE, "o", ACTION_OOM_ADJ, 0},
    {CONTEXT_TABLE, "s", ACTION_STOP, 0},
    {CONTEXT_TABLE, "G", ACTION_CGROUP, 0},
    {CONTEXT_TABLE, "X", ACTION_CLOSE_CONNECTION, 0},
    {CONTEXT_TABLE, "x", ACTION_ACT_MENU, 0},
    {CONTEXT_TABLE, "z", ACTION_UNDO, 0},
    {CONTEXT_TABLE, "J", ACTION_JOURNAL, 0},
    {CONTEXT_TABLE, "Tab", ACTION_TAB_NEXT, 0},
    {CONTEXT_TABLE, "S-Tab", ACTION_TAB_PREVIOUS, 0},
    {CONTEXT_TABLE, "M-1", ACTION_TAB_PROCESSES, 0},
    {CONTEXT_TABLE, "w", ACTION_TAB_CONNECTIONS, 0},
    {CONTEXT_TABLE, "M-2", ACTION_TAB_CONNECTIONS, 0},
    {CONTEXT_TABLE, "l", ACTION_TAB_LISTENING, 0},
    {CONTEXT_TABLE, "M-3", ACTION_TAB_LISTENING, 0},
    {CONTEXT_TABLE, "M-4", ACTION_TAB_INTERFACES, 0},
    {CONTEXT_TABLE, "M-5", ACTION_TAB_PROTOCOLS, 0},
    {CONTEXT_TABLE, "b", ACTION_TAB_DISKS, 0},
    {CONTEXT_TABLE, "M-6", ACTION_TAB_DISKS, 0},
    {CONTEXT_TABLE, "M-7", ACTION_TAB_MOUNTS, 0},
    {CONTEXT_TABLE, "m", ACTION_TAB_MEMORY, 0},
    {CONTEXT_TABLE, "M-8", ACTION_TAB_MEMORY, 0},
    {CONTEXT_TABLE, "@", ACTION_BASELINE, 0},
    {CONTEXT_TABLE, "g", ACTION_TAB_HISTORY, 0},
    {CONTEXT_TABLE, "M-9", ACTION_TAB_HISTORY, 0},
    {CONTEXT_TABLE, "Enter", ACTION_GO_PROCESS, 0},
    {CONTEXT_TABLE, "v", ACTION_SOCKETS, 0},
    {CONTEXT_TABLE, "R", ACTION_NAMES, 0},
    {CONTEXT_TABLE, "y", ACTION_COPY, 0},
    {CONTEXT_TABLE, "Esc", ACTION_CANCEL, 0},
    {CONTEXT_TABLE, "Up", ACTION_UP, 0},
    {CONTEXT_TABLE, "C-p", ACTION_UP, 0},
    {CONTEXT_TABLE, "M-k", ACTION_UP, 0},
    {CONTEXT_TABLE, "Down", ACTION_DOWN, 0},
    {CONTEXT_TABLE, "C-n", ACTION_DOWN, 0},
    {CONTEXT_TABLE, "M-j", ACTION_DOWN, 0},
    {CONTEXT_TABLE, "PgUp", ACTION_PAGE_UP, 0},
    {CONTEXT_TABLE, "PgDn", ACTION_PAGE_DOWN, 0},
    {CONTEXT_TABLE, "Home", ACTION_FIRST, 0},
    {CONTEXT_TABLE, "End", ACTION_LAST, 0},
    {CONTEXT_TABLE, "Left", ACTION_LEFT, 0},
    {CONTEXT_TABLE, "C-b", ACTION_LEFT, 0},
    {CONTEXT_TABLE, "M-h", ACTION_LEFT, 0},
    {CONTEXT_TABLE, "Right", ACTION_RIGHT, 0},
    {CONTEXT_TABLE, "C-f", ACTION_RIGHT, 0},
    {CONTEXT_TABLE, "M-l", ACTION_RIGHT, 0},
    {CONTEXT_TABLE, "^", ACTION_LINE_START, 0},
    {CONTEXT_TABLE, "C-a", ACTION_LINE_START, 0},
    {CONTEXT_TABLE, "$", ACTION_LINE_END, 0},
    {CONTEXT_TABLE, "C-e", ACTION_LINE_END, 0},
    {CONTEXT_TABLE, "S-Up", ACTION_SCROLL_UP, 0},
    {CONTEXT_TABLE, "M-Up", ACTION_SCROLL_UP, 0},
    {CONTEXT_TABLE, "S-Down", ACTION_SCROLL_DOWN, 0},
    {CONTEXT_TABLE, "M-Down", ACTION_SCROLL_DOWN, 0},

    {CONTEXT_TABLE, "e", ACTION_SECTION_ENVIRONMENT, 0},

    {CONTEXT_GRAPHS, "F1", ACTION_HELP, 1},
    {CONTEXT_GRAPHS, "F3", ACTION_SEARCH, 2},
    {CONTEXT_GRAPHS, "+", ACTION_ZOOM_IN, 3},
    {CONTEXT_GRAPHS, "=", ACTION_ZOOM_IN, 0},
    {CONTEXT_GRAPHS, "-", ACTION_ZOOM_OUT, 4},
    {CONTEXT_GRAPHS, "End", ACTION_TIME_NOW, 5},
    {CONTEXT_GRAPHS, "Home", ACTION_TIME_FIRST, 0},
    {CONTEXT_GRAPHS, "Enter", ACTION_MAXIMISE, 6},
    {CONTEXT_GRAPHS, "F10", ACTION_QUIT, 7},

    {CONTEXT_INSPECT, "F1", ACTION_HELP, 1},
    {CONTEXT_INSPECT, "F3", ACTION_SEARCH, 2},
    {CONTEXT_INSPECT, "F4", ACTION_FILTER, 3},
    {CONTEXT_INSPECT, "F6", ACTION_SORT_MENU, 4},
    {CONTEXT_INSPECT, "F9", ACTION_SIGNAL, 6},
    {CONTEXT_INSPECT, "q", ACTION_INSPECT_CLOSE, 7},
    {CONTEXT_INSPECT, "F2", ACTION_COLUMNS, 8}, // where not all have room it is missed least
    {CONTEXT_INSPECT, "Esc", ACTION_INSPECT_BACK, 0},
    {CONTEXT_INSPECT, "Backspace", ACTION_INSPECT_BACK, 0},
    {CONTEXT_INSPECT, "F10", ACTION_INSPECT_CLOSE, 0},
    {CONTEXT_INSPECT, "1", ACTION_SECTION_OVERVIEW, 0},
    {CONTEXT_INSPECT, "2", ACTION_SECTION_THREADS, 0},
    {CONTEXT_INSPECT, "3", ACTION_SECTION_FILES, 0},
    {CONTEXT_INSPECT, "4", ACTION_SECTION_SOCKETS, 0},
    {CONTEXT_INSPECT, "5", ACTION_SECTION_MAPS, 0},
    {CONTEXT_INSPECT, "6", ACTION_SECTION_WAITING, 0},
    {CONTEXT_INSPECT, "7", ACTION_SECTION_CGROUP, 0},
    {CONTEXT_INSPECT, "8", ACTION_SECTION_LIMITS, 0},
    {CONTEXT_INSPECT, "9", ACTION_SECTION_ENVIRONMENT, 0},
    {CONTEXT_INSPECT, "0", ACTION_SECTION_HISTORY, 0},
    {CONTEXT_INSPECT, "g", ACTION_SECTION_HISTORY, 0},

    /* letters go to the first item that begins like them, so none is bound here */
    {CONTEXT_MENU, "Enter", ACTION_ACCEPT, 1},
    {CONTEXT_MENU, "Esc", ACTION_CANCEL, 2},
    {CONTEXT_MENU, "Space", ACTION_TOGGLE_ITEM, 3},
    {CONTEXT_MENU, "F7", ACTION_MOVE_ITEM_UP, 4},
    {CONTEXT_MENU, "F8", ACTION_MOVE_ITEM_DOWN, 5},
    {CONTEXT_MENU, "Tab", ACTION_SCOPE_NEXT, 6},
    {CONTEXT_MENU, "S-Tab", ACTION_SCOPE_PREVIOUS, 0},
    {CONTEXT_MENU, "F10", ACTION_CANCEL, 0},
    {CONTEXT_MENU, "C-c", ACTION_CANCEL, 0},
    {CONTEXT_MENU, "Insert", ACTION_TOGGLE_ITEM, 0},
    {CONTEXT_MENU, "S-Up", ACTION_MOVE_ITEM_UP, 0},
    {CONTEXT_MENU, "S-Down", ACTION_MOVE_ITEM_DOWN, 0},
    {CONTEXT_MENU, "Backspace", ACTION_ERASE_BACK, 0},
    {CONTEXT_MENU, "C-h", ACTION_ERASE_BACK, 0},
    {CONTEXT_MENU, "C-w", ACTION_ERASE_WORD, 0},
    {CONTEXT_MENU, "C-u", ACTION_ERASE_ALL, 0},
    {CONTEXT_MENU, "Up", ACTION_UP, 0},
    {CONTEXT_MENU, "C-p", ACTION_UP, 0},
    {CONTEXT_MENU, "Down", ACTION_DOWN, 0},
    {CONTEXT_MENU, "C-n", ACTION_DOWN, 0},
    {CONTEXT_MENU, "PgUp", ACTION_PAGE_UP, 0},
    {CONTEXT_MENU, "PgDn", ACTION_PAGE_DOWN, 0},
    {CONTEXT_MENU, "Home", ACTION_FIRST, 0},
    {CONTEXT_MENU, "End", ACTION_LAST, 0},

    {CONTEXT_HELP, "Esc", ACTION_CANCEL, 1},
    {CONTEXT_HELP, "q", ACTION_CANCEL, 0},
    {CONTEXT_HELP, "h", ACTION_CANCEL, 0},
    {CONTEXT_HELP, "?", ACTION_CANCEL, 0},
    {CONTEXT_HELP, "F1", ACTION_CANCEL, 0},
    {CONTEXT_HELP, "F10", ACTION_CANCEL, 0},
    {CONTEXT_HELP, "C-c", ACTION_CANCEL, 0},
    {CONTEXT_HELP, "Enter", ACTION_CANCEL, 0},
    {CONTEXT_HELP, "Up", ACTION_UP, 0},
    {CONTEXT_HELP, "k", ACTION_UP, 0},
    {CONTEXT_HELP, "C-p", ACTION_UP, 0},
    {CONTEXT_HELP, "Down", ACTION_DOWN, 0},
    {CONTEXT_HELP, "j", ACTION_DOWN, 0},
    {CONTEXT_HELP, "C-n", ACTION_DOWN, 0},
    {CONTEXT_HELP, "PgUp", ACTION_PAGE_UP, 0},
    {CONTEXT_HELP, "b", ACTION_PAGE_UP, 0},
    {CONTEXT_HELP, "PgDn", ACTION_PAGE_DOWN, 0},
    {CONTEXT_HELP, "Space", ACTION_PAGE_DOWN, 0},
    {CONTEXT_HELP, "Home", ACTION_FIRST, 0},
    {CONTEXT_HELP, "End", ACTION_LAST, 0},

    {CONTEXT_PROMPT, "Enter", ACTION_ACCEPT, 1},
    {CONTEXT_PROMPT, "Esc", ACTION_CANCEL, 2},
    {CONTEXT_PROMPT, "F3", ACTION_SEARCH_NEXT, 3},
    {CONTEXT_PROMPT, "S-F3", ACTION_SEARCH_PREVIOUS, 4},
    {CONTEXT_PROMPT, "C-u", ACTION_ERASE_ALL, 5},
    {CONTEXT_PROMPT, "F10", ACTION_CANCEL, 0},
    {CONTEXT_PROMPT, "C-c", ACTION_CANCEL, 0},
    {CONTEXT_PROMPT, "Backspace", ACTION_ERASE_BACK, 0},
    {CONTEXT_PROMPT, "Delete", ACTION_ERASE_FORWARD, 0},
    {CONTEXT_PROMPT, "C-d", ACTION_ERASE_FORWARD, 0},
    {CONTEXT_PROMPT, "C-w", ACTION_ERASE_WORD, 0},
    {CONTEXT_PROMPT, "Left", ACTION_CHAR_LEFT, 0},
    {CONTEXT_PROMPT, "C-b", ACTION_CHAR_LEFT, 0},
    {CONTEXT_PROMPT, "Right", ACTION_CHAR_RIGHT, 0},
    {CONTEXT_PROMPT, "C-f", ACTION_CHAR_RIGHT, 0},
    {CONTEXT_PROMPT, "Home", ACTION_LINE_START, 0},
    {CONTEXT_PROMPT, "C-a", ACTION_LINE_START, 0},
    {CONTEXT_PROMPT, "End", ACTION_LINE_END, 0},
    {CONTEXT_PROMPT, "C-e", ACTION_LINE_END, 0},
    {CONTEXT_PROMPT, "Up", ACTION_UP, 0},
    {CONTEXT_PROMPT, "Down", ACTION_DOWN, 0},
    {CONTEXT_PROMPT, "PgUp", ACTION_PAGE_UP, 0},
    {CONTEXT_PROMPT, "PgDn", ACTION_PAGE_DOWN, 0},
};

/* Keys without a glyph of their own; the first name of a code is the one shown. */
static const struct {
    const char *name;
    uint32_t code;
} key_names[] = {
    {"Space", ' '},
    {"Up", KEYCODE_UP},
    {"Down", KEYCODE_DOWN},
    {"Left", KEYCODE_LEFT},
    {"Right", KEYCODE_RIGHT},
    {"Home", KEYCODE_HOME},
    {"End", KEYCODE_END},
    {"PgUp", KEYCODE_PAGE_UP},
    {"PageUp", KEYCODE_PAGE_UP},
    {"PgDn", KEYCODE_PAGE_DOWN},
    {"PageDown", KEYCODE_PAGE_DOWN},
    {"Insert", KEYCODE_INSERT},
    {"Ins", KEYCODE_INSERT},
    {"Delete", KEYCODE_DELETE},
    {"Del", KEYCODE_DELETE},
    {"Backspace", KEYCODE_BACKSPACE},
    {"Enter", KEYCODE_ENTER},
    {"Return", KEYCODE_ENTER},
    {"Tab", KEYCODE_TAB},
    {"Esc", KEYCODE_ESCAPE},
    {"Escape", KEYCODE_ESCAPE},
};
/* clang-format on */

enum {
    DEFAULT_COUNT = sizeof(defaults) / sizeof(defaults[0]),
    USER_MAX = 1024,   // lines of configuration that can add a binding
    KEY_NAME_MAX = 31, // bytes of a key's name in a line
};

/* A binding with its key already read. */
struct bound {
    enum context context;
    struct key key;
    enum action_id action; // ACTION_NONE: the user took the meaning away
};

struct keymap {
    struct bound rows[DEFAULT_COUNT + USER_MAX]; // at most one row per context and key
    size_t count;
};

static bool equal_fold(const char *a, const char *b)
{
    size_t len = strlen(a);
    return len == strlen(b) && str_find_fold(a, len, b, len) == 0;
}

/* The part of a key's name behind its modifiers. */
static bool parse_code(const char *name, uint32_t *ret)
{
    for (size_t i = 0; i < sizeof(key_names) / sizeof(key_names[0]); i++) {
        if (equal_fold(name, key_names[i].name)) {
            *ret = key_names[i].code;
            return true;
        }
    }
    int64_t number = 0;
    if ((name[0] == 'F' || name[0] == 'f') && name[1] != '\0' &&
        str_parse_i64(name + 1, 1, 12, &number) == 0) {
        *ret = KEYCODE_F1 + (uint32_t)(number - 1);
        return true;
    }
    size_t len = strlen(name);
    uint32_t code = UTF8_BAD;
    if (len == 0 || utf8_decode(name, len, &code) != len || code == UTF8_BAD ||
        utf8_width(code) < 1) {
        return false;
    }
    *ret = code;
    return true;
}

bool key_parse(const char *name, struct key *ret)
{
    struct key key = {0};
    while (name[0] != '\0' && name[1] == '-' && name[2] != '\0') {
        uint8_t mod = name[0] == 'C'   ? MOD_CTRL
                      : name[0] == 'M' ? MOD_ALT
                      : name[0] == 'S' ? MOD_SHIFT
                                       : 0;
        if (mod == 0) {
            return false;
        }
        key.mods |= mod;
        name += 2;
    }
    if (!parse_code(name, &key.code)) {
        return false;
    }
    if (key.code < KEYCODE_FIRST && (key.mods & MOD_SHIFT) != 0) {
        return false; // a shifted character is another character, and is written as that
    }
    if ((key.mods & MOD_CTRL) != 0 && key.code >= 'A' && key.code <= 'Z') {
        key.code += 'a' - 'A'; // terminals cannot tell them apart
    }
    *ret = key;
    return true;
}

void key_format(struct key key, struct strbuf *buf)
{
    str_add(buf, (key.mods & MOD_CTRL) != 0 ? "C-" : "");
    str_add(buf, (key.mods & MOD_ALT) != 0 ? "M-" : "");
    str_add(buf, (key.mods & MOD_SHIFT) != 0 ? "S-" : "");
    for (size_t i = 0; i < sizeof(key_names) / sizeof(key_names[0]); i++) {
        if (key.code == key_names[i].code) {
            str_add(buf, key_names[i].name);
            return;
        }
    }
    if (key.code >= KEYCODE_F1 && key.code <= KEYCODE_F12) {
        str_addf(buf, "F%u", key.code - KEYCODE_F1 + 1u);
    } else if (key.code < KEYCODE_FIRST && utf8_width(key.code) > 0) {
        char bytes[4];
        str_add_bytes(buf, bytes, utf8_encode(key.code, bytes));
    } else {
        str_add(buf, "?");
    }
}

static bool key_equal(struct key a, struct key b)
{
    return a.code == b.code && a.mods == b.mods;
}

static const struct bound *find_row(const struct keymap *keymap, enum context context,
                                    struct key key)
{
    for (size_t i = 0; i < keymap->count; i++) {
        const struct bound *row = &keymap->rows[i];
        if (row->context == context && key_equal(row->key, key)) {
            return row;
        }
    }
    return NULL;
}

/* Give a key a meaning, in place of the one it may have. False when there is no room. */
static bool bind(struct keymap *keymap, struct bound bound)
{
    const struct bound *old = find_row(keymap, bound.context, bound.key);
    size_t at = old ? (size_t)(old - keymap->rows) : keymap->count;
    if (at >= sizeof(keymap->rows) / sizeof(keymap->rows[0])) {
        return false;
    }
    keymap->rows[at] = bound;
    keymap->count += old ? 0 : 1;
    return true;
}

int keymap_create(struct keymap **ret)
{
    struct keymap *keymap = calloc(1, sizeof(*keymap));
    if (!keymap) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < DEFAULT_COUNT; i++) {
        struct bound bound = {.context = defaults[i].context, .action = defaults[i].action};
        bool good = key_parse(defaults[i].key, &bound.key);
        assert(good && !find_row(keymap, bound.context, bound.key));
        if (good) {
            (void)bind(keymap, bound); // there is room for all of them
        }
    }
    *ret = keymap;
    return 0;
}

void keymap_destroy(struct keymap *keymap)
{
    free(keymap);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Copy the next word of *line; false when there is none or it is too long to mean anything. */
static bool take_word(const char **line, char *word, size_t size)
{
    const char *from = *line;
    while (is_blank(*from)) {
        from++;
    }
    size_t len = 0;
    while (from[len] != '\0' && !is_blank(from[len])) {
        len++;
    }
    *line = from + len;
    if (len == 0 || len >= size) {
        return false;
    }
    memcpy(word, from, len);
    word[len] = '\0';
    return true;
}

static bool parse_context(const char *name, enum context *ret)
{
    for (unsigned i = 0; i < CONTEXT_COUNT; i++) {
        if (str_equal(context_name((enum context)i), name)) {
            *ret = (enum context)i;
            return true;
        }
    }
    return false;
}

static bool is_none(const char *name)
{
    return str_equal(name, action_info(ACTION_NONE)->name);
}

/* The three words of a line. */
struct line_words {
    char context[KEY_NAME_MAX + 1], key[KEY_NAME_MAX + 1], action[KEY_NAME_MAX + 1];
};

static int read_line(const struct line_words *words, struct bound *ret, struct strbuf *error)
{
    if (!parse_context(words->context, &ret->context)) {
        str_addf(error, "unknown context \"%s\" (", words->context);
        for (unsigned i = 0; i < CONTEXT_COUNT; i++) {
            str_addf(error, "%s%s", i > 0 ? ", " : "", context_name((enum context)i));
        }
        str_add(error, ")");
        return -EINVAL;
    }
    if (!key_parse(words->key, &ret->key)) {
        str_addf(error, "unknown key \"%s\" (for example: q, C-l, M-x, F3, S-F3, Space, PgUp)",
                 words->key);
        return -EINVAL;
    }
    ret->action = action_by_name(words->action);
    if (ret->action == ACTION_NONE && !is_none(words->action)) {
        str_addf(error, "unknown action \"%s\"", words->action);
        return -EINVAL;
    }
    return 0;
}

int keymap_bind_line(struct keymap *keymap, const char *line, struct strbuf *error)
{
    while (is_blank(*line)) {
        line++;
    }
    if (*line == '\0' || *line == '#') {
        return 0;
    }
    struct line_words words;
    if (!take_word(&line, words.context, sizeof(words.context)) ||
        !take_word(&line, words.key, sizeof(words.key)) ||
        !take_word(&line, words.action, sizeof(words.action))) {
        str_add(error, "a line is CONTEXT KEY ACTION");
        return -EINVAL;
    }
    while (is_blank(*line)) {
        line++;
    }
    if (*line != '\0' && *line != '#') {
        str_add(error, "nothing may follow the action but a '#' comment");
        return -EINVAL;
    }
    struct bound bound = {0};
    int r = read_line(&words, &bound, error);
    if (r < 0) {
        return r;
    }
    if (!bind(keymap, bound)) {
        str_addf(error, "more than %d keys bound", (int)USER_MAX);
        return -EINVAL;
    }
    return 0;
}

/* Where a key is looked for next. */
static enum context outer_context(enum context context)
{
    return context == CONTEXT_GRAPHS || context == CONTEXT_INSPECT ? CONTEXT_TABLE : CONTEXT_ALL;
}

enum action_id keymap_find(const struct keymap *keymap, enum context context, struct key key)
{
    bool is_text = key.code < KEYCODE_FIRST && (key.mods & (MOD_CTRL | MOD_ALT)) == 0;
    const struct bound *row = find_row(keymap, context, key);
    while (!row && context != CONTEXT_ALL && !(context == CONTEXT_PROMPT && is_text)) {
        context = outer_context(context);
        row = find_row(keymap, context, key);
    }
    return row ? row->action : ACTION_NONE;
}

void keymap_visit(const struct keymap *keymap, keymap_visitor *visit, void *context)
{
    for (unsigned group = 0; group < GROUP_COUNT; group++) {
        for (unsigned id = ACTION_NONE + 1; id < ACTION_COUNT; id++) {
            if (action_info((enum action_id)id)->group != (enum action_group)group) {
                continue;
            }
            for (unsigned where = 0; where < CONTEXT_COUNT; where++) {
                char text[160];
                struct strbuf keys;
                str_init(&keys, text, sizeof(text));
                for (size_t i = 0; i < keymap->count; i++) {
                    const struct bound *row = &keymap->rows[i];
                    if (row->action == (enum action_id)id && row->context == (enum context)where) {
                        str_add(&keys, keys.len > 0 ? ", " : "");
                        key_format(row->key, &keys);
                    }
                }
                if (keys.len > 0) {
                    visit(context, action_info((enum action_id)id), (enum context)where, text);
                }
            }
        }
    }
}

/* The first key that does this in a context. */
static const struct bound *find_action(const struct keymap *keymap, enum context context,
                                       enum action_id action)
{
    for (size_t i = 0; i < keymap->count; i++) {
        const struct bound *row = &keymap->rows[i];
        if (row->action == action && row->context == context) {
            return row;
        }
    }
    return context == CONTEXT_ALL ? NULL : find_action(keymap, outer_context(context), action);
}

bool keymap_key(const struct keymap *keymap, enum context context, enum action_id action,
                struct strbuf *buf)
{
    const struct bound *row = find_action(keymap, context, action);
    if (row) {
        key_format(row->key, buf);
    }
    return row != NULL;
}

size_t keymap_footer(const struct keymap *keymap, enum context context, struct footer_item *ret,
                     size_t max)
{
    size_t count = 0;
    for (int place = 1; place <= INT8_MAX && count < max; place++) {
        for (size_t i = 0; i < DEFAULT_COUNT && count < max; i++) {
            if (defaults[i].footer != place || defaults[i].context != context) {
                continue;
            }
            const struct bound *row = find_action(keymap, context, defaults[i].action);
            if (row) {
                ret[count] = (struct footer_item){.action = defaults[i].action};
                struct strbuf key;
                str_init(&key, ret[count].key, sizeof(ret[count].key));
                key_format(row->key, &key);
                count++;
            }
        }
    }
    return count;
}
