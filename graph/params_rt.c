/* Nothing moves in most parameters most of the time: a node's own table is what process reads then, at no cost. Only for a node
 * with something moving is the table copied, and the moving rows replaced by ramps or by values per frame.
 *
 *     base value --> glide --(+)--> held in the range --> process
 *                             ^
 *     modulation: mix --------+   in the unit, or as a factor of 2^x
 */
#include "graph/params_rt.h"

#include <string.h>

#include "graph/dsp/fastmath.h"
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

void params_set_rt(const struct value_rt *value)
{
    struct node_rt *node = value->node;
    unsigned row = value->row;
    glide_start(&node->glides[row], value_now_rt(node, row), value->value, value->glide_frames);
    if (!node->moving[row])
        node->n_moving++;
    node->moving[row] = true;
}

/* The target itself, whatever rounding did on the way. From here on the row costs nothing. */
static void settle_rt(struct node_rt *node, unsigned row)
{
    node->params[row] = (struct param){.value = node->glides[row].target};
    node->moving[row] = false;
    node->n_moving--;
}

/* The way in octaves goes by a constant factor per frame; double, so that 256 of them lose nothing. */
static void fill_log_rt(const struct glide *glide, float *frames, unsigned n)
{
    double value = glide_log(glide, 0);
    double ratio = exp2(log2((double)glide->target / glide->from) / glide->length);
    unsigned left = glide->length - glide->at;
    for (unsigned i = 0; i < n; i++, value *= ratio)
        frames[i] = i < left ? (float)value : glide->target;
}

static struct param glide_run_rt(const struct glide *glide, bool log, float *frames, unsigned n)
{
    if (log) {
        fill_log_rt(glide, frames, n);
        /* A line that does not end within the block is one ramp; one that does has a corner and needs values per frame. */
    } else if (glide->length - glide->at >= n) {
        float start = glide_linear(glide, 0);
        return (struct param){.value = start, .step = (glide_linear(glide, n) - start) / (float)n};
    } else {
        for (unsigned i = 0; i < n; i++)
            frames[i] = glide_linear(glide, i);
    }
    return (struct param){.frames = frames, .value = frames[0]};
}

static void glides_run_rt(struct scratch *scratch, struct node_rt *node, unsigned n)
{
    for (unsigned row = 0; row < node->class->n_params; row++) {
        if (!node->moving[row])
            continue;
        struct glide *glide = &node->glides[row];
        /* It arrived in the block before, which still saw the way, or had no way to go. */
        if (glide_is_settled(glide)) {
            settle_rt(node, row);
            scratch->params[row] = node->params[row];
            continue;
        }
        scratch->params[row] = glide_run_rt(glide, is_log(node, row), scratch->param_frames[row], n);
        glide_advance(glide, n);
    }
}

/* Not-a-number compares false, so it ends at `low`: a broken modulator cannot break what it modulates. */
static inline float clamp_rt(float x, float low, float high)
{
    return x > low ? (x < high ? x : high) : low;
}

DAWD_CLONES static void add_linear_rt(float *restrict frames, const float *restrict by, float low, float high, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        frames[i] = clamp_rt(frames[i] + by[i], low, high);
}

DAWD_CLONES static void add_octaves_rt(float *restrict frames, const float *restrict by, float low, float high, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        frames[i] = clamp_rt(frames[i] * fast_exp2(clamp_rt(by[i], -OCTAVES_MOST, OCTAVES_MOST)), low, high);
}

static void modulation_run_rt(struct scratch *scratch, const struct node_rt *node, struct modulation *modulation,
                              unsigned n)
{
    const struct param_info *info = &node->class->params[modulation->row];
    struct param *param = &scratch->params[modulation->row];
    float *frames = scratch->param_frames[modulation->row];
    mix_run_rt(&modulation->mix, scratch->sums, n);
    /* Whatever shape it had, now it is one value per frame, in the scratch; a glide may have been written there already. */
    if (param->frames != frames)
        for (unsigned i = 0; i < n; i++)
            frames[i] = param->value + param->step * (float)(int)i;
    *param = (struct param){.frames = frames};
    if (info->curve == CURVE_LOG)
        add_octaves_rt(frames, modulation->mix.in[0], info->min, info->max, n);
    else
        add_linear_rt(frames, modulation->mix.in[0], info->min, info->max, n);
    param->value = frames[0];
}

void params_run_rt(struct scratch *scratch, struct step *step, unsigned n)
{
    struct node_rt *node = step->node;
    step->io.param = node->params;
    if (!node->n_moving && !step->n_modulations)
        return;
    /* The order counts: rows at rest, then glides over them, then modulation on top of where the glides are. */
    memcpy(scratch->params, node->params, node->class->n_params * sizeof *scratch->params);
    if (node->n_moving)
        glides_run_rt(scratch, node, n);
    for (unsigned i = 0; i < step->n_modulations; i++)
        modulation_run_rt(scratch, node, &step->modulations[i], n);
    step->io.param = scratch->params;
}

void params_idle_rt(struct step *step, uint32_t n)
{
    struct node_rt *node = step->node;
    for (unsigned i = 0; i < step->n_modulations; i++)
        mix_idle_rt(&step->modulations[i].mix, n);
    for (unsigned row = 0; node->n_moving && row < node->class->n_params; row++) {
        if (!node->moving[row])
            continue;
        glide_advance(&node->glides[row], n);
        if (glide_is_settled(&node->glides[row]))
            settle_rt(node, row);
    }
}
