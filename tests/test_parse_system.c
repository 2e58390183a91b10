#include "check.h"
#include "platform/linux/parse_system.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TICK_NS = 10000000, ROOM = 64 };

static void parse_stat(const char *text, struct raw_cpu cpus[ROOM], struct raw_system *ret)
{
    parse_system_init(ret);
    assert_true(parse_system_cpu_lines(text, strlen(text)) <= ROOM);
    parse_system_stat(text, strlen(text), TICK_NS, cpus, ROOM, ret);
}

static void cpu_times_go_to_their_members(void **state)
{
    (void)state;
    struct raw_cpu cpus[ROOM];
    struct raw_system s;
    parse_stat("cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 1 2 3 4 5 6 7 8 9 10\n"
               "intr 11 1 2 3\nctxt 12\nbtime 13\nprocesses 14\n",
               cpus, &s);
    assert_true(s.cpu_known);
    assert_int_equal(s.cpu_count, 1);
    assert_int_equal(s.cpu_present, 1);
    const struct raw_cpu *const both[] = {&s.all, &s.cpus[0]};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(both[i]->user_ns, 1 * TICK_NS);
        assert_int_equal(both[i]->nice_ns, 2 * TICK_NS);
        assert_int_equal(both[i]->system_ns, 3 * TICK_NS);
        assert_int_equal(both[i]->idle_ns, 4 * TICK_NS);
        assert_int_equal(both[i]->iowait_ns, 5 * TICK_NS);
        assert_int_equal(both[i]->irq_ns, 6 * TICK_NS);
        assert_int_equal(both[i]->softirq_ns, 7 * TICK_NS);
        assert_int_equal(both[i]->steal_ns, 8 * TICK_NS);
        assert_int_equal(both[i]->guest_ns, 9 * TICK_NS);
        assert_int_equal(both[i]->guest_nice_ns, 10 * TICK_NS);
    }
    assert_int_equal(s.interrupts, 11);
    assert_int_equal(s.context_switches, 12);
    assert_int_equal(s.forks, 14);
}

static void old_kernels_have_fewer_cpu_times(void **state)
{
    (void)state;
    struct raw_cpu cpus[ROOM];
    struct raw_system s;
    parse_stat("cpu 1 2 3 4\ncpu0 1 2 3 4 5\n", cpus, &s);
    assert_int_equal(s.all.idle_ns, 4 * TICK_NS);
    assert_int_equal(s.all.iowait_ns, 0);
    assert_int_equal(s.cpus[0].iowait_ns, 5 * TICK_NS);
    assert_int_equal(s.cpus[0].steal_ns, 0);
}

/* P65: offline ones have no line. */
static void offline_cpus_leave_holes(void **state)
{
    (void)state;
    struct raw_cpu cpus[ROOM];
    struct raw_system s;
    parse_stat("cpu  4 4 4 4\ncpu1 1 1 1 1\ncpu9 1 1 1 1\ncpu10 1 1 1 1\n", cpus, &s);
    assert_int_equal(s.cpu_count, 3);
    assert_int_equal(s.cpus[0].index, 1);
    assert_int_equal(s.cpus[1].index, 9);
    assert_int_equal(s.cpus[2].index, 10);
    assert_int_equal(s.cpu_present, 11);
}

/* P57: containers cut the file. */
static void a_missing_total_is_the_sum_of_the_cpus(void **state)
{
    (void)state;
    struct raw_cpu cpus[ROOM];
    struct raw_system s;
    parse_stat("cpu0 1 2 3 4\ncpu1 10 20 30 40\n", cpus, &s);
    assert_true(s.cpu_known);
    assert_int_equal(s.all.user_ns, 11 * TICK_NS);
    assert_int_equal(s.all.idle_ns, 44 * TICK_NS);
    assert_true(s.context_switches == FIGURE_ABSENT);
    parse_stat("", cpus, &s);
    assert_false(s.cpu_known);
    assert_int_equal(s.cpu_count, 0);
}

