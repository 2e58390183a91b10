#include "check.h"
#include "fake_platform.h"
#include "sampler/actor.h"
#include "sampler/thread.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const uint64_t ms = 1000000;

/* Stands in for sampler/thread.c's, so that a test can have no threads at all. */
static atomic_int threads_refused;

int thread_start(pthread_t *ret, void *(*run)(void *context), void *context)
{
    if (atomic_load(&threads_refused) != 0) {
        return -EAGAIN;
    }
    return -pthread_create(ret, NULL, run, context);
}

int thread_condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    const int error = pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
    return -error;
}

bool thread_wait_until(pthread_cond_t *condition, pthread_mutex_t *lock, uint64_t deadline_ns)
{
    if (deadline_ns == UINT64_MAX) {
        pthread_cond_wait(condition, lock);
        return false;
    }
    const struct timespec deadline = {.tv_sec = (time_t)(deadline_ns / 1000000000u),
                                      .tv_nsec = (long)(deadline_ns % 1000000000u)};
    return pthread_cond_timedwait(condition, lock, &deadline) == ETIMEDOUT;
}

struct bench {
    struct platform *platform;
    struct actor *actor;
    uint32_t job;
    atomic_uint wakeups;
    atomic_uint recorded;
    struct target targets[ACT_TARGETS_MAX];
};

static void woken(void *context)
{
    struct bench *bench = context;
    atomic_fetch_add(&bench->wakeups, 1);
}

static void record(void *context, const struct act_outcome *outcome)
{
    struct bench *bench = context;
    atomic_fetch_add(&bench->recorded, outcome->undo || outcome->target.id.start_ns == 1);
}

static void nap(uint64_t ns)
{
    nanosleep(&(struct timespec){.tv_sec = (time_t)(ns / 1000000000u),
                                 .tv_nsec = (long)(ns % 1000000000u)},
              NULL);
}

/* Processes 1 to `processes`, which are the targets from [0] on. */
static struct bench *bench_start(int32_t processes)
{
    struct bench *bench = calloc(1, sizeof(*bench));
    assert_non_null(bench);
    bench->platform = fake_create(4);
    for (int32_t pid = 1; pid <= processes; pid++) {
        struct fake_proc proc = fake_process(pid, 1, "sleeper");
        proc.dies_on = (uint64_t)1 << SIGKILL;
        fake_put(bench->platform, &proc);
        bench->targets[pid - 1] = (struct target){.id = {.pid = pid, .start_ns = 1}};
    }
    const struct actor_options options = {.platform = bench->platform,
                                          .wakeup = woken,
                                          .wakeup_context = bench,
                                          .record = record,
                                          .record_context = bench};
    assert_int_equal(actor_start(&options, &bench->actor), 0);
    return bench;
}

static void bench_end(struct bench *bench)
{
    fake_release(bench->platform);
    while (!actor_stop(bench->actor)) {
    }
    assert_int_equal(fake_counts(bench->platform).pins_open, 0);
    assert_int_equal(fake_counts(bench->platform).undos_open, 0);
    fake_destroy(bench->platform);
    free(bench);
}

static int ask(struct bench *bench, enum act_request_kind kind, enum deed_kind deed, int32_t number,
               size_t count)
{
    const struct act_request request = {
        .kind = kind,
        .job = ++bench->job,
        .deed = {.kind = deed, .value.number = number},
        .targets = bench->targets,
        .target_count = count,
    };
    return actor_request(bench->actor, &request);
}

/* The next outcome within five seconds. */
static struct act_outcome next(struct bench *bench)
{
    struct act_outcome outcome = {.job = 0};
    bool found = false;
    for (int i = 0; i < 5000 && !found; i++) {
        found = actor_take(bench->actor, &outcome);
        if (!found) {
            nap(ms);
        }
    }
    assert_true(found);
    return outcome;
}

/* The next inspection within five seconds. */
static struct inspection *next_inspection(struct bench *bench)
{
    for (int i = 0; i < 5000; i++) {
        struct inspection *inspection = actor_take_inspection(bench->actor);
        if (inspection != NULL) {
            return inspection;
        }
        nap(ms);
    }
    fail_msg("no inspection came");
    abort(); // never: for the compiler
}

/* Nothing is under way any more. */
static void await_rest(struct bench *bench)
{
    for (int i = 0; i < 5000 && actor_progress(bench->actor).waiting > 0; i++) {
        nap(ms);
    }
    assert_int_equal(actor_progress(bench->actor).waiting, 0);
}

