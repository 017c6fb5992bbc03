/* Tells how loud the sound that passes is, to the ear and to the converter, and passes it on bit by bit.
 *
 *      in --+-------------------------------------------------------------------> out
 *           +--> largest |x| since the reset ---------------------------> peak
 *           +--> mean of x^2 in slots of 10 ms --> mean of the last ones -> rms
 *           +--> ring ==> another thread: K-weighting, gates, 4 x -------> true peak, loudness, range
 *                         (ITU-R BS.1770-4, EBU R 128, Tech 3341 and 3342)
 *
 * All of it is over all channels together; what each channel is like, the levels of the port tell. What takes long is not
 * measured on the audio thread: it trails by some hundredths of a second, in a render by nothing.
 */
#include <string.h>

#include "graph/dsp/finite.h"
#include "graph/dsp/run.h"
#include "graph/dsp/vector.h"
#include "graph/loudness.h"
#include "graph/node.h"
#include "graph/rt_only.h"

enum { RESET, WINDOW };
enum { PEAK, TRUE_PEAK, RMS, MOMENTARY, SHORT_TERM, INTEGRATED, RANGE, LOST };

#define SLOT_S       0.01
#define WINDOW_MAX_S 3
#define N_SLOTS      300     /* WINDOW_MAX_S / SLOT_S */
#define RESTS_S      3.2     /* of silence, until all windows are empty */
#define RESTS_BELOW  -130.0f /* LUFS; 8 channels at SLEEP_LEVEL come to -147 */

static const struct param_info params[] = {
    [RESET] =
        {"reset", "",
         "Switched on, peaks, integrated loudness and range begin anew with that frame; switched off, nothing happens.",
         NULL, 0, 1, 0, .kind = PARAM_SWITCH, .flags = PARAM_TRANSIENT},
    [WINDOW] = {"window", "s", "How far back rms looks.", NULL, 0.01f, WINDOW_MAX_S, 0.4f, .curve = CURVE_LOG},
};

static const struct reading_info readings[] = {
    [PEAK] = {"peak", "dBFS", "The largest sample since the reset.", LOUDNESS_SILENCE},
    [TRUE_PEAK] = {"true_peak", "dBTP", "The highest point since the reset, between the samples too.", LOUDNESS_SILENCE},
    [RMS] = {"rms", "dBFS", "Mean power of the window, of all channels; -3.01 for a sine at full scale.", LOUDNESS_SILENCE},
    [MOMENTARY] = {"momentary", "LUFS", "Loudness of the last 400 ms.", LOUDNESS_SILENCE},
    [SHORT_TERM] = {"short_term", "LUFS", "Loudness of the last 3 s.", LOUDNESS_SILENCE},
    [INTEGRATED] = {"integrated", "LUFS", "Loudness of all since the reset, silence and pauses left out.",
                    LOUDNESS_SILENCE},
    [RANGE] = {"range", "LU", "How far the soft parts lie below the loud ones, since the reset."},
    [LOST] = {"lost", "frames", "Frames since the reset that loudness and true peak lack, as the machine was too slow."},
};

static const struct port_info inputs[] = {{"in", "The sound.", 0}};
static const struct port_info outputs[] = {{"out", "The same, whatever it is.", 0}};

struct meter_state {
    const struct loudness_service *service;
    struct loudness *loudness; /* null: nobody measures */
    unsigned channels;
    bool was_reset; /* value of the switch in the frame before */
    float peak;
    /* Slots of x^2, the newest complete one before `slot`. */
    double sums[N_SLOTS], sum; /* over all channels; and of the slot being filled */
    unsigned slot, n_slots;    /* place of that slot; complete ones, N_SLOTS at most */
    unsigned filled, slot_frames;
    float rms_db;
    double rate_hz;
};

static float db(double power)
{
    return power > 1e-20 ? (float)(10 * log10(power)) : LOUDNESS_SILENCE;
}

static int meter_init(void *state, const struct node_init *init, struct error *error)
{
    struct meter_state *meter = state;
    *meter = (struct meter_state){.service = init->loudness,
                                  .channels = init->channels,
                                  .slot_frames = (unsigned)(SLOT_S * init->rate_hz + 0.5),
                                  .rms_db = LOUDNESS_SILENCE,
                                  .rate_hz = init->rate_hz};
    struct loudness_spec spec = {init->channels, init->rate_hz, init->again};
    return init->loudness ? init->loudness->listen(init->loudness->self, &spec, &meter->loudness, error) : 0;
}

static void meter_deinit(void *state)
{
    struct meter_state *meter = state;
    if (meter->loudness)
        meter->service->release(meter->service->self, meter->loudness);
}

/* ---- peak and power ------------------------------------------------------------------------------------------------- */

struct lanes {
    FLOAT8 most;
    DOUBLE4 squares[2];
};

static inline void look_at_eight(struct lanes *lanes, const float *x, size_t n_bytes)
{
    FLOAT8 v = {0};
    DOUBLE4 wide[2];
    memcpy(&v, x, n_bytes);
    v = (FLOAT8)((INT8)v & 0x7fffffff);
    v = (FLOAT8)((v == v) & (INT8)v);
    v = VECTOR_CHOOSE(v < LOUDNESS_MOST, v, (FLOAT8){0} + LOUDNESS_MOST);
    lanes->most = VECTOR_CHOOSE(v > lanes->most, v, lanes->most);
    vector_widen(wide, (const float *)&v);
    lanes->squares[0] += wide[0] * wide[0];
    lanes->squares[1] += wide[1] * wide[1];
}

