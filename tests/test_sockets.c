#include "base/arena.h"
#include "base/str.h"
#include "check.h"
#include "platform/platform.h"
#include "tree.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* The platform, and what it said last. */
struct view {
    struct platform *platform;
    struct arena *arena;
    struct raw_sample sample;
};

static bool own_network; // nothing else happens in it

static struct view *view_of(void **state)
{
    return *state;
}

static void look(struct view *view)
{
    const struct platform_request request = {.parts = PART_SOCKETS};
    arena_reset(view->arena);
    assert_int_equal(platform_sample(view->platform, &request, view->arena, &view->sample), 0);
    assert_int_equal(view->sample.parts & PART_SOCKETS, PART_SOCKETS);
    assert_int_equal(view->sample.socket_error, 0);
}

static uint64_t inode_of(int fd)
{
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    return st.st_ino;
}

static const struct raw_socket *find_inode(const struct view *view, uint64_t inode)
{
    const struct raw_socket *found = NULL;
    for (size_t i = 0; i < view->sample.socket_count; i++) {
        if (view->sample.sockets[i].inode == inode) {
            assert_null(found);
            found = &view->sample.sockets[i];
        }
    }
    return found;
}

static const struct raw_socket *find_fd(const struct view *view, int fd)
{
    const struct raw_socket *const found = find_inode(view, inode_of(fd));
    assert_non_null(found);
    return found;
}

static bool is_held(const struct raw_socket *socket, int32_t pid, int32_t fd)
{
    for (uint32_t i = 0; i < socket->owner_count; i++) {
        if (socket->owners[i].id.pid == pid && socket->owners[i].fd == fd) {
            assert_true(socket->owners[i].id.start_ns > 0);
            return true;
        }
    }
    return false;
}

/* A loopback address of either family. */
static socklen_t loopback(int family, struct sockaddr_storage *ret)
{
    *ret = (struct sockaddr_storage){0};
    ret->ss_family = (sa_family_t)family;
    if (family == AF_INET6) {
        ((struct sockaddr_in6 *)ret)->sin6_addr = in6addr_loopback;
        return sizeof(struct sockaddr_in6);
    }
    ((struct sockaddr_in *)ret)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return sizeof(struct sockaddr_in);
}

/* A listening socket and both ends of a connection to it. */
struct connection {
    int listener, client, server;
    uint16_t port;
};

static int open_listener(int family, uint16_t *ret_port)
{
    struct sockaddr_storage address;
    socklen_t len = loopback(family, &address);
    const int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(fd, 7), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    *ret_port = ntohs(((struct sockaddr_in *)&address)->sin_port); // at the same place in both
    return fd;
}

static void open_connection(int family, struct connection *ret)
{
    struct sockaddr_storage address;
    ret->listener = open_listener(family, &ret->port);
    const socklen_t len = loopback(family, &address);
    ((struct sockaddr_in *)&address)->sin_port = htons(ret->port);
    ret->client = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(ret->client >= 0);
    assert_int_equal(connect(ret->client, (struct sockaddr *)&address, len), 0);
    ret->server = accept4(ret->listener, NULL, NULL, SOCK_CLOEXEC);
    assert_true(ret->server >= 0);
}

static void close_connection(const struct connection *connection)
{
    close(connection->listener);
    close(connection->client);
    close(connection->server);
}

/* Sends bytes and reads them at the other end. */
static void transfer(int from, int to, size_t bytes)
{
    char buf[4096] = {0};
    while (bytes > 0) {
        const size_t piece = bytes < sizeof(buf) ? bytes : sizeof(buf);
        assert_int_equal(send(from, buf, piece, 0), piece);
        assert_int_equal(recv(to, buf, piece, MSG_WAITALL), piece);
        bytes -= piece;
    }
}

static bool has_netlink(const struct raw_socket *socket)
{
    return socket->cookie != 0;
}

/* Looks until everything sent was acknowledged, which the other end may put off. */
static void look_until_sent(struct view *view, int fd, uint64_t bytes)
{
    for (int i = 0; i < 200; i++) {
        look(view);
        const struct raw_socket *const socket = find_fd(view, fd);
        if (!has_netlink(socket) || socket->tx_bytes >= bytes) {
            break;
        }
        usleep(10000);
    }
}

static void check_connection(struct view *view, int family)
{
    static const uint8_t v4[4] = {127, 0, 0, 1};
    static const uint8_t v6[16] = {[15] = 1};
    struct connection c;
    open_connection(family, &c);
    look(view);
    const struct raw_socket *const client = find_fd(view, c.client);
    const struct raw_socket *const server = find_fd(view, c.server);
    const struct raw_socket *const listener = find_fd(view, c.listener);
    assert_int_equal(client->protocol, SOCKET_TCP);
    assert_int_equal(client->state, SOCKET_ESTABLISHED);
    assert_int_equal(server->state, SOCKET_ESTABLISHED);
    assert_int_equal(listener->state, SOCKET_LISTEN);
    assert_int_equal(client->remote.port, c.port);
    assert_int_equal(server->local.port, c.port);
    assert_int_equal(client->local.port, server->remote.port);
    assert_int_equal(listener->local.port, c.port);
    assert_int_equal(listener->remote.family, 0);
    assert_int_equal(listener->recv_queue, 0);
    assert_int_equal(client->local.family, family == AF_INET6 ? 6 : 4);
    assert_memory_equal(client->remote.bytes, family == AF_INET6 ? v6 : v4,
                        family == AF_INET6 ? 16 : 4);
    assert_int_equal(client->uid, geteuid());
    assert_true(is_held(client, getpid(), c.client));
    assert_true(is_held(listener, getpid(), c.listener));
    assert_int_equal(client->owner_count, 1);
    close_connection(&c);
}

