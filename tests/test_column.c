#include "check.h"
#include "model/column.h"

#include <string.h>

static const fact_mask ALL_FACTS = FACT_READABLE;

/* A process that has everything, so that each test takes away what it is about. */
static struct proc make_proc(int32_t pid)
{
    struct proc proc = {
        .id = {.pid = pid, .start_ns = 1000},
        .ppid = 1,
        .group_pid = pid,
        .pgrp = pid,
        .session = pid,
        .tpgid = 77,
        .have = FACT_READABLE | FACT_RATE | FACT_IO_RATE | FACT_SOCKET_RATE,
        .uid = 1000,
        .thread_count = 3,
        .last_cpu = 2,
        .priority = 20,
        .state = 'S',
        .name = text_literal("worker"),
        .tty = text_literal("pts/3"),
        .user = text_literal("someone"),
        .cmdline = text_literal("/opt/bin/worker -x"),
        .exe = text_literal("/opt/bin/worker"),
        .start_wall_s = 1700000000,
        .elapsed_ns = 5000000000,
        .cgroup = {.path = text_literal("/a"), .limit_bytes = 400, .usage_bytes = 100},
    };
    proc.cpu.user = 0.5;
    proc.cpu.system = 0.25;
    proc.cpu.user_ns = 3;
    proc.cpu.system_ns = 4;
    proc.cpu.time_ns = 7;
    proc.mem.virtual_bytes = 1 << 20;
    proc.mem.resident_bytes = 1 << 16;
    proc.mem.shared_bytes = 1 << 12;
    proc.mem.resident_fraction = 0.01;
    proc.mem.minor_faults = 11;
    proc.mem.major_faults = 12;
    proc.mem.minor_faults_per_s = 1.5;
    proc.mem.major_faults_per_s = 2.5;
    proc.mem.has_baseline = true;
    proc.mem.window_ns = 1;
    proc.io.read_bytes = 100;
    proc.io.write_bytes = 200;
    proc.io.read_bytes_per_s = 10;
    proc.io.write_bytes_per_s = 20;
    return proc;
}

static enum column_id nth(unsigned index)
{
    return (enum column_id)index;
}

static void every_row_is_complete(void **state)
{
    (void)state;
    for (unsigned i = 0; i < COLUMN_COUNT; i++) {
        const struct column *column = column_info(nth(i));
        assert_non_null(column->name);
        assert_true(strlen(column->name) > 0);
        assert_int_equal(strspn(column->name, "abcdefghijklmnopqrstuvwxyz_"), strlen(column->name));
        assert_in_range(strlen(column->title), 1, column->cells);
        assert_int_equal(column->help[strlen(column->help) - 1], '.');
        assert_true(strlen(column->source) > 0);
        assert_true(column->need != 0);
        assert_int_equal(column->want & ~(fact_mask)FACT_READABLE, 0);
        assert_in_range(column->kind, VALUE_NONE + 1, VALUE_KIND_COUNT - 1);
        assert_non_null(column->get);
    }
}

static void names_are_unique_and_found_again_without_case(void **state)
{
    (void)state;
    for (unsigned i = 0; i < COLUMN_COUNT; i++) {
        const struct column *column = column_info(nth(i));
        assert_int_equal(column_by_name(column->name), i);
        char upper[32] = "";
        for (size_t k = 0; column->name[k] != '\0'; k++) {
            bool letter = column->name[k] >= 'a' && column->name[k] <= 'z';
            upper[k] = (char)(column->name[k] - (letter ? 'a' - 'A' : 0));
        }
        assert_int_equal(column_by_name(upper), i);
        for (unsigned k = 0; k < i; k++) {
            assert_string_not_equal(column->title, column_info(nth(k))->title);
        }
    }
    assert_int_equal(column_by_name("CPU%"), COLUMN_CPU);
    assert_int_equal(column_by_name("cpu"), COLUMN_CPU);
    assert_int_equal(column_by_name("time+"), COLUMN_TIME);
    assert_int_equal(column_by_name("SID"), COLUMN_SESSION);
    assert_int_equal(column_by_name(""), COLUMN_COUNT);
    assert_int_equal(column_by_name("pi"), COLUMN_COUNT);
    assert_int_equal(column_by_name("pids"), COLUMN_COUNT);
}

