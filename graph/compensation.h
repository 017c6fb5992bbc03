/* Latency compensation: signals that part and meet again meet in time.
 *
 *               ┌──▶ look-ahead, 64 ──┐                 arrival of `sum`: 64, the latest of what it hears
 *     source ───┤                     ├──▶ sum          the edge from the source is delayed by 64
 *               └─────────────────────┘
 *
 * The arrival of a node is how much later than the sources the latest of its inputs is; each edge into it is delayed by
 * what it is earlier, modulations too. All planned edges count, also those that fade, but not feedback edges, and not those
 * at either side of a node that is opted out (node.is_uncompensated): these are never delayed, and nothing waits for them.
 *
 * A change of delay is heard as a crossfade of two taps (graph/compensation_shared.h) once the new one has filled. All that
 * an edit moves waits for the same frame of the sound: at a node, for as many frames as its arrival, by which all rings into
 * it have filled; fades wait until the taps have moved too. What an edit without any change of delay fades, waits for nothing.
 */
#pragma once

#include "graph/ctl.h"

/* Works out all arrivals, and gives the edges whose delay changes a new tap: the plan is to be compiled after it. 0, or
 * ERROR_INTERNAL when memory ran out; then, and when the compile fails, compensation_unprepare is due. */
DAWD_CTL int compensation_prepare(struct ctl *ctl, const struct batch *batch);
/* Takes back what was prepared under this number. */
DAWD_CTL void compensation_unprepare(struct ctl *ctl, uint64_t number);
/* The compensations that the next plan does not hold any more, linked by next: the caller's to free. */
DAWD_CTL struct compensation *compensation_take_dropped(struct ctl *ctl);

/* As compensation_prepare where no driver runs and all nodes are new: every ring begins empty, and nothing fades. */
DAWD_CTL int compensation_prepare_anew(struct ctl *ctl, uint64_t number);

/* The audio thread has taken the batch of this number in, at this frame: it is known when its taps have moved. */
DAWD_CTL void compensation_returned(struct ctl *ctl, uint64_t number, uint64_t frame);
/* Frees the taps that are not heard any more; sees to it that a delay that has become 0 leaves the plan. */
DAWD_CTL void compensation_sweep(struct ctl *ctl);
/* Whether the taps of some edge have to come to rest before there may be one more. */
DAWD_CTL bool compensation_is_full(const struct ctl *ctl);
/* Engine time at which the last of the taps whose ends are known has moved; 0: none moves. */
DAWD_CTL uint64_t compensation_rests_at(const struct ctl *ctl);

/* The edge leaves the model. */
DAWD_CTL void compensation_forget(struct ctl *ctl, struct edge *edge);
/* Frees one, or a list of them, that no plan holds any more; null is accepted. */
DAWD_CTL void compensation_free(struct compensation *compensation);
DAWD_CTL void compensation_free_all(struct compensation *first);
