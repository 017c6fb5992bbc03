/* A plan: the graph compiled into a list of steps. Made by control, run by the audio thread: what a block needs to
 * point at (inputs, parameters) it writes into the steps, all else stays as compiled.
 *
 *     step:  [line per feedback edge in, delay per late edge] -> [mix per connected port] -> [parameters that move] -> process
 *            -> [line per feedback edge out, delay per late edge into a container]
 *
 * A plan holds order, buffers and pointers only. What lasts longer than an edit (node states, glides, edge gains) lives in
 * the objects that plans share; so swapping a plan is exchanging one pointer. The target gain of each edge is part of the
 * plan: an edge that finds another target than the one it goes to sets out for the new one, so that connecting,
 * disconnecting and changing a level are all the same thing, at no cost at the swap.
 */
#pragma once

#include "graph/compensation_shared.h"
#include "graph/node.h"
#include "graph/object_shared.h"

/* One channel that an edge adds to, and the buffer of the source that it adds. One to many is many taps from one buffer,
 * many to one is many taps into one channel, the mean being in the gain. */
struct tap {
    const float *from;
    const bool *still; /* whether only its first frame is there (graph/dsp/still.h) */
    unsigned channel;  /* of the port that it goes to */
};

/* What `still` points at where no source says so: silence, and what moves at any time. */
extern const bool signal_is_still, signal_moves;

/* What a feedback edge takes from its source, once that has run. */
struct line_send {
    struct line_rt *line;
    const float *const *from; /* the source's buffers, per channel of the line */
    bool is_within;           /* where the source is in a container: so is the destination */
};

/* One edge into one port. Where its gain is at this moment is in the edge, which other plans share; where it shall be is
 * here. */
struct feed {
    struct edge_rt *edge;
    const bool *silent; /* of the source, or of the line */
    struct tap *taps;
    unsigned n_taps;
    float target;         /* where the edge's gain shall be */
    uint32_t fade_frames; /* how long it takes to get there */
    uint32_t wait_frames; /* until it sets out: what moves with it has to be ready first (graph/compensation.h) */
    uint64_t leaves;      /* for silence, after which the edge will be taken away: number of the edit, or 0 */
};

/* What a channel adds up once all gains of its mix are at rest, in the order of the feeds; those at 0 are left out. */
struct term {
    const float *from;
    const bool *silent; /* of the source; null: it is silence for ever */
    const bool *still;  /* as for struct tap */
    float gain;
};

struct terms {
    struct term *term;
    unsigned n;
    unsigned
        channel; /* whose sum it is: the first one's where that has the same terms, as where a mono signal feeds both */
};

/* All edges into one port, summed in their order: the same order gives the same bits. The three ways from sources to `in`:
 *     while a gain moves              the feeds are summed one by one, each as far on its way as it is
 *     at rest                         the terms are summed
 *     at rest, and one source each    the sources are passed on without a copy: `in` is set once and nothing runs any more
 * A source that is silent is left out whatever its buffer holds. Where all are, `in` is silence, and nothing runs.
 */
struct mix {
    struct feed *feeds;
    const float **in;   /* per channel of the port: what process will read; written by the mix */
    const bool **still; /* likewise: whether only the first frame of that is there; null: nobody asks, so all are */
    struct term *pass;  /* per channel: its source, or silence; null where a sum is needed even at rest */
    const float *silence;
    struct terms *terms; /* per channel; null where `pass` is not */
    unsigned n_feeds, n_channels;
    unsigned first_sum; /* of the scratch buffers that its channels are summed into, one per channel */
    bool rests;  /* written by the mix: every gain is where this plan wants it, and stays there as long as the plan runs */
    bool sounds; /* written by the mix: `in` is not silence */
};

/* The modulation of one parameter: a mix whose single channel is added to the base value. */
struct modulation {
    struct mix mix;
    unsigned row; /* of the parameter */
    bool passes;  /* written per block: the mix has nothing to do until `passes` of the step falls */
};

/* Of a step that sounds, or plays: what makes it unnecessary to run it (graph/still_rt.h). */
enum rest {
    REST_NEVER,
    REST_STILL,  /* all that it hears and gives is still */
    REST_PLACE,  /* what it gives is in its place already */
    REST_STANDS, /* it hears no events, and gives none */
};

/* One node and all that comes before its process. Ports without an edge have no mix: they read silence from the compile
 * on. */
