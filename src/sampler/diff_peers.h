#ifndef SAMPLER_DIFF_PEERS_H
#define SAMPLER_DIFF_PEERS_H

#include "base/arena.h"
#include "model/network.h"

#include <stddef.h>

/*
 * Fill in what is at the other end of each unix socket, by its number, once all of them have their
 * names and holders. Texts go into the arena.
 * Errors: -ENOMEM when it is full.
 * Thread: any; a pure function.
 */
int diff_peers(struct connection *connections, size_t count, struct arena *arena);

#endif