static void requests_are_done_in_their_order(void **state)
{
    (void)state;
    struct bench *bench = bench_start(100);
    for (int32_t nice = 1; nice <= 10; nice++) {
        assert_int_equal(ask(bench, ACT_PERFORM, DEED_NICE, nice, 100), 0);
    }
    assert_int_equal(ask(bench, ACT_UNDO, DEED_NICE, 0, 0), 0);
    for (uint32_t job = 1; job <= 11; job++) {
        for (size_t i = 0; i < 100; i++) {
            const struct act_outcome outcome = next(bench);
            assert_int_equal(outcome.job, job);
            assert_int_equal(outcome.index, i);
            assert_int_equal(outcome.stage, ACT_DONE);
            assert_int_equal(outcome.undo, job == 11);
        }
    }
    assert_int_equal(atomic_load(&bench->recorded), 1100);
    assert_true(atomic_load(&bench->wakeups) >= 11);
    assert_int_equal(fake_get(bench->platform, 50).raw.nice, 9);
    assert_int_equal(actor_progress(bench->actor).undo_count, 9);
    assert_int_equal(actor_progress(bench->actor).undo_job, 9);
    bench_end(bench);
}

static void what_is_asked_is_copied(void **state)
{
    (void)state;
    struct bench *bench = bench_start(2);
    fake_block_pin(bench->platform, 1);
    assert_int_equal(ask(bench, ACT_PERFORM, DEED_NICE, 5, 1), 0);
    assert_true(fake_wait_blocked(bench->platform, 1));
    assert_int_equal(ask(bench, ACT_PERFORM, DEED_NICE, 6, 2), 0);
    memset(bench->targets, 0, sizeof(bench->targets));
    fake_release(bench->platform);
    await_rest(bench);
    assert_int_equal(fake_get(bench->platform, 2).raw.nice, 6);
    bench_end(bench);
}

static void nobody_waits_for_a_process_that_is_slow_to_hold(void **state)
{
    (void)state;
    struct bench *bench = bench_start(3);
    fake_block_pin(bench->platform, 2);
    const uint64_t begin_ns = platform_now_ns();
    assert_int_equal(ask(bench, ACT_PERFORM, DEED_NICE, 5, 3), 0);
    assert_true(fake_wait_blocked(bench->platform, 1));
    assert_int_equal(ask(bench, ACT_PERFORM, DEED_SIGNAL, SIGUSR1, 2), 0);
    assert_int_equal(actor_progress(bench->actor).waiting, 5); // what was not begun counts
    assert_false(actor_take(bench->actor, &(struct act_outcome){.job = 0}));
    assert_null(actor_take_inspection(bench->actor));
    assert_true(platform_now_ns() - begin_ns < 10000 * ms);
    fake_release(bench->platform);
    for (int i = 0; i < 5; i++) {
        next(bench);
    }
    await_rest(bench);
    bench_end(bench);
}

static void outcomes_of_a_large_request_come_while_it_is_done(void **state)
{
    (void)state;
    struct bench *bench = bench_start(500);
    fake_block_pin(bench->platform, 400);
    assert_int_equal(ask(bench, ACT_PERFORM, DEED_NICE, 5, 500), 0);
    for (size_t i = 0; i < 300; i++) {
        assert_int_equal(next(bench).index, i);
    }
    assert_true(fake_wait_blocked(bench->platform, 1));
    assert_in_range(actor_progress(bench->actor).waiting, 101, 200);
    fake_release(bench->platform);
    for (size_t i = 300; i < 500; i++) {
        assert_int_equal(next(bench).index, i);
    }
    await_rest(bench);
    bench_end(bench);
}

static void an_inspection_comes_and_a_newer_one_spares_those_not_begun(void **state)
{
    (void)state;
    struct bench *bench = bench_start(50);
    assert_int_equal(ask(bench, ACT_INSPECT, DEED_NICE, 0, 50), 0);
    struct inspection *inspection = next_inspection(bench);
    assert_int_equal(inspection->job, 1);
    assert_true(inspection->same);
    inspection_destroy(inspection);
    assert_int_equal(fake_counts(bench->platform).pins_open, 50);
    assert_int_equal(ask(bench, ACT_RELEASE, DEED_NICE, 0, 0), 0);
    fake_block_pin(bench->platform, 50);
    assert_int_equal(ask(bench, ACT_PERFORM, DEED_NICE, 1, 50), 0);
    assert_true(fake_wait_blocked(bench->platform, 1));
    const size_t gets = fake_counts(bench->platform).gets;
    for (int i = 0; i < 200; i++) { // more than may wait
        assert_int_equal(ask(bench, ACT_INSPECT, DEED_NICE, 0, 10), 0);
    }
    fake_release(bench->platform);
    inspection = next_inspection(bench);
    assert_int_equal(inspection->job, bench->job);
    inspection_destroy(inspection);
    assert_int_equal(fake_counts(bench->platform).gets - gets, 10);
    bench_end(bench);
}

