#include "check.h"
#include "fake_platform.h"
#include "sampler/act.h"
#include "sampler/act_queue.h"
#include "sampler/act_state.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t ms = 1000000;

struct bench {
    struct platform *platform;
    struct act *act;
    uint32_t job;
    size_t recorded;
    struct act_outcome last_recorded;
    struct target targets[ACT_TARGETS_MAX];
};

static void record(void *context, const struct act_outcome *outcome)
{
    struct bench *bench = context;
    bench->recorded++;
    bench->last_recorded = *outcome;
}

static struct target target_of_pid(int32_t pid)
{
    struct target target = {.id = {.pid = pid, .start_ns = 1}, .group_pid = pid, .uid = 1000};
    snprintf(target.name, sizeof(target.name), "sleeper");
    return target;
}

/* Processes 1 to `processes`, which are the targets from [0] on. */
static struct bench *bench_start(int32_t processes)
{
    struct bench *bench = calloc(1, sizeof(*bench));
    assert_non_null(bench);
    bench->platform = fake_create(8);
    for (int32_t pid = 1; pid <= processes; pid++) {
        struct fake_proc proc = fake_process(pid, 1, "sleeper");
        proc.dies_on = (uint64_t)1 << SIGTERM | (uint64_t)1 << SIGKILL;
        fake_put(bench->platform, &proc);
        bench->targets[pid - 1] = target_of_pid(pid);
    }
    bench->act = act_create(bench->platform, record, bench);
    assert_non_null(bench->act);
    return bench;
}

/* Nothing may be left of what the engine held. */
static void bench_end(struct bench *bench)
{
    act_destroy(bench->act);
    assert_int_equal(fake_counts(bench->platform).pins_open, 0);
    assert_int_equal(fake_counts(bench->platform).undos_open, 0);
    fake_destroy(bench->platform);
    free(bench);
}

/* Change one made-up process; `*proc` says how it is to be. */
static void put(struct bench *bench, const struct fake_proc *proc)
{
    fake_put(bench->platform, proc);
}

static struct fake_proc get(struct bench *bench, int32_t pid)
{
    return fake_get(bench->platform, pid);
}

static void set_cgroup(struct bench *bench, int32_t pid, uint64_t cgroup)
{
    struct fake_proc proc = get(bench, pid);
    proc.cgroup = cgroup;
    put(bench, &proc);
}

/* Ask about the first `count` targets; returns the number of the request. */
static uint32_t ask(struct bench *bench, enum act_request_kind kind, const struct deed *deed,
                    size_t count, uint64_t now_ns)
{
    const struct act_request request = {
        .kind = kind,
        .job = ++bench->job,
        .deed = deed == NULL ? (struct deed){.kind = DEED_SIGNAL} : *deed,
        .targets = bench->targets,
        .target_count = count,
    };
    act_handle(bench->act, &request, now_ns);
    return bench->job;
}

static struct deed number_deed(enum deed_kind kind, int32_t number)
{
    return (struct deed){.kind = kind, .value.number = number};
}

static uint32_t perform(struct bench *bench, enum deed_kind kind, int32_t number, size_t count,
                        uint64_t now_ns)
{
    const struct deed deed = number_deed(kind, number);
    return ask(bench, ACT_PERFORM, &deed, count, now_ns);
}

static struct inspection *inspect(struct bench *bench, enum deed_kind kind, size_t count)
{
    const struct deed deed = {.kind = kind};
    ask(bench, ACT_INSPECT, &deed, count, 0);
    struct inspection *inspection = act_take_inspection(bench->act);
    assert_non_null(inspection);
    assert_null(act_take_inspection(bench->act));
    assert_int_equal(inspection->job, bench->job);
    assert_int_equal(inspection->deed, kind);
    return inspection;
}

static void undo(struct bench *bench)
{
    ask(bench, ACT_UNDO, NULL, 0, 0);
}

static struct act_outcome take(struct bench *bench)
{
    struct act_outcome outcome = {.job = 0};
    assert_true(act_take(bench->act, &outcome));
    return outcome;
}

/* The next outcome is of this target and stage. */
static struct act_outcome expect(struct bench *bench, size_t index, enum act_stage stage)
{
    const struct act_outcome outcome = take(bench);
    assert_int_equal(outcome.index, index);
    assert_int_equal(outcome.stage, stage);
    assert_int_equal(outcome.error < 0, stage == ACT_FAILED);
    return outcome;
}

static void expect_failure(struct bench *bench, size_t index, int error,
                           enum deed_obstacle obstacle)
{
    const struct act_outcome outcome = expect(bench, index, ACT_FAILED);
    assert_int_equal(outcome.error, error);
    assert_int_equal(outcome.obstacle, obstacle);
}

static void expect_no_more(struct bench *bench)
{
    struct act_outcome outcome;
    assert_false(act_take(bench->act, &outcome));
}

static size_t pins(const struct bench *bench)
{
    return fake_counts(bench->platform).pins_open;
}

/* Leave only this pid out of the machine, or have it as another process. */
static void reuse_pid(struct bench *bench, int32_t pid)
{
    const struct fake_proc other = fake_process(pid, 2, "other");
    put(bench, &other);
}

/* --- pins ---------------------------------------------------------------------------------- */

static void what_a_dialog_inspects_is_held_until_it_closes(void **state)
{
    (void)state;
    struct bench *bench = bench_start(10);
    inspection_destroy(inspect(bench, DEED_SIGNAL, 6));
    assert_int_equal(pins(bench), 6);
    assert_int_equal(fake_counts(bench->platform).gets, 0); // signals have no value to read
    inspection_destroy(inspect(bench, DEED_SIGNAL, 6));
    assert_int_equal(fake_counts(bench->platform).pins_made, 6); // the same ones
    perform(bench, DEED_SIGNAL, SIGUSR1, 6, 0);
    assert_int_equal(fake_counts(bench->platform).pins_made, 6);
    assert_int_equal(pins(bench), 6);
    ask(bench, ACT_RELEASE, NULL, 0, 0);
    assert_int_equal(pins(bench), 0);
    bench_end(bench);
}

static void another_inspection_lets_go_of_what_is_not_in_it(void **state)
{
    (void)state;
    struct bench *bench = bench_start(10);
    inspection_destroy(inspect(bench, DEED_SIGNAL, 6));
    inspection_destroy(inspect(bench, DEED_SIGNAL, 2));
    assert_int_equal(pins(bench), 2);
    assert_int_equal(fake_counts(bench->platform).pins_made, 6);
    bench->targets[0] = target_of_pid(9);
    inspection_destroy(inspect(bench, DEED_SIGNAL, 2));
    assert_int_equal(pins(bench), 2);
    assert_int_equal(fake_counts(bench->platform).pins_made, 7);
    bench_end(bench);
}

static void a_deed_without_a_dialog_holds_on_for_just_its_duration(void **state)
{
    (void)state;
    struct bench *bench = bench_start(3);
    perform(bench, DEED_NICE, 5, 3, 0);
    assert_int_equal(fake_counts(bench->platform).pins_made, 3);
    assert_int_equal(fake_counts(bench->platform).pins_open_most, 1);
    assert_int_equal(pins(bench), 0);
    bench_end(bench);
}

