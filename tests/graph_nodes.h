/* Nodes for the tests of graph/, whose sound is known exactly. They are in no registry. */
#pragma once

#include "graph/clock_shared.h"
#include "graph/node.h"

#define PROBE_FRAMES 16384

enum { PROBE_SIDE = PORT_CHANNELS_MAX, PROBE_LEVEL, PROBE_TONE, PROBE_MODE, PROBE_TICKS, PROBE_ROWS };

/* The state of a "probe": it writes down what process was given, and passes `in` on to `out`. Its inputs are `in`, as wide
 * as the node, and `side`, one channel. */
struct probe {
    const float *in[PORT_CHANNELS_MAX]; /* where process found its input last: addresses */
    bool level_is_constant;             /* the shape of the parameter, last */
    uint64_t n_frames;                  /* processed ever */
    unsigned channels;
    size_t at;                            /* frames in `take`; the test sets it back to 0 */
    float take[PROBE_ROWS][PROBE_FRAMES]; /* channels of `in`, then PROBE_SIDE …: what came; ticks are those of tone */
};

/* "source": out c = value + c. "counter": the number of the frame. "sum": one channel per port a, b, c; out = a + 2b +
 * 4c. "probe": parameters level (-10..10, linear, glides 0.01 s), tone (10..1000, log, 0.01 s), mode (0..3, whole, no glide). */
extern const struct node_class rig_source, rig_counter, rig_sum, rig_probe;

/* "tone": a sine of 997 Hz at -6 dB, a function of the engine's frame alone. "late": gives its input `frames` later and tells so. */
extern const struct node_class rig_tone, rig_late;
#define RIG_TONE_HZ    997.0
#define RIG_TONE_LEVEL 0.5011872336272722
#define RIG_LATE_MOST  4096

/* "busy": passes `in` on, and each time it runs moves the clock below by `time` ns; while `broken` is 1, it gives NaN. */
extern const struct node_class rig_busy;
extern uint64_t rig_clock_ns;
extern const struct clock rig_clock;

/* The class of that name, of these or of the registry, or null. */
const struct node_class *graph_nodes_class(const char *name);