struct step {
    /* What every block looks at: aligned, so that a step which is_plain takes one line of the cache. */
    _Alignas(ARENA_ALIGN_BYTES) struct node_rt *node;
    bool is_plain; /* it has no lines, compensations, device ports and events */
    bool is_voice; /* it is in a container: io.voice */
    /* Written per block, or when a source falls silent or sounds again. */
    _Atomic bool passes; /* none of the mixes has anything to do until then */
    bool hears;          /* there is sound at an input */
    bool plays;          /* there are events for it, or notes that are on */
    bool may_sleep;      /* as its class says */
    bool is_checked;     /* its outputs are looked at, whether they are numbers */
    bool is_to_tell;     /* of its fault, once a block that threads share is over */
    bool is_heard;       /* control is told of what it is played */
    bool is_to_be_heard; /* likewise: what it was played */
    bool fault, silent;  /* what the node tells in process: fault_tell, silence_tell */
    bool gives_still;    /* as its class says */
    bool is_modulated;
    /* The modulations give what they gave last, and the parameters are `modulated`: until a source runs. */
    _Atomic bool is_steady;
    /* What process is given: in, out and readings are set once, the rest per block. */
    struct node_io io;
    /* Run in this order: returns, compensations, mixes, parameters with their modulations, process, sends. */
    struct mix *mixes;
    struct modulation *modulations;
    unsigned n_mixes, n_modulations;
    struct param *modulated; /* all rows, where is_steady; null: there are no modulations */
    bool takes_still;        /* as its class says */
    bool is_in_place;        /* it writes to the buffers that it reads */
    uint8_t rest;            /* of enum rest: how it may come to be passed over while it sounds */
    const uint32_t *readers; /* steps that read an output, all of them behind this one */
    unsigned n_readers;
    /* Feedback edges into the node, and out of it. */
    struct line_rt **returns;
    struct line_send *sends;
    unsigned n_returns, n_sends;
    /* Edges into it that are delayed, so that they meet those that a node has delayed. */
    struct compensation_step *compensations;
    unsigned n_compensations;
    /* Likewise edges out of it into a container: delayed here, once for all voices that hear them. */
    struct compensation_step *shared;
    unsigned n_shared;
    bool hears_shared; /* of a node in there */
    /* Of a container, per voice. */
    struct voice_steps {
        const uint32_t *steps; /* of the nodes inside of it, all behind this one */
        unsigned n;
    } * voices;
    /* Edges that bring events. */
    struct event_feed *event_feeds;
    unsigned n_event_feeds;
    bool knows_feeds; /* written by the first block: whoever held notes by other edges has let go */
    /* Device nodes only; what their numbers mean to this cycle stands in cycle->ports. */
    unsigned device_first;   /* number of the first device port */
    unsigned n_device;       /* device ports of the node; 0: no device node */
    uint16_t n_in, n_out;    /* channels of process */
    uint8_t dry_in, dry_out; /* channels of the first input and of the first output, 0 where there is none */
    uint32_t may_be_still;   /* of its outputs, as in struct node_io while it is simply heard */
};

/* What is to be known of a step only when it is looked at closely: apart, so that the steps stay dense. */
struct step_label {
    uint64_t sequence; /* of the node: what control may be told, since it never stands for another one */
};

/* Memory of the step that runs, whichever it is. */
struct scratch {
    float **sums;                     /* a block each: one per input channel, and one for a modulation at the end */
    float (*param_frames)[BLOCK_MAX]; /* a moving parameter's values per frame, by row */
    struct param *params;             /* all rows, when any moves */
    float **device;                   /* its device channels */
};

/* What one thread needs to run any step. */
struct room {
    struct scratch scratch;
    struct scratch *lane_scratch; /* LANES of them, one per node that runs side by side; null where none do */
    float (*lane_room)[LANES];    /* LANES_ROOM rows */
};

/* Steps that one thread runs one after the other, once all tasks have run that they read from (graph/crew_shared.h). */
struct task {
    uint32_t first, n;           /* in plan->task_steps */
    uint32_t first_next, n_next; /* in plan->task_next: tasks that wait for this one */
    uint32_t n_waits;            /* tasks that this one waits for */
    _Atomic uint32_t arrived;    /* how often one of them has run, ever: it is ready at a multiple of n_waits */
};

/* The whole. Steps are in topological order, so that whatever one reads has been written in the same block. Between those
 * that run side by side there is no way. */
struct plan {
    struct step *steps;
    struct step_label *labels; /* one per step */
    uint8_t *abreast;          /* per step: so many from it on are alike and run side by side; 0: it is among those of
                                  one before */
    /* One per step, and zeros up to a multiple of 8: 0, and the block passes it over. At first all are due. Set for a step
     * by those that it reads, which with several workers are several threads. */
    _Atomic unsigned char *due;
    struct music music; /* written per block */
    unsigned n_steps;
    unsigned n_buffers; /* of sound between nodes; those whose lives do not overlap share one */

    struct room *rooms; /* one per thread, the audio thread's first */
    unsigned n_rooms;

    /* For several threads; none where there is one. */
    struct task *tasks;
    uint32_t *task_steps; /* by task: steps, of those that run side by side the first */
    uint32_t *task_next;  /* by task: tasks */
    uint32_t *task_first; /* the tasks that wait for nobody */
    unsigned n_tasks, n_task_first;
    uint32_t n_rounds; /* written per block that is shared: how many there have been */

    struct arena arena; /* control: everything above */
    struct arena sound; /* likewise: the buffers, apart, so that what a step reads of itself lies together */
};
