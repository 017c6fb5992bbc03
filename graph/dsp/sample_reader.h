/* Reading one zone of an instrument at any speed: from memory, round its loop, or from a stream.
 *
 *     memory   |start ......... loop_start ~~~~~~~~~~~ (crossfade)| loop_end ....... end|
 *                                   ^----------------------------'  while it loops
 *     stream   |head: memory ......|ring ....................................           the loop unrolled by who fills it
 *
 * The interpolation reads across seams as if the sound were one long file. Before the start it reads what the file holds
 * there, behind the end silence.
 *
 * A crossfade leads from what comes before loop_end into what comes before loop_start, in a straight line: where a loop is
 * well chosen the two are alike, and a sum of constant power would be a bump. Streams loop without.
 */
#pragma once

#include "graph/dsp/transpose.h"
#include "graph/instrument.h"
#include "graph/stream_shared.h"

/* One sound on its way; sound, zone and stream are borrowed. */
struct sample_reader {
    const struct instrument_sound *sound;
    const struct instrument_zone *zone;
    struct stream *stream;        /* what brings the rest, where it flows; null: nobody, and the sound ends with its head */
    bool flows;                   /* not all that is read lies in memory */
    struct transpose_place place; /* of the file; counted on past the end of the loop, in memory for some turns */
    int64_t turned;               /* frames that going round has taken back */
    bool loops;                   /* it goes round */
    bool wrapped;                 /* it has, and does no more: before the loop's start lies its end */
    bool leaves;                  /* it is to stop going round, as soon as it can without a jump */
};

/* Whether more is read than lies in memory: a loop that is in the head as a whole never asks for what is behind it. */
DAWD_RT static inline bool sample_reader_flows(const struct instrument_sound *sound, const struct instrument_zone *zone,
                                               bool loops)
{
    uint64_t end = loops ? zone->loop_end : zone->end;
    return zone->start < sound->first || end > sound->first + sound->media->n_frames;
}

/* At the start of the zone; `loops`: round the zone's loop, which it must have. The stream of what flows is begun; null: none
 * was free. */
DAWD_RT void sample_reader_start(struct sample_reader *reader, const struct instrument_sound *sound,
                                 const struct instrument_zone *zone, struct stream *stream, bool loops);
/* Leaves the loop where that makes no jump: at once, or behind a crossfade that is under way. */
DAWD_RT void sample_reader_leave(struct sample_reader *reader);

/* Whether nothing is left. A sound that loops never ends by itself. */
DAWD_RT bool sample_reader_is_over(const struct sample_reader *reader);
/* Whether n frames at these speeds, and a fade of `reserve` frames behind them, are there already. Always true in memory. */
DAWD_RT bool sample_reader_is_fed(const struct sample_reader *reader, const double *speed, unsigned n, unsigned reserve);
/* Whether it gives one channel only: then `right` is not written. */
DAWD_RT bool sample_reader_is_mono(const struct sample_reader *reader);
/* Fills n frames and moves on by speed[i] frames of the file after each; silence behind the end. What a stream has not
 * brought is silence too. Returns how many came before the end. */
DAWD_RT unsigned sample_reader_run(struct sample_reader *reader, struct transpose *transpose, const double *speed,
                                   float *left, float *right, unsigned n);