static void stable_names_stay(void **state)
{
    (void)state;
    // In settings files, scripts and JSON out there: adding is fine, renaming is not.
    static const char *const names[] = {
        "pid",         "user",         "priority",      "nice",        "virt",        "res",
        "shr",         "state",        "cpu",           "mem",         "time",        "command",
        "ppid",        "tgid",         "pgrp",          "session",     "tpgid",       "tty",
        "uid",         "threads",      "start",         "elapsed",     "last_cpu",    "cpu_user",
        "cpu_system",  "time_user",    "time_system",   "minflt_rate", "majflt_rate", "minflt",
        "majflt",      "io_read_rate", "io_write_rate", "io_rate",     "io_read",     "io_write",
        "policy",      "rt_priority",  "comm",          "exe",         "anon",        "file",
        "shmem",       "pss",          "uss",           "swap",        "swap_pss",    "locked",
        "page_tables", "growth_rate",  "growth_minute", "growth",      "oom_score",   "oom_adj",
        "cgroup",      "cgroup_limit", "cgroup_usage",  "cgroup_fill", "net_rx_rate", "net_tx_rate",
        "net_rate",    "net_rx",       "net_tx",        "sockets",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_int_not_equal(column_by_name(names[i]), COLUMN_COUNT);
    }
}

static void each_value_is_of_the_kind_its_column_says(void **state)
{
    (void)state;
    struct proc proc = make_proc(42);
    for (unsigned i = 0; i < COLUMN_COUNT; i++) {
        struct value value = column_value(nth(i), &proc, ALL_FACTS);
        assert_int_equal(value.kind, column_info(nth(i))->kind);
    }
}

static void values_come_from_their_own_members(void **state)
{
    (void)state;
    struct proc proc = make_proc(42);
    static const struct {
        enum column_id id;
        double expected;
    } numbers[] = {
        {COLUMN_CPU, 0.75},   {COLUMN_CPU_USER, 0.5},          {COLUMN_CPU_SYSTEM, 0.25},
        {COLUMN_MEM, 0.01},   {COLUMN_IO_READ_RATE, 10},       {COLUMN_IO_WRITE_RATE, 20},
        {COLUMN_IO_RATE, 30}, {COLUMN_MINOR_FAULTS_RATE, 1.5}, {COLUMN_MAJOR_FAULTS_RATE, 2.5},
    };
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        double found = column_value(numbers[i].id, &proc, ALL_FACTS).as.number;
        assert_true(found > numbers[i].expected - 1e-9 && found < numbers[i].expected + 1e-9);
    }
    static const struct {
        enum column_id id;
        uint64_t expected;
    } integers[] = {
        {COLUMN_PID, 42},          {COLUMN_PPID, 1},           {COLUMN_TPGID, 77},
        {COLUMN_UID, 1000},        {COLUMN_THREADS, 3},        {COLUMN_LAST_CPU, 2},
        {COLUMN_VIRTUAL, 1 << 20}, {COLUMN_RESIDENT, 1 << 16}, {COLUMN_SHARED, 1 << 12},
        {COLUMN_TIME, 7},          {COLUMN_TIME_USER, 3},      {COLUMN_TIME_SYSTEM, 4},
        {COLUMN_IO_READ, 100},     {COLUMN_IO_WRITE, 200},     {COLUMN_MINOR_FAULTS, 11},
        {COLUMN_MAJOR_FAULTS, 12}, {COLUMN_START, 1700000000}, {COLUMN_ELAPSED, 5000000000},
        {COLUMN_STATE, 'S'},
    };
    for (size_t i = 0; i < sizeof(integers) / sizeof(integers[0]); i++) {
        // Integers, bytes and nanoseconds share their place.
        assert_int_equal(column_value(integers[i].id, &proc, ALL_FACTS).as.bytes,
                         integers[i].expected);
    }
    static const struct {
        enum column_id id;
        const char *expected;
    } texts[] = {
        {COLUMN_USER, "someone"}, {COLUMN_TTY, "pts/3"},
        {COLUMN_COMM, "worker"},  {COLUMN_EXE, "/opt/bin/worker"},
        {COLUMN_POLICY, "OTHER"}, {COLUMN_COMMAND, "/opt/bin/worker -x"},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_string_equal(column_value(texts[i].id, &proc, ALL_FACTS).as.text.ptr,
                            texts[i].expected);
    }
}

static void assert_absent(enum column_id id, const struct proc *proc, fact_mask provided,
                          enum absent why)
{
    struct value value = column_value(id, proc, provided);

    assert_int_equal(value.kind, VALUE_NONE);
    assert_int_equal(value.why, why);
}

