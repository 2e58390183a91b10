#include "base/arena.h"
#include "check.h"
#include "dossier.h"
#include "fake_platform.h"
#include "model/network.h"
#include "model/plan.h"
#include "model/snapshot.h"
#include "model/table.h"
#include "sampler/prober.h"
#include "sampler/scan.h"
#include "sampler/scan_inspect.h"
#include "sampler/text.h"

#include <errno.h>
#include <string.h>
#include <time.h>

/* From the wish to inspect a process to the dossier in the snapshot, over a made-up platform. */

static const uint64_t second_ns = 1000000000;

struct bench {
    struct platform *platform;
    struct prober *prober;
    struct scan *scan;
    struct plan plan;
    struct snapshot *snap;
};

static void woken(void *context)
{
    (void)context;
}

static void bench_start(struct bench *bench, unsigned parts)
{
    *bench = (struct bench){.platform = fake_create(2)};
    const struct proc_id id = dossier_process();
    const struct fake_proc proc = fake_process(id.pid, id.start_ns, "postgres");
    fake_put(bench->platform, &proc);
    assert_int_equal(prober_start(bench->platform, woken, NULL, &bench->prober), 0);
    assert_int_equal(scan_create(bench->platform, NULL, SCAN_RAW_BYTES_MAX, &bench->scan), 0);
    scan_set_inspector(bench->scan, bench->prober);
    bench->plan = (struct plan){.want = FACT_IDENT, .inspected = id, .inspect = parts};
}

static void bench_end(struct bench *bench)
{
    snapshot_free(bench->snap);
    fake_release(bench->platform);
    assert_true(prober_stop(bench->prober, platform_now_ns() + 5 * second_ns));
    scan_destroy(bench->scan);
    fake_destroy(bench->platform);
}

/* Scan, let so much time pass for the prober as it thinks, and look. Owns: the bench. */
static const struct dossier *look(struct bench *bench, uint64_t late_ns)
{
    assert_int_equal(scan_take(bench->scan, &bench->plan), 0);
    for (int i = 0; i < 2000 && !scan_is_settled(bench->scan); i++) {
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        (void)scan_collect(bench->scan, &bench->plan, platform_now_ns() + late_ns);
    }
    assert_true(scan_is_settled(bench->scan));
    snapshot_free(bench->snap);
    bench->snap = NULL;
    struct arena *arena = arena_create(SCAN_SNAPSHOT_BYTES_MAX);
    assert_int_equal(scan_build(bench->scan, arena, &bench->snap), 0);
    return bench->snap->dossier;
}

static void a_wanted_part_is_read_at_each_scan_and_others_never(void **state)
{
    (void)state;
    struct bench bench;
    bench_start(&bench, 1u << INSPECT_THREADS);
    const struct dossier *dossier = look(&bench, 0);
    assert_non_null(dossier);
    assert_int_equal(dossier->parts[INSPECT_THREADS].state, DOSSIER_KNOWN);
    assert_int_equal(dossier->parts[INSPECT_ENVIRON].state, DOSSIER_NOT_READ);
    (void)look(&bench, 0);
    const struct fake_counts counts = fake_counts(bench.platform);
    assert_int_equal(counts.inspects[INSPECT_THREADS], 2);
    assert_int_equal(counts.inspects[INSPECT_ENVIRON], 0);
    assert_int_equal(counts.inspects[INSPECT_IDENTITY], 0);
    bench_end(&bench);
}

static void nothing_is_inspected_unless_somebody_wants_it(void **state)
{
    (void)state;
    struct bench bench;
    bench_start(&bench, 0);
    bench.plan.inspected = (struct proc_id){0};
    assert_null(look(&bench, 0));
    bench_end(&bench);
}

