#include "base/arena.h"
#include "check.h"
#include "model/plan.h"
#include "model/snapshot.h"
#include "platform/platform.h"
#include "platform/wait.h"
#include "sampler/sampler.h"
#include "sampler/scan.h"
#include "sampler/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * Machines that hold things back: no pidfd, another namespace's process list, hidden
 * processes, no descriptors, no memory. Every test is a child of its own that makes the
 * machine so; what needs root for that is skipped without.
 */

enum {
    SKIPPED = 77,
    NOBODY = 65534,
    SLEEPERS = 3,
    ARENA_BYTES = 64 << 20,
};

/* In the child: a failed condition ends it with a code of its own. */
static void expect(bool condition, int code)
{
    if (!condition) {
        _exit(code);
    }
}

static int wait_for_child(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Runs `body` in a child, in new namespaces if asked for; gives its exit status. */
static int run_status(unsigned namespaces, void (*body)(void))
{
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        alarm(60);
        expect(namespaces == 0 || unshare((int)namespaces) == 0, SKIPPED);
        if ((namespaces & CLONE_NEWPID) != 0) { // only children are in it
            const pid_t inner = fork();
            expect(inner >= 0, 80);
            if (inner > 0) {
                _exit(wait_for_child(inner));
            }
            alarm(60);
        }
        body();
        _exit(0);
    }
    return wait_for_child(pid);
}

static void run(unsigned namespaces, void (*body)(void))
{
    const int status = run_status(namespaces, body);
    if (status == SKIPPED) {
        skip();
    }
    assert_int_equal(status, 0);
}

static pid_t start_sleeper(void)
{
    const pid_t pid = fork();
    expect(pid >= 0, 81);
    if (pid == 0) {
        alarm(60);
        for (;;) {
            (void)pause();
        }
    }
    return pid;
}

/* Likewise with a pid of our choice, which takes root; negative when that is not to be had. One that
 * was in use is free a little later than it is out of sight. */
static pid_t start_sleeper_as(pid_t pid)
{
    struct clone_args args = {
        .exit_signal = SIGCHLD,
        .set_tid = (uint64_t)(uintptr_t)&pid,
        .set_tid_size = 1,
    };
    pid_t child = -1;
    for (int i = 0; i < 2000 && child < 0 && (i == 0 || errno == EEXIST); i++) {
        (void)nanosleep(&(struct timespec){.tv_nsec = i == 0 ? 0 : 5000000}, NULL);
        child = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
    }
    while (child == 0) {
        (void)pause();
    }
    return child;
}

static void end_sleeper(pid_t pid)
{
    (void)kill(pid, SIGKILL);
    expect(wait_for_child(pid) == 128 + SIGKILL, 82);
}

static void mount_proc(const char *options)
{
    // In a chroot "/" may be no mount point, /proc always is one.
    expect(mount(NULL, "/proc", NULL, MS_REC | MS_PRIVATE, NULL) == 0, SKIPPED);
    expect(mount("proc", "/proc", "proc", 0, options) == 0, SKIPPED);
}

static void become_nobody(void)
{
    expect(setresgid(NOBODY, NOBODY, NOBODY) == 0 && setresuid(NOBODY, NOBODY, NOBODY) == 0, 83);
    // Or our own files would be root's.
    expect(prctl(PR_SET_DUMPABLE, 1) == 0, 84);
}

static struct platform *open_platform(void)
{
    struct platform *platform = NULL;
    expect(platform_open(NULL, &platform) == 0, 85);
    return platform;
}

static struct raw_sample sample_of(struct platform *platform, struct arena *arena)
{
    const struct platform_request request = {.want = FACT_OWNER};
    struct raw_sample sample;
    arena_reset(arena);
    expect(platform_sample(platform, &request, arena, &sample) == 0, 86);
    return sample;
}

static struct proc_id identify(struct platform *platform, int32_t pid)
{
    struct arena *const arena = arena_create(ARENA_BYTES);
    const struct raw_sample sample = sample_of(platform, arena);
    struct proc_id id = {0};
    for (size_t i = 0; i < sample.proc_count; i++) {
        id = sample.procs[i].id.pid == pid ? sample.procs[i].id : id;
    }
    arena_destroy(arena);
    return id;
}

/* --- without pidfd ---------------------------------------------------------------------- */

