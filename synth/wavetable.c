/* Oscillator that reads its wave from a table of cycles, and goes from one of them to the next.
 *
 *     table or file -> cycles, band-limited for every pitch
 *                          |
 *     freq, fine -> x (1 + fm) -> step -> 64-bit phase -> + phase -> [read] -> level -> out, the same on every channel
 *                                    sync -> 0 ^          position ----^
 *
 * As the waves of osc, what comes from a table has no mean. How the tables are read, and hard-synced, stands in
 * graph/dsp/wavetable.h and hard_sync.h.
 */
#include "graph/node.h"

#include <string.h>

#include "graph/dsp/control.h"
#include "graph/dsp/decibel.h"
#include "graph/dsp/phase.h"
#include "graph/dsp/pitch.h"
#include "graph/dsp/sync_cable.h"
#include "graph/dsp/vector.h"
#include "graph/dsp/wavetable.h"
#include "graph/dsp/wavetable_synced.h"
#include "graph/rt_only.h"

enum { TABLE, FILE_PATH, CYCLE, POSITION, FREQ, FINE, PHASE, LEVEL, FM_DEPTH };
enum { FM, SYNC };

static const char *const tables[] = {"basic", "pulse", "sync", "fold", "fm", "vowel", "organ", "resonance", NULL};

static const struct param_info params[] = {
    [TABLE] = {"table", "",
               "Where no file is given: sine to square, a pulse that narrows, a saw that is synced, a folded sine, two "
               "operators, vowels from a to u, drawbars, a saw behind a resonant filter.",
               tables, 0, 7, 0, .kind = PARAM_CHOICE, .flags = PARAM_REBUILD},
    [FILE_PATH] = {"file", "",
                   "A sound file with one cycle behind the other, of which the first channel is taken, 256 cycles at most.",
                   .kind = PARAM_FILE, .flags = PARAM_REBUILD, .reads = MEDIA_SOUND_OWN_RATE},
    [CYCLE] = {"cycle", "", "Samples of the file that are one cycle; a shorter file is one cycle as a whole.", NULL, 16,
               4096, 2048, .kind = PARAM_INTEGER, .flags = PARAM_REBUILD},
    [POSITION] = {"position", "", "From the first cycle of the table (0) to the last (1), blending between neighbours.",
                  NULL, 0, 1, 0, 0.02f},
    [FREQ] = {"freq", "Hz", "Pitch; a modulation depth of 1 is an octave.", NULL, 0.01f, 20000, 440, 0.01f,
              .curve = CURVE_LOG},
    [FINE] = {"fine", "cents", "Detunes by hundredths of a semitone.", NULL, -100, 100, 0, 0.01f},
    [PHASE] = {"phase", "", "Shifts the wave by this part of a cycle; 1 is a whole one.", NULL, 0, 1, 0, 0.01f},
    [LEVEL] = {"level", "dB", "Loudness; at 0 a built-in wave just reaches full scale, -120 is silence.", NULL, DECIBEL_OFF,
               0, -12, 0.02f},
    [FM_DEPTH] = {"fm_depth", "", "How far a 1 at the input fm moves the pitch, in multiples of it.", NULL, 0, 32, 1,
                  0.01f},
};

static const struct port_info inputs[] = {
    [FM] = {"fm", "Moves the pitch as a vibrato or at audio rate, evenly up and down, also through zero and backwards.", 1},
    [SYNC] = {"sync", "Begins the cycle anew where it rises through 0, between the frames too.", 1},
};
static const struct port_info outputs[] = {{"out", "The wave, the same on every channel.", 0}};

struct voice {
    struct stocked *stocked; /* the table */
    const struct wavetable *table;
    uint64_t phase;  /* in 2^-64 cycles, of the next frame */
    uint64_t step;   /* of the last one, likewise */
    uint32_t offset; /* of the last one, in 2^-32 cycles */
    double frame_s;
    unsigned channels;
    struct sync_cable cable;
    struct sync_way way;
    struct hard_sync sync;
};

/* Where it goes in a block. */
struct course {
    double cycles[BLOCK_MAX];
    uint32_t offset[BLOCK_MAX];
    float speed[BLOCK_MAX], room[BLOCK_MAX];
    const float *position;
};

static int wavetable_node_init(void *state, const struct node_init *init, struct error *error)
{
    struct voice *voice = state;
    const struct media *media = init->media ? init->media[FILE_PATH] : NULL;
    voice->phase = PHASE_ZERO;
    voice->step = phase_step(init->param[FREQ] * pitch_ratio(init->param[FINE]) / init->rate_hz);
    voice->offset = phase_offset(init->param[PHASE]);
    voice->frame_s = 1 / init->rate_hz;
    voice->channels = init->channels;
    voice->cable = sync_cable_at(init->rate_hz);
    if (media)
        voice->stocked = wavetable_of_media(init->stock, media, (unsigned)init->param[CYCLE],
                                            init->texts && init->texts[FILE_PATH] ? init->texts[FILE_PATH] : "", error);
    else
        voice->stocked = wavetable_built_in(init->stock, (unsigned)init->param[TABLE]);
    if (!voice->stocked)
        return error->code ? (int)error->code : ERROR_INTERNAL;
    voice->table = voice->stocked->thing;
    return 0;
}

