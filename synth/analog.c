/* Analog synthesiser.
 *
 *     notes ──▶ voicing ──▶ voice: sources ─▶ drive ─┐
 *                           voice: sources ─▶ drive ─┼─▶ filters, sixteen voices at once ─▶ gain ─▶ left, right
 *                           voice: ...               ┘
 *
 * Up to sixteen voices at a time are made one after the other, each along time, and filtered side by side. Choices of waves
 * and filters are taken by the notes that begin after them.
 */
#include "synth/analog.h"
#include "synth/analog_presets.h"

#include "graph/dsp/control.h"
#include "graph/dsp/decibel.h"
#include "graph/dsp/run.h"
#include "graph/rt_only.h"

static const char *const modes[] = {"poly", "mono", "legato", NULL};
static const char *const priorities[] = {"last", "low", "high", NULL};
static const char *const steals[] = {"oldest", "quietest", "same", NULL};
static const char *const glides[] = {"always", "legato", NULL};
static const char *const waves[] = {"saw", "pulse", "triangle", "sine", NULL};
static const char *const filters[] = {"lowpass", "bandpass", "highpass", "notch", NULL};
static const char *const lfos[] = {"sine", "triangle", "square", NULL};

#define CHOICE(names, initial) names, 0, (float)ROWS(names) - 2, initial, .kind = PARAM_CHOICE
#define GLIDE_S                0.01f

