#include "base/arena.h"
#include "base/str.h"
#include "platform/linux/parse_netdev.h"
#include "platform/linux/parts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netpacket/packet.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Network interfaces and protocol counters. Counters come from /proc/net/dev, which takes no
 * lock, at every scan. What an interface is comes from sysfs and getifaddrs(3). Some of that
 * waits for the lock under which interfaces are configured, which a driver may hold for long, so
 * it is kept and read again after PROCFS_REFRESH_SCANS or when interfaces come or go.
 *
 * The /sys mounted may show another network namespace than ours, even with the same names. It is
 * believed only if it has just the interfaces that /proc/net/dev has.
 */

#define NET_DIR "class/net"

enum {
    NAME_BYTES = 32, // the kernel's have 15 at most, aliases some more
    PATH_BYTES = 96,
    TEXT_BYTES = 64,
    TYPE_IP6GRE = 823, // ARPHRD_IP6GRE, which not every C library has
};

/* What hardly ever changes of an interface. */
struct netdev_slow {
    char name[NAME_BYTES]; // empty: one that cannot exist
    char kind[TEXT_BYTES];
    char address[INET6_ADDRSTRLEN + 4];
    unsigned rank; // of the address; 0 none
    uint32_t index, iflink, master, lower, mtu;
    bool loopback, hardware, foreign_peer;
    bool up, running; // where sysfs is not to be asked
    uint64_t speed_bits;
};

/* Kept between scans: as many rows as /proc/net/dev had, in its order. */
struct netdev_cache {
    struct netdev_slow *rows;   // heap
    struct netdev_slow **order; // heap; the same, sorted as was last needed
    size_t count;
    uint64_t scan; // in which it was read
    bool has_sys;  // sysfs is that of our namespace
};

