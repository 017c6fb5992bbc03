/* From a region of an SFZ text and the sound that it names to a zone of an instrument. */
#pragma once

#include "daemon/media_read.h"
#include "daemon/sfz.h"
#include "graph/instrument.h"

/* What is known of the sound, all in the file's own frames. */
struct zone_sound {
    const struct media_marks *marks;
    double rate_hz;
    uint64_t n_frames;
};

/* Fills all but zone->sound. False: it never sounds, for want of a key, a velocity or a frame. *is_odd: so it is, or it has a
 * loop that is not within what is played, and plays on without. */
DAWD_LOAD bool zone_fill(struct instrument_zone *zone, const struct sfz_region *region, const struct zone_sound *sound,
                         bool *is_odd);
