/* How the program comes and goes, and what it leaves of the terminal. */

#include "check.h"
#include "scene.h"
#include "world.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define NO_CRASHES "handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:handle_abort=0"

enum { SLOWER = SANITIZED ? 4 : 1 };

/* The run-time of ThreadSanitizer (GCC 12) loses a signal now and then: the kernel hands it over, and
 * no handler of ours is ever called. Only there it may take another. */
enum { ATTEMPTS_MAX = THREAD_SANITIZED ? 3 : 1 };

/* Send the signal, or type the keys when it is 0, and wait for the end; gives the wait status. */
static int end_by(struct pty *pty, int number, const char *keys, int timeout_ms)
{
    int status = 0;
    for (int i = 0; i < ATTEMPTS_MAX; i++) {
        if (number != 0) {
            assert_int_equal(kill(pty_pid(pty), number), 0);
        } else {
            pty_type(pty, keys);
        }
        if (pty_wait_exit(pty, timeout_ms * SLOWER, &status)) {
            return status;
        }
    }
    fail_msg("it goes on after signal %d", number);
    return status;
}

static void expect_exit_status(int status, int expected)
{
    if (!WIFEXITED(status) || WEXITSTATUS(status) != expected) {
        fail_msg("wait status %#x, exit status %d was expected", status, expected);
    }
}

static void quitting_restores_the_terminal(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        int status;
    } cases[] = {{"q", 0}, {"\033[21~", 0}, {"\003", 128 + SIGINT}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pty *pty = scene_open(NULL);
        expect_exit_status(end_by(pty, 0, cases[i].key, 5000), cases[i].status);
        pty_expect_restored(pty);
        pty_finish(pty);
    }
}

static void ending_signals_end_it_at_once_with_the_terminal_restored(void **state)
{
    (void)state;
    static const int signals[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT};
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        struct pty *pty = scene_open(NULL);
        int status = end_by(pty, signals[i], NULL, 2000);
        // As shells report it, or really of the signal.
        int number = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status) - 128;
        assert_int_equal(number, signals[i]);
        pty_expect_restored(pty);
        pty_finish(pty);
    }
}

static void a_signal_in_the_first_moment_leaves_no_mess(void **state)
{
    (void)state;
    for (int delay_ms = 0; delay_ms < 30; delay_ms += 3) {
        struct pty *pty = pty_start(&(struct pty_options){.width = 80});
        pty_drain(pty, delay_ms);
        (void)end_by(pty, SIGTERM, NULL, 2000);
        pty_expect_restored(pty);
        pty_finish(pty);
    }
}

static bool footer_is_last(struct pty *pty, void *context)
{
    (void)context;
    return pty_find_row(pty, 0, "F10") == pty_height(pty) - 1;
}

static void suspending_gives_the_terminal_back_and_resuming_repaints(void **state)
{
    (void)state;
    struct child alpha;
    child_start(&alpha, "alpha");
    struct pty *pty = pty_start(&(struct pty_options){.shell = true});
    pty_expect(pty, "alpha");
    for (int round = 0; round < 3; round++) {
        if (round == 1) { // from outside, as `kill -TSTP` does
            assert_int_equal(kill(pty_pid(pty), SIGTSTP), 0);
        } else {
            pty_type(pty, "\032");
        }
        assert_true(pty_wait_stop(pty, PTY_PATIENCE_MS));
        pty_expect_restored(pty);
        uint64_t bytes = pty_bytes(pty);
        pty_drain(pty, 200);
        assert_int_equal(pty_bytes(pty), bytes);
        if (round == 2) {
            pty_resize(pty, 100, 30); // while it cannot notice
        }
        pty_foreground(pty);
        pty_expect(pty, "alpha");
        pty_expect(pty, "F10");
        assert_true(scene_head_row(pty) > 0);
    }
    assert_true(pty_until(pty, footer_is_last, NULL, PTY_PATIENCE_MS));
    scene_close(pty);
}

