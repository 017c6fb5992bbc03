/* Classes that run side by side give to the bit what each node gives alone: any number of lanes, any length of a block,
 * whatever moves in which of them, also where something is no sound. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/denormals_rt.h"
#include "tests/graph_rig.h"
#include "tests/suite.h"
#include "tests/trial.h"

#define CHANNELS 8
#define ROWS_MAX RIG_PARAMS_MAX
#define ROUNDS   RIG_ROUNDS(40, 4) /* per width and number of lanes */

/* One node, twice: once to be run alone, once in a lane. */
struct pair {
    struct trial alone, lane;
    float in[CHANNELS][BLOCK_MAX], out[2][CHANNELS][BLOCK_MAX];
    float frames[ROWS_MAX][BLOCK_MAX];
    struct param params[ROWS_MAX];
    const float *ins[CHANNELS];
    float *outs[2][CHANNELS];
    struct node_io io[2];
};

static struct pair pairs[LANES];
static _Alignas(64) float room[LANES_ROOM][LANES];

static void pair_start(struct pair *pair, const struct node_class *class, unsigned channels, const float *fixed,
                       uint32_t seed)
{
    pair->alone = trial_new(class, channels, 48000);
    trial_randomise(&pair->alone, seed);
    for (unsigned row = 0; row < class->n_params; row++)
        if (class->params[row].flags & PARAM_AT_CREATION)
            pair->alone.rig.value[row] = fixed[row];
    pair->lane = trial_new(class, channels, 48000);
    memcpy(pair->lane.rig.value, pair->alone.rig.value, sizeof pair->lane.rig.value);
    trial_start(&pair->alone);
    trial_start(&pair->lane);
}

static void pairs_start(const struct node_class *class, unsigned channels, unsigned n, uint32_t seed)
{
    float fixed[RIG_PARAMS_MAX];
    for (unsigned row = 0; row < class->n_params; row++)
        fixed[row] = param_value_at(&class->params[row], dice_below(&seed, 1001) / 1000.0);
    for (unsigned l = 0; l < n; l++)
        pair_start(&pairs[l], class, channels, fixed, seed + l);
}

static void pairs_stop(unsigned n)
{
    for (unsigned l = 0; l < n; l++) {
        trial_free(&pairs[l].alone);
        trial_free(&pairs[l].lane);
    }
}

/* One of the two shapes that a parameter may have; mostly it stands still. */
static void param_draw(struct pair *pair, const struct param_info *info, unsigned row, unsigned shape, uint32_t *seed)
{
    float low = param_value_at(info, dice_below(seed, 1001) / 1000.0);
    float high = param_value_at(info, dice_below(seed, 1001) / 1000.0);
    bool is_smooth = info->kind == PARAM_CONTINUOUS;
    pair->params[row] = (struct param){.value = shape < 2 ? pair->alone.rig.value[row] : low};
    if (shape < 3)
        return;
    for (unsigned i = 0; i < BLOCK_MAX; i++)
        pair->frames[row][i] = is_smooth ? low + (high - low) * (float)(i % 64) / 64 : i < 40 ? low : high;
    pair->params[row] = (struct param){.frames = pair->frames[row], .value = pair->frames[row][0]};
}

static void params_draw(struct pair *pair, const struct node_class *class, uint32_t *seed)
{
    bool moves = dice_below(seed, 3) == 0;
    for (unsigned row = 0; row < class->n_params; row++) {
        bool is_fixed = class->params[row].flags & PARAM_AT_CREATION || param_is_path(&class->params[row]);
        bool is_choice = class->params[row].kind == PARAM_CHOICE;
        unsigned shape = moves && !is_fixed && (!is_choice || dice_below(seed, 8) == 0) ? dice_below(seed, 4) : 0;
        param_draw(pair, &class->params[row], row, shape, seed);
    }
}

/* Noise; now and then silence, a tail that fades beyond what a float can hold, or what no filter should have to hear. */
static void sound_draw(float *x, uint32_t *seed)
{
    static const float odd[] = {0, 1e-36f, 1e-38f, 1e29f, 3e38f, INFINITY, NAN};
    unsigned kind = dice_below(seed, 40);
    float scale = kind < 3 ? odd[kind] : 0.5f;
    for (unsigned i = 0; i < BLOCK_MAX; i++)
        x[i] = scale * ((float)dice_below(seed, 20001) / 10000 - 1);
    if (kind >= 3 && kind < ROWS(odd))
        x[dice_below(seed, BLOCK_MAX)] = odd[kind];
}

