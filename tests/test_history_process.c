#include "check.h"
#include "model/history.h"
#include "model/snapshot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t second = 1000000000;

enum { PROCS_MAX = 20000, COLUMNS = 60 };

/* A history with a machine that is fed to it scan by scan. */
struct fixture {
    struct history *history;
    struct snapshot snap;
    struct proc *procs;
    struct series_point points[COLUMNS];
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    f->history = history_create();
    f->procs = calloc(PROCS_MAX, sizeof(f->procs[0]));
    f->snap = (struct snapshot){.mono_ns = 1000 * second, .procs = f->procs, .sample = 1};
    f->snap.system.uptime_ns = FIGURE_ABSENT;
    history_add(f->history, &f->snap, second);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    history_destroy(f->history);
    free(f->procs);
    free(f);
    return 0;
}

/* Let there be so many processes, pids from 1 on, that do nothing. */
static void populate(struct fixture *f, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        f->procs[i] = (struct proc){
            .id = {.pid = (int32_t)i + 1, .start_ns = 7},
            .have = FACT_IDENT | FACT_RATE,
            .mem.resident_bytes = 4096,
        };
    }
    f->snap.proc_count = count;
}

/* The next scan, after this time. */
static void scan_after(struct fixture *f, uint64_t interval_ns)
{
    f->snap.sample++;
    f->snap.mono_ns += interval_ns;
    f->snap.interval_ns = interval_ns;
    history_add(f->history, &f->snap, second);
}

static void scan(struct fixture *f, unsigned times)
{
    for (unsigned i = 0; i < times; i++) {
        scan_after(f, second);
    }
}

/* Read the last COLUMNS seconds. */
static void read_pid(struct fixture *f, int32_t pid, enum process_series series)
{
    struct series_window window =
        series_window_of(history_now_ns(f->history), COLUMNS * second, COLUMNS);
    history_process_read(f->history, (struct proc_id){.pid = pid, .start_ns = 7}, series, &window,
                         f->points);
}

static size_t known_columns(const struct fixture *f)
{
    size_t known = 0;
    for (size_t i = 0; i < COLUMNS; i++) {
        known += series_is_gap(&f->points[i]) ? 0 : 1;
    }
    return known;
}

/* Seconds ago, 1 the newest. */
static double ago(const struct fixture *f, size_t seconds)
{
    return (double)f->points[COLUMNS - seconds].mean;
}

static void assert_near(double value, double expected)
{
    assert_true(fabs(value - expected) < 1e-4 * (1 + fabs(expected)));
}

static void a_busy_process_is_seen_second_by_second(void **state)
{
    struct fixture *f = *state;
    populate(f, 3);
    for (unsigned i = 1; i <= 20; i++) {
        f->procs[1].cpu.user = 0.01 * i;
        f->procs[1].cpu.system = 0.5;
        f->procs[1].mem.resident_bytes = 1000000 + i;
        scan(f, 1);
    }
    read_pid(f, 2, PROCESS_CPU);
    assert_near(ago(f, 1), 0.7);
    assert_near(ago(f, 11), 0.6);
    assert_int_equal(known_columns(f), 20);
    read_pid(f, 2, PROCESS_RESIDENT);
    assert_near(ago(f, 1), 1000020);
    read_pid(f, 2, PROCESS_READ);
    assert_int_equal(known_columns(f), 0); // nobody read it
}

static void an_idle_process_was_idle_all_the_time(void **state)
{
    struct fixture *f = *state;
    populate(f, 3);
    scan(f, 30);
    read_pid(f, 3, PROCESS_CPU);
    assert_int_equal(known_columns(f), 30);
    assert_near(ago(f, 1), 0);
    read_pid(f, 3, PROCESS_RESIDENT);
    assert_near(ago(f, 30), 4096);
    f->procs[2].mem.resident_bytes = 8192;
    scan(f, 5);
    read_pid(f, 3, PROCESS_RESIDENT);
    assert_int_equal(known_columns(f), 35);
    assert_near(ago(f, 5), 8192);
    assert_near(ago(f, 6), 4096);
    assert_near(ago(f, 35), 4096);
}

