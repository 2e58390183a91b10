#include "base/log.h"
#include "check.h"
#include "model/settings.h"
#include "screen.h"
#include "ui/keymap.h"
#include "ui/meters.h"
#include "ui/pane_help.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A view of a made-up machine, drawn in one call. */
struct scene {
    struct settings settings;
    struct snapshot *snap;
    struct view view;
    struct surface surface;
};

static void begin(struct scene *scene, const struct screen_options *options)
{
    *scene = (struct scene){0};
    settings_init(&scene->settings);
    scene->snap = options ? screen_snapshot(options) : NULL;
    scene->view = (struct view){
        .snap = scene->snap, .settings = &scene->settings, .colour = true, .unicode = true};
}

static void draw(struct scene *scene, int width, int height)
{
    assert_int_equal(surface_resize(&scene->surface, width, height), 0);
    meters_draw(&scene->view, &scene->surface);
}

static void end(struct scene *scene)
{
    surface_finish(&scene->surface);
    snapshot_free(scene->snap);
}

static void headers_look_right_for_any_number_of_cpus(void **state)
{
    (void)state;
    static const uint32_t cpus[] = {1, 4, 16, 64, 256, 1024};
    static const int widths[] = {40, 80, 200};
    for (size_t i = 0; i < 6; i++) {
        for (size_t j = 0; j < 3; j++) {
            for (int colour = 0; colour < 2; colour++) {
                struct scene scene;
                begin(&scene, &(struct screen_options){.seq = 3, .cpus = cpus[i]});
                scene.view.colour = colour != 0;
                scene.view.unicode = colour != 0;
                int height = meters_height(&scene.view, widths[j], 16);
                draw(&scene, widths[j], height);
                char name[64];
                (void)snprintf(name, sizeof(name), "meters-%u-%d-%s", cpus[i], widths[j],
                               colour ? "colour" : "mono");
                screen_check(&scene.surface, name);
                end(&scene);
            }
        }
    }
}

static void the_layout_repeats_itself_in_the_height_it_asked_for(void **state)
{
    (void)state;
    static const uint32_t cpus[] = {1, 2, 3, 7, 13, 33, 100, 128, 129, 500, 1024, 5000};
    static const int widths[] = {1, 9, 10, 20, 39, 59, 60, 80, 133, 4096};
    for (size_t i = 0; i < sizeof(cpus) / sizeof(cpus[0]); i++) {
        struct scene scene;
        begin(&scene, &(struct screen_options){.seq = 2, .cpus = cpus[i]});
        for (size_t j = 0; j < sizeof(widths) / sizeof(widths[0]); j++) {
            for (int max = 0; max < 40; max++) {
                int height = meters_height(&scene.view, widths[j], max);
                assert_in_range(height, 0, max);
                assert_int_equal(meters_height(&scene.view, widths[j], height), height);
            }
            draw(&scene, widths[j], 12);
        }
        end(&scene);
    }
}

static void nothing_unknown_is_shown_as_zero(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, &(struct screen_options){
                      .seq = 1, .bare = true, .procs = screen_population(&(size_t){0})});
    draw(&scene, 80, meters_height(&scene.view, 80, 20));
    assert_true(screen_has(&scene.surface, "Load - - -"));
    assert_true(screen_has(&scene.surface, "Uptime -"));
    assert_true(screen_has(&scene.surface, "PSI cpu -% mem -/-% io -/-%"));
    assert_false(screen_has(&scene.surface, "0.0"));
    assert_false(screen_has(&scene.surface, "switches"));
    end(&scene);
}

static void a_first_sample_has_bars_without_figures(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, &(struct screen_options){.seq = 1, .cpus = 2});
    draw(&scene, 80, meters_height(&scene.view, 80, 20));
    const char *row = screen_row(&scene.surface, 0);
    assert_null(strchr(row, '%'));
    assert_null(strchr(row, '|'));
    assert_non_null(strstr(row, "-]"));
    end(&scene);
}

static void without_a_snapshot_there_is_one_empty_bar(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, NULL);
    assert_int_equal(meters_height(&scene.view, 80, 20), 1);
    draw(&scene, 80, 1);
    assert_non_null(strstr(screen_row(&scene.surface, 0), "CPU["));
    end(&scene);
}