static void a_connection_is_listed_with_both_ends_and_its_listener(void **state)
{
    check_connection(view_of(state), AF_INET);
    check_connection(view_of(state), AF_INET6);
}

/* P101: where netlink is permitted it is used, and knows what TCP counts. */
static void bytes_are_counted_exactly(void **state)
{
    struct view *const view = view_of(state);
    struct connection c;
    open_connection(AF_INET, &c);
    transfer(c.client, c.server, 1000003);
    transfer(c.server, c.client, 77);
    look_until_sent(view, c.client, 1000003);
    look_until_sent(view, c.server, 77);
    const struct raw_socket *client = find_fd(view, c.client);
    if (!has_netlink(client)) {
        close_connection(&c);
        skip();
    }
    const struct raw_socket *server = find_fd(view, c.server);
    assert_true(client->has_tcp && server->has_tcp);
    assert_int_equal(client->tx_bytes, 1000003);
    assert_int_equal(client->rx_bytes, 77);
    assert_int_equal(server->rx_bytes, 1000003);
    assert_int_equal(server->tx_bytes, 77);
    assert_true(client->rtt_us > 0 && client->cwnd > 0);
    assert_false(find_fd(view, c.listener)->has_tcp);
    // Saying goodbye is no payload.
    assert_int_equal(shutdown(c.client, SHUT_WR), 0);
    look(view);
    client = find_fd(view, c.client);
    for (int i = 0; i < 200 && client->state == SOCKET_FIN_WAIT1; i++) {
        usleep(10000);
        look(view);
        client = find_fd(view, c.client);
    }
    server = find_fd(view, c.server);
    assert_int_equal(client->state, SOCKET_FIN_WAIT2);
    assert_int_equal(server->state, SOCKET_CLOSE_WAIT);
    assert_int_equal(client->tx_bytes, 1000003);
    assert_int_equal(server->rx_bytes, 1000003);
    assert_int_equal(server->tx_bytes, 77);
    close_connection(&c);
}

static void queues_tell_what_waits(void **state)
{
    struct view *const view = view_of(state);
    struct connection c;
    struct sockaddr_storage address;
    open_connection(AF_INET, &c);
    assert_int_equal(send(c.client, "12345", 5, 0), 5);
    const socklen_t len = loopback(AF_INET, &address);
    ((struct sockaddr_in *)&address)->sin_port = htons(c.port);
    const int waiting = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(waiting, (struct sockaddr *)&address, len), 0);
    look_until_sent(view, c.client, 5);
    assert_int_equal(find_fd(view, c.server)->recv_queue, 5);
    assert_int_equal(find_fd(view, c.listener)->recv_queue, 1);
    if (has_netlink(find_fd(view, c.listener))) {
        assert_int_equal(find_fd(view, c.listener)->send_queue, 7);
    }
    close(waiting);
    close_connection(&c);
}

/* P90 */
static void a_mapped_address_stays_a_v6_address(void **state)
{
    static const uint8_t mapped[16] = {[10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1};
    struct view *const view = view_of(state);
    struct connection c;
    struct sockaddr_in6 address = {.sin6_family = AF_INET6};
    memcpy(&address.sin6_addr, mapped, sizeof(mapped));
    c.listener = open_listener(AF_INET, &c.port);
    address.sin6_port = htons(c.port);
    c.client = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(c.client, (struct sockaddr *)&address, sizeof(address)), 0);
    c.server = accept4(c.listener, NULL, NULL, SOCK_CLOEXEC);
    assert_true(c.server >= 0);
    look(view);
    const struct raw_socket *const client = find_fd(view, c.client);
    assert_int_equal(client->remote.family, 6);
    assert_memory_equal(client->remote.bytes, mapped, 16);
    assert_int_equal(find_fd(view, c.server)->remote.family, 4);
    close_connection(&c);
}

/* P91: a remote port 0 is one. */
static void datagram_sockets_are_listed(void **state)
{
    struct view *const view = view_of(state);
    struct sockaddr_storage address;
    socklen_t len = loopback(AF_INET6, &address);
    const int bound = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(bound, (struct sockaddr *)&address, len), 0);
    assert_int_equal(getsockname(bound, (struct sockaddr *)&address, &len), 0);
    const int connected = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(connected, (struct sockaddr *)&address, len), 0);
    const int portless = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ((struct sockaddr_in6 *)&address)->sin6_port = 0;
    assert_int_equal(connect(portless, (struct sockaddr *)&address, len), 0);
    look(view);
    assert_int_equal(find_fd(view, portless)->remote.family, 6);
    assert_int_equal(find_fd(view, portless)->remote.port, 0);
    assert_int_equal(find_fd(view, portless)->remote.bytes[15], 1);
    const struct raw_socket *const one = find_fd(view, bound);
    const struct raw_socket *const other = find_fd(view, connected);
    assert_int_equal(one->protocol, SOCKET_UDP);
    assert_int_equal(one->state, SOCKET_CLOSE);
    assert_int_equal(one->remote.family, 0);
    assert_int_equal(other->state, SOCKET_ESTABLISHED);
    assert_int_equal(other->remote.family, 6);
    assert_int_equal(other->remote.port, one->local.port);
    assert_false(one->has_tcp);
    close(bound);
    close(connected);
    close(portless);
}

