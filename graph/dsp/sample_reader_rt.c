#include "graph/dsp/sample_reader.h"

#include <string.h>

#include "graph/dsp/sweep.h"
#include "graph/rt_only.h"

/* Behind the last frame of all. */
static int64_t end_of(const struct sample_reader *reader)
{
    return reader->flows && reader->loops ? INT64_MAX : (int64_t)reader->zone->end;
}

void sample_reader_start(struct sample_reader *reader, const struct instrument_sound *sound,
                         const struct instrument_zone *zone, struct stream *stream, bool loops)
{
    *reader = (struct sample_reader){.sound = sound,
                                     .zone = zone,
                                     .stream = stream,
                                     .frame = (int64_t)zone->start,
                                     .loops = loops,
                                     .flows = sample_reader_flows(sound, zone, loops)};
    if (stream)
        stream_begin_rt(stream, &(struct stream_wish){.sound = (uint32_t)zone->sound,
                                                      .from = sound->first + sound->media->n_frames,
                                                      .end = zone->end,
                                                      .loop_start = zone->loop_start,
                                                      .loop_end = loops ? zone->loop_end : 0});
}

void sample_reader_leave(struct sample_reader *reader)
{
    const struct instrument_zone *zone = reader->zone;
    int64_t fade = (int64_t)(zone->loop_end - zone->crossfade_frames) - 2 * SINC_SIDE;
    reader->leaves = reader->loops && !reader->flows;
    if (reader->leaves && (!zone->crossfade_frames || reader->frame < fade))
        reader->loops = reader->leaves = false;
}

bool sample_reader_is_over(const struct sample_reader *reader)
{
    return reader->frame >= end_of(reader);
}

bool sample_reader_is_mono(const struct sample_reader *reader)
{
    return reader->sound->media->channels == 1;
}

bool sample_reader_is_fed(const struct sample_reader *reader, const double *speed, unsigned n, unsigned reserve)
{
    if (!reader->flows)
        return true;
    double way = 0;
    for (unsigned i = 0; i < n; i++)
        way += speed[i];
    way += speed[n - 1] * reserve + SINC_TAPS_MAX / 2 + SINC_LANES + 2;
    int64_t first = (int64_t)reader->sound->first, needed = reader->frame + (int64_t)way;
    uint64_t filled = reader->stream ? stream_filled_rt(reader->stream) : 0;
    int64_t there = first + (int64_t)(reader->sound->media->n_frames + filled);
    return there >= needed || there >= end_of(reader);
}

/* ---- what is where --------------------------------------------------------------------------------------------------- */

/* A frame that lies in the file, as the loop has it. */
static int64_t looped(const struct sample_reader *reader, int64_t at)
{
    int64_t start = (int64_t)reader->zone->loop_start, end = (int64_t)reader->zone->loop_end;
    if (reader->loops && at >= end)
        return start + (at - start) % (end - start);
    if (reader->wrapped && at < start)
        return end - 1 - (start - 1 - at) % (end - start);
    return at;
}

static void memory_get(const struct sample_reader *reader, int64_t at, float frame[2])
{
    const struct media *media = reader->sound->media;
    int64_t index = at - (int64_t)reader->sound->first;
    frame[0] = frame[1] = 0;
    if (index < 0 || at >= (int64_t)reader->zone->end || index >= (int64_t)media->n_frames)
        return;
    const float *samples = media->samples + index * media->channels;
    frame[0] = samples[0];
    frame[1] = samples[media->channels > 1];
}

/* One frame of the sound in memory, its loop and crossfade included. */
static void loop_get(const struct sample_reader *reader, int64_t at, float frame[2])
{
    const struct instrument_zone *zone = reader->zone;
    int64_t heard = looped(reader, at), fade = (int64_t)zone->crossfade_frames;
    int64_t into = heard - ((int64_t)zone->loop_end - fade);
    memory_get(reader, heard, frame);
    if ((!reader->loops && !reader->wrapped) || into < 0 || into >= fade)
        return;
    float other[2], part = ((float)into + 1) / ((float)fade + 1);
    memory_get(reader, heard - (int64_t)(zone->loop_end - zone->loop_start), other);
    frame[0] += part * (other[0] - frame[0]);
    frame[1] += part * (other[1] - frame[1]);
}

static void stream_get(const struct sample_reader *reader, int64_t at, uint64_t filled, float frame[2])
{
    const struct media *media = reader->sound->media;
    int64_t index = at - (int64_t)reader->sound->first - (int64_t)media->n_frames;
    if (index < 0) {
        memory_get(reader, at, frame);
        return;
    }
    frame[0] = frame[1] = 0;
    if ((uint64_t)index >= filled || at >= end_of(reader))
        return;
    const float *samples = reader->stream->ring + ((uint64_t)index & (STREAM_RING_FRAMES - 1)) * media->channels;
    frame[0] = samples[0];
    frame[1] = samples[media->channels > 1];
}

