#include "graph/dsp/reader.h"

#include "graph/dsp/sinc.h"
#include "graph/dsp/vector.h"
#include "graph/rt_only.h"

#define WINDOW 1024 /* frames unrolled at a time, the reach of the kernel to both sides included */

/* A speed taken apart: what one frame adds to the position. */
struct step {
    double speed;      /* frames of the media */
    int64_t whole;     /* of them, and */
    uint64_t fraction; /* 2^-64 parts */
};

int64_t reader_end(const struct reader *reader)
{
    return (int64_t)reader->media->n_frames;
}

int64_t reader_frame_at(const struct reader *reader, double time_s)
{
    int64_t frame = (int64_t)(time_s * reader->media->rate_hz + 0.5);
    return frame < reader_end(reader) ? frame : READER_NOWHERE;
}

double reader_time_s(const struct reader *reader)
{
    return ((double)reader->frame + (double)reader->fraction * 0x1p-64) / reader->media->rate_hz;
}

void reader_place(struct reader *reader, int64_t frame)
{
    reader->frame = reader->from = frame;
    reader->fraction = 0;
    reader->wrapped = false;
}

bool reader_wrap(struct reader *reader, int64_t next)
{
    int64_t end = reader_end(reader);
    if (reader->frame < end)
        return true;
    if (next == READER_NOWHERE)
        return false;
    reader->frame = next + (reader->frame - end) % (end - next);
    reader->from = next;
    reader->wrapped = true;
    return true;
}

/* The frame of the media that is heard at a frame counted through this pass; below 0 for silence. */
static int64_t heard_at(const struct reader *reader, int64_t at, int64_t next)
{
    int64_t end = reader_end(reader), from = reader->from;
    if (at >= end)
        return next == READER_NOWHERE ? READER_NOWHERE : next + (at - end) % (end - next);
    if (at < from && reader->wrapped)
        return end - 1 - (from - 1 - at) % (end - from);
    return at;
}

/* n frames in a row from `first` on, counted through this pass. */
static void unroll(const struct reader *reader, int64_t first, int64_t next, float *left, float *right, unsigned n)
{
    const struct media *media = reader->media;
    unsigned channels = media->channels, second = channels > 1;
    if (first >= (reader->wrapped ? reader->from : 0) && first + n <= reader_end(reader)) {
        const float *frame = media->samples + first * channels;
        for (unsigned i = 0; i < n; i++, frame += channels) {
            left[i] = frame[0];
            right[i] = frame[second];
        }
        return;
    }
    for (unsigned i = 0; i < n; i++) {
        int64_t at = heard_at(reader, first + i, next);
        left[i] = at < 0 ? 0 : media->samples[at * channels];
        right[i] = at < 0 ? 0 : media->samples[at * channels + second];
    }
}

unsigned reader_copy(struct reader *reader, int64_t next, float *left, float *right, unsigned n)
{
    int64_t rest = reader_end(reader) - reader->frame;
    n = rest < n ? (unsigned)rest : n;
    unroll(reader, reader->frame, next, left, right, n);
    reader->frame += n;
    return n;
}

/* In integers: a double would round the position at every frame, and a loop of a week would drift. */
static void advance(struct reader *reader, struct step *step, double speed)
{
    if (speed != step->speed) {
        int64_t whole = (int64_t)speed;
        *step = (struct step){speed, whole, (uint64_t)((speed - (double)whole) * 0x1p64)};
    }
    reader->fraction += step->fraction;
    reader->frame += step->whole + (reader->fraction < step->fraction);
}

static double highest(const double *speed, unsigned n)
{
    double most = speed[0];
    for (unsigned i = 1; i < n; i++)
        most = speed[i] > most ? speed[i] : most;
    return most;
}

/* The window is as long as the stack allows; at high speeds it holds fewer frames than were asked for, and the caller comes
 * again. */
DAWD_CLONES unsigned reader_read(struct reader *reader, const double *speed, int64_t next, float *left, float *right,
                                 unsigned n)
{
    float window[2][WINDOW], weights[SINC_TAPS_MAX];
    double most = highest(speed, n);
    unsigned margin = sinc_reach((float)most), done = 0, room = WINDOW - 2 * margin - SINC_LANES;
    unsigned span = most * n + 2 < room ? (unsigned)(most * n) + 2 : room;
    int64_t first = reader->frame - margin + 1, last = reader->frame + span;
    /* No speed is that, so the first one is taken apart. */
    struct step step = {.speed = -1};
    if (last > reader_end(reader))
        last = reader_end(reader);
    unroll(reader, first, next, window[0], window[1], span + 2 * margin + SINC_LANES);
    while (done < n && reader->frame < last) {
        unsigned reach = sinc_reach((float)speed[done]), at = (unsigned)(reader->frame - first) - reach + 1;
        unsigned taps = sinc_weights(weights, (uint32_t)(reader->fraction >> 32), (float)speed[done]);
        left[done] = sinc_dot(weights, window[0] + at, taps);
        right[done] = sinc_dot(weights, window[1] + at, taps);
        advance(reader, &step, speed[done++]);
    }
    return done;
}
