#include "platform/linux/sockets.h"

#include <errno.h>

/* In place of sockets.c where netlink is not built in. */

int sockets_netlink_open(struct netlink **ret)
{
    (void)ret;
    return -ENOTSUP;
}

void sockets_netlink_close(struct netlink *netlink)
{
    (void)netlink;
}

int sockets_netlink_read(struct netlink *netlink, const struct socket_source *source,
                         struct socket_list *list)
{
    (void)netlink;
    (void)source;
    (void)list;
    return -ENOTSUP;
}
