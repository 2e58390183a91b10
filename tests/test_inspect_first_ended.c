#include "check.h"
#include "child.h"
#include "look.h"

#include <pthread.h>
#include <unistd.h>

/* A process whose first thread has ended while another one goes on: the kernel shows the first one
 * as a zombie that has nothing, but the process has all it had. */

static void *go_on(void *context)
{
    char byte;
    look_ready();
    (void)!read(*(const int *)context, &byte, 1);
    return NULL;
}

static void end_first_thread(const void *context)
{
    pthread_t thread;
    static int fd;
    fd = *(const int *)context;
    if (pthread_create(&thread, NULL, go_on, &fd) == 0) {
        pthread_exit(NULL);
    }
}

/* Until its first thread is seen to have ended. */
static struct raw_inspect look_without_first(enum inspect_part part, struct proc_id id)
{
    for (int tries = 0; tries < 1000; tries++) {
        const struct raw_inspect seen = look_at(part, id);
        if (seen.first_ended) {
            assert_false(seen.has_ended);
            return seen;
        }
        (void)usleep(10000);
    }
    fail_msg("the first thread goes on");
    return (struct raw_inspect){0};
}

static const struct raw_file *find_file(const struct raw_inspect *seen, int fd)
{
    for (size_t i = 0; i < seen->as.files.count; i++) {
        if (seen->as.files.items[i].fd == fd) {
            return &seen->as.files.items[i];
        }
    }
    return NULL;
}

static void what_it_has_is_read_from_a_thread_that_lives(void **state)
{
    (void)state;
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    const struct proc_id id = look_child(end_first_thread, &fds[0]);
    const struct raw_inspect own =
        look_at(INSPECT_IDENTITY, child_identify(look.platform, getpid()));
    const struct raw_inspect seen = look_without_first(INSPECT_IDENTITY, id);
    const struct raw_identity *const is = &seen.as.identity;
    assert_int_equal(is->cmdline.len, own.as.identity.cmdline.len);
    assert_true(is->cmdline.len > 0);
    assert_int_equal(is->cgroup.len, own.as.identity.cgroup.len);
    assert_memory_equal(is->cgroup.ptr, own.as.identity.cgroup.ptr, is->cgroup.len);
    assert_int_equal(is->ppid, getpid());
    assert_true(is->exe.len > 0 && is->cwd.len > 0 && is->namespace_count > 0);
    assert_true(is->inner_pid == 0 || is->inner_pid == id.pid);
    assert_true(is->resident_bytes != FIGURE_ABSENT && is->resident_bytes > 0);
    const struct raw_inspect files = look_without_first(INSPECT_FILES, id);
    assert_non_null(find_file(&files, fds[0]));
    assert_true(look_without_first(INSPECT_MAPS, id).as.maps.count > 0);
    assert_true(look_without_first(INSPECT_ENVIRON, id).as.environ.len > 0);
    const struct raw_inspect limits = look_without_first(INSPECT_LIMITS, id);
    for (size_t i = 0; i < limits.as.limits.count; i++) {
        if (look_is(limits.as.limits.items[i].name, "Max open files")) {
            assert_int_equal(limits.as.limits.items[i].used, files.as.files.count);
        }
    }
    look_end(id);
    close(fds[0]);
    close(fds[1]);
}

static void its_other_threads_are_told_with_what_they_wait_on(void **state)
{
    (void)state;
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    const struct proc_id id = look_child(end_first_thread, &fds[0]);
    const struct raw_inspect seen = look_without_first(INSPECT_WAITING, id);
    const struct raw_waiting *const waiting = &seen.as.waiting;
    assert_int_equal(waiting->waits[0].state, 'Z');
    assert_true(waiting->thread_count >= 2 && waiting->wait_count >= 2);
    bool found = false;
    for (size_t i = 1; i < waiting->wait_count; i++) {
        const struct raw_wait *const wait = &waiting->waits[i];
        found |= look_is(wait->syscall_name, "read") && wait->syscall_fd == fds[0] &&
                 wait->syscall_file.len > 0;
    }
    assert_true(found);
    const struct raw_peers peers = look_without_first(INSPECT_PEERS, id).as.peers;
    assert_int_equal(peers.end_count, 1);
    assert_int_equal(peers.ends[0].fd, fds[0]);
    assert_true(peers.ends[0].holder_count >= 1); // this test has it, too
    assert_true(look_without_first(INSPECT_THREADS, id).as.threads.count >= 2);
    look_end(id);
    close(fds[0]);
    close(fds[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_has_is_read_from_a_thread_that_lives),
        cmocka_unit_test(its_other_threads_are_told_with_what_they_wait_on),
    };
    return cmocka_run_group_tests(tests, look_setup, look_teardown);
}
