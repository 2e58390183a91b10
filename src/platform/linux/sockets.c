#include "platform/linux/sockets.h"

#include "platform/linux/netlink.h"
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
#include <string.h>
#include <sys/socket.h>

/*
 * Sockets from the kernel itself, by sock_diag(7). A list that changes while it is dumped is no
 * error unless the kernel says so.
 */

enum {
    NETLINK_TRIES = 2,
    NETLINK_PROTOCOL_ATTRIBUTE = 4, // INET_DIAG_REQ_PROTOCOL, since Linux 5.9
    NETLINK_ALL_STATES = 0xfff,
};

/* One dump under way. */
struct dump {
    const struct socket_source *source;
    struct socket_list *list;
};

int sockets_netlink_open(struct netlink **ret)
{
    return netlink_open(NETLINK_SOCK_DIAG, 0, ret);
}

void sockets_netlink_close(struct netlink *netlink)
{
    netlink_close(netlink);
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

/* The elder question tells of both families at once. The table of all connections, mostly empty
 * and as large as the machine's memory wants it, is gone through once in place of twice. */
static void ask_both(struct nlmsghdr *header)
{
    struct inet_diag_req *const request = mnl_nlmsg_put_extra_header(header, sizeof(*request));
    header->nlmsg_type = TCPDIAG_GETSOCK;
    request->idiag_states = NETLINK_ALL_STATES;
    request->idiag_ext = 1u << (INET_DIAG_INFO - 1);
}

static void ask_unix(struct nlmsghdr *header)
{
    struct unix_diag_req *const request = mnl_nlmsg_put_extra_header(header, sizeof(*request));
    request->sdiag_family = AF_UNIX;
    request->udiag_states = NETLINK_ALL_STATES;
    request->udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER | UDIAG_SHOW_RQLEN | UDIAG_SHOW_UID;
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
    for (; netlink_has(header, attribute); attribute = mnl_attr_next(attribute)) {
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
    } else if (type == UNIX_DIAG_PEER && len >= sizeof(uint32_t)) {
        socket->peer_inode = mnl_attr_get_u32(attribute);
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
    socket->recv_queue = QUEUE_UNKNOWN;
    socket->send_queue = QUEUE_UNKNOWN;
    const struct nlattr *attribute = mnl_nlmsg_get_payload_offset(header, sizeof(*message));
    for (; netlink_has(header, attribute); attribute = mnl_attr_next(attribute)) {
        const int error = read_unix_attribute(attribute, dump->list, socket);
        if (error) {
            return error;
        }
    }
    dump->list->count++;
    return 0;
}

static int take_message(void *context, const struct nlmsghdr *header)
{
    const struct dump *const dump = context;
    if (header->nlmsg_type != SOCK_DIAG_BY_FAMILY && header->nlmsg_type != TCPDIAG_GETSOCK) {
        return 0;
    }
    return dump->source->family ? add_inet(header, dump) : add_unix(header, dump);
}

static int run(struct netlink *netlink, struct dump *dump, bool *ret_interrupted)
{
    union {
        struct nlmsghdr align;
        char bytes[256];
    } question;
    struct nlmsghdr *const header = mnl_nlmsg_put_header(question.bytes);
    header->nlmsg_type = SOCK_DIAG_BY_FAMILY;
    if (dump->source->is_both) {
        ask_both(header);
    } else if (dump->source->family) {
        ask_inet(header, dump->source);
    } else {
        ask_unix(header);
    }
    return netlink_dump(netlink, header, take_message, dump, ret_interrupted);
}

int sockets_netlink_read(struct netlink *netlink, const struct socket_source *source,
                         struct socket_list *list)
{
    const size_t before = list->count;
    for (int attempt = 1;; attempt++) {
        struct dump dump = {.source = source, .list = list};
        bool interrupted = false;
        const int error = run(netlink, &dump, &interrupted);
        // Twice in a row: better what there is than nothing.
        if ((error == 0 && !interrupted) || error == -ENOMEM ||
            (error == 0 && attempt == NETLINK_TRIES)) {
            return error;
        }
        list->count = before;
        if (error) {
            return error;
        }
    }
}
