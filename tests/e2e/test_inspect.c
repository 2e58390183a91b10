/* Why is this process stuck: processes the test made wait for something it knows, and the inspector
 * must say so on its first screen. */

#include "check.h"
#include "scene.h"
#include "waits.h"
#include "world.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SOMEBODY = 65534 };

/* With their short names: they run no program of their own, so that their command line is ours. */
static const char *const fast[] = {"--delay=0.3", "--columns=pid,user,cpu,comm,command", NULL};

/* Find the process and open the inspector: search, and Enter twice. */
static struct pty *inspect_as(uid_t uid, int width, const char *name, pid_t pid)
{
    struct pty *pty = pty_start(&(struct pty_options){.uid = uid, .width = width, .args = fast});
    pty_expect(pty, "PID");
    scene_go_to(pty, name);
    pty_type(pty, "\r");
    char head[64];
    (void)snprintf(head, sizeof(head), "%d %s", (int)pid, name);
    pty_expect(pty, head);
    pty_expect(pty, "1Overview");
    return pty;
}

static struct pty *inspect(const char *name, pid_t pid)
{
    return inspect_as(0, 0, name, pid);
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

static void a_thread_that_is_stuck_is_named_although_the_first_one_sleeps(void **state)
{
    (void)state;
    struct waits waits;
    const char *why = NULL;
    int fd = -1;
    if (!waits_read_in_thread(&waits, "looksfine", "stuckworker", &fd, &why)) {
        print_message("skipped: %s\n", why);
        skip();
    }
    struct pty *pty = inspect("looksfine", waits.pid);
    char call[64];
    (void)snprintf(call, sizeof(call), "read on descriptor %d", fd);
    pty_expect(pty, "stuckworker: ");
    pty_expect(pty, "[1 of ");
    pty_expect(pty, call);
    pty_expect(pty, WAITS_FILE);
    leave(pty);
    waits_finish(&waits);
}

/* --- who is at the other end ----------------------------------------------------------------- */

/* The two ends of a pipe or connection; whoever has one closes the other. */
struct ends {
    int mine, other;
};

static void hold_end(const void *context)
{
    const struct ends *ends = context;
    (void)close(ends->other);
    for (;;) {
        (void)pause();
    }
}

static void read_end(const void *context)
{
    const struct ends *ends = context;
    char byte;
    (void)close(ends->other);
    (void)!read(ends->mine, &byte, 1);
}

/* Starts one process at either end; only they have these. */
static void start_both(struct waits *holder, const char *holder_name, struct waits *reader,
                       const char *reader_name, const int fds[2])
{
    waits_start(holder, holder_name, hold_end, &(struct ends){.mine = fds[1], .other = fds[0]});
    waits_start(reader, reader_name, read_end, &(struct ends){.mine = fds[0], .other = fds[1]});
    (void)close(fds[0]);
    (void)close(fds[1]);
}

static void who_could_write_to_the_pipe_is_named_and_gone_to(void **state)
{
    (void)state;
    struct waits writer;
    struct waits reader;
    int fds[2];
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    start_both(&writer, "slowwriter", &reader, "hungryreader", fds);
    struct pty *pty = inspect("hungryreader", reader.pid);
    pty_expect(pty, "open for writing in");
    pty_expect(pty, "slowwriter");
    pty_type(pty, "/slowwriter\r\r"); // the line, and where it leads
    char head[64];
    (void)snprintf(head, sizeof(head), "%d slowwriter", (int)writer.pid);
    pty_expect(pty, head);
    leave(pty);
    waits_finish(&reader);
    waits_finish(&writer);
}

static void a_connection_is_told_with_the_process_at_its_other_end(void **state)
{
    (void)state;
    struct waits server;
    struct waits client;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof(address);
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)(void *)&address, size), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)(void *)&address, &size), 0);
    int fds[2];
    fds[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fds[0], (struct sockaddr *)(void *)&address, size), 0);
    fds[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    assert_true(fds[1] >= 0);
    (void)close(listener);
    start_both(&server, "deafserver", &client, "patientclient", fds);
    struct pty *pty = inspect("patientclient", client.pid);
    char remote[32];
    (void)snprintf(remote, sizeof(remote), "127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
    pty_expect(pty, remote);
    pty_expect(pty, "ESTABLISHED");
    pty_expect(pty, "deafserver");
    leave(pty);
    waits_finish(&client);
    waits_finish(&server);
}

static void wait_for_a_child(const void *context)
{
    struct waits child;
    waits_start(&child, "dawdlingkid", hold_end, context);
    (void)waitpid(child.pid, NULL, 0);
}

static void the_child_that_is_waited_for_is_named(void **state)
{
    (void)state;
    struct waits parent;
    waits_start(&parent, "fondparent", wait_for_a_child, &(struct ends){.mine = -1, .other = -1});
    struct pty *pty = inspect("fondparent", parent.pid);
    pty_expect(pty, "it waits for a child to end");
    pty_expect(pty, "dawdlingkid");
    leave(pty);
    waits_finish(&parent); // the child dies with it
}

static void wait_for_a_timer(const void *context)
{
    (void)context;
    const struct itimerspec never = {.it_value = {.tv_sec = 1000000}};
    uint64_t times;
    const int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    (void)timerfd_settime(fd, 0, &never, NULL);
    (void)!read(fd, &times, sizeof(times));
}

static void a_timer_is_not_called_a_child(void **state)
{
    (void)state;
    struct waits waits;
    waits_start(&waits, "clockwatcher", wait_for_a_timer, NULL);
    struct pty *pty = inspect("clockwatcher", waits.pid);
    pty_expect(pty, "it waits for a timer (timerfd)");
    pty_expect_gone(pty, "a child to end");
    leave(pty);
    waits_finish(&waits);
}

/* As vfork() does, but with memory of its own, so that anything may be done in the child. */
static void wait_for_a_vfork_child(const void *context)
{
    (void)context;
    if (syscall(SYS_clone, CLONE_VFORK | SIGCHLD, 0, 0, 0, 0) == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)prctl(PR_SET_NAME, "slowtoexec");
        for (;;) {
            (void)pause();
        }
    }
}