/* Lets a system call fail from now on. */
static void forbid(long number, int error)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {.len = sizeof(code) / sizeof(*code), .filter = code};
    expect(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, SKIPPED);
    expect(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0, SKIPPED);
}

static int add_nice(struct platform_pin *pin, int32_t delta)
{
    const struct deed deed = {.kind = DEED_NICE, .relative = true, .value.number = delta};
    struct deed_result result;
    platform_pin_change(pin, &deed, &result, NULL);
    const bool told = result.has_values && result.now.number == result.old.number + delta;
    return result.error == 0 && !told ? -EINVAL : result.error;
}

/* A signal reaches the pinned process and no other, and nobody once that is gone. */
static void act_on_a_child(void)
{
    struct platform *const platform = open_platform();
    const pid_t target = start_sleeper();
    const pid_t other = start_sleeper();
    const struct proc_id id = identify(platform, target);
    struct proc_id wrong = id;
    wrong.start_ns += 10000000;
    struct platform_pin *pin = NULL;
    expect(platform_pin(platform, wrong, &pin) == -ESRCH && pin == NULL, 1);
    expect(platform_pin(platform, id, &pin) == 0, 2);
    expect(add_nice(pin, 1) == 0, 3);
    expect(platform_pin_alive(pin) == 0, 9);
    expect(platform_pin_signal(pin, SIGUSR1) == 0, 4);
    platform_pins_wait(&pin, 1, 20000000000u);
    expect(platform_pin_alive(pin) == -ECHILD, 10);
    expect(platform_pin_signal(pin, SIGUSR1) == -ECHILD, 11);
    expect(wait_for_child(target) == 128 + SIGUSR1, 5);
    expect(platform_pin_signal(pin, SIGUSR1) == -ESRCH, 6);
    expect(add_nice(pin, 1) == -ESRCH, 7);
    expect(waitpid(other, NULL, WNOHANG) == 0, 8);
    platform_unpin(pin);
    end_sleeper(other);
    platform_close(platform);
}

static void no_pidfd_body(void)
{
    forbid(SYS_pidfd_open, ENOSYS);
    act_on_a_child();
}

static void forbidden_pidfd_body(void)
{
    forbid(SYS_pidfd_open, EPERM);
    act_on_a_child();
}

static void no_signal_by_pidfd_body(void)
{
    forbid(SYS_pidfd_send_signal, ENOSYS);
    act_on_a_child();
}

static void refused_signal_by_pidfd_body(void)
{
    forbid(SYS_pidfd_send_signal, EPERM);
    act_on_a_child();
}

static void without_pidfd_actions_reach_the_pinned_process_or_nobody(void **state)
{
    (void)state;
    run(0, no_pidfd_body);
    run(0, forbidden_pidfd_body);
    run(0, no_signal_by_pidfd_body);
    run(0, refused_signal_by_pidfd_body);
}

/* Ends whoever sends a signal to a number from now on. */
static void forbid_signals_by_number(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_kill, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_tkill, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_tgkill, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
    const struct sock_fprog program = {.len = sizeof(code) / sizeof(*code), .filter = code};
    expect(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, SKIPPED);
    expect(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0, SKIPPED);
}

static void only_pidfd_body(void)
{
    const int own = (int)syscall(SYS_pidfd_open, getpid(), 0);
    expect(own >= 0 && syscall(SYS_pidfd_send_signal, own, 0, NULL, 0) == 0, SKIPPED);
    forbid_signals_by_number();
    struct platform *const platform = open_platform();
    const pid_t target = start_sleeper();
    const struct deed stop = {.kind = DEED_STOP, .value.number = 1};
    struct platform_pin *pin = NULL;
    struct platform_undo *undo = NULL;
    struct deed_result result;
    expect(platform_pin(platform, (struct proc_id){.pid = target}, &pin) == -ESRCH, 1);
    expect(platform_pin(platform, identify(platform, target), &pin) == 0, 2);
    expect(add_nice(pin, 1) == 0, 3);
    platform_pin_change(pin, &stop, &result, &undo);
    expect(result.error == 0 && undo != NULL, 4);
    platform_pin_undo(pin, undo, &result);
    expect(result.error == 0 && platform_pin_alive(pin) == 0, 5);
    expect(platform_pin_signal(pin, SIGKILL) == 0, 6);
    expect(wait_for_child(target) == 128 + SIGKILL, 7);
    platform_undo_destroy(undo);
    platform_unpin(pin);
    platform_close(platform);
}

