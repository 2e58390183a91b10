#include "check.h"
#include "platform/linux/parse_proc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct parse_units units = {.tick_ns = 10000000, .page_bytes = 4096};

/* What follows the name, in three lengths. */
#define TO_START " S 1 7 8 34819 9 4194304 12 1 13 2 150 250 3 4 20 -5 6 0 1000"
#define TO_RSS TO_START " 4096000 10"
#define FULL                                                                                \
 TO_RSS " 18446744073709551615 11 12 13 0 0 0 0 0 0 0 0 0 17 3 40 2 25 0 0 14 15 16 17 18 " \
        "19 20 0\n"

/* Parses a copy without a byte behind it, so that reading too far is found out. */
static int parse(const char *text, size_t len, struct raw_proc *ret)
{
    char *const copy = malloc(len ? len : 1);
    assert_non_null(copy);
    memcpy(copy, text, len);
    const int error = parse_proc_stat(copy, len, &units, ret);
    free(copy);
    return error;
}

static void every_field_goes_to_its_member(void **state)
{
    (void)state;
    static const char text[] = "42 (cat)" FULL;
    struct raw_proc p;
    assert_int_equal(parse_proc_stat(text, sizeof(text) - 1, &units, &p), 0);
    assert_int_equal(p.id.pid, 42);
    assert_int_equal(p.id.start_ns, 10000000000);
    assert_int_equal(p.group_pid, 42);
    assert_int_equal(p.ppid, 1);
    assert_int_equal(p.pgrp, 7);
    assert_int_equal(p.session, 8);
    assert_int_equal(p.tty_device, 34819);
    assert_int_equal(p.tpgid, 9);
    assert_int_equal(p.have, FACT_IDENT);
    assert_int_equal(p.thread_count, 6);
    assert_int_equal(p.policy, 2);
    assert_int_equal(p.rt_priority, 40);
    assert_int_equal(p.last_cpu, 3);
    assert_int_equal(p.nice, -5);
    assert_int_equal(p.priority, 20);
    assert_int_equal(p.state, 'S');
    assert_false(p.kernel);
    assert_false(p.thread);
    assert_int_equal(p.user_ns, 1500000000);
    assert_int_equal(p.system_ns, 2500000000);
    assert_int_equal(p.block_delay_ns, 250000000);
    assert_int_equal(p.virtual_bytes, 4096000);
    assert_int_equal(p.resident_bytes, 40960);
    assert_int_equal(p.minor_faults, 12);
    assert_int_equal(p.major_faults, 13);
    assert_int_equal(p.name.len, 3);
    assert_memory_equal(p.name.ptr, "cat", 3);
}

/* P04, P05, P15: whatever a name is made of, it ends at the last ')'. */
static void a_name_may_hold_anything(void **state)
{
    (void)state;
    static const char *const names[] = {
        "",
        ")",
        "(",
        "x) 1 2 3 4 5",
        ") Z 1 1 (",
        "a b",
        "a\nb) R 9 9\n",
        "Uid:\t0\t0\t0",
        "Threads:\t999",
        "VmHWM: 99999999",
        "rcu_exp_par_gp_kthread_worker/0",
        "a name of a work queue that is as long as the kernel lets it be.",
        "\xff\xfe\x1b]52;c;\x07",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        char text[512];
        const int len = snprintf(text, sizeof(text), "42 (%s)" FULL, names[i]);
        struct raw_proc p;
        assert_int_equal(parse_proc_stat(text, (size_t)len, &units, &p), 0);
        assert_int_equal(p.name.len, strlen(names[i]));
        assert_memory_equal(p.name.ptr, names[i], p.name.len);
        assert_int_equal(p.state, 'S');
        assert_int_equal(p.ppid, 1);
        assert_int_equal(p.user_ns, 1500000000);
        assert_int_equal(p.thread_count, 6);
    }
}

