#include "graph/dsp/reader.h"

#include "graph/dsp/sweep.h"
#include "graph/dsp/vector.h"
#include "graph/rt_only.h"

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

/* The window is as long as the stack allows; at high speeds it holds fewer frames than were asked for, and the caller comes
 * again. */
DAWD_CLONES unsigned reader_read(struct reader *reader, const double *speed, int64_t next, float *left, float *right,
                                 unsigned n)
{
    float window[2][SWEEP_WINDOW];
    struct sweep_place place = {reader->frame, reader->fraction};
    struct sweep_span span = sweep_span(speed, n);
    int64_t last = place.frame + span.frames;
    if (last > reader_end(reader))
        last = reader_end(reader);
    unroll(reader, place.frame - span.margin + 1, next, window[0], window[1], sweep_samples(&span));
    unsigned done = sweep(&place, &span, last, window, speed, left, right, n);
    reader->frame = place.frame;
    reader->fraction = place.fraction;
    return done;
}