static void what_one_thread_waits_for_is_asked_of_it(void **state)
{
    (void)state;
    struct bench bench;
    const unsigned parts = 1u << INSPECT_WAITING | 1u << INSPECT_LIMITS;
    const struct proc_id thread = {.pid = 531, .start_ns = 5310000000};
    bench_start(&bench, parts);
    const struct inspect_set set = dossier_set(parts);
    fake_set_inspect(bench.platform, bench.plan.inspected.pid, set.parts[INSPECT_WAITING].now, 0);
    assert_true(look(&bench, 0)->parts[INSPECT_WAITING].has);
    assert_int_equal(bench.snap->dossier->thread.pid, 0);
    struct raw_wait wait = {.tid = thread.pid, .state = 'S', .alike = 1, .syscall_fd = -1};
    wait.wchan = (struct raw_bytes){.ptr = "kissing", .len = 7};
    struct raw_inspect answer = {.part = INSPECT_WAITING, .id = thread};
    answer.as.waiting = (struct raw_waiting){.waits = &wait, .wait_count = 1, .thread_count = 1};
    const struct fake_proc task = fake_process(thread.pid, thread.start_ns, "worker");
    fake_put(bench.platform, &task); // as its number leads there, too
    fake_set_inspect(bench.platform, thread.pid, &answer, 0);
    bench.plan.inspected_thread = thread;
    const struct dossier *dossier = look(&bench, 0);
    assert_int_equal(dossier->thread.pid, thread.pid);
    assert_int_equal(dossier->id.pid, bench.plan.inspected.pid);
    bool told = false;
    for (size_t i = 0; i < dossier->waiting_count; i++) {
        told |= strncmp(dossier->waiting[i].value.ptr, "kissing", 7) == 0;
    }
    assert_true(told);
    fake_set_inspect(bench.platform, thread.pid, &answer, -ESRCH);
    dossier = look(&bench, 0);
    assert_int_equal(dossier->parts[INSPECT_WAITING].state, DOSSIER_GONE);
    assert_int_not_equal(dossier->parts[INSPECT_LIMITS].state, DOSSIER_GONE);
    bench.plan.inspected_thread = (struct proc_id){0};
    assert_int_equal(look(&bench, 0)->parts[INSPECT_WAITING].state, DOSSIER_KNOWN);
    bench_end(&bench);
}

static void rates_are_between_two_answers(void **state)
{
    (void)state;
    struct bench bench;
    bench_start(&bench, 1u << INSPECT_THREADS);
    const struct inspect_set set = dossier_set(1u << INSPECT_THREADS);
    const int32_t pid = dossier_process().pid;
    fake_set_inspect(bench.platform, pid, set.parts[INSPECT_THREADS].before, 0);
    const struct dossier *dossier = look(&bench, 0);
    assert_int_equal(dossier->thread_count, 3);
    assert_false(dossier->threads[1].has_rate);
    fake_set_inspect(bench.platform, pid, set.parts[INSPECT_THREADS].now, 0);
    dossier = look(&bench, 0);
    assert_true(dossier->threads[1].has_rate);
    assert_true(dossier->threads[1].cpu > 0);
    assert_false(dossier->threads[2].has_rate); // another thread with the same number
    bench_end(&bench);
}

static void a_part_that_blocks_says_so_and_the_others_go_on(void **state)
{
    (void)state;
    struct bench bench;
    bench_start(&bench, 1u << INSPECT_MAPS | 1u << INSPECT_LIMITS);
    fake_block_inspect(bench.platform, INSPECT_MAPS, 0);
    const struct dossier *dossier = look(&bench, PROBER_STUCK_NS);
    assert_int_equal(dossier->parts[INSPECT_MAPS].state, DOSSIER_BLOCKED);
    assert_int_equal(dossier->parts[INSPECT_LIMITS].state, DOSSIER_KNOWN);
    dossier = look(&bench, 0); // it is not asked for again while it is out
    assert_int_equal(fake_counts(bench.platform).inspects[INSPECT_MAPS], 1);
    assert_int_equal(dossier->parts[INSPECT_MAPS].state, DOSSIER_BLOCKED);
    fake_release(bench.platform);
    for (int i = 0; i < 2000 && dossier->parts[INSPECT_MAPS].state != DOSSIER_KNOWN; i++) {
        dossier = look(&bench, 0);
    }
    assert_int_equal(dossier->parts[INSPECT_MAPS].state, DOSSIER_KNOWN);
    bench_end(&bench);
}

