/* Reading one track of a standard MIDI file: a part of graph/smf.c.
 *
 * Nothing is looked at before it is known to be there. A pass without an object counts, one with it writes down what the first
 * has counted.
 */
#pragma once

#include <stdbool.h>

#include "graph/smf.h"

/* A pass through the file. */
struct smf_reading {
    const uint8_t *bytes;
    size_t n;
    size_t at, end; /* what comes next, and the end of its chunk */
    /* From the header: */
    unsigned format, n_claimed, ticks_per_quarter;
    uint32_t usual_units_per_tick;
    uint64_t units_per_s;
    /* Of the track that is read: */
    bool is_cut; /* it reaches beyond the file */
    bool has_ended;
    uint8_t running; /* status that goes on; 0: none yet */
    uint64_t tick;
    struct smf_track track;
    /* So far: */
    uint32_t n_tracks, n_events, n_tempos, n_meters;
    struct smf *smf; /* second pass; in the first null */
    char *warning;
    struct error *error;
};

/* Reads the track from `at` to `end`. 0; bad_file or too_big. A track that is cut ends with its last whole event. */
DAWD_ANY int smf_track_read(struct smf_reading *r);

/* Says what is odd. Only the first is kept: it says the most. */
DAWD_ANY __attribute__((format(printf, 2, 3))) void smf_warn(struct smf_reading *r, const char *format, ...);

/* The number in the next n bytes. */
DAWD_ANY static inline uint32_t smf_number(const uint8_t *at, unsigned n)
{
    uint32_t value = 0;
    while (n--)
        value = value << 8 | *at++;
    return value;
}
