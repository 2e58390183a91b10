#include "check.h"
#include "child.h"
#include "platform/platform.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * Each attribute is set and put back on children of the test's own, and looked at with the system
 * call or file another program would use, not with the code under test.
 */

enum { NOBODY = 65534, THREADS = 3 };

/* A child of several threads, held fast. */
struct world {
    struct platform *platform;
    struct child child;
    struct platform_pin *pin;
    struct platform_undo *undo;
    struct deed_result result;
};

static void world_begin(struct world *world)
{
    *world = (struct world){.platform = child_platform()};
    world->child = child_start(world->platform, THREADS);
    assert_int_equal(platform_pin(world->platform, world->child.id, &world->pin), 0);
}

static void world_end(struct world *world)
{
    platform_undo_destroy(world->undo);
    platform_unpin(world->pin);
    (void)child_end(&world->child);
    platform_close(world->platform);
}

/* Pins another task of the child instead. */
static void world_pin(struct world *world, int32_t tid)
{
    platform_unpin(world->pin);
    assert_int_equal(
        platform_pin(world->platform, child_identify(world->platform, tid), &world->pin), 0);
}

static int change(struct world *world, struct deed deed)
{
    platform_undo_destroy(world->undo);
    world->undo = NULL;
    platform_pin_change(world->pin, &deed, &world->result, &world->undo);
    return world->result.error;
}

static int set_number(struct world *world, enum deed_kind kind, int32_t number)
{
    return change(world, (struct deed){.kind = kind, .value.number = number});
}

static int undo(struct world *world)
{
    platform_pin_undo(world->pin, world->undo, &world->result);
    return world->result.error;
}

static int32_t get_number(struct world *world, enum deed_kind kind)
{
    struct deed_value value;
    assert_int_equal(platform_pin_get(world->pin, kind, &value), 0);
    return value.number;
}

static int nice_of(int32_t tid)
{
    errno = 0;
    const int nice = getpriority(PRIO_PROCESS, (id_t)tid);
    assert_true(nice != -1 || errno == 0);
    return nice;
}

static void give_nice(int32_t tid, int nice)
{
    assert_int_equal(setpriority(PRIO_PROCESS, (id_t)tid, nice), 0);
}

/* The nice values of the child: of its first thread and of the others. */
static void assert_nices(const struct world *world, int first, int a, int b, int c)
{
    assert_int_equal(nice_of(world->child.pid), first);
    assert_int_equal(nice_of(world->child.tids[0]), a);
    assert_int_equal(nice_of(world->child.tids[1]), b);
    assert_int_equal(nice_of(world->child.tids[2]), c);
}

static void give_different_nices(const struct world *world)
{
    give_nice(world->child.pid, 1);
    give_nice(world->child.tids[0], 2);
    give_nice(world->child.tids[1], 3);
}

/* --- nice value: all that is common to them ------------------------------------------------ */

static void a_nice_value_is_given_to_all_threads_and_each_gets_its_own_back(void **state)
{
    struct world world;
    (void)state;
    world_begin(&world);
    const int before = nice_of(world.child.tids[2]);
    give_different_nices(&world);
    assert_int_equal(set_number(&world, DEED_NICE, 5), 0);
    assert_nices(&world, 5, 5, 5, 5);
    assert_true(world.result.has_values);
    assert_int_equal(world.result.old.number, 1);
    assert_int_equal(world.result.now.number, 5);
    assert_int_equal(world.result.threads, THREADS + 1);
    assert_int_equal(world.result.threads_failed, 0);
    assert_int_equal(get_number(&world, DEED_NICE), 5);
    assert_non_null(world.undo);
    const int error = undo(&world);
    if (error == 0) {
        assert_nices(&world, 1, 2, 3, before);
        assert_int_equal(world.result.old.number, 5);
        assert_int_equal(world.result.now.number, 1);
        assert_int_equal(world.result.threads, THREADS + 1);
        assert_int_equal(undo(&world), -ESTALE); // once is enough
    } else { // only root may always take back what made a process slower
        assert_int_equal(error, -EACCES);
        assert_int_equal(world.result.obstacle, OBSTACLE_NICE_LIMIT);
        assert_nices(&world, 5, 5, 5, 5);
    }
    world_end(&world);
}

