#include "base/arena.h"
#include "platform/linux/parts.h"
#include "platform/linux/procfs.h"
#include "platform/linux/socket_owners.h"
#include "platform/linux/sockets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * All sockets: each list is asked for by netlink, which is fast, exact and knows the counters of
 * TCP. Where that is refused (a module is missing, a policy forbids it, the process file system
 * is not the running kernel's) the file that holds the same list is read instead.
 */

enum {
    SOCKETS_REFUSED_SCANS = 256, // asking can make the kernel start modprobe, so not each time
    SOCKETS_MAX = 1 << 20,
};

/* Order: by protocol, so that little is left to sort. */
static const struct socket_source sources[SOCKET_SOURCES] = {
    {.protocol = SOCKET_TCP, .family = 4, .kernel_number = 6, .path = "net/tcp"},
    {.protocol = SOCKET_TCP, .family = 6, .kernel_number = 6, .path = "net/tcp6"},
    {.protocol = SOCKET_MPTCP, .family = 4, .kernel_number = 262},
    {.protocol = SOCKET_MPTCP, .family = 6, .kernel_number = 262},
    {.protocol = SOCKET_UDP, .family = 4, .kernel_number = 17, .path = "net/udp"},
    {.protocol = SOCKET_UDP, .family = 6, .kernel_number = 17, .path = "net/udp6"},
    {.protocol = SOCKET_UDPLITE, .family = 4, .kernel_number = 136, .path = "net/udplite"},
    {.protocol = SOCKET_UDPLITE, .family = 6, .kernel_number = 136, .path = "net/udplite6"},
    {.protocol = SOCKET_RAW, .family = 4, .kernel_number = 255, .path = "net/raw"},
    {.protocol = SOCKET_RAW, .family = 6, .kernel_number = 255, .path = "net/raw6"},
    {.protocol = SOCKET_UNIX, .path = "net/unix"},
};

struct raw_socket *socket_list_next(struct socket_list *list)
{
    if (list->count == list->capacity) {
        const size_t capacity = list->capacity * 2 < SOCKETS_MAX ? list->capacity * 2 : SOCKETS_MAX;
        struct raw_socket *const items =
            capacity > list->count ? arena_alloc(list->arena, capacity, sizeof(*items)) : NULL;
        if (!items) {
            return NULL;
        }
        memcpy(items, list->items, list->count * sizeof(*items));
        list->items = items;
        list->capacity = capacity;
    }
    struct raw_socket *const next = &list->items[list->count];
    *next = (struct raw_socket){0}; // one that was given up may have been here
    return next;
}

char *socket_list_copy(const struct socket_list *list, const char *ptr, size_t len)
{
    char *const copy = arena_alloc(list->arena, len + 1, 1);
    if (copy) {
        memcpy(copy, ptr, len);
    }
    return copy;
}

static int compare_u64(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_addresses(const struct net_address *a, const struct net_address *b)
{
    const int bytes = memcmp(a->bytes, b->bytes, sizeof(a->bytes));
    return bytes ? bytes : a->port < b->port ? -1 : a->port > b->port;
}

/* Sockets of one protocol by what tells them apart: the cookie, else the inode, else the ends. */
static int compare_sockets(const void *a, const void *b)
{
    const struct raw_socket *const left = a;
    const struct raw_socket *const right = b;
    int order = compare_u64(left->protocol, right->protocol);
    if (order == 0) {
        order = compare_u64(left->cookie, right->cookie);
    }
    if (order || left->cookie) {
        return order;
    }
    order = compare_u64(left->inode, right->inode);
    if (order || left->inode) {
        return order;
    }
    order = compare_addresses(&left->local, &right->local);
    return order ? order : compare_addresses(&left->remote, &right->remote);
}

/* In order and unique: a list that changes while it is handed out repeats some. */
static void put_in_order(struct socket_list *list)
{
    qsort(list->items, list->count, sizeof(*list->items), compare_sockets);
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (kept == 0 || compare_sockets(&list->items[kept - 1], &list->items[i]) != 0) {
            list->items[kept++] = list->items[i];
        }
    }
    list->count = kept;
}

bool sockets_are_live(const struct platform *platform)
{
    return platform->is_procfs && strcmp(platform->proc_path, "/proc") == 0;
}

/* Whether asking again for this list would have the same answer. */
static bool is_refusal(int error)
{
    return error != -ETIMEDOUT && error != -EBADMSG && error != -ENOBUFS && error != -EINTR &&
           !parts_is_scarcity(error);
}

static int read_source(struct platform *platform, struct socket_netlink *netlink, size_t index,
                       struct socket_list *list)
{
    const struct socket_source *const source = &sources[index];
    struct socket_cache *const cache = platform->sockets;
    if (netlink && platform->scan >= cache->refused_until[index]) {
        const int error = sockets_netlink_read(netlink, source, list);
        if (error == 0 || error == -ENOMEM) {
            return error;
        }
        if (is_refusal(error)) {
            cache->refused_until[index] = platform->scan + SOCKETS_REFUSED_SCANS;
        }
    }
    return source->path ? sockets_proc_read(platform->proc_fd, source, platform->list_buf,
                                            PROCFS_LIST_BYTES, list)
                        : -ENOENT;
}

/* Reads all. The error is the first one, since the others are mostly the same. Lists the kernel
 * does not have are none; without any of them *ret_any is false. */
static int read_sources(struct platform *platform, struct socket_list *list, bool *ret_any)
{
    struct socket_netlink *netlink = NULL;
    int worst = 0;
    *ret_any = false;
    if (sockets_are_live(platform)) {
        (void)sockets_netlink_open(&netlink); // without it there are the files
    }
    for (size_t i = 0; i < SOCKET_SOURCES && worst != -ENOMEM; i++) {
        const int error = read_source(platform, netlink, i, list);
        *ret_any |= error != -ENOENT;
        if (error == -ENOMEM || (worst == 0 && error != -ENOENT)) {
            worst = error;
        }
    }
    sockets_netlink_close(netlink);
    return worst;
}

static int ensure_cache(struct platform *platform)
{
    if (!platform->sockets) {
        platform->sockets = calloc(1, sizeof(*platform->sockets));
    }
    return platform->sockets ? 0 : -ENOMEM;
}

int procfs_sockets(struct platform *platform, struct arena *arena, struct raw_sample *sample)
{
    struct socket_list list = {.arena = arena};
    bool any = false;
    sample->socket_error = ensure_cache(platform);
    if (sample->socket_error) {
        parts_note(sample, sample->socket_error);
        return 0;
    }
    struct socket_cache *const cache = platform->sockets;
    list.capacity = cache->guess + cache->guess / 8 + 64;
    list.items = arena_alloc(arena, list.capacity, sizeof(*list.items));
    if (!list.items) {
        sample->socket_error = -ENOMEM;
        parts_note(sample, -ENOMEM);
        return 0;
    }
    sample->socket_error = read_sources(platform, &list, &any);
    parts_note(sample, sample->socket_error);
    if (!any) {
        return 0;
    }
    sample->parts |= PART_SOCKETS;
    sample->sockets_ns = platform_now_ns();
    put_in_order(&list);
    cache->guess = list.count;
    socket_owners_find(platform, &cache->owners, sample, &list);
    sample->sockets = list.items;
    sample->socket_count = list.count;
    return 0;
}

void sockets_finish(struct socket_cache *cache)
{
    if (cache) {
        socket_owners_destroy(cache->owners);
        free(cache);
    }
}
