/* Sound files for tests: written with libsndfile in any of its formats (SF_FORMAT_…), and bytes as they are. What goes wrong
 * fails the test. */
#pragma once

#include <sndfile.h>
#include <stddef.h>

/* n frames of interleaved samples, in pieces that every encoder survives. */
void sound_file_write(const char *path, int format, int rate_hz, int channels, const float *samples, size_t n);
/* n frames in which channel c (from 0) is a sine of (c + 1) * hz with amplitude 0.5, from phase 0; malloc'd. */
float *sound_file_sines(double hz, int rate_hz, int channels, size_t n);

void sound_file_write_bytes(const char *path, const void *bytes, size_t n);
/* Reads up to n_max bytes; returns how many there were. */
size_t sound_file_read_bytes(const char *path, void *bytes, size_t n_max);