static void odd_cpu_lines_are_skipped(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "cpu1 garbage",
        "cpu1 1 2 3",
        "cpu1 1 2 3 4x",
        "cpu1 -1 2 3 4",
        "cpu1",
        "cpu99999 1 2 3 4",
        "cpu4294967297 1 2 3 4",
        "cpux 1 2 3 4",
        "cpu1x 1 2 3 4",
        "cpu0 1 2 3 4",
        "cpu1 1 2 3 99999999999999999999",
        "cpuidle 3",
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
        char text[256];
        struct raw_cpu cpus[ROOM];
        struct raw_system s;
        (void)snprintf(text, sizeof(text), "cpu0 1 2 3 4\n%s\ncpu2 1 2 3 4\n", lines[i]);
        parse_stat(text, cpus, &s);
        assert_int_equal(s.cpu_count, 2);
        assert_int_equal(s.cpus[1].index, 2);
    }
}

static void a_thousand_cpus_are_read_and_more_than_room_is_cut(void **state)
{
    (void)state;
    enum { MANY = 1500 };
    char *const text = malloc(MANY * 32);
    struct raw_cpu *const cpus = calloc(MANY, sizeof(*cpus));
    assert_non_null(text);
    assert_non_null(cpus);
    size_t len = 0;
    for (int i = 0; i < MANY; i++) {
        len += (size_t)snprintf(text + len, 32, "cpu%d %d 0 0 1\n", i, i);
    }
    struct raw_system s;
    parse_system_init(&s);
    assert_int_equal(parse_system_cpu_lines(text, len), MANY);
    parse_system_stat(text, len, TICK_NS, cpus, MANY, &s);
    assert_int_equal(s.cpu_count, MANY);
    assert_int_equal(s.cpus[1499].user_ns, 1499 * (uint64_t)TICK_NS);
    parse_system_stat(text, len, TICK_NS, cpus, 10, &s);
    assert_int_equal(s.cpu_count, 10);
    free(cpus);
    free(text);
}

static void meminfo_figures_are_bytes(void **state)
{
    (void)state;
    static const char text[] =
        "MemTotal:  1000 kB\nMemFree: 400 kB\nMemAvailable: 700 kB\n"
        "Buffers: 10 kB\nCached: 20 kB\nSwapCached: 3 kB\n"
        "HugePages_Total:      5\nHugePages_Free: 2\nHugepagesize: 2048 kB\n";
    struct raw_memory m;
    parse_system_meminfo(text, sizeof(text) - 1, &m);
    assert_int_equal(m.total, 1024000);
    assert_int_equal(m.free, 409600);
    assert_int_equal(m.available, 716800);
    assert_int_equal(m.buffers, 10240);
    assert_int_equal(m.cached, 20480);
    assert_int_equal(m.swap_cached, 3072);
    assert_int_equal(m.huge_total, 5);
    assert_int_equal(m.huge_free, 2);
    assert_int_equal(m.huge_page, 2097152);
    // P71
    assert_true(m.shared == FIGURE_ABSENT);
    assert_true(m.swap_total == FIGURE_ABSENT);
}

static void available_memory_is_always_believable(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t available_kib; // UINT64_MAX: absent
    } rows[] = {
        {"MemTotal: 1000 kB\nMemFree: 400 kB\nMemAvailable: 700 kB\n", 700},
        // P69: missing, or 0 by mistake: free, reclaimable slab and page cache that is no shmem
        {"MemTotal: 1000 kB\nMemFree: 400 kB\nBuffers: 10 kB\nCached: 90 kB\nShmem: 50 kB\n"
         "SReclaimable: 5 kB\n",
         455},
        {"MemTotal: 1000 kB\nMemFree: 400 kB\nMemAvailable: 0 kB\nCached: 10 kB\nShmem: 50 kB\n",
         400},
        {"MemTotal: 1000 kB\nMemFree: 400 kB\nCached: 9000 kB\n", 1000},
        // P70: the host's, in a container
        {"MemTotal: 1000 kB\nMemFree: 400 kB\nMemAvailable: 5000 kB\n", 400},
        {"MemTotal: 1000 kB\n", UINT64_MAX},
        {"", UINT64_MAX},
        // P72: no blank behind the colon
        {"MemTotal:1000 kB\nMemFree:400 kB\nMemAvailable:700 kB\n", 700},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct raw_memory m;
        parse_system_meminfo(rows[i].text, strlen(rows[i].text), &m);
        const uint64_t kib = rows[i].available_kib;
        assert_true(m.available == (kib == UINT64_MAX ? FIGURE_ABSENT : kib * 1024));
    }
}

