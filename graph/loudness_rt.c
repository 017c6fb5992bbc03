#include "graph/loudness_shared.h"

#include "graph/dsp/vector.h"
#include "graph/node.h"

#include "graph/rt_only.h"

static uint64_t room(struct loudness *l, uint64_t sent, uint64_t wanted)
{
    if (l->capacity_frames - (sent - l->taken_seen) < wanted)
        l->taken_seen = atomic_load_explicit(&l->taken, memory_order_acquire);
    return l->capacity_frames - (sent - l->taken_seen);
}

/* What is no number or too large would stay in the filters of who measures. */
DAWD_CLONES static void copy(float *restrict to, const float *restrict from, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        to[i] = fabsf(from[i]) < LOUDNESS_MOST ? from[i] : 0;
    }
}

void loudness_run_rt(struct loudness *loudness, const float *const *in, unsigned from, unsigned n)
{
    struct loudness *l = loudness;
    uint64_t sent = atomic_load_explicit(&l->sent, memory_order_relaxed), at = sent % l->capacity_frames;
    uint64_t most = room(l, sent, n);
    unsigned fits = most < n ? (unsigned)most : n;
    for (unsigned done = 0, run; done < fits; done += run) {
        run = l->capacity_frames - at < fits - done ? (unsigned)(l->capacity_frames - at) : fits - done;
        for (unsigned c = 0; c < l->channels; c++)
            copy(l->frames + c * l->capacity_frames + at, in[c] + from + done, run);
        at = 0;
    }
    atomic_store_explicit(&l->sent, sent + fits, memory_order_release);
    if (fits < n)
        atomic_store_explicit(&l->lost, atomic_load_explicit(&l->lost, memory_order_relaxed) + n - fits,
                              memory_order_relaxed);
    if (l->measure)
        l->measure(l);
}

void loudness_reset_rt(struct loudness *loudness)
{
    uint64_t sent = atomic_load_explicit(&loudness->sent, memory_order_relaxed);
    uint32_t n_resets = atomic_load_explicit(&loudness->n_resets, memory_order_relaxed);
    atomic_store_explicit(&loudness->lost, 0, memory_order_relaxed);
    atomic_store_explicit(&loudness->reset_at, sent, memory_order_relaxed);
    atomic_store_explicit(&loudness->n_resets, n_resets + 1, memory_order_release);
}

float loudness_value_rt(const struct loudness *loudness, enum loudness_figure figure)
{
    uint32_t n_resets = atomic_load_explicit(&loudness->n_resets, memory_order_relaxed);
    bool is_of_before = atomic_load_explicit(&loudness->n_begun, memory_order_acquire) != n_resets;
    if (is_of_before && figure > LOUDNESS_SHORT_TERM)
        return figure == LOUDNESS_RANGE ? 0 : LOUDNESS_SILENCE;
    return atomic_load_explicit(&loudness->figures[figure], memory_order_relaxed);
}
