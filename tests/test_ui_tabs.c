#include "check.h"
#include "model/network.h"
#include "model/plan.h"
#include "screen_load.h"
#include "ui_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ALL_PARTS =
        PART_SOCKETS | PART_INTERFACES | PART_PROTOCOLS | PART_DISKS | PART_MOUNTS | PART_MEMORY
};

/* Show the built-in processes with these parts. */
static void show_load(struct fixture *f, unsigned parts)
{
    struct screen_options options = {.seq = ++f->seq};
    struct snapshot *snap = screen_snapshot(&options);
    screen_add_load(snap, parts);
    handle(f, (struct event){.kind = EVENT_SNAPSHOT, .as.snap = snap});
    draw(f);
}

/* Two samples with everything, so that there are rates. */
static void start_loaded(struct fixture *f)
{
    start(f, NULL);
    show_load(f, ALL_PARTS);
    show_load(f, ALL_PARTS);
}

static void start_coloured(struct fixture *f)
{
    start(f, NULL);
}

/* What it wants sampled now. */
static const struct plan *plan_of(const struct fixture *f)
{
    static struct plan plan;
    ui_plan(f->ui, &plan);
    return &plan;
}

static void every_table_looks_right(void **state)
{
    (void)state;
    static const struct {
        const char *keys, *name;
    } rows[] = {
        {"w", "tab_connections"}, {"l", "tab_listening"}, {"M-4", "tab_interfaces"},
        {"M-5", "tab_protocols"}, {"b", "tab_disks"},     {"M-7", "tab_mounts"},
    };
    static const struct {
        int width, height;
        const char *name;
    } sizes[] = {{40, 10, "40x10"}, {80, 24, "80x24"}, {200, 60, "200x60"}};
    struct fixture f;
    start_loaded(&f);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
            resize(&f, sizes[s].width, sizes[s].height);
            press(&f, rows[i].keys);
            char name[64];
            struct strbuf buf;
            str_init(&buf, name, sizeof(name));
            str_addf(&buf, "%s_%s", rows[i].name, sizes[s].name);
            screen_check(&f.surface, name);
        }
    }
    stop(&f);
}

static void every_tab_can_be_read_on_a_small_screen_without_colours(void **state)
{
    (void)state;
    static const struct {
        const char *keys, *name;
    } rows[] = {
        {"w", "tab_connections_40x10_mono"},  {"l", "tab_listening_40x10_mono"},
        {"M-4", "tab_interfaces_40x10_mono"}, {"M-5", "tab_protocols_40x10_mono"},
        {"b", "tab_disks_40x10_mono"},        {"M-7", "tab_mounts_40x10_mono"},
        {"M-1", "tab_processes_40x10_mono"},  {"g", "tab_history_40x10_mono"},
    };
    struct fixture f;
    start_mono(&f);
    show_load(&f, ALL_PARTS);
    show_load(&f, ALL_PARTS);
    resize(&f, 40, 10);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        press(&f, rows[i].keys);
        screen_check(&f.surface, rows[i].name);
    }
    stop(&f);
}

/* The row of the screen this text is in; -1 for none. */
static int row_with(const struct fixture *f, const char *text)
{
    for (int y = 0; y < f->surface.height; y++) {
        if (strstr(screen_row(&f->surface, y), text) != NULL) {
            return y;
        }
    }
    return -1;
}

static void the_memory_block_leaves_the_table_more_than_half_of_the_room(void **state)
{
    (void)state;
    static const struct {
        int width, height, least, most;
        const char *above, *name;
    } rows[] = {
        {80, 24, 5, 6, "8Memory", "tab_memory_80x24"},
        {200, 60, 9, 14, "8Memory", "tab_memory_200x60"},
        {40, 10, 1, 1, "Swp[", "tab_memory_40x10"},
    };
    for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
        const size_t at = i / 2;
        const bool mono = i % 2 == 1;
        struct fixture f;
        (mono ? start_mono : start_coloured)(&f);
        show_load(&f, ALL_PARTS);
        press(&f, "m");
        resize(&f, rows[at].width, rows[at].height);
        show_load(&f, ALL_PARTS);
        const int block = row_with(&f, "RES\u25bd") - row_with(&f, rows[at].above) - 1;
        assert_in_range(block, rows[at].least, rows[at].most);
        char name[64];
        (void)snprintf(name, sizeof(name), "%s%s", rows[at].name, mono ? "_mono" : "");
        screen_check(&f.surface, name);
        stop(&f);
    }
}

static void a_machine_without_figures_of_memory_has_a_table_all_the_same(void **state)
{
    (void)state;
    struct fixture f;
    start_shown(&f);
    press(&f, "m");
    for (int width = 1; width < 120; width += 7) {
        for (int height = 1; height < 40; height += 3) {
            resize(&f, width, height);
            draw(&f);
        }
    }
    resize(&f, 80, 24);
    draw(&f);
    assert_true(screen_has(&f.surface, "20 of 20 shown"));
    stop(&f);
}

static void tab_goes_round_and_each_tab_has_a_key(void **state)
{
    (void)state;
    static const char *const heads[] = {"PID USER",   "REMOTE",  "BACKLOG",
                                        "RXPKT/s",    "COUNTER", "RDLAT",
                                        "MOUNTED ON", "SINCE",   "CPU pressure"};
    const size_t count = sizeof(heads) / sizeof(heads[0]);
    struct fixture f;
    start_loaded(&f);
    resize(&f, 200, 24);
    draw(&f);
    for (size_t i = 0; i < 2 * count; i++) {
        assert_true(screen_has(&f.surface, heads[i % count]));
        press(&f, "Tab");
    }
    for (size_t i = count; i > 0; i--) {
        press(&f, "S-Tab");
        assert_true(screen_has(&f.surface, heads[i - 1]));
    }
    for (size_t i = 0; i < count; i++) {
        char key[] = {'M', '-', "123456789"[i], '\0'};
        press(&f, key);
        assert_true(screen_has(&f.surface, heads[i]));
    }
    stop(&f);
}

static void only_what_is_shown_is_sampled(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        unsigned part;
    } rows[] = {{"w", PART_SOCKETS},     {"l", PART_SOCKETS}, {"M-4", PART_INTERFACES},
                {"M-5", PART_PROTOCOLS}, {"b", PART_DISKS},   {"M-7", PART_MOUNTS}};
    struct fixture f;
    start_loaded(&f);
    assert_int_equal(plan_of(&f)->parts, PART_INTERFACES | PART_DISKS); // for the graphs
    f.settings.history = false;
    assert_int_equal(plan_of(&f)->parts, 0);
    assert_true(plan_of(&f)->visible_count > 0);
    f.settings.user_threads = true;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        press(&f, rows[i].key);
        const struct plan *plan = plan_of(&f);
        bool has_processes = rows[i].part == PART_DISKS; // by what they read and write
        assert_true((plan->parts & rows[i].part) != 0);
        assert_int_equal(plan->visible_count > 0, has_processes);
        assert_int_equal(plan->want_visible != 0, has_processes);
        assert_int_equal(plan->want, has_processes ? FACT_IDENT | FACT_IO : FACT_IDENT);
        assert_int_equal(plan->resting, !has_processes);
        assert_true(plan->threads); // or tagged threads would seem to have exited
    }
    press(&f, "M-1");
    assert_int_equal(plan_of(&f)->parts, 0);
    assert_true(plan_of(&f)->visible_count > 0);
    stop(&f);
}