static void what_runs_short_of_descriptors_is_held_one_at_a_time(void **state)
{
    (void)state;
    struct bench *bench = bench_start(40);
    fake_set_pins_max(bench->platform, 10);
    struct inspection *inspection = inspect(bench, DEED_NICE, 40);
    assert_int_equal(inspection->gone, 0);
    assert_int_equal(inspection->error, 0);
    assert_true(inspection->known);
    assert_int_equal(pins(bench), 10);
    inspection_destroy(inspection);
    perform(bench, DEED_NICE, 5, 40, 0);
    for (size_t i = 0; i < 40; i++) {
        expect(bench, i, ACT_DONE);
        assert_int_equal(get(bench, (int32_t)i + 1).raw.nice, 5);
    }
    assert_true(pins(bench) >= 9); // those of the dialog, apart from one given up
    bench_end(bench);
}

static void terminations_go_on_without_descriptors_for_all(void **state)
{
    (void)state;
    struct bench *bench = bench_start(40);
    fake_set_pins_max(bench->platform, 10);
    for (int32_t pid = 1; pid <= 40; pid++) {
        struct fake_proc proc = get(bench, pid);
        proc.dies_on = (uint64_t)1 << SIGKILL;
        put(bench, &proc);
    }
    perform(bench, DEED_TERMINATE, 1000, 40, 0);
    for (size_t i = 0; i < 40; i++) {
        expect(bench, i, ACT_WAITING);
    }
    assert_true(act_step(bench->act, 10 * ms) <= 60 * ms); // some can only be looked at
    fake_remove(bench->platform, 7);
    fake_remove(bench->platform, 37);
    assert_true(act_step(bench->act, 60 * ms) <= 110 * ms);
    expect(bench, 6, ACT_DONE);
    expect(bench, 36, ACT_DONE);
    act_step(bench->act, 1000 * ms);
    for (size_t i = 0; i < 38; i++) {
        assert_int_equal(take(bench).stage, ACT_KILLING);
    }
    assert_int_equal(act_step(bench->act, 1050 * ms), UINT64_MAX);
    for (size_t i = 0; i < 38; i++) {
        assert_int_equal(take(bench).stage, ACT_DONE);
    }
    assert_int_equal(fake_counts(bench->platform).signals_of[SIGTERM], 40);
    assert_int_equal(fake_counts(bench->platform).signals_of[SIGKILL], 38);
    assert_int_equal(pins(bench), 0);
    bench_end(bench);
}

/* What the platform says of a signal to somebody else's process. */
static const struct deed_result belongs_to_other = {.error = -EPERM,
                                                    .obstacle = OBSTACLE_OWNER,
                                                    .needs = "CAP_KILL"};

/* --- deeds --------------------------------------------------------------------------------- */

static void a_signal_has_an_outcome_for_each_target(void **state)
{
    (void)state;
    struct bench *bench = bench_start(4);
    reuse_pid(bench, 2);
    struct fake_proc zombie = get(bench, 3);
    zombie.raw.state = 'Z';
    put(bench, &zombie);
    fake_deny(bench->platform,
              &(struct fake_denial){.pid = 4, .kind = DEED_SIGNAL, .result = belongs_to_other});
    const uint32_t job = perform(bench, DEED_SIGNAL, SIGUSR1, 4, 0);
    const struct act_outcome outcome = expect(bench, 0, ACT_DONE);
    assert_int_equal(outcome.job, job);
    assert_int_equal(outcome.count, 4);
    assert_int_equal(outcome.number, SIGUSR1);
    assert_int_equal(outcome.deed, DEED_SIGNAL);
    assert_int_equal(outcome.target.id.pid, 1);
    assert_string_equal(outcome.target.name, "sleeper");
    assert_true(outcome.wall_s > 1000000000);
    assert_string_equal(outcome.asked, "");
    assert_false(outcome.undo);
    expect_failure(bench, 1, -ESRCH, OBSTACLE_UNKNOWN);
    expect_failure(bench, 2, -ECHILD, OBSTACLE_UNKNOWN);
    const struct act_outcome denied = expect(bench, 3, ACT_FAILED);
    assert_int_equal(denied.error, -EPERM);
    assert_int_equal(denied.obstacle, OBSTACLE_OWNER);
    assert_string_equal(denied.needs, "CAP_KILL");
    expect_no_more(bench);
    assert_int_equal(fake_counts(bench->platform).signals, 1);
    bench_end(bench);
}

static void outcomes_are_recorded_before_they_can_be_taken(void **state)
{
    (void)state;
    struct bench *bench = bench_start(3);
    perform(bench, DEED_NICE, 5, 3, 0);
    assert_int_equal(bench->recorded, 3);
    assert_int_equal(bench->last_recorded.target.id.pid, 3);
    assert_string_equal(bench->last_recorded.now, "5");
    bench_end(bench);
}

static void kernel_threads_are_refused_and_not_touched(void **state)
{
    (void)state;
    struct bench *bench = bench_start(3);
    bench->targets[1].protection = PROTECT_KERNEL;
    for (int32_t pid = 1; pid <= 3; pid++) {
        set_cgroup(bench, pid, 1);
    }
    static const enum deed_kind kinds[] = {DEED_SIGNAL, DEED_TERMINATE, DEED_NICE,
                                           DEED_FREEZE, DEED_STOP,      DEED_KILL_GROUP};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const struct deed deed = number_deed(kinds[i], 1);
        const struct act_request request = {
            .kind = ACT_PERFORM, .deed = deed, .targets = &bench->targets[1], .target_count = 1};
        act_handle(bench->act, &request, 0);
        expect_failure(bench, 0, -EPERM, OBSTACLE_KERNEL_THREAD);
    }
    assert_int_equal(fake_counts(bench->platform).pins_made, 0);
    bench_end(bench);
}

static void an_attribute_is_told_as_it_was_and_as_it_is(void **state)
{
    (void)state;
    struct bench *bench = bench_start(1);
    perform(bench, DEED_NICE, 5, 1, 0);
    struct act_outcome outcome = expect(bench, 0, ACT_DONE);
    assert_true(outcome.has_values);
    assert_string_equal(outcome.asked, "5");
    assert_string_equal(outcome.old, "0");
    assert_string_equal(outcome.now, "5");
    assert_int_equal(outcome.threads, 1);
    perform(bench, DEED_NICE, 5, 1, 0);
    outcome = expect(bench, 0, ACT_UNCHANGED);
    assert_string_equal(outcome.old, outcome.now);
    const struct deed add = {.kind = DEED_NICE, .relative = true, .value.number = 3};
    ask(bench, ACT_PERFORM, &add, 1, 0);
    outcome = expect(bench, 0, ACT_DONE);
    assert_string_equal(outcome.asked, "+3");
    assert_string_equal(outcome.now, "8");
    const struct deed io = {.kind = DEED_IOPRIO,
                            .one_thread = true,
                            .value.io = {.class = IO_CLASS_BEST_EFFORT, .level = 6}};
    ask(bench, ACT_PERFORM, &io, 1, 0);
    outcome = expect(bench, 0, ACT_DONE);
    assert_true(outcome.one_thread);
    assert_string_equal(outcome.now, "best-effort 6");
    bench_end(bench);
}

