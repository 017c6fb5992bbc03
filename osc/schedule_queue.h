/* What waits, sorted: the next to come is found at once, and what is put in or taken out moves those behind it. 16,384 pointers
 * are 128 KiB, which takes some microseconds to move; a heap would be quicker, and could not be listed or cut in two. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "graph/thread.h"

struct scheduled;

struct schedule_queue {
    struct scheduled **items; /* by key, then by number */
    size_t n, n_capacity;
};

/* Puts one in its place. 0, or ERROR_INTERNAL when memory ran out. */
DAWD_CTL int schedule_queue_put(struct schedule_queue *queue, struct scheduled *item);
DAWD_CTL void schedule_queue_take(struct schedule_queue *queue, size_t i);
/* The first whose key is not below this one. */
DAWD_CTL size_t schedule_queue_find(const struct schedule_queue *queue, int64_t key);
/* All keys have changed. */
DAWD_CTL void schedule_queue_sort(struct schedule_queue *queue);
DAWD_CTL void schedule_queue_deinit(struct schedule_queue *queue);
