/* Nothing moves in most parameters most of the time: a node's own table is what process reads then, at no cost. Only for a node
 * with something moving is the table copied, and the moving rows replaced by values per frame.
 *
 *     base value --> glide --(+)--> held in the range --> process
 *                     ^       ^
 *     values handed --+       |   each turns the glide of its row at its frame
 *     modulation: mix --------+   in the unit, or as a factor of 2^x
 *
 * Each frame of a glide is computed from how many have gone, so that its bits do not depend on where blocks begin.
 */
#include "graph/params_rt.h"

#include <string.h>

#include "graph/dsp/fastmath.h"
#include "graph/dsp/still.h"
#include "graph/dsp/vector.h"
#include "graph/engine_shared.h"
#include "graph/mix_rt.h"
#include "graph/rt_only.h"

/* From the lowest to the highest of any logarithmic parameter, with room to spare, and within what fast_exp2 takes. */
#define OCTAVES_MOST 24.0f

static bool is_log(const struct node_rt *node, unsigned row)
{
    return node->class->params[row].curve == CURVE_LOG;
}

static float value_now_rt(const struct node_rt *node, unsigned row)
{
    const struct glide *glide = &node->glides[row];
    return is_log(node, row) ? glide_log(glide, 0) : glide_linear(glide, 0);
}

void params_hand_rt(struct value_rt *value)
{
    struct node_rt *node = value->node;
    value_queue_push_rt(&node->handed, value);
    node->n_moving++;
}

static void note_set_rt(struct node_rt *node, unsigned row, uint32_t ticks)
{
    node->n_notes += (ticks != 0) - (node->ticks[row] != 0);
    node->ticks[row] = node->params[row].ticks = ticks;
}

void params_set_rt(const struct value_rt *value)
{
    struct node_rt *node = value->node;
    unsigned row = value->row;
    glide_start(&node->glides[row], value_now_rt(node, row), value->value, value->glide_frames);
    note_set_rt(node, row, value->ticks);
    if (!node->moving[row])
        node->n_moving++;
    node->moving[row] = true;
}

/* The target itself, whatever rounding did on the way. From here on the row costs nothing. */
static void settle_rt(struct node_rt *node, unsigned row)
{
    node->params[row].value = node->glides[row].target;
    node->moving[row] = false;
    node->n_moving--;
}

DAWD_CLONES static void fill_linear_rt(const struct glide *glide, float *restrict frames, unsigned n)
{
    float from = glide->from, way = glide->target - glide->from, length = (float)glide->length;
    uint32_t at = glide->at;
    for (unsigned i = 0; i < n; i++)
        frames[i] = from + way * ((float)(at + i) / length);
}

/* The way in octaves goes by a constant factor per frame; double, so that some of them in a row lose nothing. Each row of
 * frames begins at a power of its own. */
#define LOG_ROW 32

static void fill_log_rt(const struct glide *glide, float *frames, unsigned n)
{
    double octaves = log2((double)glide->target / glide->from) / glide->length, ratio = exp2(octaves), value = 0;
    uint32_t at = glide->at;
    for (unsigned i = 0; i < n; i++, at++, value *= ratio) {
        if (i == 0 || at % LOG_ROW == 0) {
            value = glide->from * exp2(octaves * (at - at % LOG_ROW));
            for (unsigned k = 0; k < at % LOG_ROW; k++)
                value *= ratio;
        }
        frames[i] = (float)value;
    }
}

/* The next n frames of a row. */
static void row_run_rt(const struct node_rt *node, unsigned row, float *frames, unsigned n)
{
    struct glide *glide = &node->glides[row];
    unsigned left = glide->length - glide->at, n_way = n < left ? n : left;
    if (n_way)
        (is_log(node, row) ? fill_log_rt : fill_linear_rt)(glide, frames, n_way);
    for (unsigned i = n_way; i < n; i++)
        frames[i] = glide->target;
    glide_advance(glide, n);
}

static void rows_run_rt(struct scratch *scratch, const struct node_rt *node, unsigned from, unsigned to)
{
    for (unsigned row = 0; from < to && row < node->class->n_params; row++)
        if (node->moving[row])
            row_run_rt(node, row, scratch->param_frames[row] + from, to - from);
}

/* Those that arrived in the block before, which still saw the way, or had no way to go. */
static void rows_settle_rt(struct node_rt *node)
{
    for (unsigned row = 0; row < node->class->n_params; row++)
        if (node->moving[row] && glide_is_settled(&node->glides[row]))
            settle_rt(node, row);
}

static struct value_rt *handed_take_rt(struct node_rt *node)
{
    struct value_rt *value = value_queue_take_rt(&node->handed);
    node->n_moving -= value != NULL;
    return value;
}

/* A row that rested until its value came has its frames up to there as well. */
static void handed_set_rt(struct scratch *scratch, const struct value_rt *value)
{
    const struct node_rt *node = value->node;
    float *frames = scratch->param_frames[value->row];
    for (unsigned i = 0; !node->moving[value->row] && i < value->offset; i++)
        frames[i] = node->params[value->row].value;
    params_set_rt(value);
}

