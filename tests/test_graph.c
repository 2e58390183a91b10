#include "check.h"
#include "ui/graph.h"
#include "ui/graph_panel.h"

#include <math.h>
#include <string.h>

/* Draw points into a surface and say what its rows are, joined by '/', without roles. */
static const char *drawn(const struct series_point *points, double most, enum graph_glyphs glyphs,
                         int width, int height)
{
    static char text[4096];
    struct surface surface = {0};
    assert_int_equal(surface_resize(&surface, width, height), 0);
    graph_draw(points, most, ROLE_GRAPH, glyphs, &surface);
    assert_true(surface_dump(&surface, text, sizeof(text)) < sizeof(text));
    surface_finish(&surface);
    *strstr(text, "\nroles\n") = '\0';
    for (char *at = text; (at = strchr(at, '\n')) != NULL;) {
        *at = '/';
    }
    return text;
}

static struct series_point flat(double value)
{
    float single = (float)value;
    return (struct series_point){single, single, single};
}

static void a_graph_reaches_as_high_as_the_value(void **state)
{
    (void)state;
    struct series_point points[9];
    for (size_t i = 0; i < 9; i++) {
        points[i] = flat((double)i / 8);
    }
    assert_string_equal(drawn(points, 1, GRAPH_BLOCKS, 9, 1), "▁▁▂▃▄▅▆▇█");
    assert_string_equal(drawn(points, 1, GRAPH_BLOCKS, 9, 2), "     ▂▄▆█/▁▂▄▆█████");
    assert_string_equal(drawn(points, 1, GRAPH_HALVES, 9, 2), "     ▄▄██/_▄▄██████");
    assert_string_equal(drawn(points, 1, GRAPH_ASCII, 9, 1), "__..:::||");
    assert_string_equal(drawn(points, 1, GRAPH_ASCII, 9, 2), "     .::|/_.::|||||");
    assert_string_equal(drawn(points, 1, GRAPH_BRAILLE, 4, 1), "⣀⣠⣴⣾");
    assert_string_equal(drawn(points, 1, GRAPH_BRAILLE, 4, 2), "  ⢀⣴/⣀⣴⣿⣿");
}

static void a_gap_is_blank_and_0_is_not(void **state)
{
    (void)state;
    struct series_point points[6];
    for (size_t i = 0; i < 6; i++) {
        points[i] = i % 3 == 1 ? series_gap() : flat(0);
    }
    assert_string_equal(drawn(points, 1, GRAPH_BRAILLE, 3, 1), "⡀⣀⢀");
    assert_string_equal(drawn(points, 1, GRAPH_BLOCKS, 6, 1), "▁ ▁▁ ▁");
    assert_string_equal(drawn(points, 1, GRAPH_HALVES, 6, 1), "_ __ _");
    assert_string_equal(drawn(points, 1, GRAPH_ASCII, 6, 1), "_ __ _");
    for (size_t i = 0; i < 6; i++) {
        points[i] = series_gap();
    }
    assert_string_equal(drawn(points, 1, GRAPH_BRAILLE, 3, 2), "/");
}

static void the_maximum_is_marked_above_the_mean(void **state)
{
    (void)state;
    const struct series_point points[2] = {{0, 0.25f, 1}, {0.25f, 0.25f, 0.25f}};
    assert_string_equal(drawn(points, 1, GRAPH_BRAILLE, 1, 2), "⠁/⣤");
    assert_string_equal(drawn(points, 1, GRAPH_ASCII, 2, 2), "'/::");
    assert_string_equal(drawn(points, 1, GRAPH_HALVES, 2, 2), "-/▄▄");
    assert_string_equal(drawn(points, 1, GRAPH_BLOCKS, 2, 2), "·/▄▄");
}

static void what_is_no_number_or_too_high_stays_inside(void **state)
{
    (void)state;
    struct series_point points[4] = {flat(1e30), flat(-5), {0, (float)INFINITY, 0}, flat(2)};
    assert_string_equal(drawn(points, 1, GRAPH_BLOCKS, 4, 1), "█▁██");
    assert_string_equal(drawn(points, 0, GRAPH_BLOCKS, 4, 1), "█▁██");
}

