#include "pty_screen.h"

#include "base/utf8.h"
#include "check.h"
#include "pty_launch.h"
#include "world.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { PTYS_MAX = 4 };

struct pty {
    int master;         // -1 once hung up
    int slave;          // kept open so that the settings can be read afterwards
    struct pty_job job; // what runs on the slave
    bool shell_gone;    // and buried
    bool ended;         // `status` is known
    int status;         // wait status
    bool non_ascii;     // a byte beyond ASCII was seen
    bool reading;       // answer what the program asks
    uint64_t bytes;     // written by the program so far
    size_t matched;     // bytes of what begins an OSC 52 sequence
    unsigned copies;    // of those so far
    bool copying;       // in one
    char copied[16384]; // the last one
    size_t copied_len;
    int width, height; // cells
    bool alt_screen, cursor_visible;
    int mouse_mode;            // VTERM_PROP_MOUSE_*
    struct termios before;     // settings when the program started
    VTerm *vterm;              // owns `screen`
    VTermScreen *screen;       // what is on it
    char row[PTY_ROW_BYTES];   // of pty_row()
    int column[PTY_ROW_BYTES]; // of each byte in `row`
};

/* So that a test that failed half-way leaves nothing running. */
static struct pty *live[PTYS_MAX];

int64_t pty_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- what the program writes ------------------------------------------------------------- */

static int on_property(VTermProp prop, VTermValue *value, void *user)
{
    struct pty *pty = user;
    if (prop == VTERM_PROP_ALTSCREEN) {
        pty->alt_screen = value->boolean;
    } else if (prop == VTERM_PROP_CURSORVISIBLE) {
        pty->cursor_visible = value->boolean;
    } else if (prop == VTERM_PROP_MOUSE) {
        pty->mouse_mode = value->number;
    }
    return 1;
}

static const VTermScreenCallbacks screen_callbacks = {.settermprop = on_property};

/* Keys, and answers to questions of the program, on their way to it. */
static void on_output(const char *bytes, size_t len, void *user)
{
    struct pty *pty = user;
    if (pty->master >= 0) {
        // A program that reads no input any more must not stop the test.
        (void)!write(pty->master, bytes, len);
    }
}

/* libvterm obeys only the first of several modes set in one sequence; xterm's terminfo entry sets
 * the two of the mouse like that. */
static void feed_screen(struct pty *pty, const char *bytes, size_t len)
{
    static const char both[] = "\033[?1006;1000";
    static const char first[] = "\033[?1006";
    static const char second[] = "\033[?1000";
    const size_t both_len = sizeof(both) - 1;
    const char *end = bytes + len;
    const char *at;
    while ((at = memmem(bytes, (size_t)(end - bytes), both, both_len)) != NULL &&
           at + both_len < end) {
        const char *final = at + both_len;
        vterm_input_write(pty->vterm, bytes, (size_t)(at - bytes));
        vterm_input_write(pty->vterm, first, sizeof(first) - 1);
        vterm_input_write(pty->vterm, final, 1);
        vterm_input_write(pty->vterm, second, sizeof(second) - 1);
        bytes = final;
    }
    vterm_input_write(pty->vterm, bytes, (size_t)(end - bytes));
}

/* Watch for the sequence that sets the clipboard. */
static void watch_clipboard(struct pty *pty, char byte)
{
    static const char begin[] = "\033]52;c;";
    if (pty->copying) {
        pty->copying = byte != '\a' && pty->copied_len < sizeof(pty->copied) - 1;
        if (pty->copying) {
            pty->copied[pty->copied_len++] = byte;
        }
        pty->copied[pty->copied_len] = '\0';
        return;
    }
    pty->matched = byte == begin[pty->matched] ? pty->matched + 1 : byte == begin[0] ? 1 : 0;
    if (pty->matched == sizeof(begin) - 1) {
        pty->matched = 0;
        pty->copies++;
        pty->copying = true;
        pty->copied_len = 0;
    }
}

unsigned pty_clipboard_count(const struct pty *pty)
{
    return pty->copies;
}

const char *pty_clipboard(const struct pty *pty)
{
    return pty->copied;
}

/* Feed the screen what is there. False at the end of file. */
static bool feed(struct pty *pty)
{
    char buf[16384];
    ssize_t len = read(pty->master, buf, sizeof(buf));
    if (len <= 0) {
        return len < 0 && (errno == EAGAIN || errno == EINTR);
    }
    for (ssize_t i = 0; i < len; i++) {
        pty->non_ascii |= (buf[i] & 0x80) != 0;
        watch_clipboard(pty, buf[i]);
    }
    pty->bytes += (uint64_t)len;
    feed_screen(pty, buf, (size_t)len);
    vterm_screen_flush_damage(pty->screen);
    return true;
}

