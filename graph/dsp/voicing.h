/* From the notes and controllers of a block to voices: what an instrument asks of each.
 *
 *     io->events ──▶ slots.h: who plays which note, from when on ─────────────────────────▶ voice->slot
 *               └──▶ channels: bend, pressure, modulation, timbre, volume; RPN; MPE ──┐
 *                                                              glide ──▶ straight ways per voice: voice->pitch, …
 *
 *     for (unsigned at = 0, run; at < io->n; at += run) {
 *         run = voicing_run(&v, &settings, io->events, at, io->n);
 *         for (unsigned i = 0; i < v.slots.n; i++) {
 *             struct voice *voice = &v.voice[i];
 *             if (!voice->slot->sounds) continue;
 *             if (voice->slot->starts) …                       slot: starts, gate, velocity, place, …
 *             … run frames from `at` on, frame k with voice_pitch(voice, k) and slots_gain(&v.slots, voice->slot, k)
 *             if (… it has ended) slots_end(&v.slots, voice->slot);
 *         }
 *     }
 *
 *     way          from                                     smoothed      a new note
 *     note         its number                               glide         from the one before, if it glides
 *     bend         channel, master: value x range           5 ms          at once what the channel says
 *     pressure     the higher of note and channel           5 ms          likewise; its own begins at 0
 *     modulation   controller 1                             5 ms          likewise
 *     timbre       controller 74, 64 is the middle          5 ms          likewise
 *     volume       (controller 7 x controller 11) squared   5 ms          likewise
 *
 * Controllers of the frame in which a note begins count as said before it, in whatever order they come.
 *
 * All runs that are asked for are rendered. What sounds does not depend on where the block ends: ways are numbered frame by
 * frame from where they began.
 *
 * MPE (MIDI Polyphonic Expression 1.0, 2018): what is said on the channel of a note is that note's own, and its zone's
 * master channel has its say on top: bends add, as do pressure and timbre, volumes multiply.
 */
#pragma once

#include "graph/dsp/slots.h"

#define VOICING_SMOOTH_S 0.005 /* that a step of a controller takes */

/* As the node's parameters are. */
struct voicing_settings {
    struct slots_settings slots;
    float glide_s;        /* from note to note, however far; 0: none */
    bool glides_legato;   /* only from a note that is held */
    float bend_semitones; /* of a whole bend; RPN 0 says otherwise until this changes */
    bool mpe;             /* channel 1 is the master of all others; RPN 6 says otherwise until this changes */
};

/* From one value to another in so many frames, of which `done` are over. */
struct voice_way {
    double from, to, step;
    uint32_t done, frames;
};

struct voice {
    struct slot *slot;
    /* octaves from A4, and on top of that */
    struct voice_way note, bend;
    /* 0..1: the higher of the note's and its channel's */
    struct voice_way pressure;
    /* 0..1 */
    struct voice_way modulation;
    /* -1..1, rests at 0 */
    struct voice_way timbre;
    /* volume and expression as a gain, 1 until told */
    struct voice_way volume;
    /* of the note, 0..1 */
    float own_pressure;
};

/* What a channel says. */
struct voicing_channel {
    float bend, pressure, modulation, timbre, volume, expression;
    float range; /* semitones by RPN 0; below 0: as the settings say */
    uint8_t parameter, parameter_fine;
};

struct voicing {
    /* until an event comes: nothing moves, so there is nothing to be looked at */
    bool rests;
    /* a controller has, in this frame */
    bool moved;
    bool has_played;
    /* event */
    unsigned next;
    /* that bend ranges and zones were last taken from */
    struct voicing_settings told;
    /* one per slot, in their order */
    struct voice *voice;
    struct slots slots;
    struct voicing_channel channel[EVENT_CHANNELS];
    /* pitch: of the newest note */
    double rate_hz, pitch;
};

/* For n_heard voices, 1..SLOTS_MOST. 0, or ERROR_INTERNAL: no memory. */
DAWD_CTL int voicing_init(struct voicing *voicing, struct arena *arena, unsigned n_heard, double rate_hz);

/* Takes the events of frame `at` of the block and returns for how many of n - at frames nothing new begins. */
DAWD_RT unsigned voicing_run(struct voicing *voicing, const struct voicing_settings *settings,
                             const struct event_list *events, unsigned at, unsigned n);

/* The value at frame i of the run. */
DAWD_RT static inline double voice_way_at(const struct voice_way *way, unsigned i)
{
    uint32_t at = way->done + i;
    return at < way->frames ? way->from + way->step * at : way->to;
}

/* Whether it is there. */
DAWD_RT static inline bool voice_way_rests(const struct voice_way *way)
{
    return way->done >= way->frames;
}

/* Octaves from A4 at frame i of the run, glide and bend included. */
DAWD_RT static inline double voice_pitch(const struct voice *voice, unsigned i)
{
    return voice_way_at(&voice->note, i) + voice_way_at(&voice->bend, i);
}

/* Whether the pitch is the same during all of the run. */
DAWD_RT static inline bool voice_pitch_rests(const struct voice *voice)
{
    return voice_way_rests(&voice->note) && voice_way_rests(&voice->bend);
}
