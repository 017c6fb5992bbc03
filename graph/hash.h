/* FNV-1a (Fowler, Noll, Vo), 64 bits: tells texts and keys apart where nobody tries to make two alike. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "graph/thread.h"

#define HASH_BEGIN 0xcbf29ce484222325u

/* Goes on from `hash`, which is HASH_BEGIN or what came before. */
DAWD_ANY static inline uint64_t hash_bytes(uint64_t hash, const void *data, size_t n)
{
    const uint8_t *bytes = data;
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ bytes[i]) * 0x100000001b3u;
    return hash;
}
