#include "check.h"
#include "child.h"
#include "platform/platform.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

static int renice(struct platform_pin *pin, int32_t delta, struct deed_result *ret)
{
    const struct deed deed = {.kind = DEED_NICE, .relative = true, .value.number = delta};
    platform_pin_change(pin, &deed, ret, NULL);
    return ret->error;
}

static void a_signal_reaches_the_pinned_child_only(void **state)
{
    (void)state;
    struct platform *const platform = child_platform();
    const struct child target = child_start(platform, 0);
    const struct child other = child_start(platform, 0);
    struct platform_pin *pin = NULL;
    int status = 0;
    assert_int_equal(platform_pin(platform, target.id, &pin), 0);
    assert_int_equal(platform_pin_signal(pin, SIGUSR1), 0);
    assert_int_equal(waitpid(target.pid, &status, 0), target.pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR1);
    assert_int_equal(waitpid(other.pid, &status, WNOHANG), 0);
    assert_int_equal(platform_pin_signal(pin, SIGUSR1), -ESRCH);
    assert_int_equal(platform_pin_alive(pin), -ESRCH);
    struct deed_result result;
    assert_int_equal(renice(pin, 1, &result), -ESRCH);
    assert_false(result.has_values);
    platform_unpin(pin);
    (void)child_end(&other);
    platform_close(platform);
}

/* P44: to the kernel 0 and negative pids mean ourselves, groups, or everybody. */
static void what_is_not_that_process_cannot_be_pinned(void **state)
{
    (void)state;
    struct platform *const platform = child_platform();
    const struct child child = child_start(platform, 0);
    const struct proc_id ids[] = {
        {.pid = child.pid, .start_ns = child.id.start_ns + 10000000},
        {.pid = child.pid, .start_ns = 0},
        {.pid = 0, .start_ns = 0},
        {.pid = -1, .start_ns = 0},
        {.pid = 1, .start_ns = 1}, // no multiple of a clock tick
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
    (void)child_end(&child);
    platform_close(platform);
}

static void a_process_gone_before_the_pin_is_gone(void **state)
{
    (void)state;
    struct platform *const platform = child_platform();
    const struct child child = child_start(platform, 0);
    struct platform_pin *pin = NULL;
    (void)child_end(&child);
    assert_int_equal(platform_pin(platform, child.id, &pin), -ESRCH);
    platform_close(platform);
}

static void a_zombie_can_be_pinned_and_is_told_from_the_living(void **state)
{
    (void)state;
    struct platform *const platform = child_platform();
    const struct child child = child_start(platform, 0);
    struct platform_pin *pin = NULL;
    siginfo_t info;
    assert_int_equal(kill(child.pid, SIGKILL), 0);
    assert_int_equal(waitid(P_PID, (id_t)child.pid, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(platform_pin(platform, child.id, &pin), 0);
    assert_int_equal(platform_pin_signal(pin, SIGTERM), -ECHILD);
    assert_int_equal(platform_pin_alive(pin), -ECHILD);
    struct deed_result result;
    struct deed_value value;
    assert_int_equal(renice(pin, 1, &result), -ECHILD);
    assert_int_equal(platform_pin_get(pin, DEED_NICE, &value), -ECHILD);
    platform_unpin(pin);
    (void)child_end(&child);
    platform_close(platform);
}

static void an_unknown_signal_is_refused(void **state)
{
    (void)state;
    struct platform *const platform = child_platform();
    const struct child child = child_start(platform, 0);
    struct platform_pin *pin = NULL;
    assert_int_equal(platform_pin(platform, child.id, &pin), 0);
    assert_int_equal(platform_pin_signal(pin, 1000), -EINVAL);
    platform_unpin(pin);
    (void)child_end(&child);
    platform_close(platform);
}

static void a_thread_can_be_pinned_and_outlives_no_wait(void **state)
{
    (void)state;
    struct platform *const platform = child_platform();
    struct child child = child_start(platform, 1);
    struct platform_pin *pin = NULL;
    assert_int_equal(platform_pin(platform, child_identify(platform, child.tids[0]), &pin), 0);
    assert_int_equal(platform_pin_alive(pin), 0);
    assert_int_equal(platform_pin_signal(pin, 0), 0);
    (void)child_end_thread(&child);
    platform_pins_wait(&pin, 1, 10000000000u);
    assert_int_equal(platform_pin_alive(pin), -ESRCH);
    assert_int_equal(platform_pin_signal(pin, SIGKILL), -ESRCH);
    assert_int_equal(waitpid(child.pid, NULL, WNOHANG), 0);
    platform_unpin(pin);
    (void)child_end(&child);
    platform_close(platform);
}

static void a_wait_ends_with_the_first_exit_or_with_its_time(void **state)
{
    (void)state;
    struct platform *const platform = child_platform();
    const struct child children[] = {child_start(platform, 0), child_start(platform, 0)};
    struct platform_pin *pins[2];
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(platform_pin(platform, children[i].id, &pins[i]), 0);
    }
    const uint64_t begin_ns = platform_now_ns();
    platform_pins_wait(pins, 2, 50000000);
    assert_true(platform_now_ns() - begin_ns >= 50000000);
    platform_pins_wait(pins, 0, 1000000);
    assert_int_equal(platform_pin_alive(pins[0]), 0);
    assert_int_equal(platform_pin_alive(pins[1]), 0);
    assert_int_equal(platform_pin_signal(pins[1], SIGTERM), 0);
    platform_pins_wait(pins, 2, 30000000000u);
    assert_true(platform_now_ns() - begin_ns < 20000000000u);
    assert_int_equal(platform_pin_alive(pins[0]), 0);
    assert_int_equal(platform_pin_alive(pins[1]), -ECHILD);
    for (size_t i = 0; i < 2; i++) {
        platform_unpin(pins[i]);
        (void)child_end(&children[i]);
    }
    platform_close(platform);
}

static void running_out_of_descriptors_is_said(void **state)
{
    (void)state;
    struct platform *const platform = child_platform();
    const struct child child = child_start(platform, 0);
    struct platform_pin *pin = NULL;
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    const struct rlimit none = {.rlim_cur = 0, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    const int error = platform_pin(platform, child.id, &pin);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(error, -EMFILE);
    assert_null(pin);
    (void)child_end(&child);
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
        cmocka_unit_test(a_thread_can_be_pinned_and_outlives_no_wait),
        cmocka_unit_test(a_wait_ends_with_the_first_exit_or_with_its_time),
        cmocka_unit_test(running_out_of_descriptors_is_said),
        cmocka_unit_test(all_signals_are_known_by_number_and_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
