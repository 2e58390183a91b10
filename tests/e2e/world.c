#include "world.h"

#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <linux/sched.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Three processes stand between meson and a test: the one meson started waits, pid 1 of the
 * namespace reaps what is left without a parent, and below it runs cmocka. Each dies with the
 * one above it, and the namespace with its pid 1, so nothing outlives a test that was killed.
 */

enum { READY = 0xff }; // written by a child once its handlers stand; no signal has this number

static struct {
    bool ours;           // a PID namespace of our own
    bool root;           // uid 0 outside as well
    char directory[256]; // scratch
    // Copies, for a teardown comes when the test's own are gone; pid 0: free.
    struct child children[WORLD_CHILDREN_MAX];
} world;

bool world_is_ours(void)
{
    return world.ours;
}

bool world_is_root(void)
{
    return world.root;
}

const char *world_directory(void)
{
    return world.directory;
}

/* --- the namespace ----------------------------------------------------------------------- */

static bool write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    bool ok = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    return close(fd) == 0 && ok;
}

/* Leave for new namespaces. Someone who is not root needs a user namespace on top, in which
 * ids stay what they are. */
static bool leave(void)
{
    uid_t uid = geteuid();
    gid_t gid = getegid();
    if (uid == 0) {
        return unshare(CLONE_NEWPID | CLONE_NEWNS) == 0;
    }
    if (unshare(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS) != 0) {
        return false;
    }
    char map[64];
    (void)snprintf(map, sizeof(map), "%u %u 1", uid, uid);
    bool ok = write_file("/proc/self/uid_map", map) && write_file("/proc/self/setgroups", "deny");
    (void)snprintf(map, sizeof(map), "%u %u 1", gid, gid);
    return ok && write_file("/proc/self/gid_map", map);
}

static int exit_status(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Wait for one child, burying all others. */
static int wait_for_child(pid_t pid)
{
    int status;
    pid_t ended;
    while ((ended = waitpid(-1, &status, 0)) != pid) {
        if (ended < 0 && errno != EINTR) {
            return 1;
        }
    }
    return exit_status(status);
}

/* Pid 1: mount the proc of this namespace over the old one, run the tests below. */
static int be_init(int (*tests)(void))
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    // In a chroot "/" may be no mount point, /proc always is; without this the new mount
    // would appear in the namespace we came from.
    (void)mount(NULL, "/proc", NULL, MS_PRIVATE | MS_REC, NULL);
    if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL) != 0) {
        return -1;
    }
    world.ours = true;
    (void)prctl(PR_SET_NAME, "world-init");
    pid_t pid = fork();
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        exit(tests());
    }
    return pid < 0 ? 1 : wait_for_child(pid);
}

/* Run the tests in namespaces of their own. Returns -1 when that is not allowed here. */
static int run_inside(int (*tests)(void))
{
    pid_t pid = fork(); // so that whoever may not stays as it is
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (!leave()) {
            _exit(255);
        }
        pid_t init = fork();
        if (init == 0) {
            int status = be_init(tests);
            exit(status < 0 ? 255 : status);
        }
        _exit(init < 0 ? 255 : wait_for_child(init));
    }
    int status = pid < 0 ? 255 : wait_for_child(pid);
    return status == 255 ? -1 : status;
}

/* --- children ---------------------------------------------------------------------------- */

static int child_pipe; // of a child process: where it notes signals

static void note_signal(int number)
{
    unsigned char byte = (unsigned char)number;
    (void)!write(child_pipe, &byte, 1);
}

static void note_all_signals(void)
{
    struct sigaction action = {.sa_handler = note_signal, .sa_flags = SA_RESTART};
    sigfillset(&action.sa_mask);
    for (int number = 1; number < 32; number++) {
        if (number != SIGKILL && number != SIGSTOP && number != SIGCHLD) {
            (void)sigaction(number, &action, NULL);
        }
    }
}

/* What a child is to do, as it is written into its environment. */
struct child_plan {
    int pipe;                    // where it notes signals
    int count;                   // children of its own
    int threads;                 // beside the first
    int manner;                  // enum child_manner
    int private_mib, shared_mib; // memory it holds
};

enum child_manner { NOTES_SIGNALS, DIES_OF_TERM, IGNORES_ALL };

static void format_plan(const struct child_plan *plan, char *out, size_t size)
{
    (void)snprintf(out, size, "PERCH_CHILD=%d:%d:%d:%d:%d:%d", plan->pipe, plan->count,
                   plan->threads, plan->manner, plan->private_mib, plan->shared_mib);
}

