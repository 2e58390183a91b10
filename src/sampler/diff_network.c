#include "sampler/diff_network.h"

#include "base/address.h"
#include "base/arena.h"
#include "base/str.h"
#include "sampler/cache.h"
#include "sampler/diff.h"
#include "sampler/diff_peers.h"
#include "sampler/diff_protocols.h"
#include "sampler/names.h"
#include "sampler/text.h"

#include <errno.h>
#include <string.h>

enum {
    USERS = 64,      // user names copied once per snapshot
    NAME_BYTES = 64, // of an address or a made-up name
    PATH_BYTES = 512,
    UID_UNKNOWN = -1,
};

/* A user's name already copied into this snapshot. */
struct copied_user {
    bool used;
    uint32_t uid;
    struct text text;
};

struct network_diff {
    const struct raw_sample *before; // NULL: none
    const struct raw_sample *after;
    const struct cache *cache;
    struct arena *arena;
    uint64_t interval_ns;         // 0: no rates
    uint64_t sockets_interval_ns; // likewise of sockets, which are read at a time of their own
    struct text *names;           // of after->procs; ptr NULL: not copied yet
    bool has_sockets_before;
    bool has_all_before; // the sample before has every socket there was
    bool full;           // the arena was too small
    struct copied_user users[USERS];
    struct text *netns_names; // of after->netns
    size_t netns_last;        // the one looked up last
};

static double rate(const struct network_diff *diff, uint64_t before, uint64_t after)
{
    return (double)diff_counter(before, after) * 1e9 / (double)diff->interval_ns;
}

static double socket_rate(const struct network_diff *diff, uint64_t before, uint64_t after)
{
    return (double)diff_counter(before, after) * 1e9 / (double)diff->sockets_interval_ns;
}

/* Bytes from outside, made safe; notices when there was no room. */
static struct text take_text(struct network_diff *diff, const char *ptr, size_t len)
{
    const struct text text = text_from_bytes(diff->arena, ptr, len);
    diff->full |= text.bytes == 0 && len > 0;
    return text;
}

/* --- sockets ------------------------------------------------------------------------------ */

struct socket_mark diff_socket_mark(const struct raw_socket *socket)
{
    return (struct socket_mark){
        .protocol = socket->protocol,
        .netns = socket->netns,
        .has_cookie = socket->cookie != 0,
        .number = socket->cookie != 0 ? socket->cookie : socket->inode,
    };
}

int diff_socket_compare(struct socket_mark a, struct socket_mark b)
{
    if (a.protocol != b.protocol) {
        return a.protocol < b.protocol ? -1 : 1;
    }
    if (a.netns != b.netns) {
        return a.netns < b.netns ? -1 : 1;
    }
    return a.number < b.number ? -1 : a.number > b.number;
}

bool diff_socket_is_same(struct socket_mark a, struct socket_mark b)
{
    return diff_socket_compare(a, b) == 0 && a.number != 0 && a.has_cookie == b.has_cookie;
}

/* One copy of a name for all sockets of a process. */
static struct text proc_name(struct network_diff *diff, struct proc_id id)
{
    const struct raw_proc *const proc =
        proc_id_find(diff->after->procs, diff->after->proc_count, sizeof(*diff->after->procs), id);
    if (proc == NULL) {
        return (struct text){.ptr = ""};
    }
    const ptrdiff_t at = proc - diff->after->procs;
    if (diff->names[at].ptr == NULL) {
        diff->names[at] = take_text(diff, proc->name.ptr, proc->name.len);
    }
    return diff->names[at];
}

