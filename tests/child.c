#include "child.h"

#include "base/arena.h"
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct platform *child_platform(void)
{
    struct platform *platform = NULL;
    assert_int_equal(platform_open(NULL, &platform), 0);
    return platform;
}

struct proc_id child_identify(struct platform *platform, int32_t pid)
{
    const struct platform_request request = {.threads = true};
    struct arena *const arena = arena_create(64u << 20);
    struct raw_sample sample;
    struct proc_id id = {0};
    assert_non_null(arena);
    assert_int_equal(platform_sample(platform, &request, arena, &sample), 0);
    for (size_t i = 0; i < sample.proc_count; i++) {
        if (sample.procs[i].id.pid == pid) {
            id = sample.procs[i].id;
        }
    }
    arena_destroy(arena);
    assert_int_equal(id.pid, pid);
    return id;
}

/* What a child's threads need; copied by fork(), so the child's own. */
static struct {
    int orders, answers;
} ends;

/* Says who it is, waits for its order, and ends. */
static void *run_thread(void *context)
{
    char order;
    const int32_t tid = (int32_t)syscall(SYS_gettid);
    (void)context;
    if (write(ends.answers, &tid, sizeof(tid)) != (ssize_t)sizeof(tid) ||
        read(ends.orders, &order, 1) != 1) {
        _exit(1);
    }
    return NULL;
}

static void run_child(size_t thread_count)
{
    alarm(60);                              // not left behind by a test that fails
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); // nor when it is stopped
    (void)setsid();
    for (size_t i = 0; i < thread_count; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, run_thread, NULL)) {
            _exit(1);
        }
    }
    const int32_t done = 0;
    if (write(ends.answers, &done, sizeof(done)) != (ssize_t)sizeof(done)) {
        _exit(1);
    }
    for (;;) {
        (void)pause();
    }
}

struct child child_start(struct platform *platform, size_t thread_count)
{
    int orders[2];
    int answers[2];
    assert_true(thread_count <= CHILD_THREADS_MAX);
    assert_int_equal(pipe2(orders, O_CLOEXEC), 0);
    assert_int_equal(pipe2(answers, O_CLOEXEC), 0);
    ends.orders = orders[0];
    ends.answers = answers[1];
    struct child child = {.pid = fork(), .orders = orders[1]};
    assert_true(child.pid >= 0);
    if (child.pid == 0) {
        close(orders[1]);
        close(answers[0]);
        run_child(thread_count);
    }
    close(orders[0]);
    close(answers[1]);
    for (size_t i = 0; i < thread_count + 1; i++) {
        int32_t tid;
        assert_int_equal(read(answers[0], &tid, sizeof(tid)), sizeof(tid));
        if (tid > 0) {
            child.tids[child.thread_count++] = tid;
        }
    }
    close(answers[0]);
    assert_int_equal(child.thread_count, thread_count);
    child.id = child_identify(platform, child.pid);
    return child;
}

size_t child_end_thread(struct child *child)
{
    assert_int_equal(write(child->orders, "", 1), 1);
    for (int tries = 0; tries < 1000; tries++) {
        for (size_t i = 0; i < child->thread_count; i++) {
            char path[64];
            (void)snprintf(path, sizeof(path), "/proc/%d/task/%d", child->pid, child->tids[i]);
            if (access(path, F_OK) < 0) {
                return i;
            }
        }
        (void)nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    }
    fail_msg("no thread has ended");
    return 0;
}

int child_end(const struct child *child)
{
    int status = 0;
    assert_true(child->pid > 0);
    (void)kill(child->pid, SIGKILL);
    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR) {
    }
    close(child->orders);
    return status;
}
