#include "graph/rank.h"

#include <stdbool.h>

#define FIRST ((uint64_t)1 << 63) /* so that there is as much room on both sides as will ever be used */
#define GAP   ((uint64_t)1 << 20) /* that newcomers at either end keep from their neighbour */

/* In a stretch of 2^i numbers may be (2 / CROWD)^i members, hence CROWD^i numbers to each: room for 5 * 10^7 in all. */
#define CROWD 1.5

static bool lies_in(const struct rank *rank, uint64_t low, uint64_t width)
{
    return rank->number && rank->number - low < width;
}

static void spread(struct rank *first, uint64_t n, uint64_t low, uint64_t width)
{
    uint64_t step = width / n;
    for (uint64_t i = 0; i < n; i++, first = first->next)
        first->number = low + step / 2 + i * step;
}

/* Widens the stretch around the member until it is thin enough: each is then 2 numbers from its neighbours at least. */
static void make_room(struct rank *rank)
{
    struct rank *first = rank, *last = rank;
    uint64_t n = 1;
    double most = 2 / CROWD;
    for (unsigned bits = 2; bits < 63; bits++) {
        uint64_t width = (uint64_t)1 << bits, low = rank->number & ~(width - 1);
        for (; lies_in(first->prev, low, width); n++)
            first = first->prev;
        for (; lies_in(last->next, low, width); n++)
            last = last->next;
        most *= 2 / CROWD;
        if ((double)n > most)
            continue;
        spread(first, n, low, width);
        return;
    }
}

static void put(struct rank *rank, struct rank *before)
{
    struct rank *prev = before->prev;
    if (prev->number && before->number && before->number - prev->number < 2)
        make_room(before);
    if (!prev->number)
        rank->number = before->number ? before->number - GAP : FIRST;
    else if (!before->number)
        rank->number = prev->number + GAP;
    else
        rank->number = prev->number + (before->number - prev->number) / 2;
    rank->prev = prev;
    rank->next = before;
    prev->next = before->prev = rank;
}

void rank_append(struct rank *end, struct rank *rank)
{
    if (!end->next)
        end->next = end->prev = end;
    put(rank, end);
}

void rank_remove(struct rank *rank)
{
    rank->prev->next = rank->next;
    rank->next->prev = rank->prev;
}

void rank_move(struct rank *rank, struct rank *before)
{
    rank_remove(rank);
    put(rank, before);
}
