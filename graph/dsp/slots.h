/* Who plays which note: from the notes of a block to slots, of which N are heard and SLOTS_SPARE more may fade out.
 *
 *                  all N taken: the loser fades where it is
 *     note on ──▶ waiting ── a slot is free ──▶ playing ── off, no pedal ──▶ let go ── slots_end ──▶ free
 *                    (0, or the rest of a fade)    └──── stolen, sound off ──▶ fading, 5 ms ────────▶ free
 *
 * A note that finds all taken takes the place of another one, which fades out in its slot, while the new one begins in a
 * slot of its own: there are two more than are heard. If more than that are stolen at once, the last ones wait for the fades,
 * some 5 ms, and what they wait is added to their end. Hence there is never a click, never more than N + SLOTS_SPARE are
 * rendered, and nothing is lost but what was stolen.
 *
 * What holds at every frame, and is tested with floods of random events:
 *  - those that play and those that are waited for are N at most, and nobody waits unless somebody fades;
 *  - a slot is to be rendered exactly while `sounds`; its gate is open only then;
 *  - each note that begins is let go, or fades, when its key, the pedals and the other notes say so: with all keys and pedals up
 *    no gate is open;
 *  - a note in unison begins with all its slots in one frame, and loses them in one.
 *
 * Where a mono instrument goes from one note to the next, the slot stays (`resumes`, `legato`), unless that cannot be: it
 * fades, unison has changed, or what the user plays has to begin in a slot of its own (`renews`). Keys that are held are
 * remembered in every mode, so that the mode may change while notes sound.
 *
 * It knows nothing of pitch: that is voicing.h, on top of it. What happens does not depend on how time is cut into blocks,
 * as long as slots_end is told of each frame in time: before the run is asked for that follows it.
 */
#pragma once

#include "graph/node.h"

#define SLOTS_MOST        256 /* that are heard */
#define SLOTS_SPARE       2
#define SLOTS_FADE_S      0.005
#define SLOTS_UNISON_MOST 16
#define SLOTS_FOREVER     UINT32_MAX

/* Who is stolen from: those let go first, never the newest, and of the others … */
enum slots_steal {
    STEAL_OLDEST,
    STEAL_QUIETEST, /* by `level`, which the user tells */
    STEAL_SAME,     /* the same note if it still sounds, else the oldest; even where a slot is free */
};

enum slots_mode {
    SLOTS_POLY,
    SLOTS_MONO,   /* one note; each begins anew, in the slot of the one before */
    SLOTS_LEGATO, /* one note; what is played while another is held goes on from that */
};

/* Of the notes that are held, which one a mono instrument plays. */
enum slots_priority { SLOTS_LAST, SLOTS_LOW, SLOTS_HIGH };

/* As the node's parameters are; each may change at any run, and counts from the next note on. */
struct slots_settings {
    enum slots_steal steal;
    enum slots_mode mode;
    enum slots_priority priority;
    unsigned unison; /* slots per note; 0 is 1 */
    bool keeps_bass; /* the lowest note that is held is stolen last */
    bool renews;     /* mono: a note begins in a new slot while the old one fades, for what cannot start from where it is */
};

struct slot {
    /* Whether it is to be rendered, and what is new in the frame that the run begins with. */
    bool sounds;
    /* held by a key or a pedal */
    bool gate;
    /* a note begins */
    bool starts;
    /* with `starts`: where another one sounded, whose state goes on */
    bool resumes;
    /* the note is another one, and nothing begins */
    bool legato;
    /* the gate closes; with `starts` too: a note of no length, or an off before the on, as `gate` tells */
    bool lets_go;
    /* The note. */
    /* it began while another one was held */
    bool overlaps;
    /* 0..15 */
    uint8_t channel;
    /* which of the slots that play it together */
    uint8_t index, count;
    /* 0..127 */
    float note;
    /* 0..1, of its beginning */
    float velocity;
    /* 0..1, once let go */
    float release_velocity;
    /* of the slots that play it together, from -1 to 1; alone: 0 */
    float place;
    /* of all notes, which one: rises with time */
    uint64_t order;
    /* frames until it has faded out, and rested; 0: it does not fade */
    uint32_t fade;
    /* how loud it is, written by the user for STEAL_QUIETEST */
    float level;
    /* The slots' own. */
    /* by its key, by a pedal, by sostenuto */
    bool is_down, is_kept, is_caught;
    /* frames until it is let go, or SLOTS_FOREVER */
    uint32_t off_in;
};

