#include "graph/dsp/diffuser.h"

#include "graph/dsp/fastmath.h"
#include "graph/dsp/finite.h"
#include "graph/rt_only.h"

/* Delays as parts of the mean of the room's lines: each step has its span divided among the channels, each of which has a
 * place by chance in its part. The sides differ everywhere, so that one signal on both becomes two that have nothing in common. */
static const float delays[DIFFUSER_STEPS][DIFFUSER_CHANNELS] = {
    {0.0000f, 0.0611f, 0.1172f, 0.1593f, 0.0127f, 0.0483f, 0.1034f, 0.1787f},
    {0.1893f, 0.0231f, 0.3079f, 0.1247f, 0.0689f, 0.2381f, 0.0047f, 0.2713f},
    {0.3317f, 0.0713f, 0.5231f, 0.1889f, 0.0291f, 0.4127f, 0.2551f, 0.4799f},
};

unsigned diffuser_delay_frames(unsigned step, unsigned c, double mean_frames, double predelay_frames)
{
    return (unsigned)(delays[step][c] * mean_frames + (step ? 0 : predelay_frames) + 0.5);
}

/* The line that a tap reads. */
static inline struct hop_line *line_of(struct diffuser *diffuser, unsigned step, unsigned c)
{
    return step ? &diffuser->line[step - 1][c] : &diffuser->before[c / 4];
}

bool diffuser_init(struct diffuser *diffuser, struct arena *arena, double mean_frames, double predelay_frames,
                   double most_mean_frames, double most_predelay_frames)
{
    for (unsigned s = 0; s < DIFFUSER_STEPS; s++)
        for (unsigned c = 0; c < DIFFUSER_CHANNELS; c++) {
            struct hop_line *line = line_of(diffuser, s, c);
            unsigned frames = diffuser_delay_frames(s, c, mean_frames, predelay_frames);
            /* A side is one line for four taps, the last one being the longest. */
            unsigned most = diffuser_delay_frames(s, s ? c : c | 3, most_mean_frames, most_predelay_frames);
            diffuser->tap[s][c] = (struct hop_tap){frames, frames, c + 5 * s};
            if (!line->frames && !hop_line_init(line, arena, most))
                return false;
        }
    return true;
}

void diffuser_size(struct diffuser *diffuser, double mean_frames, double predelay_frames, uint64_t clock)
{
    unsigned most = 0;
    for (unsigned s = 0; clock % HOP_APART == 0 && s < DIFFUSER_STEPS; s++)
        for (unsigned c = 0; c < DIFFUSER_CHANNELS; c++) {
            struct hop_line *line = line_of(diffuser, s, c);
            unsigned wanted = diffuser_delay_frames(s, c, mean_frames, predelay_frames);
            unsigned longest = hop_tap_turn(&diffuser->tap[s][c], line, clock, wanted);
            most = s || c % 4 == 0 || longest > most ? longest : most;
            /* A side is wanted as far as the longest of its four taps. */
            if (s || c % 4 == 3)
                hop_line_want(line, most);
        }
}

void diffuser_angle(struct diffuser *diffuser, float amount, bool at_once)
{
    double sine = fast_sin_pi(0.25 * amount), cosine = sqrt(1 - sine * sine);
    diffuser->angle = diffuser->angle_goal;
    diffuser->angle_goal = (struct diffuser_angle){(float)(sine / cosine), (float)cosine};
    if (at_once)
        diffuser->angle = diffuser->angle_goal;
    diffuser->angle_step.tangent = (diffuser->angle_goal.tangent - diffuser->angle.tangent) * (1.0f / HOP_CELL);
    diffuser->angle_step.cosine = (diffuser->angle_goal.cosine - diffuser->angle.cosine) * (1.0f / HOP_CELL);
}

/* ---- one stretch --------------------------------------------------------------------------------------------------------- */

/* Mixes `wide` channels each with each, 4 or 8, at eight frames: stage by stage in pairs, turned by the angle. The cosines
 * of all stages are one factor. */
static inline void mix(FLOAT8 x[DIFFUSER_CHANNELS], const FLOAT8 *tangent, const FLOAT8 *scale, unsigned wide)
{
    for (unsigned apart = 1; apart < wide; apart *= 2)
        for (unsigned c = 0; c < DIFFUSER_CHANNELS; c++)
            if (!(c & apart)) {
                FLOAT8 a = x[c], b = x[c + apart];
                x[c] = a + *tangent * b;
                x[c + apart] = b - *tangent * a;
            }
    for (unsigned c = 0; c < DIFFUSER_CHANNELS; c++)
        x[c] *= *scale;
}

/* Where one step reads and writes. */
struct step {
    const float *from[DIFFUSER_CHANNELS];
    float *to[DIFFUSER_CHANNELS];
    float tangent[HOP_CELL + VECTOR_WIDTH], cosine[HOP_CELL + VECTOR_WIDTH];
};

