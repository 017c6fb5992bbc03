/* What sounds: the engine's side of a node and of an edge.
 *
 *     control thread                                         audio thread
 *     object_node_new -> plan -> ctl_to_rt ───────────────▶  runs it: state, glides and params are its own now
 *     object_node_free  ◀─────────────── rt_to_ctl  ◀──────  last plan that held it was swapped out
 *
 * Objects outlive plans: an edit compiles a new plan over the same objects, so that nothing restarts.
 */
#pragma once

#include "graph/delay_ring_rt.h"
#include "graph/inbox_shared.h"
#include "graph/line_shared.h"
#include "graph/meter_shared.h"
#include "graph/node.h"

/* An edge: how loud it is at this moment. Where it leads is in the plans. */
struct edge_rt {
    struct glide gain;    /* factor on the signal: linear gain, times depth on a modulation edge */
    uint64_t leaves;      /* feed.leaves of the last plan that ran */
    struct line_rt *line; /* of a feedback edge, in the arena; otherwise null */
    struct edge_rt *twin; /* the same edge of the next voice; or null */
    struct arena arena;   /* control */
};

/* The dry signal of a node that is late, as late as the node: what is heard in its place when it is bypassed. The audio
 * thread's once it runs; fed only while the node is not simply heard. */
struct dry_rt {
    struct delay_ring ring;
    float *out[PORT_CHANNELS_MAX]; /* a block of it */
    int64_t fed;                   /* frames that count, up to the delay; below 0: those of this block that do not yet */
    uint64_t zeros;                /* frames in a row that it was fed with nothing */
};

/* What a node has cost while it was measured; grows only, so that whoever measures takes differences. */
struct cost {
    _Atomic uint64_t ns;
    _Atomic uint64_t blocks, frames; /* that took so long */
};

/* Values for one node that wait for their frames in the block that comes, in the order of their offsets; linked by next. */
struct value_queue {
    struct value_rt *first, *last;
};

/* Whether a node runs (graph/sleep_rt.h). */
enum slumber {
    SLUMBER_NONE,
    SLUMBER_BORN, /* it has not run yet: as deep, but that no time has passed for it */
    SLUMBER_NEAR, /* the last cell was its last: it sleeps from the next block on */
    SLUMBER_DEEP,
    SLUMBER_STILL, /* it is heard, and gives what it gave last (graph/still_rt.h) */
    SLUMBER_MUTED, /* it has given what is no number, and does not run again (graph/fault_rt.h) */
};

/* A node. Readings are for both sides at any time; everything else is written by control before the first plan that holds
 * it is sent, and by the audio thread from then on. */
struct node_rt {
    /* What every block looks at: aligned, so that it is one line of the cache and not two. */
    _Alignas(ARENA_ALIGN_BYTES) const struct node_class *class;
    void *state;
    struct param *params;           /* one per row; what process sees while nothing moves */
    _Atomic uint64_t watched_until; /* written by control: until then the meter runs */
    uint64_t loud_cell;             /* number of the last cell in which it heard or gave sound */
    uint64_t quiet;                 /* frames since, in whole cells */
    unsigned n_moving;              /* rows that move, and values handed out: 0, the usual case, costs nothing */
    /* Readers of its outputs look at this first: the buffers of a silent node are anybody's. */
    bool silent;
    bool is_apart; /* it is not simply heard: see below */
    unsigned char slumber;
    bool touched;     /* a value was set while it slept */
    unsigned n_notes; /* rows that follow a note value */

    /* Notes: in the arena, null where the class has no port for them. */
    struct inbox *inbox;
    /* How its parameters move. */
    struct glide *glides;      /* one per row */
    bool *moving;              /* one per row: its glide has not been settled into params yet */
    uint32_t *ticks;           /* one per row: of the note value that it follows; 0: none */
    uint32_t micro_bpm;        /* tempo that their values are for; 0: none in particular */
    struct value_queue handed; /* to be met in this block */

    /* While it sleeps: the audio thread's. */
    unsigned place;      /* its step in the plan that ran last */
    uint64_t slept_from; /* frame at which it fell asleep */
    uint64_t moved_to;   /* frame to which the gains of its edges have come; 0: nobody has looked at them yet */

