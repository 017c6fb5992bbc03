/* Plays an instrument of recorded sounds, or one sound over all keys.
 *
 *     notes ──▶ voicing ──▶ layers: zones of the instrument, in memory or from the disk ──▶ sum ──▶ gain ──▶ out
 *                  pitch ────────────┘  reader (windowed sinc) ──▶ filters ──▶ envelope
 *
 * Envelope values add to those of the instrument, so that at their initial values it sounds as it was made.
 */
#include "synth/sampler_layers.h"

#include <string.h>

#include "graph/dsp/control.h"
#include "graph/dsp/decibel.h"
#include "graph/dsp/run.h"
#include "graph/rt_only.h"

#define VOICES      64
#define STREAMS     20 /* 5 MiB of rings */
#define STREAMS_MAX 128
#define TIME_MAX_S  60.0f

enum {
    SOUND,
    N_VOICES,
    N_STREAMS,
    STEAL,
    MODE,
    GAIN,
    TRANSPOSE,
    TUNE,
    BEND,
    MPE,
    VELOCITY,
    ATTACK,
    DECAY,
    SUSTAIN,
    RELEASE,
    CUTOFF,
    Q,
    BRIGHT
};
enum { PLAYING, STREAMING, UNDERRUNS };

static const char *const steals[] = {"oldest", "quietest", "same", NULL};
static const char *const modes[] = {"as_made", "one_shot", "once", NULL};

static const struct param_info params[] = {
    [SOUND] = {"file", "", "The instrument: an .sfz file, or a sound that is then played on all keys. Silent without.",
               .kind = PARAM_FILE, .flags = PARAM_REBUILD | PARAM_NEEDED, .reads = MEDIA_INSTRUMENT},
    [N_VOICES] = {"voices", "", "Notes that sound at once, at most.", NULL, 1, SLOTS_MOST, VOICES, .kind = PARAM_INTEGER,
                  .flags = PARAM_REBUILD},
    [N_STREAMS] = {"streams", "",
                   "Of an instrument that does not fit into memory: sounds that can be read from the disk at once.", NULL,
                   1, STREAMS_MAX, STREAMS, .kind = PARAM_INTEGER, .flags = PARAM_REBUILD},
    [STEAL] = {"steal", "", "Which note makes room when all voices are taken.", steals, 0, 2, STEAL_OLDEST,
               .kind = PARAM_CHOICE},
    [MODE] = {"mode", "", "Whether sounds loop and end as they were made to, always play to their end, or never loop.",
              modes, 0, 2, SAMPLER_AS_MADE, .kind = PARAM_CHOICE},
    [GAIN] = {"gain", "dB", "Level; -120 is silence.", NULL, DECIBEL_OFF, 24, 0, 0.02f},
    [TRANSPOSE] = {"transpose", "semitones", "Moves all notes, as if other keys were played.", NULL, -48, 48, 0,
                   .kind = PARAM_INTEGER},
    [TUNE] = {"tune", "cents", "Tunes all that sounds.", NULL, -1200, 1200, 0, 0.02f},
    [BEND] = {"bend", "semitones", "How far the bend of a wheel goes, either way.", NULL, 0, 48, 2, .kind = PARAM_INTEGER,
              .flags = PARAM_PLAYERS},
    [MPE] = {"mpe", "", "Takes what each channel says for its own note only, as MPE keyboards mean it.", NULL, 0, 1, 0,
             .kind = PARAM_SWITCH, .flags = PARAM_PLAYERS},
    [VELOCITY] = {"velocity", "", "How much of what velocity does to the level counts.", NULL, 0, 1, 1},
    [ATTACK] = {"attack", "s", "Added to the time in which notes rise.", NULL, 0, TIME_MAX_S, 0},
    [DECAY] = {"decay", "s", "Added to the time in which notes fall to their sustain level.", NULL, 0, TIME_MAX_S, 0},
    [SUSTAIN] = {"sustain", "", "What is left of the level of a note that is held.", NULL, 0, 1, 1},
    [RELEASE] = {"release", "s", "Added to the time in which notes fade once they are let go.", NULL, 0, TIME_MAX_S, 0},
    [CUTOFF] = {"cutoff", "Hz", "Corner of a low-pass filter that each note has; 20000 leaves the sound alone.", NULL, 20,
                SAMPLER_OPEN_HZ, SAMPLER_OPEN_HZ, 0.02f, .curve = CURVE_LOG},
    [Q] = {"q", "", "Resonance of that filter; 0.7071 is flat.", NULL, 0.5f, 20, 0.70710678f, 0.02f, .curve = CURVE_LOG},
    [BRIGHT] = {"bright", "octaves", "How much lower its corner is for the softest touch.", NULL, 0, 8, 0},
};

