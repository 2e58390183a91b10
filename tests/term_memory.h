#ifndef TESTS_TERM_MEMORY_H
#define TESTS_TERM_MEMORY_H

#include "ui/term.h"

#include <stddef.h>

/*
 * A terminal that is only memory: link tests/term_memory.c in place of ui/term_curses.c. There
 * is one, like a program has one terminal; what is set here holds from the next term_open() on.
 */

/* What the terminal is like, and what it was asked for. Open: read any member. */
struct term_memory {
    int width, height;
    bool colour, unicode;
    int open_error;    // what term_open() gives instead of opening
    int present_error; // what term_present() gives instead of showing
    bool is_open, is_suspended;
    struct surface shown; // the last surface presented
    int cursor_x, cursor_y;
    size_t presented, invalidated, configured; // how often
    struct term_options options;
    char copied[64]; // the beginning of what it was to put into the clipboard
};

/* The terminal. Owns: static storage. */
struct term_memory *term_memory(void);

/* As at the start of the program: 80 by 24, colours, UTF-8, no events. */
void term_memory_reset(void);

/* Have term_next_event() return this. At most 256 wait at a time. */
void term_memory_push(const struct term_event *event);

/* Likewise for keys by name, separated by blanks: "F9 1 5 Enter". */
void term_memory_type(const char *keys);

#endif
