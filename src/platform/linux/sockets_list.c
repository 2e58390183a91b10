#include "base/arena.h"
#include "platform/linux/netns.h"
#include "platform/linux/parts.h"
#include "platform/linux/procfs.h"
#include "platform/linux/socket_owners.h"
#include "platform/linux/sockets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * All sockets: each list is asked for by netlink, which is fast, exact and knows the counters of
 * TCP. Where that is refused (a module is missing, a policy forbids it, the process file system
 * is not the running kernel's) the file that holds the same list is read instead.
 */

enum {
    SOCKETS_REFUSED_SCANS = 256, // asking can make the kernel start modprobe, so not each time
    SOCKETS_MAX = 1 << 20,
    SOCKET_SOURCES_TCP = 2, // so many of the lists below, the first ones
};

/* Order: by protocol, so that little is left to sort. */
static const struct socket_source sources[SOCKET_SOURCES] = {
    {.protocol = SOCKET_TCP, .family = 4, .is_both = true, .path = "net/tcp"},
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

void socket_list_keep(struct socket_list *list, size_t from, size_t *kept)
{
    if (*kept != from) { // mostly nothing is left out, and nothing moves
        list->items[*kept] = list->items[from];
    }
    ++*kept;
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

static int compare_paths(const struct raw_bytes *a, const struct raw_bytes *b)
{
    const int order = compare_u64(a->len, b->len);
    return order || a->len == 0 ? order : memcmp(a->ptr, b->ptr, a->len);
}

/* Sockets of a protocol and a namespace by what tells them apart: the cookie, else the inode, else
 * the ends or the name. Before Linux 5.10 each namespace had cookies of its own. */
static int compare_sockets(const void *a, const void *b)
{
    const struct raw_socket *const left = a;
    const struct raw_socket *const right = b;
    int order = compare_u64(left->protocol, right->protocol);
    if (order == 0) {
        order = compare_u64(left->netns, right->netns);
    }
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
    order = order ? order : compare_addresses(&left->remote, &right->remote);
    return order ? order : compare_paths(&left->path, &right->path);
}

/* In order and unique: a list that changes while it is handed out repeats some. */
static void put_in_order(struct socket_list *list)
{
    qsort(list->items, list->count, sizeof(*list->items), compare_sockets);
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (kept == 0 || compare_sockets(&list->items[kept - 1], &list->items[i]) != 0) {
            socket_list_keep(list, i, &kept);
        }
    }
    list->count = kept;
}

/* Whether asking again for this list would have the same answer. */
static bool is_refusal(int error)
{
    return error != -ETIMEDOUT && error != -EBADMSG && error != -ENOBUFS && error != -EINTR &&
           !parts_is_scarcity(error);
}

/* Where the lists are read: a conversation in some namespace, and the files that show the same. */
struct place {
    struct platform *platform;
    struct netlink *netlink; // NULL: none
    int dir;                 // /proc, or a process's directory in it
};

/* *ret_both: the next source was read with it. */
static int read_source(const struct place *place, size_t index, struct socket_list *list,
                       bool *ret_both)
{
    struct platform *const platform = place->platform;
    const struct socket_source *const source = &sources[index];
    struct socket_cache *const cache = platform->sockets;
    if (place->netlink && platform->scan >= cache->refused_until[index]) {
        const int error = sockets_netlink_read(place->netlink, source, list);
        if (error == 0 || error == -ENOMEM) {
            *ret_both = source->is_both;
            return error;
        }
        if (is_refusal(error)) {
            cache->refused_until[index] = platform->scan + SOCKETS_REFUSED_SCANS;
        }
    }
    return source->path
               ? sockets_proc_read(place->dir, source, platform->list_buf, PROCFS_LIST_BYTES, list)
               : -ENOENT;
}

/* Reads the first so many lists of one namespace. The error is the first one, since the others are mostly the same.
 * Lists the kernel does not have are none; without any of them *ret_any is false. */
static int read_sources(const struct place *place, size_t count, struct socket_list *list,
                        bool *ret_any)
{
    int worst = 0;
    *ret_any = false;
    for (size_t i = 0; i < count && worst != -ENOMEM; i++) {
        bool is_both = false;
        const int error = read_source(place, i, list, &is_both);
        i += is_both;
        *ret_any |= error != -ENOENT;
        if (error == -ENOMEM || (worst == 0 && error != -ENOENT)) {
            worst = error;
        }
    }
    return worst;
}

/* The network namespace we are in. */
static int read_ours(struct platform *platform, size_t count, struct socket_list *list,
                     bool *ret_any)
{
    struct place place = {.platform = platform, .dir = platform->proc_fd};
    // The files of another /proc are of another machine or a recording: netlink knows nothing
    // of those. Without it there are the files.
    if (platform->is_live) {
        (void)sockets_netlink_open(&place.netlink);
    }
    const int error = read_sources(&place, count, list, ret_any);
    sockets_netlink_close(place.netlink);
    return error;
}

/* --- other network namespaces ----------------------------------------------------------------- */

/* What the thread that goes through the others is told, and tells. */
struct journey {
    struct platform *platform;
    struct arena *arena;
    struct raw_sample *sample;
    struct socket_list *list;
    bool may_enter; // it is a thread of its own
    int error;
};

/*
 * One namespace. Being in it, sock_diag is asked as at home. Where we may not enter it, the files
 * below its process tell the same but for what TCP counts.
 */
static int read_other(const struct journey *journey, const struct netns *netns,
                      struct raw_netns *ret)
{
    struct platform *const platform = journey->platform;
    struct place place = {.platform = platform};
    const size_t before = journey->list->count;
    procfs_progress(platform, netns->id.pid);
    int error = netns_open(platform, netns, &place.dir);
    if (error) {
        return error == -ESRCH ? 0 : error;
    }
    if (journey->may_enter && platform->is_live) {
        error = netns_enter(place.dir, netns->inode);
    }
    if (error == -ESRCH) { // it has just gone elsewhere, and its files with it
        close(place.dir);
        return 0;
    }
    if (journey->may_enter && platform->is_live && error == 0) {
        (void)sockets_netlink_open(&place.netlink);
    }
    ret->has_counters = place.netlink != NULL;
    bool any = false;
    error = read_sources(&place, SOCKET_SOURCES, journey->list, &any);
    sockets_netlink_close(place.netlink);
    close(place.dir);
    for (size_t i = before; i < journey->list->count; i++) {
        journey->list->items[i].netns = netns->inode;
    }
    return error == -ESRCH ? 0 : error; // its process may have ended meanwhile
}

static void read_others(void *context)
{
    struct journey *const journey = context;
    size_t count = 0;
    const struct netns *const list = netns_list(journey->platform->sockets->namespaces, &count);
    struct raw_netns *const found = arena_alloc(journey->arena, count + 1, sizeof(*found));
    journey->error = found ? 0 : -ENOMEM;
    for (size_t i = 0; i < count && journey->error != -ENOMEM; i++) {
        char *const name = socket_list_copy(journey->list, list[i].name, list[i].name_len);
        if (!name) {
            journey->error = -ENOMEM;
            break;
        }
        found[i] = (struct raw_netns){.inode = list[i].inode,
                                      .name = {.ptr = name, .len = (uint32_t)list[i].name_len}};
        const int error = read_other(journey, &list[i], &found[i]);
        if (error == -ENOMEM || journey->error == 0) {
            journey->error = error;
        }
        journey->sample->netns_count = i + 1;
    }
    journey->sample->netns = found;
}

/*
 * All namespaces but ours. Only a thread that is made for it and ends with it ever enters one, so
 * none can be left in the wrong place; and nothing is kept open, because that would keep alive the
 * namespace of a container that has ended, with the devices in it. Signals are blocked in it as
 * they are here.
 */
static int read_namespaces(struct platform *platform, struct arena *arena,
                           struct raw_sample *sample, struct socket_list *list)
{
    struct netns_index **const index = &platform->sockets->namespaces;
    struct journey journey = {
        .platform = platform, .arena = arena, .sample = sample, .list = list, .may_enter = true};
    if (!platform->is_procfs) {
        return 0;
    }
    int error = netns_update(platform, index, sample);
    if (error) {
        return error;
    }
    size_t count = 0;
    (void)netns_list(*index, &count);
    sample->netns_left_out = netns_left_out(*index);
    if (count == 0) {
        return 0;
    }
    if (netns_run(read_others, &journey)) {
        journey.may_enter = false;
        read_others(&journey);
    }
    return journey.error;
}

static int ensure_cache(struct platform *platform)
{
    if (!platform->sockets) {
        platform->sockets = calloc(1, sizeof(*platform->sockets));
    }
    return platform->sockets ? 0 : -ENOMEM;
}

/* Makes room for as many as there were. Errors: false, with the reason in the sample. */
static bool begin_list(struct platform *platform, struct raw_sample *sample,
                       struct socket_list *list)
{
    sample->socket_error = ensure_cache(platform);
    if (sample->socket_error == 0) {
        const size_t guess = platform->sockets->guess;
        list->capacity = guess + guess / 8 + 64;
        list->items = arena_alloc(list->arena, list->capacity, sizeof(*list->items));
        sample->socket_error = list->items ? 0 : -ENOMEM;
    }
    parts_note(sample, sample->socket_error);
    return sample->socket_error == 0;
}

static void put_into(struct raw_sample *sample, unsigned parts, struct socket_list *list)
{
    sample->parts |= parts;
    sample->sockets_ns = platform_now_ns();
    put_in_order(list);
    sample->sockets = list->items;
    sample->socket_count = list->count;
}

/* Takes out what may be made up and is held by nobody, so that it hardly exists. One that does, and
 * whose process is not listed yet, is there in the next sample. */
static void drop_unheld(struct raw_sample *sample, struct socket_list *list)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct raw_socket *const socket = &list->items[i];
        if (!socket->is_doubtful || socket->owner_count > 0 || socket->owners_denied ||
            socket->owners_pending) {
            socket_list_keep(list, i, &kept);
        }
    }
    list->count = kept;
    sample->socket_count = kept;
}

