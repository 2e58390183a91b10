#include "base/arena.h"
#include "check.h"
#include "child.h"
#include "platform/inspect.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Looking at processes these tests start. */

enum { NOBODY = 65534 };

static struct {
    struct platform *platform;
    struct arena *arena;
} test;

static int setup(void **state)
{
    (void)state;
    test.platform = child_platform();
    test.arena = arena_create(64u << 20);
    return test.arena ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    platform_close(test.platform);
    arena_destroy(test.arena);
    return 0;
}

static struct raw_inspect look(enum inspect_part part, struct proc_id id)
{
    struct raw_inspect seen = {0};
    assert_int_equal(platform_inspect(test.platform, part, id, test.arena, &seen), 0);
    assert_int_equal(seen.part, part);
    assert_true(proc_id_equal(seen.id, id));
    assert_true(seen.mono_ns > 0);
    return seen;
}

static bool is_text(struct raw_bytes bytes, const char *text)
{
    return bytes.len == strlen(text) && memcmp(bytes.ptr, text, bytes.len) == 0;
}

/* What check() says when it runs as nobody. Only root can find out; true for others. */
static bool holds_for_nobody(bool (*check)(struct proc_id id), struct proc_id id)
{
    int status = 0;
    if (geteuid() != 0) {
        return true;
    }
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        alarm(30);
        const bool dropped =
            setresgid(NOBODY, NOBODY, NOBODY) == 0 && setresuid(NOBODY, NOBODY, NOBODY) == 0;
        _exit(dropped && check(id) ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void identity_is_that_of_the_process(void **state)
{
    (void)state;
    char path[4096];
    const struct child child = child_start(test.platform, 0);
    const struct raw_identity is = look(INSPECT_IDENTITY, child.id).as.identity;
    ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
    path[len > 0 ? len : 0] = '\0';
    assert_true(is_text(is.exe, path));
    assert_non_null(getcwd(path, sizeof(path)));
    assert_true(is_text(is.cwd, path));
    assert_true(is_text(is.root, "/"));
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

static void a_namespace_of_its_own_is_told(void **state)
{
    (void)state;
    int ready[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    const pid_t pid = fork();
    if (pid == 0) {
        alarm(60);
        const bool apart = unshare(CLONE_NEWUTS) == 0;
        (void)!write(ready[1], apart ? "y" : "n", 1);
        (void)pause();
        _exit(0);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    if (byte == 'y') {
        const struct proc_id id = child_identify(test.platform, pid);
        const struct raw_identity is = look(INSPECT_IDENTITY, id).as.identity;
        size_t others = 0;
        for (size_t i = 0; i < is.namespace_count; i++) {
            assert_int_equal(is.namespaces[i].same, !is_text(is.namespaces[i].type, "uts"));
            others += !is.namespaces[i].same;
        }
        assert_int_equal(others, 1);
    }
    close(ready[0]);
    close(ready[1]);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static bool identity_is_denied(struct proc_id id)
{
    struct raw_inspect seen;
    const struct raw_identity *const is = &seen.as.identity;
    return platform_inspect(test.platform, INSPECT_IDENTITY, id, test.arena, &seen) == 0 &&
           is->exe_denied && is->cwd_denied && is->root_denied && is->namespaces_denied &&
           is->exe.len == 0 && is->namespace_count == 0 && is->uid[0] == 0 && is->cmdline.len > 0 &&
           is->cgroup.len > 0;
}

static void of_another_users_process_what_is_denied_is_marked(void **state)
{
    (void)state;
    const struct child child = child_start(test.platform, 0);
    assert_true(holds_for_nobody(identity_is_denied, child.id));
    (void)child_end(&child);
}

static void threads_are_listed_with_what_they_do(void **state)
{
    (void)state;
    const struct child child = child_start(test.platform, 3);
    struct raw_inspect seen = {0};
    // They are started when they have said so, and asleep a moment later.
    for (int tries = 0; tries < 1000; tries++) {
        size_t asleep = 0;
        seen = look(INSPECT_THREADS, child.id);
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
        assert_true(is_text(threads[i].name, "test_inspect"));
    }
    (void)child_end(&child);
}

static void another_process_of_that_pid_is_not_looked_at(void **state)
{
    (void)state;
    struct raw_inspect seen;
    const struct child child = child_start(test.platform, 0);
    const struct proc_id other = {.pid = child.pid, .start_ns = child.id.start_ns + 1};
    for (int part = 0; part < INSPECT_PART_COUNT; part++) {
        assert_int_equal(platform_inspect(test.platform, (enum inspect_part)part, other, test.arena,
                                          &seen),
                         -ESRCH);
    }
    (void)child_end(&child);
    for (int part = 0; part < INSPECT_PART_COUNT; part++) {
        assert_int_equal(platform_inspect(test.platform, (enum inspect_part)part, child.id,
                                          test.arena, &seen),
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
    const struct proc_id id = child_identify(test.platform, pid);
    const struct raw_identity is = look(INSPECT_IDENTITY, id).as.identity;
    assert_int_equal(is.ppid, getpid());
    assert_int_equal(is.cmdline.len, 0);
    assert_int_equal(is.exe.len, 0);
    const struct raw_inspect threads = look(INSPECT_THREADS, id);
    assert_int_equal(threads.as.threads.count, 1);
    assert_int_equal(threads.as.threads.items[0].state, 'Z');
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void memory_that_is_short_is_an_error_and_no_crash(void **state)
{
    (void)state;
    struct raw_inspect seen;
    for (size_t limit = 0; limit < 65536; limit += 4096) {
        struct arena *const arena = arena_create(limit);
        for (int part = 0; part < INSPECT_PART_COUNT; part++) {
            const struct proc_id id = child_identify(test.platform, getpid());
            const int error =
                platform_inspect(test.platform, (enum inspect_part)part, id, arena, &seen);
            assert_true(error == 0 || error == -ENOMEM || error == -ENOTSUP);
        }
        arena_destroy(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identity_is_that_of_the_process),
        cmocka_unit_test(a_namespace_of_its_own_is_told),
        cmocka_unit_test(of_another_users_process_what_is_denied_is_marked),
        cmocka_unit_test(threads_are_listed_with_what_they_do),
        cmocka_unit_test(another_process_of_that_pid_is_not_looked_at),
        cmocka_unit_test(a_zombie_has_an_identity),
        cmocka_unit_test(memory_that_is_short_is_an_error_and_no_crash),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
