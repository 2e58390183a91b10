/* Everything that can be done to a process beside signals and F7/F8, end to end: keys go in, and
 * other programs tell what came of it. Only children the test made are ever the target. */

#include "check.h"
#include "reader.h"
#include "scene.h"
#include "world.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    SOMEBODY = 65534,
    QUIET_MS = 150, // how long to listen for what must not come
    THREADS = 3,
};

/* One action as typed, and how it can be told that it was done. */
struct trial {
    const char *name;
    const char *open;   // opens its dialog, or does it
    const char *dialog; // what the dialog shows once the value now is known; NULL: it has none
    const char *choose; // in the dialog
    enum reading what;
    const char *before, *after;
    bool every_thread;   // all of them have it
    const char *refused; // what is said when the process is somebody else's
};

static const struct trial trials[] = {
    {"nice", "r", "now: 0", "5\r", READ_NICE, "0", "5", true, "belongs to root"},
    {"more nice", "]", NULL, "", READ_NICE, "0", "-1", true, "belongs to root"},
    {"less nice", "[", NULL, "", READ_NICE, "0", "1", true, "belongs to root"},
    {"I/O priority", "i", "now: none", "idle\r", READ_IO, "none: prio 0", "idle", true,
     "belongs to root"},
    {"I/O level", "i", "now: none", "best-effort 6\r", READ_IO, "none: prio 0",
     "best-effort: prio 6", true, "belongs to root"},
    {"scheduling", "Y", "now: OTHER", "batch\r", READ_POLICY, "SCHED_OTHER 0", "SCHED_BATCH 0",
     true, "belongs to root"},
    {"idle scheduling", "Y", "now: OTHER", "idle\r", READ_POLICY, "SCHED_OTHER 0", "SCHED_IDLE 0",
     true, "belongs to root"},
    {"OOM score adj", "o", "now: 0", "500\r", READ_OOM_ADJ, "0", "500", false, "belongs to root"},
    {"stop", "s", NULL, "", READ_STATE, "S", "T", false, "belongs to root"},
    {"autogroup nice", "{", NULL, "", READ_AUTOGROUP, "0", "1", false, "belongs to root"},
};

enum { TRIAL_COUNT = sizeof(trials) / sizeof(trials[0]) };

/* What a process is to read as. */
struct goal {
    const struct trial *trial;
    const struct child *child;
    const char *text;
};

static bool reads_so(struct pty *pty, void *context)
{
    (void)pty;
    const struct goal *goal = context;
    return goal->trial->every_thread
               ? reader_all_threads(goal->trial->what, goal->child->pid, goal->text)
               : strcmp(reader_read(goal->trial->what, goal->child->pid), goal->text) == 0;
}

static void expect_reading(struct pty *pty, const struct trial *trial, const struct child *child,
                           const char *text)
{
    struct goal goal = {.trial = trial, .child = child, .text = text};
    if (!pty_until(pty, reads_so, &goal, PTY_PATIENCE_MS)) {
        fail_msg("%s: read \"%s\", not \"%s\"", trial->name, reader_read(trial->what, child->pid),
                 text);
    }
}

/* Some of these the kernel may lack, or a container forbid. */
static bool is_possible(const struct trial *trial, const struct child *child)
{
    return strcmp(reader_read(trial->what, child->pid), trial->before) == 0;
}

static void open_dialog(struct pty *pty, const struct trial *trial)
{
    print_message("trying %s\n", trial->name);
    pty_type(pty, trial->open);
    if (trial->dialog != NULL) {
        pty_expect(pty, trial->dialog);
    }
}

static void do_it(struct pty *pty, const struct trial *trial)
{
    open_dialog(pty, trial);
    pty_type(pty, trial->choose);
}

static void skip_unless_root(void)
{
    if (!world_is_root() || !world_is_ours()) {
        print_message("skipped: this needs root and a PID namespace\n");
        skip();
    }
}

static void each_action_changes_the_chosen_process_alone_and_undo_restores_it(void **state)
{
    (void)state;
    skip_unless_root();
    struct child target;
    struct child other;
    child_start_threads(&target, "zz-target", THREADS);
    child_start(&other, "zz-other");
    struct pty *pty = scene_open((const char *const[]){"-d", "0.3", NULL});
    scene_go_to(pty, "zz-target");
    for (size_t i = 0; i < TRIAL_COUNT; i++) {
        const struct trial *trial = &trials[i];
        if (!is_possible(trial, &target)) {
            print_message("not possible here: %s\n", trial->name);
            continue;
        }
        do_it(pty, trial);
        expect_reading(pty, trial, &target, trial->after);
        if (trial->what != READ_AUTOGROUP) { // which is one for the whole session
            assert_string_equal(reader_read(trial->what, other.pid), trial->before);
        }
        pty_drain(pty, QUIET_MS);
        pty_type(pty, "z");
        pty_expect(pty, "undone");
        expect_reading(pty, trial, &target, trial->before);
        pty_type(pty, "\033"); // the sentence is not to be taken for the next one's
        pty_expect_gone(pty, "undone");
    }
    assert_int_equal(child_next_signal(&other, QUIET_MS), 0);
    scene_close(pty);
}

