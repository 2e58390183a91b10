#ifndef SAMPLER_DIFF_NETWORK_H
#define SAMPLER_DIFF_NETWORK_H

#include "model/network.h"
#include "model/storage.h"
#include "platform/platform.h"

struct arena;
struct cache;

/* Private to diff.c: the parts of a sample that are no processes. Pure; see diff.h. */

/* Everything of the network. *ret is NULL when no part of it was read.
 * Owns: the arena. Errors: -ENOMEM. */
int diff_network(const struct raw_sample *before, const struct raw_sample *after,
                 const struct cache *cache, uint64_t interval_ns, struct arena *arena,
                 const struct network_load **ret);

/*
 * Fill in proc.net of all processes from the sockets, and FACT_SOCKET_RATE; `has_interval` tells
 * whether sockets can have rates. `procs` ascend. Owns: the arena. Errors: -ENOMEM.
 */
int diff_traffic(const struct network_load *load, bool has_interval, struct arena *arena,
                 struct proc *procs, size_t count);

/* Everything of storage. *ret is NULL when no part of it was read.
 * Owns: the arena. Errors: -ENOMEM. */
int diff_storage(const struct raw_sample *before, const struct raw_sample *after,
                 const struct cache *cache, uint64_t interval_ns, struct arena *arena,
                 const struct storage_load **ret);

/* Which socket it is. */
struct socket_mark {
    enum socket_protocol protocol;
    uint32_t netns;
    bool has_cookie; // else `number` is the inode
    uint64_t number; // 0: not known
};

/* That of a socket. */
struct socket_mark diff_socket_mark(const struct raw_socket *socket);

/* The order of raw_sample.sockets: by protocol, namespace, and cookie or else inode. */
int diff_socket_compare(struct socket_mark a, struct socket_mark b);

/* Whether they are one socket at two moments. What has neither cookie nor inode never is. */
bool diff_socket_is_same(struct socket_mark a, struct socket_mark b);

#endif
