#include "base/arena.h"
#include "check.h"
#include "platform/platform.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* A child that waits to be ended, and its identity. */
struct child {
    pid_t pid;
    struct proc_id id;
};

static struct platform *open_platform(void)
{
    struct platform *platform = NULL;
    assert_int_equal(platform_open(NULL, &platform), 0);
    return platform;
}

/* Identity by a scan, as the program gets it; threads included. */
static struct proc_id identify(struct platform *platform, int32_t pid)
{
    const struct platform_request request = {.threads = true};
    struct arena *const arena = arena_create(64u << 20);
    struct raw_sample sample;
    struct proc_id id = {0};
    assert_non_null(arena);
    assert_int_equal(platform_sample(platform, &request, arena, &sample), 0);
    for (size_t i = 0; i < sample.proc_count; i++) {
        if (sample.procs[i].id.pid == pid) {
            id = sample.procs[i].id;
        }
    }
    arena_destroy(arena);
    assert_int_equal(id.pid, pid);
    return id;
}

static struct child start_child(struct platform *platform)
{
    struct child child = {.pid = fork()};
    assert_true(child.pid >= 0);
    if (child.pid == 0) {
        alarm(60); // not left behind by a test that fails
        for (;;) {
            (void)pause();
        }
    }
    child.id = identify(platform, child.pid);
    return child;
}

static int end_child(const struct child *child)
{
    int status = 0;
    (void)kill(child->pid, SIGKILL);
    assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
    return status;
}

static void a_signal_reaches_the_pinned_child_only(void **state)
{
    (void)state;
    struct platform *const platform = open_platform();
    const struct child target = start_child(platform);
    const struct child other = start_child(platform);
    struct platform_pin *pin = NULL;
    int status = 0;
    assert_int_equal(platform_pin(platform, target.id, &pin), 0);
    assert_int_equal(platform_pin_signal(pin, SIGUSR1), 0);
    assert_int_equal(waitpid(target.pid, &status, 0), target.pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR1);
    assert_int_equal(waitpid(other.pid, &status, WNOHANG), 0);
    assert_int_equal(platform_pin_signal(pin, SIGUSR1), -ESRCH);
    int old = 99;
    int new = 99;
    assert_int_equal(platform_pin_add_nice(pin, 1, &old, &new), -ESRCH);
    assert_int_equal(old, 99);
    platform_unpin(pin);
    (void)end_child(&other);
    platform_close(platform);
}

/* P44: to the kernel 0 and negative pids mean ourselves, groups, or everybody. */
static void what_is_not_that_process_cannot_be_pinned(void **state)
{
    (void)state;
    struct platform *const platform = open_platform();
    const struct child child = start_child(platform);
    const struct proc_id ids[] = {
        {.pid = child.pid, .start_ns = child.id.start_ns + 10000000},
        {.pid = child.pid, .start_ns = 0},
        {.pid = 0, .start_ns = 0},
        {.pid = -1, .start_ns = 0},
        {.pid = -child.pid, .start_ns = child.id.start_ns},
        {.pid = INT32_MIN, .start_ns = 0},
        {.pid = INT32_MAX, .start_ns = 1},
    };
    for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
        struct platform_pin *pin = NULL;
        assert_int_equal(platform_pin(platform, ids[i], &pin), -ESRCH);
        assert_null(pin);
    }
    platform_unpin(NULL);
    (void)end_child(&child);
    platform_close(platform);
}

static void a_process_gone_before_the_pin_is_gone(void **state)
{
    (void)state;
    struct platform *const platform = open_platform();
    const struct child child = start_child(platform);
    struct platform_pin *pin = NULL;
    (void)end_child(&child);
    assert_int_equal(platform_pin(platform, child.id, &pin), -ESRCH);
    platform_close(platform);
}

