#include "check.h"
#include "fake_platform.h"
#include "sampler/prober.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

struct bench {
    struct platform *platform;
    struct prober *prober;
    atomic_uint wakeups;
};

static const uint64_t second_ns = 1000000000u;

static void woken(void *context)
{
    struct bench *bench = context;
    atomic_fetch_add(&bench->wakeups, 1);
}

static void nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static void bench_start(struct bench *bench, int32_t processes)
{
    atomic_init(&bench->wakeups, 0);
    bench->platform = fake_create(2);
    for (int32_t pid = 1; pid <= processes; pid++) {
        const struct fake_proc proc = fake_process(pid, 1, "sleeper");
        fake_put(bench->platform, &proc);
    }
    assert_int_equal(prober_start(bench->platform, woken, bench, &bench->prober), 0);
}

static void bench_end(struct bench *bench)
{
    fake_release(bench->platform);
    assert_true(prober_stop(bench->prober, platform_now_ns() + 5 * second_ns));
    fake_destroy(bench->platform);
}

static int ask(struct bench *bench, enum probe_kind kind, int32_t pid, bool urgent)
{
    const struct proc_id id = {.pid = pid, .start_ns = 1};
    const int error = prober_ask(bench->prober, kind, id, urgent);
    prober_go(bench->prober);
    return error;
}

/* The next answer within two seconds. */
static bool next_answer(struct bench *bench, struct probe_answer *ret)
{
    for (int i = 0; i < 2000; i++) {
        if (prober_collect(bench->prober, platform_now_ns(), ret)) {
            return true;
        }
        nap();
    }
    return false;
}

static void a_question_gets_its_answer_and_a_wakeup(void **state)
{
    (void)state;
    struct bench bench;
    bench_start(&bench, 1);
    struct probe_answer answer = {.error = 1};
    assert_true(prober_idle(bench.prober));
    assert_int_equal(ask(&bench, PROBE_CMDLINE, 1, true), 0);
    assert_false(prober_idle(bench.prober));
    assert_true(next_answer(&bench, &answer));
    assert_int_equal(answer.error, 0);
    assert_int_equal(answer.kind, PROBE_CMDLINE);
    assert_int_equal(answer.id.pid, 1);
    assert_int_equal(answer.len, 8);
    assert_memory_equal(answer.ptr, "sleeper", 8);
    assert_int_equal(ask(&bench, PROBE_CMDLINE, 2, true), 0);
    assert_true(next_answer(&bench, &answer));
    assert_int_equal(answer.error, -ESRCH);
    while (atomic_load(&bench.wakeups) < 1) {
        nap();
    }
    assert_true(fake_signals_were_blocked(bench.platform));
    assert_true(prober_idle(bench.prober));
    bench_end(&bench);
}

static void many_questions_are_all_answered_once(void **state)
{
    (void)state;
    enum { MANY = 5000 };
    struct bench bench;
    bench_start(&bench, MANY);
    for (int32_t pid = 1; pid <= MANY; pid++) {
        assert_int_equal(prober_ask(bench.prober, PROBE_CMDLINE,
                                    (struct proc_id){.pid = pid, .start_ns = 1}, pid % 3 == 0),
                         0);
    }
    prober_go(bench.prober);
    static bool seen[MANY + 1];
    memset(seen, 0, sizeof(seen));
    for (int32_t i = 0; i < MANY; i++) {
        struct probe_answer answer = {.error = 1};
        assert_true(next_answer(&bench, &answer));
        assert_false(seen[answer.id.pid]);
        seen[answer.id.pid] = true;
        assert_memory_equal(answer.ptr, "sleeper", 8);
    }
    bench_end(&bench);
}