static struct text user_name(struct network_diff *diff, uint32_t uid)
{
    if (uid == (uint32_t)UID_UNKNOWN) {
        return (struct text){.ptr = ""};
    }
    struct copied_user *slot = &diff->users[uid % USERS];
    if (slot->used && slot->uid == uid) {
        return slot->text;
    }
    const struct cache_name *name = cache_find_user(diff->cache, uid);
    *slot = (struct copied_user){.used = true, .uid = uid};
    if (name != NULL && name->state == CACHE_FRESH) {
        slot->text = text_copy(diff->arena, name->text);
    } else {
        char bytes[NAME_BYTES];
        struct strbuf buf;
        str_init(&buf, bytes, sizeof(bytes));
        str_addf(&buf, "%u", (unsigned)uid);
        slot->text = take_text(diff, bytes, buf.len);
    }
    return slot->text;
}

/* Interfaces of other namespaces have numbers of their own, which mean none of ours. */
static struct text interface_name(struct network_diff *diff, uint32_t index, bool is_ours)
{
    if (index == 0) {
        return (struct text){.ptr = ""};
    }
    for (size_t i = 0; is_ours && i < diff->after->interface_count; i++) {
        const struct raw_interface *interface = &diff->after->interfaces[i];
        if (interface->index == index) {
            return take_text(diff, interface->name.ptr, interface->name.len);
        }
    }
    char bytes[NAME_BYTES];
    struct strbuf buf;
    str_init(&buf, bytes, sizeof(bytes));
    str_addf(&buf, "#%u", (unsigned)index);
    return take_text(diff, bytes, buf.len);
}

/* Sockets of a namespace mostly follow each other. Those of a list are known. */
static struct text netns_name(struct network_diff *diff, uint32_t inode)
{
    const size_t count = inode == 0 ? 0 : diff->after->netns_count;
    for (size_t i = 0; i < count; i++) {
        const size_t at = (diff->netns_last + i) % count;
        if (diff->after->netns[at].inode == inode) {
            diff->netns_last = at;
            return diff->netns_names[at];
        }
    }
    return (struct text){.ptr = ""};
}

static int copy_netns(struct network_diff *diff, struct network_load *load)
{
    const struct raw_sample *after = diff->after;
    diff->netns_names = arena_alloc(diff->arena, after->netns_count + 1, sizeof(struct text));
    if (diff->netns_names == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < after->netns_count; i++) {
        diff->netns_names[i] = take_text(diff, after->netns[i].name.ptr, after->netns[i].name.len);
        load->netns_uncounted += !after->netns[i].has_counters;
    }
    load->netns_count = after->netns_count;
    load->netns_left_out = after->netns_left_out > 0;
    return 0;
}

static struct text address_text(struct network_diff *diff, const struct net_address *address)
{
    char bytes[ADDRESS_BYTES_MAX];
    struct strbuf buf;
    str_init(&buf, bytes, sizeof(bytes));
    address_add_port(address, &buf);
    return take_text(diff, bytes, buf.len);
}

/* The name of a unix socket is any bytes. Those outside the file system begin with NUL, which is
 * written as "@" by custom. */
static struct text path_text(struct network_diff *diff, struct raw_bytes path)
{
    char bytes[PATH_BYTES];
    const size_t len = path.len < sizeof(bytes) ? path.len : sizeof(bytes);
    if (len == 0 || path.ptr[0] != '\0') {
        return take_text(diff, path.ptr, path.len);
    }
    memcpy(bytes, path.ptr, len);
    for (size_t i = 0; i < len; i++) {
        bytes[i] = (char)(bytes[i] == '\0' ? '@' : bytes[i]);
    }
    return take_text(diff, bytes, len);
}

/* "nginx +3": how many other processes there are; one may hold the socket more than once. */
static struct text owners_name(struct network_diff *diff, const struct socket_owner *owners,
                               uint32_t count)
{
    uint32_t more = 0;
    for (uint32_t i = 1; i < count; i++) {
        more += !proc_id_equal(owners[i].id, owners[i - 1].id);
    }
    if (more == 0 || owners[0].name.bytes == 0) {
        return owners[0].name;
    }
    char bytes[PATH_BYTES];
    struct strbuf buf;
    str_init(&buf, bytes, sizeof(bytes));
    str_add_bytes(&buf, owners[0].name.ptr, owners[0].name.bytes);
    str_addf(&buf, " +%u", (unsigned)more);
    return take_text(diff, bytes, buf.len);
}

