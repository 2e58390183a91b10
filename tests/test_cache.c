#include "check.h"
#include "sampler/cache.h"

#include <errno.h>
#include <string.h>

static struct proc_id id_of(int32_t pid, uint64_t start_ns)
{
    return (struct proc_id){.pid = pid, .start_ns = start_ns};
}

static void entries_not_seen_any_more_are_dropped(void **state)
{
    (void)state;
    struct cache *cache = cache_create(1000);
    for (uint64_t sample = 1; sample <= 5; sample++) {
        for (int32_t pid = 1; pid <= 100; pid++) {
            if (sample == 1 || pid % 2 == 0) {
                assert_non_null(cache_touch(cache, id_of(pid, 1), sample));
            }
        }
        cache_sweep(cache, sample);
        assert_int_equal(cache_count(cache), sample == 1 ? 100 : 50);
    }
    assert_null(cache_find(cache, id_of(1, 1)));
    assert_int_equal(cache_find(cache, id_of(2, 1))->first_sample, 1);
    assert_int_equal(cache_find(cache, id_of(2, 1))->seen_sample, 5);
    cache_sweep(cache, 6);
    assert_int_equal(cache_count(cache), 0);
    cache_destroy(cache);
}

static void touching_in_any_order_finds_the_same_entries(void **state)
{
    (void)state;
    struct cache *cache = cache_create(1000);
    for (int32_t pid = 1; pid <= 50; pid++) {
        cache_touch(cache, id_of(pid, 7), 1)->uid = (uint32_t)pid;
    }
    for (int32_t i = 0; i < 50; i++) {
        const int32_t pid = 1 + i * 17 % 50;
        assert_int_equal(cache_touch(cache, id_of(pid, 7), 2)->uid, pid);
    }
    cache_sweep(cache, 2);
    assert_int_equal(cache_count(cache), 50);
    cache_destroy(cache);
}

static void a_reused_pid_has_an_entry_of_its_own(void **state)
{
    (void)state;
    struct cache *cache = cache_create(1000);
    struct cache_entry *old = cache_touch(cache, id_of(42, 1), 1);
    assert_int_equal(cache_set_cmdline(old, "old\0x", 5), 1);
    const struct cache_entry *new = cache_touch(cache, id_of(42, 2), 2);
    assert_ptr_not_equal(old, new);
    assert_null(new->cmdline.ptr);
    assert_true(new->cmdline_fact.due);
    cache_destroy(cache);
}

static void the_ceiling_refuses_more_processes(void **state)
{
    (void)state;
    struct cache *cache = cache_create(10);
    size_t got = 0;
    for (int32_t pid = 1; pid <= 20; pid++) {
        got += cache_touch(cache, id_of(pid, 1), 1) != NULL;
    }
    assert_int_equal(got, 10);
    assert_int_equal(cache_count(cache), 10);
    cache_destroy(cache);
}

static void setting_the_same_command_line_again_is_no_change(void **state)
{
    (void)state;
    struct cache *cache = cache_create(10);
    struct cache_entry *entry = cache_touch(cache, id_of(1, 1), 1);
    assert_int_equal(cache_set_cmdline(entry, "/bin/x\0y", 8), 1);
    const char *kept = entry->cmdline.ptr;
    assert_int_equal(cache_set_cmdline(entry, "/bin/x\0y", 8), 0);
    assert_ptr_equal(entry->cmdline.ptr, kept);
    assert_int_equal(cache_set_cmdline(entry, "/bin/x\0z", 8), 1);
    assert_string_equal(entry->cmdline.ptr, "/bin/x z");
    assert_int_equal(entry->cmdline_name_at, 5);
    assert_int_equal(entry->cmdline_name_bytes, 1);
    assert_int_equal(cache_set_cmdline(entry, "", 0), 1);
    assert_string_equal(entry->cmdline.ptr, "");
    cache_destroy(cache);
}

