/* A JACK client that does nothing, beside the daemon in the same seconds: what even it misses is the machine's doing. */
#pragma once

#include <jack/jack.h>
#include <stdint.h>

#include "tests/system/studio.h"

struct bystander {
    jack_client_t *jack;
    _Atomic uint64_t cycles, lost_frames; /* seen; and those that it was not called for */
    jack_nframes_t next;                  /* frame time at which it expects to be called */
};

void bystander_open(struct bystander *bystander, const struct studio *studio);
void bystander_close(struct bystander *bystander);
