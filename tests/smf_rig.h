/* Standard MIDI files for tests: built byte by byte, and read from the disk.
 *
 *     struct bytes file = {0};
 *     smf_header(&file, 1, 2, 480);
 *     size_t track = smf_track_open(&file);
 *     smf_put(&file, 0, "\x90\x3c\x40", 3);               ticks since the event before, and its bytes
 *     smf_track_close(&file, track);                       with an End of Track
 */
#pragma once

#include "graph/smf.h"
#include "osc/bytes.h"

void smf_header(struct bytes *file, unsigned format, unsigned n_tracks, unsigned division);
/* Where the track begins, for smf_track_close. */
size_t smf_track_open(struct bytes *file);
void smf_put(struct bytes *file, uint32_t ticks, const char *event, size_t n);
/* A number of 7 bits to the byte. */
void smf_put_length(struct bytes *file, uint32_t n);
void smf_put_tempo(struct bytes *file, uint32_t ticks, uint32_t us_per_quarter);
/* Ends it so many ticks behind its last event. */
void smf_track_close(struct bytes *file, size_t track, uint32_t ticks);

/* The file whole; ends the test when it cannot be read. */
struct bytes smf_read_file(const char *path);

/* Parses what must be right; the bytes are freed. free() */
struct smf *smf_of(struct bytes *file);
