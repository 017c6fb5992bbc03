/* A sound on its way from the disk to the audio thread, of one voice.
 *
 *     audio                                                stream thread
 *     stream_begin_rt ── sound, place, a new ticket ──▶    opens or seeks
 *     stream_taken_rt ── ticket, frames done with ────▶    [ ring of 0.7 s ] ◀── decodes ahead of it
 *     stream_filled_rt ◀─ ticket, frames there are ────
 *
 * Neither waits for the other. What is in the ring belongs to the ticket that `filled` names: of a stream that was begun
 * anew there is nothing until the other side has seen it. Loops are the other side's business: the ring goes round and round
 * in them. A ticket and a count travel in one word, so that they are always of the same moment.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "graph/thread.h"

#define STREAM_RING_FRAMES 32768u /* a power of two; 0.7 s, and 21 ms of what is played five octaves up */
#define STREAM_CHANNELS    2      /* that a ring has room for */
#define STREAM_NOTHING     UINT32_MAX
#define STREAM_COUNT_BITS  40 /* of frames: months; the other 24 count tickets */
#define STREAM_COUNT       ((UINT64_C(1) << STREAM_COUNT_BITS) - 1)

/* What is to be read: constant while its ticket is. */
struct stream_wish {
    uint32_t sound;      /* of the instrument, or STREAM_NOTHING */
    uint64_t from;       /* frame of the file that the ring begins with */
    uint64_t end;        /* frame of the file behind the last one, where it does not loop */
    uint64_t loop_start; /* frames of the file, */
    uint64_t loop_end;   /* 0: it does not loop */
};

/* One ring. Frames are counted from where its wish began, and lie in the ring at their count modulo its length: neither side
 * ever has to tell the other where it stands in memory. */
struct stream {
    /* Constant. */
    float *ring;                       /* STREAM_RING_FRAMES, interleaved as the sound's head is; touched */
    void (*fill)(struct stream *self); /* offline: fills it at once; null: a thread does */
    void *feeder;                      /* whose `fill` is */
    /* The audio thread's. */
    _Atomic uint64_t asked; /* ticket, and frames that are done with */
    _Atomic uint32_t sound;
    _Atomic uint64_t from, end, loop_start, loop_end;
    bool is_used; /* its own: by a voice */
    /* The stream thread's. */
    _Atomic uint64_t filled; /* ticket, and frames since its beginning */
};

/* Frames that a word counts. */
DAWD_ANY static inline uint64_t stream_word_count(uint64_t word)
{
    return word & STREAM_COUNT;
}

/* Whether two words are of the same ticket. Tickets come again after sixteen million of them: a stream thread that has slept
 * through as many would be the lesser of the troubles. */
DAWD_ANY static inline bool stream_word_agrees(uint64_t one, uint64_t other)
{
    return one >> STREAM_COUNT_BITS == other >> STREAM_COUNT_BITS;
}

/* ---- audio ----------------------------------------------------------------------------------------------------------- */

/* Asks for something else from now on; what is in the ring is forgotten. Nothing comes until the other side has looked, which
 * it does every few ms: the head of the sound has to last until then. */
DAWD_RT static inline void stream_begin_rt(struct stream *stream, const struct stream_wish *wish)
{
    uint64_t was = atomic_load_explicit(&stream->asked, memory_order_relaxed);
    uint64_t ticket = (was >> STREAM_COUNT_BITS) + 1;
    /* Taken apart first: whoever reads half of this finds another ticket behind it than before, since each part comes with all
     * that went before it. */
    atomic_store_explicit(&stream->sound, STREAM_NOTHING, memory_order_relaxed);
    atomic_store_explicit(&stream->asked, ticket << STREAM_COUNT_BITS, memory_order_release);
    atomic_store_explicit(&stream->from, wish->from, memory_order_release);
    atomic_store_explicit(&stream->end, wish->end, memory_order_release);
    atomic_store_explicit(&stream->loop_start, wish->loop_start, memory_order_release);
    atomic_store_explicit(&stream->loop_end, wish->loop_end, memory_order_release);
    atomic_store_explicit(&stream->sound, wish->sound, memory_order_release);
}

/* Frames of what was asked for that have come, those done with included. Those that are not done with may be read until they
 * are said to be. */
DAWD_RT static inline uint64_t stream_filled_rt(struct stream *stream)
{
    if (stream->fill)
        stream->fill(stream);
    uint64_t filled = atomic_load_explicit(&stream->filled, memory_order_acquire);
    uint64_t asked = atomic_load_explicit(&stream->asked, memory_order_relaxed);
    return stream_word_agrees(filled, asked) ? stream_word_count(filled) : 0;
}

/* All frames before this one are done with. */
DAWD_RT static inline void stream_taken_rt(struct stream *stream, uint64_t count)
{
    uint64_t asked = atomic_load_explicit(&stream->asked, memory_order_relaxed);
    if (count > stream_word_count(asked))
        atomic_store_explicit(&stream->asked, (asked & ~STREAM_COUNT) | (count & STREAM_COUNT), memory_order_release);
}
