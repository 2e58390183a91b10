#include "check.h"
#include "platform/linux/parse_inspect.h"

#include <stdio.h>
#include <string.h>

static struct raw_bytes text(const char *s)
{
    return (struct raw_bytes){.ptr = s, .len = (uint32_t)strlen(s)};
}

static const char plain_status[] = "Name:\tworker\n"
                                   "Umask:\t0027\n"
                                   "State:\tS (sleeping)\n"
                                   "Tgid:\t42\n"
                                   "Pid:\t42\n"
                                   "PPid:\t7\n"
                                   "TracerPid:\t9\n"
                                   "Uid:\t1000\t1001\t1002\t1003\n"
                                   "Gid:\t100\t101\t102\t103\n"
                                   "Groups:\t4 27 100 \n"
                                   "NStgid:\t42\t5\t1\n"
                                   "NSpid:\t42\t5\t1\n"
                                   "VmSize:\t    2048 kB\n"
                                   "Threads:\t3\n"
                                   "SigQ:\t2/100\n"
                                   "SigPnd:\t0000000000000000\n"
                                   "SigBlk:\t0000000000010000\n"
                                   "SigIgn:\t0000000000001000\n"
                                   "SigCgt:\t0000000180004002\n"
                                   "CapInh:\t0000000000000001\n"
                                   "CapPrm:\t000001ffffffffff\n"
                                   "CapEff:\t0000000000000400\n"
                                   "CapBnd:\t00000000a80425fb\n"
                                   "CapAmb:\t0000000000000000\n"
                                   "NoNewPrivs:\t1\n"
                                   "Seccomp:\t2\n"
                                   "Seccomp_filters:\t3\n"
                                   "voluntary_ctxt_switches:\t150\n"
                                   "nonvoluntary_ctxt_switches:\t545\n";

static void status_tells_who_a_process_is(void **state)
{
    (void)state;
    struct raw_identity is = {0};
    parse_inspect_identity(text(plain_status), &is);
    assert_int_equal(is.ppid, 7);
    assert_int_equal(is.tracer, 9);
    assert_int_equal(is.inner_pid, 1);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(is.uid[i], 1000 + i);
        assert_int_equal(is.gid[i], 100 + i);
    }
    assert_int_equal(is.umask, 027);
    assert_int_equal(is.signals_blocked, 0x10000);
    assert_int_equal(is.signals_ignored, 0x1000);
    assert_int_equal(is.signals_caught, 0x180004002);
    assert_int_equal(is.cap_inheritable, 1);
    assert_int_equal(is.cap_permitted, 0x1ffffffffff);
    assert_int_equal(is.cap_effective, 0x400);
    assert_int_equal(is.cap_bounding, 0xa80425fb);
    assert_int_equal(is.cap_ambient, 0);
    assert_true(is.no_new_privs);
    assert_int_equal(is.seccomp, 2);
    assert_int_equal(is.voluntary_switches, 150);
    assert_int_equal(is.involuntary_switches, 545);
}

static void what_status_lacks_is_unknown(void **state)
{
    (void)state;
    struct raw_identity is = {0};
    parse_inspect_identity(text("Name:\tx\n"), &is);
    assert_int_equal(is.ppid, 0);
    assert_int_equal(is.inner_pid, 0);
    assert_int_equal(is.uid[0], UINT32_MAX);
    assert_int_equal(is.gid[3], UINT32_MAX);
    assert_int_equal(is.umask, UINT32_MAX);
    assert_int_equal(is.seccomp, UINT32_MAX);
    assert_true(is.cap_effective == FIGURE_ABSENT);
    assert_true(is.signals_caught == FIGURE_ABSENT);
    assert_true(is.voluntary_switches == FIGURE_ABSENT);
    assert_false(is.no_new_privs);
}

/* P01, P02, P03: the kernel escapes newlines of a name in `status`, but no tabs. */
static void a_name_that_looks_like_a_line_of_status_is_not_believed(void **state)
{
    static const char *const names[] = {"Uid:\t0\t0\t0\t0", "PPid:\t1", "Groups:\t0", "\\nUid:\t0"};
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        char status[256];
        struct raw_identity is = {0};
        uint32_t group = 0;
        (void)snprintf(status, sizeof(status),
                       "Name:\t%s\nPPid:\t7\nUid:\t5\t6\t7\t8\nGroups:\t9 \n", names[i]);
        parse_inspect_identity(text(status), &is);
        assert_int_equal(is.ppid, 7);
        assert_int_equal(is.uid[0], 5);
        assert_int_equal(parse_inspect_groups(text(status), &group, 1), 1);
        assert_int_equal(group, 9);
    }
}

