#include "graph/dsp/sample_reader.h"

#include <string.h>

#include "graph/dsp/vector.h"
#include "graph/rt_only.h"

/* Behind the last frame of all. */
static int64_t end_of(const struct sample_reader *reader)
{
    return reader->loops ? INT64_MAX : (int64_t)reader->zone->end;
}

void sample_reader_start(struct sample_reader *reader, const struct instrument_sound *sound,
                         const struct instrument_zone *zone, struct stream *stream, bool loops)
{
    *reader = (struct sample_reader){.sound = sound,
                                     .zone = zone,
                                     .stream = stream,
                                     .place.frame = (int64_t)zone->start,
                                     .loops = loops,
                                     .flows = sample_reader_flows(sound, zone, loops)};
    if (stream)
        stream_begin_rt(stream, &(struct stream_wish){.sound = (uint32_t)zone->sound,
                                                      .from = sound->first + sound->media->n_frames,
                                                      .end = zone->end,
                                                      .loop_start = zone->loop_start,
                                                      .loop_end = loops ? zone->loop_end : 0});
}

bool sample_reader_is_over(const struct sample_reader *reader)
{
    return reader->place.frame >= end_of(reader);
}

bool sample_reader_is_mono(const struct sample_reader *reader)
{
    return reader->sound->media->channels == 1;
}

bool sample_reader_is_fed(const struct sample_reader *reader, const double *speed, unsigned n, unsigned reserve)
{
    if (!reader->flows)
        return true;
    double way = 0, most = 0;
    for (unsigned i = 0; i < n; i++) {
        way += speed[i];
        most = speed[i] > most ? speed[i] : most;
    }
    way += speed[n - 1] * reserve + transpose_reach(most) + 2;
    int64_t first = (int64_t)reader->sound->first, needed = reader->place.frame + (int64_t)way;
    uint64_t filled = reader->stream ? stream_filled_rt(reader->stream) : 0;
    int64_t there = first + (int64_t)(reader->sound->media->n_frames + filled);
    return there >= needed || there >= end_of(reader);
}

/* ---- what is where --------------------------------------------------------------------------------------------------- */

/* Frames in a row: in memory, or null for silence. `other` leads over to it, by `part` parts of fade + 1 in the first
 * one. */
struct piece {
    const float *from, *other;
    int64_t part, fade, n;
};

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

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

/* What the file holds from a frame on; behind the end of what is in memory, and of the zone, there is silence. */
static struct piece memory_piece(const struct sample_reader *reader, int64_t at)
{
    const struct media *media = reader->sound->media;
    int64_t first = (int64_t)reader->sound->first,
            end = least(first + (int64_t)media->n_frames, (int64_t)reader->zone->end);
    if (at < first)
        return (struct piece){.n = first - at};
    if (at >= end)
        return (struct piece){.n = INT64_MAX};
    return (struct piece){.from = media->samples + (at - first) * media->channels, .n = end - at};
}

/* The same, with the loop and its crossfade; both once it has been left too, as far as it lies behind. */
static struct piece loop_piece(const struct sample_reader *reader, int64_t at)
{
    const struct instrument_zone *zone = reader->zone;
    int64_t heard = looped(reader, at), end = (int64_t)zone->loop_end, fade = (int64_t)zone->crossfade_frames;
    struct piece piece = memory_piece(reader, heard);
    bool is_past = reader->wrapped && at < (int64_t)zone->loop_start;
    if (is_past)
        piece.n = least(piece.n, (int64_t)zone->loop_start - at);
    if (!reader->loops && !is_past)
        return piece;
    piece.n = least(piece.n, (heard < end - fade ? end - fade : end) - heard);
    if (heard < end - fade)
        return piece;
    struct piece other = memory_piece(reader, heard - (end - (int64_t)zone->loop_start));
    piece.n = least(piece.n, other.n);
    piece.other = other.from;
    piece.part = heard - (end - fade) + 1;
    piece.fade = fade;
    return piece;
}

static struct piece stream_piece(const struct sample_reader *reader, int64_t at, int64_t filled)
{
    const struct media *media = reader->sound->media;
    int64_t index = at - (int64_t)reader->sound->first - (int64_t)media->n_frames, end = filled;
    int64_t in_ring = index & (int64_t)(STREAM_RING_FRAMES - 1);
    if (index < 0) {
        struct piece piece = memory_piece(reader, at);
        piece.n = least(piece.n, -index);
        return piece;
    }
    end = reader->loops ? end : least(end, index + end_of(reader) - at);
    if (index >= end)
        return (struct piece){.n = INT64_MAX};
    return (struct piece){.from = reader->stream->ring + in_ring * media->channels,
                          .n = least(end - index, STREAM_RING_FRAMES - in_ring)};
}

/* ---- the window ------------------------------------------------------------------------------------------------------ */

/* The first two channels, or without `right` the first. */
DAWD_CLONES static void pick(const float *from, unsigned channels, float *left, float *right, unsigned n)
{
    if (channels == 1)
        memcpy(left, from, n * sizeof *left);
    else if (channels == 2)
        for (unsigned i = 0; i < n; i++) {
            left[i] = from[2 * i];
            right[i] = from[2 * i + 1];
        }
    else
        for (unsigned i = 0; i < n; i++) {
            left[i] = from[i * channels];
            right[i] = from[i * channels + 1];
        }
}

static void lead_over(const struct piece *piece, unsigned channels, unsigned channel, float *to, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        float part = (float)(piece->part + i) / ((float)piece->fade + 1);
        to[i] += part * ((piece->other ? piece->other[i * channels + channel] : 0) - to[i]);
    }
}

