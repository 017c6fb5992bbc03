/* The rows of the reliability catalogue about MIDI through JACK, as functions, like those of jack_rows.h: the tests run them on
 * the ordinary daemon, and again on one with a flaw, which each must notice. */
#pragma once

#include "tests/system/jack_rows.h"

/* M1: every message passes at its frame, and a note is heard at its own. */
bool midi_row_m1(const struct jack_row *row);
/* M2: the transport follows a clock that jitters and changes its tempo, and its own clock is right to the frame. */
bool midi_row_m2(const struct jack_row *row);
/* M3: whatever goes ends the notes that it has on. */
bool midi_row_m3(const struct jack_row *row);
/* M4: a port that comes late is connected to what waits for it, and to nothing else. */
bool midi_row_m4(const struct jack_row *row);
