#include "tests/graph_nodes.h"

#include <string.h>

#include "tests/event_nodes.h"
#include "tests/note_storm.h"

static const struct port_info wide_in_and_side[] = {{"in", "", 0}, {"side", "", 1}};
static const struct port_info wide_in[] = {{"in", "", 0}};
static const struct port_info wide_out[] = {{"out", "", 0}};
static const struct port_info three_in[] = {{"a", "", 1}, {"b", "", 1}, {"c", "", 1}};
static const struct port_info one_out[] = {{"out", "", 1}};
static const struct port_info one_in[] = {{"in", "", 1}};
static const struct param_info busy_params[] = {
    {"time", "", "", NULL, 0, 1e9f, 0, 0},
    {"broken", "", "", NULL, 0, 1, 0, 0, .kind = PARAM_SWITCH},
};
static const struct param_info late_params[] = {
    {"frames", "", "", NULL, 0, RIG_LATE_MOST, 0, 0, .kind = PARAM_INTEGER, .flags = PARAM_FIXED}};
static const struct param_info source_params[] = {{"value", "", "", NULL, -1e6f, 1e6f, 1, 0}};
static const struct param_info probe_params[] = {
    {"level", "", "", NULL, -10, 10, 0, 0.01f},
    {"tone", "Hz", "", NULL, 10, 1000, 100, 0.01f, .curve = CURVE_LOG},
    {"mode", "", "", NULL, 0, 3, 0, 0, .kind = PARAM_INTEGER},
};

static int width_init(void *state, const struct node_init *init, struct error *error)
{
    (void)error;
    *(unsigned *)state = init->channels;
    return 0;
}

static void source_process(void *state, const struct node_io *io)
{
    const unsigned *channels = state;
    for (unsigned c = 0; c < *channels; c++)
        for (unsigned i = 0; i < io->n; i++)
            io->out[c][i] = param_at(&io->param[0], i) + (float)c;
}

static void counter_process(void *state, const struct node_io *io)
{
    const unsigned *channels = state;
    for (unsigned c = 0; c < *channels; c++)
        for (unsigned i = 0; i < io->n; i++)
            io->out[c][i] = (float)(io->frame + i);
}

static void sum_process(void *state, const struct node_io *io)
{
    (void)state;
    for (unsigned i = 0; i < io->n; i++)
        io->out[0][i] = io->in[0][i] + 2 * io->in[1][i] + 4 * io->in[2][i];
}

static int probe_init(void *state, const struct node_init *init, struct error *error)
{
    (void)error;
    ((struct probe *)state)->channels = init->channels;
    return 0;
}

static void probe_process(void *state, const struct node_io *io)
{
    struct probe *probe = state;
    for (unsigned i = 0; i < io->n && probe->at < PROBE_FRAMES; i++, probe->at++) {
        for (unsigned c = 0; c < probe->channels; c++)
            probe->take[c][probe->at] = io->in[c][i];
        probe->take[PROBE_SIDE][probe->at] = io->in[probe->channels][i];
        for (unsigned p = 0; p < ROWS(probe_params); p++)
            probe->take[PROBE_LEVEL + p][probe->at] = param_at(&io->param[p], i);
        probe->take[PROBE_TICKS][probe->at] = (float)io->param[1].ticks;
    }
    for (unsigned c = 0; c < probe->channels; c++) {
        probe->in[c] = io->in[c];
        memcpy(io->out[c], io->in[c], io->n * sizeof(float));
    }
    probe->level_is_constant = param_is_constant(&io->param[0]);
    probe->n_frames += io->n;
}

/* Of one second exactly, so that the phase is right at any frame. */
static int tone_init(void *state, const struct node_init *init, struct error *error)
{
    (void)error;
    *(double *)state = init->rate_hz;
    return 0;
}

static void tone_process(void *state, const struct node_io *io)
{
    double rate_hz = *(const double *)state;
    for (unsigned i = 0; i < io->n; i++)
        io->out[0][i] =
            (float)(RIG_TONE_LEVEL * sin(2 * M_PI * RIG_TONE_HZ * (double)((io->frame + i) % (uint64_t)rate_hz) / rate_hz));
}

struct late {
    float *line[PORT_CHANNELS_MAX];
    unsigned channels, frames, at;
};

