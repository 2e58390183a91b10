#include "check.h"
#include "platform/platform.h"
#include "platform/wait.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MS = 1000000 };

/* Runs `body` in a child with pipe ends as standard input and descriptor 9; gives its status. */
static int run(void (*body)(int input_writer))
{
    int status = 0;
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        int fds[2];
        // A group of its own, so that job control reaches nobody else.
        if (setpgid(0, 0) || pipe(fds) || dup2(fds[0], STDIN_FILENO) < 0) {
            _exit(90);
        }
        close(fds[0]);
        alarm(20);
        body(fds[1]);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

/* In the child: a failed condition ends it with a code of its own. */
static void expect(bool condition, int code)
{
    if (!condition) {
        _exit(code);
    }
}

static struct wait *make(bool watch_input, wait_emergency *emergency)
{
    struct wait *wait = NULL;
    expect(wait_create(watch_input, emergency, &wait) == 0, 91);
    return wait;
}

static uint64_t in_ms(uint64_t ms)
{
    return platform_now_ns() + ms * MS;
}

static void deadline_body(int input)
{
    (void)input;
    struct wait *const wait = make(true, NULL);
    const uint64_t begin = platform_now_ns();
    expect(wait_for(wait, begin + 30 * MS) == 0, 1);
    const uint64_t took = platform_now_ns() - begin;
    expect(took >= 30 * MS && took < 5000 * (uint64_t)MS, 2);
    expect(wait_for(wait, 0) == 0, 3);
    wait_destroy(wait);
    wait_destroy(NULL);
}

static void a_wait_ends_at_its_deadline(void **state)
{
    (void)state;
    assert_int_equal(run(deadline_body), 0);
}

static void *wake_thread(void *wait)
{
    for (int i = 0; i < 1000; i++) {
        wait_wake(wait);
    }
    return NULL;
}

static void wake_body(int input)
{
    (void)input;
    struct wait *const wait = make(false, NULL);
    pthread_t thread;
    expect(pthread_create(&thread, NULL, wake_thread, wait) == 0, 1);
    expect(wait_for(wait, UINT64_MAX) == READY_WAKE, 2);
    expect(pthread_join(thread, NULL) == 0, 3);
    (void)wait_for(wait, 0);
    expect(wait_for(wait, 0) == 0, 4);
    wait_destroy(wait);
}

static void a_thousand_wake_ups_are_few(void **state)
{
    (void)state;
    assert_int_equal(run(wake_body), 0);
}

static void input_body(int input)
{
    struct wait *const wait = make(true, NULL);
    char c;
    expect(!wait_input_is_dead(wait), 1);
    expect(write(input, "k", 1) == 1, 2);
    expect(wait_for(wait, UINT64_MAX) == READY_INPUT, 3);
    expect(!wait_input_is_dead(wait), 4);
    expect(read(STDIN_FILENO, &c, 1) == 1, 5);
    expect(wait_for(wait, 0) == 0, 6);
    close(input);
    expect(wait_for(wait, UINT64_MAX) & READY_GONE, 7);
    expect(wait_input_is_dead(wait), 8);
    close(STDIN_FILENO);
    expect(wait_for(wait, UINT64_MAX) & READY_GONE, 9);
    expect(open("/dev/null", O_RDONLY) == STDIN_FILENO, 10);
    expect(wait_for(wait, UINT64_MAX) == READY_INPUT, 11);
    expect(wait_input_is_dead(wait), 12);
    wait_destroy(wait);
}

static void input_its_end_and_its_hangup_are_told_apart(void **state)
{
    (void)state;
    assert_int_equal(run(input_body), 0);
}

static void terminal_body(int input)
{
    (void)input;
    const int master = posix_openpt(O_RDWR | O_NOCTTY);
    expect(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0, 1);
    const int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    expect(slave >= 0 && dup2(slave, STDIN_FILENO) == STDIN_FILENO, 2);
    struct wait *const wait = make(true, NULL);
    expect(wait_for(wait, 0) == 0, 3);
    expect(write(master, "\n", 1) == 1, 4);
    expect(wait_for(wait, in_ms(5000)) == READY_INPUT, 5);
    expect(!wait_input_is_dead(wait), 6);
    close(master);
    expect(wait_for(wait, in_ms(5000)) & READY_GONE, 7);
    expect(wait_input_is_dead(wait), 8);
    wait_destroy(wait);
}

static void a_terminal_that_hangs_up_is_gone(void **state)
{
    (void)state;
    assert_int_equal(run(terminal_body), 0);
}

static void signals_body(int input)
{
    (void)input;
    static const struct {
        int number;
        enum wait_signal meaning;
    } rows[] = {{SIGTSTP, WAIT_SIGNAL_SUSPEND}, {SIGCONT, WAIT_SIGNAL_RESUME},
                {SIGWINCH, WAIT_SIGNAL_RESIZE}, {SIGTERM, WAIT_SIGNAL_END},
                {SIGHUP, WAIT_SIGNAL_END},      {SIGINT, WAIT_SIGNAL_END},
                {SIGQUIT, WAIT_SIGNAL_END}};
    struct wait *const wait = make(true, NULL);
    expect(wait_end_signal(wait) == 0, 1);
    expect(wait_signal(wait) == WAIT_SIGNAL_NONE, 2);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        (void)raise(rows[i].number);
        (void)raise(rows[i].number);
        expect(wait_for(wait, UINT64_MAX) == READY_SIGNAL, 3);
        expect(wait_signal(wait) == rows[i].meaning, 4);
        expect(wait_signal(wait) == WAIT_SIGNAL_NONE, 5);
        expect(wait_for(wait, 0) == 0, 6);
    }
    expect(wait_end_signal(wait) == SIGTERM, 7); // the first one
    wait_destroy(wait);
}

