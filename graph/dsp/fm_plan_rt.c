/* Where sixteen voices are to be at the end of a run, and the straight ways to there. */
#include "graph/dsp/fm_run.h"

#include "graph/dsp/decibel.h"
#include "graph/dsp/fastmath.h"
#include "graph/dsp/phase.h"
#include "graph/dsp/sine.h"
#include "graph/rt_only.h"

#define NOTE_MIDDLE 60.0f
#define FALL_BITS   9.96578428f /* log2(1000): what falls, would by 60 dB */
#define HIGH_BEGINS 0.45f       /* of the rate: from here to half of it an operator fades out */
#define HIGH_SCALE  20.0f
#define NOTE_A4_HZ  440.0f
#define PITCH_MOST  12.0f /* octaves from A4 */
#define TIME_MOST   0x1p31

/* ---- envelopes ------------------------------------------------------------------------------------------------------- */

/* How far a stage has come when its part t is over: attacks are straight, all others fall as an exponential that ends where
 * it should, to the bit. */
static inline float way(uint32_t stage, float t)
{
    const float whole = 1 / (1 - 0.001f);
    float fallen = (1 - fast_exp2(-FALL_BITS * t)) * whole;
    return stage == FM_ATTACK ? t : fallen;
}

static inline float goal_of(uint32_t stage, float middle, float sustain)
{
    float falls = (stage == FM_FALL) | (stage == FM_HOLD) ? sustain : 0;
    falls = stage == FM_DECAY ? middle : falls;
    return stage == FM_ATTACK ? 1 : falls;
}

/* The envelope when `done` frames of the stage are over. All is loaded in any case, so that a loop may be vectorised. */
static inline float level_at(const struct fm_operator *op, float middle, float sustain, unsigned l, uint32_t done)
{
    uint32_t stage = op->stage[l], total = op->total[l];
    float from = op->from[l], part = op->part[l], goal = goal_of(stage, middle, sustain);
    float t = (float)(int32_t)(done & 0x7fffffff) * part;
    uint32_t is_there = (uint32_t)(stage == FM_HOLD) | (uint32_t)(stage == FM_REST) | (uint32_t)(done >= total);
    float on_its_way = from + (goal - from) * way(stage, t < 1 ? t : 1);
    return is_there ? goal : on_its_way;
}

static uint32_t stage_frames(const struct fm_group *group, unsigned l, const struct fm_operator_tone *op,
                             const struct fm_tone *tone, enum fm_stage stage)
{
    float octaves = (group->player.note[l] - NOTE_MIDDLE) * (1 / 12.0f) * op->rate_octaves;
    float seconds = stage == FM_ATTACK  ? op->attack_s
                    : stage == FM_DECAY ? op->decay_s
                    : stage == FM_FALL  ? op->fall_s
                                        : op->release_s;
    double frames = (double)seconds * tone->rate_hz;
    if (stage == FM_REST || stage == FM_HOLD)
        return FM_FOREVER;
    if (octaves != 0)
        frames *= (double)fast_exp2(-octaves);
    return (uint32_t)(frames < TIME_MOST ? frames + 0.5 : TIME_MOST);
}

/* What comes after a stage. Where nothing is sustained, the operator is silent for good: a key that is held in vain keeps no
 * voice. */
static enum fm_stage stage_after(enum fm_stage stage, const struct fm_operator_tone *op)
{
    switch (stage) {
    case FM_ATTACK:
        return FM_DECAY;
    case FM_DECAY:
        return FM_FALL;
    case FM_FALL:
        return op->sustain > 0 ? FM_HOLD : FM_REST;
    case FM_HOLD:
        return FM_HOLD;
    default:
        return FM_REST;
    }
}

static void stage_set(struct fm_group *group, unsigned o, unsigned l, const struct fm_tone *tone, enum fm_stage stage,
                      float from)
{
    struct fm_operator *op = &group->op[o];
    op->total[l] = stage_frames(group, l, &tone->op[o], tone, stage);
    op->part[l] = op->total[l] && op->total[l] < FM_FOREVER ? 1 / (float)op->total[l] : 0;
    op->stage[l] = stage;
    op->done[l] = 0;
    op->from[l] = from;
}

