#include "base/facts.h"
#include "base/str.h"
#include "platform/linux/netdev.h"
#include "platform/linux/procfs.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * What interfaces are, their state and address, from rtnetlink(7). Where there is no netlink it is
 * sysfs and getifaddrs(3). The /sys mounted may show another network namespace than ours, even
 * with the same names. It is believed only if it has just the interfaces that /proc/net/dev has.
 * Speeds are in sysfs alone, and drivers are asked for them.
 */

#define NET_DIR "class/net"

enum { PREFIX_UNKNOWN = UINT8_MAX };

/* --- finding rows ----------------------------------------------------------------------- */

static int compare_names(const void *a, const void *b)
{
    const struct netdev_slow *const x = *(struct netdev_slow *const *)a;
    const struct netdev_slow *const y = *(struct netdev_slow *const *)b;
    return strcmp(x->name, y->name);
}

static int compare_indexes(const void *a, const void *b)
{
    const struct netdev_slow *const x = *(struct netdev_slow *const *)a;
    const struct netdev_slow *const y = *(struct netdev_slow *const *)b;
    return (x->index > y->index) - (x->index < y->index);
}

typedef int row_order(const void *a, const void *b);

static void sort_rows(const struct netdev_rows *rows, row_order *order)
{
    if (rows->count > 0) { // else there is nothing allocated either
        qsort(rows->order, rows->count, sizeof(*rows->order), order);
    }
}

/* The row that is equal in this order, by which the rows are sorted now. */
static struct netdev_slow *find_row(const struct netdev_rows *rows, struct netdev_slow *key,
                                    row_order *order)
{
    if (rows->count == 0) {
        return NULL;
    }
    struct netdev_slow **const found =
        bsearch(&key, rows->order, rows->count, sizeof(*rows->order), order);
    return found ? *found : NULL;
}

struct netdev_slow *netdev_find(const struct netdev_rows *rows, const char *name)
{
    struct netdev_slow key = {0};
    const size_t len = strlen(name);
    if (len == 0 || len >= sizeof(key.name)) {
        return NULL;
    }
    memcpy(key.name, name, len);
    return find_row(rows, &key, compare_names);
}

static struct netdev_slow *find_index(const struct netdev_rows *rows, uint32_t index)
{
    struct netdev_slow key = {.index = index};
    return find_row(rows, &key, compare_indexes);
}

/* --- addresses -------------------------------------------------------------------------- */

static unsigned count_bits(const uint8_t *mask, size_t size)
{
    unsigned bits = 0;
    for (size_t i = 0; i < size; i++) {
        bits += (unsigned)__builtin_popcount(mask[i]);
    }
    return bits;
}

/* The address in a socket address of either family, *ret_size bytes. */
static const uint8_t *address_bytes(const struct sockaddr *socket, size_t *ret_size)
{
    if (socket->sa_family == AF_INET) {
        *ret_size = sizeof(struct in_addr);
        return (const uint8_t *)socket + offsetof(struct sockaddr_in, sin_addr);
    }
    *ret_size = sizeof(struct in6_addr);
    return (const uint8_t *)socket + offsetof(struct sockaddr_in6, sin6_addr);
}

/* Takes the address if it says more than the one there is: IPv4, else global IPv6, else any. */
static void take_address(struct netdev_slow *row, const struct link_address *address)
{
    enum { LINK_LOCAL = 1, GLOBAL6, V4 };
    char text[INET6_ADDRSTRLEN];
    const bool is_local = address->bytes[0] == 0xfe && (address->bytes[1] & 0xc0) == 0x80;
    const unsigned rank = address->family == AF_INET ? V4 : is_local ? LINK_LOCAL : GLOBAL6;
    if (rank <= row->rank || !inet_ntop(address->family, address->bytes, text, sizeof(text))) {
        return;
    }
    struct strbuf buf;
    str_init(&buf, row->address, sizeof(row->address));
    str_add(&buf, text);
    if (address->prefix_bits != PREFIX_UNKNOWN) {
        str_addf(&buf, "/%u", address->prefix_bits);
    }
    row->rank = rank;
}

static void take_entry(struct netdev_slow *row, const struct ifaddrs *entry)
{
    size_t size = 0;
    const int family = entry->ifa_addr->sa_family;
    const struct sockaddr *const netmask = entry->ifa_netmask;
    const uint8_t *const mask =
        netmask && netmask->sa_family == family ? address_bytes(netmask, &size) : NULL;
    struct link_address address = {
        .family = family,
        .prefix_bits = mask ? count_bits(mask, size) : PREFIX_UNKNOWN,
    };
    address.bytes = address_bytes(entry->ifa_addr, &size);
    take_address(row, &address);
}

