/* The notes of a node on the audio thread: graph/inbox_shared.h. */
#pragma once

#include "graph/step_rt.h"

/* An event without a frame, for the one at which the next block begins. */
DAWD_RT void inbox_hand_rt(struct inbox *inbox, const struct event *event, uint32_t duration_frames);
/* The same for one with an offset in the block that comes next; borrowed until inbox_settle_rt. In the order of offsets. */
DAWD_RT void inbox_hand_timed_rt(struct value_rt *value);
/* The block is over: what has a frame and was not met, for the node did not run, comes with the next. */
DAWD_RT void inbox_settle_rt(struct node_rt *node);

/* Fills the list of the block, and says whether there is anything in it, or a note that is on. */
DAWD_RT bool inbox_run_rt(struct step *step, const struct moment *moment);
/* Whether that was not so in this block, and will not be until an event comes. */
DAWD_RT bool inbox_is_empty_rt(const struct step *step, const struct moment *moment);
/* Before process of a node that gives events, and behind it. */
DAWD_RT void outbox_begin_rt(const struct step *step, const struct moment *moment);
DAWD_RT void outbox_end_rt(struct step *step, const struct moment *moment);

/* A source is no more: what it holds ends with the next block. */
DAWD_RT void inbox_gone_rt(struct inbox *inbox, uint32_t source);
/* Takes over what is on at a node that this one takes the place of, what waits there, and pedals: struck anew in the next block. */
DAWD_RT void inbox_inherit_rt(struct inbox *inbox, const struct inbox *before, uint64_t frame);
/* Time passes in which nobody plays: what would have begun in it does not. */
DAWD_RT void inbox_idle_rt(struct node_rt *node);
