#include "base/utf8.h"
#include "base/utf8_table.h"
#include "check.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static void every_code_point_survives_encoding_and_decoding(void **state)
{
    (void)state;
    for (uint32_t code_point = 0; code_point <= 0x10FFFF; code_point++) {
        char bytes[4];
        uint32_t back = 0;
        size_t len = utf8_encode(code_point, bytes);
        size_t taken = utf8_decode(bytes, len, &back);
        if (code_point >= 0xD800 && code_point <= 0xDFFF) {
            assert_true(back == UTF8_BAD && taken == 1);
        } else {
            assert_true(back == code_point && taken == len);
        }
    }
}

static void malformed_sequences_are_refused_one_byte_at_a_time(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "\x80",             // continuation alone
        "\xBF\xBF",         //
        "\xC0\x80",         // overlong NUL
        "\xC1\xBF",         // overlong
        "\xE0\x80\xAF",     // overlong '/'
        "\xE0\x9F\xBF",     // overlong
        "\xF0\x80\x80\xAF", // overlong
        "\xF0\x8F\xBF\xBF", // overlong
        "\xED\xA0\x80",     // surrogate D800
        "\xED\xBF\xBF",     // surrogate DFFF
        "\xF4\x90\x80\x80", // above 10FFFF
        "\xF5\x80\x80\x80", // never valid
        "\xFE",             //
        "\xFF\xFF",         //
        "\xC3",             // cut
        "\xE2\x82",         // cut
        "\xF0\x9F\x98",     // cut
        "\xE2(\xA1",        // broken off
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint32_t code_point = 0;
        assert_int_equal(utf8_decode(cases[i], strlen(cases[i]), &code_point), 1);
        assert_true(code_point == UTF8_BAD);
    }
}