int procfs_sockets(struct platform *platform, struct arena *arena, struct raw_sample *sample)
{
    struct socket_list list = {.arena = arena};
    bool any = false;
    if (!begin_list(platform, sample, &list)) {
        return 0;
    }
    struct socket_cache *const cache = platform->sockets;
    sample->socket_error = read_ours(platform, SOCKET_SOURCES, &list, &any);
    const int other_error = read_namespaces(platform, arena, sample, &list);
    sample->socket_error = sample->socket_error ? sample->socket_error : other_error;
    parts_note(sample, sample->socket_error);
    if (any) {
        const int error = sockets_proc_settle(&list);
        sample->socket_error = sample->socket_error ? sample->socket_error : error;
        put_into(sample, PART_SOCKETS | PART_SOCKET_STATES, &list);
        cache->guess = list.count;
        socket_owners_find(platform, &cache->owners, sample, &list);
        drop_unheld(sample, &list);
    }
    return 0;
}

int procfs_socket_states(struct platform *platform, struct arena *arena, struct raw_sample *sample)
{
    struct socket_list list = {.arena = arena};
    bool any = false;
    if (!begin_list(platform, sample, &list)) {
        return 0;
    }
    sample->socket_error = read_ours(platform, SOCKET_SOURCES_TCP, &list, &any);
    parts_note(sample, sample->socket_error);
    if (any) {
        put_into(sample, PART_SOCKET_STATES, &list);
    }
    return 0;
}

void sockets_finish(struct socket_cache *cache)
{
    if (cache) {
        socket_owners_destroy(cache->owners);
        netns_destroy(cache->namespaces);
        free(cache);
    }
}
