/* The memory of one object: many allocations, one owner, one free.
 *
 * A node's state, tables and delay lines, or a plan with all its steps and buffers, live in one arena, so that nothing can
 * be forgotten when it is dropped. Every byte is written once when it is handed out: the audio thread never meets a page
 * that the kernel has not yet given.
 */
#pragma once

#include <stddef.h>

#include "graph/thread.h"

#define ARENA_ALIGN_BYTES  64 /* a cache line, and the widest vector */
#define ARENA_PACKED_BYTES 16 /* what any type is aligned to that does not say more */

struct arena_chunk;

struct arena {
    struct arena_chunk *chunks; /* newest first; an all-zero struct is an empty arena */
    size_t used_bytes;          /* sum of what was handed out */
};

/* Returns `bytes` of zeroed memory aligned to ARENA_ALIGN_BYTES, owned by the arena; null when memory ran out or
 * `bytes` is absurd. Zero bytes give a valid pointer. */
DAWD_ANY void *arena_take(struct arena *arena, size_t bytes);

/* As arena_take for an array; null too when n * size overflows. */
DAWD_ANY void *arena_take_array(struct arena *arena, size_t n, size_t size);

/* As arena_take_array, aligned to ARENA_PACKED_BYTES alone: for what is small and read together, which lies in fewer lines of the cache
 * then. */
DAWD_ANY void *arena_take_packed(struct arena *arena, size_t n, size_t size);

/* Frees everything that was taken; the arena is empty and usable again. */
DAWD_ANY void arena_deinit(struct arena *arena);
