#ifndef UI_TYPED_H
#define UI_TYPED_H

#include "ui/keymap.h"

#include <stdbool.h>
#include <stdint.h>

/* A number typed in a list, digit by digit, to go to a row by it: a pid, a port. */
struct typed {
    uint64_t number;
    uint64_t until_ns; // monotonic, when it is forgotten; 0: nothing is typed
};

/* Take a key. False when it is no digit; what was typed is then over. */
bool typed_take(struct typed *typed, struct key key, uint64_t now_ns);

/* True when a number is written with what is typed in front. */
bool typed_begins(const struct typed *typed, uint64_t number);

#endif
