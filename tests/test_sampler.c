#include "base/arena.h"
#include "check.h"
#include "dossier.h"
#include "fake_platform.h"
#include "model/dossier.h"
#include "model/network.h"
#include "model/plan.h"
#include "model/snapshot.h"
#include "model/storage.h"
#include "sampler/prober.h"
#include "sampler/sampler.h"
#include "sampler/scan.h"
#include "sampler/source.h"
#include "sampler/thread.h"

#include <errno.h>
#include <malloc.h>
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
    sigset_t all;
    sigset_t saved;
    sigfillset(&all);
    sigdelset(&all, SIGSEGV);
    pthread_sigmask(SIG_SETMASK, &all, &saved);
    const int error = pthread_create(ret, NULL, run, context);
    pthread_sigmask(SIG_SETMASK, &saved, NULL);
    return -error;
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
    struct sampler *sampler;
    struct plan plan;
    atomic_uint wakeups;
};

static void woken(void *context)
{
    struct bench *bench = context;
    atomic_fetch_add(&bench->wakeups, 1);
}

static void nap(uint64_t ns)
{
    nanosleep(&(struct timespec){.tv_sec = (time_t)(ns / 1000000000u),
                                 .tv_nsec = (long)(ns % 1000000000u)},
              NULL);
}

static struct proc_id id_of(int32_t pid)
{
    return (struct proc_id){.pid = pid, .start_ns = 1};
}

static void put(struct platform *platform, int32_t pid, const char *name)
{
    const struct fake_proc proc = fake_process(pid, 1, name);
    fake_put(platform, &proc);
}

/* A machine of `processes` and a plan that shows the first ten of them. */
static void bench_init(struct bench *bench, int32_t processes)
{
    memset(bench, 0, sizeof(*bench));
    atomic_init(&bench->wakeups, 0);
    bench->platform = fake_create(2);
    for (int32_t pid = 1; pid <= processes; pid++) {
        put(bench->platform, pid, "sleeper");
    }
    bench->plan = (struct plan){.interval_ns = 100 * ms,
                                .want = FACT_IDENT,
                                .want_visible = FACT_USER | FACT_CMDLINE};
    for (int32_t pid = 1; pid <= 10 && pid <= processes; pid++) {
        bench->plan.visible[bench->plan.visible_count++] = id_of(pid);
    }
}

static void bench_start(struct bench *bench, int32_t processes)
{
    bench_init(bench, processes);
    assert_int_equal(sampler_start(bench->platform, &bench->plan, woken, bench, &bench->sampler),
                     0);
}

static void bench_end(struct bench *bench)
{
    fake_release(bench->platform);
    while (!sampler_stop(bench->sampler)) {
    }
    fake_destroy(bench->platform);
}

/* The next snapshot within five seconds. */
static struct snapshot *next(struct bench *bench)
{
    for (int i = 0; i < 5000; i++) {
        struct snapshot *snap = sampler_take(bench->sampler);
        if (snap != NULL) {
            return snap;
        }
        nap(ms);
    }
    fail_msg("no snapshot came");
    abort(); // never: for the compiler
}

typedef bool condition(const struct snapshot *snap, const void *context);

/* Take snapshots until one is as wanted; give the others back. Fails after `wait_ns`. */
static struct snapshot *await(struct bench *bench, condition *is_so, const void *context,
                              uint64_t wait_ns)
{
    const uint64_t end_ns = platform_now_ns() + wait_ns;
    while (platform_now_ns() < end_ns) {
        struct snapshot *snap = sampler_take(bench->sampler);
        if (snap != NULL && is_so(snap, context)) {
            return snap;
        }
        sampler_give_back(bench->sampler, snap);
        nap(ms);
    }
    fail_msg("no such snapshot came");
    abort(); // never: for the compiler
}

static bool has_cmdline_of(const struct snapshot *snap, const void *context)
{
    const struct proc *proc = snapshot_find(snap, *(const struct proc_id *)context);
    return proc != NULL && (proc->have & FACT_CMDLINE) != 0;
}

static bool has_cmdline_blocked(const struct snapshot *snap, const void *context)
{
    const struct proc *proc = snapshot_find(snap, *(const struct proc_id *)context);
    return proc != NULL && (proc->blocked & FACT_CMDLINE) != 0;
}

static bool is_sample(const struct snapshot *snap, const void *context)
{
    return snap->sample >= *(const uint64_t *)context;
}

static bool has_memory_of_all(const struct snapshot *snap, const void *context)
{
    (void)context;
    for (size_t i = 0; i < snap->proc_count; i++) {
        if ((snap->procs[i].have & FACT_MEMORY) == 0) {
            return false;
        }
    }
    return true;
}

static void the_first_snapshot_comes_at_once_and_rates_soon_after(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench, 20);
    bench.plan.interval_ns = 10000 * ms;
    const uint64_t begin_ns = platform_now_ns();
    assert_int_equal(sampler_start(bench.platform, &bench.plan, woken, &bench, &bench.sampler), 0);
    struct snapshot *snap = next(&bench);
    assert_int_equal(snap->sample, 1);
    assert_int_equal(snap->proc_count, 20);
    assert_int_equal(snap->procs[0].have & FACT_RATE, 0);
    sampler_give_back(bench.sampler, snap);
    const uint64_t second = 2;
    snap = await(&bench, is_sample, &second, 3000 * ms);
    assert_true(platform_now_ns() - begin_ns >= 140 * ms);
    assert_int_equal(snap->sample, 2);
    assert_int_equal(snap->procs[0].have & FACT_RATE, FACT_RATE);
    assert_true(snap->interval_ns > 100 * ms);
    assert_true(atomic_load(&bench.wakeups) >= 2);
    sampler_give_back(bench.sampler, snap);
    bench_end(&bench);
}