static void processes_rest_unless_they_are_looked_at(void **state)
{
    (void)state;
    struct fixture f;
    start_loaded(&f);
    assert_false(plan_of(&f)->resting);
    press(&f, "m");
    assert_false(plan_of(&f)->resting);
    press(&f, "g");
    assert_true(plan_of(&f)->resting);
    press(&f, "w");
    assert_true(plan_of(&f)->resting);
    press(&f, "k"); // asks which signal
    assert_false(plan_of(&f)->resting);
    press(&f, "Esc");
    assert_true(plan_of(&f)->resting);
    press(&f, "l /");
    type(&f, ":8080");
    press(&f, "Enter");
    assert_true(plan_of(&f)->resting);
    press(&f, "Enter"); // goes to the process
    assert_false(plan_of(&f)->resting);
    press(&f, "Enter");
    assert_int_equal(plan_of(&f)->inspected.pid, 900);
    assert_false(plan_of(&f)->resting);
    press(&f, "w");
    assert_true(plan_of(&f)->resting);
    stop(&f);
}

static void memory_reads_what_is_dear_of_rows_in_sight_unless_sorted_by_it(void **state)
{
    (void)state;
    struct fixture f;
    start_loaded(&f);
    press(&f, "m");
    assert_true((plan_of(&f)->parts & PART_MEMORY) != 0);
    assert_true(plan_of(&f)->visible_count > 10);
    assert_int_equal(plan_of(&f)->want, FACT_IDENT | FACT_MEMORY); // sorted by RES
    assert_true((plan_of(&f)->want_visible & FACT_SMAPS) != 0);
    assert_int_equal(plan_of(&f)->want_visible & FACT_IO, 0);
    press(&f, "F4");
    type(&f, "a");
    press(&f, "Enter");
    assert_true((plan_of(&f)->want & FACT_CMDLINE) != 0);
    assert_int_equal(plan_of(&f)->want & FACT_SMAPS, 0);
    press(&f, "F6 Down Enter"); // from RES to PSS
    assert_true(screen_has(&f.surface, "PSS▽"));
    assert_true((plan_of(&f)->want & FACT_SMAPS) != 0);
    press(&f, "M-1");
    assert_int_equal(plan_of(&f)->want & FACT_SMAPS, 0);
    assert_int_equal(plan_of(&f)->want_visible & FACT_COSTLY, 0);
    stop(&f);
}

static void the_memory_sums_say_what_they_cover(void **state)
{
    (void)state;
    struct fixture f;
    start_loaded(&f);
    resize(&f, 200, 60);
    press(&f, "m");
    assert_true(screen_has(&f.surface, "20 of 20 shown"));
    assert_true(screen_has(&f.surface, " in 18 of 20 (1 not readable)")); // and a zombie has none
    press(&f, "Enter");
    assert_int_equal(selected_pid(&f), 900); // what fills the memory
    stop(&f);
}

static void who_may_read_little_is_told_what_is_missing(void **state)
{
    (void)state;
    static const struct screen_proc procs[] = {
        {.pid = 1, .name = "init", .denied = FACT_IO | FACT_SMAPS},
        {.pid = 2, .name = "other", .denied = FACT_IO | FACT_SMAPS},
    };
    struct fixture f;
    start_loaded(&f);
    resize(&f, 159, 24);
    for (int i = 0; i < 2; i++) {
        struct screen_options options = {.seq = ++f.seq, .procs = procs, .proc_count = 2};
        struct snapshot *snap = screen_snapshot(&options);
        screen_add_load(snap, ALL_PARTS);
        handle(&f, (struct event){.kind = EVENT_SNAPSHOT, .as.snap = snap});
    }
    press(&f, "m");
    assert_true(screen_has(&f.surface, "PSS known of none of 2 (2 not readable)"));
    press(&f, "b"); // the rows below the disks
    assert_true(screen_has(&f.surface, "4 of 4 shown"));
    assert_true(screen_has(&f.surface, "I/O of 2 of 2 processes not readable: needs more rights"));
    press(&f, "End Down");
    assert_true(screen_has(&f.surface, "I/O of 2 of 2 processes not readable: needs more rights"));
    show_load(&f, ALL_PARTS);
    assert_true(screen_has(&f.surface, "I/O of 1 of 20 processes not readable"));
    stop(&f);
}

static void a_new_baseline_is_a_key_away(void **state)
{
    (void)state;
    struct fixture f;
    start_loaded(&f);
    const uint32_t before = plan_of(&f)->baseline;
    press(&f, "m @");
    assert_int_equal(plan_of(&f)->baseline, before + 1);
    assert_true(screen_has(&f.surface, "counted from now on"));
    stop(&f);
}

static void a_tab_whose_part_was_not_read_waits_for_it(void **state)
{
    (void)state;
    struct fixture f;
    start_shown(&f);
    press(&f, "w");
    assert_true(screen_has(&f.surface, "reading ..."));
    assert_non_null(effect_of(&f, EFFECT_SAMPLE));
    show_load(&f, ALL_PARTS);
    assert_true(screen_has(&f.surface, "192.0.2.77:443"));
    stop(&f);
}

/* What stands in the column of graphs in the row of a device; in a static buffer. */
static const char *graph_of(const struct fixture *f, const char *device, size_t cells)
{
    static char text[256];
    const char *row = screen_row(&f->surface, row_with(f, "LAST 2 MIN"));
    struct strbuf buf;
    str_init(&buf, text, sizeof(text));
    str_add_bytes(&buf, row, (size_t)(strstr(row, "LAST 2 MIN") - row));
    const size_t x = (size_t)surface_cells(text);
    const size_t y = (size_t)row_with(f, device);
    str_init(&buf, text, sizeof(text));
    for (size_t i = x; i < x + cells; i++) {
        const struct cell *cell = &f->surface.cells[y * (size_t)f->surface.width + i];
        str_add_bytes(&buf, cell->glyph, cell->len);
    }
    return text;
}

