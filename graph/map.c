/* Linear probing over at most half-full tables. A removed key leaves its place marked, so that searches for others go on
 * across it, and the place can be taken again without growing: undoing a removal must not need memory. */
#include "graph/map.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "graph/error.h"
#include "graph/hash.h"

static const char removed[] = ""; /* by its address: the key of a slot that was emptied */

static uint64_t hash(const char *key, size_t bytes)
{
    uint64_t h = hash_bytes(HASH_BEGIN, key, bytes);
    return h ^ h >> 32;
}

static struct map_slot *slot_find(const struct map *map, const char *key, size_t bytes)
{
    size_t start = hash(key, bytes);
    for (size_t i = 0; i < map->n_slots; i++) { /* keys that were put back may have left no slot that was never used */
        struct map_slot *slot = &map->slots[(start + i) & (map->n_slots - 1)];
        if (!slot->key)
            return NULL;
        if (slot->key != removed && strncmp(slot->key, key, bytes) == 0 && !slot->key[bytes])
            return slot;
    }
    return NULL;
}

void *map_find(const struct map *map, const char *key, size_t key_bytes)
{
    struct map_slot *slot = slot_find(map, key, key_bytes);
    return slot ? slot->value : NULL;
}

void map_put(struct map *map, const char *key, void *value)
{
    size_t i = hash(key, strlen(key));
    while (map->slots[i & (map->n_slots - 1)].value)
        i++;
    struct map_slot *slot = &map->slots[i & (map->n_slots - 1)];
    map->n_used += slot->key == NULL;
    *slot = (struct map_slot){key, value};
}

int map_reserve(struct map *map)
{
    if (map->n_used + 1 <= map->n_slots / 2)
        return 0;
    size_t n_alive = 0;
    for (size_t i = 0; i < map->n_slots; i++)
        n_alive += map->slots[i].value != NULL;
    size_t n_slots = map->n_slots ? map->n_slots : 16;
    /* A quarter full, so that the next growing is far away; what was removed is left behind. */
    while (n_slots < 4 * (n_alive + 1))
        n_slots *= 2;
    struct map grown = {calloc(n_slots, sizeof *grown.slots), n_slots, 0};
    if (!grown.slots)
        return ERROR_INTERNAL;
    for (size_t i = 0; i < map->n_slots; i++)
        if (map->slots[i].value)
            map_put(&grown, map->slots[i].key, map->slots[i].value);
    free(map->slots);
    *map = grown;
    return 0;
}

void map_remove(struct map *map, const char *key)
{
    struct map_slot *slot = slot_find(map, key, strlen(key));
    if (slot)
        *slot = (struct map_slot){removed, NULL};
}

void map_deinit(struct map *map)
{
    free(map->slots);
    *map = (struct map){0};
}
