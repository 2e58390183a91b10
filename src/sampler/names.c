#include "sampler/names.h"

#include "base/address.h"
#include "sampler/cache.h"
#include "sampler/prober.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * A table of fixed size. A name is within WINDOW places of where its key points to; when all of
 * these are taken the one that was not needed for longest is given up, unless all are needed now.
 */

enum {
    WINDOW = 8,
    SERVICES_MAX = 64, // with the prober at a time
};

static const uint64_t known_ns = 600000000000;  // a name is asked for again after this,
static const uint64_t unknown_ns = 60000000000; // and what had none

/* What a name is of. No padding, so that it can be compared as bytes. */
struct name_key {
    uint8_t address[16]; // of a host
    uint32_t scope;      // likewise
    uint16_t port;       // of a service
    uint8_t family;      // of a host, 4 or 6
    uint8_t transport;   // of a service, 6 TCP or 17 UDP
};

struct name {
    struct name_key key;
    struct cache_name name;
    uint64_t needed;   // the last sample it was needed for
    uint64_t until_ns; // monotonic: when to ask again
};

struct names {
    struct name *slots; // NAMES_MAX
    bool shown;
    uint64_t sample;
    size_t host_at, service_at; // ends of the sample's sockets not looked at in this round
    size_t services_pending;
    bool host_pending;
};

struct names *names_create(void)
{
    struct names *names = calloc(1, sizeof(*names));
    if (names != NULL) {
        names->slots = calloc(NAMES_MAX, sizeof(*names->slots));
    }
    if (names == NULL || names->slots == NULL) {
        free(names);
        return NULL;
    }
    return names;
}

void names_destroy(struct names *names)
{
    for (size_t i = 0; names != NULL && i < NAMES_MAX; i++) {
        cache_clear_name(&names->slots[i].name);
    }
    if (names != NULL) {
        free(names->slots);
        free(names);
    }
}

bool names_show(struct names *names, bool shown)
{
    const bool changed = names->shown != shown;
    names->shown = shown;
    if (changed) {
        names_begin(names);
    }
    return changed;
}

bool names_are_shown(const struct names *names)
{
    return names->shown;
}

void names_begin(struct names *names)
{
    names->sample++;
    names->host_at = 0;
    names->service_at = 0;
}

/* --- keys ----------------------------------------------------------------------------------- */

/* False for what has no name: any address, and none. */
static bool host_key(const struct net_address *address, struct name_key *ret)
{
    if (address_is_any(address)) {
        return false;
    }
    *ret = (struct name_key){.family = address->family, .scope = address->scope};
    memcpy(ret->address, address->bytes, address->family == 4 ? 4 : 16);
    return true;
}

static bool service_key(enum socket_protocol protocol, uint16_t port, struct name_key *ret)
{
    static const uint8_t transports[SOCKET_PROTOCOL_COUNT] = {
        [SOCKET_TCP] = 6, [SOCKET_MPTCP] = 6, [SOCKET_UDP] = 17, [SOCKET_UDPLITE] = 17};
    *ret = (struct name_key){.port = port, .transport = transports[protocol]};
    return port != 0 && ret->transport != 0;
}

static size_t place_of(const struct name_key *key)
{
    uint8_t bytes[sizeof(*key)];
    uint32_t hash = 2166136261u; // FNV-1a
    memcpy(bytes, key, sizeof(bytes));
    for (size_t i = 0; i < sizeof(bytes); i++) {
        hash = (hash ^ bytes[i]) * 16777619u;
    }
    return hash % NAMES_MAX;
}

