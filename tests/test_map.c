#include "base/map.h"
#include "check.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static struct proc_id key(int32_t pid, uint64_t start_ns)
{
    return (struct proc_id){.pid = pid, .start_ns = start_ns};
}

static void *value(uintptr_t number)
{
    return (void *)number; // never dereferenced
}

static void keys_differ_by_pid_and_by_start(void **state)
{
    (void)state;
    struct map *map = map_create(10);
    *map_put(map, key(1, 5)) = value(15);
    *map_put(map, key(1, 6)) = value(16);
    *map_put(map, key(-1, 5)) = value(25);
    assert_int_equal(map_count(map), 3);
    assert_ptr_equal(map_get(map, key(1, 5)), value(15));
    assert_ptr_equal(map_get(map, key(1, 6)), value(16));
    assert_ptr_equal(map_get(map, key(-1, 5)), value(25));
    assert_null(map_get(map, key(2, 5)));
    assert_false(map_has(map, key(1, 7)));
    map_destroy(map);
    map_destroy(NULL);
}

static void a_new_slot_is_empty_and_an_old_one_kept(void **state)
{
    (void)state;
    struct map *map = map_create(10);
    assert_false(map_has(map, key(1, 1)));
    void **slot = map_put(map, key(1, 1));
    assert_null(*slot);
    assert_true(map_has(map, key(1, 1)));
    *slot = value(7);
    assert_ptr_equal(*map_put(map, key(1, 1)), value(7));
    assert_int_equal(map_count(map), 1);
    map_destroy(map);
}

static void the_limit_refuses_new_keys_only(void **state)
{
    (void)state;
    struct map *map = map_create(100);
    for (int32_t i = 0; i < 100; i++) {
        assert_non_null(map_put(map, key(i, 0)));
    }
    assert_null(map_put(map, key(100, 0)));
    assert_non_null(map_put(map, key(50, 0)));
    assert_null(map_remove(map, key(50, 0)));
    assert_non_null(map_put(map, key(100, 0)));
    assert_int_equal(map_count(map), 100);
    map_destroy(map);

    map = map_create(0);
    assert_null(map_put(map, key(1, 0)));
    assert_null(map_get(map, key(1, 0)));
    map_destroy(map);
}

static void it_agrees_with_an_array_over_a_long_random_life(void **state)
{
    (void)state;
    enum { KEYS = 700, STEPS = 200000 };
    static uintptr_t expected[KEYS];
    memset(expected, 0, sizeof(expected));
    struct map *map = map_create(KEYS);
    size_t count = 0;
    uint32_t random = 1;
    for (uint32_t step = 1; step <= STEPS; step++) {
        random = (uint32_t)((random * UINT64_C(1664525) + 1013904223) & UINT32_MAX);
        uint32_t pick = (random >> 8) % KEYS;
        struct proc_id id = key((int32_t)(pick / 2), pick % 2);
        if (random >> 31) {
            *map_put(map, id) = value(step);
            count += expected[pick] == 0;
            expected[pick] = step;
        } else {
            assert_ptr_equal(map_remove(map, id), value(expected[pick]));
            count -= expected[pick] != 0;
            expected[pick] = 0;
        }
        assert_int_equal(map_count(map), count);
        if (step % 997 == 0) {
            for (uint32_t i = 0; i < KEYS; i++) {
                assert_ptr_equal(map_get(map, key((int32_t)(i / 2), i % 2)), value(expected[i]));
            }
        }
    }
    map_destroy(map);
}

static void walking_meets_every_entry_once(void **state)
{
    (void)state;
    struct map *map = map_create(1000);
    size_t cursor = 0;
    struct proc_id id = {0};
    void *found = NULL;
    assert_false(map_next(map, &cursor, &id, &found));
    for (int32_t i = 0; i < 500; i++) {
        *map_put(map, key(i, 9)) = value((uintptr_t)i + 1);
    }
    for (int32_t i = 0; i < 500; i += 2) {
        assert_ptr_equal(map_remove(map, key(i, 9)), value((uintptr_t)i + 1));
    }
    bool seen[500] = {false};
    size_t met = 0;
    for (cursor = 0; map_next(map, &cursor, &id, &found); met++) {
        assert_true(id.pid % 2 == 1 && id.start_ns == 9 && !seen[id.pid]);
        assert_ptr_equal(found, value((uintptr_t)id.pid + 1));
        seen[id.pid] = true;
    }
    assert_int_equal(met, 250);
    map_destroy(map);
}

static void a_reset_map_is_empty_and_usable(void **state)
{
    (void)state;
    struct map *map = map_create(1000);
    map_reset(map);
    for (int round = 0; round < 3; round++) {
        for (int32_t i = 0; i < 300; i++) {
            *map_put(map, key(i, 0)) = value(1);
        }
        map_reset(map);
        assert_int_equal(map_count(map), 0);
        assert_false(map_has(map, key(5, 0)));
    }
    map_destroy(map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_differ_by_pid_and_by_start),
        cmocka_unit_test(a_new_slot_is_empty_and_an_old_one_kept),
        cmocka_unit_test(the_limit_refuses_new_keys_only),
        cmocka_unit_test(it_agrees_with_an_array_over_a_long_random_life),
        cmocka_unit_test(walking_meets_every_entry_once),
        cmocka_unit_test(a_reset_map_is_empty_and_usable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