static void a_zombie_can_be_pinned_and_is_told_from_the_living(void **state)
{
    (void)state;
    struct platform *const platform = open_platform();
    const struct child child = start_child(platform);
    struct platform_pin *pin = NULL;
    siginfo_t info;
    assert_int_equal(kill(child.pid, SIGKILL), 0);
    assert_int_equal(waitid(P_PID, (id_t)child.pid, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(platform_pin(platform, child.id, &pin), 0);
    assert_int_equal(platform_pin_signal(pin, SIGTERM), -ECHILD);
    int old_nice;
    int new_nice;
    assert_int_equal(platform_pin_add_nice(pin, 1, &old_nice, &new_nice), -ECHILD);
    platform_unpin(pin);
    (void)end_child(&child);
    platform_close(platform);
}

static void an_unknown_signal_is_refused(void **state)
{
    (void)state;
    struct platform *const platform = open_platform();
    const struct child child = start_child(platform);
    struct platform_pin *pin = NULL;
    assert_int_equal(platform_pin(platform, child.id, &pin), 0);
    assert_int_equal(platform_pin_signal(pin, 1000), -EINVAL);
    platform_unpin(pin);
    (void)end_child(&child);
    platform_close(platform);
}

/* A second thread: says who it is and waits. */
static void *idle_thread(void *context)
{
    const int *const pipe_write = context;
    const int32_t tid = (int32_t)syscall(SYS_gettid);
    if (write(*pipe_write, &tid, sizeof(tid)) != (ssize_t)sizeof(tid)) {
        _exit(1);
    }
    for (;;) {
        (void)pause();
    }
}

/* A child of two threads; *ret_tid is the second. */
static struct child start_threaded_child(struct platform *platform, int32_t *ret_tid)
{
    int pipe_fds[2];
    assert_int_equal(pipe(pipe_fds), 0);
    struct child child = {.pid = fork()};
    assert_true(child.pid >= 0);
    if (child.pid == 0) {
        pthread_t thread;
        alarm(60);
        if (pthread_create(&thread, NULL, idle_thread, &pipe_fds[1])) {
            _exit(1);
        }
        for (;;) {
            (void)pause();
        }
    }
    assert_int_equal(read(pipe_fds[0], ret_tid, sizeof(*ret_tid)), sizeof(*ret_tid));
    close(pipe_fds[0]);
    close(pipe_fds[1]);
    child.id = identify(platform, child.pid);
    return child;
}

/* P46: -1 is a nice value too. */
static void a_process_is_reniced_with_its_threads(void **state)
{
    (void)state;
    struct platform *const platform = open_platform();
    int32_t tid;
    const struct child child = start_threaded_child(platform, &tid);
    const int before = getpriority(PRIO_PROCESS, (id_t)child.pid);
    struct platform_pin *pin = NULL;
    int old;
    int new;
    assert_int_equal(platform_pin(platform, child.id, &pin), 0);
    assert_int_equal(platform_pin_add_nice(pin, 3, &old, &new), 0);
    assert_int_equal(old, before);
    assert_int_equal(new, before + 3);
    assert_int_equal(getpriority(PRIO_PROCESS, (id_t)child.pid), before + 3);
    assert_int_equal(getpriority(PRIO_PROCESS, (id_t)tid), before + 3);
    assert_int_equal(platform_pin_add_nice(pin, 1000, &old, &new), 0);
    assert_int_equal(new, 19);
    assert_int_equal(getpriority(PRIO_PROCESS, (id_t)tid), 19);
    const int error = platform_pin_add_nice(pin, -20, &old, &new);
    if (error == 0) { // root, or the like
        assert_int_equal(new, -1);
        assert_int_equal(platform_pin_add_nice(pin, 1, &old, &new), 0);
        assert_int_equal(old, -1);
    } else {
        assert_true(error == -EACCES || error == -EPERM);
    }
    assert_int_equal(getpriority(PRIO_PROCESS, (id_t)getpid()), before);
    platform_unpin(pin);
    (void)end_child(&child);
    platform_close(platform);
}

static void a_thread_is_reniced_alone(void **state)
{
    (void)state;
    struct platform *const platform = open_platform();
    int32_t tid;
    const struct child child = start_threaded_child(platform, &tid);
    const int before = getpriority(PRIO_PROCESS, (id_t)child.pid);
    struct platform_pin *pin = NULL;
    int old;
    int new;
    assert_int_equal(platform_pin(platform, identify(platform, tid), &pin), 0);
    assert_int_equal(platform_pin_add_nice(pin, 2, &old, &new), 0);
    assert_int_equal(getpriority(PRIO_PROCESS, (id_t)tid), before + 2);
    assert_int_equal(getpriority(PRIO_PROCESS, (id_t)child.pid), before);
    assert_int_equal(platform_pin_signal(pin, 0), 0);
    platform_unpin(pin);
    (void)end_child(&child);
    platform_close(platform);
}

static void running_out_of_descriptors_is_said(void **state)
{
    (void)state;
    struct platform *const platform = open_platform();
    const struct child child = start_child(platform);
    struct platform_pin *pin = NULL;
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    const struct rlimit none = {.rlim_cur = 0, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    const int error = platform_pin(platform, child.id, &pin);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(error, -EMFILE);
    assert_null(pin);
    (void)end_child(&child);
    platform_close(platform);
}

static void all_signals_are_known_by_number_and_name(void **state)
{
    (void)state;
    size_t count = 0;
    const struct platform_signal *const signals = platform_signals(&count);
    assert_int_equal(count, 31 + SIGRTMAX - SIGRTMIN + 1);
    for (size_t i = 0; i < count; i++) {
        assert_non_null(signals[i].name);
        assert_true(signals[i].name[0] != '\0' && signals[i].help[0] != '\0');
        assert_true(strlen(signals[i].help) < 40);
        assert_true(i == 0 || signals[i].number > signals[i - 1].number);
        if (i >= 31) {
            const bool low = signals[i].name[3] == 'I';
            char name[16];
            const int distance = low ? signals[i].number - SIGRTMIN : SIGRTMAX - signals[i].number;
            (void)snprintf(name, sizeof(name), "%s%c%d", low ? "RTMIN" : "RTMAX", low ? '+' : '-',
                           distance);
            name[distance == 0 ? 5 : sizeof(name) - 1] = '\0';
            assert_string_equal(signals[i].name, name);
        }
    }
    assert_int_equal(signals[count - 1].number, SIGRTMAX);
    static const struct {
        int number;
        const char *name;
    } rows[] = {{SIGHUP, "HUP"},   {SIGINT, "INT"},   {SIGKILL, "KILL"}, {SIGSEGV, "SEGV"},
                {SIGTERM, "TERM"}, {SIGCHLD, "CHLD"}, {SIGSTOP, "STOP"}, {SIGSYS, "SYS"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        assert_string_equal(signals[rows[i].number - 1].name, rows[i].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signal_reaches_the_pinned_child_only),
        cmocka_unit_test(what_is_not_that_process_cannot_be_pinned),
        cmocka_unit_test(a_process_gone_before_the_pin_is_gone),
        cmocka_unit_test(a_zombie_can_be_pinned_and_is_told_from_the_living),
        cmocka_unit_test(an_unknown_signal_is_refused),
        cmocka_unit_test(a_process_is_reniced_with_its_threads),
        cmocka_unit_test(a_thread_is_reniced_alone),
        cmocka_unit_test(running_out_of_descriptors_is_said),
        cmocka_unit_test(all_signals_are_known_by_number_and_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