static void disks_and_interfaces_show_what_was_as_graphs(void **state)
{
    (void)state;
    struct fixture f;
    start_loaded(&f);
    for (int s = 2; s < 100; s++) {
        show_load(&f, s >= 40 && s < 70 ? ALL_PARTS & ~(PART_DISKS | PART_INTERFACES) : ALL_PARTS);
    }
    press(&f, "b");
    assert_string_equal(graph_of(&f, "nvme0n1 ", 12), "  ▄▄▄▄   ▄▄▄"); // 31% of the time
    assert_string_equal(graph_of(&f, "nvme0n1p1 ", 12), "-           ");
    press(&f, "M-4");
    assert_string_equal(graph_of(&f, "eth0 ", 16), "  ██████   █████"); // both directions, near 16M
    assert_string_equal(graph_of(&f, "lo ", 16), "  ██████   █████");   // to its own scale
    assert_string_equal(graph_of(&f, "eth1 ", 16), "-               "); // was never used
    f.settings.history = false;
    show_load(&f, ALL_PARTS);
    assert_false(screen_has(&f.surface, "LAST"));
    f.settings.history = true;
    show_load(&f, ALL_PARTS);
    assert_true(screen_has(&f.surface, "LAST"));
    resize(&f, 40, 10);
    draw(&f);
    assert_false(screen_has(&f.surface, "LAST"));
    assert_true(screen_has(&f.surface, "USE%"));
    stop(&f);
}

static void what_a_table_is_sorted_by_is_seen_at_every_size(void **state)
{
    (void)state;
    static const struct {
        const char *key, *head;
    } rows[] = {{"w", "NET/s\u25bd"}, {"l", "PORT\u25b3"},   {"M-4", "RX/s\u25bd"},
                {"b", "USE%\u25bd"},  {"M-7", "USE%\u25bd"}, {"m", "RES\u25bd"}};
    struct fixture f;
    start_loaded(&f);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        press(&f, rows[i].key);
        for (int width = 1; width < 260;
             width += width < 60 || (width > 150 && width < 170) ? 1 : 9) {
            for (int height = 1; height < 30; height += 4) {
                resize(&f, width, height);
                draw(&f);
                assert_true(width < 8 || height < 5 || screen_has(&f.surface, rows[i].head));
            }
        }
    }
    stop(&f);
}

static void a_column_of_graphs_can_be_chosen_and_not_sorted_by(void **state)
{
    (void)state;
    struct fixture f;
    start_loaded(&f);
    press(&f, "M-4");
    const char *row = screen_row(&f.surface, row_with(&f, "LAST 2 MIN"));
    const int x = (int)(strstr(row, "LAST 2 MIN") - row) - 2; // the sign of the order has 3 bytes
    mouse(&f, MOUSE_PRESS, x, row_with(&f, "LAST 2 MIN"));
    assert_true(screen_has(&f.surface, "RX/s\u25bd"));
    press(&f, "F6");
    assert_true(screen_has(&f.surface, "Share of its speed"));
    assert_false(screen_has(&f.surface, "received and sent together"));
    press(&f, "Esc F2");
    assert_true(screen_has(&f.surface, "received and sent together"));
    press(&f, "Esc");
    stop(&f);
}

static void a_port_is_found_by_typing_it(void **state)
{
    (void)state;
    struct fixture f;
    start_loaded(&f);
    press(&f, "l /");
    type(&f, "8080");
    assert_non_null(strstr(selected(&f), "java"));
    press(&f, "Enter");
    assert_non_null(strstr(selected(&f), "8080"));
    press(&f, "/");
    type(&f, "99999");
    assert_true(screen_has(&f.surface, "no match"));
    press(&f, "Esc F4");
    type(&f, "5432");
    press(&f, "Enter");
    assert_true(screen_has(&f.surface, "postgres"));
    assert_false(screen_has(&f.surface, "java"));
    assert_true(screen_has(&f.surface, "filter \"5432\""));
    press(&f, "M-1"); // each tab has its own
    assert_true(screen_has(&f.surface, "jdk"));
    stop(&f);
}

static void digits_alone_go_to_a_port(void **state)
{
    (void)state;
    struct fixture f;
    start_loaded(&f);
    press(&f, "l");
    type(&f, "8");
    assert_non_null(strstr(selected(&f), "nginx")); // 80, the lowest that begins so
    type(&f, "08");
    assert_non_null(strstr(selected(&f), "java"));
    assert_true(screen_has(&f.surface, "port 808_"));
    type(&f, "9");
    assert_true(screen_has(&f.surface, "port 8089_ (none)"));
    assert_non_null(strstr(selected(&f), "java"));
    wait_s(&f, 2);
    show_load(&f, ALL_PARTS);
    assert_false(screen_has(&f.surface, "port 8089"));
    type(&f, "22");
    assert_non_null(strstr(selected(&f), "sshd"));
    wait_s(&f, 2);
    press(&f, "w");
    type(&f, "40122"); // of either end
    assert_non_null(strstr(selected(&f), "java"));
    press(&f, "M-5"); // has none
    type(&f, "4");
    assert_false(screen_has(&f.surface, "port 4"));
    stop(&f);
}

static void names_are_asked_for_on_tables_of_sockets_alone(void **state)
{
    (void)state;
    struct fixture f;
    start_loaded(&f);
    press(&f, "w");
    assert_false(plan_of(&f)->names);
    press(&f, "R");
    assert_true(plan_of(&f)->names);
    assert_true(screen_has(&f.surface, "hosts and services by name"));
    press(&f, "l");
    assert_true(plan_of(&f)->names);
    press(&f, "M-5");
    assert_false(plan_of(&f)->names);
    press(&f, "M-1");
    assert_false(plan_of(&f)->names);
    press(&f, "w R");
    assert_false(plan_of(&f)->names);
    assert_false(f.settings.names);
    stop(&f);
}

static void a_full_backlog_stands_out(void **state)
{
    (void)state;
    struct fixture f;
    start_loaded(&f);
    resize(&f, 200, 24);
    press(&f, "l");
    assert_true(screen_has(&f.surface, "FILL%"));
    assert_true(screen_has(&f.surface, "101"));
    stop(&f);
}

static void what_tells_most_of_the_protocols_is_first_and_shown_at_40_columns(void **state)
{
    (void)state;
    struct fixture f;
    start_loaded(&f);
    resize(&f, 40, 20);
    press(&f, "M-5");
    assert_non_null(strstr(selected(&f), "RetransSegs"));
    assert_true(screen_has(&f.surface, "81231"));
    assert_true(screen_has(&f.surface, "3.5"));
    assert_true(screen_has(&f.surface, "RATE/s"));
    screen_check(&f.surface, "tab_protocols_40x20");
    f.settings.history = false;
    assert_int_equal(plan_of(&f)->parts, PART_PROTOCOLS | PART_SOCKET_STATES);
    show_load(&f, PART_PROTOCOLS); // states are not known then, the rest is
    assert_true(screen_has(&f.surface, "81231"));
    stop(&f);
}