static void every_signal_is_told_once(void **state)
{
    (void)state;
    assert_int_equal(run(signals_body), 0);
}

static void many_signals_body(int input)
{
    (void)input;
    struct wait *const wait = make(true, NULL);
    for (int i = 0; i < 100000; i++) { // more than the pipe holds
        (void)raise(SIGWINCH);
    }
    expect(wait_for(wait, 0) == READY_SIGNAL, 1);
    expect(wait_signal(wait) == WAIT_SIGNAL_RESIZE, 2);
    expect(wait_for(wait, 0) == 0, 3);
    wait_destroy(wait);
}

static void a_storm_of_signals_is_survived(void **state)
{
    (void)state;
    assert_int_equal(run(many_signals_body), 0);
}

/* What the emergency does in these tests: be noticed. */
static void note_emergency(void)
{
    const ssize_t written = write(9, "e", 1);
    (void)written;
}

/* Runs with descriptor 9 watched; gives the status and how often there was an emergency. */
static int run_watched(void (*body)(int input_writer), size_t *ret_emergencies)
{
    int fds[2];
    char buf[16];
    assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
    assert_int_equal(dup2(fds[1], 9), 9);
    const int status = run(body);
    const ssize_t len = read(fds[0], buf, sizeof(buf));
    close(fds[0]);
    close(fds[1]);
    close(9);
    *ret_emergencies = len > 0 ? (size_t)len : 0;
    return status;
}

static void stuck_body(int input)
{
    (void)input;
    (void)make(true, note_emergency);
    (void)raise(SIGTERM);
    for (;;) { // as if the output were blocked
        (void)raise(SIGTERM);
        (void)pause();
    }
}

static void a_program_that_cannot_leave_is_made_to(void **state)
{
    (void)state;
    size_t emergencies;
    const int status = run_watched(stuck_body, &emergencies);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 128 + SIGTERM);
    assert_int_equal(emergencies, 1);
}