/* P46: -1 is a nice value too. */
static void what_is_added_to_a_nice_value_is_added_once_and_clamped(void **state)
{
    struct world world;
    const struct deed more = {.kind = DEED_NICE, .relative = true, .value.number = 5};
    (void)state;
    world_begin(&world);
    give_nice(world.child.pid, 10);
    give_nice(world.child.tids[0], 18);
    give_nice(world.child.tids[1], 19);
    give_nice(world.child.tids[2], 1);
    assert_int_equal(change(&world, more), 0);
    assert_nices(&world, 15, 19, 19, 6);
    assert_int_equal(world.result.now.number, 15);
    const struct deed lots = {.kind = DEED_NICE, .relative = true, .value.number = INT32_MAX};
    assert_int_equal(change(&world, lots), 0);
    assert_nices(&world, 19, 19, 19, 19);
    const struct deed less = {.kind = DEED_NICE, .relative = true, .value.number = -20};
    if (change(&world, less) == 0) {
        assert_nices(&world, -1, -1, -1, -1);
        assert_int_equal(world.result.now.number, -1);
        assert_int_equal(get_number(&world, DEED_NICE), -1);
        assert_int_equal(undo(&world), 0);
        assert_nices(&world, 19, 19, 19, 19);
    } else {
        assert_int_equal(world.result.error, -EACCES);
    }
    world_end(&world);
}

static void one_thread_is_reniced_alone(void **state)
{
    struct world world;
    (void)state;
    world_begin(&world);
    const int before = nice_of(world.child.pid);
    const struct deed deed = {.kind = DEED_NICE, .one_thread = true, .value.number = 7};
    assert_int_equal(change(&world, deed), 0);
    assert_nices(&world, 7, before, before, before);
    assert_int_equal(world.result.threads, 1);
    world_pin(&world, world.child.tids[1]);
    assert_int_equal(set_number(&world, DEED_NICE, 9), 0);
    assert_nices(&world, 7, before, 9, before);
    assert_int_equal(world.result.threads, 1);
    assert_int_equal(world.result.old.number, before);
    world_end(&world);
}

static void what_is_so_already_is_not_done_and_cannot_be_undone(void **state)
{
    struct world world;
    (void)state;
    world_begin(&world);
    assert_int_equal(set_number(&world, DEED_NICE, nice_of(world.child.pid)), 0);
    assert_null(world.undo);
    assert_true(world.result.has_values);
    assert_int_equal(world.result.threads, THREADS + 1);
    assert_int_equal(world.result.old.number, world.result.now.number);
    world_end(&world);
}

static void values_out_of_bounds_are_refused(void **state)
{
    struct world world;
    const struct deed deeds[] = {
        {.kind = DEED_NICE, .value.number = 20},
        {.kind = DEED_NICE, .value.number = -21},
        {.kind = DEED_AUTOGROUP, .value.number = 20},
        {.kind = DEED_OOM_ADJ, .value.number = 1001},
        {.kind = DEED_OOM_ADJ, .relative = true, .value.number = 1},
        {.kind = DEED_STOP, .value.number = 2},
        {.kind = DEED_IOPRIO, .value.io = {.class = 4}},
        {.kind = DEED_IOPRIO, .value.io = {.class = IO_CLASS_BEST_EFFORT, .level = 8}},
        {.kind = DEED_IOPRIO, .value.io = {.class = IO_CLASS_BEST_EFFORT, .level = -1}},
        {.kind = DEED_SCHEDULING, .value.sched = {.policy = POLICY_DEADLINE}},
        {.kind = DEED_SCHEDULING, .value.sched = {.policy = POLICY_EXT}},
        {.kind = DEED_SCHEDULING, .value.sched = {.policy = POLICY_FIFO}},
        {.kind = DEED_SCHEDULING, .value.sched = {.policy = POLICY_OTHER, .rt_priority = 1}},
        {.kind = DEED_AFFINITY},
        {.kind = DEED_SIGNAL, .value.number = SIGKILL},
        {.kind = DEED_TERMINATE},
        {.kind = DEED_KILL_GROUP},
    };
    (void)state;
    world_begin(&world);
    for (size_t i = 0; i < sizeof(deeds) / sizeof(*deeds); i++) {
        assert_int_equal(change(&world, deeds[i]), -EINVAL);
        assert_null(world.undo);
        assert_true(!world.result.has_values || deeds[i].kind == DEED_AFFINITY ||
                    deed_value_equal(deeds[i].kind, &world.result.old, &world.result.now));
    }
    struct deed_value value;
    assert_int_equal(platform_pin_get(world.pin, DEED_SIGNAL, &value), -EINVAL);
    assert_int_equal(platform_pin_alive(world.pin), 0);
    world_end(&world);
}