static inline void step_run(const struct step *step, unsigned wide, unsigned n)
{
    for (unsigned i = 0; i < n; i += VECTOR_WIDTH) {
        FLOAT8 x[DIFFUSER_CHANNELS], tangent, cosine;
        memcpy(&tangent, step->tangent + i, sizeof tangent);
        memcpy(&cosine, step->cosine + i, sizeof cosine);
        for (unsigned c = 0; c < DIFFUSER_CHANNELS; c++)
            memcpy(&x[c], step->from[c] + i, sizeof x[c]);
        cosine = wide == 8 ? cosine * cosine * cosine : cosine * cosine;
        mix(x, &tangent, &cosine, wide);
        if (n - i >= VECTOR_WIDTH)
            for (unsigned c = 0; c < DIFFUSER_CHANNELS; c++)
                memcpy(step->to[c] + i, &x[c], sizeof x[c]);
        else
            for (unsigned c = 0; c < DIFFUSER_CHANNELS; c++)
                memcpy(step->to[c] + i, &x[c], (n - i) * sizeof(float));
    }
}

/* All of both sides, or of the eight channels of a step. */
static inline void early_sum(const struct step *step, float (*early)[HOP_CELL], unsigned n)
{
    for (unsigned side = 0; side < DIFFUSER_SIDES; side++) {
        const float *const *x = step->from + 4 * side;
        for (unsigned i = 0; i < n; i++)
            early[side][i] = 0.5f * (x[0][i] - x[1][i] + x[2][i] - x[3][i]);
    }
}

static inline void listen(struct diffuser *diffuser, const float *const in[DIFFUSER_SIDES], unsigned n)
{
    for (unsigned side = 0; side < DIFFUSER_SIDES; side++) {
        float *to = hop_line_now(&diffuser->before[side]);
        for (unsigned i = 0; i < n; i++)
            to[i] = 0.5f * lasting_or_zero(in[side][i]);
        hop_line_close(&diffuser->before[side], n);
    }
}

static inline void step_open(struct step *step, const struct diffuser *diffuser, unsigned frame)
{
    for (unsigned i = 0; i < HOP_CELL + VECTOR_WIDTH; i++) {
        step->tangent[i] = diffuser->angle.tangent + (float)(int)(frame + i) * diffuser->angle_step.tangent;
        step->cosine[i] = diffuser->angle.cosine + (float)(int)(frame + i) * diffuser->angle_step.cosine;
    }
}

DAWD_CLONES void diffuser_run(struct diffuser *diffuser, uint64_t clock, const float *const in[DIFFUSER_SIDES],
                              float (*early)[HOP_CELL], float (*out)[HOP_CELL], unsigned n)
{
    struct step step;
    float room[DIFFUSER_CHANNELS][HOP_CELL + VECTOR_WIDTH];
    listen(diffuser, in, n);
    step_open(&step, diffuser, clock % HOP_CELL);
    for (unsigned s = 0; s < DIFFUSER_STEPS; s++) {
        for (unsigned c = 0; c < DIFFUSER_CHANNELS; c++) {
            step.from[c] = hop_read(line_of(diffuser, s, c), &diffuser->tap[s][c], clock, room[c], n);
            step.to[c] = s + 1 < DIFFUSER_STEPS ? hop_line_now(&diffuser->line[s][c]) : out[c];
        }
        if (s + 1 == DIFFUSER_STEPS) {
            early_sum(&step, early, n);
            step_run(&step, 8, n);
            break;
        }
        step_run(&step, 4, n);
        for (unsigned c = 0; c < DIFFUSER_CHANNELS; c++)
            hop_line_close(&diffuser->line[s][c], n);
    }
    for (unsigned side = 0; side < DIFFUSER_SIDES; side++)
        hop_line_advance(&diffuser->before[side], n);
    for (unsigned c = 0; c < 2 * DIFFUSER_CHANNELS; c++)
        hop_line_advance(&diffuser->line[c / 8][c % 8], n);
}

/* ---- sleep ---------------------------------------------------------------------------------------------------------------- */

bool diffuser_given_nothing(const struct diffuser *diffuser, unsigned n)
{
    for (unsigned c = 0; c < 2 * DIFFUSER_CHANNELS; c++)
        if (!hop_line_given_nothing(&diffuser->line[c / 8][c % 8], n))
            return false;
    return hop_line_given_nothing(&diffuser->before[0], n) && hop_line_given_nothing(&diffuser->before[1], n);
}

void diffuser_rest(struct diffuser *diffuser)
{
    for (unsigned s = 0; s < DIFFUSER_STEPS; s++)
        for (unsigned c = 0; c < DIFFUSER_CHANNELS; c++)
            diffuser->tap[s][c].before = diffuser->tap[s][c].now;
}

void diffuser_skip(struct diffuser *diffuser, uint64_t clock)
{
    for (unsigned side = 0; side < DIFFUSER_SIDES; side++)
        hop_line_skip(&diffuser->before[side], clock);
    for (unsigned c = 0; c < 2 * DIFFUSER_CHANNELS; c++)
        hop_line_skip(&diffuser->line[c / 8][c % 8], clock);
}

unsigned diffuser_frames(const struct diffuser *diffuser)
{
    unsigned most[2] = {0};
    for (unsigned c = 0; c < 2 * DIFFUSER_CHANNELS; c++) {
        unsigned frames = diffuser->line[c / 8][c % 8].wrap;
        most[c / 8] = frames > most[c / 8] ? frames : most[c / 8];
    }
    return diffuser->before[0].wrap + most[0] + most[1];
}