/* Wait at most so long for output and feed it. */
static void feed_for(struct pty *pty, int timeout_ms)
{
    struct pollfd ready = {.fd = pty->reading ? pty->master : -1, .events = POLLIN};
    if (poll(&ready, 1, timeout_ms) > 0 && !feed(pty)) {
        (void)poll(NULL, 0, 1); // an end of file is always ready
    }
}

/* --- starting ---------------------------------------------------------------------------- */

static void open_pair(struct pty *pty)
{
    pty->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(pty->master >= 0);
    assert_int_equal(grantpt(pty->master), 0);
    assert_int_equal(unlockpt(pty->master), 0);
    char name[64];
    assert_int_equal(ptsname_r(pty->master, name, sizeof(name)), 0);
    pty->slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(pty->slave >= 0);
    struct winsize size = {.ws_row = (unsigned short)pty->height,
                           .ws_col = (unsigned short)pty->width};
    assert_int_equal(ioctl(pty->master, TIOCSWINSZ, &size), 0);
    assert_int_equal(tcgetattr(pty->slave, &pty->before), 0);
    assert_int_equal(fcntl(pty->master, F_SETFL, O_NONBLOCK), 0);
}

static void open_screen(struct pty *pty)
{
    pty->vterm = vterm_new(pty->height, pty->width);
    assert_non_null(pty->vterm);
    vterm_set_utf8(pty->vterm, 1);
    vterm_output_set_callback(pty->vterm, on_output, pty);
    pty->screen = vterm_obtain_screen(pty->vterm);
    vterm_screen_set_callbacks(pty->screen, &screen_callbacks, pty);
    vterm_screen_enable_altscreen(pty->screen, 1);
    vterm_screen_reset(pty->screen, 1);
}

struct pty *pty_start(const struct pty_options *options)
{
    struct pty *pty = calloc(1, sizeof(*pty));
    assert_non_null(pty);
    for (size_t i = 0; i < PTYS_MAX; i++) {
        if (live[i] == NULL) {
            live[i] = pty;
            break;
        }
    }
    pty->width = options->width > 0 ? options->width : 80;
    pty->height = options->height > 0 ? options->height : 24;
    pty->reading = true;
    pty->cursor_visible = true;
    pty->job = (struct pty_job){.reports = -1, .commands = -1};
    open_pair(pty);
    open_screen(pty);
    pty_launch(options, pty->master, pty->slave, &pty->job);
    return pty;
}

/* --- ending ------------------------------------------------------------------------------ */

static void release(struct pty *pty)
{
    const bool started = pty->job.leader > 0; // 0 would be our own process group
    if (started && !pty->ended) {
        (void)kill(pty->job.pid, SIGKILL);
        (void)kill(pty->job.pid, SIGCONT);
    }
    if (started && (pty->job.reports >= 0 ? !pty->shell_gone : !pty->ended)) {
        (void)kill(pty->job.leader, SIGKILL);
        (void)waitpid(pty->job.leader, NULL, 0);
    }
    int fds[] = {pty->master, pty->slave, pty->job.reports, pty->job.commands};
    for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
        if (fds[i] >= 0) {
            (void)close(fds[i]);
        }
    }
    vterm_free(pty->vterm);
    for (size_t i = 0; i < PTYS_MAX; i++) {
        if (live[i] == pty) {
            live[i] = NULL;
        }
    }
    free(pty);
}

void pty_finish(struct pty *pty)
{
    release(pty);
    assert_int_equal(pty_sanitizer_reports(), 0);
}

int pty_finish_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < PTYS_MAX; i++) {
        if (live[i] != NULL) {
            pty_show(live[i]);
            release(live[i]);
        }
    }
    (void)children_finish(state);
    return pty_sanitizer_reports() == 0 ? 0 : -1;
}

/* Take what the shell reports. True when something came. */
static bool take_report(struct pty *pty, int timeout_ms, struct job_report *ret)
{
    struct pollfd ready = {.fd = pty->job.reports, .events = POLLIN};
    return poll(&ready, 1, timeout_ms) > 0 &&
           read(pty->job.reports, ret, sizeof(*ret)) == (ssize_t)sizeof(*ret);
}

static bool poll_exit(struct pty *pty)
{
    if (pty->ended) {
        return true;
    }
    if (pty->job.reports < 0) {
        pty->ended = waitpid(pty->job.leader, &pty->status, WNOHANG) == pty->job.leader;
        return pty->ended;
    }
    // In this order, so that no last word of the shell is missed.
    pty->shell_gone = pty->shell_gone || waitpid(pty->job.leader, NULL, WNOHANG) == pty->job.leader;
    struct job_report message;
    if (take_report(pty, 0, &message)) {
        pty->ended = message.kind == 'E';
        pty->status = message.value;
    } else if (pty->shell_gone) { // it went down with the terminal: nobody knows the status
        pty->ended = kill(pty->job.pid, 0) != 0;
        pty->status = 0;
    }
    return pty->ended;
}