static void a_list_of_cpus_that_is_cut_says_so(void **state)
{
    (void)state;
    struct deed_value value = {.number = 0};
    struct deed deed = {.kind = DEED_AFFINITY};
    for (uint32_t cpu = 0; cpu < 2 * ACT_VALUE_BYTES; cpu += 2) {
        char whole[1024];
        char shown[ACT_VALUE_BYTES];
        struct strbuf buf;
        cpu_set_add(&value.cpus, cpu);
        deed.value = value;
        str_init(&buf, whole, sizeof(whole));
        cpu_set_format(&value.cpus, &buf);
        act_format_asked(&deed, shown);
        const size_t len = strlen(shown);
        if (buf.len < ACT_VALUE_BYTES - 3) {
            assert_string_equal(shown, whole);
        } else {
            assert_string_equal(shown + len - 3, "...");
            assert_memory_equal(shown, whole, len - 3);
            assert_int_equal(whole[len - 3], ','); // no number is cut to another one
        }
    }
}

static void a_refusal_is_told_with_all_that_is_known(void **state)
{
    (void)state;
    struct bench *bench = bench_start(1);
    fake_deny(bench->platform, &(struct fake_denial){.pid = 1,
                                                     .kind = DEED_NICE,
                                                     .result = {.error = -EACCES,
                                                                .obstacle = OBSTACLE_NICE_LIMIT,
                                                                .limit = 3,
                                                                .needs = "CAP_SYS_NICE",
                                                                .threads_failed = 7}});
    perform(bench, DEED_NICE, -5, 1, 0);
    const struct act_outcome outcome = expect(bench, 0, ACT_FAILED);
    assert_int_equal(outcome.error, -EACCES);
    assert_int_equal(outcome.obstacle, OBSTACLE_NICE_LIMIT);
    assert_int_equal(outcome.limit, 3);
    assert_string_equal(outcome.needs, "CAP_SYS_NICE");
    assert_int_equal(outcome.threads_failed, 7);
    assert_int_equal(act_progress(bench->act).undo_count, 0);
    bench_end(bench);
}

static void every_attribute_can_be_changed_and_undone(void **state)
{
    (void)state;
    struct bench *bench = bench_start(2);
    set_cgroup(bench, 1, 1);
    const struct deed deeds[] = {
        {.kind = DEED_STOP, .value.number = 1},
        {.kind = DEED_NICE, .value.number = 7},
        {.kind = DEED_AUTOGROUP, .value.number = -3},
        {.kind = DEED_IOPRIO, .value.io = {.class = IO_CLASS_IDLE}},
        {.kind = DEED_AFFINITY, .value.cpus.words[0] = 5},
        {.kind = DEED_SCHEDULING, .value.sched = {.policy = POLICY_RR, .rt_priority = 2}},
        {.kind = DEED_OOM_ADJ, .value.number = 500},
        {.kind = DEED_FREEZE, .value.number = 1},
    };
    const struct fake_proc before = get(bench, 1);
    for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
        const uint32_t job = ask(bench, ACT_PERFORM, &deeds[i], 1, 0);
        const struct act_outcome done = expect(bench, 0, ACT_DONE);
        assert_string_equal(done.asked, done.now);
        assert_string_not_equal(done.old, done.now);
        struct act_progress progress = act_progress(bench->act);
        assert_int_equal(progress.undo_count, i + 1);
        assert_int_equal(progress.undo, deeds[i].kind);
        assert_int_equal(progress.undo_job, job);
    }
    assert_true(fake_is_frozen(bench->platform, 1));
    for (size_t i = sizeof(deeds) / sizeof(deeds[0]); i > 0; i--) {
        undo(bench);
        const struct act_outcome outcome = expect(bench, 0, ACT_DONE);
        assert_true(outcome.undo);
        assert_int_equal(outcome.deed, deeds[i - 1].kind);
        assert_int_equal(outcome.job, bench->job);
    }
    const struct fake_proc after = get(bench, 1);
    assert_int_equal(after.stopped, before.stopped);
    assert_int_equal(after.raw.nice, before.raw.nice);
    assert_int_equal(after.autogroup, before.autogroup);
    assert_int_equal(after.io_class, before.io_class);
    assert_int_equal(after.cpus_denied & 255, before.cpus_denied & 255);
    assert_int_equal(after.policy, before.policy);
    assert_int_equal(after.oom_adj, before.oom_adj);
    assert_false(fake_is_frozen(bench->platform, 1));
    bench_end(bench);
}

/* --- terminations -------------------------------------------------------------------------- */

static void who_obeys_is_done_with_the_time_it_took(void **state)
{
    (void)state;
    struct bench *bench = bench_start(2);
    struct fake_proc slow = get(bench, 2);
    slow.dies_on = 0;
    put(bench, &slow);
    const uint32_t job = perform(bench, DEED_TERMINATE, 3000, 2, 100 * ms);
    assert_int_equal(act_progress(bench->act).waiting, 2);
    assert_int_equal(act_progress(bench->act).kill_ns, 3100 * ms);
    assert_string_not_equal(expect(bench, 0, ACT_WAITING).asked, "");
    expect(bench, 1, ACT_WAITING);
    assert_int_equal(act_step(bench->act, 150 * ms), 3100 * ms);
    struct act_outcome outcome = expect(bench, 0, ACT_DONE);
    assert_int_equal(outcome.after_ns, 50 * ms);
    assert_int_equal(outcome.job, job);
    assert_int_equal(outcome.count, 2);
    assert_int_equal(act_progress(bench->act).waiting, 1);
    fake_remove(bench->platform, 2);
    assert_int_equal(act_step(bench->act, 500 * ms), UINT64_MAX);
    outcome = expect(bench, 1, ACT_DONE);
    assert_int_equal(outcome.after_ns, 400 * ms);
    expect_no_more(bench);
    assert_int_equal(act_progress(bench->act).waiting, 0);
    assert_int_equal(act_progress(bench->act).kill_ns, UINT64_MAX);
    assert_int_equal(fake_counts(bench->platform).signals_of[SIGKILL], 0);
    assert_int_equal(pins(bench), 0);
    bench_end(bench);
}

static void who_does_not_obey_is_killed_when_its_time_is_up(void **state)
{
    (void)state;
    struct bench *bench = bench_start(1);
    struct fake_proc deaf = get(bench, 1);
    deaf.dies_on = (uint64_t)1 << SIGKILL;
    put(bench, &deaf);
    perform(bench, DEED_TERMINATE, 3000, 1, 0);
    expect(bench, 0, ACT_WAITING);
    assert_int_equal(act_step(bench->act, 2999 * ms), 3000 * ms);
    expect_no_more(bench);
    assert_int_equal(act_step(bench->act, 3000 * ms), 5000 * ms);
    assert_int_equal(expect(bench, 0, ACT_KILLING).after_ns, 3000 * ms);
    assert_int_equal(act_progress(bench->act).waiting, 1);
    assert_int_equal(act_progress(bench->act).kill_ns, UINT64_MAX);
    assert_int_equal(act_step(bench->act, 3010 * ms), UINT64_MAX);
    assert_int_equal(expect(bench, 0, ACT_DONE).after_ns, 3010 * ms);
    expect_no_more(bench);
    bench_end(bench);
}

