/* Actions on many processes, on dangerous ones, and those that take their time. Only children the
 * test made are ever the target. */

#include "check.h"
#include "reader.h"
#include "scene.h"
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    SOMEBODY = 65534,
    QUIET_MS = 150,
    OWN_COUNT = 399,    // with their parent 400
    FOREIGN_COUNT = 99, // with their parent 100
    VANISH_COUNT = 50,
    PATH_BYTES = 512,
};

static void skip_unless_root(void)
{
    if (!world_is_root() || !world_is_ours()) {
        print_message("skipped: this needs root and a PID namespace\n");
        skip();
    }
}

/* Write the settings the program starts with. */
static void set(const char *text)
{
    char path[PATH_BYTES];
    (void)snprintf(path, sizeof(path), "%s/config", world_directory());
    (void)mkdir(path, 0755);
    (void)snprintf(path, sizeof(path), "%s/config/perch", world_directory());
    (void)mkdir(path, 0755);
    (void)snprintf(path, sizeof(path), "%s/config/perch/settings", world_directory());
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    (void)fputs(text, file);
    (void)fclose(file);
}

static int end(void **state)
{
    set("");
    return pty_finish_all(state);
}

/* Kill so many children of a process and wait until they are dead: before that one can still be
 * sent a signal. Their parent leaves them zombies. */
static int let_vanish(pid_t parent, int count)
{
    char path[PATH_BYTES];
    (void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)parent, (int)parent);
    FILE *file = fopen(path, "re");
    pid_t killed[VANISH_COUNT];
    int killed_count = 0;
    long pid;
    while (file != NULL && killed_count < count && fscanf(file, "%ld", &pid) == 1) {
        killed[killed_count] = (pid_t)pid;
        killed_count += kill((pid_t)pid, SIGKILL) == 0 ? 1 : 0;
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    const int64_t begun = pty_now_ms();
    for (int i = 0; i < killed_count; i++) {
        while (strcmp(reader_read(READ_STATE, killed[i]), "Z") != 0) {
            assert_true(pty_now_ms() - begun < PTY_PATIENCE_MS);
            (void)poll(NULL, 0, 5);
        }
    }
    return killed_count;
}

/* How many signals came from a whole family; they share one pipe. */
static int count_signals(struct child *child, int number)
{
    int count = 0;
    while (child_next_signal(child, 500) == number) {
        count++;
    }
    return count;
}

static void some_of_five_hundred_vanish_and_some_are_denied(void **state)
{
    (void)state;
    skip_unless_root();
    struct child own;
    struct child foreign;
    child_start_family_for(&own, "zz-own", OWN_COUNT, SOMEBODY);
    child_start_family(&foreign, "zz-foreign", FOREIGN_COUNT);
    struct pty *pty = pty_start(&(struct pty_options){.uid = SOMEBODY, .width = 120, .height = 30});
    pty_expect(pty, "PID");
    pty_type(pty, "N"); // by pid: parents stand before their children
    pty_press(pty, VTERM_KEY_HOME);
    scene_go_to(pty, "zz-own");
    pty_type(pty, "c");
    pty_type(pty, "/zz-foreign"); // further down than the screen reaches
    scene_expect_cursor_on(pty, "zz-foreign");
    pty_press(pty, VTERM_KEY_ENTER);
    pty_type(pty, "c");
    pty_expect(pty, "500 tagged");
    pty_type(pty, "Z"); // nothing is noticed before it is done
    pty_type(pty, "k");
    pty_expect(pty, "500 processes");
    assert_int_equal(let_vanish(own.pid, VANISH_COUNT), VANISH_COUNT);
    pty_type(pty, "usr1\r");
    pty_expect(pty, "Send SIGUSR1 to 500 processes?");
    int64_t begun = pty_now_ms();
    pty_type(pty, "\r");
    pty_type(pty, "h"); // answered while it is being done
    pty_expect(pty, "Moving");
    print_message("the help was there %d ms after the confirmation\n", (int)(pty_now_ms() - begun));
    pty_type(pty, "\033");
    pty_expect_gone(pty, "Moving");
    pty_type(pty, "L"); // the sentence itself may have come and gone behind the help
    pty_expect(pty, "350 of 500");
    pty_type(pty, "q");
    pty_expect_gone(pty, "350 of 500 ");
    assert_int_equal(count_signals(&own, SIGUSR1), OWN_COUNT + 1 - VANISH_COUNT);
    assert_int_equal(child_next_signal(&foreign, QUIET_MS), 0);
    pty_type(pty, "J");
    pty_expect(pty, "permission denied");
    pty_type(pty, "q");
    scene_close(pty);
}

