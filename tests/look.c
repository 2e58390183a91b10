#include "look.h"

#include "base/arena.h"
#include "check.h"
#include "child.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct look look;

static int ready_fd; // a child's own

int look_setup(void **state)
{
    (void)state;
    look.platform = child_platform();
    look.arena = arena_create(64u << 20);
    return look.arena ? 0 : -1;
}

int look_teardown(void **state)
{
    (void)state;
    platform_close(look.platform);
    arena_destroy(look.arena);
    return 0;
}

void look_ready(void)
{
    if (write(ready_fd, "y", 1) != 1) {
        _exit(1);
    }
    close(ready_fd);
}

struct proc_id look_child(void (*run)(const void *context), const void *context)
{
    int ready[2];
    char byte = 'n';
    assert_int_equal(pipe(ready), 0);
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        alarm(60); // not left behind by a test that fails
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(ready[0]);
        ready_fd = ready[1];
        run(context);
        _exit(0);
    }
    close(ready[1]);
    (void)!read(ready[0], &byte, 1);
    close(ready[0]);
    assert_int_equal(byte, 'y');
    return child_identify(look.platform, pid);
}

void look_end(struct proc_id id)
{
    assert_int_equal(kill(id.pid, SIGKILL), 0);
    assert_int_equal(waitpid(id.pid, NULL, 0), id.pid);
}

struct raw_inspect look_at(enum inspect_part part, struct proc_id id)
{
    struct raw_inspect seen = {0};
    assert_int_equal(platform_inspect(look.platform, part, id, look.arena, &seen), 0);
    assert_int_equal(seen.part, part);
    assert_true(proc_id_equal(seen.id, id));
    assert_true(seen.mono_ns > 0);
    return seen;
}

struct raw_waiting look_waiting(struct proc_id id, const char *syscall_name)
{
    for (int tries = 0; tries < 1000; tries++) {
        const struct raw_waiting seen = look_at(INSPECT_WAITING, id).as.waiting;
        if (seen.waits[0].in_syscall && look_is(seen.waits[0].syscall_name, syscall_name)) {
            return seen;
        }
        (void)usleep(10000);
    }
    fail_msg("it never waited in %s", syscall_name);
    return (struct raw_waiting){0};
}

bool look_as_nobody(bool (*check)(struct proc_id id), struct proc_id id)
{
    enum { NOBODY = 65534 };
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

bool look_is(struct raw_bytes bytes, const char *text)
{
    return bytes.len == strlen(text) && (bytes.len == 0 || memcmp(bytes.ptr, text, bytes.len) == 0);
}