static void an_undo_is_refused_when_one_thread_has_been_changed_since(void **state)
{
    struct world world;
    (void)state;
    world_begin(&world);
    assert_int_equal(set_number(&world, DEED_NICE, 5), 0);
    give_nice(world.child.tids[1], 6);
    assert_int_equal(undo(&world), -ESTALE);
    assert_int_equal(world.result.obstacle, OBSTACLE_CHANGED);
    assert_true(world.result.has_values);
    assert_int_equal(world.result.old.number, 5);
    assert_int_equal(world.result.now.number, 6);
    assert_int_equal(world.result.threads, 0);
    assert_nices(&world, 5, 5, 6, 5);
    world_end(&world);
}

static void an_undo_passes_over_threads_that_have_ended(void **state)
{
    struct world world;
    (void)state;
    world_begin(&world);
    assert_int_equal(set_number(&world, DEED_NICE, 5), 0);
    const size_t ended = child_end_thread(&world.child);
    if (geteuid() == 0) {
        assert_int_equal(undo(&world), 0);
        assert_int_equal(world.result.threads, THREADS);
        assert_int_equal(world.result.threads_failed, 0);
        for (size_t i = 0; i < THREADS; i++) {
            assert_true(i == ended || nice_of(world.child.tids[i]) == world.result.now.number);
        }
        assert_int_equal(nice_of(world.child.pid), world.result.now.number);
    }
    world_end(&world);
}

static void an_undo_for_a_process_that_is_gone_or_another_one_is_refused(void **state)
{
    struct world world;
    struct world other;
    siginfo_t info;
    (void)state;
    world_begin(&world);
    world_begin(&other);
    assert_int_equal(set_number(&world, DEED_NICE, 5), 0);
    assert_int_equal(set_number(&other, DEED_NICE, 5), 0);
    platform_pin_undo(other.pin, world.undo, &world.result);
    assert_int_equal(world.result.error, -ESRCH);
    assert_nices(&other, 5, 5, 5, 5);
    assert_int_equal(kill(world.child.pid, SIGKILL), 0);
    assert_int_equal(waitid(P_PID, (id_t)world.child.pid, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(undo(&world), -ECHILD);
    assert_int_equal(waitpid(world.child.pid, NULL, 0), world.child.pid);
    assert_int_equal(undo(&world), -ESRCH);
    assert_false(world.result.has_values);
    assert_int_equal(set_number(&world, DEED_OOM_ADJ, 5), -ESRCH);
    world_end(&other);
    platform_undo_destroy(world.undo);
    platform_unpin(world.pin);
    platform_close(world.platform);
}

/* --- threads that come while work is going on ------------------------------------------------ */

enum { BROOD = 300 };

static void *breed(void *context)
{
    (void)pause();
    return context;
}

/* Makes threads as fast as it can, until there are enough. */
static void run_breeder(void)
{
    pthread_t thread;
    for (size_t i = 0; i < BROOD; i++) {
        (void)pthread_create(&thread, NULL, breed, NULL);
    }
    (void)breed(NULL);
}

static void a_thread_born_meanwhile_has_the_new_value_too(void **state)
{
    (void)state;
    struct platform *const platform = child_platform();
    struct platform_pin *pin = NULL;
    struct deed_result result;
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        alarm(60);
        (void)nanosleep(&(struct timespec){.tv_nsec = 30000000}, NULL);
        run_breeder();
    }
    assert_int_equal(platform_pin(platform, child_identify(platform, pid), &pin), 0);
    (void)nanosleep(&(struct timespec){.tv_nsec = 31000000}, NULL);
    const struct deed deed = {.kind = DEED_NICE, .value.number = 7};
    platform_pin_change(pin, &deed, &result, NULL);
    assert_int_equal(result.error, 0);
    assert_int_equal(result.threads_failed, 0);
    // Those born behind our back inherit it.
    for (int32_t tid = pid; tid < pid + 2 * BROOD; tid++) {
        char path[64];
        (void)snprintf(path, sizeof(path), "/proc/%d/task/%d", pid, tid);
        if (access(path, F_OK) == 0) {
            assert_int_equal(nice_of(tid), 7);
        }
    }
    platform_unpin(pin);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    platform_close(platform);
}

/* --- I/O priority ------------------------------------------------------------------------------ */

static long io_of(int32_t tid)
{
    return syscall(SYS_ioprio_get, 1, tid);
}

static void give_io(int32_t tid, int class, int level)
{
    assert_int_equal(syscall(SYS_ioprio_set, 1, tid, class << 13 | level), 0);
}

static void an_io_priority_is_given_and_taken_back(void **state)
{
    struct world world;
    struct deed_value value;
    (void)state;
    world_begin(&world);
    give_io(world.child.pid, IO_CLASS_BEST_EFFORT, 2);
    give_io(world.child.tids[0], IO_CLASS_IDLE, 0);
    const long before = io_of(world.child.tids[1]);
    const struct deed deed = {.kind = DEED_IOPRIO,
                              .value.io = {.class = IO_CLASS_BEST_EFFORT, .level = 6}};
    assert_int_equal(change(&world, deed), 0);
    assert_int_equal(world.result.old.io.class, IO_CLASS_BEST_EFFORT);
    assert_int_equal(world.result.old.io.level, 2);
    assert_int_equal(world.result.now.io.level, 6);
    assert_int_equal(io_of(world.child.pid), 2 << 13 | 6);
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(io_of(world.child.tids[i]), 2 << 13 | 6);
    }
    assert_int_equal(platform_pin_get(world.pin, DEED_IOPRIO, &value), 0);
    assert_true(deed_value_equal(DEED_IOPRIO, &value, &deed.value));
    assert_int_equal(undo(&world), 0);
    assert_int_equal(io_of(world.child.pid), 2 << 13 | 2);
    assert_int_equal(io_of(world.child.tids[0]), 3 << 13);
    assert_int_equal(io_of(world.child.tids[1]), before);
    world_end(&world);
}