/* Room for the name of a UNIX socket: sun_path is not quite as long as may be bound. */
struct name {
    char bytes[108];
    size_t len; // as bound; a path without its NUL
};

static int open_unix(const struct name *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, name->bytes, name->len);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    const size_t len = offsetof(struct sockaddr_un, sun_path) + name->len;
    assert_int_equal(bind(fd, (struct sockaddr *)&address, (socklen_t)len), 0);
    assert_int_equal(listen(fd, 5), 0);
    return fd;
}

/* P100 */
static void unix_sockets_have_the_names_they_were_given(void **state)
{
    enum { NAMES = 5 };
    struct view *const view = view_of(state);
    char dir[TREE_ROOT_BYTES];
    tree_make(dir);
    struct name names[NAMES] = {0};
    int fds[NAMES];
    names[0].len = (size_t)snprintf(names[0].bytes, 108, "%s/a b  c ", dir);
    names[1].len = (size_t)snprintf(names[1].bytes, 108,
                                    "%s/x\n0: 00000002 00000000 00010000 0001 01 99", dir);
    names[2].len = (size_t)snprintf(names[2].bytes, 108, "%s/\xff\xfe", dir);
    names[3].len = (size_t)snprintf(names[3].bytes, 108, "%s/", dir);
    memset(names[3].bytes + names[3].len, 'y', 108 - names[3].len);
    names[3].len = 108;
    names[4].len = 1 + (size_t)snprintf(names[4].bytes + 1, 107, "perch-test-%d", getpid());
    names[4].bytes[names[4].len + 1] = 'z'; // behind a NUL in the middle
    names[4].len += 2;
    for (size_t i = 0; i < NAMES; i++) {
        fds[i] = open_unix(&names[i]);
    }
    look(view);
    assert_null(find_inode(view, 99));
    for (size_t i = 0; i < NAMES; i++) {
        const struct raw_socket *const socket = find_fd(view, fds[i]);
        assert_int_equal(socket->protocol, SOCKET_UNIX);
        assert_int_equal(socket->state, SOCKET_LISTEN);
        assert_true(is_held(socket, getpid(), fds[i]));
        if (has_netlink(socket)) {
            assert_int_equal(socket->path.len, names[i].len);
            assert_memory_equal(socket->path.ptr, names[i].bytes, names[i].len);
            assert_int_equal(socket->send_queue, 5);
        }
        close(fds[i]);
    }
    tree_remove(dir);
}

/* A child that ends with the test. */
static pid_t start_child(void)
{
    const pid_t parent = getpid();
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) { // it has ended already
            _exit(1);
        }
        (void)alarm(100);
    }
    return pid;
}

static pid_t start_sleeper(void)
{
    const pid_t pid = start_child();
    if (pid == 0) {
        for (;;) {
            pause();
        }
    }
    return pid;
}

static void end_sleeper(pid_t pid)
{
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void a_unix_socket_tells_what_it_is_connected_to(void **state)
{
    struct view *const view = view_of(state);
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    look(view);
    if (has_netlink(find_fd(view, ends[0]))) { // /proc/net/unix does not tell
        assert_int_equal(find_fd(view, ends[0])->peer_inode, inode_of(ends[1]));
        assert_int_equal(find_fd(view, ends[1])->peer_inode, inode_of(ends[0]));
    }
    close(ends[1]);
    look(view);
    assert_int_equal(find_fd(view, ends[0])->peer_inode, 0);
    close(ends[0]);
}

static void all_who_inherited_a_socket_hold_it(void **state)
{
    enum { HEIRS = 4 };
    struct view *const view = view_of(state);
    uint16_t port;
    pid_t heirs[HEIRS];
    const int fd = open_listener(AF_INET, &port);
    look(view); // it is known, and who holds it too
    assert_int_equal(find_fd(view, fd)->owner_count, 1);
    for (size_t i = 0; i < HEIRS; i++) {
        heirs[i] = start_sleeper();
    }
    look(view);
    const struct raw_socket *socket = find_fd(view, fd);
    assert_int_equal(socket->owner_count, HEIRS + 1);
    assert_true(is_held(socket, getpid(), fd));
    for (size_t i = 0; i < HEIRS; i++) {
        assert_true(is_held(socket, heirs[i], fd));
        assert_true(i == 0 || proc_id_compare(socket->owners[i - 1].id, socket->owners[i].id) < 0);
    }
    end_sleeper(heirs[0]);
    look(view);
    socket = find_fd(view, fd);
    assert_int_equal(socket->owner_count, HEIRS);
    assert_false(is_held(socket, heirs[0], fd));
    for (size_t i = 1; i < HEIRS; i++) {
        end_sleeper(heirs[i]);
    }
    close(fd);
}

static void a_socket_made_later_is_found_and_one_closed_vanishes(void **state)
{
    struct view *const view = view_of(state);
    uint16_t port;
    look(view);
    look(view);
    const int fd = open_listener(AF_INET, &port);
    const uint64_t inode = inode_of(fd);
    look(view);
    assert_true(is_held(find_fd(view, fd), getpid(), fd));
    close(fd);
    look(view);
    assert_null(find_inode(view, inode));
    // The number of the descriptor is taken by another one.
    const int next = open_listener(AF_INET6, &port);
    assert_int_equal(next, fd);
    look(view);
    assert_true(is_held(find_fd(view, next), getpid(), next));
    close(next);
}

/* The socket moves to a process that is known already, by way of a UNIX socket. */
static void a_socket_passed_on_is_found_in_turn(void **state)
{
    struct view *const view = view_of(state);
    int ends[2];
    uint16_t port;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    const pid_t child = start_child();
    char byte = 0;
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec part = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof(control.bytes)};
    if (child == 0) {
        (void)recvmsg(ends[1], &message, 0);
        (void)send(ends[1], &byte, 1, 0);
        for (;;) {
            pause();
        }
    }
    const int fd = open_listener(AF_INET, &port);
    look(view);
    assert_int_equal(find_fd(view, fd)->owner_count, 1);
    struct cmsghdr *const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &fd, sizeof(fd));
    assert_int_equal(sendmsg(ends[0], &message, 0), 1);
    assert_int_equal(recv(ends[0], &byte, 1, 0), 1);
    const uint64_t inode = inode_of(fd);
    close(fd);
    int32_t owner = 0;
    for (int i = 0; i < 40 && owner != child; i++) {
        look(view);
        const struct raw_socket *const socket = find_inode(view, inode);
        assert_non_null(socket);
        owner = socket->owner_count == 1 ? socket->owners[0].id.pid : 0;
    }
    assert_int_equal(owner, child);
    end_sleeper(child);
    close(ends[0]);
    close(ends[1]);
}

