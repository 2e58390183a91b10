#include "check.h"
#include "child.h"
#include "platform/linux/pin.h"
#include "tree.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Why the kernel said no: to somebody without privileges, of made-up processes and of real ones.
 * What is found depends on who asks, so each test asks in a child that is nobody in particular.
 */

enum { TARGET = 500, START = 7000, SOMEBODY = 65534, KERNEL_THREAD = 0x200000 };

/* Made-up /proc with one target. */
struct machine {
    char root[TREE_ROOT_BYTES];
    char proc[TREE_ROOT_BYTES + 8];
    struct platform *platform;
    struct platform_pin pin;
};

static void write_status(const struct machine *m, const char *name, unsigned real,
                         unsigned effective, unsigned saved)
{
    tree_file(m->proc, "500/status", "Name:\t%s\nUmask:\t0022\nUid:\t%u\t%u\t%u\t%u\nGid:\t0\n",
              name, real, effective, saved, effective);
}

static void write_limits(const struct machine *m, const char *nice, const char *priority)
{
    tree_file(m->proc, "500/limits",
              "Limit                     Soft Limit           Hard Limit           Units     \n"
              "Max pending signals       63432                63432                signals   \n"
              "Max nice priority         %-20s 40                             \n"
              "Max realtime priority     %-20s 99                             \n",
              nice, priority);
}

static void write_stat(const struct machine *m, int nice, int policy, unsigned flags)
{
    tree_process(m->proc, &(struct tree_process){.pid = TARGET,
                                                 .ppid = 1,
                                                 .start_ticks = START,
                                                 .flags = flags,
                                                 .nice = nice,
                                                 .policy = policy});
}

static int setup(void **state)
{
    struct machine *const m = calloc(1, sizeof(*m));
    assert_non_null(m);
    tree_make(m->root);
    (void)snprintf(m->proc, sizeof(m->proc), "%s/proc", m->root);
    tree_file(m->proc, "stat", "cpu  1 1 1 1\ncpu0 1 1 1 1\ncpu1 1 1 1 1\n");
    tree_file(m->proc, "self/status", "Name:\tperch\nSeccomp:\t0\n");
    tree_file(m->proc, "self/uid_map", "         0          0 4294967295\n");
    write_stat(m, 0, 0, 0);
    const struct platform_options options = {.proc_root = m->proc, .sys_root = m->root};
    assert_int_equal(platform_open(&options, &m->platform), 0);
    m->pin = (struct platform_pin){
        .platform = m->platform, .id = tree_process_id(TARGET, START), .fd = -1, .cgroup_fd = -1};
    *state = m;
    return 0;
}

static int teardown(void **state)
{
    struct machine *const m = *state;
    platform_close(m->platform);
    tree_remove(m->root);
    free(m);
    return 0;
}

/* What is left of root in many containers. */
static bool drop_all_capabilities(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};
    return syscall(SYS_capset, &header, none) == 0;
}

/* Who asks: the user of a program that has no privileges. */
static uint32_t become_nobody(void)
{
    if (geteuid() == 0 && setresuid(SOMEBODY, SOMEBODY, SOMEBODY) < 0) {
        _exit(2);
    }
    return geteuid();
}

