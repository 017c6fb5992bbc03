#include "osc/schedule_queue.h"

#include <stdlib.h>
#include <string.h>

#include "graph/error.h"
#include "osc/schedule.h"

static int compare(const void *a, const void *b)
{
    const struct scheduled *x = *(struct scheduled *const *)a, *y = *(struct scheduled *const *)b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->number < y->number ? -1 : 1;
}

size_t schedule_queue_find(const struct schedule_queue *queue, int64_t key)
{
    size_t low = 0, high = queue->n;
    while (low < high) {
        size_t i = low + (high - low) / 2;
        if (queue->items[i]->key < key)
            low = i + 1;
        else
            high = i;
    }
    return low;
}

int schedule_queue_put(struct schedule_queue *queue, struct scheduled *item)
{
    if (queue->n == queue->n_capacity) {
        size_t n = 2 * queue->n_capacity + 64;
        struct scheduled **items = realloc(queue->items, n * sizeof *items);
        if (!items)
            return ERROR_INTERNAL;
        queue->items = items;
        queue->n_capacity = n;
    }
    size_t i = item->key == INT64_MAX ? queue->n : schedule_queue_find(queue, item->key + 1);
    memmove(queue->items + i + 1, queue->items + i, (queue->n - i) * sizeof(struct scheduled *));
    queue->items[i] = item;
    queue->n++;
    return 0;
}

void schedule_queue_take(struct schedule_queue *queue, size_t i)
{
    queue->n--;
    memmove(queue->items + i, queue->items + i + 1, (queue->n - i) * sizeof(struct scheduled *));
}

void schedule_queue_sort(struct schedule_queue *queue)
{
    if (queue->n)
        qsort(queue->items, queue->n, sizeof(struct scheduled *), compare);
}

void schedule_queue_deinit(struct schedule_queue *queue)
{
    free(queue->items);
    *queue = (struct schedule_queue){0};
}
