#include "base/arena.h"
#include "check.h"
#include "peer.h"
#include "platform/platform.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Closing connections of the test's own over loopback. Whoever may not, or a kernel that cannot,
 * is told so; then only that is checked.
 */

enum { SOMEBODY = 65534 };

/* Two ends of a connection. */
struct pair {
    int client, server;
    struct socket_id id; // of the client's end
};

static struct net_address address_of(int family, const struct sockaddr_in6 *from)
{
    struct net_address address = {.family = family == AF_INET6 ? 6 : 4};
    if (family == AF_INET6) {
        address.port = ntohs(from->sin6_port);
        memcpy(address.bytes, &from->sin6_addr, 16);
    } else {
        struct sockaddr_in v4;
        memcpy(&v4, from, sizeof(v4));
        address.port = ntohs(v4.sin_port);
        memcpy(address.bytes, &v4.sin_addr, 4);
    }
    return address;
}

static struct socket_id id_of(int fd, int family)
{
    struct socket_id id = {.protocol = SOCKET_TCP};
    struct sockaddr_in6 ends[2];
    socklen_t len = sizeof(ends[0]);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&ends[0], &len), 0);
    len = sizeof(ends[1]);
    assert_int_equal(getpeername(fd, (struct sockaddr *)&ends[1], &len), 0);
    id.local = address_of(family, &ends[0]);
    id.remote = address_of(family, &ends[1]);
    len = sizeof(id.cookie);
    assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_COOKIE, &id.cookie, &len), 0);
    return id;
}

/* False where there is no such loopback. */
static bool connect_pair(int family, struct pair *ret)
{
    struct sockaddr_in6 address = {0};
    address.sin6_family = (sa_family_t)family;
    if (family == AF_INET6) {
        address.sin6_addr = in6addr_loopback;
    } else {
        const struct sockaddr_in v4 = {.sin_family = AF_INET,
                                       .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        memcpy(&address, &v4, sizeof(v4));
    }
    socklen_t len = family == AF_INET6 ? sizeof(address) : sizeof(struct sockaddr_in);
    const int listener = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, len) < 0) {
        close(listener);
        return false;
    }
    assert_int_equal(listen(listener, 1), 0);
    len = sizeof(address);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
    ret->client = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(ret->client, (struct sockaddr *)&address, len), 0);
    ret->server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    assert_true(ret->server >= 0);
    close(listener);
    ret->id = id_of(ret->client, family);
    return true;
}

static void close_pair(const struct pair *pair)
{
    close(pair->client);
    close(pair->server);
}

/* Whether what one end says reaches the other. */
static bool is_connected(const struct pair *pair)
{
    char c = 0;
    return send(pair->client, "x", 1, MSG_NOSIGNAL) == 1 && recv(pair->server, &c, 1, 0) == 1 &&
           c == 'x';
}

static struct platform *open_live(const char *proc_root)
{
    struct platform *platform = NULL;
    assert_int_equal(platform_open(&(struct platform_options){.proc_root = proc_root}, &platform),
                     0);
    return platform;
}

static struct deed_result try_close(const struct socket_id *id)
{
    struct platform *platform = open_live(NULL);
    struct deed_result result;
    platform_close_socket(platform, id, &result);
    platform_close(platform);
    return result;
}

/* False, after a look at what is said, where connections cannot be closed. */
static bool can_close(const struct deed_result *result)
{
    if (result->error == -EPERM) {
        assert_int_equal(result->obstacle, OBSTACLE_CAPABILITY);
        assert_string_equal(result->needs, "CAP_NET_ADMIN");
    } else if (result->error == -EOPNOTSUPP) {
        assert_int_equal(result->obstacle, OBSTACLE_NO_CLOSING);
    } else {
        return true;
    }
    print_message("skipped: connections cannot be closed here\n");
    return false;
}

static void check_family(int family)
{
    struct pair doomed;
    struct pair other;
    if (!connect_pair(family, &doomed) || !connect_pair(family, &other)) {
        print_message("skipped: there is no such loopback\n");
        skip();
    }
    const struct deed_result result = try_close(&doomed.id);
    if (can_close(&result)) {
        char c;
        assert_int_equal(result.error, 0);
        assert_int_equal(recv(doomed.client, &c, 1, 0), -1);
        assert_int_equal(errno, ECONNABORTED);
        assert_int_equal(recv(doomed.server, &c, 1, 0), -1);
        assert_int_equal(errno, ECONNRESET);
        assert_true(is_connected(&other));
        const struct deed_result again = try_close(&doomed.id);
        assert_int_equal(again.error, -ESRCH);
        assert_int_equal(again.obstacle, OBSTACLE_UNKNOWN);
    } else {
        assert_true(is_connected(&doomed));
    }
    close_pair(&doomed);
    close_pair(&other);
}

