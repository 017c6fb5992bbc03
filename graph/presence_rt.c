/* A block of a node that is not simply heard. p is its presence, 1 to 0 on the way out:
 *
 *                  in ──+──────────────(x 1 - p)──────────(+)──▶ out
 *     plain             +──▶ process ──(x p)───────────────┘
 *     with trails       +──(x p)──▶ process ───────────────┘
 */
#include "graph/presence_rt.h"

#include <string.h>

#include "graph/dsp/vector.h"
#include "graph/sleep_rt.h"

#include "graph/rt_only.h"

static void start_rt(struct node_rt *node, uint64_t frame)
{
    if (!node->stopped)
        return;
    node->stopped = false;
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

void presence_set_rt(struct node_rt *node, bool bypassed, uint64_t frame, uint32_t wait_frames)
{
    if (node->bypassed == bypassed)
        return;
    if (!node->is_apart)
        glide_jump(&node->presence, 1);
    bool is_cold = node->stopped && !node->class->trails;
    if (!bypassed)
        start_rt(node, frame);
    node->bypassed = bypassed;
    node->is_apart = true;
    glide_start_after(&node->presence, glide_linear(&node->presence, 0), bypassed ? 0 : 1, node->fade_frames,
                      wait_frames + (is_cold ? node->class->warm_frames : 0));
}

static void weights_rt(struct glide *presence, float *p, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        p[i] = glide_linear(presence, i);
    glide_advance(presence, n);
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
static void dry_add_rt(const struct step *step, unsigned c, const float *p)
{
    const float *const *in = step->io.in;
    float *out = step->io.out[c];
    unsigned n_in = step->dry_in, n_out = step->dry_out, n = step->io.n;
    if (n_out == 1)
        for (unsigned i = 0; i < n_in; i++)
            blend(out, in[i], 1 / (float)n_in, p, n);
    else if (n_in == 1 || c < n_in)
        blend(out, in[n_in == 1 ? 0 : c], 1, p, n);
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

static bool process_rt(struct step *step, const float *p, bool fades_input)
{
    struct node_rt *node = step->node;
    if (node->stopped)
        return true;
    if (fades_input)
        return process_faded_rt(step, p);
    node->class->process(node->state, &step->io);
    for (unsigned c = 0; c < step->n_out && !step->silent; c++)
        for (unsigned i = 0; i < step->io.n; i++)
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
    if (!node->bypassed) {
        node->is_apart = false;
        node->has_no_dry = false;
    } else if (!fades_input) {
        stop_rt(node, moment->frame + moment->n);
    }
}

void presence_run_rt(struct step *step, const struct moment *moment)
{
    struct node_rt *node = step->node;
    float p[BLOCK_MAX];
    bool fades_input = step->n_in && (node->class->trails || !step->n_out), was_gone = node->bypassed;
    was_gone = was_gone && glide_is_settled(&node->presence);
    weights_rt(&node->presence, p, moment->n);
    bool is_silent = process_rt(step, p, fades_input), has_dry = step->hears && step->dry_in && !node->has_no_dry;
    for (unsigned c = 0; is_silent && has_dry && c < step->n_out; c++)
        memset(step->io.out[c], 0, moment->n * sizeof(float));
    if (fades_input && was_gone && !node->stopped)
        ring_out_rt(step, moment);
    else
        node->loud_cell = moment->cell;
    for (unsigned c = 0; has_dry && c < step->dry_out; c++)
        dry_add_rt(step, c, p);
    step->silent = is_silent && !has_dry;
    arrive_rt(step, moment, fades_input);
}
