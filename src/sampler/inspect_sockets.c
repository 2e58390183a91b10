#include "sampler/inspect_sockets.h"

#include "base/arena.h"
#include "model/network.h"
#include "model/snapshot.h"
#include "model/table.h"
#include "sampler/text.h"

#include <errno.h>
#include <string.h>

enum {
    KEPT_MAX = 1000, // sockets
    KEPT_BYTES = 2 << 20,
};

/* False when the arena is full. */
static bool copy_text(struct arena *arena, struct text *text)
{
    const bool had = text->bytes > 0;
    *text = text_copy(arena, *text);
    return !had || text->bytes > 0;
}

static bool copy_owners(struct arena *arena, struct connection *socket)
{
    struct socket_owner *const owners =
        arena_alloc(arena, socket->owner_count + 1u, sizeof(*owners));
    bool fits = owners != NULL;
    for (uint32_t i = 0; fits && i < socket->owner_count; i++) {
        owners[i] = socket->owners[i];
        fits = copy_text(arena, &owners[i].name);
    }
    socket->owners = owners;
    return fits;
}

/* Everything a socket points at. False when the arena is full. */
static bool copy_rest(struct arena *arena, struct connection *socket)
{
    struct text *const texts[] = {
        &socket->local_text, &socket->remote_text, &socket->local_name, &socket->remote_name,
        &socket->user,       &socket->interface,   &socket->netns_name, &socket->name,
        &socket->peer,       &socket->peer_holder,
    };
    bool fits = copy_owners(arena, socket);
    for (size_t i = 0; fits && i < sizeof(texts) / sizeof(texts[0]); i++) {
        fits = copy_text(arena, texts[i]);
    }
    return fits;
}

void inspect_sockets_keep(struct inspect_sockets *kept, const struct snapshot *snap,
                          struct proc_id id)
{
    const struct network_load *const network = snap->network;
    if (network == NULL || (network->parts & PART_SOCKETS) == 0) {
        return;
    }
    kept->items = NULL;
    kept->count = 0;
    if (kept->arena == NULL) {
        kept->arena = arena_create(KEPT_BYTES);
    } else {
        arena_reset(kept->arena);
    }
    struct connection *const items =
        kept->arena != NULL ? arena_alloc(kept->arena, KEPT_MAX, sizeof(*items)) : NULL;
    bool fits = items != NULL;
    size_t count = 0;
    for (size_t i = 0; fits && i < network->connection_count && count < KEPT_MAX; i++) {
        if (table_row_belongs(table_info(TABLE_SOCKETS), &network->connections[i], id)) {
            items[count] = network->connections[i];
            fits = copy_rest(kept->arena, &items[count]);
            count += fits;
        }
    }
    kept->items = items;
    kept->count = count;
    kept->mono_ns = snap->mono_ns;
}

int inspect_sockets_copy(const struct inspect_sockets *kept, struct arena *arena,
                         const struct connection **ret)
{
    struct connection *const items = arena_alloc(arena, kept->count + 1, sizeof(*items));
    bool fits = items != NULL;
    for (size_t i = 0; fits && i < kept->count; i++) {
        items[i] = kept->items[i];
        fits = copy_rest(arena, &items[i]);
    }
    if (!fits) {
        return -ENOMEM;
    }
    *ret = items;
    return 0;
}

void inspect_sockets_finish(struct inspect_sockets *kept)
{
    arena_destroy(kept->arena);
    memset(kept, 0, sizeof(*kept));
}
