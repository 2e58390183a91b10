#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/facts.h"

#include <stddef.h>

/*
 * Open-addressing map from proc_id to a pointer the map never looks at. Other small keys
 * (a uid, a device number) travel as {.pid = key}. Not thread-safe.
 */
struct map;

/*
 * Create an empty map that refuses more than `limit` entries.
 * Owns: the caller, who ends it with map_destroy().
 * Errors: NULL when out of memory.
 */
struct map *map_create(size_t limit);

/* Free the map, not what its values point to. NULL is a no-op. */
void map_destroy(struct map *map);

/* Forget all entries, keep the memory. */
void map_reset(struct map *map);

/*
 * The value slot of a key, made (NULL inside) when it is new.
 * Owns: the map; valid until the next map_put() or map_remove().
 * Errors: NULL when out of memory or at the limit.
 */
void **map_put(struct map *map, struct proc_id key);

/* The value of a key. Owns: whoever put it. Errors: NULL when the key is not there. */
void *map_get(const struct map *map, struct proc_id key);

/* True when the key is there, whatever its value. */
bool map_has(const struct map *map, struct proc_id key);

/* Take a key out. Owns: the value goes to the caller. Errors: NULL when it was not there. */
void *map_remove(struct map *map, struct proc_id key);

/* Entries now in the map. */
size_t map_count(const struct map *map);

/*
 * Walk all entries: start with *cursor 0 and call until it says false. The map must not be
 * changed in between.
 */
bool map_next(const struct map *map, size_t *cursor, struct proc_id *ret_key, void **ret_value);

#endif