static void glides_run_rt(struct scratch *scratch, struct node_rt *node, unsigned n)
{
    unsigned at = 0;
    rows_settle_rt(node);
    for (const struct value_rt *value; (value = handed_take_rt(node)); at = value->offset) {
        rows_run_rt(scratch, node, at, value->offset);
        handed_set_rt(scratch, value);
    }
    rows_run_rt(scratch, node, at, n);
    for (unsigned row = 0; row < node->class->n_params; row++) {
        float *frames = scratch->param_frames[row];
        scratch->params[row] = node->params[row];
        if (node->moving[row])
            scratch->params[row] = (struct param){frames, frames[0], node->params[row].ticks};
    }
}

/* Not-a-number compares false, so it ends at `low`: a broken modulator cannot break what it modulates. */
static inline float clamp_rt(float x, float low, float high)
{
    return x > low ? (x < high ? x : high) : low;
}

static inline float linear_rt(float value, float by, float low, float high)
{
    return clamp_rt(value + by, low, high);
}

static inline float octaves_rt(float value, float by, float low, float high)
{
    return clamp_rt(value * fast_exp2(clamp_rt(by, -OCTAVES_MOST, OCTAVES_MOST)), low, high);
}

DAWD_CLONES static void add_linear_rt(float *restrict frames, const float *restrict by, float low, float high, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        frames[i] = linear_rt(frames[i], by[i], low, high);
}

DAWD_CLONES static void add_octaves_rt(float *restrict frames, const float *restrict by, float low, float high, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        frames[i] = octaves_rt(frames[i], by[i], low, high);
}

/* The same on a value that rests: what most parameters are modulated from. */
DAWD_CLONES static void value_linear_rt(float *restrict frames, float value, const float *restrict by, float low,
                                        float high, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        frames[i] = linear_rt(value, by[i], low, high);
}

DAWD_CLONES static void value_octaves_rt(float *restrict frames, float value, const float *restrict by, float low,
                                         float high, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        frames[i] = octaves_rt(value, by[i], low, high);
}

/* Whether it is the same in all frames, as the pitch of a key is, a gate, a wheel at rest. */
static bool stands_still(const float *x, unsigned n)
{
    return !memcmp(x, x + 1, (n - 1) * sizeof *x);
}

static void modulation_run_rt(struct scratch *scratch, const struct node_rt *node, struct modulation *modulation,
                              unsigned n)
{
    const struct param_info *info = &node->class->params[modulation->row];
    struct param *param = &scratch->params[modulation->row];
    float *frames = scratch->param_frames[modulation->row];
    if (!modulation->passes)
        modulation->passes = mix_run_rt(&modulation->mix, scratch->sums, n);
    /* A glide has been written to the scratch; all else is a value, and stays one if what comes in is one. */
    bool rests = param->frames != frames, is_octaves = info->curve == CURVE_LOG;
    const float *by = modulation->mix.in[0];
    bool is_still = *modulation->mix.still[0];
    if (rests && (is_still || stands_still(by, n))) {
        *param = (struct param){.value = (is_octaves ? octaves_rt : linear_rt)(param->value, by[0], info->min, info->max)};
        return;
    }
    float room[BLOCK_MAX];
    by = still_frames(by, is_still, room, n);
    if (rests)
        (is_octaves ? value_octaves_rt : value_linear_rt)(frames, param->value, by, info->min, info->max, n);
    else
        (is_octaves ? add_octaves_rt : add_linear_rt)(frames, by, info->min, info->max, n);
    *param = (struct param){.frames = frames, .value = frames[0]};
}

/* Whether all modulations are. */
static bool are_still(const struct step *step)
{
    for (unsigned i = 0; i < step->n_modulations; i++)
        if (!step->modulations[i].mix.rests || !*step->modulations[i].mix.still[0])
            return false;
    return true;
}

void params_run_rt(struct scratch *scratch, struct step *step, unsigned n)
{
    struct node_rt *node = step->node;
    step->io.param = node->params;
    atomic_store_explicit(&step->is_steady, false, memory_order_relaxed);
    if (!node->n_moving && !step->n_modulations)
        return;
    /* The order counts: modulation comes on top of where the glides are. */
    if (node->n_moving)
        glides_run_rt(scratch, node, n);
    else
        memcpy(scratch->params, node->params, node->class->n_params * sizeof *scratch->params);
    for (unsigned i = 0; i < step->n_modulations; i++)
        modulation_run_rt(scratch, node, &step->modulations[i], n);
    step->io.param = scratch->params;
    if (!step->is_modulated || node->n_moving || !are_still(step))
        return;
    memcpy(step->modulated, scratch->params, node->class->n_params * sizeof *scratch->params);
    atomic_store_explicit(&step->is_steady, true, memory_order_relaxed);
}

static void rows_pass_rt(const struct node_rt *node, uint32_t n)
{
    for (unsigned row = 0; n && row < node->class->n_params; row++)
        if (node->moving[row])
            glide_advance(&node->glides[row], n);
}

void params_idle_rt(struct step *step, uint32_t n)
{
    struct node_rt *node = step->node;
    for (unsigned i = 0; i < step->n_modulations; i++)
        mix_idle_rt(&step->modulations[i].mix, n);
    if (!node->n_moving)
        return;
    uint32_t at = 0;
    for (const struct value_rt *value; (value = handed_take_rt(node)); at = value->offset) {
        rows_pass_rt(node, value->offset - at);
        params_set_rt(value);
    }
    rows_pass_rt(node, n - at);
    rows_settle_rt(node);
}

void params_settle_rt(struct node_rt *node)
{
    for (const struct value_rt *value; (value = handed_take_rt(node));)
        params_set_rt(value);
}