static void with_pidfd_no_signal_goes_to_a_number(void **state)
{
    (void)state;
    run(0, only_pidfd_body);
}

/* What can be done to a process, one of each. */
static const struct deed all_deeds[] = {
    {.kind = DEED_STOP, .value.number = 1},
    {.kind = DEED_NICE, .value.number = 5},
    {.kind = DEED_NICE, .relative = true, .value.number = 5},
    {.kind = DEED_AUTOGROUP, .value.number = 5},
    {.kind = DEED_IOPRIO, .value.io = {.class = IO_CLASS_IDLE}},
    {.kind = DEED_AFFINITY, .value.cpus.words = {1}},
    {.kind = DEED_SCHEDULING, .value.sched = {.policy = POLICY_BATCH}},
    {.kind = DEED_OOM_ADJ, .value.number = 500},
    {.kind = DEED_FREEZE, .value.number = 1},
};

/* Nothing has come of any of them. */
static void expect_untouched(pid_t pid)
{
    char path[64];
    char line[16] = "";
    cpu_set_t own;
    cpu_set_t its;
    expect(waitpid(pid, NULL, WNOHANG | WUNTRACED) == 0, 20);
    expect(getpriority(PRIO_PROCESS, (id_t)pid) == getpriority(PRIO_PROCESS, 0), 21);
    expect(syscall(SYS_ioprio_get, 1, pid) == syscall(SYS_ioprio_get, 1, 0), 22);
    expect(sched_getaffinity(0, sizeof(own), &own) == 0, 23);
    expect(sched_getaffinity(pid, sizeof(its), &its) == 0 && CPU_EQUAL(&own, &its), 24);
    expect(sched_getscheduler(pid) == SCHED_OTHER, 25);
    (void)snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
    FILE *const file = fopen(path, "re");
    expect(file && fgets(line, sizeof(line), file) && strtol(line, NULL, 10) != 500, 26);
    (void)fclose(file);
}

/* Whatever is done through this pin, it is to nobody. */
static void expect_gone(struct platform_pin *pin, const struct platform_undo *undo)
{
    struct deed_result result;
    struct deed_value value;
    for (size_t i = 0; i < sizeof(all_deeds) / sizeof(*all_deeds); i++) {
        struct platform_undo *none = NULL;
        platform_pin_change(pin, &all_deeds[i], &result, &none);
        expect(result.error == -ESRCH && !result.has_values && !none, 30);
        expect(platform_pin_get(pin, all_deeds[i].kind, &value) == -ESRCH, 31);
    }
    platform_pin_kill_cgroup(pin, &result);
    expect(result.error == -ESRCH, 32);
    platform_pin_undo(pin, undo, &result);
    expect(result.error == -ESRCH, 33);
    expect(platform_pin_signal(pin, SIGKILL) == -ESRCH, 34);
}

static void reuse(void)
{
    mount_proc(NULL);
    struct platform *const platform = open_platform();
    const pid_t pid = start_sleeper();
    struct platform_pin *pin = NULL;
    struct platform_undo *undo = NULL;
    struct deed_result result;
    expect(platform_pin(platform, identify(platform, pid), &pin) == 0, 1);
    platform_pin_change(pin, &all_deeds[1], &result, &undo);
    expect(result.error == 0 && undo, 2);
    end_sleeper(pid);
    // Start times are told in steps of 10 ms.
    (void)nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    expect(start_sleeper_as(pid) == pid, SKIPPED);
    expect_gone(pin, undo);
    expect_untouched(pid);
    end_sleeper(pid);
    platform_undo_destroy(undo);
    platform_unpin(pin);
    platform_close(platform);
}

static void reuse_without_pidfd_body(void)
{
    forbid(SYS_pidfd_open, ENOSYS);
    reuse();
}

static void a_reused_pid_is_refused_whatever_is_to_be_done(void **state)
{
    (void)state;
    run(CLONE_NEWPID | CLONE_NEWNS, reuse);
    run(CLONE_NEWPID | CLONE_NEWNS, reuse_without_pidfd_body);
}

static void *end_with_order(void *context)
{
    char order;
    expect(read(*(const int *)context, &order, 1) == 1, 84);
    return NULL;
}