/* Whether the n frames from `first` on lie in memory as they are heard. */
static bool is_plain(const struct sample_reader *reader, int64_t first, unsigned n)
{
    const struct instrument_zone *zone = reader->zone;
    int64_t low = (int64_t)reader->sound->first, high = low + (int64_t)reader->sound->media->n_frames;
    if (reader->loops && !reader->flows)
        high = (int64_t)(zone->loop_end - zone->crossfade_frames);
    if (reader->wrapped)
        low = (int64_t)zone->loop_start;
    if (high > (int64_t)zone->end)
        high = (int64_t)zone->end;
    return first >= low && first + n <= high;
}

static void unroll(const struct sample_reader *reader, int64_t first, float *left, float *right, unsigned n)
{
    const struct media *media = reader->sound->media;
    unsigned channels = media->channels, second = channels > 1;
    if (is_plain(reader, first, n)) {
        const float *frame = media->samples + (first - (int64_t)reader->sound->first) * channels;
        for (unsigned i = 0; i < n; i++, frame += channels) {
            left[i] = frame[0];
            right[i] = frame[second];
        }
        return;
    }
    uint64_t filled = reader->stream ? stream_filled_rt(reader->stream) : 0;
    for (unsigned i = 0; i < n; i++) {
        float frame[2];
        if (reader->flows)
            stream_get(reader, first + i, filled, frame);
        else
            loop_get(reader, first + i, frame);
        left[i] = frame[0];
        right[i] = frame[1];
    }
}

/* ---- going through it ------------------------------------------------------------------------------------------------ */

/* Round the loop, where its end was passed; a loop that is to be left is left there. */
static void wrap(struct sample_reader *reader)
{
    int64_t start = (int64_t)reader->zone->loop_start, end = (int64_t)reader->zone->loop_end;
    if (!reader->loops || reader->flows || reader->frame < end)
        return;
    reader->frame = start + (reader->frame - start) % (end - start);
    reader->wrapped = true;
    if (reader->leaves)
        reader->loops = reader->leaves = false;
}

/* What lies behind the reach of the kernel may be overwritten. */
static void give_back(const struct sample_reader *reader)
{
    int64_t ring = (int64_t)(reader->sound->first + reader->sound->media->n_frames);
    int64_t done = reader->frame - ring - SINC_TAPS_MAX / 2 - 1;
    if (reader->stream && done > 0)
        stream_taken_rt(reader->stream, (uint64_t)done);
}

static bool is_copy(const struct sample_reader *reader, const double *speed, unsigned n)
{
    bool is = reader->fraction == 0;
    for (unsigned i = 0; i < n && is; i++)
        is = speed[i] == 1;
    return is;
}

/* Where reading has to stop and look. The window goes round by itself: a loop of one frame takes no more windows than any. */
static int64_t end_of_pass(const struct sample_reader *reader)
{
    if (reader->loops && !reader->flows)
        return reader->leaves ? (int64_t)reader->zone->loop_end : INT64_MAX;
    return end_of(reader);
}

/* Up to there, or to the end of what a window holds. */
DAWD_CLONES static unsigned some(struct sample_reader *reader, const double *speed, float *left, float *right, unsigned n)
{
    float window[2][SWEEP_WINDOW];
    int64_t end = end_of_pass(reader);
    struct sweep_place place = {reader->frame, reader->fraction};
    unsigned done;
    if (is_copy(reader, speed, n)) {
        done = end - place.frame < n ? (unsigned)(end - place.frame) : n;
        unroll(reader, place.frame, left, right, done);
        reader->frame += done;
        return done;
    }
    struct sweep_span span = sweep_span(speed, n);
    int64_t last = place.frame + span.frames < end ? place.frame + span.frames : end;
    unroll(reader, place.frame - span.margin + 1, window[0], window[1], sweep_samples(&span));
    done = sweep(&place, &span, last, window, speed, left, sample_reader_is_mono(reader) ? NULL : right, n);
    reader->frame = place.frame;
    reader->fraction = place.fraction;
    return done;
}

void sample_reader_run(struct sample_reader *reader, const double *speed, float *left, float *right, unsigned n)
{
    unsigned done = 0;
    while (done < n && !sample_reader_is_over(reader)) {
        done += some(reader, speed + done, left + done, right + done, n - done);
        wrap(reader);
    }
    memset(left + done, 0, (n - done) * sizeof *left);
    memset(right + done, 0, (n - done) * sizeof *right);
    give_back(reader);
}
