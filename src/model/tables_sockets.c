#include "model/dossier.h"
#include "model/network.h"
#include "model/tables.h"
#include "model/value.h"

#include <string.h>

/* What is said of sockets: one accessor for each column. */

static const char *const protocol_names[SOCKET_PROTOCOL_COUNT] = {
    [SOCKET_TCP] = "tcp",         [SOCKET_MPTCP] = "mptcp", [SOCKET_UDP] = "udp",
    [SOCKET_UDPLITE] = "udplite", [SOCKET_RAW] = "raw",     [SOCKET_UNIX] = "unix",
};

static const char *const state_names[SOCKET_STATE_COUNT] = {
    [SOCKET_STATE_UNKNOWN] = "UNKNOWN", [SOCKET_ESTABLISHED] = "ESTABLISHED",
    [SOCKET_SYN_SENT] = "SYN_SENT",     [SOCKET_SYN_RECV] = "SYN_RECV",
    [SOCKET_FIN_WAIT1] = "FIN_WAIT1",   [SOCKET_FIN_WAIT2] = "FIN_WAIT2",
    [SOCKET_TIME_WAIT] = "TIME_WAIT",   [SOCKET_CLOSE] = "CLOSE",
    [SOCKET_CLOSE_WAIT] = "CLOSE_WAIT", [SOCKET_LAST_ACK] = "LAST_ACK",
    [SOCKET_LISTEN] = "LISTEN",         [SOCKET_CLOSING] = "CLOSING",
};

const char *socket_protocol_name(enum socket_protocol protocol)
{
    return protocol < SOCKET_PROTOCOL_COUNT ? protocol_names[protocol] : "";
}

const char *socket_state_name(enum socket_state state)
{
    return state_names[state < SOCKET_STATE_COUNT ? state : SOCKET_STATE_UNKNOWN];
}

static bool speaks_tcp(const struct connection *c)
{
    return c->protocol == SOCKET_TCP || c->protocol == SOCKET_MPTCP;
}

const char *connection_state_name(const struct connection *connection)
{
    const bool unconnected = connection->state == SOCKET_CLOSE && !speaks_tcp(connection);
    return unconnected ? "UNCONN" : state_names[connection->state];
}

bool connection_is_listening(const struct connection *connection)
{
    if (connection->state == SOCKET_LISTEN) {
        return true;
    }
    if (connection->protocol == SOCKET_UNIX) { // datagrams come to a name: /dev/log
        return connection->state == SOCKET_CLOSE && connection->local_text.bytes > 0;
    }
    return connection->state == SOCKET_CLOSE && !speaks_tcp(connection);
}

bool connection_is_to_loopback(const struct connection *connection)
{
    const char *address = connection->remote_text.ptr;
    return strncmp(address, "127.", strlen("127.")) == 0 ||
           strncmp(address, "[::1]:", strlen("[::1]:")) == 0;
}

static bool is_same_text(struct text a, struct text b)
{
    return a.bytes == b.bytes && memcmp(a.ptr, b.ptr, a.bytes) == 0;
}

bool connection_is_other_end(const struct connection *a, const struct connection *b)
{
    return a != b && a->protocol == b->protocol && b->remote_text.bytes > 0 &&
           is_same_text(a->local_text, b->remote_text) &&
           is_same_text(a->remote_text, b->local_text) &&
           (a->netns == b->netns || !connection_is_to_loopback(a));
}

struct socket_id connection_id(const struct connection *connection)
{
    return (struct socket_id){
        .protocol = connection->protocol,
        .local = connection->local,
        .remote = connection->remote,
        .interface = connection->interface_index,
        .netns = connection->netns,
        .cookie = connection->cookie,
    };
}

static const void *sockets(const struct snapshot *snap, size_t *ret_count)
{
    *ret_count = snap->network == NULL ? 0 : snap->network->connection_count;
    return snap->network == NULL ? NULL : snap->network->connections;
}