static void fill_owners(struct network_diff *diff, const struct raw_socket *raw,
                        struct connection *c)
{
    c->name = (struct text){.ptr = ""};
    c->owners_denied = raw->owners_denied;
    c->owners_pending = raw->owners_pending;
    if (raw->owner_count == 0) {
        return;
    }
    struct socket_owner *owners = arena_alloc(diff->arena, raw->owner_count, sizeof(*owners));
    if (owners == NULL) {
        diff->full = true;
        return;
    }
    for (uint32_t i = 0; i < raw->owner_count; i++) {
        owners[i] = (struct socket_owner){.id = raw->owners[i].id,
                                          .fd = raw->owners[i].fd,
                                          .name = proc_name(diff, raw->owners[i].id)};
    }
    uint32_t first = 0;
    for (uint32_t i = 1; i < raw->owner_count; i++) {
        first = proc_id_compare(owners[i].id, owners[first].id) < 0 ? i : first;
    }
    const struct socket_owner swap = owners[0];
    owners[0] = owners[first];
    owners[first] = swap;
    c->owners = owners;
    c->owner_count = raw->owner_count;
    c->name = owners_name(diff, owners, raw->owner_count);
}

/* An address with what of it has a name: "web.example.com:https", "10.0.0.1:ssh". Empty when
 * nothing has. */
static struct text name_text(struct network_diff *diff, const struct net_address *address,
                             enum socket_protocol protocol)
{
    const struct names *names = cache_find_names(diff->cache);
    if (!names_are_shown(names) || address->family == 0) {
        return (struct text){.ptr = ""};
    }
    const struct text host = names_host(names, address);
    const struct text service = names_service(names, protocol, address->port);
    if (host.bytes == 0 && service.bytes == 0) {
        return (struct text){.ptr = ""};
    }
    char bytes[PATH_BYTES];
    struct strbuf buf;
    str_init(&buf, bytes, sizeof(bytes));
    if (host.bytes > 0) {
        str_add_bytes(&buf, host.ptr, host.bytes);
    } else {
        address_add_bracketed(address, &buf);
    }
    str_add(&buf, ":");
    if (service.bytes > 0) {
        str_add_bytes(&buf, service.ptr, service.bytes);
    } else if (address->port > 0) {
        str_addf(&buf, "%u", (unsigned)address->port);
    } else {
        str_add(&buf, "*");
    }
    return take_text(diff, bytes, buf.len);
}

static void fill_connection(struct network_diff *diff, const struct raw_socket *raw,
                            struct connection *c)
{
    const bool is_unix = raw->protocol == SOCKET_UNIX;
    *c = (struct connection){
        .protocol = raw->protocol,
        .state = raw->state,
        .local = raw->local,
        .remote = raw->remote,
        .local_text = is_unix ? path_text(diff, raw->path) : address_text(diff, &raw->local),
        .remote_text = address_text(diff, &raw->remote),
        .local_name = name_text(diff, &raw->local, raw->protocol),
        .remote_name = name_text(diff, &raw->remote, raw->protocol),
        .inode = raw->inode,
        .cookie = raw->cookie,
        .peer_inode = raw->peer_inode,
        .peer = {.ptr = ""},
        .peer_holder = {.ptr = ""},
        .uid = raw->uid,
        .user = user_name(diff, raw->uid),
        .interface_index = raw->interface,
        .interface = interface_name(diff, raw->interface, raw->netns == 0),
        .netns = raw->netns,
        .netns_name = netns_name(diff, raw->netns),
        .recv_queue = raw->recv_queue,
        .send_queue = raw->send_queue,
        .has_tcp = raw->has_tcp,
        .rx_bytes = raw->rx_bytes,
        .tx_bytes = raw->tx_bytes,
        .rtt_ns = (uint64_t)raw->rtt_us * 1000,
        .retransmits = raw->retransmits,
        .cwnd = raw->cwnd,
        .age_ns = FIGURE_ABSENT,
    };
    fill_owners(diff, raw, c);
}

