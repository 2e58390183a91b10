#include "platform/linux/sockets.h"

#include "platform/linux/parse_net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <linux/unix_diag.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

/*
 * Sockets from the kernel itself, by sock_diag(7). One question is one "dump": a request, and
 * messages until one says that it is done. The kernel writes them while we receive, so nothing
 * queues up, and a list that changes meanwhile is no error unless the kernel says so.
 */

enum {
    NETLINK_BYTES = 32768, // the kernel fills no more in one go
    NETLINK_WAIT_S = 1,
    NETLINK_TRIES = 2,
    NETLINK_PROTOCOL_ATTRIBUTE = 4, // INET_DIAG_REQ_PROTOCOL, since Linux 5.9
    NETLINK_ALL_STATES = 0xfff,
};

struct socket_netlink {
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
    const struct socket_source *source;
    struct socket_list *list;
    bool done;
    bool interrupted; // what was dumped changed in a way that may have hidden something
};

static int open_socket(struct socket_netlink *netlink)
{
    const struct timeval wait = {.tv_sec = NETLINK_WAIT_S};
    struct mnl_socket *const socket = mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC);
    if (!socket) {
        return -errno;
    }
    // Never to be met: but a scan must not hang whatever a kernel does.
    if (setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) < 0 ||
        mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0) {
        const int error = -errno;
        (void)mnl_socket_close(socket);
        return error;
    }
    netlink->socket = socket;
    netlink->port = mnl_socket_get_portid(socket);
    return 0;
}

static void close_socket(struct socket_netlink *netlink)
{
    if (netlink->socket) {
        (void)mnl_socket_close(netlink->socket);
        netlink->socket = NULL;
    }
}

