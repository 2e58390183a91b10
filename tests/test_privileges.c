#include "check.h"
#include "platform/linux/privileges.h"
#include "platform/platform.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * Privileges given up for good, so each test runs in a child. What is left is read back from
 * /proc, and tried out on a child of another user.
 */

enum { SOMEBODY = 65534, ANOTHER = 65533 };

#define BIT(capability) (UINT64_C(1) << (capability))
#define LOOKING (BIT(CAP_DAC_READ_SEARCH) | BIT(CAP_SYS_PTRACE))
#define ACTING                                                                        \
 (BIT(CAP_KILL) | BIT(CAP_SYS_NICE) | BIT(CAP_SYS_RESOURCE) | BIT(CAP_DAC_OVERRIDE) | \
  BIT(CAP_NET_ADMIN))

/* Permitted, but not in effect: for entering network namespaces, and kernel stacks. */
#define RESERVE BIT(CAP_SYS_ADMIN)

/* In a child a failed expectation is its exit status: the line it is in. */
#define EXPECT(claim)                                        \
 do {                                                        \
  if (!(claim)) {                                            \
   (void)fprintf(stderr, "line %d: %s\n", __LINE__, #claim); \
   _exit(1);                                                 \
  }                                                          \
 } while (0)

/* A line of /proc/self/status, by base. */
static uint64_t status_number(const char *title, int base)
{
    char line[512];
    uint64_t number = UINT64_MAX;
    FILE *const file = fopen("/proc/self/status", "re");
    while (file && fgets(line, sizeof(line), file)) {
        if (strncmp(line, title, strlen(title)) == 0) {
            number = strtoull(line + strlen(title), NULL, base);
        }
    }
    if (file) {
        (void)fclose(file);
    }
    return number;
}

/* A process of another user, if we are root; it ends when all writers of the pipe have. */
static pid_t start_victim(const int pipe_fds[2])
{
    const pid_t victim = fork();
    if (victim == 0) {
        char c;
        alarm(60);
        close(pipe_fds[1]);
        if (geteuid() == 0 && setresuid(ANOTHER, ANOTHER, ANOTHER) < 0) {
            _exit(1);
        }
        while (read(pipe_fds[0], &c, 1) > 0) {
        }
        _exit(0);
    }
    return victim;
}

/* Runs it in a child with a child to act on. That may not be killable in the end. */
static void in_child(void (*test)(pid_t victim))
{
    int status = 0;
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int pipe_fds[2];
        alarm(60);
        EXPECT(pipe2(pipe_fds, O_CLOEXEC) == 0);
        const pid_t victim = start_victim(pipe_fds);
        EXPECT(victim > 0);
        test(victim);
        close(pipe_fds[1]);
        (void)waitpid(victim, &status, 0); // one test has done so before
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void skip_unless_root(void)
{
    struct privileges have;
    assert_int_equal(privileges_get(&have), 0);
    if (geteuid() != 0 || !privileges_have(CAP_KILL) || !privileges_have(CAP_SYS_NICE) ||
        !privileges_have(CAP_SETUID)) {
        skip();
    }
}

/* Until the victim has become another user. */
static void await_user(pid_t victim)
{
    for (int i = 0; i < 2000; i++) {
        char path[64];
        char line[64] = "";
        struct timespec pause = {.tv_nsec = 1000000};
        (void)snprintf(path, sizeof(path), "/proc/%d/status", (int)victim);
        FILE *const file = fopen(path, "re");
        while (file && fgets(line, sizeof(line), file)) {
            if (strncmp(line, "Uid:\t65533\t", 11) == 0) {
                (void)fclose(file);
                return;
            }
        }
        if (file) {
            (void)fclose(file);
        }
        (void)nanosleep(&pause, NULL);
    }
    const bool became_another_user = false;
    EXPECT(became_another_user);
}

static bool is_kept(uint64_t wanted, uint64_t had)
{
    struct privileges now;
    return privileges_get(&now) == 0 && now.effective == (had & wanted) &&
           now.permitted == (had & (wanted | RESERVE)) &&
           status_number("CapEff:", 16) == now.effective &&
           status_number("CapPrm:", 16) == now.permitted && status_number("CapInh:", 16) == 0 &&
           status_number("CapAmb:", 16) == 0 && status_number("NoNewPrivs:", 10) == 1;
}

static void act_as_root(pid_t victim)
{
    struct privileges had;
    await_user(victim);
    EXPECT(privileges_get(&had) == 0);
    EXPECT(platform_drop_privileges(true) == 0);
    EXPECT(is_kept(LOOKING | ACTING, had.permitted)); // on kernels from 5.14 on
    EXPECT(setpriority(PRIO_PROCESS, (id_t)victim, -3) == 0);
    EXPECT(getpriority(PRIO_PROCESS, (id_t)victim) == -3);
    EXPECT(syscall(SYS_ioprio_set, 1, victim, 1 << 13 | 4) == 0); // real-time, level 4
    EXPECT(syscall(SYS_ioprio_get, 1, victim) == (1 << 13 | 4));
    EXPECT(setresuid(SOMEBODY, SOMEBODY, SOMEBODY) < 0 && errno == EPERM);
    EXPECT(kill(victim, SIGTERM) == 0);
    int status = 0;
    EXPECT(waitpid(victim, &status, 0) == victim);
    EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

static void root_keeps_what_actions_need_and_no_more(void **state)
{
    (void)state;
    skip_unless_root();
    in_child(act_as_root);
}

static void look_as_root(pid_t victim)
{
    struct privileges had;
    char path[64];
    char link[256];
    await_user(victim);
    EXPECT(privileges_get(&had) == 0);
    EXPECT(platform_drop_privileges(false) == 0);
    EXPECT(is_kept(LOOKING, had.permitted));
    EXPECT(unshare(CLONE_NEWNET) < 0 && errno == EPERM); // it is in reserve only
    EXPECT((had.permitted & RESERVE) == 0 || privileges_raise(CAP_SYS_ADMIN) == 0);
    EXPECT(privileges_have(CAP_SYS_ADMIN) == ((had.permitted & RESERVE) != 0));
    EXPECT(privileges_lower(CAP_SYS_ADMIN) == 0 && !privileges_have(CAP_SYS_ADMIN));
    EXPECT(privileges_have(CAP_SYS_PTRACE) == ((had.permitted & BIT(CAP_SYS_PTRACE)) != 0));
    EXPECT(privileges_raise(CAP_SYS_BOOT) == -EPERM);
    EXPECT(kill(victim, 0) < 0 && errno == EPERM);
    EXPECT(setpriority(PRIO_PROCESS, (id_t)victim, 5) < 0 && errno == EPERM);
    (void)snprintf(path, sizeof(path), "/proc/%d/exe", (int)victim);
    EXPECT(readlink(path, link, sizeof(link)) > 0); // another user's
    EXPECT(platform_drop_privileges(true) == 0);    // what is given up does not come back
    EXPECT(is_kept(LOOKING, had.permitted));
}

static void a_viewer_run_by_root_cannot_act(void **state)
{
    (void)state;
    skip_unless_root();
    in_child(look_as_root);
}

static void drop_as_user(pid_t victim)
{
    (void)victim;
    EXPECT(geteuid() != 0 || setresuid(SOMEBODY, SOMEBODY, SOMEBODY) == 0);
    struct privileges had;
    EXPECT(privileges_get(&had) == 0);
    EXPECT(platform_drop_privileges(true) == 0);
    EXPECT(is_kept(LOOKING | ACTING, had.permitted));
    EXPECT(getuid() == geteuid());
    const pid_t own = fork();
    if (own == 0) {
        for (;;) {
            (void)pause();
        }
    }
    EXPECT(own > 0);
    EXPECT(setpriority(PRIO_PROCESS, (id_t)own, 7) == 0); // one's own remain
    EXPECT(kill(own, SIGKILL) == 0);
    EXPECT(waitpid(own, NULL, 0) == own);
}

static void an_ordinary_user_has_nothing_to_lose(void **state)
{
    (void)state;
    in_child(drop_as_user);
}

/* A set-uid program of root's, run by somebody. */
static void drop_as_set_uid(pid_t victim)
{
    await_user(victim);
    EXPECT(setresgid(SOMEBODY, 0, 0) == 0);
    EXPECT(setresuid(SOMEBODY, 0, 0) == 0);
    EXPECT(privileges_have(CAP_KILL));
    EXPECT(platform_drop_privileges(true) == 0);
    uid_t uids[3];
    gid_t gids[3];
    EXPECT(getresuid(&uids[0], &uids[1], &uids[2]) == 0);
    EXPECT(getresgid(&gids[0], &gids[1], &gids[2]) == 0);
    for (size_t i = 0; i < 3; i++) {
        EXPECT(uids[i] == SOMEBODY && gids[i] == SOMEBODY);
    }
    EXPECT(is_kept(0, 0));
    EXPECT(setresuid(SOMEBODY, 0, 0) < 0);
    EXPECT(kill(victim, 0) < 0 && errno == EPERM);
}

static void a_set_uid_program_becomes_its_user(void **state)
{
    (void)state;
    skip_unless_root();
    in_child(drop_as_set_uid);
}

/* A program that somebody's group could use for its file's group. */
static void drop_as_set_gid(pid_t victim)
{
    (void)victim;
    EXPECT(setresgid(SOMEBODY, 0, 0) == 0);
    EXPECT(setresuid(SOMEBODY, SOMEBODY, SOMEBODY) == 0);
    EXPECT(platform_drop_privileges(true) == 0);
    EXPECT(getegid() == SOMEBODY);
    EXPECT(setresgid(SOMEBODY, 0, 0) < 0);
    EXPECT(is_kept(0, 0));
}

static void a_set_gid_program_loses_the_group(void **state)
{
    (void)state;
    skip_unless_root();
    in_child(drop_as_set_gid);
}

/* A file with capabilities: a user who has one of them, also for programs it starts. */
static void drop_with_file_capability(pid_t victim)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};
    await_user(victim);
    EXPECT(prctl(PR_SET_KEEPCAPS, 1) == 0);
    EXPECT(setresuid(SOMEBODY, SOMEBODY, SOMEBODY) == 0);
    data[0].permitted = 1u << CAP_KILL | 1u << CAP_CHOWN;
    data[0].effective = data[0].permitted;
    data[0].inheritable = data[0].permitted;
    EXPECT(syscall(SYS_capset, &header, data) == 0);
    EXPECT(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0) == 0);
    EXPECT(platform_drop_privileges(true) == 0);
    EXPECT(is_kept(BIT(CAP_KILL), BIT(CAP_KILL) | BIT(CAP_CHOWN)));
    EXPECT(kill(victim, 0) == 0);
    EXPECT(setpriority(PRIO_PROCESS, (id_t)victim, 5) < 0 && errno == EPERM);
}

static void of_a_files_capabilities_the_useful_ones_stay(void **state)
{
    (void)state;
    skip_unless_root();
    in_child(drop_with_file_capability);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(root_keeps_what_actions_need_and_no_more),
        cmocka_unit_test(a_viewer_run_by_root_cannot_act),
        cmocka_unit_test(an_ordinary_user_has_nothing_to_lose),
        cmocka_unit_test(a_set_uid_program_becomes_its_user),
        cmocka_unit_test(a_set_gid_program_loses_the_group),
        cmocka_unit_test(of_a_files_capabilities_the_useful_ones_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
