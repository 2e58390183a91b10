#include "base/arena.h"
#include "check.h"
#include "child.h"
#include "look.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Looking at processes these tests start. */

static void identity_is_that_of_the_process(void **state)
{
    (void)state;
    char path[4096];
    const struct child child = child_start(look.platform, 0);
    const struct raw_identity is = look_at(INSPECT_IDENTITY, child.id).as.identity;
    ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
    path[len > 0 ? len : 0] = '\0';
    assert_true(look_is(is.exe, path));
    assert_non_null(getcwd(path, sizeof(path)));
    assert_true(look_is(is.cwd, path));
    assert_true(look_is(is.root, "/"));
    FILE *const file = fopen("/proc/self/cmdline", "re");
    assert_non_null(file);
    const size_t size = fread(path, 1, sizeof(path), file);
    (void)fclose(file);
    assert_int_equal(is.cmdline.len, size);
    assert_memory_equal(is.cmdline.ptr, path, size);
    assert_int_equal(is.ppid, getpid());
    assert_int_equal(is.tracer, 0);
    assert_int_equal(is.inner_pid, child.pid);
    assert_int_equal(is.uid[0], getuid());
    assert_int_equal(is.uid[1], geteuid());
    assert_int_equal(is.gid[1], getegid());
    assert_int_equal(is.group_count, getgroups(0, NULL));
    assert_true(is.cgroup.len > 0 && is.cgroup.ptr[0] == '/');
    assert_true(is.voluntary_switches != FIGURE_ABSENT);
    assert_true(is.oom_score_adj != INT32_MIN);
    assert_false(is.exe_denied || is.cwd_denied || is.root_denied || is.namespaces_denied);
    assert_true(is.namespace_count >= 6);
    for (size_t i = 0; i < is.namespace_count; i++) {
        assert_true(is.namespaces[i].same);
    }
    (void)child_end(&child);
}

static void unshare_and_wait(const void *context)
{
    (void)context;
    if (unshare(CLONE_NEWUTS) == 0) {
        look_ready();
    }
    (void)pause();
}

static void a_namespace_of_its_own_is_told(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        skip();
    }
    const struct proc_id id = look_child(unshare_and_wait, NULL);
    const struct raw_identity is = look_at(INSPECT_IDENTITY, id).as.identity;
    size_t others = 0;
    for (size_t i = 0; i < is.namespace_count; i++) {
        assert_int_equal(is.namespaces[i].same, !look_is(is.namespaces[i].type, "uts"));
        others += !is.namespaces[i].same;
    }
    assert_int_equal(others, 1);
    look_end(id);
}

static bool identity_is_denied(struct proc_id id)
{
    struct raw_inspect seen;
    const struct raw_identity *const is = &seen.as.identity;
    return platform_inspect(look.platform, INSPECT_IDENTITY, id, look.arena, &seen) == 0 &&
           is->exe_denied && is->cwd_denied && is->root_denied && is->namespaces_denied &&
           is->exe.len == 0 && is->namespace_count == 0 && is->uid[0] == 0 && is->cmdline.len > 0 &&
           is->cgroup.len > 0;
}

static void of_another_users_process_what_is_denied_is_marked(void **state)
{
    (void)state;
    const struct child child = child_start(look.platform, 0);
    assert_true(look_as_nobody(identity_is_denied, child.id));
    (void)child_end(&child);
}