/* Asks in a child that is nobody, and comes back with the result. */
static struct deed_result explain(const struct machine *m, const struct deed *deed,
                                  const struct deed_result *before)
{
    struct deed_result result = {0};
    int pipe_fds[2];
    int status = 0;
    assert_int_equal(pipe(pipe_fds), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        result = *before;
        (void)become_nobody();
        platform_pin_explain(&m->pin, deed, &result);
        _exit(write(pipe_fds[1], &result, sizeof(result)) == (ssize_t)sizeof(result) ? 0 : 1);
    }
    assert_int_equal(read(pipe_fds[0], &result, sizeof(result)), sizeof(result));
    close(pipe_fds[0]);
    close(pipe_fds[1]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    if (result.needs) { // a string of the same program
        assert_true(strlen(result.needs) < 32);
    }
    return result;
}

static uint32_t nobody(void)
{
    return geteuid() == 0 ? SOMEBODY : geteuid();
}

static void assert_reason(const struct deed_result *result, enum deed_obstacle obstacle,
                          const char *needs)
{
    assert_int_equal(result->obstacle, obstacle);
    if (needs) {
        assert_non_null(result->needs);
        assert_string_equal(result->needs, needs);
    } else {
        assert_null(result->needs);
    }
}

/* P01: whose process it is stands on a line of its own, whatever its name looks like. */
static void the_owner_is_who_the_kernel_compares(void **state)
{
    struct machine *const m = *state;
    const uint32_t own = nobody();
    const uint32_t other = 4711;
    const struct {
        enum deed_kind kind;
        int error;
        const char *needs; // NULL: its owner is not the reason
        uint32_t real, effective, saved;
    } rows[] = {
        {DEED_SIGNAL, -EPERM, "CAP_KILL", other, other, other},
        {DEED_SIGNAL, -EPERM, "CAP_KILL", other, own, other},
        {DEED_SIGNAL, -EPERM, NULL, other, other, own},
        {DEED_SIGNAL, -EPERM, NULL, own, other, other},
        {DEED_TERMINATE, -EPERM, "CAP_KILL", 0, 0, 0},
        {DEED_STOP, -EPERM, "CAP_KILL", 0, 0, 0},
        {DEED_NICE, -EPERM, "CAP_SYS_NICE", other, other, own},
        {DEED_AFFINITY, -EPERM, "CAP_SYS_NICE", other, other, own},
        {DEED_AFFINITY, -EPERM, NULL, other, own, other},
        {DEED_SCHEDULING, -EPERM, "CAP_SYS_NICE", other, other, own},
        {DEED_IOPRIO, -EPERM, "CAP_SYS_NICE", other, own, own},
        {DEED_IOPRIO, -EPERM, NULL, own, other, other},
        {DEED_OOM_ADJ, -EACCES, "CAP_DAC_OVERRIDE", own, other, other},
        {DEED_AUTOGROUP, -EACCES, "CAP_DAC_OVERRIDE", own, other, other},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct deed deed = {.kind = rows[i].kind};
        const struct deed_result before = {.error = rows[i].error};
        write_status(m, "a\\nUid:\t0\t0\t0\t0", rows[i].real, rows[i].effective, rows[i].saved);
        const struct deed_result result = explain(m, &deed, &before);
        if (rows[i].needs) {
            assert_reason(&result, OBSTACLE_OWNER, rows[i].needs);
        } else {
            assert_int_equal(result.obstacle, OBSTACLE_UNKNOWN);
        }
    }
}

static void a_limit_on_nice_values_says_how_low_one_may_go(void **state)
{
    struct machine *const m = *state;
    static const struct {
        const char *limit;
        int32_t old, lowest;
    } rows[] = {
        {"0", 0, 0}, // nothing: it may stay where it is
        {"0", 7, 7},   {"15", 10, 5},  {"15", 3, 3},
        {"25", 0, -5}, {"40", 0, -20}, {"unlimited", 0, -20},
    };
    write_status(m, "x", nobody(), nobody(), nobody());
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct deed deed = {.kind = DEED_NICE, .value = {.number = -20}};
        const struct deed_result before = {.error = -EACCES};
        write_stat(m, rows[i].old, 0, 0);
        write_limits(m, rows[i].limit, "99");
        const struct deed_result result = explain(m, &deed, &before);
        assert_reason(&result, OBSTACLE_NICE_LIMIT, "CAP_SYS_NICE");
        assert_int_equal(result.limit, rows[i].lowest);
    }
}

static void a_limit_on_real_time_says_how_high_one_may_go(void **state)
{
    struct machine *const m = *state;
    static const struct {
        int32_t policy, priority;
        const char *limit;
        enum deed_obstacle obstacle;
        int32_t highest;
    } rows[] = {
        {POLICY_FIFO, 50, "0", OBSTACLE_RTPRIO_LIMIT, 0},
        {POLICY_RR, 50, "20", OBSTACLE_RTPRIO_LIMIT, 20},
        {POLICY_RR, 10, "20", OBSTACLE_CAPABILITY, 0}, // something else then
        {POLICY_FIFO, 99, "unlimited", OBSTACLE_CAPABILITY, 0},
    };
    write_status(m, "x", nobody(), nobody(), nobody());
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct deed deed = {.kind = DEED_SCHEDULING,
                                  .value = {.sched = {.policy = rows[i].policy,
                                                      .rt_priority = rows[i].priority}}};
        const struct deed_result before = {.error = -EPERM};
        write_limits(m, "0", rows[i].limit);
        const struct deed_result result = explain(m, &deed, &before);
        assert_reason(&result, rows[i].obstacle, "CAP_SYS_NICE");
        assert_int_equal(result.limit, rows[i].highest);
    }
}