/* Stages of no length are passed by. */
static void stages_pass(struct fm_group *group, unsigned o, unsigned l, const struct fm_tone *tone)
{
    const struct fm_operator_tone *of = &tone->op[o];
    struct fm_operator *op = &group->op[o];
    while (op->done[l] >= op->total[l])
        stage_set(group, o, l, tone, stage_after(op->stage[l], of), goal_of(op->stage[l], of->middle, of->sustain));
}

void fm_stage_enter_rt(struct fm_group *group, unsigned o, unsigned l, const struct fm_tone *tone, enum fm_stage stage)
{
    const struct fm_operator_tone *of = &tone->op[o];
    struct fm_operator *op = &group->op[o];
    stage_set(group, o, l, tone, stage, level_at(op, of->middle, of->sustain, l, op->done[l]));
    stages_pass(group, o, l, tone);
}

/* Frames until the first stage of the group ends, n at most. */
DAWD_CLONES static unsigned stages_left(const struct fm_group *group, unsigned n)
{
    uint32_t least[LANES];
    DAWD_EACH_LANE(l)
    least[l] = group->fade[l];
    for (unsigned o = 0; o < FM_OPERATORS; o++)
        DAWD_EACH_LANE(l)
        {
            uint32_t left = group->op[o].total[l] - group->op[o].done[l];
            least[l] = left < least[l] ? left : least[l];
        }
    for (unsigned l = 0; l < LANES; l++)
        n = least[l] < n ? least[l] : n;
    return n;
}

/* ---- level ----------------------------------------------------------------------------------------------------------- */

DAWD_CLONES static void gains_set(struct fm_operator *op, const struct fm_operator_tone *tone,
                                  const struct fm_players *player, float bright_db, float bright_share)
{
    const float most_db = 12.0412f; /* FM_GAIN_MOST */
    float off = tone->level_db > DECIBEL_OFF ? 1 : 0;
    DAWD_EACH_LANE(l)
    {
        float octaves = (player->note[l] - tone->key_break) * (1 / 12.0f);
        float db = tone->level_db + tone->velocity_db * (player->velocity[l] - 1) +
                   (octaves < 0 ? -octaves * tone->left_db : octaves * tone->right_db) + bright_db +
                   bright_share * player->bright_db[l];
        db = db < most_db ? db : most_db;
        op->gain[l] = off * (db > DECIBEL_OFF ? decibel_gain(db) : 0);
    }
}

/* ---- pitch ----------------------------------------------------------------------------------------------------------- */

/* Every shape is a sum of parts of these four; the others are nothing then, exactly. */
struct lfo_parts {
    float sine, triangle, saw, square;
};

static inline float lfo_at(const struct lfo_parts *parts, uint32_t phase)
{
    float saw = (float)(int32_t)(phase ^ 0x80000000u) * 0x1p-31f;
    float turned = (float)(int32_t)((phase + 0x40000000u) ^ 0x80000000u) * 0x1p-31f;
    float triangle = 1 - 2 * (turned < 0 ? -turned : turned), square = (int32_t)phase < 0 ? -1.0f : 1.0f;
    return parts->sine * sine_at(phase) + parts->triangle * triangle + parts->saw * saw + parts->square * square;
}

/* The lfo of every voice, faded in; and how far it is. */
DAWD_CLONES static void lfos_set(float *lfo, float *depths, const struct fm_group *group, const struct fm_tone *tone)
{
    static const struct lfo_parts shapes[] = {[FM_LFO_SINE] = {.sine = 1},
                                              [FM_LFO_TRIANGLE] = {.triangle = 1},
                                              [FM_LFO_SAW_UP] = {.saw = 1},
                                              [FM_LFO_SAW_DOWN] = {.saw = -1},
                                              [FM_LFO_SQUARE] = {.square = 1}};
    const struct lfo_parts parts = shapes[tone->lfo_shape];
    bool waits = tone->lfo_delay_s > 0;
    float part = waits ? (float)(2 / ((double)tone->lfo_delay_s * tone->rate_hz)) : 0, first = waits ? -1 : 1;
    DAWD_EACH_LANE(l)
    {
        float depth = first + part * (float)(int32_t)group->age[l];
        depth = depth < 0 ? 0 : depth;
        depth = depth < 1 ? depth : 1;
        depths[l] = depth;
        lfo[l] = depth * lfo_at(&parts, group->lfo[l]);
    }
}

