/* Clicks on the beats of the piece, while it rolls.
 *
 *     signature, subdivision ──▶ grid (graph/dsp/grid.h) ──▶ first beat, beat or part of one ──┬──▶ notes
 *                                                                 level, pitch ──▶ a bell of a few partials ──▶ out
 *
 * A click is a sum of sines that decay, as of a struck bar, behind an attack in the form of half a cosine. That is nothing that
 * could alias: what the attack makes of 1 kHz lies 100 dB lower at half the rate of 48 kHz.
 */
#include "graph/dsp/decibel.h"
#include "graph/dsp/grid.h"
#include "graph/dsp/run.h"
#include "graph/node.h"
#include "graph/tempo_shared.h"

#include <string.h>

#include "graph/rt_only.h"

enum { LEVEL, ACCENT, SUBDIVISION, SOFTER, SOUND, PITCH, INTERVAL, DECAY, CHANNEL, NOTE, ACCENT_NOTE };
enum { BEEP, WOOD, BELL };
enum { BAR, BEAT };

#define ATTACK_S      0.001
#define NOTE_S        0.02
#define CLICKS        8 /* that may ring at once: the last of them has gone by then */
#define PARTIALS      3
#define NYQUIST       0.45 /* in cycles per frame: partials above are left out */
#define BEAT_VELOCITY 0.63 /* of the most: 80 */

static const char *const sounds[] = {"beep", "wood", "bell", NULL};

static const struct param_info params[] = {
    [LEVEL] = {"level", "dB", "How loud the beats are; -120 is silence.", NULL, DECIBEL_OFF, 0, -12, 0.02f},
    [ACCENT] = {"accent", "dB", "How much louder the first beat of a bar is.", NULL, 0, 12, 4, 0},
    [SUBDIVISION] = {"subdivision", "", "Clicks to a beat.", NULL, 1, 4, 1, .kind = PARAM_INTEGER},
    [SOFTER] = {"softer", "dB", "How much softer those between the beats are.", NULL, 0, 40, 9, 0},
    [SOUND] = {"sound", "", "What is struck.", sounds, BEEP, BELL, WOOD, .kind = PARAM_CHOICE},
    [PITCH] = {"pitch", "Hz", "How high the beats are.", NULL, 200, 5000, 1000, 0, .curve = CURVE_LOG},
    [INTERVAL] = {"interval", "", "How many semitones higher the first beat of a bar is.", NULL, 0, 24, 7,
                  .kind = PARAM_INTEGER},
    [DECAY] = {"decay", "ms", "Time in which a click falls by 60 dB.", NULL, 5, 150, 60, 0, .curve = CURVE_LOG},
    [CHANNEL] = {"channel", "", "MIDI channel of the notes.", NULL, 1, EVENT_CHANNELS, 10, .kind = PARAM_INTEGER},
    [NOTE] = {"note", "", "The note of a beat.", NULL, 0, 127, 77, .kind = PARAM_INTEGER},
    [ACCENT_NOTE] = {"accent_note", "", "The note of the first beat of a bar.", NULL, 0, 127, 76, .kind = PARAM_INTEGER},
};

static const struct port_info outputs[] = {
    {"out", "The clicks, the same on every channel.", 0},
    {"notes", "A note for each click: a low and a high wood block of a drum kit.", .events = true},
};
static const struct reading_info readings[] = {
    [BAR] = {"bar", "", "Where it clicked last: the bar, from 1."},
    [BEAT] = {"beat", "", "And the beat, from 1."},
};

/* How high the partials lie, how loud they are, and how much faster than the first they decay: near those of a sine, a wood
 * block and a small bar of steel. */
static const struct partial {
    float ratio, level, haste;
} partials[][PARTIALS] = {
    [BEEP] = {{1, 1, 1}},
    [WOOD] = {{1, 0.7f, 1}, {2.71f, 0.3f, 1.7f}, {4.1f, 0.15f, 3}},
    [BELL] = {{1, 0.6f, 1}, {2.756f, 0.3f, 1.4f}, {5.404f, 0.15f, 2.5f}},
};

/* A partial as a point that goes round and inwards. */
struct ring {
    double x, y, turn_x, turn_y;
};

