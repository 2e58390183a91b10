#include "base/arena.h"
#include "check.h"
#include "look.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Who has what a process waits for, of processes that these tests start. */

enum { TRIES = 1000, STEP_US = 10000 };

/* Look until it waits on so many descriptors. */
static struct raw_peers look_ends(struct proc_id id, size_t count)
{
    for (int tries = 0; tries < TRIES; tries++) {
        const struct raw_peers seen = look_at(INSPECT_PEERS, id).as.peers;
        if (seen.end_count == count) {
            return seen;
        }
        (void)usleep(STEP_US);
    }
    fail_msg("it never waited on %zu descriptors", count);
    return (struct raw_peers){0};
}

/* True when these are the holders and no others. */
static void check_holders(const int32_t *holders, size_t count, const int32_t *expected,
                          size_t expected_count)
{
    assert_int_equal(count, expected_count);
    for (size_t i = 0; i < expected_count; i++) {
        bool found = false;
        for (size_t k = 0; k < count; k++) {
            found |= holders[k] == expected[i];
        }
        assert_true(found);
    }
}

/* --- pipes ------------------------------------------------------------------------------------ */

/* What a child does with one end of a pipe. */
struct using
{
    int mine, other; // the other is closed; -1: it is kept
};

static void drop_other(const struct using *using)
{
    if (using->other >= 0) {
        close(using->other);
    }
}

static void hold(const void *context)
{
    drop_other(context);
    look_ready();
    (void)pause();
}

static void read_one(const void *context)
{
    const struct using *const using = context;
    char byte;
    drop_other(using);
    look_ready();
    (void)!read(using->mine, &byte, 1);
}

static void write_for_ever(const void *context)
{
    static const char block[4096];
    const struct using *const using = context;
    drop_other(using);
    look_ready();
    while (write(using->mine, block, sizeof(block)) > 0) {
    }
}

static void whoever_has_the_other_end_of_a_pipe_is_found(void **state)
{
    (void)state;
    for (int writes = 0; writes <= 1; writes++) {
        int fds[2];
        assert_int_equal(pipe(fds), 0);
        const struct using mine = {.mine = fds[writes], .other = fds[1 - writes]};
        const struct using his = {.mine = fds[1 - writes], .other = fds[writes]};
        const struct proc_id holder = look_child(hold, &his);
        const struct proc_id id = look_child(writes ? write_for_ever : read_one, &mine);
        close(fds[0]);
        close(fds[1]);
        (void)look_waiting(id, writes ? "write" : "read");
        const struct raw_peers seen = look_ends(id, 1);
        assert_int_equal(seen.ends[0].tid, id.pid);
        assert_int_equal(seen.ends[0].fd, mine.mine);
        assert_int_equal(seen.ends[0].kind, RAW_FILE_FIFO);
        assert_int_equal(seen.ends[0].reads, !writes);
        assert_int_equal(seen.ends[0].writes, writes);
        check_holders(seen.ends[0].holders, seen.ends[0].holder_count, &holder.pid, 1);
        assert_int_equal(seen.ends[0].holders_left_out, 0);
        look_end(id);
        look_end(holder);
    }
}

static void who_holds_its_own_other_end_is_told_so(void **state)
{
    (void)state;
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    const struct using mine = {.mine = fds[0], .other = -1};
    const struct proc_id id = look_child(read_one, &mine);
    close(fds[0]);
    close(fds[1]);
    const struct raw_peers seen = look_ends(id, 1);
    check_holders(seen.ends[0].holders, seen.ends[0].holder_count, &id.pid, 1);
    look_end(id);
}

static void of_very_many_holders_the_rest_is_counted(void **state)
{
    enum { MANY = INSPECT_HOLDERS_MAX + 3 };
    struct proc_id holders[MANY];
    int fds[2];
    (void)state;
    assert_int_equal(pipe(fds), 0);
    const struct using his = {.mine = fds[1], .other = fds[0]};
    const struct using mine = {.mine = fds[0], .other = fds[1]};
    for (size_t i = 0; i < MANY; i++) {
        holders[i] = look_child(hold, &his);
    }
    const struct proc_id id = look_child(read_one, &mine);
    close(fds[0]);
    close(fds[1]);
    const struct raw_peers seen = look_ends(id, 1);
    assert_int_equal(seen.ends[0].holder_count, INSPECT_HOLDERS_MAX);
    assert_int_equal(seen.ends[0].holders_left_out, MANY - INSPECT_HOLDERS_MAX);
    look_end(id);
    for (size_t i = 0; i < MANY; i++) {
        look_end(holders[i]);
    }
}

