#include "base/address.h"

#include "base/str.h"

#include <stddef.h>
#include <string.h>

enum { GROUPS = 8 }; // of 16 bits in an IPv6 address

/* "::ffff:10.0.0.1": what an IPv6 socket sees of an IPv4 peer. */
static bool is_mapped(const struct net_address *address)
{
    static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};
    return address->family == 6 && memcmp(address->bytes, prefix, sizeof(prefix)) == 0;
}

bool address_is_any(const struct net_address *address)
{
    static const uint8_t none[16] = {0};
    const size_t size = address->family == 4 ? 4 : 16;
    return address->family == 0 || memcmp(address->bytes, none, size) == 0;
}

static void add_v4(const uint8_t bytes[4], struct strbuf *buf)
{
    for (size_t i = 0; i < 4; i++) {
        str_add(buf, i == 0 ? "" : ".");
        str_add_u64(buf, bytes[i], 10);
    }
}

/* The first of the longest runs of zero groups, of two at least; GROUPS when there is none. */
static size_t longest_run(const unsigned groups[GROUPS], size_t *ret_len)
{
    size_t at = GROUPS;
    *ret_len = 1;
    for (size_t i = 0; i < GROUPS; i++) {
        size_t len = 0;
        while (i + len < GROUPS && groups[i + len] == 0) {
            len++;
        }
        if (len > *ret_len) {
            at = i;
            *ret_len = len;
        }
        i += len;
    }
    return at;
}

static void add_v6(const uint8_t bytes[16], struct strbuf *buf)
{
    unsigned groups[GROUPS];
    for (size_t i = 0; i < GROUPS; i++) {
        groups[i] = (unsigned)bytes[2 * i] << 8 | bytes[2 * i + 1];
    }
    size_t run = 0;
    const size_t at = longest_run(groups, &run);
    for (size_t i = 0; i < GROUPS;) {
        if (i == at) {
            str_add(buf, "::");
            i += run;
            continue;
        }
        str_add(buf, i == 0 || i == at + run ? "" : ":");
        str_add_u64(buf, groups[i], 16);
        i++;
    }
}

void address_add(const struct net_address *address, struct strbuf *buf)
{
    if (address->family == 0) {
        return;
    }
    if (address_is_any(address)) {
        str_add(buf, "*");
    } else if (address->family == 4) {
        add_v4(address->bytes, buf);
    } else if (is_mapped(address)) {
        add_v4(address->bytes + 12, buf);
    } else {
        add_v6(address->bytes, buf);
        if (address->scope != 0) {
            str_addf(buf, "%%%u", (unsigned)address->scope);
        }
    }
}

void address_add_bracketed(const struct net_address *address, struct strbuf *buf)
{
    const bool brackets = address->family == 6 && !address_is_any(address) && !is_mapped(address);
    str_add(buf, brackets ? "[" : "");
    address_add(address, buf);
    str_add(buf, brackets ? "]" : "");
}

void address_add_port(const struct net_address *address, struct strbuf *buf)
{
    if (address->family == 0) {
        return;
    }
    address_add_bracketed(address, buf);
    str_add(buf, ":");
    if (address->port == 0) {
        str_add(buf, "*");
    } else {
        str_add_u64(buf, address->port, 10);
    }
}
