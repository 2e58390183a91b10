#include "base/arena.h"
#include "check.h"
#include "sampler/cache.h"
#include "sampler/diff.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/*
 * Two samples a second apart, made by hand: boot clock 1000 s and 1001 s, wall clock 50000 s.
 */

static const uint64_t second_ns = 1000000000u;

struct pair {
    struct raw_proc procs[2][8];
    struct raw_cpu cpus[2][8];
    struct raw_sample raw[2];
    struct cache *cache;
    struct arena *arena;
};

static struct raw_proc proc_of(int32_t pid, uint64_t start_s, const char *name)
{
    return (struct raw_proc){
        .id = {.pid = pid, .start_ns = start_s * second_ns},
        .ppid = 1,
        .group_pid = pid,
        .tpgid = -1,
        .have = FACT_IDENT,
        .thread_count = 1,
        .state = 'S',
        .name = {.ptr = name, .len = (uint32_t)strlen(name)},
    };
}

static int set_up(void **state)
{
    static struct pair pair;
    memset(&pair, 0, sizeof(pair));
    for (size_t i = 0; i < 2; i++) {
        pair.raw[i] = (struct raw_sample){
            .begin_ns = (100 + i) * second_ns,
            .end_ns = (100 + i) * second_ns,
            .boot_ns = (1000 + i) * second_ns,
            .wall_s = 50000 + (int64_t)i,
            .procs = pair.procs[i],
            .system = {.cpu_known = true,
                       .cpus = pair.cpus[i],
                       .cpu_count = 1,
                       .cpu_present = 1,
                       .memory = {.total = 1000, .free = 400}},
        };
    }
    pair.cache = cache_create(100);
    pair.arena = arena_create(1 << 20);
    *state = &pair;
    return 0;
}

static int tear_down(void **state)
{
    struct pair *pair = *state;
    cache_destroy(pair->cache);
    arena_destroy(pair->arena);
    return 0;
}

/* The same process in both samples. */
static void put_both(struct pair *pair, struct raw_proc proc)
{
    for (size_t i = 0; i < 2; i++) {
        pair->procs[i][pair->raw[i].proc_count++] = proc;
    }
}

static const struct snapshot *diff_of(struct pair *pair)
{
    struct snapshot *snap = NULL;
    assert_int_equal(diff_samples(&pair->raw[0], &pair->raw[1], pair->cache, FACT_READABLE,
                                  pair->arena, &snap),
                     0);
    assert_ptr_equal(snap->arena, pair->arena);
    return snap;
}

static void assert_near(double a, double b)
{
    assert_true(fabs(a - b) < 1e-9);
}

static double sum_of(const struct cpu_load *cpu)
{
    return cpu->user + cpu->nice + cpu->system + cpu->irq + cpu->softirq + cpu->steal + cpu->guest +
           cpu->iowait + cpu->idle;
}