static void read_fifo(const void *context)
{
    char byte;
    const int fd = open(context, O_RDONLY);
    look_ready();
    (void)!read(fd, &byte, 1);
}

static void open_fifo_to_write(const void *context)
{
    const int fd = open(context, O_RDWR); // does not wait for a reader
    look_ready();
    (void)pause();
    close(fd);
}

static void whoever_has_a_fifo_open_is_found_by_its_path(void **state)
{
    char dir[] = "/tmp/perch_test_XXXXXX";
    char path[64];
    (void)state;
    assert_non_null(mkdtemp(dir));
    tree_remove_at_exit(dir);
    (void)snprintf(path, sizeof(path), "%s/fifo", dir);
    assert_int_equal(mkfifo(path, 0600), 0);
    const struct proc_id writer = look_child(open_fifo_to_write, path);
    const struct proc_id id = look_child(read_fifo, path);
    (void)look_waiting(id, "read");
    const struct raw_peers seen = look_ends(id, 1);
    assert_true(look_is(seen.ends[0].file, path));
    if (seen.ends[0].kind == RAW_FILE_FIFO) { // its function tells, where kernels tell that
        check_holders(seen.ends[0].holders, seen.ends[0].holder_count, &writer.pid, 1);
    } else {
        assert_int_equal(look_waiting(id, "read").waits[0].wchan.len, 0);
    }
    look_end(id);
    look_end(writer);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(dir), 0);
}

static void open_fifo(const void *context)
{
    look_ready();
    (void)!open(context, O_RDONLY);
}

static void a_fifo_that_is_being_opened_is_told_with_its_path(void **state)
{
    char dir[] = "/tmp/perch_test_XXXXXX";
    char path[64];
    (void)state;
    assert_non_null(mkdtemp(dir));
    tree_remove_at_exit(dir);
    (void)snprintf(path, sizeof(path), "%s/fifo", dir);
    assert_int_equal(mkfifo(path, 0600), 0);
    const struct proc_id id = look_child(open_fifo, path);
    if (look_waiting(id, "openat").waits[0].wchan.len > 0) { // which tells that it is one
        const struct raw_peers seen = look_ends(id, 1);
        assert_true(look_is(seen.ends[0].file, path));
        assert_int_equal(seen.ends[0].fd, -1);
        assert_int_equal(seen.ends[0].kind, RAW_FILE_FIFO);
    }
    look_end(id);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(dir), 0);
}

/* --- several descriptors at once -------------------------------------------------------------- */

/* What is watched, and by which call. */
struct watched {
    int pipe, sock;
    enum { BY_POLL, BY_SELECT, BY_EPOLL } call;
};

static void watch(const void *context)
{
    const struct watched *const w = context;
    struct pollfd polled[] = {{.fd = w->pipe, .events = POLLIN},
                              {.fd = -1, .events = POLLIN},
                              {.fd = w->sock, .events = POLLIN}};
    struct epoll_event event = {.events = EPOLLIN};
    fd_set set;
    FD_ZERO(&set);
    FD_SET(w->pipe, &set);
    FD_SET(w->sock, &set);
    const int epoll = epoll_create1(0);
    (void)epoll_ctl(epoll, EPOLL_CTL_ADD, w->pipe, &event);
    (void)epoll_ctl(epoll, EPOLL_CTL_ADD, w->sock, &event);
    look_ready();
    if (w->call == BY_POLL) {
        (void)poll(polled, 3, -1);
    } else if (w->call == BY_SELECT) {
        (void)select((w->pipe > w->sock ? w->pipe : w->sock) + 1, &set, NULL, NULL, NULL);
    } else {
        (void)epoll_wait(epoll, &event, 1, -1);
    }
}

