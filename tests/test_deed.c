#include "base/deed.h"
#include "check.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SENTENCE_BYTES = 256 };

static int parse(enum deed_kind kind, const char *text, struct deed_value *ret,
                 char sentence[SENTENCE_BYTES])
{
    struct strbuf error;

    str_init(&error, sentence, SENTENCE_BYTES);
    int result = deed_parse_value(kind, text, ret, &error);
    assert_false(error.overflow);
    return result;
}

static void assert_written_as(enum deed_kind kind, const struct deed_value *value,
                              const char *expected)
{
    char memory[SENTENCE_BYTES];
    struct strbuf buf;

    str_init(&buf, memory, sizeof(memory));
    deed_format_value(kind, value, &buf);
    assert_string_equal(memory, expected);
}

static void every_row_is_complete_and_its_name_unique(void **state)
{
    (void)state;
    for (unsigned i = 0; i < DEED_COUNT; i++) {
        const struct deed_info *row = deed_info((enum deed_kind)i);
        assert_true(strlen(row->name) > 0);
        assert_int_equal(strspn(row->name, "abcdefghijklmnopqrstuvwxyz-"), strlen(row->name));
        assert_true(strlen(row->title) > 0 && strlen(row->help) > 0);
        assert_true(row->help[strlen(row->help) - 1] != '.');
        assert_true(row->argument == NULL || strlen(row->argument) > 0);
        assert_true(row->min <= row->max);
        for (unsigned k = 0; k < i; k++) {
            assert_string_not_equal(row->name, deed_info((enum deed_kind)k)->name);
            assert_string_not_equal(row->title, deed_info((enum deed_kind)k)->title);
        }
    }
}

static void only_attributes_can_be_undone(void **state)
{
    (void)state;
    static const struct {
        enum deed_kind kind;
        const char *name;
        unsigned flags;
    } cases[DEED_COUNT] = {
        {DEED_SIGNAL, "signal", 0},
        {DEED_TERMINATE, "terminate", 0},
        {DEED_STOP, "stop", DEED_REVERSIBLE},
        {DEED_NICE, "nice", DEED_REVERSIBLE | DEED_PER_THREAD | DEED_RELATIVE_OK},
        {DEED_AUTOGROUP, "autogroup-nice", DEED_REVERSIBLE | DEED_RELATIVE_OK},
        {DEED_IOPRIO, "io-priority", DEED_REVERSIBLE | DEED_PER_THREAD},
        {DEED_AFFINITY, "affinity", DEED_REVERSIBLE | DEED_PER_THREAD},
        {DEED_SCHEDULING, "scheduling", DEED_REVERSIBLE | DEED_PER_THREAD},
        {DEED_OOM_ADJ, "oom-score-adj", DEED_REVERSIBLE},
        {DEED_FREEZE, "freeze", DEED_REVERSIBLE | DEED_ON_CGROUP},
        {DEED_KILL_GROUP, "kill-cgroup", DEED_ON_CGROUP},
        {DEED_CLOSE, "close-connection", DEED_ON_SOCKET},
    };
    for (size_t i = 0; i < DEED_COUNT; i++) {
        assert_int_equal(cases[i].kind, i);
        assert_string_equal(deed_info(cases[i].kind)->name, cases[i].name);
        assert_int_equal(deed_info(cases[i].kind)->flags, cases[i].flags);
    }
}

