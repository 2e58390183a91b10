#include "base/arena.h"
#include "check.h"
#include "model/network.h"
#include "model/plan.h"
#include "peer.h"
#include "platform/platform.h"
#include "sampler/scan.h"
#include "tree.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * What two processes send each other, as the sampler tells it; in our network namespace, and in
 * others that the test makes. And many sockets, as `ss` tells them.
 */

enum {
    DOWN = 7000001, // bytes from the server to the client
    UP = 300017,    // and back
    LOOKS = 100,    // at most until what was sent is acknowledged
    PAUSE_NS = 50000000,
    SOCKETS_EACH = 125, // of eight kinds
};

/* The sampler without a thread. */
struct view {
    struct platform *platform;
    struct scan *scan;
    struct arena *arena;
    struct snapshot *snap;
};

static void look(struct view *view)
{
    const struct plan plan = {.interval_ns = 1000000000, .want = FACT_SOCKETS};
    arena_reset(view->arena);
    assert_int_equal(scan_take(view->scan, &plan), 0);
    assert_int_equal(scan_build(view->scan, view->arena, &view->snap), 0);
    assert_non_null(view->snap->network);
}

static const struct proc *process(const struct view *view, pid_t pid)
{
    const struct proc *const proc = snapshot_find_pid(view->snap, pid);
    assert_non_null(proc);
    assert_true((proc->have & FACT_SOCKETS) != 0);
    return proc;
}

/* The one TCP connection of a process; NULL when it has none. */
static const struct connection *connection_of(const struct view *view, pid_t pid)
{
    const struct network_load *const load = view->snap->network;
    const struct connection *found = NULL;
    for (size_t i = 0; i < load->connection_count; i++) {
        const struct connection *const c = &load->connections[i];
        if (c->protocol == SOCKET_TCP && c->state == SOCKET_ESTABLISHED && c->owner_count == 1 &&
            c->owners[0].id.pid == pid) {
            assert_null(found);
            found = c;
        }
    }
    return found;
}

static bool is_within(double is, double should)
{
    return is >= should * 0.99 && is <= should * 1.01;
}

static bool has_moved(const struct view *view, pid_t pid, double rx, double tx)
{
    const struct proc *const proc = process(view, pid);
    return is_within((double)proc->net.rx_bytes, rx) && is_within((double)proc->net.tx_bytes, tx);
}

static void rest(void)
{
    (void)nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
}

static void expect_moved(const struct view *view, pid_t pid, double rx, double tx)
{
    const struct connection *const c = connection_of(view, pid);
    assert_non_null(c);
    assert_true(c->has_tcp);
    assert_true(is_within((double)c->rx_bytes, rx));
    assert_true(is_within((double)c->tx_bytes, tx));
    assert_true(has_moved(view, pid, rx, tx));
    assert_false(process(view, pid)->net.is_uncounted);
}

/* Connects the two over an address of the server's. */
static void join(const struct peer *server, const struct peer *client, const char *address)
{
    const int64_t port = peer_do(server, PEER_LISTEN, address, 0);
    assert_true(port > 0);
    assert_int_equal(peer_do(client, PEER_CONNECT, address, (uint64_t)port), 0);
    assert_int_equal(peer_do(server, PEER_ACCEPT, "", 0), 0);
}

/* Moves bytes in both directions, and finds them with both processes and both connections. */
static void transfer(struct view *view, const struct peer *server, const struct peer *client)
{
    peer_tell(server, PEER_SEND, "", DOWN);
    assert_int_equal(peer_do(client, PEER_RECEIVE, "", DOWN), DOWN);
    assert_int_equal(peer_answer(server), DOWN);
    peer_tell(client, PEER_SEND, "", UP);
    assert_int_equal(peer_do(server, PEER_RECEIVE, "", UP), UP);
    assert_int_equal(peer_answer(client), UP);
    look(view);
    for (int i = 0; i < LOOKS && !(has_moved(view, server->pid, UP, DOWN) &&
                                   has_moved(view, client->pid, DOWN, UP));
         i++) {
        rest();
        look(view);
    }
    expect_moved(view, server->pid, UP, DOWN);
    expect_moved(view, client->pid, DOWN, UP);
}

static void need_counters(struct view *view, const struct peer *peer)
{
    look(view);
    const struct connection *const c = connection_of(view, peer->pid);
    if (c != NULL && !c->has_tcp) {
        print_message("netlink is not permitted or not built in\n");
        skip();
    }
}