static void what_is_left_under_way_is_recorded(void **state)
{
    (void)state;
    struct bench *bench = bench_start(2);
    for (int32_t pid = 1; pid <= 2; pid++) {
        struct fake_proc deaf = get(bench, pid);
        deaf.dies_on = 0;
        put(bench, &deaf);
    }
    perform(bench, DEED_TERMINATE, 3000, 2, 0);
    assert_int_equal(bench->recorded, 2);
    act_destroy(bench->act);
    bench->act = NULL;
    assert_int_equal(bench->recorded, 4);
    assert_int_equal(bench->last_recorded.stage, ACT_LEFT);
    assert_int_equal(bench->last_recorded.target.id.pid, 2);
    bench_end(bench);
}

static void what_comes_about_later_is_done_and_can_be_undone(void **state)
{
    (void)state;
    struct bench *bench = bench_start(1);
    fake_deny(bench->platform,
              &(struct fake_denial){
                  .pid = 1, .kind = DEED_STOP, .partial = true, .result = {.error = -ETIMEDOUT}});
    perform(bench, DEED_STOP, 1, 1, 0);
    expect(bench, 0, ACT_PENDING);
    assert_int_equal(act_progress(bench->act).undo_count, 1);
    undo(bench);
    expect(bench, 0, ACT_DONE);
    bench_end(bench);
}

static void who_survives_sigkill_is_given_up_after_two_seconds(void **state)
{
    (void)state;
    struct bench *bench = bench_start(1);
    struct fake_proc stuck = get(bench, 1);
    stuck.dies_on = 0;
    put(bench, &stuck);
    perform(bench, DEED_TERMINATE, 0, 1, 0); // no time at all: killed right after
    expect(bench, 0, ACT_WAITING);
    assert_int_equal(act_step(bench->act, 0), 2000 * ms);
    expect(bench, 0, ACT_KILLING);
    assert_int_equal(act_step(bench->act, 1999 * ms), 2000 * ms);
    expect_no_more(bench);
    assert_int_equal(act_step(bench->act, 2000 * ms), UINT64_MAX);
    expect(bench, 0, ACT_SURVIVED);
    assert_int_equal(fake_counts(bench->platform).signals_of[SIGKILL], 1);
    assert_int_equal(pins(bench), 0);
    bench_end(bench);
}

static void a_zombie_has_ended(void **state)
{
    (void)state;
    struct bench *bench = bench_start(1);
    struct fake_proc orphan = get(bench, 1);
    orphan.leaves_zombie = true;
    put(bench, &orphan);
    perform(bench, DEED_TERMINATE, 3000, 1, 0);
    expect(bench, 0, ACT_WAITING);
    assert_int_equal(act_step(bench->act, ms), UINT64_MAX);
    expect(bench, 0, ACT_DONE);
    bench_end(bench);
}

static void a_stopped_process_is_continued_so_that_it_can_obey(void **state)
{
    (void)state;
    struct bench *bench = bench_start(2);
    struct fake_proc stopped = get(bench, 1);
    stopped.stopped = true;
    put(bench, &stopped);
    perform(bench, DEED_TERMINATE, 3000, 2, 0);
    act_step(bench->act, ms);
    assert_int_equal(get(bench, 1).raw.id.pid, 0);
    assert_int_equal(fake_counts(bench->platform).signals_of[SIGCONT], 1); // not the other
    bench_end(bench);
}

static void who_may_not_be_terminated_or_is_gone_fails_at_once(void **state)
{
    (void)state;
    struct bench *bench = bench_start(3);
    fake_deny(bench->platform,
              &(struct fake_denial){.pid = 1, .kind = DEED_TERMINATE, .result = belongs_to_other});
    reuse_pid(bench, 2);
    struct fake_proc zombie = get(bench, 3);
    zombie.raw.state = 'Z';
    put(bench, &zombie);
    perform(bench, DEED_TERMINATE, 3000, 3, 0);
    expect_failure(bench, 0, -EPERM, OBSTACLE_OWNER);
    expect_failure(bench, 1, -ESRCH, OBSTACLE_UNKNOWN);
    expect_failure(bench, 2, -ECHILD, OBSTACLE_UNKNOWN);
    assert_int_equal(act_step(bench->act, ms), UINT64_MAX);
    expect_no_more(bench);
    bench_end(bench);
}

static void who_may_not_be_killed_any_more_fails(void **state)
{
    (void)state;
    struct bench *bench = bench_start(1);
    struct fake_proc deaf = get(bench, 1);
    deaf.dies_on = 0;
    put(bench, &deaf);
    perform(bench, DEED_TERMINATE, 100, 1, 0);
    expect(bench, 0, ACT_WAITING);
    fake_deny(bench->platform,
              &(struct fake_denial){.pid = 1, .kind = DEED_SIGNAL, .result = belongs_to_other});
    assert_int_equal(act_step(bench->act, 100 * ms), UINT64_MAX);
    expect_failure(bench, 0, -EPERM, OBSTACLE_OWNER);
    bench_end(bench);
}

static void terminating_again_replaces_the_time_and_sends_nothing(void **state)
{
    (void)state;
    struct bench *bench = bench_start(1);
    struct fake_proc deaf = get(bench, 1);
    deaf.dies_on = (uint64_t)1 << SIGKILL;
    put(bench, &deaf);
    const uint32_t first = perform(bench, DEED_TERMINATE, 60000, 1, 0);
    expect(bench, 0, ACT_WAITING);
    const uint32_t second = perform(bench, DEED_TERMINATE, 500, 1, 1000 * ms);
    assert_int_equal(expect(bench, 0, ACT_UNCHANGED).job, second);
    assert_int_equal(act_progress(bench->act).waiting, 1);
    assert_int_equal(act_progress(bench->act).kill_ns, 1500 * ms);
    assert_int_equal(act_step(bench->act, 1499 * ms), 1500 * ms);
    act_step(bench->act, 1500 * ms);
    const struct act_outcome killing = expect(bench, 0, ACT_KILLING);
    assert_int_equal(killing.job, first);
    assert_string_equal(killing.asked, "0.5 s");
    act_step(bench->act, 1501 * ms);
    assert_int_equal(expect(bench, 0, ACT_DONE).job, first);
    expect_no_more(bench);
    assert_int_equal(fake_counts(bench->platform).signals_of[SIGTERM], 1);
    bench_end(bench);
}

static void a_running_termination_keeps_its_pin_when_the_dialog_closes(void **state)
{
    (void)state;
    struct bench *bench = bench_start(3);
    struct fake_proc deaf = get(bench, 2);
    deaf.dies_on = 0;
    put(bench, &deaf);
    inspection_destroy(inspect(bench, DEED_TERMINATE, 3));
    perform(bench, DEED_TERMINATE, 3000, 3, 0);
    ask(bench, ACT_RELEASE, NULL, 0, 0);
    assert_int_equal(pins(bench), 3);
    assert_int_equal(fake_counts(bench->platform).pins_made, 3);
    act_step(bench->act, ms);
    assert_int_equal(pins(bench), 1);
    inspection_destroy(inspect(bench, DEED_SIGNAL, 0)); // another dialog
    assert_int_equal(pins(bench), 1);
    reuse_pid(bench, 2);
    act_step(bench->act, 4000 * ms); // the other one with that pid is not hit
    assert_int_equal(pins(bench), 0);
    assert_int_equal(fake_counts(bench->platform).signals_of[SIGKILL], 0);
    assert_int_equal(get(bench, 2).raw.id.start_ns, 2);
    bench_end(bench);
}

