#include "base/arena.h"
#include "check.h"
#include "look.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Processes that wait for something these tests know. */

static bool has_frame(const struct raw_wait *seen, const char *part)
{
    for (size_t i = 0; i < seen->stack_count; i++) {
        if (memmem(seen->stack[i].ptr, seen->stack[i].len, part, strlen(part))) {
            return true;
        }
    }
    return false;
}

static void lock_twice(const void *context)
{
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    (void)context;
    pthread_mutex_lock(&mutex);
    look_ready();
    pthread_mutex_lock(&mutex);
}

static void a_deadlock_is_seen_as_a_futex(void **state)
{
    (void)state;
    const struct proc_id id = look_child(lock_twice, NULL);
    const struct raw_waiting waiting = look_waiting(id, "futex");
    const struct raw_wait seen = waiting.waits[0];
    assert_int_equal(seen.state, 'S');
    assert_int_equal(seen.syscall, SYS_futex);
    assert_int_equal(seen.syscall_fd, -1);
    assert_int_equal(seen.syscall_file.len, 0);
    assert_int_equal(seen.args[2], 2); // the value a mutex has that somebody waits for
    assert_true(waiting.run_delay_ns != FIGURE_ABSENT);
    if (geteuid() == 0 && seen.stack_count > 0) { // not every kernel is built to tell
        assert_true(has_frame(&seen, "futex"));
    }
    assert_true(seen.wchan.len == 0 || memmem(seen.wchan.ptr, seen.wchan.len, "futex", 5));
    assert_int_equal(waiting.lock_count, 0);
    look_end(id);
}

/* As the program does at its start. What root may read, it still can. */
static bool stack_is_read(struct proc_id id)
{
    struct raw_inspect before;
    struct raw_inspect after;
    return platform_inspect(look.platform, INSPECT_WAITING, id, look.arena, &before) == 0 &&
           platform_drop_privileges(false) == 0 &&
           platform_inspect(look.platform, INSPECT_WAITING, id, look.arena, &after) == 0 &&
           before.as.waiting.waits[0].stack_denied == after.as.waiting.waits[0].stack_denied &&
           before.as.waiting.waits[0].stack_count == after.as.waiting.waits[0].stack_count;
}

static void the_kernel_stack_is_read_with_what_is_left_of_the_privileges(void **state)
{
    int status = 0;
    (void)state;
    const struct proc_id id = look_child(lock_twice, NULL);
    (void)look_waiting(id, "futex");
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        alarm(30);
        _exit(stack_is_read(id) ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    look_end(id);
}

static void read_forever(const void *context)
{
    const int *const fds = context;
    char byte;
    look_ready();
    (void)!read(fds[0], &byte, 1);
}

static void a_read_is_seen_with_its_file(void **state)
{
    (void)state;
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    const struct proc_id id = look_child(read_forever, fds);
    const struct raw_wait seen = look_waiting(id, "read").waits[0];
    assert_int_equal(seen.syscall_fd, fds[0]);
    assert_true(seen.syscall_file.len > 6 && memcmp(seen.syscall_file.ptr, "pipe:[", 6) == 0);
    assert_int_equal(seen.args[2], 1);
    look_end(id);
    close(fds[0]);
    close(fds[1]);
}

/* How a child locks. */
struct locking {
    char path[64];
    bool whole; // flock(), else a range
    int fd;     // to be the child's
};

static int take_lock(const struct locking *how)
{
    struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 10, .l_len = 5};
    return how->whole ? flock(how->fd, LOCK_EX) : fcntl(how->fd, F_SETLKW, &range);
}

/* Through an open file of its own. */
static void reopen(const struct locking *how)
{
    const int fd = open(how->path, O_RDWR | O_CLOEXEC);
    if (fd < 0 || dup2(fd, how->fd) < 0 || close(fd) < 0) {
        _exit(1);
    }
}

static void lock_and_wait(const void *context)
{
    const struct locking *const how = context;
    reopen(how);
    if (take_lock(how) == 0) {
        look_ready();
    }
    (void)pause();
}

static void wait_for_lock(const void *context)
{
    const struct locking *const how = context;
    reopen(how);
    look_ready();
    (void)take_lock(how);
}

static void check_lock(const struct raw_waiting *seen, const struct locking *how, bool waiting,
                       int32_t holder)
{
    assert_int_equal(seen->lock_count, 1);
    const struct raw_lock *const lock = &seen->locks[0];
    assert_true(lock->id > 0);
    assert_int_equal(lock->waiting, waiting);
    assert_int_equal(lock->holder, holder);
    assert_true(lock->write);
    assert_true(look_is(lock->type, how->whole ? "FLOCK" : "POSIX"));
    assert_true(look_is(lock->path, how->path));
    assert_int_equal(lock->from, how->whole ? 0 : 10);
    assert_true(lock->to == (how->whole ? UINT64_MAX : 14));
}

