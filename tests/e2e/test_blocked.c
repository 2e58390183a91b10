/* A command line that cannot be read, and a file system that does not answer, must hold up nothing but
 * their own cells. */

#include "check.h"
#include "dead_fs.h"
#include "scene.h"
#include "stuck.h"
#include "world.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    KEYS = 20,
    ANSWER_MS = 1500, // far above what it takes, far below a read that hangs
};

/* --- a made-up tree ------------------------------------------------------------------------ */

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    (void)fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

/* Write one made-up process. A reader may see half of it, as with the real thing. */
static void write_process(const char *root, int pid, const char *name, int nice)
{
    char path[512];
    char text[512];
    (void)snprintf(path, sizeof(path), "%s/%d", root, pid);
    (void)mkdir(path, 0755);
    (void)snprintf(text, sizeof(text),
                   "%d (%s) S 1 %d %d 0 -1 4194304 10 0 0 0 5 3 0 0 20 %d 1 0 1000 10485760 500 "
                   "18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
                   pid, name, pid, pid, nice);
    char fresh[600];
    (void)snprintf(fresh, sizeof(fresh), "%s/stat.new", path);
    write_text(fresh, text);
    (void)snprintf(path, sizeof(path), "%s/%d/stat", root, pid);
    assert_int_equal(rename(fresh, path), 0);
    (void)snprintf(path, sizeof(path), "%s/%d/statm", root, pid);
    write_text(path, "2560 500 300 10 0 200 0\n");
}

/* The tree: "quick" (101) and "fifo" (102), whose command line is a pipe nobody writes to. */
static void write_tree(const char *name, char *root, size_t size)
{
    char path[600];
    (void)snprintf(root, size, "%s/%s", world_directory(), name);
    assert_int_equal(mkdir(root, 0755), 0);
    (void)snprintf(path, sizeof(path), "%s/stat", root);
    write_text(path, "cpu  100 0 100 1000 0 0 0 0 0 0\ncpu0 100 0 100 1000 0 0 0 0 0 0\n"
                     "ctxt 1000\nbtime 1700000000\nprocesses 200\nprocs_running 1\n");
    (void)snprintf(path, sizeof(path), "%s/uptime", root);
    write_text(path, "1000.00 900.00\n");
    (void)snprintf(path, sizeof(path), "%s/meminfo", root);
    write_text(path, "MemTotal: 1000000 kB\nMemFree: 500000 kB\nMemAvailable: 700000 kB\n");
    (void)snprintf(path, sizeof(path), "%s/loadavg", root);
    write_text(path, "0.10 0.20 0.30 1/200 999\n");
    write_process(root, 101, "quick", 3);
    write_process(root, 102, "fifo", 0);
    (void)snprintf(path, sizeof(path), "%s/101/cmdline", root);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "/usr/bin/quick\0--now", 21), 21);
    (void)close(fd);
    (void)snprintf(path, sizeof(path), "%s/102/cmdline", root);
    assert_int_equal(mkfifo(path, 0644), 0);
}

/* --- what must go on ----------------------------------------------------------------------- */

/* Where the cursor was. */
static bool cursor_moved(struct pty *pty, void *context)
{
    const int *before = context;
    int now = scene_cursor_row(pty);
    return now >= 0 && now != *before;
}

/* Keys are answered all the time, for as long as a read is given and longer. There are at least two
 * rows, in an order in which none moves by itself. */
static void expect_moves(struct pty *pty)
{
    for (int i = 0; i < KEYS; i++) {
        int before = scene_cursor_row(pty);
        pty_press(pty, i % 2 == 0 ? VTERM_KEY_END : VTERM_KEY_HOME);
        if (!pty_until(pty, cursor_moved, &before, ANSWER_MS) && i > 0) {
            fail_msg("key %d was not answered", i);
        }
        pty_drain(pty, 150);
    }
}

static void expect_answers(struct pty *pty)
{
    pty_type(pty, "N");
    pty_expect(pty, "PID△");
    expect_moves(pty);
}

static void a_pipe_as_command_line_blocks_its_own_cell_only(void **state)
{
    (void)state;
    char root[512];
    write_tree("proc", root, sizeof(root));
    struct pty *pty = pty_start(&(struct pty_options){
        .args = (const char *const[]){"--procfs", root, "-d", "0.3", NULL}, .width = 120});
    pty_expect(pty, "/usr/bin/quick --now");
    pty_expect(pty, "fifo");
    expect_answers(pty); // takes longer than the two seconds a read is given
    pty_expect(pty, "cmdline blocked");
    int y = pty_find_row(pty, 0, "cmdline blocked");
    assert_non_null(strstr(pty_row(pty, y), "fifo"));
    write_process(root, 101, "quick", -17);
    pty_expect(pty, "-17");
    y = pty_find_row(pty, 0, "-17");
    assert_non_null(strstr(pty_row(pty, y), "quick"));
    scene_close(pty);
}

/* P99: a driver may hold the lock under which interfaces are read for long. Here it is a pipe nobody
 * writes to. */