static void numbers_are_read_within_their_bounds(void **state)
{
    (void)state;
    static const struct {
        enum deed_kind kind;
        const char *text;
        int32_t number;
        const char *written;
    } cases[] = {
        {DEED_NICE, "-20", -20, "-20"},
        {DEED_NICE, "19", 19, "19"},
        {DEED_NICE, " 5\t", 5, "5"},
        {DEED_NICE, "-0", 0, "0"},
        {DEED_NICE, "0000000000000000000000005", 5, "5"},
        {DEED_AUTOGROUP, "-20", -20, "-20"},
        {DEED_AUTOGROUP, "19", 19, "19"},
        {DEED_OOM_ADJ, "-1000", -1000, "-1000"},
        {DEED_OOM_ADJ, "1000", 1000, "1000"},
        {DEED_TERMINATE, "5", 5000, "5 s"},
        {DEED_TERMINATE, "0.5", 500, "0.5 s"},
        {DEED_TERMINATE, ".25", 250, "0.25 s"},
        {DEED_TERMINATE, "1.005", 1005, "1.005 s"},
        {DEED_TERMINATE, "0", 0, "0 s"},
        {DEED_TERMINATE, "600", 600000, "600 s"},
        {DEED_STOP, "1", 1, "stopped"},
        {DEED_STOP, "Yes", 1, "stopped"},
        {DEED_STOP, "on", 1, "stopped"},
        {DEED_STOP, "0", 0, "running"},
        {DEED_STOP, "NO", 0, "running"},
        {DEED_STOP, " off ", 0, "running"},
        {DEED_FREEZE, "yes", 1, "frozen"},
        {DEED_FREEZE, "no", 0, "not frozen"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct deed_value value = {.number = 77};
        char sentence[SENTENCE_BYTES];
        assert_int_equal(parse(cases[i].kind, cases[i].text, &value, sentence), 0);
        assert_string_equal(sentence, "");
        assert_int_equal(value.number, cases[i].number);
        assert_written_as(cases[i].kind, &value, cases[i].written);
    }
}

static void io_priorities_are_read_in_all_their_spellings(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int32_t class;
        int32_t level;
        const char *written;
    } cases[] = {
        {"best-effort:4", IO_CLASS_BEST_EFFORT, 4, "best-effort 4"},
        {"be:0", IO_CLASS_BEST_EFFORT, 0, "best-effort 0"},
        {"2:7", IO_CLASS_BEST_EFFORT, 7, "best-effort 7"},
        {"Best-Effort", IO_CLASS_BEST_EFFORT, 4, "best-effort 4"},
        {"RT", IO_CLASS_REALTIME, 4, "real-time 4"},
        {"real-time:0", IO_CLASS_REALTIME, 0, "real-time 0"},
        {"realtime:1", IO_CLASS_REALTIME, 1, "real-time 1"},
        {"1:2", IO_CLASS_REALTIME, 2, "real-time 2"},
        {"idle", IO_CLASS_IDLE, 0, "idle"},
        {"3", IO_CLASS_IDLE, 0, "idle"},
        {" NONE ", IO_CLASS_NONE, 0, "none"},
        {"0", IO_CLASS_NONE, 0, "none"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct deed_value value = {.io = {.class = 9, .level = 9}};
        char sentence[SENTENCE_BYTES];
        assert_int_equal(parse(DEED_IOPRIO, cases[i].text, &value, sentence), 0);
        assert_int_equal(value.io.class, cases[i].class);
        assert_int_equal(value.io.level, cases[i].level);
        assert_written_as(DEED_IOPRIO, &value, cases[i].written);
    }
}

static void policies_are_read_with_priority_and_reset_on_fork(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int32_t policy;
        int32_t rt_priority;
        bool reset_on_fork;
        const char *written;
    } cases[] = {
        {"other", POLICY_OTHER, 0, false, "OTHER"},
        {"Batch", POLICY_BATCH, 0, false, "BATCH"},
        {"idle", POLICY_IDLE, 0, false, "IDLE"},
        {"fifo:50", POLICY_FIFO, 50, false, "FIFO 50"},
        {"RR:1", POLICY_RR, 1, false, "RR 1"},
        {"rr:99", POLICY_RR, 99, false, "RR 99"},
        {"other:reset-on-fork", POLICY_OTHER, 0, true, "OTHER, reset on fork"},
        {"FIFO:50:Reset-On-Fork", POLICY_FIFO, 50, true, "FIFO 50, reset on fork"},
        {" idle:reset-on-fork ", POLICY_IDLE, 0, true, "IDLE, reset on fork"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct deed_value value = {.sched = {.policy = 9, .rt_priority = 9, .runtime_ns = 9}};
        char sentence[SENTENCE_BYTES];
        assert_int_equal(parse(DEED_SCHEDULING, cases[i].text, &value, sentence), 0);
        assert_int_equal(value.sched.policy, cases[i].policy);
        assert_int_equal(value.sched.rt_priority, cases[i].rt_priority);
        assert_int_equal(value.sched.reset_on_fork, cases[i].reset_on_fork);
        assert_int_equal(value.sched.runtime_ns, 0);
        assert_written_as(DEED_SCHEDULING, &value, cases[i].written);
    }
}

static void cpu_lists_are_read_however_long(void **state)
{
    (void)state;
    struct deed_value value = {.number = 0};
    char sentence[SENTENCE_BYTES];
    assert_int_equal(parse(DEED_AFFINITY, " 0-3,8 ", &value, sentence), 0);
    assert_written_as(DEED_AFFINITY, &value, "0-3,8");

    enum { LIST_BYTES = 64 * 1024 };
    char *list = malloc(LIST_BYTES);
    assert_non_null(list);
    struct strbuf buf;
    str_init(&buf, list, LIST_BYTES);
    for (unsigned cpu = 1; cpu < CPU_SET_MAX; cpu += 2) {
        str_addf(&buf, "%s%u", cpu == 1 ? "" : ",", cpu);
    }
    assert_false(buf.overflow);
    assert_int_equal(parse(DEED_AFFINITY, list, &value, sentence), 0);
    free(list);
    assert_int_equal(cpu_set_count(&value.cpus), CPU_SET_MAX / 2);
    assert_true(cpu_set_has(&value.cpus, CPU_SET_MAX - 1));
}

static void values_that_can_only_be_seen_are_written(void **state)
{
    (void)state;
    static const struct {
        enum deed_kind kind;
        struct deed_value value;
        const char *written;
    } cases[] = {
        {DEED_SIGNAL, {.number = 15}, "15"},
        {DEED_KILL_GROUP, {.number = 15}, ""},
        {DEED_CLOSE,
         {.socket = {.local = {.family = 4, .bytes = {10, 0, 0, 1}, .port = 80},
                     .remote = {.family = 4, .bytes = {10, 0, 0, 2}, .port = 50000}}},
         "10.0.0.1:80 - 10.0.0.2:50000"},
        {DEED_CLOSE,
         {.socket = {.local = {.family = 6, .bytes = {[15] = 1}, .port = 22}}},
         "[::1]:22 - "},
        {DEED_STOP, {.number = 7}, "stopped"},
        {DEED_TERMINATE, {.number = -1}, "0 s"},
        {DEED_NICE, {.number = INT32_MIN}, "-2147483648"},
        {DEED_IOPRIO, {.io = {.class = 7, .level = 3}}, "class 7 level 3"},
        {DEED_IOPRIO, {.io = {.class = -1}}, "class -1 level 0"},
        {DEED_IOPRIO, {.io = {.class = IO_CLASS_IDLE, .level = 7}}, "idle"},
        {DEED_AFFINITY, {.number = 1}, ""},
        {DEED_SCHEDULING, {.sched = {.policy = POLICY_EXT}}, "EXT"},
        {DEED_SCHEDULING, {.sched = {.policy = 9}}, "policy 9"},
        {DEED_SCHEDULING,
         {.sched = {.policy = 4, .reset_on_fork = true}},
         "policy 4, reset on fork"},
        {DEED_SCHEDULING,
         {.sched = {.policy = POLICY_DEADLINE,
                    .runtime_ns = 10000000,
                    .deadline_ns = 30000000,
                    .period_ns = 30000000}},
         "DEADLINE 10/30/30 ms"},
        {DEED_SCHEDULING,
         {.sched = {.policy = POLICY_DEADLINE,
                    .reset_on_fork = true,
                    .runtime_ns = 1024,
                    .deadline_ns = 1500000,
                    .period_ns = 2010000}},
         "DEADLINE 0.001/1.5/2.01 ms, reset on fork"},
        {DEED_SCHEDULING,
         {.sched = {.policy = POLICY_DEADLINE, .period_ns = UINT64_MAX}},
         "DEADLINE 0/0/18446744073709.552 ms"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_written_as(cases[i].kind, &cases[i].value, cases[i].written);
    }
}

static void wrong_values_are_refused_with_a_sentence_and_change_nothing(void **state)
{
    (void)state;
    static const struct {
        enum deed_kind kind;
        const char *text;
        const char *sentence;
    } cases[] = {
        {DEED_NICE, "20", "Nice value must be a number from -20 to 19, not \"20\""},
        {DEED_NICE, "-21", "Nice value must be a number from -20 to 19, not \"-21\""},
        {DEED_NICE, "", "Nice value must be a number from -20 to 19, not \"\""},
        {DEED_NICE, "+5", "Nice value must be a number from -20 to 19, not \"+5\""},
        {DEED_NICE, "1e1", "Nice value must be a number from -20 to 19, not \"1e1\""},
        {DEED_NICE, "5 5", "Nice value must be a number from -20 to 19, not \"5 5\""},
        {DEED_NICE, "4294967297", "Nice value must be a number from -20 to 19, not \"4294967297\""},
        {DEED_NICE, "18446744073709551617",
         "Nice value must be a number from -20 to 19, not \"18446744073709551617\""},
        {DEED_NICE, "\x1b[2J", "Nice value must be a number from -20 to 19, not \"\uFFFD[2J\""},
        {DEED_AUTOGROUP, "x", "Autogroup nice value must be a number from -20 to 19, not \"x\""},
        {DEED_OOM_ADJ, "1001", "OOM score adj must be a number from -1000 to 1000, not \"1001\""},
        {DEED_OOM_ADJ, "-1001", "OOM score adj must be a number from -1000 to 1000, not \"-1001\""},
        {DEED_TERMINATE, "600.001",
         "The time before SIGKILL must be seconds from 0 to 600, not \"600.001\""},
        {DEED_TERMINATE, "-1", "The time before SIGKILL must be seconds from 0 to 600, not \"-1\""},
        {DEED_TERMINATE, "5s", "The time before SIGKILL must be seconds from 0 to 600, not \"5s\""},
        {DEED_TERMINATE, "nan",
         "The time before SIGKILL must be seconds from 0 to 600, not \"nan\""},
        {DEED_STOP, "2", "Stop or continue must be yes or no, not \"2\""},
        {DEED_FREEZE, "", "Freeze or thaw its cgroup must be yes or no, not \"\""},
        {DEED_IOPRIO, "4:4",
         "I/O priority must be none, idle, best-effort or real-time, not \"4:4\""},
        {DEED_IOPRIO, "", "I/O priority must be none, idle, best-effort or real-time, not \"\""},
        {DEED_IOPRIO, ":4",
         "I/O priority must be none, idle, best-effort or real-time, not \":4\""},
        {DEED_IOPRIO, "be:8",
         "The level of an I/O priority must be 0 (first) to 7 (last), not \"8\""},
        {DEED_IOPRIO, "rt:-1",
         "The level of an I/O priority must be 0 (first) to 7 (last), not \"-1\""},
        {DEED_IOPRIO,
         "rt:", "The level of an I/O priority must be 0 (first) to 7 (last), not \"\""},
        {DEED_IOPRIO, "be:4294967300",
         "The level of an I/O priority must be 0 (first) to 7 (last), not \"4294967300\""},
        {DEED_IOPRIO, "be:4:4",
         "The level of an I/O priority must be 0 (first) to 7 (last), not \"4:4\""},
        {DEED_IOPRIO, "idle:3", "I/O priority idle has no levels"},
        {DEED_IOPRIO, "none:0", "I/O priority none has no levels"},
        {DEED_AFFINITY, "", "At least one CPU is needed"},
        {DEED_AFFINITY, "8192", "CPU numbers go up to 8191"},
        {DEED_AFFINITY, "5-3", "CPU affinity must be CPUs like 0-3,8 or 0-30:2, not \"5-3\""},
        {DEED_AFFINITY, "all", "CPU affinity must be CPUs like 0-3,8 or 0-30:2, not \"all\""},
        {DEED_SCHEDULING, "fast",
         "Scheduling policy must be other, batch, idle, fifo:PRIORITY or rr:PRIORITY, "
         "not \"fast\""},
        {DEED_SCHEDULING, "",
         "Scheduling policy must be other, batch, idle, fifo:PRIORITY or rr:PRIORITY, not \"\""},
        {DEED_SCHEDULING, "fifo", "FIFO and RR need a priority from 1 to 99, as in fifo:50"},
        {DEED_SCHEDULING, "fifo:0",
         "FIFO and RR need a priority from 1 to 99, as in fifo:50, not \"0\""},
        {DEED_SCHEDULING, "rr:100",
         "FIFO and RR need a priority from 1 to 99, as in fifo:50, not \"100\""},
        {DEED_SCHEDULING, "rr:reset-on-fork",
         "FIFO and RR need a priority from 1 to 99, as in fifo:50, not \"reset-on-fork\""},
        {DEED_SCHEDULING, "fifo:5:", "Only reset-on-fork can follow the priority, not \"\""},
        {DEED_SCHEDULING, "fifo:5:reset-on-fork:x",
         "Only reset-on-fork can follow the priority, not \"reset-on-fork:x\""},
        {DEED_SCHEDULING, "batch:5",
         "Only reset-on-fork can follow a policy other than FIFO and RR, not \"5\""},
        {DEED_SCHEDULING, "deadline", "Scheduling policy DEADLINE is shown but cannot be set"},
        {DEED_SCHEDULING, "ext:reset-on-fork", "Scheduling policy EXT is shown but cannot be set"},
        {DEED_SIGNAL, "9", "Signal: there is no value to read"},
        {DEED_KILL_GROUP, "1", "Kill its cgroup: there is no value to read"},
        {DEED_CLOSE, "1", "Close connection: there is no value to read"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct deed_value before;
        memset(&before, 0x5A, sizeof(before));
        before.sched.reset_on_fork = true;
        struct deed_value value = before;
        char sentence[SENTENCE_BYTES];
        assert_int_equal(parse(cases[i].kind, cases[i].text, &value, sentence), -EINVAL);
        assert_string_equal(sentence, cases[i].sentence);
        assert_memory_equal(&value, &before, sizeof(value));
    }
}

static void values_of_absurd_length_are_refused(void **state)
{
    (void)state;
    char text[5000];
    memset(text, '0', sizeof(text)); // a number like any other, were it shorter
    text[sizeof(text) - 1] = '\0';
    for (unsigned kind = 0; kind < DEED_COUNT; kind++) {
        if (kind != DEED_AFFINITY) { // for which it is CPU 0, written at length
            struct deed_value value = {.number = 0};
            char sentence[SENTENCE_BYTES];
            assert_int_equal(parse((enum deed_kind)kind, text, &value, sentence), -EINVAL);
            assert_true(strlen(sentence) > 0);
        }
    }
}

static void only_the_members_of_a_kind_are_compared(void **state)
{
    (void)state;
    const struct deed_value a = {.number = 4,
                                 .io = {.class = IO_CLASS_BEST_EFFORT, .level = 4},
                                 .sched = {.policy = POLICY_FIFO, .rt_priority = 5},
                                 .cpus = {.words = {1}},
                                 .socket = {.cookie = 1}};
    struct deed_value other = {.number = 5,
                               .io = {.class = IO_CLASS_REALTIME, .level = 5},
                               .sched = {.policy = POLICY_RR, .rt_priority = 6},
                               .cpus = {.words = {2}},
                               .socket = {.cookie = 2}};
    for (unsigned kind = 0; kind < DEED_COUNT; kind++) {
        struct deed_value b = other;
        assert_int_equal(deed_value_equal((enum deed_kind)kind, &a, &b), kind == DEED_KILL_GROUP);
        switch ((enum deed_kind)kind) {
        case DEED_IOPRIO:
            b.io = a.io;
            break;
        case DEED_AFFINITY:
            b.cpus = a.cpus;
            break;
        case DEED_SCHEDULING:
            b.sched = a.sched;
            b.sched.runtime_ns = 1; // of DEADLINE only
            break;
        case DEED_CLOSE:
            b.socket = a.socket;
            break;
        case DEED_SIGNAL:
        case DEED_TERMINATE:
        case DEED_STOP:
        case DEED_NICE:
        case DEED_AUTOGROUP:
        case DEED_OOM_ADJ:
        case DEED_FREEZE:
        case DEED_KILL_GROUP:
        case DEED_COUNT:
            b.number = a.number;
            break;
        }
        assert_true(deed_value_equal((enum deed_kind)kind, &a, &b));
    }
}

static void values_differ_in_any_member_that_counts(void **state)
{
    (void)state;
    static const struct {
        enum deed_kind kind;
        struct deed_value a, b;
        bool equal;
    } cases[] = {
        {DEED_IOPRIO, {.io = {2, 4}}, {.io = {2, 5}}, false},
        {DEED_IOPRIO, {.io = {2, 4}}, {.io = {1, 4}}, false},
        {DEED_IOPRIO, {.io = {3, 0}}, {.io = {3, 7}}, true}, // idle and none have no level
        {DEED_IOPRIO, {.io = {0, 0}}, {.io = {0, 4}}, true},
        {DEED_IOPRIO, {.io = {0, 0}}, {.io = {3, 0}}, false},
        {DEED_IOPRIO, {.io = {5, 1}}, {.io = {5, 2}}, false},
        {DEED_SCHEDULING, {.sched = {.rt_priority = 1}}, {.sched = {.rt_priority = 2}}, false},
        {DEED_SCHEDULING, {.sched = {.reset_on_fork = true}}, {.number = 0}, false},
        {DEED_SCHEDULING,
         {.sched = {.policy = POLICY_DEADLINE, .runtime_ns = 1}},
         {.sched = {.policy = POLICY_DEADLINE, .runtime_ns = 2}},
         false},
        {DEED_SCHEDULING,
         {.sched = {.policy = POLICY_DEADLINE, .deadline_ns = 1}},
         {.sched = {.policy = POLICY_DEADLINE, .deadline_ns = 2}},
         false},
        {DEED_SCHEDULING,
         {.sched = {.policy = POLICY_DEADLINE, .period_ns = 1}},
         {.sched = {.policy = POLICY_DEADLINE, .period_ns = 2}},
         false},
        {DEED_SCHEDULING,
         {.sched = {.policy = POLICY_DEADLINE, .period_ns = 2}},
         {.sched = {.policy = POLICY_DEADLINE, .period_ns = 2}},
         true},
        {DEED_AFFINITY, {.cpus.words = {[127] = 1}}, {.cpus.words = {0}}, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(deed_value_equal(cases[i].kind, &cases[i].a, &cases[i].b), cases[i].equal);
        assert_int_equal(deed_value_equal(cases[i].kind, &cases[i].b, &cases[i].a), cases[i].equal);
    }
}

static void an_inspection_is_freed_with_its_topology(void **state)
{
    (void)state;
    inspection_destroy(NULL);
    struct inspection *inspection = calloc(1, sizeof(*inspection));
    assert_non_null(inspection);
    inspection->topology = calloc(1, sizeof(*inspection->topology));
    inspection_destroy(inspection); // LeakSanitizer sees what is left
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_complete_and_its_name_unique),
        cmocka_unit_test(only_attributes_can_be_undone),
        cmocka_unit_test(numbers_are_read_within_their_bounds),
        cmocka_unit_test(io_priorities_are_read_in_all_their_spellings),
        cmocka_unit_test(policies_are_read_with_priority_and_reset_on_fork),
        cmocka_unit_test(cpu_lists_are_read_however_long),
        cmocka_unit_test(values_that_can_only_be_seen_are_written),
        cmocka_unit_test(wrong_values_are_refused_with_a_sentence_and_change_nothing),
        cmocka_unit_test(values_of_absurd_length_are_refused),
        cmocka_unit_test(only_the_members_of_a_kind_are_compared),
        cmocka_unit_test(values_differ_in_any_member_that_counts),
        cmocka_unit_test(an_inspection_is_freed_with_its_topology),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