void netdev_cache_destroy(struct netdev_cache *cache)
{
    if (cache) {
        free(cache->rows);
        free(cache->order);
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
    qsort(cache->order, cache->count, sizeof(*cache->order), order);
}

/* The row that is equal in this order, by which the rows are sorted now. */
static struct netdev_slow *find_row(const struct netdev_cache *cache, struct netdev_slow *key,
                                    row_order *order)
{
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

/* --- sysfs ------------------------------------------------------------------------------ */

static void net_path(const char *name, const char *tail, char path[PATH_BYTES])
{
    struct strbuf buf;
    str_init(&buf, path, PATH_BYTES);
    str_addf(&buf, NET_DIR "/%s/%s", name, tail);
}

/* A file's text without its newline; empty when there is none. */
static void read_text(int dir, const char *name, const char *tail, char *buf, size_t size)
{
    char path[PATH_BYTES];
    size_t len = 0;
    net_path(name, tail, path);
    (void)procfs_read(dir, path, buf, size - 1, &len); // whatever it was, there is no text
    buf[len] = '\0';
    buf[strcspn(buf, "\n")] = '\0';
}

/* A decimal or "0x" number of at most 32 bits; 0 when there is none. */
static uint32_t read_number(int dir, const char *name, const char *tail)
{
    char text[TEXT_BYTES];
    read_text(dir, name, tail, text, sizeof(text));
    const bool is_number = *text >= '0' && *text <= '9'; // strtoul() takes a minus sign
    const unsigned long number = is_number ? strtoul(text, NULL, 0) : 0;
    return number <= UINT32_MAX ? (uint32_t)number : 0;
}

static bool has_file(int dir, const char *name, const char *tail)
{
    char path[PATH_BYTES];
    net_path(name, tail, path);
    return faccessat(dir, path, F_OK, 0) == 0;
}

/* "DEVTYPE=bridge" in uevent: most drivers say what they make. */
static bool read_devtype(int dir, const char *name, char kind[TEXT_BYTES])
{
    char text[1024];
    char path[PATH_BYTES];
    size_t len = 0;
    net_path(name, "uevent", path);
    (void)procfs_read(dir, path, text, sizeof(text) - 1, &len); // then it does not say
    text[len] = '\0';
    const char *const found = strstr(text, "DEVTYPE=");
    if (!found) {
        return false;
    }
    const char *const start = found + strlen("DEVTYPE=");
    const size_t kind_len = strcspn(start, "\n");
    struct strbuf buf;
    str_init(&buf, kind, TEXT_BYTES);
    str_add_bytes(&buf, start, kind_len);
    return kind_len > 0;
}

static const char *kind_by_type(uint32_t type)
{
    switch (type) {
    case ARPHRD_TUNNEL:
    case ARPHRD_TUNNEL6:
    case ARPHRD_SIT:
    case ARPHRD_IPGRE:
    case TYPE_IP6GRE:
        return "tunnel";
    default:
        return "virtual";
    }
}

/* What the interface is, when it is not a piece of hardware. */
static void read_kind(int dir, struct netdev_slow *row, uint32_t type)
{
    struct strbuf kind;
    if (read_devtype(dir, row->name, row->kind)) {
        return;
    }
    str_init(&kind, row->kind, sizeof(row->kind));
    if (has_file(dir, row->name, "tun_flags")) {
        str_add(&kind, "tun");
    } else if (has_file(dir, row->name, "bridge")) {
        str_add(&kind, "bridge");
    } else if (has_file(dir, row->name, "bonding")) {
        str_add(&kind, "bond");
    } else if (type == ARPHRD_ETHER && row->iflink != 0 && row->iflink != row->index) {
        str_add(&kind, "veth"); // or a macvlan, see link_row(); others say what they are
    } else {
        str_add(&kind, kind_by_type(type));
    }
}

/* Mb/s. Drivers make up a speed for what has none, so only those with a cable are asked. */
static uint64_t read_speed(int dir, const struct netdev_slow *row)
{
    static const char *const kinds[] = {"bond", "team", "vlan"};
    bool is_wired = row->hardware;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        is_wired |= str_equal(row->kind, kinds[i]);
    }
    // -1: unknown, which kernels before 2.6.39 write as 65535 and some as 4294967295.
    const uint32_t mbits = is_wired ? read_number(dir, row->name, "speed") : 0;
    return mbits == 0 || mbits == UINT16_MAX || mbits == UINT32_MAX ? FIGURE_ABSENT
                                                                    : mbits * UINT64_C(1000000);
}

static void read_sys(int dir, struct netdev_slow *row)
{
    const uint32_t index = read_number(dir, row->name, "ifindex");
    const uint32_t type = read_number(dir, row->name, "type");
    row->index = index ? index : row->index;
    row->iflink = read_number(dir, row->name, "iflink");
    row->mtu = read_number(dir, row->name, "mtu");
    row->master = read_number(dir, row->name, "master/ifindex");
    row->loopback |= type == ARPHRD_LOOPBACK;
    row->hardware = has_file(dir, row->name, "device");
    if (index != 0 && !row->loopback && !row->hardware) {
        read_kind(dir, row, type);
    }
    row->speed_bits = read_speed(dir, row);
}

/* The state, which is read every time; neither file waits for anything. */
static void read_state(int dir, const struct netdev_slow *row, struct raw_interface *ret)
{
    char operstate[TEXT_BYTES];
    const uint32_t flags = read_number(dir, row->name, "flags");
    read_text(dir, row->name, "operstate", operstate, sizeof(operstate));
    // The flags in sysfs lack IFF_RUNNING. "unknown" is what a driver without a cable says.
    ret->up = (flags & IFF_UP) != 0;
    ret->running = ret->up && (str_equal(operstate, "up") || str_equal(operstate, "unknown"));
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

/* The address in a socket address of either family, *ret_size bytes; NULL for NULL. */
static const uint8_t *address_bytes(const struct sockaddr *socket, size_t *ret_size)
{
    if (!socket) {
        return NULL;
    }
    if (socket->sa_family == AF_INET) {
        *ret_size = sizeof(struct in_addr);
        return (const uint8_t *)socket + offsetof(struct sockaddr_in, sin_addr);
    }
    *ret_size = sizeof(struct in6_addr);
    return (const uint8_t *)socket + offsetof(struct sockaddr_in6, sin6_addr);
}

/* Takes the address if it says more than the one there is: IPv4, else global IPv6, else any. */
static void take_address(struct netdev_slow *row, const struct ifaddrs *entry)
{
    enum { LINK_LOCAL = 1, GLOBAL6, V4 };
    char text[INET6_ADDRSTRLEN];
    size_t size = 0;
    const int family = entry->ifa_addr->sa_family;
    const uint8_t *const address = address_bytes(entry->ifa_addr, &size);
    const bool is_local = address[0] == 0xfe && (address[1] & 0xc0) == 0x80;
    const unsigned rank = family == AF_INET ? V4 : is_local ? LINK_LOCAL : GLOBAL6;
    if (rank <= row->rank || !inet_ntop(family, address, text, sizeof(text))) {
        return;
    }
    struct strbuf buf;
    str_init(&buf, row->address, sizeof(row->address));
    str_add(&buf, text);
    const uint8_t *const mask = address_bytes(entry->ifa_netmask, &size);
    if (mask && entry->ifa_netmask->sa_family == family) {
        str_addf(&buf, "/%u", count_bits(mask, size));
    }
    row->rank = rank;
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
            take_address(row, entry);
        }
    }
    freeifaddrs(list);
}