/* CPU time the program has used, in clock ticks; -1 when it is gone. */
static long cpu_ticks(pid_t pid)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    char text[1024] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -1;
    }
    ssize_t len = read(fd, text, sizeof(text) - 1);
    (void)close(fd);
    const char *rest = len > 0 ? strrchr(text, ')') : NULL;
    unsigned long user;
    unsigned long system;
    if (rest == NULL || sscanf(rest, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
                               &system) != 2) {
        return -1;
    }
    return (long)(user + system);
}

static void expect_end_without_terminal(const struct pty_options *options)
{
    struct pty *pty = pty_start(options);
    pty_expect(pty, "PID");
    long before = cpu_ticks(pty_pid(pty));
    int64_t since = pty_now_ms();
    pty_hang_up(pty);
    int status = 0;
    long after = before;
    while (!pty_wait_exit(pty, 20, &status) && pty_now_ms() - since < 1000 * SLOWER) {
        long now = cpu_ticks(pty_pid(pty));
        after = now > after ? now : after;
    }
    assert_true(pty_wait_exit(pty, 1, &status));
    assert_true(after - before <= 20 * SLOWER); // of 100 a second: not a spin
    pty_finish(pty);
}

static void it_ends_when_the_terminal_is_gone(void **state)
{
    (void)state;
    expect_end_without_terminal(&(struct pty_options){.width = 80});
}

static void it_ends_when_the_terminal_is_gone_and_hangups_are_ignored(void **state)
{
    (void)state;
    expect_end_without_terminal(&(struct pty_options){.ignore_hup = true});
}

static void it_ends_when_the_terminal_below_a_shell_is_gone(void **state)
{
    (void)state;
    expect_end_without_terminal(&(struct pty_options){.shell = true, .ignore_hup = true});
}

static void expect_end_while_blocked(struct pty *pty)
{
    // Repaints fill whatever lies between it and the reader.
    for (int i = 0; i < 200; i++) {
        pty_type(pty, "\014");
        (void)poll(NULL, 0, 2);
    }
    (void)end_by(pty, SIGTERM, NULL, 2000);
    pty_expect_restored(pty);
    pty_finish(pty);
}

static void it_ends_though_nobody_reads_its_output(void **state)
{
    (void)state;
    struct pty *pty = scene_open(NULL);
    pty_stop_reading(pty);
    expect_end_while_blocked(pty);
}

static void it_ends_though_its_output_is_stopped(void **state)
{
    (void)state;
    struct pty *pty = scene_open(NULL);
    pty_stop_reading(pty);
    assert_int_equal(tcflow(pty_slave(pty), TCOOFF), 0);
    expect_end_while_blocked(pty);
}

static void a_crash_restores_the_terminal(void **state)
{
    (void)state;
    static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    // These crashes are none of a sanitizer's business.
    assert_int_equal(setenv("ASAN_OPTIONS", "exitcode=99:" NO_CRASHES, 1), 0);
    assert_int_equal(setenv("TSAN_OPTIONS", "exitcode=99:" NO_CRASHES, 1), 0);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        struct pty *pty = scene_open(NULL);
        int status = end_by(pty, signals[i], NULL, 5000);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), signals[i]);
        pty_expect_restored(pty);
        pty_finish(pty);
    }
}

static void an_unknown_terminal_is_refused_in_one_sentence(void **state)
{
    (void)state;
    static const char *const terms[] = {"TERM=no-such-terminal", "TERM=", "TERM=dumb"};
    for (size_t i = 0; i < sizeof(terms) / sizeof(terms[0]); i++) {
        struct pty *pty =
            pty_start(&(struct pty_options){.env = (const char *const[]){terms[i], NULL}});
        int status = 0;
        assert_true(pty_wait_exit(pty, PTY_PATIENCE_MS, &status));
        assert_true(WIFEXITED(status));
        assert_in_range(WEXITSTATUS(status), 1, 2);
        assert_int_equal(pty_find_row(pty, 0, "TERM"), 0);
        assert_string_equal(pty_row(pty, 3), ""); // a sentence, wrapped at most
        pty_expect_restored(pty);
        pty_finish(pty);
    }
}