static void widths_follow_the_table(void **state)
{
    (void)state;
    static const struct {
        uint32_t code_point;
        int width;
    } cases[] = {
        {0, -1},        {0x1B, -1},     {0x1F, -1},   {' ', 1},     {'~', 1},     {0x7F, -1},
        {0x80, -1},     {0x9B, -1},     {0x9F, -1},   {0xA0, 1},    {0xAD, -1},   {0xE9, 1},
        {0x300, 0},     {0x36F, 0},     {0x488, 0},   {0x61C, -1},  {0x1160, 0},  {0x1100, 2},
        {0x200B, -1},   {0x200D, -1},   {0x200E, -1}, {0x200F, -1}, {0x2028, -1}, {0x2029, -1},
        {0x202A, -1},   {0x202E, -1},   {0x2060, -1}, {0x2066, -1}, {0x2069, -1}, {0xFEFF, -1},
        {0x2500, 1},    {0x2588, 1},    {0x28FF, 1},  {0x4E2D, 2},  {0xAC00, 2},  {0xFE0F, 0},
        {0xFF01, 2},    {0xFF61, 1},    {0xFFFD, 1},  {0xFFFF, -1}, {0xD800, -1}, {0x1F600, 2},
        {0xE000, 1},    {0xE0001, -1},  {0xE0100, 0}, {0x378, -1},  {0x20000, 2}, {0x10FFFF, -1},
        {0x110000, -1}, {UTF8_BAD, -1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(utf8_width(cases[i].code_point), cases[i].width);
    }
}

static void the_table_is_ascending_and_holds_only_widths(void **state)
{
    (void)state;
    for (size_t i = 0; i < utf8_range_count; i++) {
        int32_t width = utf8_ranges[i].width;
        assert_true(utf8_ranges[i].first <= utf8_ranges[i].last);
        assert_true(i == 0 || utf8_ranges[i].first > utf8_ranges[i - 1].last);
        assert_true(width == -1 || width == 0 || width == 2);
    }
}

static void unsafe_text_is_replaced_character_by_character(void **state)
{
    (void)state;
#define BAD "\uFFFD"
    static const struct {
        const char *text;
        size_t len;
        const char *safe;
        uint32_t cells;
    } cases[] = {
        {"plain", 5, "plain", 5},
        {"", 0, "", 0},
        {"a\0b", 3, "a" BAD "b", 3},
        {"\x1b[31m", 5, BAD "[31m", 5},
        {"a\tb\n", 4, "a" BAD "b" BAD, 4},
        {"\x7f", 1, BAD, 1},
        {"x\xC2\x9By", 4, "x" BAD "y", 3},   // CSI as one character
        {"\xC2\x80\xC2\x9F", 4, BAD BAD, 2}, // first and last C1 control
        {"a\xE2\x80\xAE"
         "b",
         5, "a" BAD "b", 3},                         // right-to-left override
        {"\xE2\x81\xA6", 3, BAD, 1},                 // left-to-right isolate
        {"\xE2\x80\xA8\xE2\x80\xA9", 6, BAD BAD, 2}, // line and paragraph separator
        {"a\xE2\x80\x8D"
         "b",
         5, "a" BAD "b", 3},                                // zero-width joiner
        {"\xE4\xB8\xAD\xE6\x96\x87", 6, "\u4E2D\u6587", 4}, // wide
        {"e\xCC\x81", 3, "e\u0301", 1},                     // combining
        {"\xCC\x81"
         "e",
         3, BAD "e", 2},                     // combining on nothing
        {"\xC0\xAF", 2, BAD BAD, 2},         // overlong
        {"\xED\xA0\x80", 3, BAD BAD BAD, 3}, // surrogate
        {"a\xE2\x82", 3, "a" BAD BAD, 3},    // cut
        {"\xFF"
         "a",
         2, BAD "a", 2},
        {"\xEF\xBF\xBF", 3, BAD, 1}, // noncharacter
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char out[64];
        uint32_t cells = 99;
        size_t len = utf8_make_safe(cases[i].text, cases[i].len, out, sizeof(out), &cells);
        assert_string_equal(out, cases[i].safe);
        assert_int_equal(len, strlen(cases[i].safe));
        assert_int_equal(cells, cases[i].cells);
    }
#undef BAD
}

static void safe_text_is_cut_at_a_whole_character_when_the_buffer_ends(void **state)
{
    (void)state;
    const char *text = "a\u00e9\u4E2D\U0001F600";
    static const size_t whole[] = {0, 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10};
    static const uint32_t cells_of[] = {0, 0, 1, 1, 2, 2, 2, 4, 4, 4, 4, 6};
    for (size_t size = 0; size < sizeof(whole) / sizeof(whole[0]); size++) {
        char out[16];
        uint32_t cells = 99;
        memset(out, 'Z', sizeof(out));
        assert_int_equal(utf8_make_safe(text, strlen(text), out, size, &cells), whole[size]);
        assert_int_equal(cells, cells_of[size]);
        assert_memory_equal(out, text, whole[size]);
        assert_int_equal(out[size], 'Z');
        if (size > 0) {
            assert_int_equal(out[whole[size]], '\0');
        }
    }
}

static void no_bytes_whatever_become_unsafe_text(void **state)
{
    (void)state;
    uint32_t random = 12345;
    for (int round = 0; round < 3000; round++) {
        char bytes[64];
        for (size_t i = 0; i < sizeof(bytes); i++) {
            random = (uint32_t)((random * UINT64_C(1664525) + 1013904223) & UINT32_MAX);
            // Mostly lead and continuation bytes, so that sequences happen.
            uint32_t pick = random >> 24;
            bytes[i] = (char)(round % 2 ? pick : pick | 0x80);
        }
        char out[256];
        uint32_t cells = 0;
        uint32_t sum = 0;
        size_t len = utf8_make_safe(bytes, sizeof(bytes), out, sizeof(out), &cells);
        for (size_t at = 0; at < len;) {
            uint32_t code_point = 0;
            at += utf8_decode(out + at, len - at, &code_point);
            int width = utf8_width(code_point);
            assert_true(width >= 0);
            sum += (uint32_t)width;
        }
        assert_int_equal(sum, cells);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point_survives_encoding_and_decoding),
        cmocka_unit_test(malformed_sequences_are_refused_one_byte_at_a_time),
        cmocka_unit_test(widths_follow_the_table),
        cmocka_unit_test(the_table_is_ascending_and_holds_only_widths),
        cmocka_unit_test(unsafe_text_is_replaced_character_by_character),
        cmocka_unit_test(safe_text_is_cut_at_a_whole_character_when_the_buffer_ends),
        cmocka_unit_test(no_bytes_whatever_become_unsafe_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
