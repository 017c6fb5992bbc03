#include "graph/dsp/key.h"

#include "graph/dsp/control.h"
#include "graph/dsp/svf_motion.h"

#include "graph/rt_only.h"

/* How much of the filter is heard: in the octave above the end where it is off, both are mixed. */
static inline float share_at(float cut_hz)
{
    float share = cut_hz / KEY_CUT_OFF_HZ - 1;
    return share < 1 ? share : 1;
}

/* While one goes out and the other comes in. */
static void cross(struct key *key, const struct node_io *io, const struct param *source, const float **x,
                  float (*room)[BLOCK_MAX])
{
    for (unsigned i = 0, run; i < io->n; i += run) {
        run = turn_next(&key->source, source, i, io->n);
        for (unsigned c = 0; c < key->channels; c++) {
            memcpy(room[c] + i, io->in[key->source.now * key->channels + c] + i, run * sizeof(float));
            if (key->source.left)
                turn_mix(&key->source, room[c] + i, io->in[key->source.before * key->channels + c] + i, run);
        }
        if (key->source.left)
            turn_advance(&key->source, run);
    }
    for (unsigned c = 0; c < key->channels; c++)
        x[c] = room[c];
}

static void choose(struct key *key, const struct node_io *io, const float **x, float (*room)[BLOCK_MAX])
{
    struct param source = {.value = (float)(io->wired >> KEY_SIDECHAIN_PORT & 1)};
    if (!key->has_begun)
        key->source.now = (unsigned)source.value;
    key->has_begun = true;
    if (key->source.left || key->source.now != (unsigned)source.value) {
        cross(key, io, &source, x, room);
        return;
    }
    for (unsigned c = 0; c < key->channels; c++)
        x[c] = io->in[key->source.now * key->channels + c];
}

DAWD_CLONES static void cut_still(struct key *key, float cut_hz, float (*x)[BLOCK_MAX], unsigned n)
{
    if (cut_hz != key->block_hz) {
        float share = share_at(cut_hz);
        svf_block_set(&key->block, svf_coefficients(svf_tangent(cut_hz, 1 / key->rate_hz), M_SQRT2),
                      (const float[]){1, -share, -share});
        key->block_hz = cut_hz;
    }
    for (unsigned c = 0; c < key->channels; c++)
        svf_block_run(&key->block, &key->svf[c], x[c], x[c], n);
}

DAWD_CLONES static void cut_moving(struct key *key, const float *cut_hz, float (*x)[BLOCK_MAX], unsigned from, unsigned n)
{
    struct svf_motion motion;
    struct svf_steps steps;
    float mix[2][SVF_STRETCH], k[SVF_STRETCH];
    for (unsigned i = 0; i < n; i++) {
        mix[0][i] = 1;
        mix[1][i] = -share_at(cut_hz[i]);
        k[i] = (float)M_SQRT2;
    }
    svf_motion_set(&motion, cut_hz, 1 / key->rate_hz, n);
    svf_steps_set(&steps, &motion, k, (float *const[]){mix[0], mix[1], mix[1]}, n);
    for (unsigned c = 0; c < key->channels; c += 2) {
        unsigned d = c + 1 < key->channels ? c + 1 : c;
        svf_steps_run(&steps, (struct svf *const[]){&key->svf[c], &key->svf[d]},
                      (const float *const[]){x[c] + from, x[d] + from}, (float *const[]){x[c] + from, x[d] + from}, n);
    }
}

/* Where it is off it forgets: when it comes back, what it held would be long past. */
static void cut_stretch(struct key *key, const float *cut_hz, float (*x)[BLOCK_MAX], unsigned from, unsigned n)
{
    for (unsigned i = 0, to; i < n; i = to) {
        to = i + 1;
        while (to < n && !(cut_hz[to - 1] <= KEY_CUT_OFF_HZ && cut_hz[to] > KEY_CUT_OFF_HZ))
            to++;
        cut_moving(key, cut_hz + i, x, from + i, to - i);
        if (cut_hz[to - 1] <= KEY_CUT_OFF_HZ)
            memset(key->svf, 0, sizeof key->svf);
    }
}

DAWD_CLONES static void take_sound(const float *x, float *out, unsigned n)
{
    DAWD_FRAMES_APART
    for (unsigned i = 0; i < n; i++)
        out[i] = sound_or_zero(x[i]);
}

void key_hear_rt(struct key *key, const struct node_io *io, unsigned cut_row, const float **x, float (*room)[BLOCK_MAX])
{
    const struct param *cut = &io->param[cut_row];
    choose(key, io, x, room);
    if (control_rests_at(cut, KEY_CUT_OFF_HZ)) {
        memset(key->svf, 0, sizeof key->svf);
        return;
    }
    for (unsigned c = 0; c < key->channels; c++) {
        take_sound(x[c], room[c], io->n);
        x[c] = room[c];
    }
    if (param_is_constant(cut))
        cut_still(key, cut->value, room, io->n);
    else
        for (unsigned from = 0; from < io->n; from += SVF_STRETCH)
            cut_stretch(key, cut->frames + from, room, from, io->n - from < SVF_STRETCH ? io->n - from : SVF_STRETCH);
}
