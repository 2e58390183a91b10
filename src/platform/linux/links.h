#ifndef PLATFORM_LINUX_LINKS_H
#define PLATFORM_LINUX_LINKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct netlink;

/*
 * Private to platform/linux: what the kernel says of the interfaces and addresses of our network
 * namespace, by rtnetlink(7). The kernel answers under the lock by which interfaces are
 * configured, so it is asked only when it has told that something changed.
 */

enum { LINK_KIND_BYTES = 64 };

/* One interface. Texts are the kernel's bytes, which may be anything. */
struct link {
    const char *name;           // NUL behind it; valid during the call
    char kind[LINK_KIND_BYTES]; // "veth", "bridge", ...; empty: it does not say
    uint32_t index, master, mtu;
    uint32_t iflink; // its other end, or what it sits on; 0 or itself: none
    uint32_t type;   // ARPHRD_...
    bool up, running, loopback;
    bool foreign;      // iflink is in another namespace
    bool has_parent;   // it is a piece of hardware
    bool tells_parent; // the kernel is one that would say so (Linux 5.19)
};

/* One address of an interface. */
struct link_address {
    uint32_t index;       // of the interface
    int family;           // AF_INET, AF_INET6
    const uint8_t *bytes; // 4 or 16; valid during the call
    unsigned prefix_bits;
};

/* Who takes what is found. */
typedef void links_take(void *context, const struct link *link);

/* Likewise. */
typedef void links_take_address(void *context, const struct link_address *address);

/*
 * Begin listening for changes; at first there is one.
 * Owns: the caller, who ends it with links_close().
 * Errors: -ENOTSUP when this was not built in, -ENOMEM, or what the kernel says.
 */
int links_open(struct netlink **ret);

/* NULL is a no-op. */
void links_close(struct netlink *netlink);

/* True when interfaces or addresses changed since this was asked last, or may have. Waits for
 * nothing. */
bool links_have_changed(struct netlink *netlink);

/* Hand over all interfaces, some perhaps twice. Errors: as the kernel says, -ETIMEDOUT. */
int links_read(struct netlink *netlink, links_take *take, void *context);

/* Likewise all addresses. */
int links_read_addresses(struct netlink *netlink, links_take_address *take, void *context);

#endif