/* PROBER_RESULT_BYTES is the ceiling of one part. */
static void a_part_that_is_too_large_says_so_and_the_others_go_on(void **state)
{
    (void)state;
    const unsigned parts = 1u << INSPECT_MAPS | 1u << INSPECT_LIMITS;
    const struct inspect_set set = dossier_set(parts);
    const int32_t pid = dossier_process().pid;
    struct bench bench;
    bench_start(&bench, parts);
    fake_set_inspect(bench.platform, pid, set.parts[INSPECT_MAPS].now, 0);
    fake_set_inspect(bench.platform, pid, set.parts[INSPECT_LIMITS].now, 0);
    fake_pad_inspect(bench.platform, INSPECT_MAPS, PROBER_RESULT_BYTES + 1);
    const struct dossier *dossier = look(&bench, 0);
    assert_int_equal(dossier->parts[INSPECT_MAPS].state, DOSSIER_TOO_LARGE);
    assert_int_equal(dossier->map_count, 0);
    assert_int_equal(dossier->parts[INSPECT_LIMITS].state, DOSSIER_KNOWN);
    assert_int_equal(dossier->limit_count, 2);
    assert_int_equal(dossier_worst(dossier, parts), DOSSIER_TOO_LARGE);
    fake_pad_inspect(bench.platform, INSPECT_MAPS, PROBER_RESULT_BYTES / 2);
    dossier = look(&bench, 0);
    assert_int_equal(dossier->parts[INSPECT_MAPS].state, DOSSIER_KNOWN);
    assert_int_equal(dossier->map_count, 3);
    fake_pad_inspect(bench.platform, INSPECT_MAPS, PROBER_RESULT_BYTES + 1); // it has grown
    dossier = look(&bench, 0);
    assert_int_equal(dossier->parts[INSPECT_MAPS].state, DOSSIER_TOO_LARGE);
    assert_int_equal(dossier->map_count, 3); // from before
    bench_end(&bench);
}

static void a_refusal_is_told_apart_from_a_failure_and_from_an_end(void **state)
{
    (void)state;
    static const struct {
        int error;
        enum dossier_state state;
    } rows[] = {
        {-EACCES, DOSSIER_DENIED}, {-EPERM, DOSSIER_DENIED},     {-ENOTSUP, DOSSIER_UNSUPPORTED},
        {-EIO, DOSSIER_FAILED},    {-ENOMEM, DOSSIER_TOO_LARGE}, {-ESRCH, DOSSIER_GONE},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bench bench;
        bench_start(&bench, 1u << INSPECT_FILES);
        const struct raw_inspect none = {.part = INSPECT_FILES};
        fake_set_inspect(bench.platform, dossier_process().pid, &none, rows[i].error);
        const struct dossier *dossier = look(&bench, 0);
        assert_int_equal(dossier->parts[INSPECT_FILES].state, rows[i].state);
        assert_int_equal(dossier->file_count, 0);
        assert_true(strlen(dossier_trouble(rows[i].state, false)) > 0);
        assert_null(strstr(dossier_trouble(rows[i].state, true), "sudo"));
        bench_end(&bench);
    }
}

static void what_was_known_stays_when_the_process_has_ended(void **state)
{
    (void)state;
    struct bench bench;
    bench_start(&bench, 1u << INSPECT_FILES);
    const struct inspect_set set = dossier_set(1u << INSPECT_FILES);
    const int32_t pid = dossier_process().pid;
    fake_set_inspect(bench.platform, pid, set.parts[INSPECT_FILES].now, 0);
    assert_int_equal(look(&bench, 0)->file_count, 4);
    fake_remove(bench.platform, pid);
    const struct fake_proc other = fake_process(pid, 77, "another"); // with the same number
    fake_put(bench.platform, &other);
    const struct dossier *dossier = look(&bench, 0);
    assert_int_equal(dossier->parts[INSPECT_FILES].state, DOSSIER_GONE);
    assert_int_equal(dossier->file_count, 4);
    bench_end(&bench);
}