static void skip_unless_there_is_a_choice_of_cpus(void)
{
    cpu_set_t here;
    assert_int_equal(sched_getaffinity(0, sizeof(here), &here), 0);
    if (CPU_COUNT(&here) < 2 || !CPU_ISSET(0, &here)) {
        print_message("skipped: one CPU leaves no choice\n");
        skip();
    }
}

static const struct trial affinity = {.name = "affinity", .what = READ_CPUS, .every_thread = true};

static void affinity_is_chosen_by_typing_and_undone(void **state)
{
    (void)state;
    skip_unless_root();
    skip_unless_there_is_a_choice_of_cpus();
    static const uid_t users[] = {0, SOMEBODY};
    for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
        struct child target;
        child_start_threads_for(&target, "zz-target", THREADS, users[i]);
        char before[READER_TEXT_BYTES];
        (void)snprintf(before, sizeof(before), "%s", reader_read(READ_CPUS, target.pid));
        struct pty *pty = pty_start(&(struct pty_options){.uid = users[i]});
        scene_go_to(pty, "zz-target");
        pty_type(pty, "a");
        pty_expect(pty, "now: ");
        pty_type(pty, "c0\r");
        expect_reading(pty, &affinity, &target, "0");
        pty_expect(pty, "CPUs of");
        pty_type(pty, "z");
        expect_reading(pty, &affinity, &target, before);
        scene_close(pty);
        child_finish(&target);
    }
}

static void affinity_of_somebody_elses_process_is_refused_with_the_reason(void **state)
{
    (void)state;
    skip_unless_root();
    skip_unless_there_is_a_choice_of_cpus();
    struct child target;
    child_start_threads(&target, "zz-target", THREADS);
    char before[READER_TEXT_BYTES];
    (void)snprintf(before, sizeof(before), "%s", reader_read(READ_CPUS, target.pid));
    struct pty *pty = pty_start(&(struct pty_options){.uid = SOMEBODY});
    pty_expect(pty, "root"); // whose they are is known
    scene_go_to(pty, "zz-target");
    pty_type(pty, "a");
    pty_expect(pty, "now: ");
    pty_type(pty, "c0\r");
    pty_expect(pty, "belongs to root");
    assert_true(reader_all_threads(READ_CPUS, target.pid, before));
    scene_close(pty);
}

static void one_thread_can_be_meant_alone(void **state)
{
    (void)state;
    struct child target;
    child_start_threads(&target, "zz-target", THREADS);
    const struct trial trial = {.name = "nice", .what = READ_NICE};
    struct pty *pty = scene_open(NULL);
    scene_go_to(pty, "zz-target");
    pty_type(pty, "r");
    pty_expect(pty, "now: 0");
    pty_type(pty, "\t"); // whom: its first thread only
    pty_expect(pty, "thread");
    pty_type(pty, "7\r");
    expect_reading(pty, &trial, &target, "7");
    assert_false(reader_all_threads(READ_NICE, target.pid, "7"));
    scene_close(pty);
}

static void real_time_priority_is_asked_for_in_a_second_menu(void **state)
{
    (void)state;
    skip_unless_root();
    struct child target;
    child_start(&target, "zz-target");
    const struct sched_param one = {.sched_priority = 1};
    if (sched_setscheduler(target.pid, SCHED_RR, &one) != 0) {
        print_message("skipped: no real-time scheduling here\n");
        skip();
    }
    const struct sched_param none = {0};
    assert_int_equal(sched_setscheduler(target.pid, SCHED_OTHER, &none), 0);
    const struct trial trial = {.name = "scheduling", .what = READ_POLICY};
    struct pty *pty = scene_open(NULL);
    scene_go_to(pty, "zz-target");
    pty_type(pty, "Y");
    pty_expect(pty, "now: OTHER");
    pty_type(pty, "fifo\r");
    pty_expect(pty, "99");
    pty_type(pty, "42\r");
    expect_reading(pty, &trial, &target, "SCHED_FIFO 42");
    scene_close(pty);
}