static void all_that_a_call_watches_is_listed(void **state)
{
    int fds[2];
    int socks[2];
    (void)state;
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, socks), 0);
    for (int call = BY_POLL; call <= BY_EPOLL; call++) {
        struct watched w = {.pipe = fds[0], .sock = socks[0]};
        w.call = call == BY_POLL ? BY_POLL : call == BY_SELECT ? BY_SELECT : BY_EPOLL;
        const struct proc_id id = look_child(watch, &w);
        const struct raw_peers seen = look_ends(id, 2);
        for (size_t i = 0; i < 2; i++) {
            const struct raw_end *const end = &seen.ends[i];
            const bool is_pipe = end->fd == w.pipe;
            assert_true(is_pipe || end->fd == w.sock);
            assert_int_equal(end->kind, is_pipe ? RAW_FILE_FIFO : RAW_FILE_SOCKET);
            assert_true(end->reads && !end->writes && end->inode != 0);
            const int32_t both[] = {getpid(), id.pid};
            check_holders(end->holders, end->holder_count, both, is_pipe ? 2 : 0);
        }
        assert_true(seen.ends[0].fd != seen.ends[1].fd);
        look_end(id);
    }
    close(fds[0]);
    close(fds[1]);
    close(socks[0]);
    close(socks[1]);
}

/* --- threads ---------------------------------------------------------------------------------- */

static void *read_in_thread(void *context)
{
    const struct using *const using = context;
    char byte;
    (void)prctl(PR_SET_NAME, "worker");
    (void)!read(using->mine, &byte, 1);
    return NULL;
}

static void let_a_thread_read(const void *context)
{
    static struct using copy;
    pthread_t thread;
    copy = *(const struct using *)context;
    (void)pthread_create(&thread, NULL, read_in_thread, &copy);
    look_ready();
    for (;;) {
        (void)pause();
    }
}

static void a_thread_that_waits_for_something_else_is_told_with_its_call(void **state)
{
    int fds[2];
    (void)state;
    assert_int_equal(pipe(fds), 0);
    const struct using mine = {.mine = fds[0], .other = -1};
    const struct proc_id id = look_child(let_a_thread_read, &mine);
    const struct raw_peers peers = look_ends(id, 1);
    (void)look_waiting(id, "pause");
    const struct raw_waiting seen = look_at(INSPECT_WAITING, id).as.waiting;
    assert_int_equal(seen.thread_count, 2);
    assert_int_equal(seen.waits[0].tid, id.pid);
    if (seen.waits[0].wchan.len == 0) {
        skip(); // this kernel does not tell functions, so both look alike
    }
    assert_int_equal(seen.wait_count, 2);
    assert_true(seen.waits[1].tid != id.pid);
    assert_true(look_is(seen.waits[1].name, "worker"));
    assert_int_equal(seen.waits[1].alike, 1);
    assert_true(look_is(seen.waits[1].syscall_name, "read"));
    assert_int_equal(seen.waits[1].syscall_fd, fds[0]);
    assert_int_equal(peers.ends[0].tid, seen.waits[1].tid);
    assert_int_equal(peers.ends[0].syscall, seen.waits[1].syscall);
    look_end(id);
    close(fds[0]);
    close(fds[1]);
}

enum { CROWD = 100 };

static void *wait_in_thread(void *context)
{
    for (;;) {
        (void)pause();
    }
    return context;
}

static void be_a_crowd(const void *context)
{
    pthread_attr_t attributes;
    (void)context;
    (void)pthread_attr_init(&attributes);
    (void)pthread_attr_setstacksize(&attributes, 65536);
    for (int i = 0; i < CROWD; i++) {
        pthread_t thread;
        (void)pthread_create(&thread, &attributes, wait_in_thread, NULL);
    }
    look_ready();
    (void)wait_in_thread(NULL);
}