static void leaving_body(int input)
{
    (void)input;
    struct wait *const wait = make(true, note_emergency);
    (void)raise(SIGTERM);
    expect(wait_for(wait, UINT64_MAX) == READY_SIGNAL, 1);
    wait_destroy(wait);
    expect(alarm(0) == 0, 2);
}

static void a_program_that_leaves_in_time_has_no_emergency(void **state)
{
    (void)state;
    size_t emergencies;
    assert_int_equal(run_watched(leaving_body, &emergencies), 0);
    assert_int_equal(emergencies, 0);
}

static void crash_body(int input)
{
    (void)input;
    const struct rlimit none = {0};
    (void)setrlimit(RLIMIT_CORE, &none);
    // Sanitizers have handlers, which wait_create() would leave alone.
    (void)signal(SIGFPE, SIG_DFL);
    (void)make(true, note_emergency);
    (void)kill(getpid(), SIGFPE);
    _exit(1);
}

static void a_crash_gives_the_terminal_back_and_stays_a_crash(void **state)
{
    (void)state;
    size_t emergencies;
    const int status = run_watched(crash_body, &emergencies);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGFPE);
    assert_int_equal(emergencies, 1);
}

/* Calls itself until the stack is used up; not a tail call, and of a depth nobody can see. */
static size_t overflow(volatile char *above) // NOLINT(misc-no-recursion): that is the point
{
    volatile char block[1024];
    block[0] = *above;
    block[1023] = 0;
    return block[0] == 2 ? 0 : overflow(block) + (size_t)block[1023] + 1;
}

static void stack_overflow_body(int input)
{
    (void)input;
    const struct rlimit none = {0};
    const struct rlimit small = {.rlim_cur = 1 << 20, .rlim_max = RLIM_INFINITY};
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)setrlimit(RLIMIT_STACK, &small);
    (void)signal(SIGSEGV, SIG_DFL); // a sanitizer's
    (void)make(true, note_emergency);
    volatile char first = 1;
    _exit((int)(overflow(&first) & 1u));
}

static void a_stack_overflow_gives_the_terminal_back_too(void **state)
{
    (void)state;
    size_t emergencies;
    const int status = run_watched(stack_overflow_body, &emergencies);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGSEGV);
    assert_int_equal(emergencies, 1);
}

static void keep_body(int input)
{
    (void)input;
    struct sigaction now;
    (void)signal(SIGHUP, SIG_IGN);
    (void)signal(SIGINT, SIG_IGN);
    struct wait *wait = make(false, NULL);
    expect(sigaction(SIGHUP, NULL, &now) == 0 && now.sa_handler == SIG_IGN, 1);
    wait_destroy(wait);
    wait = make(true, NULL);
    expect(sigaction(SIGHUP, NULL, &now) == 0 && now.sa_handler != SIG_IGN, 2);
    expect((now.sa_flags & SA_RESTART) == 0, 3);
    wait_destroy(wait);
    expect(sigaction(SIGHUP, NULL, &now) == 0 && now.sa_handler == SIG_IGN, 4);
    expect(sigaction(SIGTERM, NULL, &now) == 0 && now.sa_handler == SIG_DFL, 5);
}

static void a_batch_run_under_nohup_stays_and_handlers_are_put_back(void **state)
{
    (void)state;
    assert_int_equal(run(keep_body), 0);
}

static char bare_root[] = "/tmp/perch-test-XXXXXX";

static void bare_root_body(int input)
{
    (void)input;
    expect(chroot(bare_root) == 0 && chdir("/") == 0, 1);
    close(STDIN_FILENO);
    close(STDERR_FILENO);
    wait_prepare_process();
    expect(fcntl(STDIN_FILENO, F_GETFD) == 0 && fcntl(STDERR_FILENO, F_GETFD) == 0, 3);
    expect(open("/", O_RDONLY) > STDERR_FILENO, 4); // the next one is not among them
}