static void slow_facts_come_as_the_same_sample_with_the_same_rates(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench, 20);
    bench.plan.interval_ns = 5000 * ms;
    bench.plan.want_visible = 0;
    assert_int_equal(sampler_start(bench.platform, &bench.plan, woken, &bench, &bench.sampler), 0);
    const uint64_t second = 2;
    struct snapshot *snap = await(&bench, is_sample, &second, 3000 * ms);
    const uint64_t interval_ns = snap->interval_ns;
    const uint64_t seq = snap->seq;
    assert_int_equal(snap->procs[4].have & (FACT_CMDLINE | FACT_USER), 0);
    sampler_give_back(bench.sampler, snap);
    bench.plan.want_visible = FACT_CMDLINE | FACT_USER;
    sampler_set_plan(bench.sampler, &bench.plan);
    const struct proc_id id = id_of(20); // not even visible
    snap = await(&bench, has_cmdline_of, &id, 3000 * ms);
    assert_int_equal(snap->sample, 2);
    assert_true(snap->seq > seq);
    assert_true(snap->interval_ns == interval_ns);
    assert_string_equal(snap->procs[4].user.ptr, "alice");
    assert_string_equal(snap->procs[4].cmdline.ptr, "sleeper");
    assert_int_equal(fake_counts(bench.platform).samples, 2);
    sampler_give_back(bench.sampler, snap);
    bench_end(&bench);
}

static void more_facts_of_all_are_sampled_without_waiting_for_the_interval(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench, 20);
    bench.plan.interval_ns = 60000 * ms;
    assert_int_equal(sampler_start(bench.platform, &bench.plan, woken, &bench, &bench.sampler), 0);
    const uint64_t second = 2;
    struct snapshot *snap = await(&bench, is_sample, &second, 3000 * ms);
    assert_false(has_memory_of_all(snap, NULL));
    sampler_give_back(bench.sampler, snap);
    bench.plan.want |= FACT_MEMORY;
    sampler_set_plan(bench.sampler, &bench.plan);
    snap = await(&bench, has_memory_of_all, NULL, 3000 * ms);
    assert_int_equal(snap->sample, 3);
    assert_true(snap->interval_ns >= 90 * ms); // and not over next to nothing
    sampler_give_back(bench.sampler, snap);
    bench_end(&bench);
}

static void pausing_stops_scans_but_not_facts_of_new_rows(void **state)
{
    (void)state;
    struct bench bench;
    bench_start(&bench, 20);
    const uint64_t second = 2;
    sampler_give_back(bench.sampler, await(&bench, is_sample, &second, 3000 * ms));
    bench.plan.paused = true;
    sampler_set_plan(bench.sampler, &bench.plan);
    nap(250 * ms);
    const size_t samples = fake_counts(bench.platform).samples;
    bench.plan.want |= FACT_MEMORY;
    sampler_set_plan(bench.sampler, &bench.plan);
    struct snapshot *snap = await(&bench, has_memory_of_all, NULL, 3000 * ms);
    sampler_give_back(bench.sampler, snap);
    nap(250 * ms);
    assert_int_equal(fake_counts(bench.platform).samples, samples);
    bench.plan.paused = false;
    sampler_set_plan(bench.sampler, &bench.plan);
    const uint64_t more = samples + 1;
    snap = await(&bench, is_sample, &more, 3000 * ms);
    sampler_give_back(bench.sampler, snap);
    bench_end(&bench);
}

static void a_scan_that_fails_is_dropped_and_tried_again(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench, 5);
    fake_fail_samples(bench.platform, -ENOMEM, 2);
    assert_int_equal(sampler_start(bench.platform, &bench.plan, woken, &bench, &bench.sampler), 0);
    struct snapshot *snap = next(&bench);
    assert_int_equal(snap->sample, 1);
    sampler_give_back(bench.sampler, snap);
    const uint64_t third = 3;
    sampler_give_back(bench.sampler, await(&bench, is_sample, &third, 3000 * ms));
    fake_fail_samples(bench.platform, -ENOMEM, 1);
    const uint64_t fifth = 5;
    snap = await(&bench, is_sample, &fifth, 3000 * ms);
    assert_int_equal(snap->procs[0].have & FACT_RATE, FACT_RATE);
    sampler_give_back(bench.sampler, snap);
    bench_end(&bench);
}

static void slow_scans_stretch_the_interval_and_say_so(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench, 5);
    fake_set_scan_cost(bench.platform, 60 * ms);
    assert_int_equal(sampler_start(bench.platform, &bench.plan, woken, &bench, &bench.sampler), 0);
    const uint64_t third = 3;
    struct snapshot *snap = await(&bench, is_sample, &third, 5000 * ms);
    assert_true(snap->stretched_ns >= 180 * ms);
    assert_true(snap->scan_cost_ns >= 60 * ms);
    fake_set_scan_cost(bench.platform, 0);
    sampler_give_back(bench.sampler, snap);
    const uint64_t later = 6;
    snap = await(&bench, is_sample, &later, 5000 * ms);
    assert_true(snap->stretched_ns == 0);
    sampler_give_back(bench.sampler, snap);
    bench_end(&bench);
}