static void threads_that_wait_alike_are_one(void **state)
{
    (void)state;
    const struct proc_id id = look_child(be_a_crowd, NULL);
    struct raw_waiting seen = {0};
    for (int tries = 0; tries < TRIES && seen.wait_count != 1; tries++) {
        (void)usleep(STEP_US); // some may still be on their way
        seen = look_at(INSPECT_WAITING, id).as.waiting;
    }
    assert_int_equal(seen.wait_count, 1);
    assert_int_equal(seen.thread_count, CROWD + 1);
    assert_int_equal(seen.waits[0].alike, CROWD + 1);
    look_end(id);
}

/* --- locks ------------------------------------------------------------------------------------ */

/* How a child locks, through an open file of its own. */
struct locking {
    char path[64];
    int command; // of fcntl(), 0: flock()
    off_t start; // of the range
    bool waits;
};

static void lock_file(const void *context)
{
    const struct locking *const how = context;
    struct flock range = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = how->start, .l_len = 10};
    const int fd = open(how->path, O_RDWR);
    if (how->waits) {
        look_ready();
    }
    const int error = how->command != 0 ? fcntl(fd, how->command, &range) : flock(fd, LOCK_EX);
    if (!how->waits && error == 0) {
        look_ready();
    }
    (void)pause();
}

static const struct raw_lock *waiting_lock(const struct raw_waiting *seen)
{
    for (size_t i = 0; i < seen->lock_count; i++) {
        if (seen->locks[i].waiting) {
            return &seen->locks[i];
        }
    }
    return NULL;
}

/* Of a lock that waits for another: who holds that. `type` is that of the one that waits. */
static void check_waiter(struct proc_id waiter, const char *call, const char *type,
                         const char *path, struct proc_id holder)
{
    (void)look_waiting(waiter, call);
    const struct raw_waiting seen = look_at(INSPECT_WAITING, waiter).as.waiting;
    const struct raw_lock *const lock = waiting_lock(&seen);
    assert_non_null(lock);
    assert_true(look_is(lock->type, type));
    assert_true(look_is(lock->path, path));
    assert_true(lock->write);
    const struct raw_peers peers = look_at(INSPECT_PEERS, waiter).as.peers;
    assert_int_equal(peers.lock_count, 1);
    assert_int_equal(peers.locks[0].lock.id, lock->id);
    assert_int_equal(peers.locks[0].lock.inode, lock->inode);
    check_holders(peers.locks[0].holders, peers.locks[0].holder_count, &holder.pid, 1);
}

