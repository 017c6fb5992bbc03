/* Reading a standard MIDI file: bytes in, an object out, no files.
 *
 *     first pass    everything is checked and counted; nothing is kept
 *     one block     for what was counted
 *     second pass   the same functions write it down; then it is sorted and times are worked out
 *
 * Formats 0, 1 and 2, any division. What real files do is taken: running status over meta events and system exclusive, chunks of
 * unknown kinds, a tail that is missing (with a warning, as with sound). What is not MIDI is refused, with the byte.
 */
#pragma once

#include "graph/error.h"
#include "graph/smf_shared.h"

/* What is taken. Beyond these a file is refused as a whole. */
#define SMF_BYTES_MAX  (64u << 20)
#define SMF_EVENTS_MAX (1u << 22)
#define SMF_MARKS_MAX  (1u << 17) /* of tempo, and of signature */

#define SMF_WARNING_BYTES 200

/* Reads n bytes (borrowed). Returns one block, the caller's to free(); in `warning` (SMF_WARNING_BYTES) what was odd about it, ""
 * when nothing was. Null with *error filled otherwise: bad_file with the byte, counted from 0; too_big; internal. */
DAWD_ANY struct smf *smf_parse(const uint8_t *bytes, size_t n, char *warning, struct error *error);