static void interfaces_that_do_not_answer_hold_up_no_key(void **state)
{
    (void)state;
    char root[512];
    char path[600];
    write_tree("interfaces", root, sizeof(root));
    (void)snprintf(path, sizeof(path), "%s/net", root);
    assert_int_equal(mkdir(path, 0755), 0);
    (void)snprintf(path, sizeof(path), "%s/net/dev", root);
    assert_int_equal(mkfifo(path, 0644), 0);
    struct pty *pty = pty_start(&(struct pty_options){
        .args = (const char *const[]){"--procfs", root, "-d", "0.3", NULL}, .width = 120});
    pty_expect(pty, "quick"); // its name; what it was called with may not be read any more
    pty_type(pty, "\0334");   // Alt+4: interfaces
    pty_expect(pty, "RX/s");
    pty_type(pty, "\0331");
    pty_expect(pty, "quick");
    expect_answers(pty);
    pty_expect(pty, "sampler waits for the system's figures"); // and for no process
    scene_close(pty);
}

static void a_held_memory_map_blocks_its_own_cell_only(void **state)
{
    (void)state;
    struct stuck stuck;
    const char *why = "needs root and a PID namespace";
    if (!world_is_root() || !world_is_ours() || !stuck_start(&stuck, "held-target", &why)) {
        print_message("skipped: %s\n", why);
        skip();
    }
    struct child alpha;
    child_start(&alpha, "zz-alpha");
    struct pty *pty = pty_start(
        &(struct pty_options){.args = (const char *const[]){"-d", "0.3", NULL}, .width = 120});
    pty_expect(pty, "zz-alpha");
    pty_expect(pty, "held-target");
    expect_answers(pty);
    pty_expect(pty, "cmdline blocked");
    int y = pty_find_row(pty, 0, "cmdline blocked");
    assert_non_null(strstr(pty_row(pty, y), "held-target"));
    struct child late;
    child_start(&late, "zz-late"); // its command line is read by another thread
    pty_expect(pty, "zz-late");
    stuck_release(&stuck);
    pty_expect_gone(pty, "cmdline blocked");
    scene_close(pty);
    stuck_finish(&stuck);
}

static void quitting_does_not_wait_for_a_blocked_read(void **state)
{
    (void)state;
    struct stuck stuck;
    const char *why = "needs root and a PID namespace";
    if (!world_is_root() || !world_is_ours() || !stuck_start(&stuck, "held-target", &why)) {
        print_message("skipped: %s\n", why);
        skip();
    }
    struct pty *pty = scene_open((const char *const[]){"-d", "0.3", NULL});
    pty_expect(pty, "held-target");
    pty_drain(pty, 500); // so that the read is under way
    int64_t since = pty_now_ms();
    scene_close(pty);
    assert_in_range(pty_now_ms() - since, 0, 3000);
    stuck_finish(&stuck);
}

/* --- a file system that never says how full it is --------------------------------------------- */

enum { FILL_BYTES = 4 << 20 };

/* Mount one, and beside it a small one in memory that does answer; skips where that is not
 * allowed. The server of a `deaf` one does not even hear the question: who asks can be killed, while
 * the kernel does not let go of him once it was heard. */
static void mount_both(struct dead_fs *fs, bool deaf, char *other, size_t size)
{
    char hung[512];
    const char *why = "needs root and a PID namespace";
    (void)snprintf(hung, sizeof(hung), "%s/zz-hung", world_directory());
    (void)snprintf(other, size, "%s/zz-other", world_directory());
    bool ok = world_is_root() && world_is_ours();
    if (ok && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
        why = "mounts would be seen outside";
        ok = false;
    }
    (void)mkdir(hung, 0755);
    (void)mkdir(other, 0755);
    ok = ok && dead_fs_start(fs, &why);
    if (ok &&
        syscall(SYS_move_mount, fs->mount, "", AT_FDCWD, hung, MOVE_MOUNT_F_EMPTY_PATH) != 0) {
        why = "mounts cannot be moved here";
        dead_fs_finish(fs);
        ok = false;
    }
    if (!ok) {
        print_message("skipped: %s\n", why);
        skip();
    }
    struct stat root; // answered: the server is there
    assert_int_equal(fstat(fs->mount, &root), 0);
    assert_int_equal(kill(fs->server, deaf ? SIGSTOP : SIGCONT), 0);
    assert_int_equal(mount("zz", other, "tmpfs", 0, "size=8m"), 0);
}

static void unmount_both(struct dead_fs *fs, const char *other)
{
    char hung[512];
    (void)snprintf(hung, sizeof(hung), "%s/zz-hung", world_directory());
    dead_fs_finish(fs);
    (void)umount2(hung, MNT_DETACH);
    (void)umount2(other, MNT_DETACH);
}

/* The row of a mount has this text in it. */
static bool row_has(struct pty *pty, const char *mount, const char *text)
{
    int y = pty_find_row(pty, 0, mount);
    return y >= 0 && strstr(pty_row(pty, y), text) != NULL;
}

