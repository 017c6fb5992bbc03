/* Measures what passes, and passes it on bit by bit.
 *
 *      in --+--------------------------------------------> out
 *           +--> [finite?] --> sums of x and x^2, ends --> min, max, rms, dc
 *                    +-------> count --------------------> nonfinite
 *
 * All of it is over all channels, since the last reset or the beginning. The sums are exact for hours: a block is summed
 * in double, where 256 samples lose nothing, and blocks are added with what the addition lost carried along (A. Neumaier,
 * "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", ZAMM 54, 1974).
 */
#include <string.h>

#include "graph/dsp/run.h"
#include "graph/dsp/vector.h"
#include "graph/node.h"
#include "graph/rt_only.h"

enum { RESET };
enum { MIN, MAX, RMS, DC, NONFINITE };

static const struct param_info params[] = {
    [RESET] = {"reset", "", "Switched on, all readings begin anew with that frame; switched off, nothing happens.", NULL, 0,
               1, 0, .kind = PARAM_SWITCH, .flags = PARAM_TRANSIENT},
};

static const struct reading_info readings[] = {
    [MIN] = {"min", "", "The lowest sample."},
    [MAX] = {"max", "", "The highest sample."},
    [RMS] = {"rms", "", "Square root of the mean of the squares of all samples."},
    [DC] = {"dc", "", "The mean of all samples."},
    [NONFINITE] = {"nonfinite", "", "Samples that were no numbers or infinite, which the other readings leave out."},
};

static const struct port_info inputs[] = {{"in", "The signal.", 0}};
static const struct port_info outputs[] = {{"out", "The same, whatever it is.", 0}};

/* A sum and what its additions have lost. */
struct sum {
    double value, lost;
};

struct probe {
    struct sum of_x, of_squares;
    float least, most; /* infinite, the wrong way round, while nothing was counted */
    uint64_t n_finite, n_nonfinite;
    unsigned channels;
    bool was_reset; /* value of the switch in the frame before */
};

/* Every eighth sample has a lane of its own, so that the compiler need not keep their order. */
struct lanes {
    DOUBLE4 of_x[2], of_squares[2];
    FLOAT8 least, most;
    INT8 finite; /* minus the count */
};

static void begin_anew(struct probe *probe)
{
    probe->of_x = probe->of_squares = (struct sum){0};
    probe->least = INFINITY;
    probe->most = -INFINITY;
    probe->n_finite = probe->n_nonfinite = 0;
}

static int probe_init(void *state, const struct node_init *init, struct error *error)
{
    struct probe *probe = state;
    (void)error;
    probe->channels = init->channels;
    begin_anew(probe);
    return 0;
}

static inline void add(struct sum *sum, double x)
{
    double next = sum->value + x;
    sum->lost += fabs(sum->value) >= fabs(x) ? (sum->value - next) + x : (x - next) + sum->value;
    sum->value = next;
}

static inline void look_at_eight(struct lanes *lanes, const float *x)
{
    FLOAT8 v;
    DOUBLE4 wide[2];
    memcpy(&v, x, sizeof v);
    INT8 finite = v - v == 0;
    INT8 lower = finite & (v < lanes->least), higher = finite & (v > lanes->most);
    lanes->least = VECTOR_CHOOSE(lower, v, lanes->least);
    lanes->most = VECTOR_CHOOSE(higher, v, lanes->most);
    lanes->finite += finite;
    v = (FLOAT8)(finite & (INT8)v);
    vector_widen(wide, (const float *)&v);
    for (int k = 0; k < 2; k++) {
        lanes->of_x[k] += wide[k];
        lanes->of_squares[k] += wide[k] * wide[k];
    }
}

static inline double across(const DOUBLE4 quarter[2])
{
    DOUBLE4 sum = quarter[0] + quarter[1];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

DAWD_CLONES static void look_at(struct probe *probe, const float *x, unsigned n)
{
    struct lanes lanes = {.least = (FLOAT8){0} + INFINITY, .most = (FLOAT8){0} - INFINITY};
    unsigned n_finite = 0, whole = n - n % VECTOR_WIDTH;
    float rest[VECTOR_WIDTH];
    for (const float *end = x + whole; x < end; x += VECTOR_WIDTH)
        look_at_eight(&lanes, x);
    /* What is not finite is left out, and so is the room behind the last frame. */
    for (unsigned i = 0; i < VECTOR_WIDTH; i++)
        rest[i] = i < n - whole ? x[i] : NAN;
    look_at_eight(&lanes, rest);
    for (unsigned i = 0; i < VECTOR_WIDTH; i++) {
        probe->least = lanes.least[i] < probe->least ? lanes.least[i] : probe->least;
        probe->most = lanes.most[i] > probe->most ? lanes.most[i] : probe->most;
        n_finite += (unsigned)-lanes.finite[i];
    }
    add(&probe->of_x, across(lanes.of_x));
    add(&probe->of_squares, across(lanes.of_squares));
    probe->n_finite += n_finite;
    probe->n_nonfinite += n - n_finite;
}

static void publish(const struct probe *probe, const struct node_io *io)
{
    double n = probe->n_finite ? (double)probe->n_finite : 1;
    reading_set(io, MIN, probe->n_finite ? probe->least : 0);
    reading_set(io, MAX, probe->n_finite ? probe->most : 0);
    reading_set(io, RMS, (float)sqrt((probe->of_squares.value + probe->of_squares.lost) / n));
    reading_set(io, DC, (float)((probe->of_x.value + probe->of_x.lost) / n));
    reading_set(io, NONFINITE, (float)probe->n_nonfinite);
}

static void probe_process(void *state, const struct node_io *io)
{
    struct probe *probe = state;
    const struct param *reset = &io->param[RESET];
    for (unsigned i = 0, run; i < io->n; i += run) {
        bool is_reset = param_at(reset, i) != 0;
        run = run_length(reset, i, io->n);
        if (is_reset && !probe->was_reset)
            begin_anew(probe);
        probe->was_reset = is_reset;
        for (unsigned c = 0; c < probe->channels; c++)
            look_at(probe, io->in[c] + i, run);
    }
    for (unsigned c = 0; c < probe->channels; c++)
        memmove(io->out[c], io->in[c], io->n * sizeof(float));
    publish(probe, io);
}

const struct node_class probe_node = {
    .name = "probe",
    .help = "Measures extremes, level and offset of what passes, and counts what is no number.",
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
    .finite = true,
    .state_bytes = sizeof(struct probe),
    .init = probe_init,
    .process = probe_process,
};
