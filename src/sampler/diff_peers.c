#include "sampler/diff_peers.h"

#include "base/str.h"
#include "sampler/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { PEER_BYTES = 512 };

/* Where a socket is that may be somebody's other end. */
struct place {
    uint64_t key; // of a unix socket its inode, of others what comes of their two addresses
    size_t at;
};

/* Some of the sockets, by their keys. */
struct places {
    struct place *items;
    size_t count;
};

static int compare_places(const void *a, const void *b)
{
    const uint64_t left = ((const struct place *)a)->key;
    const uint64_t right = ((const struct place *)b)->key;
    return left < right ? -1 : left > right;
}

/* --- the network ------------------------------------------------------------------------------ */

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 32;
}

/* Eight bytes at a time: this is done for every socket. The length tells where the first one ends. */
static uint64_t hash_on(uint64_t hash, struct text text)
{
    uint64_t word;
    uint32_t at = 0;
    for (; text.bytes - at >= sizeof(word); at += sizeof(word)) {
        memcpy(&word, text.ptr + at, sizeof(word));
        hash = mix(hash, word);
    }
    word = 0;
    memcpy(&word, text.ptr + at, text.bytes - at);
    return mix(mix(hash, word), text.bytes);
}

/* What a connection from one address to another is found by. */
static uint64_t key_of(struct text from, struct text to)
{
    return hash_on(hash_on(0, from), to);
}

static bool has_remote(const struct connection *c)
{
    return c->protocol != SOCKET_UNIX && c->remote_text.bytes > 0 && !connection_is_listening(c);
}

/* --- who it is -------------------------------------------------------------------------------- */

/* "812/nginx +3", as netstat(8) writes it. Empty when that is not known. */
static struct text holder_text(const struct connection *peer, struct arena *arena)
{
    if (peer->owner_count == 0) {
        return (struct text){.ptr = ""};
    }
    char bytes[PEER_BYTES];
    struct strbuf buf;
    str_init(&buf, bytes, sizeof(bytes));
    str_add_u64(&buf, (uint64_t)peer->owners[0].id.pid, 10);
    str_add(&buf, "/");
    str_add_bytes(&buf, peer->name.ptr, peer->name.bytes);
    return text_from_bytes(arena, bytes, buf.len);
}

/* The first place with this key. Errors: NULL. */
static const struct place *first_place(const struct places *places, uint64_t key)
{
    const struct place wanted = {.key = key};
    const struct place *found =
        bsearch(&wanted, places->items, places->count, sizeof(wanted), compare_places);
    while (found != NULL && found > places->items && found[-1].key == key) {
        found--;
    }
    return found;
}

/* The socket at the other end of one; of the network the one in its own namespace, if there is. */
static const struct connection *find_peer(const struct connection *is, const struct places *places,
                                          const struct connection *connections)
{
    const bool by_address = has_remote(is);
    const uint64_t key = by_address ? key_of(is->remote_text, is->local_text) : is->peer_inode;
    const struct place *place = first_place(places, key);
    const struct place *const end = places->items + places->count;
    const struct connection *found = NULL;
    for (; place != NULL && place < end && place->key == key; place++) {
        const struct connection *other = &connections[place->at];
        const bool fits = by_address ? connection_is_other_end(is, other) : true;
        if (fits && (found == NULL || other->netns == is->netns)) {
            found = other;
        }
    }
    return found;
}

/* Errors: -ENOMEM. */
static int tell_peer(struct connection *is, const struct connection *peer, struct arena *arena)
{
    is->peer_holder = holder_text(peer, arena);
    if (is->peer_holder.bytes == 0 && peer->owner_count > 0) {
        return -ENOMEM;
    }
    if (is->protocol == SOCKET_UNIX) {
        is->peer = peer->local_text.bytes > 0 ? peer->local_text : is->peer_holder;
    } else {
        is->peer_inode = peer->inode;
    }
    is->peer_denied = peer->owner_count == 0 && peer->owners_denied;
    return 0;
}

/* Sort those that can be an other end. Errors: -ENOMEM. */
static int sort_places(const struct connection *connections, size_t count, bool network,
                       struct arena *arena, struct places *ret)
{
    ret->items = arena_alloc(arena, count + 1, sizeof(*ret->items));
    if (ret->items == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        const struct connection *c = &connections[i];
        if (network && has_remote(c)) {
            ret->items[ret->count++] =
                (struct place){.key = key_of(c->local_text, c->remote_text), .at = i};
        } else if (!network && c->protocol == SOCKET_UNIX) {
            ret->items[ret->count++] = (struct place){.key = c->inode, .at = i};
        }
    }
    qsort(ret->items, ret->count, sizeof(*ret->items), compare_places);
    return 0;
}

int diff_peers(struct connection *connections, size_t count, struct arena *arena)
{
    struct places local = {0};
    struct places network = {0};
    int error = sort_places(connections, count, false, arena, &local);
    if (error == 0) {
        error = sort_places(connections, count, true, arena, &network);
    }
    for (size_t i = 0; i < count && error == 0; i++) {
        struct connection *is = &connections[i];
        const bool is_connected = has_remote(is) || (is->protocol == SOCKET_UNIX && is->peer_inode);
        const struct connection *peer =
            is_connected ? find_peer(is, has_remote(is) ? &network : &local, connections) : NULL;
        error = peer != NULL ? tell_peer(is, peer, arena) : 0;
    }
    return error;
}