static const struct port_info inputs[] = {{"in", "The notes.", .events = true}};
static const struct port_info outputs[] = {{"out", "Left and right.", 2}};

static const struct reading_info readings[] = {
    [PLAYING] = {"playing", "", "Notes that sound."},
    [STREAMING] = {"streaming", "", "Sounds that are read from the disk while they play."},
    [UNDERRUNS] = {"underruns", "", "Sounds that were faded because the disk was late, since the node was made."},
};

static const struct preset presets[] = {
    {"natural", "As the instrument was made.", ""},
    {"drums", "Every hit rings to its end.", "mode one_shot steal same"},
    {"pad", "Swells in and lingers.", "attack 0.6 release 2.0 velocity 0.4"},
    {"pluck", "Short, whatever is held.", "decay 2.0 sustain 0.0 release 0.3 gain 3.0"},
    {"swell", "Bows each note.", "attack 0.15 release 0.4"},
    {"even", "Every note as loud as the next, like an organ.", "velocity 0.0 release 0.05 gain -4.0"},
    {"keys", "Damped as a piano's string is when its key goes up.", "release 0.18"},
    {"deep", "An octave below: slower, darker, and soft at both ends.", "transpose -12 attack 0.02 release 0.3"},
};

struct sampler {
    struct voicing voicing;
    struct sampler_layers layers;
    const struct stream_service *service;
    unsigned next; /* event, for key switches */
};

static int sampler_init(void *state, const struct node_init *init, struct error *error)
{
    struct sampler *sampler = state;
    const struct media *media = init->media[SOUND];
    const struct instrument *instrument = media ? media->instrument : NULL;
    int code = voicing_init(&sampler->voicing, init->arena, (unsigned)init->param[N_VOICES], init->rate_hz);
    unsigned n = (unsigned)init->param[N_STREAMS];
    if (code || sampler_layers_init(&sampler->layers, init, instrument, sampler->voicing.slots.n))
        return ERROR_INTERNAL;
    if (!instrument || !instrument->has_streams || !init->streams)
        return 0;
    sampler->service = init->streams;
    code = init->streams->begin(init->streams->self, instrument, n < STREAMS_MAX ? n : STREAMS_MAX,
                                &sampler->layers.streams, error);
    if (code)
        sampler_layers_deinit(&sampler->layers);
    return code;
}

static void sampler_deinit(void *state)
{
    struct sampler *sampler = state;
    if (sampler->layers.streams)
        sampler->service->end(sampler->service->self, sampler->layers.streams);
    sampler_layers_deinit(&sampler->layers);
}

static struct sampler_values values_at(const struct param *param, unsigned at)
{
    return (struct sampler_values){(enum sampler_mode)param_at(&param[MODE], at),
                                   param_at(&param[VELOCITY], at),
                                   param_at(&param[ATTACK], at),
                                   param_at(&param[DECAY], at),
                                   param_at(&param[SUSTAIN], at),
                                   param_at(&param[RELEASE], at),
                                   param_at(&param[BRIGHT], at)};
}

