/* Tiles of eight by eight are turned in registers, in three rounds: pairs, fours, halves. */
#include "graph/dsp/lanes.h"

#include "graph/dsp/control.h"

#include "graph/rt_only.h"

#define TILE VECTOR_WIDTH

static inline void tile_turn(FLOAT8 r[TILE])
{
    FLOAT8 two[TILE], four[TILE];
#pragma GCC unroll 4
    for (int i = 0; i < TILE; i += 2) {
        two[i] = __builtin_shufflevector(r[i], r[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
        two[i + 1] = __builtin_shufflevector(r[i], r[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        int k = i / 2 * 4 + i % 2; /* rows 0, 1, 4, 5 */
        four[k + i % 2] = __builtin_shufflevector(two[k], two[k + 2], 0, 1, 8, 9, 4, 5, 12, 13);
        four[k + i % 2 + 1] = __builtin_shufflevector(two[k], two[k + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        r[i] = __builtin_shufflevector(four[i], four[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        r[i + 4] = __builtin_shufflevector(four[i], four[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
}

DAWD_CLONES void lanes_load(float (*to)[LANES], const float *const from[LANES], unsigned n)
{
    unsigned i = 0;
    for (; i + TILE <= n; i += TILE)
        for (unsigned first = 0; first < LANES; first += TILE) {
            FLOAT8 r[TILE];
#pragma GCC unroll 8
            for (unsigned l = 0; l < TILE; l++)
                memcpy(&r[l], from[first + l] + i, sizeof r[l]);
            tile_turn(r);
#pragma GCC unroll 8
            for (unsigned k = 0; k < TILE; k++)
                memcpy(&to[i + k][first], &r[k], sizeof r[k]);
        }
    for (; i < n; i++)
        for (unsigned l = 0; l < LANES; l++)
            to[i][l] = from[l][i];
}

DAWD_CLONES void lanes_store(float *const *to, unsigned n_lanes, float (*from)[LANES], unsigned n)
{
    unsigned i = 0;
    for (; i + TILE <= n; i += TILE)
        for (unsigned first = 0; first < n_lanes; first += TILE) {
            FLOAT8 r[TILE];
#pragma GCC unroll 8
            for (unsigned k = 0; k < TILE; k++)
                memcpy(&r[k], &from[i + k][first], sizeof r[k]);
            tile_turn(r);
#pragma GCC unroll 8
            for (unsigned l = 0; l < TILE; l++)
                if (first + l < n_lanes)
                    memcpy(to[first + l] + i, &r[l], sizeof r[l]);
        }
    for (; i < n; i++)
        for (unsigned l = 0; l < n_lanes; l++)
            to[l][i] = from[i][l];
}

/* The largest by the integers that the bits of sizes are, in which what is no number is larger than all that is one. */
DAWD_CLONES bool lanes_are_sound(const float *x, unsigned n)
{
    union {
        float value;
        int32_t bits;
    } most = {0}, size;
    for (unsigned i = 0; i < n; i++) {
        size.value = fabsf(x[i]);
        most.bits = size.bits > most.bits ? size.bits : most.bits;
    }
    return is_sound(most.value);
}

void lanes_in(const struct lane_group *lanes, unsigned c, unsigned from, float (*to)[LANES], unsigned n)
{
    const float *in[LANES];
    for (unsigned l = 0; l < LANES; l++)
        in[l] = lanes->io[l < lanes->n ? l : 0]->in[c] + from;
    lanes_load(to, in, n);
}

void lanes_out(const struct lane_group *lanes, unsigned c, unsigned at, float (*from)[LANES], unsigned n)
{
    float *out[LANES];
    for (unsigned l = 0; l < lanes->n; l++)
        out[l] = lanes->io[l]->out[c] + at;
    lanes_store(out, lanes->n, from, n);
}

void lanes_control(const struct lane_group *lanes, unsigned row, unsigned from, float (*to)[LANES], unsigned n)
{
    float room[LANES][VECTOR_WIDTH];
    const float *values[LANES];
    for (unsigned l = 0; l < LANES; l++)
        values[l] = control_stretch(&lanes->io[l < lanes->n ? l : 0]->param[row], from, room[l], n);
    lanes_load(to, values, n);
}

static void add(struct lane_group *to, const struct lane_group *from, unsigned l)
{
    to->state[to->n] = from->state[l];
    to->io[to->n++] = from->io[l];
}

static void run(const struct lane_group *lanes, void (*together)(const struct lane_group *lanes),
                void (*alone)(void *state, const struct node_io *io))
{
    if (lanes->n >= LANES_LEAST)
        together(lanes);
    for (unsigned l = 0; lanes->n < LANES_LEAST && l < lanes->n; l++)
        alone(lanes->state[l], lanes->io[l]);
}

void lanes_run(const struct lane_group *lanes, const struct lane_ways *ways)
{
    struct lane_group still = {.room = lanes->room}, moving = {.room = lanes->room};
    for (unsigned l = 0; l < lanes->n; l++)
        if (!ways->fits(lanes->state[l], lanes->io[l]))
            ways->alone(lanes->state[l], lanes->io[l]);
        else
            add(ways->stands_still(lanes->state[l], lanes->io[l]) ? &still : &moving, lanes, l);
    run(&still, ways->still, ways->alone);
    run(&moving, ways->moving, ways->alone);
}