static void a_header_switched_off_takes_no_rows(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, &(struct screen_options){.seq = 2});
    scene.settings.header = false;
    assert_int_equal(meters_height(&scene.view, 80, 20), 0);
    end(&scene);
}

static void one_bar_for_all_is_a_setting(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, &(struct screen_options){.seq = 2, .cpus = 64});
    scene.settings.cpu_per_core = false;
    assert_int_equal(meters_height(&scene.view, 80, 20), 4);
    end(&scene);
}

static void an_offline_cpu_says_so(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, &(struct screen_options){.seq = 2, .cpus = 14}); // number 13 is off
    draw(&scene, 120, meters_height(&scene.view, 120, 20));
    assert_true(screen_has(&scene.surface, "off]"));
    end(&scene);
}

static void what_is_hidden_is_said_with_the_reason(void **state)
{
    (void)state;
    static const struct {
        uint64_t threads;
        uint32_t unreadable;
        enum hidden_reason reason;
        const char *says;
    } cases[] = {
        {312, 0, HIDDEN_INVISIBLE,
         "about 312 threads of others hidden (hidepid=2); run as root to see them"},
        {FIGURE_ABSENT, 0, HIDDEN_INVISIBLE, "processes of others may be hidden (hidepid=2)"},
        {0, 17, HIDDEN_NOACCESS, "17 processes may not be read (hidepid=1)"},
        {1, 2, HIDDEN_PTRACEABLE, "(hidepid=4)"},
        {0, 2, HIDDEN_NOTHING, "(no permission)"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct scene scene;
        begin(&scene, &(struct screen_options){.seq = 2});
        scene.snap->system.threads_hidden = cases[i].threads;
        scene.snap->system.processes_unreadable = cases[i].unreadable;
        scene.snap->system.hidden_reason = cases[i].reason;
        draw(&scene, 100, meters_height(&scene.view, 100, 20));
        assert_true(screen_has(&scene.surface, cases[i].says));
        end(&scene);
    }
}

/* Cells of the bar inside the brackets that are not blank. */
static int filled(const struct surface *surface, int width)
{
    int count = 0;
    for (int x = 1; x < width - 1; x++) {
        count += surface->cells[x].glyph[0] != ' ';
    }
    return count;
}

static void segments_never_outgrow_their_bar(void **state)
{
    (void)state;
    static const struct bar_part parts[] = {{ROLE_CPU_NICE, 'a', ""},
                                            {ROLE_CPU_USER, 'b', ""},
                                            {ROLE_CPU_SYSTEM, 'c', ""}};
    static const struct {
        double fractions[3];
        int filled; // of 20
    } cases[] = {
        {{0, 0, 0}, 0},           {{1, 0, 0}, 20},        {{0.33, 0.33, 0.34}, 20},
        {{5, 5, 5}, 20},          {{-1, 0.5, 0}, 10},     {{0.024, 0.024, 0.024}, 1},
        {{NAN, 0.5, 0}, 10},      {{INFINITY, 1, 1}, 20}, {{1e300, 1e300, -1e300}, 20},
        {{0.24999, 0, 0.25}, 10},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct surface surface = {0};
        assert_int_equal(surface_resize(&surface, 22, 1), 0);
        struct bar bar = {.label = "", .parts = parts, .part_count = 3, .text = ""};
        memcpy(bar.fractions, cases[i].fractions, sizeof(cases[i].fractions));
        bar_draw(&bar, &surface, 0, 0, 22);
        assert_int_equal(filled(&surface, 22), cases[i].filled);
        assert_int_equal(surface.cells[21].glyph[0], ']');
        surface_finish(&surface);
    }
}

static void a_bar_fits_any_width(void **state)
{
    (void)state;
    struct surface surface = {0};
    assert_int_equal(surface_resize(&surface, 30, 1), 0);
    for (int cells = -2; cells < 30; cells++) {
        surface_fill(&surface, (struct rect){0, 0, 30, 1}, ROLE_TEXT);
        struct bar bar = {.label = "CPU", .label_cells = 3, .text = "12.3%"};
        bar_draw(&bar, &surface, 0, 0, cells);
        for (int x = cells < 0 ? 0 : cells; x < 30; x++) {
            assert_int_equal(surface.cells[x].glyph[0], ' ');
        }
    }
    surface_finish(&surface);
}

static void load_and_pressure_are_marked_when_high(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, &(struct screen_options){.seq = 2, .cpus = 2});
    scene.snap->system.load_1m = 5;
    scene.snap->system.psi_io.some_10s = 0.5;
    draw(&scene, 100, meters_height(&scene.view, 100, 20));
    int alarms = 0;
    for (int i = 0; i < scene.surface.width * scene.surface.height; i++) {
        alarms += scene.surface.cells[i].role == ROLE_VALUE_ALARM;
    }
    assert_int_equal(alarms, 8); // "5.00" and "50.0"
    end(&scene);
}

