/* Goes through one sequence of a MIDI file in time: which event comes next, and in how many frames.
 *
 *     smf_reader_step    how far a frame leads, at this speed
 *     smf_reader_until   frames before the next event, or the end, is due     ─┐
 *     smf_reader_pass    lets them pass                                        ├─ again and again
 *     smf_reader_take    the event; null: the end                             ─┘
 *
 * An event is due in the frame that is nearest to its time. The place is a whole number and a frame leads a whole number on, so
 * nothing is lost, however long it plays and however time is cut into blocks.
 */
#pragma once

#include <stdbool.h>

#include "graph/smf_shared.h"

/* Speeds are kept in 2^-20, so that 1 is 1. */
#define SMF_SPEED_BITS 20

/* Belongs to whoever reads. */
struct smf_reader {
    const struct smf *smf; /* borrowed */
    const struct smf_sequence *sequence;
    uint32_t rate_hz;
    bool by_quarters; /* its ticks last what somebody else's tempo makes of a quarter, not what the file says */
    __int128 place;   /* of the next frame: in ticks, or else in units, times smf_reader's scale; may lie just before 0 */
    uint32_t next;    /* event of the sequence's order */
};

/* At the beginning of a sequence. */
DAWD_RT struct smf_reader smf_reader_at(const struct smf *smf, const struct smf_sequence *sequence, uint32_t rate_hz,
                                        bool by_quarters);
/* Goes on from where it is by quarters, or by time. A file without quarters goes by time whatever is asked for. */
DAWD_RT void smf_reader_turn(struct smf_reader *reader, bool by_quarters);
/* Above 0. `micro_bpm` (10 bpm and more) is how fast quarters are; it counts where the reader goes by them. */
DAWD_RT __int128 smf_reader_step(const struct smf_reader *reader, double speed, uint32_t micro_bpm);
/* Of the next n frames (1 or more), how many come before the one in which take has something; n when none has. */
DAWD_RT unsigned smf_reader_until(const struct smf_reader *reader, __int128 step, unsigned n);
DAWD_RT static inline void smf_reader_pass(struct smf_reader *reader, __int128 step, unsigned n)
{
    reader->place += step * n;
}
DAWD_RT const struct smf_event *smf_reader_take(struct smf_reader *reader);
/* At its end: to the beginning, to a fraction of a frame. False where it is shorter than a frame, and stays. */
DAWD_RT bool smf_reader_again(struct smf_reader *reader, __int128 step);
/* Seconds from the beginning, as the file has them. */
DAWD_RT double smf_reader_time_s(const struct smf_reader *reader);
