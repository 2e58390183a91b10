#include "check.h"
#include "platform/linux/parse_inspect.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* What system calls that wait have to do with descriptors. */

static struct raw_bytes bytes(const char *s)
{
    return (struct raw_bytes){.ptr = s, .len = (uint32_t)strlen(s)};
}

static struct raw_wait in_call(const char *name)
{
    return (struct raw_wait){.in_syscall = true, .syscall_name = bytes(name)};
}

static void a_call_waits_on_its_descriptor_or_on_many(void **state)
{
    static const struct {
        const char *name;
        struct parse_call call;
    } rows[] = {
        {"read", {PARSE_CALL_ONE, true, false, 0}},
        {"recvmsg", {PARSE_CALL_ONE, true, false, 0}},
        {"accept4", {PARSE_CALL_ONE, true, false, 0}},
        {"write", {PARSE_CALL_ONE, false, true, 0}},
        {"sendto", {PARSE_CALL_ONE, false, true, 0}},
        {"connect", {PARSE_CALL_ONE, true, true, 0}},
        {"poll", {PARSE_CALL_POLL, false, false, 0}},
        {"pselect6", {PARSE_CALL_SELECT, false, false, 0}},
        {"epoll_pwait2", {PARSE_CALL_EPOLL, false, false, 0}},
        {"open", {PARSE_CALL_OPEN, false, false, 0}},
        {"openat", {PARSE_CALL_OPEN, false, false, 1}},
        {"fsync", {PARSE_CALL_NONE, false, false, 0}}, // nobody is at the other end
        {"readlinkat", {PARSE_CALL_NONE, false, false, 0}},
        {"rea", {PARSE_CALL_NONE, false, false, 0}},
        {"", {PARSE_CALL_NONE, false, false, 0}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct raw_wait wait = in_call(rows[i].name);
        const struct parse_call call = parse_inspect_call(&wait);
        assert_int_equal(call.kind, rows[i].call.kind);
        assert_int_equal(call.reads, rows[i].call.reads);
        assert_int_equal(call.writes, rows[i].call.writes);
        assert_int_equal(call.path_argument, rows[i].call.path_argument);
        wait.in_syscall = false; // what was there is then from before
        assert_int_equal(parse_inspect_call(&wait).kind, PARSE_CALL_NONE);
    }
}

static void only_one_command_of_fcntl_waits_for_an_open_files_lock(void **state)
{
    static const struct {
        const char *name;
        uint64_t command;
        bool waits;
    } rows[] = {
        {"fcntl", F_OFD_SETLKW, true},
        {"fcntl64", F_OFD_SETLKW, true},
        {"fcntl", UINT64_C(0xdead00000000) | F_OFD_SETLKW, true}, // it is 32 bits
        {"fcntl", F_SETLKW, false},
        {"fcntl", F_OFD_SETLK, false},
        {"flock", F_OFD_SETLKW, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct raw_wait wait = in_call(rows[i].name);
        wait.args[1] = rows[i].command;
        assert_int_equal(parse_inspect_waits_ofd(&wait), rows[i].waits);
    }
}

static void an_epoll_tells_what_it_watches(void **state)
{
    static const struct parse_watched expected[] = {
        {6, true, false}, {4, false, true}, {2147483647, true, true}, {9, false, false}};
    const char text[] =
        "pos:\t0\nflags:\t02000002\nmnt_id:\t17\nino:\t1039\n"
        "tfd:        6 events:       19 data:     7fe900000006  pos:0 ino:378d8 sdev:9\n"
        "tfd:        4 events:        4 data:     7fe900000004  pos:0 ino:37c26 sdev:f\n"
        "tfd: -1 events: 1\ntfd: 99999999999 events: 1\ntfd: 7\ntfd: 8 events: zz\n"
        "tfd: 2147483647 events: 80000005 data: 0\ntfd: 9 events: 0";
    (void)state;
    struct span rest = {.at = text, .end = text + sizeof(text) - 1};
    struct parse_watched watched;
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        assert_true(parse_inspect_watched(&rest, &watched));
        assert_int_equal(watched.fd, expected[i].fd);
        assert_int_equal(watched.reads, expected[i].reads);
        assert_int_equal(watched.writes, expected[i].writes);
    }
    assert_false(parse_inspect_watched(&rest, &watched));
}

static void poll_passes_over_negative_descriptors(void **state)
{
    static const struct {
        struct pollfd polled;
        bool counts, reads, writes;
    } rows[] = {
        {{.fd = 3, .events = POLLIN}, true, true, false},
        {{.fd = 0, .events = POLLOUT}, true, false, true},
        {{.fd = 5, .events = POLLIN | POLLOUT}, true, true, true},
        {{.fd = 5, .events = POLLPRI}, true, false, false},
        {{.fd = -1, .events = POLLIN}, false, true, false},
        {{.fd = -7, .events = POLLIN}, false, true, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct parse_watched watched;
        assert_int_equal(parse_inspect_polled(&rows[i].polled, &watched), rows[i].counts);
        if (rows[i].counts) {
            assert_int_equal(watched.fd, rows[i].polled.fd);
            assert_int_equal(watched.reads, rows[i].reads);
            assert_int_equal(watched.writes, rows[i].writes);
        }
    }
}

/* As Linux 6.18 writes them: neither who has such a lock nor who waits for it is named. */
static void locks_of_open_files_name_nobody(void **state)
{
    const char text[] = "1: OFDLCK ADVISORY  WRITE -1 fe:00:10953946 0 EOF\n"
                        "1: -> OFDLCK ADVISORY  WRITE -1 fe:00:10953946 0 EOF\n"
                        "1:  -> POSIX  ADVISORY  WRITE 10166 fe:00:10953946 0 EOF\n";
    (void)state;
    struct span rest = {.at = text, .end = text + sizeof(text) - 1};
    struct parse_locks at = {0};
    struct parse_lock line;
    assert_true(parse_inspect_lock(&rest, &at, &line));
    assert_false(line.lock.waiting);
    assert_true(parse_inspect_lock(&rest, &at, &line));
    assert_true(line.lock.waiting && line.pid == -1 && line.lock.holder == -1);
    assert_true(parse_inspect_lock(&rest, &at, &line));
    assert_true(line.lock.waiting && line.pid == 10166 && line.lock.holder == -1);
    assert_int_equal(at.held.lock.inode, 10953946);
    assert_false(at.held.lock.waiting);
    assert_memory_equal(at.held.lock.type.ptr, "OFDLCK", 6);
}

static void who_has_a_futex_is_told_only_by_calls_that_are_known(void **state)
{
    enum { PRIVATE = 0x80, REALTIME = 0x100 };
    static const struct {
        uint64_t args[6];
        uint32_t words[3];
        int kind;
        int32_t owner;
        bool timed;
    } rows[] = {
        {{0x1000, 0 | PRIVATE, 2}, {2, 1, 577}, RAW_FUTEX_MUTEX, 577, false},
        {{0x1000, 0 | PRIVATE, 2}, {1, 1, 577}, RAW_FUTEX_PLAIN, 0, false}, // it was let go of
        {{0x1000, 0 | PRIVATE, 7}, {7, 1, 577}, RAW_FUTEX_PLAIN, 0, false}, // a condition, say
        {{0x1000, 9 | PRIVATE, 2, 0x7000}, {2, 1, 577}, RAW_FUTEX_MUTEX, 577, true},
        {{0x1000, 6 | PRIVATE, 0}, {0x80000000u | 577, 0, 0}, RAW_FUTEX_PI, 577, false},
        {{0x1000, 13 | PRIVATE, 0}, {577, 0, 0}, RAW_FUTEX_PI, 577, false},
        {{0x1000, 9 | REALTIME, 577}, {577, 9, 9}, RAW_FUTEX_THREAD, 577, false},
        {{0x1000, 9 | REALTIME, 577}, {0, 9, 9}, RAW_FUTEX_PLAIN, 0, false}, // it has ended
        {{0x1000, 9 | REALTIME, UINT32_MAX}, {UINT32_MAX, 9, 9}, RAW_FUTEX_PLAIN, 0, false},
        {{0x1000, 1 | PRIVATE, 2}, {2, 1, 577}, RAW_FUTEX_PLAIN, 0, false}, // it wakes others
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct raw_futex futex = parse_inspect_futex(rows[i].args, rows[i].words);
        if ((int)futex.kind != rows[i].kind || futex.owner != rows[i].owner ||
            futex.timed != rows[i].timed || futex.address != 0x1000) {
            fail_msg("row %zu: %d %d", i, (int)futex.kind, (int)futex.owner);
        }
    }
}

static void how_a_task_ended_is_field_52_of_stat(void **state)
{
    static const char middle[] =
        "1 (a) Z 9 9) Z 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 "
        "23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 42 43 44 "
        "45 46 47 48 49 50 ";
    static const struct {
        const char *end;
        int32_t status;
    } rows[] = {{"768\n", 768}, {"0\n", 0}, {"9", 9}, {"65536\n", -1}, {"-1\n", -1}, {"\n", -1}};
    char text[512];
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const int len = snprintf(text, sizeof(text), "%s%s", middle, rows[i].end);
        const struct raw_bytes stat = {.ptr = text, .len = (uint32_t)len};
        if (parse_inspect_exit_status(stat) != rows[i].status) {
            fail_msg("row %zu: %d", i, (int)parse_inspect_exit_status(stat));
        }
    }
    assert_int_equal(parse_inspect_exit_status((struct raw_bytes){0}), -1);
    assert_int_equal(parse_inspect_exit_status((struct raw_bytes){.ptr = "1 2 3", .len = 5}), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_has_a_futex_is_told_only_by_calls_that_are_known),
        cmocka_unit_test(how_a_task_ended_is_field_52_of_stat),
        cmocka_unit_test(a_call_waits_on_its_descriptor_or_on_many),
        cmocka_unit_test(only_one_command_of_fcntl_waits_for_an_open_files_lock),
        cmocka_unit_test(an_epoll_tells_what_it_watches),
        cmocka_unit_test(poll_passes_over_negative_descriptors),
        cmocka_unit_test(locks_of_open_files_name_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