static void counters_that_step_back_did_not_grow(void **state)
{
    (void)state;
    static const struct {
        uint64_t before, after, growth;
    } cases[] = {
        {0, 0, 0},
        {1, 5, 4},
        {5, 1, 0},
        {0, UINT64_MAX - 1, UINT64_MAX - 1},
        {FIGURE_ABSENT, 5, 0},
        {5, FIGURE_ABSENT, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_true(diff_counter(cases[i].before, cases[i].after) == cases[i].growth);
    }
}

static void the_first_sample_has_no_rates_P58(void **state)
{
    struct pair *pair = *state;
    put_both(pair, proc_of(10, 10, "a"));
    struct snapshot *snap = NULL;
    assert_int_equal(
        diff_samples(NULL, &pair->raw[0], pair->cache, FACT_READABLE, pair->arena, &snap), 0);
    assert_true(snap->interval_ns == 0);
    assert_int_equal(snap->procs[0].have & (FACT_RATE | FACT_IO_RATE), 0);
    assert_int_equal(snap->procs[0].flags, 0); // not "new" either
    assert_false(snap->system.all.known);
    assert_false(snap->system.cpus[0].known);
    assert_true(snap->system.cpus[0].online);
    assert_true(snap->system.context_switches_per_s < 0);
    assert_int_equal(snap->exited_count, 0);
    assert_int_equal(snap->provided & (FACT_RATE | FACT_IO_RATE), FACT_RATE | FACT_IO_RATE);
}

static void every_cpu_field_is_clamped_by_itself_P59(void **state)
{
    struct pair *pair = *state;
    const struct raw_cpu full = {.user_ns = 100,
                                 .nice_ns = 100,
                                 .system_ns = 100,
                                 .irq_ns = 100,
                                 .softirq_ns = 100,
                                 .steal_ns = 100,
                                 .iowait_ns = 100,
                                 .idle_ns = 100};
    for (size_t field = 0; field < 8; field++) {
        struct raw_cpu before = full;
        struct raw_cpu after = full;
        uint64_t *fields = &after.user_ns; // the eight are declared in this order
        (&before.user_ns)[field] = 1000;   // this one steps back
        fields[(field + 1) % 8] += 60;
        fields[(field + 2) % 8] += 40;
        pair->cpus[0][0] = before;
        pair->cpus[1][0] = after;
        pair->raw[0].system.all = before;
        pair->raw[1].system.all = after;
        const struct snapshot *snap = diff_of(pair);
        assert_true(snap->system.cpus[0].known);
        assert_near(sum_of(&snap->system.cpus[0]), 1.0);
        assert_near(sum_of(&snap->system.all), 1.0);
    }
}

static void guest_time_is_not_counted_twice_P60(void **state)
{
    struct pair *pair = *state;
    pair->cpus[1][0] = (struct raw_cpu){
        .user_ns = 50, .guest_ns = 30, .nice_ns = 20, .guest_nice_ns = 10, .idle_ns = 30};
    const struct cpu_load cpu = diff_of(pair)->system.cpus[0];
    assert_near(cpu.user, 0.2);
    assert_near(cpu.nice, 0.1);
    assert_near(cpu.guest, 0.4);
    assert_near(cpu.idle, 0.3);
    assert_near(sum_of(&cpu), 1.0);
    pair->cpus[1][0].guest_ns = 500; // more than user: odd, but no negative fraction
    assert_near(diff_of(pair)->system.cpus[0].user, 0);
}

static void iowait_is_neither_busy_nor_idle_P61(void **state)
{
    struct pair *pair = *state;
    pair->cpus[1][0] = (struct raw_cpu){.user_ns = 25, .iowait_ns = 50, .idle_ns = 25};
    const struct cpu_load cpu = diff_of(pair)->system.cpus[0];
    assert_near(cpu.iowait, 0.5);
    assert_near(cpu.idle, 0.25);
    assert_near(cpu.user, 0.25);
}

static void a_cpu_without_any_time_is_unknown(void **state)
{
    assert_false(diff_of(*state)->system.cpus[0].known);
}

static void every_caller_gets_the_same_rates_from_the_same_samples_P62(void **state)
{
    struct pair *pair = *state;
    put_both(pair, proc_of(10, 10, "a"));
    pair->procs[1][0].user_ns = second_ns / 4;
    pair->cpus[1][0] = (struct raw_cpu){.user_ns = 25, .idle_ns = 75};
    for (int caller = 0; caller < 3; caller++) { // a refresh is such a second caller
        const struct snapshot *snap = diff_of(pair);
        assert_near(snap->procs[0].cpu.user, 0.25);
        assert_near(snap->system.cpus[0].user, 0.25);
    }
}

static void threads_add_up_to_more_than_one_cpu_but_not_more_than_there_are_P63(void **state)
{
    static const struct {
        uint64_t user_ns, system_ns;
        double sum;
    } cases[] = {
        {2500000000, 1000000000, 3.5},
        {0, 0, 0},
        {4000000000, 0, 4.0},
        {90000000000, 10000000000, 4.4}, // a jump: four CPUs and a tenth
    };
    struct pair *pair = *state;
    pair->raw[1].system.cpu_count = 4;
    put_both(pair, proc_of(10, 10, "a"));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pair->procs[1][0].user_ns = cases[i].user_ns;
        pair->procs[1][0].system_ns = cases[i].system_ns;
        const struct proc *proc = diff_of(pair)->procs;
        assert_int_equal(proc->have & FACT_RATE, FACT_RATE);
        assert_near(proc->cpu.user + proc->cpu.system, cases[i].sum);
        assert_true(proc->cpu.time_ns == cases[i].user_ns + cases[i].system_ns);
    }
}

