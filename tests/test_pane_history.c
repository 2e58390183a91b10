#include "check.h"
#include "screen_load.h"
#include "ui_fixture.h"

#include <string.h>

/* The tab of graphs, over some time of a made-up machine. */

enum { PARTS = PART_INTERFACES | PART_DISKS };

/* Something that rises and falls, between 0 and 1, and differs for each `which`. */
static double wave(uint64_t seq, unsigned which)
{
    unsigned period = 60 + 37 * which;
    double at = (double)(seq % period) / period;
    return at < 0.5 ? 2 * at : 2 - 2 * at;
}

/* The next scan. */
static void add_scan(struct fixture *f)
{
    struct screen_options options = {.seq = ++f->seq};
    struct snapshot *snap = screen_snapshot(&options);
    screen_add_load(snap, PARTS);
    struct system_load *system = &snap->system;
    double busy = 0.1 + 0.8 * wave(f->seq, 0);
    system->all = (struct cpu_load){
        .user = busy / 2, .system = busy / 2, .idle = 0.9 - busy, .iowait = 0.1, .known = true};
    system->memory.used_bytes = (uint64_t)((double)system->memory.total_bytes * wave(f->seq, 3));
    system->memory.held_bytes = system->memory.used_bytes;
    system->psi_io.some_10s = 0.3 * wave(f->seq, 1);
    handle(f, (struct event){.kind = EVENT_SNAPSHOT, .as.snap = snap});
}

enum { QUARTER = 900, HOUR = 3600, PAUSE_BACK = 300 };

/* So many scans, one a second, with a pause of two minutes some time before the last. */
static void start_for(struct fixture *f, bool ascii, unsigned scans)
{
    const struct ui_options options = {.braille = true};
    start(f, &options);
    f->settings.graph = ascii ? GRAPH_CHOICE_ASCII : GRAPH_CHOICE_AUTO;
    for (unsigned i = 0; i < scans; i++) {
        if (i == scans - PAUSE_BACK) {
            press(f, "Z");
            f->seq += 120;
            press(f, "Z");
        }
        add_scan(f);
    }
    press(f, "g");
}

static void start_filled(struct fixture *f)
{
    start_for(f, false, QUARTER);
}

static void screens_look_as_agreed(void **state)
{
    (void)state;
    static const struct {
        int width, height;
        const char *keys, *name;
        unsigned scans;
    } rows[] = {
        {80, 24, "", "history_80x24", QUARTER},
        {200, 60, "", "history_200x60", QUARTER},
        {40, 10, "", "history_40x10", QUARTER},
        {80, 24, "Enter", "history_one_80x24", QUARTER},
        {200, 60, "Left Left Left Left", "history_ruler_200x60", QUARTER},
        {80, 24, "- - PgDn PgDn", "history_hour_80x24", HOUR},
    };
    for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
        size_t at = i / 2;
        struct fixture f;
        start_for(&f, i % 2 == 1, rows[at].scans);
        resize(&f, rows[at].width, rows[at].height);
        press(&f, rows[at].keys);
        char name[64];
        struct strbuf buf;
        str_init(&buf, name, sizeof(name));
        str_addf(&buf, "%s%s", rows[at].name, i % 2 == 1 ? "_ascii" : "");
        screen_check(&f.surface, name);
        stop(&f);
    }
}

static void the_time_shown_becomes_longer_and_shorter(void **state)
{
    (void)state;
    static const char *const spans[] = {"1 min", "2 min", "5 min", "10 min", "30 min",
                                        "1 h ",  "3 h ",  "6 h ",  "12 h ",  "24 h "};
    struct fixture f;
    start_filled(&f);
    press(&f, "+ + + + + +");
    for (size_t i = 0; i < 10; i++) {
        assert_non_null(strstr(screen_row(&f.surface, 22), spans[i]));
        press(&f, "-");
    }
    assert_non_null(strstr(screen_row(&f.surface, 22), "24 h "));
    stop(&f);
}

