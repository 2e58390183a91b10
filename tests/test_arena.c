#include "base/arena.h"
#include "check.h"

#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static void memory_is_zeroed_and_aligned_for_any_type(void **state)
{
    (void)state;
    struct arena *arena = arena_create(1 << 20);
    for (int round = 0; round < 2; round++) {
        for (size_t size = 1; size < 600; size += 7) {
            unsigned char *ptr = arena_alloc(arena, 1, size);
            assert_non_null(ptr);
            assert_int_equal((uintptr_t)ptr % alignof(max_align_t), 0);
            for (size_t i = 0; i < size; i++) {
                assert_int_equal(ptr[i], 0);
            }
            memset(ptr, 0xAA, size); // the next round must not see this
        }
        arena_reset(arena);
    }
    arena_destroy(arena);
}

static void allocations_do_not_overlap(void **state)
{
    (void)state;
    struct arena *arena = arena_create(8 << 20);
    enum { COUNT = 2000 };
    static unsigned char *ptrs[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        ptrs[i] = arena_alloc(arena, i % 97 + 1, 3);
        assert_non_null(ptrs[i]);
        memset(ptrs[i], (int)(i % 251), (i % 97 + 1) * 3);
    }
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t k = 0; k < (i % 97 + 1) * 3; k++) {
            assert_int_equal(ptrs[i][k], i % 251);
        }
    }
    arena_destroy(arena);
}

static void nothing_is_handed_out_past_the_limit(void **state)
{
    (void)state;
    for (size_t limit = 0; limit <= 200 * 1024; limit += limit / 3 + 1) {
        struct arena *arena = arena_create(limit);
        size_t count = 0;
        while (arena_alloc(arena, 1, 48)) {
            count++;
            assert_true(arena_used(arena) <= limit);
        }
        // Blocks leave a little unused at their ends, never more than a tenth.
        assert_true(count * 48 <= limit);
        assert_true((count + 2) * 48 >= limit - limit / 10);
        arena_reset(arena);
        assert_true(limit < 48 || arena_alloc(arena, 1, 48));
        arena_destroy(arena);
    }
}

static void one_allocation_can_take_the_whole_limit_after_small_ones(void **state)
{
    (void)state;
    struct arena *arena = arena_create(1 << 20);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 1000; i++) {
            assert_non_null(arena_alloc(arena, 1, 100));
        }
        arena_reset(arena);
        assert_non_null(arena_alloc(arena, 1 << 20, 1));
        assert_null(arena_alloc(arena, 1, 1));
        arena_reset(arena);
    }
    arena_destroy(arena);
}

static void sizes_that_overflow_are_refused(void **state)
{
    (void)state;
    struct arena *arena = arena_create(SIZE_MAX);
    assert_null(arena_alloc(arena, SIZE_MAX, 2));
    assert_null(arena_alloc(arena, SIZE_MAX / 2, 3));
    assert_null(arena_alloc(arena, 1, SIZE_MAX));
    assert_non_null(arena_alloc(arena, 0, 8));
    arena_destroy(arena);
}

/* Addresses are the same in every round only when no block is made or freed in between. */
static void a_steady_state_reuses_the_same_memory(void **state)
{
    (void)state;
    struct arena *arena = arena_create(16 << 20);
    void *before[3] = {NULL, NULL, NULL};
    for (int round = 0; round < 10; round++) {
        void *now[3];
        now[0] = arena_alloc(arena, 1, 64);
        for (int i = 0; i < 5000; i++) {
            assert_non_null(arena_alloc(arena, 1, 40));
        }
        now[1] = arena_alloc(arena, 3000, 400);
        for (int i = 0; i < 5000; i++) {
            assert_non_null(arena_alloc(arena, 1, 20));
        }
        now[2] = arena_alloc(arena, 1, 64);
        if (round >= 3) {
            assert_memory_equal(now, before, sizeof(now));
        }
        memcpy(before, now, sizeof(before));
        arena_reset(arena);
    }
    arena_destroy(arena);
}

static void growing_a_little_each_time_stays_within_twice_the_need(void **state)
{
    (void)state;
    // An array that grows by one element a round, in an arena with little more than it needs.
    struct arena *arena = arena_create(300 * 1000);
    for (size_t count = 500; count < 1000; count++) {
        assert_non_null(arena_alloc(arena, 1, 200));
        assert_non_null(arena_alloc(arena, count, 100));
        assert_non_null(arena_alloc(arena, count, 100));
        for (size_t i = 0; i < 100; i++) {
            assert_non_null(arena_alloc(arena, 1, 30));
        }
        arena_reset(arena);
    }
    arena_destroy(arena);
}

static void used_counts_from_the_last_reset(void **state)
{
    (void)state;
    struct arena *arena = arena_create(1 << 20);
    assert_int_equal(arena_used(arena), 0);
    assert_non_null(arena_alloc(arena, 10, 10));
    assert_true(arena_used(arena) >= 100 && arena_used(arena) < 100 + 64);
    arena_reset(arena);
    assert_int_equal(arena_used(arena), 0);
    arena_destroy(arena);
    arena_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_and_aligned_for_any_type),
        cmocka_unit_test(allocations_do_not_overlap),
        cmocka_unit_test(nothing_is_handed_out_past_the_limit),
        cmocka_unit_test(one_allocation_can_take_the_whole_limit_after_small_ones),
        cmocka_unit_test(sizes_that_overflow_are_refused),
        cmocka_unit_test(a_steady_state_reuses_the_same_memory),
        cmocka_unit_test(growing_a_little_each_time_stays_within_twice_the_need),
        cmocka_unit_test(used_counts_from_the_last_reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