static void delays_are_known_while_the_kernel_counts_them_P16(void **state)
{
    static const struct {
        bool counted[2];
        uint64_t ns[2];
        double share;
    } cases[] = {
        {{true, true}, {5000000000, 5250000000}, 0.25},
        {{true, true}, {5000000000, 5000000000}, 0},
        {{true, true}, {0, 7000000000}, 1}, // a long wait is over
        {{true, true}, {7000000000, 0}, 0}, // counting begins anew
        {{false, false}, {0, 0}, -1},       // zeros that mean nothing
        {{false, true}, {0, 1000000}, -1},  // switched on in between
        {{true, false}, {1000000, 0}, -1},
        {{true, true}, {0, FIGURE_ABSENT}, -1}, // P22
        {{true, true}, {FIGURE_ABSENT, 0}, -1},
    };
    struct pair *pair = *state;
    put_both(pair, proc_of(10, 10, "a"));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (size_t k = 0; k < 2; k++) {
            pair->raw[k].counts_delays = cases[i].counted[k];
            pair->procs[k][0].block_delay_ns = cases[i].ns[k];
        }
        const struct proc *proc = diff_of(pair)->procs;
        assert_int_equal(proc->have & FACT_RATE, FACT_RATE);
        assert_near(proc->io.delay, cases[i].share);
    }
}

static void intervals_too_short_or_negative_give_no_rates_P64(void **state)
{
    struct pair *pair = *state;
    put_both(pair, proc_of(10, 10, "a"));
    pair->procs[1][0].user_ns = 5000;
    static const int64_t gaps_ns[] = {0, 1, 999999, -5000000};
    for (size_t i = 0; i < sizeof(gaps_ns) / sizeof(gaps_ns[0]); i++) {
        pair->raw[1].begin_ns = pair->raw[0].begin_ns + (uint64_t)gaps_ns[i];
        pair->raw[1].end_ns = pair->raw[1].begin_ns;
        const struct snapshot *snap = diff_of(pair);
        assert_true(snap->interval_ns == 0);
        assert_int_equal(snap->procs[0].have & FACT_RATE, 0);
        assert_true(snap->system.forks_per_s < 0);
    }
    pair->raw[1].end_ns = pair->raw[1].begin_ns = pair->raw[0].begin_ns + 1000000;
    assert_int_equal(diff_of(pair)->procs[0].have & FACT_RATE, FACT_RATE);
}

static void cpus_may_come_and_go_P65(void **state)
{
    struct pair *pair = *state;
    pair->cpus[0][0] = (struct raw_cpu){.index = 0};
    pair->cpus[0][1] = (struct raw_cpu){.index = 2};
    pair->cpus[1][0] = (struct raw_cpu){.index = 0, .user_ns = 10};
    pair->cpus[1][1] = (struct raw_cpu){.index = 3, .user_ns = 10};
    pair->raw[0].system.cpu_count = 2;
    pair->raw[1].system.cpu_count = 2;
    pair->raw[1].system.cpu_present = 5;
    const struct snapshot *snap = diff_of(pair);
    static const bool online[] = {true, false, false, true, false};
    assert_int_equal(snap->system.cpu_count, 5);
    assert_int_equal(snap->system.cpu_online, 2);
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(snap->system.cpus[i].index, i);
        assert_int_equal(snap->system.cpus[i].online, online[i]);
        assert_int_equal(snap->system.cpus[i].known, i == 0);
    }
}

static void cpu_counts_from_none_to_absurd_are_survived_P65(void **state)
{
    struct pair *pair = *state;
    pair->raw[1].system.cpu_present = 0; // less than there are
    assert_int_equal(diff_of(pair)->system.cpu_count, 1);
    pair->cpus[1][0].index = UINT32_MAX;
    pair->raw[1].system.cpu_present = UINT32_MAX;
    assert_int_equal(diff_of(pair)->system.cpu_count, CACHE_CPUS_MAX);
    pair->raw[1].system.cpu_count = 0;
    pair->raw[1].system.cpu_present = 0;
    assert_int_equal(diff_of(pair)->system.cpu_count, 0);
    pair->raw[1].system.cpu_known = false;
    assert_int_equal(diff_of(pair)->system.cpu_count, 0);
    assert_false(diff_of(pair)->system.all.known);
}