static void check_locks(bool whole)
{
    struct locking how = {.path = "/tmp/perch_test_XXXXXX", .whole = whole};
    how.fd = mkstemp(how.path);
    tree_remove_at_exit(how.path);
    assert_true(how.fd >= 0);
    const struct proc_id holder = look_child(lock_and_wait, &how);
    const struct proc_id waiter = look_child(wait_for_lock, &how);
    const struct raw_waiting blocked = look_waiting(waiter, whole ? "flock" : "fcntl");
    assert_int_equal(blocked.waits[0].syscall_fd, how.fd);
    assert_true(look_is(blocked.waits[0].syscall_file, how.path));
    check_lock(&blocked, &how, true, holder.pid);
    const struct raw_waiting holding = look_at(INSPECT_WAITING, holder).as.waiting;
    check_lock(&holding, &how, false, holder.pid);
    const struct raw_inspect files = look_at(INSPECT_FILES, holder);
    bool marked = false;
    for (size_t i = 0; i < files.as.files.count; i++) {
        const struct raw_file *const file = &files.as.files.items[i];
        marked |= file->fd == how.fd && file->locked && file->lock_count == 1 && file->lock.write &&
                  file->lock.type == (whole ? RAW_LOCK_FLOCK : RAW_LOCK_POSIX);
    }
    assert_true(marked);
    const struct proc_id second = look_child(wait_for_lock, &how);
    const struct raw_waiting behind = look_waiting(second, whole ? "flock" : "fcntl");
    check_lock(&behind, &how, true, holder.pid); // not the other one that waits
    look_end(second);
    look_end(waiter);
    look_end(holder);
    close(how.fd);
    assert_int_equal(unlink(how.path), 0);
}

static void *sleep_in_thread(void *ready)
{
    (void)pthread_barrier_wait(ready);
    (void)pause();
    return NULL;
}

/* Threads that all wait alike, but that the first one wants a lock. */
static void lock_with_threads(const void *context)
{
    pthread_barrier_t ready;
    pthread_t thread;
    reopen(context);
    if (pthread_barrier_init(&ready, NULL, 4) == 0) {
        for (int i = 0; i < 3; i++) {
            (void)pthread_create(&thread, NULL, sleep_in_thread, &ready);
        }
        (void)pthread_barrier_wait(&ready);
        look_ready();
    }
    (void)take_lock(context);
    (void)pause();
}

static void one_of_its_threads_is_looked_at_in_the_place_of_the_first(void **state)
{
    (void)state;
    if (THREAD_SANITIZED) {
        skip(); // its run-time has threads of its own
    }
    struct locking how = {.path = "/tmp/perch_test_XXXXXX"};
    how.fd = mkstemp(how.path);
    tree_remove_at_exit(how.path);
    const struct proc_id holder = look_child(lock_and_wait, &how);
    const struct proc_id id = look_child(lock_with_threads, &how);
    (void)look_waiting(id, "fcntl");
    const struct raw_inspect threads = look_at(INSPECT_THREADS, id);
    assert_int_equal(threads.as.threads.count, 4);
    for (size_t i = 0; i < 4; i++) {
        const struct proc_id thread = threads.as.threads.items[i].id;
        const struct raw_waiting seen = look_waiting(thread, i == 0 ? "fcntl" : "pause");
        assert_int_equal(seen.waits[0].tid, thread.pid);
        assert_int_equal(seen.thread_count, 4);
        assert_false(seen.inner_pids);
        check_lock(&seen, &how, true, holder.pid); // its process wants it
        for (size_t w = 1; w < seen.wait_count; w++) {
            assert_int_not_equal(seen.waits[w].tid, thread.pid);
        }
    }
    look_end(id);
    look_end(holder);
    close(how.fd);
    assert_int_equal(unlink(how.path), 0);
}

static void whoever_holds_the_lock_of_a_file_is_named(void **state)
{
    (void)state;
    check_locks(true);
}

static void whoever_holds_a_range_is_named(void **state)
{
    (void)state;
    check_locks(false);
}

static void be_ready_and_wait(const void *context)
{
    (void)context;
    look_ready();
    (void)pause();
}