/* Likewise, or of a process that has ended those it had. */
static const void *sockets_of_one(const struct snapshot *snap, size_t *ret_count)
{
    if (snap->dossier == NULL || snap->dossier->sockets == NULL) {
        return sockets(snap, ret_count);
    }
    *ret_count = snap->dossier->socket_count;
    return snap->dossier->sockets;
}

static bool is_listening(const void *row)
{
    return connection_is_listening(row);
}

static bool is_connection(const void *row)
{
    return !connection_is_listening(row);
}

/* Cookies are never used again. Without one (/proc/net) the inode has to do, or the two ends. What
 * has no rates stands in this order: the protocols of the network before unix sockets, in whichever
 * namespace they are. */
static struct row_key socket_key(const void *row)
{
    const struct connection *c = row;
    uint64_t b = c->cookie != 0 ? c->cookie : c->inode;
    if (b == 0) {
        b = (uint64_t)c->local.port << 16 | c->remote.port;
        for (size_t i = 0; i < sizeof(c->remote.bytes); i++) {
            b = b * 31 + c->remote.bytes[i] + c->local.bytes[i] * UINT64_C(1099511628211);
        }
    }
    return (struct row_key){
        .a = (uint64_t)c->protocol << 40 | (uint64_t)c->netns << 1 | (c->cookie != 0), .b = b};
}

/* Ports of both ends; of a listener the other one is 0. */
static size_t socket_numbers(const void *row, uint64_t ret[TABLE_NUMBERS_MAX])
{
    const struct connection *c = row;
    ret[0] = c->local.port;
    ret[1] = c->remote.port;
    return 2;
}

static struct proc_id socket_owner_id(const void *row)
{
    const struct connection *c = row;
    return c->owner_count > 0 ? c->owners[0].id : (struct proc_id){.pid = 0};
}

static const struct socket_owner *socket_owners(const void *row, size_t *ret_count)
{
    const struct connection *c = row;
    *ret_count = c->owner_count;
    return c->owners;
}

/* Why nobody is known to hold it. What has no inode (any more) belongs to nobody: the kernel keeps
 * it for itself. */
static enum absent owner_absence(const struct connection *c)
{
    return c->inode == 0       ? ABSENT_NOT_APPLICABLE
           : c->owners_pending ? ABSENT_NOT_READ
           : c->owners_denied  ? ABSENT_DENIED
                               : ABSENT_NOT_APPLICABLE;
}

static struct value no_owner(const struct connection *c)
{
    return value_absent(owner_absence(c));
}

/* Why a figure of TCP is missing: the kernel keeps less of those that are over or about to be. */
static struct value no_tcp(const struct connection *c)
{
    const bool brief = c->state == SOCKET_TIME_WAIT || c->state == SOCKET_SYN_RECV;
    return value_absent(brief ? ABSENT_NOT_APPLICABLE : ABSENT_UNSUPPORTED);
}

static struct value get_protocol(const struct snapshot *snap, const void *row)
{
    const struct connection *c = row;
    (void)snap;
    return table_literal(socket_protocol_name(c->protocol));
}

/* By its name where that is wanted and known. */
static struct value end_value(struct text name, struct text number)
{
    return table_text(name.bytes > 0 ? name : number, ABSENT_NOT_APPLICABLE);
}

static struct value get_local_address(const struct snapshot *snap, const void *row)
{
    const struct connection *c = row;
    (void)snap;
    return table_text(c->local_text, ABSENT_NOT_APPLICABLE);
}

static struct value get_remote_address(const struct snapshot *snap, const void *row)
{
    const struct connection *c = row;
    (void)snap;
    return table_text(c->remote_text, ABSENT_NOT_APPLICABLE);
}

static struct value get_local(const struct snapshot *snap, const void *row)
{
    const struct connection *c = row;
    (void)snap;
    return end_value(c->local_name, c->local_text);
}

/* Of unix sockets one end mostly has no name: then it is the process that tells most. */
static struct value get_peer(const struct connection *c)
{
    return table_text(c->peer, c->peer_inode == 0 ? ABSENT_NOT_APPLICABLE
                               : c->peer_denied   ? ABSENT_DENIED
                                                  : ABSENT_NOT_READ);
}