/* --- keeping it ------------------------------------------------------------------------- */

/* True when sysfs has the interfaces of /proc/net/dev and no others. */
static bool same_interfaces(const struct platform *platform, const struct netdev_cache *cache)
{
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
        if (*name != '.' && !str_equal(name, "bonding_masters")) {
            same = find_name(cache, name) != NULL;
            found++;
        }
    }
    close(fd);
    return same && found == cache->count;
}

/* Names go into paths. The kernel has none like these. */
static bool is_name(const struct raw_bytes *name)
{
    return name->len > 0 && name->len < NAME_BYTES && *name->ptr != '.' &&
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
    if (!cache->order || cache->count != count ||
        platform->scan - cache->scan >= PROCFS_REFRESH_SCANS) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!same_name(&cache->rows[i], &rows[i].name)) {
            return false;
        }
    }
    return true;
}

/* Where one interface is stacked on another, sysfs has a link from it to that. */
static bool sits_on(int dir, const struct netdev_slow *row, const struct netdev_slow *other)
{
    char tail[NAME_BYTES + sizeof("lower_")];
    struct strbuf buf;
    str_init(&buf, tail, sizeof(tail));
    str_addf(&buf, "lower_%s", other->name);
    return has_file(dir, row->name, tail);
}

/*
 * The other end of a veth, or what a VLAN sits on, is told by an index without saying in which
 * namespace. A number that exists here may belong to another interface there, but then that one
 * does not point back.
 */
static void link_row(const struct platform *platform, const struct netdev_cache *cache,
                     struct netdev_slow *row)
{
    if (row->iflink == 0 || row->iflink == row->index) {
        return;
    }
    const struct netdev_slow *const other = find_index(cache, row->iflink);
    const bool is_veth = str_equal(row->kind, "veth");
    if (is_veth && other && sits_on(platform->sys_fd, row, other)) {
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

/* Fills in what is known of the names. */
static void look_up(const struct platform *platform, struct netdev_cache *cache)
{
    const bool live = platform->is_live;
    sort_rows(cache, compare_names);
    if (live) {
        read_addresses(cache);
    }
    cache->has_sys = platform->sys_fd >= 0 && (!live || same_interfaces(platform, cache));
    for (size_t i = 0; cache->has_sys && i < cache->count; i++) {
        if (*cache->rows[i].name != '\0') {
            read_sys(platform->sys_fd, &cache->rows[i]);
        }
    }
    sort_rows(cache, compare_indexes);
    for (size_t i = 0; i < cache->count; i++) {
        link_row(platform, cache, &cache->rows[i]);
    }
}

/* Errors: -ENOMEM; the cache is then empty. */
static int refresh(const struct platform *platform, struct netdev_cache *cache,
                   const struct raw_interface *rows, size_t count)
{
    free(cache->rows);
    free(cache->order);
    *cache = (struct netdev_cache){.scan = platform->scan};
    cache->rows = calloc(count + 1, sizeof(*cache->rows));
    cache->order = calloc(count + 1, sizeof(*cache->order));
    if (!cache->rows || !cache->order) {
        return -ENOMEM;
    }
    cache->count = count;
    for (size_t i = 0; i < count; i++) {
        cache->order[i] = &cache->rows[i];
        cache->rows[i].speed_bits = FIGURE_ABSENT;
        if (is_name(&rows[i].name)) {
            memcpy(cache->rows[i].name, rows[i].name.ptr, rows[i].name.len);
        }
    }
    look_up(platform, cache);
    return 0;
}

static int update(struct platform *platform, const struct raw_interface *rows, size_t count)
{
    if (!platform->netdev) {
        platform->netdev = calloc(1, sizeof(*platform->netdev));
    }
    if (!platform->netdev) {
        return -ENOMEM;
    }
    return is_fresh(platform, platform->netdev, rows, count)
               ? 0
               : refresh(platform, platform->netdev, rows, count);
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
        read_state(platform->sys_fd, row, ret);
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
