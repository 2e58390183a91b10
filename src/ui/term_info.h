#ifndef UI_TERM_INFO_H
#define UI_TERM_INFO_H

/*
 * See whether a terminal type is known and can move its cursor, before curses takes it.
 * Errors: -ENOENT.
 */
int term_info_check(const char *name);

#endif