static void a_pipe_instead_of_a_terminal_is_refused(void **state)
{
    (void)state;
    char command[1024];
    (void)snprintf(command, sizeof(command),
                   "%s 2>&1 </dev/null | cat; %s >/dev/null 2>&1; echo =$?", getenv("PERCH_BINARY"),
                   getenv("PERCH_BINARY"));
    struct pty *pty =
        pty_start(&(struct pty_options){.binary = "/bin/sh",
                                        .args = (const char *const[]){"-c", command, NULL}});
    int status = 0;
    assert_true(pty_wait_exit(pty, PTY_PATIENCE_MS, &status));
    assert_true(pty_find_row(pty, 0, "terminal") >= 0);
    assert_true(pty_find_row(pty, 0, "=2") >= 0);
    pty_expect_restored(pty);
    pty_finish(pty);
}

static void a_plain_terminal_gets_nothing_but_ascii(void **state)
{
    (void)state;
    static const char *const terms[] = {"TERM=vt100", "TERM=xterm-256color", "TERM=linux"};
    struct child alpha;
    child_start(&alpha, "alpha");
    for (size_t i = 0; i < sizeof(terms) / sizeof(terms[0]); i++) {
        struct pty *pty = pty_start(&(struct pty_options){
            .env = (const char *const[]){terms[i], "NO_COLOR=1", "LC_ALL=C", NULL}});
        pty_expect(pty, "alpha");
        pty_type(pty, "t"); // lines
        pty_drain(pty, 100);
        pty_type(pty, "\033[20~"); // a frame, where the terminal has that key
        pty_type(pty, "k");
        pty_drain(pty, 100);
        pty_type(pty, "\033");
        pty_drain(pty, 100);
        pty_type(pty, "?");
        pty_drain(pty, 100);
        assert_false(pty_saw_non_ascii(pty));
        (void)end_by(pty, SIGTERM, NULL, 2000);
        pty_expect_restored(pty);
        pty_finish(pty);
    }
}

static void no_color_means_no_colour(void **state)
{
    (void)state;
    struct child alpha;
    child_start(&alpha, "alpha");
    struct pty *pty =
        pty_start(&(struct pty_options){.env = (const char *const[]){"NO_COLOR=1", NULL}});
    pty_expect(pty, "alpha");
    assert_false(pty_saw_colour(pty));
    scene_close(pty);
}

static int tests(void)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test_teardown(quitting_restores_the_terminal, pty_finish_all),
        cmocka_unit_test_teardown(ending_signals_end_it_at_once_with_the_terminal_restored,
                                  pty_finish_all),
        cmocka_unit_test_teardown(a_signal_in_the_first_moment_leaves_no_mess, pty_finish_all),
        cmocka_unit_test_teardown(suspending_gives_the_terminal_back_and_resuming_repaints,
                                  pty_finish_all),
        cmocka_unit_test_teardown(it_ends_when_the_terminal_is_gone, pty_finish_all),
        cmocka_unit_test_teardown(it_ends_when_the_terminal_is_gone_and_hangups_are_ignored,
                                  pty_finish_all),
        cmocka_unit_test_teardown(it_ends_when_the_terminal_below_a_shell_is_gone, pty_finish_all),
        cmocka_unit_test_teardown(it_ends_though_nobody_reads_its_output, pty_finish_all),
        cmocka_unit_test_teardown(it_ends_though_its_output_is_stopped, pty_finish_all),
        cmocka_unit_test_teardown(a_crash_restores_the_terminal, pty_finish_all),
        cmocka_unit_test_teardown(an_unknown_terminal_is_refused_in_one_sentence, pty_finish_all),
        cmocka_unit_test_teardown(a_pipe_instead_of_a_terminal_is_refused, pty_finish_all),
        cmocka_unit_test_teardown(a_plain_terminal_gets_nothing_but_ascii, pty_finish_all),
        cmocka_unit_test_teardown(no_color_means_no_colour, pty_finish_all),
    };
    return cmocka_run_group_tests_name("e2e life", all, NULL, NULL);
}

int main(int argc, char **argv)
{
    return world_main(argc, argv, tests);
}
