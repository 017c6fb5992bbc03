/* Frequency modulation: six operators, each a sine with an envelope, that modulate each other or are heard.
 *
 *     notes --> voicing --> voices, 16 side by side (graph/dsp/fm.h) --> [half the rate] --> level --> out, on every channel
 *                           6 operators along a route of 32
 *
 * Values are looked at where a cell of 16 frames begins and where a note does; what moves goes there in a straight line.
 */
#include "graph/node.h"

#include <string.h>

#include "synth/fm_params.h"
#include "synth/fm_presets.h"

#include "graph/dsp/control.h"
#include "graph/dsp/decibel.h"
#include "graph/dsp/fm.h"
#include "graph/dsp/oversample.h"
#include "graph/dsp/turn.h"
#include "graph/dsp/voicing.h"
#include "graph/rt_only.h"

#define CELL 16u /* frames: a third of a millisecond at 48 kHz */

static const struct port_info inputs[] = {{"in", "Notes and controllers.", .events = true}};
static const struct port_info outputs[] = {{"out", "All voices, the same on every channel.", 0}};

struct fm_synth {
    struct fm fm;
    struct voicing voicing;
    struct fm_tone tone;
    float values[FM_ROWS]; /* that the tone was made of */
    struct turn route;
    struct oversample down;
    bool is_fading[FM_VOICES_MOST];
    bool has_looked; /* at the parameters, in this block */
    bool has_tone;
    unsigned stages; /* of oversampling */
    uint32_t tail;   /* frames that the way down still has to give */
    unsigned channels;
    float level_db, level; /* of a level at rest */
    float bend, mpe;       /* as they are in this cell */
};

/* Of the way down alone, which is all there is. */
static uint32_t latency_frames(unsigned stages)
{
    return stages ? (2 * oversample_latency_frames(stages) - 1 - oversample_up_latency_frames(stages)) / 2 : 0;
}

static int fm_synth_init(void *state, const struct node_init *init, struct error *error)
{
    struct fm_synth *synth = state;
    (void)error;
    synth->channels = init->channels;
    synth->stages = (unsigned)init->param[OVERSAMPLE];
    synth->tone.rate_hz = init->rate_hz * (1u << synth->stages);
    synth->route = turn_at(init->param[ALGORITHM], synth->tone.rate_hz);
    synth->level_db = init->param[LEVEL];
    synth->level = decibel_level(init->param[LEVEL]);
    synth->bend = init->param[BEND];
    synth->mpe = init->param[MPE];
    *init->latency_frames = latency_frames(synth->stages);
    fm_init_rt(&synth->fm);
    return voicing_init(&synth->voicing, init->arena, (unsigned)init->param[VOICES], init->rate_hz);
}

/* ---- the tone -------------------------------------------------------------------------------------------------------- */

/* Looks at the parameters at frame i; once in a block where nothing moves. */
static void tone_look(struct fm_synth *synth, const struct node_io *io, unsigned i)
{
    bool is_other = !synth->has_tone, moves = false;
    if (synth->has_looked)
        return;
    for (unsigned row = 0; row < FM_ROWS; row++) {
        float value = param_at(&io->param[row], i);
        moves = moves || io->param[row].frames;
        is_other = is_other || value != synth->values[row];
        synth->values[row] = value;
    }
    synth->has_looked = !moves;
    if (is_other)
        fm_tone_set_rt(&synth->tone, synth->values);
    synth->has_tone = true;
}

/* ---- voices ---------------------------------------------------------------------------------------------------------- */

/* What voice v does `ahead` frames from where the run begins. */
static void hand_set(struct fm_synth *synth, unsigned v, unsigned ahead)
{
    const struct voice *voice = &synth->voicing.voice[v];
    const float *value = synth->values;
    float pressure = (float)voice_way_at(&voice->pressure, ahead);
    struct fm_hand hand = {
        .pitch = voice_pitch(voice, ahead),
        .vibrato =
            (value[WHEEL] * (float)voice_way_at(&voice->modulation, ahead) + value[PRESSURE_VIBRATO] * pressure) / 1200,
        .bright_db = value[TIMBRE] * (float)voice_way_at(&voice->timbre, ahead) + value[PRESSURE_BRIGHTNESS] * pressure,
        .volume = (float)voice_way_at(&voice->volume, ahead),
    };
    fm_hand_rt(&synth->fm, v, &hand);
}

static void hands_set(struct fm_synth *synth, unsigned ahead)
{
    for (unsigned v = 0; v < synth->voicing.slots.n; v++)
        if (fm_sounds_rt(&synth->fm, v))
            hand_set(synth, v, ahead);
}

