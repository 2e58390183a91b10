#include "check.h"
#include "ui/surface.h"

#include <stdlib.h>
#include <string.h>

static struct surface make(int width, int height)
{
    struct surface surface = {0};
    assert_int_equal(surface_resize(&surface, width, height), 0);
    return surface;
}

/* The first row as text, followers left out. */
static const char *row_text(const struct surface *surface, int y)
{
    static char text[1024];
    size_t used = 0;
    for (int x = 0; x < surface->width; x++) {
        const struct cell *cell = &surface->cells[y * surface->width + x];
        memcpy(text + used, cell->glyph, cell->len);
        used += cell->len;
    }
    text[used] = '\0';
    return text;
}

static void sizes_are_clamped_to_what_a_terminal_can_have(void **state)
{
    (void)state;
    static const struct {
        int width, height, is_width, is_height;
    } cases[] = {
        {0, 0, 1, 1},
        {-5, 3, 1, 3},
        {80, 24, 80, 24},
        {100000, 2, SURFACE_MAX_SIDE, 2},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct surface surface = make(cases[i].width, cases[i].height);
        assert_int_equal(surface.width, cases[i].is_width);
        assert_int_equal(surface.height, cases[i].is_height);
        assert_int_equal(surface.clip.width, cases[i].is_width);
        surface_finish(&surface);
    }
}