static void leaving_the_idle_policy_is_like_a_lower_nice_value(void **state)
{
    struct machine *const m = *state;
    const struct deed deed = {.kind = DEED_SCHEDULING, .value = {.sched = {.policy = 0}}};
    const struct deed_result before = {.error = -EPERM};
    write_status(m, "x", nobody(), nobody(), nobody());
    write_limits(m, "10", "0");
    write_stat(m, 5, POLICY_IDLE, 0);
    struct deed_result result = explain(m, &deed, &before);
    assert_reason(&result, OBSTACLE_NICE_LIMIT, "CAP_SYS_NICE");
    assert_int_equal(result.limit, 10);
    write_limits(m, "15", "0"); // that would do, so it is the flag for children
    result = explain(m, &deed, &before);
    assert_reason(&result, OBSTACLE_CAPABILITY, "CAP_SYS_NICE");
}

static void a_missing_capability_is_named(void **state)
{
    struct machine *const m = *state;
    const struct {
        struct deed deed;
        struct deed_result before;
        const char *needs;
    } rows[] = {
        {{.kind = DEED_IOPRIO, .value = {.io = {.class = IO_CLASS_REALTIME}}},
         {.error = -EPERM},
         "CAP_SYS_NICE"},
        {{.kind = DEED_OOM_ADJ, .value = {.number = -5}}, {.error = -EACCES}, "CAP_SYS_RESOURCE"},
        {{.kind = DEED_OOM_ADJ, .value = {.number = 5}}, {.error = -EACCES}, "CAP_DAC_OVERRIDE"},
        {{.kind = DEED_AUTOGROUP, .value = {.number = 5}}, {.error = -EACCES}, "CAP_DAC_OVERRIDE"},
    };
    write_status(m, "x", nobody(), nobody(), nobody());
    tree_file(m->proc, "500/oom_score_adj", "0\n");
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct deed_result result = explain(m, &rows[i].deed, &rows[i].before);
        assert_reason(&result, OBSTACLE_CAPABILITY, rows[i].needs);
    }
}

/* Puts the target into a cgroup that has these CPUs. */
static void use_cpuset(const struct machine *m, const char *cpus)
{
    tree_file(m->proc, "500/cgroup", "0::/own\n");
    tree_file(m->proc, "self/mountinfo", "30 20 0:26 / %s/cgroup rw - cgroup2 cgroup2 rw\n",
              m->root);
    tree_file(m->root, "cgroup/own/cpuset.cpus.effective", "%s", cpus);
}

static void an_affinity_outside_the_cpuset_comes_with_what_is_allowed(void **state)
{
    struct machine *const m = *state;
    struct deed deed = {.kind = DEED_AFFINITY};
    const struct deed_result before = {.error = -EINVAL};
    write_status(m, "x", nobody(), nobody(), nobody());
    cpu_set_add(&deed.value.cpus, 3);
    struct deed_result result = explain(m, &deed, &before);
    assert_reason(&result, OBSTACLE_CPU_OFFLINE, NULL); // and there is no cpuset at all
    assert_int_equal(cpu_set_count(&result.now.cpus), 2);
    use_cpuset(m, "0-1\n");
    result = explain(m, &deed, &before);
    assert_reason(&result, OBSTACLE_CPU_OFFLINE, NULL);
    tree_file(m->proc, "stat", "cpu  1 1 1 1\ncpu0 1 1 1 1\ncpu1 1 1 1 1\ncpu3 1 1 1 1\n");
    result = explain(m, &deed, &before);
    assert_reason(&result, OBSTACLE_CPUSET, NULL);
    assert_int_equal(cpu_set_count(&result.now.cpus), 2);
    assert_true(cpu_set_has(&result.now.cpus, 0) && cpu_set_has(&result.now.cpus, 1));
    cpu_set_add(&deed.value.cpus, 1); // then that was not it
    result = explain(m, &deed, &before);
    assert_reason(&result, OBSTACLE_UNKNOWN, NULL);
    write_stat(m, 0, 0, KERNEL_THREAD);
    result = explain(m, &deed, &before);
    assert_reason(&result, OBSTACLE_KERNEL_THREAD, NULL);
}