static void piece_copy(const struct piece *piece, unsigned channels, float *left, float *right, unsigned n)
{
    if (piece->from) {
        pick(piece->from, channels, left, right, n);
    } else {
        memset(left, 0, n * sizeof *left);
        if (right)
            memset(right, 0, n * sizeof *right);
    }
    if (!piece->fade)
        return;
    lead_over(piece, channels, 0, left, n);
    if (right)
        lead_over(piece, channels, 1, right, n);
}

/* `right` is null for a sound of one channel. */
static void unroll(const struct sample_reader *reader, int64_t first, float *left, float *right, unsigned n)
{
    unsigned channels = reader->sound->media->channels;
    int64_t filled = reader->stream ? (int64_t)stream_filled_rt(reader->stream) : 0;
    for (unsigned done = 0, some; done < n; done += some) {
        int64_t at = first + done;
        struct piece piece = reader->flows ? stream_piece(reader, at, filled) : loop_piece(reader, at);
        some = piece.n < n - done ? (unsigned)piece.n : n - done;
        piece_copy(&piece, channels, left + done, right ? right + done : NULL, some);
    }
}

/* ---- going through it ------------------------------------------------------------------------------------------------ */

/* Back to `base` or the first frames behind it, by whole turns of the loop. */
static void go_round(struct sample_reader *reader, int64_t base)
{
    int64_t length = (int64_t)(reader->zone->loop_end - reader->zone->loop_start);
    int64_t back = (reader->place.frame - base) / length * length;
    reader->turned += back;
    reader->place.frame -= back;
}

/* Round the loop, once all that counts lies behind its start: of what was before it, nothing is missed, however short the
 * loop. A loop that is to be left is left at its end. */
static void wrap(struct sample_reader *reader)
{
    int64_t start = (int64_t)reader->zone->loop_start, end = (int64_t)reader->zone->loop_end;
    if (!reader->loops || reader->flows || reader->place.frame < end)
        return;
    if (!reader->leaves) {
        if (reader->place.frame >= end + TRANSPOSE_REACH)
            go_round(reader, start + TRANSPOSE_REACH);
        return;
    }
    go_round(reader, start);
    reader->wrapped = true;
    reader->loops = reader->leaves = false;
}

void sample_reader_leave(struct sample_reader *reader)
{
    const struct instrument_zone *zone = reader->zone;
    int64_t fade = (int64_t)(zone->loop_end - zone->crossfade_frames) - (int64_t)transpose_reach(1);
    if (!reader->loops || reader->flows)
        return;
    if (reader->place.frame >= (int64_t)zone->loop_end) {
        go_round(reader, (int64_t)zone->loop_start);
        reader->wrapped = true;
    }
    reader->leaves = zone->crossfade_frames && reader->place.frame >= fade;
    reader->loops = reader->leaves;
}

/* What lies behind the reach of the kernel may be overwritten. */
static void give_back(const struct sample_reader *reader)
{
    int64_t ring = (int64_t)(reader->sound->first + reader->sound->media->n_frames);
    int64_t done = reader->place.frame - ring - TRANSPOSE_REACH;
    if (reader->stream && done > 0)
        stream_taken_rt(reader->stream, (uint64_t)done);
}

/* As many frames as go at the speed of the file, or as do not, as the first one: whether it is copied or worked out is each
 * frame's own, wherever a block ends. Looked at eight at a time. */
static unsigned alike(const double *speed, unsigned n)
{
    unsigned i = 0;
    for (unsigned differ = 0; i + VECTOR_WIDTH <= n; i += VECTOR_WIDTH) {
        for (unsigned k = 0; k < VECTOR_WIDTH; k++)
            differ |= (speed[i + k] == 1) != (speed[0] == 1);
        if (differ)
            break;
    }
    while (i < n && (speed[i] == 1) == (speed[0] == 1))
        i++;
    return i;
}

/* Where reading has to stop and look. A window goes round by itself: a loop of one frame takes no more windows than any. */
static int64_t end_of_pass(const struct sample_reader *reader)
{
    return reader->leaves ? (int64_t)reader->zone->loop_end : end_of(reader);
}

/* Up to there, or to the end of what a window holds. */
static unsigned some(struct sample_reader *reader, struct transpose *transpose, const double *speed, float *left,
                     float *right, unsigned n)
{
    int64_t end = end_of_pass(reader);
    n = alike(speed, n);
    if (speed[0] == 1 && reader->place.fraction == 0) {
        n = (unsigned)least(n, end - reader->place.frame);
        unroll(reader, reader->place.frame, left, right, n);
        reader->place.frame += n;
        return n;
    }
    struct transpose_span span = transpose_span(transpose, &reader->place, reader->turned, speed, n);
    unroll(reader, span.first, transpose->window[0], right ? transpose->window[1] : NULL, span.frames);
    return transpose_run(transpose, &span, &reader->place, end, speed, left, right);
}

unsigned sample_reader_run(struct sample_reader *reader, struct transpose *transpose, const double *speed, float *left,
                           float *right, unsigned n)
{
    unsigned done = 0;
    float *other = sample_reader_is_mono(reader) ? NULL : right;
    while (done < n && !sample_reader_is_over(reader)) {
        done += some(reader, transpose, speed + done, left + done, other ? other + done : NULL, n - done);
        wrap(reader);
    }
    memset(left + done, 0, (n - done) * sizeof *left);
    if (other)
        memset(other + done, 0, (n - done) * sizeof *other);
    give_back(reader);
    return done;
}
