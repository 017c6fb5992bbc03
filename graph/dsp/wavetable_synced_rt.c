#include "graph/dsp/wavetable_synced.h"

#include "graph/rt_only.h"

_Static_assert(SYNC_SAMPLES <= BLOCK_MAX && SYNC_JUMP <= BLOCK_MAX, "read at once");

/* A jump before sample m: the phases there of what was and of what is. */
struct jump {
    unsigned m;
    float after;
    uint64_t old, new;
};

/* The phases of all samples, and the jumps among them. Returns how many, one per frame at most. */
static unsigned phases_fill(uint32_t *phase, struct jump *jump, const struct sync_span *span, unsigned n)
{
    unsigned n_jumps = 0;
    for (unsigned i = 0; i < n; i++) {
        uint64_t at = span[i].from;
        for (unsigned k = 0; k < SYNC_TIMES; k++) {
            float until = span[i].reset - (float)(int)k;
            at += (uint64_t)span[i].step;
            if (until > 0 && until <= 1) {
                uint64_t new = span[i].begin + (uint64_t)(int64_t)((double)span[i].step * (1 - until));
                jump[n_jumps++] = (struct jump){i * SYNC_TIMES + k, 1 - until, at, new};
                at = new;
            }
            phase[i * SYNC_TIMES + k] = (uint32_t)(at >> 32);
        }
    }
    return n_jumps;
}

static void jump_add(const struct wavetable *table, struct sync_samples *samples, const struct jump *jump, int64_t step,
                     float speed, float position)
{
    uint32_t old[SYNC_JUMP], new[SYNC_JUMP];
    float speeds[SYNC_JUMP], positions[SYNC_JUMP], before[SYNC_JUMP], change[SYNC_JUMP];
    for (int k = 0; k < SYNC_JUMP; k++) {
        uint32_t on = (uint32_t)((step >> 32) * (k - BLEP_SIDE));
        old[k] = (uint32_t)(jump->old >> 32) + on;
        new[k] = (uint32_t)(jump->new >> 32) + on;
        speeds[k] = speed;
        positions[k] = position;
    }
    wavetable_read_rt(table, before, old, speeds, positions, SYNC_JUMP);
    wavetable_read_rt(table, change, new, speeds, positions, SYNC_JUMP);
    for (int k = 0; k < SYNC_JUMP; k++)
        change[k] -= before[k];
    sync_jump_rt(samples, jump->m, jump->after, change);
}

void wavetable_synced_rt(const struct wavetable *table, struct sync_samples *samples, const struct sync_span *span,
                         const float *speed, const float *position, unsigned n)
{
    uint32_t phase[SYNC_SAMPLES] = {0}; /* all: the compiler does not see that n is never 0 */
    float speeds[SYNC_SAMPLES] = {0}, positions[SYNC_SAMPLES] = {0}, x[SYNC_SAMPLES];
    struct jump jump[SYNC_STRETCH];
    unsigned n_jumps = phases_fill(phase, jump, span, n);
    for (unsigned m = 0; m < n * SYNC_TIMES; m++) {
        speeds[m] = speed[m / SYNC_TIMES];
        positions[m] = position[m / SYNC_TIMES];
    }
    wavetable_read_rt(table, x, phase, speeds, positions, n * SYNC_TIMES);
    for (unsigned m = 0; m < n * SYNC_TIMES; m++)
        samples->x[SYNC_LATE + m] += x[m];
    for (unsigned j = 0; j < n_jumps; j++) {
        unsigned i = jump[j].m / SYNC_TIMES;
        jump_add(table, samples, &jump[j], span[i].step, speed[i], position[i]);
    }
}