static void numbers_of_status_that_make_no_sense_are_unknown(void **state)
{
    static const struct {
        const char *line;
        uint64_t expected;
    } cases[] = {
        {"CapEff:\t00ff\n", 0xff},
        {"CapEff:\tffffffffffffffff\n", UINT64_MAX},
        {"CapEff:\t1ffffffffffffffff\n", FIGURE_ABSENT},
        {"CapEff:\t00fg\n", FIGURE_ABSENT},
        {"CapEff:\t-1\n", FIGURE_ABSENT},
        {"CapEff:\t\n", FIGURE_ABSENT},
        {"CapEff:", FIGURE_ABSENT},
        {"CapEff", FIGURE_ABSENT},
        {"XCapEff:\t1\n", FIGURE_ABSENT},
        {"CapEffX:\t1\n", FIGURE_ABSENT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct raw_identity is = {0};
        parse_inspect_identity(text(cases[i].line), &is);
        assert_true(is.cap_effective == cases[i].expected);
    }
    struct raw_identity is = {0};
    parse_inspect_identity(text("Umask:\t1000\nUid:\t4294967296\t1\nPPid:\t4294967297\n"
                                "Seccomp:\t99999999999\nNSpid:\t99999999999\n"),
                           &is);
    assert_int_equal(is.umask, UINT32_MAX);
    assert_int_equal(is.uid[0], UINT32_MAX);
    assert_int_equal(is.uid[1], 1);
    assert_int_equal(is.ppid, 0);
    assert_int_equal(is.seccomp, UINT32_MAX);
    assert_int_equal(is.inner_pid, 0);
}

static void groups_beyond_the_room_are_counted(void **state)
{
    (void)state;
    uint32_t groups[2] = {0};
    assert_int_equal(parse_inspect_groups(text(plain_status), groups, 2), 3);
    assert_int_equal(groups[0], 4);
    assert_int_equal(groups[1], 27);
    assert_int_equal(parse_inspect_groups(text("Groups:\t \n"), groups, 2), 0);
    assert_int_equal(parse_inspect_groups(text("Groups:\t5 x 7\n"), groups, 2), 1);
}

static void links_of_namespaces_hold_their_inode(void **state)
{
    static const struct {
        const char *link, *type;
        bool found;
        uint64_t inode;
    } cases[] = {
        {"net:[4026531840]", "net", true, 4026531840},
        {"socket:[1]", "socket", true, 1},
        {"net:[4026531840]", "ne", false, 0},
        {"net:[4026531840", "net", false, 0},
        {"net:[4026531840] (deleted)", "net", false, 0},
        {"net:[]", "net", false, 0},
        {"net:[-1]", "net", false, 0},
        {"net:[99999999999999999999]", "net", false, 0},
        {"/net:[1]", "net", false, 0},
        {"", "net", false, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        uint64_t inode = 0;
        assert_int_equal(parse_inspect_link_inode(text(cases[i].link), cases[i].type, &inode),
                         cases[i].found);
        assert_int_equal(inode, cases[i].inode);
    }
}

static void waiting_for_a_cpu_is_the_second_number_of_schedstat(void **state)
{
    (void)state;
    assert_int_equal(parse_inspect_run_delay(text("108270 2500 18\n")), 2500);
    assert_true(parse_inspect_run_delay(text("108270\n")) == FIGURE_ABSENT);
    assert_true(parse_inspect_run_delay(text("")) == FIGURE_ABSENT);
    assert_true(parse_inspect_run_delay(text("a b c\n")) == FIGURE_ABSENT);
}

/* P05, P22: the name ends at the last parenthesis, and old kernels lack the field. */
static void waiting_for_blocks_is_field_42_of_stat(void **state)
{
#define UP_TO_41 " S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0"
    (void)state;
    assert_int_equal(parse_inspect_block_delay(text("7 (a)" UP_TO_41 " 3 0\n"), 10), 30);
    assert_int_equal(
        parse_inspect_block_delay(text("7 (a) b)\n) 1" UP_TO_41 ")" UP_TO_41 " 4 0\n"), 10), 40);
    assert_true(parse_inspect_block_delay(text("7 (a)" UP_TO_41 "\n"), 10) == FIGURE_ABSENT);
    assert_true(parse_inspect_block_delay(text("7 (a)" UP_TO_41 " 3"), 10) == FIGURE_ABSENT);
    assert_true(parse_inspect_block_delay(text("7 (a)" UP_TO_41 " 18446744073709551614 0\n"), 10) ==
                FIGURE_ABSENT);
    assert_true(parse_inspect_block_delay(text("no name"), 10) == FIGURE_ABSENT);
    assert_true(parse_inspect_block_delay((struct raw_bytes){0}, 10) == FIGURE_ABSENT);
#undef UP_TO_41
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(status_tells_who_a_process_is),
        cmocka_unit_test(what_status_lacks_is_unknown),
        cmocka_unit_test(a_name_that_looks_like_a_line_of_status_is_not_believed),
        cmocka_unit_test(numbers_of_status_that_make_no_sense_are_unknown),
        cmocka_unit_test(groups_beyond_the_room_are_counted),
        cmocka_unit_test(links_of_namespaces_hold_their_inode),
        cmocka_unit_test(waiting_for_a_cpu_is_the_second_number_of_schedstat),
        cmocka_unit_test(waiting_for_blocks_is_field_42_of_stat),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