static void bytes_over_loopback_are_those_of_both_processes(void **state)
{
    static const char *const addresses[] = {"127.0.0.1", "::1"};
    struct view *const view = *state;
    for (size_t i = 0; i < sizeof(addresses) / sizeof(*addresses); i++) {
        const struct peer server = peer_start();
        const struct peer client = peer_start();
        join(&server, &client, addresses[i]);
        need_counters(view, &server);
        transfer(view, &server, &client);
        assert_int_equal(connection_of(view, server.pid)->netns, 0);
        assert_int_equal(process(view, server.pid)->net.sockets, 3); // with the test's own line
        peer_end(&server);
        peer_end(&client);
    }
}

/* --- other namespaces ------------------------------------------------------------------------- */

static struct peer start_apart(void)
{
    const struct peer peer = peer_start();
    const int64_t result = peer_do(&peer, PEER_OWN_NETWORK, "", 0);
    if (result < 0) {
        peer_end(&peer);
        print_message("no network namespaces here: %s\n", strerrordesc_np((int)-result));
        skip();
    }
    return peer;
}

static uint32_t own_namespace(void)
{
    struct stat st;
    assert_int_equal(stat("/proc/thread-self/ns/net", &st), 0);
    return (uint32_t)st.st_ino;
}

static int count_fds(void)
{
    DIR *const dir = opendir("/proc/self/fd");
    int count = 0;
    assert_non_null(dir);
    while (readdir(dir) != NULL) {
        count++;
    }
    closedir(dir);
    return count;
}

static void bytes_over_a_cable_between_two_namespaces_are_counted(void **state)
{
    static const char *const addresses[] = {"10.99.0.2", "fd99::2"};
    struct view *const view = *state;
    const struct peer client = start_apart();
    const struct peer server = start_apart();
    char command[256];
    (void)snprintf(command, sizeof(command),
                   "ip link add pv0 type veth peer name pv1 netns %d && ip link set pv0 up && "
                   "ip addr add 10.99.0.1/24 dev pv0 && ip addr add fd99::1/64 dev pv0 nodad",
                   (int)server.pid);
    if (peer_do(&client, PEER_RUN, command, 0) != 0 ||
        peer_do(&server, PEER_RUN,
                "ip link set pv1 up && ip addr add 10.99.0.2/24 dev pv1 && "
                "ip addr add fd99::2/64 dev pv1 nodad",
                0) != 0) {
        peer_end(&client);
        peer_end(&server);
        print_message("no veth, or no ip command\n");
        skip();
    }
    for (size_t i = 0; i < sizeof(addresses) / sizeof(*addresses); i++) {
        join(&server, &client, addresses[i]);
        need_counters(view, &server);
        transfer(view, &server, &client);
        const struct connection *const a = connection_of(view, client.pid);
        const struct connection *const b = connection_of(view, server.pid);
        assert_true(a->netns != 0 && b->netns != 0 && a->netns != b->netns);
        assert_true(a->netns_name.bytes > 0 && b->netns_name.bytes > 0);
        assert_true(view->snap->network->netns_count >= 2);
        if (i == 0) { // each has one connection at a time
            assert_int_equal(peer_do(&client, PEER_CLOSE, "", 0), 0);
            assert_int_equal(peer_do(&server, PEER_CLOSE, "", 0), 0);
        }
    }
    peer_end(&client);
    peer_end(&server);
}

/* P08: sockets of a process in another network namespace are not in our /proc/net. */
static void looking_into_a_namespace_leaves_no_trace(void **state)
{
    struct view *const view = *state;
    look(view);
    const int fds = count_fds();
    const uint32_t ours = own_namespace();
    const struct peer peer = start_apart();
    assert_true(peer_do(&peer, PEER_LISTEN, "127.0.0.1", 0) > 0);
    look(view);
    const struct network_load *const load = view->snap->network;
    size_t listeners = 0;
    for (size_t i = 0; i < load->connection_count; i++) {
        const struct connection *const c = &load->connections[i];
        listeners += c->owner_count == 1 && c->owners[0].id.pid == peer.pid && c->netns != 0 &&
                     c->state == SOCKET_LISTEN;
    }
    assert_int_equal(listeners, 1);
    assert_int_equal(own_namespace(), ours);
    assert_int_equal(count_fds(), fds + 1); // the line to the peer: nothing keeps the namespace
    const size_t count = load->netns_count;
    peer_end(&peer);
    look(view);
    assert_int_equal(view->snap->network->netns_count, count - 1);
}