/* /proc/locks names who took it, which is this test. */
static void a_lock_that_was_inherited_is_held(void **state)
{
    (void)state;
    struct locking how = {.path = "/tmp/perch_test_XXXXXX", .whole = true};
    how.fd = mkstemp(how.path);
    tree_remove_at_exit(how.path);
    assert_true(how.fd >= 0);
    assert_int_equal(take_lock(&how), 0);
    const struct proc_id id = look_child(be_ready_and_wait, NULL);
    const struct raw_waiting seen = look_at(INSPECT_WAITING, id).as.waiting;
    check_lock(&seen, &how, false, getpid());
    look_end(id);
    close(how.fd);
    assert_int_equal(unlink(how.path), 0);
}

static bool waiting_is_denied(struct proc_id id)
{
    struct raw_inspect seen;
    if (platform_inspect(look.platform, INSPECT_WAITING, id, look.arena, &seen) != 0) {
        return false;
    }
    const struct raw_wait *const is = seen.as.waiting.waits;
    return seen.as.waiting.locks_denied && is->syscall_denied && is->stack_denied &&
           !is->in_syscall && is->stack_count == 0 && is->syscall_fd == -1 && is->state == 'S' &&
           seen.as.waiting.run_delay_ns != FIGURE_ABSENT;
}

static void of_another_users_process_what_is_denied_is_marked(void **state)
{
    (void)state;
    const struct proc_id id = look_child(lock_twice, NULL);
    (void)look_waiting(id, "futex");
    bool denied = false; // it is in the call, and may not sleep there yet
    for (int i = 0; i < 50 && !denied; i++) {
        denied = look_as_nobody(waiting_is_denied, id);
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    }
    assert_true(denied);
    look_end(id);
}

static pthread_mutex_t crossed[2] = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER};
static pthread_barrier_t both_have_one;

static void *lock_crosswise(void *context)
{
    const int *const first = context;
    pthread_mutex_lock(&crossed[*first]);
    (void)pthread_barrier_wait(&both_have_one);
    pthread_mutex_lock(&crossed[1 - *first]);
    return NULL;
}

static void deadlock_and_join(const void *context)
{
    static const int order[2] = {0, 1};
    pthread_t threads[2];
    (void)context;
    (void)pthread_barrier_init(&both_have_one, NULL, 2);
    for (int i = 0; i < 2; i++) {
        (void)pthread_create(&threads[i], NULL, lock_crosswise, (void *)(uintptr_t)&order[i]);
    }
    look_ready();
    (void)pthread_join(threads[0], NULL);
}

static void whose_a_futex_is_is_read_from_memory(void **state)
{
    (void)state;
#ifndef __GLIBC__
    skip(); // others keep the owner elsewhere
#endif
    const struct proc_id id = look_child(deadlock_and_join, NULL);
    struct raw_peers seen = {0};
    for (int tries = 0; tries < 1000; tries++) {
        seen = look_at(INSPECT_PEERS, id).as.peers;
        if (seen.futex_count == 3 && seen.futexes[1].kind == RAW_FUTEX_MUTEX &&
            seen.futexes[2].kind == RAW_FUTEX_MUTEX) {
            break;
        }
        (void)usleep(10000);
    }
    assert_int_equal(seen.futex_count, 3);
    assert_int_equal(seen.futexes[0].tid, id.pid);
    assert_int_equal(seen.futexes[0].kind, RAW_FUTEX_THREAD);
    assert_int_equal(seen.futexes[0].owner, seen.futexes[1].tid);
    assert_int_equal(seen.futexes[1].kind, RAW_FUTEX_MUTEX);
    assert_int_equal(seen.futexes[1].owner, seen.futexes[2].tid);
    assert_int_equal(seen.futexes[2].owner, seen.futexes[1].tid);
    assert_false(seen.futexes[1].timed);
    look_end(id);
}

static void end_with_three(const void *context)
{
    (void)context;
    look_ready();
    _exit(3);
}

static int32_t exit_status(struct proc_id id)
{
    bool has_ended = false;
    for (int tries = 0; tries < 1000; tries++) {
        const struct raw_inspect seen = look_at(INSPECT_WAITING, id);
        if (has_ended) { // when it was looked at before: all its threads, and for good
            assert_int_equal(seen.as.waiting.waits[0].state, 'Z');
            return seen.as.waiting.exit_status;
        }
        has_ended = seen.has_ended;
        (void)usleep(10000);
    }
    return -1;
}

static bool exit_status_is_denied(struct proc_id id)
{
    return exit_status(id) == -1;
}