static void missing_descriptors_are_occupied_without_dev_null_too(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        skip(); // only root can go where there is no /dev
    }
    assert_non_null(mkdtemp(bare_root));
    tree_remove_at_exit(bare_root);
    const int status = run(bare_root_body);
    assert_int_equal(rmdir(bare_root), 0);
    assert_int_equal(status, 0);
}

static void prepare_body(int input)
{
    (void)input;
    sigset_t all;
    sigset_t now;
    struct sigaction action;
    struct rlimit files;
    sigfillset(&all);
    (void)sigprocmask(SIG_BLOCK, &all, NULL);
    expect(getrlimit(RLIMIT_NOFILE, &files) == 0, 1);
    files.rlim_cur = files.rlim_max > 64 ? 64 : files.rlim_max;
    expect(setrlimit(RLIMIT_NOFILE, &files) == 0, 2);
    close(STDIN_FILENO);
    close(STDERR_FILENO);
    wait_prepare_process();
    expect(fcntl(STDIN_FILENO, F_GETFD) == 0 && fcntl(STDERR_FILENO, F_GETFD) == 0, 3);
    expect(sigprocmask(SIG_SETMASK, NULL, &now) == 0 && sigisemptyset(&now), 4);
    expect(sigaction(SIGPIPE, NULL, &action) == 0 && action.sa_handler == SIG_IGN, 5);
    expect(sigaction(SIGXFSZ, NULL, &action) == 0 && action.sa_handler == SIG_IGN, 6);
    expect(getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur == files.rlim_max, 7);
}

static void a_process_started_oddly_is_put_right(void **state)
{
    (void)state;
    assert_int_equal(run(prepare_body), 0);
}

static void suspend_child(void)
{
    if (setpgid(0, 0)) {
        _exit(90);
    }
    alarm(20);
    struct wait *const wait = make(false, NULL);
    (void)raise(SIGTSTP);
    expect(wait_for(wait, UINT64_MAX) == READY_SIGNAL, 1);
    expect(wait_signal(wait) == WAIT_SIGNAL_SUSPEND, 2);
    wait_suspend(wait);
    expect(wait_for(wait, UINT64_MAX) == READY_SIGNAL, 3);
    expect(wait_signal(wait) == WAIT_SIGNAL_RESUME, 4);
    (void)raise(SIGTSTP); // caught again
    expect(wait_signal(wait) == WAIT_SIGNAL_SUSPEND, 5);
    wait_destroy(wait);
    _exit(0);
}

static void a_suspended_program_stops_and_goes_on(void **state)
{
    (void)state;
    int status = 0;
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        suspend_child();
    }
    assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
    if (WIFSTOPPED(status)) {
        assert_int_equal(WSTOPSIG(status), SIGTSTP);
    } else { // nobody to continue it here (an orphaned process group): the kernel does not stop it
        assert_true(WIFEXITED(status));
        skip();
    }
    assert_int_equal(kill(pid, SIGCONT), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wait_ends_at_its_deadline),
        cmocka_unit_test(a_thousand_wake_ups_are_few),
        cmocka_unit_test(input_its_end_and_its_hangup_are_told_apart),
        cmocka_unit_test(a_terminal_that_hangs_up_is_gone),
        cmocka_unit_test(every_signal_is_told_once),
        cmocka_unit_test(a_storm_of_signals_is_survived),
        cmocka_unit_test(a_program_that_cannot_leave_is_made_to),
        cmocka_unit_test(a_program_that_leaves_in_time_has_no_emergency),
        cmocka_unit_test(a_crash_gives_the_terminal_back_and_stays_a_crash),
        cmocka_unit_test(a_stack_overflow_gives_the_terminal_back_too),
        cmocka_unit_test(a_batch_run_under_nohup_stays_and_handlers_are_put_back),
        cmocka_unit_test(missing_descriptors_are_occupied_without_dev_null_too),
        cmocka_unit_test(a_process_started_oddly_is_put_right),
        cmocka_unit_test(a_suspended_program_stops_and_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