static void odd_meminfo_lines_are_absent(void **state)
{
    (void)state;
    static const char text[] = "MemTotal\nMemFree:\nBuffers: kB\nCached: -3 kB\n"
                               "Shmem: 99999999999999999999 kB\nSlab: 18446744073709551000 kB\n"
                               ": 5 kB\n\nxMapped: 3 kB\nDirty: 7 kB";
    struct raw_memory m;
    parse_system_meminfo(text, sizeof(text) - 1, &m);
    assert_true(m.total == FIGURE_ABSENT);
    assert_true(m.free == FIGURE_ABSENT);
    assert_true(m.buffers == FIGURE_ABSENT);
    assert_true(m.cached == FIGURE_ABSENT);
    assert_true(m.shared == FIGURE_ABSENT);
    assert_true(m.slab == FIGURE_ABSENT);
    assert_true(m.mapped == FIGURE_ABSENT);
    assert_int_equal(m.dirty, 7168);
}

static bool near(double a, double b)
{
    return a - b < 1e-9 && b - a < 1e-9;
}

static void pressure_is_a_fraction(void **state)
{
    (void)state;
    static const char text[] = "some avg10=1.23 avg60=0.50 avg300=100.00 total=5\n"
                               "full avg10=0.01 avg60=250.00 avg300=3 total=5\n";
    struct raw_pressure p;
    parse_system_pressure(text, sizeof(text) - 1, &p);
    assert_true(p.some_known && p.full_known);
    assert_true(near(p.some_10s, 0.0123));
    assert_true(near(p.some_60s, 0.005));
    assert_true(near(p.some_300s, 1.0));
    assert_true(near(p.full_10s, 0.0001));
    assert_true(near(p.full_60s, 1.0));
    assert_true(near(p.full_300s, 0.03));
}

static void missing_or_odd_pressure_is_unknown(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool some, full;
    } rows[] = {
        {"", false, false},
        {"some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n", true, false},
        {"some avg10=0,00 avg60=0,00 avg300=0,00 total=0\n", true, false},
        {"some avg10=x avg60=0.00 avg300=0.00 total=0\n", false, false},
        {"some avg60=0.00 avg10=0.00 avg300=0.00\n", false, false},
        {"some\nfull avg10=0.00\n", false, false},
        {"full avg10=0.00 avg60=0.00 avg300=0.00", false, true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct raw_pressure p;
        parse_system_pressure(rows[i].text, strlen(rows[i].text), &p);
        assert_int_equal(p.some_known, rows[i].some);
        assert_int_equal(p.full_known, rows[i].full);
    }
}

static void loads_and_the_task_count_are_read(void **state)
{
    (void)state;
    struct raw_system s;
    parse_system_init(&s);
    parse_system_loadavg("0.50 1.25 12.00 2/345 678\n", 26, &s);
    assert_true(near(s.load_1m, 0.5) && near(s.load_5m, 1.25) && near(s.load_15m, 12.0));
    assert_int_equal(s.threads_total, 345);
    static const char *const odd[] = {"", "0.1", "0.1 0.2", "a b c 1/2 3", "99999999999999999999"};
    for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
        parse_system_init(&s);
        parse_system_loadavg(odd[i], strlen(odd[i]), &s);
        assert_true(s.load_1m < 0 && s.load_15m < 0);
        assert_true(s.threads_total == FIGURE_ABSENT);
    }
    parse_system_init(&s);
    parse_system_loadavg("1.0 2.0 3.0 1", 13, &s);
    assert_true(near(s.load_15m, 3.0));
    assert_true(s.threads_total == FIGURE_ABSENT);
}