static void a_blocked_command_line_is_said_so_and_holds_up_nothing(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench, 20);
    fake_block_probe(bench.platform, PROBE_CMDLINE, 3);
    assert_int_equal(sampler_start(bench.platform, &bench.plan, woken, &bench, &bench.sampler), 0);
    assert_true(fake_wait_blocked(bench.platform, 1));
    const struct proc_id id = id_of(3);
    struct snapshot *snap = await(&bench, has_cmdline_blocked, &id, 4000 * ms);
    assert_true(snap->sample > 10); // scans went on meanwhile
    sampler_give_back(bench.sampler, snap);
    const struct proc_id other = id_of(20);
    snap = await(&bench, has_cmdline_of, &other, 2000 * ms);
    sampler_give_back(bench.sampler, snap);
    fake_release(bench.platform);
    snap = await(&bench, has_cmdline_of, &id, 2000 * ms);
    assert_int_equal(snapshot_find(snap, id)->blocked, 0);
    assert_true(fake_signals_were_blocked(bench.platform));
    sampler_give_back(bench.sampler, snap);
    bench_end(&bench);
}

static void a_settling_plan_publishes_with_all_answers(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench, 9000); // more than are asked at a time
    bench.plan.settle = true;
    bench.plan.want |= FACT_CMDLINE | FACT_USER;
    assert_int_equal(sampler_start(bench.platform, &bench.plan, woken, &bench, &bench.sampler), 0);
    struct snapshot *snap = next(&bench);
    assert_int_equal(snap->sample, 1);
    for (size_t i = 0; i < snap->proc_count; i++) {
        assert_int_equal(snap->procs[i].have & (FACT_CMDLINE | FACT_USER),
                         FACT_CMDLINE | FACT_USER);
    }
    sampler_give_back(bench.sampler, snap);
    bench_end(&bench);
}

static void a_reused_pid_inherits_no_command_line(void **state)
{
    (void)state;
    struct bench bench;
    bench_start(&bench, 5);
    const struct proc_id id = id_of(3);
    sampler_give_back(bench.sampler, await(&bench, has_cmdline_of, &id, 3000 * ms));
    fake_block_probe(bench.platform, PROBE_CMDLINE, 3);
    const struct fake_proc other = fake_process(3, 2, "other");
    fake_put(bench.platform, &other);
    const uint64_t sample = fake_counts(bench.platform).samples + 1;
    struct snapshot *snap = await(&bench, is_sample, &sample, 3000 * ms);
    const struct proc *proc = snapshot_find_pid(snap, 3);
    assert_non_null(proc);
    assert_string_equal(proc->name.ptr, "other");
    assert_int_equal(proc->have & FACT_CMDLINE, 0);
    sampler_give_back(bench.sampler, snap);
    bench_end(&bench);
}

static bool has_cmdline_dash_v(const struct snapshot *snap, const void *context)
{
    const struct proc *proc = snapshot_find(snap, *(const struct proc_id *)context);
    return proc != NULL && strcmp(proc->cmdline.ptr, "sleeper -v") == 0;
}

static void a_shortage_of_descriptors_is_not_taken_for_an_answer(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench, 60);
    bench.plan.want |= FACT_CMDLINE;
    struct fake_proc proc = fake_get(bench.platform, 50); // not a visible one
    memcpy(proc.cmdline, "sleeper\0-v", 11);
    proc.cmdline_len = 11;
    proc.cmdline_error = -EMFILE;
    fake_put(bench.platform, &proc);
    assert_int_equal(sampler_start(bench.platform, &bench.plan, woken, &bench, &bench.sampler), 0);
    const struct proc_id other = id_of(51);
    const struct proc_id id = id_of(50);
    struct snapshot *snap = await(&bench, has_cmdline_of, &other, 5000ull * ms);
    assert_int_equal(snapshot_find(snap, id)->have & FACT_CMDLINE, 0);
    sampler_give_back(bench.sampler, snap);
    proc.cmdline_error = 0;
    fake_put(bench.platform, &proc);
    sampler_give_back(bench.sampler, await(&bench, has_cmdline_dash_v, &id, 5000ull * ms));
    bench_end(&bench);
}

static void starting_and_stopping_a_thousand_times_leaves_nothing_behind(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench, 3);
    for (int i = 0; i < 1000; i++) {
        struct sampler *sampler = NULL;
        assert_int_equal(sampler_start(bench.platform, &bench.plan, woken, &bench, &sampler), 0);
        if (i % 3 == 0) {
            snapshot_free(sampler_take(sampler));
            sampler_poke(sampler);
        }
        assert_true(sampler_stop(sampler));
    }
    assert_true(sampler_stop(NULL));
    fake_destroy(bench.platform);
}

/* Rows that have a proportional size. */
static size_t count_smaps(const struct snapshot *snap)
{
    size_t count = 0;
    for (size_t i = 0; i < snap->proc_count; i++) {
        count += (snap->procs[i].have & FACT_SMAPS) != 0;
    }
    return count;
}

static bool has_smaps(const struct snapshot *snap, const void *context)
{
    return count_smaps(snap) == *(const size_t *)context;
}

static void dear_facts_are_read_of_what_is_seen_and_not_again_at_once(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench, 60);
    bench.plan.want_visible |= FACT_SMAPS;
    assert_int_equal(sampler_start(bench.platform, &bench.plan, woken, &bench, &bench.sampler), 0);
    const size_t seen = 10;
    struct snapshot *snap = await(&bench, has_smaps, &seen, 5000 * ms);
    const uint64_t sample = snap->sample;
    while (snap->sample < sample + 5) { // scans come 100 ms apart
        sampler_give_back(bench.sampler, snap);
        snap = next(&bench);
        assert_int_equal(count_smaps(snap), seen);
    }
    sampler_give_back(bench.sampler, snap);
    assert_in_range(fake_counts(bench.platform).probes[PROBE_SMAPS], seen, 2 * seen);

    bench.plan.want |= FACT_SMAPS; // sorted by it: of all
    sampler_set_plan(bench.sampler, &bench.plan);
    const size_t all = 60;
    sampler_give_back(bench.sampler, await(&bench, has_smaps, &all, 5000 * ms));
    bench_end(&bench);
}

