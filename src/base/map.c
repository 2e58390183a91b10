#include "base/map.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/*
 * Linear probing over a power of two of slots, at most three quarters of them used. Removal
 * moves later entries back instead of leaving a mark, so that a map in which processes come
 * and go for weeks stays as fast as on the first day.
 */
struct slot {
    struct proc_id key;
    void *value;
    bool used;
};

struct map {
    struct slot *slots;
    size_t slot_count; // 0 or a power of two
    size_t count;      // used
    size_t limit;      // for count
};

enum { SLOTS_MIN = 16 };

/* Multiply and fold: low bits of the result depend on all bits of the number. */
static uint32_t mix(uint32_t number)
{
    uint64_t product = (uint64_t)number * 0x9E3779B1u;

    return (uint32_t)(product >> 32) ^ (uint32_t)(product & UINT32_MAX);
}

static uint32_t hash(struct proc_id key)
{
    uint32_t low = (uint32_t)(key.start_ns & UINT32_MAX);
    uint32_t high = (uint32_t)(key.start_ns >> 32);

    return mix(mix(mix((uint32_t)key.pid) ^ low) ^ high);
}

struct map *map_create(size_t limit)
{
    struct map *map = calloc(1, sizeof(*map));

    if (map) {
        map->limit = limit;
    }
    return map;
}

void map_destroy(struct map *map)
{
    if (!map) {
        return;
    }
    free(map->slots);
    free(map);
}

void map_reset(struct map *map)
{
    if (map->count > 0) {
        memset(map->slots, 0, map->slot_count * sizeof(*map->slots));
        map->count = 0;
    }
}

static size_t home_of(const struct map *map, struct proc_id key)
{
    return hash(key) & (map->slot_count - 1);
}

/* The slot of a key, or the free slot where it would go. There is always a free one. */
static struct slot *probe(const struct map *map, struct proc_id key)
{
    size_t at = home_of(map, key);

    while (map->slots[at].used && !proc_id_equal(map->slots[at].key, key)) {
        at = (at + 1) & (map->slot_count - 1);
    }
    return &map->slots[at];
}

static bool grow(struct map *map)
{
    size_t old_count = map->slot_count;
    struct slot *old = map->slots;
    size_t new_count = old_count == 0 ? SLOTS_MIN : old_count * 2;

    if (new_count < old_count) {
        return false;
    }
    struct slot *slots = calloc(new_count, sizeof(*slots));
    if (!slots) {
        return false;
    }
    map->slots = slots;
    map->slot_count = new_count;
    for (size_t i = 0; i < old_count; i++) {
        if (old[i].used) {
            *probe(map, old[i].key) = old[i];
        }
    }
    free(old);
    return true;
}

static struct slot *find(const struct map *map, struct proc_id key)
{
    if (map->count == 0) {
        return NULL;
    }
    struct slot *slot = probe(map, key);
    return slot->used ? slot : NULL;
}

void **map_put(struct map *map, struct proc_id key)
{
    struct slot *slot = find(map, key);

    if (slot) {
        return &slot->value;
    }
    if (map->count >= map->limit) {
        return NULL;
    }
    if (map->count >= map->slot_count / 4 * 3 && !grow(map)) {
        return NULL;
    }
    slot = probe(map, key);
    *slot = (struct slot){.key = key, .used = true};
    map->count++;
    return &slot->value;
}

void *map_get(const struct map *map, struct proc_id key)
{
    const struct slot *slot = find(map, key);

    return slot ? slot->value : NULL;
}

bool map_has(const struct map *map, struct proc_id key)
{
    return find(map, key) != NULL;
}

/* Slots from one to another, going up and around. */
static size_t distance(const struct map *map, size_t from, size_t to)
{
    return (map->slot_count + to - from) & (map->slot_count - 1);
}

void *map_remove(struct map *map, struct proc_id key)
{
    struct slot *slot = find(map, key);

    if (!slot) {
        return NULL;
    }
    void *value = slot->value;
    size_t mask = map->slot_count - 1;
    size_t hole = (size_t)(slot - map->slots);
    for (size_t at = (hole + 1) & mask; map->slots[at].used; at = (at + 1) & mask) {
        // An entry may move into the hole when its home is not behind the hole.
        size_t home = home_of(map, map->slots[at].key);
        if (distance(map, home, at) >= distance(map, hole, at)) {
            map->slots[hole] = map->slots[at];
            hole = at;
        }
    }
    map->slots[hole] = (struct slot){.used = false};
    map->count--;
    return value;
}

size_t map_count(const struct map *map)
{
    return map->count;
}

bool map_next(const struct map *map, size_t *cursor, struct proc_id *ret_key, void **ret_value)
{
    for (size_t at = *cursor; at < map->slot_count; at++) {
        if (map->slots[at].used) {
            *ret_key = map->slots[at].key;
            *ret_value = map->slots[at].value;
            *cursor = at + 1;
            return true;
        }
    }
    *cursor = map->slot_count;
    return false;
}
