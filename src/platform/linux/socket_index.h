#ifndef PLATFORM_LINUX_SOCKET_INDEX_H
#define PLATFORM_LINUX_SOCKET_INDEX_H

#include "base/facts.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Which descriptors are which sockets: a multimap from a socket's inode to entries, each of which
 * is also in one list, that of its holder. Private to socket_owners.c. Entries are named by
 * numbers that stay theirs until they are removed; 0 is none.
 */

enum { SOCKET_INDEX_MAX = 1 << 20 }; // entries

/* One descriptor that is a socket, or a socket nobody is known to hold. */
struct socket_entry {
    uint64_t inode;
    struct proc_id id; // of the holder; pid 0: nobody, and start_ns is the scan it was met in
    int32_t fd;
    uint32_t seen;       // scan in which the socket was last in the list, its lower bits
    uint32_t next, prev; // of those whose inode hashes alike
    uint32_t sibling;    // next one of the same holder
};

/* The multimap. Open to its one user, for speed; the links are socket_index.c's to change. */
struct socket_index {
    struct socket_entry *entries; // heap; [0] is unused
    uint32_t *buckets;            // heap; a power of two of them
    uint32_t bucket_count;
    uint32_t capacity, used; // of entries; `used` ones were ever in use
    uint32_t free;           // first of those given back, by `next`
    uint32_t count;          // in the index now
};

/* Free its memory; it is then empty. */
void socket_index_finish(struct socket_index *index);

/*
 * Add an entry in front of the list that begins with *first.
 * Errors: 0 when out of memory or full; otherwise its number.
 */
uint32_t socket_index_add(struct socket_index *index, uint64_t inode, struct proc_id id, int32_t fd,
                          uint32_t *first);

/* Take out an entry. It must be in no holder's list any more. */
void socket_index_remove(struct socket_index *index, uint32_t number);

/* The first entry of an inode, or with `after` the one behind it. 0: no more. */
uint32_t socket_index_find(const struct socket_index *index, uint64_t inode, uint32_t after);

#endif