/* Pitches that the run goes to, and the tremolo; whether any pitch is another one than before. */
DAWD_CLONES static bool pitches_set(struct fm_group *group, const struct fm_tone *tone)
{
    const float *pitch = group->player.pitch, *own_vibrato = group->player.vibrato, whole = 1 / (1 - 0.001f);
    float part = (float)(1 / ((double)tone->bend_s * tone->rate_hz + 1)), bend = tone->bend_octaves;
    float vibrato = tone->vibrato_octaves, tremolo = 0.5f * tone->tremolo, lfo[LANES], depth[LANES];
    uint32_t moved = 0;
    lfos_set(lfo, depth, group, tone);
    DAWD_EACH_LANE(l)
    {
        float t = part * (float)(int32_t)group->age[l];
        float left = 1 - (1 - fast_exp2(-FALL_BITS * (t < 1 ? t : 1))) * whole;
        float octaves = pitch[l] + bend * (t < 1 ? left : 0) + (vibrato + own_vibrato[l]) * lfo[l];
        octaves = octaves < PITCH_MOST ? octaves : PITCH_MOST;
        octaves = octaves > -PITCH_MOST ? octaves : -PITCH_MOST;
        float hz = NOTE_A4_HZ * fast_exp2(octaves);
        moved |= (uint32_t)(hz != group->hz[l]);
        group->hz[l] = hz;
        group->tremolo[l] = tremolo * (depth[l] - lfo[l]);
    }
    return moved;
}

DAWD_CLONES static void goals_set(struct fm_operator *op, const struct fm_operator_tone *tone, const float *hz,
                                  double rate_hz)
{
    double frame_s = 1 / rate_hz;
    DAWD_EACH_LANE(l)
    {
        double cycles = (tone->is_fixed ? 1.0 : (double)hz[l]) * tone->ratio * frame_s;
        float high = 1 - ((float)cycles - HIGH_BEGINS) * HIGH_SCALE;
        op->goal[l] = phase_step(cycles);
        op->high[l] = high < 0 ? 0 : high < 1 ? high : 1;
    }
}

/* ---- the run --------------------------------------------------------------------------------------------------------- */

/* Where what is fresh begins: its pitch, and its envelope as far as it is open already. */
static void fresh_set(struct fm_group *group)
{
    for (unsigned l = 0; l < LANES; l++) {
        if (!(group->fresh >> l & 1))
            continue;
        for (unsigned o = 0; o < FM_OPERATORS; o++) {
            struct fm_operator *op = &group->op[o];
            op->step[l] = op->goal[l];
            op->amp[l] = op->from[l] * op->gain[l] * op->high[l];
        }
        group->level[l] = group->player.volume[l];
    }
    group->fresh = 0;
}

/* The straight way of an operator's amplitude along n frames. Whether it gives anything. */
DAWD_CLONES static bool amps_set(struct fm_operator *op, const struct fm_operator_tone *tone, const float *tremolo,
                                 unsigned n)
{
    float part = 1 / (float)(int)n, share = tone->tremolo, middle = tone->middle, sustain = tone->sustain;
    float goals[LANES], rests[LANES];
    uint32_t gives = 0;
    DAWD_EACH_LANE(l)
    {
        float goal =
            level_at(op, middle, sustain, l, op->done[l] + n) * op->gain[l] * op->high[l] * (1 - share * tremolo[l]);
        goals[l] = goal;
        rests[l] = op->stage[l] == FM_REST ? 0.0f : 1.0f;
    }
    DAWD_EACH_LANE(l)
    {
        float amp = op->amp[l] * rests[l];
        op->amp[l] = amp;
        op->slope[l] = (goals[l] - amp) * part;
        gives |= (uint32_t)(amp != 0) | (uint32_t)(goals[l] != 0);
    }
    return gives;
}

