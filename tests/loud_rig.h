/* A meter and the tones that it is tried with. */
#pragma once

#include "tests/node_rig.h"

#define LOUD_RATE 48000
#define LOUD_HZ   1000

/* A stretch of a sine in all channels, at a level in dBFS of its peak. */
struct tone {
    double dbfs, seconds;
};

/* How it goes on from stretch to stretch. */
struct play {
    double phase;          /* periods */
    const double *trim_db; /* per channel; null: none */
};

/* A meter that measures at once what it is given; to be freed with rig_free. */
struct rig loud_meter(unsigned channels);
/* Plays through it. */
void loud_play(struct rig *rig, struct play *play, double dbfs, double seconds);
void loud_play_all(struct rig *rig, const struct tone *tones, unsigned n);
/* Fails the test unless the reading is the value within the tolerance. */
void loud_reads(struct rig *rig, const char *name, double value, double tolerance);