/* P47: "none" and "idle" take no level. */
static void io_classes_without_level_can_be_given(void **state)
{
    struct world world;
    (void)state;
    world_begin(&world);
    const struct deed idle = {.kind = DEED_IOPRIO, .value.io = {.class = IO_CLASS_IDLE}};
    assert_int_equal(change(&world, idle), 0);
    assert_int_equal(io_of(world.child.pid) >> 13, IO_CLASS_IDLE);
    const struct deed none = {.kind = DEED_IOPRIO,
                              .value.io = {.class = IO_CLASS_NONE, .level = 4}};
    assert_int_equal(change(&world, none), 0);
    assert_int_equal(io_of(world.child.tids[0]) >> 13, IO_CLASS_NONE);
    const struct deed first = {.kind = DEED_IOPRIO,
                               .value.io = {.class = IO_CLASS_REALTIME, .level = 3}};
    if (change(&world, first) == 0) {
        assert_int_equal(io_of(world.child.tids[2]), 1 << 13 | 3);
        assert_int_equal(undo(&world), 0);
        assert_int_equal(io_of(world.child.tids[2]) >> 13, IO_CLASS_NONE);
    } else {
        assert_int_equal(world.result.error, -EPERM);
        assert_true(world.result.obstacle != OBSTACLE_UNKNOWN);
    }
    world_end(&world);
}

/* --- CPU affinity ------------------------------------------------------------------------------ */

static cpu_set_t cpus_of(int32_t tid)
{
    cpu_set_t set;
    assert_int_equal(sched_getaffinity(tid, sizeof(set), &set), 0);
    return set;
}

/* The first and the second CPU we may use; the test is skipped where there is only one. */
static void find_two_cpus(uint32_t *ret_a, uint32_t *ret_b)
{
    const cpu_set_t own = cpus_of(0);
    uint32_t found[2];
    size_t count = 0;
    for (uint32_t cpu = 0; cpu < CPU_SETSIZE && count < 2; cpu++) {
        if (CPU_ISSET(cpu, &own)) {
            found[count++] = cpu;
        }
    }
    if (count < 2) {
        skip();
    }
    *ret_a = found[0];
    *ret_b = found[1];
}