static void fill_connection_rates(const struct network_diff *diff, const struct raw_socket *before,
                                  const struct raw_socket *after, struct connection *c)
{
    if (diff->sockets_interval_ns == 0 || before->has_tcp != after->has_tcp) {
        return;
    }
    c->has_rate = true;
    c->rx_bytes_per_s = socket_rate(diff, before->rx_bytes, after->rx_bytes);
    c->tx_bytes_per_s = socket_rate(diff, before->tx_bytes, after->tx_bytes);
    c->retransmits_per_s = socket_rate(diff, before->retransmits, after->retransmits);
}

/* Whether the sample before has all sockets of a namespace, and what TCP counts. */
static bool had_netns(const struct network_diff *diff, uint32_t inode)
{
    size_t at = 0;
    while (inode != 0 && at < diff->before->netns_count && diff->before->netns[at].inode != inode) {
        at++;
    }
    return inode == 0 || (at < diff->before->netns_count && diff->before->netns[at].has_counters);
}

/* One that the whole list before did not have was made since, so all it moved, it moved since.
 * By its cookie it cannot be another one's successor. */
static bool is_young(const struct network_diff *diff, const struct raw_socket *after)
{
    return diff->has_all_before && after->cookie != 0 && after->has_tcp &&
           had_netns(diff, after->netns);
}

/* The same socket in the sample before. Both lists are in order; *at is where the search is. */
static const struct raw_socket *find_before(const struct network_diff *diff,
                                            const struct raw_socket *is, size_t *at)
{
    const struct raw_sample *before = diff->before;
    const size_t count = diff->has_sockets_before ? before->socket_count : 0;
    const struct socket_mark id = diff_socket_mark(is);
    while (*at < count && diff_socket_compare(diff_socket_mark(&before->sockets[*at]), id) < 0) {
        ++*at;
    }
    const bool same =
        *at < count && diff_socket_is_same(diff_socket_mark(&before->sockets[*at]), id);
    return same ? &before->sockets[*at] : NULL;
}

/* What goes to an address of the machine's own never reaches a link. */
static bool leads_away(const struct connection *c)
{
    return !connection_is_to_loopback(c) &&
           memcmp(c->local.bytes, c->remote.bytes, sizeof(c->local.bytes)) != 0;
}

static void add_up_tcp(struct network_load *load)
{
    for (size_t i = 0; i < load->connection_count; i++) {
        const struct connection *const c = &load->connections[i];
        if (c->has_tcp && c->has_rate && leads_away(c)) {
            load->tcp_rx_bytes_per_s += c->rx_bytes_per_s;
            load->tcp_tx_bytes_per_s += c->tx_bytes_per_s;
        }
    }
}

static int diff_sockets(struct network_diff *diff, struct network_load *load)
{
    const struct raw_sample *after = diff->after;
    const bool has_before = diff->before != NULL && (diff->before->parts & PART_SOCKETS) != 0;
    struct connection *rows = arena_alloc(diff->arena, after->socket_count + 1, sizeof(*rows));
    diff->names = arena_alloc(diff->arena, after->proc_count + 1, sizeof(*diff->names));
    if (rows == NULL || diff->names == NULL || copy_netns(diff, load) != 0) {
        return -ENOMEM;
    }
    diff->has_sockets_before = has_before;
    diff->has_all_before = has_before && diff->before->socket_error == 0;
    diff->sockets_interval_ns =
        has_before ? diff_interval(diff->before->sockets_ns, after->sockets_ns) : 0;
    size_t old = 0;
    for (size_t i = 0; i < after->socket_count; i++) {
        const struct raw_socket *is = &after->sockets[i];
        fill_connection(diff, is, &rows[i]);
        const struct raw_socket *was = find_before(diff, is, &old);
        if (was != NULL) {
            fill_connection_rates(diff, was, is, &rows[i]);
        } else if (is_young(diff, is)) {
            const struct raw_socket nothing = {.has_tcp = true};
            fill_connection_rates(diff, &nothing, is, &rows[i]);
        }
        const uint64_t first_ns = cache_socket_seen_ns(diff->cache, i);
        if (first_ns != 0 && (has_before || first_ns != after->end_ns)) {
            rows[i].age_ns = diff_counter(first_ns, after->end_ns);
            rows[i].is_older = cache_socket_is_older(diff->cache, i);
        }
    }
    diff->full |= diff_peers(rows, after->socket_count, diff->arena) != 0;
    load->connections = rows;
    load->connection_count = after->socket_count;
    load->socket_error = after->socket_error;
    load->owners_outside = after->owners_outside;
    if (diff->sockets_interval_ns > 0) {
        load->tcp_rx_bytes_per_s = 0;
        load->tcp_tx_bytes_per_s = 0;
        add_up_tcp(load);
    }
    return 0;
}

