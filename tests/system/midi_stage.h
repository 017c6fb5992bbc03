/* Two clients of the test's own, which play into the daemon and hear what it sends:
 *
 *     feeder ─▶ keys ─▶ wire ─▶ taker, and back to the feeder */
#pragma once

#include "tests/system/hand.h"
#include "tests/system/jack_rows.h"
#include "tests/system/studio.h"

extern struct hand midi_feeder, midi_taker;

/* A studio with the row's flaw, on a server that waits for its clients, with all of that on it. */
struct studio *midi_stage_open(const struct jack_row *row, unsigned period);
/* Puts the nodes into an empty session and waits until they are connected. */
void midi_stage_set(struct studio *studio);
/* Waits until they are connected, at most five seconds. */
void midi_stage_await(void);
void midi_stage_close(struct studio *studio);
