#ifndef E2E_SCENE_H
#define E2E_SCENE_H

#include "pty_screen.h"

/* What the process screen shows, in the words of a person who looks at it. */

/* Start the program, 80 by 24, and wait for its first table. Owns: the caller: pty_finish(). */
struct pty *scene_open(const char *const *args);

/* End the program with `q`, check the status and that the terminal is as before, free. */
void scene_close(struct pty *pty);

/* The row of the column titles. */
int scene_head_row(struct pty *pty);

/* The row the cursor is on; -1 when there is none. */
int scene_cursor_row(struct pty *pty);

/* Wait until the cursor is on a row with this text; fails the test when it never is. */
void scene_expect_cursor_on(struct pty *pty, const char *text);

/* Put the cursor on the first process found by this name. */
void scene_go_to(struct pty *pty, const char *name);

/* Wait until the row with `upper` is above the row with `lower`; fails the test if never. */
void scene_expect_order(struct pty *pty, const char *upper, const char *lower);

#endif
