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
            if (!line->frames && !hop_line_init(line, arena, most, false))
                return false;
        }
    return true;
}

void diffuser_size(struct diffuser *diffuser, double mean_frames, double predelay_frames, uint64_t clock)
{
    unsigned most = 0;
    bool same = diffuser->mean_frames == mean_frames && diffuser->predelay_frames == predelay_frames;
    if (clock % HOP_APART || (same && diffuser->arrived))
        return;
    diffuser->mean_frames = mean_frames;
    diffuser->predelay_frames = predelay_frames;
    diffuser->arrived = true;
    for (unsigned k = 0; k < DIFFUSER_STEPS * DIFFUSER_CHANNELS; k++) {
        unsigned s = k / DIFFUSER_CHANNELS, c = k % DIFFUSER_CHANNELS;
        struct hop_line *line = line_of(diffuser, s, c);
        struct hop_tap *tap = &diffuser->tap[s][c];
        unsigned wanted = diffuser_delay_frames(s, c, mean_frames, predelay_frames);
        unsigned longest = hop_tap_turn(tap, line, clock, wanted);
        diffuser->arrived &= tap->now == wanted && tap->before == wanted;
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

/* Where one step reads and writes. */
struct step {
    const float *from[DIFFUSER_CHANNELS];
    float *to[DIFFUSER_CHANNELS];
};

/* Turns channels that are so far apart into each other; the cosines are for later. At `even` the tangent is 1. */
DAWD_INLINE void stage(FLOAT8 x[DIFFUSER_CHANNELS], const FLOAT8 *tangent, unsigned apart, bool even)
{
    DAWD_UNROLLED for (unsigned c = 0; c < DIFFUSER_CHANNELS; c++)
    {
        FLOAT8 a = x[c], b = x[c | apart];
        if (c & apart)
            continue;
        x[c] = a + (even ? b : *tangent * b);
        x[c | apart] = b - (even ? a : *tangent * a);
    }
}

/* Mixes `wide` channels each with each, 4 or 8, at m of eight frames from frame `at` of the stretch on, the one of this
 * number in its cell. */
DAWD_INLINE void mix_eight(const struct step *step, const struct diffuser *diffuser, unsigned at, unsigned frame,
                           unsigned m, unsigned wide, bool even)
{
    FLOAT8 x[DIFFUSER_CHANNELS], into = (float)(int)frame + (FLOAT8){0, 1, 2, 3, 4, 5, 6, 7};
    FLOAT8 tangent = diffuser->angle.tangent + into * diffuser->angle_step.tangent;
    FLOAT8 cosine = diffuser->angle.cosine + into * diffuser->angle_step.cosine;
    DAWD_UNROLLED for (unsigned c = 0; c < DIFFUSER_CHANNELS; c++) memcpy(&x[c], step->from[c] + at, sizeof x[c]);
    stage(x, &tangent, 1, even);
    stage(x, &tangent, 2, even);
    if (wide == 8)
        stage(x, &tangent, 4, even);
    FLOAT8 scale = wide == 8 ? cosine * cosine * cosine : cosine * cosine;
    DAWD_UNROLLED for (unsigned c = 0; c < DIFFUSER_CHANNELS; c++)
    {
        x[c] *= scale;
        memcpy(step->to[c] + at, &x[c], m * sizeof(float));
    }
}

DAWD_INLINE void step_run(const struct step *step, const struct diffuser *diffuser, unsigned frame, unsigned n,
                          unsigned wide)
{
    const struct diffuser_angle *now = &diffuser->angle, *moves = &diffuser->angle_step;
    bool even = now->tangent == 1 && moves->tangent == 0;
    unsigned i = 0;
    for (; even && i + VECTOR_WIDTH <= n; i += VECTOR_WIDTH)
        mix_eight(step, diffuser, i, frame + i, VECTOR_WIDTH, wide, true);
    for (; i < n; i += VECTOR_WIDTH)
        mix_eight(step, diffuser, i, frame + i, n - i < VECTOR_WIDTH ? n - i : VECTOR_WIDTH, wide, false);
}

/* The four of each side, and 2.5 dB less loud those of the other one, with other signs: a room answers from all around, and even a
 * sound from one side not twice in the same way. */
static inline void early_sum(const struct step *step, float (*early)[HOP_ROOM], unsigned n)
{
    for (unsigned side = 0; side < DIFFUSER_SIDES; side++) {
        const float *const *own = step->from + 4 * side, *const *other = step->from + 4 * (1 - side);
        for (unsigned i = 0; i < n; i++)
            early[side][i] = 0.4f * (own[0][i] - own[1][i] + own[2][i] - own[3][i]) +
                             0.3f * (other[0][i] + other[1][i] - other[2][i] - other[3][i]);
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

DAWD_CLONES void diffuser_run(struct diffuser *diffuser, uint64_t clock, const float *const in[DIFFUSER_SIDES],
                              float (*early)[HOP_ROOM], float (*out)[HOP_ROOM], unsigned n)
{
    struct step step;
    float room[DIFFUSER_CHANNELS][HOP_ROOM];
    listen(diffuser, in, n);
    for (unsigned s = 0; s < DIFFUSER_STEPS; s++) {
        for (unsigned c = 0; c < DIFFUSER_CHANNELS; c++) {
            step.from[c] = hop_read(line_of(diffuser, s, c), &diffuser->tap[s][c], clock, room[c], n);
            step.to[c] = s + 1 < DIFFUSER_STEPS ? hop_line_now(&diffuser->line[s][c]) : out[c];
        }
        if (s + 1 == DIFFUSER_STEPS) {
            early_sum(&step, early, n);
            step_run(&step, diffuser, clock % HOP_CELL, n, 8);
            break;
        }
        step_run(&step, diffuser, clock % HOP_CELL, n, 4);
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

void diffuser_clear(struct diffuser *diffuser)
{
    for (unsigned side = 0; side < DIFFUSER_SIDES; side++)
        hop_line_clear(&diffuser->before[side]);
    for (unsigned c = 0; c < 2 * DIFFUSER_CHANNELS; c++)
        hop_line_clear(&diffuser->line[c / 8][c % 8]);
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
