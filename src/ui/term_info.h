#ifndef UI_TERM_INFO_H
#define UI_TERM_INFO_H

#include "model/settings.h"

#include <stdbool.h>

/*
 * See whether a terminal type is known and can move its cursor, before curses takes it.
 * Errors: -ENOENT.
 */
int term_info_check(const char *name);

/* False for terminals whose font has no braille: the console of Linux. */
bool term_info_has_braille(const char *name);

/* True for terminals known to take, or to ignore, sequences that terminfo does not describe. */
bool term_info_knows_extras(const char *name);

/* How many of the terminal's colours to use; none with NO_COLOR unless the person chose. */
int term_info_depth(enum colour_choice choice, int have);

#endif