/* A key that is held, or a note that waits for slots. */
struct slots_key {
    float note, velocity, release_velocity;
    uint8_t channel, count;
    bool is_down, overlaps;
    uint64_t order;
    /* frames it has waited */
    uint32_t since;
    /* its length once it is let go, or SLOTS_FOREVER */
    uint32_t off_after;
};

struct slots {
    struct slot *slot;
    /* slots: heard + SLOTS_SPARE */
    unsigned n;
    /* N */
    unsigned n_heard;
    unsigned n_playing, n_fading;
    uint32_t fade_frames;
    /* for which a slot that has faded is not free yet, 0 unless set behind slots_init: `fade` counts on through them, and slots_gain
     * is not for whoever sets it */
    uint32_t rest_frames;
    /* 1 / fade_frames */
    float fade_step;
    /* Notes that wait, the oldest first: a ring of SLOTS_MOST. Of playing and waiting ones there are N at most. */
    struct slots_key *waiting;
    /* n_wanted: slots that they wait for */
    unsigned first_waiting, n_waiting, n_wanted;
    /* EVENTS_HELD_MOST keys, the newest last */
    struct slots_key *held;
    unsigned n_held;
    bool pedal[EVENT_CHANNELS], sostenuto[EVENT_CHANNELS];
    /* the channel whose pedals hold for it too; itself */
    uint8_t master[EVENT_CHANNELS];
    /* of the newest note */
    uint64_t order;
    /* frames that were asked for last */
    uint32_t run;
};

/* For n_heard notes, 1..SLOTS_MOST. 0, or ERROR_INTERNAL: no memory. */
DAWD_CTL int slots_init(struct slots *slots, struct arena *arena, unsigned n_heard, double rate_hz);

/* A run, in three steps: time goes on to its first frame; all events of that frame, one by one; how many frames, up to
 * `most`, nothing changes by itself. Events that are neither notes nor pedals nor EVENT_SOUND_OFF are passed over. */
DAWD_RT void slots_begin(struct slots *slots);
DAWD_RT void slots_event(struct slots *slots, const struct slots_settings *settings, const struct event *event);
DAWD_RT unsigned slots_finish(struct slots *slots, unsigned most);

/* The three together, for frame `at` of the block: returns how many of n - at frames there are until something changes.
 * *next is the first event not met yet, 0 where the block begins. */
DAWD_RT unsigned slots_run(struct slots *slots, const struct slots_settings *settings, const struct event_list *events,
                           unsigned *next, unsigned at, unsigned n);

/* The slot is silent for good: it is free. */
DAWD_RT void slots_end(struct slots *slots, struct slot *slot);

/* Forgets all that plays, waits and is held, without a fade: nobody hears it. */
DAWD_RT void slots_clear(struct slots *slots);

/* Whether nothing sounds and nothing waits. */
DAWD_RT static inline bool slots_are_idle(const struct slots *slots)
{
    return !slots->n_playing && !slots->n_fading && !slots->n_waiting;
}

/* The gain of a slot at frame i of the run. */
DAWD_RT static inline float slots_gain(const struct slots *slots, const struct slot *slot, unsigned i)
{
    if (!slot->fade)
        return 1;
    return i < slot->fade ? (float)(slot->fade - i) * slots->fade_step : 0;
}
