#include "platform/linux/netns.h"
#include "platform/linux/privileges.h"
#include "platform/linux/procfs.h"
#include "platform/linux/sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/capability.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/*
 * Closing a TCP connection from outside, by sock_diag(7). The kernel looks the connection up by
 * both ends and interface, and then compares the cookie, all in one call: what is closed is what
 * was shown, or nothing. One in another network namespace is closed from in there, by a thread that
 * enters the namespace of that inode and ends.
 */

enum {
    CLOSE_WAIT_S = 2,
    ANSWER_BYTES = 1024,
    QUESTION_BYTES = 256,
};

static void put_end(const struct net_address *address, uint32_t words[4], uint16_t *ret_port)
{
    memcpy(words, address->bytes, address->family == 6 ? 16 : 4);
    *ret_port = htons(address->port);
}

static int send_order(struct mnl_socket *netlink, const struct socket_id *socket)
{
    union {
        struct nlmsghdr align;
        char bytes[QUESTION_BYTES];
    } question;
    struct nlmsghdr *const header = mnl_nlmsg_put_header(question.bytes);
    header->nlmsg_type = SOCK_DESTROY;
    header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
    struct inet_diag_req_v2 *const request = mnl_nlmsg_put_extra_header(header, sizeof(*request));
    request->sdiag_family = socket->local.family == 6 ? AF_INET6 : AF_INET;
    request->sdiag_protocol = IPPROTO_TCP;
    request->idiag_states = UINT32_MAX;
    struct inet_diag_sockid *const id = &request->id;
    put_end(&socket->local, id->idiag_src, &id->idiag_sport);
    put_end(&socket->remote, id->idiag_dst, &id->idiag_dport);
    id->idiag_if = socket->interface;
    id->idiag_cookie[0] = (uint32_t)socket->cookie;
    id->idiag_cookie[1] = (uint32_t)(socket->cookie >> 32);
    return mnl_socket_sendto(netlink, header, header->nlmsg_len) < 0 ? -errno : 0;
}

/* The kernel answers with one message: 0 or an error. */
static int read_answer(struct mnl_socket *netlink)
{
    union {
        struct nlmsghdr align;
        char bytes[ANSWER_BYTES];
    } answer;
    ssize_t got;
    do {
        got = mnl_socket_recvfrom(netlink, answer.bytes, sizeof(answer.bytes));
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        return errno == EAGAIN ? -EIO : -errno;
    }
    int result = 0;
    const struct nlmsghdr *const header = &answer.align;
    if (!mnl_nlmsg_ok(header, (int)got) || header->nlmsg_type != NLMSG_ERROR ||
        mnl_nlmsg_get_payload_len(header) < sizeof(result)) {
        return -EBADMSG;
    }
    memcpy(&result, mnl_nlmsg_get_payload(header), sizeof(result));
    return result < 0 ? result : 0;
}

static int order(const struct socket_id *socket)
{
    const struct timeval wait = {.tv_sec = CLOSE_WAIT_S};
    struct mnl_socket *const netlink = mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC);
    if (!netlink) {
        return -errno;
    }
    int error = 0;
    if (setsockopt(mnl_socket_get_fd(netlink), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) < 0 ||
        mnl_socket_bind(netlink, 0, MNL_SOCKET_AUTOPID) < 0) {
        error = -errno;
    }
    error = error ? error : send_order(netlink, socket);
    error = error ? error : read_answer(netlink);
    (void)mnl_socket_close(netlink);
    return error;
}

const char *platform_close_needs(void)
{
    return privileges_have(CAP_NET_ADMIN) ? NULL : "CAP_NET_ADMIN";
}

/* An order for another network namespace. */
struct journey {
    const struct platform *platform;
    const struct socket_id *socket;
    int error;
    bool may_enter; // false: the privilege to do so is missing
};

static void order_there(void *context)
{
    struct journey *const journey = context;
    const uint32_t inode = journey->socket->netns;
    int dir = -1;
    journey->error = netns_find(journey->platform, inode, &dir);
    if (journey->error == 0) {
        journey->error = netns_enter(dir, inode);
        close(dir);
    }
    if (journey->error == -EPERM) {
        journey->may_enter = privileges_have(CAP_SYS_ADMIN);
    }
    journey->error = journey->error ? journey->error : order(journey->socket);
}

static void close_elsewhere(const struct platform *platform, const struct socket_id *socket,
                            struct deed_result *ret)
{
    struct journey journey = {.platform = platform, .socket = socket, .may_enter = true};
    const int error = netns_run(order_there, &journey);
    ret->error = error ? error : journey.error;
    if (!journey.may_enter) {
        ret->obstacle = OBSTACLE_CAPABILITY;
        ret->needs = "CAP_SYS_ADMIN";
    }
}

void platform_close_socket(const struct platform *platform, const struct socket_id *socket,
                           struct deed_result *ret)
{
    *ret = (struct deed_result){0};
    if (!platform->is_live) {
        ret->error = -ENOTSUP;
        return;
    }
    if (socket->protocol != SOCKET_TCP || socket->cookie == 0 ||
        (socket->local.family != 4 && socket->local.family != 6)) {
        ret->error = -EINVAL;
    } else if (socket->netns) {
        close_elsewhere(platform, socket, ret);
    } else {
        ret->error = order(socket);
    }
    if (ret->error == -ENOENT) { // no such ends, or the cookie is another one's
        ret->error = -ESRCH;
    } else if (ret->error == -EOPNOTSUPP) {
        ret->obstacle = OBSTACLE_NO_CLOSING;
    } else if (ret->error == -EPERM && platform_close_needs() != NULL) {
        ret->obstacle = OBSTACLE_CAPABILITY;
        ret->needs = platform_close_needs();
    }
}