static const struct param_info params[] = {
    [ANALOG_VOICES] = {"voices", "", "Notes that sound at once, those in unison counted each.", NULL, 1, 64, 32,
                       .kind = PARAM_INTEGER, .flags = PARAM_REBUILD},
    [ANALOG_MODE] = {"mode", "", "Chords, one note that begins anew each time, or one that goes on while keys overlap.",
                     CHOICE(modes, SLOTS_POLY)},
    [ANALOG_PRIORITY] = {"priority", "", "Which of the keys that are held is played, if only one is.",
                         CHOICE(priorities, SLOTS_LAST)},
    [ANALOG_STEAL] = {"steal", "", "Which note makes room when all voices sound.", CHOICE(steals, STEAL_OLDEST)},
    [ANALOG_UNISON] = {"unison", "", "Voices per note.", NULL, 1, SLOTS_UNISON_MOST, 1, .kind = PARAM_INTEGER},
    [ANALOG_DETUNE] = {"detune", "cents", "How far the outermost voices in unison are out of tune.", NULL, 0, 100, 12,
                       GLIDE_S},
    [ANALOG_SPREAD] = {"spread", "", "How far voices lie apart between left and right.", NULL, 0, 1, 0.3f, GLIDE_S},
    [ANALOG_GLIDE] = {"glide", "s", "Time that the pitch takes from one note to the next; 0 is at once.", NULL, 0, 10, 0},
    [ANALOG_GLIDES] = {"glides", "", "Whether every note glides, or only those played while another is held.",
                       CHOICE(glides, 0)},
    [ANALOG_BEND] = {"bend", "semitones", "How far the wheel bends the pitch to either side.", NULL, 0, 96, 2,
                     .kind = PARAM_INTEGER, .flags = PARAM_PLAYERS},
    [ANALOG_MPE] = {"mpe", "", "Takes channel 1 as the master of all others, whose bends reach four octaves.", NULL, 0, 1,
                    0, .kind = PARAM_SWITCH, .flags = PARAM_PLAYERS},
    [ANALOG_WAVE1] = {"wave1", "", "Wave of the first oscillator, from the next note on.", CHOICE(waves, ANALOG_SAW)},
    [ANALOG_COARSE1] = {"coarse1", "semitones", "Transposes the first oscillator, from the next note on.", NULL, -48, 48, 0,
                        .kind = PARAM_INTEGER},
    [ANALOG_FINE1] = {"fine1", "cents", "Detunes the first oscillator.", NULL, -100, 100, 0, GLIDE_S},
    [ANALOG_WIDTH1] = {"width1", "", "Part of the cycle for which its pulse is high.", NULL, 0.02f, 0.98f, 0.5f, GLIDE_S},
    [ANALOG_LEVEL1] = {"level1", "", "Share of the first oscillator.", NULL, 0, 1, 1, GLIDE_S},
    [ANALOG_WAVE2] = {"wave2", "", "Wave of the second oscillator, from the next note on.", CHOICE(waves, ANALOG_SAW)},
    [ANALOG_COARSE2] = {"coarse2", "semitones", "Transposes the second oscillator, from the next note on.", NULL, -48, 48,
                        0, .kind = PARAM_INTEGER},
    [ANALOG_FINE2] = {"fine2", "cents", "Detunes the second oscillator.", NULL, -100, 100, 7, GLIDE_S},
    [ANALOG_WIDTH2] = {"width2", "", "Part of the cycle for which its pulse is high.", NULL, 0.02f, 0.98f, 0.5f, GLIDE_S},
    [ANALOG_LEVEL2] = {"level2", "", "Share of the second oscillator.", NULL, 0, 1, 0.7f, GLIDE_S},
    [ANALOG_RING] = {"ring", "", "Share of the product of both oscillators.", NULL, 0, 1, 0, GLIDE_S},
    [ANALOG_SUB] = {"sub", "", "Share of a square an octave below the first oscillator.", NULL, 0, 1, 0, GLIDE_S},
    [ANALOG_NOISE] = {"noise", "", "Share of white noise.", NULL, 0, 1, 0, GLIDE_S},
    [ANALOG_FILTER] = {"filter", "", "What the filter lets through, from the next note on.",
                       CHOICE(filters, ANALOG_LOWPASS)},
    [ANALOG_SLOPE] = {"slope", "dB", "How steep it is per octave: 12 or 24, from the next note on.", NULL, 12, 24, 24,
                      .kind = PARAM_INTEGER, .step = 12},
    [ANALOG_CUTOFF] = {"cutoff", "Hz", "Corner of the filter, before all that moves it.", NULL, 10, 20000, 1200, GLIDE_S,
                       .curve = CURVE_LOG},
    [ANALOG_Q] = {"q", "", "Resonance; 0.7071 is flat.", NULL, 0.5f, 20, 0.9f, GLIDE_S, .curve = CURVE_LOG},
    [ANALOG_DRIVE] = {"drive", "dB", "Drives what goes into the filter into saturation, at the same level.", NULL, 0, 36, 0,
                      GLIDE_S},
    [ANALOG_KEY] = {"key", "", "How far the filter follows the keys, from middle C; 1 is octave for octave.", NULL, 0, 1,
                    0.5f, GLIDE_S},
    [ANALOG_ENV] = {"env", "octaves", "How far the second envelope opens the filter.", NULL, -8, 8, 2, GLIDE_S},
    [ANALOG_BRIGHT] = {"bright", "octaves", "How much lower the filter is for the softest touch.", NULL, 0, 8, 1.5f,
                       GLIDE_S},
    [ANALOG_PRESS] = {"press", "octaves", "How far pressure opens the filter.", NULL, -8, 8, 1, GLIDE_S},
    [ANALOG_TIMBRE] = {"timbre", "octaves", "How far controller 74 moves the filter to either side.", NULL, -8, 8, 2,
                       GLIDE_S},
    [ANALOG_F_ATTACK] = {"f_attack", "s", "Time in which the filter's envelope rises.", NULL, 0.001f, 60, 0.005f},
    [ANALOG_F_DECAY] = {"f_decay", "s", "Time in which it falls to its sustain level.", NULL, 0.001f, 60, 0.5f},
    [ANALOG_F_SUSTAIN] = {"f_sustain", "", "Its level while the key is down.", NULL, 0, 1, 0.4f, GLIDE_S},
    [ANALOG_F_RELEASE] = {"f_release", "s", "Time in which it falls to 0.", NULL, 0.001f, 60, 0.4f},
    [ANALOG_ATTACK] = {"attack", "s", "Time in which the sound rises.", NULL, 0.001f, 60, 0.005f},
    [ANALOG_DECAY] = {"decay", "s", "Time in which it falls to its sustain level.", NULL, 0.001f, 60, 0.6f},
    [ANALOG_SUSTAIN] = {"sustain", "", "Its level while the key is down.", NULL, 0, 1, 0.8f, GLIDE_S},
    [ANALOG_RELEASE] = {"release", "s", "Time in which it falls silent.", NULL, 0.001f, 60, 0.3f},
    [ANALOG_CURVE] = {"curve", "", "How both envelopes bend: at 0 straight, at 1 fast at first, at -1 slow at first.", NULL,
                      -1, 1, 0.6f},
    [ANALOG_LFO] = {"lfo", "", "Shape of the low frequency oscillator, of which each voice has its own.",
                    CHOICE(lfos, ANALOG_LFO_SINE)},
    [ANALOG_RATE] = {"rate", "Hz", "How fast it goes; also a note value.", NULL, 0.01f, 50, 5, GLIDE_S, .curve = CURVE_LOG},
    [ANALOG_DELAY] = {"delay", "s", "Time in which it comes in after a note begins.", NULL, 0, 10, 0},
    [ANALOG_LFO_PITCH] = {"lfo_pitch", "semitones", "How far it sways the pitch.", NULL, 0, 24, 0, GLIDE_S},
    [ANALOG_LFO_WIDTH] = {"lfo_width", "", "How far it sways the widths of the pulses.", NULL, 0, 1, 0, GLIDE_S},
    [ANALOG_LFO_CUTOFF] = {"lfo_cutoff", "octaves", "How far it sways the filter.", NULL, -8, 8, 0, GLIDE_S},
    [ANALOG_LFO_LEVEL] = {"lfo_level", "", "How far it takes the level back.", NULL, 0, 1, 0, GLIDE_S},
    [ANALOG_WHEEL] = {"wheel", "semitones", "How far the lfo sways the pitch when the modulation wheel is up.", NULL, 0, 24,
                      0.3f, GLIDE_S},
    [ANALOG_TOUCH] = {"touch", "", "How much the touch matters to the level.", NULL, 0, 1, 0.6f},
    [ANALOG_LEVEL] = {"level", "dB", "Level of a single voice at full touch.", NULL, DECIBEL_OFF, 0, -18, GLIDE_S},
};