static void text_is_cut_at_every_edge(void **state)
{
    (void)state;
    static const struct {
        int x, y, cells;
        const char *text;
        const char *row;
        int used;
    } cases[] = {
        {0, 0, 8, "abc", "abc     ", 3},
        {6, 0, 8, "abc", "      ab", 2},
        {-2, 0, 8, "abc", "c       ", 3},
        {-9, 0, 8, "abc", "        ", 0},
        {9, 0, 8, "abc", "        ", 0},
        {0, 0, 2, "abc", "ab      ", 2},
        {0, 0, 0, "abc", "        ", 0},
        {0, 0, -4, "abc", "        ", 0},
        {0, -1, 8, "abc", "        ", 0},
        {0, 1, 8, "abc", "        ", 0},
        {INT32_MAX, 0, INT32_MAX, "abc", "        ", 0},
        {INT32_MIN, 0, INT32_MAX, "abc", "        ", 0},
        {0, 0, 8, "測試", "測試    ", 4},
        {0, 0, 3, "測試", "測      ", 3},
        {-1, 0, 8, "測試", " 試     ", 4},
        {7, 0, 8, "測", "        ", 1},
        {0, 0, 8, "e\xcc\x81x", "e\xcc\x81x      ", 2},
        {0, 0, 8, "a\x01z", "a\xef\xbf\xbdz     ", 3},
        {0, 0, 8, "a\xffz", "a\xef\xbf\xbdz     ", 3},
        {0, 0, 8, "\xcc\x81", "        ", 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct surface surface = make(8, 1);
        int used = surface_string(&surface, cases[i].x, cases[i].y, cases[i].cells, ROLE_TEXT,
                                  cases[i].text);
        assert_string_equal(row_text(&surface, 0), cases[i].row);
        assert_int_equal(used, cases[i].used);
        surface_finish(&surface);
    }
}

static void scrolled_text_starts_behind_what_is_skipped(void **state)
{
    (void)state;
    static const struct {
        int skip;
        const char *row;
    } cases[] = {
        {0, "ab測cd  "}, {1, "b測cd   "}, {2, "測cd    "},         {3, " cd     "},
        {4, "cd      "}, {9, "        "}, {INT32_MAX, "        "},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct surface surface = make(8, 1);
        const char *s = "ab測cd";
        struct text text = {.ptr = s, .bytes = (uint32_t)strlen(s), .cells = 6};
        (void)surface_text_from(&surface, 0, 0, 8, ROLE_TEXT, text, cases[i].skip);
        assert_string_equal(row_text(&surface, 0), cases[i].row);
        surface_finish(&surface);
    }
}

static void no_half_of_a_wide_glyph_stays_behind(void **state)
{
    (void)state;
    struct surface surface = make(6, 1);
    (void)surface_string(&surface, 0, 0, 6, ROLE_TEXT, "測試字");
    (void)surface_string(&surface, 1, 0, 1, ROLE_TEXT, "x"); // on a follower
    assert_string_equal(row_text(&surface, 0), " x試字");
    (void)surface_string(&surface, 2, 0, 1, ROLE_TEXT, "y"); // on a lead
    assert_string_equal(row_text(&surface, 0), " xy 字");
    (void)surface_string(&surface, 3, 0, 2, ROLE_TEXT, "測"); // across both
    assert_string_equal(row_text(&surface, 0), " xy測 ");
    surface_finish(&surface);
}

static void marks_beyond_the_room_of_a_cell_are_dropped(void **state)
{
    (void)state;
    struct surface surface = make(2, 1);
    char text[64] = "e";
    for (int i = 0; i < 20; i++) {
        memcpy(text + strlen(text), "\xcc\x81", 3);
    }
    (void)surface_string(&surface, 0, 0, 2, ROLE_TEXT, text);
    assert_int_equal(surface.cells[0].len, 11);
    assert_int_equal(surface.cells[0].width, 1);
    assert_string_equal(row_text(&surface, 0) + 11, " ");
    surface_finish(&surface);
}

static void a_view_draws_only_inside_its_area(void **state)
{
    (void)state;
    struct surface surface = make(8, 3);
    struct surface sub = surface_sub(&surface, (struct rect){2, 1, 3, 5});
    assert_int_equal(sub.clip.height, 2);
    (void)surface_string(&sub, 0, 0, 99, ROLE_TEXT, "abcdef");
    (void)surface_string(&sub, -1, 1, 99, ROLE_TEXT, "xyz");
    struct surface inner = surface_sub(&sub, (struct rect){1, 0, 99, 99});
    surface_fill(&inner, (struct rect){0, 0, 1, 1}, ROLE_TEXT);
    assert_string_equal(row_text(&surface, 0), "        ");
    assert_string_equal(row_text(&surface, 1), "  a c   ");
    assert_string_equal(row_text(&surface, 2), "  yz    ");
    struct surface none = surface_sub(&surface, (struct rect){-5, -5, 2, 2});
    assert_int_equal(surface_string(&none, 0, 0, 9, ROLE_TEXT, "no"), 0);
    surface_finish(&surface);
}

static void right_aligned_text_ends_at_the_edge(void **state)
{
    (void)state;
    struct surface surface = make(8, 2);
    surface_string_right(&surface, 1, 0, 6, ROLE_TEXT, "測3");
    surface_string_right(&surface, 1, 1, 3, ROLE_TEXT, "12345");
    assert_string_equal(row_text(&surface, 0), "    測3 ");
    assert_string_equal(row_text(&surface, 1), " 123    ");
    surface_finish(&surface);
}

static void recolouring_keeps_what_is_shown(void **state)
{
    (void)state;
    struct surface surface = make(4, 1);
    (void)surface_string(&surface, 0, 0, 4, ROLE_TEXT, "a測");
    surface_recolour(&surface, (struct rect){0, 0, 99, 1}, ROLE_SELECTED);
    assert_string_equal(row_text(&surface, 0), "a測 ");
    for (int x = 0; x < 4; x++) {
        assert_int_equal(surface.cells[x].role, ROLE_SELECTED);
    }
    surface_finish(&surface);
}

static void a_frame_fits_any_size(void **state)
{
    (void)state;
    struct surface surface = make(5, 3);
    surface_frame(&surface, (struct rect){0, 0, 5, 3}, ROLE_MENU_BORDER);
    assert_string_equal(row_text(&surface, 0), "┌───┐");
    assert_string_equal(row_text(&surface, 1), "│   │");
    assert_string_equal(row_text(&surface, 2), "└───┘");
    for (int width = 0; width < 4; width++) {
        for (int height = 0; height < 4; height++) {
            surface_frame(&surface, (struct rect){3, 2, width, height}, ROLE_MENU_BORDER);
        }
    }
    surface_finish(&surface);
}

static void ascii_keeps_the_columns(void **state)
{
    (void)state;
    struct surface surface = make(10, 1);
    (void)surface_string(&surface, 0, 0, 10, ROLE_TEXT, "┌─│█測é…e\xcc\x81");
    surface_to_ascii(&surface);
    assert_string_equal(row_text(&surface, 0), "+-|#???.e ");
    for (int x = 0; x < 10; x++) {
        assert_int_equal(surface.cells[x].width, 1);
    }
    surface_finish(&surface);
}

static void a_dump_shows_glyphs_and_roles(void **state)
{
    (void)state;
    struct surface surface = make(4, 2);
    (void)surface_string(&surface, 0, 0, 4, ROLE_TEXT, "a");
    (void)surface_string(&surface, 1, 1, 2, ROLE_DIM, "測");
    char text[128];
    const char *should = "a\n 測\nroles\n....\n.aa.\n";
    assert_int_equal(surface_dump(&surface, text, sizeof(text)), strlen(should));
    assert_string_equal(text, should);
    char small[8];
    assert_int_equal(surface_dump(&surface, small, sizeof(small)), strlen(should) + 1);
    assert_string_equal(small, "a\n 測\n");
    assert_int_equal(surface_dump(&surface, NULL, 0), strlen(should) + 1);
    surface_finish(&surface);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_clamped_to_what_a_terminal_can_have),
        cmocka_unit_test(text_is_cut_at_every_edge),
        cmocka_unit_test(scrolled_text_starts_behind_what_is_skipped),
        cmocka_unit_test(no_half_of_a_wide_glyph_stays_behind),
        cmocka_unit_test(marks_beyond_the_room_of_a_cell_are_dropped),
        cmocka_unit_test(a_view_draws_only_inside_its_area),
        cmocka_unit_test(right_aligned_text_ends_at_the_edge),
        cmocka_unit_test(recolouring_keeps_what_is_shown),
        cmocka_unit_test(a_frame_fits_any_size),
        cmocka_unit_test(ascii_keeps_the_columns),
        cmocka_unit_test(a_dump_shows_glyphs_and_roles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
