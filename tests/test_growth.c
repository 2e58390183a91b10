#include "check.h"
#include "sampler/cache.h"
#include "sampler/growth.h"

static const uint64_t second_ns = 1000000000;

static struct raw_proc sized(uint64_t counted, uint64_t exact)
{
    return (struct raw_proc){
        .have = FACT_IDENT | (exact > 0 ? (fact_mask)FACT_MEMORY : 0u),
        .counted_bytes = counted,
        .resident_bytes = exact > 0 ? exact : counted,
    };
}

/* One scan of a process, and what it says of its growth. */
static struct proc scan(struct cache_entry *entry, struct raw_proc raw, uint64_t at_s)
{
    struct proc proc = {.id = {.pid = 1}};
    growth_note(entry, &raw, at_s * second_ns);
    growth_fill(entry, &raw, at_s * second_ns, &proc);
    return proc;
}

static void growth_is_counted_from_when_it_was_first_seen(void **state)
{
    (void)state;
    struct cache_entry entry = {.seen_sample = 1};
    struct proc proc = scan(&entry, sized(1000, 0), 10);
    assert_true(proc.mem.has_baseline);
    assert_int_equal(proc.mem.growth_bytes, 0);
    assert_int_equal(proc.mem.window_ns, 0); // no interval yet
    proc = scan(&entry, sized(1800, 0), 11);
    assert_int_equal(proc.mem.growth_bytes, 800);
    proc = scan(&entry, sized(400, 0), 12);
    assert_int_equal(proc.mem.growth_bytes, -600);
}

static void a_new_baseline_starts_it_again(void **state)
{
    (void)state;
    struct cache_entry entry = {.seen_sample = 1};
    (void)scan(&entry, sized(1000, 0), 10);
    struct raw_proc raw = sized(5000, 0);
    assert_int_equal(scan(&entry, raw, 11).mem.growth_bytes, 4000);
    growth_rebase(&entry, &raw, 11 * second_ns);
    assert_int_equal(scan(&entry, raw, 12).mem.growth_bytes, 0);
    assert_int_equal(scan(&entry, sized(5100, 0), 13).mem.growth_bytes, 100);
}

/* `stat` and `statm` differ by what CPUs have not added up yet: that is no growth. */
static void quick_and_exact_sizes_are_never_mixed(void **state)
{
    (void)state;
    struct cache_entry entry = {.seen_sample = 1};
    (void)scan(&entry, sized(1000, 0), 10);
    assert_int_equal(scan(&entry, sized(1000, 99000), 11).mem.growth_bytes, 0);
    struct raw_proc raw = sized(1000, 99000);
    growth_rebase(&entry, &raw, 11 * second_ns);
    assert_int_equal(scan(&entry, sized(1000, 99500), 12).mem.growth_bytes, 500);
    assert_int_equal(scan(&entry, sized(1007, 0), 13).mem.growth_bytes, 7);
    const struct raw_proc before = sized(1000, 0);
    const struct raw_proc after = sized(1003, 50000);
    assert_int_equal(growth_between(&before, &after), 3);
    const struct raw_proc exact = sized(9, 49000);
    assert_int_equal(growth_between(&exact, &after), 1000);
    assert_int_equal(growth_between(&after, &exact), -1000);
}

static void an_exact_size_read_later_belongs_to_its_scan(void **state)
{
    (void)state;
    struct cache_entry entry = {.seen_sample = 1};
    (void)scan(&entry, sized(1000, 0), 10);
    struct raw_proc late = sized(1000, 3000);
    growth_note_exact(&entry, &late, 9 * second_ns); // another scan's
    assert_true(entry.base.exact == FIGURE_ABSENT);
    growth_note_exact(&entry, &late, 10 * second_ns);
    assert_int_equal(scan(&entry, sized(1000, 3500), 11).mem.growth_bytes, 500);
}

static void the_window_is_half_a_minute_to_a_minute(void **state)
{
    (void)state;
    struct cache_entry entry = {.seen_sample = 1};
    uint64_t size = 1000;
    for (uint64_t s = 0; s <= 300; s++, size += 10) {
        const struct proc proc = scan(&entry, sized(size, 0), 100 + s);
        if (s > 0) {
            assert_true(proc.mem.window_bytes_per_s > 9.99 && proc.mem.window_bytes_per_s < 10.01);
        }
        assert_true(proc.mem.window_ns <= 60 * second_ns);
        assert_true(s < 30 || proc.mem.window_ns >= 30 * second_ns);
    }
    for (uint64_t s = 301; s <= 361; s++) { // it stops: a minute later nothing is left of it
        (void)scan(&entry, sized(size, 0), 100 + s);
    }
    const struct proc proc = scan(&entry, sized(size, 0), 100 + 362);
    assert_true(proc.mem.window_bytes_per_s < 0.01 && proc.mem.window_bytes_per_s > -0.01);
}

static void without_an_entry_nothing_is_known(void **state)
{
    (void)state;
    struct proc proc = {.id = {.pid = 1}};
    const struct raw_proc raw = sized(1000, 0);
    growth_fill(NULL, &raw, second_ns, &proc);
    assert_false(proc.mem.has_baseline);
    assert_int_equal(proc.mem.window_ns, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(growth_is_counted_from_when_it_was_first_seen),
        cmocka_unit_test(a_new_baseline_starts_it_again),
        cmocka_unit_test(quick_and_exact_sizes_are_never_mixed),
        cmocka_unit_test(an_exact_size_read_later_belongs_to_its_scan),
        cmocka_unit_test(the_window_is_half_a_minute_to_a_minute),
        cmocka_unit_test(without_an_entry_nothing_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