/* --- terminating ----------------------------------------------------------------------------- */

static bool is_gone(struct pty *pty, void *context)
{
    (void)pty;
    const struct child *child = context;
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOWAIT | WNOHANG) != 0 ||
           info.si_pid == child->pid;
}

/* The signal that ended a child. */
static int end_signal(const struct child *child)
{
    siginfo_t info = {0};
    (void)waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOWAIT | WNOHANG);
    return info.si_code == CLD_KILLED || info.si_code == CLD_DUMPED ? info.si_status : 0;
}

static void terminate(struct pty *pty)
{
    pty_type(pty, "k");
    pty_expect(pty, "terminate properly");
    pty_type(pty, "terminate\r");
}

static void a_polite_process_ends_by_sigterm(void **state)
{
    (void)state;
    struct child polite;
    child_start_mortal(&polite, "zz-polite", false);
    struct pty *pty = scene_open(NULL);
    scene_go_to(pty, "zz-polite");
    terminate(pty);
    pty_expect(pty, "ended after");
    assert_true(pty_until(pty, is_gone, &polite, PTY_PATIENCE_MS));
    assert_int_equal(end_signal(&polite), SIGTERM);
    scene_close(pty);
}

static void a_deaf_process_is_killed_when_its_time_is_up(void **state)
{
    (void)state;
    set("terminate_wait = 0.6\n");
    struct child deaf;
    child_start_mortal(&deaf, "zz-deaf", true);
    struct pty *pty = scene_open(NULL);
    scene_go_to(pty, "zz-deaf");
    int64_t begun = pty_now_ms();
    terminate(pty);
    pty_expect(pty, "it needed SIGKILL");
    assert_true(pty_now_ms() - begun >= 600);
    assert_true(pty_until(pty, is_gone, &deaf, PTY_PATIENCE_MS));
    assert_int_equal(end_signal(&deaf), SIGKILL);
    scene_close(pty);
}

static void quitting_asks_again_while_somebody_is_being_terminated(void **state)
{
    (void)state;
    set("terminate_wait = 30\n");
    struct child deaf;
    child_start_mortal(&deaf, "zz-deaf", true);
    struct pty *pty = scene_open(NULL);
    scene_go_to(pty, "zz-deaf");
    terminate(pty);
    pty_expect(pty, "SIGKILL in");
    pty_type(pty, "q");
    pty_expect(pty, "again");
    scene_close(pty);
    assert_false(is_gone(NULL, &deaf));
}

/* Not while the program is drawing when the sanitizer may lose the signal: see test_life.c. */
static void press_ctrl_c(struct pty *pty)
{
    pty_drain(pty, THREAD_SANITIZED ? 500 : 0);
    pty_type(pty, "\003");
}

static void ctrl_c_leaves_dialogs_and_asks_before_it_leaves_a_termination(void **state)
{
    (void)state;
    set("terminate_wait = 30\n");
    struct child deaf;
    child_start_mortal(&deaf, "zz-deaf", true);
    struct pty *pty = scene_open(NULL);
    scene_go_to(pty, "zz-deaf");
    pty_type(pty, "k");
    pty_expect(pty, "ask to end");
    press_ctrl_c(pty);
    pty_expect_gone(pty, "ask to end");
    terminate(pty);
    pty_expect(pty, "SIGKILL in");
    press_ctrl_c(pty);
    pty_expect(pty, "again");
    press_ctrl_c(pty);
    int status;
    assert_true(pty_wait_exit(pty, PTY_PATIENCE_MS, &status));
    assert_int_equal(WEXITSTATUS(status), 128 + SIGINT);
    pty_expect_restored(pty);
    pty_finish(pty);
    assert_false(is_gone(NULL, &deaf));
}