/* P95: what is over has no inode, and so nobody who holds it. */
static void a_connection_nobody_holds_any_more_has_no_owner(void **state)
{
    struct view *const view = view_of(state);
    struct connection c;
    open_connection(AF_INET, &c);
    struct sockaddr_storage address;
    socklen_t len = sizeof(address);
    assert_int_equal(getsockname(c.client, (struct sockaddr *)&address, &len), 0);
    const uint16_t port = ntohs(((struct sockaddr_in *)&address)->sin_port);
    close(c.client);
    close(c.server);
    look(view);
    size_t found = 0;
    for (size_t i = 0; i < view->sample.socket_count; i++) {
        const struct raw_socket *const socket = &view->sample.sockets[i];
        if (socket->protocol == SOCKET_TCP && socket->local.port == port &&
            socket->remote.port == c.port) {
            assert_int_equal(socket->state, SOCKET_TIME_WAIT);
            assert_int_equal(socket->inode, 0);
            assert_int_equal(socket->owner_count, 0);
            assert_false(socket->owners_denied);
            found++;
        }
    }
    assert_int_equal(found, 1);
    close(c.listener);
}

/* In a child: a failed condition ends it with the line it is in. */
static void expect(bool claim, int line)
{
    if (!claim) {
        (void)fprintf(stderr, "line %d\n", line);
        _exit(1);
    }
}

