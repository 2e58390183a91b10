/* Why is this process stuck: processes the test made wait for something it knows, and the inspector
 * must say so on its first screen. */

#include "check.h"
#include "scene.h"
#include "waits.h"
#include "world.h"

#include <stdio.h>
#include <unistd.h>

/* With their short names: they run no program of their own, so that their command line is ours. */
static const char *const fast[] = {"--delay=0.3", "--columns=pid,user,cpu,comm,command", NULL};

/* Find the process and open the inspector: search, and Enter twice. */
static struct pty *inspect(const char *name, pid_t pid)
{
    struct pty *pty = scene_open(fast);
    scene_go_to(pty, name);
    pty_type(pty, "\r");
    char head[64];
    (void)snprintf(head, sizeof(head), "%d %s", (int)pid, name);
    pty_expect(pty, head);
    pty_expect(pty, "1Overview");
    return pty;
}

static void leave(struct pty *pty)
{
    pty_type(pty, "q"); // the inspector
    pty_expect(pty, "1Processes");
    scene_close(pty);
}

static void a_process_blocked_in_a_futex_is_recognised(void **state)
{
    (void)state;
    struct waits waits;
    waits_futex(&waits, "lockedout");
    struct pty *pty = inspect("lockedout", waits.pid);
    pty_expect(pty, "it waits for a futex");
    leave(pty);
    waits_finish(&waits);
}

static void a_process_blocked_in_a_read_is_recognised_with_its_file(void **state)
{
    (void)state;
    struct waits waits;
    const char *why = NULL;
    int fd = -1;
    if (!waits_read(&waits, "readsinvain", &fd, &why)) {
        print_message("skipped: %s\n", why);
        skip();
    }
    struct pty *pty = inspect("readsinvain", waits.pid);
    char call[64];
    (void)snprintf(call, sizeof(call), "read on descriptor %d", fd);
    pty_expect(pty, call);
    pty_expect(pty, WAITS_FILE);
    pty_type(pty, "3"); // open files
    pty_expect(pty, "POSITION");
    pty_expect(pty, WAITS_FILE);
    leave(pty);
    waits_finish(&waits);
}

static void a_throttled_process_is_recognised(void **state)
{
    (void)state;
    struct waits waits;
    const char *why = NULL;
    if (!waits_throttled(&waits, "heldback", &why)) {
        print_message("skipped: %s\n", why);
        skip();
    }
    struct pty *pty = inspect("heldback", waits.pid);
    pty_expect(pty, "throttled: its cgroup");
    pty_type(pty, "7"); // cgroup
    pty_expect(pty, "0.05 CPUs");
    leave(pty);
    waits_finish(&waits);
}

static void it_stays_open_when_the_process_ends(void **state)
{
    (void)state;
    struct child child;
    child_start(&child, "shortlived");
    struct pty *pty = inspect("shortlived", child.pid);
    pty_type(pty, "3");
    pty_expect(pty, "POSITION");
    pty_expect(pty, "pipe");
    pty_type(pty, "1");
    pty_expect(pty, "why");
    child_finish(&child);
    pty_expect(pty, "EXITED");
    pty_type(pty, "3"); // it was looked at, so it is known
    pty_expect(pty, "as it was");
    pty_expect(pty, "pipe");
    pty_type(pty, "8"); // this was not
    pty_expect(pty, "nothing of this was known when the process exited");
    pty_type(pty, "k");
    pty_expect(pty, "nothing was done: process");
    leave(pty);
}

static int tests(void)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test_teardown(a_process_blocked_in_a_futex_is_recognised, pty_finish_all),
        cmocka_unit_test_teardown(a_process_blocked_in_a_read_is_recognised_with_its_file,
                                  pty_finish_all),
        cmocka_unit_test_teardown(a_throttled_process_is_recognised, pty_finish_all),
        cmocka_unit_test_teardown(it_stays_open_when_the_process_ends, pty_finish_all),
    };
    return cmocka_run_group_tests_name("e2e inspect", all, NULL, NULL);
}

int main(int argc, char **argv)
{
    return world_main(argc, argv, tests);
}
