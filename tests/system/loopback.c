#include "tests/system/loopback.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Copies n frames between a port and the side's samples: to the port when it plays, from it when it takes. */
static void copy(struct loopback_side *side, jack_nframes_t n_frames, bool plays)
{
    size_t left = side->n - side->at, n = n_frames < left ? n_frames : left;
    for (unsigned c = 0; c < LISTENER_CHANNELS; c++) {
        float *port = jack_port_get_buffer(side->port[c], n_frames);
        if (!side->samples[c])
            continue;
        if (plays)
            memcpy(port, side->samples[c] + side->at, n * sizeof(float));
        else
            memcpy(side->samples[c] + side->at, port, n * sizeof(float));
    }
    side->at += n;
}

/* Both sides see the same frame time in the same cycle, so both start in the same. */
static void cycle(struct loopback_side *side, jack_nframes_t n_frames, bool plays)
{
    for (unsigned c = 0; plays && c < LISTENER_CHANNELS; c++)
        memset(jack_port_get_buffer(side->port[c], n_frames), 0, n_frames * sizeof(float));
    if (!atomic_load_explicit(&side->running, memory_order_acquire))
        return;
    if (side->at == 0 && (int)(jack_last_frame_time(side->jack) - side->start) < 0)
        return;
    copy(side, n_frames, plays);
    if (side->at == side->n)
        atomic_store_explicit(&side->running, false, memory_order_release);
}

static int feed(jack_nframes_t n_frames, void *side)
{
    cycle(side, n_frames, true);
    return 0;
}

static int take(jack_nframes_t n_frames, void *side)
{
    cycle(side, n_frames, false);
    return 0;
}

static int on_xrun(void *loopback)
{
    atomic_fetch_add(&((struct loopback *)loopback)->xruns, 1);
    return 0;
}

static void open_side(struct loopback *loopback, const struct studio *studio, bool plays)
{
    struct loopback_side *side = plays ? &loopback->feeder : &loopback->taker;
    side->jack = jack_client_open(plays ? "feeder" : "taker", JackNoStartServer | JackServerName, NULL, studio->server);
    if (!side->jack)
        rig_fail("the JACK server refuses the test's client");
    for (unsigned c = 0; c < LISTENER_CHANNELS; c++) {
        char name[16];
        snprintf(name, sizeof name, "%s_%u", plays ? "out" : "in", c + 1);
        side->port[c] =
            jack_port_register(side->jack, name, JACK_DEFAULT_AUDIO_TYPE, plays ? JackPortIsOutput : JackPortIsInput, 0);
        if (!side->port[c])
            rig_fail("JACK refuses the port %s", name);
    }
    jack_set_process_callback(side->jack, plays ? feed : take, side);
    if (plays)
        jack_set_xrun_callback(side->jack, on_xrun, loopback);
    if (jack_activate(side->jack))
        rig_fail("JACK does not activate the test's client");
}

void loopback_open(struct loopback *loopback, const struct studio *studio)
{
    *loopback = (struct loopback){0};
    open_side(loopback, studio, true);
    open_side(loopback, studio, false);
}

void loopback_close(struct loopback *loopback)
{
    jack_client_close(loopback->feeder.jack);
    jack_client_close(loopback->taker.jack);
}

void loopback_connect(struct loopback *loopback, const char *from, const char *to)
{
    int code = jack_connect(loopback->feeder.jack, from, to);
    if (code && code != EEXIST)
        rig_fail("JACK does not connect %s to %s", from, to);
}

void loopback_disconnect(struct loopback *loopback, const char *from, const char *to)
{
    if (jack_disconnect(loopback->feeder.jack, from, to))
        rig_fail("JACK does not disconnect %s from %s", from, to);
}

void loopback_connect_all(struct loopback *loopback, const struct studio *studio)
{
    for (unsigned c = 1; c <= LISTENER_CHANNELS; c++) {
        char ours[64], theirs[64];
        snprintf(ours, sizeof ours, "feeder:out_%u", c);
        snprintf(theirs, sizeof theirs, "%s:in_%u", studio->name, c);
        loopback_connect(loopback, ours, theirs);
        snprintf(ours, sizeof ours, "taker:in_%u", c);
        snprintf(theirs, sizeof theirs, "%s:out_%u", studio->name, c);
        loopback_connect(loopback, theirs, ours);
    }
    pause_s(0.1); /* JACK sorts its clients anew with every connection; this many cycles later it has */
}

static void start_side(struct loopback_side *side, float *const *samples, size_t n, jack_nframes_t start)
{
    for (unsigned c = 0; c < LISTENER_CHANNELS; c++)
        side->samples[c] = samples ? samples[c] : NULL;
    side->n = n;
    side->at = 0;
    side->start = start;
    atomic_store_explicit(&side->running, true, memory_order_release);
}

void loopback_start(struct loopback *loopback, float *const *play, float *const *take_into, size_t n_frames)
{
    jack_nframes_t lead = 8 * jack_get_buffer_size(loopback->feeder.jack);
    jack_nframes_t start = jack_frame_time(loopback->feeder.jack) + (lead > 4096 ? lead : 4096);
    start_side(&loopback->feeder, play, n_frames, start);
    start_side(&loopback->taker, take_into, n_frames, start);
}

size_t loopback_taken(const struct loopback *loopback)
{
    return atomic_load(&loopback->taker.at);
}

void loopback_wait(struct loopback *loopback)
{
    double seconds = (double)loopback->taker.n / jack_get_sample_rate(loopback->taker.jack);
    double end = now_s() + 2 * seconds + 5;
    while (atomic_load(&loopback->feeder.running) || atomic_load(&loopback->taker.running)) {
        if (now_s() > end)
            rig_fail("no sound from JACK: %zu of %zu frames", loopback->taker.at, loopback->taker.n);
        pause_s(0.002);
    }
}

void loopback_run(struct loopback *loopback, float *const *play, float *const *take_into, size_t n_frames)
{
    loopback_start(loopback, play, take_into, n_frames);
    loopback_wait(loopback);
}

float *loopback_record(struct loopback *loopback, size_t n_frames)
{
    float *samples = calloc(n_frames, sizeof *samples);
    if (!samples)
        rig_fail("no memory for a recording");
    loopback_run(loopback, NULL, (float *[LISTENER_CHANNELS]){samples, NULL}, n_frames);
    return samples;
}
