/* An instrument of recorded sounds: which of them sounds for which note, and how. The loader makes it, then nobody changes
 * it.
 *
 *     instrument ── zones: a rectangle of keys and velocities each, what it plays, and with which envelope
 *                └─ sounds: whole in memory, or only a head, whose rest a stream brings (graph/stream_shared.h)
 *
 * A sound keeps the rate of its file: reading it at any pitch is interpolation anyway.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/event.h"
#include "graph/media.h"
#include "graph/thread.h"

#define INSTRUMENT_KEYS        128
#define INSTRUMENT_HEAD_FRAMES 16384 /* of a sound that is streamed: 0.37 s at 44.1 kHz */
#define INSTRUMENT_LEAD_FRAMES 1856  /* that a head holds before a start inside the file: the reach of an interpolation */

#define INSTRUMENT_SWITCHES 16 /* ranges of key switches; zones of others sound as if they had none */

/* Frames of one file, shared by all zones that play it. */
struct instrument_sound {
    struct media *media; /* frames from `first` on; all of them, or a head */
    const char *path;    /* where the rest is; the instrument's */
    uint64_t first;      /* frame of the file that the memory begins with */
    uint64_t n_frames;   /* of the file */
    bool is_streamed;    /* the media holds a head only */
};

/* How far a zone is played, and what a release means to it. */
enum instrument_loop {
    INSTRUMENT_PLAYS_ONCE, /* until its end, or let go */
    INSTRUMENT_ONE_SHOT,   /* until its end, however short the note */
    INSTRUMENT_LOOPS,      /* for ever, also while it fades */
    INSTRUMENT_SUSTAINS,   /* while it is held, then on to the end */
};

/* Delay, attack, hold, decay, sustain, release: how the level of a note goes (graph/dsp/amp_envelope.h). Times of 0 are
 * allowed; who plays sees to it that a release does not click. */
struct instrument_envelope {
    float delay_s, attack_s, hold_s, decay_s, release_s;
    float sustain; /* 0..1 */
};

enum instrument_filter_kind {
    INSTRUMENT_NO_FILTER,
    INSTRUMENT_LOWPASS,
    INSTRUMENT_HIGHPASS,
    INSTRUMENT_BANDPASS,
    INSTRUMENT_NOTCH,
};

/* A filter of second order that a zone goes through, and what moves its cutoff. */
struct instrument_filter {
    enum instrument_filter_kind kind;
    float cutoff_hz, q;          /* q above 0 */
    float key_cents, key_center; /* by every key above the one in the middle */
    float velocity_cents;        /* at full velocity */
    float depth_cents;           /* at the height of the envelope */
    struct instrument_envelope envelope;
};

/* How a zone comes in and goes out over keys or velocities, where another one goes out and comes in: silent at in_low and
 * below, full from in_high to out_low, silent at out_high and above. Where both of a side are the same, there is an edge:
 * full on it. All zeros: no fade. */
struct instrument_fade {
    float in_low, in_high, out_low, out_high; /* 0..127 */
    bool is_straight;                         /* gains that add up to 1, for sounds that are alike; else powers do */
};

/* Zones that sound only after a certain key: of a range of keys, the one that was pressed last. */
struct instrument_switch {
    uint8_t key_low, key_high; /* the range, which instruments mostly play nothing on */
    uint8_t initial;           /* that counts as pressed at first; INSTRUMENT_KEYS: none */
};

/* A region of keys and velocities, and what it plays. The loader has checked all that is said of it: who plays does not. */
struct instrument_zone {
    /* When it sounds: all of these are met. */
    uint8_t key_low, key_high;           /* 0..127 */
    uint8_t velocity_low, velocity_high; /* 0..127 */
    uint8_t turn, n_turns;               /* of as many notes in turn, the one that it sounds for; from 0 */
    float chance_low, chance_high;       /* of a draw from 0 to 1, from the one and below the other */
    bool on_release;                     /* where a note ends, not where it begins */
    bool has_switch;                     /* after the key switch_key of a range, of instrument.switches[switch_number] */
    uint8_t switch_key, switch_number;
    struct instrument_switch key_switch; /* as the zone says it, low above high: all the switch_keys of the instrument */
    /* What, and at which pitch. */
    uint32_t sound;
    float root;           /* the key at which it sounds as recorded, fractions allowed */
    float cents_per_key;  /* 100: a scale of semitones; 0: the same pitch on all keys */
    float tune_cents;     /* at all keys */
    float gain;           /* factor */
    float pan;            /* -1..1 */
    float velocity_track; /* 0: velocity does not matter; 1: level goes with its square; below 0: the other way */
    struct instrument_fade velocity_fade, key_fade;
    struct instrument_filter filter;
    struct instrument_envelope envelope;
    /* In frames of the file. */
    uint64_t start, end;            /* played from the one, up to the other; start < end */
    uint64_t loop_start, loop_end;  /* start <= loop_start < loop_end <= end; both 0: none */
    uint64_t crossfade_frames;      /* that lead over into the loop's start, before its end; at most loop_start */
    enum instrument_loop loop_mode; /* never one that loops where there is no loop */
    /* A zone of group `off_by` that begins ends it: a closed hi-hat the open one. 0: none. */
    int64_t group, off_by;
    bool off_is_slow; /* with its release, in place of at once */
};

/* The whole. Zones are looked up by key, since there may be thousands and notes begin on the audio thread. */
struct instrument {
    struct instrument_zone *zones;
    struct instrument_sound *sounds;
    uint32_t n_zones, n_sounds;
    uint32_t by_key[INSTRUMENT_KEYS + 1];                   /* where in `of_key` the zones of a key begin */
    uint16_t *of_key;                                       /* numbers of zones, in their order */
    struct instrument_switch switches[INSTRUMENT_SWITCHES]; /* ranges of keys, each once */
    unsigned n_switches;
    size_t bytes;     /* all that is in memory */
    bool has_streams; /* one sound at least is streamed */
};

/* Whether the zone has to do with a note of this velocity, 0..127, that ends or begins. */
DAWD_ANY static inline bool instrument_zone_meets(const struct instrument_zone *zone, float velocity, bool is_release)
{
    /* Whole steps, so that what lies between two of them belongs to the lower one and nothing falls between two layers. */
    unsigned step = (unsigned)velocity;
    return zone->on_release == is_release && step >= zone->velocity_low && step <= zone->velocity_high;
}

/* Fills by_key, of_key and switches from the zones, which do not change afterwards; in a key, zones come in the order of
 * the text, which is the order in which groups end one another. 0, or ERROR_INTERNAL: no memory. */
DAWD_LOAD int instrument_index(struct instrument *instrument);
/* Frees it with all that it holds; null is accepted. */
DAWD_CTL void instrument_free(struct instrument *instrument);
