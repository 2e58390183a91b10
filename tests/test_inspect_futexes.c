#include "check.h"
#include "dossier.h"
#include "inspect_scene.h"

#include <string.h>

/* Futexes: whom a thread waits for, and deadlocks; made-up answers in words. */

enum { LOCK_A = 0x1000, LOCK_B = 0x2000 };

static struct raw_futex held_by(int32_t tid, uint64_t address, int32_t owner)
{
    return (
        struct raw_futex){.tid = tid, .address = address, .kind = RAW_FUTEX_MUTEX, .owner = owner};
}

/* So it is now, and so it was before. */
static void set_futexes(struct scene *scene, const struct raw_futex *futexes, size_t count)
{
    memcpy(scene->futexes, futexes, count * sizeof(*futexes));
    memcpy(scene->futexes_before, futexes, count * sizeof(*futexes));
    scene->peers.as.peers.futex_count = count;
    scene->peers_before.as.peers.futex_count = count;
}

static void begin(struct scene *scene)
{
    scene_init(scene);
    scene_in_call(&scene->waits[0], "futex", 202, -1);
    scene->waits[0].args[0] = LOCK_A;
}

static void whom_a_thread_waits_for_is_told(void **state)
{
    const struct {
        struct raw_futex first, second;
        const char *value;
    } rows[] = {
        {held_by(SCENE_PID, LOCK_A, 577), held_by(577, LOCK_B, 0),
         "at 0x1000; held by thread 577, as glibc notes it"},
        {held_by(SCENE_PID, LOCK_A, 0), held_by(577, LOCK_A, 0),
         "at 0x1000, as 1 other thread does"},
        {{.tid = SCENE_PID, .address = LOCK_A, .kind = RAW_FUTEX_PI, .owner = 577},
         held_by(577, LOCK_B, 0),
         "at 0x1000; held by thread 577"},
        {{.tid = SCENE_PID, .address = LOCK_A, .kind = RAW_FUTEX_THREAD, .owner = 577},
         held_by(577, LOCK_B, 0),
         "at 0x1000; waits for thread 577 to end"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scene scene;
        begin(&scene);
        set_futexes(&scene, (const struct raw_futex[]){rows[i].first, rows[i].second}, 2);
        scene_tell(&scene);
        assert_string_equal(scene_line(&scene, "futex", 0)->value.ptr, rows[i].value);
        assert_int_equal(scene_count(&scene, "deadlock"), 0);
        scene.waits[0].args[0] = LOCK_B; // it waits for something else by now
        scene_tell(&scene);
        assert_int_equal(scene_count(&scene, "futex"), 0);
        scene_finish(&scene);
    }
}

static void threads_that_wait_for_each_other_are_a_deadlock(void **state)
{
    struct scene scene;
    (void)state;
    begin(&scene);
    const struct raw_futex crossed[] = {held_by(SCENE_PID, LOCK_A, 577),
                                        held_by(577, LOCK_B, SCENE_PID)};
    set_futexes(&scene, crossed, 2);
    scene_tell(&scene);
    assert_int_equal(scene_count(&scene, "deadlock"), 1);
    assert_string_equal(scene.dossier->overview[0].value.ptr,
                        "thread 530 waits for thread 577, which waits for the first one: a "
                        "deadlock");
    assert_true(scene.dossier->overview[0].alarming);
    const struct raw_futex own[] = {held_by(SCENE_PID, LOCK_A, SCENE_PID)};
    set_futexes(&scene, own, 1);
    scene_tell(&scene);
    assert_string_equal(scene_line(&scene, "deadlock", 0)->value.ptr,
                        "thread 530 waits for what it holds itself: a deadlock");
    scene_finish(&scene);
}

static void what_may_still_go_on_is_no_deadlock(void **state)
{
    struct raw_futex crossed[] = {held_by(SCENE_PID, LOCK_A, 577), held_by(577, LOCK_B, SCENE_PID)};
    struct scene scene;
    (void)state;
    begin(&scene);
    set_futexes(&scene, crossed, 2);
    scene.futexes_before[1].address = LOCK_A; // it got on in between
    scene_tell(&scene);
    assert_int_equal(scene_count(&scene, "deadlock"), 0);
    set_futexes(&scene, crossed, 2);
    scene.peers_before.as.peers.futex_count = 0; // looked at once only
    scene_tell(&scene);
    assert_int_equal(scene_count(&scene, "deadlock"), 0);
    crossed[1].timed = true;
    set_futexes(&scene, crossed, 2);
    scene_tell(&scene);
    assert_int_equal(scene_count(&scene, "deadlock"), 0);
    crossed[1] = held_by(577, LOCK_B, 578); // who runs
    set_futexes(&scene, crossed, 2);
    scene_tell(&scene);
    assert_int_equal(scene_count(&scene, "deadlock"), 0);
    const struct raw_futex queue[] = {held_by(SCENE_PID, LOCK_A, 577), held_by(577, LOCK_B, 578),
                                      held_by(578, LOCK_A, 577)};
    set_futexes(&scene, queue, 3); // the first one is not in the circle
    scene_tell(&scene);
    assert_int_equal(scene_count(&scene, "deadlock"), 1);
    assert_string_equal(scene_line(&scene, "deadlock", 0)->value.ptr,
                        "thread 577 waits for thread 578, which waits for the first one: a "
                        "deadlock");
    scene_finish(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whom_a_thread_waits_for_is_told),
        cmocka_unit_test(threads_that_wait_for_each_other_are_a_deadlock),
        cmocka_unit_test(what_may_still_go_on_is_no_deadlock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