static void missing_facts_are_absent_with_the_right_reason(void **state)
{
    (void)state;
    for (unsigned i = 0; i < COLUMN_COUNT; i++) {
        const struct column *column = column_info(nth(i));
        fact_mask read = column->need & FACT_READABLE;
        struct proc proc = make_proc(42);
        proc.have = 0;
        if (read != 0) {
            assert_absent(nth(i), &proc, ALL_FACTS & ~read, ABSENT_UNSUPPORTED);
            assert_absent(nth(i), &proc, ALL_FACTS, ABSENT_NOT_READ);
            proc.blocked = read;
            assert_absent(nth(i), &proc, ALL_FACTS, ABSENT_BLOCKED);
            proc.denied = read;
            assert_absent(nth(i), &proc, ALL_FACTS, ABSENT_DENIED);
        }
        if (column->need & ~(fact_mask)FACT_READABLE) {
            // What the first sample looks like: all was read, but nothing to subtract.
            proc = make_proc(42);
            proc.have = FACT_READABLE;
            assert_absent(nth(i), &proc, ALL_FACTS, ABSENT_NO_INTERVAL);
        }
    }
}

static void traffic_of_a_thread_is_its_process_s_and_uncounted_traffic_is_not_zero(void **state)
{
    (void)state;
    struct proc proc = make_proc(42);
    proc.net.is_uncounted = true;
    assert_absent(COLUMN_NET_RATE, &proc, ALL_FACTS, ABSENT_UNSUPPORTED);
    assert_absent(COLUMN_NET_RX, &proc, ALL_FACTS, ABSENT_UNSUPPORTED);
    assert_int_equal(column_value(COLUMN_SOCKETS, &proc, ALL_FACTS).kind, VALUE_COUNT);
    proc.flags = PROC_THREAD;
    assert_absent(COLUMN_NET_TX_RATE, &proc, ALL_FACTS, ABSENT_NOT_APPLICABLE);
    assert_absent(COLUMN_SOCKETS, &proc, ALL_FACTS, ABSENT_NOT_APPLICABLE);
}

static void memory_a_process_cannot_have_is_not_unknown(void **state)
{
    (void)state;
    static const enum column_id ids[] = {COLUMN_ANON, COLUMN_FILE,   COLUMN_SHMEM,
                                         COLUMN_PSS,  COLUMN_USS,    COLUMN_SWAP_PSS,
                                         COLUMN_SWAP, COLUMN_LOCKED, COLUMN_PAGE_TABLES};
    struct proc proc = make_proc(42);
    proc.mem.anon_bytes = proc.mem.file_bytes = proc.mem.shmem_bytes = FIGURE_ABSENT;
    proc.mem.pss_bytes = proc.mem.uss_bytes = proc.mem.swap_pss_bytes = FIGURE_ABSENT;
    proc.mem.swap_bytes = proc.mem.locked_bytes = proc.mem.page_table_bytes = FIGURE_ABSENT;
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        proc.flags = 0;
        assert_absent(ids[i], &proc, ALL_FACTS, ABSENT_UNSUPPORTED); // an old kernel
        proc.flags = PROC_KERNEL;
        assert_absent(ids[i], &proc, ALL_FACTS, ABSENT_NOT_APPLICABLE);
        proc.flags = PROC_THREAD;
        assert_absent(ids[i], &proc, ALL_FACTS, ABSENT_NOT_APPLICABLE);
    }
}

static void a_cgroup_without_a_limit_is_not_full(void **state)
{
    (void)state;
    struct proc proc = make_proc(42);
    assert_true(column_value(COLUMN_CGROUP_FILL, &proc, ALL_FACTS).as.number == 0.25);
    proc.cgroup.limit_bytes = FIGURE_ABSENT;
    assert_absent(COLUMN_CGROUP_FILL, &proc, ALL_FACTS, ABSENT_NOT_APPLICABLE);
    assert_absent(COLUMN_CGROUP_LIMIT, &proc, ALL_FACTS, ABSENT_NOT_APPLICABLE);
    assert_absent(COLUMN_CGROUP_USAGE, &proc, ALL_FACTS, ABSENT_NOT_APPLICABLE);
    proc.cgroup.limit_unknown = true;
    assert_absent(COLUMN_CGROUP_FILL, &proc, ALL_FACTS, ABSENT_UNSUPPORTED);
    proc.cgroup.limit_bytes = 0;
    assert_absent(COLUMN_CGROUP_FILL, &proc, ALL_FACTS, ABSENT_UNSUPPORTED);
}