static void start_and_age_come_from_the_boot_clock_P53_P54(void **state)
{
    struct pair *pair = *state;
    put_both(pair, proc_of(10, 990, "a"));
    pair->raw[1].wall_s += 7200; // the clock was set
    const struct proc *proc = diff_of(pair)->procs;
    assert_int_equal(proc->start_wall_s, 50001 + 7200 - 11);
    assert_true(proc->elapsed_ns == 11 * second_ns);
    assert_int_equal(proc->have & FACT_RATE, FACT_RATE); // it is still the same process
}

static void a_start_in_the_future_has_no_age_P55(void **state)
{
    struct pair *pair = *state;
    put_both(pair, proc_of(10, 5000, "a"));
    const struct proc *proc = diff_of(pair)->procs;
    assert_true(proc->elapsed_ns == FIGURE_ABSENT);
    assert_int_equal(proc->start_wall_s, 50001 + 5000 - 1001);
    pair->procs[0][0].id.start_ns = UINT64_MAX;
    pair->procs[1][0].id.start_ns = UINT64_MAX;
    assert_true(diff_of(pair)->procs[0].elapsed_ns == FIGURE_ABSENT);
}

static void new_and_exited_processes_are_told_apart(void **state)
{
    struct pair *pair = *state;
    struct raw_proc *before = pair->procs[0];
    struct raw_proc *after = pair->procs[1];
    before[0] = proc_of(5, 10, "gone");
    before[1] = proc_of(10, 10, "stays");
    before[2] = proc_of(20, 10, "reused");
    before[2].user_ns = 7;
    after[0] = proc_of(7, 10, "missed"); // older than the last sample: was only not seen then
    after[1] = proc_of(10, 10, "stays");
    after[2] = proc_of(20, 1001, "other");
    after[2].user_ns = 900;
    after[3] = proc_of(30, 1001, "new");
    pair->raw[0].proc_count = 3;
    pair->raw[1].proc_count = 4;
    const struct snapshot *snap = diff_of(pair);
    static const uint32_t flags[] = {0, 0, PROC_NEW, PROC_NEW};
    static const fact_mask rates[] = {0, FACT_RATE, 0, 0};
    assert_int_equal(snap->proc_count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(snap->procs[i].flags, flags[i]);
        assert_int_equal(snap->procs[i].have & FACT_RATE, rates[i]);
    }
    assert_int_equal(snap->exited_count, 2);
    assert_string_equal(snap->exited[0].name.ptr, "gone");
    assert_string_equal(snap->exited[1].name.ptr, "reused");
    assert_int_equal(snap->exited[1].flags, PROC_EXITED);
    assert_int_equal(snap->exited[1].have & FACT_RATE, 0);
    assert_true(snap->exited[1].cpu.time_ns == 7);
}

static void listing_threads_or_not_makes_none_new_or_exited(void **state)
{
    struct pair *pair = *state;
    struct raw_proc thread = proc_of(11, 1000, "t");
    thread.thread = true;
    thread.group_pid = 10;
    pair->procs[0][0] = pair->procs[1][0] = proc_of(10, 10, "p");
    pair->procs[0][1] = pair->procs[1][1] = thread;
    pair->raw[0].proc_count = 1;
    pair->raw[1].proc_count = 2;
    pair->raw[1].has_threads = true;
    assert_int_equal(diff_of(pair)->procs[1].flags, PROC_THREAD);
    pair->raw[0].has_threads = true;
    assert_int_equal(diff_of(pair)->procs[1].flags, PROC_THREAD | PROC_NEW);
    pair->raw[0].proc_count = 2;
    pair->raw[1].proc_count = 1;
    assert_int_equal(diff_of(pair)->exited_count, 1);
    pair->raw[1].has_threads = false;
    assert_int_equal(diff_of(pair)->exited_count, 0);
}