static void a_name_may_hold_nul_bytes(void **state)
{
    (void)state;
    static const char text[] = "42 (a\0b)" FULL;
    struct raw_proc p;
    assert_int_equal(parse_proc_stat(text, sizeof(text) - 1, &units, &p), 0);
    assert_int_equal(p.name.len, 3);
}

/* P22: kernels and containers end the line where they like. */
static void fields_missing_at_the_end_are_zero(void **state)
{
    (void)state;
    struct raw_proc p;
    static const char to_start[] = "42 (cat)" TO_START "\n";
    assert_int_equal(parse(to_start, sizeof(to_start) - 1, &p), 0);
    assert_int_equal(p.id.start_ns, 10000000000);
    assert_int_equal(p.virtual_bytes, 0);
    assert_int_equal(p.last_cpu, -1);
    static const char to_rss[] = "42 (cat)" TO_RSS "\n";
    assert_int_equal(parse(to_rss, sizeof(to_rss) - 1, &p), 0);
    assert_int_equal(p.resident_bytes, 40960);
    assert_int_equal(p.policy, 0);
    assert_true(p.block_delay_ns == FIGURE_ABSENT);
}

/* A cut start time would be another identity. */
static void a_line_cut_anywhere_is_refused_or_keeps_its_identity(void **state)
{
    (void)state;
    static const char text[] = "42 (cat)" FULL;
    const size_t to_start = strlen("42 (cat)" TO_START);
    for (size_t len = 0; len < sizeof(text); len++) {
        struct raw_proc p;
        const int error = parse(text, len, &p);
        assert_int_equal(error, len <= to_start ? -EINVAL : 0);
        if (error == 0) {
            assert_int_equal(p.id.start_ns, 10000000000);
        }
    }
}

/* P39: letters come and go with kernels. P35: zombies have times, but no size. */
static void any_state_letter_is_taken(void **state)
{
    (void)state;
    for (const char *letter = "RSDZTtXxKWPIY?"; *letter; letter++) {
        char text[512];
        const int len = snprintf(text, sizeof(text), "42 (cat) %c%s", *letter, &FULL[2]);
        struct raw_proc p;
        assert_int_equal(parse_proc_stat(text, (size_t)len, &units, &p), 0);
        assert_int_equal(p.state, *letter);
    }
}

static void kernel_threads_are_told_by_their_flag(void **state)
{
    (void)state;
    static const char text[] = "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 3 0 0\n";
    struct raw_proc p;
    assert_int_equal(parse(text, sizeof(text) - 1, &p), 0);
    assert_true(p.kernel);
    assert_int_equal(p.tpgid, -1);
}

static void numbers_out_of_range_are_bounded(void **state)
{
    (void)state;
    static const char text[] = "42 (cat) S 99999999999 -99999999999 0 0 0 0 -1 0 0 0 "
                               "9999999999999999999 -3 0 0 99999 -99999 -1 0 1 "
                               "18446744073709551615 -5\n";
    struct raw_proc p;
    assert_int_equal(parse(text, sizeof(text) - 1, &p), 0);
    assert_int_equal(p.ppid, INT32_MAX);
    assert_int_equal(p.pgrp, INT32_MIN);
    assert_int_equal(p.minor_faults, 0);
    assert_true(p.user_ns == UINT64_MAX);
    assert_int_equal(p.system_ns, 0);
    assert_int_equal(p.priority, INT16_MAX);
    assert_int_equal(p.nice, INT16_MIN);
    assert_int_equal(p.thread_count, 0);
    assert_int_equal(p.resident_bytes, 0);
}

