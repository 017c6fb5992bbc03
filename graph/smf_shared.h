/* A standard MIDI file in memory: what its tracks play, tick by tick, and when that is.
 *
 *     MThd, MTrk, MTrk, …  ──parse (graph/smf.h)──▶  sequences: what sounds together        never changed once it is made
 *                                                      tracks: events in their order
 *                                                      order: those of all its tracks, by time
 *                                                      tempos, meters: what holds from a tick on
 *
 * Times are whole numbers: a tick lasts so many units, units_per_s of which are a second. So the time of a tick after a thousand
 * changes of tempo is exact, and the frame that it falls on is the nearest one.
 *
 *     ticks to the quarter   a unit is 1 / (1e6 * ticks to the quarter) s; a tick lasts as many as a quarter has microseconds
 *     SMPTE division         every tick lasts one unit, or 1001 of them at 29.97 frames per second
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "graph/thread.h"

#define SMF_NAME_BYTES 64 /* longest name of a track with its terminator */

/* A place in the order of things: by tick, and where that is the same, as the file has them. */
struct smf_place {
    uint32_t tick;
    uint32_t serial; /* of an event: its number in smf->events */
};

/* A channel message. */
struct smf_event {
    uint32_t tick;
    uint16_t track;  /* from 0 */
    uint8_t status;  /* 0x80 to 0xef */
    uint8_t data[2]; /* 0 to 127; the second is 0 where there is one */
};

/* How long ticks last from one on. */
struct smf_tempo {
    struct smf_place at;
    uint32_t units_per_tick; /* microseconds to the quarter, unless the file counts in SMPTE frames */
    uint64_t units;          /* from the beginning of the sequence to `at` */
};

/* A signature and where it begins. */
struct smf_meter {
    struct smf_place at;
    uint8_t numerator;        /* 1 to 255 */
    uint8_t denominator_log2; /* 0 to 7: 4/4 has 2 */
};

struct smf_track {
    char name[SMF_NAME_BYTES]; /* UTF-8, as much of it as fits; "": none */
    uint32_t first_event, n_events;
    uint32_t end_tick;
};

/* What sounds together: all of a file of format 0 or 1, each track of format 2. Its tracks' events lie in a row. */
struct smf_sequence {
    unsigned first_track, n_tracks;
    uint32_t first_event, n_events; /* in smf->events, and alike in smf->order */
    uint32_t first_tempo, n_tempos; /* sorted, the first at tick 0, no two at one tick */
    uint32_t first_meter, n_meters; /* sorted, no two at one tick; 4/4 until the first */
    uint32_t end_tick;              /* of its longest track */
};

/* One block of memory. */
struct smf {
    unsigned format;            /* 0, 1, 2 */
    unsigned ticks_per_quarter; /* 0: it counts in SMPTE frames */
    uint64_t units_per_s;
    unsigned n_tracks, n_sequences; /* 1 or more */
    uint32_t n_events;
    size_t bytes; /* of the block */
    struct smf_track *tracks;
    struct smf_sequence *sequences;
    struct smf_event *events; /* track by track */
    struct smf_place *order;  /* of events, sequence by sequence */
    struct smf_tempo *tempos; /* of all sequences */
    struct smf_meter *meters;
};

/* The tempo that holds at a tick of a sequence; found by halves. */
DAWD_ANY const struct smf_tempo *smf_tempo_at(const struct smf *smf, const struct smf_sequence *sequence, uint32_t tick);
/* How many units lie before a tick: below 2^56. Exact. */
DAWD_ANY uint64_t smf_units_of_tick(const struct smf *smf, const struct smf_sequence *sequence, uint32_t tick);
/* The tempo that holds so many units from the beginning. */
DAWD_ANY const struct smf_tempo *smf_tempo_of_units(const struct smf *smf, const struct smf_sequence *sequence,
                                                    uint64_t units);
/* The frame nearest to a tick; of two, the later. */
DAWD_ANY int64_t smf_frame_of_tick(const struct smf *smf, const struct smf_sequence *sequence, uint32_t tick,
                                   uint32_t rate_hz);
