/* A hash table from strings to pointers: open addressing, keys borrowed. */
#pragma once

#include <stddef.h>

#include "graph/thread.h"

struct map_slot {
    const char *key; /* null: never used; the value of a removed key is null */
    void *value;
};

struct map {
    struct map_slot *slots; /* an all-zero struct is an empty map */
    size_t n_slots;         /* a power of two, or 0 */
    size_t n_used;          /* slots that hold a key, removed ones too */
};

/* The value of `key`, or null. The key is read up to `key_bytes`. */
DAWD_ANY void *map_find(const struct map *map, const char *key, size_t key_bytes);

/* Makes sure that one more map_put cannot fail. 0, or ERROR_INTERNAL when memory ran out. */
DAWD_ANY int map_reserve(struct map *map);

/* Adds a key that is not in the map; keeps the pointer `key`, which must live as long as the entry; value is not null.
 * Needs map_reserve, or takes the place of a key that was removed: putting that back always fits. */
DAWD_ANY void map_put(struct map *map, const char *key, void *value);

/* Removes `key` if it is there; never fails. */
DAWD_ANY void map_remove(struct map *map, const char *key);

DAWD_ANY void map_deinit(struct map *map);
