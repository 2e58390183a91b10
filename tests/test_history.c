#include "check.h"
#include "model/history.h"
#include "model/network.h"
#include "model/snapshot.h"
#include "model/storage.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t second = 1000000000;

enum { COLUMNS = 60, DEVICES = HISTORY_DEVICES_MAX + 10 };

/* A history with a machine that is fed to it scan by scan. */
struct fixture {
    struct history *history;
    struct snapshot snap;
    struct network_load network;
    struct storage_load storage;
    struct interface_load interfaces[DEVICES];
    struct disk_load disks[4];
    char names[DEVICES][16];
    struct series_point points[COLUMNS];
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    f->history = history_create();
    f->snap = (struct snapshot){.mono_ns = 1000 * second, .sample = 1};
    f->snap.system.uptime_ns = FIGURE_ABSENT;
    f->snap.system.memory.used_bytes = 1000;
    f->snap.system.memory.total_bytes = 4000;
    f->snap.system.memory.available_bytes = FIGURE_ABSENT;
    f->snap.system.load_1m = -1;
    f->snap.system.load_5m = -1;
    f->snap.system.load_15m = -1;
    for (size_t i = 0; i < DEVICES; i++) {
        struct strbuf buf;
        str_init(&buf, f->names[i], sizeof(f->names[i]));
        str_addf(&buf, "eth%zu", i);
        f->interfaces[i] = (struct interface_load){.name = text_literal(f->names[i]),
                                                   .has_rate = true,
                                                   .rx_bytes = 1};
    }
    static const char *const disks[] = {"sda", "sda1", "loop0", "sdb"};
    static const enum disk_kind kinds[] = {DISK_WHOLE, DISK_PARTITION, DISK_LOOP, DISK_WHOLE};
    for (size_t i = 0; i < 4; i++) {
        f->disks[i] = (struct disk_load){.name = text_literal(disks[i]),
                                         .kind = kinds[i],
                                         .has_rate = true,
                                         .read_bytes = i == 3 ? 0 : 1};
    }
    f->network = (struct network_load){.parts = PART_INTERFACES, .interfaces = f->interfaces};
    f->storage = (struct storage_load){.parts = PART_DISKS, .disks = f->disks};
    history_add(f->history, &f->snap, second);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    history_destroy(f->history);
    free(f);
    return 0;
}

static void scan_after(struct fixture *f, uint64_t interval_ns)
{
    f->snap.sample++;
    f->snap.mono_ns += interval_ns;
    f->snap.interval_ns = interval_ns;
    f->snap.system.all.known = true;
    history_add(f->history, &f->snap, second);
}

static void scan(struct fixture *f, unsigned times)
{
    for (unsigned i = 0; i < times; i++) {
        scan_after(f, second);
    }
}

/* The graph of this name; -1: there is none. */
static int graph_of(const struct fixture *f, const char *name)
{
    for (size_t i = 0; i < history_graph_count(f->history); i++) {
        if (str_equal(history_graph_info(f->history, i).name, name)) {
            return (int)i;
        }
    }
    return -1;
}

/* Read a line over the last so many seconds. */
static void read_line(struct fixture *f, const char *name, size_t line, uint64_t span_s)
{
    int graph = graph_of(f, name);
    assert_true(graph >= 0);
    struct series_window window =
        series_window_of(history_now_ns(f->history), span_s * second, COLUMNS);
    history_read(f->history, (size_t)graph, line, &window, f->points);
}

static size_t known_columns(const struct fixture *f)
{
    size_t known = 0;
    for (size_t i = 0; i < COLUMNS; i++) {
        known += series_is_gap(&f->points[i]) ? 0 : 1;
    }
    return known;
}

static void assert_near(double value, double expected)
{
    assert_true(fabs(value - expected) < 1e-4 * (1 + fabs(expected)));
}

static double ago(const struct fixture *f, size_t columns)
{
    return (double)f->points[COLUMNS - columns].mean;
}

static void what_the_kernel_does_not_say_is_a_gap_and_not_0(void **state)
{
    struct fixture *f = *state;
    scan(f, 5);
    read_line(f, "memory", 0, COLUMNS);
    assert_int_equal(known_columns(f), 5);
    assert_near(ago(f, 1), 1000);
    static const struct {
        const char *graph;
        size_t line;
    } absent[] = {{"memory", 1}, {"load", 0},    {"I/O pressure", 0}, {"CPU pressure", 1},
                  {"disks", 0},  {"network", 0}, {"network", 1}};
    for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
        read_line(f, absent[i].graph, absent[i].line, COLUMNS);
        assert_int_equal(known_columns(f), 0);
        size_t graph = (size_t)graph_of(f, absent[i].graph);
        assert_true(isnan(history_latest(f->history, graph, absent[i].line)));
    }
}

