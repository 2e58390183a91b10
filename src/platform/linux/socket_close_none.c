#include "platform/platform.h"

#include <errno.h>

/* In place of socket_close.c where netlink is not built in: sockets then have no cookies, so
 * nobody is offered to close one. */

const char *platform_close_needs(void)
{
    return NULL; // it is never tried
}

void platform_close_socket(const struct platform *platform, const struct socket_id *socket,
                           struct deed_result *ret)
{
    (void)platform;
    (void)socket;
    *ret = (struct deed_result){.error = -ENOTSUP};
}