static void too_many_requests_are_refused(void **state)
{
    (void)state;
    struct bench *bench = bench_start(ACT_TARGETS_MAX);
    fake_block_pin(bench->platform, 1);
    assert_int_equal(ask(bench, ACT_PERFORM, DEED_NICE, 1, 1), 0);
    assert_true(fake_wait_blocked(bench->platform, 1));
    int error = 0;
    size_t done = 0;
    for (; error == 0 && done < 1000; done += error == 0) {
        error = ask(bench, ACT_PERFORM, DEED_NICE, 1, ACT_TARGETS_MAX);
    }
    assert_int_equal(error, -EAGAIN);
    assert_int_equal(done, 4);
    for (done = 0; done < 1000 && ask(bench, ACT_UNDO, DEED_NICE, 0, 0) == 0; done++) {
    }
    assert_in_range(done, 1, 100);
    bench_end(bench);
}

static void who_takes_nothing_has_no_more_done_but_loses_nothing(void **state)
{
    (void)state;
    struct bench *bench = bench_start(ACT_TARGETS_MAX);
    for (int32_t nice = 1; nice <= 4; nice++) {
        assert_int_equal(ask(bench, ACT_PERFORM, DEED_NICE, nice, ACT_TARGETS_MAX), 0);
    }
    for (int i = 0; i < 5000 && atomic_load(&bench->recorded) < 2 * ACT_TARGETS_MAX; i++) {
        nap(ms);
    }
    nap(50 * ms);
    assert_int_equal(atomic_load(&bench->recorded), 2 * ACT_TARGETS_MAX); // the third waits
    for (uint32_t job = 1; job <= 4; job++) {
        for (size_t i = 0; i < ACT_TARGETS_MAX; i++) {
            const struct act_outcome outcome = next(bench);
            assert_int_equal(outcome.job, job);
            assert_int_equal(outcome.index, i);
        }
    }
    await_rest(bench);
    bench_end(bench);
}

static void terminations_go_on_while_other_requests_are_done(void **state)
{
    (void)state;
    struct bench *bench = bench_start(3);
    const uint64_t begin_ns = platform_now_ns();
    assert_int_equal(ask(bench, ACT_PERFORM, DEED_TERMINATE, 2000, 2), 0);
    assert_int_equal(next(bench).stage, ACT_WAITING);
    assert_int_equal(next(bench).stage, ACT_WAITING);
    assert_int_equal(ask(bench, ACT_PERFORM, DEED_NICE, 5, 1), 0);
    assert_int_equal(next(bench).deed, DEED_NICE);
    assert_true(platform_now_ns() - begin_ns < 1900 * ms);
    const struct act_progress progress = actor_progress(bench->actor);
    assert_int_equal(progress.waiting, 2);
    assert_in_range(progress.kill_ns, begin_ns + 2000 * ms, platform_now_ns() + 2000 * ms);
    fake_remove(bench->platform, 1);
    struct act_outcome outcome = next(bench);
    assert_int_equal(outcome.stage, ACT_DONE);
    assert_int_equal(outcome.target.id.pid, 1);
    assert_true(outcome.after_ns < 1950 * ms); // noticed when it ended
    outcome = next(bench);
    assert_int_equal(outcome.stage, ACT_KILLING);
    assert_in_range(outcome.after_ns, 2000 * ms, 20000 * ms);
    assert_int_equal(next(bench).stage, ACT_DONE);
    await_rest(bench);
    bench_end(bench);
}

static void what_was_asked_for_is_done_before_the_end(void **state)
{
    (void)state;
    struct bench *bench = bench_start(200);
    fake_block_pin(bench->platform, 1);
    assert_int_equal(ask(bench, ACT_PERFORM, DEED_NICE, 1, 200), 0);
    assert_true(fake_wait_blocked(bench->platform, 1));
    assert_int_equal(ask(bench, ACT_PERFORM, DEED_OOM_ADJ, 2, 200), 0);
    assert_int_equal(ask(bench, ACT_PERFORM, DEED_TERMINATE, 60000, 1), 0);
    const uint64_t begin_ns = platform_now_ns();
    assert_false(actor_stop(bench->actor)); // it hangs
    const uint64_t took_ns = platform_now_ns() - begin_ns;
    assert_true(took_ns >= 240 * ms && took_ns < 10000 * ms); // slow machines are slow
    fake_release(bench->platform);
    while (!actor_stop(bench->actor)) {
    }
    assert_int_equal(fake_get(bench->platform, 200).raw.nice, 1);
    assert_int_equal(fake_get(bench->platform, 200).oom_adj, 2);
    assert_int_equal(fake_counts(bench->platform).signals_of[SIGTERM], 1);
    assert_int_equal(fake_counts(bench->platform).signals_of[SIGKILL], 0);
    assert_int_equal(fake_counts(bench->platform).pins_open, 0);
    fake_destroy(bench->platform);
    free(bench);
    assert_true(actor_stop(NULL));
}

