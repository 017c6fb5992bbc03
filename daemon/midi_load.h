/* Reading a standard MIDI file into memory. Loader thread. What its bytes mean is graph/smf.h's to say. */
#pragma once

#include "daemon/media_load.h"

/* Reads the whole file, from its start, and returns it with one reference that belongs to the caller; rate_hz has no part in it.
 * Null with *error filled otherwise: BAD_FILE (with the byte), TOO_BIG, CANCELLED, IO, INTERNAL. */
DAWD_LOAD struct media *midi_load(struct media_load *load, struct error *error);