/* In a child a failed expectation is its exit status: the line it is in. */
static void expect(bool claim, int line)
{
    if (!claim) {
        (void)fprintf(stderr, "line %d\n", line);
        _exit(1);
    }
}

static void drop_admin(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};
    expect(syscall(SYS_capget, &header, data) == 0, __LINE__);
    data[0].permitted &= ~(1u << CAP_SYS_ADMIN);
    data[0].effective &= ~(1u << CAP_SYS_ADMIN);
    expect(syscall(SYS_capset, &header, data) == 0, __LINE__);
}

static void without_the_right_to_enter_a_namespace_its_files_are_read(void **state)
{
    struct view *const view = *state;
    const struct peer server = start_apart();
    assert_true(peer_do(&server, PEER_LISTEN, "127.0.0.1", 0) > 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        drop_admin();
        look(view);
        const struct network_load *const load = view->snap->network;
        bool found = false;
        for (size_t i = 0; i < load->connection_count; i++) {
            const struct connection *const c = &load->connections[i];
            found |= c->owner_count == 1 && c->owners[0].id.pid == server.pid && c->netns != 0 &&
                     c->state == SOCKET_LISTEN;
        }
        expect(found, __LINE__);
        expect(load->netns_uncounted > 0, __LINE__);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    peer_end(&server);
}

/* --- many sockets, as ss tells them ----------------------------------------------------------- */

/* Opens one; every number is one of eight kinds. Returns its descriptor. */
static int open_kind(unsigned number, const char *dir)
{
    static const char *const hosts[] = {"127.0.0.1", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1"};
    static const char *const tails[] = {" with space", "\nline", "\xff\xfe", " 0: 1 2\n00 "};
    const unsigned kind = number % 8;
    struct sockaddr_storage address = {0};
    socklen_t len = sizeof(struct sockaddr_in6);
    if (kind >= 6) {
        struct sockaddr_un *const local = (struct sockaddr_un *)&address;
        local->sun_family = AF_UNIX;
        const int bytes =
            snprintf(local->sun_path, sizeof(local->sun_path), "%s%s/s%u%s", kind == 7 ? "@" : "",
                     kind == 7 ? "perch-test" : dir, number, tails[number / 8 % 4]);
        local->sun_path[0] = (char)(kind == 7 ? '\0' : local->sun_path[0]);
        len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)bytes);
    } else {
        const char *const host = hosts[kind == 5 ? number / 8 % 5 : kind % 5];
        struct sockaddr_in *const four = (struct sockaddr_in *)&address;
        struct sockaddr_in6 *const six = (struct sockaddr_in6 *)&address;
        const bool is_four = inet_pton(AF_INET, host, &four->sin_addr) == 1;
        address.ss_family = is_four ? AF_INET : AF_INET6;
        len = is_four ? sizeof(*four) : sizeof(*six);
        assert_true(is_four || inet_pton(AF_INET6, host, &six->sin6_addr) == 1);
    }
    const int type = kind == 5 ? SOCK_DGRAM : SOCK_STREAM;
    const int fd = socket(address.ss_family, type | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) < 0) {
        return -errno;
    }
    return type == SOCK_STREAM && listen(fd, 3) < 0 ? -errno : fd;
}

static uint64_t inode_of(int fd)
{
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    return st.st_ino;
}

/* P12: each socket has all its holders, and P06, P07, P100: whatever its name. */
static const struct connection *expect_ours(const struct view *view, uint64_t inode, int fd)
{
    const struct network_load *const load = view->snap->network;
    for (size_t i = 0; i < load->connection_count; i++) {
        const struct connection *const c = &load->connections[i];
        if (c->inode == inode) {
            assert_int_equal(c->owner_count, 1);
            assert_int_equal(c->owners[0].id.pid, getpid());
            assert_int_equal(c->owners[0].fd, fd);
            assert_true(connection_is_listening(c));
            return c;
        }
    }
    fail();
    return NULL;
}