static struct voicing_settings settings_at(const struct param *param, unsigned at)
{
    return (struct voicing_settings){
        .slots = {.steal = (enum slots_steal)param_at(&param[STEAL], at), .renews = true},
        .bend_semitones = param_at(&param[BEND], at),
        .mpe = param_at(&param[MPE], at) > 0,
    };
}

/* Frames of the file per frame heard. Cents in double: a float would be off by a thousandth of one, and drift. */
static void speeds(double *speed, const struct sampler_layer *layer, const struct voice *voice, const struct node_io *io,
                   unsigned at, unsigned n)
{
    const struct param *tune = &io->param[TUNE];
    const struct instrument_zone *zone = layer->zone;
    double semitone = (double)zone->cents_per_key / 1200, shift = (double)zone->tune_cents / 1200;
    shift += semitone * (EVENT_NOTE_A4 + (double)param_at(&io->param[TRANSPOSE], at) - (double)zone->root);
    bool rests = param_is_constant(tune) && voice_pitch_rests(voice);
    for (unsigned i = 0; i < n; i++) {
        if (i && rests) {
            speed[i] = speed[0];
            continue;
        }
        double octaves = shift + 12 * semitone * voice_way_at(&voice->note, i) + voice_way_at(&voice->bend, i) +
                         (double)param_at(tune, at + i) / 1200;
        speed[i] = fmin(layer->unit * exp2(octaves), TRANSPOSE_SPEED_MAX);
    }
}

/* The node's filter; `room` is lent for values that stand still. */
static struct sampler_tone tone_at(const struct param *param, float room[2][BLOCK_MAX], unsigned at, unsigned n)
{
    bool is_open = control_rests_at(&param[CUTOFF], SAMPLER_OPEN_HZ);
    return (struct sampler_tone){control_stretch(&param[CUTOFF], at, room[0], n),
                                 control_stretch(&param[Q], at, room[1], n), is_open};
}

/* The gain of a note per frame. */
static void levels(float *level, const struct slots *slots, const struct voice *voice, unsigned n)
{
    float rest = (float)voice_way_at(&voice->volume, 0);
    if (!voice->slot->fade && voice_way_rests(&voice->volume))
        for (unsigned i = 0; i < n; i++)
            level[i] = rest;
    else
        for (unsigned i = 0; i < n; i++)
            level[i] = slots_gain(slots, voice->slot, i) * (float)voice_way_at(&voice->volume, i);
}

static void voice_run(struct sampler *sampler, unsigned index, const struct node_io *io, const struct sampler_tone *tone,
                      unsigned at, unsigned n)
{
    struct voice *voice = &sampler->voicing.voice[index];
    struct slot *slot = voice->slot;
    struct sampler_note *note = &sampler->layers.note[index];
    float level[BLOCK_MAX], heard = 0;
    double speed[BLOCK_MAX];
    const struct sampler_frames frames = {speed, level, *tone};
    levels(level, &sampler->voicing.slots, voice, n);
    for (unsigned k = 0; k < SAMPLER_LAYERS; k++) {
        struct sampler_layer *layer = &note->layer[k];
        if (!layer->sounds)
            continue;
        speeds(speed, layer, voice, io, at, n);
        sampler_layer_run(&sampler->layers, layer, &frames, io->out[0] + at, io->out[1] + at, n);
        heard += layer->sounds ? layer->envelope.level * (layer->left + layer->right) : 0;
    }
    slot->level = heard;
    if (!sampler_note_sounds(&sampler->layers, index))
        slots_end(&sampler->voicing.slots, slot);
}

/* What is new of a voice in the frame that a run begins with. */
static void voice_turn(struct sampler *sampler, unsigned index, const struct sampler_values *values)
{
    const struct slot *slot = sampler->voicing.voice[index].slot;
    struct sampler_layers *layers = &sampler->layers;
    if (!slot->sounds && layers->n_layers)
        sampler_note_stop(layers, index);
    if (slot->sounds && slot->starts)
        sampler_note_begin(layers, index, slot, values);
    if (slot->sounds && slot->lets_go && !slot->gate)
        sampler_note_release(layers, index, slot, values);
}