static void enter_goes_to_the_process_behind_the_row(void **state)
{
    (void)state;
    struct fixture f;
    start_loaded(&f);
    press(&f, "w Enter");
    assert_int_equal(selected_pid(&f), 900); // who receives most
    press(&f, "F4");
    type(&f, "postgres");
    press(&f, "Enter t l /");
    type(&f, ":22");
    press(&f, "Enter Enter");
    assert_int_equal(selected_pid(&f), 402);
    assert_true(screen_has(&f.surface, "no longer filtered"));
    stop(&f);
}

static void an_owner_that_is_not_known_is_said(void **state)
{
    (void)state;
    struct fixture f;
    start_loaded(&f);
    press(&f, "l /");
    type(&f, ":68");
    press(&f, "Enter Enter");
    assert_true(screen_has(&f.surface, "may not be read"));
    press(&f, "w /");
    type(&f, "51540");
    press(&f, "Enter Enter");
    assert_true(screen_has(&f.surface, "no process holds this socket"));
    press(&f, "b Enter");
    assert_true(screen_has(&f.surface, "no process is behind this row"));
    show(&f, NULL, 0); // without disks
    press(&f, "Enter");
    assert_true(screen_has(&f.surface, "there is no row here"));
    stop(&f);
}

/* With very many processes it takes more than one sample to find out who holds what. */
static void an_owner_that_is_not_found_yet_is_not_called_missing(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, NULL);
    struct screen_options options = {.seq = ++f.seq};
    struct snapshot *snap = screen_snapshot(&options);
    screen_add_load(snap, ALL_PARTS);
    for (size_t i = 0; i < snap->network->connection_count; i++) {
        struct connection *c = (struct connection *)(uintptr_t)&snap->network->connections[i];
        c->owners_pending = c->owner_count == 0; // the snapshot is not anybody else's yet
    }
    handle(&f, (struct event){.kind = EVENT_SNAPSHOT, .as.snap = snap});
    press(&f, "l /");
    type(&f, ":68");
    press(&f, "Enter");
    assert_true(screen_has(&f.surface, " shown"));
    assert_false(screen_has(&f.surface, "not readable")); // of those that were sought in vain
    press(&f, "Enter");
    assert_true(screen_has(&f.surface, "not known yet"));
    stop(&f);
}

static void a_process_shows_its_sockets_until_esc(void **state)
{
    (void)state;
    struct fixture f;
    start_loaded(&f);
    resize(&f, 200, 24);
    press(&f, "/");
    type(&f, "java");
    press(&f, "Enter v");
    assert_true(screen_has(&f.surface, "192.0.2.77:443"));
    assert_false(screen_has(&f.surface, "nginx"));
    assert_true(screen_has(&f.surface, "of 900 java only"));
    press(&f, "Tab");
    assert_true(screen_has(&f.surface, "8080"));
    assert_false(screen_has(&f.surface, "sshd"));
    press(&f, "Esc");
    assert_true(screen_has(&f.surface, "sshd"));
    press(&f, "w");
    assert_true(screen_has(&f.surface, "nginx"));
    press(&f, "v");
    assert_false(screen_has(&f.surface, "nginx"));
    press(&f, "w"); // who uses the network: everybody
    assert_true(screen_has(&f.surface, "nginx"));
    stop(&f);
}

static void a_signal_goes_to_the_process_behind_the_row(void **state)
{
    (void)state;
    struct fixture f;
    start_loaded(&f);
    press(&f, "Space F4"); // neither tags nor a filter in the hidden list matter
    type(&f, "cron");
    press(&f, "Enter l /");
    type(&f, ":8080");
    press(&f, "Enter F9");
    assert_true(screen_has(&f.surface, "java"));
    assert_int_equal(plan_of(&f)->visible_count, 1);
    const struct effect *inspect = effect_of(&f, EFFECT_INSPECT);
    assert_non_null(inspect);
    assert_int_equal(inspect->target_count, 1);
    assert_int_equal(target_pid(&f, inspect, 0), 900);
    press(&f, "Enter");
    const struct effect *deed = effect_of(&f, EFFECT_DEED);
    assert_non_null(deed);
    assert_int_equal(deed->target_count, 1);
    assert_int_equal(target_pid(&f, deed, 0), 900);
    stop(&f);
}

static void what_is_for_processes_does_nothing_to_a_table_and_says_so(void **state)
{
    (void)state;
    struct fixture f;
    start_loaded(&f);
    static const struct {
        const char *key, *says;
    } rows[] = {
        {"F8", "go to the process first: Enter"},
        {"s", "go to the process first: Enter"},
        {"F5", "only in the list of processes: M-1"},
        {"P", "only in the list of processes: M-1"},
    };
    press(&f, "w");
    forget(&f);
    bool tree = f.settings.tree;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        press(&f, rows[i].key);
        assert_true(screen_has(&f.surface, rows[i].says));
        assert_int_equal(f.effects->count, 0);
        wait_s(&f, 20);
    }
    assert_int_equal(f.settings.tree, tree);
    stop(&f);
}

static void the_footer_offers_only_what_the_tab_can_do(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        bool nices, kills;
    } rows[] = {
        {"M-1", true, true},   {"w", false, true},  {"l", false, true}, {"M-4", false, false},
        {"M-5", false, false}, {"b", false, false}, {"m", false, true},
    };
    struct fixture f;
    start_loaded(&f);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        press(&f, rows[i].key);
        assert_true(screen_has(&f.surface, "F6Sort"));
        assert_true(screen_has(&f.surface, "F2Columns"));
        assert_int_equal(screen_has(&f.surface, "F5Tree"), rows[i].nices);
        assert_int_equal(screen_has(&f.surface, "F7Nice"), rows[i].nices);
        assert_int_equal(screen_has(&f.surface, "F9Kill"), rows[i].kills);
    }
    stop(&f);
}

static void refusals_hold_on_tables_too(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, &(struct ui_options){.refusal = "perch was started read-only"});
    show_load(&f, ALL_PARTS);
    press(&f, "l F9");
    assert_true(screen_has(&f.surface, "nothing was done: perch was started read-only"));
    assert_null(effect_of(&f, EFFECT_INSPECT));
    stop(&f);
}

