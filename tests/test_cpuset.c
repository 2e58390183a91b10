#include "base/cpuset.h"
#include "check.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

/* Read a list that must be one. */
static struct cpu_set parsed(const char *text)
{
    struct cpu_set set = {0};

    assert_int_equal(cpu_set_parse(text, &set), 0);
    return set;
}

static void assert_written_as(const struct cpu_set *set, const char *expected)
{
    char memory[256];
    struct strbuf buf;

    str_init(&buf, memory, sizeof(memory));
    cpu_set_format(set, &buf);
    assert_string_equal(memory, expected);
    assert_false(buf.overflow);
}

static void lists_are_read_and_written_as_the_kernel_does(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t count;
        const char *written;
    } cases[] = {
        {"", 0, ""},
        {"  \n", 0, ""},
        {"0", 1, "0"},
        {"007", 1, "7"},
        {"0-3,8", 5, "0-3,8"},
        {"0-3\n", 4, "0-3"}, // as in files below /sys
        {" 0 - 3 , 8\t", 5, "0-3,8"},
        {"3,1,2,1", 3, "1-3"},
        {"0-4,2-6", 7, "0-6"},
        {"5-5", 1, "5"},
        {"0-10:2", 6, "0,2,4,6,8,10"},
        {"1-10:3", 4, "1,4,7,10"},
        {"0-7:1", 8, "0-7"},
        {"0-7:8", 1, "0"},
        {"3-9:4000000000", 1, "3"},
        {"3-9:99999999999999999999999", 1, "3"},
        {"0-30 : 15", 3, "0,15,30"},
        {"62-66", 5, "62-66"}, // across words
        {"63,64,127,128", 4, "63-64,127-128"},
        {"8191", 1, "8191"},
        {"0000000000000000000000008191", 1, "8191"},
        {"0-8191", 8192, "0-8191"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cpu_set set = parsed(cases[i].text);
        assert_int_equal(cpu_set_count(&set), cases[i].count);
        assert_written_as(&set, cases[i].written);
        struct cpu_set again = parsed(cases[i].written);
        assert_true(cpu_set_equal(&set, &again));
    }
}

static void what_is_no_list_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int error;
    } cases[] = {
        {",", -EINVAL},
        {"1,", -EINVAL},
        {",1", -EINVAL},
        {"1,,2", -EINVAL},
        {"0-", -EINVAL},
        {"-3", -EINVAL},
        {"-", -EINVAL},
        {"0--3", -EINVAL},
        {"5-3", -EINVAL},
        {"0-1-2", -EINVAL},
        {"0-8:0", -EINVAL},
        {"0-8:", -EINVAL},
        {"0-8:-1", -EINVAL},
        {"0-8:2:2", -EINVAL},
        {"4:2", -EINVAL}, // a stride needs a range
        {"0x3", -EINVAL},
        {"+1", -EINVAL},
        {"1.5", -EINVAL},
        {"1 2", -EINVAL},
        {"all", -EINVAL},
        {"0-3;8", -EINVAL},
        {"0\xc2\xa0", -EINVAL},
        {"8192,x", -EINVAL}, // not being a list comes first
        {"5-3,8192", -EINVAL},
        {"99999999999999999999-1", -EINVAL},
        {"8192", -ERANGE},
        {"0-8192", -ERANGE},
        {"0-3,8192,5", -ERANGE},
        {"4294967296", -ERANGE}, // 0, were it cut to 32 bits
        {"4294967295", -ERANGE},
        {"18446744073709551616", -ERANGE}, // 0, were it cut to 64 bits
        {"0-18446744073709551617", -ERANGE},
        {"100000000-2000000000", -ERANGE},
        {"99999999999999999999999999999999999999", -ERANGE},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cpu_set set = parsed("1,3");
        assert_int_equal(cpu_set_parse(cases[i].text, &set), cases[i].error);
        assert_written_as(&set, "1,3");
    }
}

