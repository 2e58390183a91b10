#include "base/str.h"
#include "check.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static void text_is_cut_at_a_whole_character(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t size;
        const char *expected;
        bool overflow;
    } cases[] = {
        {"abc", 4, "abc", false},
        {"abc", 3, "ab", true},
        {"abc", 1, "", true},
        {"", 1, "", false},
        {"a\u00e9b", 4, "a\u00e9", true},
        {"a\u00e9", 3, "a", true},
        {"\u20ac", 3, "", true},
        {"\u20ac\u20ac", 6, "\u20ac", true},
        {"x\U0001F600", 5, "x", true},
        {"x\U0001F600", 6, "x\U0001F600", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (int how = 0; how < 3; how++) {
            char memory[16];
            memset(memory, 'Z', sizeof(memory));
            struct strbuf buf;
            str_init(&buf, memory, cases[i].size);
            if (how == 0) {
                str_add(&buf, cases[i].text);
            } else if (how == 1) {
                str_addf(&buf, "%s", cases[i].text);
            } else {
                str_add_bytes(&buf, cases[i].text, strlen(cases[i].text));
            }
            assert_string_equal(memory, cases[i].expected);
            assert_int_equal(buf.len, strlen(cases[i].expected));
            assert_int_equal(buf.overflow, cases[i].overflow);
            assert_int_equal(memory[cases[i].size], 'Z');
        }
    }
}

static void nothing_is_added_after_an_overflow(void **state)
{
    (void)state;
    char memory[4];
    struct strbuf buf;
    str_init(&buf, memory, sizeof(memory));
    str_add(&buf, "ab\u20ac");
    assert_string_equal(memory, "ab");
    str_add(&buf, "x");
    str_addf(&buf, "%d", 1);
    str_pad(&buf, '.', 1);
    str_add_fixed(&buf, 1, 0);
    assert_string_equal(memory, "ab");

    str_init(&buf, memory, sizeof(memory));
    str_pad(&buf, '.', 100);
    assert_string_equal(memory, "...");
    assert_true(buf.overflow);
}

static void whole_numbers_are_written_as_printf_does(void **state)
{
    (void)state;
    static const uint64_t numbers[] = {0, 1, 9, 10, 15, 16, 255, 65535, UINT32_MAX, UINT64_MAX};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        char expected[64];
        char bytes[64];
        struct strbuf buf;
        str_init(&buf, bytes, sizeof(bytes));
        str_add_u64(&buf, numbers[i], 10);
        str_add(&buf, " ");
        str_add_u64(&buf, numbers[i], 16);
        (void)snprintf(expected, sizeof(expected), "%llu %llx", (unsigned long long)numbers[i],
                       (unsigned long long)numbers[i]);
        assert_string_equal(bytes, expected);
    }
    char few[3];
    struct strbuf buf;
    str_init(&buf, few, sizeof(few));
    str_add_u64(&buf, 1234, 10);
    assert_string_equal(few, "12");
    assert_true(buf.overflow);
}

static void fixed_point_numbers_round_half_away_from_zero(void **state)
{
    (void)state;
    static const struct {
        double number;
        int decimals;
        const char *expected;
    } cases[] = {
        {0, 0, "0"},
        {0, 1, "0.0"},
        {-0.0, 1, "0.0"},
        {0.05, 1, "0.1"},
        {-0.05, 1, "-0.1"},
        {-0.04, 1, "0.0"},
        {0.5, 0, "1"},
        {2.5, 0, "3"},
        {-2.5, 0, "-3"},
        {0.49999999999999994, 0, "0"},
        {99.95, 1, "100.0"},
        {1.0005, 2, "1.00"},
        {12.345, 3, "12.345"},
        {12.3, 9, "12.300"},
        {1e15, 2, "1000000000000000.00"},
        {1e20, 0, "100000000000000000000"},
        {-1e20, 2, "-100000000000000000000.00"},
        {(double)INFINITY, 1, "-"},
        {-(double)INFINITY, 1, "-"},
        {(double)NAN, 0, "-"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char memory[64];
        struct strbuf buf;
        str_init(&buf, memory, sizeof(memory));
        str_add_fixed(&buf, cases[i].number, cases[i].decimals);
        assert_string_equal(memory, cases[i].expected);
    }
    char memory[400];
    struct strbuf buf;
    str_init(&buf, memory, sizeof(memory));
    str_add_fixed(&buf, 1.7976931348623157e308, 1);
    assert_int_equal(buf.len, 311);
    assert_false(buf.overflow);
}

static void unsigned_numbers_are_read_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t taken;
        uint64_t number;
    } cases[] = {
        {"", 0, 7},
        {"x1", 0, 7},
        {"-1", 0, 7},
        {" 1", 0, 7},
        {"+1", 0, 7},
        {"0", 1, 0},
        {"42 43", 2, 42},
        {"0007", 4, 7},
        {"18446744073709551615", 20, UINT64_MAX},
        {"18446744073709551616", 0, 7},
        {"99999999999999999999999999", 0, 7},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t number = 7;
        assert_int_equal(str_take_u64(cases[i].text, strlen(cases[i].text), &number),
                         cases[i].taken);
        assert_true(number == cases[i].number);
    }
    uint64_t number = 7;
    assert_int_equal(str_take_u64("1234", 2, &number), 2);
    assert_int_equal(number, 12);
}

