/* Two JACK clients in the test's own process, one that feeds the daemon and one that takes what comes out. They lie before
 * and behind the daemon in JACK's order, so sound passes through all three within one cycle: a path without latency shows
 * none here.
 *
 *     loopback_open(&loopback, studio);
 *     loopback_connect(&loopback, "feeder:out_1", "dut:in_1");
 *     loopback_start(&loopback, play, take, n_frames);      both start with the same frame
 *     loopback_wait(&loopback);
 */
#pragma once

#include <jack/jack.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "tests/system/studio.h"

#define LISTENER_CHANNELS 2

/* One of the two clients; all but `left` and `at` are set while it is idle. */
struct loopback_side {
    jack_client_t *jack;
    jack_port_t *port[LISTENER_CHANNELS];
    float *samples[LISTENER_CHANNELS]; /* n frames to play, or room for n taken; null: silence, or not wanted */
    size_t n;
    _Atomic size_t at;    /* frames done */
    jack_nframes_t start; /* JACK's frame time of the first */
    _Atomic bool running; /* set by the test, cleared by the process callback at the end */
};

struct loopback {
    struct loopback_side feeder, taker; /* ports feeder:out_1, out_2, taker:in_1, in_2 */
    _Atomic unsigned xruns;             /* that JACK has reported since opening */
};

/* Opens both on the studio's server. */
void loopback_open(struct loopback *loopback, const struct studio *studio);
void loopback_close(struct loopback *loopback);

/* Connects two ports by their full names; ends the test when JACK refuses. */
void loopback_connect(struct loopback *loopback, const char *from, const char *to);
void loopback_disconnect(struct loopback *loopback, const char *from, const char *to);
/* feeder -> daemon's in_1, in_2 and daemon's out_1, out_2 -> taker, and waits until sound can pass. */
void loopback_connect_all(struct loopback *loopback, const struct studio *studio);

/* From one future frame on, plays play[c] and records into take[c], n_frames each; either may be null, or hold nulls. The
 * buffers are the caller's and in use until loopback_wait. */
void loopback_start(struct loopback *loopback, float *const *play, float *const *take, size_t n_frames);
/* Frames recorded so far. */
size_t loopback_taken(const struct loopback *loopback);
/* Waits for the end of what was started; ends the test when it does not come. */
void loopback_wait(struct loopback *loopback);
/* start and wait. */
void loopback_run(struct loopback *loopback, float *const *play, float *const *take, size_t n_frames);
/* Records n_frames of the daemon's first output, malloc'd. */
float *loopback_record(struct loopback *loopback, size_t n_frames);
