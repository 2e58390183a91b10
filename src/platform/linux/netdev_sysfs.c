#include "base/str.h"
#include "platform/linux/netdev.h"
#include "platform/linux/procfs.h"

#include <fcntl.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * What sysfs says of interfaces. It may be that of another network namespace than ours; who calls
 * has made sure of it.
 */

#define NET_DIR "class/net"

enum {
    PATH_BYTES = 96,
    SYS_TEXT_BYTES = 64,
    TYPE_IP6GRE = 823, // ARPHRD_IP6GRE, which not every C library has
};

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
    char text[SYS_TEXT_BYTES];
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
static bool read_devtype(int dir, const char *name, char kind[LINK_KIND_BYTES])
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
    str_init(&buf, kind, LINK_KIND_BYTES);
    str_add_bytes(&buf, start, kind_len);
    return kind_len > 0;
}

static const char *name_of_type(uint32_t type)
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

void netdev_kind_by_type(uint32_t type, char ret[LINK_KIND_BYTES])
{
    struct strbuf kind;
    str_init(&kind, ret, LINK_KIND_BYTES);
    str_add(&kind, name_of_type(type));
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
        str_add(&kind, name_of_type(type));
    }
}

/* Drivers make up a speed for what has none, so only those with a cable are asked. */
uint64_t netdev_read_speed(int dir, const struct netdev_slow *row)
{
    static const char *const kinds[] = {"bond", "team", "vlan"};
    bool is_wired = row->hardware;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        is_wired |= str_equal(row->kind, kinds[i]);
    }
    // The sysfs of another namespace may have one of this name, with another number.
    is_wired = is_wired && read_number(dir, row->name, "ifindex") == row->index;
    // -1: unknown, which kernels before 2.6.39 write as 65535 and some as 4294967295.
    const uint32_t mbits = is_wired ? read_number(dir, row->name, "speed") : 0;
    return mbits == 0 || mbits == UINT16_MAX || mbits == UINT32_MAX ? FIGURE_ABSENT
                                                                    : mbits * UINT64_C(1000000);
}

bool netdev_is_hardware(int dir, const char *name)
{
    return has_file(dir, name, "device");
}

void netdev_read_sys(int dir, struct netdev_slow *row)
{
    const uint32_t index = read_number(dir, row->name, "ifindex");
    const uint32_t type = read_number(dir, row->name, "type");
    row->index = index ? index : row->index;
    row->iflink = read_number(dir, row->name, "iflink");
    row->mtu = read_number(dir, row->name, "mtu");
    row->master = read_number(dir, row->name, "master/ifindex");
    row->loopback |= type == ARPHRD_LOOPBACK;
    row->hardware = netdev_is_hardware(dir, row->name);
    if (index != 0 && !row->loopback && !row->hardware) {
        read_kind(dir, row, type);
    }
}

void netdev_read_state(int dir, const char *name, bool *ret_up, bool *ret_running)
{
    char operstate[SYS_TEXT_BYTES];
    const uint32_t flags = read_number(dir, name, "flags");
    read_text(dir, name, "operstate", operstate, sizeof(operstate));
    // The flags in sysfs lack IFF_RUNNING. "unknown" is what a driver without a cable says.
    *ret_up = (flags & IFF_UP) != 0;
    *ret_running = *ret_up && (str_equal(operstate, "up") || str_equal(operstate, "unknown"));
}

/* Where one interface is stacked on another, sysfs has a link from it to that. */
bool netdev_sits_on(int dir, const struct netdev_slow *row, const struct netdev_slow *other)
{
    char tail[NETDEV_NAME_BYTES + sizeof("lower_")];
    struct strbuf buf;
    str_init(&buf, tail, sizeof(tail));
    str_addf(&buf, "lower_%s", other->name);
    return has_file(dir, row->name, tail);
}