static void a_zombie_does_not_empty_what_was_known(void **state)
{
    (void)state;
    struct bench bench;
    bench_start(&bench, 1u << INSPECT_FILES | 1u << INSPECT_THREADS);
    struct inspect_set set = dossier_set(1u << INSPECT_FILES | 1u << INSPECT_THREADS);
    const int32_t pid = dossier_process().pid;
    fake_set_inspect(bench.platform, pid, set.parts[INSPECT_FILES].now, 0);
    fake_set_inspect(bench.platform, pid, set.parts[INSPECT_THREADS].now, 0);
    assert_int_equal(look(&bench, 0)->file_count, 4);
    assert_true(bench.snap->dossier->thread_count > 1);
    const struct raw_inspect files = {.part = INSPECT_FILES, .has_ended = true};
    struct raw_inspect threads = *set.parts[INSPECT_THREADS].now;
    threads.has_ended = true;
    threads.as.threads.count = 1;
    fake_set_inspect(bench.platform, pid, &files, 0);
    fake_set_inspect(bench.platform, pid, &threads, 0);
    for (int i = 0; i < 2; i++) { // the second time, it had ended before as well
        const struct dossier *dossier = look(&bench, 0);
        assert_int_equal(dossier->parts[INSPECT_FILES].state, DOSSIER_GONE);
        assert_int_equal(dossier->file_count, 4);
        assert_int_equal(dossier->parts[INSPECT_THREADS].state, DOSSIER_KNOWN);
        assert_int_equal(dossier->thread_count, 1);
    }
    bench_end(&bench);
}

static void what_was_shown_before_is_known_when_the_process_has_ended(void **state)
{
    (void)state;
    struct bench bench;
    bench_start(&bench, 1u << INSPECT_FILES);
    const int32_t pid = dossier_process().pid;
    const struct inspect_set set = dossier_set(1u << INSPECT_FILES | 1u << INSPECT_IDENTITY);
    fake_set_inspect(bench.platform, pid, set.parts[INSPECT_FILES].now, 0);
    fake_set_inspect(bench.platform, pid, set.parts[INSPECT_IDENTITY].now, 0);
    (void)look(&bench, 0);
    bench.plan.inspect = 1u << INSPECT_IDENTITY; // another section
    const struct dossier *dossier = look(&bench, 0);
    assert_int_equal(dossier->file_count, 0); // what nobody looks at is in no snapshot
    fake_remove(bench.platform, pid);
    bench.plan.inspect = 1u << INSPECT_FILES;
    dossier = look(&bench, 0);
    assert_int_equal(dossier->parts[INSPECT_FILES].state, DOSSIER_GONE);
    assert_int_equal(dossier->file_count, 4);
    bench.plan.inspect = 1u << INSPECT_LIMITS; // which nobody has looked at
    dossier = look(&bench, 0);
    assert_int_equal(dossier->parts[INSPECT_LIMITS].state, DOSSIER_GONE);
    assert_false(dossier->parts[INSPECT_LIMITS].has);
    bench.plan.inspect = 1u << INSPECT_IDENTITY; // figures of the list are known, too
    dossier = look(&bench, 0);
    bool started = false;
    for (size_t i = 0; i < dossier->overview_count; i++) {
        const struct dossier_fact *fact = &dossier->overview[i];
        assert_null(strstr(fact->value.ptr, "the process has exited")); // not of every part
        started |=
            strcmp(fact->what.ptr, "started") == 0 && strstr(fact->value.ptr, "lived") != NULL;
    }
    assert_true(started);
    bench.plan.inspected = (struct proc_id){.pid = 1}; // and then another one
    bench.plan.inspect = 1u << INSPECT_FILES;
    assert_int_equal(look(&bench, 0)->file_count, 0);
    bench_end(&bench);
}

