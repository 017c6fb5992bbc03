/* Chunks are never moved or returned before the end: what was handed out stays where it is, so objects may point into each
 * other. A request larger than a chunk gets one of its own. */
#include "graph/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Chunks grow with the arena: ten thousand small nodes waste little, a large plan makes few calls. The largest is one that the
 * heap takes from the kernel by itself, and gives back: how many large plans there were at once leaves no trace. */
#define CHUNK_FIRST_BYTES ((size_t)1 << 10)
#define CHUNK_MOST_BYTES  ((size_t)128 << 10)

struct arena_chunk {
    struct arena_chunk *next;
    size_t size_bytes; /* of this chunk, header included */
    size_t used_bytes; /* header included */
};

static size_t round_up(size_t bytes, size_t align)
{
    return (bytes + align - 1) / align * align;
}

static size_t clamp(size_t value, size_t low, size_t high)
{
    return value < low ? low : value > high ? high : value;
}

static struct arena_chunk *chunk_new(size_t payload_bytes, size_t arena_bytes)
{
    size_t header = round_up(sizeof(struct arena_chunk), ARENA_ALIGN_BYTES);
    size_t usual = clamp(round_up(arena_bytes, ARENA_ALIGN_BYTES), CHUNK_FIRST_BYTES, CHUNK_MOST_BYTES);
    size_t needed = header + round_up(payload_bytes, ARENA_ALIGN_BYTES), size = needed > usual ? needed : usual;
    struct arena_chunk *chunk = aligned_alloc(ARENA_ALIGN_BYTES, size);
    if (!chunk)
        return NULL;
    memset(chunk, 0, size);
    chunk->size_bytes = size;
    chunk->used_bytes = header;
    return chunk;
}

static void *take(struct arena *arena, size_t bytes, size_t align)
{
    /* So far that neither rounding up nor the header can wrap. */
    if (bytes > SIZE_MAX / 2)
        return NULL;
    bytes = round_up(bytes ? bytes : 1, align);
    struct arena_chunk *chunk = arena->chunks;
    size_t from = chunk ? round_up(chunk->used_bytes, align) : 0;
    if (!chunk || from + bytes > chunk->size_bytes) {
        chunk = chunk_new(bytes, arena->used_bytes);
        if (!chunk)
            return NULL;
        chunk->next = arena->chunks;
        arena->chunks = chunk;
        from = chunk->used_bytes;
    }
    chunk->used_bytes = from + bytes;
    arena->used_bytes += bytes;
    return (char *)chunk + from;
}

void *arena_take(struct arena *arena, size_t bytes)
{
    return take(arena, bytes, ARENA_ALIGN_BYTES);
}

void *arena_take_array(struct arena *arena, size_t n, size_t size)
{
    if (size && n > SIZE_MAX / size)
        return NULL;
    return arena_take(arena, n * size);
}

void *arena_take_packed(struct arena *arena, size_t n, size_t size)
{
    if (size && n > SIZE_MAX / size)
        return NULL;
    return take(arena, n * size, ARENA_PACKED_BYTES);
}

void arena_deinit(struct arena *arena)
{
    for (struct arena_chunk *chunk = arena->chunks, *next; chunk; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
    *arena = (struct arena){0};
}