static bool other_is_half_full(struct pty *pty, void *context)
{
    (void)context;
    return row_has(pty, "/zz-other", "4.0M") && row_has(pty, "/zz-other", "50.0");
}

static bool hung_has_failed(struct pty *pty, void *context)
{
    (void)context;
    return row_has(pty, "/zz-hung", "failed");
}

/* Start the program on the tab of file systems. */
static struct pty *open_mounts(void)
{
    struct pty *pty = pty_start(
        &(struct pty_options){.args = (const char *const[]){"-d", "0.3", NULL}, .width = 160});
    pty_expect(pty, "PID");
    pty_type(pty, "\0337"); // Alt+7
    pty_expect(pty, "MOUNTED ON");
    pty_expect(pty, "/zz-other");
    return pty;
}

static void a_file_system_that_does_not_answer_blocks_its_own_row_only(void **state)
{
    (void)state;
    struct dead_fs fs;
    char other[512];
    mount_both(&fs, false, other, sizeof(other));
    struct pty *pty = open_mounts();
    expect_moves(pty); // the two seconds it is given pass
    pty_expect(pty, "not answering");
    assert_true(row_has(pty, "/zz-hung", "not answering"));
    assert_true(row_has(pty, "/zz-other", "8.0M"));
    char path[600];
    (void)snprintf(path, sizeof(path), "%s/file", other);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0 && posix_fallocate(fd, 0, FILL_BYTES) == 0);
    (void)close(fd);
    if (!pty_until(pty, other_is_half_full, NULL, PTY_PATIENCE_MS)) {
        fail_msg("the other file system is not measured any more");
    }
    assert_true(row_has(pty, "/zz-hung", "not answering"));
#if !THREAD_SANITIZED                    // see apart.c
    struct pty *quitter = open_mounts(); // its server has taken the question: no signal helps
    pty_expect(quitter, "not answering");
    int64_t since = pty_now_ms();
    scene_close(quitter);
    assert_in_range(pty_now_ms() - since, 0, 5000);
#endif
    dead_fs_release(&fs); // its server is dead now, and the kernel says so
    if (!pty_until(pty, hung_has_failed, NULL, PTY_PATIENCE_MS)) {
        fail_msg("an answer that came late is not shown");
    }
    scene_close(pty);
    unmount_both(&fs, other);
}

/* Processes of this namespace that are the program or were made by it. */
static int programs_left(void)
{
    int count = 0;
    DIR *dir = opendir("/proc");
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        char path[300];
        char name[32] = "";
        (void)snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
        FILE *file = atoi(entry->d_name) > 0 ? fopen(path, "re") : NULL;
        if (file != NULL) {
            count += fgets(name, sizeof(name), file) != NULL && strncmp(name, "perch", 5) == 0;
            (void)fclose(file);
        }
    }
    (void)closedir(dir);
    return count;
}

static void expect_no_program_left(void)
{
    for (int64_t end = pty_now_ms() + PTY_PATIENCE_MS; programs_left() > 0 && pty_now_ms() < end;) {
        (void)poll(NULL, 0, 20);
    }
    assert_int_equal(programs_left(), 0);
}

static void neither_quitting_nor_printing_waits_for_a_file_system(void **state)
{
    (void)state;
    struct dead_fs fs;
    char other[512];
    int status = -1;
    mount_both(&fs, true, other, sizeof(other));
    struct pty *pty = open_mounts();
    pty_expect(pty, "not answering");
    int64_t since = pty_now_ms();
    scene_close(pty);
    assert_in_range(pty_now_ms() - since, 0, 3000);
    expect_no_program_left();
    const char *const args[] = {"--batch", "-n1", "-d0.3", "--table", "mounts", NULL};
    pty = pty_start(&(struct pty_options){.args = args, .width = 160});
    pty_expect(pty, "not answering");
    assert_true(pty_wait_exit(pty, PTY_PATIENCE_MS, &status));
    assert_int_equal(status, 0);
    assert_true(row_has(pty, "/zz-hung", "not answering"));
    assert_true(row_has(pty, "/zz-other", "8.0M"));
    pty_finish(pty);
    expect_no_program_left();
    unmount_both(&fs, other);
}

static int tests(void)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test_teardown(a_pipe_as_command_line_blocks_its_own_cell_only, pty_finish_all),
        cmocka_unit_test_teardown(interfaces_that_do_not_answer_hold_up_no_key, pty_finish_all),
        cmocka_unit_test_teardown(a_held_memory_map_blocks_its_own_cell_only, pty_finish_all),
        cmocka_unit_test_teardown(quitting_does_not_wait_for_a_blocked_read, pty_finish_all),
        cmocka_unit_test_teardown(a_file_system_that_does_not_answer_blocks_its_own_row_only,
                                  pty_finish_all),
        cmocka_unit_test_teardown(neither_quitting_nor_printing_waits_for_a_file_system,
                                  pty_finish_all),
    };
    return cmocka_run_group_tests_name("e2e blocked", all, NULL, NULL);
}

int main(int argc, char **argv)
{
    return world_main(argc, argv, tests);
}