static void scales_come_from_the_machine(void **state)
{
    struct fixture *f = *state;
    scan(f, 1);
    assert_near(history_graph_info(f->history, (size_t)graph_of(f, "memory")).full, 4000);
    assert_near(history_graph_info(f->history, (size_t)graph_of(f, "CPU")).full, 1);
    assert_near(history_graph_info(f->history, (size_t)graph_of(f, "load")).full, 0);
}

static void busy_is_neither_idle_nor_waiting(void **state)
{
    struct fixture *f = *state;
    f->snap.system.all =
        (struct cpu_load){.user = 0.25, .system = 0.125, .iowait = 0.5, .idle = 0.125};
    scan(f, 2);
    size_t graph = (size_t)graph_of(f, "CPU");
    static const double expected[] = {0.375, 0.25, 0.125, 0.5, 0};
    for (size_t i = 0; i < 5; i++) {
        assert_near(history_latest(f->history, graph, i), expected[i]);
    }
}

static void devices_that_do_something_have_graphs(void **state)
{
    struct fixture *f = *state;
    f->snap.network = &f->network;
    f->snap.storage = &f->storage;
    f->network.interface_count = 2;
    f->interfaces[1].rx_bytes = 0; // never moved a byte
    f->interfaces[0].rx_bytes_per_s = 500;
    f->storage.disk_count = 4;
    f->disks[0].utilisation = 0.5;
    f->disks[0].write_bytes_per_s = 7;
    f->network.rx_bytes_per_s = 500;
    f->network.tx_bytes_per_s = -1;
    scan(f, 3);
    assert_true(graph_of(f, "eth0") >= 0 && graph_of(f, "eth1") < 0);
    assert_true(graph_of(f, "sda") >= 0 && graph_of(f, "sda busy") >= 0);
    assert_int_equal(history_device_graph(f->history, HISTORY_INTERFACE, "eth0"),
                     graph_of(f, "eth0"));
    assert_int_equal(history_device_graph(f->history, HISTORY_DISK, "sda"),
                     graph_of(f, "sda busy"));
    assert_int_equal(history_device_graph(f->history, HISTORY_DISK, "sda1"),
                     history_graph_count(f->history));
    assert_int_equal(history_device_graph(f->history, HISTORY_DISK, "eth0"),
                     history_graph_count(f->history));
    assert_true(graph_of(f, "sda1") < 0 && graph_of(f, "loop0") < 0 && graph_of(f, "sdb") < 0);
    read_line(f, "eth0", 0, COLUMNS);
    assert_near(ago(f, 1), 500);
    read_line(f, "sda busy", 0, COLUMNS);
    assert_near(ago(f, 3), 0.5);
    read_line(f, "sda", 1, COLUMNS);
    assert_near(ago(f, 3), 7);
    read_line(f, "network", 0, COLUMNS);
    assert_int_equal(known_columns(f), 3);
    read_line(f, "network", 1, COLUMNS);
    assert_int_equal(known_columns(f), 0);
}

static void an_interface_that_went_and_came_back_has_a_gap(void **state)
{
    struct fixture *f = *state;
    f->snap.network = &f->network;
    f->network.interface_count = 2;
    scan(f, 5);
    f->network.interface_count = 1;
    scan(f, 5);
    size_t graph = (size_t)graph_of(f, "eth1");
    assert_true(isnan(history_latest(f->history, graph, 0)));
    f->network.interface_count = 2;
    f->interfaces[1].has_rate = false; // the first time it is seen again
    scan(f, 1);
    f->interfaces[1].has_rate = true;
    scan(f, 4);
    assert_int_equal(graph_of(f, "eth1"), graph);
    read_line(f, "eth1", 0, COLUMNS);
    assert_int_equal(known_columns(f), 9);
    for (size_t i = 5; i <= 10; i++) {
        assert_true(series_is_gap(&f->points[COLUMNS - i]));
    }
    f->snap.network = NULL; // not read
    scan(f, 2);
    read_line(f, "eth0", 0, COLUMNS);
    assert_true(series_is_gap(&f->points[COLUMNS - 1]));
    assert_false(series_is_gap(&f->points[COLUMNS - 3]));
}

static void a_disk_and_an_interface_of_one_name_are_two(void **state)
{
    struct fixture *f = *state;
    f->snap.network = &f->network;
    f->snap.storage = &f->storage;
    f->network.interface_count = 1;
    f->storage.disk_count = 1;
    f->disks[0].name = f->interfaces[0].name;
    size_t before = history_graph_count(f->history);
    scan(f, 1);
    assert_int_equal(history_graph_count(f->history), before + 3);
}