static void threads_are_listed_with_what_they_do(void **state)
{
    (void)state;
    const struct child child = child_start(look.platform, 3);
    struct raw_inspect seen = {0};
    // They are started when they have said so, and asleep a moment later.
    for (int tries = 0; tries < 1000; tries++) {
        size_t asleep = 0;
        seen = look_at(INSPECT_THREADS, child.id);
        for (size_t i = 0; i < seen.as.threads.count; i++) {
            asleep += seen.as.threads.items[i].state == 'S';
        }
        if (asleep == 4) {
            break;
        }
        (void)usleep(1000);
    }
    assert_int_equal(seen.as.threads.count, 4);
    assert_false(seen.cut);
    const struct raw_thread *const threads = seen.as.threads.items;
    assert_true(proc_id_equal(threads[0].id, child.id));
    for (size_t i = 0; i < 4; i++) {
        bool known = i == 0;
        for (size_t j = 0; j < child.thread_count; j++) {
            known |= child.tids[j] == threads[i].id.pid;
        }
        assert_true(known);
        assert_true(i == 0 || threads[i - 1].id.pid < threads[i].id.pid);
        assert_int_equal(threads[i].state, 'S');
        assert_int_equal(threads[i].priority, 20);
        assert_true(threads[i].run_delay_ns != FIGURE_ABSENT);
        assert_true(threads[i].voluntary_switches >= 1);
        assert_true(threads[i].voluntary_switches != FIGURE_ABSENT);
        assert_true(look_is(threads[i].name, "test_inspect"));
    }
    (void)child_end(&child);
}

static void another_process_of_that_pid_is_not_looked_at(void **state)
{
    (void)state;
    struct raw_inspect seen;
    const struct child child = child_start(look.platform, 0);
    const struct proc_id other = {.pid = child.pid, .start_ns = child.id.start_ns + 1};
    for (int part = 0; part < INSPECT_PART_COUNT; part++) {
        assert_int_equal(platform_inspect(look.platform, (enum inspect_part)part, other, look.arena,
                                          &seen),
                         -ESRCH);
    }
    (void)child_end(&child);
    for (int part = 0; part < INSPECT_PART_COUNT; part++) {
        assert_int_equal(platform_inspect(look.platform, (enum inspect_part)part, child.id,
                                          look.arena, &seen),
                         -ESRCH);
    }
}

/* P10, P35: most files of a zombie are refused in odd ways, yet it is there. */
static void a_zombie_has_an_identity(void **state)
{
    (void)state;
    const pid_t pid = fork();
    if (pid == 0) {
        _exit(0);
    }
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    const struct proc_id id = child_identify(look.platform, pid);
    const struct raw_identity is = look_at(INSPECT_IDENTITY, id).as.identity;
    assert_int_equal(is.ppid, getpid());
    assert_int_equal(is.cmdline.len, 0);
    assert_int_equal(is.exe.len, 0);
    const struct raw_inspect threads = look_at(INSPECT_THREADS, id);
    assert_int_equal(threads.as.threads.count, 1);
    assert_int_equal(threads.as.threads.items[0].state, 'Z');
    assert_int_equal(look_at(INSPECT_FILES, id).as.files.count, 0);
    assert_int_equal(look_at(INSPECT_ENVIRON, id).as.environ.len, 0);
    assert_true(look_at(INSPECT_LIMITS, id).as.limits.count > 0);
    const struct raw_waiting waiting = look_at(INSPECT_WAITING, id).as.waiting;
    assert_int_equal(waiting.state, 'Z');
    assert_false(waiting.in_syscall);
    assert_int_equal(waiting.lock_count, 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void memory_that_is_short_is_an_error_and_no_crash(void **state)
{
    (void)state;
    struct raw_inspect seen;
    for (size_t limit = 0; limit < 65536; limit += 4096) {
        struct arena *const arena = arena_create(limit);
        for (int part = 0; part < INSPECT_PART_COUNT; part++) {
            const struct proc_id id = child_identify(look.platform, getpid());
            const int error =
                platform_inspect(look.platform, (enum inspect_part)part, id, arena, &seen);
            assert_true(error == 0 || error == -ENOMEM || error == -ENOTSUP);
        }
        arena_destroy(arena);
    }
}

/* What the child of the next test opens. */
struct opened {
    char dir[64]; // of its files
    int data;     // at offset 5, written to
    int gone;     // a file that was removed
    int folder, null, sock, pipes[2];
};

static void open_all(const char *dir, struct opened *ret)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/data", dir);
    ret->data = open(path, O_RDWR | O_CREAT | O_APPEND, 0600);
    assert_int_equal(write(ret->data, "12345", 5), 5);
    (void)snprintf(path, sizeof(path), "%s/odd\nname", dir);
    ret->gone = open(path, O_RDONLY | O_CREAT, 0600);
    assert_int_equal(unlink(path), 0);
    ret->folder = open(dir, O_RDONLY | O_DIRECTORY);
    ret->null = open("/dev/null", O_WRONLY);
    ret->sock = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(pipe(ret->pipes), 0);
    assert_true(ret->data > 0 && ret->gone > 0 && ret->folder > 0 && ret->null > 0);
    assert_true(ret->sock > 0);
}

static void close_all(const struct opened *opened)
{
    const int fds[] = {opened->data, opened->gone,     opened->folder,  opened->null,
                       opened->sock, opened->pipes[0], opened->pipes[1]};
    for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++) {
        close(fds[i]);
    }
}

