/* Pitches brought to the notes of a scale.
 *
 *     in --> [nearest note of the scale, hysteresis] --> + transpose --+--> out
 *                                                                      +--[changed]--> trigger
 *
 * A note is left when another one is nearer by more than the hysteresis, so that a pitch that trembles half way between two
 * does not chatter. What comes out is the note itself, free of any error of the way in.
 */
#include "graph/node.h"

#include "graph/dsp/control.h"
#include "graph/dsp/finite.h"
#include "graph/dsp/run.h"
#include "graph/rt_only.h"

#define OCTAVE    12
#define A_ABOVE_C 9     /* pitches count from A4, roots from C */
#define MOST      240.0 /* semitones from A4 */
#define PULSE_S   0.001 /* long enough for whatever looks at it now and then */

enum { SCALE, ROOT, TRANSPOSE, HYSTERESIS, FIRST_STEP };
enum { PITCH, TRIGGER };

static const char *const scales[] = {
    "chromatic",  "major",       "minor",       "harmonic_minor", "melodic_minor",    "dorian", "phrygian",
    "lydian",     "mixolydian",  "locrian",     "pentatonic",     "minor_pentatonic", "blues",  "whole_tone",
    "diminished", "major_triad", "minor_triad", "fifths",         "octaves",          "own",    NULL};
static const char *const roots[] = {"c", "c_sharp", "d", "d_sharp", "e", "f", "f_sharp",
                                    "g", "g_sharp", "a", "a_sharp", "b", NULL};

/* Bit k: the note k semitones above the root belongs to it. In the order of `scales`, the last one being the switches. */
static const unsigned notes[] = {0xfff, 0xab5, 0x5ad, 0x9ad, 0xaad, 0x6ad, 0x5ab, 0xad5, 0x6b5, 0x56b,
                                 0x295, 0x4a9, 0x4e9, 0x555, 0xb6d, 0x091, 0x089, 0x081, 0x001};

#define OWN ROWS(notes)

#define STEP(k, on)                                                                                                        \
    [FIRST_STEP + (k)] = {                                                                                                 \
        "step" #k,           "", "Whether the note so many semitones above the root is in the scale own.", NULL, 0, 1, on, \
        .kind = PARAM_SWITCH}

static const struct param_info params[] = {
    [SCALE] = {"scale", "", "Which notes there are; own: those of the switches step0 to step11.", scales, 0, OWN, 1,
               .kind = PARAM_CHOICE},
    [ROOT] = {"root", "", "The note that the scale begins with.", roots, 0, OCTAVE - 1, 0, .kind = PARAM_CHOICE},
    [TRANSPOSE] = {"transpose", "", "Semitones by which the notes that come out are higher.", NULL, -48, 48, 0,
                   .kind = PARAM_INTEGER},
    [HYSTERESIS] = {"hysteresis", "cents", "By how much another note has to be nearer until it is taken.", NULL, 0, 100, 20,
                    0.01f},
    STEP(0, 1),
    STEP(1, 0),
    STEP(2, 1),
    STEP(3, 0),
    STEP(4, 1),
    STEP(5, 1),
    STEP(6, 0),
    STEP(7, 1),
    STEP(8, 0),
    STEP(9, 1),
    STEP(10, 0),
    STEP(11, 1),
};

static const struct port_info inputs[] = {{"in", "A pitch in octaves from A4.", 1}};
static const struct port_info outputs[] = {
    [PITCH] = {"out", "The pitch of the note, in octaves from A4: for freq at 440 Hz with a depth of 1.", 1},
    [TRIGGER] = {"trigger", "1 for a millisecond from the frame on in which the note changes.", 1},
};

struct quantizer {
    int note;         /* semitones from A4 */
    int given;        /* the same, transposed */
    unsigned scale;   /* bit k: the note k semitones above any C belongs to it; 0: no note has been looked for */
    double low, high; /* half way to the notes beside it */
    unsigned left, pulse_frames;
};

static int quantizer_init(void *state, const struct node_init *init, struct error *error)
{
    (void)error;
    *(struct quantizer *)state = (struct quantizer){.pulse_frames = 1 + (unsigned)(PULSE_S * init->rate_hz)};
    return 0;
}

