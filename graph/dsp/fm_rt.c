#include "graph/dsp/fm.h"

#include <string.h>

#include "graph/dsp/fm_run.h"
#include "graph/dsp/phase.h"
#include "graph/rt_only.h"

static struct fm_group *group_of(struct fm *fm, unsigned voice)
{
    return &fm->group[voice / LANES];
}

/* The run of the voice's group ends here: another one is planned. */
static struct fm_group *cut(struct fm *fm, unsigned voice, const struct fm_tone *tone)
{
    struct fm_group *group = group_of(fm, voice);
    fm_settle_rt(group, tone);
    group->left = 0;
    return group;
}

/* As nobody has ever played it. */
static void clear(struct fm_group *group, unsigned l)
{
    for (unsigned o = 0; o < FM_OPERATORS; o++) {
        struct fm_operator *op = &group->op[o];
        op->phase[l] = PHASE_ZERO;
        op->amp[l] = op->slope[l] = op->from[l] = 0;
        op->stage[l] = FM_REST;
        op->done[l] = 0;
        op->total[l] = FM_FOREVER;
    }
    for (unsigned k = 0; k < 4; k++)
        group->fed[k / 2][k % 2][l] = 0;
    group->level[l] = group->slope[l] = 0;
    group->fade[l] = FM_FOREVER;
    group->sounding &= ~(1u << l);
}

void fm_init_rt(struct fm *fm)
{
    for (unsigned voice = 0; voice < FM_VOICES_MOST; voice++)
        clear(group_of(fm, voice), voice % LANES);
}

void fm_begin_rt(struct fm *fm, unsigned voice, const struct fm_tone *tone, float note, float velocity)
{
    struct fm_group *group = cut(fm, voice, tone);
    unsigned l = voice % LANES;
    if (!fm_sounds_rt(fm, voice)) {
        clear(group, l);
        group->fresh |= 1u << l;
    }
    group->sounding |= 1u << l;
    group->is_stale = true;
    group->player.note[l] = note;
    group->player.velocity[l] = velocity;
    group->fade[l] = FM_FOREVER;
    group->age[l] = 0;
    group->lfo[l] = 0;
    for (unsigned o = 0; o < FM_OPERATORS; o++)
        fm_stage_enter_rt(group, o, l, tone, FM_ATTACK);
}

void fm_release_rt(struct fm *fm, unsigned voice, const struct fm_tone *tone)
{
    struct fm_group *group = cut(fm, voice, tone);
    for (unsigned o = 0; o < FM_OPERATORS; o++)
        if (group->op[o].stage[voice % LANES] != FM_REST)
            fm_stage_enter_rt(group, o, voice % LANES, tone, FM_RELEASE);
}

void fm_fade_rt(struct fm *fm, unsigned voice, const struct fm_tone *tone, uint32_t frames)
{
    struct fm_group *group = cut(fm, voice, tone);
    if (frames)
        group->fade[voice % LANES] = group->fade_total[voice % LANES] = frames;
    else
        clear(group, voice % LANES);
}

void fm_hand_rt(struct fm *fm, unsigned voice, const struct fm_hand *hand)
{
    struct fm_group *group = group_of(fm, voice);
    struct fm_players *player = &group->player;
    unsigned l = voice % LANES;
    player->pitch[l] = (float)hand->pitch;
    player->vibrato[l] = hand->vibrato;
    player->volume[l] = hand->volume;
    group->is_stale |= player->bright_db[l] != hand->bright_db;
    player->bright_db[l] = hand->bright_db;
}

void fm_turn_rt(struct fm *fm)
{
    fm->slot ^= 1;
    for (struct fm_group *group = fm->group; group < fm->group + FM_GROUPS; group++)
        memcpy(group->fed[fm->slot], group->fed[fm->slot ^ 1], sizeof group->fed[0]);
}

bool fm_sounds_rt(const struct fm *fm, unsigned voice)
{
    return fm->group[voice / LANES].sounding >> voice % LANES & 1;
}

bool fm_is_silent_rt(const struct fm *fm)
{
    uint32_t sounding = 0;
    for (unsigned g = 0; g < FM_GROUPS; g++)
        sounding |= fm->group[g].sounding;
    return !sounding;
}

float fm_level_rt(const struct fm *fm, unsigned voice, const struct fm_route *route)
{
    const struct fm_group *group = &fm->group[voice / LANES];
    float level = 0;
    for (unsigned o = 0; o < FM_OPERATORS; o++)
        level += route->out >> o & 1 ? group->op[o].amp[voice % LANES] : 0;
    return level * group->level[voice % LANES];
}

/* Bit l: an operator of the mask gives something to voice l, and it has not faded out. */
DAWD_CLONES static uint32_t busy_find(const struct fm_group *group, uint32_t mask)
{
    uint32_t busy[LANES] = {0}, found = 0;
    for (unsigned o = 0; o < FM_OPERATORS; o++)
        DAWD_EACH_LANE(l)
    busy[l] |= mask >> o & 1 ? group->op[o].stage[l] : 0;
    DAWD_EACH_LANE(l)
    found |= (uint32_t)((busy[l] != 0) & (group->fade[l] != 0)) << l;
    return found;
}

/* Voices of which nothing is heard any more are silent. */
static void silent_find(struct fm_group *group, uint32_t out)
{
    uint32_t over = group->sounding & ~busy_find(group, out);
    for (unsigned l = 0; over >> l; l++)
        if (over >> l & 1)
            clear(group, l);
}

static void group_run(struct fm *fm, struct fm_group *group, const struct fm_tone *tone, const struct fm_ways *ways,
                      unsigned cell_left, float (*now)[LANES], float (*before)[LANES], unsigned n)
{
    uint32_t heard = ways->now->out | (ways->before ? ways->before->out : 0);
    for (unsigned at = 0, run; at < n; at += run) {
        if (!group->left) {
            fm_settle_rt(group, tone);
            silent_find(group, heard);
            if (!group->sounding)
                return;
            fm_plan_rt(group, tone, cell_left - at);
        }
        run = group->left < n - at ? group->left : n - at;
        fm_route_run_rt(group, ways->now, group->fed[fm->slot], tone->feedback, now + at, run);
        if (ways->before)
            fm_route_run_rt(group, ways->before, group->fed[fm->slot ^ 1], tone->feedback, before + at, run);
        group->ran += run;
        group->left -= run;
    }
}

void fm_run_rt(struct fm *fm, const struct fm_tone *tone, const struct fm_ways *ways, unsigned cell_left, float *out,
               float *before, unsigned n)
{
    _Alignas(64) float sum[2][FM_CELL_MOST][LANES] = {0};
    for (struct fm_group *group = fm->group; group < fm->group + FM_GROUPS; group++)
        if (group->sounding)
            group_run(fm, group, tone, ways, cell_left, sum[0], sum[1], n);
    fm_lanes_sum_rt(out, sum[0], n);
    if (ways->before)
        fm_lanes_sum_rt(before, sum[1], n);
}
