/* Lines for networks of echoes: rings read at whole frames, so that nothing is lost however often sound goes round, and
 * moved by hopping: a tap that goes elsewhere is faded over, so that a change of length bends no pitch.
 *
 *     clock:  |0 ...  cell ... 127|128 ...     one stretch never leaves a cell of 128 frames
 *     tap 0:  |--- hops ---|                        |--- hops ---|           within HOP_FADE
 *     tap 1:         |--- hops ---|                        |--- hops ---|    HOP_APART later
 *
 * One tap after the other sets out, each faded over to its new place: all together they would be heard as a dip, and at
 * once as a click. The shares of both places add up to one: what is read is never more than the line held, so that a
 * network which is stable stays so while it hops, for ever if somebody wants that. All is counted by the clock of the
 * owner, never by blocks.
 */
#pragma once

#include "graph/dsp/finite.h"
#include "graph/dsp/vector.h"
#include "graph/node.h"

#define HOP_CELL  128u                      /* frames */
#define HOP_ROOM  (HOP_CELL + VECTOR_WIDTH) /* for a stretch and what a vector sees beyond it */
#define HOP_APART (2 * HOP_CELL)
#define HOP_FADE  (8 * HOP_CELL)   /* smooth at both ends: a tone has side bands 42 dB down while a room grows in 2 s */
#define HOP_TURN  (16 * HOP_APART) /* from one start of a tap to its next: 85 ms at 48 kHz */

/* A ring that turns back where its longest tap allows it: what is read has then been written as short a while ago as can
 * be, and mostly lies in a cache still. Since it is written from its beginning on, it may turn back earlier or later than
 * the last time without anything being moved. It is followed by its first cell again, so that a stretch is in one piece
 * anywhere, and by eight frames that a vector may look at in vain.
 *
 *     |newer ...      at|older ...     wrap|the first cell again|  ...  size|
 */
struct hop_line {
    float *frames;
    unsigned size;   /* frames that there is room for: a multiple of HOP_CELL, as wrap and wanted are */
    unsigned at;     /* where the next frame is written */
    unsigned wrap;   /* where it turned back the last time */
    unsigned wanted; /* where it is to turn back the next time */
    unsigned spare;  /* frames that it knows beyond its longest tap */
    unsigned heard;  /* frames that it has heard: what was before is silence, whatever it holds */
};

/* Where a line is read, in frames ago. */
struct hop_tap {
    unsigned now, before; /* the same, unless it hops */
    unsigned number;      /* tells when it sets out */
};

/* Frames of a ring for taps up to most_frames. */
DAWD_ANY static inline unsigned hop_line_frames(const struct hop_line *line, unsigned most_frames)
{
    return (most_frames + HOP_CELL - 1) / HOP_CELL * HOP_CELL + line->spare;
}

/* Takes silence for taps up to most_frames. Where a cell is read before it is written, taps are longer than a cell;
 * otherwise the ring is one cell longer. False when memory ran out; nothing is to be undone. */
DAWD_CTL static inline bool hop_line_init(struct hop_line *line, struct arena *arena, unsigned most_frames,
                                          bool is_read_first)
{
    line->spare = is_read_first ? 0 : HOP_CELL;
    line->at = 0;
    line->heard = 0;
    line->size = line->wrap = line->wanted = hop_line_frames(line, most_frames);
    line->frames = arena_take_array(arena, line->size + HOP_CELL + VECTOR_WIDTH, sizeof(float));
    return line->frames;
}

/* From the next time on it turns back for taps up to most_frames. */
DAWD_RT static inline void hop_line_want(struct hop_line *line, unsigned most_frames)
{
    unsigned wanted = hop_line_frames(line, most_frames);
    line->wanted = wanted < line->size ? wanted : line->size;
}

/* How long ago a tap may be that is set at the beginning of a cell. */
DAWD_RT static inline unsigned hop_line_known(const struct hop_line *line)
{
    unsigned turn = line->at > line->wrap ? line->at : line->wrap;
    return (turn < line->wanted ? turn : line->wanted) - line->spare;
}