static void command_lines_say_what_is_known_of_them(void **state)
{
    static const struct {
        enum cache_state state;
        const char *argv;
        size_t len;
        char letter;
        bool kernel;
        const char *text;
        fact_mask have, denied, blocked;
    } cases[] = {
        {CACHE_EMPTY, "", 0, 'S', false, "", 0, 0, 0},
        {CACHE_ASKED, "", 0, 'S', false, "", 0, 0, 0},
        {CACHE_FRESH, "/bin/a\0b", 8, 'S', false, "/bin/a b", FACT_CMDLINE, 0, 0},
        {CACHE_FRESH, "\0\0", 2, 'S', false, "[a]", FACT_CMDLINE, 0, 0},
        {CACHE_NONE, "", 0, 'S', false, "[a]", FACT_CMDLINE, 0, 0},
        {CACHE_DENIED, "", 0, 'S', false, "", 0, FACT_CMDLINE, 0},
        {CACHE_BLOCKED, "old", 3, 'S', false, "", 0, 0, FACT_CMDLINE},
        {CACHE_EMPTY, "", 0, 'S', true, "[a]", FACT_CMDLINE, 0, 0},
        {CACHE_FRESH, "old", 3, 'Z', false, "[a]", FACT_CMDLINE, 0, 0},
    };
    struct pair *pair = *state;
    put_both(pair, proc_of(10, 10, "a"));
    struct cache_entry *entry = cache_touch(pair->cache, pair->procs[1][0].id, 1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_true(cache_set_cmdline(entry, cases[i].argv, cases[i].len) >= 0);
        entry->cmdline_fact.state = cases[i].state;
        pair->procs[1][0].state = cases[i].letter;
        pair->procs[1][0].kernel = cases[i].kernel;
        const struct proc *proc = diff_of(pair)->procs;
        assert_string_equal(proc->cmdline.ptr, cases[i].text);
        assert_int_equal(proc->have & FACT_CMDLINE, cases[i].have);
        assert_int_equal(proc->denied & FACT_CMDLINE, cases[i].denied);
        assert_int_equal(proc->blocked & FACT_CMDLINE, cases[i].blocked);
        if (proc->cmdline.bytes > 0) {
            assert_memory_equal(proc->cmdline.ptr + proc->cmdline_name_at, "a", 1);
            assert_int_equal(proc->cmdline_name_bytes, 1);
        }
    }
}

static void users_are_names_or_digits_or_not_known_yet(void **state)
{
    static const struct {
        enum cache_state state;
        const char *text;
        fact_mask have;
    } cases[] = {
        {CACHE_EMPTY, "", FACT_OWNER},
        {CACHE_ASKED, "", FACT_OWNER},
        {CACHE_FRESH, "bob", FACT_OWNER | FACT_USER},
        {CACHE_NONE, "70000", FACT_OWNER | FACT_USER},
        {CACHE_DENIED, "70000", FACT_OWNER | FACT_USER},
        {CACHE_BLOCKED, "70000", FACT_OWNER | FACT_USER},
    };
    struct pair *pair = *state;
    put_both(pair, proc_of(10, 10, "a"));
    assert_int_equal(diff_of(pair)->procs[0].have & (FACT_OWNER | FACT_USER), 0);
    pair->procs[1][0].have |= FACT_OWNER;
    pair->procs[1][0].uid = 70000;
    assert_int_equal(cache_set_name(cache_user(pair->cache, 70000), "bob", 3), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cache_user(pair->cache, 70000)->state = cases[i].state;
        const struct proc *proc = diff_of(pair)->procs;
        assert_string_equal(proc->user.ptr, cases[i].text);
        assert_int_equal(proc->have & (FACT_OWNER | FACT_USER), cases[i].have);
    }
}

static void storage_rates_use_the_time_their_counters_were_read_at(void **state)
{
    struct pair *pair = *state;
    struct raw_proc proc = proc_of(10, 10, "a");
    proc.have |= FACT_IO;
    put_both(pair, proc);
    pair->procs[1][0].read_bytes = 1000;
    assert_near(diff_of(pair)->procs[0].io.read_bytes_per_s, 1000);
    struct cache_entry *entry = cache_touch(pair->cache, proc.id, 1);
    entry->io_before_ns = 100 * second_ns + second_ns / 2; // read late in the first sample
    assert_near(diff_of(pair)->procs[0].io.read_bytes_per_s, 2000);
    pair->procs[0][0].have = FACT_IDENT;
    assert_int_equal(diff_of(pair)->procs[0].have & FACT_IO_RATE, 0);
}