static void cpus_go_in_and_out_one_by_one(void **state)
{
    (void)state;
    static const uint32_t cpus[] = {0, 1, 63, 64, 1023, 1024, 8191};
    struct cpu_set set = {0};
    for (size_t i = 0; i < sizeof(cpus) / sizeof(cpus[0]); i++) {
        assert_false(cpu_set_has(&set, cpus[i]));
        cpu_set_add(&set, cpus[i]);
        cpu_set_add(&set, cpus[i]);
        assert_true(cpu_set_has(&set, cpus[i]));
        assert_int_equal(cpu_set_count(&set), i + 1);
    }
    assert_written_as(&set, "0-1,63-64,1023-1024,8191");
    cpu_set_remove(&set, 64);
    cpu_set_remove(&set, 64);
    cpu_set_remove(&set, 500);
    assert_false(cpu_set_has(&set, 64));
    assert_written_as(&set, "0-1,63,1023-1024,8191");
}

static void numbers_beyond_the_greatest_are_never_in(void **state)
{
    (void)state;
    static const uint32_t cpus[] = {CPU_SET_MAX, CPU_SET_MAX + 1, UINT32_MAX};
    struct cpu_set set = {0};
    struct cpu_set full = parsed("0-8191");
    for (size_t i = 0; i < sizeof(cpus) / sizeof(cpus[0]); i++) {
        cpu_set_add(&set, cpus[i]);
        assert_int_equal(cpu_set_count(&set), 0);
        cpu_set_remove(&full, cpus[i]);
        assert_int_equal(cpu_set_count(&full), CPU_SET_MAX);
        assert_false(cpu_set_has(&full, cpus[i]));
    }
}

static void sets_are_combined_word_by_word(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        const char *both, *either, *only_a;
    } cases[] = {
        {"0-3", "2-5", "2-3", "0-5", "0-1"},
        {"0-3,8191", "", "", "0-3,8191", "0-3,8191"},
        {"", "7", "", "7", ""},
        {"60-70,8000", "64-66,8000", "64-66,8000", "60-70,8000", "60-63,67-70"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct cpu_set a = parsed(cases[i].a);
        const struct cpu_set b = parsed(cases[i].b);
        struct cpu_set set = a;
        cpu_set_and(&set, &b);
        assert_written_as(&set, cases[i].both);
        set = a;
        cpu_set_or(&set, &b);
        assert_written_as(&set, cases[i].either);
        set = a;
        cpu_set_subtract(&set, &b);
        assert_written_as(&set, cases[i].only_a);
    }
}

static void sets_are_equal_only_when_every_cpu_is(void **state)
{
    (void)state;
    struct cpu_set a = parsed("0-3,8190");
    struct cpu_set b = parsed("8190,0,1,2,3");
    assert_true(cpu_set_equal(&a, &b));
    cpu_set_add(&b, 8191);
    assert_false(cpu_set_equal(&a, &b));
    cpu_set_add(&a, 8191);
    cpu_set_remove(&a, 0);
    assert_false(cpu_set_equal(&a, &b));
}

static void a_list_that_does_not_fit_is_cut_between_its_items(void **state)
{
    (void)state;
    static const struct {
        size_t size;
        const char *expected;
        bool cut;
    } cases[] = {
        {20, "CPUs 1,30-42,77", false},
        {16, "CPUs 1,30-42,77", false},
        {15, "CPUs 1,30-42", true},
        {14, "CPUs 1,30-42", true},
        {12, "CPUs 1", true},
        {6, "CPUs ", true},
        {3, "CP", true},
    };
    const struct cpu_set set = parsed("1,30-42,77");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char memory[32];
        struct strbuf buf;
        str_init(&buf, memory, cases[i].size);
        str_add(&buf, "CPUs ");
        cpu_set_format(&set, &buf);
        assert_string_equal(memory, cases[i].expected);
        assert_int_equal(buf.overflow, cases[i].cut);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_read_and_written_as_the_kernel_does),
        cmocka_unit_test(what_is_no_list_is_refused_and_changes_nothing),
        cmocka_unit_test(cpus_go_in_and_out_one_by_one),
        cmocka_unit_test(numbers_beyond_the_greatest_are_never_in),
        cmocka_unit_test(sets_are_combined_word_by_word),
        cmocka_unit_test(sets_are_equal_only_when_every_cpu_is),
        cmocka_unit_test(a_list_that_does_not_fit_is_cut_between_its_items),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