static bool runs_only_on(int32_t tid, uint32_t cpu)
{
    const cpu_set_t set = cpus_of(tid);
    return CPU_COUNT(&set) == 1 && CPU_ISSET(cpu, &set);
}

static void an_affinity_is_given_and_taken_back(void **state)
{
    struct world world;
    uint32_t a;
    uint32_t b;
    (void)state;
    find_two_cpus(&a, &b);
    world_begin(&world);
    cpu_set_t only_b;
    CPU_ZERO(&only_b);
    CPU_SET(b, &only_b);
    assert_int_equal(sched_setaffinity(world.child.tids[1], sizeof(only_b), &only_b), 0);
    const cpu_set_t before = cpus_of(world.child.pid);
    struct deed deed = {.kind = DEED_AFFINITY};
    cpu_set_add(&deed.value.cpus, a);
    cpu_set_add(&deed.value.cpus, CPU_SET_MAX - 1); // not there; the kernel narrows
    assert_int_equal(change(&world, deed), 0);
    assert_int_equal(cpu_set_count(&world.result.now.cpus), 1);
    assert_true(cpu_set_has(&world.result.now.cpus, a));
    assert_int_equal(cpu_set_count(&world.result.old.cpus), CPU_COUNT(&before));
    assert_true(runs_only_on(world.child.pid, a));
    for (size_t i = 0; i < THREADS; i++) {
        assert_true(runs_only_on(world.child.tids[i], a));
    }
    struct deed_value value;
    assert_int_equal(platform_pin_get(world.pin, DEED_AFFINITY, &value), 0);
    assert_true(cpu_set_equal(&value.cpus, &world.result.now.cpus));
    assert_int_equal(undo(&world), 0);
    assert_true(runs_only_on(world.child.tids[1], b));
    const cpu_set_t after = cpus_of(world.child.pid);
    assert_true(CPU_EQUAL(&after, &before));
    world_end(&world);
}

/* P48 */
static void an_affinity_without_any_cpu_of_ours_is_refused(void **state)
{
    struct world world;
    struct deed deed = {.kind = DEED_AFFINITY};
    (void)state;
    world_begin(&world);
    const cpu_set_t before = cpus_of(world.child.pid);
    cpu_set_add(&deed.value.cpus, CPU_SET_MAX - 1);
    assert_int_equal(change(&world, deed), -EINVAL);
    assert_int_equal(world.result.obstacle, OBSTACLE_CPU_OFFLINE);
    assert_true(world.result.has_values);
    assert_true(cpu_set_count(&world.result.now.cpus) > 0);
    assert_int_equal(world.result.threads, 0);
    assert_int_equal(world.result.threads_failed, THREADS + 1);
    const cpu_set_t after = cpus_of(world.child.pid);
    assert_true(CPU_EQUAL(&after, &before));
    world_end(&world);
}

/* --- scheduling -------------------------------------------------------------------------------- */

static void a_policy_is_given_with_the_nice_value_kept(void **state)
{
    struct world world;
    const struct sched_param none = {0};
    (void)state;
    world_begin(&world);
    give_nice(world.child.pid, 3);
    give_nice(world.child.tids[1], 4);
    assert_int_equal(sched_setscheduler(world.child.tids[0], SCHED_IDLE, &none), 0);
    const struct deed deed = {.kind = DEED_SCHEDULING,
                              .value.sched = {.policy = POLICY_BATCH, .reset_on_fork = true}};
    assert_int_equal(change(&world, deed), 0);
    assert_int_equal(world.result.threads, THREADS + 1);
    assert_int_equal(world.result.old.sched.policy, POLICY_OTHER);
    assert_int_equal(world.result.now.sched.policy, POLICY_BATCH);
    assert_true(world.result.now.sched.reset_on_fork);
    assert_int_equal(sched_getscheduler(world.child.pid), SCHED_BATCH | SCHED_RESET_ON_FORK);
    assert_int_equal(sched_getscheduler(world.child.tids[0]), SCHED_BATCH | SCHED_RESET_ON_FORK);
    assert_int_equal(nice_of(world.child.pid), 3);
    assert_int_equal(nice_of(world.child.tids[1]), 4);
    give_nice(world.child.pid, 5); // is no part of it
    if (geteuid() == 0) {          // others may not take the flag away
        assert_int_equal(undo(&world), 0);
        assert_int_equal(sched_getscheduler(world.child.pid), SCHED_OTHER);
        assert_int_equal(sched_getscheduler(world.child.tids[0]), SCHED_IDLE);
        assert_int_equal(nice_of(world.child.pid), 5);
        assert_int_equal(nice_of(world.child.tids[1]), 4);
    }
    world_end(&world);
}