static int late_init(void *state, const struct node_init *init, struct error *error)
{
    struct late *late = state;
    (void)error;
    *late = (struct late){.channels = init->channels, .frames = (unsigned)init->param[0]};
    *init->latency_frames = late->frames;
    for (unsigned c = 0; c < late->channels; c++)
        if (!(late->line[c] = arena_take(init->arena, (RIG_LATE_MOST + 1) * sizeof(float))))
            return ERROR_INTERNAL;
    return 0;
}

static void late_process(void *state, const struct node_io *io)
{
    struct late *late = state;
    for (unsigned i = 0; i < io->n; i++, late->at = (late->at + 1) % (RIG_LATE_MOST + 1))
        for (unsigned c = 0; c < late->channels; c++) {
            late->line[c][late->at] = io->in[c][i];
            io->out[c][i] = late->line[c][(late->at + RIG_LATE_MOST + 1 - late->frames) % (RIG_LATE_MOST + 1)];
        }
}

uint64_t rig_clock_ns;

static uint64_t rig_clock_now(void *self)
{
    (void)self;
    return rig_clock_ns;
}

const struct clock rig_clock = {rig_clock_now, NULL};

static void busy_process(void *state, const struct node_io *io)
{
    (void)state;
    for (unsigned i = 0; i < io->n; i++)
        io->out[0][i] = io->param[1].value != 0.0f ? NAN : io->in[0][i];
    rig_clock_ns += (uint64_t)io->param[0].value;
}

const struct node_class rig_busy = {.name = "busy",
                                    .params = busy_params,
                                    .n_params = ROWS(busy_params),
                                    .inputs = one_in,
                                    .n_inputs = 1,
                                    .outputs = one_out,
                                    .n_outputs = 1,
                                    .channels = 1,
                                    .process = busy_process};
const struct node_class rig_source = {.name = "source",
                                      .params = source_params,
                                      .n_params = 1,
                                      .outputs = wide_out,
                                      .n_outputs = 1,
                                      .channels = 1,
                                      .channels_max = PORT_CHANNELS_MAX,
                                      .state_bytes = sizeof(unsigned),
                                      .init = width_init,
                                      .process = source_process};
const struct node_class rig_counter = {.name = "counter",
                                       .outputs = wide_out,
                                       .n_outputs = 1,
                                       .channels = 1,
                                       .channels_max = PORT_CHANNELS_MAX,
                                       .state_bytes = sizeof(unsigned),
                                       .init = width_init,
                                       .process = counter_process};
const struct node_class rig_sum = {.name = "sum",
                                   .inputs = three_in,
                                   .n_inputs = 3,
                                   .outputs = one_out,
                                   .n_outputs = 1,
                                   .channels = 1,
                                   .process = sum_process};
const struct node_class rig_probe = {.name = "probe",
                                     .params = probe_params,
                                     .n_params = ROWS(probe_params),
                                     .inputs = wide_in_and_side,
                                     .n_inputs = 2,
                                     .outputs = wide_out,
                                     .n_outputs = 1,
                                     .channels = 1,
                                     .channels_max = PORT_CHANNELS_MAX,
                                     .state_bytes = sizeof(struct probe),
                                     .init = probe_init,
                                     .process = probe_process};

const struct node_class rig_tone = {.name = "tone",
                                    .outputs = one_out,
                                    .n_outputs = 1,
                                    .channels = 1,
                                    .state_bytes = sizeof(double),
                                    .init = tone_init,
                                    .process = tone_process};
const struct node_class rig_late = {.name = "late",
                                    .params = late_params,
                                    .n_params = 1,
                                    .inputs = wide_in,
                                    .n_inputs = 1,
                                    .outputs = wide_out,
                                    .n_outputs = 1,
                                    .channels = 1,
                                    .channels_max = PORT_CHANNELS_MAX,
                                    .state_bytes = sizeof(struct late),
                                    .init = late_init,
                                    .process = late_process};

const struct node_class *graph_nodes_class(const char *name)
{
    static const struct node_class *const own[] = {&rig_source, &rig_counter, &rig_sum,   &rig_probe, &rig_tone, &rig_late,
                                                   &rig_busy,   &rig_ear,     &rig_piper, &rig_relay, &rig_storm};
    for (unsigned i = 0; i < ROWS(own); i++)
        if (strcmp(own[i]->name, name) == 0)
            return own[i];
    return node_class_find(name);
}
