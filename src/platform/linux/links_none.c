#include "platform/linux/links.h"

#include <errno.h>

/* In place of links.c where netlink is not built in. */

int links_open(struct netlink **ret)
{
    (void)ret;
    return -ENOTSUP;
}

void links_close(struct netlink *netlink)
{
    (void)netlink;
}

bool links_have_changed(struct netlink *netlink)
{
    (void)netlink;
    return false;
}

int links_read(struct netlink *netlink, links_take *take, void *context)
{
    (void)netlink;
    (void)take;
    (void)context;
    return -ENOTSUP;
}

int links_read_addresses(struct netlink *netlink, links_take_address *take, void *context)
{
    (void)netlink;
    (void)take;
    (void)context;
    return -ENOTSUP;
}
