/* Drives the player over sound in memory, for the tests of it. */
#pragma once

#include "tests/node_rig.h"

#define PLAYER_RIG_RATE 48000.0 /* of the engine */

/* A file that borrows its interleaved samples. */
struct media player_media(float *samples, size_t n_frames, unsigned channels, double rate_hz);
/* A player of this file (borrowed, or null) at 48 kHz, not yet started. */
struct rig player_new(const struct media *media);
/* Both channels of n frames. */
void player_run(struct rig *rig, float *left, float *right, size_t n);
