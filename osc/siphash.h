/* SipHash-2-4 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012) of few bytes: who does not know the key can
 * neither tell what a message hashes to nor find two that hash alike. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "graph/thread.h"

struct siphash_key {
    uint64_t k0, k1;
};

DAWD_ANY static inline uint64_t siphash_turn(uint64_t x, unsigned by)
{
    return x << by | x >> (64 - by);
}

DAWD_ANY static inline void siphash_rounds(uint64_t v[4], unsigned n)
{
    for (; n; n--) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = siphash_turn(v[1], 13) ^ v[0];
        v[3] = siphash_turn(v[3], 16) ^ v[2];
        v[0] = siphash_turn(v[0], 32);
        v[2] += v[1];
        v[0] += v[3];
        v[1] = siphash_turn(v[1], 17) ^ v[2];
        v[3] = siphash_turn(v[3], 21) ^ v[0];
        v[2] = siphash_turn(v[2], 32);
    }
}

/* The hash of n bytes. Words are read in the machine's own order: hashes that travel come back to the machine that made them. */
DAWD_ANY static inline uint64_t siphash(struct siphash_key key, const void *bytes, size_t n)
{
    const uint8_t *at = bytes;
    uint64_t v[4] = {key.k0 ^ 0x736f6d6570736575, key.k1 ^ 0x646f72616e646f6d, key.k0 ^ 0x6c7967656e657261,
                     key.k1 ^ 0x7465646279746573};
    for (size_t left = n;; left -= 8, at += 8) {
        uint64_t word = left < 8 ? (uint64_t)n << 56 : 0;
        memcpy(&word, at, left < 8 ? left : 8);
        v[3] ^= word;
        siphash_rounds(v, 2);
        v[0] ^= word;
        if (left < 8)
            break;
    }
    v[2] ^= 0xff;
    siphash_rounds(v, 4);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}
