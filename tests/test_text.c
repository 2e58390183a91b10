#include "base/arena.h"
#include "check.h"
#include "sampler/text.h"

#include <string.h>

static int set_up(void **state)
{
    *state = arena_create(1 << 20);
    return *state == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
    arena_destroy(*state);
    return 0;
}

static void plain_text_is_kept_as_it_is(void **state)
{
    const char *cases[] = {"a", "sshd", "12345678", "a longer name with spaces ~!{}"};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct text text = text_from_bytes(*state, cases[i], strlen(cases[i]));
        assert_string_equal(text.ptr, cases[i]);
        assert_int_equal(text.bytes, strlen(cases[i]));
        assert_int_equal(text.cells, strlen(cases[i]));
    }
}

static void every_byte_that_is_not_printable_ascii_is_noticed_at_every_place(void **state)
{
    for (int byte = 0; byte < 256; byte++) {
        for (size_t at = 0; at < 19; at++) {
            char raw[19];
            memset(raw, 'x', sizeof(raw));
            raw[at] = (char)byte;
            const struct text text = text_from_bytes(*state, raw, sizeof(raw));
            const bool plain = byte >= 0x20 && byte <= 0x7e;
            assert_int_equal(text.bytes, plain ? 19 : 21);
            assert_int_equal(text.cells, 19);
            assert_true(plain || strstr(text.ptr, "\xef\xbf\xbd") == text.ptr + at);
        }
    }
}

static void text_longer_than_the_limit_is_cut(void **state)
{
    char raw[TEXT_INPUT_MAX + 100];
    memset(raw, 'y', sizeof(raw));
    assert_int_equal(text_from_bytes(*state, raw, sizeof(raw)).bytes, TEXT_INPUT_MAX);
    memset(raw, '\1', sizeof(raw));
    const struct text text = text_from_bytes(*state, raw, sizeof(raw));
    assert_int_equal(text.bytes, 3 * TEXT_INPUT_MAX);
    assert_int_equal(text.cells, TEXT_INPUT_MAX);
}

static void all_of_a_text_is_made_safe_however_long_it_is(void **state)
{
    enum { LEN = 10 * TEXT_INPUT_MAX };
    static char raw[LEN];
    memset(raw, '\1', sizeof(raw));
    raw[LEN - 1] = 'z';
    const struct text text = text_from_all(*state, raw, sizeof(raw));
    assert_int_equal(text.cells, LEN);
    assert_int_equal(text.bytes, 3 * (LEN - 1) + 1);
    assert_int_equal(strlen(text.ptr), text.bytes);
    assert_null(strchr(text.ptr, '\1'));
    assert_int_equal(text.ptr[text.bytes - 1], 'z');
    assert_string_equal(text_from_all(*state, "short", 5).ptr, "short");
}

static void a_full_arena_gives_the_empty_text(void **state)
{
    (void)state;
    struct arena *arena = arena_create(1);
    const struct text text = text_from_bytes(arena, "name", 4);
    assert_int_equal(text.bytes, 0);
    assert_string_equal(text.ptr, "");
    uint32_t at = 9;
    uint32_t bytes = 9;
    assert_string_equal(text_from_argv(arena, "name", 4, &at, &bytes).ptr, "");
    static const char much[TEXT_INPUT_MAX + 1];
    assert_string_equal(text_from_all(arena, much, sizeof(much)).ptr, "");
    assert_int_equal(at, 0);
    assert_int_equal(bytes, 0);
    arena_destroy(arena);
}

static void arguments_are_joined_and_the_program_is_found(void **state)
{
    static const struct {
        const char *argv;
        size_t len;
        const char *text;
        const char *name;
    } cases[] = {
        {"", 0, "", ""},
        {"\0\0\0", 3, "", ""},
        {"sh\0", 3, "sh", "sh"},
        {"/bin/sh\0-c\0true\0", 16, "/bin/sh -c true", "sh"},
        {"/opt/my app/run me\0-x\0", 22, "/opt/my app/run me -x", "run me"},
        {"a\0\0b\0", 5, "a  b", "a"},
        {"a\0b\0\0\0\0", 7, "a b", "a"},
        {"nginx: worker process", 21, "nginx: worker process", "nginx"},
        {"sshd: x@pts/0\0\0\0", 16, "sshd: x@pts/0", "sshd"},
        {"/opt/b/b --type=/x/y\0", 21, "/opt/b/b --type=/x/y", "b"},
        {"-bash\0", 6, "-bash", "-bash"},
        {"/odd/\0x\0", 8, "/odd/ x", "/odd/"},
        {": x\0", 4, ": x", ":"},
        {"\x1b[2J/e\x1bx\0a\nb\0", 13,
         "\xef\xbf\xbd[2J/e\xef\xbf\xbdx a\xef\xbf\xbd"
         "b",
         "e\xef\xbf\xbdx"},
        {"/\xff\xfe/\xc3\xa4\0\xc3\0", 9, "/\xef\xbf\xbd\xef\xbf\xbd/\xc3\xa4 \xef\xbf\xbd",
         "\xc3\xa4"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint32_t at = 0;
        uint32_t bytes = 0;
        const struct text text = text_from_argv(*state, cases[i].argv, cases[i].len, &at, &bytes);
        assert_string_equal(text.ptr, cases[i].text);
        assert_int_equal(text.bytes, strlen(cases[i].text));
        assert_int_equal(bytes, strlen(cases[i].name));
        assert_memory_equal(text.ptr + at, cases[i].name, bytes);
    }
}

static void a_copy_is_independent_of_the_original(void **state)
{
    struct arena *arena = arena_create(4096);
    const struct text copy = text_copy(*state, text_from_bytes(arena, "gone soon", 9));
    arena_destroy(arena);
    assert_string_equal(copy.ptr, "gone soon");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(plain_text_is_kept_as_it_is, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            every_byte_that_is_not_printable_ascii_is_noticed_at_every_place, set_up, tear_down),
        cmocka_unit_test_setup_teardown(text_longer_than_the_limit_is_cut, set_up, tear_down),
        cmocka_unit_test_setup_teardown(all_of_a_text_is_made_safe_however_long_it_is, set_up,
                                        tear_down),
        cmocka_unit_test(a_full_arena_gives_the_empty_text),
        cmocka_unit_test_setup_teardown(arguments_are_joined_and_the_program_is_found, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_copy_is_independent_of_the_original, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