static void somebody_else_is_told_why_and_nothing_changes(void **state)
{
    (void)state;
    skip_unless_root();
    struct child target;
    child_start_threads(&target, "zz-target", THREADS);
    struct pty *pty = pty_start(&(struct pty_options){.uid = SOMEBODY});
    pty_expect(pty, "root"); // whose they are is known
    scene_go_to(pty, "zz-target");
    for (size_t i = 0; i < TRIAL_COUNT; i++) {
        const struct trial *trial = &trials[i];
        if (!is_possible(trial, &target)) {
            print_message("not possible here: %s\n", trial->name);
            continue;
        }
        do_it(pty, trial);
        pty_expect(pty, trial->refused);
        assert_string_equal(reader_read(trial->what, target.pid), trial->before);
        pty_type(pty, "\033");
        pty_expect_gone(pty, trial->refused);
    }
    scene_close(pty);
}

static void limits_of_ones_own_processes_are_named(void **state)
{
    (void)state;
    skip_unless_root();
    static const struct {
        const char *open, *dialog, *choose, *refused;
    } rows[] = {
        {"r", "now: 0", "-5\r", "RLIMIT_NICE"},
        {"Y", "now: OTHER", "fifo\r\r", "RLIMIT_RTPRIO"},
        {"o", "now: 0", "-500\r", "CAP_SYS_RESOURCE"},
        {"i", "now: none", "real-time 0\r", "CAP_SYS_NICE"},
    };
    struct child target;
    child_start_for(&target, "zz-target", SOMEBODY);
    struct pty *pty = pty_start(&(struct pty_options){.uid = SOMEBODY, .width = 160});
    pty_expect(pty, "PID");
    scene_go_to(pty, "zz-target");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        pty_type(pty, rows[i].open);
        pty_expect(pty, rows[i].dialog);
        pty_type(pty, rows[i].choose);
        pty_expect(pty, rows[i].refused);
        pty_type(pty, "\033");
        pty_expect_gone(pty, rows[i].refused);
    }
    scene_close(pty);
}

static void undo_refuses_when_the_world_has_changed(void **state)
{
    (void)state;
    skip_unless_root();
    struct child target;
    child_start(&target, "zz-target");
    const struct trial trial = {.name = "nice", .what = READ_NICE};
    struct pty *pty = scene_open(NULL);
    scene_go_to(pty, "zz-target");
    pty_type(pty, "r");
    pty_expect(pty, "now: 0");
    pty_type(pty, "5\r");
    expect_reading(pty, &trial, &target, "5");
    assert_int_equal(setpriority(PRIO_PROCESS, (id_t)target.pid, 7), 0);
    pty_type(pty, "z");
    pty_expect(pty, "not undone");
    assert_string_equal(reader_read(READ_NICE, target.pid), "7");
    pty_type(pty, "z");
    pty_expect(pty, "no change left");
    scene_close(pty);
}

/* --- pid reuse ------------------------------------------------------------------------------- */

/* Open the dialog, let the process die and another take its pid, then choose. */
static void try_on_a_reused_pid(struct pty *pty, const struct trial *trial, const char *name)
{
    struct child victim;
    struct child heir;
    child_start(&victim, name);
    scene_go_to(pty, name);
    const bool possible = is_possible(trial, &victim);
    if (!possible || trial->dialog == NULL) {
        child_finish(&victim);
        return;
    }
    pid_t pid = victim.pid;
    open_dialog(pty, trial);
    child_finish(&victim);
    if (!child_start_as(&heir, "zz-heir", pid)) {
        print_message("skipped: this kernel lets nobody choose a pid\n");
        skip();
    }
    pty_drain(pty, 600); // so that it is in the list, under the same number
    pty_type(pty, trial->choose);
    pty_expect(pty, "is gone");
    assert_string_equal(reader_read(trial->what, heir.pid), trial->before);
    assert_int_equal(child_next_signal(&heir, QUIET_MS), 0);
    child_finish(&heir);
    pty_type(pty, "\033");
    pty_expect_gone(pty, "is gone");
}

static void no_dialog_ever_reaches_the_heir_of_a_pid(void **state)
{
    (void)state;
    skip_unless_root();
    struct pty *pty = scene_open((const char *const[]){"-d", "0.2", NULL});
    for (size_t i = 0; i < TRIAL_COUNT; i++) {
        char name[16]; // the last one's may still be in the list
        (void)snprintf(name, sizeof(name), "zz-victim-%c", 'a' + (int)i);
        try_on_a_reused_pid(pty, &trials[i], name);
    }
    scene_close(pty);
}

