#ifndef E2E_PTY_SCREEN_H
#define E2E_PTY_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <vterm.h>

/*
 * The real program in a pseudo terminal, and the screen it paints there, kept by libvterm. No
 * function sleeps for a fixed time: all wait for something to be seen, up to a limit that is
 * generous because the machine may be slow and the program full of sanitizers.
 * A failed check prints the screen and fails the cmocka test that is running.
 */
struct pty;

/* How to start the program. */
struct pty_options {
    int width, height;       // cells; 0: 80 by 24
    const char *const *args; // behind the program's name, NULL-terminated; NULL for none
    const char *const *env;  // "NAME=value" on top of a clean environment; NULL for none
    bool shell;              // below a little shell with job control, so that it can be suspended
    bool ignore_hup;         // as nohup does
    const char *binary;      // NULL: the one under test
    uid_t uid;               // as this user; 0: as the test
    bool forbid_kill;        // signals by pid are refused (EPERM), those by pidfd are not
};

enum {
    PTY_PATIENCE_MS = 20000, // how long something may take that must happen
    PTY_ROW_BYTES = 4096,    // of one row as UTF-8
};

/* Start the program. Owns: the caller, who ends it with pty_finish(). Fails the test if it cannot. */
struct pty *pty_start(const struct pty_options *options);

/* Kill what is left and free. Fails the test when a sanitizer had something to say. */
void pty_finish(struct pty *pty);

/* Likewise for all that are still open, and for all children: a teardown for cmocka. Shows the
 * screens, because a test that got to its end has none open. */
int pty_finish_all(void **state);

/* Pid of the program, not of the shell above it. */
pid_t pty_pid(const struct pty *pty);

/* The master's descriptor, for tests of what no terminal does. */
int pty_master(const struct pty *pty);

/* The slave's descriptor: the terminal itself. */
int pty_slave(const struct pty *pty);

/* --- the screen ---------------------------------------------------------------------------- */

/* One row as text without trailing blanks. Owns: the pty, until the next call. */
const char *pty_row(struct pty *pty, int y);

/* The first row that holds the text, from row `from` on; -1 when none does. */
int pty_find_row(struct pty *pty, int from, const char *text);

/* The column at which a text starts in a row; -1 when it is not there. */
int pty_find_column(struct pty *pty, int y, const char *text);

/* True when the two cells look alike: colours and attributes. */
bool pty_same_style(const struct pty *pty, int x1, int y1, int x2, int y2);

/* True when the cell is set off from its surroundings: reversed, or with a background. */
bool pty_is_marked(const struct pty *pty, int x, int y);

/* The screen's height in cells. */
int pty_height(const struct pty *pty);

/* The screen's width in cells. */
int pty_width(const struct pty *pty);

/* Bytes the program has written so far. */
uint64_t pty_bytes(const struct pty *pty);

/* How often the program wrote what begins an OSC 52 sequence. */
unsigned pty_clipboard_count(const struct pty *pty);

/* What stood between its beginning and its end the last time. Owns: the pty. */
const char *pty_clipboard(const struct pty *pty);

/* True when the program has ever written a byte beyond ASCII. */
bool pty_saw_non_ascii(const struct pty *pty);

/* True when some cell has a colour other than the terminal's own. */
bool pty_saw_colour(const struct pty *pty);

/* Print the screen to standard error, for a failed test. */
void pty_show(struct pty *pty);

/* --- waiting ------------------------------------------------------------------------------- */

/* A question about the screen. */
typedef bool pty_question(struct pty *pty, void *context);

/* Feed the screen until the answer is yes; false when it is not within the time. */
bool pty_until(struct pty *pty, pty_question *question, void *context, int timeout_ms);

/* Wait until the screen holds the text; fails the test when it never does. */
void pty_expect(struct pty *pty, const char *text);

/* Wait until the screen no longer holds the text; fails the test when it always does. */
void pty_expect_gone(struct pty *pty, const char *text);

/* Feed the screen whatever comes within the time. */
void pty_drain(struct pty *pty, int time_ms);

/* Read nothing from now on: a terminal that hangs. */
void pty_stop_reading(struct pty *pty);

/* --- doing --------------------------------------------------------------------------------- */

/* Type these bytes. */
void pty_type(struct pty *pty, const char *bytes);

/* Press a key without a character; a function key is VTERM_KEY_FUNCTION(n). */
void pty_press(struct pty *pty, VTermKey key);

/* Press and release a mouse button over a cell. */
void pty_click(struct pty *pty, int x, int y);

/* Give the terminal another size, as a window does: the program is sent SIGWINCH. */
void pty_resize(struct pty *pty, int width, int height);

/* Close the master: the terminal is gone. */
void pty_hang_up(struct pty *pty);

/* --- the end ------------------------------------------------------------------------------- */

/* Wait until the program ended. False when it has not within the time. */
bool pty_wait_exit(struct pty *pty, int timeout_ms, int *ret_status);

/* With a shell: wait until the program was stopped. */
bool pty_wait_stop(struct pty *pty, int timeout_ms);

/* With a shell: as `fg` does. */
void pty_foreground(struct pty *pty);

/* Fail the test unless the terminal is as it was before the program started. */
void pty_expect_restored(struct pty *pty);

/* Monotonic milliseconds. */
int64_t pty_now_ms(void);

#endif