/* A sleeper with a second thread, which ends when a byte is written to *ret_order. */
static pid_t start_two_threads(int *ret_order)
{
    int orders[2];
    expect(pipe(orders) == 0, 85);
    const pid_t pid = fork();
    expect(pid >= 0, 86);
    if (pid == 0) {
        pthread_t thread;
        alarm(60);
        expect(pthread_create(&thread, NULL, end_with_order, &orders[0]) == 0, 87);
        for (;;) {
            (void)pause();
        }
    }
    *ret_order = orders[1];
    return pid;
}

static bool has_thread(pid_t pid, pid_t tid)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/%d/task/%d", pid, tid);
    return access(path, F_OK) == 0;
}

static void await_thread(pid_t pid, pid_t tid, bool there)
{
    for (int i = 0; i < 2000 && has_thread(pid, tid) != there; i++) {
        (void)nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    }
    expect(has_thread(pid, tid) == there, 88);
}

static void reused_thread_body(void)
{
    int order;
    mount_proc(NULL);
    struct platform *const platform = open_platform();
    const pid_t pid = start_two_threads(&order);
    const pid_t tid = pid + 1; // nobody else is here
    struct platform_pin *pin = NULL;
    struct platform_undo *undo = NULL;
    struct deed_result result;
    await_thread(pid, tid, true);
    expect(platform_pin(platform, identify(platform, pid), &pin) == 0, 1);
    platform_pin_change(pin, &all_deeds[1], &result, &undo);
    expect(result.error == 0 && result.threads == 2 && undo, 2);
    expect(write(order, "", 1) == 1, 3);
    await_thread(pid, tid, false);
    expect(start_sleeper_as(tid) == tid, SKIPPED);
    expect(setpriority(PRIO_PROCESS, (id_t)tid, 5) == 0, 4); // as if it had been changed, too
    platform_pin_undo(pin, undo, &result);
    expect(result.error == 0 && result.threads == 1 && result.threads_failed == 0, 5);
    expect(getpriority(PRIO_PROCESS, (id_t)pid) == getpriority(PRIO_PROCESS, 0), 6);
    expect(getpriority(PRIO_PROCESS, (id_t)tid) == 5, 7);
    platform_undo_destroy(undo);
    platform_unpin(pin);
    end_sleeper(pid);
    end_sleeper(tid);
    platform_close(platform);
}

static void an_undo_lets_be_who_has_a_threads_number_now(void **state)
{
    (void)state;
    if (THREAD_SANITIZED) {
        skip(); // the numbers come out differently
    }
    run(CLONE_NEWPID | CLONE_NEWNS, reused_thread_body);
}

/* --- namespaces and hidden processes ------------------------------------------------------ */

/* What `unshare --pid --fork` without `--mount-proc` gives: a list whose numbers are not ours. */
static void foreign_list_body(void)
{
    struct platform *const platform = open_platform();
    const pid_t ours = start_sleeper();
    struct proc_id theirs = identify(platform, ours); // somebody else's, if there is one
    struct platform_pin *pin = NULL;
    theirs.pid = ours;
    expect(platform_pin(platform, theirs, &pin) == -ENOTSUP, 1);
    expect(waitpid(ours, NULL, WNOHANG) == 0, 2);
    platform_close(platform);
}

static void nobody_is_acted_upon_by_another_namespaces_numbers(void **state)
{
    (void)state;
    run(CLONE_NEWPID, foreign_list_body);
}

/* A scan's snapshot of the machine as it is. Lives in `arena`. */
static const struct snapshot *scan_machine(struct arena *arena)
{
    const struct plan plan = {.interval_ns = 1000000000, .want = FACT_IDENT | FACT_OWNER};
    struct scan *scan = NULL;
    struct snapshot *snap = NULL;
    struct platform *const platform = open_platform();
    expect(scan_create(platform, NULL, ARENA_BYTES, &scan) == 0, 87);
    expect(scan_take(scan, &plan) == 0, 88);
    expect(scan_build(scan, arena, &snap) == 0, 89);
    scan_destroy(scan);
    platform_close(platform);
    return snap;
}

/* Runs `body` as nobody. */
static void as_nobody(void (*body)(void))
{
    const pid_t pid = fork();
    expect(pid >= 0, 90);
    if (pid == 0) {
        become_nobody();
        body();
        _exit(0);
    }
    const int status = wait_for_child(pid);
    expect(status == 0, status);
}

