#ifndef PLATFORM_LINUX_SOCKET_OWNERS_H
#define PLATFORM_LINUX_SOCKET_OWNERS_H

#include "platform/linux/sockets.h"

struct platform;

/* Who holds which socket, remembered between scans. Private to platform/linux. */
struct socket_owners;

/*
 * Set the owners of all sockets of a list, by the processes of the sample, and FACT_SOCKETS of
 * these. *owners is made when it is NULL. Owners not found yet, or for lack of
 * memory, are pending.
 * Errors: none. Thread: the scanning one. Source: the links in /proc/PID/fd.
 */
void socket_owners_find(struct platform *platform, struct socket_owners **owners,
                        struct raw_sample *sample, const struct socket_list *list);

/* Forget everything. NULL is a no-op. */
void socket_owners_destroy(struct socket_owners *owners);

#endif