static void a_stopped_process_is_woken_to_end(void **state)
{
    (void)state;
    struct child polite;
    child_start_mortal(&polite, "zz-polite", false);
    assert_int_equal(kill(polite.pid, SIGSTOP), 0);
    struct pty *pty = scene_open(NULL);
    scene_go_to(pty, "zz-polite");
    terminate(pty);
    pty_expect(pty, "ended after");
    assert_int_equal(end_signal(&polite), SIGTERM);
    scene_close(pty);
}

/* --- whom ------------------------------------------------------------------------------------ */

static void descendants_come_along_when_asked_for(void **state)
{
    (void)state;
    struct child family;
    struct child other;
    child_start_family(&family, "zz-family", 3);
    child_start(&other, "zz-other");
    struct pty *pty = scene_open(NULL);
    pty_type(pty, "N");
    pty_press(pty, VTERM_KEY_HOME);
    scene_go_to(pty, "zz-family");
    pty_type(pty, "k");
    pty_expect(pty, "ask to end");
    pty_type(pty, "\t");
    pty_expect(pty, "4 processes");
    pty_type(pty, "usr1\r");
    pty_expect(pty, "Send SIGUSR1 to 4 processes?");
    pty_expect(pty, "zz-family-3");
    pty_type(pty, "\r");
    assert_int_equal(count_signals(&family, SIGUSR1), 4);
    assert_int_equal(child_next_signal(&other, QUIET_MS), 0);
    scene_close(pty);
}

static void a_named_process_needs_a_typed_yes(void **state)
{
    (void)state;
    set("protected = zz-precious\n");
    struct child precious;
    child_start(&precious, "zz-precious");
    struct pty *pty = scene_open(NULL);
    scene_go_to(pty, "zz-precious");
    static const char *const answers[] = {"\r", "y\r", "no\r", "\033"};
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        pty_type(pty, "k");
        pty_expect(pty, "ask to end");
        pty_type(pty, "\r");
        pty_expect(pty, "Type yes");
        pty_type(pty, answers[i]);
        pty_expect_gone(pty, "Type yes");
        assert_int_equal(child_next_signal(&precious, QUIET_MS), 0);
    }
    pty_type(pty, "k\r");
    pty_expect(pty, "Type yes");
    pty_type(pty, "yes\r");
    assert_int_equal(child_next_signal(&precious, PTY_PATIENCE_MS), SIGTERM);
    scene_close(pty);
}

static void perch_and_what_it_runs_under_need_a_typed_yes(void **state)
{
    (void)state;
    skip_unless_root();
    struct pty *pty = scene_open(NULL);
    static const char *const keys[] = {"k\r", "[", "s"};
    char pid[16];
    (void)snprintf(pid, sizeof(pid), "%d", (int)pty_pid(pty));
    pty_expect(pty, pid);
    pty_type(pty, pid); // its name may be cut, or not be known yet
    scene_expect_cursor_on(pty, pid);
    pty_drain(pty, 1100); // until other digits begin another number
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        pty_type(pty, keys[i]);
        pty_expect(pty, "Type yes");
        pty_type(pty, "\033");
        pty_expect_gone(pty, "Type yes");
    }
    pty_type(pty, "1"); // PID 1 of this world
    scene_expect_cursor_on(pty, "  1 root");
    pty_type(pty, "k\r");
    pty_expect(pty, "Type yes");
    pty_type(pty, "\033");
    pty_expect_gone(pty, "Type yes");
    scene_close(pty);
}

/* --- how ------------------------------------------------------------------------------------- */

static void signals_go_through_descriptors_never_by_number(void **state)
{
    (void)state;
    struct child alpha;
    struct child polite;
    child_start(&alpha, "zz-alpha");
    child_start_mortal(&polite, "zz-polite", false);
    struct pty *pty = pty_start(&(struct pty_options){.forbid_kill = true});
    pty_expect(pty, "PID");
    scene_go_to(pty, "zz-alpha");
    pty_type(pty, "k");
    pty_expect(pty, "ask to end");
    pty_type(pty, "\r");
    assert_int_equal(child_next_signal(&alpha, PTY_PATIENCE_MS), SIGTERM);
    pty_type(pty, "s");
    pty_expect(pty, "stopped");
    assert_string_equal(reader_read(READ_STATE, alpha.pid), "T");
    pty_type(pty, "z");
    pty_expect(pty, "undone");
    assert_string_not_equal(reader_read(READ_STATE, alpha.pid), "T");
    scene_go_to(pty, "zz-polite");
    terminate(pty);
    pty_expect(pty, "ended after");
    scene_close(pty);
}