static void scales_end_at_round_values(void **state)
{
    (void)state;
    static const struct {
        enum value_kind kind;
        double most, expected;
    } cases[] = {
        {VALUE_FRACTION, 0, 0.01},     {VALUE_FRACTION, 0.013, 0.02}, {VALUE_FRACTION, 0.2, 0.2},
        {VALUE_FRACTION, 0.51, 1},     {VALUE_FRACTION, 1.5, 1},      {VALUE_CPUS, 3.2, 5},
        {VALUE_COUNT_RATE, 0.3, 1},    {VALUE_COUNT_RATE, 13, 20},    {VALUE_BYTES, 1025, 2048},
        {VALUE_BYTE_RATE, 4096, 4096}, {VALUE_BYTE_RATE, 0, 1024},    {VALUE_COUNT_RATE, NAN, 1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        double ret = graph_round_up(cases[i].kind, cases[i].most);
        assert_true(fabs(ret - cases[i].expected) < 1e-9);
    }
}

/* --- panels ---------------------------------------------------------------------------------- */

enum { POINTS_MAX = 1200 };

/* A panel of two lines that rise and fall, with a gap. */
static struct graph_panel make_panel(enum graph_glyphs glyphs, int width)
{
    static struct series_point points[2][POINTS_MAX];
    size_t count = graph_panel_points(glyphs, width);
    assert_true(count <= POINTS_MAX);
    for (size_t i = 0; i < count; i++) {
        points[0][i] = flat((double)(i % 50) * 1024);
        points[1][i] = i >= count / 2 && i < count / 2 + 8 ? series_gap() : flat(1024);
    }
    return (struct graph_panel){
        .title = "eth0",
        .kind = VALUE_BYTE_RATE,
        .lines = {{"rx", points[0], 2048, ROLE_GRAPH}, {"tx", points[1], NAN, ROLE_GRAPH_OTHER}},
        .line_count = 2,
        .window = series_window_of(UINT64_C(600000000000), UINT64_C(600000000000), count),
        .now_ns = UINT64_C(600000000000),
        .axis = true,
        .ruler = -1,
        .glyphs = glyphs,
    };
}

static void dump_panel(const struct graph_panel *panel, int width, int height, char *text,
                       size_t size)
{
    struct surface surface = {0};
    assert_int_equal(surface_resize(&surface, width, height), 0);
    graph_panel_draw(panel, &surface);
    assert_true(surface_dump(&surface, text, size) < size);
    surface_finish(&surface);
}

static void a_panel_fits_wherever_it_is_put(void **state)
{
    (void)state;
    static char text[1 << 18];
    static const int widths[] = {1, 2, 7, 8, 23, 24, 25, 40, 80, 131, 500};
    static const int heights[] = {1, 2, 3, 4, 5, 6, 7, 11, 24, 100};
    for (size_t w = 0; w < sizeof(widths) / sizeof(widths[0]); w++) {
        for (size_t h = 0; h < sizeof(heights) / sizeof(heights[0]); h++) {
            for (unsigned i = 0; i < 16; i++) {
                struct graph_panel panel = make_panel((enum graph_glyphs)(i % 4), widths[w]);
                panel.captions = i >= 8;
                panel.ruler = i % 8 >= 4 ? (int)panel.window.count - 1 : -1;
                dump_panel(&panel, widths[w], heights[h], text, sizeof(text));
                assert_non_null(strchr(text, panel.title[0]));
            }
        }
    }
}

static void a_panel_says_what_it_shows(void **state)
{
    (void)state;
    static char text[1 << 16];
    struct graph_panel panel = make_panel(GRAPH_ASCII, 80);
    dump_panel(&panel, 80, 8, text, sizeof(text));
    assert_non_null(strstr(text, "eth0  rx 2K/s  max 49K/s  tx -  max 1K/s"));
    assert_non_null(strstr(text, "   64K"));
    assert_non_null(strstr(text, "-10m00s"));
    assert_non_null(strstr(text, "now"));
    panel.ruler = 7; // then the values are those under it
    dump_panel(&panel, 80, 8, text, sizeof(text));
    assert_non_null(strstr(text, "rx 7K/s"));
    assert_non_null(strstr(text, "tx 1K/s"));
    panel.captions = true;
    dump_panel(&panel, 80, 12, text, sizeof(text));
    assert_non_null(strstr(text, "tx 1K/s  min 1K/s  mean 1K/s  max 1K/s"));
    panel.window.end_ns -= UINT64_C(60000000000);
    dump_panel(&panel, 80, 12, text, sizeof(text));
    assert_non_null(strstr(text, "-11m00s"));
    assert_non_null(strstr(text, "-1m00s"));
    assert_null(strstr(text, "now"));
}

static void a_place_on_the_panel_is_a_point(void **state)
{
    (void)state;
    struct graph_panel panel = make_panel(GRAPH_BRAILLE, 80);
    assert_int_equal(graph_panel_point_at(&panel, 0, 80), -1);
    assert_int_equal(graph_panel_point_at(&panel, 80, 80), -1);
    assert_int_equal(graph_panel_point_at(&panel, 79, 80), (int)panel.window.count - 1);
    assert_int_equal(graph_panel_point_at(&panel, 7, 80), 1);
    panel.glyphs = GRAPH_ASCII;
    assert_int_equal(graph_panel_point_at(&panel, 0, 10), 0); // no room for a scale
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_graph_reaches_as_high_as_the_value),
        cmocka_unit_test(a_gap_is_blank_and_0_is_not),
        cmocka_unit_test(the_maximum_is_marked_above_the_mean),
        cmocka_unit_test(what_is_no_number_or_too_high_stays_inside),
        cmocka_unit_test(scales_end_at_round_values),
        cmocka_unit_test(a_panel_fits_wherever_it_is_put),
        cmocka_unit_test(a_panel_says_what_it_shows),
        cmocka_unit_test(a_place_on_the_panel_is_a_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