/* What the C library knows of the interfaces of our own namespace. */
static void read_addresses(const struct netdev_rows *rows)
{
    struct ifaddrs *list = NULL;
    if (getifaddrs(&list) < 0) {
        return; // no netlink here
    }
    for (const struct ifaddrs *entry = list; entry; entry = entry->ifa_next) {
        struct netdev_slow *const row = netdev_find(rows, entry->ifa_name);
        if (!row || !entry->ifa_addr) {
            continue;
        }
        const int family = entry->ifa_addr->sa_family;
        if (family == AF_PACKET) {
            const struct sockaddr_ll *const link = (const void *)entry->ifa_addr;
            row->index = (uint32_t)link->sll_ifindex;
            row->loopback = (entry->ifa_flags & IFF_LOOPBACK) != 0;
            row->up = (entry->ifa_flags & IFF_UP) != 0;
            row->running = (entry->ifa_flags & IFF_RUNNING) != 0;
        } else if (family == AF_INET || family == AF_INET6) {
            take_entry(row, entry);
        }
    }
    freeifaddrs(list);
}

/* --- believing sysfs -------------------------------------------------------------------- */

static bool is_dots(const char *name)
{
    return str_equal(name, ".") || str_equal(name, "..");
}

/* True when sysfs has the interfaces of /proc/net/dev and no others; rows are sorted by name. */
static bool same_interfaces(int sys_fd, const struct netdev_rows *rows)
{
    if (sys_fd < 0) {
        return false;
    }
    const int fd = openat(sys_fd, NET_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    char buf[8192];
    struct procfs_list list = {.fd = fd, .buf = buf, .size = sizeof(buf)};
    const char *name;
    size_t found = 0;
    bool same = true;
    while (same && procfs_list_next(&list, &name) > 0) {
        if (!is_dots(name) && !str_equal(name, "bonding_masters")) {
            same = netdev_find(rows, name) != NULL;
            found++;
        }
    }
    close(fd);
    return same && found == rows->count;
}

/* --- netlink ---------------------------------------------------------------------------- */

static void take_link(void *context, const struct link *link)
{
    const struct netdev_rows *const rows = context;
    struct netdev_slow *const row = netdev_find(rows, link->name);
    if (!row) {
        return; // made after the counters were read
    }
    memcpy(row->kind, link->kind, sizeof(row->kind));
    row->index = link->index;
    row->iflink = link->iflink;
    row->master = link->master;
    row->mtu = link->mtu;
    row->type = link->type;
    row->up = link->up;
    row->running = link->running;
    row->loopback = link->loopback;
    row->foreign_peer = link->foreign;
    row->hardware = link->has_parent;
    row->is_doubtful = !link->has_parent && !link->tells_parent;
}

static void take_link_address(void *context, const struct link_address *address)
{
    struct netdev_slow *const row = find_index(context, address->index);
    if (row) {
        take_address(row, address);
    }
}

/* What has neither a kind nor a parent may be hardware of a kernel that does not tell. */
static void settle_kind(int sys_fd, struct netdev_slow *row, bool has_sys)
{
    if (row->loopback || row->index == 0) {
        return;
    }
    if (row->is_doubtful) {
        row->hardware = has_sys ? netdev_is_hardware(sys_fd, row->name) : *row->kind == '\0';
    }
    if (row->hardware) {
        *row->kind = '\0';
    } else if (*row->kind == '\0') {
        netdev_kind_by_type(row->type, row->kind);
    }
}

/* True when netlink told all; else some of it. */
static bool read_links(struct netdev_look *look)
{
    struct netdev_rows *const rows = &look->rows;
    if (!look->netlink && links_open(&look->netlink)) {
        return false;
    }
    (void)links_have_changed(look->netlink); // from here on is what counts
    if (links_read(look->netlink, take_link, rows)) {
        return false;
    }
    bool is_doubtful = false;
    for (size_t i = 0; i < rows->count; i++) {
        is_doubtful |= rows->items[i].is_doubtful;
    }
    const bool has_sys = is_doubtful && same_interfaces(look->sys_fd, rows);
    for (size_t i = 0; i < rows->count; i++) {
        settle_kind(look->sys_fd, &rows->items[i], has_sys);
    }
    sort_rows(rows, compare_indexes);
    (void)links_read_addresses(look->netlink, take_link_address, rows); // then there are none
    return true;
}

/* --- all of it --------------------------------------------------------------------------------- */

/*
 * The other end of a veth, or what a VLAN sits on, is told by an index. Only netlink says in which
 * namespace that is, and old kernels do not. A number that exists here may belong to another
 * interface there, but then that one does not point back.
 */
static void link_row(const struct netdev_look *look, struct netdev_slow *row)
{
    if (row->foreign_peer || row->iflink == 0 || row->iflink == row->index) {
        return;
    }
    const struct netdev_slow *const other = find_index(&look->rows, row->iflink);
    const bool is_veth = str_equal(row->kind, "veth");
    if (is_veth && other && look->rows.has_sys && netdev_sits_on(look->sys_fd, row, other)) {
        struct strbuf kind;
        str_init(&kind, row->kind, sizeof(row->kind));
        str_add(&kind, "macvlan"); // which does not say what it is either
        row->lower = row->iflink;
    } else if (is_veth) {
        row->foreign_peer = !other || other->iflink != row->index;
    } else if (other) {
        row->lower = row->iflink;
    } else {
        row->foreign_peer = true; // a VLAN given to a container
    }
}

static void read_sysfs(struct netdev_look *look)
{
    struct netdev_rows *const rows = &look->rows;
    if (look->is_live) {
        read_addresses(rows);
    }
    rows->has_sys = look->sys_fd >= 0 && (!look->is_live || same_interfaces(look->sys_fd, rows));
    for (size_t i = 0; rows->has_sys && i < rows->count; i++) {
        if (*rows->items[i].name != '\0') {
            netdev_read_sys(look->sys_fd, &rows->items[i]);
        }
    }
}

/* Takes over of what was known of these names what need not, or cannot, be read again. */
static void keep_old(struct netdev_rows *rows, const struct netdev_rows *old)
{
    const bool knows = rows->has_links || rows->has_sys;
    for (size_t i = 0; i < rows->count; i++) {
        struct netdev_slow *const row = &rows->items[i];
        const struct netdev_slow *const was = netdev_find(old, row->name);
        if (!was) {
            continue;
        }
        if (!knows) {
            *row = *was; // descriptors ran out
        } else if (rows->has_links && was->index == row->index && was->running == row->running) {
            row->has_speed = was->has_speed;
            row->speed_bits = was->speed_bits;
        }
    }
}

/* A speed is asked for once, when the interface came up anew, and else now and then. */
static void read_speeds(struct netdev_look *look)
{
    struct netdev_rows *const rows = &look->rows;
    const bool has_sys = rows->has_links ? same_interfaces(look->sys_fd, rows) : rows->has_sys;
    for (size_t i = 0; i < rows->count; i++) {
        struct netdev_slow *const row = &rows->items[i];
        if (look->all_speeds || !row->has_speed) {
            row->speed_bits =
                has_sys ? netdev_read_speed(look->sys_fd, row) : (uint64_t)FIGURE_ABSENT;
            row->has_speed = true;
        }
    }
}

void netdev_look(struct netdev_look *look)
{
    struct netdev_rows *const rows = &look->rows;
    sort_rows(rows, compare_names);
    rows->has_links = look->is_live && read_links(look);
    if (!rows->has_links) {
        sort_rows(rows, compare_names);
        read_sysfs(look);
    }
    keep_old(rows, &look->old);
    sort_rows(rows, compare_indexes);
    for (size_t i = 0; i < rows->count; i++) {
        link_row(look, &rows->items[i]);
    }
    sort_rows(rows, compare_names);
    if (look->speeds) {
        read_speeds(look);
    }
}

/* --- rows ------------------------------------------------------------------------------------ */

int netdev_rows_create(size_t count, struct netdev_rows *ret)
{
    *ret = (struct netdev_rows){
        .items = calloc(count + 1, sizeof(*ret->items)),
        .order = calloc(count + 1, sizeof(struct netdev_slow *)),
    };
    if (!ret->items || !ret->order) {
        netdev_rows_finish(ret);
        return -ENOMEM;
    }
    ret->count = count;
    for (size_t i = 0; i < count; i++) {
        ret->order[i] = &ret->items[i];
        ret->items[i].speed_bits = FIGURE_ABSENT;
    }
    return 0;
}

int netdev_rows_copy(const struct netdev_rows *rows, struct netdev_rows *ret)
{
    const int error = netdev_rows_create(rows->count, ret);
    if (error == 0 && rows->count > 0) {
        memcpy(ret->items, rows->items, rows->count * sizeof(*rows->items));
        sort_rows(ret, compare_names);
    }
    return error;
}

void netdev_rows_finish(struct netdev_rows *rows)
{
    free(rows->items);
    free(rows->order);
    *rows = (struct netdev_rows){0};
}
