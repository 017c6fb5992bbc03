/* A hash table from strings to pointers: open addressing, keys borrowed. */
#pragma once

#include <stddef.h>

#include "graph/thread.h"

/* One place of the table, for iterating over it: those whose value is not null are entries, in no particular order. */
struct map_slot {
    const char *key; /* null: never used; the value of a removed key is null */
    void *value;
};

struct map {
    struct map_slot *slots; /* an all-zero struct is an empty map */
    size_t n_slots;         /* a power of two, or 0 */
    size_t n_used;          /* slots that hold a key, removed ones too */
};

/* The value of the key that is the first `key_bytes` of `key`, which is at least that long; or null. What follows is not
 * looked at, so that a part of an address can be looked up where it stands. */
DAWD_ANY void *map_find(const struct map *map, const char *key, size_t key_bytes);

/* Makes sure that one more map_put cannot fail; may move every slot. 0, or ERROR_INTERNAL when memory ran out. */
DAWD_ANY int map_reserve(struct map *map);

/* Adds a key that is not in the map; keeps the pointer `key`, which must live as long as the entry and must not change;
 * value is not null. Needs map_reserve, or takes the place of a key that was removed: putting that back always fits. */
DAWD_ANY void map_put(struct map *map, const char *key, void *value);

/* Removes `key` if it is there; never fails. */
DAWD_ANY void map_remove(struct map *map, const char *key);

/* Frees the table, not what keys and values point to. The map is empty and usable again. */
DAWD_ANY void map_deinit(struct map *map);
