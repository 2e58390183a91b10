#include "check.h"
#include "ui/theme.h"

#include <stdlib.h>
#include <string.h>

static bool same_look(const struct style *a, const struct style *b, bool colour)
{
    if (!colour) {
        return a->mono == b->mono;
    }
    return a->fg16 == b->fg16 && a->bg16 == b->bg16 && a->flags == b->flags;
}

static void roles_that_stand_side_by_side_look_different(void **state)
{
    (void)state;
    static const struct {
        enum role a, b;
    } pairs[] = {
        {ROLE_TEXT, ROLE_SELECTED},
        {ROLE_TEXT, ROLE_TAGGED},
        {ROLE_TEXT, ROLE_NEW},
        {ROLE_TEXT, ROLE_EXITED},
        {ROLE_NEW, ROLE_EXITED},
        {ROLE_TAGGED, ROLE_SELECTED},
        {ROLE_SELECTED, ROLE_FOLLOWED},
        {ROLE_TABLE_HEAD, ROLE_TABLE_HEAD_SORT},
        {ROLE_TEXT, ROLE_TABLE_HEAD},
        {ROLE_MENU, ROLE_MENU_SELECTED},
        {ROLE_KEY, ROLE_KEY_LABEL},
        {ROLE_TEXT, ROLE_ERROR},
        {ROLE_TEXT, ROLE_WARNING},
        {ROLE_TEXT, ROLE_MATCH},
        {ROLE_VALUE_HIGH, ROLE_VALUE_ALARM},
        {ROLE_TEXT, ROLE_VALUE_ALARM},
        {ROLE_STATE_BLOCKED, ROLE_STATE_ZOMBIE},
    };
    for (int theme = 0; theme < THEME_COUNT; theme++) {
        for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
            const struct style *a = theme_style((enum theme_choice)theme, pairs[i].a);
            const struct style *b = theme_style((enum theme_choice)theme, pairs[i].b);
            assert_false(same_look(a, b, true));
            assert_false(same_look(a, b, false));
        }
    }
}

static void segments_of_a_bar_have_colours_of_their_own(void **state)
{
    (void)state;
    for (int theme = 0; theme < THEME_COUNT; theme++) {
        for (int a = ROLE_CPU_NICE; a <= ROLE_CPU_IOWAIT; a++) {
            for (int b = a + 1; b <= ROLE_CPU_IOWAIT; b++) {
                assert_false(same_look(theme_style((enum theme_choice)theme, (enum role)a),
                                       theme_style((enum theme_choice)theme, (enum role)b), true));
            }
        }
    }
}

static void no_text_has_the_colour_of_its_background(void **state)
{
    (void)state;
    for (int theme = 0; theme < THEME_COUNT; theme++) {
        for (int role = 0; role < ROLE_COUNT; role++) {
            const struct style *style = theme_style((enum theme_choice)theme, (enum role)role);
            bool own = style->fg16 == STYLE_DEFAULT_COLOUR && style->bg16 == STYLE_DEFAULT_COLOUR;
            assert_true(own || style->fg16 != style->bg16);
            assert_in_range(style->fg16 + 1, 0, 16);
            assert_in_range(style->bg16 + 1, 0, 16);
            assert_true(style->fg16 != 8); // some palettes make bright black the background
        }
    }
}

static void a_wrong_theme_is_the_default_one(void **state)
{
    (void)state;
    int wrong = THEME_COUNT + 5;
    enum theme_choice theme;
    memcpy(&theme, &wrong, sizeof(theme));
    assert_ptr_equal(theme_style(theme, ROLE_KEY), theme_style(THEME_DEFAULT, ROLE_KEY));
}

static void exact_colours_become_the_nearest_of_256(void **state)
{
    (void)state;
    static const struct {
        int32_t rgb;
        int index;
    } cases[] = {
        {0x000000, 16},  {0xffffff, 231}, {0xff0000, 196}, {0x00ff00, 46},
        {0x0000ff, 21},  {0x5f87af, 67},  {0x080808, 232}, {0xeeeeee, 255},
        {0x808080, 244}, {0xafd7ff, 153}, {0x010101, 16},  {0x767676, 243},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(theme_nearest_256(cases[i].rgb), cases[i].index);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roles_that_stand_side_by_side_look_different),
        cmocka_unit_test(segments_of_a_bar_have_colours_of_their_own),
        cmocka_unit_test(no_text_has_the_colour_of_its_background),
        cmocka_unit_test(a_wrong_theme_is_the_default_one),
        cmocka_unit_test(exact_colours_become_the_nearest_of_256),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