static void help_shows_every_registry_and_scrolls_to_its_end(void **state)
{
    (void)state;
    static const int widths[] = {1, 40, 79, 80, 120};
    struct keymap *keymap = NULL;
    assert_int_equal(keymap_create(&keymap), 0);
    for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
        struct scene scene;
        begin(&scene, &(struct screen_options){.seq = 2});
        scene.view.keymap = keymap;
        struct pane *pane = pane_help_create();
        assert_non_null(pane);
        struct rect area = {0, 0, widths[i], 24};
        assert_int_equal(surface_resize(&scene.surface, widths[i], 24), 0);
        pane->class->update(pane, &scene.view, area);
        pane->class->draw(pane, &scene.view, true, &scene.surface);
        if (widths[i] >= 40) {
            assert_true(screen_has(&scene.surface, "one line up"));
        }
        static struct effects effects;
        assert_true(pane->class->act(pane, &scene.view, ACTION_LAST, &effects));
        pane->class->draw(pane, &scene.view, true, &scene.surface);
        if (widths[i] >= 40) {
            assert_true(screen_has(&scene.surface, column_info(COLUMN_COUNT - 1)->title));
            assert_false(screen_has(&scene.surface, "one line up"));
        }
        assert_false(pane->class->act(pane, &scene.view, ACTION_CANCEL, &effects));
        pane->class->destroy(pane);
        end(&scene);
    }
    keymap_destroy(keymap);
}

static void messages_show_the_newest_at_the_bottom(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene, &(struct screen_options){.seq = 2});
    struct log *log = log_create(100);
    struct pane *pane = pane_messages_create();
    struct rect area = {0, 0, 30, 5};
    scene.view.log = log;
    assert_int_equal(surface_resize(&scene.surface, 30, 5), 0);
    pane->class->draw(pane, &scene.view, true, &scene.surface);
    assert_true(screen_has(&scene.surface, "No messages"));
    for (int i = 0; i < 20; i++) {
        char text[80];
        (void)snprintf(text, sizeof(text), "message %d is long enough for two rows", i);
        log_add(log, 3661 + i, i % 2 == 0, text);
    }
    pane->class->update(pane, &scene.view, area);
    pane->class->draw(pane, &scene.view, true, &scene.surface);
    assert_string_equal(screen_row(&scene.surface, 3), "01:01:20 message 19 is long en");
    assert_string_equal(screen_row(&scene.surface, 4), "ough for two rows");
    static struct effects effects;
    assert_true(pane->class->act(pane, &scene.view, ACTION_FIRST, &effects));
    pane->class->draw(pane, &scene.view, true, &scene.surface);
    assert_string_equal(screen_row(&scene.surface, 0), "01:01:01 message 0 is long eno");
    pane->class->destroy(pane);
    log_destroy(log);
    end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_look_right_for_any_number_of_cpus),
        cmocka_unit_test(the_layout_repeats_itself_in_the_height_it_asked_for),
        cmocka_unit_test(nothing_unknown_is_shown_as_zero),
        cmocka_unit_test(a_first_sample_has_bars_without_figures),
        cmocka_unit_test(without_a_snapshot_there_is_one_empty_bar),
        cmocka_unit_test(a_header_switched_off_takes_no_rows),
        cmocka_unit_test(one_bar_for_all_is_a_setting),
        cmocka_unit_test(an_offline_cpu_says_so),
        cmocka_unit_test(what_is_hidden_is_said_with_the_reason),
        cmocka_unit_test(segments_never_outgrow_their_bar),
        cmocka_unit_test(a_bar_fits_any_width),
        cmocka_unit_test(load_and_pressure_are_marked_when_high),
        cmocka_unit_test(help_shows_every_registry_and_scrolls_to_its_end),
        cmocka_unit_test(messages_show_the_newest_at_the_bottom),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
