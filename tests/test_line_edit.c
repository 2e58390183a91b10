#include "check.h"
#include "ui/line_edit.h"

#include <string.h>

/* Type text into an empty line. */
static struct line_edit typed(const char *text)
{
    struct line_edit edit = {0};
    line_edit_set(&edit, text);
    return edit;
}

static void actions_edit_whole_characters(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum action_id actions[4];
        const char *is;
        size_t cursor;
    } cases[] = {
        {"abc", {ACTION_ERASE_BACK}, "ab", 2},
        {"aé", {ACTION_ERASE_BACK}, "a", 1},
        {"e\xcc\x81", {ACTION_ERASE_BACK}, "", 0},
        {"測試", {ACTION_CHAR_LEFT, ACTION_ERASE_FORWARD}, "測", 3},
        {"xe\xcc\x81y", {ACTION_CHAR_LEFT, ACTION_CHAR_LEFT}, "xe\xcc\x81y", 1},
        {"xe\xcc\x81y",
         {ACTION_LINE_START, ACTION_CHAR_RIGHT, ACTION_CHAR_RIGHT},
         "xe\xcc\x81y",
         4},
        {"two words ", {ACTION_ERASE_WORD}, "two ", 4},
        {"word", {ACTION_ERASE_WORD}, "", 0},
        {"a b", {ACTION_CHAR_LEFT, ACTION_ERASE_WORD}, "b", 0},
        {"abc", {ACTION_ERASE_ALL}, "", 0},
        {"", {ACTION_ERASE_BACK, ACTION_ERASE_FORWARD, ACTION_ERASE_WORD, ACTION_CHAR_LEFT}, "", 0},
        {"ab", {ACTION_LINE_START, ACTION_ERASE_FORWARD}, "b", 0},
        {"ab", {ACTION_LINE_START, ACTION_LINE_END}, "ab", 2},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct line_edit edit = typed(cases[i].text);
        for (size_t j = 0; j < 4 && cases[i].actions[j] != ACTION_NONE; j++) {
            assert_true(line_edit_act(&edit, cases[i].actions[j]));
        }
        assert_string_equal(edit.text, cases[i].is);
        assert_int_equal(edit.len, strlen(cases[i].is));
        assert_int_equal(edit.cursor, cases[i].cursor);
    }
}

static void other_actions_are_left_to_others(void **state)
{
    (void)state;
    struct line_edit edit = typed("a");
    assert_false(line_edit_act(&edit, ACTION_UP));
    assert_false(line_edit_act(&edit, ACTION_ACCEPT));
    assert_string_equal(edit.text, "a");
}

static void only_text_is_typed(void **state)
{
    (void)state;
    static const struct {
        struct key key;
        bool taken;
    } cases[] = {
        {{'x', 0}, true},         {{' ', 0}, true},         {{0x6e2c, 0}, true},
        {{0x301, 0}, true},       {{'x', MOD_CTRL}, false}, {{'x', MOD_ALT}, false},
        {{KEYCODE_UP, 0}, false}, {{0x1b, 0}, false},       {{0x9b, 0}, false},
        {{0x202e, 0}, false},     {{0x200b, 0}, false},     {{0xd800, 0}, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct line_edit edit = typed("a");
        assert_int_equal(line_edit_key(&edit, cases[i].key), cases[i].taken);
        assert_int_equal(edit.len > 1, cases[i].taken);
    }
    struct line_edit empty = {0};
    assert_false(line_edit_key(&empty, (struct key){.code = 0x301})); // nothing to stand on
}

static void typing_goes_where_the_cursor_is(void **state)
{
    (void)state;
    struct line_edit edit = typed("ac");
    (void)line_edit_act(&edit, ACTION_CHAR_LEFT);
    assert_true(line_edit_key(&edit, (struct key){.code = 0xe9}));
    assert_string_equal(edit.text, "aéc");
    assert_int_equal(edit.cursor, 3);
}

static void a_full_line_takes_no_more(void **state)
{
    (void)state;
    struct line_edit edit = {0};
    int taken = 0;
    while (taken < 1000 && line_edit_key(&edit, (struct key){.code = 0x6e2c})) {
        taken++;
    }
    assert_int_equal(taken, (LINE_EDIT_BYTES - 1) / 3);
    assert_int_equal(edit.len, strlen(edit.text));
}

static void text_set_is_made_safe(void **state)
{
    (void)state;
    struct line_edit edit = typed("a\x1b[2Jb\xff");
    assert_string_equal(edit.text, "a\xef\xbf\xbd[2Jb\xef\xbf\xbd");
}

static void the_cursor_is_always_in_view(void **state)
{
    (void)state;
    struct surface surface = {0};
    assert_int_equal(surface_resize(&surface, 10, 1), 0);
    static const struct {
        const char *text;
        int cells, cursor;
        const char *first;
    } cases[] = {
        {"abc", 10, 3, "a"},      {"abcdefghijkl", 5, 4, "i"}, {"", 5, 0, " "},
        {"測試測試", 5, 4, "測"}, {"abc", 1, 0, " "},          {"abc", 0, 0, " "},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        surface_fill(&surface, (struct rect){0, 0, 10, 1}, ROLE_TEXT);
        struct line_edit edit = typed(cases[i].text);
        int cursor = line_edit_draw(&edit, &surface, 0, 0, cases[i].cells, ROLE_PROMPT);
        assert_int_equal(cursor, cases[i].cursor);
        assert_memory_equal(surface.cells[0].glyph, cases[i].first, strlen(cases[i].first));
    }
    surface_finish(&surface);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(actions_edit_whole_characters),
        cmocka_unit_test(other_actions_are_left_to_others),
        cmocka_unit_test(only_text_is_typed),
        cmocka_unit_test(typing_goes_where_the_cursor_is),
        cmocka_unit_test(a_full_line_takes_no_more),
        cmocka_unit_test(text_set_is_made_safe),
        cmocka_unit_test(the_cursor_is_always_in_view),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