static void the_ruler_goes_back_in_time_and_forth_to_now(void **state)
{
    (void)state;
    struct fixture f;
    start_filled(&f);
    press(&f, "Left");
    assert_true(screen_has(&f.surface, "at 22:30:20, 0s ago"));
    press(&f, "Right Right");
    assert_false(screen_has(&f.surface, " ago"));
    for (unsigned i = 0; i < 200; i++) {
        press(&f, "Left");
    }
    assert_true(screen_has(&f.surface, "m ago") || screen_has(&f.surface, "s ago"));
    assert_false(screen_has(&f.surface, "now"));
    press(&f, "+"); // the moment stays in sight
    assert_false(screen_has(&f.surface, "now"));
    press(&f, "Esc");
    assert_false(screen_has(&f.surface, " ago"));
    assert_false(screen_has(&f.surface, "now"));
    press(&f, "End");
    assert_true(screen_has(&f.surface, "now"));
    press(&f, "Home");
    assert_true(screen_has(&f.surface, "at 22:13:21, 16m59s ago"));
    for (unsigned i = 0; i < 30; i++) {
        press(&f, "Left"); // there is nothing before
    }
    assert_true(screen_has(&f.surface, "at 22:13:21, 16m59s ago"));
    stop(&f);
}

static void a_past_time_stays_while_time_goes_on(void **state)
{
    (void)state;
    struct fixture f;
    start_for(&f, false, HOUR); // of which the first seconds are no longer kept one by one
    press(&f, "Home");
    char before[256];
    struct strbuf buf;
    str_init(&buf, before, sizeof(before));
    str_add(&buf, screen_row(&f.surface, 9));
    for (unsigned i = 0; i < 10; i++) {
        add_scan(&f);
    }
    draw(&f);
    assert_string_equal(screen_row(&f.surface, 9), before);
    stop(&f);
}

static void one_graph_alone_and_back(void **state)
{
    (void)state;
    struct fixture f;
    start_filled(&f);
    press(&f, "Down Down Enter"); // swap
    assert_false(screen_has(&f.surface, "CPU  busy"));
    assert_true(screen_has(&f.surface, "swap  used"));
    press(&f, "Down");
    assert_true(screen_has(&f.surface, "load  1 min"));
    assert_true(screen_has(&f.surface, "15 min"));
    press(&f, "Esc");
    assert_true(screen_has(&f.surface, "memory  used"));
    press(&f, "Home Enter Esc");
    assert_true(screen_has(&f.surface, " ago")); // Esc leaves one thing after the other
    press(&f, "Esc");
    assert_false(screen_has(&f.surface, " ago"));
    stop(&f);
}

static void a_graph_is_found_by_its_name(void **state)
{
    (void)state;
    struct fixture f;
    start_filled(&f);
    press(&f, "/");
    type(&f, "PRESS");
    assert_true(screen_has(&f.surface, "CPU pressure"));
    press(&f, "Enter n");
    assert_true(screen_has(&f.surface, ": memory pressure,"));
    press(&f, "n n");
    assert_true(screen_has(&f.surface, ": CPU pressure,"));
    press(&f, "S-F3");
    assert_true(screen_has(&f.surface, ": I/O pressure,"));
    press(&f, "/");
    type(&f, "nowhere");
    assert_true(screen_has(&f.surface, "no match"));
    press(&f, "Esc");
    assert_true(screen_has(&f.surface, ": I/O pressure,"));
    stop(&f);
}

static void what_is_about_rows_is_explained(void **state)
{
    (void)state;
    static const struct {
        const char *key, *says;
    } rows[] = {
        {"F4", "there are no rows here"},       {"F6", "there are no rows here"},
        {"I", "there are no rows here"},        {"F9", "only in the list of processes: M-1"},
        {"t", "only in the list of processes"}, {"v", "only in the list of processes"},
    };
    struct fixture f;
    start_filled(&f);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        press(&f, rows[i].key);
        assert_true(screen_has(&f.surface, rows[i].says));
        wait_s(&f, 2);
    }
    assert_null(effect_of(&f, EFFECT_DEED));
    stop(&f);
}

