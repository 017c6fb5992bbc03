#include "tests/trial.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/smf_rig.h"
#include "tests/spectrum.h"

/* ---- sound on many channels ---------------------------------------------------------------------------------------- */

static float *noise_new(size_t n, double amplitude, uint32_t seed)
{
    float *x = malloc(n * sizeof *x);
    ck_assert_ptr_nonnull(x);
    noise_fill(x, n, amplitude, seed);
    return x;
}

struct take take_new(unsigned channels, size_t n_frames, double amplitude, uint32_t seed)
{
    struct take take = {channels, n_frames};
    for (unsigned c = 0; c < channels; c++)
        take.channel[c] = noise_new(n_frames, amplitude, seed + c);
    return take;
}

void take_free(struct take *take)
{
    for (unsigned c = 0; c < take->channels; c++)
        free(take->channel[c]);
}

struct take take_part(const struct take *take, size_t from, size_t n)
{
    struct take part = {take->channels, n};
    for (unsigned c = 0; c < take->channels; c++)
        part.channel[c] = take->channel[c] + from;
    return part;
}

bool take_equal(const struct take *a, const struct take *b)
{
    for (unsigned c = 0; c < a->channels; c++)
        if (memcmp(a->channel[c], b->channel[c], a->n_frames * sizeof(float)))
            return false;
    return true;
}

bool take_finite(const struct take *take, size_t from)
{
    for (unsigned c = 0; c < take->channels; c++)
        if (!all_finite(take->channel[c] + from, take->n_frames - from))
            return false;
    return true;
}

double take_snr_db(const struct take *reference, const struct take *take)
{
    double least = 400;
    for (unsigned c = 0; c < take->channels; c++) {
        const float *expected = reference->channel[c], *x = take->channel[c];
        bool silent = rms(expected, take->n_frames) == 0;
        least = fmin(least, silent ? -decibel(rms(x, take->n_frames)) : snr_db(expected, x, take->n_frames));
    }
    return least;
}

/* A file of noise with one or two channels, shorter than a test is long. */
static struct media media_new(unsigned channels, double rate_hz)
{
    size_t n = 5000;
    return (struct media){noise_new(n * channels, 0.5, 99), n, channels, rate_hz, rate_hz, 1, NULL};
}

/* ---- a class at work ----------------------------------------------------------------------------------------------- */

struct trial trial_new(const struct node_class *class, unsigned channels, double rate_hz)
{
    struct trial trial = {rig_new_class(class, rate_hz, channels)};
    trial.rig.storms = true;
    trial.media = media_new(trial.rig.channels == 1 ? 1 : 2, rate_hz);
    return trial;
}

void trial_start(struct trial *trial)
{
    struct error error = {0};
    const struct node_class *class = trial->rig.class;
    for (unsigned row = 0; row < class->n_params; row++)
        if (class->params[row].kind == PARAM_FILE)
            trial->rig.media[row] = class->params[row].reads == MEDIA_MIDI ? smf_song_media() : &trial->media;
    if (!rig_try(&trial->rig, &error))
        return;
    for (unsigned row = 0; row < class->n_params; row++)
        if (class->params[row].flags & PARAM_AT_CREATION)
            trial->rig.value[row] = class->params[row].initial;
    rig_start(&trial->rig);
}

void trial_free(struct trial *trial)
{
    free(trial->media.samples);
    rig_free(&trial->rig);
}

struct take trial_run(struct trial *trial, const struct take *in)
{
    struct take out = take_new(trial->rig.n_out, in->n_frames, 0, 0);
    struct take device = take_new(trial->rig.class->device ? trial->rig.channels : 0, in->n_frames, 0.5, 77);
    trial->rig.device = trial->rig.class->device ? device.channel : NULL;
    rig_process(&trial->rig, (const float *const *)in->channel, out.channel, in->n_frames);
    take_free(&device);
    return out;
}

float param_value_at(const struct param_info *param, double part)
{
    double value = param->min + (param->max - param->min) * part;
    if (param->kind != PARAM_CONTINUOUS)
        return (float)(round(value / (param->step ? param->step : 1)) * (param->step ? param->step : 1));
    if (param->curve == CURVE_LOG)
        value = param->min * pow(param->max / param->min, part);
    return (float)fmin(fmax(value, param->min), param->max);
}

void trial_randomise(struct trial *trial, uint32_t seed)
{
    struct rig *rig = &trial->rig;
    float part[RIG_PARAMS_MAX];
    noise_fill(part, rig->class->n_params, 0.5, seed);
    for (unsigned row = 0; row < rig->class->n_params; row++)
        rig->value[row] = param_value_at(&rig->class->params[row], part[row] + 0.5);
}

/* One curve for a parameter over its whole range: at random from frame to frame, or smooth. Choices change every now and
 * then in place of smoothly. */
static float *curve_new(const struct param_info *param, size_t n, bool smooth, unsigned row)
{
    float *curve = noise_new(n, 0.5, 1000 + row);
    for (size_t i = 0; i < n; i++) {
        double at_random = curve[i] + 0.5, moving = 0.5 + 0.5 * sin((double)i / (700 + 100 * row));
        if (smooth && param->kind != PARAM_CONTINUOUS)
            curve[i] = i % (1500 + 111 * row) ? curve[i - 1] : param_value_at(param, at_random);
        else
            curve[i] = param_value_at(param, smooth ? moving : at_random);
    }
    return curve;
}

static bool may_move(const struct param_info *param)
{
    return !param_is_path(param) && !(param->flags & PARAM_AT_CREATION);
}

/* Runs with the curves that rig.curve points to, and frees them. */
static struct take run_curves(struct trial *trial, const struct take *in)
{
    const float *curves[RIG_PARAMS_MAX];
    memcpy(curves, trial->rig.curve, sizeof curves);
    struct take out = trial_run(trial, in);
    for (unsigned row = 0; row < RIG_PARAMS_MAX; row++)
        free((float *)(uintptr_t)curves[row]);
    return out;
}

struct take trial_run_driven(struct trial *trial, const struct take *in, bool smooth)
{
    const struct node_class *class = trial->rig.class;
    for (unsigned row = 0; row < class->n_params; row++)
        if (may_move(&class->params[row]))
            trial->rig.curve[row] = curve_new(&class->params[row], in->n_frames, smooth, row);
    return run_curves(trial, in);
}

struct take trial_run_level(struct trial *trial, const struct take *in)
{
    const struct node_class *class = trial->rig.class;
    for (unsigned row = 0; row < class->n_params; row++) {
        if (!may_move(&class->params[row]))
            continue;
        float *curve = noise_new(in->n_frames, 0, 0);
        for (size_t i = 0; i < in->n_frames; i++)
            curve[i] = trial->rig.value[row];
        trial->rig.curve[row] = curve;
    }
    return run_curves(trial, in);
}

unsigned class_width(const struct node_class *class, int k)
{
    return k == 0 || !class->channels_max ? class->channels : k == 1 ? 1 : class->channels_max;
}