static void waiting_ends_when_one_has_ended(void **state)
{
    (void)state;
    struct bench *bench = bench_start(2);
    const uint64_t begin_ns = platform_now_ns();
    act_wait(bench->act, 60000 * ms); // nothing to wait for
    perform(bench, DEED_TERMINATE, 3000, 2, begin_ns);
    act_wait(bench->act, 60000 * ms);
    assert_true(platform_now_ns() - begin_ns < 30000 * ms);
    assert_int_equal(fake_counts(bench->platform).waits, 1);
    bench_end(bench);
}

/* --- undo ---------------------------------------------------------------------------------- */

static void undoing_nothing_fails_without_a_target(void **state)
{
    (void)state;
    struct bench *bench = bench_start(1);
    perform(bench, DEED_NICE, 0, 1, 0); // changes nothing
    expect(bench, 0, ACT_UNCHANGED);
    perform(bench, DEED_SIGNAL, SIGUSR1, 1, 0); // cannot be undone
    expect(bench, 0, ACT_DONE);
    undo(bench);
    const struct act_outcome outcome = expect(bench, 0, ACT_FAILED);
    assert_int_equal(outcome.error, -ENOENT);
    assert_int_equal(outcome.job, bench->job);
    assert_int_equal(outcome.count, 0);
    assert_int_equal(outcome.target.id.pid, 0);
    assert_true(outcome.undo);
    expect_no_more(bench);
    bench_end(bench);
}

static void undo_takes_back_the_last_request_for_each_of_its_targets(void **state)
{
    (void)state;
    struct bench *bench = bench_start(5);
    struct fake_proc nicer = get(bench, 2);
    nicer.raw.nice = 3;
    put(bench, &nicer);
    perform(bench, DEED_OOM_ADJ, 9, 1, 0);
    perform(bench, DEED_NICE, 3, 5, 0); // the second has it already
    while (act_take(bench->act, &(struct act_outcome){.job = 0})) {
    }
    undo(bench);
    for (size_t i = 0; i < 4; i++) {
        const struct act_outcome outcome = expect(bench, i, ACT_DONE);
        assert_int_equal(outcome.count, 4);
        assert_int_equal(outcome.target.id.pid, i == 0 ? 1 : (int)i + 2);
        assert_string_equal(outcome.target.name, "sleeper");
        assert_string_equal(outcome.old, "3");
        assert_string_equal(outcome.now, "0");
    }
    expect_no_more(bench);
    assert_int_equal(get(bench, 2).raw.nice, 3);
    assert_int_equal(get(bench, 1).oom_adj, 9);
    assert_int_equal(act_progress(bench->act).undo_count, 1);
    assert_int_equal(act_progress(bench->act).undo, DEED_OOM_ADJ);
    bench_end(bench);
}

static void undo_refuses_what_has_changed_and_does_not_try_again(void **state)
{
    (void)state;
    struct bench *bench = bench_start(3);
    perform(bench, DEED_NICE, 3, 3, 0);
    while (act_take(bench->act, &(struct act_outcome){.job = 0})) {
    }
    struct fake_proc changed = get(bench, 1);
    changed.raw.nice = 4;
    put(bench, &changed);
    reuse_pid(bench, 2);
    undo(bench);
    const struct act_outcome outcome = expect(bench, 0, ACT_FAILED);
    assert_int_equal(outcome.error, -ESTALE);
    assert_int_equal(outcome.obstacle, OBSTACLE_CHANGED);
    assert_string_equal(outcome.now, "4");
    expect_failure(bench, 1, -ESRCH, OBSTACLE_UNKNOWN);
    expect(bench, 2, ACT_DONE);
    assert_int_equal(get(bench, 1).raw.nice, 4);
    assert_int_equal(get(bench, 2).raw.nice, 0);
    undo(bench);
    assert_int_equal(take(bench).error, -ENOENT);
    bench_end(bench);
}

static void what_was_done_in_part_can_be_undone(void **state)
{
    (void)state;
    struct bench *bench = bench_start(1);
    const struct fake_denial partly = {
        .pid = 1, .kind = DEED_NICE, .partial = true, .result.error = -EPERM};
    fake_deny(bench->platform, &partly);
    perform(bench, DEED_NICE, 3, 1, 0);
    assert_int_equal(expect(bench, 0, ACT_FAILED).error, -EPERM);
    assert_int_equal(get(bench, 1).raw.nice, 3);
    assert_int_equal(act_progress(bench->act).undo_count, 1);
    undo(bench);
    expect(bench, 0, ACT_DONE);
    assert_int_equal(get(bench, 1).raw.nice, 0);
    bench_end(bench);
}

static void the_oldest_change_is_forgotten_when_there_are_too_many(void **state)
{
    (void)state;
    struct bench *bench = bench_start(1);
    for (int32_t i = 1; i <= ACT_UNDO_MAX + 3; i++) {
        perform(bench, DEED_OOM_ADJ, i, 1, 0);
    }
    assert_int_equal(act_progress(bench->act).undo_count, ACT_UNDO_MAX);
    assert_int_equal(fake_counts(bench->platform).undos_open, ACT_UNDO_MAX);
    for (int32_t i = 0; i < ACT_UNDO_MAX; i++) {
        undo(bench);
    }
    assert_int_equal(get(bench, 1).oom_adj, 3);
    undo(bench);
    assert_int_equal(get(bench, 1).oom_adj, 3);
    bench_end(bench);
}

/* --- cgroups ------------------------------------------------------------------------------- */

static void several_targets_in_one_cgroup_kill_it_once(void **state)
{
    (void)state;
    struct bench *bench = bench_start(8);
    for (int32_t pid = 2; pid <= 6; pid++) {
        set_cgroup(bench, pid, pid < 6 ? 1 : 2);
    }
    reuse_pid(bench, 7);
    perform(bench, DEED_KILL_GROUP, 0, 8, 0);
    expect_failure(bench, 0, -ENOTSUP, OBSTACLE_CGROUP_NONE);
    for (size_t i = 1; i < 5; i++) {
        const struct act_outcome outcome = expect(bench, i, ACT_DONE);
        assert_string_equal(outcome.cgroup, "/group/a");
        assert_int_equal(outcome.cgroup_processes, 4);
    }
    const struct act_outcome other = expect(bench, 5, ACT_DONE);
    assert_string_equal(other.cgroup, "/group/b");
    assert_int_equal(other.cgroup_processes, 1);
    expect_failure(bench, 6, -ESRCH, OBSTACLE_UNKNOWN); // was gone before
    expect_failure(bench, 7, -ENOTSUP, OBSTACLE_CGROUP_NONE);
    assert_int_equal(fake_counts(bench->platform).cgroup_kills, 2);
    assert_int_equal(get(bench, 2).raw.id.pid, 0);
    assert_int_equal(get(bench, 8).raw.id.pid, 8);
    assert_int_equal(pins(bench), 0);
    bench_end(bench);
}