static void a_connection_is_closed_after_a_question_that_names_it(void **state)
{
    (void)state;
    struct fixture f;
    start_loaded(&f);
    press(&f, "w / 5 1 5 4 4 Enter");
    forget(&f);
    press(&f, "X");
    assert_true(screen_has(&f.surface, "Close connection *:80 - "));
    assert_true(screen_has(&f.surface, "of 602 nginx?"));
    assert_true(screen_has(&f.surface, "this cannot be undone"));
    assert_int_equal(f.effects->count, 0);
    show_load(&f, 0); // whatever the table holds by then
    press(&f, "Enter");
    const struct effect *deed = effect_of(&f, EFFECT_DEED);
    assert_non_null(deed);
    assert_int_equal(deed->deed.kind, DEED_CLOSE);
    assert_int_equal(deed->deed.value.socket.cookie, 106);
    assert_int_equal(deed->deed.value.socket.local.port, 80);
    assert_int_equal(deed->target_count, 1);
    assert_int_equal(target_pid(&f, deed, 0), 602);
    forget(&f);
    show_load(&f, ALL_PARTS);
    press(&f, "X Esc");
    assert_int_equal(f.effects->count, 0);
    stop(&f);
}

static void the_connection_of_a_login_is_closed_after_yes_only(void **state)
{
    (void)state;
    struct fixture f;
    start_loaded(&f);
    press(&f, "w / 6 5 0 0 1 Enter");
    forget(&f);
    press(&f, "X");
    assert_true(screen_has(&f.surface, "Type yes"));
    press(&f, "Enter");
    assert_true(screen_has(&f.surface, "nothing was done"));
    assert_null(effect_of(&f, EFFECT_DEED));
    press(&f, "X y e s Enter");
    assert_non_null(effect_of(&f, EFFECT_DEED));
    stop(&f);
}

static void a_connection_without_a_process_can_be_closed(void **state)
{
    (void)state;
    struct fixture f;
    start_loaded(&f);
    press(&f, "w / 3 9 0 0 0 Enter X");
    assert_true(screen_has(&f.surface, "of no known process?"));
    press(&f, "Enter");
    assert_int_equal(target_pid(&f, effect_of(&f, EFFECT_DEED), 0), 0);
    stop(&f);
}

static void what_is_no_connection_is_not_closed_and_why_is_said(void **state)
{
    (void)state;
    static const struct {
        const char *keys, *says;
    } rows[] = {
        {"M-1 X", "only in the table of connections: w"},
        {"M-4 X", "only in the table of connections: w"},
        {"w / 4 8 0 1 2 Enter X", "nothing was closed: only TCP connections can be closed"},
        {"w / 5 1 5 4 0 Enter X", "nothing was closed: it is over already"},
        {"l / 8 0 8 0 Enter X", "nothing was closed: it has no peer"},
    };
    struct fixture f;
    start_loaded(&f);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        press(&f, rows[i].keys);
        assert_true(screen_has(&f.surface, rows[i].says));
        assert_null(effect_of(&f, EFFECT_DEED));
        wait_s(&f, 20);
    }
    stop(&f);
    start(&f, &(struct ui_options){.refusal = "perch was started read-only"});
    show_load(&f, ALL_PARTS);
    press(&f, "w / 5 1 5 4 4 Enter X");
    assert_true(screen_has(&f.surface, "nothing was closed: perch was started read-only"));
    stop(&f);
}

static void the_menu_of_a_row_lists_what_can_be_done_with_it(void **state)
{
    (void)state;
    struct fixture f;
    start_loaded(&f);
    press(&f, "w / 5 1 5 4 4 Enter x");
    assert_true(screen_has(&f.surface, "With this row"));
    assert_true(screen_has(&f.surface, "close a TCP connection"));
    assert_true(screen_has(&f.surface, "connections of a process"));
    press(&f, "X Enter");
    assert_true(screen_has(&f.surface, "Close connection *:80 - "));
    press(&f, "Esc x");
    show_load(&f, PART_INTERFACES | PART_SOCKETS);
    press(&f, "Home Enter");
    assert_true(screen_has(&f.surface, "Command")); // the list of processes
    press(&f, "M-4 x");
    assert_true(screen_has(&f.surface, "nothing can be done with a row of this table"));
    press(&f, "M-1 x");
    assert_false(screen_has(&f.surface, "close a TCP connection"));
    stop(&f);
}

static void the_sort_menu_and_help_are_about_the_table(void **state)
{
    (void)state;
    struct fixture f;
    start_loaded(&f);
    press(&f, "b F6");
    assert_true(screen_has(&f.surface, "READ/s"));
    assert_true(screen_has(&f.surface, "Bytes read a second"));
    assert_false(screen_has(&f.surface, "CPU%"));
    press(&f, "Home Enter");
    assert_true(screen_has(&f.surface, "NAME△"));
    press(&f, "I");
    assert_true(screen_has(&f.surface, "NAME▽"));
    press(&f, "F1 End");
    assert_true(screen_has(&f.surface, "Share of the time with any request under way"));
    press(&f, "Esc M-1 F1 End");
    assert_false(screen_has(&f.surface, "Share of the time with any request under way"));
    stop(&f);
}

static void columns_of_a_table_are_chosen_as_those_of_the_list(void **state)
{
    (void)state;
    struct fixture f;
    start_loaded(&f);
    resize(&f, 200, 24);
    const struct settings before = f.settings;
    const struct table_settings *set_up = &f.settings.tables[TABLE_MOUNTS];
    size_t count = 0;
    while (!table_column_info(table_info(TABLE_MOUNTS), count).hidden) {
        count++;
    }
    press(&f, "M-7 F2");
    assert_true(screen_has(&f.surface, "Columns"));
    assert_true(screen_has(&f.surface, table_column_info(table_info(TABLE_MOUNTS), 1).help));
    press(&f, "Space Esc"); // taken back
    assert_true(screen_has(&f.surface, "the columns are as they were before"));
    assert_int_equal(set_up->column_count, 0);
    press(&f, "S Enter"); // looked at only
    assert_int_equal(set_up->column_count, 0);
    press(&f, "C Space Down F8 Enter"); // without the first, the second behind the third
    assert_int_equal(set_up->column_count, count - 1);
    assert_int_equal(set_up->columns[0], 2);
    assert_int_equal(set_up->columns[1], 1);
    assert_int_equal(f.settings.tables[TABLE_DISKS].column_count, 0);
    assert_memory_equal(f.settings.columns, before.columns, sizeof(before.columns));
    screen_check(&f.surface, "tab_mounts_own_columns");
    stop(&f);
}

static void hidden_columns_can_be_chosen(void **state)
{
    (void)state;
    struct fixture f;
    start_loaded(&f);
    resize(&f, 200, 24);
    const struct table *table = table_info(TABLE_MOUNTS);
    const struct table_settings *set_up = &f.settings.tables[TABLE_MOUNTS];
    const size_t at = table_column_by_name(table, "minor");
    assert_true(table_column_info(table, at).hidden);
    press(&f, "M-7");
    assert_false(screen_has(&f.surface, table_column_info(table, at).title));
    press(&f, "F2 End Space Enter"); // those not shown are behind the others
    assert_int_equal(set_up->columns[set_up->column_count - 1], at);
    assert_true(screen_has(&f.surface, table_column_info(table, at).title));
    stop(&f);
}