/* A snapshot of a machine with a process that holds a connection, and somebody else's. */
static struct snapshot *with_sockets(struct proc_id id, bool alive)
{
    struct arena *arena = arena_create(1 << 20);
    struct snapshot *snap = arena_alloc(arena, 1, sizeof(*snap));
    struct proc *procs = arena_alloc(arena, 1, sizeof(*procs));
    struct network_load *network = arena_alloc(arena, 1, sizeof(*network));
    struct connection *sockets = arena_alloc(arena, 2, sizeof(*sockets));
    struct socket_owner *owners = arena_alloc(arena, 3, sizeof(*owners));
    procs[0] = (struct proc){.id = id, .state = 'S'};
    owners[0] = (struct socket_owner){.id = {.pid = 1}, .name = text_literal("init")};
    owners[1] = (struct socket_owner){.id = id, .name = text_literal("postgres")};
    owners[2] = owners[0];
    const struct text none = text_literal("");
    sockets[0] = (struct connection){
        .inode = 7,
        .local_text = text_from_bytes(arena, alive ? "10.0.0.1:5432" : "somewhere:else", 13),
        .remote_text = none,
        .local_name = none,
        .remote_name = none,
        .user = none,
        .interface = none,
        .netns_name = none,
        .name = none,
        .owners = owners,
        .owner_count = 2};
    sockets[1] = sockets[0];
    sockets[1].owners = &owners[2];
    sockets[1].owner_count = 1;
    *network = (struct network_load){.parts = PART_SOCKETS,
                                     .connections = sockets,
                                     .connection_count = alive ? 2 : 0};
    *snap = (struct snapshot){.arena = arena,
                              .mono_ns = alive ? second_ns : 4 * second_ns,
                              .procs = procs,
                              .proc_count = alive,
                              .network = network};
    return snap;
}

static void the_sockets_of_a_process_that_has_ended_are_known(void **state)
{
    (void)state;
    const struct plan plan = {.inspected = dossier_process()};
    struct scan_inspect inspect = {.prober = NULL};
    (void)scan_inspect_ask(&inspect, &plan, false, 0);
    struct snapshot *snap = with_sockets(dossier_process(), true);
    scan_inspect_remember(&inspect, snap);
    const struct dossier *dossier = NULL;
    struct inspect_set set = scan_inspect_set(&inspect);
    assert_int_equal(diff_inspect(&set, snap, &dossier), 0);
    assert_null(dossier->sockets); // it lives: they are where all are
    snapshot_free(snap);           // and nothing of it is needed any more
    snap = with_sockets(dossier_process(), false);
    scan_inspect_remember(&inspect, snap);
    set = scan_inspect_set(&inspect);
    assert_int_equal(diff_inspect(&set, snap, &dossier), 0);
    assert_int_equal(dossier->socket_count, 1);
    assert_int_equal(dossier->sockets_age_ns, 3 * second_ns);
    assert_string_equal(dossier->sockets[0].local_text.ptr, "10.0.0.1:5432");
    assert_string_equal(dossier->sockets[0].owners[1].name.ptr, "postgres");
    snap->dossier = dossier;
    size_t count = 0;
    const struct table *table = table_info(TABLE_SOCKETS);
    const struct connection *row = table->rows(snap, &count);
    assert_int_equal(count, 1);
    assert_true(table_row_belongs(table, row, dossier_process()));
    assert_int_equal(table_info(TABLE_CONNECTIONS)->rows(snap, &count) != NULL, true);
    assert_int_equal(count, 0); // of the machine there are none
    const struct plan other = {.inspected = {.pid = 1}};
    (void)scan_inspect_ask(&inspect, &other, false, 0);
    set = scan_inspect_set(&inspect);
    assert_null(set.sockets->items); // of another process that was
    scan_inspect_finish(&inspect);
    snapshot_free(snap);
}