    /* Whether it is heard: the audio thread's (graph/presence_rt.h). Where it is not apart, only fade_frames means something. */
    bool bypassed;   /* that is what was set last */
    bool stopped;    /* it is not processed */
    bool has_no_dry; /* what is heard in its place is silence */
    uint32_t fade_frames;
    struct glide presence;    /* 1: heard, 0: not */
    struct value_queue turns; /* of it, to be met in this block */
    struct dry_rt *dry;       /* null: the node is not late */
    uint64_t stopped_from;    /* frame */
    uint64_t started_from;    /* frame from which it has heard its input again */

    /* Faults. */
    _Atomic bool muted;         /* written by the audio thread, once */
    _Atomic bool muted_touched; /* a value was set since: set by the audio thread, taken by control */
    uint64_t told_until;        /* frame until which it is not told of again */

    /* Events that go out, likewise. */
    struct event_list *outbox;
    struct event_list *told;   /* for control; null where the class does not tell */
    struct value_queue played; /* events with a frame, to be met in this block */
    bool was_bypassed;         /* in the block in which events went out last */
    bool has_given;            /* there was such a block */

    /* What it has measured. */
    struct meter *meter;
    _Atomic float *readings; /* written by the audio thread, read by control */
    struct cost *cost;       /* likewise; apart, since no block needs it */
    /* Control's from beginning to end. */
    uint32_t latency_frames;      /* as init told it */
    struct arena arena;           /* state, tables and readings live in it */
    struct media **media;         /* one reference per PARAM_FILE row, or null */
    bool is_ready;                /* init has succeeded, so deinit is due */
    struct node_rt *next_retired; /* in a list of those that leave before their node does */
    /* Voices (graph/voice_shared.h). */
    struct node_rt *twin;     /* the same node of the next voice; null: it is the last, or in no container */
    unsigned n_slots;         /* of a container: its voices, spare ones too; otherwise 0 */
    struct voice_slot *slots; /* in the arena */
};

/* What a node is made from; all borrowed for the call. */
struct object_spec {
    double rate_hz;
    unsigned n_voices;               /* how many there are to be of it, 0: one */
    size_t most_bytes;               /* that all of these may take; 0: any */
    unsigned channels;               /* of ports whose width is 0 in the class */
    const float *values;             /* per row of the class's parameters */
    const uint16_t *notes;           /* per row: the note value that it follows, or 0; null: none */
    struct media *const *media;      /* per row, or null for no files at all; the object takes its own references */
    char *const *texts;              /* per row: a path, or null; null for no paths at all */
    const struct disk_service *disk; /* kept; may be null */
    bool again;                      /* as for struct node_init */
    bool bypassed;
    const struct loudness_service *loudness; /* kept; may be null */
    const struct stream_service *streams;    /* kept; may be null */
    struct stock *stock;                     /* likewise */
};

/* Allocates, touches every page, and runs the class's init. 0, and *object is the caller's; or ERROR_INTERNAL when memory
 * ran out, too_big as soon as the first voice says
 * so, or what init refused: *object is null then, and *error must have been zeroed. */
DAWD_CTL int object_node_new(const struct node_class *class, const struct object_spec *spec, struct node_rt **object,
                             struct error *error);
/* Allocates an edge at gain 0, n_voices of it; with a line of so many channels (0: no line) whose content begins with a fade
 * of onset_frames. Null when memory ran out. */
DAWD_CTL struct edge_rt *object_edge_new(unsigned n_voices, unsigned line_channels, uint32_t onset_frames);
/* Makes the lines silent; no driver runs. */
DAWD_CTL void object_edge_clear(struct edge_rt *object);
/* Frees it with its twins; no plan that the audio thread may see holds it any more. Accepts null. */
DAWD_CTL void object_edge_free(struct edge_rt *object);

/* Before it is published: it will fade in from silence. */
DAWD_CTL void object_node_fade_in(struct node_rt *object);
/* Frees it with its twins and gives back its media. No plan that the audio thread may see holds it any more. Accepts null. */
DAWD_CTL void object_node_free(struct node_rt *object);