static struct value get_peer_holder(const struct snapshot *snap, const void *row)
{
    const struct connection *c = row;
    (void)snap;
    return table_text(c->peer_holder, c->peer_inode == 0 ? ABSENT_NOT_APPLICABLE
                                      : c->peer_denied   ? ABSENT_DENIED
                                                         : ABSENT_NOT_READ);
}

static struct value get_remote(const struct snapshot *snap, const void *row)
{
    const struct connection *c = row;
    (void)snap;
    if (c->protocol == SOCKET_UNIX) {
        return get_peer(c);
    }
    return end_value(c->remote_name, c->remote_text);
}

static struct value get_state(const struct snapshot *snap, const void *row)
{
    (void)snap;
    return table_literal(connection_state_name(row));
}

static struct value get_pid(const struct snapshot *snap, const void *row)
{
    const struct connection *c = row;
    (void)snap;
    return c->owner_count == 0 ? no_owner(c) : table_number((uint64_t)c->owners[0].id.pid);
}

static struct value get_name(const struct snapshot *snap, const void *row)
{
    const struct connection *c = row;
    (void)snap;
    return c->owner_count == 0 ? no_owner(c) : table_text(c->name, ABSENT_NOT_READ);
}

static struct value get_user(const struct snapshot *snap, const void *row)
{
    const struct connection *c = row;
    (void)snap;
    if (c->inode == 0) {
        return value_absent(ABSENT_NOT_APPLICABLE);
    }
    return table_text(c->user, ABSENT_UNSUPPORTED);
}

static struct value tcp_rate(const struct connection *c, enum value_kind kind, double rate)
{
    return c->has_tcp ? table_rate(kind, rate, c->has_rate) : no_tcp(c);
}

static struct value get_rx_rate(const struct snapshot *snap, const void *row)
{
    const struct connection *c = row;
    (void)snap;
    return tcp_rate(c, VALUE_BYTE_RATE, c->rx_bytes_per_s);
}

static struct value get_tx_rate(const struct snapshot *snap, const void *row)
{
    const struct connection *c = row;
    (void)snap;
    return tcp_rate(c, VALUE_BYTE_RATE, c->tx_bytes_per_s);
}

static struct value get_rate(const struct snapshot *snap, const void *row)
{
    const struct connection *c = row;
    (void)snap;
    return tcp_rate(c, VALUE_BYTE_RATE, c->rx_bytes_per_s + c->tx_bytes_per_s);
}

static struct value get_rx(const struct snapshot *snap, const void *row)
{
    const struct connection *c = row;
    (void)snap;
    return c->has_tcp ? table_bytes(c->rx_bytes) : no_tcp(c);
}

static struct value get_tx(const struct snapshot *snap, const void *row)
{
    const struct connection *c = row;
    (void)snap;
    return c->has_tcp ? table_bytes(c->tx_bytes) : no_tcp(c);
}

static struct value get_rtt(const struct snapshot *snap, const void *row)
{
    const struct connection *c = row;
    (void)snap;
    if (!c->has_tcp) {
        return no_tcp(c);
    }
    return c->rtt_ns == 0 ? value_absent(ABSENT_NOT_READ) // nothing was acknowledged yet
                          : (struct value){.kind = VALUE_LATENCY, .as.ns = c->rtt_ns};
}

static struct value get_retransmits(const struct snapshot *snap, const void *row)
{
    const struct connection *c = row;
    (void)snap;
    return c->has_tcp ? table_count(c->retransmits) : no_tcp(c);
}

static struct value get_cwnd(const struct snapshot *snap, const void *row)
{
    const struct connection *c = row;
    (void)snap;
    return c->has_tcp ? table_count(c->cwnd) : no_tcp(c);
}

/* Files in /proc tell less of queues than netlink. */
static struct value queue_value(uint32_t queue, struct value (*make)(uint64_t))
{
    return queue == QUEUE_UNKNOWN ? value_absent(ABSENT_UNSUPPORTED) : make(queue);
}

