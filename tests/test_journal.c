#include "check.h"
#include "model/journal.h"

#include <stdint.h>
#include <stdio.h>

static struct journal_entry entry(uint32_t job, int32_t pid, const char *result)
{
    struct journal_entry entry = {.job = job, .target.id = {.pid = pid, .start_ns = 7}};

    (void)snprintf(entry.result, sizeof(entry.result), "%s", result);
    return entry;
}

static struct journal_entry pending(uint32_t job, int32_t pid, const char *result)
{
    struct journal_entry line = entry(job, pid, result);

    line.pending = true;
    return line;
}

static void put(struct journal *journal, struct journal_entry line)
{
    journal_put(journal, &line);
}

static void the_newest_lines_are_kept_oldest_first(void **state)
{
    (void)state;
    struct journal *journal = journal_create(3);
    assert_int_equal(journal_count(journal), 0);
    assert_null(journal_at(journal, 0));
    for (uint32_t i = 1; i <= 5; i++) {
        put(journal, entry(i, 100, "done"));
        assert_int_equal(journal_total(journal), i);
        assert_int_equal(journal_count(journal), i < 3 ? i : 3);
    }
    assert_int_equal(journal_at(journal, 0)->job, 3);
    assert_int_equal(journal_at(journal, 1)->job, 4);
    assert_int_equal(journal_at(journal, 2)->job, 5);
    assert_null(journal_at(journal, 3));
    journal_destroy(journal);
}

static void a_pending_line_is_brought_up_to_date_in_its_place(void **state)
{
    (void)state;
    struct journal *journal = journal_create(4);
    put(journal, pending(1, 10, "SIGTERM sent"));
    put(journal, pending(1, 11, "SIGTERM sent"));
    put(journal, entry(2, 10, "done"));
    put(journal, pending(1, 10, "SIGKILL sent"));
    assert_int_equal(journal_count(journal), 3);
    assert_string_equal(journal_at(journal, 0)->result, "SIGKILL sent");
    assert_true(journal_at(journal, 0)->pending);
    put(journal, entry(1, 10, "exited after 5 s"));
    assert_string_equal(journal_at(journal, 0)->result, "exited after 5 s");
    assert_false(journal_at(journal, 0)->pending);
    assert_string_equal(journal_at(journal, 1)->result, "SIGTERM sent");
    assert_string_equal(journal_at(journal, 2)->result, "done");
    assert_int_equal(journal_total(journal), 3);

    put(journal, entry(1, 10, "again")); // the first one has come to its end
    assert_int_equal(journal_count(journal), 4);
    assert_string_equal(journal_at(journal, 0)->result, "exited after 5 s");
    journal_destroy(journal);
}

static void only_the_same_job_target_and_direction_replace_a_line(void **state)
{
    (void)state;
    struct journal_entry others[] = {pending(2, 10, "other job"), pending(1, 11, "other pid"),
                                     pending(1, 10, "other start"), pending(1, 10, "undo")};
    struct journal *journal = journal_create(10);
    others[2].target.id.start_ns = 8;
    others[3].undo = true;
    put(journal, pending(1, 10, "first"));
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        put(journal, others[i]);
        assert_int_equal(journal_count(journal), i + 2);
        assert_string_equal(journal_at(journal, 0)->result, "first");
    }
    journal_destroy(journal);
}

static void of_two_pending_lines_the_newest_is_replaced(void **state)
{
    (void)state;
    struct journal *journal = journal_create(3);
    // Job numbers start over some day; the old line has been waiting for ever.
    put(journal, pending(1, 10, "old"));
    put(journal, entry(2, 10, "between"));
    struct journal_entry undone = pending(1, 10, "undone");
    undone.undo = true;
    put(journal, undone);
    undone.pending = false;
    put(journal, undone);
    undone.pending = true;
    put(journal, undone);
    assert_int_equal(journal_total(journal), 4);
    assert_int_equal(journal_at(journal, 1)->pending, false);
    undone.error = true;
    put(journal, undone);
    assert_int_equal(journal_total(journal), 4);
    assert_true(journal_at(journal, 2)->error);
    assert_false(journal_at(journal, 1)->error);
    journal_destroy(journal);
}

static void a_line_pushed_out_of_the_ring_comes_back_as_a_new_one(void **state)
{
    (void)state;
    struct journal *journal = journal_create(2);
    put(journal, pending(1, 10, "SIGTERM sent"));
    put(journal, entry(2, 20, "done"));
    put(journal, entry(2, 21, "done"));
    put(journal, entry(1, 10, "exited"));
    assert_int_equal(journal_total(journal), 4);
    assert_int_equal(journal_count(journal), 2);
    assert_int_equal(journal_at(journal, 0)->target.id.pid, 21);
    assert_string_equal(journal_at(journal, 1)->result, "exited");
    journal_destroy(journal);
}

static void the_size_of_the_ring_is_sane(void **state)
{
    (void)state;
    journal_destroy(NULL);
    assert_null(journal_create(SIZE_MAX));
    struct journal *journal = journal_create(0);
    put(journal, entry(1, 1, "a"));
    put(journal, entry(2, 2, "b"));
    assert_int_equal(journal_count(journal), 1);
    assert_string_equal(journal_at(journal, 0)->result, "b");
    journal_destroy(journal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_lines_are_kept_oldest_first),
        cmocka_unit_test(a_pending_line_is_brought_up_to_date_in_its_place),
        cmocka_unit_test(only_the_same_job_target_and_direction_replace_a_line),
        cmocka_unit_test(of_two_pending_lines_the_newest_is_replaced),
        cmocka_unit_test(a_line_pushed_out_of_the_ring_comes_back_as_a_new_one),
        cmocka_unit_test(the_size_of_the_ring_is_sane),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