/* The same lock is behind both, and each wait could cost the prober a thread. */
static void memory_is_not_asked_for_where_the_command_line_hangs(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench, 3);
    fake_block_probe(bench.platform, PROBE_CMDLINE, 2);
    assert_int_equal(sampler_start(bench.platform, &bench.plan, woken, &bench, &bench.sampler), 0);
    const struct proc_id stuck = id_of(2);
    sampler_give_back(bench.sampler, await(&bench, has_cmdline_blocked, &stuck, 10000 * ms));
    bench.plan.want_visible |= FACT_SMAPS;
    sampler_set_plan(bench.sampler, &bench.plan);
    const size_t others = 2;
    struct snapshot *snap = await(&bench, has_smaps, &others, 5000 * ms);
    assert_true((snap->procs[1].blocked & FACT_SMAPS) != 0);
    sampler_give_back(bench.sampler, snap);
    assert_int_equal(fake_counts(bench.platform).probes[PROBE_SMAPS], 2);
    bench_end(&bench);
}

static bool grew_by(const struct snapshot *snap, const void *context)
{
    const struct proc *proc = snapshot_find(snap, id_of(3));
    return proc != NULL && proc->mem.growth_bytes == *(const int64_t *)context;
}

static void growth_is_counted_anew_when_the_plan_says_so(void **state)
{
    (void)state;
    struct bench bench;
    bench_start(&bench, 5);
    const int64_t none = 0;
    sampler_give_back(bench.sampler, await(&bench, grew_by, &none, 5000 * ms));
    struct fake_proc proc = fake_process(3, 1, "sleeper");
    const int64_t more = 5 << 20;
    proc.raw.resident_bytes += (uint64_t)more;
    fake_put(bench.platform, &proc);
    sampler_give_back(bench.sampler, await(&bench, grew_by, &more, 5000 * ms));
    bench.plan.baseline++;
    sampler_set_plan(bench.sampler, &bench.plan);
    sampler_give_back(bench.sampler, await(&bench, grew_by, &none, 5000 * ms));
    bench_end(&bench);
}

static void plans_may_change_all_the_time(void **state)
{
    (void)state;
    struct bench bench;
    bench_start(&bench, 300);
    unsigned random = 1;
    uint64_t seq = 0;
    const uint64_t begin_ns = platform_now_ns();
    for (int i = 0; platform_now_ns() < begin_ns + 1500 * ms || seq <= 5; i++) {
        assert_true(platform_now_ns() < begin_ns + 60000 * ms);
        random = random * 1103515245u + 12345u;
        bench.plan.want = FACT_IDENT | (random >> 8 & FACT_READABLE);
        bench.plan.want_visible = random >> 16 & FACT_READABLE;
        bench.plan.threads = (random >> 3 & 1) != 0;
        bench.plan.frequencies = (random >> 4 & 1) != 0;
        bench.plan.paused = (random >> 5 & 3) == 0;
        bench.plan.settle = (random >> 7 & 3) == 0;
        bench.plan.visible_count = random >> 9 & 31;
        for (size_t row = 0; row < bench.plan.visible_count; row++) {
            bench.plan.visible[row] = id_of((int32_t)(random >> 10 & 255) + (int32_t)row);
        }
        sampler_set_plan(bench.sampler, &bench.plan);
        if (i % 7 == 0) {
            sampler_poke(bench.sampler);
        }
        if (i % 2 == 0) {
            put(bench.platform, 400 + i % 50, "new");
            fake_remove(bench.platform, 400 + (i + 25) % 50);
        }
        struct snapshot *snap = sampler_take(bench.sampler);
        if (snap != NULL) {
            assert_true(snap->seq > seq);
            seq = snap->seq;
        }
        sampler_give_back(bench.sampler, snap);
        nap(ms / 2);
    }
    bench_end(&bench);
}

/* Reads all that hangs on a dossier; the number of parts that are known. */
static unsigned read_dossier(const struct dossier *dossier)
{
    unsigned known = 0;
    for (unsigned part = 0; part < INSPECT_PART_COUNT; part++) {
        known += dossier->parts[part].state == DOSSIER_KNOWN;
        assert_true(dossier->parts[part].has || dossier->parts[part].state != DOSSIER_KNOWN);
    }
    for (size_t i = 0; i < dossier->thread_count; i++) {
        assert_int_equal(strlen(dossier->threads[i].name.ptr), dossier->threads[i].name.bytes);
    }
    for (size_t i = 0; i < dossier->file_count; i++) {
        assert_int_equal(strlen(dossier->files[i].target.ptr), dossier->files[i].target.bytes);
    }
    for (size_t i = 0; i < dossier->map_count; i++) {
        assert_int_equal(strlen(dossier->maps[i].path.ptr), dossier->maps[i].path.bytes);
    }
    return known;
}

/* Parts of inspected processes are asked for, dropped while they are read, blocked and let go; for
 * the thread sanitizer above all. */
