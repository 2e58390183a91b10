#include "check.h"
#include "model/value.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { K = 1024 };
static const double G = 1024.0 * 1024 * 1024;

static const uint64_t SECOND = 1000000000;

static struct value text(const char *s)
{
    return (struct value){.kind = VALUE_TEXT, .as.text = text_literal(s)};
}

static struct value integer(enum value_kind kind, int64_t number)
{
    return (struct value){.kind = kind, .as.integer = number};
}

static struct value bytes(uint64_t number)
{
    return (struct value){.kind = VALUE_BYTES, .as.bytes = number};
}

static struct value ns(enum value_kind kind, uint64_t number)
{
    return (struct value){.kind = kind, .as.ns = number};
}

static struct value number(enum value_kind kind, double number)
{
    return (struct value){.kind = kind, .as.number = number};
}

/* Format into a cell and compare. */
static void expect(struct value value, uint32_t cells, const char *expected)
{
    char memory[64];
    struct strbuf buf;
    struct value_style style = {.cells = cells};

    str_init(&buf, memory, sizeof(memory));
    value_format(&value, &style, &buf);
    assert_string_equal(memory, expected);
}

static void sizes_keep_three_digits_in_powers_of_1024(void **state)
{
    (void)state;
    static const struct {
        uint64_t bytes;
        uint32_t cells;
        const char *expected;
    } cases[] = {
        {0, 5, "0"},
        {1, 5, "1B"},
        {1023, 5, "1023B"},
        {1024, 5, "1K"},
        {812 * K, 5, "812K"},
        {1023 * K, 5, "1023K"},
        {1024 * K - 1, 5, "1.0M"},
        {1024 * K, 5, "1.0M"},
        {10035 * K, 5, "9.8M"},
        {102297 * K, 5, "99.9M"},
        {102400 * K, 5, "100M"},
        {UINT64_C(1023) * K * K, 5, "1023M"},
        {UINT64_C(1280) * K * K, 5, "1.25G"},
        {UINT64_C(10239) * K * K, 5, "10.0G"},
        {UINT64_C(99) * K * K * K, 5, "99.0G"},
        {UINT64_C(512) * K * K * K, 5, "512G"},
        {UINT64_C(16589) * K * K * K, 5, "16.2T"},
        {UINT64_MAX, 5, "16.0E"},
        {UINT64_C(128) * K * K * K * K, 4, "128T"},
        {1023 * K, 4, "1.0M"},
        {812 * K, 3, "1M"},
        {UINT64_C(1280) * K * K, 4, "1.3G"},
        {UINT64_C(1280) * K * K, 2, "1G"},
        {400 * K, 2, "***"},
        {1023, 4, "1K"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        expect(bytes(cases[i].bytes), cases[i].cells, cases[i].expected);
    }
}

static void rates_of_bytes_look_like_sizes(void **state)
{
    (void)state;
    expect(number(VALUE_BYTE_RATE, 0), 6, "0");
    expect(number(VALUE_BYTE_RATE, 0.2), 6, "0");
    expect(number(VALUE_BYTE_RATE, 0.7), 6, "1B");
    expect(number(VALUE_BYTE_RATE, 2048), 6, "2K");
    expect(number(VALUE_BYTE_RATE, 1.5 * G), 6, "1.50G");
    expect(number(VALUE_BYTE_RATE, 1e300), 6, "***");
    expect(number(VALUE_BYTE_RATE, (double)NAN), 6, "***");
    expect(number(VALUE_BYTE_RATE, -0.2), 6, "0"); // a size that shrinks
    expect(number(VALUE_BYTE_RATE, -1), 6, "-1B");
    expect(number(VALUE_BYTE_RATE, -2048), 6, "-2K");
    expect(number(VALUE_BYTE_RATE, -1.5 * G), 6, "-1.50G");
    expect(number(VALUE_BYTE_RATE, -1.5 * G), 5, "-1.5G");
    expect(number(VALUE_BYTE_RATE, -1e300), 6, "***");
}

static void changes_of_bytes_have_a_sign(void **state)
{
    (void)state;
    const struct value lost = {.kind = VALUE_BYTE_CHANGE, .as.integer = -3 * (1 << 20)};
    const struct value won = {.kind = VALUE_BYTE_CHANGE, .as.integer = 3 << 20};
    const struct value none = {.kind = VALUE_BYTE_CHANGE};
    expect(lost, 6, "-3.0M");
    expect(won, 6, "3.0M");
    expect(none, 6, "0");
    assert_int_equal(value_compare(&lost, &won), -1);
    assert_int_equal(value_compare(&none, &lost), 1);
    assert_true(value_sort_key(&lost) < value_sort_key(&none));
    assert_true(value_sort_key(&none) < value_sort_key(&won));
}

static void rates_of_events_are_shortened_by_thousands(void **state)
{
    (void)state;
    expect(number(VALUE_COUNT_RATE, 0), 5, "0");
    expect(number(VALUE_COUNT_RATE, 0.5), 5, "0.5");
    expect(number(VALUE_COUNT_RATE, 12.34), 5, "12.3");
    expect(number(VALUE_COUNT_RATE, 999.4), 5, "999");
    expect(number(VALUE_COUNT_RATE, 999.7), 5, "1.0k");
    expect(number(VALUE_COUNT_RATE, 1234), 5, "1.2k");
    expect(number(VALUE_COUNT_RATE, 123456), 5, "123k");
    expect(number(VALUE_COUNT_RATE, 1.5e7), 5, "15.0M");
    expect(number(VALUE_COUNT_RATE, (double)INFINITY), 5, "***");
}

static void percentages_may_exceed_100_and_keep_one_decimal_below(void **state)
{
    (void)state;
    expect(number(VALUE_CPUS, 0), 5, "0.0");
    expect(number(VALUE_CPUS, 0.0004), 5, "0.0");
    expect(number(VALUE_CPUS, 0.123), 5, "12.3");
    expect(number(VALUE_CPUS, 0.9994), 5, "99.9");
    expect(number(VALUE_CPUS, 0.9996), 5, "100");
    expect(number(VALUE_CPUS, 1), 5, "100");
    expect(number(VALUE_CPUS, 2.506), 5, "251");
    expect(number(VALUE_CPUS, 16), 5, "1600");
    expect(number(VALUE_CPUS, 1024), 5, "102k");
    expect(number(VALUE_CPUS, 0.123), 3, "12");
    expect(number(VALUE_CPUS, (double)NAN), 5, "***");
    expect(number(VALUE_CPUS, -0.5), 5, "***");
    expect(number(VALUE_FRACTION, 0.0567), 4, "5.7");
    expect(number(VALUE_FRACTION, 1), 4, "100");
}

static void whole_numbers_are_shortened_only_when_they_count_something(void **state)
{
    (void)state;
    expect(integer(VALUE_COUNT, 0), 3, "0");
    expect(integer(VALUE_COUNT, -100), 4, "-100");
    expect(integer(VALUE_COUNT, -100), 3, "***");
    expect(integer(VALUE_COUNT, 999999), 6, "999999");
    expect(integer(VALUE_COUNT, 1234567), 6, "1.2M");
    expect(integer(VALUE_COUNT, INT64_MAX), 6, "9.2E");
    expect(integer(VALUE_COUNT, INT64_MIN), 6, "***");
    expect(integer(VALUE_ID, 4194304), 7, "4194304");
    expect(integer(VALUE_ID, 4194304), 6, "***");
    expect(integer(VALUE_ID, UINT32_MAX), 10, "4294967295");
}

static void durations_lose_their_end_first(void **state)
{
    (void)state;
    const struct {
        uint64_t ns;
        uint32_t cells;
        const char *expected;
    } cases[] = {
        {0, 8, "0:00.00"},
        {1239 * SECOND / 1000, 8, "0:01.23"},
        {59999 * SECOND / 1000, 8, "0:59.99"},
        {754560 * SECOND / 1000, 8, "12:34.56"},
        {3599 * SECOND, 8, "59:59.00"},
        {3600 * SECOND, 8, "1h00:00"},
        {3723 * SECOND, 8, "1h02:03"},
        {86399 * SECOND, 8, "23h59:59"},
        {86400 * SECOND, 8, "1d00h"},
        {(4 * 86400 + 3 * 3600) * SECOND, 8, "4d03h"},
        {123 * 86400 * SECOND, 8, "123d"},
        {UINT64_MAX, 8, "213503d"},
        {754560 * SECOND / 1000, 7, "12:34"},
        {754560 * SECOND / 1000, 3, "12m"},
        {12 * SECOND, 3, "12s"},
        {3723 * SECOND, 5, "1h02"},
        {3723 * SECOND, 2, "1h"},
        {(4 * 86400 + 3 * 3600) * SECOND, 4, "4d"},
        {UINT64_MAX, 3, "***"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        expect(ns(VALUE_DURATION, cases[i].ns), cases[i].cells, cases[i].expected);
    }
}

static void latencies_are_in_the_unit_that_tells_most(void **state)
{
    (void)state;
    const struct {
        uint64_t ns;
        uint32_t cells;
        const char *expected;
    } cases[] = {
        {0, 6, "0"},
        {1, 6, "1ns"},
        {870, 6, "870ns"},
        {999, 6, "999ns"},
        {1000, 6, "1.0us"},
        {4149, 6, "4.1us"},
        {23400, 6, "23us"},
        {999499, 6, "999us"},
        {999600, 6, "1.0ms"},
        {4100000, 6, "4.1ms"},
        {4100000, 3, "4ms"},
        {250000000, 6, "250ms"},
        {250000000, 4, "0.3s"},
        {1200000000, 6, "1.2s"},
        {3600000000000, 6, "3600s"},
        {UINT64_MAX, 6, "***"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        expect(ns(VALUE_LATENCY, cases[i].ns), cases[i].cells, cases[i].expected);
    }
}

static void ages_are_in_the_two_largest_units(void **state)
{
    (void)state;
    const struct {
        uint64_t seconds;
        uint32_t cells;
        const char *expected;
    } cases[] = {
        {0, 7, "0s"},
        {12, 7, "12s"},
        {59, 7, "59s"},
        {184, 7, "3m04s"},
        {7800, 7, "2h10m"},
        {86399, 7, "23h59m"},
        {5 * 86400 + 3 * 3600, 7, "5d03h"},
        {364 * 86400, 7, "364d00h"},
        {385 * 86400, 7, "1y20d"},
        {UINT64_MAX / 1000000000, 8, "584y343d"},
        {UINT64_MAX / 1000000000, 7, "584y"},
        {184, 4, "3m"},
        {385 * 86400, 3, "1y"},
        {12, 2, "***"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        expect(ns(VALUE_AGE, cases[i].seconds * SECOND), cases[i].cells, cases[i].expected);
    }
    struct value older = ns(VALUE_AGE, 184 * SECOND);
    older.at_least = true;
    expect(older, 7, ">3m04s");
    expect(older, 5, ">3m");
    expect(older, 2, "***");
    older.as.ns = SECOND;
    expect(older, 6, ">1s");
}

static void wall_times_show_the_time_the_day_or_the_year(void **state)
{
    (void)state;
    static const struct {
        int64_t wall_s;
        int64_t now_s;
        int32_t offset_s;
        const char *expected;
    } cases[] = {
        {0, 3600, 0, "00:00"},
        {45296, 50000, 0, "12:34"},
        {1709164799, 1709164800, 0, "Feb28"},     // 2024-02-28 23:59:59
        {1709164800, 1709164900, 0, "00:00"},     // the leap day
        {1709164800, 1709251200, 0, "Feb29"},     // seen on 1 March
        {1735689599, 1735689600, 0, "2024"},      // a second before 2025
        {1735689599, 1735689600, 3600, "00:59"},  // both in 2025 an hour further east
        {1735689600, 1735689700, -3600, "23:00"}, // both in 2024 further west
        {1704067200, 1735689599, 0, "Jan01"},     // same year, a leap year
        {951782400, 1735689599, 0, "2000"},       // 2000-02-29
        {-1, 86400, 0, "1969"},
        {4102444800, 1735689599, 0, "2100"}, // the future
        {INT64_MAX, 0, 0, "***"},
        {INT64_MIN, 0, INT32_MIN, "***"},
        {0, INT64_MAX, INT32_MAX, "***"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char memory[32];
        struct strbuf buf;
        struct value value = integer(VALUE_WALL, cases[i].wall_s);
        struct value_style style = {.cells = 5,
                                    .utc_offset_s = cases[i].offset_s,
                                    .now_wall_s = cases[i].now_s};
        str_init(&buf, memory, sizeof(memory));
        value_format(&value, &style, &buf);
        assert_string_equal(memory, cases[i].expected);
    }
}

static void every_day_of_four_centuries_follows_the_one_before(void **state)
{
    (void)state;
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = 1970;
    int month = 0;
    int day = 1;
    for (int64_t at = 0; at < 146097; at++) {
        char expected[8];
        struct strbuf want;
        str_init(&want, expected, sizeof(expected));
        str_addf(&want, "%.3s%02d", names + (size_t)month * 3, day);
        char memory[32];
        struct strbuf buf;
        struct value value = integer(VALUE_WALL, at * 86400 + 43200);
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        // "Now" is the other end of the same year, so that the day is shown.
        bool first = month == 0 && day == 1;
        struct value_style style = {.cells = 5, .now_wall_s = (at + (first ? 1 : -1)) * 86400};
        str_init(&buf, memory, sizeof(memory));
        value_format(&value, &style, &buf);
        assert_string_equal(memory, expected);
        if (++day > lengths[month] + (month == 1 && leap)) {
            day = 1;
            month = (month + 1) % 12;
            year += month == 0;
        }
    }
}

static void any_state_letter_is_shown_and_anything_else_is_a_question_mark(void **state)
{
    (void)state;
    expect(integer(VALUE_LETTER, 'R'), 1, "R");
    expect(integer(VALUE_LETTER, 'I'), 1, "I");
    expect(integer(VALUE_LETTER, 'P'), 1, "P");
    expect(integer(VALUE_LETTER, 'q'), 1, "q");
    expect(integer(VALUE_LETTER, 0), 1, "?");
    expect(integer(VALUE_LETTER, 0x1B), 1, "?");
    expect(integer(VALUE_LETTER, 0x9B), 1, "?");
    expect(integer(VALUE_LETTER, 0x7F), 1, "?");
}

static void text_is_written_whole(void **state)
{
    (void)state;
    expect(text("much longer than the cell"), 3, "much longer than the cell");
    expect(text(""), 3, "");
}

static void each_reason_has_a_sign_a_name_and_help_of_its_own(void **state)
{
    (void)state;
    for (int i = 0; i < ABSENT_COUNT; i++) {
        enum absent why = (enum absent)i;
        expect(value_absent(why), 5, absent_sign(why));
        assert_int_equal(strlen(absent_sign(why)), 1);
        assert_null(strchr("0123456789", absent_sign(why)[0]));
        assert_true(strlen(absent_help(why)) > 0);
        assert_int_equal(strspn(absent_name(why), "abcdefghijklmnopqrstuvwxyz_"),
                         strlen(absent_name(why)));
        for (int k = 0; k < i; k++) {
            enum absent other = (enum absent)k;
            assert_string_not_equal(absent_sign(why), absent_sign(other));
            assert_string_not_equal(absent_name(why), absent_name(other));
            assert_string_not_equal(absent_help(why), absent_help(other));
        }
    }
}

static void comparing_is_antisymmetric_and_puts_the_absent_last(void **state)
{
    (void)state;
    const struct {
        struct value less, more;
    } cases[] = {
        {integer(VALUE_ID, 1), integer(VALUE_ID, 2)},
        {integer(VALUE_COUNT, INT64_MIN), integer(VALUE_COUNT, INT64_MAX)},
        {integer(VALUE_WALL, -1), integer(VALUE_WALL, 0)},
        {integer(VALUE_LETTER, 'D'), integer(VALUE_LETTER, 'R')},
        {bytes(1), bytes(UINT64_MAX)},
        {ns(VALUE_DURATION, 0), ns(VALUE_DURATION, UINT64_MAX)},
        {ns(VALUE_AGE, 5), ns(VALUE_AGE, 6)},
        {number(VALUE_CPUS, 0), number(VALUE_CPUS, 0.01)},
        {number(VALUE_FRACTION, 0.1), number(VALUE_FRACTION, 0.2)},
        {number(VALUE_COUNT_RATE, (double)NAN), number(VALUE_COUNT_RATE, -1)},
        {number(VALUE_BYTE_RATE, 1), number(VALUE_BYTE_RATE, (double)INFINITY)},
        {number(VALUE_CPUS, -2), number(VALUE_CPUS, -1)},
        {text("abc"), text("ABD")},
        {text("ABC"), text("abcd")},
        {text(""), text("a")},
        {text("z"), text("\u00e9")},
        {text("z"), value_absent(ABSENT_DENIED)},
        {bytes(UINT64_MAX), value_absent(ABSENT_NOT_READ)},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(value_compare(&cases[i].less, &cases[i].more), -1);
        assert_int_equal(value_compare(&cases[i].more, &cases[i].less), 1);
        assert_int_equal(value_compare(&cases[i].less, &cases[i].less), 0);
        if (cases[i].less.kind == cases[i].more.kind) {
            assert_true(value_sort_key(&cases[i].less) < value_sort_key(&cases[i].more));
        }
    }
    struct value denied = value_absent(ABSENT_DENIED);
    struct value unread = value_absent(ABSENT_NOT_READ);
    assert_int_equal(value_compare(&denied, &unread), 0);
    struct value upper = text("NGINX");
    struct value lower = text("nginx");
    assert_int_equal(value_compare(&upper, &lower), 0);
}

static void only_text_and_letters_are_left_aligned(void **state)
{
    (void)state;
    for (int i = 0; i < VALUE_KIND_COUNT; i++) {
        enum value_kind kind = (enum value_kind)i;
        bool left = kind == VALUE_TEXT || kind == VALUE_LETTER || kind == VALUE_NONE;
        assert_int_equal(value_is_right_aligned(kind), !left);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_keep_three_digits_in_powers_of_1024),
        cmocka_unit_test(rates_of_bytes_look_like_sizes),
        cmocka_unit_test(changes_of_bytes_have_a_sign),
        cmocka_unit_test(rates_of_events_are_shortened_by_thousands),
        cmocka_unit_test(percentages_may_exceed_100_and_keep_one_decimal_below),
        cmocka_unit_test(whole_numbers_are_shortened_only_when_they_count_something),
        cmocka_unit_test(durations_lose_their_end_first),
        cmocka_unit_test(latencies_are_in_the_unit_that_tells_most),
        cmocka_unit_test(ages_are_in_the_two_largest_units),
        cmocka_unit_test(wall_times_show_the_time_the_day_or_the_year),
        cmocka_unit_test(every_day_of_four_centuries_follows_the_one_before),
        cmocka_unit_test(any_state_letter_is_shown_and_anything_else_is_a_question_mark),
        cmocka_unit_test(text_is_written_whole),
        cmocka_unit_test(each_reason_has_a_sign_a_name_and_help_of_its_own),
        cmocka_unit_test(comparing_is_antisymmetric_and_puts_the_absent_last),
        cmocka_unit_test(only_text_and_letters_are_left_aligned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