static void a_second_target_may_kill_the_cgroup_the_first_could_not(void **state)
{
    (void)state;
    struct bench *bench = bench_start(2);
    set_cgroup(bench, 1, 1);
    set_cgroup(bench, 2, 1);
    fake_deny(bench->platform, &(struct fake_denial){.pid = 1,
                                                     .kind = DEED_KILL_GROUP,
                                                     .result = {.error = -EACCES,
                                                                .obstacle = OBSTACLE_CGROUP_FILE}});
    perform(bench, DEED_KILL_GROUP, 0, 2, 0);
    expect_failure(bench, 0, -EACCES, OBSTACLE_CGROUP_FILE);
    expect(bench, 1, ACT_DONE);
    bench_end(bench);
}

static void a_cgroup_frozen_twice_is_unchanged_the_second_time(void **state)
{
    (void)state;
    struct bench *bench = bench_start(3);
    for (int32_t pid = 1; pid <= 3; pid++) {
        set_cgroup(bench, pid, 1);
    }
    perform(bench, DEED_FREEZE, 1, 3, 0);
    assert_string_equal(expect(bench, 0, ACT_DONE).cgroup, "/group/a");
    expect(bench, 1, ACT_UNCHANGED);
    expect(bench, 2, ACT_UNCHANGED);
    undo(bench);
    const struct act_outcome outcome = expect(bench, 0, ACT_DONE);
    assert_string_equal(outcome.cgroup, "/group/a");
    assert_int_equal(outcome.cgroup_processes, 3);
    expect_no_more(bench);
    assert_false(fake_is_frozen(bench->platform, 1));
    bench_end(bench);
}

static void a_cgroup_that_cannot_be_acted_on_is_left_alone(void **state)
{
    (void)state;
    struct bench *bench = bench_start(1);
    set_cgroup(bench, 1, 1);
    fake_set_cgroup(bench->platform, 1, "/", OBSTACLE_CGROUP_ROOT);
    perform(bench, DEED_KILL_GROUP, 0, 1, 0);
    const struct act_outcome outcome = expect(bench, 0, ACT_FAILED);
    assert_int_equal(outcome.error, -EPERM);
    assert_int_equal(outcome.obstacle, OBSTACLE_CGROUP_ROOT);
    assert_string_equal(outcome.cgroup, "/");
    assert_int_equal(fake_counts(bench->platform).cgroup_kills, 0);
    bench_end(bench);
}

static void the_cgroup_a_dialog_showed_is_not_asked_for_again(void **state)
{
    (void)state;
    struct bench *bench = bench_start(2);
    set_cgroup(bench, 1, 1);
    set_cgroup(bench, 2, 2);
    inspection_destroy(inspect(bench, DEED_KILL_GROUP, 1));
    set_cgroup(bench, 1, 2); // it moves before the person says yes
    perform(bench, DEED_KILL_GROUP, 0, 1, 0);
    assert_string_equal(take(bench).cgroup, "/group/a");
    assert_int_equal(fake_counts(bench->platform).cgroup_looks, 1);
    assert_int_equal(get(bench, 2).raw.id.pid, 2); // whoever is in the other one lives
    bench_end(bench);
}

static void the_members_are_counted_when_they_are_killed(void **state)
{
    (void)state;
    struct bench *bench = bench_start(5);
    set_cgroup(bench, 1, 1);
    inspection_destroy(inspect(bench, DEED_KILL_GROUP, 1));
    set_cgroup(bench, 2, 1); // one more before the person says yes
    perform(bench, DEED_KILL_GROUP, 0, 1, 0);
    const struct act_outcome outcome = expect(bench, 0, ACT_DONE);
    assert_int_equal(outcome.cgroup_processes, 2);
    assert_int_equal(outcome.cgroup_shown, 1);
    assert_int_equal(get(bench, 2).raw.id.pid, 0);
    bench_end(bench);
}

static void who_is_in_a_cgroup_below_was_killed_with_it(void **state)
{
    (void)state;
    struct bench *bench = bench_start(4);
    for (int32_t pid = 1; pid <= 4; pid++) {
        set_cgroup(bench, pid, (uint64_t)pid);
    }
    fake_set_cgroup(bench->platform, 1, "/app", OBSTACLE_UNKNOWN);
    fake_set_cgroup(bench->platform, 2, "/app/inner", OBSTACLE_UNKNOWN);
    fake_set_cgroup(bench->platform, 3, "/apple", OBSTACLE_UNKNOWN);
    perform(bench, DEED_KILL_GROUP, 0, 4, 0);
    for (size_t i = 0; i < 4; i++) {
        expect(bench, i, ACT_DONE);
    }
    assert_int_equal(fake_counts(bench->platform).cgroup_kills, 3);
    bench_end(bench);
}

static void cgroups_are_killed_also_when_descriptors_are_short(void **state)
{
    (void)state;
    struct bench *bench = bench_start(30);
    for (int32_t pid = 1; pid <= 30; pid++) {
        set_cgroup(bench, pid, pid <= 20 ? 1 : 2);
    }
    fake_set_pins_max(bench->platform, 4);
    perform(bench, DEED_KILL_GROUP, 0, 30, 0);
    for (size_t i = 0; i < 30; i++) {
        expect(bench, i, ACT_DONE);
    }
    assert_int_equal(fake_counts(bench->platform).cgroup_kills, 2);
    bench_end(bench);
}

/* --- inspections --------------------------------------------------------------------------- */

static void an_inspection_tells_the_common_value_and_who_is_gone(void **state)
{
    (void)state;
    struct bench *bench = bench_start(5);
    reuse_pid(bench, 1);
    struct fake_proc zombie = get(bench, 5);
    zombie.raw.state = 'Z';
    put(bench, &zombie);
    struct inspection *inspection = inspect(bench, DEED_NICE, 5);
    assert_int_equal(inspection->gone, 2);
    assert_true(inspection->known);
    assert_true(inspection->same);
    assert_int_equal(inspection->value.number, 0);
    assert_int_equal(inspection->error, 0);
    assert_null(inspection->topology);
    inspection_destroy(inspection);
    struct fake_proc other = get(bench, 3);
    other.raw.nice = 4;
    put(bench, &other);
    inspection = inspect(bench, DEED_NICE, 5);
    assert_false(inspection->same);
    assert_int_equal(inspection->value.number, 0);
    inspection_destroy(inspection);
    bench_end(bench);
}

static void an_inspection_says_why_when_nothing_could_be_read(void **state)
{
    (void)state;
    struct bench *bench = bench_start(3);
    const struct fake_denial first = {
        .pid = 1, .kind = DEED_IOPRIO, .reading = true, .result.error = -EPERM};
    const struct fake_denial others = {.kind = DEED_IOPRIO,
                                       .reading = true,
                                       .result.error = -EACCES};
    fake_deny(bench->platform, &first);
    struct inspection *inspection = inspect(bench, DEED_IOPRIO, 3);
    assert_true(inspection->known); // of the second
    assert_true(inspection->same);
    assert_int_equal(inspection->error, 0);
    inspection_destroy(inspection);
    fake_deny(bench->platform, &others);
    inspection = inspect(bench, DEED_IOPRIO, 3);
    assert_false(inspection->known);
    assert_int_equal(inspection->gone, 0);
    assert_int_equal(inspection->error, -EPERM);
    assert_int_equal(pins(bench), 3); // one can still try
    inspection_destroy(inspection);
    bench_end(bench);
}