static void how_a_zombie_ended_is_known_to_who_may(void **state)
{
    (void)state;
    const struct proc_id id = look_child(end_with_three, NULL);
    assert_int_equal(exit_status(id), 3 << 8);
    assert_true(geteuid() != 0 || look_as_nobody(exit_status_is_denied, id));
    look_end(id);
    const struct proc_id killed = look_child(lock_twice, NULL);
    assert_int_equal(kill(killed.pid, SIGKILL), 0);
    assert_int_equal(exit_status(killed), SIGKILL);
    look_end(killed);
}

static void wait_for_pidfd(const void *context)
{
    enum { BY_PIDFD = 3 }; // P_PIDFD, which older headers lack
    const pid_t parent = getpid();
    const pid_t child = fork();
    if (child == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        while (getppid() == parent) { // it may have ended before that was asked for
            (void)usleep(100000);
        }
        _exit(0);
    }
    const int fd = (int)syscall(SYS_pidfd_open, child, 0);
    if (fd < 0) {
        _exit(1);
    }
    *(int *)(uintptr_t)context = child;
    look_ready();
    (void)syscall(SYS_waitid, BY_PIDFD, fd, NULL, WEXITED, NULL);
}

static void read_master(const void *context)
{
    char byte;
    const int fd = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 || ioctl(fd, TIOCGPTN, (int *)(uintptr_t)context) < 0) {
        _exit(1);
    }
    look_ready();
    (void)!read(fd, &byte, 1);
}

/* Somewhere a child can tell a number. */
static int *shared_number(void)
{
    int *const number =
        mmap(NULL, sizeof(*number), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(number != MAP_FAILED);
    *number = -1;
    return number;
}

static void the_process_of_a_pidfd_is_told(void **state)
{
    (void)state;
    int *const child = shared_number();
    const struct proc_id id = look_child(wait_for_pidfd, child);
    (void)look_waiting(id, "waitid");
    const struct raw_peers seen = look_at(INSPECT_PEERS, id).as.peers;
    assert_int_equal(seen.end_count, 1);
    assert_int_equal(seen.ends[0].pid, *child);
    look_end(id);
    assert_int_equal(munmap(child, sizeof(*child)), 0);
}

static void the_other_end_of_a_terminals_master_is_told(void **state)
{
    (void)state;
    int *const number = shared_number();
    const struct proc_id id = look_child(read_master, number);
    (void)look_waiting(id, "read");
    const struct raw_peers seen = look_at(INSPECT_PEERS, id).as.peers;
    assert_int_equal(seen.end_count, 1);
    assert_int_equal(seen.ends[0].tty, *number);
    look_end(id);
    assert_int_equal(munmap(number, sizeof(*number)), 0);
}

static void *look_around(void *context)
{
    const struct proc_id id = *(const struct proc_id *)context;
    struct arena *const arena = arena_create(64u << 20);
    bool good = arena != NULL;
    for (int round = 0; good && round < 20; round++) {
        for (int part = 0; part < INSPECT_PART_COUNT; part++) {
            struct raw_inspect seen = {0};
            const int error =
                platform_inspect(look.platform, (enum inspect_part)part, id, arena, &seen);
            good &= error == 0 && proc_id_equal(seen.id, id);
        }
        arena_reset(arena);
    }
    arena_destroy(arena);
    return good ? context : NULL;
}

static void several_threads_may_look_at_once(void **state)
{
    (void)state;
    pthread_t threads[4];
    struct proc_id id = look_child(be_ready_and_wait, NULL);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, look_around, &id), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        void *good = NULL;
        assert_int_equal(pthread_join(threads[i], &good), 0);
        assert_non_null(good);
    }
    look_end(id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_deadlock_is_seen_as_a_futex),
        cmocka_unit_test(the_kernel_stack_is_read_with_what_is_left_of_the_privileges),
        cmocka_unit_test(a_read_is_seen_with_its_file),
        cmocka_unit_test(whoever_holds_the_lock_of_a_file_is_named),
        cmocka_unit_test(one_of_its_threads_is_looked_at_in_the_place_of_the_first),
        cmocka_unit_test(whoever_holds_a_range_is_named),
        cmocka_unit_test(a_lock_that_was_inherited_is_held),
        cmocka_unit_test(of_another_users_process_what_is_denied_is_marked),
        cmocka_unit_test(whose_a_futex_is_is_read_from_memory),
        cmocka_unit_test(how_a_zombie_ended_is_known_to_who_may),
        cmocka_unit_test(the_process_of_a_pidfd_is_told),
        cmocka_unit_test(the_other_end_of_a_terminals_master_is_told),
        cmocka_unit_test(several_threads_may_look_at_once),
    };
    return cmocka_run_group_tests(tests, look_setup, look_teardown);
}
