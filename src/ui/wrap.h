#ifndef UI_WRAP_H
#define UI_WRAP_H

#include <stddef.h>

/*
 * Break text for people into lines: at a space, else behind a comma, and only where there is
 * neither in the middle of a word.
 */

/*
 * Bytes of a NUL-terminated safe text that go into a line of so many columns, without the space it
 * is broken at. At least a whole character, so that repeating it comes to an end; 0 for "".
 */
size_t wrap_line(const char *text, int cells);

/* What follows that line. Owns: whoever owns the text. */
const char *wrap_rest(const char *text, int cells);

/* Lines the text takes; 1 for "". */
int wrap_rows(const char *text, int cells);

#endif