static void be_ready_and_wait(const void *context)
{
    (void)context;
    look_ready();
    (void)pause();
}

static struct raw_file file_of(const struct raw_inspect *seen, int fd)
{
    for (size_t i = 0; i < seen->as.files.count; i++) {
        assert_true(i == 0 || seen->as.files.items[i - 1].fd < seen->as.files.items[i].fd);
        if (seen->as.files.items[i].fd == fd) {
            return seen->as.files.items[i];
        }
    }
    fail_msg("descriptor %d is missing", fd);
    return (struct raw_file){0};
}

static uint64_t inode_of(int fd)
{
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    return st.st_ino;
}

static void open_files_are_told_with_their_positions(void **state)
{
    (void)state;
    char path[160];
    struct opened opened = {.dir = "/tmp/perch_test_XXXXXX"};
    assert_non_null(mkdtemp(opened.dir));
    open_all(opened.dir, &opened);
    const struct proc_id id = look_child(be_ready_and_wait, NULL);
    const struct raw_inspect seen = look_at(INSPECT_FILES, id);
    const struct raw_file data = file_of(&seen, opened.data);
    (void)snprintf(path, sizeof(path), "%s/data", opened.dir);
    assert_true(look_is(data.target, path));
    assert_int_equal(data.kind, RAW_FILE_REGULAR);
    assert_int_equal(data.position, 5);
    assert_int_equal(data.flags & (O_ACCMODE | O_APPEND), O_RDWR | O_APPEND);
    assert_true(data.inode == 0 || data.inode == inode_of(opened.data)); // since Linux 5.14
    assert_false(data.locked);
    const struct raw_file gone = file_of(&seen, opened.gone);
    (void)snprintf(path, sizeof(path), "%s/odd\nname (deleted)", opened.dir);
    assert_true(look_is(gone.target, path));
    assert_int_equal(gone.position, 0);
    assert_int_equal(file_of(&seen, opened.folder).kind, RAW_FILE_DIRECTORY);
    assert_int_equal(file_of(&seen, opened.null).kind, RAW_FILE_CHAR);
    assert_int_equal(file_of(&seen, opened.sock).kind, RAW_FILE_SOCKET);
    assert_int_equal(file_of(&seen, opened.sock).inode, inode_of(opened.sock));
    assert_int_equal(file_of(&seen, opened.pipes[1]).kind, RAW_FILE_FIFO);
    assert_int_equal(file_of(&seen, opened.pipes[1]).inode, inode_of(opened.pipes[0]));
    look_end(id);
    close_all(&opened);
    tree_remove(opened.dir);
}

static void limit_itself(const void *context)
{
    const struct rlimit files = {.rlim_cur = 123, .rlim_max = 456};
    const struct rlimit core = {.rlim_cur = 0, .rlim_max = 0};
    (void)context;
    if (setrlimit(RLIMIT_NOFILE, &files) == 0 && setrlimit(RLIMIT_CORE, &core) == 0) {
        look_ready();
    }
    (void)pause();
}

static struct raw_limit limit_of(const struct raw_inspect *seen, const char *name)
{
    for (size_t i = 0; i < seen->as.limits.count; i++) {
        if (look_is(seen->as.limits.items[i].name, name)) {
            return seen->as.limits.items[i];
        }
    }
    fail_msg("no %s", name);
    return (struct raw_limit){0};
}