static void signed_numbers_are_read_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t taken;
        int64_t number;
    } cases[] = {
        {"", 0, 7},
        {"-", 0, 7},
        {"--1", 0, 7},
        {"-5)", 2, -5},
        {"12", 2, 12},
        {"9223372036854775807", 19, INT64_MAX},
        {"9223372036854775808", 0, 7},
        {"-9223372036854775808", 20, INT64_MIN},
        {"-9223372036854775809", 0, 7},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t number = 7;
        assert_int_equal(str_take_i64(cases[i].text, strlen(cases[i].text), &number),
                         cases[i].taken);
        assert_true(number == cases[i].number);
    }
}

static void whole_numbers_are_parsed_within_their_range(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int error;
        int64_t number;
    } cases[] = {
        {"5", 0, 5},         {"-10", 0, -10},     {"10", 0, 10},
        {"11", -ERANGE, 7},  {"-11", -ERANGE, 7}, {"99999999999999999999", -ERANGE, 7},
        {"", -EINVAL, 7},    {"-", -EINVAL, 7},   {"5 ", -EINVAL, 7},
        {" 5", -EINVAL, 7},  {"5x", -EINVAL, 7},  {"+5", -EINVAL, 7},
        {"0x5", -EINVAL, 7}, {"5.0", -EINVAL, 7}, {"-99999999999999999999", -ERANGE, 7},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t number = 7;
        assert_int_equal(str_parse_i64(cases[i].text, -10, 10, &number), cases[i].error);
        assert_int_equal(number, cases[i].number);
    }
}

static void decimal_fractions_are_parsed_within_their_range(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int error;
        double number;
    } cases[] = {
        {"0.1", 0, 0.1},      {"1.5", 0, 1.5},
        {"3600", 0, 3600},    {".5", 0, 0.5},
        {"5.", 0, 5},         {"0.10000000000000000000001", 0, 0.1},
        {"0.09", -ERANGE, 7}, {"3600.001", -ERANGE, 7},
        {"-1", -ERANGE, 7},   {"", -EINVAL, 7},
        {".", -EINVAL, 7},    {"1e3", -EINVAL, 7},
        {"1,5", -EINVAL, 7},  {"nan", -EINVAL, 7},
        {"inf", -EINVAL, 7},  {"1.5s", -EINVAL, 7},
        {" 1", -EINVAL, 7},   {"1.2.3", -EINVAL, 7},
        {"0x10", -EINVAL, 7},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        double number = 7;
        assert_int_equal(str_parse_decimal(cases[i].text, 0.1, 3600, &number), cases[i].error);
        assert_true(fabs(number - cases[i].number) < 1e-12);
    }
    char huge[1000];
    memset(huge, '9', sizeof(huge) - 1);
    huge[sizeof(huge) - 1] = '\0';
    double number = 7;
    assert_int_equal(str_parse_decimal(huge, 0, 1e9, &number), -ERANGE);
}

static void searching_ignores_the_case_of_ascii_letters_only(void **state)
{
    (void)state;
    static const struct {
        const char *hay;
        const char *needle;
        ptrdiff_t at;
    } cases[] = {
        {"abc", "", 0},           {"", "", 0},        {"", "a", -1},
        {"abc", "C", 2},          {"ABC", "bc", 1},   {"aab", "ab", 1},
        {"abc", "abcd", -1},      {"a[b", "A{B", -1}, {"a@b", "a`b", -1},
        {"\u00c9", "\u00e9", -1}, {"xx", "X", 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(str_find_fold(cases[i].hay, strlen(cases[i].hay), cases[i].needle,
                                       strlen(cases[i].needle)),
                         cases[i].at);
    }
}

static void strings_are_equal_when_all_bytes_are(void **state)
{
    (void)state;
    assert_true(str_equal("", ""));
    assert_true(str_equal("a", "a"));
    assert_false(str_equal("a", "A"));
    assert_false(str_equal("a", "ab"));
    assert_true(str_equal_fold("", ""));
    assert_true(str_equal_fold("aB", "Ab"));
    assert_false(str_equal_fold("ab", "b"));
    assert_false(str_equal_fold("a", "ab"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_cut_at_a_whole_character),
        cmocka_unit_test(nothing_is_added_after_an_overflow),
        cmocka_unit_test(whole_numbers_are_written_as_printf_does),
        cmocka_unit_test(fixed_point_numbers_round_half_away_from_zero),
        cmocka_unit_test(unsigned_numbers_are_read_strictly),
        cmocka_unit_test(signed_numbers_are_read_strictly),
        cmocka_unit_test(whole_numbers_are_parsed_within_their_range),
        cmocka_unit_test(decimal_fractions_are_parsed_within_their_range),
        cmocka_unit_test(searching_ignores_the_case_of_ascii_letters_only),
        cmocka_unit_test(strings_are_equal_when_all_bytes_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