static void a_deleted_executable_is_marked_and_named_without_the_mark(void **state)
{
    (void)state;
    static const struct {
        const char *path, *text;
        bool deleted;
    } cases[] = {
        {"/usr/bin/x", "/usr/bin/x", false},
        {"/usr/bin/x (deleted)", "/usr/bin/x", true},
        {" (deleted)", " (deleted)", false},
        {"/x\x1b (deleted)", "/x\xef\xbf\xbd", true},
    };
    struct cache *cache = cache_create(10);
    struct cache_entry *entry = cache_touch(cache, id_of(1, 1), 1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(cache_set_exe(entry, cases[i].path, strlen(cases[i].path)), 1);
        assert_string_equal(entry->exe.ptr, cases[i].text);
        assert_int_equal(entry->exe_deleted, cases[i].deleted);
    }
    cache_destroy(cache);
}

static void texts_of_all_processes_together_have_a_ceiling(void **state)
{
    (void)state;
    enum { ROWS = 20000 };
    static char argv[4096];
    memset(argv, 'a', sizeof(argv));
    struct cache *cache = cache_create(ROWS);
    size_t stored = 0;
    for (int32_t pid = 1; pid <= ROWS; pid++) {
        const int result = cache_set_cmdline(cache_touch(cache, id_of(pid, 1), 1), argv, 4096);
        assert_true(result == 1 || result == -ENOMEM);
        stored += result == 1;
    }
    assert_int_equal(stored, CACHE_TEXT_BYTES_MAX / 4096);
    cache_sweep(cache, 2); // all gone: there is room again
    assert_int_equal(cache_set_cmdline(cache_touch(cache, id_of(1, 1), 2), argv, 4096), 1);
    cache_destroy(cache);
}

static void names_are_kept_by_number_up_to_the_largest(void **state)
{
    (void)state;
    struct cache *cache = cache_create(10);
    assert_null(cache_find_user(cache, 4294967295u));
    assert_int_equal(cache_set_name(cache_user(cache, 4294967295u), "max\x1b", 4), 0);
    assert_int_equal(cache_set_name(cache_user(cache, 0), "root", 4), 0);
    assert_string_equal(cache_find_user(cache, 4294967295u)->text.ptr, "max\xef\xbf\xbd");
    assert_string_equal(cache_find_user(cache, 0)->text.ptr, "root");
    assert_null(cache_find_tty(cache, 0));
    assert_int_equal(cache_set_name(cache_tty(cache, 34816), "pts/0", 5), 0);
    assert_string_equal(cache_find_tty(cache, 34816)->text.ptr, "pts/0");
    cache_destroy(cache);
}

static void frequencies_of_unknown_cpus_are_zero(void **state)
{
    (void)state;
    struct cache *cache = cache_create(10);
    assert_int_equal(cache_frequency(cache, 0), 0);
    const uint32_t khz[] = {1, 2, 3};
    assert_int_equal(cache_set_frequencies(cache, khz, 3), 0);
    assert_int_equal(cache_frequency(cache, 2), 3);
    assert_int_equal(cache_frequency(cache, 3), 0);
    assert_int_equal(cache_set_frequencies(cache, NULL, 0), 0);
    assert_int_equal(cache_frequency(cache, 2), 0);
    cache_destroy(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_not_seen_any_more_are_dropped),
        cmocka_unit_test(touching_in_any_order_finds_the_same_entries),
        cmocka_unit_test(a_reused_pid_has_an_entry_of_its_own),
        cmocka_unit_test(the_ceiling_refuses_more_processes),
        cmocka_unit_test(setting_the_same_command_line_again_is_no_change),
        cmocka_unit_test(a_deleted_executable_is_marked_and_named_without_the_mark),
        cmocka_unit_test(texts_of_all_processes_together_have_a_ceiling),
        cmocka_unit_test(names_are_kept_by_number_up_to_the_largest),
        cmocka_unit_test(frequencies_of_unknown_cpus_are_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