static void just_the_connection_that_is_meant_is_closed(void **state)
{
    (void)state;
    check_family(AF_INET);
}

static void connections_of_ipv6_are_closed_too(void **state)
{
    (void)state;
    check_family(AF_INET6);
}

static void another_cookie_between_the_same_ends_closes_nothing(void **state)
{
    (void)state;
    struct pair pair;
    assert_true(connect_pair(AF_INET, &pair));
    struct socket_id id = pair.id;
    id.cookie++;
    assert_int_equal(try_close(&id).error, -ESRCH);
    id = pair.id;
    id.cookie ^= UINT64_C(1) << 32; // its other half counts as well
    assert_int_equal(try_close(&id).error, -ESRCH);
    assert_true(is_connected(&pair));
    close_pair(&pair);
}

static void what_is_no_tcp_or_not_sure_is_not_tried(void **state)
{
    (void)state;
    struct pair pair;
    assert_true(connect_pair(AF_INET, &pair));
    struct socket_id id = pair.id;
    id.protocol = SOCKET_UDP;
    assert_int_equal(try_close(&id).error, -EINVAL);
    id = pair.id;
    id.cookie = 0;
    assert_int_equal(try_close(&id).error, -EINVAL);
    id = pair.id;
    id.local.family = 0;
    assert_int_equal(try_close(&id).error, -EINVAL);
    assert_true(is_connected(&pair));
    close_pair(&pair);
}

static void sockets_of_a_recording_are_not_those_of_this_kernel(void **state)
{
    (void)state;
    struct pair pair;
    assert_true(connect_pair(AF_INET, &pair));
    struct platform *platform = open_live("tests/fixtures/proc_server");
    struct deed_result result;
    platform_close_socket(platform, &pair.id, &result);
    platform_close(platform);
    assert_int_equal(result.error, -ENOTSUP);
    assert_int_equal(result.obstacle, OBSTACLE_UNKNOWN);
    assert_true(is_connected(&pair));
    close_pair(&pair);
}