_Static_assert(ROWS(params) == ANALOG_ROWS, "a row each");

enum { READ_VOICES };

static const struct port_info inputs[] = {{"in", "Notes and controllers.", .events = true}};
static const struct port_info outputs[] = {{"out", "The sound.", 2}};
static const struct reading_info readings[] = {[READ_VOICES] = {"voices_now", "", "Voices that sound.", 0}};

struct analog {
    struct voicing voicing;
    struct analog_voice *voice; /* one per slot */
    struct analog_lane *lane;   /* LANES of them */
    struct analog_columns *columns;
    float (*room)[BLOCK_MAX];
    double rate_hz;
    unsigned within; /* which voice of a container the whole of it is in */
    bool is_vain;    /* a key is held of which nothing is heard any more */
};

static int analog_init(void *state, const struct node_init *init, struct error *error)
{
    struct analog *analog = state;
    (void)error;
    unsigned n_voices = (unsigned)init->param[ANALOG_VOICES];
    int code = voicing_init(&analog->voicing, init->arena, n_voices, init->rate_hz);
    analog->voice = arena_take_array(init->arena, n_voices + SLOTS_SPARE, sizeof *analog->voice);
    analog->lane = arena_take_array(init->arena, LANES, sizeof *analog->lane);
    analog->room = arena_take_array(init->arena, ANALOG_ROWS, sizeof *analog->room);
    analog->columns = arena_take(init->arena, sizeof *analog->columns);
    analog->rate_hz = init->rate_hz;
    analog->within = init->voice;
    return code || !analog->voice || !analog->lane || !analog->room || !analog->columns ? ERROR_INTERNAL : 0;
}

