/* What a person does to a process. Only children the test made are ever the target, and each of
 * them tells what reached it. */

#include "check.h"
#include "scene.h"
#include "world.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define MENU "ask to end" // what the menu says of SIGTERM, on which it opens

enum { QUIET_MS = 150 }; // how long to listen for a signal that must not come

static void expect_nothing_more(struct child *child)
{
    assert_int_equal(child_next_signal(child, QUIET_MS), 0);
}

static void open_signal_menu(struct pty *pty)
{
    pty_press(pty, VTERM_KEY_FUNCTION(9));
    pty_expect(pty, MENU);
}

static void sigterm_reaches_the_chosen_process_and_no_other(void **state)
{
    (void)state;
    struct child children[3];
    child_start(&children[0], "zz-alpha");
    child_start(&children[1], "zz-bravo");
    child_start(&children[2], "zz-delta");
    struct pty *pty = scene_open(NULL);
    scene_go_to(pty, "zz-bravo");
    open_signal_menu(pty);
    pty_press(pty, VTERM_KEY_ENTER);
    assert_int_equal(child_next_signal(&children[1], PTY_PATIENCE_MS), SIGTERM);
    pty_expect(pty, "sent SIGTERM to");
    for (int i = 0; i < 3; i++) {
        expect_nothing_more(&children[i]);
    }
    scene_close(pty);
}

static void another_signal_can_be_chosen_by_number(void **state)
{
    (void)state;
    struct child alpha;
    child_start(&alpha, "zz-alpha");
    struct pty *pty = scene_open(NULL);
    scene_go_to(pty, "zz-alpha");
    pty_type(pty, "k");
    pty_expect(pty, MENU);
    pty_type(pty, "10");
    pty_press(pty, VTERM_KEY_ENTER);
    assert_int_equal(child_next_signal(&alpha, PTY_PATIENCE_MS), SIGUSR1);
    expect_nothing_more(&alpha);
    scene_close(pty);
}

static void a_cancelled_menu_sends_nothing(void **state)
{
    (void)state;
    struct child alpha;
    child_start(&alpha, "zz-alpha");
    struct pty *pty = scene_open(NULL);
    scene_go_to(pty, "zz-alpha");
    open_signal_menu(pty);
    pty_press(pty, VTERM_KEY_ESCAPE);
    pty_expect_gone(pty, MENU);
    expect_nothing_more(&alpha);
    scene_close(pty);
}

static void all_tagged_processes_get_the_signal(void **state)
{
    (void)state;
    struct child children[3];
    child_start(&children[0], "zz-alpha");
    child_start(&children[1], "zz-bravo");
    child_start(&children[2], "zz-delta");
    struct pty *pty = scene_open(NULL);
    scene_go_to(pty, "zz-alpha");
    pty_type(pty, " ");
    scene_go_to(pty, "zz-delta");
    pty_type(pty, " ");
    scene_go_to(pty, "zz-bravo"); // where the cursor is does not matter then
    open_signal_menu(pty);
    pty_press(pty, VTERM_KEY_ENTER);
    pty_expect(pty, "Send SIGTERM to 2 processes?");
    pty_expect(pty, "zz-alpha");
    pty_press(pty, VTERM_KEY_ENTER);
    assert_int_equal(child_next_signal(&children[0], PTY_PATIENCE_MS), SIGTERM);
    assert_int_equal(child_next_signal(&children[2], PTY_PATIENCE_MS), SIGTERM);
    for (int i = 0; i < 3; i++) {
        expect_nothing_more(&children[i]);
    }
    scene_close(pty);
}

/* A process and the nice value it should come to. */
struct nice_goal {
    pid_t pid;
    int nice;
};

static bool has_nice(struct pty *pty, void *context)
{
    (void)pty;
    const struct nice_goal *goal = context;
    return getpriority(PRIO_PROCESS, (id_t)goal->pid) == goal->nice;
}