static void inspected_parts_may_come_and_go_all_the_time(void **state)
{
    (void)state;
    enum { INSPECTED = 6, ALL = (1u << INSPECT_PART_COUNT) - 1 };
    static const size_t paddings[] = {0, 1 << 20, PROBER_RESULT_BYTES + 1};
    const struct inspect_set set = dossier_set(ALL);
    struct bench bench;
    bench_init(&bench, 50);
    bench.plan.interval_ns = 20 * ms;
    for (int32_t pid = 1; pid <= INSPECTED; pid++) {
        for (unsigned part = 0; part < INSPECT_PART_COUNT; part++) {
            if (set.parts[part].now != NULL) {
                fake_set_inspect(bench.platform, pid, set.parts[part].now, 0);
            }
        }
    }
    assert_int_equal(sampler_start(bench.platform, &bench.plan, woken, &bench, &bench.sampler), 0);
    unsigned random = 1;
    unsigned known = 0;
    uint64_t seen = 0; // bits of the pids
    const uint64_t begin_ns = platform_now_ns();
    for (int i = 0; platform_now_ns() < begin_ns + 2000 * ms || known <= 20; i++) {
        assert_true(platform_now_ns() < begin_ns + 60000 * ms);
        random = random * 1103515245u + 12345u;
        const int32_t pid = (int32_t)(random >> 8 & 7); // 0: nobody
        if (i % 16 == 0) {
            bench.plan.inspected = pid > 0 ? id_of(pid) : (struct proc_id){0};
        }
        bench.plan.inspect = random >> 12 & ALL;
        sampler_set_plan(bench.sampler, &bench.plan);
        if (i % 50 == 0) {
            fake_pad_inspect(bench.platform,
                             (enum inspect_part)(random >> 9 & 7) % INSPECT_PART_COUNT,
                             paddings[random >> 20 & 1 ? 2 : random >> 21 & 1]);
        }
        if (i % 40 == 0) {
            fake_block_inspect(bench.platform,
                               (enum inspect_part)(random >> 10 & 7) % INSPECT_PART_COUNT, 0);
        } else if (i % 40 == 8) {
            fake_release(bench.platform);
        }
        if (i % 30 == 0) {
            put(bench.platform, INSPECTED, "back");
        } else if (i % 30 == 20) {
            fake_remove(bench.platform, INSPECTED);
        }
        struct snapshot *snap = sampler_take(bench.sampler);
        if (snap != NULL && snap->dossier != NULL) {
            assert_true(snap->dossier->id.pid > 0 && snap->dossier->id.pid <= 7);
            known += read_dossier(snap->dossier);
            seen |= UINT64_C(1) << snap->dossier->id.pid;
        }
        sampler_give_back(bench.sampler, snap);
        nap(ms / 2);
    }
    assert_true((seen & (seen - 1)) != 0); // more than one process
    bench_end(&bench);
}

static void without_threads_taking_samples_by_itself(void **state)
{
    (void)state;
    struct bench bench;
    atomic_store(&threads_refused, 1);
    bench_start(&bench, 5);
    atomic_store(&threads_refused, 0);
    struct snapshot *snap = next(&bench);
    assert_int_equal(snap->sample, 1);
    sampler_give_back(bench.sampler, snap);
    snap = next(&bench);
    assert_int_equal(snap->sample, 2);
    assert_int_equal(snap->procs[0].have & FACT_RATE, FACT_RATE);
    assert_string_equal(snap->procs[0].user.ptr, "1000"); // nobody to ask for names
    sampler_give_back(bench.sampler, snap);
    bench_end(&bench);
}

static void stopping_waits_a_quarter_of_a_second_at_most(void **state)
{
    (void)state;
    struct bench bench;
    bench_start(&bench, 5);
    snapshot_free(next(&bench));
    fake_block_scan(bench.platform, 4);
    assert_true(fake_wait_blocked(bench.platform, 1));
    const uint64_t begin_ns = platform_now_ns();
    assert_false(sampler_stop(bench.sampler));
    const uint64_t took_ns = platform_now_ns() - begin_ns;
    assert_true(took_ns >= 240 * ms && took_ns < 10000 * ms); // slow machines are slow
    bench_end(&bench);
}

/* --- one scan after the other, without a thread ------------------------------------------- */

static struct snapshot *scan_once(struct scan *scan, const struct plan *plan, struct arena *arena)
{
    struct snapshot *snap = NULL;
    assert_int_equal(scan_take(scan, plan), 0);
    arena_reset(arena);
    assert_int_equal(scan_build(scan, arena, &snap), 0);
    return snap;
}

static void owners_are_read_when_new_changed_young_or_visible(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench, 100);
    struct scan *scan = NULL;
    struct arena *arena = arena_create(1 << 20);
    assert_int_equal(scan_create(bench.platform, NULL, 1 << 20, &scan), 0);
    for (int i = 0; i < 6; i++) {
        const struct snapshot *snap = scan_once(scan, &bench.plan, arena);
        assert_int_equal(snap->procs[50].uid, 1000);
        assert_int_equal(snap->procs[50].have & FACT_OWNER, FACT_OWNER);
    }
    const size_t settled = fake_counts(bench.platform).owner_reads;
    scan_once(scan, &bench.plan, arena);
    assert_int_equal(fake_counts(bench.platform).owner_reads - settled, 10); // the visible ones
    struct fake_proc proc = fake_get(bench.platform, 60);
    proc.uid = 0;
    proc.raw.exec_mark++;
    fake_put(bench.platform, &proc);
    proc = fake_get(bench.platform, 2); // visible, and gave its rights away
    proc.uid = 5;
    fake_put(bench.platform, &proc);
    const struct snapshot *snap = scan_once(scan, &bench.plan, arena);
    assert_int_equal(fake_counts(bench.platform).owner_reads - settled, 21);
    assert_int_equal(snap->procs[59].uid, 0);
    assert_int_equal(snap->procs[1].uid, 5);
    bench.plan.want_visible = FACT_CMDLINE; // nobody shows owners
    scan_once(scan, &bench.plan, arena);
    assert_int_equal(fake_counts(bench.platform).owner_reads - settled, 21);
    scan_destroy(scan);
    arena_destroy(arena);
    fake_destroy(bench.platform);
}

