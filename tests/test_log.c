#include "base/log.h"
#include "check.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static void the_newest_messages_are_kept_oldest_first(void **state)
{
    (void)state;
    struct log *log = log_create(3);
    assert_int_equal(log_count(log), 0);
    assert_null(log_at(log, 0));
    for (int i = 1; i <= 5; i++) {
        char text[32];
        (void)snprintf(text, sizeof(text), "message %d", i);
        log_add(log, 100 + i, i % 2 == 0, text);
        assert_int_equal(log_total(log), i);
        assert_int_equal(log_count(log), i < 3 ? i : 3);
    }
    assert_string_equal(log_at(log, 0)->text, "message 3");
    assert_string_equal(log_at(log, 2)->text, "message 5");
    assert_int_equal(log_at(log, 1)->wall_s, 104);
    assert_true(log_at(log, 1)->error);
    assert_false(log_at(log, 2)->error);
    assert_null(log_at(log, 3));
    log_destroy(log);
}

static void messages_are_made_safe_and_cut_to_fit(void **state)
{
    (void)state;
    struct log *log = log_create(0);
    log_add(log, 0, false, "a\x1b[2Jb");
    assert_string_equal(log_at(log, 0)->text, "a\uFFFD[2Jb");

    char text[1000];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    log_add(log, 0, false, text);
    assert_int_equal(log_count(log), 1);
    assert_int_equal(strlen(log_at(log, 0)->text), sizeof(log_at(log, 0)->text) - 1);
    log_destroy(log);
}

static void a_missing_log_takes_messages_silently(void **state)
{
    (void)state;
    log_add(NULL, 0, true, "lost");
    log_destroy(NULL);
    assert_null(log_create(SIZE_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_messages_are_kept_oldest_first),
        cmocka_unit_test(messages_are_made_safe_and_cut_to_fit),
        cmocka_unit_test(a_missing_log_takes_messages_silently),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
