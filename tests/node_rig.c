#include "tests/node_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/tempo_shared.h"
#include "tests/note_storm.h"

static void die(const char *what, const char *which)
{
    fprintf(stderr, "node rig: %s %s\n", what, which);
    exit(2);
}

static unsigned width(const struct rig *rig, const struct port_info *ports, unsigned n)
{
    unsigned sum = 0;
    for (unsigned i = 0; i < n; i++)
        if (node_class_has(rig->class, rig->value, ports[i].number))
            sum += port_info_channels(&ports[i], rig->channels);
    return sum;
}

/* Ports come and go with the values as long as the node is not made. */
static void measure(struct rig *rig)
{
    rig->n_in = width(rig, rig->class->inputs, rig->class->n_inputs);
    rig->n_out = width(rig, rig->class->outputs, rig->class->n_outputs);
    if (rig->n_in > RIG_CHANNELS_MAX || rig->n_out > RIG_CHANNELS_MAX)
        die("too wide for the rig:", rig->class->name);
}

struct rig rig_new_class(const struct node_class *class, double rate_hz, unsigned channels)
{
    struct rig rig = {.class = class, .rate_hz = rate_hz, .block = BLOCK_MAX, .seed = 1};
    rig.channels = channels ? channels : class->channels;
    if (class->n_params > RIG_PARAMS_MAX)
        die("too many parameters for the rig:", class->name);
    for (unsigned i = 0; i < rig.class->n_params; i++)
        rig.value[i] = rig.class->params[i].initial;
    measure(&rig);
    return rig;
}

struct rig rig_new(const char *type, double rate_hz, unsigned channels)
{
    const struct node_class *class = node_class_find(type);
    if (!class)
        die("no class", type);
    return rig_new_class(class, rate_hz, channels);
}

void rig_free(struct rig *rig)
{
    if (rig->state && rig->class->deinit)
        rig->class->deinit(rig->state);
    arena_deinit(&rig->arena);
    free(rig->played);
}

unsigned rig_row(const struct rig *rig, const char *param)
{
    for (unsigned i = 0; i < rig->class->n_params; i++)
        if (strcmp(rig->class->params[i].name, param) == 0)
            return i;
    die("no parameter", param);
    return 0;
}

void rig_set(struct rig *rig, const char *param, float value)
{
    rig->value[rig_row(rig, param)] = value;
    if (!rig->state)
        measure(rig);
}

void rig_curve(struct rig *rig, const char *param, const float *values)
{
    rig->curve[rig_row(rig, param)] = values;
}

void rig_media(struct rig *rig, const char *param, const struct media *media)
{
    rig->media[rig_row(rig, param)] = media;
}

int rig_try(struct rig *rig, struct error *error)
{
    struct node_init init = {&rig->arena,
                             rig->rate_hz,
                             rig->channels,
                             rig->value,
                             rig->media,
                             rig->texts,
                             rig->disk,
                             &rig->latency_frames,
                             .voice = rig->voice,
                             .loudness = rig->loudness,
                             .streams = rig->streams};
    for (unsigned i = 0; i < rig->class->n_readings; i++)
        rig->readings[i] = rig->class->readings[i].initial;
    measure(rig);
    void *state = arena_take(&rig->arena, rig->class->state_bytes);
    if (!state)
        die("no memory for", rig->class->name);
    int code = rig->class->init ? rig->class->init(state, &init, error) : 0;
    rig->state = code ? NULL : state;
    return code;
}

void rig_start(struct rig *rig)
{
    struct error error = {0};
    if (rig_try(rig, &error))
        die("init refused:", error.text);
}

static unsigned next_length(struct rig *rig)
{
    if (rig->block)
        return rig->block;
    rig->seed = rig->seed * 1664525u + 1013904223u;
    return 1 + (rig->seed >> 16) % BLOCK_MAX;
}

static void music_advance(struct rig *rig, unsigned n)
{
    rig->frame += n;
    rig->position += rig->is_rolling ? n : 0;
}

/* Those of the block, in the frames of the block. */
static void events_fill(const struct rig *rig, struct event_list *list, size_t at, unsigned n)
{
    list->n = 0;
    for (size_t i = 0; i < rig->n_events; i++) {
        struct event event = rig->events[i];
        if (event.offset < at || event.offset >= at + n)
            continue;
        if (list->n == EVENTS_MOST)
            die("too many events in a block for", rig->class->name);
        event.offset -= (uint32_t)at;
        list->event[list->n++] = event;
    }
}

static void events_keep(struct rig *rig, const struct event_list *list, unsigned n)
{
    uint32_t last = 0;
    if (!list->n)
        return;
    rig->played = realloc(rig->played, (rig->n_played + list->n) * sizeof *rig->played);
    if (!rig->played)
        die("memory ran out", "");
    for (unsigned i = 0; i < list->n; i++) {
        struct event event = list->event[i];
        if (event.offset < last || event.offset >= n)
            die("an event is not in its order or not in its block:", rig->class->name);
        last = event.offset;
        event.offset += (uint32_t)rig->frame;
        rig->played[rig->n_played++] = event;
    }
}

