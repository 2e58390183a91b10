#ifndef PLATFORM_LINUX_PARSE_NETDEV_H
#define PLATFORM_LINUX_PARSE_NETDEV_H

#include "platform/platform.h"

#include <stddef.h>

/*
 * The files in /proc/net that count, as values. Pure functions over a buffer that may hold
 * anything. A line that makes no sense is left out and spoils no other. Each returns how many
 * rows there are and writes the first `capacity` of them (`ret` may be NULL for none); texts
 * point into the buffer.
 */

/* Read /proc/net/dev: names and counters; all else is empty or unknown. */
size_t parse_netdev_interfaces(const char *buf, size_t len, struct raw_interface *ret,
                               size_t capacity);

/* Read /proc/net/snmp or netstat: pairs of lines, of names and of values. Values below zero
 * ("no limit") are left out. */
size_t parse_netdev_snmp(const char *buf, size_t len, struct raw_protocol_counter *ret,
                         size_t capacity);

/* Read /proc/net/snmp6: a line each, "Udp6InErrors 0", the group ending with its 6. */
size_t parse_netdev_snmp6(const char *buf, size_t len, struct raw_protocol_counter *ret,
                          size_t capacity);

#endif
