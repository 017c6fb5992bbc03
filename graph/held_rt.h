/* The gate of an inbox, and its book of who holds which note: whatever comes in, in any order and any number, what goes out keeps
 * the promises of graph/event.h. */
#pragma once

#include "graph/inbox_shared.h"

/* What goes on while the list of a block is filled. */
struct filling {
    struct inbox *inbox;
    uint64_t frame, end; /* of the block; the first behind it */
    uint32_t offset;     /* of what is taken now */
};

/* Whether the list has room for what any event may come to. */
DAWD_RT bool held_has_room_rt(const struct inbox *inbox);
/* Takes an event, whatever it is, where there is room; a note that is on ends after so many frames (0: when it is let go). */
DAWD_RT void held_take_rt(const struct filling *filling, const struct event *event, uint32_t duration_frames);
/* Ends all that a source holds (SOURCE_NONE: everything), and puts back what it has moved. */
DAWD_RT void held_end_rt(const struct filling *filling, uint32_t source);
/* Puts back what a source has moved on a channel. */
DAWD_RT void held_reset_rt(const struct filling *filling, unsigned channel, uint32_t source);
/* Its off goes out, unless somebody else holds the note; without room it stays, and ends as soon as there is. */
DAWD_RT void held_release_rt(const struct filling *filling, struct held *held, float value);

/* The note that an off means: the source's own, or, where a client says it, any client's, for two calls of oscsend are two
 * clients to us. Null: there is none. */
DAWD_RT struct held *held_find_rt(struct inbox *inbox, const struct event *event);
DAWD_RT bool held_is_of_rt(const struct held *held, uint32_t source);
/* The note ends at a frame of engine time. */
DAWD_RT void held_until_rt(struct inbox *inbox, struct held *held, uint64_t frame);
/* Finds inbox->next_end anew. */
DAWD_RT void held_next_end_rt(struct inbox *inbox);
