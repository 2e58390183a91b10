#ifndef SAMPLER_DIFF_PEERS_H
#define SAMPLER_DIFF_PEERS_H

#include "base/arena.h"
#include "model/network.h"

#include <stddef.h>

/*
 * Fill in what is at the other end of each socket, where that is on this machine, once all of them
 * have their names and holders: of unix sockets by the number of the peer, of others by their
 * addresses. Texts go into the arena.
 * Errors: -ENOMEM when it is full.
 * Thread: any; a pure function.
 */
int diff_peers(struct connection *connections, size_t count, struct arena *arena);

#endif