static void the_columns_of_the_table_with_the_focus_are_chosen(void **state)
{
    (void)state;
    struct fixture f;
    start_loaded(&f);
    press(&f, "b End Down F2 Space Enter"); // over the border, into the processes
    assert_int_equal(f.settings.tables[TABLE_DISKS].column_count, 0);
    assert_int_equal(f.settings.tables[TABLE_IO].column_count,
                     table_info(TABLE_IO)->column_count - 1);
    stop(&f);
}

static void the_order_of_a_table_is_a_setting(void **state)
{
    (void)state;
    struct fixture f;
    start_loaded(&f);
    press(&f, "M-7 F6 Home Enter I");
    assert_int_equal(f.settings.tables[TABLE_MOUNTS].sort, 0);
    assert_true(f.settings.tables[TABLE_MOUNTS].descending !=
                table_column_info(table_info(TABLE_MOUNTS), 0).descending);
    struct settings kept = f.settings;
    stop(&f);

    start(&f, NULL);
    f.settings = kept; // as a file would have said
    show_load(&f, ALL_PARTS);
    resize(&f, 200, 24);
    press(&f, "M-7");
    const char *title = table_column_info(table_info(TABLE_MOUNTS), 0).title;
    char marked[64];
    struct strbuf buf;
    str_init(&buf, marked, sizeof(marked));
    str_addf(&buf, "%s%s", title, kept.tables[TABLE_MOUNTS].descending ? "▽" : "△");
    assert_true(screen_has(&f.surface, marked));
    stop(&f);
}

static void tabs_can_be_pressed_and_shrink_to_beginnings_of_titles_and_numbers(void **state)
{
    (void)state;
    struct fixture f;
    start_loaded(&f);
    int y = 0;
    while (strstr(screen_row(&f.surface, y), "1Processes") == NULL) {
        y++;
        assert_true(y < 20);
    }
    const char *row = screen_row(&f.surface, y);
    const char *at = strstr(row, "6Disks");
    assert_non_null(at);
    mouse(&f, MOUSE_PRESS, (int)(at - row) + 2, y);
    assert_true(screen_has(&f.surface, "RDLAT"));
    assert_true(screen_has(&f.surface, "nvme0n1p1"));
    resize(&f, 78, 24);
    draw(&f);
    assert_true(screen_has(&f.surface, "1Processes 2Sockets 3Listening 4Links 5Protocols"));
    resize(&f, 40, 24);
    draw(&f);
    assert_true(screen_has(&f.surface, "1Pr 2So 3Li 4Li 5Pr 6Disks 7Mo 8Me 9Hi"));
    resize(&f, 25, 24);
    draw(&f);
    assert_true(screen_has(&f.surface, "1 2 3 4 5 6Disks 7 8 9"));
    resize(&f, 80, 11); // no room for it
    draw(&f);
    assert_false(screen_has(&f.surface, "6Disks"));
    assert_true(screen_has(&f.surface, "nvme0n1p1"));
    stop(&f);
}

static void root_is_told_of_the_capability_and_not_of_sudo(void **state)
{
    (void)state;
    struct fixture f;
    start_loaded(&f);
    resize(&f, 160, 24);
    const struct screen_options options = {.seq = ++f.seq};
    struct snapshot *snap = screen_snapshot(&options);
    screen_add_load(snap, ALL_PARTS);
    snap->looker = LOOKER_ROOT;
    handle(&f, (struct event){.kind = EVENT_SNAPSHOT, .as.snap = snap});
    press(&f, "w");
    assert_true(screen_has(&f.surface, "processes of 1 not readable: needs CAP_SYS_PTRACE"));
    press(&f, "l /");
    type(&f, ":68");
    press(&f, "Enter Enter");
    assert_true(screen_has(&f.surface, "or perch needs CAP_SYS_PTRACE"));
    assert_false(screen_has(&f.surface, "sudo"));
    snap->looker = LOOKER_TRACER; // the fixture's snapshot still
    press(&f, "Enter");
    assert_true(screen_has(&f.surface, "refused even with CAP_SYS_PTRACE"));
    assert_false(screen_has(&f.surface, "needs CAP"));
    stop(&f);
}

static void the_status_line_sums_up_and_says_what_is_missing(void **state)
{
    (void)state;
    struct fixture f;
    start_loaded(&f);
    resize(&f, 160, 24);
    press(&f, "w");
    assert_true(screen_has(&f.surface, "processes of 1 not readable: needs more rights"));
    press(&f, "M-4");
    assert_true(screen_has(&f.surface, "4 of 4 shown · links received "));
    press(&f, "b");
    assert_true(screen_has(&f.surface, "4 of 4 shown · disks read "));
    stop(&f);
}

static void who_uses_the_network_is_one_key_away_in_every_tab(void **state)
{
    (void)state;
    static const char *const tabs[] = {"M-1", "w", "b", "m", "g"};
    struct fixture f;
    start_loaded(&f);
    for (size_t i = 0; i < sizeof(tabs) / sizeof(tabs[0]); i++) {
        press(&f, tabs[i]);
        press(&f, "B");
        assert_true(screen_has(&f.surface, "NET/s\u25bd"));
        assert_true(screen_has(&f.surface, "PRI"));
        press(&f, "P");
    }
    stop(&f);
}

static void a_command_begins_with_its_program_where_the_path_has_no_room_or_is_not_wanted(
    void **state)
{
    (void)state;
    struct fixture f;
    start_loaded(&f);
    press(&f, "m");
    assert_true(screen_has(&f.surface, " /sbin/init splash"));
    assert_true(screen_has(&f.surface, " java -Xmx2g"));
    press(&f, "p");
    assert_true(screen_has(&f.surface, " init splash"));
    press(&f, "p");
    assert_true(screen_has(&f.surface, " /sbin/init splash"));
    stop(&f);
}

static void tables_survive_every_size_and_key(void **state)
{
    (void)state;
    static const char *const keys[] = {"Tab",  "Right", "Left", "F6", "Esc",
                                       "PgDn", "End",   "Down", "Up", "I"};
    struct fixture f;
    start_loaded(&f);
    for (int width = 1; width < 130; width += 9) {
        for (int height = 1; height < 30; height += 4) {
            resize(&f, width, height);
            for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
                press(&f, keys[k]);
                mouse(&f, MOUSE_PRESS, width / 2, height / 2);
            }
            show_load(&f, height % 3 != 0 ? ALL_PARTS : 0);
        }
    }
    stop(&f);
}

/* --- disks, and below or beside them who uses them -------------------------------------------- */

