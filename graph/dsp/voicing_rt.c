#include "graph/dsp/voicing.h"

#include "graph/rt_only.h"

#define MASTER_LOW       0 /* of the lower zone, whose members are those above it */
#define MASTER_HIGH      (EVENT_CHANNELS - 1)
#define MEMBER_SEMITONES 48 /* until told, by the standard */
#define PARAMETER_RANGE  0
#define PARAMETER_ZONE   6
#define PARAMETER_NONE   127
#define TIMBRE_REST      64.0f

int voicing_init(struct voicing *voicing, struct arena *arena, unsigned n_heard, double rate_hz)
{
    *voicing = (struct voicing){.rate_hz = rate_hz};
    int code = slots_init(&voicing->slots, arena, n_heard, rate_hz);
    voicing->voice = arena_take_array(arena, n_heard + SLOTS_SPARE, sizeof *voicing->voice);
    if (code || !voicing->voice)
        return ERROR_INTERNAL;
    for (unsigned i = 0; i < voicing->slots.n; i++)
        voicing->voice[i].slot = &voicing->slots.slot[i];
    for (unsigned c = 0; c < EVENT_CHANNELS; c++)
        voicing->channel[c] = (struct voicing_channel){
            .volume = 1, .expression = 1, .range = -1, .parameter = PARAMETER_NONE, .parameter_fine = PARAMETER_NONE};
    return 0;
}

/* ---- ways ------------------------------------------------------------------------------------------------------------ */

static void way_set(struct voice_way *way, double from, double to, double frames)
{
    *way = (struct voice_way){.from = from, .to = to, .frames = frames > 0.5 ? (uint32_t)(frames + 0.5) : 0};
    if (way->frames)
        way->step = (to - from) / way->frames;
}

static void way_aim(struct voice_way *way, double to, double frames)
{
    if (way->to != to)
        way_set(way, voice_way_at(way, 0), to, frames);
}

static void way_advance(struct voice_way *way, uint32_t frames)
{
    uint32_t left = way->done < way->frames ? way->frames - way->done : 0;
    way->done += frames < left ? frames : left;
}

static void voice_advance(struct voice *voice, uint32_t frames)
{
    way_advance(&voice->note, frames);
    way_advance(&voice->bend, frames);
    way_advance(&voice->pressure, frames);
    way_advance(&voice->modulation, frames);
    way_advance(&voice->timbre, frames);
    way_advance(&voice->volume, frames);
}

/* ---- what the channels say ------------------------------------------------------------------------------------------- */

static float range_of(const struct voicing *voicing, const struct voicing_settings *settings, unsigned channel)
{
    float range = voicing->channel[channel].range;
    bool is_member = voicing->slots.master[channel] != channel;
    return range >= 0 ? range : is_member ? MEMBER_SEMITONES : settings->bend_semitones;
}

static double bend_of(const struct voicing *voicing, const struct voicing_settings *settings, unsigned channel)
{
    return (double)voicing->channel[channel].bend * range_of(voicing, settings, channel) / 12;
}

static float most(float x, float limit)
{
    return x < limit ? x : limit;
}

static float gain_of(const struct voicing_channel *channel)
{
    float level = channel->volume * channel->expression;
    return level * level; /* 40 log10, as the General MIDI guidelines have it */
}

/* Sends the ways of a voice to where its channel, and the master's, want them within so many frames. */
static void voice_aim(const struct voicing *voicing, const struct voicing_settings *settings, struct voice *voice,
                      double frames)
{
    unsigned c = voice->slot->channel, m = voicing->slots.master[c];
    const struct voicing_channel *own = &voicing->channel[c], *master = &voicing->channel[m];
    bool has_master = c != m;
    double bend = bend_of(voicing, settings, c) + (has_master ? bend_of(voicing, settings, m) : 0);
    float pressure = own->pressure > voice->own_pressure ? own->pressure : voice->own_pressure;
    float modulation = own->modulation, timbre = own->timbre, volume = gain_of(own);
    if (has_master) {
        pressure = most(pressure + master->pressure, 1);
        modulation = most(modulation + master->modulation, 1);
        timbre = -most(-most(timbre + master->timbre, 1), 1);
        volume *= gain_of(master);
    }
    way_aim(&voice->bend, bend, frames);
    way_aim(&voice->pressure, pressure, frames);
    way_aim(&voice->modulation, modulation, frames);
    way_aim(&voice->timbre, timbre, frames);
    way_aim(&voice->volume, volume, frames);
}