/* Runs `body` in a child. */
static void run_child(void (*body)(int fd), int fd)
{
    int status = 0;
    const pid_t child = start_child();
    if (child == 0) {
        body(fd);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* A sample that a child takes. Owns: the caller, who ends it with expect_end(). */
static struct view expect_look(const char *proc_root)
{
    const struct platform_options options = {.proc_root = proc_root};
    const struct platform_request request = {.parts = PART_SOCKETS};
    struct view view = {.arena = arena_create(64 << 20)};
    expect(view.arena && platform_open(&options, &view.platform) == 0, __LINE__);
    expect(platform_sample(view.platform, &request, view.arena, &view.sample) == 0, __LINE__);
    return view;
}

static void expect_end(const struct view *view)
{
    platform_close(view->platform);
    arena_destroy(view->arena);
}

/* How many rows have this inode; the last of them. */
static size_t count_inode(const struct view *view, uint64_t inode, const struct raw_socket **ret)
{
    size_t count = 0;
    for (size_t i = 0; i < view->sample.socket_count; i++) {
        if (view->sample.sockets[i].inode == inode) {
            *ret = &view->sample.sockets[i];
            count++;
        }
    }
    return count;
}

static void look_as_somebody(int fd)
{
    enum { SOMEBODY = 65534 };
    struct stat st;
    const struct raw_socket *found = NULL;
    expect(fstat(fd, &st) == 0 && close(fd) == 0, __LINE__);
    expect(setresgid(SOMEBODY, SOMEBODY, SOMEBODY) == 0, __LINE__);
    expect(setresuid(SOMEBODY, SOMEBODY, SOMEBODY) == 0, __LINE__);
    const struct view view = expect_look(NULL);
    expect(count_inode(&view, st.st_ino, &found) == 1, __LINE__);
    expect(found->owner_count == 0 && found->owners_denied, __LINE__);
    expect_end(&view);
}

/* P95: the descriptors of other users' processes may not be read. */
static void who_may_not_see_the_owner_is_told_so(void **state)
{
    (void)state;
    uint16_t port;
    if (geteuid() != 0) {
        skip();
    }
    const int fd = open_listener(AF_INET, &port);
    run_child(look_as_somebody, fd);
    close(fd);
}

/* P96 */
static void a_link_local_address_says_on_which_link(void **state)
{
    struct view *const view = view_of(state);
    static const uint8_t bytes[16] = {0xfe, 0x80, [15] = 0x99};
    const struct {
        struct in6_addr address;
        uint32_t prefix_bits;
        int index;
    } request = {.address.s6_addr = {0xfe, 0x80, [15] = 0x99},
                 .prefix_bits = 64,
                 .index = (int)if_nametoindex("lo")};
    struct sockaddr_in6 address = {.sin6_family = AF_INET6,
                                   .sin6_addr = request.address,
                                   .sin6_scope_id = (uint32_t)request.index};
    const int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    // In a network of our own: else it is somebody's.
    if (!own_network || fd < 0 || ioctl(fd, SIOCSIFADDR, &request) < 0) {
        close(fd);
        skip();
    }
    bool bound = false;
    for (int i = 0; i < 500 && !bound; i++) { // it is made ready by another thread
        usleep(10000);
        bound = bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
    }
    assert_true(bound);
    assert_int_equal(listen(fd, 1), 0);
    look(view);
    const struct raw_socket *const socket = find_fd(view, fd);
    assert_memory_equal(socket->local.bytes, bytes, 16);
    if (has_netlink(socket)) { // the file does not say
        assert_int_equal(socket->local.scope, request.index);
        assert_int_equal(socket->interface, request.index);
    }
    close(fd);
}

/* --- sockets that are only a part of another one's name -------------------------------------- */

/* Lets no netlink socket be made from now on, as a container's policy may. */
static void forbid_netlink(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {.len = sizeof(code) / sizeof(*code), .filter = code};
    expect(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, __LINE__);
    expect(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0, __LINE__);
}

/* An abstract name that goes on like the line of another socket. */
static struct name forged_name(const char *start, uint64_t inode)
{
    struct name name = {0};
    name.len = 1 + (size_t)snprintf(name.bytes + 1, 107,
                                    "%s\nffff8881: 00000002 00000000 00010000 0001 01 %llu /fake",
                                    start, (unsigned long long)inode);
    return name;
}

static void look_at_forgeries(int tcp)
{
    static const uint64_t nobodys = 4294900001; // far from any that is in use
    struct name real = {0};
    real.len = 1 + (size_t)snprintf(real.bytes + 1, 107, "perch-real-%d", getpid());
    const int victim = open_unix(&real);
    struct stat st[2];
    expect(fstat(victim, &st[0]) == 0 && fstat(tcp, &st[1]) == 0, __LINE__);
    const struct name names[] = {
        forged_name("perch-1", nobodys),
        forged_name("perch-2", st[0].st_ino),
        forged_name("perch-3", st[1].st_ino),
    };
    int fds[3];
    for (size_t i = 0; i < 3; i++) {
        fds[i] = open_unix(&names[i]);
    }
    forbid_netlink();
    const struct view view = expect_look(NULL);
    const struct raw_socket *found = NULL;
    expect(count_inode(&view, st[1].st_ino, &found) == 1, __LINE__);
    expect(found->protocol == SOCKET_TCP && found->cookie == 0, __LINE__);
    expect(count_inode(&view, st[0].st_ino, &found) == 1, __LINE__);
    const bool is_real = found->path.len == real.len && // else its name is unknown
                         memcmp(found->path.ptr, real.bytes, real.len) == 0;
    expect(is_real || (found->path.len == 0 && found->state == SOCKET_STATE_UNKNOWN), __LINE__);
    expect(is_held(found, getpid(), victim), __LINE__);
    for (size_t i = 0; i < 3; i++) {
        expect(fstat(fds[i], &st[0]) == 0, __LINE__);
        expect(count_inode(&view, st[0].st_ino, &found) == 1, __LINE__);
        expect(found->path.len == 8 && is_held(found, getpid(), fds[i]), __LINE__);
    }
    // As far as all processes could be looked into.
    expect(count_inode(&view, nobodys, &found) == 0 || found->owners_denied, __LINE__);
    expect_end(&view);
}

static void no_name_makes_up_a_socket(void **state)
{
    (void)state;
    uint16_t port;
    const int tcp = open_listener(AF_INET, &port);
    run_child(look_at_forgeries, tcp);
    close(tcp);
}

static void sockets_are_in_order_and_unique(void **state)
{
    struct view *const view = view_of(state);
    struct connection c;
    open_connection(AF_INET6, &c);
    look(view);
    for (size_t i = 1; i < view->sample.socket_count; i++) {
        const struct raw_socket *const before = &view->sample.sockets[i - 1];
        const struct raw_socket *const after = &view->sample.sockets[i];
        assert_true(before->protocol <= after->protocol);
        if (before->protocol == after->protocol && before->netns == after->netns &&
            before->cookie && after->cookie) {
            assert_true(before->cookie < after->cookie);
        }
    }
    close_connection(&c);
}

static void sockets_are_not_read_unless_asked_for(void **state)
{
    struct view *const view = view_of(state);
    const struct platform_request request = {0};
    arena_reset(view->arena);
    assert_int_equal(platform_sample(view->platform, &request, view->arena, &view->sample), 0);
    assert_int_equal(view->sample.parts & PART_SOCKETS, 0);
    assert_int_equal(view->sample.socket_count, 0);
}

static void to_count_tcp_nothing_else_is_read(void **state)
{
    struct view *const view = view_of(state);
    uint16_t port = 0;
    const int listener = open_listener(AF_INET, &port);
    const int other = socket(AF_INET, SOCK_DGRAM, 0);
    const struct sockaddr_in any = {.sin_family = AF_INET};
    assert_int_equal(bind(other, (const struct sockaddr *)&any, sizeof(any)), 0);
    const struct platform_request request = {.parts = PART_SOCKET_STATES};
    arena_reset(view->arena);
    assert_int_equal(platform_sample(view->platform, &request, view->arena, &view->sample), 0);
    assert_int_equal(view->sample.parts, PART_SOCKET_STATES);
    assert_int_equal(view->sample.socket_error, 0);
    const struct raw_socket *found = find_inode(view, inode_of(listener));
    assert_non_null(found);
    assert_int_equal(found->state, SOCKET_LISTEN);
    assert_int_equal(found->owner_count, 0);
    assert_false(found->owners_denied);
    for (size_t i = 0; i < view->sample.socket_count; i++) {
        assert_int_equal(view->sample.sockets[i].protocol, SOCKET_TCP);
        assert_int_equal(view->sample.sockets[i].netns, 0);
    }
    for (size_t i = 0; i < view->sample.proc_count; i++) {
        assert_int_equal(view->sample.procs[i].have & FACT_SOCKETS, 0);
    }
    look(view); // all of them have these, too
    assert_int_equal(view->sample.parts, PART_SOCKETS | PART_SOCKET_STATES);
    assert_int_equal(find_inode(view, inode_of(listener))->owner_count, 1);
    assert_non_null(find_inode(view, inode_of(other)));
    close(listener);
    close(other);
}

/* Whatever the memory is, there is a sample, or it was not enough for the processes either. */
static void without_memory_there_are_fewer_sockets_and_no_crash(void **state)
{
    enum { MANY = 500 };
    struct view *const view = view_of(state);
    const struct platform_request request = {.parts = PART_SOCKETS};
    uint16_t port;
    int fds[MANY];
    for (size_t i = 0; i < MANY; i++) {
        fds[i] = open_listener(AF_INET, &port);
    }
    look(view);
    const size_t enough = arena_used(view->arena) * 2;
    bool had_error = false;
    for (size_t limit = enough; limit > 4096; limit -= limit / 24) {
        struct arena *const arena = arena_create(limit);
        struct raw_sample sample;
        if (platform_sample(view->platform, &request, arena, &sample) == 0) {
            had_error |= sample.socket_error == -ENOMEM;
            assert_true(sample.socket_error == 0 || sample.socket_error == -ENOMEM);
        }
        arena_destroy(arena);
    }
    assert_true(had_error);
    for (size_t i = 0; i < MANY; i++) {
        close(fds[i]);
    }
}

/* --- another /proc, of which only the files can tell ------------------------------------------ */

#define STAT                                                                                  \
 "7 (server) S 1 7 7 0 -1 4194304 1 0 0 0 1 1 0 0 20 0 1 0 500 1000 10 18446744073709551615 " \
 "1 1 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n"

static void make_recording(const char *root)
{
    char link[256];
    tree_dir(root, "7/fd");
    tree_file(root, "7/stat", "%s", STAT);
    (void)snprintf(link, sizeof(link), "%s/7/fd/3", root);
    assert_int_equal(symlink("socket:[4711]", link), 0);
    (void)snprintf(link, sizeof(link), "%s/7/fd/12", root);
    assert_int_equal(symlink("socket:[20882]", link), 0);
    (void)snprintf(link, sizeof(link), "%s/7/fd/13", root);
    assert_int_equal(symlink("/dev/null", link), 0);
    tree_file(root, "net/tcp", "%s",
              "  sl  local_address rem_address   st\n"
              "   0: 00000000:1F90 00000000:0000 0A 00000000:00000002 00:00000000 00000000  1000"
              "        0 4711 1 0 100 0 0 10 0\n"
              "   1: 00000000:1F90 nonsense\n"
              "   2: 00000000:1F90 00000000:0000 0A 00000000:00000009 00:00000000 00000000  1000"
              "        0 4711 1 0 100 0 0 10 0\n"
              "   3: 00000000:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0"
              "        0 99 1 0");
    tree_file(root, "net/unix", "%s",
              "Num       RefCount Protocol Flags    Type St Inode Path\n"
              "0000000000000000: 00000002 00000000 00010000 0001 01 20881 /run/a b\n"
              "0: 2 0 10000 1 1 99\n"
              "0000000000000000: 00000002 00000000 00010000 0001 01 20882 @hidden\n");
}

/* P92: no tcp6 and no udp are no error. P93: malformed lines. P94: duplicates. */
static void another_proc_is_read_by_its_files(void **state)
{
    (void)state;
    char root[TREE_ROOT_BYTES];
    tree_make(root);
    make_recording(root);
    struct view view = {.arena = arena_create(1 << 20)};
    const struct platform_options options = {.proc_root = root};
    assert_int_equal(platform_open(&options, &view.platform), 0);
    for (int i = 0; i < 40; i++) { // through a walk of everything too
        look(&view);
        // Malformed lines cost themselves only, duplicates the later one, the last line its end.
        assert_int_equal(view.sample.socket_count, 3);
        const struct raw_socket *const tcp = find_inode(&view, 4711);
        assert_non_null(tcp);
        assert_int_equal(tcp->recv_queue, 2);
        assert_int_equal(tcp->local.port, 8080);
        assert_int_equal(tcp->owner_count, 1);
        assert_true(is_held(tcp, 7, 3));
        const struct raw_socket *const hidden = find_inode(&view, 20882);
        assert_non_null(hidden);
        assert_int_equal(hidden->path.len, 7);
        assert_memory_equal(hidden->path.ptr, "\0hidden", 7);
        assert_true(is_held(hidden, 7, 12));
        const struct raw_socket *const plain = find_inode(&view, 20881);
        assert_non_null(plain);
        assert_memory_equal(plain->path.ptr, "/run/a b", 8);
        assert_int_equal(plain->owner_count, 0);
        assert_false(plain->owners_denied);
    }
    platform_close(view.platform);
    arena_destroy(view.arena);
    tree_remove(root);
}

/* Rows of net/unix; what follows is " /name" or nothing. */
#define ROW "ffff8881: 00000002 00000000 00010000 0001 01 "
#define FIFTY "--------------------------------------------------"

/* What is listed of a made-up net/unix, as "inode:name ..."; 4711 (TCP) and 20882 are held. */
static void list_unix(const char *root, const char *text, struct strbuf *ret)
{
    struct view view = {.arena = arena_create(1 << 20)};
    const struct platform_options options = {.proc_root = root};
    tree_file(root, "net/unix", "%s", text);
    assert_int_equal(platform_open(&options, &view.platform), 0);
    look(&view);
    assert_non_null(find_inode(&view, 4711)); // not twice
    for (size_t i = 0; i < view.sample.socket_count; i++) {
        const struct raw_socket *const socket = &view.sample.sockets[i];
        if (socket->protocol == SOCKET_UNIX) {
            str_addf(ret, "%llu:%.*s%s ", (unsigned long long)socket->inode, (int)socket->path.len,
                     socket->path.len ? socket->path.ptr : "",
                     socket->state == SOCKET_STATE_UNKNOWN ? "?" : "");
        }
    }
    platform_close(view.platform);
    arena_destroy(view.arena);
}

static void a_row_that_may_be_part_of_a_name_must_be_held(void **state)
{
    (void)state;
    static const struct {
        const char *text, *listed;
    } rows[] = {
        {ROW "50 /a\n" ROW "51 /b\n", "50:/a "},
        {ROW "50 /a\n" ROW "20882 /b\n", "50:/a 20882:/b "},
        {ROW "50 /a\n" ROW "51\n" ROW "52 /c\n", "50:/a "}, // there may be two of them
        {ROW "50 /a\n" ROW "51\n" ROW "52 /cccccccccc\n", "50:/a 52:/cccccccccc "}, // too long
        {ROW "50 \n" ROW "51 /b\n", "50: "},
        {ROW "50\n" ROW "51 /b\n", "50: 51:/b "}, // without a name there is no part of one
        {ROW "50 /" FIFTY "\n" ROW "51 /b\n", "50:/" FIFTY " "},
        {ROW "50 /" FIFTY "------\n" ROW "51 /b\n", "50:/" FIFTY "------ "},
        {ROW "50 /" FIFTY "-------\n" ROW "51 /b\n", "50:/" FIFTY "------- 51:/b "},
        {ROW "50 /a\njunk\n" ROW "51 /b\n", "50:/a "},
        {ROW "50 /a\n" FIFTY "-----\n" ROW "51 /b\n", "50:/a 51:/b "},
        {ROW "50 /a\n" ROW "4711 /b\n", "50:/a "}, // that is somebody's connection
        {ROW "20882 /a\n" ROW "20882 /b\n", "20882:/a "},
        {ROW "50 /a\n" ROW "20882 /b\n" FIFTY FIFTY "\n" ROW "20882 /c\n", "50:/a 20882:/c "},
        {ROW "50 /a\n" ROW "20882 /b\n" ROW "20882 /c\n", "50:/a 20882:? "},
        {ROW "50 /a\n" ROW "20882 /b\n" ROW "20882 /b\n", "50:/a 20882:/b "}, // P94
        {ROW "0 /a\n" ROW "0 /b\n", "0:/a "},
        {ROW "0 /" FIFTY FIFTY "\n" ROW "0 /b\n", "0:/b 0:/" FIFTY FIFTY " "},
    };
    char root[TREE_ROOT_BYTES];
    tree_make(root);
    make_recording(root);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char text[1024];
        struct strbuf listed;
        str_init(&listed, text, sizeof(text));
        list_unix(root, rows[i].text, &listed);
        assert_string_equal(text, rows[i].listed);
    }
    tree_remove(root);
}

/* A link of process `pid` as descriptor `fd`. */
static void put_link(const char *root, int pid, int fd, const char *target)
{
    char link[128];
    (void)snprintf(link, sizeof(link), "%s/%d/fd/%d", root, pid, fd);
    assert_int_equal(symlink(target, link), 0);
}

/* More than is read in one scan: the rows come first, and say so. */
static void owners_that_take_long_to_find_come_later(void **state)
{
    (void)state;
    enum { MANY = 42000, EARLY = 100, LATE = 200 };
    char first[128];
    char root[TREE_ROOT_BYTES];
    tree_make(root);
    tree_file(root, "stat", "cpu  1 2 3 4\n");
    tree_dir(root, "100/fd");
    tree_dir(root, "200/fd");
    tree_process(root, &(struct tree_process){.pid = EARLY, .ppid = 1, .start_ticks = 5});
    tree_process(root, &(struct tree_process){.pid = LATE, .ppid = 1, .start_ticks = 6});
    put_link(root, EARLY, 3, "socket:[1000]");
    put_link(root, LATE, 0, "/dev/null");
    put_link(root, LATE, 7, "socket:[1001]");
    (void)snprintf(first, sizeof(first), "%s/%d/fd/0", root, LATE);
    for (int i = 8; i < MANY; i++) { // one link by many names is made faster
        char name[128];
        (void)snprintf(name, sizeof(name), "%s/%d/fd/%d", root, LATE, i);
        assert_int_equal(link(first, name), 0);
    }
    tree_file(root, "net/tcp",
              "   0: 00000000:0001 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 1000"
              "\n   1: 00000000:0002 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 "
              "1001\n   2: 00000000:0003 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 "
              "0 1002\n");
    struct view view = {.arena = arena_create(8 << 20)};
    const struct platform_options options = {.proc_root = root};
    assert_int_equal(platform_open(&options, &view.platform), 0);
    look(&view);
    assert_int_equal(view.sample.socket_count, 3);
    assert_true(find_inode(&view, 1000)->owners_pending); // the latest process is the first
    assert_true(is_held(find_inode(&view, 1001), LATE, 7));
    assert_true(find_inode(&view, 1002)->owners_pending);
    look(&view);
    assert_true(is_held(find_inode(&view, 1000), EARLY, 3));
    assert_true(is_held(find_inode(&view, 1001), LATE, 7));
    assert_int_equal(find_inode(&view, 1002)->owner_count, 0); // nobody does
    for (size_t i = 0; i < view.sample.socket_count; i++) {
        assert_false(view.sample.sockets[i].owners_pending);
    }
    platform_close(view.platform);
    arena_destroy(view.arena);
    tree_remove(root);
}

/* P102: who holds what is remembered. Only some processes are looked through anew in each scan. */
static void what_is_known_is_not_sought_again(void **state)
{
    (void)state;
    enum { PROCESSES = 64, FIRST = 100 };
    char root[TREE_ROOT_BYTES];
    char tcp[PROCESSES * 160] = "";
    char path[64];
    char link[128];
    size_t len = 0;
    tree_make(root);
    tree_file(root, "stat", "cpu  1 2 3 4\n");
    for (int i = 0; i < PROCESSES; i++) {
        const struct tree_process process = {.pid = FIRST + i, .ppid = 1, .start_ticks = 5};
        tree_process(root, &process);
        (void)snprintf(path, sizeof(path), "%d/fd", FIRST + i);
        tree_dir(root, path);
        (void)snprintf(path, sizeof(path), "socket:[%d]", 1000 + i);
        put_link(root, FIRST + i, 3, path);
        len += (size_t)snprintf(tcp + len, sizeof(tcp) - len,
                                "%4d: 00000000:%04X 00000000:0000 0A 00000000:00000000 00:00000000"
                                " 00000000 0 0 %d 1 0\n",
                                i, (unsigned)i + 1, 1000 + i);
    }
    tree_file(root, "net/tcp", "%s", tcp);
    struct view view = {.arena = arena_create(1 << 20)};
    const struct platform_options options = {.proc_root = root};
    assert_int_equal(platform_open(&options, &view.platform), 0);
    look(&view);
    for (int i = 0; i < PROCESSES; i++) { // behind its back
        (void)snprintf(link, sizeof(link), "%s/%d/fd/3", root, FIRST + i);
        assert_int_equal(unlink(link), 0);
        put_link(root, FIRST + i, 3, "socket:[7]");
    }
    size_t held = PROCESSES;
    for (int scan = 0; scan < 80 && held > 0; scan++) {
        look(&view);
        size_t now = 0;
        for (size_t i = 0; i < view.sample.socket_count; i++) {
            now += view.sample.sockets[i].owner_count > 0;
        }
        assert_true(now + 4 >= held); // a sixteenth in one scan
        held = now;
    }
    assert_int_equal(held, 0);
    platform_close(view.platform);
    arena_destroy(view.arena);
    tree_remove(root);
}

/* --- the stage ------------------------------------------------------------------------------- */

/* A network of the test's own, if that is permitted; then nothing else happens in it. */
static void enter_own_network(void)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    if (geteuid() != 0 || unshare(CLONE_NEWNET) < 0) {
        return;
    }
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &request), 0);
    close(fd);
    own_network = true;
}