static void processes_nobody_looks_at_are_taken_over_with_their_rates(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench, 3);
    struct scan *scan = NULL;
    struct arena *arena = arena_create(1 << 20);
    assert_int_equal(scan_create(bench.platform, NULL, 1 << 20, &scan), 0);
    struct fake_proc proc = fake_get(bench.platform, 2);
    scan_once(scan, &bench.plan, arena);
    bench.plan.resting = true;
    nap(20 * ms);
    proc.raw.user_ns += 5 * ms;
    fake_put(bench.platform, &proc);
    const struct snapshot *snap = scan_once(scan, &bench.plan, arena);
    assert_null(fake_counts(bench.platform).last_request.known); // no rates were kept
    const double user = snap->procs[1].cpu.user;
    assert_true(user > 0);
    nap(20 * ms);
    proc.raw.user_ns += 5 * ms;
    fake_put(bench.platform, &proc);
    fake_remove(bench.platform, 3);
    put(bench.platform, 4, "new");
    for (int i = 0; i < 3; i++) { // each in the other's place
        snap = scan_once(scan, &bench.plan, arena);
        assert_non_null(fake_counts(bench.platform).last_request.known);
        assert_int_equal(snap->proc_count, 3);
        assert_int_equal(snap->procs[2].id.pid, 4);
        assert_int_equal(snap->procs[1].have & FACT_RATE, FACT_RATE);
        assert_true(snap->procs[1].cpu.user == user);
        assert_int_equal(snap->procs[1].cpu.user_ns, 5 * ms);
    }
    bench.plan.interval_ns = 4000 * ms; // they are read every two seconds, if there is a scan
    scan_once(scan, &bench.plan, arena);
    const struct platform_request last = fake_counts(bench.platform).last_request;
    assert_non_null(last.known);
    assert_true(last.known_since_ns >= last.known->end_ns);
    snap = scan_once(scan, &bench.plan, arena);
    assert_int_equal(snap->procs[1].cpu.user_ns, 10 * ms);
    bench.plan.interval_ns = 100 * ms;
    bench.plan.threads = true; // these are not known of those taken over
    scan_once(scan, &bench.plan, arena);
    assert_null(fake_counts(bench.platform).last_request.known);
    bench.plan.threads = false;
    bench.plan.want = FACT_IDENT | FACT_IO;
    scan_once(scan, &bench.plan, arena);
    assert_null(fake_counts(bench.platform).last_request.known);
    bench.plan.want = FACT_IDENT;
    scan_once(scan, &bench.plan, arena);
    scan_once(scan, &bench.plan, arena);
    assert_non_null(fake_counts(bench.platform).last_request.known);
    fake_fail_samples(bench.platform, -EIO, 1);
    assert_int_equal(scan_take(scan, &bench.plan), -EIO);
    scan_once(scan, &bench.plan, arena); // what there was is lost
    assert_null(fake_counts(bench.platform).last_request.known);
    scan_once(scan, &bench.plan, arena);
    bench.plan.resting = false;
    snap = scan_once(scan, &bench.plan, arena);
    assert_null(fake_counts(bench.platform).last_request.known);
    scan_destroy(scan);
    arena_destroy(arena);
    fake_destroy(bench.platform);
}

static void a_sample_too_large_for_its_arena_is_refused_and_the_next_may_do(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench, 100);
    struct scan *scan = NULL;
    struct arena *arena = arena_create(1 << 20);
    struct snapshot *snap = NULL;
    assert_int_equal(scan_create(bench.platform, NULL, 64 << 10, &scan), 0);
    assert_int_equal(scan_build(scan, arena, &snap), -EAGAIN);
    scan_once(scan, &bench.plan, arena);
    for (int32_t pid = 101; pid <= 1000; pid++) {
        put(bench.platform, pid, "many");
    }
    assert_int_equal(scan_take(scan, &bench.plan), -ENOMEM);
    assert_int_equal(scan_build(scan, arena, &snap), -EAGAIN);
    assert_false(scan_refresh(scan, &bench.plan));
    for (int32_t pid = 101; pid <= 1000; pid++) {
        fake_remove(bench.platform, pid);
    }
    nap(2 * ms);
    const struct snapshot *good = scan_once(scan, &bench.plan, arena);
    assert_int_equal(good->proc_count, 100);
    assert_int_equal(good->procs[0].have & FACT_RATE, FACT_RATE);
    scan_destroy(scan);
    arena_destroy(arena);
    fake_destroy(bench.platform);
}

/* Bytes malloc() has handed out; 0 under sanitizers, which replace it. */
static size_t allocated(void)
{
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd; // the latter: large blocks
}

static void a_steady_population_allocates_nothing(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench, 2000);
    bench.plan.want |= FACT_MEMORY | FACT_IO | FACT_CMDLINE | FACT_EXE;
    assert_int_equal(sampler_start(bench.platform, &bench.plan, woken, &bench, &bench.sampler), 0);
    const uint64_t warm = 10;
    sampler_give_back(bench.sampler, await(&bench, is_sample, &warm, 8000 * ms));
    const size_t before = allocated();
    const uint64_t later = 20;
    struct snapshot *snap = await(&bench, is_sample, &later, 8000 * ms);
    sampler_give_back(bench.sampler, snap);
    assert_true(allocated() <= before + 4096);
    bench_end(&bench);
}

/* --- source -------------------------------------------------------------------------------- */

static void count_record(void *context, const struct act_outcome *outcome)
{
    atomic_fetch_add((atomic_uint *)context, outcome->stage == ACT_DONE);
}