static void there_is_a_ceiling_on_devices_and_the_gone_make_room(void **state)
{
    struct fixture *f = *state;
    f->snap.network = &f->network;
    f->network.interface_count = DEVICES;
    scan(f, 2);
    assert_true(graph_of(f, f->names[HISTORY_DEVICES_MAX - 1]) >= 0);
    assert_true(graph_of(f, f->names[HISTORY_DEVICES_MAX]) < 0);
    f->network.interfaces = &f->interfaces[HISTORY_DEVICES_MAX];
    f->network.interface_count = 1;
    for (unsigned i = 0; i < 25 * 60; i++) {
        f->snap.sample++;
        f->snap.mono_ns += 60 * second;
        f->snap.interval_ns = 60 * second;
        history_add(f->history, &f->snap, 60 * second);
    }
    assert_true(graph_of(f, "eth0") < 0);
    assert_true(graph_of(f, f->names[HISTORY_DEVICES_MAX]) >= 0);
}

/* The line of a graph with all its figures; it must be there. */
static struct history_line line_of(const struct fixture *f, const char *graph, const char *title)
{
    static struct history_line lines[HISTORY_ALL_LINES_MAX];
    const size_t count = history_lines(f->history, lines);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(lines[i].number, i);
        if (str_equal(lines[i].graph, graph) && str_equal(lines[i].title, title)) {
            return lines[i];
        }
    }
    fail();
    return lines[0];
}

static void the_figures_of_a_line_are_those_of_all_that_was_sampled(void **state)
{
    struct fixture *f = *state;
    f->snap.network = &f->network;
    f->network.interface_count = 2;
    f->interfaces[0].rx_bytes_per_s = 100;
    scan(f, 3000); // longer than seconds are kept
    f->interfaces[0].rx_bytes_per_s = 700;
    scan_after(f, 3 * second); // counts three times as much as a scan of a second
    f->snap.network = NULL;
    scan(f, 5); // not known: left out
    struct history_line rx = line_of(f, "eth0", "rx");
    assert_near(rx.figures.mean, (3000 * 100 + 3 * 700) / 3003.0);
    assert_near(rx.figures.min, 100);
    assert_near(rx.figures.max, 700);
    assert_true(isnan(rx.figures.now));
    assert_int_equal(rx.known_ns / second, 3003);
    assert_int_equal(rx.kind, VALUE_BYTE_RATE);
    const struct history_line load = line_of(f, "load", "1 min");
    assert_int_equal(load.known_ns, 0);
    assert_true(isnan(load.figures.mean) && isnan(load.figures.max));
    f->snap.network = &f->network;
    f->interfaces[0].rx_bytes_per_s = 50;
    scan(f, 1);
    rx = line_of(f, "eth0", "rx");
    assert_near(rx.figures.now, 50);
    assert_near(rx.figures.min, 50);
}

static void all_lines_have_room(void **state)
{
    struct fixture *f = *state;
    f->snap.network = &f->network;
    f->snap.storage = &f->storage;
    f->network.interface_count = HISTORY_DEVICES_MAX - 1;
    f->storage.disk_count = 1;
    scan(f, 2);
    (void)line_of(f, "sda busy", "busy");
    struct history_line lines[HISTORY_ALL_LINES_MAX];
    size_t wanted = 0;
    for (size_t i = 0; i < history_graph_count(f->history); i++) {
        wanted += history_graph_info(f->history, i).line_count;
    }
    assert_int_equal(history_lines(f->history, lines), wanted);
}

static void minutes_are_kept_by_the_second_and_a_day_coarser(void **state)
{
    struct fixture *f = *state;
    const unsigned day = 24 * 3600;
    for (unsigned i = 0; i < day; i++) {
        f->snap.system.memory.used_bytes = i;
        f->snap.system.memory.used_bytes += i == day / 2 ? 1000000 : 0; // a peak
        scan(f, 1);
    }
    read_line(f, "memory", 0, COLUMNS);
    assert_near(ago(f, 1), day - 1);
    assert_near(ago(f, 60), day - 60);
    read_line(f, "memory", 0, 900); // 15 s in a column, and still of single seconds
    assert_int_equal(known_columns(f), COLUMNS);
    assert_near((double)f->points[10].max - (double)f->points[10].min, 14);
    read_line(f, "memory", 0, 2 * 3600);
    assert_int_equal(known_columns(f), COLUMNS);
    assert_true(fabs(ago(f, 30) - (day - 3600)) < 200);
    read_line(f, "memory", 0, day);
    assert_int_equal(known_columns(f), COLUMNS);
    assert_true(fabs(ago(f, 45) - day / 4.0) < 1500);
    double most = 0;
    for (size_t i = 0; i < COLUMNS; i++) {
        most = (double)f->points[i].max > most ? (double)f->points[i].max : most;
    }
    assert_near(most, 1000000 + day / 2.0);
}