static void nonsense_is_refused_and_leaves_the_result_alone(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "\n",
        ")",
        "42",
        "42 (cat",
        "42 cat)" TO_RSS "\n",
        "42 (cat)",
        "42 (cat) ",
        "42 (cat) S",
        "42 (cat) SS 1 2 3\n",
        "0 (cat)" TO_RSS "\n",
        "-1 (cat)" TO_RSS "\n",
        "99999999999 (cat)" TO_RSS "\n",
        "99999999999999999999999 (cat)" TO_RSS "\n",
        "x (cat)" TO_RSS "\n",
        "42(cat)" TO_RSS "\n",
        "42 (cat) S 1 7 8 34819 9 4194304 12 x 13 2 150 250 3 4 20 -5 6 0 1000\n",
        "42 (cat) S 1 7 8 34819 9 4194304 12 1 13 2 150 250 3 4 20 -5 6 0 99999999999999999999\n",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct raw_proc p = {.id = {.pid = 77}};
        assert_int_equal(parse(texts[i], strlen(texts[i]), &p), -EINVAL);
        assert_int_equal(p.id.pid, 77);
    }
}

static void a_state_is_a_letter_whatever_the_file_says(void **state)
{
    (void)state;
    static const struct {
        char in, out;
    } rows[] = {{'R', 'R'},  {'t', 't'},  {'Y', 'Y'}, {'\033', '?'},
                {'\n', '?'}, {'\0', '?'}, {'7', '?'}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char text[] = "42 (cat)" FULL;
        struct raw_proc p;
        text[9] = rows[i].in;
        assert_int_equal(parse(text, sizeof(text) - 1, &p), 0);
        assert_int_equal(p.state, rows[i].out);
    }
}

static uint64_t mark_of(const char *text)
{
    struct raw_proc p;
    assert_int_equal(parse_proc_stat(text, strlen(text), &units, &p), 0);
    return p.exec_mark;
}

static void another_program_has_another_mark(void **state)
{
    (void)state;
    const uint64_t mark = mark_of("42 (cat)" FULL);
    // Everything else may change while the program stays.
    assert_true(mark == mark_of("42 (cat) R 2 2 2 0 9 0 9 9 9 9 9 9 9 9 9 9 9 0 1000 9 9 9 11 12 "
                                "13 9 9 0 0 0 0 0 0 0 0 1 1 1 0 0 0 9 9 9 17 18 19 20 0\n"));
    assert_true(mark != mark_of("42 (dog)" FULL));
    // The start of the code, of the stack, and of the arguments.
    assert_true(mark != mark_of("42 (cat)" TO_RSS " 1 10 12 13 0 0 0 0 0 0 0 0 0 17 3 40 2 0 0 0 "
                                "14 15 16 17 18 19 20 0\n"));
    assert_true(mark != mark_of("42 (cat)" TO_RSS " 1 11 12 14 0 0 0 0 0 0 0 0 0 17 3 40 2 0 0 0 "
                                "14 15 16 17 18 19 20 0\n"));
    assert_true(mark != mark_of("42 (cat)" TO_RSS " 1 11 12 13 0 0 0 0 0 0 0 0 0 17 3 40 2 0 0 0 "
                                "14 15 16 16 18 19 20 0\n"));
}

static void resident_and_shared_pages_are_the_second_and_third_number_of_statm(void **state)
{
    (void)state;
    uint64_t resident = 0;
    uint64_t shared = 0;
    assert_int_equal(parse_proc_statm("10 5 2 1 0 4 0\n", 15, 4096, &resident, &shared), 0);
    assert_int_equal(resident, 20480);
    assert_int_equal(shared, 8192);
    assert_int_equal(parse_proc_statm("", 0, 4096, &resident, &shared), -EINVAL);
    assert_int_equal(parse_proc_statm("10 5\n", 5, 4096, &resident, &shared), -EINVAL);
    assert_int_equal(parse_proc_statm("10 5 2", 6, 4096, &resident, &shared), -EINVAL);
    assert_int_equal(parse_proc_statm("a b c\n", 6, 4096, &resident, &shared), -EINVAL);
}

