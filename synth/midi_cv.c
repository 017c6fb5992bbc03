/* Notes as signals, one voice of them: what a synthesiser of single nodes is played by.
 *
 *     notes ──▶ which is played (slots.h) ──▶ pitch, with glide and bend (voicing.h) ──▶ pitch, 1 per octave, 0 at A4
 *                              ├──▶ gate ──▶ trigger
 *                              └──▶ velocity, release
 *     controllers ──────────────────────────▶ pressure, mod, timbre
 *
 * All outputs keep what they say when the note is let go, for it sounds on: its release is the business of who listens.
 */
#include "graph/node.h"

#include "graph/dsp/run.h"
#include "graph/dsp/still.h"
#include "graph/dsp/vector.h"
#include "graph/dsp/voicing.h"
#include "graph/rt_only.h"

enum { GLIDE, GLIDES, MODE, LEGATO, BEND, MPE };
enum { PITCH, GATE, VELOCITY, PRESSURE, MOD, TIMBRE, RELEASE, TRIGGER, N_OUT };

static const char *const glides[] = {"always", "legato", NULL};
static const char *const modes[] = {"last", "low", "high", NULL};

static const struct param_info params[] = {
    [GLIDE] = {"glide", "s", "Time that the pitch takes from one note to the next, however far; 0 is at once.", NULL, 0, 10,
               0},
    [GLIDES] = {"glides", "", "Whether every note glides, or only those that are played before the last one is let go.",
                glides, 0, 1, 0, .kind = PARAM_CHOICE},
    [MODE] = {"mode", "", "Which of the keys that are held is played.", modes, SLOTS_LAST, SLOTS_HIGH, SLOTS_LAST,
              .kind = PARAM_CHOICE},
    [LEGATO] =
        {"legato", "",
         "The gate stays open from one held key to the next; off, it closes for one frame, and envelopes begin anew.", NULL,
         0, 1, 1, .kind = PARAM_SWITCH},
    [BEND] = {"bend", "semitones", "How far the wheel bends the pitch to either side.", NULL, 0, 96, 2,
              .kind = PARAM_INTEGER},
    [MPE] = {"mpe", "", "Takes channel 1 as the master of all others, whose bends reach four octaves.", NULL, 0, 1, 0,
             .kind = PARAM_SWITCH},
};

static const struct port_info inputs[] = {{"in", "Notes and controllers.", .events = true}};
static const struct port_info outputs[] = {
    [PITCH] = {"pitch", "Octaves from A4: with a depth of 1 on `freq` at 440 Hz it is in tune.", 1},
    [GATE] = {"gate", "1 while a key is down or the pedal holds it, else 0.", 1},
    [VELOCITY] = {"velocity", "How hard the key was struck, 0..1.", 1},
    [PRESSURE] = {"pressure", "How hard the key, or any key of its channel, is pressed, 0..1.", 1},
    [MOD] = {"mod", "Modulation wheel, 0..1.", 1},
    [TIMBRE] = {"timbre", "Controller 74, the third dimension of an MPE keyboard: -1..1, at rest 0.", 1},
    [RELEASE] = {"release", "How fast the key was let go, 0..1.", 1},
    [TRIGGER] = {"trigger", "1 in the frame in which a note begins, else 0.", 1},
};

struct midi_cv {
    struct voicing voicing;
    const struct voice *voice; /* that was played last; at first one that never was */
    bool is_open;              /* the gate, one frame ago */
};

static int midi_cv_init(void *state, const struct node_init *init, struct error *error)
{
    struct midi_cv *cv = state;
    (void)error;
    cv->voice = NULL;
    int code = voicing_init(&cv->voicing, init->arena, 1, init->rate_hz);
    if (!code)
        cv->voice = &cv->voicing.voice[0];
    return code;
}

static struct voicing_settings settings_at(const struct node_io *io, unsigned at)
{
    return (struct voicing_settings){
        .slots = {.mode = param_at(&io->param[LEGATO], at) > 0 ? SLOTS_LEGATO : SLOTS_MONO,
                  .priority = (enum slots_priority)param_at(&io->param[MODE], at)},
        .glide_s = param_at(&io->param[GLIDE], at),
        .glides_legato = param_at(&io->param[GLIDES], at) > 0,
        .bend_semitones = param_at(&io->param[BEND], at),
        .mpe = param_at(&io->param[MPE], at) > 0,
    };
}

