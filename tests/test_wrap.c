#include "check.h"
#include "ui/wrap.h"

#include <string.h>

static void lines_break_at_spaces_then_commas_then_anywhere(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int cells;
        const char *lines[5];
    } cases[] = {
        {"one two", 7, {"one two"}},
        {"one two", 6, {"one", "two"}},
        {"one  two", 4, {"one ", "two"}},
        {"one two three", 8, {"one two", "three"}},
        {"0,2,4,6", 4, {"0,2,", "4,6"}},
        {"to 0,2,4,6", 6, {"to", "0,2,4,", "6"}},
        {"abcdefgh", 3, {"abc", "def", "gh"}},
        {"caf\u00e9 \u6e2c\u8a66", 5, {"caf\u00e9", "\u6e2c\u8a66"}},
        {"\u6e2c\u8a66", 3, {"\u6e2c", "\u8a66"}},
        {"\u6e2c\u8a66", 1, {"\u6e2c", "\u8a66"}}, // wider than the line: still an end to it
        {"e\u0301e\u0301", 1, {"e\u0301", "e\u0301"}},
        {"ab", 0, {"a", "b"}},
        {"ab", -5, {"a", "b"}},
        {"end ", 3, {"end"}},
        {"", 10, {""}},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *text = cases[i].text;
        int rows = 0;
        do {
            assert_non_null(cases[i].lines[rows]);
            size_t len = wrap_line(text, cases[i].cells);
            assert_int_equal(len, strlen(cases[i].lines[rows]));
            assert_memory_equal(text, cases[i].lines[rows], len);
            text = wrap_rest(text, cases[i].cells);
            rows++;
        } while (*text != '\0');
        assert_null(cases[i].lines[rows]);
        assert_int_equal(wrap_rows(cases[i].text, cases[i].cells), rows);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_break_at_spaces_then_commas_then_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
