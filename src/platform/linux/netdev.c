#include "platform/linux/netdev.h"

#include "base/arena.h"
#include "base/str.h"
#include "platform/linux/parse_netdev.h"
#include "platform/linux/parts.h"

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
 * Network interfaces and protocol counters. Counters come from /proc/net/dev, which takes no
 * lock, at every scan. What an interface is, its state and address come from rtnetlink(7). That
 * waits for the lock under which interfaces are configured, which a driver may hold for long, so
 * it is kept and read again when the kernel tells of a change, or after PROCFS_REFRESH_SCANS.
 *
 * Where there is no netlink it is sysfs and getifaddrs(3). The /sys mounted may show another
 * network namespace than ours, even with the same names. It is believed only if it has just the
 * interfaces that /proc/net/dev has. Speeds are in sysfs alone, and drivers are asked for them, so
 * they are read only for who shows them.
 */

#define NET_DIR "class/net"

enum { PREFIX_UNKNOWN = UINT8_MAX };

/* Kept between scans: as many rows as /proc/net/dev had, in its order. */
struct netdev_cache {
    struct netdev_slow *rows;   // heap
    struct netdev_slow **order; // heap; the same, sorted as was last needed
    size_t count;
    uint64_t scan;           // in which it was read
    uint64_t speed_scan;     // in which all speeds were
    bool has_sys;            // the rest is from sysfs, which is that of our namespace
    bool has_links;          // it is from netlink
    struct netlink *netlink; // NULL: none
};

void netdev_cache_destroy(struct netdev_cache *cache)
{
    if (cache) {
        free(cache->rows);
        free(cache->order);
        links_close(cache->netlink);
        free(cache);
    }
}

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

static void sort_rows(const struct netdev_cache *cache, row_order *order)
{
    if (cache->count > 0) { // else there is nothing allocated either
        qsort(cache->order, cache->count, sizeof(*cache->order), order);
    }
}

/* The row that is equal in this order, by which the rows are sorted now. */
static struct netdev_slow *find_row(const struct netdev_cache *cache, struct netdev_slow *key,
                                    row_order *order)
{
    if (cache->count == 0) {
        return NULL;
    }
    struct netdev_slow **const found =
        bsearch(&key, cache->order, cache->count, sizeof(*cache->order), order);
    return found ? *found : NULL;
}

static struct netdev_slow *find_name(const struct netdev_cache *cache, const char *name)
{
    struct netdev_slow key = {0};
    const size_t len = strlen(name);
    if (len == 0 || len >= sizeof(key.name)) {
        return NULL;
    }
    memcpy(key.name, name, len);
    return find_row(cache, &key, compare_names);
}