static struct raw_proc reader_of(int32_t pid, int32_t ppid, uint64_t bytes)
{
    struct raw_proc proc = proc_of(pid, 10, "a");
    proc.ppid = ppid;
    proc.have |= FACT_IO;
    proc.read_bytes = bytes;
    proc.write_bytes = 2 * bytes;
    return proc;
}

static void what_a_finished_child_had_read_is_not_its_parents_rate(void **state)
{
    struct pair *pair = *state;
    const struct raw_proc before[] = {
        reader_of(10, 1, 50),   reader_of(11, 10, 400), reader_of(12, 10, 30),
        reader_of(13, 12, 600), reader_of(14, 10, 5),   reader_of(15, 14, 8000),
    };
    memcpy(pair->procs[0], before, sizeof(before));
    pair->procs[0][5].thread = true; // of 14; what it did is in what 14 did
    pair->raw[0].proc_count = 6;
    pair->procs[1][0] = reader_of(10, 1, 50 + 400 + 30 + 600 + 70);
    pair->procs[1][1] = reader_of(14, 10, 9);
    pair->raw[1].proc_count = 2;
    pair->raw[0].has_threads = pair->raw[1].has_threads = true;
    const struct proc *procs = diff_of(pair)->procs;
    assert_near(procs[0].io.read_bytes_per_s, 70); // 13 was 12's, and both are gone
    assert_near(procs[0].io.write_bytes_per_s, 140);
    assert_near(procs[1].io.read_bytes_per_s, 4);
    assert_true(procs[0].io.read_bytes == 50 + 400 + 30 + 600 + 70);
    pair->procs[1][0].read_bytes = 60; // nobody waited for them: the kernel told no one
    assert_near(diff_of(pair)->procs[0].io.read_bytes_per_s, 0);
}

static void a_finished_child_nobody_read_leaves_its_parents_rate_open(void **state)
{
    struct pair *pair = *state;
    pair->procs[0][0] = reader_of(10, 1, 50);
    pair->procs[0][1] = reader_of(11, 10, 400);
    pair->procs[0][1].have = FACT_IDENT;
    pair->raw[0].proc_count = 2;
    pair->procs[1][0] = reader_of(10, 1, 50);
    pair->raw[1].proc_count = 1;
    assert_int_equal(diff_of(pair)->procs[0].have & FACT_IO_RATE, FACT_IO_RATE); // nothing grew
    pair->procs[1][0].write_bytes++;
    assert_int_equal(diff_of(pair)->procs[0].have & (FACT_IO | FACT_IO_RATE), FACT_IO);
    pair->procs[0][1].ppid = 11; // a made-up circle
    assert_int_equal(diff_of(pair)->procs[0].have & FACT_IO_RATE, FACT_IO_RATE);
}

static void who_looks_is_told_by_user_and_capability(void **state)
{
    struct pair *pair = *state;
    assert_int_equal(diff_of(pair)->looker, LOOKER_USER);
    pair->raw[1].may_trace = true; // of little use to a user: files have owners
    assert_int_equal(diff_of(pair)->looker, LOOKER_USER);
    pair->raw[1].as_root = true;
    assert_int_equal(diff_of(pair)->looker, LOOKER_TRACER);
    pair->raw[1].may_trace = false;
    assert_int_equal(diff_of(pair)->looker, LOOKER_ROOT);
}

