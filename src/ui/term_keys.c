#include "ui/term_keys.h"

#include "base/utf8.h"

#include <stddef.h>
#include <string.h>

enum { ESCAPE_CHARACTER = 27, DELETE_CHARACTER = 127, SEQUENCE_MAX = 512 };

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

void term_stack_push(struct term_stack *stack, const struct term_event *event)
{
    if (stack->count < sizeof(stack->items) / sizeof(stack->items[0])) {
        stack->items[stack->count++] = *event;
    }
}

bool term_stack_pop(struct term_stack *stack, struct term_event *ret)
{
    if (stack->count == 0) {
        return false;
    }
    *ret = stack->items[--stack->count];
    return true;
}

bool term_is_escape(const struct term_event *event)
{
    return !event->is_mouse && event->key.code == KEYCODE_ESCAPE && event->key.mods == 0;
}

bool term_sequence_begin(struct term_sequence *sequence, struct key key)
{
    if (key.mods != 0 || key.code == 0 || key.code > 127 ||
        strchr("[O]P_^", (int)key.code) == NULL) {
        return false;
    }
    *sequence = (struct term_sequence){.kind = key.code};
    return true;
}

/* ESC O and a letter, which the keypad sends where it is in its application mode. */
static bool keypad_key(uint32_t code, struct key *ret)
{
    static const char glyphs[] = "*+,-./0123456789"; // from 'j' on
    if (code == 'M') {
        *ret = (struct key){.code = KEYCODE_ENTER};
    } else if (code == 'X') {
        *ret = (struct key){.code = '='};
    } else if (code >= 'j' && code <= 'y') {
        *ret = (struct key){.code = (unsigned char)glyphs[code - 'j']};
    } else {
        return false;
    }
    return true;
}

/* A key named by the last letter; the same after "ESC [" and "ESC O". */
static uint32_t code_by_letter(uint32_t letter)
{
    static const struct {
        char letter;
        uint32_t code;
    } codes[] = {
        {'A', KEYCODE_UP},   {'B', KEYCODE_DOWN}, {'C', KEYCODE_RIGHT},
        {'D', KEYCODE_LEFT}, {'F', KEYCODE_END},  {'H', KEYCODE_HOME},
    };
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        if ((uint32_t)codes[i].letter == letter) {
            return codes[i].code;
        }
    }
    return letter >= 'P' && letter <= 'S' ? KEYCODE_F1 + (letter - 'P') : 0;
}

/* A key named by the number before '~', as the VT220 began it. */
static uint32_t code_by_number(unsigned number)
{
    static const uint32_t codes[] = {
        [1] = KEYCODE_HOME,     [2] = KEYCODE_INSERT,   [3] = KEYCODE_DELETE,
        [4] = KEYCODE_END,      [5] = KEYCODE_PAGE_UP,  [6] = KEYCODE_PAGE_DOWN,
        [7] = KEYCODE_HOME,     [8] = KEYCODE_END,      [11] = KEYCODE_F1,
        [12] = KEYCODE_F1 + 1,  [13] = KEYCODE_F1 + 2,  [14] = KEYCODE_F1 + 3,
        [15] = KEYCODE_F1 + 4,  [17] = KEYCODE_F1 + 5,  [18] = KEYCODE_F1 + 6,
        [19] = KEYCODE_F1 + 7,  [20] = KEYCODE_F1 + 8,  [21] = KEYCODE_F1 + 9,
        [23] = KEYCODE_F1 + 10, [24] = KEYCODE_F1 + 11,
    };
    return number < sizeof(codes) / sizeof(codes[0]) ? codes[number] : 0;
}