static void a_seccomp_filter_is_suspected_last(void **state)
{
    struct machine *const m = *state;
    const struct deed deed = {.kind = DEED_SIGNAL};
    struct deed_result before = {.error = -EPERM};
    tree_file(m->proc, "self/status", "Name:\tx\\nSeccomp:\t0\nSeccomp:\t2\nSeccomp_filters:\t1\n");
    write_status(m, "x", nobody(), nobody(), nobody());
    struct deed_result result = explain(m, &deed, &before);
    assert_reason(&result, OBSTACLE_SECCOMP, NULL);
    write_status(m, "x", 4711, 4711, 4711);
    result = explain(m, &deed, &before);
    assert_reason(&result, OBSTACLE_OWNER, "CAP_KILL");
    before.error = -ENOSYS;
    result = explain(m, &deed, &before);
    assert_reason(&result, OBSTACLE_SECCOMP, NULL);
}

static void what_is_known_already_stays(void **state)
{
    struct machine *const m = *state;
    const struct deed deed = {.kind = DEED_SIGNAL};
    const struct deed_result known = {.error = -EPERM, .obstacle = OBSTACLE_CGROUP_SELF};
    const struct deed_result gone = {.error = -EPERM};
    write_status(m, "x", 4711, 4711, 4711);
    struct deed_result result = explain(m, &deed, &known);
    assert_reason(&result, OBSTACLE_CGROUP_SELF, NULL);
    // Of another process nothing is said.
    tree_process(m->proc, &(struct tree_process){.pid = TARGET, .start_ticks = START + 5});
    result = explain(m, &deed, &gone);
    assert_reason(&result, OBSTACLE_UNKNOWN, NULL);
}

/* Root in a user namespace has all capabilities, but not those asked for in the first one. */
static void capabilities_in_a_namespace_of_ones_own_do_not_count_everywhere(void **state)
{
    struct machine *const m = *state;
    const struct deed deed = {.kind = DEED_SCHEDULING,
                              .value = {.sched = {.policy = POLICY_FIFO, .rt_priority = 9}}};
    struct deed_result result = {.error = -EPERM};
    if (geteuid() != 0) {
        skip();
    }
    write_status(m, "x", 0, 0, 0);
    write_limits(m, "0", "5");
    platform_pin_explain(&m->pin, &deed, &result);
    assert_reason(&result, OBSTACLE_RT_GROUP, NULL);
    tree_file(m->proc, "self/uid_map", "         0       1000          1\n");
    result = (struct deed_result){.error = -EPERM};
    platform_pin_explain(&m->pin, &deed, &result);
    assert_reason(&result, OBSTACLE_RTPRIO_LIMIT, "CAP_SYS_NICE");
    assert_int_equal(result.limit, 5);
}

