#include "check.h"
#include "platform/linux/parse_cgroup_files.h"
#include "platform/linux/parse_inspect.h"
#include "platform/linux/parse_smaps.h"

#include <fcntl.h>
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

static struct span lines(const char *s)
{
    return (struct span){.at = s, .end = s + strlen(s)};
}

static bool is(struct raw_bytes bytes, const char *s)
{
    return bytes.len == strlen(s) && (bytes.len == 0 || memcmp(bytes.ptr, s, bytes.len) == 0);
}

static void limits_are_read_by_column(void **state)
{
    static const char limits[] =
        "Limit                     Soft Limit           Hard Limit           Units     \n"
        "Max cpu time              unlimited            unlimited            seconds   \n"
        "Max open files            1024                 524288               files     \n"
        "Max nice priority         0                    0                    \n"
        "Max odd thing             -1                   5                    things    \n"
        "Max huge                  18446744073709551616 5                    things    \n"
        "short\n"
        "Max realtime timeout      5000                 unlimited            us";
    static const struct {
        const char *name, *unit;
        uint64_t soft, hard;
    } expected[] = {
        {"Max cpu time", "seconds", UINT64_MAX, UINT64_MAX},
        {"Max open files", "files", 1024, 524288},
        {"Max nice priority", "", 0, 0},
        {"Max realtime timeout", "us", 5000, UINT64_MAX},
    };
    (void)state;
    struct span rest = lines(limits);
    struct raw_limit limit;
    for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
        assert_true(parse_inspect_limit(&rest, &limit));
        assert_true(is(limit.name, expected[i].name));
        assert_true(is(limit.unit, expected[i].unit));
        assert_true(limit.soft == expected[i].soft && limit.hard == expected[i].hard);
        assert_true(limit.used == FIGURE_ABSENT);
    }
    assert_false(parse_inspect_limit(&rest, &limit));
}

