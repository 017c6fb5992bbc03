/* What the files of slots.h share, and nobody else needs. */
#pragma once

#include "graph/dsp/slots.h"

/* Whether it counts among the N. */
DAWD_RT static inline bool slots_plays(const struct slot *slot)
{
    return slot->sounds && !slot->fade;
}

/* Whether it plays the note of this key. */
DAWD_RT static inline bool slots_is_same(const struct slot *slot, const struct slots_key *key)
{
    return slot->note == key->note && slot->channel == key->channel;
}

/* Waiting note i, the oldest being 0; up to n_waiting, where the next one is put. */
DAWD_RT struct slots_key *slots_waiting(struct slots *slots, unsigned i);

/* The oldest is not to be played any more. */
DAWD_RT void slots_waiting_drop(struct slots *slots);

/* How many slots a note takes. */
DAWD_RT unsigned slots_unison(const struct slots *slots, const struct slots_settings *settings);

/* A note begins where there is room, which it makes; or in this slot, whatever that does. */
DAWD_RT void slots_note_start(struct slots *slots, const struct slots_settings *settings, const struct slots_key *key);
DAWD_RT void slots_start(struct slots *slots, struct slot *slot, const struct slots_key *key, unsigned index);

/* The slot fades out, if it plays; all do, and nobody waits any more. */
DAWD_RT void slots_fade(struct slots *slots, struct slot *slot);
DAWD_RT void slots_fade_all(struct slots *slots);

/* Its gate closes. */
DAWD_RT void slots_let_go(struct slot *slot, float velocity);

/* A key is up: of what plays, and of what waits. */
DAWD_RT void slots_poly_off(struct slots *slots, const struct slots_key *key);
DAWD_RT void slots_waiting_off(struct slots *slots, const struct slots_key *key);

/* A key of a mono instrument, after it was put among those held, or taken from them. */
DAWD_RT void slots_mono_on(struct slots *slots, const struct slots_settings *settings, const struct slots_key *key);
DAWD_RT void slots_mono_off(struct slots *slots, const struct slots_settings *settings, const struct slots_key *key);
