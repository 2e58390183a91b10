#ifndef UI_TERM_KEYS_H
#define UI_TERM_KEYS_H

#include "ui/input.h"

#include <stdbool.h>
#include <stdint.h>

/* What a terminal sends, as our keys; the part of term_curses.c that needs no curses. */

/* A character as read from the terminal, control characters included. Errors: false when it
 * means no key. */
bool term_key_from_character(uint32_t code, struct key *ret);

/* A function key as terminfo counts them, shifted ones going on behind F12. Errors: false. */
bool term_key_from_function(int number, struct key *ret);

/* An extended terminfo key name, like "kUP3" for Alt-Up; NULL is none. Errors: false. */
bool term_key_from_name(const char *name, struct key *ret);

#endif
