/* Reading a sound in memory at any speed, once or round and round.
 *
 * A reader goes through passes: the first begins where it was placed, each further one where the loop begins. It counts on
 * past the end of a pass in thought: what follows the last frame is the first one of the next pass, or silence, and the
 * interpolation reads across that seam as if the sound were one long file. The position is kept to 2^-64 of a frame: a loop
 * has its exact length for ever.
 *
 * A pass that starts inside the file is preceded by what the file holds there, so that the interpolation does not ring.
 */
#pragma once

#include "graph/node.h"

#define READER_NOWHERE (-1) /* instead of a frame: no pass follows */

struct reader {
    const struct media *media; /* borrowed; set it before anything else */
    int64_t frame;             /* the position: a frame of the media, */
    uint64_t fraction;         /* and 2^-64 parts of the way to the next one */
    int64_t from;              /* first frame of this pass */
    bool wrapped;              /* a pass went before this one */
};

/* Frames of the media. */
DAWD_RT int64_t reader_end(const struct reader *reader);

/* The frame nearest to a time from the beginning, or READER_NOWHERE when the media ends before it. */
DAWD_RT int64_t reader_frame_at(const struct reader *reader, double time_s);

/* Seconds from the beginning of the media. */
DAWD_RT double reader_time_s(const struct reader *reader);

/* Begins a first pass at a frame of the media. */
DAWD_RT void reader_place(struct reader *reader, int64_t frame);

/* Fills at most n frames of two channels (a mono sound twice, of several channels the first two) and moves on by speed[i]
 * frames of the media after each; stops before the end of the pass and returns how many, 1 or more. `next` is the frame
 * where the pass that follows begins, or READER_NOWHERE. The position must not be at the end: see reader_wrap. */
DAWD_RT unsigned reader_read(struct reader *reader, const double *speed, int64_t next, float *left, float *right,
                             unsigned n);

/* The same for a speed of exactly 1, to be called only when `fraction` is 0: the frames themselves, bit by bit. */
DAWD_RT unsigned reader_copy(struct reader *reader, int64_t next, float *left, float *right, unsigned n);

/* Begins the next pass when the position has come to the end: true while there is something to read. */
DAWD_RT bool reader_wrap(struct reader *reader, int64_t next);