struct metronome {
    struct grid grid;
    double rate_hz;
    unsigned channels, attack_frames;
    int64_t next; /* step of the grid */
    struct click {
        struct ring ring[PARTIALS];
        unsigned n_rings, age, life; /* frames, until it has fallen by 120 dB */
    } click[CLICKS];
    unsigned newest;
    struct event sounding; /* value 0: nothing */
    unsigned left;         /* frames until it ends */
};

static int metronome_init(void *state, const struct node_init *init, struct error *error)
{
    (void)error;
    *(struct metronome *)state = (struct metronome){
        .grid = grid_at(init->rate_hz),
        .rate_hz = init->rate_hz,
        .channels = init->channels,
        .attack_frames = (unsigned)(ATTACK_S * init->rate_hz + 0.5),
    };
    return 0;
}

/* ---- sound ---------------------------------------------------------------------------------------------------------- */

static void click_strike(struct metronome *metronome, const struct node_io *io, double gain, double hz, unsigned i)
{
    struct click *click = &metronome->click[++metronome->newest % CLICKS];
    double decay_frames = param_at(&io->param[DECAY], i) * 1e-3 * metronome->rate_hz;
    *click = (struct click){.life = metronome->attack_frames + (unsigned)(2 * decay_frames)};
    for (unsigned k = 0; k < PARTIALS; k++) {
        const struct partial *partial = &partials[(unsigned)param_at(&io->param[SOUND], i)][k];
        double cycles = hz * partial->ratio / metronome->rate_hz, shrink = pow(1e-3, partial->haste / decay_frames);
        if (partial->level > 0 && cycles < NYQUIST)
            click->ring[click->n_rings++] = (struct ring){.x = gain * partial->level,
                                                          .turn_x = shrink * cos(2 * M_PI * cycles),
                                                          .turn_y = shrink * sin(2 * M_PI * cycles)};
    }
}

static void click_run(struct click *click, unsigned attack_frames, float *out, unsigned n)
{
    n = click->life - click->age < n ? click->life - click->age : n;
    for (unsigned i = 0; i < n; i++, click->age++) {
        double sound = 0, rise = 1;
        for (unsigned k = 0; k < click->n_rings; k++) {
            struct ring *ring = &click->ring[k];
            double x = ring->x * ring->turn_x - ring->y * ring->turn_y;
            sound += ring->y;
            ring->y = ring->x * ring->turn_y + ring->y * ring->turn_x;
            ring->x = x;
        }
        if (click->age < attack_frames)
            rise = 0.5 - 0.5 * cos(M_PI * click->age / attack_frames);
        out[i] += (float)(rise * sound);
    }
}

/* How many sound. */
static unsigned clicks_run(struct metronome *metronome, float *out, unsigned n)
{
    unsigned sounding = 0;
    memset(out, 0, n * sizeof *out);
    for (unsigned k = 0; k < CLICKS; k++) {
        struct click *click = &metronome->click[k];
        sounding += click->age < click->life;
        click_run(click, metronome->attack_frames, out, n);
    }
    return sounding;
}

/* ---- notes ---------------------------------------------------------------------------------------------------------- */

static void note_end(struct metronome *metronome, const struct node_io *io, unsigned i)
{
    if (metronome->sounding.value == 0)
        return;
    metronome->sounding.offset = i;
    metronome->sounding.kind = EVENT_NOTE_OFF;
    metronome->sounding.value = 0;
    event_put(io->events_out, &metronome->sounding);
}

static void note_strike(struct metronome *metronome, const struct node_io *io, bool is_first, double gain, unsigned i)
{
    note_end(metronome, io, i);
    metronome->left = (unsigned)(NOTE_S * metronome->rate_hz);
    metronome->sounding = (struct event){.offset = i,
                                         .kind = EVENT_NOTE_ON,
                                         .channel = (uint8_t)(param_at(&io->param[CHANNEL], i) - 1),
                                         .note = param_at(&io->param[is_first ? ACCENT_NOTE : NOTE], i),
                                         .value = (float)fmax(1, 127 * fmin(1, gain))};
    event_put(io->events_out, &metronome->sounding);
}

/* ---- beats ---------------------------------------------------------------------------------------------------------- */

