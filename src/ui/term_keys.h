#ifndef UI_TERM_KEYS_H
#define UI_TERM_KEYS_H

#include "ui/input.h"
#include "ui/term.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a terminal sends, as our keys; the part of term_curses.c that needs no curses. */

/* A character as read from the terminal, control characters included. Errors: false when it
 * means no key. */
bool term_key_from_character(uint32_t code, struct key *ret);

/* A function key as terminfo counts them, shifted ones going on behind F12. Errors: false. */
bool term_key_from_function(int number, struct key *ret);

/* Events read before it is their turn: the last one in comes out first. */
struct term_stack {
    struct term_event items[16]; // curses keeps 8 mouse reports
    size_t count;
};

/* Put one on top; it is lost when there are too many. */
void term_stack_push(struct term_stack *stack, const struct term_event *event);

/* Take the one on top. False when there is none. */
bool term_stack_pop(struct term_stack *stack, struct term_event *ret);

/* True for the Escape key by itself. */
bool term_is_escape(const struct term_event *event);

/*
 * An escape sequence terminfo does not name, while it is read. Taken for single keys its
 * letters would do anything: focus reports ("ESC [ I") would turn the order round, the keypad's
 * plus ("ESC O k") would open the signal menu. Those that most terminals use for a key are
 * that key, as TERM often names another terminal than the one in use. All zero: none.
 */
struct term_sequence {
    uint32_t kind;       // what followed Escape; 0: none
    int length;          // characters since then
    unsigned numbers[2]; // parameters: which key, and 1 plus a bit each for Shift, Alt, Ctrl
    int number;          // the parameter being read
    bool foreign;        // has something no key has
    bool linux_console;  // "ESC [ [": function keys there
};

/* What one more character did to a sequence. */
enum sequence_step {
    SEQUENCE_GOES_ON,
    SEQUENCE_ENDED,  // and means nothing here
    SEQUENCE_IS_KEY, // it was a key
    SEQUENCE_BROKEN, // it is over, and this character is none of it
};

/* True when a character right after Escape, with more right behind it, begins a sequence. */
bool term_sequence_begin(struct term_sequence *sequence, struct key key);

/* Take in the next key as read; `ret` only for SEQUENCE_IS_KEY. */
enum sequence_step term_sequence_feed(struct term_sequence *sequence, struct key key,
                                      struct key *ret);

/* Nothing more has come for now. A cut sequence of parameters and a letter is waited for, as it
 * takes one key at most; anything longer may as well have been typed. */
void term_sequence_pause(struct term_sequence *sequence);

/* An extended terminfo key name, like "kUP3" for Alt-Up; NULL is none. Errors: false. */
bool term_key_from_name(const char *name, struct key *ret);

#endif