int sockets_netlink_open(struct socket_netlink **ret)
{
    struct socket_netlink *const netlink = malloc(sizeof(*netlink));
    if (!netlink) {
        return -ENOMEM;
    }
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

void sockets_netlink_close(struct socket_netlink *netlink)
{
    if (netlink) {
        close_socket(netlink);
        free(netlink);
    }
}

static void ask_inet(struct nlmsghdr *header, const struct socket_source *source)
{
    // A number that does not fit goes into an attribute. Kernels that do not know that look at
    // the member, where its lower byte would be another protocol's.
    const bool fits = source->kernel_number <= UINT8_MAX;
    struct inet_diag_req_v2 *const request = mnl_nlmsg_put_extra_header(header, sizeof(*request));
    request->sdiag_family = source->family == 6 ? AF_INET6 : AF_INET;
    request->sdiag_protocol = fits ? (uint8_t)source->kernel_number : 0;
    request->idiag_states = NETLINK_ALL_STATES;
    if (source->protocol == SOCKET_TCP) {
        request->idiag_ext = 1u << (INET_DIAG_INFO - 1);
    }
    if (!fits) {
        mnl_attr_put_u32(header, NETLINK_PROTOCOL_ATTRIBUTE, source->kernel_number);
    }
}

static void ask_unix(struct nlmsghdr *header)
{
    struct unix_diag_req *const request = mnl_nlmsg_put_extra_header(header, sizeof(*request));
    request->sdiag_family = AF_UNIX;
    request->udiag_states = NETLINK_ALL_STATES;
    request->udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_RQLEN | UDIAG_SHOW_UID;
}

static int ask(struct socket_netlink *netlink, const struct socket_source *source)
{
    union {
        struct nlmsghdr align;
        char bytes[256];
    } question;
    struct nlmsghdr *const header = mnl_nlmsg_put_header(question.bytes);
    header->nlmsg_type = SOCK_DIAG_BY_FAMILY;
    header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    header->nlmsg_seq = ++netlink->sequence;
    if (source->family) {
        ask_inet(header, source);
    } else {
        ask_unix(header);
    }
    return mnl_socket_sendto(netlink->socket, header, header->nlmsg_len) < 0 ? -errno : 0;
}

/* The cookie as one number; 0 when there is none. */
static uint64_t cookie_of(const uint32_t halves[2])
{
    const uint64_t cookie = (uint64_t)halves[1] << 32 | halves[0];
    return cookie == UINT64_MAX ? 0 : cookie;
}

static bool is_link_local(const struct net_address *address)
{
    return address->family == 6 && address->bytes[0] == 0xfe && (address->bytes[1] & 0xc0) == 0x80;
}

static void set_address(const uint32_t words[4], uint16_t port, uint8_t family, uint32_t interface,
                        struct net_address *ret)
{
    ret->family = family;
    memcpy(ret->bytes, words, family == 6 ? 16 : 4);
    ret->port = ntohs(port);
    ret->scope = is_link_local(ret) ? interface : 0;
}

/* A connection's own SYN and FIN are counted like a byte each. */
static void set_tcp(const struct tcp_info *info, size_t len, struct raw_socket *socket)
{
    enum {
        UP_TO_RECEIVED = offsetof(struct tcp_info, tcpi_bytes_received) + sizeof(uint64_t),
        UP_TO_RETRANS = offsetof(struct tcp_info, tcpi_bytes_retrans) + sizeof(uint64_t),
    };
    // Before Linux 4.1 bytes were not counted. Of a listener nothing is.
    if (len < UP_TO_RECEIVED || socket->state == SOCKET_LISTEN) {
        return;
    }
    const bool has_fin = socket->state == SOCKET_CLOSE_WAIT || socket->state == SOCKET_LAST_ACK ||
                         socket->state == SOCKET_CLOSING;
    socket->has_tcp = true;
    socket->rx_bytes = info->tcpi_bytes_received;
    if (has_fin && socket->rx_bytes > 0) {
        socket->rx_bytes--;
    }
    socket->tx_bytes = info->tcpi_bytes_acked;
    // Since Linux 4.19 payload is counted too, but when sent; each time it is.
    if (len >= UP_TO_RETRANS && info->tcpi_bytes_sent >= info->tcpi_bytes_retrans) {
        const uint64_t once = info->tcpi_bytes_sent - info->tcpi_bytes_retrans;
        socket->tx_bytes = socket->tx_bytes < once ? socket->tx_bytes : once;
    }
    socket->rtt_us = info->tcpi_rtt;
    socket->retransmits = info->tcpi_total_retrans;
    socket->cwnd = info->tcpi_snd_cwnd;
}

/* Copies what the kernel sent of its structure, which may be shorter or longer than ours. */
static void read_tcp(const struct nlattr *attribute, struct raw_socket *socket)
{
    struct tcp_info info = {0};
    const size_t len = mnl_attr_get_payload_len(attribute);
    memcpy(&info, mnl_attr_get_payload(attribute), len < sizeof(info) ? len : sizeof(info));
    set_tcp(&info, len, socket);
}

/* As mnl_attr_for_each() has it. */
static bool has_attribute(const struct nlmsghdr *header, const struct nlattr *attribute)
{
    const char *const end = mnl_nlmsg_get_payload_tail(header);
    return mnl_attr_ok(attribute, (int)(end - (const char *)attribute));
}

static int add_inet(const struct nlmsghdr *header, const struct dump *dump)
{
    if (mnl_nlmsg_get_payload_len(header) < sizeof(struct inet_diag_msg)) {
        return 0;
    }
    const struct inet_diag_msg *const message = mnl_nlmsg_get_payload(header);
    struct raw_socket *const socket = socket_list_next(dump->list);
    if (!socket) {
        return -ENOMEM;
    }
    const struct inet_diag_sockid *const id = &message->id;
    const uint8_t family = message->idiag_family == AF_INET6 ? 6 : 4;
    socket->protocol = dump->source->protocol;
    socket->state = parse_net_state(message->idiag_state);
    set_address(id->idiag_src, id->idiag_sport, family, id->idiag_if, &socket->local);
    set_address(id->idiag_dst, id->idiag_dport, family, id->idiag_if, &socket->remote);
    if (!parse_net_is_somebody(&socket->remote)) {
        socket->remote = (struct net_address){0};
    }
    socket->inode = message->idiag_inode;
    socket->cookie = cookie_of(id->idiag_cookie);
    socket->uid = message->idiag_uid;
    socket->interface = id->idiag_if;
    socket->recv_queue = message->idiag_rqueue;
    socket->send_queue = message->idiag_wqueue;
    const struct nlattr *attribute = mnl_nlmsg_get_payload_offset(header, sizeof(*message));
    for (; has_attribute(header, attribute); attribute = mnl_attr_next(attribute)) {
        if (mnl_attr_get_type(attribute) == INET_DIAG_INFO && socket->protocol == SOCKET_TCP) {
            read_tcp(attribute, socket);
        }
    }
    dump->list->count++;
    return 0;
}

/* A path ends with a NUL that belongs to the address, not to the name; an abstract name does
 * not, and may hold any number of them. */
static int set_path(const struct nlattr *attribute, const struct socket_list *list,
                    struct raw_bytes *ret)
{
    const char *const name = mnl_attr_get_payload(attribute);
    size_t len = mnl_attr_get_payload_len(attribute);
    if (len > 0 && name[0] != '\0') {
        len = strnlen(name, len);
    }
    if (len > 0) {
        ret->ptr = socket_list_copy(list, name, len);
        ret->len = ret->ptr ? (uint32_t)len : 0;
    }
    return len > 0 && !ret->ptr ? -ENOMEM : 0;
}

static int read_unix_attribute(const struct nlattr *attribute, const struct socket_list *list,
                               struct raw_socket *socket)
{
    const size_t len = mnl_attr_get_payload_len(attribute);
    const uint16_t type = mnl_attr_get_type(attribute);
    if (type == UNIX_DIAG_NAME) {
        return set_path(attribute, list, &socket->path);
    }
    if (type == UNIX_DIAG_RQLEN && len >= sizeof(struct unix_diag_rqlen)) {
        struct unix_diag_rqlen queues;
        memcpy(&queues, mnl_attr_get_payload(attribute), sizeof(queues));
        socket->recv_queue = queues.udiag_rqueue;
        socket->send_queue = queues.udiag_wqueue;
    } else if (type == UNIX_DIAG_UID && len >= sizeof(uint32_t)) {
        socket->uid = mnl_attr_get_u32(attribute);
    }
    return 0;
}

static int add_unix(const struct nlmsghdr *header, const struct dump *dump)
{
    if (mnl_nlmsg_get_payload_len(header) < sizeof(struct unix_diag_msg)) {
        return 0;
    }
    const struct unix_diag_msg *const message = mnl_nlmsg_get_payload(header);
    struct raw_socket *const socket = socket_list_next(dump->list);
    if (!socket) {
        return -ENOMEM;
    }
    socket->protocol = SOCKET_UNIX;
    socket->state = parse_net_state(message->udiag_state);
    socket->inode = message->udiag_ino;
    socket->cookie = cookie_of(message->udiag_cookie);
    socket->uid = UINT32_MAX; // before Linux 5.3 nobody says
    const struct nlattr *attribute = mnl_nlmsg_get_payload_offset(header, sizeof(*message));
    for (; has_attribute(header, attribute); attribute = mnl_attr_next(attribute)) {
        const int error = read_unix_attribute(attribute, dump->list, socket);
        if (error) {
            return error;
        }
    }
    dump->list->count++;
    return 0;
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

static int read_message(const struct socket_netlink *netlink, const struct nlmsghdr *header,
                        struct dump *dump)
{
    if (header->nlmsg_pid != netlink->port || header->nlmsg_seq != netlink->sequence) {
        return 0; // an answer to something else
    }
    dump->interrupted |= (header->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
    switch (header->nlmsg_type) {
    case NLMSG_DONE:
        dump->done = true;
        return read_result(header);
    case NLMSG_ERROR:
        dump->done = true;
        return read_result(header);
    case SOCK_DIAG_BY_FAMILY:
        return dump->source->family ? add_inet(header, dump) : add_unix(header, dump);
    default:
        return 0;
    }
}

static int receive(struct socket_netlink *netlink, struct dump *dump)
{
    const ssize_t got = mnl_socket_recvfrom(netlink->socket, &netlink->buf, sizeof(netlink->buf));
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

static int run(struct socket_netlink *netlink, struct dump *dump)
{
    int error = netlink->socket ? 0 : open_socket(netlink);
    if (error == 0) {
        error = ask(netlink, dump->source);
    }
    while (error == 0 && !dump->done) {
        error = receive(netlink, dump);
    }
    if (!dump->done) {
        close_socket(netlink); // the rest of the answer would still come
    }
    return error;
}

int sockets_netlink_read(struct socket_netlink *netlink, const struct socket_source *source,
                         struct socket_list *list)
{
    const size_t before = list->count;
    for (int attempt = 1;; attempt++) {
        struct dump dump = {.source = source, .list = list};
        const int error = run(netlink, &dump);
        // Twice in a row: better what there is than nothing.
        if ((error == 0 && !dump.interrupted) || error == -ENOMEM ||
            (error == 0 && attempt == NETLINK_TRIES)) {
            return error;
        }
        list->count = before;
        if (error) {
            return error;
        }
    }
}
