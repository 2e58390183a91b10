#include "ui/term_keys.h"

#include "base/utf8.h"

#include <stddef.h>
#include <string.h>

enum { ESCAPE_CHARACTER = 27, DELETE_CHARACTER = 127 };

/* Keys with modifiers have names of their own in extended terminfo, like kUP3 for Alt-Up: the
 * digit is 1 and a bit each for Shift, Alt and Ctrl; without a digit it is Shift. */
bool term_key_from_name(const char *name, struct key *ret)
{
    static const struct {
        const char *name;
        uint32_t code;
    } names[] = {
        {"kUP", KEYCODE_UP},       {"kDN", KEYCODE_DOWN},       {"kLFT", KEYCODE_LEFT},
        {"kRIT", KEYCODE_RIGHT},   {"kHOM", KEYCODE_HOME},      {"kEND", KEYCODE_END},
        {"kPRV", KEYCODE_PAGE_UP}, {"kNXT", KEYCODE_PAGE_DOWN}, {"kDC", KEYCODE_DELETE},
        {"kIC", KEYCODE_INSERT},
    };
    for (size_t i = 0; name && i < sizeof(names) / sizeof(names[0]); i++) {
        size_t len = strlen(names[i].name);
        if (strncmp(name, names[i].name, len) != 0) {
            continue;
        }
        char digit = name[len];
        if (digit != '\0' && (digit < '2' || digit > '8')) {
            continue;
        }
        unsigned bits = digit == '\0' ? 1u : (unsigned)(digit - '1');
        unsigned mods = ((bits & 1u) != 0 ? MOD_SHIFT : 0u) | ((bits & 2u) != 0 ? MOD_ALT : 0u) |
                        ((bits & 4u) != 0 ? MOD_CTRL : 0u);
        *ret = (struct key){.code = names[i].code, .mods = (uint8_t)mods};
        return true;
    }
    return false;
}

/* Terminfo counts shifted function keys on: F13 is Shift-F1, F25 Ctrl-F1, and so on. */
bool term_key_from_function(int number, struct key *ret)
{
    static const uint8_t mods[] = {0, MOD_SHIFT, MOD_CTRL, MOD_CTRL | MOD_SHIFT, MOD_ALT};
    int index = number - 1;
    if (index < 0 || index >= 12 * (int)sizeof(mods)) {
        return false;
    }
    *ret = (struct key){.code = KEYCODE_F1 + (uint32_t)(index % 12), .mods = mods[index / 12]};
    return true;
}

bool term_key_from_character(uint32_t code, struct key *ret)
{
    struct key key = {.code = code};
    if (code == '\r' || code == '\n') {
        key.code = KEYCODE_ENTER;
    } else if (code == '\t') {
        key.code = KEYCODE_TAB;
    } else if (code == DELETE_CHARACTER || code == '\b') {
        key.code = KEYCODE_BACKSPACE;
    } else if (code == ESCAPE_CHARACTER) {
        key.code = KEYCODE_ESCAPE;
    } else if (code == 0) {
        key = (struct key){.code = ' ', .mods = MOD_CTRL};
    } else if (code < 32) {
        key = (struct key){.code = code + (code < 27 ? 96 : 64), .mods = MOD_CTRL};
    } else if (utf8_width(code) < 0) {
        return false;
    }
    *ret = key;
    return true;
}