/* And that of its pitch, where there is one to go. */
DAWD_CLONES static void turns_set(struct fm_operator *op, unsigned n)
{
    double part = 1 / (double)(int)n;
    uint64_t moves = 0;
    DAWD_EACH_LANE(l)
    moves |= op->goal[l] ^ op->step[l];
    if (!moves)
        return;
    DAWD_EACH_LANE(l)
    op->turn[l] = (int64_t)((double)(int64_t)(op->goal[l] - op->step[l]) * part);
}

DAWD_CLONES static void levels_set(struct fm_group *group, unsigned n)
{
    float part = 1 / (float)(int)n;
    DAWD_EACH_LANE(l)
    {
        uint32_t left = group->fade[l] - n;
        float fade = group->fade[l] == FM_FOREVER ? 1 : (float)(int32_t)left / (float)(int32_t)group->fade_total[l];
        group->slope[l] = (fade * group->player.volume[l] - group->level[l]) * part;
    }
}

void fm_plan_rt(struct fm_group *group, const struct fm_tone *tone, unsigned n)
{
    bool is_new = group->number != tone->number || group->is_stale;
    n = stages_left(group, n);
    for (unsigned o = 0; o < FM_OPERATORS && is_new; o++)
        gains_set(&group->op[o], &tone->op[o], &group->player, tone->op[o].is_bright ? tone->bright_db : 0,
                  tone->op[o].is_bright ? 1 : 0);
    if (pitches_set(group, tone) || is_new)
        for (unsigned o = 0; o < FM_OPERATORS; o++)
            goals_set(&group->op[o], &tone->op[o], group->hz, tone->rate_hz);
    if (group->fresh)
        fresh_set(group);
    group->audible = 0;
    for (unsigned o = 0; o < FM_OPERATORS; o++)
        group->audible |= (uint32_t)amps_set(&group->op[o], &tone->op[o], group->tremolo, n) << o;
    for (unsigned o = 0; o < FM_OPERATORS; o++)
        turns_set(&group->op[o], n);
    levels_set(group, n);
    group->number = tone->number;
    group->is_stale = false;
    group->left = n;
    group->ran = 0;
}

/* Whether the stage of any voice is over. */
DAWD_CLONES static bool operator_settle(struct fm_operator *op, uint32_t ran)
{
    uint64_t turns = (uint64_t)ran * (ran - 1) / 2;
    uint32_t is_over = 0;
    DAWD_EACH_LANE(l)
    {
        op->phase[l] += ran * op->step[l] + turns * (uint64_t)op->turn[l];
        op->step[l] += ran * (uint64_t)op->turn[l];
        op->turn[l] = 0;
    }
    DAWD_EACH_LANE(l)
    {
        op->amp[l] += (float)(int)ran * op->slope[l];
        op->slope[l] = 0;
        op->done[l] += ran;
        is_over |= (uint32_t)(op->done[l] >= op->total[l]);
    }
    return is_over;
}

DAWD_CLONES void fm_settle_rt(struct fm_group *group, const struct fm_tone *tone)
{
    uint32_t ran = group->ran, lfo_step = (uint32_t)(int32_t)((double)tone->lfo_hz / tone->rate_hz * 0x1p32);
    if (!ran)
        return;
    for (unsigned o = 0; o < FM_OPERATORS; o++)
        if (operator_settle(&group->op[o], ran))
            for (unsigned l = 0; l < LANES; l++)
                stages_pass(group, o, l, tone);
    DAWD_EACH_LANE(l)
    {
        group->level[l] += (float)(int)ran * group->slope[l];
        group->slope[l] = 0;
        group->fade[l] -= group->fade[l] == FM_FOREVER ? 0 : ran;
        group->age[l] += group->age[l] < 0x40000000u ? ran : 0;
        group->lfo[l] += ran * lfo_step;
    }
    group->ran = 0;
}