static void uptime_is_read_to_the_nanosecond(void **state)
{
    (void)state;
    assert_int_equal(parse_system_uptime("12.34 5.67\n", 11), 12340000000);
    assert_int_equal(parse_system_uptime("7", 1), 7000000000);
    assert_int_equal(parse_system_uptime("0.1234567899999", 15), 123456789);
    assert_true(parse_system_uptime("", 0) == FIGURE_ABSENT);
    assert_true(parse_system_uptime("-5.0", 4) == FIGURE_ABSENT);
    assert_true(parse_system_uptime("18446744073709551615.0", 22) == FIGURE_ABSENT);
}

static void a_cpu_list_gives_its_highest_number(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t limit;
    } rows[] = {
        {"0\n", 1}, {"0-3\n", 4}, {"0-3,8\n", 9}, {"0-1,16-31,4", 32}, {"0-1023\n", 1024},
        {"", 0},    {"\n", 0},    {"x", 0},       {"0-4294967295", 1}, {"5-", 6},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        assert_int_equal(parse_system_cpu_list(rows[i].text, strlen(rows[i].text)), rows[i].limit);
    }
}

static void hidepid_is_that_of_the_mount_at_the_root(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *root;
        bool found;
        enum raw_hidepid hidepid;
    } rows[] = {
        {"22 1 0:21 / /proc rw - proc proc rw\n", "/proc", true, RAW_HIDEPID_OFF},
        {"22 1 0:21 / /proc rw - proc proc rw,hidepid=1\n", "/proc", true, RAW_HIDEPID_NOACCESS},
        {"22 1 0:21 / /proc rw - proc proc rw,hidepid=noaccess,gid=4\n", "/proc", true,
         RAW_HIDEPID_NOACCESS},
        {"22 1 0:21 / /proc rw - proc proc hidepid=2", "/proc", true, RAW_HIDEPID_INVISIBLE},
        {"22 1 0:21 / /proc rw shared:3 master:1 - proc none rw,gid=4,hidepid=invisible\n", "/proc",
         true, RAW_HIDEPID_INVISIBLE},
        {"22 1 0:21 / /proc rw - proc proc rw,hidepid=4\n", "/proc", true, RAW_HIDEPID_PTRACEABLE},
        {"22 1 0:21 / /proc rw - proc proc rw,hidepid=ptraceable\n", "/proc", true,
         RAW_HIDEPID_PTRACEABLE},
        {"22 1 0:21 / /proc rw - proc proc rw,hidepid=22\n", "/proc", true, RAW_HIDEPID_OFF},
        // another root, another file system, one mounted over the other, escapes, rubbish
        {"22 1 0:21 / /proc rw - proc proc rw,hidepid=1\n", "/host/proc", false, RAW_HIDEPID_OFF},
        {"22 1 0:21 / /proc rw - tmpfs proc rw,hidepid=1\n", "/proc", false, RAW_HIDEPID_OFF},
        {"22 1 0:21 / /proc rw - proc proc rw,hidepid=1\n23 22 0:9 / /proc rw - proc proc rw\n",
         "/proc", true, RAW_HIDEPID_OFF},
        {"22 1 0:21 / /a\\040b\\134 rw - proc proc rw,hidepid=1\n", "/a b\\", true,
         RAW_HIDEPID_NOACCESS},
        {"22 1 0:21 / /procx rw - proc proc rw,hidepid=1\n", "/proc", false, RAW_HIDEPID_OFF},
        {"22 1 0:21 / /proc\n\n - proc\n", "/proc", false, RAW_HIDEPID_OFF},
        {"", "/proc", false, RAW_HIDEPID_OFF},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        enum raw_hidepid hidepid = RAW_HIDEPID_OFF;
        const bool found =
            parse_system_hidepid(rows[i].text, strlen(rows[i].text), rows[i].root, &hidepid);
        assert_int_equal(found, rows[i].found);
        assert_int_equal(hidepid, rows[i].hidepid);
    }
}