static const struct tempo_meter *meter_at(const struct node_io *io, unsigned i)
{
    const struct music *music = io->music;
    return tempo_meter_at(music->map, tempo_tick_of_frame(music->map, music->position + i));
}

/* Relative to a beat, by which the velocity of a note goes. */
static double gain_of(const struct node_io *io, bool is_first, bool is_beat, unsigned i)
{
    double db = is_first ? param_at(&io->param[ACCENT], i) : is_beat ? 0 : -param_at(&io->param[SOFTER], i);
    return pow(10, db / 20);
}

static void strike(struct metronome *metronome, const struct node_io *io, unsigned i)
{
    const struct tempo_meter *meter = meter_at(io, i);
    int64_t tick = metronome->next++ * metronome->grid.ticks, beat = tempo_beat_ticks(meter->denominator);
    int64_t bar = tempo_bar_ticks(meter->numerator, meter->denominator);
    bool is_first = tick % bar == 0, is_beat = tick % beat == 0;
    double gain = gain_of(io, is_first, is_beat, i), hz = param_at(&io->param[PITCH], i);
    if (is_first)
        hz *= exp2(param_at(&io->param[INTERVAL], i) / 12.0);
    click_strike(metronome, io, gain, hz, i);
    note_strike(metronome, io, is_first, BEAT_VELOCITY * gain, i);
    reading_set(io, BAR, (float)(meter->bar + tick / bar));
    reading_set(io, BEAT, (float)(tick % bar / beat + 1));
}

/* What there is to do at frame i, and for how many frames there is nothing more then. */
static unsigned look(struct metronome *metronome, const struct node_io *io, unsigned i)
{
    unsigned end = i + run_length(&io->param[SUBDIVISION], i, io->n);
    if (!io->music->is_rolling)
        return end - i;
    uint32_t ticks = (uint32_t)tempo_beat_ticks(meter_at(io, i)->denominator);
    ticks /= (unsigned)param_at(&io->param[SUBDIVISION], i);
    if (grid_turn_rt(&metronome->grid, io, ticks, 0, i))
        metronome->next = grid_next_rt(&metronome->grid, io, 0, i);
    struct grid_place place = {metronome->next, 0};
    if (grid_is_due_rt(&metronome->grid, io, LEVEL, &place, i)) {
        strike(metronome, io, i);
        place.step = metronome->next;
    }
    return grid_run_rt(&metronome->grid, io, LEVEL, &place, i, end - i);
}

/* Frames until what sounds has to end. */
static unsigned ends_within(const struct metronome *metronome, unsigned n)
{
    return metronome->sounding.value > 0 && metronome->left < n ? metronome->left : n;
}

static void level(const struct metronome *metronome, const struct node_io *io)
{
    const struct param *db = &io->param[LEVEL];
    float gain = decibel_level(db->value);
    for (unsigned k = 0; k < io->n; k++)
        io->out[0][k] *= param_is_constant(db) ? gain : decibel_level(param_at(db, k));
    for (unsigned c = 1; c < metronome->channels; c++)
        memcpy(io->out[c], io->out[0], io->n * sizeof(float));
}

static void metronome_process(void *state, const struct node_io *io)
{
    struct metronome *metronome = state;
    unsigned sounding = 0;
    for (unsigned i = 0, run, left; i < io->n; i += run) {
        run = look(metronome, io, i);
        for (unsigned k = i, end = i + run; k < end; k += left) {
            if (metronome->sounding.value > 0 && metronome->left == 0)
                note_end(metronome, io, k);
            left = ends_within(metronome, end - k);
            metronome->left -= metronome->sounding.value > 0 ? left : 0;
        }
        sounding += clicks_run(metronome, io->out[0] + i, run);
    }
    level(metronome, io);
    if (!sounding)
        silence_tell(io);
}

const struct node_class metronome_node = {
    .name = "metronome",
    .help = "Clicks on the beats of the piece while it rolls.",
    .params = params,
    .outputs = outputs,
    .readings = readings,
    .n_params = ROWS(params),
    .n_outputs = ROWS(outputs),
    .n_readings = ROWS(readings),
    .channels = 1,
    .channels_max = PORT_CHANNELS_MAX,
    .finite = true,
    .state_bytes = sizeof(struct metronome),
    .init = metronome_init,
    .process = metronome_process,
};