/* Urgent questions overtake, but one in eight is a background one. */
static void urgent_questions_come_first_and_background_ones_are_not_starved(void **state)
{
    (void)state;
    struct bench bench;
    bench_start(&bench, 201);
    fake_block_probe(bench.platform, PROBE_EXE, 201); // until all are in the queue
    assert_int_equal(ask(&bench, PROBE_EXE, 201, true), 0);
    assert_true(fake_wait_blocked(bench.platform, 1));
    for (int32_t pid = 1; pid <= 200; pid++) {
        assert_int_equal(prober_ask(bench.prober, PROBE_CMDLINE,
                                    (struct proc_id){.pid = pid, .start_ns = 1}, pid > 100),
                         0);
    }
    fake_release(bench.platform);
    int background = 0;
    for (int i = 0; i < 80; i++) {
        struct probe_answer answer = {.error = 1};
        assert_true(next_answer(&bench, &answer));
        background += answer.id.pid <= 100;
    }
    assert_int_equal(background, 10);
    bench_end(&bench);
}

static void a_stuck_read_is_reported_others_go_on_and_its_late_answer_arrives(void **state)
{
    (void)state;
    struct bench bench;
    bench_start(&bench, 3);
    fake_block_probe(bench.platform, PROBE_CMDLINE, 1);
    assert_int_equal(ask(&bench, PROBE_CMDLINE, 1, true), 0);
    assert_true(fake_wait_blocked(bench.platform, 1));
    assert_int_equal(ask(&bench, PROBE_CMDLINE, 2, true), 0);
    struct probe_answer answer = {.error = 1};
    const uint64_t now_ns = platform_now_ns();
    assert_false(prober_collect(bench.prober, now_ns + second_ns, &answer));
    assert_true(prober_deadline_ns(bench.prober) <= now_ns + 2 * second_ns);
    assert_true(prober_collect(bench.prober, now_ns + 2 * second_ns + 1, &answer));
    assert_int_equal(answer.error, -ETIMEDOUT);
    assert_int_equal(answer.id.pid, 1);

    assert_true(next_answer(&bench, &answer)); // by the replacement
    assert_int_equal(answer.id.pid, 2);
    assert_int_equal(answer.error, 0);
    assert_int_equal(ask(&bench, PROBE_CMDLINE, 1, true), -EALREADY);
    assert_int_equal(ask(&bench, PROBE_EXE, 1, true), 0); // something else of it
    assert_true(next_answer(&bench, &answer));
    assert_int_equal(answer.kind, PROBE_EXE);
    assert_true(prober_idle(bench.prober));
    assert_true(prober_deadline_ns(bench.prober) == UINT64_MAX);

    fake_release(bench.platform);
    assert_true(next_answer(&bench, &answer));
    assert_int_equal(answer.id.pid, 1);
    assert_int_equal(answer.error, 0);
    assert_memory_equal(answer.ptr, "sleeper", 8);
    assert_int_equal(ask(&bench, PROBE_CMDLINE, 1, true), 0);
    assert_true(next_answer(&bench, &answer));
    bench_end(&bench);
}

static void with_all_threads_stuck_urgent_questions_are_answered_as_blocked(void **state)
{
    (void)state;
    struct bench bench;
    bench_start(&bench, 10);
    struct probe_answer answer = {.error = 1};
    for (int32_t pid = 1; pid <= PROBER_THREADS; pid++) {
        fake_block_probe(bench.platform, PROBE_CMDLINE, pid);
        assert_int_equal(ask(&bench, PROBE_CMDLINE, pid, true), 0);
        assert_true(fake_wait_blocked(bench.platform, (size_t)pid));
        assert_true(prober_collect(bench.prober, platform_now_ns() + 2 * second_ns + 1, &answer));
        assert_int_equal(answer.error, -ETIMEDOUT);
    }
    assert_int_equal(ask(&bench, PROBE_CMDLINE, 9, true), 0);
    assert_int_equal(ask(&bench, PROBE_CMDLINE, 10, false), 0);
    const uint64_t now_ns = platform_now_ns();
    assert_false(prober_collect(bench.prober, now_ns + second_ns, &answer));
    assert_true(prober_deadline_ns(bench.prober) <= now_ns + 2 * second_ns);
    assert_true(prober_collect(bench.prober, now_ns + 2 * second_ns + 1, &answer));
    assert_int_equal(answer.id.pid, 9);
    assert_int_equal(answer.error, -ETIMEDOUT);
    assert_false(prober_collect(bench.prober, now_ns + 9 * second_ns, &answer));
    fake_release(bench.platform);
    bool background = false; // kept in the queue, and answered in the end
    for (int i = 0; i < PROBER_THREADS + 1; i++) {
        assert_true(next_answer(&bench, &answer));
        assert_int_equal(answer.error, 0);
        background |= answer.id.pid == 10;
    }
    assert_true(background);
    bench_end(&bench);
}