static void parse_plan(const char *text, struct child_plan *ret)
{
    int *const members[] = {&ret->pipe,   &ret->count,       &ret->threads,
                            &ret->manner, &ret->private_mib, &ret->shared_mib};
    char *end = (char *)(uintptr_t)text;
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        *members[i] = (int)strtol(end, &end, 10);
        end += *end == ':' ? 1 : 0;
    }
}

static _Noreturn void *idle(void *context)
{
    (void)context;
    for (;;) {
        (void)pause();
    }
}

static void start_threads(int count)
{
    sigset_t all;
    sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, NULL); // the first thread notes the signals
    for (int i = 0; i < count; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, idle, NULL) != 0) {
            _exit(1);
        }
    }
    sigemptyset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, NULL);
}

static void ignore_all_signals(void)
{
    for (int number = 1; number < 32; number++) {
        (void)signal(number, SIG_IGN); // refused for those that cannot be
    }
}

static void start_grandchildren(const char *name, const struct child_plan *plan)
{
    const struct child_plan own = {.pipe = plan->pipe, .manner = plan->manner};
    for (int i = 1; i <= plan->count; i++) {
        if (fork() == 0) {
            char own_name[64];
            (void)snprintf(own_name, sizeof(own_name), "%s-%d", name, i);
            char how[64];
            format_plan(&own, how, sizeof(how));
            char *argv[] = {own_name, NULL};
            char *envp[] = {how, NULL};
            (void)execve("/proc/self/exe", argv, envp);
            _exit(1);
        }
    }
}

/* Fill so much memory, which stays. */
static void hold(int mib, int how)
{
    const size_t size = (size_t)mib << 20;
    void *memory =
        size == 0 ? NULL : mmap(NULL, size, PROT_READ | PROT_WRITE, how | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        _exit(1);
    }
    if (memory != NULL) {
        memset(memory, 1, size);
    }
}

/* The child's whole life after exec. */
static _Noreturn void be_child(const char *name, const char *how)
{
    struct child_plan plan;
    parse_plan(how, &plan);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)prctl(PR_SET_NAME, name);
    child_pipe = plan.pipe;
    if (plan.manner == NOTES_SIGNALS) {
        note_all_signals();
    } else if (plan.manner == IGNORES_ALL) {
        ignore_all_signals();
    }
    start_threads(plan.threads);
    start_grandchildren(name, &plan);
    hold(plan.private_mib, MAP_PRIVATE);
    hold(plan.shared_mib, MAP_SHARED);
    note_signal(READY);
    for (;;) {
        (void)pause();
    }
}

static void remember(const struct child *child)
{
    for (size_t i = 0; i < WORLD_CHILDREN_MAX; i++) {
        if (world.children[i].pid == 0) {
            world.children[i] = *child;
            return;
        }
    }
    fail_msg("more than %d children", WORLD_CHILDREN_MAX);
}

/* Fork, with a pid of our choice when `pid` is not 0. */
static pid_t fork_as(pid_t pid)
{
    if (pid == 0) {
        return fork();
    }
    struct clone_args args = {
        .exit_signal = SIGCHLD,
        .set_tid = (uint64_t)(uintptr_t)&pid,
        .set_tid_size = 1,
    };
    return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

/* Whom a child is to be, beside its plan. */
struct child_wish {
    struct child_plan plan; // its pipe is filled in
    pid_t pid;              // 0: any
    uid_t uid;              // 0: ours
};

/* Start a child; false when it cannot have this pid. */
static bool start(struct child *child, const char *name, struct child_wish wish)
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    char how[64];
    wish.plan.pipe = ends[1];
    format_plan(&wish.plan, how, sizeof(how));
    char *argv[] = {(char *)(uintptr_t)name, NULL};
    char *envp[] = {how, NULL};
    (void)fflush(NULL);
    int self = open("/proc/self/exe", O_PATH | O_CLOEXEC); // for those who may not walk there
    child->pid = fork_as(wish.pid);
    if (child->pid == 0) {
        (void)fcntl(ends[1], F_SETFD, 0);
        if (wish.uid == 0 ||
            (setgroups(0, NULL) == 0 && setgid(wish.uid) == 0 && setuid(wish.uid) == 0)) {
            (void)execveat(self, "", argv, envp, AT_EMPTY_PATH);
        }
        _exit(1);
    }
    (void)close(self);
    (void)close(ends[1]);
    child->signals = ends[0];
    if (child->pid < 0) {
        (void)close(ends[0]);
        return false;
    }
    remember(child);
    for (int i = 0; i <= wish.plan.count; i++) {
        assert_int_equal(child_next_signal(child, 30000), READY);
    }
    return true;
}

