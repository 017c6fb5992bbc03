/* The memory is written once from end to end, so that the audio thread never meets a page for the first time. */
#include "graph/ring_shared.h"

#include <stdlib.h>

#include "graph/error.h"

int ring_init(struct ring *ring, uint32_t element_bytes, uint32_t capacity)
{
    *ring = (struct ring){.element_bytes = element_bytes, .mask = capacity - 1};
    size_t bytes = (size_t)element_bytes * capacity;
    ring->elements = malloc(bytes);
    if (!ring->elements)
        return ERROR_INTERNAL;
    memset(ring->elements, 0, bytes);
    return 0;
}

void ring_deinit(struct ring *ring)
{
    free(ring->elements);
    ring->elements = NULL;
}
