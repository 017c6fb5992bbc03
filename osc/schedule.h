/* Bundles that wait for their time.
 *
 *     transaction_run ─▶ schedule_add ─▶ rehearsed: is it well formed, which files does it need?
 *                                        /progress … "scheduled"
 *                                        waits by tag, by frame, or by place in the piece: three sorted queues
 *     server_tick ─▶ schedule_poll ────▶ 30 ms or two periods ahead of its frame: run again from the start, on the graph of then,
 *                                        as a transaction with that frame; from there on its answer is the engine's
 *
 * What has a place waits while the transport stands, and where it is moved or the tempo changes, its frame is worked out anew;
 * so it is for tags when the wall clock is set. Nobody works out frames ahead: each time the first of each queue is looked at.
 */
#pragma once

#include "graph/wall_clock.h"
#include "osc/request.h"
#include "osc/schedule_queue.h"
#include "osc/when.h"

/* Of the bundles that may wait, one in so many places is for those that are due within SCHEDULE_NEAR_S: what is far ahead keeps
 * nothing near out. */
#define SCHEDULE_NEAR_SHARE 8
#define SCHEDULE_NEAR_S     1.0
#define SCHEDULE_BYTES_MAX  (16u << 20)
#define SCHEDULE_LEAD_S     0.03 /* that control may be kept waiting by other programs, or by a machine that stands still */

/* One that waits. */
struct scheduled {
    struct request request; /* first; owns its packet */
    struct when when;
    int64_t key;            /* what its queue is sorted by */
    uint64_t number;        /* by arrival */
    uint64_t arrived_at;    /* engine frame */
    int64_t frame;          /* decided upon, where only its files are missing */
    uint64_t behind;        /* its place was behind the transport when that had moved so many times, less one */
    bool is_gone;           /* answered; it is freed when the loader is done with it */
    struct scheduled *next; /* of those whose files are late */
};

struct schedule {
    struct wall_clock wall;
    struct schedule_queue queues[N_WHEN_KINDS];
    struct scheduled *held; /* due, but for their files */
    size_t n, n_bytes;      /* in all of these */
    uint64_t n_ever;
    uint64_t n_refused;   /* since the last /stats/reset: for lack of room */
    uint64_t n_late;      /* that took effect more than a period behind their time, as well */
    uint32_t map_edition; /* of the list whose map places are sorted by */
};

DAWD_CTL void schedule_init(struct schedule *schedule, struct server *server);
/* Answers all with `cancelled`: no load is outstanding any more. */
DAWD_CTL void schedule_cancel_all(struct server *server);

/* Takes a bundle (copied) that has a time, with what it holds inside, and answers /progress, or /fail. */
DAWD_CTL void schedule_add(const struct request *request, const struct when *when);
/* Sends on what is due. */
DAWD_CTL void schedule_poll(struct server *server);
/* How soon that has to be called again, in ms: `most`, or less where something has to leave before. */
DAWD_CTL int schedule_wait_ms(struct server *server, int most);
/* Cancels those with this request number, or all where it is null; returns how many. */
DAWD_CTL unsigned schedule_clear(struct server *server, const int32_t *id);

/* The frame at which one that waits would take effect as things stand; -1: none, the transport stands or is past it. */
DAWD_CTL int64_t schedule_frame(struct server *server, const struct scheduled *scheduled);

/* How far behind its time something may be that counts as being on time: a period. */
DAWD_CTL int64_t schedule_grace_frames(const struct server *server);