static void a_source_acts_once_it_is_told_that_it_may(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench, 5);
    struct source *source = NULL;
    assert_int_equal(source_live(bench.platform, &bench.plan, woken, &bench, &source), 0);
    const struct target target = {.id = id_of(3)};
    struct act_request request = {.kind = ACT_INSPECT,
                                  .job = 7,
                                  .deed = {.kind = DEED_NICE, .value.number = 4},
                                  .targets = &target,
                                  .target_count = 1};
    struct act_outcome outcome = {.job = 0};
    assert_int_equal(source_request(source, &request), -ENOTSUP);
    assert_false(source_take_outcome(source, &outcome));
    assert_null(source_take_inspection(source));
    assert_int_equal(source_act_progress(source).waiting, 0);
    assert_int_equal(source_act_progress(source).kill_ns, UINT64_MAX);
    atomic_uint records = 0;
    assert_int_equal(source_enable_acting(source, count_record, &records), 0);
    assert_int_equal(source_request(source, &request), 0);
    struct inspection *inspection = NULL;
    for (int i = 0; i < 3000 && inspection == NULL; i++) {
        nap(ms);
        inspection = source_take_inspection(source);
    }
    assert_non_null(inspection);
    assert_int_equal(inspection->job, 7);
    inspection_destroy(inspection);
    request.kind = ACT_PERFORM;
    assert_int_equal(source_request(source, &request), 0);
    for (int i = 0; i < 3000 && !source_take_outcome(source, &outcome); i++) {
        nap(ms);
    }
    assert_int_equal(outcome.job, 7);
    assert_int_equal(outcome.stage, ACT_DONE);
    assert_int_equal(atomic_load(&records), 1);
    assert_int_equal(fake_get(bench.platform, 3).raw.nice, 4);
    assert_int_equal(source_act_progress(source).undo_count, 1);
    assert_int_equal(fake_counts(bench.platform).pins_open, 1);
    assert_true(source_stop(source)); // lets go of it
    assert_int_equal(fake_counts(bench.platform).pins_open, 0);
    assert_int_equal(fake_counts(bench.platform).undos_open, 0);
    fake_destroy(bench.platform);
}

static void a_source_does_not_stop_while_an_action_hangs(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench, 5);
    struct source *source = NULL;
    assert_int_equal(source_live(bench.platform, &bench.plan, woken, &bench, &source), 0);
    assert_int_equal(source_enable_acting(source, NULL, NULL), 0);
    fake_block_pin(bench.platform, 3);
    const struct target target = {.id = id_of(3)};
    const struct act_request request = {.kind = ACT_PERFORM,
                                        .deed = {.kind = DEED_NICE, .value.number = 4},
                                        .targets = &target,
                                        .target_count = 1};
    assert_int_equal(source_request(source, &request), 0);
    assert_true(fake_wait_blocked(bench.platform, 1));
    const uint64_t begin_ns = platform_now_ns();
    assert_false(source_stop(source));
    assert_true(platform_now_ns() - begin_ns < 10000 * ms);
    fake_release(bench.platform);
    while (!source_stop(source)) { // the program would leave by _exit instead
    }
    fake_destroy(bench.platform);
}

static void a_scan_that_hangs_is_told_with_its_process(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench, 5);
    struct source *source = NULL;
    fake_block_scan(bench.platform, 4);
    assert_int_equal(source_live(bench.platform, &bench.plan, woken, &bench, &source), 0);
    assert_true(fake_wait_blocked(bench.platform, 1));
    const uint64_t now_ns = platform_now_ns();
    assert_false(source_stall(source, now_ns).stalled);
    const struct source_stall stall = source_stall(source, now_ns + 2100 * ms);
    assert_true(stall.stalled);
    assert_int_equal(stall.pid, 4);
    assert_null(source_take(source)); // and the other thread waits for nothing
    source_set_plan(source, &bench.plan);
    source_poke(source);
    assert_true(platform_now_ns() - now_ns < 10000 * ms);
    fake_release(bench.platform);
    for (int i = 0; i < 3000 && source_stall(source, now_ns + 9000 * ms).stalled; i++) {
        nap(ms);
    }
    assert_false(source_stall(source, now_ns + 9000 * ms).stalled);
    struct snapshot *snap = NULL;
    for (int i = 0; i < 3000 && snap == NULL; i++) {
        nap(ms);
        snap = source_take(source);
    }
    assert_non_null(snap);
    source_give_back(source, snap);
    assert_true(source_stop(source));
    fake_destroy(bench.platform);
}

/* --- parts that are no processes ---------------------------------------------------------- */

enum { MOUNTS = 8 };

/* A socket of alice's, and mounts 1 to 8 of which all but the first are real. */
static void put_parts(struct platform *platform)
{
    static const struct raw_socket socket = {
        .protocol = SOCKET_TCP, .cookie = 1, .inode = 1, .uid = 1000};
    static struct raw_mount mounts[MOUNTS];
    static struct raw_space spaces[MOUNTS];
    for (size_t i = 0; i < MOUNTS; i++) {
        mounts[i] =
            (struct raw_mount){.id = i + 1, .target = {.ptr = "/mnt", .len = 4}, .is_real = i > 0};
        spaces[i] = (struct raw_space){.total_bytes = i == 1 ? 0 : 1000 * i};
    }
    const struct fake_parts parts = {.sockets = &socket,
                                     .socket_count = 1,
                                     .mounts = mounts,
                                     .spaces = spaces,
                                     .mount_count = MOUNTS};
    fake_set_parts(platform, &parts);
}

/* All mounts have an answer, and the socket a user. */
static bool has_parts(const struct snapshot *snap, const void *context)
{
    (void)context;
    if (snap->storage == NULL || snap->network == NULL ||
        strcmp(snap->network->connections[0].user.ptr, "alice") != 0) {
        return false;
    }
    for (size_t i = 0; i < snap->storage->mount_count; i++) {
        if (snap->storage->mounts[i].state == MOUNT_NOT_READ) {
            return false;
        }
    }
    return snap->storage->mount_count == MOUNTS - 1;
}