static void the_mouse_chooses_a_graph_and_a_moment(void **state)
{
    (void)state;
    struct fixture f;
    start_filled(&f);
    int y = 0;
    while (strstr(screen_row(&f.surface, y), "memory  used") == NULL) {
        y++;
    }
    mouse(&f, MOUSE_PRESS, 40, y + 1);
    assert_true(screen_has(&f.surface, ": memory,"));
    assert_true(screen_has(&f.surface, " ago"));
    mouse(&f, MOUSE_WHEEL_DOWN, 40, y + 1);
    assert_true(screen_has(&f.surface, ": swap,"));
    stop(&f);
}

static void it_survives_any_size(void **state)
{
    (void)state;
    static const int sides[] = {1, 2, 3, 5, 8, 13, 24, 61, 62, 63, 126, 190, 500};
    struct fixture f;
    start_filled(&f);
    for (size_t w = 0; w < sizeof(sides) / sizeof(sides[0]); w++) {
        for (size_t h = 0; h < sizeof(sides) / sizeof(sides[0]); h++) {
            resize(&f, sides[w], sides[h]);
            press(&f, "PgDn Left Enter Up Enter PgUp");
        }
    }
    resize(&f, 80, 24);
    press(&f, "End");
    assert_true(screen_has(&f.surface, "now"));
    stop(&f);
}

static void a_refresh_adds_nothing_and_a_pause_is_a_gap(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, NULL);
    f.settings.graph = GRAPH_CHOICE_ASCII;
    add_scan(&f);
    add_scan(&f);
    press(&f, "g");
    f.seq--;
    add_scan(&f); // the same again
    press(&f, "+ + +");
    assert_true(screen_has(&f.surface, "graph 1 of"));
    for (unsigned i = 0; i < 20; i++) {
        add_scan(&f);
    }
    press(&f, "Z");
    f.seq += 10;
    press(&f, "Z");
    for (unsigned i = 0; i < 5; i++) {
        add_scan(&f);
    }
    draw(&f);
    for (int y = 0; y < 24; y++) {
        const char *row = screen_row(&f.surface, y);
        if (strncmp(row, "     0", 6) == 0) {
            const char *gap = strstr(row, "            "); // eleven seconds of 73 columns
            assert_non_null(gap);
            assert_non_null(strpbrk(gap, "_.:|"));
            stop(&f);
            return;
        }
    }
    fail();
}

static void without_history_nothing_is_kept_and_that_is_said(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, NULL);
    f.settings.history = false;
    add_scan(&f);
    add_scan(&f);
    press(&f, "g + Left Home Enter /");
    type(&f, "disk");
    press(&f, "Enter");
    assert_true(screen_has(&f.surface, "the setting \"history\" is off"));
    mouse(&f, MOUSE_PRESS, 40, 12);
    stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(screens_look_as_agreed),
        cmocka_unit_test(the_time_shown_becomes_longer_and_shorter),
        cmocka_unit_test(the_ruler_goes_back_in_time_and_forth_to_now),
        cmocka_unit_test(a_past_time_stays_while_time_goes_on),
        cmocka_unit_test(one_graph_alone_and_back),
        cmocka_unit_test(a_graph_is_found_by_its_name),
        cmocka_unit_test(what_is_about_rows_is_explained),
        cmocka_unit_test(the_mouse_chooses_a_graph_and_a_moment),
        cmocka_unit_test(it_survives_any_size),
        cmocka_unit_test(a_refresh_adds_nothing_and_a_pause_is_a_gap),
        cmocka_unit_test(without_history_nothing_is_kept_and_that_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