/* Members of a zone hear its master. A zone without members is none. */
static void zone_set(struct voicing *voicing, unsigned master, unsigned n_members)
{
    uint8_t *of = voicing->slots.master;
    for (unsigned c = 0; c < EVENT_CHANNELS; c++)
        if (of[c] == master)
            of[c] = (uint8_t)c;
    for (unsigned k = 1; k <= n_members && k < EVENT_CHANNELS; k++)
        of[master == MASTER_LOW ? k : MASTER_HIGH - k] = (uint8_t)master;
    if (n_members)
        of[master] = (uint8_t)master;
}

static void data_set(struct voicing *voicing, unsigned c, bool fine, float value)
{
    struct voicing_channel *channel = &voicing->channel[c];
    if (channel->parameter != 0)
        return;
    if (channel->parameter_fine == PARAMETER_RANGE) {
        float range = range_of(voicing, &voicing->told, c), whole = floorf(range);
        channel->range = fine ? whole + most(value, 99) / 100 : value + (range - whole);
        for (unsigned k = 0; k < EVENT_CHANNELS && voicing->slots.master[c] != c; k++)
            if (voicing->slots.master[k] == voicing->slots.master[c] && k != voicing->slots.master[c])
                voicing->channel[k].range = channel->range; /* what one member is told holds for all, by the standard */
    } else if (channel->parameter_fine == PARAMETER_ZONE && !fine && (c == MASTER_LOW || c == MASTER_HIGH))
        zone_set(voicing, c, (unsigned)value);
}

static void control_set(struct voicing *voicing, const struct event *event)
{
    struct voicing_channel *channel = &voicing->channel[event->channel];
    switch (event->number) {
    case CONTROL_MODULATION:
        channel->modulation = event->value / 127;
        break;
    case CONTROL_VOLUME:
        channel->volume = event->value / 127;
        break;
    case CONTROL_EXPRESSION:
        channel->expression = event->value / 127;
        break;
    case CONTROL_TIMBRE:
        channel->timbre = -most(-most((event->value - TIMBRE_REST) / (127 - TIMBRE_REST), 1), 1);
        break;
    case CONTROL_PARAMETER:
        channel->parameter = (uint8_t)event->value;
        break;
    case CONTROL_PARAMETER_FINE:
        channel->parameter_fine = (uint8_t)event->value;
        break;
    case CONTROL_DATA:
    case CONTROL_DATA_FINE:
        data_set(voicing, event->channel, event->number == CONTROL_DATA_FINE, event->value);
        break;
    default:
        break;
    }
}

static void note_pressure_set(struct voicing *voicing, const struct event *event)
{
    for (struct voice *voice = voicing->voice; voice < voicing->voice + voicing->slots.n; voice++)
        if (voice->slot->sounds && voice->slot->note == event->note && voice->slot->channel == event->channel)
            voice->own_pressure = event->value / 127;
}

static void event_take(struct voicing *voicing, const struct voicing_settings *settings, const struct event *event)
{
    struct voicing_channel *channel = &voicing->channel[event->channel];
    slots_event(&voicing->slots, &settings->slots, event);
    voicing->moved |= event->kind != EVENT_NOTE_ON && event->kind != EVENT_NOTE_OFF;
    if (event->kind == EVENT_CONTROL)
        control_set(voicing, event);
    else if (event->kind == EVENT_BEND)
        channel->bend = event->value;
    else if (event->kind == EVENT_PRESSURE)
        channel->pressure = event->value / 127;
    else if (event->kind == EVENT_NOTE_PRESSURE)
        note_pressure_set(voicing, event);
}

/* ---- notes ----------------------------------------------------------------------------------------------------------- */

static double glide_frames(const struct voicing *voicing, const struct voicing_settings *settings, const struct slot *slot)
{
    bool glides = voicing->has_played && (slot->overlaps || !settings->glides_legato);
    return glides ? settings->glide_s * voicing->rate_hz : 0;
}