/* One call of process, on aligned copies, with out prefilled with garbage so that an unwritten frame shows. */
static void block_process(struct rig *rig, const float *const *in, float *const *out, size_t at, unsigned n)
{
    static _Alignas(64) float buffers[2 * RIG_CHANNELS_MAX][BLOCK_MAX];
    static _Alignas(64) float curves[RIG_PARAMS_MAX][BLOCK_MAX];
    const float *ins[RIG_CHANNELS_MAX];
    float *outs[RIG_CHANNELS_MAX], *device[PORT_CHANNELS_MAX] = {0};
    struct param params[RIG_PARAMS_MAX];
    struct tempo_meter meter = {1, 0, 4, 4};
    struct tempo_stretch stretch = {0, 0, 120000000};
    struct tempo_map map = {(uint32_t)rig->rate_hz, 0, 1, 1, &meter, &stretch};
    struct music music = {rig->is_rolling, rig->position, rig->map ? rig->map : &map};
    for (unsigned c = 0; c < rig->n_out; c++) {
        bool shared = rig->in_place && c < rig->n_in;
        outs[c] = shared ? buffers[c] : buffers[RIG_CHANNELS_MAX + c];
        for (unsigned i = 0; i < BLOCK_MAX; i++)
            outs[c][i] = 1e9f;
    }
    for (unsigned c = 0; c < rig->n_in; c++) {
        ins[c] = buffers[c];
        memset(buffers[c], 0, sizeof buffers[c]);
        if (in && in[c])
            memcpy(buffers[c], in[c] + at, n * sizeof(float));
    }
    for (unsigned i = 0; i < rig->class->n_params; i++) {
        params[i] = (struct param){.value = rig->value[i], .ticks = rig->ticks[i]};
        if (!rig->curve[i])
            continue;
        memcpy(curves[i], rig->curve[i] + at, n * sizeof(float));
        params[i] = (struct param){.frames = curves[i], .value = curves[i][0], .ticks = rig->ticks[i]};
    }
    for (unsigned c = 0; rig->device && c < rig->channels; c++)
        device[c] = rig->device[c] ? rig->device[c] + at : NULL;
    static struct event_list events, told, lists[POLYPHONY_MOST + POLYPHONY_SPARE];
    static struct voice_slot slots[POLYPHONY_MOST + POLYPHONY_SPARE];
    unsigned n_lists = rig->class->voices_by ? (unsigned)rig->value[rig->class->voices_by - 1] + POLYPHONY_SPARE : 1;
    told.n = 0;
    events_fill(rig, &events, at, n);
    for (unsigned i = 0; i < n_lists; i++)
        lists[i].n = 0;
    if (rig->frame == 0)
        memset(slots, 0, sizeof slots);
    rig->class->process(rig->state, &(struct node_io){.in = ins,
                                                      .out = outs,
                                                      .param = params,
                                                      .device = device,
                                                      .midi = rig->midi,
                                                      .midi_at = (uint32_t)at,
                                                      .readings = rig->readings,
                                                      .music = &music,
                                                      .events = &events,
                                                      .events_out = lists,
                                                      .slots = slots,
                                                      .told = &told,
                                                      .frame = rig->frame,
                                                      .n = n,
                                                      .wired = ~rig->unwired});
    for (unsigned c = 0; c < rig->n_out; c++)
        if (out[c])
            memcpy(out[c] + at, outs[c], n * sizeof(float));
    for (unsigned i = 0; i < n_lists; i++)
        events_keep(rig, &lists[i], n);
    if (told.n)
        rig->told = told.event[told.n - 1];
    rig->n_told += told.n;
    music_advance(rig, n);
}

#define STORM_MOST(n) ((n) / STORM_SLOT * 8 + 64)

static struct event *storm_new(struct rig *rig, size_t n_frames)
{
    const struct node_class *class = rig->class;
    if (!rig->storms || rig->events || port_info_of_events(class->inputs, class->n_inputs) == class->n_inputs)
        return NULL;
    struct event *events = malloc(STORM_MOST(n_frames) * sizeof *events);
    if (!events)
        die("memory ran out", "");
    rig->events = events;
    rig->n_events = storm_fill(rig->frame, n_frames, events, (unsigned)STORM_MOST(n_frames));
    return events;
}

void rig_process(struct rig *rig, const float *const *in, float *const *out, size_t n_frames)
{
    struct event *storm = storm_new(rig, n_frames);
    for (size_t at = 0; at < n_frames;) {
        unsigned n = next_length(rig);
        n = n_frames - at < n ? (unsigned)(n_frames - at) : n;
        block_process(rig, in, out, at, n);
        at += n;
    }
    memset(rig->curve, 0, sizeof rig->curve);
    rig->events = NULL;
    rig->n_events = 0;
    free(storm);
}

float *rig_run(struct rig *rig, const float *in, size_t n_frames)
{
    const float *ins[RIG_CHANNELS_MAX];
    float *outs[RIG_CHANNELS_MAX] = {malloc(n_frames * sizeof(float))};
    for (unsigned c = 0; c < rig->n_in; c++)
        ins[c] = in;
    if (!outs[0])
        die("no memory for", "a run");
    rig_process(rig, ins, outs, n_frames);
    return outs[0];
}

float *rig_impulse_response(struct rig *rig, size_t n)
{
    float *in = calloc(n, sizeof *in);
    if (!in)
        die("memory ran out", "");
    in[0] = 1;
    rig_start(rig);
    float *out = rig_run(rig, in, n);
    free(in);
    return out;
}

float rig_reading(struct rig *rig, const char *name)
{
    for (unsigned i = 0; i < rig->class->n_readings; i++)
        if (strcmp(rig->class->readings[i].name, name) == 0)
            return atomic_load(&rig->readings[i]);
    die("no reading", name);
    return 0;
}