static struct value get_recv_queue(const struct snapshot *snap, const void *row)
{
    const struct connection *c = row;
    (void)snap;
    return queue_value(c->recv_queue, table_bytes);
}

static struct value get_send_queue(const struct snapshot *snap, const void *row)
{
    const struct connection *c = row;
    (void)snap;
    return queue_value(c->send_queue, table_bytes);
}

static struct value get_age(const struct snapshot *snap, const void *row)
{
    const struct connection *c = row;
    (void)snap;
    return c->age_ns == FIGURE_ABSENT
               ? value_absent(ABSENT_NO_INTERVAL)
               : (struct value){.kind = VALUE_AGE, .as.ns = c->age_ns, .at_least = c->is_older};
}

static struct value get_older(const struct snapshot *snap, const void *row)
{
    const struct connection *c = row;
    (void)snap;
    return c->age_ns == FIGURE_ABSENT ? value_absent(ABSENT_NO_INTERVAL)
                                      : table_literal(c->is_older ? "yes" : "no");
}

static struct value get_interface(const struct snapshot *snap, const void *row)
{
    const struct connection *c = row;
    (void)snap;
    // Files in /proc do not tell; what has a cookie is not from there.
    const bool is_told = c->cookie != 0 || c->protocol == SOCKET_UNIX;
    return table_text(c->interface, is_told ? ABSENT_NOT_APPLICABLE : ABSENT_UNSUPPORTED);
}

static struct value get_fd(const struct snapshot *snap, const void *row)
{
    const struct connection *c = row;
    (void)snap;
    return c->owner_count == 0 ? no_owner(c) : table_number((uint64_t)c->owners[0].fd);
}

static struct value get_inode(const struct snapshot *snap, const void *row)
{
    const struct connection *c = row;
    (void)snap;
    return c->inode == 0 ? value_absent(ABSENT_NOT_APPLICABLE) : table_number(c->inode);
}

static struct value get_netns(const struct snapshot *snap, const void *row)
{
    const struct connection *c = row;
    (void)snap;
    return table_text(c->netns_name, ABSENT_NOT_APPLICABLE);
}

/* Where there is one network namespace all rows are in it. */
static bool omits_netns(const struct snapshot *snap, const struct table_column *column)
{
    return column->get == get_netns && (snap->network == NULL || snap->network->netns_count == 0);
}

/* Likewise, and whose they are stands above them all. */
static bool omits_owner(const struct snapshot *snap, const struct table_column *column)
{
    return column->get == get_pid || column->get == get_name || omits_netns(snap, column);
}

static struct value get_owner_count(const struct snapshot *snap, const void *row)
{
    const struct connection *c = row;
    (void)snap;
    const bool is_unknown = c->owner_count == 0 && owner_absence(c) != ABSENT_NOT_APPLICABLE;
    return is_unknown ? no_owner(c) : table_count(c->owner_count);
}

