/* A command line that cannot be read must hold up nothing but its own cell. */

#include "check.h"
#include "scene.h"
#include "stuck.h"
#include "world.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
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
static void write_tree(char *root, size_t size)
{
    char path[600];
    (void)snprintf(root, size, "%s/proc", world_directory());
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

/* Keys are answered all the time. There are at least two rows. */
static void expect_answers(struct pty *pty)
{
    pty_type(pty, "N"); // an order in which no row moves by itself
    pty_expect(pty, "PID△");
    for (int i = 0; i < KEYS; i++) {
        int before = scene_cursor_row(pty);
        pty_press(pty, i % 2 == 0 ? VTERM_KEY_END : VTERM_KEY_HOME);
        if (!pty_until(pty, cursor_moved, &before, ANSWER_MS) && i > 0) {
            fail_msg("key %d was not answered", i);
        }
        pty_drain(pty, 150);
    }
}

static void a_pipe_as_command_line_blocks_its_own_cell_only(void **state)
{
    (void)state;
    char root[512];
    write_tree(root, sizeof(root));
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

static int tests(void)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test_teardown(a_pipe_as_command_line_blocks_its_own_cell_only, pty_finish_all),
        cmocka_unit_test_teardown(a_held_memory_map_blocks_its_own_cell_only, pty_finish_all),
        cmocka_unit_test_teardown(quitting_does_not_wait_for_a_blocked_read, pty_finish_all),
    };
    return cmocka_run_group_tests_name("e2e blocked", all, NULL, NULL);
}

int main(int argc, char **argv)
{
    return world_main(argc, argv, tests);
}