static void a_real_time_policy_is_given_or_the_obstacle_is_named(void **state)
{
    struct world world;
    struct sched_param param;
    (void)state;
    world_begin(&world);
    give_nice(world.child.pid, 3);
    const struct deed deed = {.kind = DEED_SCHEDULING,
                              .value.sched = {.policy = POLICY_RR, .rt_priority = 7}};
    if (change(&world, deed) == 0) {
        assert_int_equal(sched_getscheduler(world.child.tids[2]), SCHED_RR);
        assert_int_equal(sched_getparam(world.child.tids[2], &param), 0);
        assert_int_equal(param.sched_priority, 7);
        assert_int_equal(world.result.now.sched.rt_priority, 7);
        assert_int_equal(undo(&world), 0);
        assert_int_equal(sched_getscheduler(world.child.tids[2]), SCHED_OTHER);
        assert_int_equal(nice_of(world.child.pid), 3);
    } else {
        assert_int_equal(world.result.error, -EPERM);
        assert_true(world.result.obstacle == OBSTACLE_RTPRIO_LIMIT ||
                    world.result.obstacle == OBSTACLE_RT_GROUP);
        assert_int_equal(world.result.threads_failed, THREADS + 1);
        assert_int_equal(sched_getscheduler(world.child.pid), SCHED_OTHER);
    }
    world_end(&world);
}

/* --- files ------------------------------------------------------------------------------------- */

/* What stands in a file of the child, behind the last blank. */
static int number_in(const struct world *world, const char *name)
{
    char path[64];
    char line[128] = "";
    (void)snprintf(path, sizeof(path), "/proc/%d/%s", world->child.pid, name);
    FILE *const file = fopen(path, "re");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof(line), file));
    (void)fclose(file);
    const char *const blank = strrchr(line, ' ');
    return (int)strtol(blank ? blank : line, NULL, 10);
}

static void an_oom_score_is_given_and_taken_back(void **state)
{
    struct world world;
    (void)state;
    world_begin(&world);
    const int before = number_in(&world, "oom_score_adj");
    assert_int_equal(set_number(&world, DEED_OOM_ADJ, 300), 0);
    assert_int_equal(number_in(&world, "oom_score_adj"), 300);
    assert_int_equal(world.result.old.number, before);
    assert_int_equal(world.result.now.number, 300);
    assert_int_equal(world.result.threads, 1);
    assert_int_equal(get_number(&world, DEED_OOM_ADJ), 300);
    assert_int_equal(undo(&world), 0);
    assert_int_equal(number_in(&world, "oom_score_adj"), before);
    world_end(&world);
}

static void the_nice_value_of_a_session_is_given_and_taken_back(void **state)
{
    struct world world;
    (void)state;
    world_begin(&world);
    const int error = set_number(&world, DEED_AUTOGROUP, 4);
    if (error == -ENOTSUP) { // not in this kernel
        world_end(&world);
        skip();
    }
    assert_int_equal(error, 0);
    assert_int_equal(number_in(&world, "autogroup"), 4);
    assert_int_equal(get_number(&world, DEED_AUTOGROUP), 4);
    assert_int_equal(nice_of(world.child.pid), nice_of(0));
    const struct deed more = {.kind = DEED_AUTOGROUP, .relative = true, .value.number = 100};
    assert_int_equal(change(&world, more), 0);
    assert_int_equal(number_in(&world, "autogroup"), 19);
    if (geteuid() == 0) {
        assert_int_equal(undo(&world), 0);
        assert_int_equal(number_in(&world, "autogroup"), 4);
    }
    world_end(&world);
}

/* --- stop and continue ------------------------------------------------------------------------- */