static void limits_are_told_with_what_is_used(void **state)
{
    (void)state;
    const struct proc_id id = look_child(limit_itself, NULL);
    const struct raw_inspect seen = look_at(INSPECT_LIMITS, id);
    const struct raw_limit files = limit_of(&seen, "Max open files");
    assert_int_equal(files.soft, 123);
    assert_int_equal(files.hard, 456);
    assert_true(look_is(files.unit, "files"));
    assert_int_equal(files.used, look_at(INSPECT_FILES, id).as.files.count);
    const struct raw_limit core = limit_of(&seen, "Max core file size");
    assert_true(core.soft == 0 && core.hard == 0 && core.used == FIGURE_ABSENT);
    assert_true(limit_of(&seen, "Max address space").used >= 1 << 20);
    assert_true(limit_of(&seen, "Max address space").used != FIGURE_ABSENT);
    assert_int_equal(limit_of(&seen, "Max nice priority").used, 20 - getpriority(PRIO_PROCESS, 0));
    assert_int_equal(limit_of(&seen, "Max realtime priority").used, 0);
    assert_true(limit_of(&seen, "Max cpu time").used <= 60);
    look_end(id);
}

static void become_sleep(const void *context)
{
    char name[] = "sleep";
    char time[] = "60";
    char one[] = "PERCH_TEST=1";
    char odd[] = "no equals sign";
    char two[] = "TWO=\x1b[2J\n";
    char *const arguments[] = {name, time, NULL};
    char *const environment[] = {one, odd, two, NULL};
    (void)context;
    look_ready();
    (void)execve("/bin/sleep", arguments, environment);
}

static void the_environment_is_told_as_it_is(void **state)
{
    static const char expected[] = "PERCH_TEST=1\0no equals sign\0TWO=\x1b[2J\n";
    (void)state;
    const struct proc_id id = look_child(become_sleep, NULL);
    for (int tries = 0; tries < 1000; tries++) { // until it runs the other program
        if (look_at(INSPECT_IDENTITY, id).as.identity.cmdline.len == sizeof("sleep\00060")) {
            break;
        }
        (void)usleep(10000);
    }
    const struct raw_inspect seen = look_at(INSPECT_ENVIRON, id);
    assert_int_equal(seen.as.environ.len, sizeof(expected));
    assert_memory_equal(seen.as.environ.ptr, expected, sizeof(expected));
    assert_false(seen.cut);
    look_end(id);
}

static bool files_are_denied(struct proc_id id)
{
    struct raw_inspect seen;
    return platform_inspect(look.platform, INSPECT_FILES, id, look.arena, &seen) == -EACCES &&
           platform_inspect(look.platform, INSPECT_ENVIRON, id, look.arena, &seen) == -EACCES &&
           platform_inspect(look.platform, INSPECT_LIMITS, id, look.arena, &seen) == 0 &&
           limit_of(&seen, "Max open files").used == FIGURE_ABSENT &&
           limit_of(&seen, "Max open files").soft == 123;
}

static void of_another_users_process_files_are_denied_and_limits_are_not(void **state)
{
    (void)state;
    const struct proc_id id = look_child(limit_itself, NULL);
    assert_true(look_as_nobody(files_are_denied, id));
    look_end(id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identity_is_that_of_the_process),
        cmocka_unit_test(a_namespace_of_its_own_is_told),
        cmocka_unit_test(of_another_users_process_what_is_denied_is_marked),
        cmocka_unit_test(threads_are_listed_with_what_they_do),
        cmocka_unit_test(open_files_are_told_with_their_positions),
        cmocka_unit_test(limits_are_told_with_what_is_used),
        cmocka_unit_test(the_environment_is_told_as_it_is),
        cmocka_unit_test(of_another_users_process_files_are_denied_and_limits_are_not),
        cmocka_unit_test(another_process_of_that_pid_is_not_looked_at),
        cmocka_unit_test(a_zombie_has_an_identity),
        cmocka_unit_test(memory_that_is_short_is_an_error_and_no_crash),
    };
    return cmocka_run_group_tests(tests, look_setup, look_teardown);
}
