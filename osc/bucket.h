/* A budget that fills by itself, and the oldest way to hold somebody to a rate without forbidding a burst.
 *
 *     per_s, up to most --> [ level ] --> bucket_take, which may leave a debt
 *
 * A debt is paid off by waiting: so the mean rate is exact though one helping may be larger than what is left.
 */
#pragma once

#include <stdint.h>

#include "graph/thread.h"

/* All-zero, it is empty, and full at its first filling. */
struct bucket {
    double level;     /* in units of whoever uses it; negative: a debt */
    uint64_t then_ns; /* of the last filling; 0: never */
};

/* Lets in what has come since the last time. */
DAWD_ANY static inline void bucket_fill(struct bucket *bucket, uint64_t now_ns, double per_s, double most)
{
    double more = bucket->then_ns ? (double)(now_ns - bucket->then_ns) * 1e-9 * per_s : most - bucket->level;
    bucket->level = bucket->level + more < most ? bucket->level + more : most;
    bucket->then_ns = now_ns;
}

/* Takes an amount, whether it is there or not. */
DAWD_ANY static inline void bucket_take(struct bucket *bucket, double amount)
{
    bucket->level -= amount;
}
