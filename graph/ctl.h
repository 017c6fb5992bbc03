/* The control thread's side of one engine: the model, and what is on its way to the audio thread.
 *
 *     tx_commit ──▶ open batch ──ctl_poll: compile──▶ change under way ──▶ audio thread
 *                                                                              │ at a frame
 *     completions, frees ◀──ctl_poll: finish──────────────────────────────────┘
 *
 * Edits that arrive together share a batch: one plan, one frame, each its own answer.
 */
#pragma once

#include "graph/chase.h"
#include "graph/device.h"
#include "graph/engine_shared.h"
#include "graph/limits.h"
#include "graph/model.h"
#include "graph/order.h"
#include "graph/outbox.h"
#include "graph/stock.h"

struct batch;
struct edit_listener;
struct heard_listener;
struct tx;

/* What is on its way ahead of its time (graph/ahead.h). */
struct ahead {
    unsigned n, n_cuts; /* changes with a time, and how many of them cut blocks */
    unsigned n_values;  /* in those, with orders */
    unsigned n_plans;   /* of those, with a plan or a map */
    unsigned n_edits;   /* without a time, waiting behind these */
};

/* All of it is control's own but the engine, of which control uses the rings, the statistics, and the plan while no
 * driver runs. */
struct ctl {
    struct model model;
    struct engine_rt *engine;
    struct outbox outbox;
    struct order order;
    const struct device_service *device; /* null: there is no sound card */
    const struct disk_service *disk;     /* null: nothing can be recorded; set before the first node that would need it */
    const struct loudness_service *loudness;         /* null: nobody measures; likewise */
    const struct stream_service *streams;            /* null: nobody reads while it plays; likewise */
    const struct applied_listener *applied_listener; /* who is told of what the engine has taken in; null: nobody */
    const struct edit_listener *edits;               /* who is told of every edit; null: nobody */
    struct heard_listener *heard_listeners;          /* graph/heard.h: who is told of what is played */
    struct stock stock;                              /* what nodes share; it goes with the last of them */
    uint64_t heard_at;                               /* graph/heard.c: behind the newest of that; 0: nothing yet */
    double rate_hz;
    struct limits limits; /* the default ones, until somebody sets others before the first client comes */
    /* The way of an edit: open, in the batch, under way, answered. A pointer that is null: nothing is at that station. */
    uint64_t revision;       /* committed edits */
    struct tx *open;         /* the transaction that is being built, or null */
    struct batch *batch;     /* committed, not sent yet; or null */
    struct batch *under_way; /* sent, or waiting for device ports; oldest first */
    /* What was removed: edges that still sound, then edges and nodes that no longer do and leave with the next change. */
    struct edge *fading;             /* not live but still planned, and some that were put back lately */
    struct edge *retired_edges;      /* linked by fading_next; go with the next change */
    struct node *retired_nodes;      /* linked by next; go with the next change */
    struct node_rt *retired_objects; /* linked by next_retired; likewise */
    struct node_rt *leftovers;       /* linked by twin: nobody's any more, freed bit by bit */
    uint64_t faults_seen;            /* of engine_stats.faults */
    /* Latency compensation (graph/compensation.h). */
    struct compensation *moving;  /* those with a tap that gives way */
    struct compensation *dropped; /* those that the next plan goes without */
    size_t n_compensations;       /* edges that have one */
    bool was_late;                /* in the newest plan some node had a latency, or some edge a delay */
    unsigned n_waiting;           /* live edges that are not planned yet: they close a loop with fading ones; or more */
    unsigned n_sent;              /* batches without a time that the audio thread has not given back */
    unsigned n_values_sent;       /* values and orders in those */
    struct ahead ahead;           /* batches that have a time */
    unsigned n_orders;            /* to the transport, staged, committed or sent, but not given back */
    uint64_t n_batches;           /* ever made */
    /* Note values (graph/follow.h). */
    uint32_t followed_micro_bpm; /* the tempo that the model's values are for */
    bool follow_is_late;         /* some may be for another one */
    struct chase chase;          /* whom the transport follows */
    /* What the next flush has to see to. */
    bool must_map;     /* the engine's tempo is to be another one, though no mark is */
    bool must_compile; /* the model's structure has moved on from the plan */
    bool must_publish; /* nodes with device ports came or went */
    /* What is measured. */
    uint64_t compile_ns;      /* what the last compile took */
    uint64_t arrived_ns;      /* of the packet that is being handled, by the engine's clock; 0: there is none */
    uint64_t n_values;        /* handed to the outbox, with changes too, since the last reset */
    struct histogram applied; /* of edits: from the packet's arrival to the start of the cycle that took them in */
};

/* A new engine at rate_hz with an empty graph. Keeps `device`. No driver runs yet: whoever makes one hands it
 * ctl->engine. Null when memory ran out. */
DAWD_CTL struct ctl *ctl_new(double rate_hz, const struct device_service *device);
/* Adds the nodes `in` and `out` that every session has, which cannot be removed. 0 or an error. */
DAWD_CTL int ctl_add_fixtures(struct ctl *ctl, struct error *error);
/* No driver uses the engine any more, and its device may be gone. Completions that are outstanding are called with `cancelled`. */
DAWD_CTL void ctl_free(struct ctl *ctl);

/* Sends what was committed, finishes what came back, never waits. Not while a transaction is open. Completions are called
 * inside of it (and of ctl_set_rate and ctl_free); inside of tx_commit only where a batch has got full of values and memory
 * runs out for its plan. Returns how soon it wants to be called again, in ms. */
DAWD_CTL int ctl_poll(struct ctl *ctl);

/* Sets a base value at once, outside any transaction: no answer, no revision; a newer one may replace it on its way.
 * Not while a transaction is open. 0 or ERROR_INTERNAL. As tx_set_value otherwise. */
DAWD_CTL int ctl_set_value(struct ctl *ctl, struct node *node, unsigned row, float value, double glide_s,
                           struct error *error);
/* As tx_set_base. */
DAWD_CTL int ctl_set_base(struct ctl *ctl, struct node *node, unsigned row, const struct base *base, double glide_s,
                          struct error *error);

/* Rebuilds all engine objects for another sample rate; fades and glides arrive at once, node states start anew. No driver
 * may be running. 0; ERROR_BUSY when one is met all the same, ERROR_INTERNAL, or what the init of a class refuses: then
 * everything is as before, but for the time that fades and glides took. */
DAWD_CTL int ctl_set_rate(struct ctl *ctl, double rate_hz, struct error *error);

/* Begins all counts anew. What the audio thread counts follows with its next cycle, and counts as empty until then. */
DAWD_CTL void ctl_reset_stats(struct ctl *ctl);

/* Whether the audio thread's counters belong to the time since then. */
DAWD_CTL bool ctl_stats_are_current(const struct ctl *ctl);

/* Seconds in frames at the engine's rate, rounded, held between 0 and 4e9 (23 hours at 48 kHz). */
DAWD_ANY uint32_t ctl_frames(const struct ctl *ctl, double seconds);

/* What the object of a node of this engine is made of, with the files of the one that it has; `again` is the caller's to say. */
DAWD_CTL struct object_spec ctl_object_spec(struct ctl *ctl, const struct node *node);

/* Engine time: the first frame that is not rendered yet. Moves once per cycle. */
DAWD_ANY uint64_t ctl_clock(const struct ctl *ctl);