/* "0.0.0.0:80" and "[::]:80" are "*:80"; "[::ffff:127.0.0.1]:80" is shown as IPv4. */
static void normalise(char *address)
{
    static const char mapped[] = "[::ffff:";
    char *port = strrchr(address, ':');
    if (strncmp(address, mapped, sizeof(mapped) - 1) == 0 && port != NULL && port[-1] == ']') {
        memmove(port - 1, port, strlen(port) + 1);
        memmove(address, address + sizeof(mapped) - 1, strlen(address + sizeof(mapped) - 1) + 1);
        port = strrchr(address, ':');
    }
    assert_non_null(port);
    const size_t len = (size_t)(port - address);
    if ((len == 7 && memcmp(address, "0.0.0.0", len) == 0) ||
        (len == 4 && memcmp(address, "[::]", len) == 0)) {
        address[0] = '*';
        memmove(address + 1, port, strlen(port) + 1);
    }
}

/* One line of ss about a socket of ours. False: it is another's. */
static bool compare_line(const struct view *view, const char *line)
{
    char mine[32];
    char type[16];
    char local[128];
    (void)snprintf(mine, sizeof(mine), "pid=%d,fd=", (int)getpid());
    const char *const owner = strstr(line, mine);
    const char *const inode = strstr(line, " ino:");
    if (owner == NULL || inode == NULL) {
        return false;
    }
    assert_int_equal(sscanf(line, "%15s %*s %*s %*s %127s", type, local), 2);
    normalise(local);
    const struct connection *const c = expect_ours(view, strtoull(inode + 5, NULL, 10),
                                                   (int)strtol(owner + strlen(mine), NULL, 10));
    assert_string_equal(type, c->protocol == SOCKET_UDP ? "udp" : "tcp");
    char listed[128];
    (void)snprintf(listed, sizeof(listed), "%s", c->local_text.ptr);
    normalise(listed);
    assert_string_equal(local, listed);
    return true;
}

static size_t compare_with_ss(const struct view *view)
{
    char line[1024];
    size_t count = 0;
    FILE *const ss = popen("exec ss -H -tulpen", "re");
    assert_non_null(ss);
    while (fgets(line, sizeof(line), ss) != NULL) {
        count += compare_line(view, line);
    }
    assert_int_equal(pclose(ss), 0);
    return count;
}

static void a_thousand_sockets_agree_with_ss(void **state)
{
    static int fds[8 * SOCKETS_EACH];
    struct view *const view = *state;
    const struct rlimit limit = {.rlim_cur = 4096, .rlim_max = 4096};
    char dir[TREE_ROOT_BYTES];
    tree_make(dir);
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    for (unsigned i = 0; i < 8 * SOCKETS_EACH; i++) {
        fds[i] = open_kind(i, dir);
        assert_true(fds[i] >= 0);
    }
    look(view);
    for (unsigned i = 0; i < 8 * SOCKETS_EACH; i++) {
        const struct connection *const c = expect_ours(view, inode_of(fds[i]), fds[i]);
        assert_int_equal(c->protocol == SOCKET_UNIX, i % 8 >= 6);
        assert_null(strchr(c->local_text.ptr, '\n'));
        assert_true(c->local_text.bytes > 0);
    }
    const struct proc *const self = process(view, getpid());
    assert_true(self->net.sockets >= 8 * SOCKETS_EACH);
    const bool has_ss = system("command -v ss >/dev/null 2>&1") == 0;
    const size_t agreed = has_ss ? compare_with_ss(view) : 0;
    for (unsigned i = 0; i < 8 * SOCKETS_EACH; i++) {
        close(fds[i]);
    }
    tree_remove(dir);
    if (!has_ss) {
        print_message("no ss command to compare with\n");
        skip();
    }
    assert_int_equal(agreed, 6 * SOCKETS_EACH); // all of the internet's
}

/* --- the stage -------------------------------------------------------------------------------- */

static int set_stage(void **state)
{
    static struct view view;
    view.arena = arena_create(64 << 20);
    assert_non_null(view.arena);
    assert_int_equal(platform_open(NULL, &view.platform), 0);
    assert_int_equal(scan_create(view.platform, NULL, 64 << 20, &view.scan), 0);
    *state = &view;
    return 0;
}

static int clear_stage(void **state)
{
    struct view *const view = *state;
    scan_destroy(view->scan);
    platform_close(view->platform);
    arena_destroy(view->arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_over_loopback_are_those_of_both_processes),
        cmocka_unit_test(bytes_over_a_cable_between_two_namespaces_are_counted),
        cmocka_unit_test(looking_into_a_namespace_leaves_no_trace),
        cmocka_unit_test(without_the_right_to_enter_a_namespace_its_files_are_read),
        cmocka_unit_test(a_thousand_sockets_agree_with_ss),
    };
    return cmocka_run_group_tests(tests, set_stage, clear_stage);
}
