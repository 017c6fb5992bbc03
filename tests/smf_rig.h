/* Standard MIDI files for tests: built byte by byte, and read from the disk.
 *
 *     struct bytes file = {0};
 *     smf_header(&file, 1, 2, 480);
 *     size_t track = smf_track_open(&file);
 *     smf_put(&file, 0, "\x90\x3c\x40", 3);               ticks since the event before, and its bytes
 *     smf_track_close(&file, track);                       with an End of Track
 */
#pragma once

#include "graph/media.h"
#include "graph/smf.h"
#include "osc/bytes.h"
#include "tests/node_rig.h"

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

/* Two seconds of chords, bends, pedals and programs on three channels, 480 to the quarter with some changes of tempo. */
struct bytes smf_song(void);
/* The same, of whose six bars those behind so many are on channel 10, that of drums. */
struct bytes smf_song_drummed(unsigned n_melodic);
/* The same as the media object of a class that reads MIDI; made once, never freed. */
struct media *smf_song_media(void);

/* ---- a midi_player of it -------------------------------------------------------------------------------------------- */

/* As smf_of. */
struct media smf_media(struct bytes *file);
/* A midi_player that has not been started, in blocks of random lengths; `media` is borrowed. */
struct rig smf_player(const struct media *media, double rate_hz);
void smf_player_run(struct rig *rig, size_t n_frames);
/* Frees the rig and what is in `media`. */
void smf_player_close(struct rig *rig, struct media *media);
