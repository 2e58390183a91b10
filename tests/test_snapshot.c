#include "base/arena.h"
#include "check.h"
#include "model/plan.h"
#include "model/snapshot.h"

#include <string.h>

static const struct proc living[] = {
    {.id = {.pid = 1, .start_ns = 5}},
    {.id = {.pid = 7, .start_ns = 9}},
    {.id = {.pid = 8, .start_ns = 3}},
    {.id = {.pid = 4194304, .start_ns = 1}},
};
static const struct proc exited[] = {
    {.id = {.pid = 3, .start_ns = 5}, .flags = PROC_EXITED},
    {.id = {.pid = 7, .start_ns = 2}, .flags = PROC_EXITED},
};

static struct snapshot make_snapshot(void)
{
    return (struct snapshot){.procs = living, .proc_count = 4, .exited = exited, .exited_count = 2};
}

static void processes_are_found_by_identity_living_or_not(void **state)
{
    (void)state;
    struct snapshot snap = make_snapshot();
    for (size_t i = 0; i < snap.proc_count; i++) {
        assert_ptr_equal(snapshot_find(&snap, living[i].id), &living[i]);
    }
    for (size_t i = 0; i < snap.exited_count; i++) {
        assert_ptr_equal(snapshot_find(&snap, exited[i].id), &exited[i]);
    }
}

static void a_reused_pid_is_somebody_else(void **state)
{
    (void)state;
    struct snapshot snap = make_snapshot();
    assert_null(snapshot_find(&snap, (struct proc_id){.pid = 1, .start_ns = 4}));
    assert_null(snapshot_find(&snap, (struct proc_id){.pid = 7, .start_ns = 5}));
    assert_null(snapshot_find(&snap, (struct proc_id){.pid = 2, .start_ns = 5}));
    assert_null(snapshot_find(&snap, (struct proc_id){.pid = -1}));
}

static void only_living_processes_are_found_by_pid(void **state)
{
    (void)state;
    struct snapshot snap = make_snapshot();
    assert_ptr_equal(snapshot_find_pid(&snap, 1), &living[0]);
    assert_ptr_equal(snapshot_find_pid(&snap, 7), &living[1]);
    assert_ptr_equal(snapshot_find_pid(&snap, 4194304), &living[3]);
    assert_null(snapshot_find_pid(&snap, 3));
    assert_null(snapshot_find_pid(&snap, 0));
    assert_null(snapshot_find_pid(&snap, INT32_MAX));
}

static void nothing_is_found_in_an_empty_snapshot(void **state)
{
    (void)state;
    struct snapshot snap = {0};
    assert_null(snapshot_find(&snap, living[0].id));
    assert_null(snapshot_find_pid(&snap, 1));
}

static void a_snapshot_goes_with_its_arena(void **state)
{
    (void)state;
    struct arena *arena = arena_create(1 << 16);
    struct snapshot *snap = arena_alloc(arena, 1, sizeof(*snap));
    assert_non_null(snap);
    snap->arena = arena;
    snapshot_free(snap); // the leak checker sees when it did not
    snapshot_free(NULL);
}

static void literals_know_their_size(void **state)
{
    (void)state;
    struct text text = text_literal("[worker]");
    assert_string_equal(text.ptr, "[worker]");
    assert_int_equal(text.bytes, 8);
    assert_int_equal(text.cells, 8);
    assert_int_equal(text_literal("").bytes, 0);
}

static void a_plan_that_wants_sockets_of_processes_reads_the_sockets(void **state)
{
    (void)state;
    assert_int_equal(plan_parts(&(struct plan){.want = FACT_IO, .parts = PART_DISKS}), PART_DISKS);
    assert_int_equal(plan_parts(&(struct plan){.want = FACT_SOCKETS}), PART_SOCKETS);
    assert_int_equal(plan_parts(&(struct plan){.want_visible = FACT_SOCKETS | FACT_IO,
                                               .parts = PART_MOUNTS}),
                     PART_SOCKETS | PART_MOUNTS);
}

static void plans_are_equal_when_they_ask_for_the_same(void **state)
{
    (void)state;
    static struct plan a;
    static struct plan b;
    a.visible_count = b.visible_count = 2;
    a.visible[1] = b.visible[1] = living[1].id;
    a.visible[2] = living[2].id; // beyond the count: asks for nothing
    assert_true(plan_equal(&a, &b));
    b.visible[1].start_ns++;
    assert_false(plan_equal(&a, &b));
    b.visible[1].start_ns--;
    b.visible_count = 1;
    assert_false(plan_equal(&a, &b));

    for (int member = 0; member < 8; member++) {
        b = a;
        b.interval_ns += member == 0;
        b.want ^= member == 1 ? FACT_IO : 0u;
        b.want_visible ^= member == 2 ? FACT_IO : 0u;
        b.threads ^= member == 3;
        b.frequencies ^= member == 4;
        b.paused ^= member == 5;
        b.settle ^= member == 6;
        b.baseline += member == 7;
        assert_false(plan_equal(&a, &b));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(processes_are_found_by_identity_living_or_not),
        cmocka_unit_test(a_reused_pid_is_somebody_else),
        cmocka_unit_test(only_living_processes_are_found_by_pid),
        cmocka_unit_test(nothing_is_found_in_an_empty_snapshot),
        cmocka_unit_test(a_snapshot_goes_with_its_arena),
        cmocka_unit_test(literals_know_their_size),
        cmocka_unit_test(a_plan_that_wants_sockets_of_processes_reads_the_sockets),
        cmocka_unit_test(plans_are_equal_when_they_ask_for_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