/* What every output says from frame `at` on. */
DAWD_CLONES static void levels_fill(float *const *out, unsigned at, const float *level, unsigned n)
{
    for (unsigned c = 0; c < N_OUT; c++) {
        float *to = out[c] + at, value = level[c];
        for (unsigned i = 0; i < n; i++)
            to[i] = value;
    }
}

/* Over that, where it is not there yet. */
static void way_fill(float *out, const struct voice_way *way, unsigned n)
{
    for (unsigned i = 0; !voice_way_rests(way) && i < n; i++)
        out[i] = (float)voice_way_at(way, i);
}

static void pitch_fill(float *out, const struct voice *voice, unsigned n)
{
    for (unsigned i = 0; !voice_pitch_rests(voice) && i < n; i++)
        out[i] = (float)voice_pitch(voice, i);
}

/* Whether every output says the same in all of a block: most do, for a key that is held plays one note. */
static bool stands_still(const struct midi_cv *cv, const struct node_io *io, unsigned n)
{
    const struct voice *voice = cv->voice;
    return n == io->n && cv->voicing.rests && !voice->slot->starts && voice_pitch_rests(voice) &&
           voice_way_rests(&voice->pressure) && voice_way_rests(&voice->modulation) && voice_way_rests(&voice->timbre);
}

/* n frames from `at` on, of which the first may be the beginning of a note: for envelopes to begin with it, the gate is closed
 * there if it was open before. */
static void run_fill(struct midi_cv *cv, const struct node_io *io, unsigned at, unsigned n)
{
    float *const *out = io->out;
    const struct voice *voice = cv->voice;
    const struct slot *slot = voice->slot;
    const float level[N_OUT] = {[PITCH] = (float)voice_pitch(voice, 0),
                                [GATE] = slot->gate,
                                [VELOCITY] = slot->velocity,
                                [PRESSURE] = (float)voice->pressure.to,
                                [MOD] = (float)voice->modulation.to,
                                [TIMBRE] = (float)voice->timbre.to,
                                [RELEASE] = slot->release_velocity};
    bool closes = slot->starts && cv->is_open;
    if (stands_still(cv, io, n)) {
        for (unsigned c = 0; c < N_OUT; c++)
            still_put(io, c, level[c]);
        cv->is_open = slot->gate;
        return;
    }
    levels_fill(out, at, level, n);
    pitch_fill(out[PITCH] + at, voice, n);
    way_fill(out[PRESSURE] + at, &voice->pressure, n);
    way_fill(out[MOD] + at, &voice->modulation, n);
    way_fill(out[TIMBRE] + at, &voice->timbre, n);
    out[TRIGGER][at] = slot->starts;
    if (closes)
        out[GATE][at] = 0;
    cv->is_open = slot->gate && !(closes && n == 1);
}

/* Frames from `at` on in which the bends of notes that sound mean the same; all else is asked for at notes. */
static unsigned steady(const struct node_io *io, unsigned at)
{
    unsigned bend = run_length(&io->param[BEND], at, io->n), mpe = run_length(&io->param[MPE], at, io->n);
    return bend < mpe ? bend : mpe;
}

static void midi_cv_process(void *state, const struct node_io *io)
{
    struct midi_cv *cv = state;
    for (unsigned at = 0, run; at < io->n; at += run) {
        struct voicing_settings settings = settings_at(io, at);
        run = voicing_run(&cv->voicing, &settings, io->events, at, at + steady(io, at));
        for (unsigned i = 0; i < cv->voicing.slots.n; i++)
            if (cv->voicing.slots.slot[i].sounds && !cv->voicing.slots.slot[i].fade)
                cv->voice = &cv->voicing.voice[i];
        run_fill(cv, io, at, run);
    }
}

static void midi_cv_clear(void *state)
{
    struct midi_cv *cv = state;
    slots_clear(&cv->voicing.slots);
    cv->is_open = false;
}

const struct node_class midi_cv_node = {
    .name = "midi_cv",
    .help = "Notes and controllers as signals, one note at a time.",
    .params = params,
    .inputs = inputs,
    .outputs = outputs,
    .n_params = ROWS(params),
    .n_inputs = ROWS(inputs),
    .n_outputs = ROWS(outputs),
    .channels = 1,
    .sleeps = {.clear = midi_cv_clear},
    .finite = true,
    .gives_still = true,
    .state_bytes = sizeof(struct midi_cv),
    .init = midi_cv_init,
    .process = midi_cv_process,
};