static void a_process_is_stopped_and_continued(void **state)
{
    struct world world;
    int status;
    (void)state;
    world_begin(&world);
    const pid_t pid = world.child.pid;
    assert_int_equal(get_number(&world, DEED_STOP), 0);
    assert_int_equal(set_number(&world, DEED_STOP, 1), 0);
    assert_int_equal(world.result.now.number, 1);
    assert_int_equal(waitpid(pid, &status, WUNTRACED), pid); // when the last thread has stopped
    assert_true(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
    assert_int_equal(get_number(&world, DEED_STOP), 1);
    assert_int_equal(undo(&world), 0);
    assert_int_equal(waitpid(pid, &status, WCONTINUED), pid);
    assert_true(WIFCONTINUED(status));
    assert_int_equal(set_number(&world, DEED_STOP, 0), 0); // it runs already
    assert_null(world.undo);
    assert_int_equal(waitpid(pid, &status, WCONTINUED | WNOHANG), 0);
    world_end(&world);
}

static void a_stop_that_somebody_else_ended_is_not_undone(void **state)
{
    struct world world;
    int status;
    (void)state;
    world_begin(&world);
    assert_int_equal(set_number(&world, DEED_STOP, 1), 0);
    assert_int_equal(waitpid(world.child.pid, &status, WUNTRACED), world.child.pid);
    assert_int_equal(kill(world.child.pid, SIGCONT), 0);
    assert_int_equal(waitpid(world.child.pid, &status, WCONTINUED), world.child.pid);
    assert_int_equal(undo(&world), -ESTALE);
    assert_int_equal(world.result.obstacle, OBSTACLE_CHANGED);
    assert_int_equal(world.result.now.number, 0);
    world_end(&world);
}

/* --- as an ordinary user ------------------------------------------------------------------------ */

static void expect(bool condition, int code)
{
    if (!condition) {
        _exit(code);
    }
}

static void expect_refusal(struct platform_pin *pin, struct deed deed, int error, int code)
{
    struct deed_result result;
    struct platform_undo *undo = NULL;
    platform_pin_change(pin, &deed, &result, &undo);
    expect(result.error == error && undo == NULL, code);
    expect(result.has_values, code); // "stays at ..."
    expect(result.obstacle == OBSTACLE_CPU_OFFLINE ||
               deed_value_equal(deed.kind, &result.old, &result.now),
           code);
    expect(result.obstacle != OBSTACLE_UNKNOWN && result.threads == 0, code + 1);
}

/* Runs `body` as nobody on a child of root's or of nobody's; gives its exit status. */
static int as_nobody(const struct child *theirs, void (*body)(struct platform_pin *pin))
{
    int status = 0;
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        alarm(30);
        expect(setresgid(NOBODY, NOBODY, NOBODY) == 0 && setresuid(NOBODY, NOBODY, NOBODY) == 0,
               90);
        expect(prctl(PR_SET_DUMPABLE, 1) == 0, 91);
        struct platform_pin *pin = NULL;
        struct platform *const platform = child_platform();
        const struct child own = theirs ? (struct child){0} : child_start(platform, THREADS);
        expect(platform_pin(platform, theirs ? theirs->id : own.id, &pin) == 0, 92);
        body(pin);
        platform_unpin(pin);
        if (!theirs) {
            (void)child_end(&own);
        }
        platform_close(platform);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void theirs_body(struct platform_pin *pin)
{
    struct deed affinity = {.kind = DEED_AFFINITY};
    struct deed_value value;
    cpu_set_add(&affinity.value.cpus, 0);
    expect_refusal(pin, (struct deed){.kind = DEED_NICE, .value.number = 5}, -EPERM, 1);
    expect_refusal(pin, (struct deed){.kind = DEED_IOPRIO, .value.io = {.class = IO_CLASS_IDLE}},
                   -EPERM, 3);
    expect_refusal(pin,
                   (struct deed){.kind = DEED_SCHEDULING, .value.sched = {.policy = POLICY_BATCH}},
                   -EPERM, 5);
    expect_refusal(pin, (struct deed){.kind = DEED_OOM_ADJ, .value.number = 5}, -EACCES, 7);
    expect_refusal(pin, (struct deed){.kind = DEED_STOP, .value.number = 1}, -EPERM, 9);
    expect_refusal(pin, affinity, -EPERM, 11);
    expect(platform_pin_signal(pin, SIGTERM) == -EPERM, 13);
    expect(platform_pin_alive(pin) == 0, 14);
    expect(platform_pin_get(pin, DEED_NICE, &value) == 0, 15); // looking is free
    expect(platform_pin_get(pin, DEED_OOM_ADJ, &value) == 0, 16);
}

static void anothers_process_is_not_changed_and_the_reason_is_told(void **state)
{
    struct world world;
    (void)state;
    if (geteuid() != 0) {
        skip();
    }
    world_begin(&world);
    const int before = nice_of(world.child.pid);
    assert_int_equal(as_nobody(&world.child, theirs_body), 0);
    assert_nices(&world, before, before, before, before);
    assert_int_equal(platform_pin_alive(world.pin), 0);
    world_end(&world);
}

static void own_body(struct platform_pin *pin)
{
    const struct rlimit none = {0};
    const int32_t pid = 0; // nice values are inherited, so ours is the child's
    const struct deed lower = {.kind = DEED_NICE, .value.number = nice_of(pid) - 1};
    const struct deed first = {.kind = DEED_IOPRIO,
                               .value.io = {.class = IO_CLASS_REALTIME, .level = 4}};
    const struct deed fifo = {.kind = DEED_SCHEDULING,
                              .value.sched = {.policy = POLICY_FIFO, .rt_priority = 1}};
    const struct deed safe = {.kind = DEED_OOM_ADJ, .value.number = -1000};
    expect(setrlimit(RLIMIT_NICE, &none) == 0 && setrlimit(RLIMIT_RTPRIO, &none) == 0, 1);
    expect_refusal(pin, lower, -EACCES, 2);
    expect_refusal(pin, first, -EPERM, 4);
    expect_refusal(pin, fifo, -EPERM, 6);
    expect_refusal(pin, safe, -EACCES, 8);
    struct platform_undo *undo = NULL;
    struct deed_result result;
    const struct deed higher = {.kind = DEED_NICE, .value.number = nice_of(pid) + 1};
    platform_pin_change(pin, &higher, &result, &undo);
    expect(result.error == 0 && undo != NULL && result.threads == THREADS + 1, 10);
    platform_pin_undo(pin, undo, &result);
    expect(result.error == -EACCES && result.obstacle == OBSTACLE_NICE_LIMIT, 11);
    expect(result.threads == 0 && result.threads_failed > 0, 12);
    platform_undo_destroy(undo);
}

static void an_own_process_is_changed_as_far_as_limits_allow(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        skip();
    }
    assert_int_equal(as_nobody(NULL, own_body), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_nice_value_is_given_to_all_threads_and_each_gets_its_own_back),
        cmocka_unit_test(what_is_added_to_a_nice_value_is_added_once_and_clamped),
        cmocka_unit_test(one_thread_is_reniced_alone),
        cmocka_unit_test(what_is_so_already_is_not_done_and_cannot_be_undone),
        cmocka_unit_test(values_out_of_bounds_are_refused),
        cmocka_unit_test(an_undo_is_refused_when_one_thread_has_been_changed_since),
        cmocka_unit_test(an_undo_passes_over_threads_that_have_ended),
        cmocka_unit_test(an_undo_for_a_process_that_is_gone_or_another_one_is_refused),
        cmocka_unit_test(a_thread_born_meanwhile_has_the_new_value_too),
        cmocka_unit_test(an_io_priority_is_given_and_taken_back),
        cmocka_unit_test(io_classes_without_level_can_be_given),
        cmocka_unit_test(an_affinity_is_given_and_taken_back),
        cmocka_unit_test(an_affinity_without_any_cpu_of_ours_is_refused),
        cmocka_unit_test(a_policy_is_given_with_the_nice_value_kept),
        cmocka_unit_test(a_real_time_policy_is_given_or_the_obstacle_is_named),
        cmocka_unit_test(an_oom_score_is_given_and_taken_back),
        cmocka_unit_test(the_nice_value_of_a_session_is_given_and_taken_back),
        cmocka_unit_test(a_process_is_stopped_and_continued),
        cmocka_unit_test(a_stop_that_somebody_else_ended_is_not_undone),
        cmocka_unit_test(anothers_process_is_not_changed_and_the_reason_is_told),
        cmocka_unit_test(an_own_process_is_changed_as_far_as_limits_allow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
