#include "base/arena.h"
#include "check.h"
#include "child.h"
#include "look.h"

#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
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

static bool has_holder(const struct raw_end *end, int32_t pid)
{
    for (size_t i = 0; i < end->holder_count; i++) {
        if (end->holders[i] == pid) {
            return true;
        }
    }
    return false;
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
    assert_true(has_holder(&peers.ends[0], getpid()));
    assert_true(has_holder(&peers.ends[0], id.pid));
    assert_true(look_without_first(INSPECT_THREADS, id).as.threads.count >= 2);
    look_end(id);
    close(fds[0]);
    close(fds[1]);
}

/* The child in a scan. Owns: the arena. */
static const struct raw_proc *scan_for(struct proc_id id, unsigned parts, struct arena *arena,
                                       struct raw_sample *ret)
{
    const struct platform_request request = {.want = FACT_MEMORY | FACT_STATUS, .parts = parts};
    arena_reset(arena);
    assert_int_equal(platform_sample(look.platform, &request, arena, ret), 0);
    const struct raw_proc *const proc =
        proc_id_find(ret->procs, ret->proc_count, sizeof(*ret->procs), id);
    assert_non_null(proc);
    return proc;
}

static void the_list_has_it_alive_with_its_memory(void **state)
{
    (void)state;
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    struct raw_sample sample;
    struct arena *const arena = arena_create(64u << 20);
    assert_non_null(arena);
    const struct proc_id id = look_child(end_first_thread, &fds[0]);
    (void)look_without_first(INSPECT_IDENTITY, id);
    const struct raw_proc *const proc = scan_for(id, 0, arena, &sample);
    assert_int_equal(proc->state, 'S');
    assert_true(proc->survivor > id.pid);
    assert_int_equal(proc->thread_count, 2);
    assert_true(proc->resident_bytes > 0 && proc->counted_bytes > 0 && proc->shared_bytes > 0);
    assert_true(proc->virtual_bytes > proc->resident_bytes);
    assert_true(proc->status.anon != FIGURE_ABSENT && proc->status.anon > 0);

    char buf[4096];
    char own[4096];
    size_t len = 0;
    size_t own_len = 0;
    const struct proc_id self = child_identify(look.platform, getpid());
    static const enum probe_kind same[] = {PROBE_CMDLINE, PROBE_EXE};
    for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
        assert_int_equal(platform_probe(look.platform, same[i], id, buf, sizeof(buf), &len), 0);
        assert_int_equal(platform_probe(look.platform, same[i], self, own, sizeof(own), &own_len),
                         0);
        assert_true(len > 0 && len == own_len);
        assert_memory_equal(buf, own, len);
    }
    struct raw_smaps smaps;
    assert_int_equal(platform_probe(look.platform, PROBE_SMAPS, id, buf, sizeof(buf), &len), 0);
    assert_int_equal(len, sizeof(smaps));
    memcpy(&smaps, buf, sizeof(smaps));
    assert_true(smaps.pss_bytes > 0 && smaps.pss_bytes <= proc->resident_bytes);
    look_end(id);
    arena_destroy(arena);
    close(fds[0]);
    close(fds[1]);
}

static bool holds(const struct raw_socket *socket, struct proc_id id)
{
    for (uint32_t i = 0; i < socket->owner_count; i++) {
        if (proc_id_equal(socket->owners[i].id, id)) {
            return true;
        }
    }
    return false;
}

static void its_sockets_are_known_to_be_its_own(void **state)
{
    (void)state;
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    struct raw_sample sample;
    struct arena *const arena = arena_create(64u << 20);
    assert_non_null(arena);
    const struct proc_id id = look_child(end_first_thread, &fds[0]);
    (void)look_without_first(INSPECT_IDENTITY, id);
    size_t held = 0;
    assert_true((scan_for(id, PART_SOCKETS, arena, &sample)->have & FACT_SOCKETS) != 0);
    for (size_t i = 0; i < sample.socket_count; i++) {
        held += holds(&sample.sockets[i], id);
    }
    assert_true(held >= 2);
    look_end(id);
    arena_destroy(arena);
    close(fds[0]);
    close(fds[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_has_is_read_from_a_thread_that_lives),
        cmocka_unit_test(its_other_threads_are_told_with_what_they_wait_on),
        cmocka_unit_test(the_list_has_it_alive_with_its_memory),
        cmocka_unit_test(its_sockets_are_known_to_be_its_own),
    };
    return cmocka_run_group_tests(tests, look_setup, look_teardown);
}