/* The role of the header with this title in it. */
static enum role head_role(const struct fixture *f, const char *title)
{
    for (int y = 0; y < f->surface.height; y++) {
        if (strstr(screen_row(&f->surface, y), title) != NULL) {
            return (enum role)f->surface.cells[(size_t)(y * f->surface.width)].role;
        }
    }
    return ROLE_COUNT;
}

static void the_cursor_goes_from_the_disks_into_the_processes_and_back(void **state)
{
    (void)state;
    struct fixture f;
    start_loaded(&f);
    press(&f, "b");
    assert_non_null(strstr(selected(&f), "sda"));
    assert_int_equal(head_role(&f, "RDLAT"), ROLE_TABLE_HEAD);
    assert_int_equal(head_role(&f, "IO/s"), ROLE_TABLE_HEAD_IDLE);
    press(&f, "End");
    assert_non_null(strstr(selected(&f), "loop0"));
    press(&f, "Down"); // who does most is on top
    assert_non_null(strstr(selected(&f), "walwriter"));
    assert_int_equal(head_role(&f, "RDLAT"), ROLE_TABLE_HEAD_IDLE);
    assert_int_equal(head_role(&f, "IO/s"), ROLE_TABLE_HEAD);
    press(&f, "Down");
    assert_non_null(strstr(selected(&f), "java -Xmx2g"));
    press(&f, "Up Up");
    assert_non_null(strstr(selected(&f), "loop0"));
    press(&f, "PgDn Down");
    assert_non_null(strstr(selected(&f), "java -Xmx2g"));
    press(&f, "b"); // the tab's own table
    assert_non_null(strstr(selected(&f), "loop0"));
    press(&f, "Home Up");
    assert_non_null(strstr(selected(&f), "sda"));
    stop(&f);
}

static void keys_go_to_the_table_with_the_focus(void **state)
{
    (void)state;
    struct fixture f;
    start_loaded(&f);
    press(&f, "b F9");
    assert_true(screen_has(&f.surface, "no process is behind this row"));
    assert_false(screen_has(&f.surface, "F9Kill"));
    f.now_ns += 2 * second; // the message has been read
    press(&f, "End Down");
    assert_true(screen_has(&f.surface, "F9Kill"));
    press(&f, "F4");
    type(&f, "java");
    press(&f, "Enter");
    assert_non_null(strstr(selected(&f), "java -Xmx2g"));
    assert_true(screen_has(&f.surface, "filter \"java\""));
    assert_false(screen_has(&f.surface, "walwriter"));
    assert_true(screen_has(&f.surface, "loop0")); // of the other table it is none
    press(&f, "F9");
    const struct effect *inspect = effect_of(&f, EFFECT_INSPECT);
    assert_non_null(inspect);
    assert_int_equal(target_pid(&f, inspect, 0), 900);
    press(&f, "Esc F4 Esc F6");
    assert_true(screen_has(&f.surface, "Bytes per second read from storage"));
    press(&f, "Esc I");
    assert_true(screen_has(&f.surface, "IO/s△"));
    assert_true(screen_has(&f.surface, "USE%▽"));
    press(&f, "I /");
    type(&f, "journald");
    press(&f, "Enter Enter"); // to the list of processes
    assert_true(screen_has(&f.surface, "TIME+"));
    assert_int_equal(selected_pid(&f), 210);
    stop(&f);
}

static void on_a_wide_screen_the_processes_are_beside_the_disks(void **state)
{
    (void)state;
    struct fixture f;
    start_loaded(&f);
    press(&f, "b");
    resize(&f, 159, 24);
    draw(&f);
    assert_true(row_with(&f, "IO/s") > row_with(&f, "loop0"));
    resize(&f, 160, 24);
    draw(&f);
    const int head = row_with(&f, "NAME  ");
    assert_non_null(strstr(screen_row(&f.surface, head), "IO/s"));
    assert_int_equal(row_with(&f, "postgres: wal"), head + 1);
    const size_t first = (size_t)(head * f.surface.width);
    const size_t last = first + (size_t)f.surface.width - 1;
    assert_int_equal(f.surface.cells[first].role, ROLE_TABLE_HEAD);
    assert_int_equal(f.surface.cells[last].role, ROLE_TABLE_HEAD_IDLE);
    press(&f, "Right");
    assert_int_equal(f.surface.cells[first].role, ROLE_TABLE_HEAD); // there were more columns
    press(&f, "Right Right Right Right Right Right Right Right");
    assert_int_equal(f.surface.cells[first].role, ROLE_TABLE_HEAD_IDLE);
    assert_int_equal(f.surface.cells[last].role, ROLE_TABLE_HEAD);
    press(&f, "Down F9");
    assert_int_equal(target_pid(&f, effect_of(&f, EFFECT_INSPECT), 0), 900);
    press(&f, "Esc Left");
    assert_int_equal(f.surface.cells[last].role, ROLE_TABLE_HEAD_IDLE);
    mouse(&f, MOUSE_PRESS, 150, head + 3); // the third of them
    draw(&f);
    assert_int_equal(f.surface.cells[last].role, ROLE_TABLE_HEAD);
    press(&f, "Enter");
    assert_int_equal(selected_pid(&f), 210);
    press(&f, "b");
    mouse(&f, MOUSE_PRESS, 3, head + 2);
    draw(&f);
    assert_int_equal(f.surface.cells[last].role, ROLE_TABLE_HEAD_IDLE);
    press(&f, "End Down"); // as where they are below
    assert_int_equal(f.surface.cells[last].role, ROLE_TABLE_HEAD);
    stop(&f);
}

static void what_would_make_the_kernel_count_delays_is_told(void **state)
{
    (void)state;
    struct fixture f;
    start_loaded(&f);
    resize(&f, 200, 24);
    press(&f, "b End Down");
    assert_true(screen_has(&f.surface, "DELAY%"));
    assert_false(screen_has(&f.surface, "task_delayacct"));
    for (int i = 0; i < 2; i++) {
        struct screen_options options = {.seq = ++f.seq, .bare = true};
        struct snapshot *snap = screen_snapshot(&options);
        screen_add_load(snap, ALL_PARTS);
        handle(&f, (struct event){.kind = EVENT_SNAPSHOT, .as.snap = snap});
    }
    draw(&f);
    assert_true(screen_has(&f.surface, "DELAY%: \"sysctl kernel.task_delayacct=1\""));
    press(&f, "M-1");
    assert_false(screen_has(&f.surface, "task_delayacct")); // it is not in sight
    f.settings.columns[1] = COLUMN_IO_DELAY;
    draw(&f);
    assert_true(screen_has(&f.surface, "DELAY%: \"sysctl kernel.task_delayacct=1\""));
    stop(&f);
}