/* clang-format off */
static const struct table_column connection_columns[] = {
    {"protocol", "PROTO", "What the socket speaks", "sock_diag(7)",
        VALUE_TEXT, 5, false, false, false, get_protocol},
    {"local", "LOCAL", "Address and port of this end; of a unix socket its name", "sock_diag(7)",
        VALUE_TEXT, 21, GROWS_KEEP_PORT, false, false, get_local},
    {"remote", "REMOTE", "Address and port of the other end; of a unix socket its name, or else who "
        "holds it, as 812/nginx", "sock_diag(7)",
        VALUE_TEXT, 21, GROWS_KEEP_PORT, false, false, get_remote},
    {"state", "STATE", "State of the connection", "sock_diag(7)",
        VALUE_TEXT, 11, false, false, false, get_state},
    {"pid", "PID", "Process that holds the socket; of several the one with the lowest number",
        "/proc/PID/fd", VALUE_ID, 7, false, false, false, get_pid},
    {"name", "NAME", "Name of that process, and how many more hold the socket", "/proc/PID/stat",
        VALUE_TEXT, 15, false, false, false, get_name},
    {"user", "USER", "User who made the socket", "sock_diag(7)",
        VALUE_TEXT, 9, false, false, false, get_user},
    {"rate", "NET/s", "Bytes a second in both directions; the kernel counts those of TCP only", "tcp_info",
        VALUE_BYTE_RATE, 6, false, true, false, get_rate},
    {"rx_rate", "RX/s", "Bytes received a second, without headers and repetitions",
        "tcp_info.tcpi_bytes_received", VALUE_BYTE_RATE, 6, false, true, false, get_rx_rate},
    {"tx_rate", "TX/s", "Bytes sent a second that the other end has acknowledged",
        "tcp_info.tcpi_bytes_acked", VALUE_BYTE_RATE, 6, false, true, false, get_tx_rate},
    {"peer", "PEER", "Process that has the other end, where that is on this machine, as 812/nginx",
        "sock_diag(7), /proc/PID/fd", VALUE_TEXT, 15, false, false, false, get_peer_holder},
    {"rx", "RX", "Bytes received since the connection was made",
        "tcp_info.tcpi_bytes_received", VALUE_BYTES, 6, false, true, false, get_rx},
    {"tx", "TX", "Bytes sent and acknowledged since the connection was made",
        "tcp_info.tcpi_bytes_acked", VALUE_BYTES, 6, false, true, false, get_tx},
    {"rtt", "RTT", "Time to the other end and back, smoothed", "tcp_info.tcpi_rtt",
        VALUE_LATENCY, 6, false, true, false, get_rtt},
    {"retransmits", "RETR", "Segments sent again since the connection was made",
        "tcp_info.tcpi_total_retrans", VALUE_COUNT, 5, false, true, false, get_retransmits},
    {"cwnd", "CWND", "Segments that may be under way at a time: the congestion window",
        "tcp_info.tcpi_snd_cwnd", VALUE_COUNT, 5, false, true, false, get_cwnd},
    {"recv_queue", "RECVQ", "Bytes received that the process has not read",
        "sock_diag(7)", VALUE_BYTES, 6, false, true, false, get_recv_queue},
    {"send_queue", "SENDQ", "Bytes sent that are not acknowledged",
        "sock_diag(7)", VALUE_BYTES, 6, false, true, false, get_send_queue},
    {"age", "AGE", "Time since perch first saw it; text has > when it may have been there before",
        "perch's own clock", VALUE_AGE, 6, false, true, false, get_age},
    {"interface", "IFACE", "Interface the socket is bound to", "sock_diag(7)",
        VALUE_TEXT, 9, false, false, false, get_interface},
    {"netns", "NETNS", "Network namespace it is in, when that is not ours: container, name or number; "
        "one no process is in (a bare \"ip netns add\") is not seen",
        "/proc/PID/ns/net, /proc/PID/cgroup", VALUE_TEXT, 13, false, false, false, get_netns},
    {"fd", "FD", "Number of its descriptor in the process", "/proc/PID/fd",
        VALUE_ID, 5, false, false, false, get_fd},
    {"local_address", "LOCAL-ADDR", "This end in numbers, also while names are shown",
        "sock_diag(7)", VALUE_TEXT, 21, true, false, true, get_local_address},
    {"remote_address", "REMOTE-ADDR", "The other end in numbers, also while names are shown",
        "sock_diag(7)", VALUE_TEXT, 21, true, false, true, get_remote_address},
    {"older", "OLDER", "Whether it may have been there before perch first saw it, so that its age is at "
        "least what it says", "perch's own clock", VALUE_TEXT, 5, false, false, true, get_older},
    {"inode", "INODE", "Number of the socket", "sock_diag(7)",
        VALUE_ID, 9, false, false, true, get_inode},
    {"owners", "OWNERS", "How many descriptors lead to the socket", "/proc/PID/fd",
        VALUE_COUNT, 6, false, true, true, get_owner_count},
};
/* clang-format on */