/* The list has just us; `unreadable` more are there but closed. */
static void look(enum hidden_reason reason, uint32_t unreadable)
{
    struct arena *const arena = arena_create(ARENA_BYTES);
    const struct snapshot *const snap = scan_machine(arena);
    expect(snap->system.hidden_reason == reason, 1);
    expect(snap->system.processes_unreadable == unreadable, 2);
    expect(snap->proc_count == 1 && snap->procs[0].id.pid == getpid(), 3);
    expect(snap->procs[0].uid == NOBODY, 4);
    // The kernel's count of threads is that of the whole machine: no measure of a namespace.
    expect(snap->system.threads_hidden == (reason == HIDDEN_NOACCESS ? 0 : FIGURE_ABSENT), 5);
    arena_destroy(arena);
}

static void look_noaccess(void)
{
    look(HIDDEN_NOACCESS, 1 + SLEEPERS);
}

static void look_invisible(void)
{
    look(HIDDEN_INVISIBLE, 0);
}

/* Root sees all whatever the mount says. */
static void look_as_root(void)
{
    struct arena *const arena = arena_create(ARENA_BYTES);
    const struct snapshot *const snap = scan_machine(arena);
    expect(snap->system.processes_unreadable == 0, 6);
    expect(snap->system.threads_hidden == 0, 7);
    expect(snap->proc_count == 1 + SLEEPERS, 8);
    arena_destroy(arena);
}

static void hide(const char *options, void (*look_at_it)(void))
{
    mount_proc(options);
    for (int i = 0; i < SLEEPERS; i++) {
        (void)start_sleeper();
    }
    look_as_root();
    as_nobody(look_at_it);
}

static void noaccess_body(void)
{
    hide("hidepid=1", look_noaccess);
}

static void invisible_body(void)
{
    hide("hidepid=2", look_invisible);
}

static void hidden_processes_are_counted_with_the_reason(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        skip();
    }
    run(CLONE_NEWPID | CLONE_NEWNS, noaccess_body);
    run(CLONE_NEWPID | CLONE_NEWNS, invisible_body);
}

static bool is_first_namespace(void)
{
    char link[64] = "";
    const ssize_t len = readlink("/proc/self/ns/pid", link, sizeof(link) - 1);
    return len > 0 && strcmp(link, "pid:[4026531836]") == 0; // the kernel's PROC_PID_INIT_INO
}

static uint64_t count_threads(void)
{
    struct arena *const arena = arena_create(ARENA_BYTES);
    const struct snapshot *const snap = scan_machine(arena);
    uint64_t count = 0;
    for (size_t i = 0; i < snap->proc_count; i++) {
        count += snap->procs[i].thread_count;
    }
    arena_destroy(arena);
    return count;
}

static int answer; // a pipe's end

static void tell_estimate(void)
{
    struct arena *const arena = arena_create(ARENA_BYTES);
    const struct snapshot *const snap = scan_machine(arena);
    const uint64_t hidden = snap->system.threads_hidden;
    expect(snap->system.hidden_reason == HIDDEN_INVISIBLE, 1);
    expect(write(answer, &hidden, sizeof(hidden)) == sizeof(hidden), 2);
    arena_destroy(arena);
}

/* Others come and go all the time, so in a calm moment: when as many are there before as after. An
 * estimate that is wrong is so in each of them. */
static void estimate_body(void)
{
    enum { LOOKS = 200, ENOUGH = 5 };
    int line[2];
    int calm = 0;
    int right = 0;
    expect(is_first_namespace(), SKIPPED);
    mount_proc("hidepid=2");
    expect(pipe(line) == 0, 3);
    answer = line[1];
    for (int i = 0; i < LOOKS && calm < ENOUGH; i++) {
        uint64_t hidden = 0;
        const uint64_t before = count_threads();
        as_nobody(tell_estimate);
        const uint64_t after = count_threads();
        expect(read(line[0], &hidden, sizeof(hidden)) == sizeof(hidden), 4);
        if (before == after) {
            const uint64_t slack = 8 + before / 16; // we ourselves are some of them
            calm++;
            right += hidden + slack >= before && hidden <= before + slack;
        }
        (void)nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    expect(calm > 0, SKIPPED);
    expect(right > 0, 5);
}

static void invisible_threads_are_estimated_by_the_kernels_count(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        skip();
    }
    run(CLONE_NEWNS, estimate_body);
}

/* --- no descriptors ----------------------------------------------------------------------- */