/* What was read at 100 s is taken over at 101 s and read again at 102 s. */
static void a_process_that_was_taken_over_keeps_its_rates_and_its_time(void **state)
{
    struct pair *pair = *state;
    put_both(pair, proc_of(10, 10, "a"));
    struct raw_proc *is = &pair->procs[1][0];
    is->taken_over_ns = 100 * second_ns;
    assert_int_equal(diff_of(pair)->procs[0].have & FACT_RATE, 0); // none were kept
    struct cache_entry *entry = cache_touch(pair->cache, is->id, 1);
    struct proc old = {
        .have = FACT_IDENT | FACT_RATE,
        .cpu = {.user = 0.25, .system = 0.5},
        .mem = {.minor_faults_per_s = 3, .major_faults_per_s = 4, .growth_per_s = -5},
        .io = {.delay = 0.125}};
    cache_keep_rates(entry, &old);
    struct proc proc = diff_of(pair)->procs[0];
    assert_int_equal(proc.have & FACT_RATE, FACT_RATE);
    assert_near(proc.cpu.user, 0.25);
    assert_near(proc.cpu.system, 0.5);
    assert_near(proc.mem.minor_faults_per_s, 3);
    assert_near(proc.mem.major_faults_per_s, 4);
    assert_near(proc.mem.growth_per_s, -5);
    assert_near(proc.io.delay, 0.125);
    old.have = FACT_IDENT;
    cache_keep_rates(entry, &old);
    assert_int_equal(diff_of(pair)->procs[0].have & FACT_RATE, 0);

    pair->procs[0][0].taken_over_ns = 99 * second_ns; // not read for two seconds then
    is->taken_over_ns = 0;
    is->user_ns = second_ns;
    is->minor_faults = 10;
    proc = diff_of(pair)->procs[0];
    assert_near(proc.cpu.user, 0.5);
    assert_near(proc.mem.minor_faults_per_s, 5);
}

static void used_memory_leaves_caches_out_and_stays_absent_when_unknown(void **state)
{
    struct pair *pair = *state;
    struct raw_memory *memory = &pair->raw[1].system.memory;
    *memory = (struct raw_memory){.total = 1000,
                                  .free = 100,
                                  .available = 600,
                                  .buffers = 50,
                                  .cached = 300,
                                  .reclaimable = 100,
                                  .shared = 80,
                                  .swap_total = 500,
                                  .swap_free = 200};
    struct memory_load load = diff_of(pair)->system.memory;
    assert_int_equal(load.cached_bytes, 320);
    assert_int_equal(load.page_cache_bytes, memory->cached);
    assert_int_equal(load.used_bytes, 1000 - 600);
    assert_int_equal(load.held_bytes, 1000 - 100 - 50 - 320 - 80);
    assert_int_equal(load.swap_used_bytes, 300);
    memory->available = 2000; // seen in containers
    assert_int_equal(diff_of(pair)->system.memory.available_bytes, 100);
    memory->free = 999;
    assert_int_equal(diff_of(pair)->system.memory.held_bytes, 0);
    assert_int_equal(diff_of(pair)->system.memory.used_bytes, 1);
    memory->available = FIGURE_ABSENT; // before Linux 3.14
    memory->free = 100;
    assert_int_equal(diff_of(pair)->system.memory.used_bytes, 1000 - 100 - 50 - 320 - 80);
    memory->total = FIGURE_ABSENT;
    memory->cached = FIGURE_ABSENT;
    load = diff_of(pair)->system.memory;
    assert_true(load.used_bytes == FIGURE_ABSENT && load.held_bytes == FIGURE_ABSENT);
    assert_true(load.cached_bytes == FIGURE_ABSENT);
}

static void tasks_are_counted_by_state_and_hidden_ones_estimated(void **state)
{
    static const char letters[] = "RSDTtZIX";
    struct pair *pair = *state;
    for (int32_t i = 0; i < 8; i++) {
        struct raw_proc proc = proc_of(i + 1, 1, "a");
        proc.state = letters[i];
        proc.kernel = letters[i] == 'I';
        proc.thread_count = i == 0 ? 5 : 1;
        put_both(pair, proc);
    }
    pair->raw[1].system.threads_total = 100;
    struct system_load system = diff_of(pair)->system;
    const struct task_counts want = {.processes = 7,
                                     .threads = 4,
                                     .kernel_threads = 1,
                                     .running = 1,
                                     .sleeping = 1,
                                     .uninterruptible = 1,
                                     .stopped = 2,
                                     .zombie = 1,
                                     .idle = 1,
                                     .other = 1};
    assert_memory_equal(&system.tasks, &want, sizeof(want));
    assert_int_equal(system.threads_hidden, 0);
    pair->raw[1].system.hidepid = RAW_HIDEPID_INVISIBLE;
    system = diff_of(pair)->system;
    assert_int_equal(system.threads_hidden, 88);
    assert_int_equal(system.hidden_reason, HIDDEN_INVISIBLE);
    pair->raw[1].system.threads_total = 3;
    assert_int_equal(diff_of(pair)->system.threads_hidden, 0);
    pair->raw[1].system.threads_total = FIGURE_ABSENT; // a pid namespace of our own
    assert_true(diff_of(pair)->system.threads_hidden == FIGURE_ABSENT);
    pair->raw[1].system.hidepid = RAW_HIDEPID_NOACCESS; // listed, so counted one by one
    assert_int_equal(diff_of(pair)->system.threads_hidden, 0);
}