static void wavetable_node_deinit(void *state)
{
    const struct voice *voice = state;
    stocked_release(voice->stocked);
}

static void pitches(double *cycles, const struct voice *voice, const struct node_io *io)
{
    const struct pitch pitch = {&io->param[FREQ], &io->param[FINE], &io->param[FM_DEPTH],
                                io->wired >> FM & 1 ? io->in[FM] : NULL, voice->frame_s};
    pitch_fill(cycles, &pitch, io->n);
}

/* The speed that counts is that of the phase with all that moves it. */
static void course_fill(struct course *course, struct voice *voice, const struct node_io *io)
{
    float room[BLOCK_MAX];
    const float *shift = control_frames(&io->param[PHASE], room, io->n);
    pitches(course->cycles, voice, io);
    course->position = control_frames(&io->param[POSITION], course->room, io->n);
    for (unsigned i = 0; i < io->n; i++) {
        course->offset[i] = phase_offset(shift[i]);
        float moved = (float)(int32_t)(course->offset[i] - voice->offset) * 0x1p-32f,
              speed = (float)course->cycles[i] + moved;
        course->speed[i] = fabsf(speed) < 0.5f ? fabsf(speed) : 0.5f;
        voice->offset = course->offset[i];
    }
}

static void free_run(struct voice *voice, const struct course *course, float *out, unsigned n)
{
    uint32_t phase[BLOCK_MAX];
    for (unsigned i = 0; i < n; i++) {
        phase[i] = (uint32_t)(voice->phase >> 32) + course->offset[i];
        voice->phase += (uint64_t)phase_turn(course->cycles[i]);
    }
    voice->step = (uint64_t)phase_turn(course->cycles[n - 1]);
    wavetable_read_rt(voice->table, out, phase, course->speed, course->position, n);
}

static void synced_run(struct voice *voice, const struct course *course, const float *in, float *out, unsigned from,
                       unsigned n)
{
    struct sync_samples samples;
    struct sync_span span[SYNC_STRETCH];
    sync_spans_rt(&voice->sync, &voice->way, span, course->cycles + from, course->offset + from, in + from, n);
    sync_begin_rt(&voice->sync, &samples, n);
    wavetable_synced_rt(voice->table, &samples, span, course->speed + from, course->position + from, n);
    sync_end_rt(&voice->sync, &samples, out + from, n);
}

/* A cable came or went. */
static void turn_round(struct voice *voice, const struct node_io *io, bool is_wired)
{
    int64_t step = phase_turn(io->param[FREQ].value * voice->frame_s);
    if (is_wired) {
        voice->way = (struct sync_way){voice->phase - (uint64_t)step, step, voice->offset};
        voice->sync = (struct hard_sync){0};
    } else {
        voice->phase = voice->way.phase + (uint64_t)voice->way.step;
    }
}

DAWD_CLONES static void level(float *out, const float *db, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        out[i] *= decibel_level(db[i]);
}

static void wavetable_process(void *state, const struct node_io *io)
{
    struct voice *voice = state;
    struct course course;
    float synced[BLOCK_MAX] = {0}, room[BLOCK_MAX];
    bool is_wired = io->wired >> SYNC & 1;
    if (sync_cable_turns(&voice->cable, is_wired))
        turn_round(voice, io, is_wired);
    course_fill(&course, voice, io);
    for (unsigned from = 0; sync_cable_is_synced(&voice->cable) && from < io->n; from += SYNC_STRETCH)
        synced_run(voice, &course, io->in[SYNC], synced, from, io->n - from < SYNC_STRETCH ? io->n - from : SYNC_STRETCH);
    if (sync_cable_is_free(&voice->cable))
        free_run(voice, &course, io->out[0], io->n);
    sync_cable_mix(&voice->cable, io->out[0], synced, 1, io->n);
    level(io->out[0], control_frames(&io->param[LEVEL], room, io->n), io->n);
    for (unsigned c = 1; c < voice->channels; c++)
        memcpy(io->out[c], io->out[0], io->n * sizeof(float));
}

/* It has been going round all the while. */
static void wavetable_skip(void *state, uint64_t frames)
{
    struct voice *voice = state;
    voice->phase += voice->step * frames;
}

const struct node_class wavetable_node = {
    .name = "wavetable",
    .help = "A wave from a table of cycles that blend into each other, without aliases at any pitch.",
    .params = params,
    .inputs = inputs,
    .outputs = outputs,
    .n_params = ROWS(params),
    .n_inputs = ROWS(inputs),
    .n_outputs = ROWS(outputs),
    .channels = 1,
    .channels_max = PORT_CHANNELS_MAX,
    .sleeps = {.skip = wavetable_skip},
    .finite = true,
    .state_bytes = sizeof(struct voice),
    .init = wavetable_node_init,
    .deinit = wavetable_node_deinit,
    .process = wavetable_process,
};