enum { CONNECTION_COLUMNS = sizeof(connection_columns) / sizeof(connection_columns[0]) };

const struct table table_connections = {
    .name = "connections",
    .title = "Connections",
    .short_title = "Sockets",
    .help = "Sockets that have a peer, and the processes that hold them",
    .parts = PART_SOCKETS | PART_INTERFACES,
    .columns = connection_columns,
    .column_count = CONNECTION_COLUMNS,
    .sort = 7, // rate
    .row_bytes = sizeof(struct connection),
    .rows = sockets,
    .has = is_connection,
    .key = socket_key,
    .owner = socket_owner_id,
    .owners = socket_owners,
    .omits = omits_netns,
    .numbers = socket_numbers,
    .number = "port",
};

/* Of one process, so nobody has to look in two tables. */
const struct table table_sockets = {
    .name = "sockets",
    .title = "Sockets",
    .short_title = "Sockets",
    .help = "All sockets of a process, those that listen too",
    .parts = PART_SOCKETS | PART_INTERFACES,
    .of_process = true,
    .columns = connection_columns,
    .column_count = CONNECTION_COLUMNS,
    .core = 11, // up to who has the other end
    .sort = 7,  // rate
    .row_bytes = sizeof(struct connection),
    .rows = sockets_of_one,
    .key = socket_key,
    .owner = socket_owner_id,
    .owners = socket_owners,
    .omits = omits_owner,
};

/* --- listening sockets -------------------------------------------------------------------- */

static struct value get_address(const struct snapshot *snap, const void *row)
{
    const struct connection *c = row;
    (void)snap;
    return end_value(c->local_name, c->local_text);
}

static struct value get_port(const struct snapshot *snap, const void *row)
{
    const struct connection *c = row;
    (void)snap;
    return c->local.family == 0 || c->local.port == 0 ? value_absent(ABSENT_NOT_APPLICABLE)
                                                      : table_number(c->local.port);
}

/* Of sockets without connections to accept the queues are bytes. */
static struct value get_waiting(const struct snapshot *snap, const void *row)
{
    const struct connection *c = row;
    (void)snap;
    return c->state == SOCKET_LISTEN ? queue_value(c->recv_queue, table_count)
                                     : value_absent(ABSENT_NOT_APPLICABLE);
}

static struct value get_backlog(const struct snapshot *snap, const void *row)
{
    const struct connection *c = row;
    (void)snap;
    return c->state == SOCKET_LISTEN ? queue_value(c->send_queue, table_count)
                                     : value_absent(ABSENT_NOT_APPLICABLE);
}

static struct value get_fill(const struct snapshot *snap, const void *row)
{
    const struct connection *c = row;
    (void)snap;
    if (c->state != SOCKET_LISTEN) {
        return value_absent(ABSENT_NOT_APPLICABLE);
    }
    if (c->send_queue == QUEUE_UNKNOWN || c->recv_queue == QUEUE_UNKNOWN) {
        return value_absent(ABSENT_UNSUPPORTED);
    }
    const double room = c->send_queue > 0 ? (double)c->send_queue : 1; // even 0 lets one wait
    return table_rate(VALUE_FRACTION, (double)c->recv_queue / room, true);
}

static struct value get_unread(const struct snapshot *snap, const void *row)
{
    const struct connection *c = row;
    (void)snap;
    return c->state == SOCKET_LISTEN ? value_absent(ABSENT_NOT_APPLICABLE)
                                     : queue_value(c->recv_queue, table_bytes);
}

/* The kernel refuses more connections once there are more than may wait. */
static bool backlog_is_full(const void *row)
{
    const struct connection *c = row;
    return c->state == SOCKET_LISTEN && c->recv_queue > 0 && c->recv_queue != QUEUE_UNKNOWN &&
           c->recv_queue >= c->send_queue;
}

