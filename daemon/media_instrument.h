/* Instruments as the loader reads them: an SFZ text with its sounds, or a sound file alone, which then is one zone over all
 * keys. */
#pragma once

#include "daemon/media_load.h"

/* What is kept whole in memory, at most: of an instrument that is larger, long sounds keep a head and are streamed. */
#define MEDIA_INSTRUMENT_BYTES ((uint64_t)512 << 20)

/* As media_load; paths in the text go from its own folder, and are opened by the rules of load->files. What cannot be read
 * names the region's line and the path. The rate is that of each file, load->rate_hz means nothing. */
DAWD_LOAD struct media *media_instrument_load(struct media_load *load, struct error *error);
