#include "synth/fm_params.h"

#include "graph/dsp/decibel.h"
#include "graph/dsp/slots.h"
#include "graph/rt_only.h"

#define MOST_S 60.0f

static const char *const lfo_shapes[] = {"sine", "triangle", "saw_up", "saw_down", "square", NULL};
static const char *const factors[] = {"x1", "x2", NULL};
static const char *const steals[] = {"oldest", "quietest", "same", NULL};
static const char *const modes[] = {"poly", "mono", "legato", NULL};

#define OPERATOR(n, level_db)                                                                                              \
    {"ratio" #n, "", "Pitch, as a multiple of the note's.", NULL, 0.01f, 64, 1, 0.01f, .curve = CURVE_LOG},                \
        {"fixed" #n, "", "Takes the pitch from freq" #n ", whatever the note is.", NULL, 0, 1, 0, .kind = PARAM_SWITCH},   \
        {"freq" #n, "Hz", "Pitch where it is fixed.", NULL, 0.01f, 20000, 440, 0.01f, .curve = CURVE_LOG},                 \
        {"detune" #n, "cents", "Beside its pitch: beats with the others.", NULL, -100, 100, 0, 0.01f},                     \
        {"level" #n,                                                                                                       \
         "dB",                                                                                                             \
         "How loud it is heard; as a modulator, how far it modulates: 0 dB is an index of 12.6 radians.",                  \
         NULL,                                                                                                             \
         DECIBEL_OFF,                                                                                                      \
         0,                                                                                                                \
         level_db,                                                                                                         \
         0.02f},                                                                                                           \
        {"velocity" #n, "dB", "How much softer it is at the softest touch.", NULL, 0, 60, 12, 0.02f},                      \
        {"break" #n, "", "Note from which its level changes on either side; 60 is middle C.", NULL, 0, 127, 60, 0.02f},    \
        {"left" #n, "dB", "Change of its level per octave below the break.", NULL, -24, 24, 0, 0.02f},                     \
        {"right" #n, "dB", "Change of its level per octave above the break.", NULL, -24, 24, 0, 0.02f},                    \
        {"rate" #n, "octaves", "By how many halvings its times shrink per octave above middle C.", NULL, 0, 1, 0, 0.02f},  \
        {"attack" #n, "s", "Time to its full level.", NULL, 0, MOST_S, 0.002f, 0.01f},                                     \
        {"decay" #n, "s", "Time from there to the middle.", NULL, 0, MOST_S, 0.5f, 0.01f},                                 \
        {"middle" #n, "", "Where the fast decay ends and the slow fall begins.", NULL, 0, 1, 0.5f, 0.01f},                 \
        {"fall" #n, "s", "Time from the middle to the sustain level.", NULL, 0, MOST_S, 4, 0.01f},                         \
        {"sustain" #n, "", "Level for as long as the key is held; 0: it dies away.", NULL, 0, 1, 0, 0.01f},                \
        {"release" #n, "s", "Time to silence once the key is let go.", NULL, 0, MOST_S, 0.3f, 0.01f},                      \
    {                                                                                                                      \
        "tremolo" #n, "", "Part it takes in the tremolo.", NULL, 0, 1, 1, 0.02f                                            \
    }

const struct param_info fm_params_rt[FM_ROWS] = {
    [ALGORITHM] = {"algorithm", "", "How the operators are wired: who modulates whom, and who is heard.", NULL, 1,
                   FM_ALGORITHMS, 5, .kind = PARAM_INTEGER},
    [FEEDBACK] = {"feedback", "", "How much one operator modulates itself: from a sine by way of a saw to noise.", NULL, 0,
                  1, 0.1f, 0.02f},
    [LEVEL] = {"level", "dB", "How loud it leaves; -120 is silence.", NULL, DECIBEL_OFF, 12, -9, 0.02f},
    [BRIGHTNESS] = {"brightness", "dB", "Added to the levels of all modulators.", NULL, -48, 24, 0, 0.02f},
    [TUNE] = {"tune", "cents", "Tunes all of it.", NULL, -1200, 1200, 0, 0.01f},
    [PITCH_FROM] = {"pitch_from", "cents", "Where the pitch of every note begins, beside its own.", NULL, -4800, 4800, 0,
                    0.02f},
    [PITCH_TIME] = {"pitch_time", "s", "Time it takes from there to its own pitch.", NULL, 0, 10, 0.05f, 0.01f},
    [LFO_SHAPE] = {"lfo_shape", "", "Form of vibrato and tremolo.", lfo_shapes, 0, FM_LFO_SQUARE, FM_LFO_SINE,
                   .kind = PARAM_CHOICE},
    [LFO_RATE] = {"lfo_rate", "Hz", "Speed of vibrato and tremolo; every note begins anew.", NULL, 0.01f, 50, 5, 0.01f,
                  .curve = CURVE_LOG},
    [LFO_DELAY] = {"lfo_delay", "s", "Time until they are fully there; for half of it there is nothing.", NULL, 0, 10, 0,
                   0.01f},
    [VIBRATO] = {"vibrato", "cents", "Depth of the vibrato to either side.", NULL, 0, 1200, 0, 0.02f},
    [TREMOLO] = {"tremolo", "", "Depth of the tremolo; 1 goes down to silence.", NULL, 0, 1, 0, 0.02f},
    [WHEEL] = {"wheel", "cents", "Vibrato that the modulation wheel adds.", NULL, 0, 1200, 50, 0.02f},
    [PRESSURE_VIBRATO] = {"pressure_vibrato", "cents", "Vibrato that pressure adds.", NULL, 0, 1200, 0, 0.02f},
    [PRESSURE_BRIGHTNESS] = {"pressure_brightness", "dB", "Brightness that pressure adds.", NULL, -24, 24, 6, 0.02f},
    [TIMBRE] = {"timbre", "dB", "Brightness that controller 74 adds or takes away.", NULL, 0, 24, 12, 0.02f},
    [OVERSAMPLE] = {"oversample", "", "Twice the rate inside: what lies too high folds back less; costs twice as much.",
                    factors, 0, 1, 1, .kind = PARAM_CHOICE, .flags = PARAM_REBUILD},
    [VOICES] = {"voices", "", "Notes that sound at once.", NULL, 1, 64, 16, .kind = PARAM_INTEGER, .flags = PARAM_FIXED},
    [STEAL] = {"steal", "", "Which note has to go for a new one.", steals, 0, STEAL_SAME, STEAL_OLDEST,
               .kind = PARAM_CHOICE},
    [MODE] = {"mode", "", "Many notes, one that begins anew with every key, or one that goes over to it.", modes, 0,
              SLOTS_LEGATO, SLOTS_POLY, .kind = PARAM_CHOICE},
    [GLIDE] = {"glide", "s", "Time from the pitch of one note to that of the next.", NULL, 0, 10, 0, 0.01f},
    [GLIDE_LEGATO] = {"glide_legato", "", "Glides only while another key is held.", NULL, 0, 1, 0, .kind = PARAM_SWITCH},
    [BEND] = {"bend", "", "Semitones that a whole bend comes to.", NULL, 0, 96, 2, .flags = PARAM_PLAYERS},
    [MPE] = {"mpe", "", "Every note has a channel of its own; the first one is for all.", NULL, 0, 1, 0,
             .kind = PARAM_SWITCH, .flags = PARAM_PLAYERS},
    OPERATOR(1, -6),
    OPERATOR(2, -26),
    OPERATOR(3, DECIBEL_OFF),
    OPERATOR(4, DECIBEL_OFF),
    OPERATOR(5, DECIBEL_OFF),
    OPERATOR(6, DECIBEL_OFF),
};

static void operator_set(struct fm_operator_tone *op, const float *value, double tune)
{
    *op = (struct fm_operator_tone){
        .ratio = (value[FIXED] > 0 ? value[FREQ] : value[RATIO] * tune) * exp2(value[DETUNE] / 1200.0),
        .is_fixed = value[FIXED] > 0,
        .level_db = value[OP_LEVEL],
        .velocity_db = value[VELOCITY],
        .key_break = value[BREAK],
        .left_db = value[LEFT],
        .right_db = value[RIGHT],
        .rate_octaves = value[RATE],
        .attack_s = value[ATTACK],
        .decay_s = value[DECAY],
        .fall_s = value[FALL],
        .release_s = value[RELEASE],
        .middle = value[MIDDLE],
        .sustain = value[SUSTAIN],
        .tremolo = value[OP_TREMOLO],
    };
}

void fm_tone_set_rt(struct fm_tone *tone, const float *value)
{
    double tune = exp2(value[TUNE] / 1200.0);
    const struct fm_route *route = &fm_routes_rt[(unsigned)value[ALGORITHM] - 1];
    for (unsigned o = 0; o < FM_OPERATORS; o++) {
        operator_set(&tone->op[o], value + OPERATORS + o * OPERATOR_ROWS, tune);
        tone->op[o].is_bright = !(route->out >> o & 1);
    }
    tone->feedback = value[FEEDBACK];
    tone->bright_db = value[BRIGHTNESS];
    tone->bend_octaves = value[PITCH_FROM] / 1200;
    tone->bend_s = value[PITCH_TIME];
    tone->lfo_shape = (enum fm_lfo)value[LFO_SHAPE];
    tone->lfo_hz = value[LFO_RATE];
    tone->lfo_delay_s = value[LFO_DELAY];
    tone->vibrato_octaves = value[VIBRATO] / 1200;
    tone->tremolo = value[TREMOLO];
    tone->number++;
}