static void a_pause_longer_than_a_ring_leaves_nothing_old_in_it(void **state)
{
    struct fixture *f = *state;
    scan(f, 1500); // more than the finest ring holds
    history_break(f->history);
    scan_after(f, 3000 * second);
    scan(f, 10);
    read_line(f, "memory", 0, 60);
    assert_int_equal(known_columns(f), 10);
    read_line(f, "memory", 0, 900);
    assert_true(known_columns(f) <= 2);
    read_line(f, "memory", 0, 6000); // from the coarser one, which reaches back over the pause
    assert_in_range(known_columns(f), 14, 18);
    assert_true(series_is_gap(&f->points[COLUMNS - 15]));
    assert_false(series_is_gap(&f->points[COLUMNS - 40]));
}

static void many_scans_a_second_make_one_point_with_their_extremes(void **state)
{
    struct fixture *f = *state;
    for (unsigned i = 0; i < 50; i++) {
        f->snap.system.memory.used_bytes = i % 10 * 100;
        scan_after(f, second / 10);
    }
    read_line(f, "memory", 0, COLUMNS);
    assert_int_equal(known_columns(f), 5);
    assert_near(ago(f, 2), 450);
    assert_near((double)f->points[COLUMNS - 2].min, 0);
    assert_near((double)f->points[COLUMNS - 2].max, 900);
}

static void jumps_of_the_wall_clock_are_not_seen(void **state)
{
    struct fixture *f = *state;
    for (unsigned i = 0; i < 20; i++) {
        f->snap.wall_s = i % 2 == 0 ? 1700000000 : 5;
        scan(f, 1);
    }
    read_line(f, "memory", 0, COLUMNS);
    assert_int_equal(known_columns(f), 20);
}

static void a_clock_that_stands_still_or_goes_back_adds_nothing(void **state)
{
    struct fixture *f = *state;
    scan(f, 3);
    uint64_t now = history_now_ns(f->history);
    scan_after(f, 0);
    f->snap.mono_ns -= 2 * second;
    f->snap.sample++;
    f->snap.interval_ns = second;
    history_add(f->history, &f->snap, second);
    assert_int_equal(history_now_ns(f->history), now);
    read_line(f, "memory", 0, COLUMNS);
    assert_int_equal(known_columns(f), 3);
}

static void swap_that_was_never_there_has_no_graph(void **state)
{
    struct fixture *f = *state;
    f->snap.network = &f->network;
    f->network.interface_count = 1;
    f->interfaces[0].rx_bytes_per_s = 500;
    f->network.rx_bytes_per_s = 300;
    scan(f, 3);
    const size_t count = history_graph_count(f->history);
    assert_true(graph_of(f, "swap") < 0);
    read_line(f, "network", 0, COLUMNS); // those behind it are what they are called
    assert_near(ago(f, 1), 300);
    read_line(f, "eth0", 0, COLUMNS);
    assert_near(ago(f, 1), 500);
    assert_int_equal(history_device_graph(f->history, HISTORY_INTERFACE, "eth0"),
                     graph_of(f, "eth0"));
    f->snap.system.memory.swap_total_bytes = 100;
    f->snap.system.memory.swap_used_bytes = 7;
    scan(f, 1);
    assert_int_equal(history_graph_count(f->history), count + 1);
    read_line(f, "swap", 0, COLUMNS);
    assert_near(ago(f, 1), 7);
    read_line(f, "eth0", 0, COLUMNS);
    assert_near(ago(f, 1), 500);
    f->snap.system.memory.swap_total_bytes = 0; // swapped off: what was is still worth a look
    scan(f, 1);
    assert_true(graph_of(f, "swap") >= 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_the_kernel_does_not_say_is_a_gap_and_not_0),
        TEST(scales_come_from_the_machine),
        TEST(swap_that_was_never_there_has_no_graph),
        TEST(busy_is_neither_idle_nor_waiting),
        TEST(devices_that_do_something_have_graphs),
        TEST(an_interface_that_went_and_came_back_has_a_gap),
        TEST(a_disk_and_an_interface_of_one_name_are_two),
        TEST(there_is_a_ceiling_on_devices_and_the_gone_make_room),
        TEST(the_figures_of_a_line_are_those_of_all_that_was_sampled),
        TEST(all_lines_have_room),
        TEST(minutes_are_kept_by_the_second_and_a_day_coarser),
        TEST(a_pause_longer_than_a_ring_leaves_nothing_old_in_it),
        TEST(many_scans_a_second_make_one_point_with_their_extremes),
        TEST(jumps_of_the_wall_clock_are_not_seen),
        TEST(a_clock_that_stands_still_or_goes_back_adds_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