static void what_is_zero_is_a_value(void **state)
{
    (void)state;
    struct proc proc = make_proc(42);
    memset(&proc.cpu, 0, sizeof(proc.cpu));
    memset(&proc.mem, 0, sizeof(proc.mem));
    memset(&proc.io, 0, sizeof(proc.io));
    memset(&proc.net, 0, sizeof(proc.net));
    proc.mem.has_baseline = true; // these say whether there is a value
    proc.mem.window_ns = 1;
    for (unsigned i = 0; i < COLUMN_COUNT; i++) {
        assert_int_not_equal(column_value(nth(i), &proc, ALL_FACTS).kind, VALUE_NONE);
    }
}

static void what_is_not_told_says_what_would_help(void **state)
{
    (void)state;
    struct proc proc = make_proc(42);
    struct snapshot snap = {.procs = &proc, .proc_count = 1, .provided = ALL_FACTS};
    char text[256];
    struct strbuf buf;
    str_init(&buf, text, sizeof(text));
    proc.io.delay = 0.5;
    assert_false(column_describe_remedy(COLUMN_IO_DELAY, &snap, &buf));
    proc.io.delay = -1;
    assert_absent(COLUMN_IO_DELAY, &proc, ALL_FACTS, ABSENT_UNSUPPORTED);
    assert_string_equal(text, "");
    assert_true(column_describe_remedy(COLUMN_IO_DELAY, &snap, &buf));
    assert_non_null(strstr(text, "DELAY%: \"sysctl kernel.task_delayacct=1\""));
    proc.have &= ~(fact_mask)FACT_RATE; // not yet: that it is not told is not known
    assert_false(column_describe_remedy(COLUMN_IO_DELAY, &snap, &buf));
    proc.mem.resident_fraction = -1;
    assert_false(column_describe_remedy(COLUMN_MEM, &snap, &buf)); // nothing would
    snap.proc_count = 0;
    assert_false(column_describe_remedy(COLUMN_IO_DELAY, &snap, &buf));
}

static void what_a_process_has_not_by_nature_is_not_applicable(void **state)
{
    (void)state;
    struct proc proc = make_proc(42);
    proc.tty = text_literal("");
    proc.exe = text_literal("");
    proc.tpgid = -1;
    proc.elapsed_ns = FIGURE_ABSENT;
    assert_absent(COLUMN_TTY, &proc, ALL_FACTS, ABSENT_NOT_APPLICABLE);
    assert_absent(COLUMN_EXE, &proc, ALL_FACTS, ABSENT_NOT_APPLICABLE);
    assert_absent(COLUMN_TPGID, &proc, ALL_FACTS, ABSENT_NOT_APPLICABLE);
    assert_absent(COLUMN_ELAPSED, &proc, ALL_FACTS, ABSENT_NOT_APPLICABLE);
    proc.mem.resident_fraction = -1;
    assert_absent(COLUMN_MEM, &proc, ALL_FACTS, ABSENT_UNSUPPORTED);
}

static void unknown_state_letters_and_policies_are_survived(void **state)
{
    (void)state;
    for (int letter = 0; letter < 256; letter++) {
        struct proc proc = make_proc(42);
        proc.state = (char)letter;
        proc.policy = (uint32_t)letter;
        struct value value = column_value(COLUMN_STATE, &proc, ALL_FACTS);
        assert_int_equal(value.kind, VALUE_LETTER);
        assert_int_equal(value.as.integer, letter);
        struct value policy = column_value(COLUMN_POLICY, &proc, ALL_FACTS);
        assert_true(policy.kind == VALUE_TEXT || letter == 4 || letter > 7);
    }
}

static void the_command_is_absent_until_it_was_read(void **state)
{
    (void)state;
    struct proc proc = make_proc(42);
    proc.have &= ~(fact_mask)FACT_CMDLINE;
    assert_absent(COLUMN_COMMAND, &proc, ALL_FACTS, ABSENT_NOT_READ);
    assert_string_equal(column_command_text(&proc).ptr, "worker");
    proc.blocked = FACT_CMDLINE;
    assert_absent(COLUMN_COMMAND, &proc, ALL_FACTS, ABSENT_BLOCKED);
    proc.denied = FACT_CMDLINE;
    assert_absent(COLUMN_COMMAND, &proc, ALL_FACTS, ABSENT_DENIED);

    // Those that can have none need not wait for it.
    proc.state = 'Z';
    assert_string_equal(column_value(COLUMN_COMMAND, &proc, ALL_FACTS).as.text.ptr, "worker");
    proc.state = 'I';
    proc.flags = PROC_KERNEL;
    assert_string_equal(column_value(COLUMN_COMMAND, &proc, ALL_FACTS).as.text.ptr, "worker");
    proc.have |= FACT_CMDLINE;
    proc.cmdline = text_literal("[worker]");
    assert_string_equal(column_value(COLUMN_COMMAND, &proc, ALL_FACTS).as.text.ptr, "[worker]");
}

