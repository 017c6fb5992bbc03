/* One writer, one reader, no waiting: the only way in and out of the audio thread.
 *
 *     writer: push                                reader: pop
 *     ------------------------------------------------------------------
 *     head is its own        head --release--> acquire    tail is its own
 *     tail: acquire <--release-- tail
 *
 * A ring carries whole elements of one size; a full ring refuses, an empty one has nothing. Each side keeps a copy of the
 * other's index and looks again only when it must, so that the cache line travels rarely. The indices count up for ever
 * and are masked on use: their difference is the fill, also across the wrap.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "graph/thread.h"

struct ring {
    /* Constant from init to deinit: both sides read it. */
    char *elements;
    uint32_t element_bytes;
    uint32_t mask; /* capacity - 1 */

    /* The writer's cache line. Its copy is never ahead of tail, so to it the ring may look fuller than it is, never
     * emptier. */
    _Alignas(64) _Atomic uint32_t head; /* elements ever pushed */
    uint32_t tail_seen;                 /* the writer's copy of tail */

    /* The reader's cache line; to it the ring may look emptier than it is. */
    _Alignas(64) _Atomic uint32_t tail; /* elements ever popped */
    uint32_t head_seen;                 /* the reader's copy of head */
};

/* Allocates room for `capacity` elements (a power of two up to 2^31), all touched. Before either side knows of the ring.
 * 0, or ERROR_INTERNAL when memory ran out. */
DAWD_CTL int ring_init(struct ring *ring, uint32_t element_bytes, uint32_t capacity);
/* Frees it; neither side may be using it. Elements still inside are forgotten: what they point to is their sender's.
 * Twice does no harm. */
DAWD_CTL void ring_deinit(struct ring *ring);

/* Writer: copies one element in, or returns false when the ring is full. A release: whatever was written before, the
 * reader sees when it has the element, also what the element points to. */
DAWD_ANY static inline bool ring_push(struct ring *ring, const void *element)
{
    uint32_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    if (head - ring->tail_seen > ring->mask) {
        /* Full, as far as was known: the reader may have got further. */
        ring->tail_seen = atomic_load_explicit(&ring->tail, memory_order_acquire);
        if (head - ring->tail_seen > ring->mask)
            return false;
    }
    memcpy(ring->elements + (size_t)(head & ring->mask) * ring->element_bytes, element, ring->element_bytes);
    atomic_store_explicit(&ring->head, head + 1, memory_order_release);
    return true;
}

/* Reader: copies the oldest element out, or returns false when the ring is empty. Its place may be written again at
 * once. */
DAWD_ANY static inline bool ring_pop(struct ring *ring, void *element)
{
    uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    if (tail == ring->head_seen) {
        /* Empty, as far as was known: the writer may have got further. */
        ring->head_seen = atomic_load_explicit(&ring->head, memory_order_acquire);
        if (tail == ring->head_seen)
            return false;
    }
    memcpy(element, ring->elements + (size_t)(tail & ring->mask) * ring->element_bytes, ring->element_bytes);
    atomic_store_explicit(&ring->tail, tail + 1, memory_order_release);
    return true;
}

/* Elements inside, as seen from either side: exact or a moment old. To the writer never too few, to the reader never too
 * many. */
DAWD_ANY static inline uint32_t ring_fill(const struct ring *ring)
{
    uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_acquire);
    return atomic_load_explicit(&ring->head, memory_order_acquire) - tail;
}