static void nice_changes_for_the_chosen_process_alone(void **state)
{
    (void)state;
    struct child alpha;
    struct child bravo;
    child_start(&alpha, "zz-alpha");
    child_start(&bravo, "zz-bravo");
    int before = getpriority(PRIO_PROCESS, (id_t)bravo.pid);
    struct nice_goal goal = {.pid = alpha.pid, .nice = before + 1};
    struct pty *pty = scene_open(NULL);
    scene_go_to(pty, "zz-alpha");
    pty_press(pty, VTERM_KEY_FUNCTION(8));
    assert_true(pty_until(pty, has_nice, &goal, PTY_PATIENCE_MS));
    pty_expect(pty, "nice of");
    pty_type(pty, "[");
    goal.nice = before + 2;
    assert_true(pty_until(pty, has_nice, &goal, PTY_PATIENCE_MS));
    pty_press(pty, VTERM_KEY_FUNCTION(7));
    if (world_is_root()) {
        goal.nice = before + 1;
        assert_true(pty_until(pty, has_nice, &goal, PTY_PATIENCE_MS));
    } else {
        pty_expect(pty, "only root may lower nice");
    }
    assert_int_equal(getpriority(PRIO_PROCESS, (id_t)bravo.pid), before);
    expect_nothing_more(&alpha);
    scene_close(pty);
}

static void readonly_refuses_everything(void **state)
{
    (void)state;
    struct child alpha;
    child_start(&alpha, "zz-alpha");
    int before = getpriority(PRIO_PROCESS, (id_t)alpha.pid);
    struct pty *pty = scene_open((const char *const[]){"--readonly", NULL});
    scene_go_to(pty, "zz-alpha");
    pty_type(pty, "k");
    pty_expect(pty, "--readonly");
    pty_press(pty, VTERM_KEY_ENTER); // no menu to confirm in: it opens the inspector
    pty_expect(pty, "1Overview");
    pty_press(pty, VTERM_KEY_FUNCTION(8));
    pty_type(pty, "[");
    pty_drain(pty, 300);
    expect_nothing_more(&alpha);
    assert_int_equal(getpriority(PRIO_PROCESS, (id_t)alpha.pid), before);
    pty_type(pty, "q");
    pty_expect_gone(pty, "1Overview");
    scene_close(pty);
}

static void a_target_that_died_meanwhile_is_reported_gone(void **state)
{
    (void)state;
    struct child alpha;
    child_start(&alpha, "zz-alpha");
    struct child bravo;
    child_start(&bravo, "zz-bravo");
    struct pty *pty = scene_open(NULL);
    scene_go_to(pty, "zz-alpha");
    open_signal_menu(pty);
    child_finish(&alpha);
    pty_press(pty, VTERM_KEY_ENTER);
    pty_expect(pty, "is gone");
    expect_nothing_more(&bravo);
    scene_close(pty);
}

static void a_reused_pid_is_never_signalled(void **state)
{
    (void)state;
    if (!world_is_ours() || !world_is_root()) {
        print_message("skipped: choosing a pid needs a PID namespace and root\n");
        skip();
    }
    struct child victim;
    child_start(&victim, "zz-victim");
    pid_t pid = victim.pid;
    struct pty *pty = scene_open((const char *const[]){"-d", "0.2", NULL});
    scene_go_to(pty, "zz-victim");
    open_signal_menu(pty);
    child_finish(&victim);
    struct child heir;
    if (!child_start_as(&heir, "zz-heir", pid)) {
        print_message("skipped: this kernel lets nobody choose a pid\n");
        pty_type(pty, "\033");
        pty_expect_gone(pty, MENU);
        scene_close(pty);
        skip();
    }
    assert_int_equal(heir.pid, pid);
    // Let it be in the list, where it sits on the same number as the victim did.
    pty_drain(pty, 600);
    pty_press(pty, VTERM_KEY_ENTER);
    pty_expect(pty, "is gone");
    expect_nothing_more(&heir);
    scene_close(pty);
}

static int tests(void)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test_teardown(sigterm_reaches_the_chosen_process_and_no_other, pty_finish_all),
        cmocka_unit_test_teardown(another_signal_can_be_chosen_by_number, pty_finish_all),
        cmocka_unit_test_teardown(a_cancelled_menu_sends_nothing, pty_finish_all),
        cmocka_unit_test_teardown(all_tagged_processes_get_the_signal, pty_finish_all),
        cmocka_unit_test_teardown(nice_changes_for_the_chosen_process_alone, pty_finish_all),
        cmocka_unit_test_teardown(readonly_refuses_everything, pty_finish_all),
        cmocka_unit_test_teardown(a_target_that_died_meanwhile_is_reported_gone, pty_finish_all),
        cmocka_unit_test_teardown(a_reused_pid_is_never_signalled, pty_finish_all),
    };
    return cmocka_run_group_tests_name("e2e act", all, NULL, NULL);
}

int main(int argc, char **argv)
{
    return world_main(argc, argv, tests);
}