static void absent_values_sort_last_both_ways(void **state)
{
    (void)state;
    for (unsigned i = 0; i < COLUMN_COUNT; i++) {
        struct proc full = make_proc(42);
        struct proc empty = make_proc(7);
        struct proc other = make_proc(9);
        empty.have = 0;
        other.have = 0;
        other.denied = FACT_READABLE;
        for (int descending = 0; descending < 2; descending++) {
            assert_int_equal(column_compare(nth(i), descending, &full, &empty, ALL_FACTS), -1);
            assert_int_equal(column_compare(nth(i), descending, &empty, &full, ALL_FACTS), 1);
            // Whatever the reasons, two absent ones are a tie.
            assert_int_equal(column_compare(nth(i), descending, &empty, &other, ALL_FACTS), -1);
            assert_int_equal(column_compare(nth(i), descending, &other, &empty, ALL_FACTS), 1);
        }
    }
}

static void ties_are_broken_by_identity_in_both_directions(void **state)
{
    (void)state;
    for (unsigned i = 0; i < COLUMN_COUNT; i++) {
        struct proc a = make_proc(42);
        struct proc b = make_proc(42);
        b.id.start_ns++; // a reused pid
        for (int descending = 0; descending < 2; descending++) {
            assert_int_equal(column_compare(nth(i), descending, &a, &b, ALL_FACTS), -1);
            assert_int_equal(column_compare(nth(i), descending, &b, &a, ALL_FACTS), 1);
            assert_int_equal(column_compare(nth(i), descending, &a, &a, ALL_FACTS), 0);
        }
    }
}

static void greater_values_come_first_when_descending(void **state)
{
    (void)state;
    struct proc busy = make_proc(9);
    struct proc lazy = make_proc(8);
    busy.cpu.user = 2;
    assert_int_equal(column_compare(COLUMN_CPU, true, &busy, &lazy, ALL_FACTS), -1);
    assert_int_equal(column_compare(COLUMN_CPU, false, &busy, &lazy, ALL_FACTS), 1);
}

static void a_command_line_that_is_not_there_says_why(void **state)
{
    (void)state;
    static const struct {
        fact_mask have, denied, blocked;
        const char *trouble;
    } cases[] = {
        {FACT_IDENT | FACT_CMDLINE, 0, 0, ""},
        {FACT_IDENT, 0, 0, ""}, // still to come
        {FACT_IDENT, 0, FACT_CMDLINE, " [cmdline blocked]"},
        {FACT_IDENT, FACT_CMDLINE, 0, " (denied)"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct proc proc = {.have = cases[i].have,
                                  .denied = cases[i].denied,
                                  .blocked = cases[i].blocked};
        assert_string_equal(column_command_trouble(&proc), cases[i].trouble);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_line_that_is_not_there_says_why),
        cmocka_unit_test(every_row_is_complete),
        cmocka_unit_test(names_are_unique_and_found_again_without_case),
        cmocka_unit_test(stable_names_stay),
        cmocka_unit_test(each_value_is_of_the_kind_its_column_says),
        cmocka_unit_test(values_come_from_their_own_members),
        cmocka_unit_test(missing_facts_are_absent_with_the_right_reason),
        cmocka_unit_test(traffic_of_a_thread_is_its_process_s_and_uncounted_traffic_is_not_zero),
        cmocka_unit_test(memory_a_process_cannot_have_is_not_unknown),
        cmocka_unit_test(a_cgroup_without_a_limit_is_not_full),
        cmocka_unit_test(what_is_zero_is_a_value),
        cmocka_unit_test(what_is_not_told_says_what_would_help),
        cmocka_unit_test(what_a_process_has_not_by_nature_is_not_applicable),
        cmocka_unit_test(unknown_state_letters_and_policies_are_survived),
        cmocka_unit_test(the_command_is_absent_until_it_was_read),
        cmocka_unit_test(absent_values_sort_last_both_ways),
        cmocka_unit_test(ties_are_broken_by_identity_in_both_directions),
        cmocka_unit_test(greater_values_come_first_when_descending),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