/* clang-format off */
static const struct table_column listening_columns[] = {
    {"protocol", "PROTO", "What the socket speaks", "sock_diag(7)",
        VALUE_TEXT, 5, false, false, false, get_protocol},
    {"port", "PORT", "Port it waits on", "sock_diag(7)",
        VALUE_ID, 5, false, false, false, get_port},
    {"address", "ADDRESS", "Address and port it waits on, * for any; of a unix socket its name",
        "sock_diag(7)", VALUE_TEXT, 24, GROWS_KEEP_PORT, false, false, get_address},
    {"state", "STATE", "LISTEN, or UNCONN where there are no connections to accept",
        "sock_diag(7)", VALUE_TEXT, 6, false, false, false, get_state},
    {"pid", "PID", "Process that holds the socket; of several the one with the lowest number",
        "/proc/PID/fd", VALUE_ID, 7, false, false, false, get_pid},
    {"name", "NAME", "Name of that process, and how many more hold the socket", "/proc/PID/stat",
        VALUE_TEXT, 15, false, false, false, get_name},
    {"user", "USER", "User who made the socket", "sock_diag(7)",
        VALUE_TEXT, 9, false, false, false, get_user},
    {"waiting", "WAITING", "Connections that wait to be accepted", "sock_diag(7)",
        VALUE_COUNT, 7, false, true, false, get_waiting},
    {"backlog", "BACKLOG", "How many may wait", "sock_diag(7)",
        VALUE_COUNT, 7, false, true, false, get_backlog},
    {"fill", "FILL%", "How much of the backlog is used; connections are lost when it is full",
        "sock_diag(7)", VALUE_FRACTION, 5, false, true, false, get_fill},
    {"unread", "UNREAD", "Bytes received that the process has not read", "sock_diag(7)",
        VALUE_BYTES, 6, false, true, false, get_unread},
    {"age", "AGE", "Time since perch first saw it; text has > when it may have been there before",
        "perch's own clock", VALUE_AGE, 6, false, true, false, get_age},
    {"interface", "IFACE", "Interface the socket is bound to", "sock_diag(7)",
        VALUE_TEXT, 9, false, false, false, get_interface},
    {"netns", "NETNS", "Network namespace it is in, when that is not ours: container, name or number; "
        "one no process is in (a bare \"ip netns add\") is not seen",
        "/proc/PID/ns/net, /proc/PID/cgroup", VALUE_TEXT, 13, false, false, false, get_netns},
    {"fd", "FD", "Number of its descriptor in the process", "/proc/PID/fd",
        VALUE_ID, 5, false, false, true, get_fd},
    {"local_address", "LOCAL-ADDR", "This end in numbers, also while names are shown",
        "sock_diag(7)", VALUE_TEXT, 21, true, false, true, get_local_address},
    {"older", "OLDER", "Whether it may have been there before perch first saw it, so that its age is at "
        "least what it says", "perch's own clock", VALUE_TEXT, 5, false, false, true, get_older},
    {"inode", "INODE", "Number of the socket", "sock_diag(7)",
        VALUE_ID, 9, false, false, true, get_inode},
    {"owners", "OWNERS", "How many descriptors lead to the socket", "/proc/PID/fd",
        VALUE_COUNT, 6, false, true, true, get_owner_count},
};
/* clang-format on */

enum { LISTENING_COLUMNS = sizeof(listening_columns) / sizeof(listening_columns[0]) };

const struct table table_listening = {
    .name = "listening",
    .title = "Listening",
    .short_title = "Listening",
    .help = "Sockets that wait for others: which port is whose",
    .parts = PART_SOCKETS | PART_INTERFACES,
    .columns = listening_columns,
    .column_count = LISTENING_COLUMNS,
    .core = 8, // up to the connections that wait
    .sort = 1, // port
    .row_bytes = sizeof(struct connection),
    .rows = sockets,
    .has = is_listening,
    .key = socket_key,
    .owner = socket_owner_id,
    .owners = socket_owners,
    .omits = omits_netns,
    .numbers = socket_numbers,
    .number = "port",
    .alarming = backlog_is_full,
};