/* What a capability is worth there, for a process of another user, depends on its namespace. */
static void root_of_a_namespace_is_told_of_the_owner_where_that_is_it(void **state)
{
    struct machine *const m = *state;
    static const struct {
        enum deed_kind kind;
        int error;
        enum deed_obstacle obstacle;
    } rows[] = {
        {DEED_SIGNAL, -EPERM, OBSTACLE_OWNER},         {DEED_TERMINATE, -EPERM, OBSTACLE_OWNER},
        {DEED_STOP, -EPERM, OBSTACLE_OWNER},           {DEED_NICE, -EPERM, OBSTACLE_OWNER},
        {DEED_NICE, -EACCES, OBSTACLE_NICE_LIMIT},     {DEED_AFFINITY, -EPERM, OBSTACLE_OWNER},
        {DEED_IOPRIO, -EPERM, OBSTACLE_OWNER},         {DEED_SCHEDULING, -EPERM, OBSTACLE_OWNER},
        {DEED_AUTOGROUP, -EACCES, OBSTACLE_OWNER},     {DEED_OOM_ADJ, -EACCES, OBSTACLE_OWNER},
        {DEED_AUTOGROUP, -EPERM, OBSTACLE_NICE_LIMIT},
    };
    if (geteuid() != 0) {
        skip();
    }
    tree_file(m->proc, "self/uid_map", "         0       1000          1\n");
    write_status(m, "x", 65534, 65534, 65534);
    write_limits(m, "0", "0");
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct deed deed = {.kind = rows[i].kind};
        struct deed_result result = {.error = rows[i].error};
        platform_pin_explain(&m->pin, &deed, &result);
        assert_int_equal(result.obstacle, rows[i].obstacle);
        assert_non_null(result.needs);
    }
}

/* As in a container started without the capability. */
static void root_that_lacks_a_capability_is_told_which(void **state)
{
    (void)state;
    int status = 0;
    if (geteuid() != 0) {
        skip();
    }
    const pid_t asker = fork();
    assert_true(asker >= 0);
    if (asker == 0) {
        alarm(60);
        const struct machine *const m = *state;
        const struct deed deed = {.kind = DEED_SIGNAL};
        struct deed_result result = {.error = -EPERM};
        write_status(m, "x", SOMEBODY, SOMEBODY, SOMEBODY);
        const bool dropped = drop_all_capabilities();
        platform_pin_explain(&m->pin, &deed, &result);
        _exit(dropped && result.obstacle == OBSTACLE_CAPABILITY && result.needs &&
                      strcmp(result.needs, "CAP_KILL") == 0
                  ? 0
                  : 1);
    }
    assert_int_equal(waitpid(asker, &status, 0), asker);
    assert_int_equal(status, 0);
}

/* --- real processes ----------------------------------------------------------------------- */

/* In a child a failed expectation is its exit status. */
#define EXPECT(claim)                                        \
 do {                                                        \
  if (!(claim)) {                                            \
   (void)fprintf(stderr, "line %d: %s\n", __LINE__, #claim); \
   _exit(1);                                                 \
  }                                                          \
 } while (0)

static struct deed_result change(struct platform_pin *pin, const struct deed *deed)
{
    struct deed_result result;
    platform_pin_change(pin, deed, &result, NULL);
    return result;
}

/* By somebody to a process of root's. */
static void try_foreign(struct platform_pin *pin)
{
    static const struct {
        enum deed_kind kind;
        int error;
        const char *needs;
    } rows[] = {
        {DEED_NICE, -EPERM, "CAP_SYS_NICE"},       {DEED_IOPRIO, -EPERM, "CAP_SYS_NICE"},
        {DEED_SCHEDULING, -EPERM, "CAP_SYS_NICE"}, {DEED_AFFINITY, -EPERM, "CAP_SYS_NICE"},
        {DEED_STOP, -EPERM, "CAP_KILL"},           {DEED_OOM_ADJ, -EACCES, "CAP_DAC_OVERRIDE"},
    };
    (void)become_nobody();
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct deed deed = {.kind = rows[i].kind, .value = {.number = 1}};
        deed.value.io.class = IO_CLASS_IDLE;
        deed.value.sched.policy = POLICY_BATCH;
        cpu_set_add(&deed.value.cpus, 0);
        const struct deed_result result = change(pin, &deed);
        if (result.error != rows[i].error || result.obstacle != OBSTACLE_OWNER || !result.needs ||
            strcmp(result.needs, rows[i].needs) != 0) {
            (void)fprintf(stderr, "%s: %d, obstacle %d, needs %s\n", deed_info(deed.kind)->name,
                          result.error, (int)result.obstacle, result.needs ? result.needs : "-");
            _exit(1);
        }
    }
}