static void every_line_of_a_section_has_a_key_of_its_own(void **state)
{
    (void)state;
    struct inspect_set set = dossier_set(1u << INSPECT_WAITING | 1u << INSPECT_CGROUP);
    struct raw_inspect raw = *set.parts[INSPECT_WAITING].now;
    const struct raw_lock held = raw.as.waiting.locks[1];
    const struct raw_lock locks[] = {held, held, held, held};
    raw.as.waiting.locks = locks;
    raw.as.waiting.lock_count = 4;
    set.parts[INSPECT_WAITING].now = &raw;
    struct snapshot *snap = with_sockets(dossier_process(), true);
    assert_int_equal(diff_inspect(&set, snap, &snap->dossier), 0);
    static const enum table_id sections[] = {TABLE_WAITING, TABLE_CGROUP};
    for (size_t s = 0; s < 2; s++) {
        const struct table *table = table_info(sections[s]);
        size_t count = 0;
        const struct dossier_fact *rows = table->rows(snap, &count);
        assert_true(count > 5);
        for (size_t i = 0; i < count; i++) {
            for (size_t k = 0; k < i; k++) {
                const struct row_key a = table->key(&rows[i]);
                const struct row_key b = table->key(&rows[k]);
                assert_false(a.a == b.a && a.b == b.b);
            }
        }
    }
    snapshot_free(snap);
}

static void what_was_shown_before_is_read_anew_and_has_no_rates_at_first(void **state)
{
    (void)state;
    struct bench bench;
    bench_start(&bench, 1u << INSPECT_THREADS);
    const struct inspect_set set = dossier_set(1u << INSPECT_THREADS);
    const int32_t pid = dossier_process().pid;
    fake_set_inspect(bench.platform, pid, set.parts[INSPECT_THREADS].before, 0);
    (void)look(&bench, 0);
    bench.plan.inspect = 0;
    (void)look(&bench, 0);
    fake_set_inspect(bench.platform, pid, set.parts[INSPECT_THREADS].now, 0);
    bench.plan.inspect = 1u << INSPECT_THREADS;
    assert_false(scan_refresh(bench.scan, &bench.plan)); // it is asked for, not here yet
    snapshot_free(bench.snap);
    struct arena *arena = arena_create(SCAN_SNAPSHOT_BYTES_MAX);
    assert_int_equal(scan_build(bench.scan, arena, &bench.snap), 0);
    const struct dossier *dossier = bench.snap->dossier;
    assert_int_equal(dossier->parts[INSPECT_THREADS].state, DOSSIER_NOT_READ);
    assert_int_equal(dossier->threads[1].involuntary_switches, 900); // until then, the old one
    dossier = look(&bench, 0);
    assert_int_equal(dossier->parts[INSPECT_THREADS].state, DOSSIER_KNOWN);
    assert_int_equal(dossier->threads[1].involuntary_switches, 950); // the new answer
    assert_false(dossier->threads[1].has_rate);
    bench_end(&bench);
}

static void so_much_is_kept_of_what_was_shown_and_no_more(void **state)
{
    (void)state;
    const unsigned parts = 1u << INSPECT_FILES | 1u << INSPECT_MAPS | 1u << INSPECT_LIMITS;
    const struct inspect_set set = dossier_set(parts);
    struct bench bench;
    bench_start(&bench, parts);
    for (unsigned part = 0; part < INSPECT_PART_COUNT; part++) {
        if ((parts & (1u << part)) != 0) {
            fake_set_inspect(bench.platform, dossier_process().pid, set.parts[part].now, 0);
        }
    }
    fake_pad_inspect(bench.platform, INSPECT_FILES, 10 << 20); // two such are too much
    fake_pad_inspect(bench.platform, INSPECT_MAPS, 9 << 20);
    (void)look(&bench, 0);
    bench.plan.inspect = 0;
    (void)look(&bench, 0);
    fake_remove(bench.platform, dossier_process().pid);
    bench.plan.inspect = parts;
    const struct dossier *dossier = look(&bench, 0);
    assert_false(dossier->parts[INSPECT_FILES].has); // the largest
    assert_int_equal(dossier->map_count, 3);
    assert_int_equal(dossier->limit_count, 2);
    bench_end(&bench);
}

