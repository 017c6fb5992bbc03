#include "tests/system/hand.h"

#include <check.h>
#include <jack/midiport.h>
#include <string.h>

#include "tests/system/process.h"

static void hear(struct hand *hand, jack_nframes_t n, jack_nframes_t now)
{
    void *in = jack_port_get_buffer(hand->in, n);
    const float *sound = jack_port_get_buffer(hand->ear, n);
    size_t n_heard = atomic_load(&hand->n_heard);
    jack_midi_event_t event;
    for (jack_nframes_t i = 0; i < n && atomic_load(&hand->listens); i++)
        if (sound[i] > 0.5f) {
            atomic_store(&hand->loud_at, now + i);
            atomic_store(&hand->listens, false);
        }
    for (uint32_t i = 0; n_heard < HAND_MOST && jack_midi_event_get(&event, in, i) == 0; i++)
        if (midi_read(event.buffer, event.size, &hand->heard[n_heard].message))
            hand->heard[n_heard++].frame = now + event.time;
    atomic_store(&hand->n_heard, n_heard);
}

static int process(jack_nframes_t n, void *argument)
{
    struct hand *hand = argument;
    void *out = jack_port_get_buffer(hand->out, n);
    jack_nframes_t now = jack_last_frame_time(hand->jack);
    size_t n_play = atomic_load(&hand->n_play);
    jack_position_t place;
    if (jack_transport_query(hand->jack, &place) == JackTransportRolling)
        atomic_store(&hand->piece, (int64_t)place.frame - (int64_t)now);
    jack_midi_clear_buffer(out);
    for (; hand->n_played < n_play && (int)(hand->play[hand->n_played].frame - now) < (int)n; hand->n_played++) {
        const struct timed *timed = &hand->play[hand->n_played];
        if ((int)(timed->frame - now) >= 0)
            jack_midi_event_write(out, timed->frame - now, timed->message.bytes, timed->message.n);
    }
    hear(hand, n, now);
    return 0;
}

/* A server that has just come may let its clock run out while a client is activated, and says so; then it can be done again. */
static bool joins(struct hand *hand, const char *server, const char *name)
{
    hand->jack = jack_client_open(name, JackNoStartServer | JackServerName, NULL, server);
    if (!hand->jack)
        return false;
    hand->out = jack_port_register(hand->jack, "out", JACK_DEFAULT_MIDI_TYPE, JackPortIsOutput, 0);
    hand->in = jack_port_register(hand->jack, "in", JACK_DEFAULT_MIDI_TYPE, JackPortIsInput, 0);
    hand->ear = jack_port_register(hand->jack, "ear", JACK_DEFAULT_AUDIO_TYPE, JackPortIsInput, 0);
    jack_set_process_callback(hand->jack, process, hand);
    if (jack_activate(hand->jack) == 0)
        return true;
    jack_client_close(hand->jack);
    return false;
}

void hand_open(struct hand *hand, const char *server, const char *name)
{
    memset(hand, 0, sizeof *hand);
    bool is_there = joins(hand, server, name);
    for (unsigned i = 0; !is_there && i < 5; i++) {
        pause_s(0.2);
        is_there = joins(hand, server, name);
    }
    ck_assert_msg(is_there, "%s is not let in by JACK server %s", name, server);
}

void hand_close(struct hand *hand)
{
    jack_client_close(hand->jack);
}

void hand_say(struct hand *hand, jack_nframes_t frame, struct midi_message message)
{
    size_t n = atomic_load(&hand->n_play);
    ck_assert_uint_lt(n, HAND_MOST);
    hand->play[n] = (struct timed){frame, message};
    atomic_store(&hand->n_play, n + 1);
}

void hand_play(struct hand *hand, jack_nframes_t frame, uint8_t a, uint8_t b, uint8_t c)
{
    hand_say(hand, frame, (struct midi_message){3, {a, b, c}});
}

bool hand_hears(const struct hand *hand, size_t n)
{
    for (double end = now_s() + 5; now_s() < end && atomic_load(&hand->n_heard) < n;)
        pause_s(0.002);
    return atomic_load(&hand->n_heard) >= n;
}

unsigned hand_offs(const struct hand *hand, size_t from, unsigned first, unsigned n)
{
    unsigned found = 0;
    for (size_t i = from; i < atomic_load(&hand->n_heard); i++) {
        const uint8_t *bytes = hand->heard[i].message.bytes;
        found += (bytes[0] & 0xf0) == 0x80 && bytes[1] >= first && bytes[1] < first + n;
    }
    return found;
}