static void further_parts_are_read_while_they_are_wanted_and_at_once(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench, 5);
    put_parts(bench.platform);
    bench.plan.interval_ns = 60000 * ms;
    assert_int_equal(sampler_start(bench.platform, &bench.plan, woken, &bench, &bench.sampler), 0);
    const uint64_t second = 2;
    struct snapshot *snap = await(&bench, is_sample, &second, 3000 * ms);
    assert_null(snap->network);
    assert_null(snap->storage);
    assert_int_equal(fake_counts(bench.platform).last_request.parts, 0);
    sampler_give_back(bench.sampler, snap);
    bench.plan.parts = PART_SOCKETS | PART_MOUNTS;
    sampler_set_plan(bench.sampler, &bench.plan);
    snap = await(&bench, has_parts, NULL, 3000 * ms);
    assert_int_equal(snap->storage->mounts[0].state, MOUNT_FAILED);
    assert_int_equal(snap->storage->mounts[1].state, MOUNT_KNOWN);
    assert_int_equal(snap->storage->mounts[1].total_bytes, 2000);
    assert_int_equal(fake_counts(bench.platform).probes[PROBE_MOUNT], MOUNTS - 1);
    sampler_give_back(bench.sampler, snap);
    bench_end(&bench);
}

static void a_settling_plan_publishes_with_all_mounts(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench, 5);
    put_parts(bench.platform);
    bench.plan.settle = true;
    bench.plan.parts = PART_SOCKETS | PART_MOUNTS;
    assert_int_equal(sampler_start(bench.platform, &bench.plan, woken, &bench, &bench.sampler), 0);
    struct snapshot *snap = next(&bench);
    assert_true(has_parts(snap, NULL));
    sampler_give_back(bench.sampler, snap);
    bench_end(&bench);
}

static bool has_silent_mount(const struct snapshot *snap, const void *context)
{
    const size_t *wanted = context;
    size_t silent = 0;
    for (size_t i = 0; snap->storage != NULL && i < snap->storage->mount_count; i++) {
        silent += snap->storage->mounts[i].state == MOUNT_NOT_ANSWERING;
    }
    return silent >= *wanted;
}

static void file_systems_that_do_not_answer_say_so_and_leave_a_thread_for_others(void **state)
{
    (void)state;
    struct bench bench;
    bench_init(&bench, 5);
    put_parts(bench.platform);
    fake_block_probe(bench.platform, PROBE_MOUNT, 0);
    bench.plan.parts = PART_SOCKETS | PART_MOUNTS;
    bench.plan.interval_ns = 200 * ms;
    assert_int_equal(sampler_start(bench.platform, &bench.plan, woken, &bench, &bench.sampler), 0);
    const size_t two = 2;
    struct snapshot *snap = await(&bench, has_silent_mount, &two, 12000 * ms);
    const uint64_t later = snap->sample + 5;
    sampler_give_back(bench.sampler, snap);
    sampler_give_back(bench.sampler, await(&bench, is_sample, &later, 3000 * ms));
    assert_true(fake_wait_blocked(bench.platform, 2)); // and no third
    put(bench.platform, 77, "late");
    const struct proc_id id = id_of(77);
    sampler_give_back(bench.sampler, await(&bench, has_cmdline_of, &id, 3000 * ms));
    fake_release(bench.platform);
    sampler_give_back(bench.sampler, await(&bench, has_parts, NULL, 5000 * ms));
    bench_end(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_snapshot_comes_at_once_and_rates_soon_after),
        cmocka_unit_test(slow_facts_come_as_the_same_sample_with_the_same_rates),
        cmocka_unit_test(more_facts_of_all_are_sampled_without_waiting_for_the_interval),
        cmocka_unit_test(pausing_stops_scans_but_not_facts_of_new_rows),
        cmocka_unit_test(a_scan_that_fails_is_dropped_and_tried_again),
        cmocka_unit_test(slow_scans_stretch_the_interval_and_say_so),
        cmocka_unit_test(a_blocked_command_line_is_said_so_and_holds_up_nothing),
        cmocka_unit_test(a_settling_plan_publishes_with_all_answers),
        cmocka_unit_test(a_reused_pid_inherits_no_command_line),
        cmocka_unit_test(a_shortage_of_descriptors_is_not_taken_for_an_answer),
        cmocka_unit_test(starting_and_stopping_a_thousand_times_leaves_nothing_behind),
        cmocka_unit_test(dear_facts_are_read_of_what_is_seen_and_not_again_at_once),
        cmocka_unit_test(memory_is_not_asked_for_where_the_command_line_hangs),
        cmocka_unit_test(growth_is_counted_anew_when_the_plan_says_so),
        cmocka_unit_test(plans_may_change_all_the_time),
        cmocka_unit_test(inspected_parts_may_come_and_go_all_the_time),
        cmocka_unit_test(without_threads_taking_samples_by_itself),
        cmocka_unit_test(stopping_waits_a_quarter_of_a_second_at_most),
        cmocka_unit_test(owners_are_read_when_new_changed_young_or_visible),
        cmocka_unit_test(processes_nobody_looks_at_are_taken_over_with_their_rates),
        cmocka_unit_test(a_sample_too_large_for_its_arena_is_refused_and_the_next_may_do),
        cmocka_unit_test(a_steady_population_allocates_nothing),
        cmocka_unit_test(a_source_acts_once_it_is_told_that_it_may),
        cmocka_unit_test(a_source_does_not_stop_while_an_action_hangs),
        cmocka_unit_test(a_scan_that_hangs_is_told_with_its_process),
        cmocka_unit_test(further_parts_are_read_while_they_are_wanted_and_at_once),
        cmocka_unit_test(a_settling_plan_publishes_with_all_mounts),
        cmocka_unit_test(file_systems_that_do_not_answer_say_so_and_leave_a_thread_for_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