void child_start(struct child *child, const char *name)
{
    assert_true(start(child, name, (struct child_wish){0}));
}

void child_start_family(struct child *child, const char *name, int count)
{
    assert_true(start(child, name, (struct child_wish){.plan.count = count}));
}

void child_start_family_for(struct child *child, const char *name, int count, uid_t uid)
{
    assert_true(start(child, name, (struct child_wish){.plan.count = count, .uid = uid}));
}

void child_start_threads(struct child *child, const char *name, int threads)
{
    assert_true(start(child, name, (struct child_wish){.plan.threads = threads}));
}

void child_start_threads_for(struct child *child, const char *name, int threads, uid_t uid)
{
    assert_true(start(child, name, (struct child_wish){.plan.threads = threads, .uid = uid}));
}

void child_start_for(struct child *child, const char *name, uid_t uid)
{
    assert_true(start(child, name, (struct child_wish){.uid = uid}));
}

void child_start_mortal(struct child *child, const char *name, bool deaf)
{
    assert_true(
        start(child, name, (struct child_wish){.plan.manner = deaf ? IGNORES_ALL : DIES_OF_TERM}));
}

void child_start_holding(struct child *child, const char *name, int private_mib, int shared_mib)
{
    assert_true(
        start(child, name,
              (struct child_wish){.plan = {.private_mib = private_mib, .shared_mib = shared_mib}}));
}

/* The kernel tells starts in ticks of 10 ms. That a pid is used again within one no wrap of pids can
 * bring about, and whoever has only numbers could not tell the two apart. */
bool child_start_as(struct child *child, const char *name, pid_t pid)
{
    (void)poll(NULL, 0, 30);
    return start(child, name, (struct child_wish){.pid = pid});
}

int child_next_signal(struct child *child, int timeout_ms)
{
    struct pollfd ready = {.fd = child->signals, .events = POLLIN};
    unsigned char byte;
    if (poll(&ready, 1, timeout_ms) <= 0 || read(child->signals, &byte, 1) != 1) {
        return 0;
    }
    return byte;
}

void child_finish(struct child *child)
{
    for (size_t i = 0; i < WORLD_CHILDREN_MAX; i++) {
        // A pid alone may be a later child's.
        if (child->pid > 0 && world.children[i].pid == child->pid &&
            world.children[i].signals == child->signals) {
            (void)kill(child->pid, SIGKILL);
            (void)waitpid(child->pid, NULL, 0);
            (void)close(child->signals);
            world.children[i].pid = 0;
        }
    }
    child->pid = 0;
}

int children_finish(void **state)
{
    (void)state;
    for (size_t i = 0; i < WORLD_CHILDREN_MAX; i++) {
        struct child child = world.children[i];
        child_finish(&child);
    }
    return 0;
}

const char *children_pids(void)
{
    static char list[WORLD_CHILDREN_MAX * 12];
    size_t len = 0;
    list[0] = '\0';
    for (size_t i = 0; i < WORLD_CHILDREN_MAX; i++) {
        if (world.children[i].pid > 0) {
            len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%d", len > 0 ? "," : "",
                                    world.children[i].pid);
        }
    }
    return list;
}

/* --- main -------------------------------------------------------------------------------- */

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *ftw)
{
    (void)info;
    (void)type;
    (void)ftw;
    return remove(path);
}

int world_main(int argc, char **argv, int (*tests)(void))
{
    const char *how = getenv("PERCH_CHILD");
    if (argc >= 1 && how != NULL) {
        be_child(argv[0], how);
    }
    const char *top = getenv("TMPDIR");
    (void)snprintf(world.directory, sizeof(world.directory), "%s/perch-e2e-XXXXXX",
                   top != NULL ? top : "/tmp");
    if (mkdtemp(world.directory) == NULL) {
        perror(world.directory);
        return 1;
    }
    (void)chmod(world.directory, 01777); // programs may run as others and leave reports here
    world.root = geteuid() == 0;
    int status = run_inside(tests);
    if (status < 0) {
        (void)fprintf(stderr, "no PID namespace here: watching only our own children\n");
        status = tests();
    }
    (void)nftw(world.directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    return status;
}
