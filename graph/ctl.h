/* The control thread's side of one engine: the model, and what is on its way to the audio thread.
 *
 *     tx_commit ──▶ open batch ──ctl_poll: compile──▶ change under way ──▶ audio thread
 *                                                                              │ at a frame
 *     completions, frees ◀──ctl_poll: finish──────────────────────────────────┘
 *
 * Edits that arrive together share a batch: one plan, one frame, each its own answer.
 */
#pragma once

#include "graph/device.h"
#include "graph/engine_shared.h"
#include "graph/model.h"
#include "graph/order.h"
#include "graph/outbox.h"

struct batch;
struct tx;

struct ctl {
    struct model model;
    struct engine_rt *engine;
    struct outbox outbox;
    struct order order;
    const struct device_service *device; /* null: no sound card, as in a render */
    double rate_hz;
    uint64_t revision;          /* committed edits */
    struct tx *open;            /* the transaction that is being built, or null */
    struct batch *batch;        /* committed, not sent yet; or null */
    struct batch *under_way;    /* sent, or waiting for device ports; oldest first */
    struct edge *fading;        /* not live but still planned, and some that were put back lately */
    struct edge *retired_edges; /* linked by fading_next; go with the next change */
    struct node *retired_nodes; /* linked by next; go with the next change */
    unsigned n_waiting;         /* live edges that are not planned yet: they close a loop with fading ones; or more */
    uint64_t n_batches;         /* ever made */
    bool must_compile;          /* the model's structure has moved on from the plan */
    bool must_publish;          /* nodes with device ports came or went */
    uint64_t compile_ns;        /* what the last compile took */
};

/* A new engine at rate_hz with an empty graph. Keeps `device`. Null when memory ran out. */
DAWD_CTL struct ctl *ctl_new(double rate_hz, const struct device_service *device);
/* Adds the nodes `in` and `out` that every session has, which cannot be removed. 0 or an error. */
DAWD_CTL int ctl_add_fixtures(struct ctl *ctl, struct error *error);
/* No driver uses the engine any more. Completions that are outstanding are called with `cancelled`. */
DAWD_CTL void ctl_free(struct ctl *ctl);

/* Sends what was committed, finishes what came back. Returns how soon it wants to be called again, in ms. */
DAWD_CTL int ctl_poll(struct ctl *ctl);

/* Sets a base value at once, outside any transaction: no answer, no revision; a newer one may replace it on its way.
 * 0 or ERROR_INTERNAL. As tx_set_value otherwise. */
DAWD_CTL int ctl_set_value(struct ctl *ctl, struct node *node, unsigned row, float value, double glide_s,
                           struct error *error);

/* Rebuilds all engine objects for another sample rate; fades and glides arrive at once, node states start anew.
 * No driver may be running. 0, or an error and everything is as before. */
DAWD_CTL int ctl_set_rate(struct ctl *ctl, double rate_hz, struct error *error);

/* Seconds in frames at the engine's rate, rounded, at least 0. */
DAWD_ANY uint32_t ctl_frames(const struct ctl *ctl, double seconds);

/* Engine time: the first frame that is not rendered yet. */
DAWD_ANY uint64_t ctl_clock(const struct ctl *ctl);
