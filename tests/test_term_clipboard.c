#include "check.h"
#include "ui/term_clipboard.h"

#include <string.h>

static char sequence[CLIPBOARD_SEQUENCE_BYTES];

static struct strbuf format(const char *text, size_t bytes)
{
    struct strbuf buf;
    str_init(&buf, sequence, sizeof(sequence));
    term_clipboard_format(text, bytes, &buf);
    return buf;
}

static void texts_go_as_base64(void **state)
{
    (void)state;
    static const struct {
        const char *text, *base64;
    } rows[] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {"\xc3\xa4\xff\xfe", "w6T//g=="},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char expected[64];
        struct strbuf buf;
        str_init(&buf, expected, sizeof(expected));
        str_addf(&buf, "\033]52;c;%s\a", rows[i].base64);
        (void)format(rows[i].text, strlen(rows[i].text));
        assert_string_equal(sequence, expected);
    }
}

static void nothing_in_a_text_ends_the_sequence(void **state)
{
    (void)state;
    char text[256];
    for (size_t i = 0; i < sizeof(text); i++) {
        text[i] = (char)i;
    }
    const struct strbuf buf = format(text, sizeof(text));
    for (size_t i = 7; i + 1 < buf.len; i++) {
        assert_non_null(strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=",
                               buf.ptr[i]));
    }
    assert_int_equal(buf.ptr[buf.len - 1], '\a');
}

static void the_longest_text_fits(void **state)
{
    (void)state;
    static char text[CLIPBOARD_BYTES];
    memset(text, 'x', sizeof(text));
    assert_false(format(text, sizeof(text)).overflow);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_go_as_base64),
        cmocka_unit_test(nothing_in_a_text_ends_the_sequence),
        cmocka_unit_test(the_longest_text_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