/* The scale at frame i, turned to its root. One without notes has its root. */
static unsigned scale_at(const struct param *param, unsigned i)
{
    unsigned scale = (unsigned)param_at(&param[SCALE], i), root = (unsigned)param_at(&param[ROOT], i), bits = 0;
    for (unsigned k = 0; k < OCTAVE; k++)
        bits |= (scale == OWN ? param_at(&param[FIRST_STEP + k], i) > 0 : notes[scale] >> k & 1) << k;
    bits += !bits;
    return (bits << root | bits >> (OCTAVE - root)) & 0xfff;
}

/* How many frames from i on have the scale of the first. */
static unsigned scale_run(const struct param *param, unsigned i, unsigned n)
{
    unsigned end = i + run_length(&param[SCALE], i, n);
    end = i + run_length(&param[ROOT], i, end);
    for (unsigned k = 0; k < OCTAVE; k++)
        end = i + run_length(&param[FIRST_STEP + k], i, end);
    return end - i;
}

static bool has_note(unsigned scale, int note)
{
    return scale >> ((note + A_ABOVE_C + 100 * OCTAVE) % OCTAVE) & 1;
}

/* The next note of the scale from this one on, up (1) or down (-1). */
static int note_from(unsigned scale, int note, int way)
{
    while (!has_note(scale, note))
        note += way;
    return note;
}

static void note_take(struct quantizer *quantizer, double semitones)
{
    int below = note_from(quantizer->scale, (int)floor(semitones), -1);
    int above = note_from(quantizer->scale, (int)floor(semitones) + 1, 1);
    int note = semitones - below <= above - semitones ? below : above;
    quantizer->note = note;
    quantizer->low = (note + note_from(quantizer->scale, note - 1, -1)) / 2.0;
    quantizer->high = (note + note_from(quantizer->scale, note + 1, 1)) / 2.0;
}

/* The note changes: a pulse that has not ended falls for a frame, so that there is an edge. */
static float pulse_next(struct quantizer *quantizer, bool changed)
{
    bool interrupts = changed && quantizer->left && quantizer->left <= quantizer->pulse_frames;
    if (changed)
        quantizer->left = quantizer->pulse_frames + interrupts;
    if (!quantizer->left)
        return 0;
    return quantizer->left-- <= quantizer->pulse_frames ? 1 : 0;
}

static void quantizer_process(void *state, const struct node_io *io)
{
    struct quantizer *quantizer = state;
    for (unsigned i = 0, end = 0; i < io->n; i++) {
        bool is_first = !quantizer->scale, turns = false;
        if (i == end) {
            unsigned scale = scale_at(io->param, i);
            turns = scale != quantizer->scale;
            quantizer->scale = scale;
            end = i + scale_run(io->param, i, io->n);
        }
        double semitones = is_sound(io->in[0][i]) ? OCTAVE * (double)io->in[0][i] : quantizer->note;
        double slack = param_at(&io->param[HYSTERESIS], i) * 0.005; /* nearer by a cent is half a cent beyond the middle */
        semitones = semitones < MOST ? semitones > -MOST ? semitones : -MOST : MOST;
        if (turns || semitones < quantizer->low - slack || semitones > quantizer->high + slack)
            note_take(quantizer, semitones);
        int note = quantizer->note + (int)param_at(&io->param[TRANSPOSE], i);
        io->out[TRIGGER][i] = pulse_next(quantizer, !is_first && note != quantizer->given);
        io->out[PITCH][i] = (float)note / OCTAVE;
        quantizer->given = note;
    }
}

static void quantizer_clear(void *state)
{
    struct quantizer *quantizer = state;
    *quantizer = (struct quantizer){.pulse_frames = quantizer->pulse_frames};
}

const struct node_class quantizer_node = {
    .name = "quantizer",
    .help = "Brings pitches to the notes of a scale.",
    .params = params,
    .inputs = inputs,
    .outputs = outputs,
    .n_params = ROWS(params),
    .n_inputs = ROWS(inputs),
    .n_outputs = ROWS(outputs),
    .channels = 1,
    .sleeps = {.clear = quantizer_clear},
    .finite = true,
    .state_bytes = sizeof(struct quantizer),
    .init = quantizer_init,
    .process = quantizer_process,
};
