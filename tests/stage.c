#include "tests/stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/event_nodes.h"
#include "tests/note_storm.h"
#include "tests/sampler_rig.h"
#include "tests/smf_rig.h"
#include "tests/trial.h"

#define FILE_FRAMES 240000 /* a second at the highest rate, played faster */

static _Noreturn void die(const char *what, const struct error *error)
{
    fprintf(stderr, "stage: %s: %s\n", what, error ? error->text : "memory ran out");
    exit(2);
}

/* Made once: many stages come and go. */
static float *file_noise(void)
{
    static struct take noise;
    if (!noise.channel[0])
        noise = take_new(1, 2 * FILE_FRAMES, 0.5, 99);
    return noise.channel[0];
}

/* Of the same noise, looped in low keys and once in high ones, which end each other. */
static struct media *instrument(void)
{
    static struct sampler_rig made;
    if (made.instrument.n_zones)
        return &made.file;
    struct instrument_zone *low = sampler_rig_add(&made, file_noise(), FILE_FRAMES, 2, 44100);
    low->key_high = 59;
    low->loop_mode = INSTRUMENT_LOOPS;
    low->loop_start = 1000;
    low->loop_end = 1777;
    low->envelope = (struct instrument_envelope){.attack_s = 0.001f, .decay_s = 0.02f, .sustain = 0.5f, .release_s = 0.01f};
    struct instrument_zone *high = sampler_rig_add(&made, file_noise(), FILE_FRAMES, 2, 48000);
    high->key_low = 60;
    high->end = 3000;
    high->group = high->off_by = 1;
    return sampler_rig_file(&made);
}

static struct media *media_of(struct stage *stage, enum media_kind kind)
{
    return kind == MEDIA_MIDI ? smf_song_media() : kind == MEDIA_INSTRUMENT ? instrument() : &stage->media;
}

struct stage *stage_new(double rate_hz)
{
    struct stage *stage = calloc(1, sizeof *stage);
    struct error error = {0};
    if (!stage || !(stage->ctl = ctl_new(rate_hz, NULL)) || ctl_add_fixtures(stage->ctl, &error) ||
        offline_init(&stage->offline, stage->ctl, 2 * STAGE_CHANNELS, STAGE_PERIOD))
        die("no engine", NULL);
    /* One reference is the stage's own: nobody ever releases it. */
    stage->media = (struct media){file_noise(), FILE_FRAMES, 2, rate_hz, rate_hz, 1, NULL};
    return stage;
}

void stage_free(struct stage *stage)
{
    ctl_free(stage->ctl);
    offline_deinit(&stage->offline);
    free(stage);
}

/* Sent with the next cycle, all edits before it in one plan: a plan for each would be more than may be under way. */
static void commit(struct tx *tx)
{
    tx_commit(tx, (struct completion){0});
}

static void node_add(struct stage *stage, const struct node_class *class, const char *name, const float *values)
{
    struct error error = {0};
    struct tx *tx = tx_open(stage->ctl, 0);
    float initial[RIG_PARAMS_MAX];
    char *texts[RIG_PARAMS_MAX] = {0};
    struct media *media[RIG_PARAMS_MAX] = {0};
    char path[] = "noise.wav";
    for (unsigned row = 0; row < class->n_params; row++) {
        initial[row] = class->params[row].initial;
        if (param_is_path(&class->params[row]))
            texts[row] = path;
        if (class->params[row].kind == PARAM_FILE)
            media[row] = media_of(stage, class->params[row].reads);
    }
    struct node_spec spec = {
        .class = class, .name = name, .values = values ? values : initial, .texts = texts, .media = media};
    if (!tx || tx_add_node(tx, &spec, &error))
        die(class->name, &error);
    commit(tx);
}

static void connect(struct stage *stage, const struct edge_spec *spec)
{
    struct error error = {0};
    struct tx *tx = tx_open(stage->ctl, 0);
    if (!tx || tx_connect(tx, spec, &error))
        die(spec->to, &error);
    commit(tx);
}

static bool takes_notes(const struct node_class *class)
{
    return port_info_of_events(class->inputs, class->n_inputs) < class->n_inputs;
}

static bool gives_notes_only(const struct node_class *class)
{
    return class->n_outputs == 1 && class->outputs[0].events && !class->voices_by;
}