/* Forgets all at once; what is stale is silenced as it is read. */
DAWD_RT static inline void hop_line_clear(struct hop_line *line)
{
    line->heard = 0;
}

/* Where it is written. */
DAWD_RT static inline float *hop_line_now(const struct hop_line *line)
{
    return line->frames + line->at;
}

static const float hop_silence[HOP_ROOM];

/* What it held `ago` frames before now: n frames, up to the end of the cell. What it has not heard is not even looked at: in a line that
 * begins, or begins anew, that would come from far away in memory. */
DAWD_RT static inline const float *hop_line_ago(const struct hop_line *line, unsigned ago, unsigned n)
{
    if (line->heard + n <= ago)
        return hop_silence;
    float *from = line->frames + (line->at >= ago ? line->at : line->at + line->wrap) - ago;
    if (line->heard < ago)
        memset(from, 0, (n < ago - line->heard ? n : ago - line->heard) * sizeof *from);
    return from;
}

/* After n frames were written, which did not leave a cell: it ends as it begins. */
DAWD_RT static inline void hop_line_close(struct hop_line *line, unsigned n)
{
    if (line->at < HOP_CELL)
        memcpy(hop_line_now(line) + line->wrap, hop_line_now(line), n * sizeof(float));
}

/* It is closed: time goes on. */
DAWD_RT static inline void hop_line_advance(struct hop_line *line, unsigned n)
{
    line->at += n;
    line->heard += line->heard < line->size ? n : 0;
    if (line->at % HOP_CELL == 0 && line->at >= line->wanted) {
        line->wrap = line->at;
        line->at = 0;
    }
}

/* Time has gone on to this frame of the clock while it was silent. What it passes over may hold what the line knew when it
 * was longer. */
DAWD_RT static inline void hop_line_skip(struct hop_line *line, uint64_t clock)
{
    hop_line_clear(line);
    line->at = line->at / HOP_CELL * HOP_CELL + (unsigned)(clock % HOP_CELL);
}

/* Whether the last n frames, or all if there are fewer, are zeros. */
DAWD_RT static inline bool hop_line_given_nothing(const struct hop_line *line, unsigned n)
{
    unsigned all = n < line->wrap ? n : line->wrap, before_end = line->at < all ? all - line->at : 0;
    return all_zero(line->frames + line->wrap - before_end, before_end) &&
           all_zero(hop_line_now(line) - (all - before_end), all - before_end);
}

/* Frames since a tap could set out the last time. */
DAWD_RT static inline unsigned hop_tap_gone(const struct hop_tap *tap, uint64_t clock)
{
    return (unsigned)(clock - tap->number * HOP_APART) % HOP_TURN;
}

/* A cell begins. If it is time for the tap, it has arrived, or goes to `wanted`, or as far towards it as its line knows.
 * Returns the longest of all these. */
DAWD_RT static inline unsigned hop_tap_turn(struct hop_tap *tap, const struct hop_line *line, uint64_t clock,
                                            unsigned wanted)
{
    unsigned known = hop_line_known(line), gone = hop_tap_gone(tap, clock);
    if (gone == HOP_FADE)
        tap->before = tap->now;
    if (gone == 0)
        tap->now = wanted < known ? wanted : known;
    wanted = tap->now > wanted ? tap->now : wanted;
    return tap->before > wanted ? tap->before : wanted;
}

/* Reads n frames, up to the end of the cell: in the line itself, or faded over into `room` of HOP_ROOM floats. */
DAWD_RT static inline const float *hop_read(const struct hop_line *line, const struct hop_tap *tap, uint64_t clock,
                                            float *room, unsigned n)
{
    const float *now = hop_line_ago(line, tap->now, n), *before;
    if (tap->now == tap->before)
        return now;
    before = hop_line_ago(line, tap->before, n);
    float scale = 1.0f / HOP_FADE;
    int gone = (int)hop_tap_gone(tap, clock);
    for (unsigned i = 0; i < n; i++) {
        float share = scale * (float)(gone + (int)i);
        share = share * share * (3 - 2 * share);
        room[i] = (1 - share) * before[i] + share * now[i];
    }
    return room;
}