static void pauses_stay_gaps_for_idle_and_busy_ones(void **state)
{
    struct fixture *f = *state;
    populate(f, 2);
    f->procs[0].cpu.user = 0.25;
    scan(f, 10);
    history_break(f->history);
    scan_after(f, 8 * second); // what it says is the mean of a pause
    f->procs[0].cpu.user = 0.5;
    scan(f, 10);
    for (int32_t pid = 1; pid <= 2; pid++) {
        read_pid(f, pid, PROCESS_CPU);
        assert_int_equal(known_columns(f), 20);
        for (size_t i = 11; i <= 18; i++) {
            assert_true(series_is_gap(&f->points[COLUMNS - i]));
        }
    }
    scan_after(f, 30 * second); // nobody said so, but it was one
    read_pid(f, 1, PROCESS_CPU);
    assert_true(series_is_gap(&f->points[COLUMNS - 1]));
    assert_true(series_is_gap(&f->points[COLUMNS - 30]));
    assert_near(ago(f, 31), 0.5);
}

static void a_scan_nobody_saw_is_a_gap(void **state)
{
    struct fixture *f = *state;
    populate(f, 1);
    scan(f, 5);
    f->snap.sample++; // it went by
    f->snap.mono_ns += second;
    scan(f, 5);
    read_pid(f, 1, PROCESS_CPU);
    assert_int_equal(known_columns(f), 10);
    assert_true(series_is_gap(&f->points[COLUMNS - 6]));
}

static void a_refresh_of_the_same_scan_adds_nothing(void **state)
{
    struct fixture *f = *state;
    populate(f, 1);
    f->procs[0].cpu.user = 0.5;
    scan(f, 5);
    uint64_t now = history_now_ns(f->history);
    f->snap.seq++;
    f->snap.mono_ns += second / 2;
    history_add(f->history, &f->snap, second);
    assert_int_equal(history_now_ns(f->history), now);
}

static void a_long_interval_that_is_set_is_no_gap(void **state)
{
    struct fixture *f = *state;
    populate(f, 1);
    f->procs[0].cpu.user = 0.5;
    for (unsigned i = 0; i < 3; i++) {
        f->snap.sample++;
        f->snap.mono_ns += 60 * second;
        f->snap.interval_ns = 60 * second;
        history_add(f->history, &f->snap, 60 * second);
    }
    read_pid(f, 1, PROCESS_CPU);
    assert_int_equal(known_columns(f), COLUMNS);
    assert_near(ago(f, 60), 0.5);
}

static void a_sleep_of_the_machine_is_a_gap_and_a_slow_scan_is_none(void **state)
{
    struct fixture *f = *state;
    populate(f, 1);
    f->snap.system.uptime_ns = f->snap.mono_ns + second;
    for (unsigned i = 0; i < 20; i++) {
        bool slow = i == 5;
        f->snap.system.uptime_ns = f->snap.mono_ns + 2 * second - (slow ? 3 * second : 0);
        f->snap.system.uptime_ns += i >= 10 ? 3600 * second : 0;
        scan(f, 1);
    }
    assert_int_equal(history_now_ns(f->history), f->snap.mono_ns + 3600 * second);
    read_pid(f, 1, PROCESS_CPU); // in steps of 16 s by now, for the sake of the hour before
    assert_near(ago(f, 1), 0);
    assert_true(series_is_gap(&f->points[COLUMNS - 10 - 16]));
    assert_true(series_is_gap(&f->points[0]));
}

static void resolution_halves_so_that_all_of_it_is_kept(void **state)
{
    struct fixture *f = *state;
    populate(f, 1);
    for (unsigned i = 0; i < 5000; i++) {
        f->procs[0].cpu.user = i < 2500 ? 0.25 : 0.75;
        f->procs[0].cpu.user = i == 1000 ? 4 : f->procs[0].cpu.user;
        scan(f, 1);
    }
    struct series_window window =
        series_window_of(history_now_ns(f->history), 5000 * second, COLUMNS);
    history_process_read(f->history, f->procs[0].id, PROCESS_CPU, &window, f->points);
    assert_near(ago(f, 5), 0.75);
    assert_near(ago(f, 55), 0.25);
    double most = 0;
    for (size_t i = 0; i < COLUMNS; i++) {
        most = (double)f->points[i].max > most ? (double)f->points[i].max : most;
    }
    assert_near(most, 4); // a peak is not averaged away
    uint64_t first = 0;
    uint64_t last = 0;
    assert_true(history_process_span(f->history, f->procs[0].id, &first, &last));
    assert_int_equal(last - first, 5000 * second);
}