static void a_press_moves_the_focus(void **state)
{
    (void)state;
    struct fixture f;
    start_loaded(&f);
    press(&f, "b");
    int y = 0;
    while (strstr(screen_row(&f.surface, y), "java -Xmx2g") == NULL) {
        y++;
        assert_true(y < 24);
    }
    mouse(&f, MOUSE_PRESS, 3, y);
    assert_non_null(strstr(selected(&f), "java -Xmx2g"));
    mouse(&f, MOUSE_PRESS, 3, 8);
    assert_non_null(strstr(selected(&f), "nvme0n1"));
    while (strstr(screen_row(&f.surface, y), "IO/s") == NULL) {
        y--;
        assert_true(y > 0);
    }
    mouse(&f, MOUSE_PRESS, 5, y); // its header: by pid
    assert_true(screen_has(&f.surface, "PID△"));
    assert_int_equal(head_role(&f, "PID△"), ROLE_TABLE_HEAD_SORT);
    stop(&f);
}

static void a_low_screen_has_the_disks_alone(void **state)
{
    (void)state;
    struct fixture f;
    start_loaded(&f);
    press(&f, "b End Down");
    assert_non_null(strstr(selected(&f), "walwriter"));
    resize(&f, 40, 10);
    draw(&f);
    assert_false(screen_has(&f.surface, "walwriter"));
    assert_non_null(strstr(selected(&f), "loop0"));
    assert_int_equal(plan_of(&f)->want, FACT_IDENT);
    show_load(&f, ALL_PARTS);
    press(&f, "Down");
    assert_non_null(strstr(selected(&f), "loop0"));
    resize(&f, 180, 11); // beside them there is room
    show_load(&f, ALL_PARTS);
    assert_true(screen_has(&f.surface, "postgres: wal"));
    resize(&f, 80, 24);
    show_load(&f, ALL_PARTS);
    assert_non_null(strstr(selected(&f), "loop0"));
    assert_true(screen_has(&f.surface, "walwriter"));
    stop(&f);
}

static void signs_in_sight_are_explained(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, NULL);
    resize(&f, 120, 24);
    show_load(&f, ALL_PARTS);
    press(&f, "b");
    assert_true(screen_has(&f.surface, "~ needs a second sample · sorted by USE%"));
    show_load(&f, ALL_PARTS);
    assert_false(screen_has(&f.surface, "needs a second sample"));
    press(&f, "M-7");
    assert_true(screen_has(&f.surface, "! blocked: the kernel does not answer"));
    assert_true(screen_has(&f.surface, "? permission denied"));
    stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_table_looks_right),
        cmocka_unit_test(every_tab_can_be_read_on_a_small_screen_without_colours),
        cmocka_unit_test(the_memory_block_leaves_the_table_more_than_half_of_the_room),
        cmocka_unit_test(a_machine_without_figures_of_memory_has_a_table_all_the_same),
        cmocka_unit_test(tab_goes_round_and_each_tab_has_a_key),
        cmocka_unit_test(only_what_is_shown_is_sampled),
        cmocka_unit_test(processes_rest_unless_they_are_looked_at),
        cmocka_unit_test(memory_reads_what_is_dear_of_rows_in_sight_unless_sorted_by_it),
        cmocka_unit_test(the_memory_sums_say_what_they_cover),
        cmocka_unit_test(who_may_read_little_is_told_what_is_missing),
        cmocka_unit_test(a_new_baseline_is_a_key_away),
        cmocka_unit_test(a_tab_whose_part_was_not_read_waits_for_it),
        cmocka_unit_test(disks_and_interfaces_show_what_was_as_graphs),
        cmocka_unit_test(what_a_table_is_sorted_by_is_seen_at_every_size),
        cmocka_unit_test(a_column_of_graphs_can_be_chosen_and_not_sorted_by),
        cmocka_unit_test(a_port_is_found_by_typing_it),
        cmocka_unit_test(digits_alone_go_to_a_port),
        cmocka_unit_test(names_are_asked_for_on_tables_of_sockets_alone),
        cmocka_unit_test(a_full_backlog_stands_out),
        cmocka_unit_test(what_tells_most_of_the_protocols_is_first_and_shown_at_40_columns),
        cmocka_unit_test(enter_goes_to_the_process_behind_the_row),
        cmocka_unit_test(an_owner_that_is_not_known_is_said),
        cmocka_unit_test(an_owner_that_is_not_found_yet_is_not_called_missing),
        cmocka_unit_test(a_process_shows_its_sockets_until_esc),
        cmocka_unit_test(a_signal_goes_to_the_process_behind_the_row),
        cmocka_unit_test(what_is_for_processes_does_nothing_to_a_table_and_says_so),
        cmocka_unit_test(the_footer_offers_only_what_the_tab_can_do),
        cmocka_unit_test(refusals_hold_on_tables_too),
        cmocka_unit_test(a_connection_is_closed_after_a_question_that_names_it),
        cmocka_unit_test(the_connection_of_a_login_is_closed_after_yes_only),
        cmocka_unit_test(a_connection_without_a_process_can_be_closed),
        cmocka_unit_test(what_is_no_connection_is_not_closed_and_why_is_said),
        cmocka_unit_test(the_menu_of_a_row_lists_what_can_be_done_with_it),
        cmocka_unit_test(the_sort_menu_and_help_are_about_the_table),
        cmocka_unit_test(columns_of_a_table_are_chosen_as_those_of_the_list),
        cmocka_unit_test(hidden_columns_can_be_chosen),
        cmocka_unit_test(the_columns_of_the_table_with_the_focus_are_chosen),
        cmocka_unit_test(the_order_of_a_table_is_a_setting),
        cmocka_unit_test(tabs_can_be_pressed_and_shrink_to_beginnings_of_titles_and_numbers),
        cmocka_unit_test(root_is_told_of_the_capability_and_not_of_sudo),
        cmocka_unit_test(the_status_line_sums_up_and_says_what_is_missing),
        cmocka_unit_test(who_uses_the_network_is_one_key_away_in_every_tab),
        cmocka_unit_test(
            a_command_begins_with_its_program_where_the_path_has_no_room_or_is_not_wanted),
        cmocka_unit_test(tables_survive_every_size_and_key),
        cmocka_unit_test(the_cursor_goes_from_the_disks_into_the_processes_and_back),
        cmocka_unit_test(keys_go_to_the_table_with_the_focus),
        cmocka_unit_test(on_a_wide_screen_the_processes_are_beside_the_disks),
        cmocka_unit_test(what_would_make_the_kernel_count_delays_is_told),
        cmocka_unit_test(a_press_moves_the_focus),
        cmocka_unit_test(a_low_screen_has_the_disks_alone),
        cmocka_unit_test(signs_in_sight_are_explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
