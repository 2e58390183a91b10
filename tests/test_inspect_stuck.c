#include "check.h"
#include "child.h"
#include "e2e/waits.h"
#include "look.h"

#include <string.h>
#include <unistd.h>

/* Why is it stuck or slow: what the end-to-end tests show on the screen, as values. */

static void a_read_that_never_returns_is_seen_with_its_file(void **state)
{
    (void)state;
    struct waits waits;
    const char *why = NULL;
    int fd;
    if (!waits_read(&waits, "reader", &fd, &why)) {
        print_message("%s\n", why);
        skip();
    }
    const struct proc_id id = child_identify(look.platform, waits.pid);
    const struct raw_wait seen = look_waiting(id, "read").waits[0];
    assert_true(seen.state == 'S' || seen.state == 'D');
    assert_int_equal(seen.syscall_fd, fd);
    assert_true(look_is(seen.syscall_file, "/" WAITS_FILE));
    // Looking at all of it must not wait for that file system.
    assert_true(look_at(INSPECT_FILES, id).as.files.count > 0);
    for (int part = 0; part < INSPECT_PART_COUNT; part++) {
        (void)look_at((enum inspect_part)part, id);
    }
    waits_finish(&waits);
}

static void a_mutex_held_for_ever_is_a_futex(void **state)
{
    (void)state;
    struct waits waits;
    waits_futex(&waits, "locker");
    const struct proc_id id = child_identify(look.platform, waits.pid);
    assert_int_equal(look_waiting(id, "futex").waits[0].state, 'S');
    waits_finish(&waits);
}

static void a_cpu_quota_is_seen_with_how_often_it_held(void **state)
{
    (void)state;
    struct waits waits;
    const char *why = NULL;
    if (!waits_throttled(&waits, "spinner", &why)) {
        print_message("%s\n", why);
        skip();
    }
    const struct proc_id id = child_identify(look.platform, waits.pid);
    const struct raw_inspect seen = look_at(INSPECT_CGROUP, id);
    const char *const name = strrchr(waits.cgroup, '/');
    const struct raw_cgroup_level *own = NULL;
    for (size_t i = 0; i < seen.as.cgroup.count; i++) { // hierarchies of v1 may differ
        const struct raw_bytes path = seen.as.cgroup.items[i].path;
        if (path.len >= strlen(name) &&
            memcmp(path.ptr + path.len - strlen(name), name, strlen(name)) == 0) {
            own = &seen.as.cgroup.items[i];
        }
    }
    assert_non_null(own);
    assert_int_equal(own->cpu_quota_ns, WAITS_QUOTA_US * 1000);
    assert_int_equal(own->cpu_period_ns, WAITS_PERIOD_US * 1000);
    assert_true(own->throttled_periods >= 1 && own->throttled_periods <= own->periods);
    assert_true(own->throttled_ns > 0 && own->throttled_ns != FIGURE_ABSENT);
    waits_finish(&waits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_read_that_never_returns_is_seen_with_its_file),
        cmocka_unit_test(a_mutex_held_for_ever_is_a_futex),
        cmocka_unit_test(a_cpu_quota_is_seen_with_how_often_it_held),
    };
    return cmocka_run_group_tests(tests, look_setup, look_teardown);
}