static bool is_same(const struct name_key *a, const struct name_key *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

/* Errors: NULL. */
static struct name *find(const struct names *names, const struct name_key *key)
{
    const size_t place = place_of(key);
    for (size_t i = 0; i < WINDOW; i++) {
        struct name *name = &names->slots[(place + i) % NAMES_MAX];
        if (name->needed != 0 && is_same(&name->key, key)) {
            return name;
        }
    }
    return NULL;
}

/* The name's place, made when it has none. Errors: NULL when all there is room for is needed. */
static struct name *need(struct names *names, const struct name_key *key)
{
    struct name *name = find(names, key);
    const size_t place = place_of(key);
    for (size_t i = 0; name == NULL && i < WINDOW; i++) {
        struct name *slot = &names->slots[(place + i) % NAMES_MAX];
        name = slot->needed == 0 ? slot : NULL;
    }
    struct name *oldest = &names->slots[place];
    for (size_t i = 1; name == NULL && i < WINDOW; i++) {
        struct name *slot = &names->slots[(place + i) % NAMES_MAX];
        oldest = slot->needed < oldest->needed ? slot : oldest;
    }
    if (name == NULL) {
        if (oldest->needed == names->sample || oldest->name.pending) {
            return NULL;
        }
        name = oldest;
    }
    if (!is_same(&name->key, key)) {
        cache_clear_name(&name->name);
        *name = (struct name){.key = *key};
    }
    name->needed = names->sample;
    return name;
}

/* --- asking --------------------------------------------------------------------------------- */

static bool is_due(const struct name *name, uint64_t now_ns)
{
    return name != NULL && !name->name.pending &&
           (name->name.state == CACHE_EMPTY || now_ns >= name->until_ns);
}

/* Both ends of a socket, the other one first: it is the one with the interesting name. */
static const struct net_address *end_at(const struct raw_sample *sample, size_t at)
{
    const struct raw_socket *socket = &sample->sockets[at / 2];
    return at % 2 == 0 ? &socket->remote : &socket->local;
}

static bool ask_services(struct names *names, struct prober *prober,
                         const struct raw_sample *sample, uint64_t now_ns)
{
    bool asked = false;
    for (; names->service_at < 2 * sample->socket_count && names->services_pending < SERVICES_MAX;
         names->service_at++) {
        struct name_key key;
        const struct raw_socket *socket = &sample->sockets[names->service_at / 2];
        if (!service_key(socket->protocol, end_at(sample, names->service_at)->port, &key)) {
            continue;
        }
        struct name *name = need(names, &key);
        if (!is_due(name, now_ns)) {
            continue;
        }
        const struct proc_id id = {.pid = key.port, .start_ns = key.transport};
        const int error = prober_ask(prober, PROBE_SERVICE, id, true);
        if (error == -EAGAIN) {
            break; // no room: at the next turn
        }
        if (error == 0) {
            name->name.pending = true;
            names->services_pending++;
            asked = true;
        }
    }
    return asked;
}

bool names_hold_thread(const struct names *names, struct prober *prober)
{
    return names->host_pending || prober_stuck(prober, PROBE_HOST) > 0;
}

/* One, if none is under way. */
static bool ask_host(struct names *names, struct prober *prober, const struct raw_sample *sample,
                     uint64_t now_ns)
{
    for (; names->host_at < 2 * sample->socket_count; names->host_at++) {
        struct name_key key;
        const struct net_address *address = end_at(sample, names->host_at);
        struct name *name = host_key(address, &key) ? need(names, &key) : NULL;
        if (!is_due(name, now_ns)) {
            continue;
        }
        if (prober_ask_host(prober, address) != 0) {
            return false; // at the next turn
        }
        name->name.pending = true;
        names->host_pending = true;
        return true;
    }
    return false;
}

bool names_ask(struct names *names, struct prober *prober, const struct raw_sample *sample,
               size_t threads_taken, uint64_t now_ns)
{
    if (!names->shown || prober == NULL) {
        return false;
    }
    bool asked = ask_services(names, prober, sample, now_ns);
    if (threads_taken + 2 <= PROBER_THREADS - 1 && !names_hold_thread(names, prober)) {
        asked = ask_host(names, prober, sample, now_ns) || asked;
    }
    return asked;
}

/* --- answers -------------------------------------------------------------------------------- */

enum scan_news names_take(struct names *names, const struct probe_answer *answer, uint64_t now_ns)
{
    struct name_key key = {.port = (uint16_t)answer->id.pid,
                           .transport = (uint8_t)answer->id.start_ns};
    if (answer->kind == PROBE_HOST) {
        names->host_pending = false; // overdue it is stuck, which the prober knows
        (void)host_key(&answer->address, &key);
    } else if (names->services_pending > 0) {
        names->services_pending--;
    }
    struct name *name = find(names, &key);
    if (name == NULL) {
        return SCAN_NEWS_NONE; // it has given way to others
    }
    const enum cache_state old = name->name.state;
    name->name.pending = false;
    name->until_ns = now_ns + unknown_ns;
    if (answer->error == 0 && answer->len > 0 &&
        cache_set_name(&name->name, answer->ptr, answer->len) == 0) {
        name->name.state = CACHE_FRESH;
        name->until_ns = now_ns + known_ns;
        return SCAN_NEWS_UNSEEN; // many come one after the other
    }
    if (old != CACHE_FRESH) { // a name that was known is better than none
        name->name.state = CACHE_NONE;
    }
    return SCAN_NEWS_NONE;
}

static struct text text_of(const struct name *name)
{
    const bool known = name != NULL && name->name.state == CACHE_FRESH;
    return known ? name->name.text : text_literal("");
}

struct text names_host(const struct names *names, const struct net_address *address)
{
    struct name_key key;
    return host_key(address, &key) ? text_of(find(names, &key)) : text_literal("");
}

struct text names_service(const struct names *names, enum socket_protocol protocol, uint16_t port)
{
    struct name_key key;
    return service_key(protocol, port, &key) ? text_of(find(names, &key)) : text_literal("");
}
