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

/* The order of raw_sample.sockets: by protocol, then by cookie or else inode. */
int diff_socket_compare(const struct raw_socket *a, const struct raw_socket *b);

/* Whether they are one socket at two moments. What has neither cookie nor inode never is. */
bool diff_socket_is_same(const struct raw_socket *a, const struct raw_socket *b);

#endif
