#include "platform/linux/links.h"

#include "base/str.h"
#include "platform/linux/netlink.h"

#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

enum {
    DUMP_TRIES = 2,
    QUESTION_BYTES = 128,

    /* Attributes that not every header has. */
    ATTRIBUTE_LINK_NETNSID = 37, // IFLA_LINK_NETNSID, Linux 4.0
    ATTRIBUTE_PARENT = 56,       // IFLA_PARENT_DEV_NAME, Linux 5.14
    ATTRIBUTE_TSO = 59,          // IFLA_TSO_MAX_SIZE, Linux 5.19: every interface has it
    WITHOUT_COUNTERS = 1 << 3,   // RTEXT_FILTER_SKIP_STATS, Linux 4.6
};

int links_open(struct netlink **ret)
{
    return netlink_open(NETLINK_ROUTE, RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR, ret);
}

void links_close(struct netlink *netlink)
{
    netlink_close(netlink);
}

bool links_have_changed(struct netlink *netlink)
{
    return netlink_has_news(netlink);
}

/* --- attributes ------------------------------------------------------------------------- */

/* A number of 32 bits; 0 when it is none. */
static uint32_t number_of(const struct nlattr *attribute)
{
    return mnl_attr_get_payload_len(attribute) >= sizeof(uint32_t) ? mnl_attr_get_u32(attribute)
                                                                   : 0;
}

/* The text, which must have its NUL; NULL when it does not. */
static const char *text_of(const struct nlattr *attribute)
{
    const char *const text = mnl_attr_get_payload(attribute);
    return memchr(text, '\0', mnl_attr_get_payload_len(attribute)) ? text : NULL;
}

static void take_info(const struct nlattr *info, struct link *link)
{
    const char *const end =
        (const char *)mnl_attr_get_payload(info) + mnl_attr_get_payload_len(info);
    const struct nlattr *attribute = mnl_attr_get_payload(info);
    for (; mnl_attr_ok(attribute, (int)(end - (const char *)attribute));
         attribute = mnl_attr_next(attribute)) {
        const char *const text =
            mnl_attr_get_type(attribute) == IFLA_INFO_KIND ? text_of(attribute) : NULL;
        if (text) {
            struct strbuf kind;
            str_init(&kind, link->kind, sizeof(link->kind));
            str_add(&kind, text);
        }
    }
}

static void take_link_attribute(const struct nlattr *attribute, struct link *link)
{
    switch (mnl_attr_get_type(attribute)) {
    case IFLA_IFNAME:
        link->name = text_of(attribute);
        break;
    case IFLA_MTU:
        link->mtu = number_of(attribute);
        break;
    case IFLA_LINK:
        link->iflink = number_of(attribute);
        break;
    case IFLA_MASTER:
        link->master = number_of(attribute);
        break;
    case IFLA_LINKINFO:
        take_info(attribute, link);
        break;
    case ATTRIBUTE_LINK_NETNSID:
        link->foreign = true;
        break;
    case ATTRIBUTE_PARENT:
        link->has_parent = true;
        break;
    case ATTRIBUTE_TSO:
        link->tells_parent = true;
        break;
    default:
        break;
    }
}

/* --- dumps ------------------------------------------------------------------------------ */

/* Who takes what a dump finds. */
struct taker {
    links_take *take_link;
    links_take_address *take_address;
    void *context;
};

static int take_link(void *context, const struct nlmsghdr *header)
{
    const struct taker *const taker = context;
    if (header->nlmsg_type != RTM_NEWLINK ||
        mnl_nlmsg_get_payload_len(header) < sizeof(struct ifinfomsg)) {
        return 0;
    }
    const struct ifinfomsg *const message = mnl_nlmsg_get_payload(header);
    struct link link = {
        .index = (uint32_t)message->ifi_index,
        .type = message->ifi_type,
        .up = (message->ifi_flags & IFF_UP) != 0,
        .running = (message->ifi_flags & (IFF_UP | IFF_RUNNING)) == (IFF_UP | IFF_RUNNING),
        .loopback = (message->ifi_flags & IFF_LOOPBACK) != 0,
    };
    const struct nlattr *attribute = mnl_nlmsg_get_payload_offset(header, sizeof(*message));
    for (; netlink_has(header, attribute); attribute = mnl_attr_next(attribute)) {
        take_link_attribute(attribute, &link);
    }
    if (link.name) {
        taker->take_link(taker->context, &link);
    }
    return 0;
}

/* Our own end of a connection between two hosts is IFA_LOCAL; elsewhere there may be just one. */
static int take_address(void *context, const struct nlmsghdr *header)
{
    const struct taker *const taker = context;
    if (header->nlmsg_type != RTM_NEWADDR ||
        mnl_nlmsg_get_payload_len(header) < sizeof(struct ifaddrmsg)) {
        return 0;
    }
    const struct ifaddrmsg *const message = mnl_nlmsg_get_payload(header);
    const size_t size = message->ifa_family == AF_INET    ? 4
                        : message->ifa_family == AF_INET6 ? 16
                                                          : SIZE_MAX;
    struct link_address address = {
        .index = message->ifa_index,
        .family = message->ifa_family,
        .prefix_bits = message->ifa_prefixlen,
    };
    const struct nlattr *attribute = mnl_nlmsg_get_payload_offset(header, sizeof(*message));
    for (; netlink_has(header, attribute); attribute = mnl_attr_next(attribute)) {
        const uint16_t type = mnl_attr_get_type(attribute);
        if ((type == IFA_LOCAL || (type == IFA_ADDRESS && !address.bytes)) &&
            mnl_attr_get_payload_len(attribute) >= size) {
            address.bytes = mnl_attr_get_payload(attribute);
        }
    }
    if (address.bytes) {
        taker->take_address(taker->context, &address);
    }
    return 0;
}

/* A list that changes meanwhile is asked for again once; what was found is just found again. */
static int dump(struct netlink *netlink, uint16_t type, struct taker *taker)
{
    union {
        struct nlmsghdr align;
        char bytes[QUESTION_BYTES];
    } question;
    bool interrupted = true;
    int error = 0;
    for (int i = 0; error == 0 && interrupted && i < DUMP_TRIES; i++) {
        struct nlmsghdr *const header = mnl_nlmsg_put_header(question.bytes);
        header->nlmsg_type = type;
        if (type == RTM_GETLINK) {
            (void)mnl_nlmsg_put_extra_header(header, sizeof(struct ifinfomsg));
            mnl_attr_put_u32(header, IFLA_EXT_MASK, WITHOUT_COUNTERS);
            error = netlink_dump(netlink, header, take_link, taker, &interrupted);
        } else {
            (void)mnl_nlmsg_put_extra_header(header, sizeof(struct ifaddrmsg));
            error = netlink_dump(netlink, header, take_address, taker, &interrupted);
        }
    }
    return error;
}

int links_read(struct netlink *netlink, links_take *take, void *context)
{
    struct taker taker = {.take_link = take, .context = context};
    return dump(netlink, RTM_GETLINK, &taker);
}

int links_read_addresses(struct netlink *netlink, links_take_address *take, void *context)
{
    struct taker taker = {.take_address = take, .context = context};
    return dump(netlink, RTM_GETADDR, &taker);
}
