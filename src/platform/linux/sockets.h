#ifndef PLATFORM_LINUX_SOCKETS_H
#define PLATFORM_LINUX_SOCKETS_H

#include "platform/platform.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct netlink;
struct netns_index;
struct platform;
struct socket_owners;

/* Private to platform/linux: all sockets of our network namespace, from where they can be had. */

enum { SOCKET_SOURCES = 11 }; // see the table in sockets_list.c

/* One list of sockets the kernel keeps: how to ask for it, and where to read it otherwise. */
struct socket_source {
    enum socket_protocol protocol;
    uint8_t family;         // 4, 6; 0 unix
    bool is_both;           // netlink tells of the next source, too: the same in the other family
    uint32_t kernel_number; // IPPROTO_...
    const char *path;       // below /proc; NULL: in no file
};

/* Sockets on their way into a sample. */
struct socket_list {
    struct arena *arena;
    struct raw_socket *items; // in the arena
    size_t count, capacity;
};

/* What is kept between scans. */
struct socket_cache {
    struct socket_owners *owners;
    struct netns_index *namespaces;         // NULL until they are read
    size_t guess;                           // how many sockets the last scan found
    uint64_t refused_until[SOCKET_SOURCES]; // by netlink, up to this scan; to be read from files
};

/*
 * Room for one more socket, zeroed; to be counted by whoever fills it.
 * Owns: the arena. Errors: NULL when that is full.
 */
struct raw_socket *socket_list_next(struct socket_list *list);

/* While a list is gone through and some are left out: keep this one behind the *kept ones. */
void socket_list_keep(struct socket_list *list, size_t from, size_t *kept);

/* Copy bytes to where the list is. Owns: the arena. Errors: NULL when that is full. */
char *socket_list_copy(const struct socket_list *list, const char *ptr, size_t len);

/*
 * Begin a conversation with the kernel about sockets.
 * Owns: the caller, who ends it with sockets_netlink_close().
 * Errors: -ENOTSUP when this was not built in, -ENOMEM, or what the kernel says.
 */
int sockets_netlink_open(struct netlink **ret);

/* NULL is a no-op. */
void sockets_netlink_close(struct netlink *netlink);

/*
 * Add all sockets of a source, and of the next one if it is_both. They may hold duplicates. After an error the conversation is over
 * unless it was the kernel's answer to this question; what had been added is taken out again,
 * except with -ENOMEM, when the arena is full.
 * Errors: -ENOENT, -EPERM and so on as the kernel says, -ETIMEDOUT, -EBADMSG.
 */
int sockets_netlink_read(struct netlink *netlink, const struct socket_source *source,
                         struct socket_list *list);

/* Likewise from the file of the source below `proc_fd`. Errors: as opening and reading say. */
int sockets_proc_read(int proc_fd, const struct socket_source *source, char *buf, size_t size,
                      struct socket_list *list);

/*
 * Take out of a complete list the unix sockets of which another one's name made up a line, as far as
 * the inode of another row gives them away. Of two that contradict each other the name and the
 * state are then unknown.
 * Errors: -ENOMEM; everything doubtful is then taken out.
 */
int sockets_proc_settle(struct socket_list *list);

/*
 * Read all sockets into a sample. What cannot be had is in its socket_error.
 * Errors: none: a sample without sockets is still one.
 */
int procfs_sockets(struct platform *platform, struct arena *arena, struct raw_sample *sample);

/* Likewise those of TCP in our own namespace only, without owners: PART_SOCKET_STATES. */
int procfs_socket_states(struct platform *platform, struct arena *arena, struct raw_sample *sample);

/* Forget everything kept. NULL is a no-op. */
void sockets_finish(struct socket_cache *cache);

#endif