DAWD_CLONES static void look_at(struct meter_state *meter, const float *x, unsigned n)
{
    struct lanes lanes = {0};
    unsigned i = 0;
    for (; i + VECTOR_WIDTH <= n; i += VECTOR_WIDTH)
        look_at_eight(&lanes, x + i, sizeof lanes.most);
    look_at_eight(&lanes, x + i, (n - i) * sizeof *x);
    for (unsigned k = 0; k < VECTOR_WIDTH; k++) {
        meter->peak = lanes.most[k] > meter->peak ? lanes.most[k] : meter->peak;
        meter->sum += lanes.squares[k / 4][k % 4];
    }
}

static void slot_end(struct meter_state *meter, float window_s)
{
    unsigned n = (unsigned)(window_s / SLOT_S + 0.5);
    double sum = 0;
    meter->sums[meter->slot] = meter->sum;
    meter->slot = (meter->slot + 1) % N_SLOTS;
    meter->n_slots += meter->n_slots < N_SLOTS;
    n = n > meter->n_slots ? meter->n_slots : n < 1 ? 1 : n;
    for (unsigned k = 1; k <= n; k++)
        sum += meter->sums[(meter->slot + N_SLOTS - k) % N_SLOTS];
    meter->rms_db = db(sum / ((double)n * meter->slot_frames * meter->channels));
    meter->sum = 0;
    meter->filled = 0;
}

static void measure(struct meter_state *meter, const struct node_io *io, unsigned from, unsigned end)
{
    for (unsigned i = from, take; i < end; i += take) {
        unsigned left = meter->slot_frames - meter->filled;
        take = end - i < left ? end - i : left;
        for (unsigned c = 0; c < meter->channels; c++)
            look_at(meter, io->in[c] + i, take);
        meter->filled += take;
        if (take == left)
            slot_end(meter, param_at(&io->param[WINDOW], i));
    }
    if (meter->loudness)
        loudness_run_rt(meter->loudness, io->in, from, end - from);
}

/* ---- the node ------------------------------------------------------------------------------------------------------- */

static void publish(const struct meter_state *meter, const struct node_io *io)
{
    static const unsigned char rows[N_LOUDNESS_FIGURES] = {[LOUDNESS_MOMENTARY] = MOMENTARY,
                                                           [LOUDNESS_SHORT_TERM] = SHORT_TERM,
                                                           [LOUDNESS_TRUE_PEAK] = TRUE_PEAK,
                                                           [LOUDNESS_INTEGRATED] = INTEGRATED,
                                                           [LOUDNESS_RANGE] = RANGE};
    float peak_db = db((double)meter->peak * (double)meter->peak);
    reading_set(io, PEAK, peak_db);
    reading_set(io, RMS, meter->rms_db);
    for (unsigned i = 0; i < N_LOUDNESS_FIGURES; i++) {
        float value = meter->loudness ? loudness_value_rt(meter->loudness, i) : readings[rows[i]].initial;
        /* No sample is higher than the true peak, which comes later. */
        reading_set(io, rows[i], i == LOUDNESS_TRUE_PEAK && peak_db > value ? peak_db : value);
    }
    reading_set(io, LOST, meter->loudness ? (float)atomic_load_explicit(&meter->loudness->lost, memory_order_relaxed) : 0);
}

static void meter_process(void *state, const struct node_io *io)
{
    struct meter_state *meter = state;
    const struct param *reset = &io->param[RESET];
    for (unsigned i = 0, run; i < io->n; i += run) {
        bool is_reset = param_at(reset, i) != 0;
        run = run_length(reset, i, io->n);
        if (is_reset && !meter->was_reset) {
            meter->peak = 0;
            if (meter->loudness)
                loudness_reset_rt(meter->loudness);
        }
        meter->was_reset = is_reset;
        measure(meter, io, i, i + run);
    }
    for (unsigned c = 0; c < meter->channels; c++)
        memmove(io->out[c], io->in[c], io->n * sizeof(float));
    publish(meter, io);
}

/* Not before it has been told that all windows are empty: asleep, it tells nothing. */
static bool meter_settled(void *state, unsigned n, uint64_t quiet)
{
    const struct meter_state *meter = state;
    (void)n;
    return (double)quiet >= RESTS_S * meter->rate_hz &&
           (!meter->loudness || (loudness_value_rt(meter->loudness, LOUDNESS_MOMENTARY) < RESTS_BELOW &&
                                 loudness_value_rt(meter->loudness, LOUDNESS_SHORT_TERM) < RESTS_BELOW));
}

static void meter_rest(void *state)
{
    struct meter_state *meter = state;
    memset(meter->sums, 0, sizeof meter->sums);
    meter->sum = 0;
}

static void meter_skip(void *state, uint64_t frames)
{
    struct meter_state *meter = state;
    meter->filled = (unsigned)((meter->filled + frames) % meter->slot_frames);
}

const struct node_class meter_node = {
    .name = "meter",
    .help = "Measures peak, true peak and loudness (EBU R 128) of what passes.",
    .params = params,
    .n_params = ROWS(params),
    .inputs = inputs,
    .n_inputs = ROWS(inputs),
    .outputs = outputs,
    .n_outputs = ROWS(outputs),
    .readings = readings,
    .n_readings = ROWS(readings),
    .channels = 2,
    .channels_max = PORT_CHANNELS_MAX,
    .sleeps = {.can = true, .settled = meter_settled, .rest = meter_rest, .skip = meter_skip},
    .finite = true,
    .state_bytes = sizeof(struct meter_state),
    .init = meter_init,
    .deinit = meter_deinit,
    .process = meter_process,
};
