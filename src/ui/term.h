#ifndef UI_TERM_H
#define UI_TERM_H

#include "model/settings.h"
#include "ui/input.h"
#include "ui/surface.h"

#include <stdbool.h>

/*
 * The terminal. term_curses.c is the only file in the program that includes curses.h;
 * tests/test_app.c has one of its own that is only memory.
 */
struct term;

/* What to take over. */
struct term_options {
    enum theme_choice theme;
    enum colour_choice colours; // COLOUR_AUTO: what the terminal has, none with NO_COLOR
    enum glyph_choice glyphs;   // GLYPHS_AUTO: by locale
    bool mouse;
};

/* What the terminal gives: one key or mouse report. */
struct term_event {
    bool is_mouse;
    struct key key;
    struct mouse mouse;
};

/*
 * Take over the terminal (standard input and output).
 * Owns: the caller, who ends it with term_close().
 * Errors: -ENOTTY; -ENOENT when TERM is unset or unknown or too dumb to move a cursor;
 * -ENOMEM; the terminal is then as it was.
 */
int term_open(const struct term_options *options, struct term **ret);

/* Give the terminal back as it was. NULL is a no-op. */
void term_close(struct term *term);

/* Use other options from the next term_present() on. */
void term_configure(struct term *term, const struct term_options *options);

/*
 * Show the surface; only cells that differ from the last one shown are sent. The cursor is
 * shown at (cursor_x, cursor_y), or hidden when cursor_x is negative.
 * Errors: -EIO when the output is gone.
 */
int term_present(struct term *term, const struct surface *surface, int cursor_x, int cursor_y);

/* Next key or mouse report without waiting. False when there is none: never blocks. */
bool term_next_event(struct term *term, struct term_event *ret);

/* Ask the kernel for the size and adopt it. In cells, at least 1 by 1. */
void term_size(struct term *term, int *ret_width, int *ret_height);

/* Forget what is on the screen: the next term_present() sends everything. */
void term_invalidate(struct term *term);

/* Give the terminal back for a while (job control). */
void term_suspend(struct term *term);

/* Take it again after term_suspend(); the next term_present() sends everything. */
void term_resume(struct term *term);

/* Ask the terminal to put a text of at most CLIPBOARD_BYTES into its clipboard; whether it does
 * nobody hears. Errors: -ENOTSUP when it is of a kind that is not known to understand. */
int term_copy(struct term *term, const char *text);

/* True when colours are in use; false: roles differ by attributes only. */
bool term_has_colour(const struct term *term);

/* True when text beyond ASCII may be shown. */
bool term_has_unicode(const struct term *term);

/* Whether its font is likely to have braille patterns. */
bool term_has_braille(const struct term *term);

/* Put the terminal back, from a signal handler: async-signal-safe, never blocks. */
void term_emergency_restore(void);

#endif