static void a_value_that_is_not_read_for_a_while_is_a_gap(void **state)
{
    struct fixture *f = *state;
    populate(f, 1);
    f->procs[0].have |= FACT_IO_RATE;
    f->procs[0].io.read_bytes_per_s = 10;
    scan(f, 5);
    f->procs[0].io.read_bytes_per_s = 20;
    scan(f, 5);
    f->procs[0].have &= ~(fact_mask)FACT_IO_RATE;
    scan(f, 5);
    f->procs[0].have |= FACT_IO_RATE;
    scan(f, 5);
    read_pid(f, 1, PROCESS_READ);
    assert_int_equal(known_columns(f), 15);
    assert_true(series_is_gap(&f->points[COLUMNS - 6]));
    assert_near(ago(f, 5), 20);
    assert_near(ago(f, 15), 20);
    assert_near(ago(f, 16), 10);
    read_pid(f, 1, PROCESS_WRITE); // constant, but not known in between: only since then
    assert_int_equal(known_columns(f), 5);
}

static void another_process_with_the_same_pid_is_another(void **state)
{
    struct fixture *f = *state;
    populate(f, 2);
    f->procs[0].cpu.user = 1;
    scan(f, 5);
    f->procs[0].cpu.user = 2;
    scan(f, 5);
    struct proc_id old = f->procs[0].id;
    f->procs[0].id.start_ns = 99;
    f->procs[0].cpu.user = 0;
    scan(f, 5);
    struct series_window window =
        series_window_of(history_now_ns(f->history), COLUMNS * second, COLUMNS);
    history_process_read(f->history, f->procs[0].id, PROCESS_CPU, &window, f->points);
    assert_int_equal(known_columns(f), 5);
    history_process_read(f->history, old, PROCESS_CPU, &window, f->points);
    assert_int_equal(known_columns(f), 10); // the exited one, with a gap since
    assert_true(series_is_gap(&f->points[COLUMNS - 5]));
}

static void the_exited_are_dropped_after_a_while(void **state)
{
    struct fixture *f = *state;
    uint64_t first;
    uint64_t last;
    populate(f, 3);
    f->procs[2].cpu.user = 1;
    scan(f, 1);
    f->procs[2].cpu.user = 2;
    scan(f, 1);
    struct proc_id busy = f->procs[2].id;
    struct proc_id idle = f->procs[1].id;
    f->snap.proc_count = 1;
    scan(f, 1);
    assert_false(history_process_span(f->history, idle, &first, &last)); // it never did anything
    scan(f, HISTORY_EXITED_S - 1);
    assert_true(history_process_span(f->history, busy, &first, &last));
    scan(f, 1);
    assert_false(history_process_span(f->history, busy, &first, &last));
}

static void processes_that_come_and_go_do_not_pile_up(void **state)
{
    struct fixture *f = *state;
    uint64_t first;
    uint64_t last;
    const size_t alive = 400;
    size_t kept = 0;
    for (unsigned i = 0; i < 100; i++) {
        populate(f, alive);
        for (size_t k = 0; k < alive; k++) {
            f->procs[k].id.pid += (int32_t)((i / 2) * alive); // each is there for two scans
            f->procs[k].cpu.user = i % 2 == 0 ? 1 : 2;
        }
        scan(f, 1);
    }
    for (size_t pid = 1; pid <= 50 * alive; pid++) {
        struct proc_id id = {.pid = (int32_t)pid, .start_ns = 7};
        kept += history_process_span(f->history, id, &first, &last) ? 1 : 0;
    }
    assert_in_range(kept, alive, alive + HISTORY_EXITED_PROCESSES + 3 * alive);
}

static void beyond_the_ceilings_nothing_is_kept(void **state)
{
    struct fixture *f = *state;
    uint64_t first;
    uint64_t last;
    populate(f, PROCS_MAX);
    for (unsigned i = 0; i < 3; i++) {
        for (size_t k = 0; k < PROCS_MAX; k++) {
            f->procs[k].cpu.user = i;
        }
        scan(f, 1);
    }
    size_t followed = 0;
    size_t recorded = 0;
    for (int32_t pid = 1; pid <= PROCS_MAX; pid++) {
        struct proc_id id = {.pid = pid, .start_ns = 7};
        followed += history_process_span(f->history, id, &first, &last) ? 1 : 0;
        read_pid(f, pid, PROCESS_CPU);
        recorded += known_columns(f) == 3 ? 1 : 0;
    }
    assert_int_equal(followed, HISTORY_PROCESSES_MAX);
    assert_int_equal(recorded, HISTORY_RECORDINGS_MAX);
}

static void traffic_nobody_counts_is_a_gap_not_nothing(void **state)
{
    struct fixture *f = *state;
    populate(f, 2);
    for (size_t i = 0; i < 2; i++) {
        f->procs[i].have |= FACT_SOCKETS | FACT_SOCKET_RATE;
        f->procs[i].net.is_uncounted = i == 1;
    }
    scan(f, 5);
    read_pid(f, 1, PROCESS_RX);
    assert_int_equal(known_columns(f), 5);
    read_pid(f, 2, PROCESS_RX);
    assert_int_equal(known_columns(f), 0);
}

