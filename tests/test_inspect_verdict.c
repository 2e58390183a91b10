#include "check.h"
#include "dossier.h"
#include "inspect_scene.h"

#include <stdio.h>
#include <string.h>

/* Why a process is slow or stuck: made-up answers in words. */

static void one_that_is_frozen_is_not_said_to_sleep_on_purpose(void **state)
{
    struct scene scene;
    (void)state;
    scene_init(&scene);
    scene.waits[0].state = 'D';
    scene.waits[0].wchan = dossier_bytes("hrtimer_nanosleep");
    scene_in_call(&scene.waits[0], "clock_nanosleep", 230, -1);
    scene.levels[0] = dossier_level("/jobs/batch");
    scene.levels[1] = dossier_level("/jobs");
    scene.levels[0].frozen = true;
    scene.levels[1].frozen = true;
    scene.cgroup.as.cgroup.count = 2;
    scene_tell(&scene);
    assert_string_equal(scene.dossier->overview[0].what.ptr, "frozen");
    assert_string_equal(scene.dossier->overview[0].value.ptr,
                        "its cgroup is frozen, so nothing of it runs: /jobs");
    assert_true(scene.dossier->overview[0].alarming);
    assert_int_equal(scene_count(&scene, "frozen"), 1);
    assert_int_equal(scene_count(&scene, "state"), 0);
    scene_finish(&scene);
}

static void one_that_is_stopped_by_its_tracer_says_by_whom(void **state)
{
    struct scene scene;
    (void)state;
    scene_init(&scene);
    scene.waits[0].state = 't';
    scene.waits[0].wchan = dossier_bytes("ptrace_stop");
    scene.identity.as.identity.tracer = SCENE_OTHER;
    scene_tell(&scene);
    assert_string_equal(scene_line(&scene, "state", 0)->value.ptr,
                        "stopped by its tracer, 601 nginx (root)");
    assert_int_equal(scene_line(&scene, "state", 0)->process.pid, SCENE_OTHER);
    scene_finish(&scene);
}

static void one_whose_first_thread_has_ended_lives(void **state)
{
    struct scene scene;
    (void)state;
    scene_init(&scene);
    scene.waits[0].state = 'Z';
    scene.waits[1] = (struct raw_wait){.tid = 577, .alike = 3, .state = 'S', .syscall_fd = -1};
    scene.waiting.as.waiting.wait_count = 2;
    scene.waiting.as.waiting.thread_count = 4;
    scene_tell(&scene);
    assert_string_equal(scene_line(&scene, "state", 0)->value.ptr,
                        "its first thread has ended, 3 others go on");
    assert_false(scene_line(&scene, "state", 0)->alarming);
    scene.waiting.as.waiting.wait_count = 1;
    scene.waiting.as.waiting.thread_count = 1;
    scene_tell(&scene);
    assert_string_equal(scene_line(&scene, "state", 0)->value.ptr,
                        "a zombie: it has ended, but its parent has not asked how: 1 init (root)");
    assert_true(scene_line(&scene, "state", 0)->alarming);
    scene_finish(&scene);
}

static void a_parent_in_vfork_names_the_child_it_waits_for(void **state)
{
    struct scene scene;
    (void)state;
    scene_init(&scene);
    scene.waits[0].state = 'D';
    scene.waits[0].wchan = dossier_bytes("kernel_clone");
    scene_in_call(&scene.waits[0], "vfork", 58, -1);
    scene_tell(&scene);
    assert_string_equal(scene_line(&scene, "state", 0)->value.ptr,
                        "uninterruptible: at most SIGKILL ends its wait; it waits for the child it "
                        "made by vfork to run another program or to end (kernel_clone)");
    assert_false(scene_line(&scene, "state", 0)->alarming);
    assert_string_equal(scene_line(&scene, "child", 0)->value.ptr, "544 ar (db), sleeping");
    assert_int_equal(scene_line(&scene, "child", 0)->process.pid, 544);
    scene.waits[0].wchan = dossier_bytes("folio_wait_bit_common");
    scene_tell(&scene);
    assert_true(scene_line(&scene, "state", 0)->alarming);
    assert_int_equal(scene_count(&scene, "child"), 0);
    scene_finish(&scene);
}