static void limit_files(rlim_t count)
{
    struct rlimit limit;
    expect(getrlimit(RLIMIT_NOFILE, &limit) == 0, 91);
    limit.rlim_cur = count;
    expect(setrlimit(RLIMIT_NOFILE, &limit) == 0, 92);
}

static const struct snapshot *scan_again(struct scan *scan, const struct plan *plan,
                                         struct arena *arena)
{
    struct snapshot *snap = NULL;
    arena_reset(arena);
    expect(scan_take(scan, plan) == 0, 93);
    expect(scan_build(scan, arena, &snap) == 0, 94);
    return snap;
}

static bool has(const struct snapshot *snap, int32_t pid)
{
    return snapshot_find_pid(snap, pid) != NULL;
}

static void no_descriptors_body(void)
{
    const struct plan plan = {.interval_ns = 1000000000, .want = FACT_IDENT | FACT_OWNER};
    struct platform *const platform = open_platform();
    struct arena *const arena = arena_create(ARENA_BYTES);
    struct scan *scan = NULL;
    const pid_t child = start_sleeper();
    expect(scan_create(platform, NULL, ARENA_BYTES, &scan) == 0, 1);
    const struct snapshot *snap = scan_again(scan, &plan, arena);
    expect(has(snap, child) && snap->last_error == 0, 2);
    limit_files(0);
    snap = scan_again(scan, &plan, arena);
    expect(snap->proc_count == 0 && snap->last_error == -EMFILE, 3);
    expect(snap->exited_count == 0, 4); // not seen is not gone
    limit_files(256);
    snap = scan_again(scan, &plan, arena);
    expect(has(snap, child) && snap->last_error == 0 && snap->exited_count == 0, 5);
    expect((snapshot_find_pid(snap, child)->flags & PROC_NEW) == 0, 6);
    expect(snap->system.cpu_count > 0 && snap->system.hostname.bytes > 0, 7);
    snap = scan_again(scan, &plan, arena);
    expect((snapshot_find_pid(snap, child)->have & FACT_RATE) != 0, 8);
    end_sleeper(child);
    snap = scan_again(scan, &plan, arena);
    expect(!has(snap, child) && snap->exited_count >= 1, 9);
    scan_destroy(scan);
    arena_destroy(arena);
    platform_close(platform);
}

static void a_scan_without_descriptors_is_poor_and_claims_no_exits(void **state)
{
    (void)state;
    run(0, no_descriptors_body);
}

static void greedy_pins_body(void)
{
    struct platform *const platform = open_platform();
    struct arena *const arena = arena_create(ARENA_BYTES);
    const pid_t child = start_sleeper();
    const struct proc_id id = identify(platform, child);
    struct platform_pin *pins[128] = {NULL};
    size_t count = 0;
    int error = 0;
    limit_files(128);
    while (error == 0 && count < 128) {
        error = platform_pin(platform, id, &pins[count]);
        count += error == 0;
    }
    expect(error == -EMFILE, 1);
    expect(count >= 64, 2);
    for (int i = 0; i < 8; i++) { // what the prober's threads may hold
        expect(dup(STDERR_FILENO) >= 0, 4);
    }
    const struct raw_sample sample = sample_of(platform, arena);
    expect(sample.last_error == 0 && sample.proc_count >= 2, 3);
    for (size_t i = 0; i < count; i++) {
        platform_unpin(pins[i]);
    }
    end_sleeper(child);
    arena_destroy(arena);
    platform_close(platform);
}

static void pins_leave_descriptors_for_the_scan(void **state)
{
    (void)state;
    run(0, greedy_pins_body);
}

/* --- crashes of a thread ------------------------------------------------------------------ */

static int witness; // a pipe's end

static void note_emergency(void)
{
    const ssize_t written = write(witness, "e", 1);
    (void)written;
}

/* Calls itself until the stack is used up; not a tail call, and of a depth nobody can see. */
static size_t overflow(volatile char *above) // NOLINT(misc-no-recursion): that is the point
{
    volatile char block[1024];
    block[0] = *above;
    block[1023] = 0;
    return block[0] == 2 ? 0 : overflow(block) + (size_t)block[1023] + 1;
}

static void *overflow_thread(void *context)
{
    volatile char first = 1;
    return overflow(&first) == 0 ? context : NULL;
}

