#include "graph/dsp/peak_guard.h"

#include <string.h>

#include "graph/dsp/vector.h"

#include "graph/rt_only.h"

void peak_guard_init(struct peak_guard *guard)
{
    double end = exp(-(PEAK_GUARD_REACH + 1) / PEAK_GUARD_SLOPE);
    for (int k = -PEAK_GUARD_REACH; k <= PEAK_GUARD_REACH; k++)
        guard->shape[PEAK_GUARD_REACH + k] = (float)((exp(-fabs((double)k) / PEAK_GUARD_SLOPE) - end) / (1 - end));
    guard->n_at_rest = PEAK_GUARD_SPAN;
}

DAWD_CLONES static void deepen(float *dip, const float *shape, float by)
{
    for (unsigned k = 0; k < PEAK_GUARD_SPAN; k++) {
        float wanted = by * shape[k];
        dip[k] = wanted > dip[k] ? wanted : dip[k];
    }
}

bool peak_guard_run(struct peak_guard *guard, const float *peak, const float *ceiling, unsigned n)
{
    bool rests = peak_guard_rests(guard);
    for (unsigned i = 0; peak && i < n; i++) {
        float over = peak[i] - ceiling[i], depth = over / (peak[i] - PEAK_GUARD_STRAY * ceiling[i]);
        /* Where a neighbour's dip is deep enough already, its slopes are too. */
        if (over > 0 && depth > guard->dip[i + PEAK_GUARD_REACH]) {
            deepen(guard->dip + i, guard->shape, depth);
            guard->n_at_rest = 0;
            rests = false;
        } else if (guard->n_at_rest < PEAK_GUARD_SPAN) {
            guard->n_at_rest++;
        }
    }
    if (!peak && !rests)
        guard->n_at_rest = guard->n_at_rest + n < PEAK_GUARD_SPAN ? guard->n_at_rest + n : PEAK_GUARD_SPAN;
    return !rests;
}

void peak_guard_advance(struct peak_guard *guard, unsigned n)
{
    memmove(guard->dip, guard->dip + n, PEAK_GUARD_SPAN * sizeof(float));
    memset(guard->dip + PEAK_GUARD_SPAN, 0, n * sizeof(float));
}