/* P27 */
static void io_survives_odd_lines(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int error;
        uint64_t read_bytes, write_bytes;
    } rows[] = {
        {"rchar: 9\nread_bytes: 4096\nwrite_bytes: 8192\ncancelled_write_bytes: 7\n", 0, 4096,
         8192},
        {"\n\nread_bytes:4096\n:\nwrite_bytes 1\nwrite_bytes: 8192", 0, 4096, 8192},
        {"read_bytes: 1\ncancelled_write_bytes: 7\n", -EINVAL, 0, 0},
        {"read_bytes: x\nwrite_bytes: 2\n", -EINVAL, 0, 0},
        {"read_bytes: 1 2\nwrite_bytes: 2\n", -EINVAL, 0, 0},
        {"read_bytes: 99999999999999999999\nwrite_bytes: 2\n", -EINVAL, 0, 0},
        {"", -EINVAL, 0, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        uint64_t read_bytes = 0;
        uint64_t write_bytes = 0;
        assert_int_equal(parse_proc_io(rows[i].text, strlen(rows[i].text), &read_bytes,
                                       &write_bytes),
                         rows[i].error);
        assert_int_equal(read_bytes, rows[i].read_bytes);
        assert_int_equal(write_bytes, rows[i].write_bytes);
    }
}

static const char status_text[] = "Name:\tx\\nRssAnon: 9 kB\nUmask:\t0022\n"
                                  "VmPeak:\t  9000 kB\nVmLck:\t       4 kB\n"
                                  "VmRSS:\t     600 kB\nRssAnon:\t     300 kB\n"
                                  "RssFile:\t     200 kB\nRssShmem:\t     100 kB\n"
                                  "VmPTE:\t      52 kB\nVmSwap:\t      12 kB\n"
                                  "HugetlbPages:\t       0 kB\nThreads:\t1\n";

static void status_says_what_memory_is_made_of(void **state)
{
    (void)state;
    struct raw_status is;
    parse_proc_status(status_text, strlen(status_text), &is);
    assert_int_equal(is.anon, 300 << 10);
    assert_int_equal(is.file, 200 << 10);
    assert_int_equal(is.shmem, 100 << 10);
    assert_int_equal(is.swap, 12 << 10);
    assert_int_equal(is.locked, 4 << 10);
    assert_int_equal(is.page_tables, 52 << 10);
    assert_int_equal(is.anon + is.file + is.shmem, 600 << 10);
}

/* P03; and what kernel threads and kernels before Linux 4.5 leave out. */
static void status_believes_no_name_and_no_odd_line(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "Name:\tRssAnon:\t99 kB\n",
        "Name:\tVmSwap: 99 kB\nState:\tS (sleeping)\n",
        " RssAnon:\t99 kB\n",
        "xRssAnon:\t99 kB\n",
        "RssAnon\t99 kB\n",
        "RssAnon:\t99\n",
        "RssAnon:\t99 MB\n",
        "RssAnon:\t-99 kB\n",
        "RssAnon:\t99999999999999999999 kB\n",
        "RssAnon:\t",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct raw_status is = {.anon = 1};
        parse_proc_status(texts[i], strlen(texts[i]), &is);
        assert_true(is.anon == FIGURE_ABSENT && is.swap == FIGURE_ABSENT);
        assert_true(is.file == FIGURE_ABSENT && is.locked == FIGURE_ABSENT);
    }
}

static void scores_are_one_number_with_a_sign(void **state)
{
    (void)state;
    int32_t number = 7;
    assert_int_equal(parse_proc_number("-1000\n", 6, &number), 0);
    assert_int_equal(number, -1000);
    assert_int_equal(parse_proc_number("667\n", 4, &number), 0);
    assert_int_equal(number, 667);
    assert_int_equal(parse_proc_number("", 0, &number), -EINVAL);
    assert_int_equal(parse_proc_number("x", 1, &number), -EINVAL);
    assert_int_equal(number, 667);
}