/* P41 */
static void terminals_are_named_by_their_driver(void **state)
{
    (void)state;
    static const char text[] = "/dev/tty             /dev/tty        5       0 system:/dev/tty\n"
                               "/dev/console         /dev/console    5       1 system:console\n"
                               "a driver             /dev/ttyUSB   188 0-511 serial\n"
                               "serial               /dev/ttyS       4 64-95 serial\n"
                               "pty_slave            /dev/pts      136 0-1048575 pty:slave\n"
                               "unknown              /dev/tty        4 1-63 console\n"
                               "bad                  /dev/x 1\nbad /dev/\nbad\n\n"
                               "bad                  /dev/y 1 9-3 z\n"
                               "bad /dev/a-name-that-is-longer-than-any-driver-has 1 1 z\n";
    static const struct {
        uint32_t device;
        const char *name; // NULL: unknown
    } rows[] = {
        {(5 << 8) | 1, "console"}, {(188 << 8) | 12, "ttyUSB12"},
        {(4 << 8) | 64, "ttyS0"},  {(136 << 8) | 3, "pts/3"},
        {(4 << 8) | 7, "tty7"},    {(136 << 8) | 0x2c | (1 << 20), "pts/300"},
        {(4 << 8) | 200, NULL},    {(200 << 8), NULL},
    };
    struct parse_tty ttys[16];
    const size_t count = parse_system_tty(text, sizeof(text) - 1, ttys, 16);
    assert_int_equal(count, 6);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char name[32] = "";
        bool found = false;
        for (size_t t = 0; t < count && !found; t++) {
            found = parse_system_tty_name(&ttys[t], rows[i].device, name, sizeof(name));
        }
        assert_int_equal(found, rows[i].name != NULL);
        assert_string_equal(name, rows[i].name ? rows[i].name : "");
    }
    assert_int_equal(parse_system_tty(text, sizeof(text) - 1, ttys, 2), 2);
}

static void cpuinfo_frequencies_are_by_cpu_number(void **state)
{
    (void)state;
    static const char text[] = "processor\t: 0\ncpu MHz\t\t: 2399.998\n\nprocessor\t: 3\n"
                               "cpu MHz\t\t: 800\nprocessor : 9\ncpu MHz : 5\nprocessor : x\n"
                               "cpu MHz : 7\nprocessor : 1\ncpu MHz : 99999999999\n";
    uint32_t khz[4] = {0};
    parse_system_cpuinfo(text, sizeof(text) - 1, khz, 4);
    assert_int_equal(khz[0], 2399998);
    assert_int_equal(khz[1], 0);
    assert_int_equal(khz[2], 0);
    assert_int_equal(khz[3], 800000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cpu_times_go_to_their_members),
        cmocka_unit_test(old_kernels_have_fewer_cpu_times),
        cmocka_unit_test(offline_cpus_leave_holes),
        cmocka_unit_test(a_missing_total_is_the_sum_of_the_cpus),
        cmocka_unit_test(odd_cpu_lines_are_skipped),
        cmocka_unit_test(a_thousand_cpus_are_read_and_more_than_room_is_cut),
        cmocka_unit_test(meminfo_figures_are_bytes),
        cmocka_unit_test(available_memory_is_always_believable),
        cmocka_unit_test(odd_meminfo_lines_are_absent),
        cmocka_unit_test(pressure_is_a_fraction),
        cmocka_unit_test(missing_or_odd_pressure_is_unknown),
        cmocka_unit_test(loads_and_the_task_count_are_read),
        cmocka_unit_test(uptime_is_read_to_the_nanosecond),
        cmocka_unit_test(a_cpu_list_gives_its_highest_number),
        cmocka_unit_test(hidepid_is_that_of_the_mount_at_the_root),
        cmocka_unit_test(terminals_are_named_by_their_driver),
        cmocka_unit_test(cpuinfo_frequencies_are_by_cpu_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