/* A note has begun in this frame, or a voice has gone over to one. */
static void voice_begin(const struct voicing *voicing, const struct voicing_settings *settings, struct voice *voice)
{
    const struct slot *slot = voice->slot;
    bool goes_on = slot->resumes || (slot->legato && !slot->starts);
    double from = goes_on ? voice_way_at(&voice->note, 0) : voicing->pitch;
    double to = ((double)slot->note - EVENT_NOTE_A4) / 12;
    way_set(&voice->note, from, to, glide_frames(voicing, settings, slot));
    if (slot->starts)
        voice->own_pressure = 0;
    if (goes_on)
        return;
    voice->bend = voice->pressure = voice->modulation = voice->timbre = voice->volume = (struct voice_way){0};
    voice_aim(voicing, settings, voice, 0);
}

static void voices_look(struct voicing *voicing, const struct voicing_settings *settings)
{
    const double smooth = VOICING_SMOOTH_S * voicing->rate_hz;
    uint64_t newest = 0;
    for (struct voice *voice = voicing->voice; voice < voicing->voice + voicing->slots.n; voice++) {
        const struct slot *slot = voice->slot;
        if (!slot->sounds)
            continue;
        if (slot->starts || slot->legato) {
            voice_begin(voicing, settings, voice);
            newest = slot->order > newest ? slot->order : newest;
        }
        if (voicing->moved || slot->resumes || slot->legato)
            voice_aim(voicing, settings, voice, smooth);
    }
    for (const struct voice *voice = voicing->voice; newest && voice < voicing->voice + voicing->slots.n; voice++)
        if (voice->slot->sounds && voice->slot->order == newest) {
            voicing->pitch = voice->note.to;
            voicing->has_played = true;
        }
}

/* ---- runs ------------------------------------------------------------------------------------------------------------ */

static bool has_told(const struct voicing *voicing, const struct voicing_settings *settings)
{
    return voicing->told.mpe == settings->mpe && voicing->told.bend_semitones == settings->bend_semitones;
}

static void settings_look(struct voicing *voicing, const struct voicing_settings *settings)
{
    if (voicing->told.mpe != settings->mpe) {
        zone_set(voicing, MASTER_HIGH, 0);
        zone_set(voicing, MASTER_LOW, settings->mpe ? EVENT_CHANNELS - 1 : 0);
    }
    if (voicing->told.mpe != settings->mpe || voicing->told.bend_semitones != settings->bend_semitones) {
        for (unsigned c = 0; c < EVENT_CHANNELS; c++)
            voicing->channel[c].range = -1;
        voicing->moved = true;
    }
    voicing->told = *settings;
}

static bool voice_rests(const struct voice *voice)
{
    const struct slot *slot = voice->slot;
    bool is_new = slot->starts || slot->resumes || slot->legato || slot->lets_go;
    return !is_new && !slot->fade && slot->off_in == SLOTS_FOREVER && voice_pitch_rests(voice) &&
           voice_way_rests(&voice->pressure) && voice_way_rests(&voice->modulation) && voice_way_rests(&voice->timbre) &&
           voice_way_rests(&voice->volume);
}

static bool all_rest(const struct voicing *voicing)
{
    bool rest = !voicing->slots.n_waiting;
    for (unsigned i = 0; rest && i < voicing->slots.n; i++)
        rest = !voicing->slots.slot[i].sounds || voice_rests(&voicing->voice[i]);
    return rest;
}

unsigned voicing_run(struct voicing *voicing, const struct voicing_settings *settings, const struct event_list *events,
                     unsigned at, unsigned n)
{
    if (voicing->rests && !events->n && has_told(voicing, settings))
        return n - at;
    for (unsigned i = 0; i < voicing->slots.n; i++)
        if (voicing->slots.slot[i].sounds)
            voice_advance(&voicing->voice[i], voicing->slots.run);
    voicing->moved = false;
    settings_look(voicing, settings);
    slots_begin(&voicing->slots);
    for (voicing->next = at ? voicing->next : 0; voicing->next < events->n; voicing->next++) {
        const struct event *event = &events->event[voicing->next];
        if (event->offset > at)
            break;
        event_take(voicing, settings, event);
    }
    voices_look(voicing, settings);
    voicing->rests = !events->n && all_rest(voicing);
    return slots_finish(&voicing->slots, event_run(events, voicing->next, at, n));
}