static void pair_draw(struct pair *pair, uint64_t frame, unsigned n, bool in_place, uint32_t *seed)
{
    const struct node_class *class = pair->alone.rig.class;
    params_draw(pair, class, seed);
    for (unsigned c = 0; c < CHANNELS; c++) {
        sound_draw(pair->in[c], seed);
        pair->ins[c] = in_place ? pair->out[1][c] : pair->in[c];
        for (unsigned k = 0; k < 2; k++) {
            memcpy(pair->out[k][c], pair->in[c], sizeof pair->in[c]);
            pair->outs[k][c] = pair->out[k][c];
        }
    }
    static const float *alone_ins[LANES][CHANNELS];
    const float **ins = alone_ins[pair - pairs];
    for (unsigned c = 0; c < CHANNELS; c++)
        ins[c] = pair->in[c];
    pair->io[0] = (struct node_io){.in = ins, .out = pair->outs[0], .param = pair->params, .frame = frame, .n = n};
    pair->io[1] = (struct node_io){.in = pair->ins, .out = pair->outs[1], .param = pair->params, .frame = frame, .n = n};
    pair->io[0].readings = pair->alone.rig.readings;
    pair->io[1].readings = pair->lane.rig.readings;
}

static void pairs_compare(unsigned n_lanes, unsigned channels, const char *name, unsigned n)
{
    for (unsigned l = 0; l < n_lanes; l++)
        for (unsigned c = 0; c < channels; c++)
            for (unsigned i = 0; i < n; i++) {
                const float *alone = &pairs[l].out[0][c][i], *lane = &pairs[l].out[1][c][i];
                if (memcmp(alone, lane, sizeof *alone) && !(isnan(*alone) && isnan(*lane)))
                    ck_abort_msg("%s, lane %u of %u, channel %u, frame %u of %u: %.9g alone, %.9g in the lane", name, l,
                                 n_lanes, c, i, n, (double)*alone, (double)*lane);
            }
}

/* Many blocks of one set of nodes: those that take part differ from block to block. */
static void run_rounds(const struct node_class *class, unsigned channels, unsigned n_lanes, uint32_t seed)
{
    pairs_start(class, channels, n_lanes, seed);
    unsigned n_channels = pairs[0].alone.rig.n_out;
    uint64_t frame = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        unsigned n = round % 2 ? 1 + dice_below(&seed, BLOCK_MAX) : BLOCK_MAX - round % 9;
        struct lane_group lanes = {.room = room};
        memset(room, 0xff, sizeof room);
        for (unsigned l = 0; l < n_lanes; l++) {
            pair_draw(&pairs[l], frame, n, round % 5 == 0, &seed);
            class->process(pairs[l].alone.rig.state, &pairs[l].io[0]);
            if (dice_below(&seed, 8) == 0) {
                class->process(pairs[l].lane.rig.state, &pairs[l].io[1]);
                continue;
            }
            lanes.state[lanes.n] = pairs[l].lane.rig.state;
            lanes.io[lanes.n++] = &pairs[l].io[1];
        }
        if (lanes.n)
            class->process_lanes(&lanes);
        pairs_compare(n_lanes, n_channels, class->name, n);
        frame += n;
    }
    pairs_stop(n_lanes);
}

START_TEST(lanes_give_the_bits_of_the_node_alone)
{
    const struct node_class *class = node_registry[_i];
    if (!class->process_lanes)
        return;
    denormals_off_rt();
    for (unsigned n_lanes = 1; n_lanes <= LANES; n_lanes++)
        for (int k = 0; k < 3; k++)
            run_rounds(class, class_width(class, k), n_lanes, 100 + n_lanes * 3 + (uint32_t)k);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("every class");
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, lanes_give_the_bits_of_the_node_alone, 0, (int)n_node_registry);
    return suite_run_case("lanes", tcase);
}