static void who_has_the_lock_of_an_open_file_is_found(void **state)
{
    static const struct {
        int hold, wait;
        const char *call, *type;
    } rows[] = {
        {F_OFD_SETLK, F_OFD_SETLKW, "fcntl", "OFDLCK"},
        {F_OFD_SETLK, F_SETLKW, "fcntl", "POSIX"}, // waits for one of the other kind
        {0, 0, "flock", "FLOCK"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct locking how = {.path = "/tmp/perch_test_XXXXXX", .command = rows[i].hold};
        const int fd = mkstemp(how.path);
        tree_remove_at_exit(how.path);
        assert_true(fd >= 0);
        close(fd);
        const struct proc_id holder = look_child(lock_file, &how);
        struct locking other = how; // has another part of the file
        other.command = F_OFD_SETLK;
        other.start = 500;
        const struct proc_id bystander = look_child(lock_file, &other);
        how.command = rows[i].wait;
        how.waits = true;
        const struct proc_id waiter = look_child(lock_file, &how);
        check_waiter(waiter, rows[i].call, rows[i].type, how.path, holder);
        look_end(waiter);
        look_end(holder);
        look_end(bystander);
        assert_int_equal(unlink(how.path), 0);
    }
}

/* Lines of /proc/locks do not say whose they are, so which of several locks it waits for is open. */
static void of_several_locks_of_a_file_none_is_guessed(void **state)
{
    struct locking how = {.path = "/tmp/perch_test_XXXXXX", .command = F_OFD_SETLK};
    struct proc_id children[4];
    (void)state;
    const int fd = mkstemp(how.path);
    tree_remove_at_exit(how.path);
    assert_true(fd >= 0);
    close(fd);
    for (size_t i = 0; i < 4; i++) { // two that hold, and one that waits for each
        how.start = i % 2 == 0 ? 0 : 500;
        how.waits = i >= 2;
        how.command = how.waits ? F_OFD_SETLKW : F_OFD_SETLK;
        children[i] = look_child(lock_file, &how);
    }
    (void)look_waiting(children[2], "fcntl");
    (void)look_waiting(children[3], "fcntl");
    const struct raw_waiting seen = look_at(INSPECT_WAITING, children[2]).as.waiting;
    const struct raw_lock *const lock = waiting_lock(&seen);
    assert_non_null(lock);
    assert_true(look_is(lock->path, how.path));
    assert_int_equal(lock->holder, -1);
    assert_true(lock->to < lock->from);
    assert_int_equal(look_at(INSPECT_PEERS, children[2]).as.peers.lock_count, 0);
    for (size_t i = 0; i < 4; i++) {
        look_end(children[3 - i]);
    }
    assert_int_equal(unlink(how.path), 0);
}

/* The open file was passed on, and whoever took the lock has closed it. */
static void a_lock_is_held_by_who_has_the_file_not_by_who_took_it(void **state)
{
    struct locking how = {.path = "/tmp/perch_test_XXXXXX", .waits = true};
    (void)state;
    const int fd = mkstemp(how.path);
    tree_remove_at_exit(how.path);
    assert_true(fd >= 0);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    const struct using his = {.mine = fd, .other = -1};
    const struct proc_id holder = look_child(hold, &his);
    close(fd);
    const struct proc_id waiter = look_child(lock_file, &how);
    check_waiter(waiter, "flock", "FLOCK", how.path, holder);
    look_end(waiter);
    look_end(holder);
    assert_int_equal(unlink(how.path), 0);
}

/* --- what may not be known -------------------------------------------------------------------- */

/* What a child connects to in vain. */
static void connect_in_vain(const void *context)
{
    const struct sockaddr_un *const address = context;
    const socklen_t size = sizeof(sa_family_t) + 1 + (socklen_t)strlen(address->sun_path + 1);
    look_ready();
    for (;;) { // the first ones wait to be accepted, and let it go on
        const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        (void)connect(fd, (const struct sockaddr *)(const void *)address, size);
    }
}

static void what_a_local_socket_connects_to_is_told(void **state)
{
    (void)state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "perch-test-%d",
                   (int)getpid());
    const socklen_t size = sizeof(sa_family_t) + 1 + (socklen_t)strlen(address.sun_path + 1);
    const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)(void *)&address, size), 0);
    assert_int_equal(listen(listener, 0), 0);
    const struct proc_id id = look_child(connect_in_vain, &address);
    (void)look_waiting(id, "connect");
    const struct raw_peers seen = look_ends(id, 1);
    address.sun_path[0] = '@';
    assert_true(look_is(seen.ends[0].address, address.sun_path));
    look_end(id);
    close(listener);
}

static void lease(const void *context)
{
    (void)signal(SIGIO, SIG_IGN);
    const int fd = open(context, O_RDWR | O_CLOEXEC);
    if (fd < 0 || fcntl(fd, F_SETLEASE, F_WRLCK) < 0) {
        _exit(1);
    }
    look_ready();
    for (;;) {
        (void)pause();
    }
}

static void open_leased(const void *context)
{
    look_ready();
    (void)open(context, O_RDONLY | O_CLOEXEC);
}

static void the_file_of_a_lease_that_is_to_be_given_up_is_told(void **state)
{
    (void)state;
    char path[] = "/tmp/perch_test_XXXXXX";
    struct stat st;
    const int fd = mkstemp(path);
    tree_remove_at_exit(path);
    assert_true(fd >= 0 && fstat(fd, &st) == 0);
    close(fd);
    const struct proc_id holder = look_child(lease, path);
    const struct proc_id waiter = look_child(open_leased, path);
    const struct raw_peers peers = look_ends(waiter, 1);
    assert_true(look_is(peers.ends[0].file, path));
    assert_int_equal(peers.ends[0].kind, RAW_FILE_REGULAR);
    const struct raw_inspect seen = look_at(INSPECT_WAITING, waiter);
    assert_int_equal(seen.as.waiting.lock_count, 1);
    assert_true(seen.as.waiting.locks[0].waiting);
    assert_true(look_is(seen.as.waiting.locks[0].type, "LEASE"));
    assert_int_equal(seen.as.waiting.locks[0].inode, st.st_ino);
    assert_int_equal(seen.as.waiting.locks[0].holder, holder.pid);
    look_end(waiter);
    look_end(holder);
    assert_int_equal(unlink(path), 0);
}

