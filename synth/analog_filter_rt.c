/* The filters of voices: one state-variable section, or two for the steep slope, each voice with its own cutoff.
 *
 *     four voices or more     side by side (graph/dsp/svf_lanes.h)
 *     fewer                   one after the other, to the bit the same
 *
 * The two sections of the steep slope are those of a Butterworth filter of fourth order at q = 0.7071, and q raises the peak of the
 * second one.
 */
#include "synth/analog.h"

#include "graph/dsp/svf_lanes.h"
#include "graph/dsp/svf_motion.h"
#include "graph/rt_only.h"

#define K_FIRST  1.84775907f  /* 2 cos(pi / 8) */
#define K_SECOND 0.541196100f /* of 1 / q: 2 sin(pi / 8) / sqrt(2) */
#define STEEP    24

static const float mixes[][3] = {[ANALOG_LOWPASS] = {0, 0, 1},
                                 [ANALOG_BANDPASS] = {0, 1, 0},
                                 [ANALOG_HIGHPASS] = {1, -1, -1},
                                 [ANALOG_NOTCH] = {1, -1, 0}};
static const float flat[3] = {1, 0, 0};

/* 1 / q of a section. */
static float k_of(const struct analog_voice *voice, unsigned section, float q)
{
    return voice->slope < STEEP ? 1 / q : section ? K_SECOND / q : K_FIRST;
}

/* ---- side by side ---------------------------------------------------------------------------------------------------- */

static void section_run(const struct svf_motion_lanes *motion, struct analog_voice *const *voice, unsigned section,
                        struct svf_lanes *svf, const float *q, float (*x)[LANES], unsigned n)
{
    struct svf_steps_lanes steps;
    float k[SVF_LANES_STRETCH][LANES];
    const float *mix[LANES];
    for (unsigned l = 0; l < LANES; l++) {
        mix[l] = section && voice[l]->slope < STEEP ? flat : mixes[voice[l]->mode];
        for (unsigned i = 0; i < n; i++)
            k[i][l] = k_of(voice[l], section, q[i]);
    }
    svf_steps_lanes_set(&steps, motion, k, mix, n);
    svf_steps_lanes_run(&steps, svf, x, n);
}

static void lanes_filter(struct analog_voice *const voice[LANES], struct analog_lane *lane, struct analog_columns *columns,
                         unsigned n_voices, const struct analog_run *run)
{
    struct svf_lanes svf[2];
    const float *x[LANES], *hz[LANES], *q = run->block->frames[ANALOG_Q] + run->at;
    float *out[LANES];
    bool is_steep = false;
    for (unsigned l = 0; l < LANES; l++) {
        x[l] = out[l] = lane[l < n_voices ? l : 0].x;
        hz[l] = lane[l < n_voices ? l : 0].cutoff_hz;
        is_steep |= voice[l]->slope >= STEEP;
    }
    for (unsigned s = 0; s < 2; s++) {
        const struct svf *from[LANES];
        for (unsigned l = 0; l < LANES; l++)
            from[l] = &voice[l]->svf[s];
        svf_lanes_gather(&svf[s], from);
    }
    lanes_load(columns->x, x, run->n);
    lanes_load(columns->cutoff_hz, hz, run->n);
    for (unsigned i = 0, n; i < run->n; i += n) {
        struct svf_motion_lanes motion;
        n = run->n - i < SVF_LANES_STRETCH ? run->n - i : SVF_LANES_STRETCH;
        svf_motion_lanes_set(&motion, columns->cutoff_hz + i, 1 / run->block->rate_hz, n);
        section_run(&motion, voice, 0, &svf[0], q + i, columns->x + i, n);
        if (is_steep)
            section_run(&motion, voice, 1, &svf[1], q + i, columns->x + i, n);
    }
    lanes_store(out, n_voices, columns->x, run->n);
    for (unsigned s = 0; s < (is_steep ? 2 : 1); s++) {
        struct svf *to[LANES];
        for (unsigned l = 0; l < LANES; l++)
            to[l] = &voice[l]->svf[s];
        svf_lanes_scatter(&svf[s], to, n_voices);
    }
}

/* ---- alone ----------------------------------------------------------------------------------------------------------- */

static void alone_filter(struct analog_voice *voice, struct analog_lane *lane, const struct analog_run *run)
{
    const float *q = run->block->frames[ANALOG_Q] + run->at, *mode = mixes[voice->mode];
    unsigned n_sections = voice->slope < STEEP ? 1 : 2;
    for (unsigned i = 0, n; i < run->n; i += n) {
        struct svf_motion motion;
        n = run->n - i < SVF_STRETCH ? run->n - i : SVF_STRETCH;
        svf_motion_set(&motion, lane->cutoff_hz + i, 1 / run->block->rate_hz, n);
        for (unsigned s = 0; s < n_sections; s++) {
            struct svf_steps steps;
            float k[SVF_STRETCH], room[3][SVF_STRETCH], *x = lane->x + i;
            float *const mix[3] = {room[0], room[1], room[2]};
            for (unsigned j = 0; j < n; j++) {
                k[j] = k_of(voice, s, q[i + j]);
                for (unsigned m = 0; m < 3; m++)
                    room[m][j] = mode[m];
            }
            svf_steps_set(&steps, &motion, k, mix, n);
            svf_steps_run(&steps, (struct svf *const[]){&voice->svf[s], &voice->svf[s]}, (const float *const[]){x, x},
                          (float *const[]){x, x}, n);
        }
    }
}

void analog_filter_run_rt(struct analog_voice *const *voice, struct analog_lane *lane, struct analog_columns *columns,
                          unsigned n_voices, const struct analog_run *run)
{
    struct analog_voice *all[LANES];
    for (unsigned l = 0; l < LANES; l++)
        all[l] = voice[l < n_voices ? l : 0];
    if (n_voices >= LANES_LEAST)
        lanes_filter(all, lane, columns, n_voices, run);
    else
        for (unsigned l = 0; l < n_voices; l++)
            alone_filter(voice[l], &lane[l], run);
}