static void an_environment_that_is_not_wanted_any_more_is_forgotten(void **state)
{
    (void)state;
    struct bench bench;
    bench_start(&bench, 1u << INSPECT_ENVIRON);
    const struct inspect_set set = dossier_set(1u << INSPECT_ENVIRON);
    fake_set_inspect(bench.platform, dossier_process().pid, set.parts[INSPECT_ENVIRON].now, 0);
    const struct dossier *dossier = look(&bench, 0);
    assert_int_equal(dossier->variable_count, 3);
    assert_string_equal(dossier->variables[0].name.ptr, "LANG");
    assert_string_equal(dossier->variables[0].value.ptr, "C.UTF-8");
    assert_null(strchr(dossier->variables[1].value.ptr, '\x1b'));
    assert_string_equal(dossier->variables[2].name.ptr, "ODD");
    bench.plan.inspect = 1u << INSPECT_LIMITS;
    dossier = look(&bench, 0);
    assert_int_equal(dossier->variable_count, 0);
    assert_false(dossier->parts[INSPECT_ENVIRON].has);
    bench.plan.inspect = 1u << INSPECT_ENVIRON;
    assert_true(scan_refresh(bench.scan, &bench.plan)); // at once, without a scan
    fake_remove(bench.platform, dossier_process().pid); // not even then is it known
    dossier = look(&bench, 0);
    bench.plan.inspect = 1u << INSPECT_LIMITS;
    (void)look(&bench, 0);
    bench.plan.inspect = 1u << INSPECT_ENVIRON;
    dossier = look(&bench, 0);
    assert_int_equal(dossier->parts[INSPECT_ENVIRON].state, DOSSIER_GONE);
    assert_int_equal(dossier->variable_count, 0);
    bench_end(&bench);
}

/* Looking through all processes for who has what this one waits for may take long. */
static void what_costs_much_is_not_asked_at_every_scan(void **state)
{
    (void)state;
    struct bench bench;
    bench_start(&bench, 1u << INSPECT_PEERS | 1u << INSPECT_LIMITS);
    struct raw_inspect answer = {.part = INSPECT_PEERS, .cost_ns = 60 * second_ns};
    fake_set_inspect(bench.platform, dossier_process().pid, &answer, 0);
    for (int i = 0; i < 3; i++) {
        (void)look(&bench, 0);
        assert_int_equal(fake_counts(bench.platform).inspects[INSPECT_PEERS], 1);
        assert_int_equal(fake_counts(bench.platform).inspects[INSPECT_LIMITS], i + 1);
    }
    bench.plan.inspect = 1u << INSPECT_LIMITS; // forgotten, and then wanted anew
    (void)look(&bench, 0);
    bench.plan.inspect |= 1u << INSPECT_PEERS;
    answer.cost_ns = 0;
    fake_set_inspect(bench.platform, dossier_process().pid, &answer, 0);
    (void)look(&bench, 0);
    (void)look(&bench, 0);
    assert_int_equal(fake_counts(bench.platform).inspects[INSPECT_PEERS], 3);
    bench_end(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wanted_part_is_read_at_each_scan_and_others_never),
        cmocka_unit_test(nothing_is_inspected_unless_somebody_wants_it),
        cmocka_unit_test(what_one_thread_waits_for_is_asked_of_it),
        cmocka_unit_test(rates_are_between_two_answers),
        cmocka_unit_test(a_part_that_blocks_says_so_and_the_others_go_on),
        cmocka_unit_test(a_part_that_is_too_large_says_so_and_the_others_go_on),
        cmocka_unit_test(a_refusal_is_told_apart_from_a_failure_and_from_an_end),
        cmocka_unit_test(what_was_known_stays_when_the_process_has_ended),
        cmocka_unit_test(a_zombie_does_not_empty_what_was_known),
        cmocka_unit_test(what_was_shown_before_is_known_when_the_process_has_ended),
        cmocka_unit_test(the_sockets_of_a_process_that_has_ended_are_known),
        cmocka_unit_test(every_line_of_a_section_has_a_key_of_its_own),
        cmocka_unit_test(what_was_shown_before_is_read_anew_and_has_no_rates_at_first),
        cmocka_unit_test(so_much_is_kept_of_what_was_shown_and_no_more),
        cmocka_unit_test(an_environment_that_is_not_wanted_any_more_is_forgotten),
        cmocka_unit_test(what_costs_much_is_not_asked_at_every_scan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
