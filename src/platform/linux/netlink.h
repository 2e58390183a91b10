#ifndef PLATFORM_LINUX_NETLINK_H
#define PLATFORM_LINUX_NETLINK_H

#include <stdbool.h>

struct nlattr;
struct nlmsghdr;

/*
 * Private to platform/linux, and built only where libmnl is: a conversation with the kernel by
 * netlink(7). One question is one "dump": a request, and messages until one says that it is done.
 * The kernel writes them while we receive, so nothing queues up.
 */

struct netlink;

/* Takes one message of an answer. Errors: ends the dump with that error. */
typedef int netlink_take(void *context, const struct nlmsghdr *message);

/*
 * Begin one with a family of netlink (NETLINK_ROUTE). `groups` is a mask of what the kernel is to
 * tell unasked (RTMGRP_LINK); 0 nothing.
 * Owns: the caller, who ends it with netlink_close().
 * Errors: -ENOMEM, or what the kernel says.
 */
int netlink_open(int family, unsigned groups, struct netlink **ret);

/* NULL is a no-op. */
void netlink_close(struct netlink *netlink);

/*
 * Ask for a dump and take each message of it. The request's flags and sequence are set here.
 * *ret_interrupted tells that what was dumped changed in a way that may have hidden something. An
 * error that leaves the answer unfinished breaks off the conversation; the next dump begins anew.
 * Errors: those of `take`, -ETIMEDOUT, -EBADMSG, or what the kernel says.
 */
int netlink_dump(struct netlink *netlink, struct nlmsghdr *request, netlink_take *take,
                 void *context, bool *ret_interrupted);

/* True when there is an attribute at this place of the message, as mnl_attr_for_each() has it. */
bool netlink_has(const struct nlmsghdr *message, const struct nlattr *attribute);

/* True when the kernel told something unasked since this was asked last, or may have. */
bool netlink_has_news(struct netlink *netlink);

#endif
