#include "graph/dsp/vector.h"
#include "graph/dsp/wavetable.h"
#include "graph/dsp/wavetable_kernel.h"
#include "graph/rt_only.h"

/* Of the rate: where a level's highest partial begins to go out, and where it is gone; side bands of a vibrato reach beyond. */
#define FADE_FROM 0.43f
#define FADE_TO   0.475f

/* One of the four tables that are heard in a frame: two levels of two cycles. */
struct corner {
    int at[BLOCK_MAX], bits[BLOCK_MAX];
    float weight[BLOCK_MAX];
    bool is_heard;
};

/* The level with the most partials that have room, from a guess on. */
static unsigned level_for(const struct wavetable *table, unsigned level, float speed)
{
    while (level + 1 < table->n_levels && (float)(int)table->level[level].partials * speed > FADE_TO)
        level++;
    while (level > 0 && (float)(int)table->level[level - 1].partials * speed <= FADE_TO)
        level--;
    return level;
}

/* How much of a level is heard, the rest being the next one's: without a bend where it begins and ends, which a vibrato would
 * spread over all frequencies. The last level has the fundamental alone, which stays. */
static float level_share(const struct wavetable *table, unsigned level, float speed)
{
    float room = (FADE_TO - (float)(int)table->level[level].partials * speed) * (1 / (FADE_TO - FADE_FROM));
    if (level + 1 == table->n_levels || room >= 1)
        return 1;
    return room > 0 ? room * room * room * (10 + room * (6 * room - 15)) : 0;
}

static void corner_set(struct corner *corner, const struct wavetable *table, unsigned i, unsigned level, unsigned cycle,
                       float weight)
{
    level = level < table->n_levels ? level : table->n_levels - 1;
    cycle = cycle < table->n_cycles ? cycle : table->n_cycles - 1;
    const struct wavetable_level *row = &table->level[level];
    corner->at[i] = (int)(row->at + cycle * ((1u << row->bits) + WAVETABLE_PAD));
    corner->bits[i] = (int)row->bits;
    corner->weight[i] = weight;
    corner->is_heard |= weight != 0;
}

static void corners_fill(struct corner corner[4], const struct wavetable *table, const float *speed, const float *position,
                         unsigned n)
{
    for (unsigned i = 0, level = 0; i < n; i++) {
        if (i && speed[i] == speed[i - 1] && position[i] == position[i - 1]) { /* most of the time */
            for (unsigned k = 0; k < 4; k++) {
                corner[k].at[i] = corner[k].at[i - 1];
                corner[k].bits[i] = corner[k].bits[i - 1];
                corner[k].weight[i] = corner[k].weight[i - 1];
            }
            continue;
        }
        level = level_for(table, level, speed[i]);
        float share = level_share(table, level, speed[i]), place = position[i] * (float)(int)(table->n_cycles - 1);
        unsigned cycle = (unsigned)(int)place;
        float way = place - (float)(int)cycle;
        corner_set(&corner[0], table, i, level, cycle, (1 - way) * share);
        corner_set(&corner[1], table, i, level, cycle + 1, way * share);
        corner_set(&corner[2], table, i, level + 1, cycle, (1 - way) * (1 - share));
        corner_set(&corner[3], table, i, level + 1, cycle + 1, way * (1 - share));
    }
}

/* Between its third and its fourth coefficient, at t from 0 to 1. */
static inline float kernel_at(const float *c, float t)
{
#define COLUMN(d, x, y, z) (wavetable_kernel[0][d] * (x) + wavetable_kernel[1][d] * (y) + wavetable_kernel[2][d] * (z))
    float x = t - 0.5f, sum0 = c[0] + c[5], sum1 = c[1] + c[4], sum2 = c[2] + c[3];
    float diff0 = c[0] - c[5], diff1 = c[1] - c[4], diff2 = c[2] - c[3];
    float a0 = COLUMN(0, sum0, sum1, sum2), a2 = COLUMN(2, sum0, sum1, sum2), a4 = COLUMN(4, sum0, sum1, sum2);
    float a1 = COLUMN(1, diff0, diff1, diff2), a3 = COLUMN(3, diff0, diff1, diff2), a5 = COLUMN(5, diff0, diff1, diff2);
#undef COLUMN
    return a0 + x * (a1 + x * (a2 + x * (a3 + x * (a4 + x * a5))));
}

DAWD_CLONES static void corner_add(float *out, const float *samples, const struct corner *corner, const uint32_t *phase,
                                   unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        int bits = corner->bits[i], index = (int)(phase[i] >> (32 - bits));
        float t = (float)(int32_t)((phase[i] << bits) >> 1) * 0x1p-31f;
        out[i] += corner->weight[i] * kernel_at(samples + corner->at[i] + index, t);
    }
}

void wavetable_read_rt(const struct wavetable *table, float *out, const uint32_t *phase, const float *speed,
                       const float *position, unsigned n)
{
    struct corner corner[4];
    for (unsigned k = 0; k < 4; k++)
        corner[k].is_heard = false;
    corners_fill(corner, table, speed, position, n);
    for (unsigned i = 0; i < n; i++)
        out[i] = 0;
    for (unsigned k = 0; k < 4; k++)
        if (corner[k].is_heard)
            corner_add(out, table->samples, &corner[k], phase, n);
}