static void how_a_zombie_ended_is_told(void **state)
{
    static const struct {
        int32_t status;
        const char *how;
    } rows[] = {
        {-1, ""},
        {0, " with exit status 0"},
        {3 << 8, " with exit status 3"},
        {9, " by signal 9 KILL"},
        {0x80 | 11, " by signal 11 SEGV, with a core dump"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct scene scene;
        char value[256];
        scene_init(&scene);
        scene.waits[0].state = 'Z';
        scene.waiting.as.waiting.exit_status = rows[i].status;
        scene_tell(&scene);
        (void)snprintf(value, sizeof(value),
                       "a zombie: it has ended%s, but its parent has not asked how: 1 init (root)",
                       rows[i].how);
        assert_string_equal(scene_line(&scene, "state", 0)->value.ptr, value);
        scene_finish(&scene);
    }
}

static void a_limit_that_is_used_up_is_a_reason(void **state)
{
    const struct raw_limit limits[] = {
        {.name = dossier_bytes("Max open files"), .soft = 1024, .hard = 4096, .used = 1045},
        {.name = dossier_bytes("Max stack size"), .soft = 100, .hard = 100, .used = 99},
        {.name = dossier_bytes("Max locked memory"), .soft = 100, .hard = 100, .used = 89},
        {.name = dossier_bytes("Max data size"), .soft = UINT64_MAX, .used = 1 << 30},
        {.name = dossier_bytes("Max address space"), .soft = 100, .used = FIGURE_ABSENT},
    };
    struct scene scene;
    (void)state;
    scene_init(&scene);
    scene.limits.as.limits.items = limits;
    scene.limits.as.limits.count = sizeof(limits) / sizeof(limits[0]);
    scene_tell(&scene);
    assert_int_equal(scene_count(&scene, "limit"), 1);
    assert_string_equal(scene_line(&scene, "limit", 0)->value.ptr,
                        "it has 102 % of the open files it may have, 1045 of 1024: opening more "
                        "fails");
    assert_true(scene_line(&scene, "limit", 0)->alarming);
    scene_finish(&scene);
}

/* Whether a line of the overview says this, of whatever group. */
static bool says(const struct scene *scene, const char *what, const char *value)
{
    bool found = false;
    for (size_t i = 0; i < scene->dossier->overview_count; i++) {
        const struct dossier_fact *fact = &scene->dossier->overview[i];
        found |= strcmp(fact->what.ptr, what) == 0 &&
                 (value == NULL || strcmp(fact->value.ptr, value) == 0);
    }
    return found;
}

static void files_of_a_cgroup_are_called_as_they_are(void **state)
{
    struct scene scene;
    (void)state;
    scene_init(&scene);
    scene.levels[0] = dossier_level("/box");
    scene.levels[0].cpu_quota_ns = 10000000;
    scene.levels[0].cpu_period_ns = 100000000;
    scene.levels[0].memory_current = 99;
    scene.levels[0].memory_max = 100;
    scene.levels[0].memory_max_events = 3;
    scene.levels[0].cpu_shares = 512;
    scene.cgroup.as.cgroup.count = 1;
    scene_tell(&scene);
    assert_true(says(&scene, "cpu.cfs_quota_us", NULL));
    assert_true(says(&scene, "cpu.shares", "512"));
    assert_true(says(&scene, "memory limit", NULL));
    assert_true(says(&scene, "memory.failcnt", NULL));
    assert_false(says(&scene, "cpu.max", NULL) || says(&scene, "memory.max", NULL) ||
                 says(&scene, "memory.high", NULL));
    assert_string_equal(scene_line(&scene, "memory limit", 0)->value.ptr,
                        "its cgroup /box is at 99 % of its memory limit");
    scene.cgroup.as.cgroup.v2 = true;
    scene_tell(&scene);
    assert_true(says(&scene, "cpu.max", NULL) && says(&scene, "memory.max", NULL) &&
                says(&scene, "memory.high", NULL));
    assert_false(says(&scene, "memory limit", NULL));
    scene_finish(&scene);
}

static void the_cgroup_of_a_zombie_is_not_the_root(void **state)
{
    const char *unknown = "not known: it has ended, and is in none of its own";
    struct scene scene;
    (void)state;
    scene_init(&scene);
    scene.levels[0] = dossier_level("/");
    scene.levels[0].memory_current = 99;
    scene.levels[0].memory_max = 100;
    scene.cgroup.as.cgroup.count = 1;
    scene.cgroup.has_ended = true;
    scene.identity.has_ended = true;
    scene.identity.as.identity.cgroup = dossier_bytes("/");
    scene_tell(&scene);
    assert_true(says(&scene, "cgroup", unknown));
    assert_false(says(&scene, "cgroup", "/"));
    assert_false(says(&scene, "memory limit", NULL));
    scene.cgroup.as.cgroup.v2 = true; // where it stays in it
    scene_tell(&scene);
    assert_true(says(&scene, "memory.max", NULL));
    scene_finish(&scene);
}

static void namespaces_that_may_not_be_known_are_said_to_be_so(void **state)
{
    struct scene scene;
    (void)state;
    scene_init(&scene);
    scene_tell(&scene);
    assert_false(says(&scene, "namespaces", NULL));
    scene.identity.as.identity.namespaces_denied = true;
    scene_tell(&scene);
    assert_true(says(&scene, "namespaces", "not permitted: perch needs more rights, as with sudo"));
    scene_finish(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_that_is_frozen_is_not_said_to_sleep_on_purpose),
        cmocka_unit_test(one_that_is_stopped_by_its_tracer_says_by_whom),
        cmocka_unit_test(one_whose_first_thread_has_ended_lives),
        cmocka_unit_test(a_parent_in_vfork_names_the_child_it_waits_for),
        cmocka_unit_test(how_a_zombie_ended_is_told),
        cmocka_unit_test(a_limit_that_is_used_up_is_a_reason),
        cmocka_unit_test(files_of_a_cgroup_are_called_as_they_are),
        cmocka_unit_test(the_cgroup_of_a_zombie_is_not_the_root),
        cmocka_unit_test(namespaces_that_may_not_be_known_are_said_to_be_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