static void the_queue_has_a_ceiling(void **state)
{
    (void)state;
    struct bench bench;
    bench_start(&bench, 1);
    fake_block_probe(bench.platform, PROBE_EXE, 1);
    assert_int_equal(ask(&bench, PROBE_EXE, 1, true), 0);
    assert_true(fake_wait_blocked(bench.platform, 1));
    for (int32_t i = 0; i < PROBER_QUEUE_MAX; i++) {
        const struct proc_id id = {.pid = i, .start_ns = 2};
        assert_int_equal(prober_ask(bench.prober, PROBE_EXE, id, false), 0);
    }
    assert_int_equal(prober_waiting(bench.prober), PROBER_QUEUE_MAX);
    assert_int_equal(ask(&bench, PROBE_CMDLINE, 1, true), -EAGAIN);
    bench_end(&bench); // does not wait for them
}

static void answers_nobody_collects_stop_the_threads_and_not_the_memory(void **state)
{
    (void)state;
    struct bench bench;
    bench_start(&bench, 1);
    for (int i = 0; i < 3000; i++) {
        assert_int_equal(prober_ask(bench.prober, PROBE_CMDLINE,
                                    (struct proc_id){.pid = 1, .start_ns = 1}, false),
                         0);
    }
    prober_go(bench.prober);
    size_t before = 0;
    size_t done = 1;
    while (done != before) {
        before = done;
        for (int i = 0; i < 50; i++) {
            nap();
        }
        done = fake_counts(bench.platform).probes[PROBE_CMDLINE];
    }
    assert_true(done < 600);
    for (int i = 0; i < 3000; i++) {
        struct probe_answer answer = {.error = 1};
        assert_true(next_answer(&bench, &answer));
    }
    bench_end(&bench);
}

static void stopping_does_not_wait_for_a_stuck_thread(void **state)
{
    (void)state;
    struct bench bench;
    bench_start(&bench, 1);
    fake_block_probe(bench.platform, PROBE_CMDLINE, 1);
    assert_int_equal(ask(&bench, PROBE_CMDLINE, 1, false), 0);
    assert_true(fake_wait_blocked(bench.platform, 1));
    const uint64_t begin_ns = platform_now_ns();
    assert_false(prober_stop(bench.prober, begin_ns + second_ns / 10));
    assert_true(platform_now_ns() - begin_ns < second_ns);
    const unsigned wakeups = atomic_load(&bench.wakeups);
    bench_end(&bench); // released, it ends, and wakes nobody
    assert_int_equal(atomic_load(&bench.wakeups), wakeups);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_gets_its_answer_and_a_wakeup),
        cmocka_unit_test(many_questions_are_all_answered_once),
        cmocka_unit_test(urgent_questions_come_first_and_background_ones_are_not_starved),
        cmocka_unit_test(a_stuck_read_is_reported_others_go_on_and_its_late_answer_arrives),
        cmocka_unit_test(with_all_threads_stuck_urgent_questions_are_answered_as_blocked),
        cmocka_unit_test(the_queue_has_a_ceiling),
        cmocka_unit_test(answers_nobody_collects_stop_the_threads_and_not_the_memory),
        cmocka_unit_test(stopping_does_not_wait_for_a_stuck_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