bool pty_wait_exit(struct pty *pty, int timeout_ms, int *ret_status)
{
    int64_t end = pty_now_ms() + timeout_ms;
    while (!poll_exit(pty)) {
        if (pty_now_ms() >= end) {
            return false;
        }
        feed_for(pty, 5);
    }
    if (pty->reading && pty->master >= 0) {
        struct pollfd ready = {.fd = pty->master, .events = POLLIN};
        while (poll(&ready, 1, 0) > 0 && (ready.revents & POLLIN) != 0 && feed(pty)) {
        }
    }
    *ret_status = pty->status;
    return true;
}

bool pty_wait_stop(struct pty *pty, int timeout_ms)
{
    int64_t end = pty_now_ms() + timeout_ms;
    while (pty_now_ms() < end) {
        struct job_report message;
        if (take_report(pty, 0, &message)) {
            feed_for(pty, 0);
            return message.kind == 'S';
        }
        feed_for(pty, 5);
    }
    return false;
}

void pty_foreground(struct pty *pty)
{
    assert_int_equal(write(pty->job.commands, "f", 1), 1);
}

void pty_expect_restored(struct pty *pty)
{
    struct termios now;
    assert_int_equal(tcgetattr(pty->slave, &now), 0);
    if (now.c_iflag != pty->before.c_iflag || now.c_oflag != pty->before.c_oflag ||
        now.c_cflag != pty->before.c_cflag || now.c_lflag != pty->before.c_lflag ||
        memcmp(now.c_cc, pty->before.c_cc, sizeof(now.c_cc)) != 0) {
        fail_msg("terminal settings differ: iflag %x/%x oflag %x/%x lflag %x/%x", now.c_iflag,
                 pty->before.c_iflag, now.c_oflag, pty->before.c_oflag, now.c_lflag,
                 pty->before.c_lflag);
    }
    if (!pty->reading) {
        return; // what the program wrote is not known
    }
    if (pty->alt_screen || pty->mouse_mode != 0 || !pty->cursor_visible) {
        fail_msg("left behind: alternate screen %d, mouse %d, cursor hidden %d", pty->alt_screen,
                 pty->mouse_mode, !pty->cursor_visible);
    }
}

/* --- looking ----------------------------------------------------------------------------- */

pid_t pty_pid(const struct pty *pty)
{
    return pty->job.pid;
}

int pty_master(const struct pty *pty)
{
    return pty->master;
}

int pty_slave(const struct pty *pty)
{
    return pty->slave;
}

int pty_width(const struct pty *pty)
{
    return pty->width;
}

int pty_height(const struct pty *pty)
{
    return pty->height;
}

uint64_t pty_bytes(const struct pty *pty)
{
    return pty->bytes;
}

bool pty_saw_non_ascii(const struct pty *pty)
{
    return pty->non_ascii;
}

static bool get_cell(const struct pty *pty, int x, int y, VTermScreenCell *ret)
{
    return vterm_screen_get_cell(pty->screen, (VTermPos){.row = y, .col = x}, ret) != 0;
}

const char *pty_row(struct pty *pty, int y)
{
    size_t len = 0;
    size_t end = 0;
    for (int x = 0; x < pty->width && len + 4 * VTERM_MAX_CHARS_PER_CELL < PTY_ROW_BYTES; x++) {
        VTermScreenCell cell;
        if (!get_cell(pty, x, y, &cell)) {
            break;
        }
        if (cell.chars[0] == 0 || cell.chars[0] == UINT32_MAX) {
            pty->column[len] = x;
            pty->row[len++] = ' ';
            continue;
        }
        for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i] != 0; i++) {
            pty->column[len] = x;
            len += utf8_encode(cell.chars[i], &pty->row[len]);
        }
        end = pty->row[len - 1] != ' ' ? len : end;
        x += cell.width > 1 ? 1 : 0;
    }
    pty->row[end] = '\0';
    return pty->row;
}

int pty_find_row(struct pty *pty, int from, const char *text)
{
    for (int y = from; y < pty->height; y++) {
        if (strstr(pty_row(pty, y), text) != NULL) {
            return y;
        }
    }
    return -1;
}

int pty_find_column(struct pty *pty, int y, const char *text)
{
    const char *row = pty_row(pty, y);
    const char *at = strstr(row, text);
    return at != NULL ? pty->column[at - row] : -1;
}

