#include "sampler/diff_peers.h"

#include "base/str.h"
#include "sampler/text.h"

#include <errno.h>
#include <string.h>

enum { PEER_BYTES = 512 };

/* Those that may be somebody's other end, by their keys. The numbers in it are indices plus one. */
struct ends {
    uint32_t *heads; // of the chain of those whose keys have the same last bits; 0 there are none
    uint32_t *next;  // of each connection, in its chain; 0 it is the last
    uint64_t mask;
};

/* What was written last: connections of a process mostly follow each other. */
struct last_holder {
    struct proc_id id;
    const char *name;
    struct text text;
};

/* --- keys --------------------------------------------------------------------------------------- */

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
    for (uint32_t shift = 0; at < text.bytes; at++, shift += 8) {
        word |= (uint64_t)(uint8_t)text.ptr[at] << shift;
    }
    return mix(mix(hash, word), text.bytes);
}

static bool has_remote(const struct connection *c)
{
    return c->protocol != SOCKET_UNIX && c->remote_text.bytes > 0 && !connection_is_listening(c);
}

/* Whether it may be somebody's other end, and what it is then found by. */
static bool own_key(const struct connection *c, uint64_t *ret)
{
    const bool is_unix = c->protocol == SOCKET_UNIX;
    *ret = is_unix ? mix(0, c->inode) : hash_on(hash_on(0, c->local_text), c->remote_text);
    return is_unix || has_remote(c);
}

/* Whether it may have another end, and what that is found by. */
static bool peer_key(const struct connection *c, uint64_t *ret)
{
    const bool is_unix = c->protocol == SOCKET_UNIX;
    *ret = is_unix ? mix(0, c->peer_inode) : hash_on(hash_on(0, c->remote_text), c->local_text);
    return is_unix ? c->peer_inode != 0 : has_remote(c);
}

/* --- who it is -------------------------------------------------------------------------------- */

/* "812/nginx +3", as netstat(8) writes it. Empty when that is not known. */
static struct text holder_text(const struct connection *peer, struct last_holder *last,
                               struct arena *arena)
{
    if (peer->owner_count == 0) {
        return (struct text){.ptr = ""};
    }
    const struct proc_id id = peer->owners[0].id;
    if (proc_id_equal(last->id, id) && last->name == peer->name.ptr) {
        return last->text;
    }
    char bytes[PEER_BYTES];
    struct strbuf buf;
    str_init(&buf, bytes, sizeof(bytes));
    str_add_u64(&buf, (uint64_t)id.pid, 10);
    str_add(&buf, "/");
    str_add_bytes(&buf, peer->name.ptr, peer->name.bytes);
    const struct text text = text_from_bytes(arena, bytes, buf.len);
    *last = (struct last_holder){.id = id, .name = peer->name.ptr, .text = text};
    return text;
}

static bool fits(const struct connection *is, const struct connection *other)
{
    return is->protocol == SOCKET_UNIX
               ? other->protocol == SOCKET_UNIX && other->inode == is->peer_inode
               : connection_is_other_end(is, other);
}

/* What may be the other end of a socket; of the network the one in its own namespace, if there is.
 * Errors: NULL when there is none, or several in other namespaces. */
static const struct connection *find_end(const struct connection *is, const struct ends *ends,
                                         const struct connection *connections)
{
    uint64_t key;
    const struct connection *found = NULL;
    bool is_sure = true;
    uint32_t at = peer_key(is, &key) ? ends->heads[key & ends->mask] : 0;
    for (; at != 0; at = ends->next[at - 1]) {
        const struct connection *other = &connections[at - 1];
        if (!fits(is, other)) {
            continue;
        }
        if (is->protocol == SOCKET_UNIX || other->netns == is->netns) {
            return other;
        }
        is_sure = found == NULL;
        found = other;
    }
    return is_sure ? found : NULL;
}

/* The socket at the other end of one. Networks of namespaces may have the same addresses: then
 * nobody knows whose it is. */
static const struct connection *find_peer(const struct connection *is, const struct ends *ends,
                                          const struct connection *connections)
{
    const struct connection *end = find_end(is, ends, connections);
    const bool is_near = end == NULL || is->protocol == SOCKET_UNIX || end->netns == is->netns;
    return is_near || find_end(end, ends, connections) == is ? end : NULL;
}

/* Errors: -ENOMEM. */
static int tell_peer(struct connection *is, const struct connection *peer, struct last_holder *last,
                     struct arena *arena)
{
    is->peer_holder = holder_text(peer, last, arena);
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

/* Errors: -ENOMEM. */
static int collect_ends(const struct connection *connections, size_t count, struct arena *arena,
                        struct ends *ret)
{
    size_t heads = 1;
    while (heads < count) {
        heads *= 2;
    }
    *ret = (struct ends){
        .heads = arena_alloc(arena, heads, sizeof(*ret->heads)),
        .next = arena_alloc(arena, count + 1, sizeof(*ret->next)),
        .mask = heads - 1,
    };
    if (ret->heads == NULL || ret->next == NULL || count >= UINT32_MAX) {
        return -ENOMEM;
    }
    for (size_t i = count; i-- > 0;) { // so that chains ascend
        uint64_t key;
        if (own_key(&connections[i], &key)) {
            ret->next[i] = ret->heads[key & ret->mask];
            ret->heads[key & ret->mask] = (uint32_t)i + 1;
        }
    }
    return 0;
}

int diff_peers(struct connection *connections, size_t count, struct arena *arena)
{
    struct ends ends;
    struct last_holder last = {.name = NULL};
    int error = collect_ends(connections, count, arena, &ends);
    for (size_t i = 0; i < count && error == 0; i++) {
        const struct connection *peer = find_peer(&connections[i], &ends, connections);
        error = peer != NULL ? tell_peer(&connections[i], peer, &last, arena) : 0;
    }
    return error;
}