static void system_counters_become_rates_or_stay_unknown(void **state)
{
    struct pair *pair = *state;
    pair->raw[0].system.forks = 10;
    pair->raw[1].system.forks = 35;
    pair->raw[0].system.interrupts = FIGURE_ABSENT;
    const struct snapshot *snap = diff_of(pair);
    assert_near(snap->system.forks_per_s, 25);
    assert_true(snap->system.interrupts_per_s < 0);
    assert_near(snap->system.context_switches_per_s, 0);
}

static void an_arena_of_any_size_is_either_enough_or_reported(void **state)
{
    struct pair *pair = *state;
    put_both(pair, proc_of(10, 10, "name"));
    put_both(pair, proc_of(20, 10, "name"));
    pair->procs[1][1].have |= FACT_OWNER;
    size_t enough = 0;
    for (size_t limit = 0; limit < 16384; limit += 16) {
        struct arena *arena = arena_create(limit);
        struct snapshot *snap = NULL;
        const int result =
            diff_samples(&pair->raw[0], &pair->raw[1], pair->cache, FACT_READABLE, arena, &snap);
        assert_true(result == 0 || result == -ENOMEM);
        assert_int_equal(snap != NULL, result == 0);
        if (result == 0) {
            assert_string_equal(snap->procs[1].name.ptr, "name");
            enough++;
        }
        arena_destroy(arena);
    }
    assert_true(enough > 0);
}

#define WITH_PAIR(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters_that_step_back_did_not_grow),
        WITH_PAIR(the_first_sample_has_no_rates_P58),
        WITH_PAIR(every_cpu_field_is_clamped_by_itself_P59),
        WITH_PAIR(guest_time_is_not_counted_twice_P60),
        WITH_PAIR(iowait_is_neither_busy_nor_idle_P61),
        WITH_PAIR(a_cpu_without_any_time_is_unknown),
        WITH_PAIR(every_caller_gets_the_same_rates_from_the_same_samples_P62),
        WITH_PAIR(threads_add_up_to_more_than_one_cpu_but_not_more_than_there_are_P63),
        WITH_PAIR(delays_are_known_while_the_kernel_counts_them_P16),
        WITH_PAIR(intervals_too_short_or_negative_give_no_rates_P64),
        WITH_PAIR(cpus_may_come_and_go_P65),
        WITH_PAIR(cpu_counts_from_none_to_absurd_are_survived_P65),
        WITH_PAIR(start_and_age_come_from_the_boot_clock_P53_P54),
        WITH_PAIR(a_start_in_the_future_has_no_age_P55),
        WITH_PAIR(new_and_exited_processes_are_told_apart),
        WITH_PAIR(listing_threads_or_not_makes_none_new_or_exited),
        WITH_PAIR(command_lines_say_what_is_known_of_them),
        WITH_PAIR(users_are_names_or_digits_or_not_known_yet),
        WITH_PAIR(storage_rates_use_the_time_their_counters_were_read_at),
        WITH_PAIR(what_a_finished_child_had_read_is_not_its_parents_rate),
        WITH_PAIR(a_finished_child_nobody_read_leaves_its_parents_rate_open),
        WITH_PAIR(who_looks_is_told_by_user_and_capability),
        WITH_PAIR(a_process_that_was_taken_over_keeps_its_rates_and_its_time),
        WITH_PAIR(used_memory_leaves_caches_out_and_stays_absent_when_unknown),
        WITH_PAIR(tasks_are_counted_by_state_and_hidden_ones_estimated),
        WITH_PAIR(system_counters_become_rates_or_stay_unknown),
        WITH_PAIR(an_arena_of_any_size_is_either_enough_or_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