/* Keys of this frame switch before its notes begin, in whatever order they come. */
static void keys_press(struct sampler *sampler, const struct event_list *events, unsigned at)
{
    for (; sampler->next < events->n && events->event[sampler->next].offset <= at; sampler->next++)
        if (events->event[sampler->next].kind == EVENT_NOTE_ON)
            sampler_key_press(&sampler->layers, events->event[sampler->next].note);
}

/* Frames from `at` on in which notes that sound keep their pitch, all else being asked for where they begin and end. */
static unsigned steady(const struct node_io *io, unsigned at)
{
    unsigned n = run_length_both(&io->param[BEND], &io->param[MPE], at, io->n);
    return run_length(&io->param[TRANSPOSE], at, at + n);
}

static unsigned run(struct sampler *sampler, const struct node_io *io, unsigned at)
{
    struct voicing_settings settings = settings_at(io->param, at);
    struct sampler_values values = values_at(io->param, at);
    float room[2][BLOCK_MAX];
    unsigned n = voicing_run(&sampler->voicing, &settings, io->events, at, at + steady(io, at));
    keys_press(sampler, io->events, at);
    for (unsigned i = 0; i < sampler->voicing.slots.n; i++)
        voice_turn(sampler, i, &values);
    struct sampler_tone tone = tone_at(io->param, room, at, n);
    for (unsigned i = 0; i < sampler->voicing.slots.n; i++)
        if (sampler->voicing.voice[i].slot->sounds)
            voice_run(sampler, i, io, &tone, at, n);
    return n;
}

DAWD_CLONES static void gain(const struct node_io *io, struct param db)
{
    float *left = io->out[0], *right = io->out[1];
    for (unsigned i = 0, n = io->n; i < n; i++) {
        float level = decibel_level(param_at(&db, i));
        left[i] *= level;
        right[i] *= level;
    }
}

static bool is_idle(const struct sampler *sampler, const struct node_io *io)
{
    return !io->events->n && slots_are_idle(&sampler->voicing.slots) && !sampler->layers.n_layers;
}

static void sampler_process(void *state, const struct node_io *io)
{
    struct sampler *sampler = state;
    memset(io->out[0], 0, io->n * sizeof(float));
    memset(io->out[1], 0, io->n * sizeof(float));
    sampler->next = 0;
    if (is_idle(sampler, io) || !sampler->layers.instrument)
        silence_tell(io);
    else
        for (unsigned at = 0; at < io->n;)
            at += run(sampler, io, at);
    if (!control_rests_at(&io->param[GAIN], 0))
        gain(io, io->param[GAIN]);
    reading_set(io, PLAYING, (float)(sampler->voicing.slots.n_playing + sampler->voicing.slots.n_fading));
    reading_set(io, STREAMING, (float)sampler->layers.n_streams);
    reading_set(io, UNDERRUNS, (float)sampler->layers.n_starved);
}

static void sampler_clear(void *state)
{
    struct sampler *sampler = state;
    for (unsigned i = 0; i < sampler->voicing.slots.n; i++)
        sampler_note_stop(&sampler->layers, i);
    slots_clear(&sampler->voicing.slots);
}

const struct node_class sampler_node = {
    .name = "sampler",
    .help = "Plays an instrument of recorded sounds by notes.",
    .params = params,
    .inputs = inputs,
    .outputs = outputs,
    .readings = readings,
    .n_params = ROWS(params),
    .n_inputs = ROWS(inputs),
    .n_outputs = ROWS(outputs),
    .n_readings = ROWS(readings),
    .presets = presets,
    .n_presets = ROWS(presets),
    .channels = 2,
    .sleeps = {.clear = sampler_clear},
    .state_bytes = sizeof(struct sampler),
    .init = sampler_init,
    .deinit = sampler_deinit,
    .process = sampler_process,
};