static void voice_begin(struct fm_synth *synth, const struct node_io *io, unsigned v, unsigned at)
{
    const struct slot *slot = synth->voicing.voice[v].slot;
    if (fm_is_silent_rt(&synth->fm))
        synth->route = turn_at(param_at(&io->param[ALGORITHM], at), synth->tone.rate_hz);
    tone_look(synth, io, at);
    fm_begin_rt(&synth->fm, v, &synth->tone, slot->note, slot->velocity);
    hand_set(synth, v, 0);
    synth->is_fading[v] = false;
}

/* What is new in the frame that a run begins with. What has faded out ends by itself; where a note takes its place in that very
 * frame, it begins from nothing all the same. */
static void voice_look(struct fm_synth *synth, const struct node_io *io, unsigned v, unsigned at)
{
    struct slot *slot = synth->voicing.voice[v].slot;
    if (!slot->sounds)
        return;
    if (slot->starts && !slot->resumes && fm_sounds_rt(&synth->fm, v))
        fm_fade_rt(&synth->fm, v, &synth->tone, 0);
    if (slot->starts)
        voice_begin(synth, io, v, at);
    if (slot->lets_go && !slot->gate)
        fm_release_rt(&synth->fm, v, &synth->tone);
    if (slot->fade && !synth->is_fading[v]) {
        fm_fade_rt(&synth->fm, v, &synth->tone, slot->fade << synth->stages);
        synth->is_fading[v] = true;
    }
}

/* Gives back the voices that have ended. */
static void voices_end(struct fm_synth *synth)
{
    const struct fm_route *route = &fm_routes_rt[synth->route.now - 1];
    for (unsigned v = 0; v < synth->voicing.slots.n; v++) {
        struct slot *slot = synth->voicing.voice[v].slot;
        if (!slot->sounds)
            continue;
        slot->level = fm_level_rt(&synth->fm, v, route);
        if (!fm_sounds_rt(&synth->fm, v))
            slots_end(&synth->voicing.slots, slot);
    }
}

/* ---- sound ----------------------------------------------------------------------------------------------------------- */

/* Another algorithm, if it is wanted, from the cell on that begins. */
static void route_look(struct fm_synth *synth)
{
    const struct param wanted = {.value = synth->values[ALGORITHM]};
    bool rests = !synth->route.left;
    turn_next(&synth->route, &wanted, 0, 1);
    if (rests && synth->route.left)
        fm_turn_rt(&synth->fm);
}

/* n frames of a cell that has cell_left to come, both at the rate of the voices. */
static void cell_run(struct fm_synth *synth, unsigned cell_left, float *out, unsigned n)
{
    float before[FM_CELL_MOST];
    struct turn *route = &synth->route;
    struct fm_ways ways = {&fm_routes_rt[route->now - 1], route->left ? &fm_routes_rt[route->before - 1] : NULL};
    unsigned both = n < route->left ? n : route->left;
    fm_run_rt(&synth->fm, &synth->tone, &ways, cell_left, out, before, n);
    if (both)
        turn_mix(route, out, before, both);
    turn_advance(route, both);
}

/* What the way down has heard, it gives for a while. */
static void tail_count(struct fm_synth *synth, unsigned n)
{
    if (!fm_is_silent_rt(&synth->fm))
        synth->tail = synth->stages ? OVERSAMPLE_MEMORY : 0;
    else
        synth->tail -= n < synth->tail ? n : synth->tail;
}

/* n frames of a run, the first of which is frame `at` of the block: cell by cell. */
static void run_run(struct fm_synth *synth, const struct node_io *io, unsigned at, unsigned n)
{
    float fast[FM_CELL_MOST];
    if (fm_is_silent_rt(&synth->fm) && !synth->tail) {
        memset(io->out[0] + at, 0, n * sizeof(float));
        return;
    }
    for (unsigned i = 0, run; i < n; i += run) {
        unsigned inside = (unsigned)((io->frame + at + i) % CELL), left = CELL - inside;
        float *out = io->out[0] + at + i;
        run = left < n - i ? left : n - i;
        if (!inside) {
            tone_look(synth, io, at + i);
            hands_set(synth, i);
            route_look(synth);
        }
        cell_run(synth, left << synth->stages, synth->stages ? fast : out, run << synth->stages);
        if (synth->stages)
            oversample_down(&synth->down, synth->stages, fast, out, run);
        tail_count(synth, run);
    }
}

