/* Slots begin where watching began, so that the first one is complete after 50 ms. A block is divided where a slot ends. */
#include "graph/meter_shared.h"

#include <string.h>

#include "graph/dsp/vector.h"
#include "graph/node.h"

#include "graph/rt_only.h"

static void slot_begin_rt(struct meter *meter, uint64_t slot)
{
    meter->filled = 0;
    for (unsigned c = 0; c < meter->n_channels; c++) {
        meter->channels[c].sum = 0;
        atomic_store_explicit(&meter->channels[c].peak[slot % (METER_SLOTS + 1)], 0, memory_order_relaxed);
    }
}

/* Release: who sees the number sees the slots. */
static void slot_end_rt(struct meter *meter, uint64_t slot)
{
    for (unsigned c = 0; c < meter->n_channels; c++) {
        struct meter_channel *channel = &meter->channels[c];
        atomic_store_explicit(&channel->power[slot % (METER_SLOTS + 1)], (float)(channel->sum / meter->slot_frames),
                              memory_order_relaxed);
    }
    slot_begin_rt(meter, slot + 1);
    atomic_store_explicit(&meter->n_slots, slot + 1, memory_order_release);
}

struct lanes {
    FLOAT8 most, squares;
};

static inline void eight_add(struct lanes *lanes, const float *x, size_t n_bytes)
{
    FLOAT8 v = {0};
    memcpy(&v, x, n_bytes);
    FLOAT8 size = (FLOAT8)((INT8)v & 0x7fffffff);
    size = VECTOR_CHOOSE(size < METER_MOST, size, (FLOAT8){0} + METER_MOST); /* what is no number is not smaller */
    lanes->most = VECTOR_CHOOSE(size > lanes->most, size, lanes->most);
    lanes->squares += size * size;
}

/* The largest |x|; *sum gets what all x^2 add up to. */
DAWD_CLONES static float measure(const float *x, unsigned n, float *sum)
{
    struct lanes lanes = {0};
    unsigned i = 0;
    for (; i + VECTOR_WIDTH <= n; i += VECTOR_WIDTH)
        eight_add(&lanes, x + i, sizeof lanes.most);
    eight_add(&lanes, x + i, (n - i) * sizeof *x);
    float most = 0;
    *sum = 0;
    for (unsigned k = 0; k < VECTOR_WIDTH; k++) {
        most = lanes.most[k] > most ? lanes.most[k] : most;
        *sum += lanes.squares[k];
    }
    return most;
}

static void channel_run_rt(struct meter_channel *channel, uint64_t slot, const float *x, unsigned n)
{
    _Atomic float *peak = &channel->peak[slot % (METER_SLOTS + 1)];
    float sum, most = measure(x, n, &sum);
    channel->sum += (double)sum;
    if (most > atomic_load_explicit(peak, memory_order_relaxed))
        atomic_store_explicit(peak, most, memory_order_relaxed);
}

void meter_run_rt(struct meter *meter, const struct node_io *io, uint64_t frame, unsigned n)
{
    const float *const *sound = meter->is_of_inputs ? io->in : (const float *const *)io->out;
    if (atomic_load_explicit(&meter->measured_to, memory_order_relaxed) != frame) {
        atomic_store_explicit(&meter->n_slots, 0, memory_order_relaxed);
        slot_begin_rt(meter, 0);
    }
    for (unsigned done = 0; done < n;) {
        uint64_t slot = atomic_load_explicit(&meter->n_slots, memory_order_relaxed);
        unsigned left = meter->slot_frames - meter->filled, take = n - done < left ? n - done : left;
        for (unsigned c = 0; c < meter->n_channels; c++)
            channel_run_rt(&meter->channels[c], slot, sound[c] + done, take);
        meter->filled += take;
        done += take;
        if (take == left)
            slot_end_rt(meter, slot);
    }
    atomic_store_explicit(&meter->measured_to, frame + n, memory_order_release);
}

void meter_sleep_rt(struct meter *meter)
{
    slot_begin_rt(meter, 0);
    atomic_store_explicit(&meter->n_slots, 0, memory_order_relaxed);
    atomic_store_explicit(&meter->measured_to, METER_ASLEEP, memory_order_release);
}

void meter_rest_rt(struct meter *meter, float *const *out)
{
    slot_begin_rt(meter, 1);
    for (unsigned c = 0; c < meter->n_channels; c++) {
        float sum, most = measure(out[c], 1, &sum);
        atomic_store_explicit(&meter->channels[c].peak[0], most, memory_order_relaxed);
        atomic_store_explicit(&meter->channels[c].power[0], sum, memory_order_relaxed);
    }
    atomic_store_explicit(&meter->n_slots, 1, memory_order_relaxed);
    atomic_store_explicit(&meter->measured_to, METER_ASLEEP, memory_order_release);
}

void meter_wake_rt(struct meter *meter)
{
    atomic_store_explicit(&meter->measured_to, 0, memory_order_relaxed);
}