static struct voicing_settings settings_at(const struct node_io *io, unsigned at)
{
    return (struct voicing_settings){
        .slots = {.steal = (enum slots_steal)param_at(&io->param[ANALOG_STEAL], at),
                  .mode = (enum slots_mode)param_at(&io->param[ANALOG_MODE], at),
                  .priority = (enum slots_priority)param_at(&io->param[ANALOG_PRIORITY], at),
                  .unison = (unsigned)param_at(&io->param[ANALOG_UNISON], at)},
        .glide_s = param_at(&io->param[ANALOG_GLIDE], at),
        .glides_legato = param_at(&io->param[ANALOG_GLIDES], at) > 0,
        .bend_semitones = param_at(&io->param[ANALOG_BEND], at),
        .mpe = param_at(&io->param[ANALOG_MPE], at) > 0,
    };
}

/* Frames from `at` on in which the bends of notes that sound mean the same, all else being asked for at notes, and no voice may
 * end before its time. */
static unsigned steady(const struct analog *analog, const struct node_io *io, unsigned at)
{
    unsigned n = run_length_both(&io->param[ANALOG_BEND], &io->param[ANALOG_MPE], at, io->n);
    unsigned left = ANALOG_CELL - (unsigned)((io->frame + at) % ANALOG_CELL);
    return analog->is_vain && left < n ? left : n;
}

static struct envelope_by envelope_by(const struct analog *analog, const struct node_io *io, unsigned attack)
{
    return (struct envelope_by){.attack = &io->param[attack],
                                .decay = &io->param[attack + 1],
                                .sustain = &io->param[attack + 2],
                                .release = &io->param[attack + 3],
                                .curve = &io->param[ANALOG_CURVE],
                                .rate_hz = analog->rate_hz};
}

static void block_fill(struct analog_block *block, struct analog *analog, const struct node_io *io)
{
    block->io = io;
    block->voicing = &analog->voicing;
    block->rate_hz = analog->rate_hz;
    block->voice = analog->within;
    block->amp_by = envelope_by(analog, io, ANALOG_ATTACK);
    block->filter_by = envelope_by(analog, io, ANALOG_F_ATTACK);
    for (unsigned row = 0; row < ANALOG_ROWS; row++)
        if (params[row].kind == PARAM_CONTINUOUS)
            block->frames[row] = control_frames(&io->param[row], analog->room[row], io->n);
    float *level = analog->room[ANALOG_LEVEL], once = decibel_level(io->param[ANALOG_LEVEL].value);
    bool rests = param_is_constant(&io->param[ANALOG_LEVEL]);
    for (unsigned i = 0; i < io->n; i++)
        level[i] = rests ? once : decibel_level(block->frames[ANALOG_LEVEL][i]);
    block->frames[ANALOG_LEVEL] = level;
}

/* Equal power, and 1 to both sides in the middle. */
DAWD_CLONES static void pan(const float *x, const float *gain, const float *spread, float place, float *left, float *right,
                            unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        float y = x[i] * gain[i] * (float)M_SQRT2, at = 0.5f + 0.5f * place * spread[i];
        left[i] += y * fast_cos_quarter(at);
        right[i] += y * fast_cos_quarter(1 - at);
    }
}

/* What has been gathered goes through its filters to the sides. */
static void lanes_play(struct analog *analog, struct analog_voice *const *voice, unsigned n_voices,
                       const struct analog_run *run)
{
    const struct node_io *io = run->block->io;
    analog_filter_run_rt(voice, analog->lane, analog->columns, n_voices, run);
    for (unsigned l = 0; l < n_voices; l++)
        pan(analog->lane[l].x, analog->lane[l].gain, run->block->frames[ANALOG_SPREAD] + run->at, voice[l]->place,
            io->out[0] + run->at, io->out[1] + run->at, run->n);
}