static void an_inspection_adds_up_different_cgroups(void **state)
{
    (void)state;
    struct bench *bench = bench_start(9);
    for (int32_t pid = 2; pid <= 9; pid++) {
        set_cgroup(bench, pid, pid <= 6 ? 2 : 3);
    }
    fake_set_cgroup(bench->platform, 2, "/od\033[2Jd", OBSTACLE_UNKNOWN);
    struct inspection *inspection = inspect(bench, DEED_FREEZE, 9);
    assert_int_equal(inspection->cgroup.error, 0);
    assert_int_equal(inspection->cgroup.id, 2);
    assert_string_equal(inspection->cgroup.path, "/od\xef\xbf\xbd[2Jd");
    assert_int_equal(inspection->cgroup.processes, 5);
    assert_int_equal(inspection->cgroup.pid_count, 5);
    assert_int_equal(inspection->cgroup.pids[0], 2);
    assert_int_equal(inspection->cgroup.pids[4], 6);
    assert_int_equal(inspection->cgroup_count, 2);
    assert_int_equal(inspection->cgroup_processes, 8);
    assert_false(inspection->cgroup_has_ancestor);
    assert_true(inspection->known);
    inspection_destroy(inspection);
    set_cgroup(bench, 1, 3);
    inspection = inspect(bench, DEED_KILL_GROUP, 9);
    assert_true(inspection->cgroup_has_ancestor);
    assert_false(inspection->known); // there is no value
    assert_int_equal(inspection->error, 0);
    inspection_destroy(inspection);
    bench_end(bench);
}

static void an_inspection_says_why_there_is_no_cgroup(void **state)
{
    (void)state;
    struct bench *bench = bench_start(2);
    struct inspection *inspection = inspect(bench, DEED_FREEZE, 2);
    assert_int_equal(inspection->cgroup.error, -ENOTSUP);
    assert_int_equal(inspection->cgroup.obstacle, OBSTACLE_CGROUP_NONE);
    assert_int_equal(inspection->cgroup_count, 0);
    inspection_destroy(inspection);
    reuse_pid(bench, 1);
    inspection = inspect(bench, DEED_FREEZE, 1);
    assert_int_equal(inspection->cgroup.error, -ESRCH);
    assert_int_equal(inspection->gone, 1);
    inspection_destroy(inspection);
    bench_end(bench);
}

static void an_inspection_of_affinity_allows_what_all_cpusets_allow(void **state)
{
    (void)state;
    struct bench *bench = bench_start(3);
    struct fake_proc proc = get(bench, 1);
    proc.cpus_forbidden = 1;
    put(bench, &proc);
    proc = get(bench, 3);
    proc.cpus_forbidden = 6;
    put(bench, &proc);
    struct inspection *inspection = inspect(bench, DEED_AFFINITY, 3);
    assert_int_equal(inspection->allowed.words[0], 255 & ~7u);
    assert_int_equal(inspection->value.cpus.words[0], 255);
    assert_non_null(inspection->topology);
    assert_int_equal(inspection->topology->count, 8);
    inspection_destroy(inspection);
    bench_end(bench);
}

static void an_inspection_not_taken_gives_way_to_the_next(void **state)
{
    (void)state;
    struct bench *bench = bench_start(1);
    const struct deed deed = {.kind = DEED_NICE};
    ask(bench, ACT_INSPECT, &deed, 1, 0);
    inspection_destroy(inspect(bench, DEED_AFFINITY, 1));
    ask(bench, ACT_INSPECT, &deed, 1, 0); // never taken
    bench_end(bench);
}

/* --- one request after the other ----------------------------------------------------------- */

static void a_large_request_is_done_step_by_step(void **state)
{
    (void)state;
    struct bench *bench = bench_start(500);
    fake_deny(bench->platform,
              &(struct fake_denial){.pid = 100, .kind = DEED_NICE, .result.error = -EPERM});
    fake_remove(bench->platform, 300);
    const struct act_request request = {.kind = ACT_PERFORM,
                                        .deed = number_deed(DEED_NICE, 2),
                                        .targets = bench->targets,
                                        .target_count = 500};
    act_begin(bench->act, &request, 0);
    assert_int_equal(act_progress(bench->act).waiting, 500);
    size_t steps = 0;
    size_t taken = 0;
    size_t failed = 0;
    while (act_is_busy(bench->act)) {
        const uint64_t due_ns = act_step(bench->act, 7);
        assert_int_equal(due_ns, act_is_busy(bench->act) ? 7 : UINT64_MAX);
        size_t news = 0;
        struct act_outcome outcome;
        for (; act_take(bench->act, &outcome); news++) {
            assert_int_equal(outcome.index, taken + news);
            failed += outcome.stage == ACT_FAILED;
        }
        assert_in_range(news, 1, 64);
        taken += news;
        steps++;
        assert_int_equal(act_progress(bench->act).waiting, 500 - taken);
    }
    assert_int_equal(taken, 500);
    assert_int_equal(failed, 2);
    assert_true(steps >= 8);
    undo(bench);
    assert_int_equal(act_progress(bench->act).waiting, 0);
    assert_int_equal(get(bench, 499).raw.nice, 0);
    bench_end(bench);
}

static void a_request_is_done_to_its_end_before_the_next_one(void **state)
{
    (void)state;
    struct bench *bench = bench_start(200);
    const struct act_request request = {.kind = ACT_PERFORM,
                                        .deed = number_deed(DEED_NICE, 2),
                                        .targets = bench->targets,
                                        .target_count = 200};
    act_begin(bench->act, &request, 0);
    act_step(bench->act, 0);
    undo(bench); // of all 200
    size_t undone = 0;
    struct act_outcome outcome;
    for (size_t i = 0; act_take(bench->act, &outcome); i++) {
        assert_int_equal(outcome.undo, i >= 200);
        undone += outcome.undo;
    }
    assert_int_equal(undone, 200);
    bench_end(bench);
}

static void an_engine_in_the_middle_of_work_can_be_destroyed(void **state)
{
    (void)state;
    struct bench *bench = bench_start(200);
    for (int32_t pid = 1; pid <= 200; pid++) {
        set_cgroup(bench, pid, 1);
    }
    perform(bench, DEED_TERMINATE, 5000, 10, 0);
    inspection_destroy(inspect(bench, DEED_FREEZE, 50));
    const struct act_request request = {.kind = ACT_PERFORM,
                                        .deed = number_deed(DEED_FREEZE, 1),
                                        .targets = bench->targets,
                                        .target_count = 200};
    act_begin(bench->act, &request, 0);
    for (int i = 0; i < 12; i++) {
        act_step(bench->act, 0);
    }
    assert_true(act_is_busy(bench->act));
    bench_end(bench);
    act_destroy(NULL);
}

