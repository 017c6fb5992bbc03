/* Parameters that are note values follow the tempo: from the frame on at which another one holds, they glide to what the note
 * comes to then, as if a client had set that.
 *
 *     a map or an order takes effect ──┐
 *     the piece rolls past a mark ─────┴▶ another tempo? ──▶ every step of the plan whose node follows: set, and woken
 *     a node of a new plan comes in ────▶ made for this tempo? otherwise it jumps, for nobody has heard it yet
 *
 * A mark cuts the block, but only where somebody follows; like all cuts these are bounded (graph/schedule_shared.h), and what is put
 * off is the same at every period.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* The audio thread's own. */
struct follow {
    uint32_t micro_bpm; /* the tempo at the engine's frame */
    bool may_follow;    /* some node of the plan follows it, or may: looked through with the next tempo */
};
