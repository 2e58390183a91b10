#include "sampler/diff_peers.h"

#include "base/str.h"
#include "sampler/text.h"

#include <errno.h>
#include <stdlib.h>

enum { PEER_BYTES = 512 };

/* Where the socket of a number is. */
struct place {
    uint64_t inode;
    size_t at;
};

static int compare_places(const void *a, const void *b)
{
    const uint64_t left = ((const struct place *)a)->inode;
    const uint64_t right = ((const struct place *)b)->inode;
    return left < right ? -1 : left > right;
}

/* "812/nginx +3", as netstat(8) writes it. Empty when that is not known. */
static struct text holder_text(const struct connection *peer, struct arena *arena)
{
    if (peer->owner_count == 0) {
        return (struct text){.ptr = ""};
    }
    char bytes[PEER_BYTES];
    struct strbuf buf;
    str_init(&buf, bytes, sizeof(bytes));
    str_addf(&buf, "%d/", (int)peer->owners[0].id.pid);
    str_add_bytes(&buf, peer->name.ptr, peer->name.bytes);
    return text_from_bytes(arena, bytes, buf.len);
}

int diff_peers(struct connection *connections, size_t count, struct arena *arena)
{
    size_t unix_count = 0;
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        unix_count += connections[i].protocol == SOCKET_UNIX;
        any |= connections[i].peer_inode != 0;
    }
    struct place *places = any ? arena_alloc(arena, unix_count + 1, sizeof(*places)) : NULL;
    if (places == NULL) {
        return any ? -ENOMEM : 0;
    }
    size_t known = 0;
    for (size_t i = 0; i < count; i++) {
        if (connections[i].protocol == SOCKET_UNIX) {
            places[known++] = (struct place){.inode = connections[i].inode, .at = i};
        }
    }
    qsort(places, known, sizeof(*places), compare_places);
    for (size_t i = 0; i < count; i++) {
        struct connection *is = &connections[i];
        const struct place wanted = {.inode = is->peer_inode};
        const struct place *found =
            wanted.inode == 0 ? NULL
                              : bsearch(&wanted, places, known, sizeof(*places), compare_places);
        if (found == NULL) {
            continue;
        }
        const struct connection *peer = &connections[found->at];
        is->peer = peer->local_text.bytes > 0 ? peer->local_text : holder_text(peer, arena);
        is->peer_denied = is->peer.bytes == 0 && peer->owners_denied;
        if (is->peer.bytes == 0 && peer->owner_count > 0) {
            return -ENOMEM;
        }
    }
    return 0;
}