static void outcomes_nobody_takes_lose_progress_first_and_then_the_oldest(void **state)
{
    (void)state;
    struct act_queue queue = {.count = 0};
    for (uint32_t i = 0; i < ACT_QUEUE_MAX + 100; i++) {
        const struct act_outcome outcome = {.job = i,
                                            .stage = i % 4 == 0   ? ACT_WAITING
                                                     : i % 4 == 1 ? ACT_KILLING
                                                                  : ACT_DONE};
        assert_int_equal(act_queue_push(&queue, &outcome), 0);
    }
    size_t progress = 0;
    struct act_outcome outcome;
    uint32_t last = 0;
    while (act_queue_pop(&queue, &outcome)) {
        progress += !act_outcome_is_final(&outcome);
        assert_true(outcome.job >= last);
        last = outcome.job;
    }
    assert_int_equal(progress, ACT_QUEUE_PROGRESS_MAX / 2);
    assert_int_equal(last, ACT_QUEUE_MAX + 99);
    for (uint32_t i = 0; i < ACT_QUEUE_MAX + 100; i++) {
        assert_int_equal(act_queue_push(&queue, &(struct act_outcome){.job = i}), 0);
    }
    assert_int_equal(queue.count, ACT_QUEUE_MAX);
    assert_true(act_queue_pop(&queue, &outcome));
    assert_int_equal(outcome.job, 100);
    act_queue_finish(&queue);
}

static void a_connection_is_closed_whatever_became_of_its_process(void **state)
{
    (void)state;
    struct bench *bench = bench_start(1);
    const struct deed deed = {.kind = DEED_CLOSE,
                              .value.socket = {.local = {.family = 4, .port = 80}, .cookie = 77}};
    fake_remove(bench->platform, bench->targets[0].id.pid);
    ask(bench, ACT_PERFORM, &deed, 1, 0);
    const struct act_outcome outcome = expect(bench, 0, ACT_DONE);
    assert_string_equal(outcome.asked, "*:80 - ");
    assert_int_equal(fake_counts(bench->platform).closes, 1);
    assert_int_equal(fake_counts(bench->platform).last_closed.cookie, 77);
    assert_int_equal(fake_counts(bench->platform).pins_made, 0);
    assert_int_equal(act_progress(bench->act).undo_count, 0);
    bench_end(bench);
}

static void a_connection_that_may_not_be_closed_says_what_is_missing(void **state)
{
    (void)state;
    struct bench *bench = bench_start(1);
    const struct deed deed = {.kind = DEED_CLOSE, .value.socket.cookie = 77};
    fake_deny(bench->platform, &(struct fake_denial){.kind = DEED_CLOSE,
                                                     .result = {.error = -EPERM,
                                                                .obstacle = OBSTACLE_CAPABILITY,
                                                                .needs = "CAP_NET_ADMIN"}});
    ask(bench, ACT_PERFORM, &deed, 1, 0);
    const struct act_outcome outcome = expect(bench, 0, ACT_FAILED);
    assert_int_equal(outcome.error, -EPERM);
    assert_int_equal(outcome.obstacle, OBSTACLE_CAPABILITY);
    assert_string_equal(outcome.needs, "CAP_NET_ADMIN");
    bench_end(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_dialog_inspects_is_held_until_it_closes),
        cmocka_unit_test(another_inspection_lets_go_of_what_is_not_in_it),
        cmocka_unit_test(a_deed_without_a_dialog_holds_on_for_just_its_duration),
        cmocka_unit_test(what_runs_short_of_descriptors_is_held_one_at_a_time),
        cmocka_unit_test(terminations_go_on_without_descriptors_for_all),
        cmocka_unit_test(a_signal_has_an_outcome_for_each_target),
        cmocka_unit_test(outcomes_are_recorded_before_they_can_be_taken),
        cmocka_unit_test(kernel_threads_are_refused_and_not_touched),
        cmocka_unit_test(an_attribute_is_told_as_it_was_and_as_it_is),
        cmocka_unit_test(a_list_of_cpus_that_is_cut_says_so),
        cmocka_unit_test(a_refusal_is_told_with_all_that_is_known),
        cmocka_unit_test(every_attribute_can_be_changed_and_undone),
        cmocka_unit_test(who_obeys_is_done_with_the_time_it_took),
        cmocka_unit_test(who_does_not_obey_is_killed_when_its_time_is_up),
        cmocka_unit_test(who_survives_sigkill_is_given_up_after_two_seconds),
        cmocka_unit_test(a_zombie_has_ended),
        cmocka_unit_test(a_stopped_process_is_continued_so_that_it_can_obey),
        cmocka_unit_test(who_may_not_be_terminated_or_is_gone_fails_at_once),
        cmocka_unit_test(who_may_not_be_killed_any_more_fails),
        cmocka_unit_test(terminating_again_replaces_the_time_and_sends_nothing),
        cmocka_unit_test(a_running_termination_keeps_its_pin_when_the_dialog_closes),
        cmocka_unit_test(waiting_ends_when_one_has_ended),
        cmocka_unit_test(undoing_nothing_fails_without_a_target),
        cmocka_unit_test(undo_takes_back_the_last_request_for_each_of_its_targets),
        cmocka_unit_test(undo_refuses_what_has_changed_and_does_not_try_again),
        cmocka_unit_test(what_was_done_in_part_can_be_undone),
        cmocka_unit_test(the_oldest_change_is_forgotten_when_there_are_too_many),
        cmocka_unit_test(several_targets_in_one_cgroup_kill_it_once),
        cmocka_unit_test(a_second_target_may_kill_the_cgroup_the_first_could_not),
        cmocka_unit_test(a_cgroup_frozen_twice_is_unchanged_the_second_time),
        cmocka_unit_test(a_cgroup_that_cannot_be_acted_on_is_left_alone),
        cmocka_unit_test(the_cgroup_a_dialog_showed_is_not_asked_for_again),
        cmocka_unit_test(the_members_are_counted_when_they_are_killed),
        cmocka_unit_test(who_is_in_a_cgroup_below_was_killed_with_it),
        cmocka_unit_test(cgroups_are_killed_also_when_descriptors_are_short),
        cmocka_unit_test(what_is_left_under_way_is_recorded),
        cmocka_unit_test(what_comes_about_later_is_done_and_can_be_undone),
        cmocka_unit_test(an_inspection_tells_the_common_value_and_who_is_gone),
        cmocka_unit_test(an_inspection_says_why_when_nothing_could_be_read),
        cmocka_unit_test(an_inspection_adds_up_different_cgroups),
        cmocka_unit_test(an_inspection_says_why_there_is_no_cgroup),
        cmocka_unit_test(an_inspection_of_affinity_allows_what_all_cpusets_allow),
        cmocka_unit_test(an_inspection_not_taken_gives_way_to_the_next),
        cmocka_unit_test(a_connection_is_closed_whatever_became_of_its_process),
        cmocka_unit_test(a_connection_that_may_not_be_closed_says_what_is_missing),
        cmocka_unit_test(a_large_request_is_done_step_by_step),
        cmocka_unit_test(a_request_is_done_to_its_end_before_the_next_one),
        cmocka_unit_test(an_engine_in_the_middle_of_work_can_be_destroyed),
        cmocka_unit_test(outcomes_nobody_takes_lose_progress_first_and_then_the_oldest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
