/* A block of a node that is not simply heard. p is its presence, 1 to 0 on the way out:
 *
 *                  in ──+──────────────(x 1 - p)──────────(+)──▶ out
 *     plain             +──▶ process ──(x p)───────────────┘
 *     with trails       +──(x p)──▶ process ───────────────┘
 *
 * Where process is late, the dry signal is as late: fed to a ring as soon as the node is not simply heard, and heard when that
 * has filled. With trails it is faded before the ring, so that both meet as they were parted.
 */
#include "graph/presence_rt.h"

#include <string.h>

#include "graph/dsp/vector.h"
#include "graph/engine_shared.h"
#include "graph/sleep_rt.h"

#include "graph/rt_only.h"

static void start_rt(struct node_rt *node, uint64_t frame, uint32_t offset)
{
    if (!node->stopped)
        return;
    node->stopped = false;
    node->started_from = frame + offset;
    if (node->class->sleeps.skip)
        node->class->sleeps.skip(node->state, frame - node->stopped_from);
    glide_jump(&node->presence, 0);
}

static void stop_rt(struct node_rt *node, uint64_t frame)
{
    if (node->class->sleeps.rest)
        node->class->sleeps.rest(node->state);
    node->stopped = true;
    node->stopped_from = frame;
}

/* For how many frames more that which comes in has nothing to give yet: the node, which must have heard enough since it
 * stood still, or the dry signal of a late one. With trails the input fades, so neither has to be ready. */
static uint32_t unready_rt(const struct node_rt *node, uint64_t frame, uint32_t offset)
{
    uint64_t needs = node->class->warm_frames + (node->dry ? node->latency_frames : 0);
    uint64_t has = frame + offset - node->started_from;
    if (node->class->trails)
        return 0;
    if (node->bypassed)
        return node->dry ? (uint32_t)(node->latency_frames - (node->dry->fed + offset)) : 0;
    return has < needs ? (uint32_t)(needs - has) : 0;
}

/* From `offset` frames behind `frame` on, where the block begins and the dry signal has been fed up to. */
static void turn_rt(struct node_rt *node, bool bypassed, uint64_t frame, uint32_t offset)
{
    if (node->bypassed == bypassed)
        return;
    if (!bypassed)
        start_rt(node, frame, offset);
    node->bypassed = bypassed;
    glide_start_after(&node->presence, glide_linear(&node->presence, 0), bypassed ? 0 : 1, node->fade_frames,
                      unready_rt(node, frame, offset));
}

/* What was simply heard until then. */
static void part_rt(struct node_rt *node, uint32_t offset)
{
    if (node->is_apart)
        return;
    node->is_apart = true;
    glide_jump(&node->presence, 1);
    if (node->dry)
        node->dry->fed = -(int64_t)offset;
}

void presence_set_rt(struct node_rt *node, bool bypassed, uint64_t frame)
{
    if (node->bypassed == bypassed)
        return;
    part_rt(node, 0);
    turn_rt(node, bypassed, frame, 0);
}

void presence_hand_rt(struct value_rt *value)
{
    part_rt(value->node, value->offset);
    value_queue_push_rt(&value->node->turns, value);
}

void presence_settle_rt(struct node_rt *node, uint64_t frame)
{
    for (const struct value_rt *value; (value = value_queue_take_rt(&node->turns));)
        turn_rt(node, value->value != 0, frame, 0);
}

static void way_rt(struct glide *presence, float *p, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        p[i] = glide_linear(presence, i);
    glide_advance(presence, n);
}

/* A turn in the middle of a fade goes on from where that has come to by then. */
static void weights_rt(struct node_rt *node, const struct moment *moment, float *p)
{
    unsigned at = 0;
    for (const struct value_rt *value; (value = value_queue_take_rt(&node->turns)); at = value->offset) {
        way_rt(&node->presence, p + at, value->offset - at);
        turn_rt(node, value->value != 0, moment->frame, value->offset);
    }
    way_rt(&node->presence, p + at, moment->n - at);
}

DAWD_CLONES static void scale(float *restrict out, const float *restrict x, const float *restrict p, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        out[i] = x[i] * p[i];
}

DAWD_CLONES static void blend(float *restrict wet, const float *restrict dry, float share, const float *restrict p,
                              unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        wet[i] += (1 - p[i]) * (share * dry[i]);
}

/* Channel c of the first output. The last three are for what an edge could not connect. */
static void dry_add_rt(const struct step *step, const float *const *in, unsigned c, const float *p)
{
    float *out = step->io.out[c];
    unsigned n_in = step->dry_in, n_out = step->dry_out, n = step->io.n;
    if (n_out == 1)
        for (unsigned i = 0; i < n_in; i++)
            blend(out, in[i], 1 / (float)n_in, p, n);
    else if (n_in == 1 || c < n_in)
        blend(out, in[n_in == 1 ? 0 : c], 1, p, n);
}

static bool dry_is_empty(const struct dry_rt *dry)
{
    return dry->zeros >= dry->ring.size_frames;
}