/* Connects the ports of notes of two nodes. */
static void notes_wire(struct stage *stage, const char *from, const char *to)
{
    const struct node_class *source = model_find(&stage->ctl->model, from)->class;
    const struct node_class *target = model_find(&stage->ctl->model, to)->class;
    char out[NAME_BYTES + 64], in[NAME_BYTES + 64];
    snprintf(out, sizeof out, "%s:%s", from, source->outputs[port_info_of_events(source->outputs, source->n_outputs)].name);
    snprintf(in, sizeof in, "%s:%s", to, target->inputs[port_info_of_events(target->inputs, target->n_inputs)].name);
    connect(stage, &(struct edge_spec){.from = out, .to = in});
}

void stage_add(struct stage *stage, const struct node_class *class, const char *name, const float *values)
{
    char other[NAME_BYTES];
    node_add(stage, class, name, values);
    if (takes_notes(class) && !stage->is_calm) {
        snprintf(other, sizeof other, "%.200s-storm", name);
        node_add(stage, &rig_storm, other, (const float[]){(float)stage->storm_on, (float)stage->storm_period});
        notes_wire(stage, other, name);
    }
    if (gives_notes_only(class)) {
        snprintf(other, sizeof other, "%.200s-ear", name);
        node_add(stage, &rig_ear, other, NULL);
        notes_wire(stage, name, other);
        stage_wire(stage, other, "out");
    }
}

/* The name of the n-th port that the node has, from 0; null when there are fewer. */
static const char *output_name(const struct node *node, unsigned n)
{
    for (unsigned i = 0; i < node->class->n_outputs; i++)
        if (node_output_channels(node, i) && n-- == 0)
            return node->class->outputs[i].name;
    return NULL;
}

static const char *input_name(const struct node *node, unsigned n)
{
    for (unsigned i = 0; i < node->class->n_inputs; i++)
        if (node_input_channels(node, i) && n-- == 0)
            return node->class->inputs[i].name;
    return NULL;
}

void stage_wire(struct stage *stage, const char *from, const char *to)
{
    const struct node *source = model_find(&stage->ctl->model, from), *target = model_find(&stage->ctl->model, to);
    const char *output = output_name(source, 0), *input = input_name(target, 0);
    for (unsigned i = 0; output && input; i++) {
        const char *next_output = output_name(source, i), *next_input = input_name(target, i);
        if (!next_output && !next_input)
            return;
        output = next_output ? next_output : output;
        input = next_input ? next_input : input;
        char out[NAME_BYTES + 64], in[NAME_BYTES + 64];
        snprintf(out, sizeof out, "%s:%s", from, output);
        snprintf(in, sizeof in, "%s:%s", to, input);
        connect(stage, &(struct edge_spec){.from = out, .to = in});
    }
}

void stage_modulate(struct stage *stage, const char *from, const char *to, unsigned row, double depth)
{
    const struct node *target = model_find(&stage->ctl->model, to);
    char in[NAME_BYTES + 64];
    snprintf(in, sizeof in, "%s:%s", to, target->class->params[row].name);
    connect(stage, &(struct edge_spec){.from = from, .to = in, .depth = (float)depth, .has_depth = true});
}

void stage_ceiling(struct stage *stage, double db)
{
    struct node *out = model_find(&stage->ctl->model, "out");
    struct error error = {0};
    unsigned row;
    if (node_param_find(out->class, out->values, "ceiling", &row, &error) ||
        ctl_set_value(stage->ctl, out, row, (float)db, 0, &error))
        die("ceiling", &error);
}

void stage_run(struct stage *stage, size_t n_frames, unsigned period)
{
    for (size_t at = 0; at < n_frames;) {
        unsigned n = n_frames - at < period ? (unsigned)(n_frames - at) : period;
        ctl_poll(stage->ctl);
        uint64_t frame = ctl_clock(stage->ctl);
        for (unsigned c = 0; c < STAGE_CHANNELS; c++)
            for (unsigned i = 0; i < n; i++)
                stage->offline.ports[c][i] = stage->sound ? stage->sound(stage->user, c, frame + i) : 0;
        if (!offline_cycle(&stage->offline, n))
            die("the engine is taken", &(struct error){0});
        for (unsigned c = 0; c < STAGE_CHANNELS; c++)
            if (stage->heard[c])
                memcpy(stage->heard[c] + at, stage->offline.ports[STAGE_CHANNELS + c], n * sizeof(float));
        at += n;
    }
    ctl_poll(stage->ctl);
}