static void the_latest_value_is_that_of_the_newest_scan_if_it_has_one(void **state)
{
    struct fixture *f = *state;
    const struct proc_id id = {.pid = 1, .start_ns = 7};
    assert_true(isnan(history_process_latest(f->history, id, PROCESS_CPU)));
    populate(f, 2);
    f->procs[0].cpu.user = 0.5;
    scan(f, 3);
    assert_near(history_process_latest(f->history, id, PROCESS_CPU), 0.5);
    f->procs[0].cpu.user = 0.25;
    scan(f, 1);
    assert_near(history_process_latest(f->history, id, PROCESS_CPU), 0.25);
    assert_true(isnan(history_process_latest(f->history, id, PROCESS_READ)));
    f->procs[0].have = FACT_IDENT;
    scan(f, 1);
    assert_true(isnan(history_process_latest(f->history, id, PROCESS_CPU)));
    f->procs[0].have |= FACT_RATE;
    scan(f, 1);
    assert_near(history_process_latest(f->history, id, PROCESS_CPU), 0.25);
    f->procs[0] = f->procs[1]; // it has exited
    f->snap.proc_count = 1;
    scan(f, 1);
    assert_true(isnan(history_process_latest(f->history, id, PROCESS_CPU)));
}

static void the_lines_of_a_process_come_to_what_it_did(void **state)
{
    (void)state;
    struct proc proc = {.have = FACT_IDENT | FACT_RATE, .denied = FACT_IO};
    struct snapshot snap = {.provided = FACT_READABLE, .interval_ns = second};
    struct history_line lines[PROCESS_SERIES_COUNT];
    history_process_lines(lines);
    assert_true(isnan(lines[PROCESS_CPU].figures.mean));
    proc.cpu.user = 0.5;
    proc.mem.resident_bytes = 4096;
    history_process_lines_add(lines, &snap, &proc);
    proc.cpu.system = 1;
    proc.mem.resident_bytes = 1024;
    snap.interval_ns = 3 * second;
    history_process_lines_add(lines, &snap, &proc);
    assert_near(lines[PROCESS_CPU].figures.now, 1.5);
    assert_near(lines[PROCESS_CPU].figures.min, 0.5);
    assert_near(lines[PROCESS_CPU].figures.max, 1.5);
    assert_near(lines[PROCESS_CPU].figures.mean, (0.5 + 3 * 1.5) / 4);
    assert_near(lines[PROCESS_RESIDENT].figures.mean, (4096 + 3 * 1024) / 4);
    assert_int_equal(lines[PROCESS_RESIDENT].kind, VALUE_BYTES);
    assert_int_equal(lines[PROCESS_CPU].known_ns, 4 * second);
    assert_int_equal(lines[PROCESS_READ].known_ns, 0);
    assert_int_equal(lines[PROCESS_READ].why, ABSENT_DENIED);
    assert_int_equal(lines[PROCESS_RX].why, ABSENT_NOT_READ);
    proc.have |= FACT_SOCKETS | FACT_SOCKET_RATE;
    proc.net.tx_bytes_per_s = 7;
    history_process_lines_add(lines, &snap, &proc);
    assert_near(lines[PROCESS_TX].figures.now, 7);
    assert_near(lines[PROCESS_RX].figures.now, 0);
    assert_string_equal(lines[PROCESS_TX].graph, "network");
    assert_string_equal(lines[PROCESS_TX].title, "tx");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_busy_process_is_seen_second_by_second),
        TEST(traffic_nobody_counts_is_a_gap_not_nothing),
        TEST(the_latest_value_is_that_of_the_newest_scan_if_it_has_one),
        TEST(an_idle_process_was_idle_all_the_time),
        TEST(pauses_stay_gaps_for_idle_and_busy_ones),
        TEST(a_scan_nobody_saw_is_a_gap),
        TEST(a_refresh_of_the_same_scan_adds_nothing),
        TEST(a_long_interval_that_is_set_is_no_gap),
        TEST(a_sleep_of_the_machine_is_a_gap_and_a_slow_scan_is_none),
        TEST(resolution_halves_so_that_all_of_it_is_kept),
        TEST(a_value_that_is_not_read_for_a_while_is_a_gap),
        TEST(another_process_with_the_same_pid_is_another),
        TEST(the_exited_are_dropped_after_a_while),
        TEST(processes_that_come_and_go_do_not_pile_up),
        TEST(the_lines_of_a_process_come_to_what_it_did),
        TEST(beyond_the_ceilings_nothing_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