static void a_parent_in_vfork_is_told_with_its_child(void **state)
{
    (void)state;
    struct waits waits;
    waits_start(&waits, "vforker", wait_for_a_vfork_child, NULL);
    struct pty *pty = inspect("vforker", waits.pid);
    pty_expect(pty, "the child it made by vfork");
    pty_expect(pty, "slowtoexec");
    leave(pty);
    waits_finish(&waits);
}

/* A file, and whether to wait for its lock. */
struct lock {
    char path[300];
    bool waits;
};

static void take_open_files_lock(const void *context)
{
    const struct lock *lock = context;
    struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    const int fd = open(lock->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    (void)fcntl(fd, lock->waits ? F_OFD_SETLKW : F_OFD_SETLK, &range);
    for (;;) {
        (void)pause();
    }
}

static bool is_locked(const struct lock *lock)
{
    struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    const int fd = open(lock->path, O_RDWR | O_CLOEXEC);
    const bool locked = fd >= 0 && fcntl(fd, F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK;
    if (fd >= 0) {
        (void)close(fd);
    }
    return locked;
}

static void who_has_the_lock_of_an_open_file_is_named(void **state)
{
    (void)state;
    struct waits holder;
    struct waits waiter;
    struct lock lock = {.waits = false};
    (void)snprintf(lock.path, sizeof(lock.path), "%s/locked", world_directory());
    waits_start(&holder, "lockkeeper", take_open_files_lock, &lock);
    for (int tries = 0; tries < 1000 && !is_locked(&lock); tries++) {
        (void)usleep(10000);
    }
    assert_true(is_locked(&lock));
    lock.waits = true;
    waits_start(&waiter, "lockedout", take_open_files_lock, &lock);
    struct pty *pty = inspect("lockedout", waiter.pid);
    pty_expect(pty, "waits for a write lock (OFDLCK)");
    pty_expect(pty, "lockkeeper");
    pty_expect(pty, "it waits for a file lock");
    leave(pty);
    waits_finish(&waiter);
    waits_finish(&holder);
    assert_int_equal(unlink(lock.path), 0);
}

static void root_sees_the_kernel_stack(void **state)
{
    (void)state;
    if (!world_is_root() || access("/proc/self/stack", R_OK) != 0) {
        skip(); // not every kernel has it
    }
    struct waits waits;
    waits_futex(&waits, "stacked");
    struct pty *pty = inspect("stacked", waits.pid);
    pty_type(pty, "6"); // what it waits for
    pty_expect(pty, "run queue");
    pty_press(pty, VTERM_KEY_END);
    pty_expect(pty, "called by");
    pty_expect_gone(pty, "not permitted");
    leave(pty);
    waits_finish(&waits);
}

/* --- another program, another user ----------------------------------------------------------- */

static void become_another_program(const void *context)
{
    const int *go = context;
    char byte;
    if (read(*go, &byte, 1) == 1) {
        (void)execl("/bin/sleep", "sleep", "4321", (char *)NULL);
    }
}

static void what_is_shown_follows_when_another_program_is_run(void **state)
{
    (void)state;
    char *own = realpath("/proc/self/exe", NULL); // none below a chroot: it is of another mount
    char *next = realpath("/bin/sleep", NULL);
    if (own == NULL || next == NULL) {
        free(own);
        free(next);
        skip();
        return;
    }
    struct waits waits;
    int go[2];
    assert_int_equal(pipe2(go, O_CLOEXEC), 0);
    waits_start(&waits, "chameleon", become_another_program, &go[0]);
    // So that paths stand in one line: wider, graphs would be beside them.
    struct pty *pty = inspect_as(0, 119, "chameleon", waits.pid);
    const char *own_name = strrchr(own, '/') + 1;
    pty_expect(pty, own_name);
    pty_type(pty, "5"); // memory maps
    pty_expect(pty, own_name);
    pty_type(pty, "1");
    pty_expect(pty, "executable");
    assert_int_equal(write(go[1], "y", 1), 1);
    char head[64];
    (void)snprintf(head, sizeof(head), "%d sleep ", (int)waits.pid);
    pty_expect(pty, head);
    pty_expect(pty, "sleep 4321");
    pty_expect(pty, next);
    pty_expect_gone(pty, own_name);
    pty_expect(pty, "time to pass");
    pty_type(pty, "5");
    pty_expect(pty, next);
    pty_expect_gone(pty, own_name);
    leave(pty);
    free(own);
    free(next);
    (void)close(go[0]);
    (void)close(go[1]);
    waits_finish(&waits);
}

/* What may not be known is said to be so in each section: it is never shown as nothing. */
static void of_roots_process_somebody_is_told_what_may_not_be_known(void **state)
{
    (void)state;
    static const struct {
        const char *key, *expected;
    } sections[] = {
        {"1", "what it waits for: not permitted"},
        {"2", "? permission denied"}, // what stands in the column WAITS IN
        {"3", "not permitted: perch needs more rights, as with sudo"},
        {"4", "not permitted: perch needs more rights, as with sudo"},
        {"5", "not permitted: perch needs more rights, as with sudo"},
        {"6", "of its open files: not permitted"},
        {"8", "? permission denied"}, // how many files are open
        {"9", "not permitted: perch needs more rights, as with sudo"},
        {"0", "not permitted: perch needs more rights, as with sudo"}, // of I/O
    };
    if (!world_is_root()) {
        skip();
    }
    struct waits waits;
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    waits_start(&waits, "secretive", read_end, &(struct ends){.mine = fds[0], .other = fds[1]});
    struct pty *pty = inspect_as(SOMEBODY, 100, "secretive", waits.pid);
    for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
        pty_type(pty, sections[i].key);
        pty_expect(pty, sections[i].expected);
        assert_int_equal(pty_find_row(pty, 0, "this process has none"), -1);
        assert_int_equal(pty_find_row(pty, 0, "there is nothing"), -1);
    }
    leave(pty);
    (void)close(fds[0]);
    (void)close(fds[1]);
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
    pty_type(pty, "5"); // this was not
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
        cmocka_unit_test_teardown(a_thread_that_is_stuck_is_named_although_the_first_one_sleeps,
                                  pty_finish_all),
        cmocka_unit_test_teardown(who_could_write_to_the_pipe_is_named_and_gone_to, pty_finish_all),
        cmocka_unit_test_teardown(a_connection_is_told_with_the_process_at_its_other_end,
                                  pty_finish_all),
        cmocka_unit_test_teardown(the_child_that_is_waited_for_is_named, pty_finish_all),
        cmocka_unit_test_teardown(a_timer_is_not_called_a_child, pty_finish_all),
        cmocka_unit_test_teardown(a_parent_in_vfork_is_told_with_its_child, pty_finish_all),
        cmocka_unit_test_teardown(who_has_the_lock_of_an_open_file_is_named, pty_finish_all),
        cmocka_unit_test_teardown(root_sees_the_kernel_stack, pty_finish_all),
        cmocka_unit_test_teardown(what_is_shown_follows_when_another_program_is_run,
                                  pty_finish_all),
        cmocka_unit_test_teardown(of_roots_process_somebody_is_told_what_may_not_be_known,
                                  pty_finish_all),
        cmocka_unit_test_teardown(it_stays_open_when_the_process_ends, pty_finish_all),
    };
    return cmocka_run_group_tests_name("e2e inspect", all, NULL, NULL);
}

int main(int argc, char **argv)
{
    return world_main(argc, argv, tests);
}