static void who_may_not_is_told_what_it_takes(void **state)
{
    (void)state;
    struct pair pair;
    assert_true(connect_pair(AF_INET, &pair));
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (geteuid() == 0 && setresuid(SOMEBODY, SOMEBODY, SOMEBODY) < 0) {
            _exit(2);
        }
        struct platform *platform = NULL;
        struct deed_result result = {0};
        if (platform_open(&(struct platform_options){0}, &platform) == 0) {
            platform_close_socket(platform, &pair.id, &result);
            platform_close(platform);
        }
        _exit(result.error == -EPERM && result.obstacle == OBSTACLE_CAPABILITY &&
                      result.needs != NULL && strcmp(result.needs, "CAP_NET_ADMIN") == 0
                  ? 0
                  : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_true(is_connected(&pair));
    close_pair(&pair);
}

/* --- other network namespaces ----------------------------------------------------------------- */

/* A process in a network namespace of its own, with both ends of a connection in it. */
static struct peer start_apart(void)
{
    const struct peer peer = peer_start();
    const int64_t result = peer_do(&peer, PEER_OWN_NETWORK, "", 0);
    if (result < 0) {
        peer_end(&peer);
        print_message("no network namespaces here\n");
        skip();
    }
    const int64_t port = peer_do(&peer, PEER_LISTEN, "127.0.0.1", 0);
    assert_true(port > 0);
    assert_int_equal(peer_do(&peer, PEER_CONNECT, "127.0.0.1", (uint64_t)port), 0);
    assert_int_equal(peer_do(&peer, PEER_ACCEPT, "", 0), 0); // this end is the one it uses
    return peer;
}

/* The end it has of the connection, as it is listed; false when no such is. */
static bool find_end(const struct peer *peer, struct socket_id *ret)
{
    struct platform *const platform = open_live(NULL);
    struct arena *const arena = arena_create(64 << 20);
    const struct platform_request request = {.parts = PART_SOCKETS};
    struct raw_sample sample;
    bool found = false;
    assert_int_equal(platform_sample(platform, &request, arena, &sample), 0);
    for (size_t i = 0; i < sample.socket_count && !found; i++) {
        const struct raw_socket *const s = &sample.sockets[i];
        found = s->protocol == SOCKET_TCP && s->state == SOCKET_ESTABLISHED &&
                s->owner_count == 1 && s->owners[0].id.pid == peer->pid;
        if (found) {
            *ret = (struct socket_id){
                .protocol = s->protocol,
                .local = s->local,
                .remote = s->remote,
                .interface = s->interface,
                .netns = s->netns,
                .cookie = s->cookie,
            };
        }
    }
    arena_destroy(arena);
    platform_close(platform);
    return found;
}

/* What comes of sending over its connection, once anything the other end did has arrived. */
static int64_t try_to_send(const struct peer *peer)
{
    (void)poll(NULL, 0, 50);
    return peer_do(peer, PEER_SEND, "", 1);
}

static uint32_t own_namespace(void)
{
    struct stat st;
    assert_int_equal(stat("/proc/thread-self/ns/net", &st), 0);
    return (uint32_t)st.st_ino;
}

static void a_connection_of_a_container_is_closed_and_no_other(void **state)
{
    (void)state;
    const struct peer doomed = start_apart();
    const struct peer other = start_apart();
    const uint32_t ours = own_namespace();
    struct socket_id id = {0};
    struct socket_id bystander = {0};
    assert_true(find_end(&doomed, &id) && find_end(&other, &bystander));
    assert_true(id.netns != 0 && bystander.netns != 0 && id.netns != bystander.netns);
    struct socket_id wrong = id;
    wrong.netns = bystander.netns;
    const struct deed_result astray = try_close(&wrong);
    if (can_close(&astray)) {
        assert_int_equal(astray.error, -ESRCH); // that is not in there
        wrong.netns = 0;
        assert_int_equal(try_close(&wrong).error, -ESRCH); // nor here
        wrong = id;
        wrong.cookie++;
        assert_int_equal(try_close(&wrong).error, -ESRCH);
        assert_int_equal(try_to_send(&doomed), 1);
        assert_int_equal(try_close(&id).error, 0);
        assert_true(try_to_send(&doomed) < 0);
        assert_int_equal(try_close(&id).error, -ESRCH);
    }
    assert_int_equal(try_to_send(&other), 1);
    assert_int_equal(own_namespace(), ours);
    peer_end(&doomed);
    assert_int_equal(try_close(&id).error, -ESRCH); // nothing is left of it
    peer_end(&other);
}

static int without_admin(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};
    if (syscall(SYS_capget, &header, data) < 0) {
        return -errno;
    }
    data[0].permitted &= ~(1u << CAP_SYS_ADMIN);
    data[0].effective &= ~(1u << CAP_SYS_ADMIN);
    return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

/* In a child: what closing comes to once it has given something up. */
static struct deed_result close_with(int (*give_up)(void), const struct socket_id *id)
{
    int line[2];
    struct deed_result result = {0};
    assert_int_equal(pipe(line), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct platform *platform = NULL;
        result.error = give_up();
        if (result.error == 0 && platform_open(&(struct platform_options){0}, &platform) == 0) {
            platform_close_socket(platform, id, &result);
            platform_close(platform);
        }
        result.threads = result.needs != NULL && strcmp(result.needs, "CAP_SYS_ADMIN") == 0;
        _exit(write(line[1], &result, sizeof(result)) == sizeof(result) ? 0 : 1);
    }
    close(line[1]);
    assert_int_equal(read(line[0], &result, sizeof(result)), sizeof(result));
    close(line[0]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    return result;
}

static int drop_privileges(void)
{
    return platform_drop_privileges(true);
}

static void what_perch_keeps_is_enough_to_enter_a_container(void **state)
{
    (void)state;
    const struct peer peer = start_apart();
    struct socket_id id = {0};
    assert_true(find_end(&peer, &id) && id.netns != 0);
    struct deed_result result = close_with(without_admin, &id);
    assert_int_equal(result.error, -EPERM);
    assert_int_equal(result.obstacle, OBSTACLE_CAPABILITY);
    assert_int_equal(result.threads, 1); // it needs CAP_SYS_ADMIN
    assert_int_equal(try_to_send(&peer), 1);
    result = close_with(drop_privileges, &id);
    result.needs = "CAP_NET_ADMIN"; // a pointer of the child's
    if (can_close(&result)) {
        assert_int_equal(result.error, 0);
        assert_true(try_to_send(&peer) < 0);
    }
    peer_end(&peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(just_the_connection_that_is_meant_is_closed),
        cmocka_unit_test(connections_of_ipv6_are_closed_too),
        cmocka_unit_test(another_cookie_between_the_same_ends_closes_nothing),
        cmocka_unit_test(what_is_no_tcp_or_not_sure_is_not_tried),
        cmocka_unit_test(sockets_of_a_recording_are_not_those_of_this_kernel),
        cmocka_unit_test(who_may_not_is_told_what_it_takes),
        cmocka_unit_test(a_connection_of_a_container_is_closed_and_no_other),
        cmocka_unit_test(what_perch_keeps_is_enough_to_enter_a_container),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