static void note_look(struct analog_voice *voice, const struct slot *slot, const struct analog_run *run)
{
    if (slot->starts)
        analog_voice_start_rt(voice, slot, run);
    if (slot->lets_go && !slot->gate)
        analog_voice_stop_rt(voice, run);
}

/* A voice has ended when it is let go and silent. */
static void end_look(struct analog *analog, struct analog_voice *voice, struct slot *slot)
{
    slot->level = voice->amp.last * voice->gain;
    analog->is_vain |= voice->amp.vain > 0;
    if (voice->amp.stage == ENVELOPE_REST)
        slots_end(&analog->voicing.slots, slot);
}

/* Or where a cell begins, so that it does not depend on the period, and its key has been held in vain for as long as one. */
static void vain_end(struct analog *analog)
{
    for (unsigned i = 0; i < analog->voicing.slots.n; i++)
        if (analog->voicing.slots.slot[i].sounds && analog->voice[i].amp.vain >= ANALOG_CELL)
            slots_end(&analog->voicing.slots, &analog->voicing.slots.slot[i]);
}

static void voices_play(struct analog *analog, const struct analog_run *run)
{
    struct analog_voice *voice[LANES];
    unsigned n = 0;
    analog->is_vain = false;
    for (unsigned i = 0; i < analog->voicing.slots.n; i++) {
        struct slot *slot = &analog->voicing.slots.slot[i];
        if (!slot->sounds)
            continue;
        voice[n] = &analog->voice[i];
        note_look(voice[n], slot, run);
        analog_voice_run_rt(voice[n], &analog->voicing.voice[i], run, &analog->lane[n]);
        end_look(analog, voice[n], slot);
        if (++n == LANES) {
            lanes_play(analog, voice, n, run);
            n = 0;
        }
    }
    if (n)
        lanes_play(analog, voice, n, run);
}

static void analog_process(void *state, const struct node_io *io)
{
    struct analog *analog = state;
    struct analog_block block;
    const struct slots *slots = &analog->voicing.slots;
    bool is_idle = slots_are_idle(slots) && !io->events->n;
    memset(io->out[0], 0, io->n * sizeof(float));
    memset(io->out[1], 0, io->n * sizeof(float));
    if (!is_idle)
        block_fill(&block, analog, io);
    for (unsigned at = 0, n; at < io->n; at += n) {
        struct voicing_settings settings = settings_at(io, at);
        if (analog->is_vain && (io->frame + at) % ANALOG_CELL == 0)
            vain_end(analog);
        n = voicing_run(&analog->voicing, &settings, io->events, at, at + steady(analog, io, at));
        if (!slots_are_idle(slots))
            voices_play(analog, &(struct analog_run){&block, at, n});
    }
    if (is_idle)
        silence_tell(io);
    reading_set(io, READ_VOICES, (float)(slots->n_playing + slots->n_fading));
}

static bool analog_settled(void *state, unsigned n, uint64_t quiet)
{
    const struct analog *analog = state;
    (void)n;
    (void)quiet;
    return slots_are_idle(&analog->voicing.slots);
}

static void analog_clear(void *state)
{
    slots_clear(&((struct analog *)state)->voicing.slots);
}

const struct node_class analog_node = {
    .name = "analog",
    .help = "A polyphonic synthesiser: two oscillators, filter, two envelopes, lfo, unison.",
    .params = params,
    .inputs = inputs,
    .outputs = outputs,
    .readings = readings,
    .n_params = ROWS(params),
    .n_inputs = ROWS(inputs),
    .n_outputs = ROWS(outputs),
    .n_readings = ROWS(readings),
    .presets = analog_presets_rt,
    .n_presets = ANALOG_PRESETS,
    .channels = 2,
    .sleeps = {.can = true, .settled = analog_settled, .clear = analog_clear},
    .finite = true,
    .state_bytes = sizeof(struct analog),
    .init = analog_init,
    .process = analog_process,
};