static struct netdev_slow *find_index(const struct netdev_cache *cache, uint32_t index)
{
    struct netdev_slow key = {.index = index};
    return find_row(cache, &key, compare_indexes);
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
static void read_addresses(const struct netdev_cache *cache)
{
    struct ifaddrs *list = NULL;
    if (getifaddrs(&list) < 0) {
        return; // no netlink here
    }
    for (const struct ifaddrs *entry = list; entry; entry = entry->ifa_next) {
        struct netdev_slow *const row = find_name(cache, entry->ifa_name);
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
static bool same_interfaces(const struct platform *platform, const struct netdev_cache *cache)
{
    if (platform->sys_fd < 0) {
        return false;
    }
    const int fd = openat(platform->sys_fd, NET_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
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
            same = find_name(cache, name) != NULL;
            found++;
        }
    }
    close(fd);
    return same && found == cache->count;
}

/* --- netlink ---------------------------------------------------------------------------- */

static void take_link(void *context, const struct link *link)
{
    const struct netdev_cache *const cache = context;
    struct netdev_slow *const row = find_name(cache, link->name);
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
static void settle_kind(const struct platform *platform, struct netdev_slow *row, bool has_sys)
{
    if (row->loopback || row->index == 0) {
        return;
    }
    if (row->is_doubtful) {
        row->hardware =
            has_sys ? netdev_is_hardware(platform->sys_fd, row->name) : *row->kind == '\0';
    }
    if (row->hardware) {
        *row->kind = '\0';
    } else if (*row->kind == '\0') {
        netdev_kind_by_type(row->type, row->kind);
    }
}

/* True when netlink told all; else some of it. */
static bool read_links(const struct platform *platform, struct netdev_cache *cache)
{
    if (!cache->netlink && links_open(&cache->netlink)) {
        return false;
    }
    (void)links_have_changed(cache->netlink); // from here on is what counts
    if (links_read(cache->netlink, take_link, cache)) {
        return false;
    }
    bool is_doubtful = false;
    for (size_t i = 0; i < cache->count; i++) {
        is_doubtful |= cache->rows[i].is_doubtful;
    }
    const bool has_sys = is_doubtful && same_interfaces(platform, cache);
    for (size_t i = 0; i < cache->count; i++) {
        settle_kind(platform, &cache->rows[i], has_sys);
    }
    sort_rows(cache, compare_indexes);
    (void)links_read_addresses(cache->netlink, take_link_address, cache); // then there are none
    return true;
}

/* --- keeping it ------------------------------------------------------------------------- */

/* Names go into paths. The kernel has none like these. */
static bool is_name(const struct raw_bytes *name)
{
    const bool is_dots =
        name->len > 0 && name->len <= 2 && *name->ptr == '.' && name->ptr[name->len - 1] == '.';
    return name->len > 0 && name->len < NETDEV_NAME_BYTES && !is_dots &&
           !memchr(name->ptr, '/', name->len) && !memchr(name->ptr, '\0', name->len);
}

static bool same_name(const struct netdev_slow *row, const struct raw_bytes *name)
{
    return !is_name(name)
               ? *row->name == '\0'
               : strlen(row->name) == name->len && memcmp(row->name, name->ptr, name->len) == 0;
}

static bool is_fresh(const struct platform *platform, const struct netdev_cache *cache,
                     const struct raw_interface *rows, size_t count)
{
    if ((cache->netlink && links_have_changed(cache->netlink)) || !cache->order ||
        cache->count != count || platform->scan - cache->scan >= PROCFS_REFRESH_SCANS) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!same_name(&cache->rows[i], &rows[i].name)) {
            return false;
        }
    }
    return true;
}

/*
 * The other end of a veth, or what a VLAN sits on, is told by an index. Only netlink says in which
 * namespace that is, and old kernels do not. A number that exists here may belong to another
 * interface there, but then that one does not point back.
 */
static void link_row(const struct platform *platform, const struct netdev_cache *cache,
                     struct netdev_slow *row)
{
    if (row->foreign_peer || row->iflink == 0 || row->iflink == row->index) {
        return;
    }
    const struct netdev_slow *const other = find_index(cache, row->iflink);
    const bool is_veth = str_equal(row->kind, "veth");
    if (is_veth && other && cache->has_sys && netdev_sits_on(platform->sys_fd, row, other)) {
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

static void read_sysfs(const struct platform *platform, struct netdev_cache *cache)
{
    if (platform->is_live) {
        read_addresses(cache);
    }
    cache->has_sys =
        platform->sys_fd >= 0 && (!platform->is_live || same_interfaces(platform, cache));
    for (size_t i = 0; cache->has_sys && i < cache->count; i++) {
        if (*cache->rows[i].name != '\0') {
            netdev_read_sys(platform->sys_fd, &cache->rows[i]);
        }
    }
}

/* Takes over of what was known of these names what need not, or cannot, be read again. */
static void keep_old(struct netdev_cache *cache, const struct netdev_cache *old)
{
    const bool knows = cache->has_links || cache->has_sys;
    sort_rows(old, compare_names);
    for (size_t i = 0; i < cache->count; i++) {
        struct netdev_slow *const row = &cache->rows[i];
        const struct netdev_slow *const was = find_name(old, row->name);
        if (!was) {
            continue;
        }
        if (!knows) {
            *row = *was; // descriptors ran out
        } else if (cache->has_links && was->index == row->index && was->running == row->running) {
            row->has_speed = was->has_speed;
            row->speed_bits = was->speed_bits;
        }
    }
}

/* Fills in what is known of the names. */
static void look_up(const struct platform *platform, struct netdev_cache *cache,
                    const struct netdev_cache *old)
{
    sort_rows(cache, compare_names);
    cache->has_links = platform->is_live && read_links(platform, cache);
    if (!cache->has_links) {
        sort_rows(cache, compare_names);
        read_sysfs(platform, cache);
    }
    keep_old(cache, old);
    sort_rows(cache, compare_indexes);
    for (size_t i = 0; i < cache->count; i++) {
        link_row(platform, cache, &cache->rows[i]);
    }
}

/* Errors: -ENOMEM; the cache is then empty. */
static int refresh(const struct platform *platform, struct netdev_cache *cache,
                   const struct raw_interface *rows, size_t count)
{
    const struct netdev_cache old = *cache;
    *cache = (struct netdev_cache){.netlink = old.netlink,
                                   .scan = platform->scan,
                                   .speed_scan = old.speed_scan};
    cache->rows = calloc(count + 1, sizeof(*cache->rows));
    cache->order = calloc(count + 1, sizeof(*cache->order));
    if (cache->rows && cache->order) {
        cache->count = count;
        for (size_t i = 0; i < count; i++) {
            cache->order[i] = &cache->rows[i];
            cache->rows[i].speed_bits = FIGURE_ABSENT;
            if (is_name(&rows[i].name)) {
                memcpy(cache->rows[i].name, rows[i].name.ptr, rows[i].name.len);
            }
        }
        look_up(platform, cache, &old);
    }
    free(old.rows);
    free(old.order);
    return cache->rows && cache->order ? 0 : -ENOMEM;
}

/* A speed is asked for once, when the interface came up anew, and else now and then. */
static void read_speeds(const struct platform *platform, struct netdev_cache *cache)
{
    const bool all = platform->scan - cache->speed_scan >= PROCFS_REFRESH_SCANS;
    bool has_sys = cache->has_sys;
    bool is_due = all;
    for (size_t i = 0; !is_due && i < cache->count; i++) {
        is_due = !cache->rows[i].has_speed;
    }
    if (is_due && cache->has_links) {
        sort_rows(cache, compare_names);
        has_sys = same_interfaces(platform, cache);
    }
    for (size_t i = 0; is_due && i < cache->count; i++) {
        struct netdev_slow *const row = &cache->rows[i];
        if (all || !row->has_speed) {
            row->speed_bits =
                has_sys ? netdev_read_speed(platform->sys_fd, row) : (uint64_t)FIGURE_ABSENT;
            row->has_speed = true;
        }
    }
    cache->speed_scan = all ? platform->scan : cache->speed_scan;
}

static int update(struct platform *platform, const struct raw_interface *rows, size_t count)
{
    if (!platform->netdev) {
        platform->netdev = calloc(1, sizeof(*platform->netdev));
    }
    if (!platform->netdev) {
        return -ENOMEM;
    }
    struct netdev_cache *const cache = platform->netdev;
    const int error =
        is_fresh(platform, cache, rows, count) ? 0 : refresh(platform, cache, rows, count);
    if (error == 0 && (platform->parts & PART_DETAIL) != 0) {
        read_speeds(platform, cache);
    }
    return error;
}

/* --- putting it together ---------------------------------------------------------------- */

static int copy_text(struct arena *arena, const char *text, struct raw_bytes *ret)
{
    const size_t len = strlen(text);
    char *const copy = arena_alloc(arena, len + 1, 1);
    if (!copy) {
        return -ENOMEM;
    }
    memcpy(copy, text, len);
    *ret = (struct raw_bytes){.ptr = copy, .len = (uint32_t)len};
    return 0;
}

static int describe(const struct platform *platform, const struct netdev_slow *row,
                    struct arena *arena, struct raw_interface *ret)
{
    ret->index = row->index;
    ret->master = row->master;
    ret->lower = row->lower;
    ret->foreign_peer = row->foreign_peer;
    ret->mtu = row->mtu;
    ret->loopback = row->loopback;
    ret->speed_bits = row->speed_bits;
    ret->up = row->up;
    ret->running = row->running;
    if (platform->netdev->has_sys && *row->name != '\0') {
        netdev_read_state(platform->sys_fd, row->name, &ret->up, &ret->running);
    }
    const int error = copy_text(arena, row->kind, &ret->kind);
    return error ? error : copy_text(arena, row->address, &ret->address);
}

static int compare_interfaces(const void *a, const void *b)
{
    const struct raw_interface *const x = a;
    const struct raw_interface *const y = b;
    if (x->index != y->index) {
        return x->index < y->index ? -1 : 1;
    }
    return (x->name.ptr > y->name.ptr) - (x->name.ptr < y->name.ptr); // as the kernel had them
}

int netdev_interfaces(struct platform *platform, struct arena *arena, struct raw_sample *sample)
{
    struct parts_text text;
    int error = parts_read(platform, "net/dev", arena, sample, &text);
    if (error || !text.ptr) {
        return error;
    }
    const size_t count = parse_netdev_interfaces(text.ptr, text.len, NULL, 0);
    struct raw_interface *const rows = arena_alloc(arena, count + 1, sizeof(*rows));
    if (!rows) {
        return -ENOMEM;
    }
    (void)parse_netdev_interfaces(text.ptr, text.len, rows, count); // the same again
    error = update(platform, rows, count);
    for (size_t i = 0; error == 0 && i < count; i++) {
        error = describe(platform, &platform->netdev->rows[i], arena, &rows[i]);
    }
    if (error) {
        return error;
    }
    qsort(rows, count, sizeof(*rows), compare_interfaces);
    sample->interfaces = rows;
    sample->interface_count = count;
    sample->parts |= PART_INTERFACES;
    return 0;
}

int netdev_protocols(struct platform *platform, struct arena *arena, struct raw_sample *sample)
{
    static const struct {
        const char *path;
        size_t (*parse)(const char *buf, size_t len, struct raw_protocol_counter *ret,
                        size_t capacity);
    } files[] = {
        {"net/snmp", parse_netdev_snmp},
        {"net/netstat", parse_netdev_snmp},
        {"net/snmp6", parse_netdev_snmp6},
    };
    enum { FILES = sizeof(files) / sizeof(*files) };
    struct parts_text texts[FILES] = {0};
    bool any = false;
    size_t total = 0;
    for (size_t i = 0; i < FILES; i++) {
        const int error = parts_read(platform, files[i].path, arena, sample, &texts[i]);
        if (error) {
            return error;
        }
        if (texts[i].ptr) {
            any = true;
            total += files[i].parse(texts[i].ptr, texts[i].len, NULL, 0);
        }
    }
    if (!any) {
        return 0;
    }
    struct raw_protocol_counter *const rows = arena_alloc(arena, total + 1, sizeof(*rows));
    if (!rows) {
        return -ENOMEM;
    }
    size_t count = 0;
    for (size_t i = 0; i < FILES; i++) {
        if (texts[i].ptr) {
            count += files[i].parse(texts[i].ptr, texts[i].len, rows + count, total - count);
        }
    }
    sample->counters = rows;
    sample->counter_count = count;
    sample->parts |= PART_PROTOCOLS;
    return 0;
}