static void the_journal_and_the_log_tell_who_what_and_what_came_of_it(void **state)
{
    (void)state;
    char path[PATH_BYTES];
    (void)snprintf(path, sizeof(path), "%s/actions", world_directory());
    struct child alpha;
    child_start(&alpha, "zz-alpha");
    struct pty *pty = scene_open((const char *const[]){"--log-actions", path, NULL});
    scene_go_to(pty, "zz-alpha");
    pty_type(pty, "[");
    pty_expect(pty, "nice of");
    pty_type(pty, "J");
    pty_expect(pty, "1 action"); // at the bottom, painted last
    char pid[16];
    (void)snprintf(pid, sizeof(pid), "%d", (int)alpha.pid);
    int y = pty_find_row(pty, 0, pid);
    assert_true(y >= 0);
    assert_non_null(strstr(pty_row(pty, y), "zz-alpha"));
    assert_non_null(strstr(pty_row(pty, y), "nice"));
    pty_type(pty, "q");
    scene_close(pty);
    char line[1024] = "";
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof(line), file));
    assert_non_null(strstr(line, pid));
    assert_non_null(strstr(line, "zz-alpha"));
    assert_null(fgets(line, sizeof(line), file));
    (void)fclose(file);
}

/* --- cgroups --------------------------------------------------------------------------------- */

static char group[PATH_BYTES]; // of the test running; "" for none

static bool write_to(const char *name, const char *text)
{
    char path[PATH_BYTES + 64];
    (void)snprintf(path, sizeof(path), "%s/%s", group, name);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    if (fd >= 0) {
        (void)close(fd);
    }
    return ok;
}

/* Make a cgroup of our own where there is a hierarchy that lets us. */
static void make_group(void)
{
    FILE *mounts = setmntent("/proc/self/mounts", "re");
    struct mntent *entry = NULL;
    group[0] = '\0';
    while (mounts != NULL && (entry = getmntent(mounts)) != NULL) {
        if (strcmp(entry->mnt_type, "cgroup2") == 0) {
            (void)snprintf(group, sizeof(group), "%s/perch-test-XXXXXX", entry->mnt_dir);
            break;
        }
    }
    if (mounts != NULL) {
        (void)endmntent(mounts);
    }
    // Not by pid: these repeat. Others may look into it, as into those of the system.
    if (group[0] == '\0' || mkdtemp(group) == NULL || chmod(group, 0755) != 0) {
        group[0] = '\0';
        print_message("skipped: no cgroup v2 hierarchy that may be written\n");
        skip();
    }
}

static int remove_group(void **state)
{
    if (group[0] != '\0') {
        (void)write_to("cgroup.freeze", "0");
    }
    int result = end(state); // the children go with it
    for (int i = 0; group[0] != '\0' && i < 100 && rmdir(group) != 0 && errno == EBUSY; i++) {
        (void)poll(NULL, 0, 20);
    }
    group[0] = '\0';
    return result;
}

static void join_group(const struct child *child)
{
    char pid[16];
    (void)snprintf(pid, sizeof(pid), "%d", (int)child->pid);
    assert_true(write_to("cgroup.procs", pid));
}

static bool is_frozen(struct pty *pty, void *context)
{
    (void)pty;
    const bool *wanted = context;
    char path[PATH_BYTES + 64];
    char line[64];
    bool frozen = false;
    (void)snprintf(path, sizeof(path), "%s/cgroup.events", group);
    FILE *file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        frozen = frozen || strncmp(line, "frozen 1", 8) == 0;
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return frozen == *wanted;
}

