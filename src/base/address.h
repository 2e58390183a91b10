#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include "base/net.h"

#include <stdbool.h>

struct strbuf;

/*
 * Addresses for people. Our own, because the C library's inet_ntop() is declared in a header
 * that only Unix has, and because this layer makes no calls to the system.
 */

enum { ADDRESS_BYTES_MAX = 64 }; // room for any of the following, NUL included

/*
 * Append an address without its port: "10.0.0.1", "::1", "fe80::1%2" (the scope as a number), "*"
 * for any address, nothing when there is none. IPv6 as RFC 5952 wants it, and an IPv4 address
 * mapped into IPv6 as what it is: IPv4.
 */
void address_add(const struct net_address *address, struct strbuf *buf);

/* Likewise, so that a port can follow: "10.0.0.1", "[::1]". */
void address_add_bracketed(const struct net_address *address, struct strbuf *buf);

/* Likewise with the port: "10.0.0.1:443", "[::1]:22", "*:80", "10.0.0.1:*". */
void address_add_port(const struct net_address *address, struct strbuf *buf);

/* True when it is no particular address: "0.0.0.0", "::", or none. */
bool address_is_any(const struct net_address *address);

#endif