static void stopping_leaves_terminations_as_they_are(void **state)
{
    (void)state;
    struct bench *bench = bench_start(1);
    assert_int_equal(ask(bench, ACT_PERFORM, DEED_TERMINATE, 60000, 1), 0);
    assert_int_equal(next(bench).stage, ACT_WAITING);
    const uint64_t begin_ns = platform_now_ns();
    assert_true(actor_stop(bench->actor));
    assert_true(platform_now_ns() - begin_ns < 10000 * ms);
    assert_int_equal(fake_counts(bench->platform).signals_of[SIGKILL], 0);
    bench->actor = NULL;
    bench_end(bench);
}

static void starting_and_stopping_many_times_leaves_nothing_behind(void **state)
{
    (void)state;
    struct bench *bench = bench_start(3);
    const struct actor_options options = {.platform = bench->platform,
                                          .wakeup = woken,
                                          .wakeup_context = bench};
    struct actor *first = bench->actor;
    for (int i = 0; i < 300; i++) {
        assert_int_equal(actor_start(&options, &bench->actor), 0);
        if (i % 2 == 0) {
            assert_int_equal(ask(bench, ACT_INSPECT, DEED_AFFINITY, 0, 3), 0);
            assert_int_equal(ask(bench, ACT_PERFORM, DEED_NICE, i % 19, 3), 0);
        }
        assert_true(actor_stop(bench->actor));
    }
    bench->actor = first;
    bench_end(bench);
}

static void without_a_thread_asking_does_it_and_taking_goes_on(void **state)
{
    (void)state;
    atomic_store(&threads_refused, 1);
    struct bench *bench = bench_start(100);
    atomic_store(&threads_refused, 0);
    assert_int_equal(ask(bench, ACT_INSPECT, DEED_NICE, 0, 100), 0);
    struct inspection *inspection = actor_take_inspection(bench->actor);
    assert_non_null(inspection);
    inspection_destroy(inspection);
    assert_int_equal(ask(bench, ACT_RELEASE, DEED_NICE, 0, 0), 0);
    assert_int_equal(fake_counts(bench->platform).pins_open, 0);
    assert_int_equal(ask(bench, ACT_PERFORM, DEED_NICE, 5, 100), 0);
    assert_int_equal(fake_get(bench->platform, 100).raw.nice, 5);
    struct act_outcome outcome;
    for (size_t i = 0; i < 100; i++) {
        assert_true(actor_take(bench->actor, &outcome));
        assert_int_equal(outcome.index, i);
    }
    assert_int_equal(ask(bench, ACT_PERFORM, DEED_TERMINATE, 20, 1), 0);
    assert_int_equal(actor_progress(bench->actor).waiting, 1);
    assert_int_equal(next(bench).stage, ACT_WAITING);
    assert_int_equal(next(bench).stage, ACT_KILLING);
    assert_int_equal(next(bench).stage, ACT_DONE);
    assert_int_equal(actor_progress(bench->actor).waiting, 0);
    bench_end(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_done_in_their_order),
        cmocka_unit_test(what_is_asked_is_copied),
        cmocka_unit_test(nobody_waits_for_a_process_that_is_slow_to_hold),
        cmocka_unit_test(outcomes_of_a_large_request_come_while_it_is_done),
        cmocka_unit_test(an_inspection_comes_and_a_newer_one_spares_those_not_begun),
        cmocka_unit_test(too_many_requests_are_refused),
        cmocka_unit_test(who_takes_nothing_has_no_more_done_but_loses_nothing),
        cmocka_unit_test(terminations_go_on_while_other_requests_are_done),
        cmocka_unit_test(what_was_asked_for_is_done_before_the_end),
        cmocka_unit_test(stopping_leaves_terminations_as_they_are),
        cmocka_unit_test(starting_and_stopping_many_times_leaves_nothing_behind),
        cmocka_unit_test(without_a_thread_asking_does_it_and_taking_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