/* The dry signal as late as the node, and as soft as it shall be where its input fades; true while there is any in it. */
static bool dry_run_rt(const struct step *step, const float *p, bool fades_input)
{
    struct dry_rt *dry = step->node->dry;
    unsigned n = step->io.n;
    int64_t missing = dry->ring.delay_frames - dry->fed;
    float faded[BLOCK_MAX];
    for (unsigned c = 0; c < step->dry_in; c++) {
        const float *in = step->io.in[c];
        for (unsigned i = 0; fades_input && i < n; i++)
            faded[i] = (1 - p[i]) * in[i];
        delay_ring_pass_rt(&dry->ring, c, fades_input ? faded : in, dry->out[c], n);
        if (missing > 0) /* what is in it from another time */
            memset(dry->out[c], 0, (missing < n ? (size_t)missing : n) * sizeof(float));
    }
    delay_ring_advance_rt(&dry->ring, n);
    dry->fed += missing < n ? missing : n;
    bool is_nothing = !step->hears || (fades_input && p[0] == 1.0f && p[n - 1] == 1.0f);
    dry->zeros = is_nothing ? dry->zeros + n : 0;
    return !dry_is_empty(dry);
}

/* True where process has given silence. */
static bool process_faded_rt(struct step *step, const float *p)
{
    float faded[PORT_CHANNELS_MAX][BLOCK_MAX];
    const float *in[PORT_CHANNELS_MAX];
    struct node_io io = step->io;
    for (unsigned c = 0; c < step->n_in; c++) {
        scale(faded[c], step->io.in[c], p, io.n);
        in[c] = faded[c];
    }
    io.in = in;
    step->node->class->process(step->node->state, &io);
    return step->silent;
}

/* In the block in which it starts again it hears nothing until then, so that where blocks begin makes no difference. */
static void process_from_rt(struct step *step, uint64_t start_frame)
{
    float gate[BLOCK_MAX];
    for (unsigned i = 0; i < step->io.n; i++)
        gate[i] = step->io.frame + i < start_frame ? 0 : 1;
    process_faded_rt(step, gate);
}

static bool process_rt(struct step *step, const float *p, bool fades_input)
{
    struct node_rt *node = step->node;
    if (node->stopped)
        return true;
    if (fades_input)
        return process_faded_rt(step, p);
    if (node->started_from > step->io.frame)
        process_from_rt(step, node->started_from);
    else
        node->class->process(node->state, &step->io);
    for (unsigned c = 0; c < step->n_out && !step->silent; c++)
        for (unsigned i = 0; !channel_repeats(&step->io, c) && i < step->io.n; i++)
            step->io.out[c][i] *= p[i];
    return step->silent;
}

/* It rings out as it would if it heard nothing, which is when it would fall asleep. */
static void ring_out_rt(struct step *step, const struct moment *moment)
{
    struct node_rt *node = step->node;
    if (!node->class->sleeps.can)
        return;
    sleep_watch_rt(step, moment);
    if (node->slumber != SLUMBER_NEAR)
        return;
    node->slumber = SLUMBER_NONE;
    stop_rt(node, moment->frame + moment->n);
}

/* What becomes of it once it is there. */
static void arrive_rt(struct step *step, const struct moment *moment, bool fades_input)
{
    struct node_rt *node = step->node;
    if (!glide_is_settled(&node->presence) || node->stopped)
        return;
    if (!node->bypassed && fades_input && node->dry && !dry_is_empty(node->dry))
        return; /* what was dry is still on its way */
    if (!node->bypassed) {
        node->is_apart = false;
        node->has_no_dry = false;
    } else if (!fades_input && moment->cell_frames) { /* where cells end is the same at most periods */
        stop_rt(node, moment->frame + moment->n);
    }
}

void presence_run_rt(struct step *step, const struct moment *moment)
{
    struct node_rt *node = step->node;
    float p[BLOCK_MAX];
    bool fades_input = step->n_in && (node->class->trails || !step->n_out), was_gone = node->bypassed;
    was_gone = was_gone && glide_is_settled(&node->presence);
    weights_rt(node, moment, p);
    static const float whole[BLOCK_MAX];
    bool sounds = node->dry ? dry_run_rt(step, p, fades_input) : step->hears;
    const float *const *dry = node->dry ? (const float *const *)node->dry->out : step->io.in;
    const float *dry_p = node->dry && fades_input ? whole : p;
    bool is_silent = process_rt(step, p, fades_input), has_dry = sounds && step->dry_in && !node->has_no_dry;
    for (unsigned c = 0; is_silent && has_dry && c < step->n_out; c++)
        memset(step->io.out[c], 0, moment->n * sizeof(float));
    if (fades_input && was_gone && node->bypassed && !node->stopped)
        ring_out_rt(step, moment);
    else
        node->loud_cell = moment->cell;
    for (unsigned c = 0; has_dry && c < step->dry_out; c++)
        if (!channel_repeats(&step->io, c))
            dry_add_rt(step, dry, c, dry_p);
    step->silent = is_silent && !has_dry;
    arrive_rt(step, moment, fades_input);
}