/* The key a finished "ESC [" or "ESC O" sequence is, if it is one. */
static bool sequence_key(const struct term_sequence *sequence, uint32_t letter, struct key *ret)
{
    static const uint8_t mods[] = {MOD_SHIFT, MOD_ALT, MOD_CTRL};
    const unsigned bits = sequence->numbers[1] > 1 ? sequence->numbers[1] - 1 : 0;
    struct key key = {0};
    if (sequence->foreign || bits > 7) {
        return false;
    }
    if (sequence->linux_console) {
        key.code = letter >= 'A' && letter <= 'E' ? KEYCODE_F1 + (letter - 'A') : 0;
    } else if (letter == '~') {
        key.code = code_by_number(sequence->numbers[0]);
    } else if (letter == 'Z' && sequence->kind == '[') {
        key = (struct key){.code = KEYCODE_TAB, .mods = MOD_SHIFT};
    } else if (sequence->numbers[0] <= 1) {
        key.code = code_by_letter(letter);
    }
    for (size_t i = 0; i < sizeof(mods); i++) {
        key.mods |= (bits >> i & 1u) != 0 ? mods[i] : 0;
    }
    *ret = key;
    return key.code != 0;
}

/* A character before the last one: digits and separators, or what no key has. */
static void feed_parameter(struct term_sequence *sequence, uint32_t code)
{
    unsigned *const number = &sequence->numbers[sequence->number];
    if (code >= '0' && code <= '9' && *number < 1000) {
        *number = *number * 10 + (code - '0');
    } else if (code == ';' && sequence->number == 0) {
        sequence->number = 1;
    } else {
        sequence->foreign = true;
    }
}

/* One character of the printable kinds, which end with a letter. */
static enum sequence_step feed_letter(struct term_sequence *sequence, struct key key,
                                      struct key *ret)
{
    if (key.mods != 0 || key.code < 32 || key.code >= DELETE_CHARACTER) {
        return SEQUENCE_BROKEN;
    }
    if (key.code < '@') {
        feed_parameter(sequence, key.code);
        return SEQUENCE_GOES_ON;
    }
    if (sequence->kind == '[' && sequence->length == 1 && key.code == '[') {
        sequence->linux_console = true;
        return SEQUENCE_GOES_ON;
    }
    bool is_key = (sequence->kind == 'O' && sequence->length == 1 && keypad_key(key.code, ret)) ||
                  sequence_key(sequence, key.code, ret);
    return is_key ? SEQUENCE_IS_KEY : SEQUENCE_ENDED;
}

/* One character of a string, which ends with BEL or with Escape and a backslash. */
static enum sequence_step feed_string(struct term_sequence *sequence, struct key key)
{
    if (key.code == KEYCODE_ESCAPE && key.mods == 0) {
        sequence->kind = '\\';
        return SEQUENCE_GOES_ON;
    }
    bool is_bell = key.code == 'g' && key.mods == MOD_CTRL;
    return is_bell                     ? SEQUENCE_ENDED
           : key.code >= KEYCODE_FIRST ? SEQUENCE_BROKEN
                                       : SEQUENCE_GOES_ON;
}

enum sequence_step term_sequence_feed(struct term_sequence *sequence, struct key key,
                                      struct key *ret)
{
    enum sequence_step step = SEQUENCE_BROKEN;
    sequence->length++;
    if (sequence->kind == '\\') { // a string and Escape: the backslash is its end
        bool is_end = key.mods == 0 && key.code == '\\';
        step = is_end ? SEQUENCE_ENDED : SEQUENCE_BROKEN;
    } else if (sequence->kind == '[' || sequence->kind == 'O') {
        step = feed_letter(sequence, key, ret);
    } else if (sequence->length < SEQUENCE_MAX) {
        step = feed_string(sequence, key);
    }
    if (step == SEQUENCE_GOES_ON && sequence->length >= SEQUENCE_MAX) {
        step = SEQUENCE_ENDED;
    }
    if (step != SEQUENCE_GOES_ON) {
        *sequence = (struct term_sequence){0};
    }
    return step;
}

void term_sequence_pause(struct term_sequence *sequence)
{
    if (sequence->kind != '[') {
        *sequence = (struct term_sequence){0};
    }
}
