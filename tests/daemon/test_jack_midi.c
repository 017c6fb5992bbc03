/* What a MIDI output says to whom when a server comes back: the test counts cables and hears messages in JACK's place. */
#include <check.h>
#include <jack/midiport.h>
#include <string.h>

#include "daemon/jack_midi.h"
#include "tests/suite.h"

#define SETTLED 20 /* cycles, more than a cable takes to carry something */

static struct {
    int n_cables;
    unsigned room; /* messages that a buffer has room for */
    unsigned n_written;
    unsigned n, n_offs;
    uint8_t last[3];
} jack;

int jack_port_connected(const jack_port_t *port)
{
    (void)port;
    return jack.n_cables;
}

void jack_midi_clear_buffer(void *buffer)
{
    (void)buffer;
    jack.n_written = 0;
}

int jack_midi_event_write(void *buffer, jack_nframes_t frame, const jack_midi_data_t *bytes, size_t n)
{
    (void)buffer;
    (void)frame;
    if (jack.n_written == jack.room)
        return -1;
    jack.n_written++;
    jack.n++;
    jack.n_offs += (bytes[0] & 0xf0) == MIDI_NOTE_OFF;
    memcpy(jack.last, bytes, n);
    return 0;
}

static struct jack_midi midi;

static void cycles(unsigned n, const struct midi_message *message)
{
    for (unsigned i = 0; i < n; i++) {
        jack_midi_clear_rt(&midi, NULL, NULL);
        midi.port.is_played = true;
        if (message && i == 0)
            midi_port_put(&midi.port, 0, message);
        jack_midi_send_rt(&midi, NULL);
    }
}

static void play(uint8_t key)
{
    cycles(1, &(struct midi_message){3, {MIDI_NOTE_ON, key, 100}});
}

/* Offs that are heard while so many listen. */
static unsigned offs_to(int n_cables)
{
    jack.n_cables = n_cables;
    jack.n_offs = 0;
    cycles(SETTLED, NULL);
    return jack.n_offs;
}

/* A server on which two programs hear two notes dies; another one is there. */
static void live_again(int n_cables)
{
    jack.room = 100;
    jack.n_cables = n_cables;
    jack_midi_begin(&midi, false);
    cycles(SETTLED, NULL);
    play(60);
    play(64);
    jack_midi_begin(&midi, true);
    jack.n_cables = 0;
    cycles(SETTLED, NULL);
    jack.n = 0;
}

START_TEST(what_was_on_is_ended_once_somebody_listens_again)
{
    live_again(1);
    ck_assert_uint_eq(jack.n, 0);
    ck_assert_uint_eq(offs_to(1), 2);
    ck_assert_uint_eq(offs_to(0), 0);
    ck_assert_uint_eq(offs_to(1), 0);
}
END_TEST

START_TEST(it_is_ended_for_each_who_comes_until_all_are_there_who_were)
{
    live_again(2);
    ck_assert_uint_eq(offs_to(1), 2);
    ck_assert_uint_eq(offs_to(2), 2);
    ck_assert_uint_eq(offs_to(3), 0);
}
END_TEST

START_TEST(who_went_while_he_waited_is_no_reason_to_forget)
{
    live_again(2);
    ck_assert_uint_eq(offs_to(1), 2);
    ck_assert_uint_eq(offs_to(0), 0);
    ck_assert_uint_eq(offs_to(1), 2);
    ck_assert_uint_eq(offs_to(2), 2);
    ck_assert_uint_eq(offs_to(0) + offs_to(2), 0);
}
END_TEST

START_TEST(what_is_on_again_is_not_ended)
{
    live_again(1);
    play(64);
    ck_assert_uint_eq(offs_to(1), 1);
    ck_assert_uint_eq(jack.last[1], 60);
}
END_TEST

START_TEST(an_off_without_room_is_said_in_the_next_cycle)
{
    live_again(1);
    jack.room = 1;
    ck_assert_uint_eq(offs_to(1), 2);
}
END_TEST

START_TEST(a_second_loss_adds_to_what_is_owed)
{
    live_again(2);
    jack.n_cables = 1;
    cycles(SETTLED, NULL);
    play(67);
    jack_midi_begin(&midi, true);
    ck_assert_uint_eq(offs_to(0), 0);
    ck_assert_uint_eq(offs_to(1), 3);
    ck_assert_uint_eq(offs_to(2), 3);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        what_was_on_is_ended_once_somebody_listens_again, it_is_ended_for_each_who_comes_until_all_are_there_who_were,
        who_went_while_he_waited_is_no_reason_to_forget,  what_is_on_again_is_not_ended,
        an_off_without_room_is_said_in_the_next_cycle,    a_second_loss_adds_to_what_is_owed,
    };
    return suite_run("MIDI when a server comes back", 20, tests, sizeof tests / sizeof *tests);
}
