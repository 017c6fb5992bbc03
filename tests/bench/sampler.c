/* What a sampler of 64 voices costs.
 *
 *     sampler    us per block of 256: 64 voices at the pitch of the recording, a fifth lower, a fifth and two octaves higher;
 *                and none
 *
 * Stereo sounds that loop; 64 voices play one key each. Of many blocks the lower quartile counts: what else the machine does
 * falls out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "graph/instrument.h"
#include "graph/node.h"

#define RATE_HZ  48000
#define BLOCK    256
#define BLOCKS   400
#define SETTLED  20
#define VOICES   64
#define N_FRAMES 400000
#define LOOP     1000
#define ROWS_MAX 64

static void die(const char *what)
{
    fprintf(stderr, "sampler: %s\n", what);
    exit(1);
}

static double now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void notes_add(struct event_list *events, unsigned n)
{
    events->n = 0;
    for (unsigned i = 0; i < n; i++)
        event_put(events, &(struct event){.kind = EVENT_NOTE_ON, .note = 20 + (float)i, .value = 100});
}

static double blocks_us(const struct node_class *class, const struct media *file, unsigned n_voices)
{
    static _Alignas(64) float left[BLOCK], right[BLOCK];
    static double took[BLOCKS];
    static struct event_list events, none;
    const struct media *media[ROWS_MAX] = {file};
    float values[ROWS_MAX], *out[] = {left, right};
    struct param params[ROWS_MAX];
    _Atomic float readings[ROWS_MAX];
    struct arena arena = {0};
    struct error error = {0};
    bool silent;
    for (unsigned i = 0; i < class->n_params; i++)
        params[i] = (struct param){.value = values[i] = class->params[i].initial};
    void *state = arena_take(&arena, class->state_bytes);
    struct node_init init = {.arena = &arena, .rate_hz = RATE_HZ, .channels = 2, .param = values, .media = media};
    if (!state || class->init(state, &init, &error))
        die("memory ran out");
    notes_add(&events, n_voices);
    for (unsigned b = 0; b < SETTLED + BLOCKS; b++) {
        struct node_io io = {.out = out,
                             .param = params,
                             .readings = readings,
                             .events = b ? &none : &events,
                             .events_out = &none,
                             .n = BLOCK,
                             .frame = (uint64_t)b * BLOCK,
                             .silent = &silent};
        double began = now_us();
        class->process(state, &io);
        took[b < SETTLED ? 0 : b - SETTLED] = now_us() - began;
    }
    arena_deinit(&arena);
    qsort(took, BLOCKS, sizeof *took, compare);
    return took[BLOCKS / 4];
}

int main(void)
{
    static const float semitones[] = {0, -7, 7, 24};
    const struct node_class *class = node_class_find("sampler");
    float *samples = malloc(2 * N_FRAMES * sizeof *samples);
    if (!samples || !class)
        die("memory ran out");
    for (unsigned i = 0; i < 2 * N_FRAMES; i++)
        samples[i] = (float)(i * 2654435761u >> 8) * 0x1p-24f - 0.5f;
    struct media sound = {.samples = samples, .n_frames = N_FRAMES, .channels = 2, .rate_hz = RATE_HZ};
    struct instrument_sound sounds = {.media = &sound, .n_frames = N_FRAMES};
    struct instrument_zone zone = {.key_high = 127,
                                   .velocity_high = 127,
                                   .n_turns = 1,
                                   .chance_high = 2,
                                   .root = 60,
                                   .gain = 1,
                                   .envelope = {.sustain = 1},
                                   .end = N_FRAMES,
                                   .loop_start = LOOP,
                                   .loop_end = N_FRAMES,
                                   .loop_mode = INSTRUMENT_LOOPS};
    struct instrument instrument = {.zones = &zone, .sounds = &sounds, .n_zones = 1, .n_sounds = 1};
    struct media file = {.kind = MEDIA_INSTRUMENT, .instrument = &instrument};
    if (instrument_index(&instrument))
        die("memory ran out");
    for (unsigned i = 0; i < ROWS(semitones); i++) {
        zone.tune_cents = 100 * semitones[i];
        printf("%.1f ", blocks_us(class, &file, VOICES));
    }
    printf("%.3f\n", blocks_us(class, &file, 0));
    free(instrument.of_key);
    free(samples);
    return 0;
}