static void thread_crash_body(void)
{
    const struct rlimit none = {0};
    struct wait *wait = NULL;
    pthread_t thread;
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)signal(SIGSEGV, SIG_DFL); // a sanitizer's
    expect(wait_create(false, note_emergency, &wait) == 0, 1);
    expect(thread_start(&thread, overflow_thread, NULL) == 0, 2);
    (void)pthread_join(thread, NULL);
}

static void a_thread_that_overflows_its_stack_gives_the_terminal_back(void **state)
{
    (void)state;
    int fds[2];
    char byte;
    assert_int_equal(pipe2(fds, O_NONBLOCK | O_CLOEXEC), 0);
    witness = fds[1];
    assert_int_equal(run_status(0, thread_crash_body), 128 + SIGSEGV);
    assert_int_equal(read(fds[0], &byte, 1), 1);
    close(fds[0]);
    close(fds[1]);
}

/* --- no memory ---------------------------------------------------------------------------- */

#if !SANITIZED

static void woken(void *context)
{
    (void)context;
}

static size_t address_space(void)
{
    size_t pages = 0;
    FILE *const file = fopen("/proc/self/statm", "re");
    expect(file != NULL && fscanf(file, "%zu", &pages) == 1, 95);
    (void)fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void limit_memory(rlim_t bytes)
{
    struct rlimit limit;
    expect(getrlimit(RLIMIT_AS, &limit) == 0, 96);
    limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
    expect(setrlimit(RLIMIT_AS, &limit) == 0, 97);
}

/* On a machine that others keep busy it may take long. */
static bool takes_one(struct sampler *sampler)
{
    bool took = false;
    for (int i = 0; i < 2000 && !took; i++) {
        struct snapshot *const snap = sampler_take(sampler);
        took = snap != NULL;
        sampler_give_back(sampler, snap);
        (void)nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    return took;
}

/* Likewise: each try waits for its threads as long as somebody who quits would. */
static bool stops(struct sampler *sampler)
{
    bool has_stopped = false;
    for (int i = 0; i < 80 && !has_stopped; i++) {
        has_stopped = sampler_stop(sampler);
    }
    return has_stopped;
}

static size_t room; // of address space left

static void no_memory_body(void)
{
    const struct plan plan = {.interval_ns = 100000000, .want = FACT_IDENT | FACT_CMDLINE};
    struct platform *const platform = open_platform();
    struct sampler *sampler = NULL;
    for (int i = 0; i < 200; i++) { // so that a sample is more than what lies around
        (void)start_sleeper();
    }
    limit_memory(address_space() + room);
    const int error = sampler_start(platform, &plan, woken, NULL, &sampler);
    if (error == 0) {
        for (int i = 0; i < 30; i++) {
            sampler_give_back(sampler, sampler_take(sampler));
            (void)nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
        }
    }
    limit_memory(RLIM_INFINITY);
    expect(error == 0 || error == -ENOMEM, 1);
    expect(error == 0 || sampler_start(platform, &plan, woken, NULL, &sampler) == 0, 2);
    expect(takes_one(sampler), 3);
    expect(stops(sampler), 4);
    platform_close(platform);
}

static void memory_that_runs_out_costs_samples_and_not_the_program(void **state)
{
    (void)state;
    for (room = 0; room < 8 << 20; room += room < 256 << 10 ? 64 << 10 : 1 << 20) {
        run(geteuid() == 0 ? CLONE_NEWPID : 0, no_memory_body);
    }
}

#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_pidfd_no_signal_goes_to_a_number),
        cmocka_unit_test(without_pidfd_actions_reach_the_pinned_process_or_nobody),
        cmocka_unit_test(a_reused_pid_is_refused_whatever_is_to_be_done),
        cmocka_unit_test(an_undo_lets_be_who_has_a_threads_number_now),
        cmocka_unit_test(nobody_is_acted_upon_by_another_namespaces_numbers),
        cmocka_unit_test(hidden_processes_are_counted_with_the_reason),
        cmocka_unit_test(invisible_threads_are_estimated_by_the_kernels_count),
        cmocka_unit_test(a_scan_without_descriptors_is_poor_and_claims_no_exits),
        cmocka_unit_test(pins_leave_descriptors_for_the_scan),
        cmocka_unit_test(a_thread_that_overflows_its_stack_gives_the_terminal_back),
#if !SANITIZED
        cmocka_unit_test(memory_that_runs_out_costs_samples_and_not_the_program),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