static const char smaps_text[] =
    "00400000-00500000 r-xp 00000000 fe:00 7   /srv/Pss:  999 kB\n"
    "Size:               1024 kB\nRss:                 100 kB\nPss:                  50 kB\n"
    "Pss_Dirty:            40 kB\nShared_Clean:         60 kB\nPrivate_Clean:         8 kB\n"
    "Private_Dirty:        12 kB\nSwap:                 20 kB\nSwapPss:              10 kB\n"
    "Private_Hugetlb:    2048 kB\nVmFlags: rd ex mr mw me\n"
    "00500000-00600000 rw-p 00000000 00:00 0   [anon:Private_Dirty: 5 kB]\n"
    "Pss:                   4 kB\nPrivate_Dirty:         4 kB\nSwapPss:               1 kB\n";

static void smaps_is_summed_whatever_pieces_it_comes_in(void **state)
{
    (void)state;
    const size_t len = strlen(smaps_text);
    for (size_t first = 0; first <= len; first++) {
        char rest[sizeof(smaps_text)];
        struct raw_smaps sums;
        parse_proc_smaps_init(&sums);
        const size_t used = parse_proc_smaps(smaps_text, first, &sums);
        assert_true(used <= first);
        assert_true(used == 0 || smaps_text[used - 1] == '\n');
        memcpy(rest, smaps_text + used, len - used);
        assert_int_equal(parse_proc_smaps(rest, len - used, &sums), len - used);
        assert_int_equal(sums.pss_bytes, 54 << 10);
        assert_int_equal(sums.uss_bytes, 24 << 10);
        assert_int_equal(sums.swap_pss_bytes, 11 << 10);
    }
}

/* P23 */
static void smaps_that_says_nothing_leaves_everything_unknown(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "\n\n", "Pss: x kB\n", "VmFlags: rd\n", "Pss:  4 kB"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct raw_smaps sums;
        parse_proc_smaps_init(&sums);
        (void)parse_proc_smaps(texts[i], strlen(texts[i]), &sums); // nothing of it is a figure
        assert_true(sums.pss_bytes == FIGURE_ABSENT && sums.uss_bytes == FIGURE_ABSENT);
        assert_true(sums.swap_pss_bytes == FIGURE_ABSENT);
    }
    struct raw_smaps sums;
    parse_proc_smaps_init(&sums);
    static const char huge[] = "Pss: 18014398509481983 kB\nPss: 18014398509481983 kB\n";
    (void)parse_proc_smaps(huge, strlen(huge), &sums);
    assert_true(sums.pss_bytes == FIGURE_ABSENT - 1); // no wrap
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_goes_to_its_member),
        cmocka_unit_test(a_name_may_hold_anything),
        cmocka_unit_test(a_name_may_hold_nul_bytes),
        cmocka_unit_test(fields_missing_at_the_end_are_zero),
        cmocka_unit_test(a_line_cut_anywhere_is_refused_or_keeps_its_identity),
        cmocka_unit_test(any_state_letter_is_taken),
        cmocka_unit_test(kernel_threads_are_told_by_their_flag),
        cmocka_unit_test(numbers_out_of_range_are_bounded),
        cmocka_unit_test(nonsense_is_refused_and_leaves_the_result_alone),
        cmocka_unit_test(a_state_is_a_letter_whatever_the_file_says),
        cmocka_unit_test(another_program_has_another_mark),
        cmocka_unit_test(status_says_what_memory_is_made_of),
        cmocka_unit_test(status_believes_no_name_and_no_odd_line),
        cmocka_unit_test(scores_are_one_number_with_a_sign),
        cmocka_unit_test(smaps_is_summed_whatever_pieces_it_comes_in),
        cmocka_unit_test(smaps_that_says_nothing_leaves_everything_unknown),
        cmocka_unit_test(resident_and_shared_pages_are_the_second_and_third_number_of_statm),
        cmocka_unit_test(io_survives_odd_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