/* Actions without a dialog go to what the screen showed when the key was pressed. */
static void no_key_ever_reaches_the_heir_of_a_pid(void **state)
{
    (void)state;
    skip_unless_root();
    for (size_t i = 0; i < TRIAL_COUNT; i++) {
        const struct trial *trial = &trials[i];
        struct child victim;
        struct child heir;
        child_start(&victim, "zz-victim");
        if (trial->dialog != NULL || !is_possible(trial, &victim)) {
            child_finish(&victim);
            continue;
        }
        struct pty *pty = scene_open((const char *const[]){"-d", "3600", NULL});
        scene_go_to(pty, "zz-victim");
        pty_type(pty, "Z"); // from now on the list is as it was
        pid_t pid = victim.pid;
        child_finish(&victim);
        if (!child_start_as(&heir, "zz-heir", pid)) {
            print_message("skipped: this kernel lets nobody choose a pid\n");
            skip();
        }
        pty_type(pty, trial->open);
        pty_expect(pty, "is gone");
        assert_string_equal(reader_read(trial->what, heir.pid), trial->before);
        assert_int_equal(child_next_signal(&heir, QUIET_MS), 0);
        scene_close(pty);
        child_finish(&heir);
    }
}

static void undo_never_reaches_the_heir_of_a_pid(void **state)
{
    (void)state;
    skip_unless_root();
    struct child victim;
    struct child heir;
    child_start(&victim, "zz-victim");
    const struct trial trial = {.name = "nice", .what = READ_NICE};
    struct pty *pty = scene_open(NULL);
    scene_go_to(pty, "zz-victim");
    pty_type(pty, "[");
    expect_reading(pty, &trial, &victim, "1");
    pid_t pid = victim.pid;
    child_finish(&victim);
    if (!child_start_as(&heir, "zz-heir", pid)) {
        print_message("skipped: this kernel lets nobody choose a pid\n");
        skip();
    }
    assert_int_equal(setpriority(PRIO_PROCESS, (id_t)heir.pid, 1), 0); // as if it were the same
    pty_type(pty, "z");
    pty_expect(pty, "not undone");
    assert_string_equal(reader_read(READ_NICE, heir.pid), "1");
    scene_close(pty);
}

/* --- a world that is not root's -------------------------------------------------------------- */

static void ones_own_processes_need_no_root(void **state)
{
    (void)state;
    skip_unless_root();
    struct child target;
    child_start_for(&target, "zz-target", SOMEBODY);
    for (size_t i = 0; i < TRIAL_COUNT; i++) {
        const struct trial *trial = &trials[i];
        if (!is_possible(trial, &target) || strcmp(trial->after, "-1") == 0) {
            continue; // the last one is a privilege
        }
        struct pty *pty = pty_start(&(struct pty_options){.uid = SOMEBODY});
        pty_expect(pty, "PID");
        scene_go_to(pty, "zz-target");
        do_it(pty, trial);
        expect_reading(pty, trial, &target, trial->after);
        scene_close(pty);
        child_finish(&target); // not everything can be taken back without privilege
        child_start_for(&target, "zz-target", SOMEBODY);
    }
}

static int tests(void)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test_teardown(each_action_changes_the_chosen_process_alone_and_undo_restores_it,
                                  pty_finish_all),
        cmocka_unit_test_teardown(affinity_is_chosen_by_typing_and_undone, pty_finish_all),
        cmocka_unit_test_teardown(affinity_of_somebody_elses_process_is_refused_with_the_reason,
                                  pty_finish_all),
        cmocka_unit_test_teardown(one_thread_can_be_meant_alone, pty_finish_all),
        cmocka_unit_test_teardown(real_time_priority_is_asked_for_in_a_second_menu, pty_finish_all),
        cmocka_unit_test_teardown(somebody_else_is_told_why_and_nothing_changes, pty_finish_all),
        cmocka_unit_test_teardown(limits_of_ones_own_processes_are_named, pty_finish_all),
        cmocka_unit_test_teardown(ones_own_processes_need_no_root, pty_finish_all),
        cmocka_unit_test_teardown(undo_refuses_when_the_world_has_changed, pty_finish_all),
        cmocka_unit_test_teardown(no_dialog_ever_reaches_the_heir_of_a_pid, pty_finish_all),
        cmocka_unit_test_teardown(no_key_ever_reaches_the_heir_of_a_pid, pty_finish_all),
        cmocka_unit_test_teardown(undo_never_reaches_the_heir_of_a_pid, pty_finish_all),
    };
    return cmocka_run_group_tests_name("e2e deeds", all, NULL, NULL);
}

int main(int argc, char **argv)
{
    return world_main(argc, argv, tests);
}