static int set_stage(void **state)
{
    static struct view view;
    enter_own_network();
    view.arena = arena_create(64 << 20);
    assert_non_null(view.arena);
    assert_int_equal(platform_open(NULL, &view.platform), 0);
    *state = &view;
    return 0;
}

static int clear_stage(void **state)
{
    struct view *const view = view_of(state);
    platform_close(view->platform);
    arena_destroy(view->arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_is_listed_with_both_ends_and_its_listener),
        cmocka_unit_test(bytes_are_counted_exactly),
        cmocka_unit_test(queues_tell_what_waits),
        cmocka_unit_test(a_mapped_address_stays_a_v6_address),
        cmocka_unit_test(datagram_sockets_are_listed),
        cmocka_unit_test(unix_sockets_have_the_names_they_were_given),
        cmocka_unit_test(a_unix_socket_tells_what_it_is_connected_to),
        cmocka_unit_test(all_who_inherited_a_socket_hold_it),
        cmocka_unit_test(a_socket_made_later_is_found_and_one_closed_vanishes),
        cmocka_unit_test(a_socket_passed_on_is_found_in_turn),
        cmocka_unit_test(a_connection_nobody_holds_any_more_has_no_owner),
        cmocka_unit_test(who_may_not_see_the_owner_is_told_so),
        cmocka_unit_test(a_link_local_address_says_on_which_link),
        cmocka_unit_test(no_name_makes_up_a_socket),
        cmocka_unit_test(sockets_are_in_order_and_unique),
        cmocka_unit_test(sockets_are_not_read_unless_asked_for),
        cmocka_unit_test(to_count_tcp_nothing_else_is_read),
        cmocka_unit_test(without_memory_there_are_fewer_sockets_and_no_crash),
        cmocka_unit_test(another_proc_is_read_by_its_files),
        cmocka_unit_test(a_row_that_may_be_part_of_a_name_must_be_held),
        cmocka_unit_test(owners_that_take_long_to_find_come_later),
        cmocka_unit_test(what_is_known_is_not_sought_again),
    };
    return cmocka_run_group_tests(tests, set_stage, clear_stage);
}