bool pty_same_style(const struct pty *pty, int x1, int y1, int x2, int y2)
{
    VTermScreenCell a;
    VTermScreenCell b;
    return get_cell(pty, x1, y1, &a) && get_cell(pty, x2, y2, &b) && a.attrs.bold == b.attrs.bold &&
           a.attrs.reverse == b.attrs.reverse && a.attrs.underline == b.attrs.underline &&
           vterm_color_is_equal(&a.fg, &b.fg) && vterm_color_is_equal(&a.bg, &b.bg);
}

bool pty_is_marked(const struct pty *pty, int x, int y)
{
    VTermScreenCell cell;
    return get_cell(pty, x, y, &cell) &&
           (cell.attrs.reverse != 0 || !VTERM_COLOR_IS_DEFAULT_BG(&cell.bg));
}

bool pty_saw_colour(const struct pty *pty)
{
    for (int y = 0; y < pty->height; y++) {
        for (int x = 0; x < pty->width; x++) {
            VTermScreenCell cell;
            // Reversing swaps defaults, which makes no colour of them.
            if (get_cell(pty, x, y, &cell) &&
                (!VTERM_COLOR_IS_DEFAULT_FG(&cell.fg) || !VTERM_COLOR_IS_DEFAULT_BG(&cell.bg))) {
                return true;
            }
        }
    }
    return false;
}

void pty_show(struct pty *pty)
{
    (void)fprintf(stderr, "--- the screen, %dx%d, after %llu bytes%s\n", pty->width, pty->height,
                  (unsigned long long)pty->bytes, poll_exit(pty) ? ", ended" : "");
    for (int y = 0; y < pty->height; y++) {
        (void)fprintf(stderr, "|%s\n", pty_row(pty, y));
    }
}

/* --- waiting ----------------------------------------------------------------------------- */

bool pty_until(struct pty *pty, pty_question *question, void *context, int timeout_ms)
{
    int64_t end = pty_now_ms() + timeout_ms;
    while (!question(pty, context)) {
        int64_t left = end - pty_now_ms();
        if (left <= 0) {
            return false;
        }
        feed_for(pty, left < 100 ? (int)left : 100);
    }
    return true;
}

static bool holds_text(struct pty *pty, void *context)
{
    return pty_find_row(pty, 0, context) >= 0;
}

static bool lacks_text(struct pty *pty, void *context)
{
    return pty_find_row(pty, 0, context) < 0;
}

void pty_expect(struct pty *pty, const char *text)
{
    char copy[256];
    (void)snprintf(copy, sizeof(copy), "%s", text);
    if (!pty_until(pty, holds_text, copy, PTY_PATIENCE_MS)) {
        fail_msg("\"%s\" never came on the screen", text);
    }
}

void pty_expect_gone(struct pty *pty, const char *text)
{
    char copy[256];
    (void)snprintf(copy, sizeof(copy), "%s", text);
    if (!pty_until(pty, lacks_text, copy, PTY_PATIENCE_MS)) {
        fail_msg("\"%s\" never left the screen", text);
    }
}

void pty_drain(struct pty *pty, int time_ms)
{
    int64_t end = pty_now_ms() + time_ms;
    for (int64_t left = time_ms; left > 0; left = end - pty_now_ms()) {
        feed_for(pty, (int)left);
    }
}

void pty_stop_reading(struct pty *pty)
{
    pty->reading = false;
}

/* --- doing ------------------------------------------------------------------------------- */

void pty_type(struct pty *pty, const char *bytes)
{
    on_output(bytes, strlen(bytes), pty);
}

void pty_press(struct pty *pty, VTermKey key)
{
    vterm_keyboard_key(pty->vterm, key, VTERM_MOD_NONE);
}

void pty_click(struct pty *pty, int x, int y)
{
    vterm_mouse_move(pty->vterm, y, x, VTERM_MOD_NONE);
    vterm_mouse_button(pty->vterm, 1, true, VTERM_MOD_NONE);
    vterm_mouse_button(pty->vterm, 1, false, VTERM_MOD_NONE);
}

void pty_resize(struct pty *pty, int width, int height)
{
    pty->width = width;
    pty->height = height;
    vterm_set_size(pty->vterm, height, width);
    struct winsize size = {.ws_row = (unsigned short)height, .ws_col = (unsigned short)width};
    // The kernel sends SIGWINCH to the foreground process group by itself.
    assert_int_equal(ioctl(pty->master, TIOCSWINSZ, &size), 0);
}

void pty_hang_up(struct pty *pty)
{
    (void)close(pty->master);
    pty->master = -1;
    pty->reading = false;
}