/* --- interfaces --------------------------------------------------------------------------- */

static bool is_same_bytes(struct raw_bytes a, struct raw_bytes b)
{
    return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

static bool is_kind(const struct raw_interface *raw, const char *kind)
{
    return raw->kind.len == strlen(kind) && memcmp(raw->kind.ptr, kind, raw->kind.len) == 0;
}

/* NULL: it is none of ours. */
static const struct raw_interface *by_index(const struct raw_sample *sample, uint32_t index)
{
    for (size_t i = 0; index != 0 && i < sample->interface_count; i++) {
        if (sample->interfaces[i].index == index) {
            return &sample->interfaces[i];
        }
    }
    return NULL;
}

/*
 * How near an interface is to the wire; 0: it is never in the sums. Only the nearest of those
 * that are up are added up, so each byte that comes in or goes out is in the sums once:
 *
 * 3  hardware. What goes through a bridge, a bond, a VLAN, a tunnel or a container's veth goes
 *    through hardware as well, when it leaves the machine. Hardware that is a member of other
 *    hardware (the virtual function behind a Hyper-V adapter) is counted in that.
 * 2  without hardware, in a container: what has its other end outside, a veth, macvlan or VLAN.
 * 1  without either: what sits on nothing we know (a tap device of a rootless container).
 */
static int nearness(const struct raw_sample *sample, const struct raw_interface *raw)
{
    static const char *const hubs[] = {"bridge", "bond", "team", "dummy", "ifb", "vrf"};
    if (raw->unknown || !raw->up || raw->loopback) {
        return 0;
    }
    const struct raw_interface *master = by_index(sample, raw->master);
    if (raw->kind.len == 0) {
        return master != NULL && master->kind.len == 0 ? 0 : 3;
    }
    for (size_t i = 0; i < sizeof(hubs) / sizeof(hubs[0]); i++) {
        if (is_kind(raw, hubs[i])) {
            return 0;
        }
    }
    if (master != NULL || (raw->lower != 0 && by_index(sample, raw->lower) != NULL)) {
        return 0;
    }
    if (raw->foreign_peer || raw->lower != 0) {
        return 2;
    }
    return is_kind(raw, "veth") ? 0 : 1;
}

static void fill_interface(struct network_diff *diff, const struct raw_interface *raw,
                           struct interface_load *load)
{
    *load = (struct interface_load){
        .name = take_text(diff, raw->name.ptr, raw->name.len),
        .kind = take_text(diff, raw->kind.ptr, raw->kind.len),
        .address = take_text(diff, raw->address.ptr, raw->address.len),
        .unknown = raw->unknown,
        .index = raw->index,
        .mtu = raw->mtu,
        .up = raw->up,
        .running = raw->running,
        .loopback = raw->loopback,
        .speed_bits = raw->speed_bits,
        .rx_bytes = raw->rx_bytes,
        .tx_bytes = raw->tx_bytes,
        .rx_packets = raw->rx_packets,
        .tx_packets = raw->tx_packets,
        .rx_errors = raw->rx_errors,
        .tx_errors = raw->tx_errors,
        .rx_drops = raw->rx_drops,
        .tx_drops = raw->tx_drops,
        .utilisation = -1,
    };
}

static void fill_interface_rates(const struct network_diff *diff,
                                 const struct raw_interface *before,
                                 const struct raw_interface *after, struct interface_load *load)
{
    if (diff->interval_ns == 0) {
        return;
    }
    load->has_rate = true;
    load->rx_bytes_per_s = rate(diff, before->rx_bytes, after->rx_bytes);
    load->tx_bytes_per_s = rate(diff, before->tx_bytes, after->tx_bytes);
    load->rx_packets_per_s = rate(diff, before->rx_packets, after->rx_packets);
    load->tx_packets_per_s = rate(diff, before->tx_packets, after->tx_packets);
    load->errors_per_s = rate(diff, before->rx_errors, after->rx_errors) +
                         rate(diff, before->tx_errors, after->tx_errors);
    load->drops_per_s = rate(diff, before->rx_drops, after->rx_drops) +
                        rate(diff, before->tx_drops, after->tx_drops);
    if (after->speed_bits != FIGURE_ABSENT && after->speed_bits > 0) {
        const double busier = load->rx_bytes_per_s > load->tx_bytes_per_s ? load->rx_bytes_per_s
                                                                          : load->tx_bytes_per_s;
        const double share = busier * 8 / (double)after->speed_bits;
        load->utilisation = share < 1 ? share : 1;
    }
}

/* The same one in the sample before; both are in order, *at is where the search is. One whose index
 * was not known in both is found by its name. Errors: NULL: none. */
static const struct raw_interface *find_interface_before(const struct raw_sample *before,
                                                         const struct raw_interface *is, size_t *at)
{
    while (*at < before->interface_count && before->interfaces[*at].index < is->index) {
        ++*at;
    }
    if (is->index != 0 && *at < before->interface_count &&
        before->interfaces[*at].index == is->index) {
        return &before->interfaces[*at];
    }
    for (size_t i = 0; i < before->interface_count; i++) {
        const struct raw_interface *was = &before->interfaces[i];
        if ((is->index == 0 || was->index == 0) && is_same_bytes(was->name, is->name)) {
            return was;
        }
    }
    return NULL;
}

/* The sums are known once one of those counted has a rate. */
static void add_up(const struct raw_sample *after, struct interface_load *rows,
                   struct network_load *load)
{
    int nearest = 1;
    for (size_t i = 0; i < after->interface_count; i++) {
        const int near = nearness(after, &after->interfaces[i]);
        nearest = near > nearest ? near : nearest;
    }
    for (size_t i = 0; i < after->interface_count; i++) {
        rows[i].counted = nearness(after, &after->interfaces[i]) == nearest;
        if (rows[i].counted && rows[i].has_rate) {
            const bool first = load->rx_bytes_per_s < 0;
            load->rx_bytes_per_s = (first ? 0 : load->rx_bytes_per_s) + rows[i].rx_bytes_per_s;
            load->tx_bytes_per_s = (first ? 0 : load->tx_bytes_per_s) + rows[i].tx_bytes_per_s;
        }
    }
}

static int diff_interfaces(struct network_diff *diff, struct network_load *load)
{
    const struct raw_sample *after = diff->after;
    const bool has_before = diff->before != NULL && (diff->before->parts & PART_INTERFACES) != 0;
    struct interface_load *rows =
        arena_alloc(diff->arena, after->interface_count + 1, sizeof(*rows));
    if (rows == NULL) {
        return -ENOMEM;
    }
    size_t old = 0;
    for (size_t i = 0; i < after->interface_count; i++) {
        const struct raw_interface *is = &after->interfaces[i];
        const struct raw_interface *was =
            has_before ? find_interface_before(diff->before, is, &old) : NULL;
        fill_interface(diff, is, &rows[i]);
        if (was != NULL) {
            fill_interface_rates(diff, was, is, &rows[i]);
        }
    }
    add_up(after, rows, load);
    load->interfaces = rows;
    load->interface_count = after->interface_count;
    load->interfaces_pending = after->interfaces_pending;
    return 0;
}

/* --- protocols ---------------------------------------------------------------------------- */

static bool is_same_counter(const struct raw_protocol_counter *a,
                            const struct raw_protocol_counter *b)
{
    return is_same_bytes(a->name, b->name) && is_same_bytes(a->group, b->group);
}

/* It nearly always is where it was. Errors: NULL. */
static const struct raw_protocol_counter *counter_before(const struct network_diff *diff, size_t at)
{
    const struct raw_sample *before = diff->before;
    const struct raw_protocol_counter *is = &diff->after->counters[at];
    if (before == NULL || (before->parts & PART_PROTOCOLS) == 0) {
        return NULL;
    }
    if (at < before->counter_count && is_same_counter(&before->counters[at], is)) {
        return &before->counters[at];
    }
    for (size_t i = 0; i < before->counter_count; i++) {
        if (is_same_counter(&before->counters[i], is)) {
            return &before->counters[i];
        }
    }
    return NULL;
}

static int diff_counters(struct network_diff *diff, struct network_load *load)
{
    const struct raw_sample *after = diff->after;
    struct protocol_counter *rows =
        arena_alloc(diff->arena, after->counter_count + PROTOCOL_STATES, sizeof(*rows));
    if (rows == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < after->counter_count; i++) {
        const struct raw_protocol_counter *is = &after->counters[i];
        const struct raw_protocol_counter *was = counter_before(diff, i);
        rows[i] = (struct protocol_counter){
            .group = take_text(diff, is->group.ptr, is->group.len),
            .name = take_text(diff, is->name.ptr, is->name.len),
            .value = is->value,
            .is_gauge = is->is_gauge,
            .has_rate = was != NULL && diff->interval_ns > 0 && !is->is_gauge,
            .share = -1,
        };
        rows[i].per_s = rows[i].has_rate ? rate(diff, was->value, is->value) : 0;
    }
    protocols_find_shares(rows, after->counter_count);
    load->counters = rows;
    load->counter_count = after->counter_count;
    if ((after->parts & PART_SOCKET_STATES) != 0) {
        protocols_count_states(after, rows + after->counter_count);
        load->counter_count += PROTOCOL_STATES;
    }
    return 0;
}

int diff_network(const struct raw_sample *before, const struct raw_sample *after,
                 const struct cache *cache, uint64_t interval_ns, struct arena *arena,
                 const struct network_load **ret)
{
    const unsigned parts = after->parts & (PART_SOCKETS | PART_INTERFACES | PART_PROTOCOLS);
    if (parts == 0) {
        *ret = NULL;
        return 0;
    }
    struct network_load *load = arena_alloc(arena, 1, sizeof(*load));
    if (load == NULL) {
        return -ENOMEM;
    }
    *load = (struct network_load){.parts = parts,
                                  .rx_bytes_per_s = -1,
                                  .tx_bytes_per_s = -1,
                                  .tcp_rx_bytes_per_s = -1,
                                  .tcp_tx_bytes_per_s = -1};
    struct network_diff diff = {
        .before = before,
        .after = after,
        .cache = cache,
        .arena = arena,
        .interval_ns = interval_ns,
    };
    int error = (parts & PART_SOCKETS) != 0 ? diff_sockets(&diff, load) : 0;
    if (error == 0 && (parts & PART_INTERFACES) != 0) {
        error = diff_interfaces(&diff, load);
    }
    if (error == 0 && (parts & PART_PROTOCOLS) != 0) {
        error = diff_counters(&diff, load);
    }
    if (error < 0 || diff.full) {
        return -ENOMEM;
    }
    *ret = load;
    return 0;
}