static void read_as_nobody(const void *context)
{
    enum { NOBODY = 65534 };
    if (setresgid(NOBODY, NOBODY, NOBODY) != 0 || setresuid(NOBODY, NOBODY, NOBODY) != 0 ||
        prctl(PR_SET_DUMPABLE, 1) != 0) {
        _exit(1);
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); // lost with the change
    read_one(context);
}

static bool holder_is_hidden(struct proc_id id)
{
    struct raw_inspect seen;
    for (int tries = 0; tries < TRIES; tries++) {
        if (platform_inspect(look.platform, INSPECT_PEERS, id, look.arena, &seen) != 0) {
            return false;
        }
        if (seen.as.peers.end_count == 1) {
            const struct raw_end *const end = seen.as.peers.ends;
            return end->holder_count == 0 && end->inode != 0 && seen.as.peers.hidden;
        }
        (void)usleep(STEP_US);
    }
    return false;
}

static void that_some_may_not_be_looked_into_is_told(void **state)
{
    int fds[2];
    (void)state;
    if (geteuid() != 0) {
        skip();
    }
    assert_int_equal(pipe(fds), 0);
    const struct using his = {.mine = fds[1], .other = fds[0]};
    const struct using mine = {.mine = fds[0], .other = fds[1]};
    const struct proc_id holder = look_child(hold, &his); // root's
    const struct proc_id id = look_child(read_as_nobody, &mine);
    close(fds[0]);
    close(fds[1]);
    assert_true(look_as_nobody(holder_is_hidden, id));
    look_end(id);
    look_end(holder);
}

static bool sees_no_ends(struct proc_id id)
{
    struct raw_inspect seen;
    return platform_inspect(look.platform, INSPECT_PEERS, id, look.arena, &seen) == 0 &&
           seen.as.peers.end_count == 0 && seen.as.peers.lock_count == 0;
}

static void of_another_users_process_no_ends_are_known(void **state)
{
    int fds[2];
    (void)state;
    assert_int_equal(pipe(fds), 0);
    const struct using mine = {.mine = fds[0], .other = -1};
    const struct proc_id id = look_child(read_one, &mine);
    (void)look_ends(id, 1);
    assert_true(look_as_nobody(sees_no_ends, id));
    look_end(id);
    close(fds[0]);
    close(fds[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whoever_has_the_other_end_of_a_pipe_is_found),
        cmocka_unit_test(who_holds_its_own_other_end_is_told_so),
        cmocka_unit_test(of_very_many_holders_the_rest_is_counted),
        cmocka_unit_test(whoever_has_a_fifo_open_is_found_by_its_path),
        cmocka_unit_test(a_fifo_that_is_being_opened_is_told_with_its_path),
        cmocka_unit_test(all_that_a_call_watches_is_listed),
        cmocka_unit_test(a_thread_that_waits_for_something_else_is_told_with_its_call),
        cmocka_unit_test(threads_that_wait_alike_are_one),
        cmocka_unit_test(who_has_the_lock_of_an_open_file_is_found),
        cmocka_unit_test(of_several_locks_of_a_file_none_is_guessed),
        cmocka_unit_test(a_lock_is_held_by_who_has_the_file_not_by_who_took_it),
        cmocka_unit_test(what_a_local_socket_connects_to_is_told),
        cmocka_unit_test(the_file_of_a_lease_that_is_to_be_given_up_is_told),
        cmocka_unit_test(that_some_may_not_be_looked_into_is_told),
        cmocka_unit_test(of_another_users_process_no_ends_are_known),
    };
    return cmocka_run_group_tests(tests, look_setup, look_teardown);
}
