/* Notes and controllers from control to a node. What is performed makes no revision and cannot be undone. */
#pragma once

#include "graph/tx.h"

/* A source of events (graph/inbox_shared.h) for a client: from 1 on; 0 is whoever has no connection. */
DAWD_CTL uint32_t play_source(uint32_t client);

/* Plays an event whose numbers are in their ranges, with its source; a note that is on ends after so many frames, unless it is let
 * go before (0: only then). Outside of any transaction, at the start of the next cycle, in the order of values and edits; what of a
 * burst the list of a block has no room for comes in the blocks behind it. 0; unsupported where the node takes no events; busy where
 * it has too many to play yet, or the audio thread takes none; internal when memory ran out. */
DAWD_CTL int ctl_play(struct ctl *ctl, struct node *node, const struct event *event, uint32_t duration_frames,
                      struct error *error);
/* The same as part of a transaction, at its frame. As well; too_big, busy as tx_set_value. */
DAWD_CTL int tx_play_event(struct tx *tx, struct node *node, const struct event *event, uint32_t duration_frames,
                           struct error *error);

/* A source is no more: what it holds at any node ends. 0, or internal. */
DAWD_CTL int ctl_source_gone(struct ctl *ctl, uint32_t source, struct error *error);

/* Whether the node takes events. */
DAWD_CTL bool play_is_heard_by(const struct node *node);
/* Whether it has been played, since it is there. */
DAWD_CTL bool play_was_played(const struct node *node);
/* How many notes of it are on, and how many events it had no room for. */
DAWD_CTL uint32_t play_active(const struct node *node);
DAWD_CTL uint64_t play_lost(const struct node *node);

/* A note that is on. */
struct play_note {
    float note;
    uint8_t channel; /* 0 to 15 */
};

/* The notes that are on, low channels first and low notes of each: how many they are, EVENTS_HELD_MOST at most. */
DAWD_CTL unsigned play_notes(const struct node *node, struct play_note *notes);
