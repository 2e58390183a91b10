#ifndef PLATFORM_LINUX_NETDEV_H
#define PLATFORM_LINUX_NETDEV_H

#include "platform/linux/links.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

/* Private to platform/linux/netdev*.c: what an interface is, kept between scans. */

enum {
    NETDEV_NAME_BYTES = 32, // the kernel's have 15 at most, aliases some more
};

/* What hardly ever changes of an interface. */
struct netdev_slow {
    char name[NETDEV_NAME_BYTES]; // empty: one that cannot exist
    char kind[LINK_KIND_BYTES];
    char address[INET6_ADDRSTRLEN + 4];
    unsigned rank; // of the address; 0 none
    uint32_t index, iflink, master, lower, mtu;
    uint32_t type; // ARPHRD_..., of netlink
    bool loopback, hardware, foreign_peer;
    bool is_doubtful;    // netlink did not tell whether it is hardware
    bool up, running;    // where sysfs is not to be asked
    bool has_speed;      // it was asked for, even in vain
    uint64_t speed_bits; // FIGURE_ABSENT: unknown
};

/* What is known of some interfaces. */
struct netdev_rows {
    struct netdev_slow *items;  // heap; as many as /proc/net/dev had, in its order
    struct netdev_slow **order; // heap; the same, sorted by name unless somebody is at it
    size_t count;
    bool has_links; // it is from netlink
    bool has_sys;   // it is from sysfs, which is that of our namespace
};

/* Make so many that are empty. Owns: the caller: netdev_rows_finish(). Errors: -ENOMEM. */
int netdev_rows_create(size_t count, struct netdev_rows *ret);

/* Likewise as those are, which may be the zero value. */
int netdev_rows_copy(const struct netdev_rows *rows, struct netdev_rows *ret);

/* Free them. The zero value is a no-op. */
void netdev_rows_finish(struct netdev_rows *rows);

/* The one of that name. Owns: the rows. Errors: NULL: none. */
struct netdev_slow *netdev_find(const struct netdev_rows *rows, const char *name);

/* A look at all interfaces. */
struct netdev_look {
    int sys_fd;              // borrowed; -1: none
    bool is_live;            // the running kernel can be asked, too
    bool speeds;             // read those that are not known
    bool all_speeds;         // and the others as well
    struct netlink *netlink; // NULL: to be made; stays with the caller
    struct netdev_rows rows; // with their names; the rest is filled in
    struct netdev_rows old;  // what was known before
};

/* Find out all there is to be known. Takes as long as somebody holds the lock under which interfaces
 * are configured. Thread: any, nobody else may touch what is in it. */
void netdev_look(struct netdev_look *look);

/* Write what an interface is that does not say its kind, from its ARPHRD_... */
void netdev_kind_by_type(uint32_t type, char ret[LINK_KIND_BYTES]);

/* Fill in all but address, lower, peer and speed from the sysfs below `dir`. */
void netdev_read_sys(int dir, struct netdev_slow *row);

/* True when the interface is a piece of hardware. */
bool netdev_is_hardware(int dir, const char *name);

/* True when sysfs has the one stacked on the other. */
bool netdev_sits_on(int dir, const struct netdev_slow *row, const struct netdev_slow *other);

/* Bits per second, FIGURE_ABSENT when unknown. May wait for the driver. */
uint64_t netdev_read_speed(int dir, const struct netdev_slow *row);

/* Read the state; no file of it waits for anything. */
void netdev_read_state(int dir, const char *name, bool *ret_up, bool *ret_running);

#endif