static void a_cgroup_is_frozen_thawed_and_killed_after_naming_how_many(void **state)
{
    (void)state;
    skip_unless_root();
    make_group();
    struct child first;
    struct child second;
    struct child outside;
    child_start(&first, "zz-first");
    child_start(&second, "zz-second");
    child_start(&outside, "zz-outside");
    join_group(&first);
    join_group(&second);
    struct pty *pty = scene_open(NULL);
    scene_go_to(pty, "zz-first");
    bool yes = true;
    bool no = false;
    pty_type(pty, "G");
    pty_expect(pty, "2 processes");
    pty_type(pty, "freeze\r");
    pty_expect(pty, "Freeze the cgroup of");
    pty_type(pty, "\r");
    assert_true(pty_until(pty, is_frozen, &yes, PTY_PATIENCE_MS));
    pty_expect(pty, "frozen");
    pty_type(pty, "z");
    assert_true(pty_until(pty, is_frozen, &no, PTY_PATIENCE_MS));
    pty_expect(pty, "undone");
    pty_type(pty, "G");
    pty_expect(pty, "│ 2 processes in"); // counted anew; the last message named them, too
    pty_type(pty, "kill\r");
    pty_expect(pty, "Type yes to kill the cgroup"); // others than the target die, too
    pty_expect(pty, "all of it: 2 processes");
    pty_type(pty, "yes\r");
    assert_true(pty_until(pty, is_gone, &first, PTY_PATIENCE_MS));
    assert_true(pty_until(pty, is_gone, &second, PTY_PATIENCE_MS));
    assert_int_equal(end_signal(&first), SIGKILL);
    assert_int_equal(end_signal(&second), SIGKILL);
    assert_false(is_gone(NULL, &outside));
    scene_close(pty);
}

static void a_cgroup_of_roots_is_not_for_others_and_they_are_told(void **state)
{
    (void)state;
    skip_unless_root();
    make_group();
    struct child target;
    child_start_for(&target, "zz-first", SOMEBODY); // its own cgroup is not its user's
    join_group(&target);
    static const struct {
        const char *choose, *question;
    } cases[] = {{"freeze\r", "Freeze the cgroup of"}, {"kill\r", "Kill the cgroup of"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pty *pty = pty_start(&(struct pty_options){.uid = SOMEBODY, .width = 120});
        scene_go_to(pty, "zz-first");
        pty_type(pty, "G");
        pty_expect(pty, "│ 1 process in");
        pty_type(pty, cases[i].choose);
        pty_expect(pty, cases[i].question);
        pty_type(pty, "\r");
        pty_expect(pty, "may not be written; run perch with sudo");
        bool frozen = false;
        assert_true(is_frozen(NULL, &frozen));
        assert_false(is_gone(NULL, &target));
        scene_close(pty);
    }
}

static int tests(void)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test_teardown(some_of_five_hundred_vanish_and_some_are_denied, end),
        cmocka_unit_test_teardown(a_polite_process_ends_by_sigterm, end),
        cmocka_unit_test_teardown(a_deaf_process_is_killed_when_its_time_is_up, end),
        cmocka_unit_test_teardown(quitting_asks_again_while_somebody_is_being_terminated, end),
        cmocka_unit_test_teardown(ctrl_c_leaves_dialogs_and_asks_before_it_leaves_a_termination,
                                  end),
        cmocka_unit_test_teardown(a_stopped_process_is_woken_to_end, end),
        cmocka_unit_test_teardown(descendants_come_along_when_asked_for, end),
        cmocka_unit_test_teardown(a_named_process_needs_a_typed_yes, end),
        cmocka_unit_test_teardown(perch_and_what_it_runs_under_need_a_typed_yes, end),
        cmocka_unit_test_teardown(signals_go_through_descriptors_never_by_number, end),
        cmocka_unit_test_teardown(the_journal_and_the_log_tell_who_what_and_what_came_of_it, end),
        cmocka_unit_test_teardown(a_cgroup_is_frozen_thawed_and_killed_after_naming_how_many,
                                  remove_group),
        cmocka_unit_test_teardown(a_cgroup_of_roots_is_not_for_others_and_they_are_told,
                                  remove_group),
    };
    return cmocka_run_group_tests_name("e2e many", all, NULL, NULL);
}

int main(int argc, char **argv)
{
    return world_main(argc, argv, tests);
}
