/* A JACK client of a system test that plays MIDI at frames that it was told, and notes at which it hears what. */
#pragma once

#include <jack/jack.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/midi.h"

#define HAND_MOST 4096

/* A message at JACK's frame time. */
struct timed {
    jack_nframes_t frame;
    struct midi_message message;
};

/* A MIDI output and an input, and an input for sound: NAME:out, NAME:in, NAME:ear. */
struct hand {
    jack_client_t *jack;
    jack_port_t *out, *in, *ear;
    _Atomic bool listens;           /* set by the test, cleared at the first frame that is loud, */
    _Atomic jack_nframes_t loud_at; /* which is noted here */
    _Atomic int64_t piece;          /* JACK's transport, less its frame time, while it rolls */
    struct timed play[HAND_MOST];   /* sorted */
    _Atomic size_t n_play, n_heard;
    size_t n_played;
    struct timed heard[HAND_MOST];
};

/* On a server of JACK; ends the test where it does not let it. Whatever the hand held before is forgotten. */
void hand_open(struct hand *hand, const char *server, const char *name);
void hand_close(struct hand *hand);

/* Plays a message at a frame that is not before that of the last one. */
void hand_say(struct hand *hand, jack_nframes_t frame, struct midi_message message);
void hand_play(struct hand *hand, jack_nframes_t frame, uint8_t a, uint8_t b, uint8_t c);
/* Until it has heard so many messages; false after five seconds. */
bool hand_hears(const struct hand *hand, size_t n);
/* How many offs of the n notes from `first` on it has heard since message `from`. */
unsigned hand_offs(const struct hand *hand, size_t from, unsigned first, unsigned n);