static void level_run(struct fm_synth *synth, const struct node_io *io)
{
    const struct param *level = &io->param[LEVEL];
    float room[BLOCK_MAX], *out = io->out[0];
    const float *db = control_frames(level, room, io->n);
    if (synth->level_db != level->value) {
        synth->level_db = level->value;
        synth->level = decibel_level(level->value);
    }
    for (unsigned i = 0; i < io->n; i++)
        out[i] *= param_is_constant(level) ? synth->level : decibel_level(db[i]);
}

/* What bends mean, which all notes hear of, is looked at where cells begin, as what moves the tone is; and in silence. */
static bool bend_moves(const struct fm_synth *synth, const struct param *param)
{
    return !param_is_constant(&param[BEND]) || !param_is_constant(&param[MPE]) || param[BEND].value != synth->bend ||
           param[MPE].value != synth->mpe;
}

/* All else counts from the next note on. */
static struct voicing_settings settings_at(struct fm_synth *synth, const struct node_io *io, unsigned at)
{
    const struct param *param = io->param;
    if ((io->frame + at) % CELL == 0 || slots_are_idle(&synth->voicing.slots)) {
        synth->bend = param_at(&param[BEND], at);
        synth->mpe = param_at(&param[MPE], at);
    }
    return (struct voicing_settings){
        .slots = {.steal = (enum slots_steal)param_at(&param[STEAL], at),
                  .mode = (enum slots_mode)param_at(&param[MODE], at)},
        .glide_s = param_at(&param[GLIDE], at),
        .glides_legato = param_at(&param[GLIDE_LEGATO], at) > 0,
        .bend_semitones = synth->bend,
        .mpe = synth->mpe > 0,
    };
}

/* Whether nothing sounds, comes, or is on its way through the filter. */
static bool is_idle(const struct fm_synth *synth)
{
    return slots_are_idle(&synth->voicing.slots) && !synth->tail;
}

/* The frame up to which the next run may go: notes that wait for a voice may begin with a cell, and bends change with one. */
static unsigned run_end(const struct fm_synth *synth, const struct node_io *io, unsigned at)
{
    unsigned left = CELL - (unsigned)((io->frame + at) % CELL);
    bool by_cell = synth->voicing.slots.n_waiting || bend_moves(synth, io->param);
    return by_cell && left < io->n - at ? at + left : io->n;
}

/* Voices are given back where a cell begins, or an event is met: frames that are the same for any division into blocks. */
static bool may_end(const struct fm_synth *synth, const struct node_io *io, unsigned at)
{
    unsigned next = at ? synth->voicing.next : 0;
    return (io->frame + at) % CELL == 0 || event_run(io->events, next, at, io->n) == 0;
}

static void fm_process(void *state, const struct node_io *io)
{
    struct fm_synth *synth = state;
    bool was_idle = is_idle(synth);
    synth->has_looked = false;
    for (unsigned at = 0, run; at < io->n; at += run) {
        struct voicing_settings settings = settings_at(synth, io, at);
        if (may_end(synth, io, at))
            voices_end(synth);
        run = voicing_run(&synth->voicing, &settings, io->events, at, run_end(synth, io, at));
        for (unsigned v = 0; v < synth->voicing.slots.n; v++)
            voice_look(synth, io, v, at);
        run_run(synth, io, at, run);
    }
    if (was_idle && is_idle(synth) && !io->events->n)
        silence_tell(io);
    level_run(synth, io);
    for (unsigned c = 1; c < synth->channels; c++)
        memcpy(io->out[c], io->out[0], io->n * sizeof(float));
}

static bool fm_settled(void *state, unsigned n, uint64_t quiet)
{
    (void)n;
    (void)quiet;
    return is_idle(state);
}

static void fm_clear(void *state)
{
    struct fm_synth *synth = state;
    for (unsigned v = 0; v < synth->voicing.slots.n; v++)
        if (fm_sounds_rt(&synth->fm, v))
            fm_fade_rt(&synth->fm, v, &synth->tone, 0);
    slots_clear(&synth->voicing.slots);
    synth->down = (struct oversample){0};
    synth->tail = 0;
}

const struct node_class fm_node = {
    .name = "fm",
    .help = "An instrument of six sines that modulate each other: electric pianos, bells, basses, brass.",
    .params = fm_params_rt,
    .inputs = inputs,
    .outputs = outputs,
    .n_params = FM_ROWS,
    .n_inputs = ROWS(inputs),
    .n_outputs = ROWS(outputs),
    .presets = fm_presets_rt,
    .n_presets = FM_PRESETS,
    .channels = 1,
    .channels_max = PORT_CHANNELS_MAX,
    .sleeps = {.can = true, .settled = fm_settled, .clear = fm_clear},
    .finite = true,
    .state_bytes = sizeof(struct fm_synth),
    .init = fm_synth_init,
    .process = fm_process,
};
