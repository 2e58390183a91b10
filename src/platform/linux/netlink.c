#include "platform/linux/netlink.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

enum {
    NETLINK_BYTES = 32768, // the kernel fills no more in one go
    NETLINK_WAIT_S = 1,
    NETLINK_NEWS_MAX = 256, // taken at a time; the rest is news the next time
};

struct netlink {
    int family;
    unsigned groups;
    bool has_news;
    struct mnl_socket *socket; // NULL after an error that left it in the middle of an answer
    uint32_t port;
    uint32_t sequence;
    union {
        struct nlmsghdr align;
        char bytes[NETLINK_BYTES];
    } buf;
};

/* One dump under way. */
struct dump {
    netlink_take *take;
    void *context;
    bool done;
    bool interrupted;
};

static int open_socket(struct netlink *netlink)
{
    const struct timeval wait = {.tv_sec = NETLINK_WAIT_S};
    struct mnl_socket *const socket = mnl_socket_open2(netlink->family, SOCK_CLOEXEC);
    if (!socket) {
        return -errno;
    }
    // Never to be met: but a scan must not hang whatever a kernel does.
    if (setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) < 0 ||
        mnl_socket_bind(socket, netlink->groups, MNL_SOCKET_AUTOPID) < 0) {
        const int error = -errno;
        (void)mnl_socket_close(socket);
        return error;
    }
    netlink->socket = socket;
    netlink->port = mnl_socket_get_portid(socket);
    netlink->has_news = true; // whatever happened before
    return 0;
}

static void close_socket(struct netlink *netlink)
{
    if (netlink->socket) {
        (void)mnl_socket_close(netlink->socket);
        netlink->socket = NULL;
    }
}

int netlink_open(int family, unsigned groups, struct netlink **ret)
{
    struct netlink *const netlink = malloc(sizeof(*netlink));
    if (!netlink) {
        return -ENOMEM;
    }
    netlink->family = family;
    netlink->groups = groups;
    netlink->socket = NULL;
    netlink->sequence = 0;
    const int error = open_socket(netlink);
    if (error) {
        free(netlink);
        return error;
    }
    *ret = netlink;
    return 0;
}

void netlink_close(struct netlink *netlink)
{
    if (netlink) {
        close_socket(netlink);
        free(netlink);
    }
}

/* The end of a dump, or a refusal, says how it went. */
static int read_result(const struct nlmsghdr *header)
{
    int result = 0;
    if (mnl_nlmsg_get_payload_len(header) >= sizeof(result)) {
        memcpy(&result, mnl_nlmsg_get_payload(header), sizeof(result));
    }
    return result < 0 ? result : 0;
}

static int read_message(struct netlink *netlink, const struct nlmsghdr *header, struct dump *dump)
{
    if (header->nlmsg_pid != netlink->port || header->nlmsg_seq != netlink->sequence) {
        netlink->has_news = true; // an answer to something else, or to nothing
        return 0;
    }
    dump->interrupted |= (header->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
    if (header->nlmsg_type == NLMSG_DONE || header->nlmsg_type == NLMSG_ERROR) {
        dump->done = true;
        return read_result(header);
    }
    return header->nlmsg_type >= NLMSG_MIN_TYPE ? dump->take(dump->context, header) : 0;
}

static int receive(struct netlink *netlink, struct dump *dump)
{
    const ssize_t got = mnl_socket_recvfrom(netlink->socket, &netlink->buf, sizeof(netlink->buf));
    if (got < 0 && errno == ENOBUFS && netlink->groups != 0) {
        netlink->has_news = true; // news were lost; the answer is not
        return 0;
    }
    if (got < 0) {
        return errno == EINTR ? 0 : errno == EAGAIN ? -ETIMEDOUT : -errno;
    }
    int left = (int)got;
    const struct nlmsghdr *header = &netlink->buf.align;
    while (!dump->done && mnl_nlmsg_ok(header, left)) {
        const int error = read_message(netlink, header, dump);
        if (error) {
            return error;
        }
        header = mnl_nlmsg_next(header, &left);
    }
    return got == 0 ? -EBADMSG : 0;
}

int netlink_dump(struct netlink *netlink, struct nlmsghdr *request, netlink_take *take,
                 void *context, bool *ret_interrupted)
{
    struct dump dump = {.take = take, .context = context};
    int error = netlink->socket ? 0 : open_socket(netlink);
    if (error == 0) {
        request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
        request->nlmsg_seq = ++netlink->sequence;
        error = mnl_socket_sendto(netlink->socket, request, request->nlmsg_len) < 0 ? -errno : 0;
    }
    while (error == 0 && !dump.done) {
        error = receive(netlink, &dump);
    }
    if (!dump.done) {
        close_socket(netlink); // the rest of the answer would still come
    }
    *ret_interrupted = dump.interrupted;
    return error;
}

bool netlink_has_news(struct netlink *netlink)
{
    bool has_news = netlink->has_news || !netlink->socket;
    netlink->has_news = false;
    for (int i = 0; netlink->socket && i < NETLINK_NEWS_MAX; i++) {
        if (recv(mnl_socket_get_fd(netlink->socket), &netlink->buf, sizeof(netlink->buf),
                 MSG_DONTWAIT) < 0) {
            if (errno == EAGAIN) {
                break;
            }
            if (errno == EINTR) {
                continue;
            }
        }
        has_news = true; // what it is, the next dump says; an error is for news that were lost
    }
    return has_news;
}

bool netlink_has(const struct nlmsghdr *message, const struct nlattr *attribute)
{
    const char *const end = mnl_nlmsg_get_payload_tail(message);
    return mnl_attr_ok(attribute, (int)(end - (const char *)attribute));
}
