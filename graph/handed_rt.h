/* What waits in front of an inbox (graph/inbox_shared.h), in the order in which it came. */
#pragma once

#include "graph/held_rt.h"

/* Adds what a client plays, with the frames that a note lasts (0: until its off). Where there is no room an off still ends its
 * note, as soon as that can be; anything else is lost, and counted. */
DAWD_RT void handed_add_rt(struct inbox *inbox, const struct event *event, uint32_t duration_frames);
/* The same for what an edge has brought, or another node has left, which leaves half of the room to clients. False: an off is among
 * what it did not leave room for. */
DAWD_RT bool handed_add_of_edge_rt(struct inbox *inbox, const struct event *event, uint32_t duration_frames);

/* Takes in, at the frame of the filling, what the list of the block has room for. */
DAWD_RT void handed_take_rt(const struct filling *filling);
/* One that did not have to wait was taken in. */
DAWD_RT void handed_count_rt(struct inbox *inbox);

/* What this source has there, is not played: its offs come by themselves, its ons would stay. */
DAWD_RT void handed_drop_rt(struct inbox *inbox, uint32_t source);
/* Time passes in which nobody plays: offs end what is on, ons are dropped, and of controllers the last word stays. */
DAWD_RT void handed_idle_rt(struct inbox *inbox);