/* P34. */
static void an_environment_ends_at_an_empty_entry(void **state)
{
    static const struct {
        const char *text;
        size_t size, expected;
    } cases[] = {
        {"", 0, 0},         {"A=1\0B=2\0", 8, 8},
        {"A=1\0B=2", 7, 7}, {"A=1\0no equals sign\0\0rest\0", 25, 19},
        {"\0A=1\0", 5, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const struct raw_bytes bytes = {.ptr = cases[i].text, .len = (uint32_t)cases[i].size};
        assert_int_equal(parse_inspect_environ(bytes), cases[i].expected);
    }
}

static void a_system_call_is_its_number_and_arguments(void **state)
{
    static const struct {
        const char *line;
        bool in_syscall;
        int64_t number;
    } cases[] = {
        {"0 0x3 0x7f55 0x20000 0x22 0xffffffff 0x0 0x7ffde064e2d8 0x7f55bf8e22ad\n", true, 0},
        {"202 0x3 0x7f55 0x20000 0x22 0xffffffff 0x0 0x7ffd 0x7f55", true, 202},
        {"running\n", false, 0},
        {"-1 0x7ffde064e2d8 0x7f55bf8e22ad\n", false, 0},
        {"0 0x0 0x0 0x0 0x0 0x0 0x0 0x0 0x0\n", false, 0}, // a kernel thread
        {"0 0x3 0x7f55 0x20000\n", false, 0},
        {"0 3 4 5 6 7 8 9 10\n", false, 0},
        {"99999999999999999999 0x3 0x1 0x1 0x1 0x1 0x1 0x1 0x1\n", false, 0},
        {"0 0x3 0x1ffffffffffffffff 0x1 0x1 0x1 0x1 0x1 0x1\n", false, 0},
        {"", false, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        int64_t number = 0;
        uint64_t args[6] = {0};
        assert_int_equal(parse_inspect_syscall(text(cases[i].line), &number, args),
                         cases[i].in_syscall);
        assert_int_equal(number, cases[i].number);
        if (cases[i].in_syscall) {
            assert_int_equal(args[0], 3);
            assert_int_equal(args[1], 0x7f55);
            assert_int_equal(args[4], 0xffffffff);
        }
    }
}

static void the_auxiliary_vector_tells_the_word_size(void **state)
{
    const unsigned long native[] = {33, 0x12345000, 16, 0xbfebfbff, 0, 0};
    const uint32_t narrow[] = {32, 0xf7f12560, 33, 0xf7f12000, 16, 0xbfebfbff, 0, 0, 0, 0};
    const unsigned long endless[] = {33, 0x12345000, 16, 0xbfebfbff};
    (void)state;
    assert_true(parse_inspect_is_native(
        (struct raw_bytes){.ptr = (const char *)native, .len = sizeof(native)}));
    assert_false(parse_inspect_is_native(
        (struct raw_bytes){.ptr = (const char *)endless, .len = sizeof(endless)}));
    assert_false(parse_inspect_is_native((struct raw_bytes){0}));
    if (sizeof(long) == sizeof(uint64_t)) {
        assert_false(parse_inspect_is_native(
            (struct raw_bytes){.ptr = (const char *)narrow, .len = sizeof(narrow)}));
    }
}

static void frames_of_a_stack_lose_their_addresses(void **state)
{
    (void)state;
    struct span rest = lines("[<0>] futex_wait_queue+0x6d/0x110\n"
                             "[<ffffffff81234567>] do_futex+0x1/0x2 [mod]\n"
                             "\n"
                             "plain\n"
                             "[<0>]");
    struct span frame;
    assert_true(parse_inspect_frame(&rest, &frame));
    assert_true(is(span_bytes(&frame), "futex_wait_queue+0x6d/0x110"));
    assert_true(parse_inspect_frame(&rest, &frame));
    assert_true(is(span_bytes(&frame), "do_futex+0x1/0x2 [mod]"));
    assert_true(parse_inspect_frame(&rest, &frame));
    assert_true(is(span_bytes(&frame), "plain"));
    assert_false(parse_inspect_frame(&rest, &frame));
}

static void fdinfo_is_read_by_its_keys(void **state)
{
    (void)state;
    struct raw_file file = {.inode = 5};
    parse_inspect_fdinfo(text("pos:\t123\nflags:\t0100002\nmnt_id:\t29\nino:\t77\n"
                              "lock:\t1: FLOCK  ADVISORY  WRITE 9 00:13:77 0 EOF\n"
                              "lock:\t2: POSIX  ADVISORY  READ 9 00:13:77 0 10\n"
                              "eventfd-count: 4\n"),
                         &file);
    assert_int_equal(file.position, 123);
    assert_int_equal(file.flags, 0100002);
    assert_int_equal(file.mount_id, 29);
    assert_int_equal(file.inode, 77);
    assert_true(file.locked);
    assert_int_equal(file.lock_count, 2);
    assert_int_equal(file.lock.type, RAW_LOCK_FLOCK);
    assert_true(file.lock.write);
    parse_inspect_fdinfo(text("xpos:\t1\nflags:\t9\nflags:\t777777777777\nmnt_id:\t99999999999\n"),
                         &file);
    assert_true(file.position == FIGURE_ABSENT);
    assert_int_equal(file.flags, UINT32_MAX);
    assert_int_equal(file.mount_id, 0);
    assert_int_equal(file.inode, 77);
    assert_false(file.locked);
    assert_int_equal(file.lock_count, 0);
}

static void the_kind_of_a_lock_is_told(void **state)
{
    static const struct {
        const char *line;
        int type;
        bool write;
    } cases[] = {
        {"lock:\t1: POSIX  ADVISORY  WRITE 9 08:01:7 0 EOF\n", RAW_LOCK_POSIX, true},
        {"lock:\t1: POSIX  ADVISORY  READ 9 08:01:7 5 9\n", RAW_LOCK_POSIX, false},
        {"lock:\t1: FLOCK  ADVISORY  READ 9 08:01:7 0 EOF\n", RAW_LOCK_FLOCK, false},
        {"lock:\t1: OFDLCK ADVISORY  WRITE -1 08:01:7 0 EOF\n", RAW_LOCK_OFD, true},
        {"lock:\t1: LEASE  ACTIVE    READ 9 08:01:7 0 EOF\n", RAW_LOCK_LEASE, false},
        {"lock:\t1: DELEG  ACTIVE    READ 9 08:01:7 0 EOF\n", RAW_LOCK_OTHER, false},
        {"lock:\t1:\n", RAW_LOCK_OTHER, false},
        {"lock:\n", RAW_LOCK_OTHER, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct raw_file file = {0};
        parse_inspect_fdinfo(text(cases[i].line), &file);
        assert_int_equal(file.lock_count, 1);
        assert_int_equal(file.lock.type, cases[i].type);
        assert_int_equal(file.lock.write, cases[i].write);
    }
}

static void the_kind_of_a_file_is_told_by_its_link(void **state)
{
    static const struct {
        const char *target;
        uint32_t flags;
        enum raw_file_kind kind;
        uint64_t inode;
    } cases[] = {
        {"socket:[42]", 0, RAW_FILE_SOCKET, 42},
        {"pipe:[43]", 0, RAW_FILE_FIFO, 43},
        {"anon_inode:[eventpoll]", 0, RAW_FILE_ANON, 0},
        {"anon_inode:inotify", 0, RAW_FILE_ANON, 0},
        {"/memfd:name (deleted)", 0, RAW_FILE_ANON, 0},
        {"/srv/file", 0, RAW_FILE_REGULAR, 0},
        {"/srv/file (deleted)", UINT32_MAX, RAW_FILE_REGULAR, 0},
        {"/srv/socket:[42]", 0, RAW_FILE_REGULAR, 0},
        {"/srv", O_DIRECTORY, RAW_FILE_DIRECTORY, 0},
        {"/dev/null", 0, RAW_FILE_CHAR, 0},
        {"/dev/pts/3", 0, RAW_FILE_CHAR, 0},
        {"/dev/sda1", 0, RAW_FILE_BLOCK, 0},
        {"/dev/loop-control", 0, RAW_FILE_CHAR, 0},
        {"/dev/loop0", 0, RAW_FILE_BLOCK, 0},
        {"/dev/shm/sem.x", 0, RAW_FILE_REGULAR, 0},
        {"/dev", O_DIRECTORY, RAW_FILE_DIRECTORY, 0},
        {"/developer", 0, RAW_FILE_REGULAR, 0},
        {"net:[4026531840]", 0, RAW_FILE_UNKNOWN, 0},
        {"socket:[x]", 0, RAW_FILE_UNKNOWN, 0},
        {"", 0, RAW_FILE_UNKNOWN, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        uint64_t inode = 0;
        assert_int_equal(parse_inspect_file_kind(text(cases[i].target), cases[i].flags, &inode),
                         cases[i].kind);
        assert_int_equal(inode, cases[i].inode);
    }
}

static void locks_that_wait_tell_who_holds_it_not_who_waits_too(void **state)
{
    static const struct {
        uint64_t id;
        const char *type;
        bool waiting, write;
        int32_t pid, holder;
        uint64_t inode, to;
    } expected[] = {
        {1, "POSIX", false, true, 100, 100, 786444, 127},
        {1, "POSIX", true, false, 101, 100, 786444, UINT64_MAX},
        {1, "POSIX", true, true, 102, 100, 786444, UINT64_MAX},
        {1, "POSIX", true, true, 103, 100, 786444, UINT64_MAX},
        {2, "FLOCK", false, true, 104, 104, 7, UINT64_MAX},
        {3, "OFDLCK", false, false, -1, -1, 8, UINT64_MAX},
        {5, "FLOCK", true, true, 105, 0, 7, UINT64_MAX}, // the lock itself is not shown
        {6, "FLOCK", false, true, 106, 106, 7, UINT64_MAX},
        {6, "FLOCK", true, true, 107, 106, 7, UINT64_MAX},
        {6, "FLOCK", true, true, 109, 106, 7, UINT64_MAX}, // however deep it is
        {7, "LEASE", false, false, 108, 108, 0, UINT64_MAX},
    };
    (void)state;
    struct span rest = lines("1: POSIX  ADVISORY  WRITE 100 08:0a:786444 0 127\n"
                             "1: -> POSIX  ADVISORY  READ  101 08:0a:786444 0 EOF\n"
                             "1:  -> POSIX  ADVISORY  WRITE 102 08:0a:786444 0 EOF\n"
                             "1: -> POSIX  ADVISORY  WRITE 103 08:0a:786444 0 EOF\n"
                             "2: FLOCK  ADVISORY  WRITE 104 00:13:7 0 EOF\n"
                             "3: OFDLCK ADVISORY  READ -1 00:13:8 0 EOF\n"
                             "4: nonsense\n"
                             "5: -> FLOCK  ADVISORY  WRITE 105 00:13:7 0 EOF\n"
                             "6: FLOCK  ADVISORY  WRITE 106 00:13:7 0 EOF\n"
                             "6:  -> FLOCK  ADVISORY  WRITE 107 00:13:7 0 EOF\n"
                             "6:           -> FLOCK  ADVISORY  WRITE 109 00:13:7 0 EOF\n"
                             "7: LEASE  ACTIVE    READ 108 <none>:0 0 EOF\n"
                             "8: POSIX  ADVISORY  WRITE 99999999999 00:13:7 0 EOF\n"
                             "9: POSIX  ADVISORY  WRITE 1 xx:13:7 0 EOF\n"
                             "9: POSIX  ADVISORY  WRITE 1 00:13:7 0");
    struct parse_locks at = {0};
    struct parse_lock lock;
    size_t i = 0;
    while (parse_inspect_lock(&rest, &at, &lock)) {
        assert_true(i < sizeof(expected) / sizeof(*expected));
        assert_int_equal(lock.lock.id, expected[i].id);
        assert_true(is(lock.lock.type, expected[i].type));
        assert_int_equal(lock.lock.waiting, expected[i].waiting);
        assert_int_equal(lock.lock.write, expected[i].write);
        assert_int_equal(lock.pid, expected[i].pid);
        assert_int_equal(lock.lock.holder, expected[i].holder);
        assert_int_equal(lock.lock.inode, expected[i].inode);
        assert_true(lock.lock.to == expected[i].to);
        assert_false(lock.lock.mandatory);
        i++;
    }
    assert_int_equal(i, sizeof(expected) / sizeof(*expected));
}

static void locks_of_a_descriptor_are_those_of_the_list(void **state)
{
    (void)state;
    struct span info = lines("pos:\t0\nflags:\t02\n"
                             "lock:\t1: FLOCK  ADVISORY  WRITE 104 08:0a:7 0 EOF\n"
                             "lock:\t2: POSIX  MANDATORY READ 104 08:0a:7 5 9\n"
                             "lock:\tnonsense\n");
    struct span list = lines("33: FLOCK  ADVISORY  WRITE 104 08:0a:7 0 EOF\n"
                             "34: FLOCK  ADVISORY  WRITE 104 08:0a:8 0 EOF\n");
    struct parse_locks at = {0};
    struct parse_lock mine;
    struct parse_lock other;
    assert_true(parse_inspect_fdinfo_lock(&info, &mine));
    assert_int_equal(mine.lock.major, 8);
    assert_int_equal(mine.lock.minor, 10);
    assert_true(parse_inspect_lock(&list, &at, &other));
    assert_true(parse_inspect_same_lock(&mine, &other));
    assert_true(parse_inspect_lock(&list, &at, &other));
    assert_false(parse_inspect_same_lock(&mine, &other));
    assert_true(parse_inspect_fdinfo_lock(&info, &mine));
    assert_true(mine.lock.mandatory);
    assert_int_equal(mine.lock.from, 5);
    assert_int_equal(mine.lock.to, 9);
    assert_false(parse_inspect_fdinfo_lock(&info, &mine));
}

static void a_map_is_its_path_size_and_permissions(void **state)
{
    static const struct {
        const char *line, *path; // NULL: no map
        uint64_t bytes;
        const char *flags;
    } cases[] = {
        {"55d79c158000-55d79c15d000 r-xp 00002000 fe:00 247134                     /usr/bin/cat",
         "/usr/bin/cat", 0x5000, "r-xp"},
        {"7f0000000000-7f0000001000 rw-s 00000000 00:01 99   /dev/shm/a b (deleted)",
         "/dev/shm/a b (deleted)", 0x1000, "rw-s"},
        {"7f0000000000-7f0000001000 ---p 00000000 00:00 0 ", "", 0x1000, "---p"},
        {"7f0000000000-7f0000001000 ---p 00000000 00:00 0", "", 0x1000, "---p"},
        {"7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0    [stack]", "[stack]", 0x21000, "rw-p"},
        {"1000-1000 r--p 00000000 00:00 0 /x", "/x", 0, "r--p"},
        {"2000-1000 r--p 00000000 00:00 0 /x", NULL, 0, NULL},
        {"Rss:                   8 kB", NULL, 0, NULL},
        {"VmFlags: rd mr mw me ", NULL, 0, NULL},
        {"1000-2000 r-", NULL, 0, NULL},
        {"1000 2000", NULL, 0, NULL},
        {"", NULL, 0, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct raw_map map = {0};
        const bool found = parse_smaps_map(lines(cases[i].line), &map);
        assert_int_equal(found, cases[i].path != NULL);
        if (!found) {
            continue;
        }
        assert_true(is(map.path, cases[i].path));
        assert_int_equal(map.virtual_bytes, cases[i].bytes);
        const char *flags = cases[i].flags;
        assert_int_equal(map.access, 1u << ((flags[0] == 'r' ? RAW_MAP_READ : 0) |
                                            (flags[1] == 'w' ? RAW_MAP_WRITE : 0) |
                                            (flags[2] == 'x' ? RAW_MAP_EXECUTE : 0) |
                                            (flags[3] == 's' ? RAW_MAP_SHARED : 0)));
        assert_int_equal(map.count, 1);
        assert_true(map.pss_bytes == FIGURE_ABSENT && map.locked_bytes == FIGURE_ABSENT);
    }
}

/* P23, P24, P72. */
static void figures_of_a_map_are_told_apart(void **state)
{
    static const char *const figures[] = {
        "Size:                  8 kB",
        "Rss:                   7 kB",
        "Pss:                   6 kB",
        "Pss_Dirty:           100 kB",
        "SwapPss:               3 kB",
        "Swap:                  4 kB",
        "Private_Dirty:5 kB", // no blank
        "Private_Hugetlb:     100 kB",
        "Shared_Clean:         many kB",
        "Anonymous:",
        "VmFlags: rd Pss: 9",
        "",
    };
    (void)state;
    struct raw_map map = {0};
    struct raw_map other = {0};
    assert_true(parse_smaps_map(lines("1000-3000 rw-p 00000000 00:00 0 /x"), &map));
    assert_true(parse_smaps_map(lines("5000-6000 r-xs 00000000 00:00 0 /x"), &other));
    for (size_t i = 0; i < sizeof(figures) / sizeof(*figures); i++) {
        parse_smaps_figure(lines(figures[i]), &map);
    }
    assert_int_equal(map.resident_bytes, 7 * 1024);
    assert_int_equal(map.pss_bytes, 6 * 1024);
    assert_int_equal(map.swap_pss_bytes, 3 * 1024);
    assert_int_equal(map.swap_bytes, 4 * 1024);
    assert_int_equal(map.private_dirty_bytes, 5 * 1024);
    assert_true(map.shared_clean_bytes == FIGURE_ABSENT);
    assert_true(map.anonymous_bytes == FIGURE_ABSENT);
    assert_int_equal(map.virtual_bytes, 0x2000);
    parse_smaps_figure(lines("Pss: 18446744073709551615 kB"), &other);
    parse_smaps_figure(lines("Anonymous: 2 kB"), &other);
    parse_smaps_merge(&other, &map);
    assert_int_equal(map.count, 2);
    assert_int_equal(map.virtual_bytes, 0x3000);
    assert_int_equal(map.access, 1u << (RAW_MAP_READ | RAW_MAP_WRITE) |
                                     1u << (RAW_MAP_READ | RAW_MAP_EXECUTE | RAW_MAP_SHARED));
    assert_int_equal(map.resident_bytes, 7 * 1024);
    assert_true(map.pss_bytes == FIGURE_ABSENT - 1); // too much, yet a number
    assert_int_equal(map.anonymous_bytes, 2 * 1024);
}

static void files_of_a_cgroup_are_numbers_or_no_limit(void **state)
{
    static const struct {
        const char *text;
        uint64_t expected;
    } numbers[] = {
        {"4096\n", 4096},
        {"0\n", 0},
        {"max\n", FIGURE_ABSENT},
        {"-1\n", FIGURE_ABSENT},
        {"5", 5},
        {"", FIGURE_ABSENT},
        {"5x\n", FIGURE_ABSENT},
        {"99999999999999999999\n", FIGURE_ABSENT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
        assert_true(parse_cgroup_number(text(numbers[i].text)) == numbers[i].expected);
    }
    const struct raw_bytes stat = text("usage_usec 15\nnr_periods 3\nnr_throttled 2\n"
                                       "throttled_usec 18446744073709551615\nodd\nodd x\n");
    assert_int_equal(parse_cgroup_keyed(stat, "usage_usec", 1000), 15000);
    assert_int_equal(parse_cgroup_keyed(stat, "nr_throttled", 1), 2);
    assert_true(parse_cgroup_keyed(stat, "throttled_usec", 1000) == FIGURE_ABSENT);
    assert_true(parse_cgroup_keyed(stat, "throttled", 1) == FIGURE_ABSENT);
    assert_true(parse_cgroup_keyed(stat, "odd", 1) == FIGURE_ABSENT);
    assert_true(parse_cgroup_keyed(text("a 18446744073709551614\n"), "a", 10) == FIGURE_ABSENT - 1);
}

static void a_quota_is_a_number_and_a_period(void **state)
{
    static const struct {
        const char *text;
        uint64_t quota, period;
    } cases[] = {
        {"50000 100000\n", 50000000, 100000000}, {"max 100000\n", FIGURE_ABSENT, 100000000},
        {"50000\n", 50000000, FIGURE_ABSENT},    {"\n", FIGURE_ABSENT, FIGURE_ABSENT},
        {"", FIGURE_ABSENT, FIGURE_ABSENT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        uint64_t quota = 1;
        uint64_t period = 1;
        parse_cgroup_cpu_max(text(cases[i].text), &quota, &period);
        assert_true(quota == cases[i].quota && period == cases[i].period);
    }
}

static void bytes_of_all_devices_are_summed(void **state)
{
    (void)state;
    uint64_t in = 0;
    uint64_t out = 0;
    parse_cgroup_io_stat(text("8:16 rbytes=10 wbytes=3 rios=1 wios=1 dbytes=0 dios=0\n"
                              "8:0 rbytes=5 wbytes=x xrbytes=100\n254:0 \n"),
                         &in, &out);
    assert_int_equal(in, 15);
    assert_int_equal(out, 3);
    parse_cgroup_io_stat(text(""), &in, &out);
    assert_true(in == FIGURE_ABSENT && out == FIGURE_ABSENT);
    parse_cgroup_blkio(text("8:0 Read 10\n8:0 Write 2\n8:0 Sync 12\n8:16 Read 1\nTotal 13\n"), &in,
                       &out);
    assert_int_equal(in, 11);
    assert_int_equal(out, 2);
    parse_cgroup_blkio(text("Total 0\n"), &in, &out);
    assert_true(in == FIGURE_ABSENT && out == FIGURE_ABSENT);
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
        cmocka_unit_test(limits_are_read_by_column),
        cmocka_unit_test(an_environment_ends_at_an_empty_entry),
        cmocka_unit_test(a_system_call_is_its_number_and_arguments),
        cmocka_unit_test(the_auxiliary_vector_tells_the_word_size),
        cmocka_unit_test(frames_of_a_stack_lose_their_addresses),
        cmocka_unit_test(fdinfo_is_read_by_its_keys),
        cmocka_unit_test(the_kind_of_a_lock_is_told),
        cmocka_unit_test(the_kind_of_a_file_is_told_by_its_link),
        cmocka_unit_test(locks_that_wait_tell_who_holds_it_not_who_waits_too),
        cmocka_unit_test(locks_of_a_descriptor_are_those_of_the_list),
        cmocka_unit_test(a_map_is_its_path_size_and_permissions),
        cmocka_unit_test(figures_of_a_map_are_told_apart),
        cmocka_unit_test(files_of_a_cgroup_are_numbers_or_no_limit),
        cmocka_unit_test(a_quota_is_a_number_and_a_period),
        cmocka_unit_test(bytes_of_all_devices_are_summed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
