/* A JACK client whose work is always the same, and not ours: sounds that libsamplerate reads at other speeds. What it costs more
 * in one cycle than in another, the machine has added. */
#pragma once

#include <jack/jack.h>
#include <samplerate.h>

#include "tests/system/cost.h"
#include "tests/system/studio.h"

#define BARE_SOUNDS 64u
#define BARE_FRAMES 256u

struct bare {
    jack_client_t *jack;
    SRC_STATE *sounds[BARE_SOUNDS];
    float in[BARE_FRAMES], out[BARE_FRAMES];
    _Atomic unsigned rounds; /* per cycle, some 25 us each; 0 at first */
    struct cost_seen seen;
};

void bare_open(struct bare *bare, const struct studio *studio);
void bare_close(struct bare *bare);
