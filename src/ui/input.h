#ifndef UI_INPUT_H
#define UI_INPUT_H

#include <stdint.h>

/*
 * A key press: a Unicode code point as typed (already shifted), or a KEY_* value above the
 * Unicode range, with modifiers. Ctrl-letters come as the lower-case letter with MOD_CTRL.
 */
struct key {
    uint32_t code;
    uint8_t mods; // MOD_*
};

enum { MOD_CTRL = 1u << 0, MOD_ALT = 1u << 1, MOD_SHIFT = 1u << 2 };

/* Keys without a character; named as in the keys file, see keymap.c. */
enum key_code {
    KEYCODE_FIRST = 0x110000,
    KEYCODE_UP = KEYCODE_FIRST,
    KEYCODE_DOWN,
    KEYCODE_LEFT,
    KEYCODE_RIGHT,
    KEYCODE_HOME,
    KEYCODE_END,
    KEYCODE_PAGE_UP,
    KEYCODE_PAGE_DOWN,
    KEYCODE_INSERT,
    KEYCODE_DELETE,
    KEYCODE_BACKSPACE,
    KEYCODE_ENTER,
    KEYCODE_TAB,
    KEYCODE_ESCAPE,
    KEYCODE_F1, // F1 to F12 follow each other
    KEYCODE_F12 = KEYCODE_F1 + 11,
    KEYCODE_PASTE_BEGIN, // what comes until PASTE_END was pasted, not typed
    KEYCODE_PASTE_END,
    KEYCODE_LAST,
};

/* What a mouse did. */
enum mouse_kind { MOUSE_PRESS, MOUSE_RELEASE, MOUSE_WHEEL_UP, MOUSE_WHEEL_DOWN };

/* A mouse report; coordinates in cells from the top left, not checked against the screen. */
struct mouse {
    enum mouse_kind kind;
    int x, y;
    uint8_t button; // 1 left, 2 middle, 3 right; 0 for the wheel
};

#endif
