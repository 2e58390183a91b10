#ifndef PLATFORM_LINUX_PARSE_NET_H
#define PLATFORM_LINUX_PARSE_NET_H

#include "platform/platform.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The lists of sockets in /proc/net, a line at a time. Pure functions over a buffer that may hold
 * anything: paths in `unix` are written there as they are, line breaks included, so a line may be
 * a piece of a path and must not be taken for a socket.
 */

/*
 * Read a line (without its end) of tcp, udp, udplite or raw, or with `family` 6 of their "6"
 * files. Members the file does not tell stay zero.
 * Errors: -EINVAL when it is no such line, as the headline is not; *ret is then untouched.
 */
int parse_net_inet(const char *line, size_t len, enum socket_protocol protocol, uint8_t family,
                   struct raw_socket *ret);

/*
 * Read a line of `unix`. `ret->path` points into it; the "@" in front of an abstract name is left.
 * The file does not tell whose a socket is: the uid is UINT32_MAX.
 * Errors: -EINVAL when it is no such line; *ret is then untouched.
 */
int parse_net_unix(const char *line, size_t len, struct raw_socket *ret);

/* The state by its number in the kernel. */
enum socket_state parse_net_state(uint64_t number);

/* True unless all bytes of the address and its port are 0, which is how "nobody" is written. */
bool parse_net_is_somebody(const struct net_address *address);

#endif