/* By somebody to an own process, whose limits are zero. */
static void try_own(struct platform_pin *pin)
{
    const struct deed lower = {.kind = DEED_NICE, .value = {.number = -5}};
    struct deed_result result = change(pin, &lower);
    EXPECT(result.error == -EACCES && result.obstacle == OBSTACLE_NICE_LIMIT);
    EXPECT(result.has_values && result.old.number == getpriority(PRIO_PROCESS, 0));
    EXPECT(result.limit == getpriority(PRIO_PROCESS, 0)); // a child has what we have
    const struct deed fifo = {.kind = DEED_SCHEDULING,
                              .value = {.sched = {.policy = POLICY_FIFO, .rt_priority = 1}}};
    result = change(pin, &fifo);
    EXPECT(result.error == -EPERM && result.obstacle == OBSTACLE_RTPRIO_LIMIT && result.limit == 0);
    const struct deed first = {.kind = DEED_IOPRIO, .value = {.io = {.class = IO_CLASS_REALTIME}}};
    result = change(pin, &first);
    EXPECT(result.error == -EPERM && result.obstacle == OBSTACLE_CAPABILITY);
    const struct deed spare = {.kind = DEED_OOM_ADJ, .value = {.number = -1000}};
    result = change(pin, &spare);
    EXPECT(result.error == -EACCES && result.obstacle == OBSTACLE_CAPABILITY);
    EXPECT(strcmp(result.needs, "CAP_SYS_RESOURCE") == 0);
    struct deed far = {.kind = DEED_AFFINITY};
    cpu_set_add(&far.value.cpus, CPU_SET_MAX - 1);
    result = change(pin, &far);
    EXPECT(result.error == -EINVAL && result.obstacle == OBSTACLE_CPU_OFFLINE);
    EXPECT(result.has_values && cpu_set_count(&result.now.cpus) > 0);
}

static void a_process_of_root_is_refused_to_others_because_of_its_owner(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        skip();
    }
    struct platform *const platform = child_platform();
    struct child target = child_start(platform, 0);
    struct platform_pin *pin = NULL;
    int status = 0;
    assert_int_equal(platform_pin(platform, target.id, &pin), 0);
    const pid_t asker = fork();
    assert_true(asker >= 0);
    if (asker == 0) {
        alarm(60);
        try_foreign(pin);
        _exit(0);
    }
    assert_int_equal(waitpid(asker, &status, 0), asker);
    platform_unpin(pin);
    (void)child_end(&target);
    platform_close(platform);
    assert_int_equal(status, 0);
}

static void ones_own_process_is_refused_because_of_limits_and_capabilities(void **state)
{
    (void)state;
    int status = 0;
    const pid_t asker = fork();
    assert_true(asker >= 0);
    if (asker == 0) {
        const struct rlimit none = {0};
        alarm(60);
        EXPECT(setrlimit(RLIMIT_NICE, &none) == 0 && setrlimit(RLIMIT_RTPRIO, &none) == 0);
        (void)become_nobody();
        struct platform *const platform = child_platform();
        struct child target = child_start(platform, 0);
        struct platform_pin *pin = NULL;
        EXPECT(platform_pin(platform, target.id, &pin) == 0);
        try_own(pin);
        platform_unpin(pin);
        (void)child_end(&target);
        platform_close(platform);
        _exit(0);
    }
    assert_int_equal(waitpid(asker, &status, 0), asker);
    assert_int_equal(status, 0);
}

#define MACHINE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        MACHINE(the_owner_is_who_the_kernel_compares),
        MACHINE(a_limit_on_nice_values_says_how_low_one_may_go),
        MACHINE(a_limit_on_real_time_says_how_high_one_may_go),
        MACHINE(leaving_the_idle_policy_is_like_a_lower_nice_value),
        MACHINE(a_missing_capability_is_named),
        MACHINE(an_affinity_outside_the_cpuset_comes_with_what_is_allowed),
        MACHINE(a_seccomp_filter_is_suspected_last),
        MACHINE(what_is_known_already_stays),
        MACHINE(capabilities_in_a_namespace_of_ones_own_do_not_count_everywhere),
        MACHINE(root_of_a_namespace_is_told_of_the_owner_where_that_is_it),
        MACHINE(root_that_lacks_a_capability_is_told_which),
        cmocka_unit_test(a_process_of_root_is_refused_to_others_because_of_its_owner),
        cmocka_unit_test(ones_own_process_is_refused_because_of_limits_and_capabilities),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
