/* MIDI through a real JACK server: two clients of the test's own, which play into the daemon and hear what it sends. */
#include <jack/jack.h>
#include <jack/midiport.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/midi.h"
#include "graph/node.h"
#include "tests/suite.h"
#include "tests/system/sound.h"
#include "tests/system/studio.h"

#define MOST 4096

/* A message at JACK's frame time. */
struct timed {
    jack_nframes_t frame;
    struct midi_message message;
};

/* A client with a MIDI output and an input, and one for sound. */
struct hand {
    jack_client_t *jack;
    jack_port_t *out, *in, *ear;
    _Atomic bool listens;           /* set by the test, cleared at the first frame that is loud, */
    _Atomic jack_nframes_t loud_at; /* which is noted here */
    _Atomic int64_t piece;          /* JACK's transport, less its frame time, while it rolls */
    struct timed play[MOST];        /* sorted */
    _Atomic size_t n_play, n_heard;
    size_t n_played;
    struct timed heard[MOST];
};

static struct hand feeder, taker;

static int process(jack_nframes_t n, void *argument)
{
    struct hand *hand = argument;
    void *out = jack_port_get_buffer(hand->out, n), *in = jack_port_get_buffer(hand->in, n);
    jack_nframes_t now = jack_last_frame_time(hand->jack);
    size_t n_play = atomic_load(&hand->n_play), n_heard = atomic_load(&hand->n_heard);
    jack_position_t place;
    if (jack_transport_query(hand->jack, &place) == JackTransportRolling)
        atomic_store(&hand->piece, (int64_t)place.frame - (int64_t)now);
    jack_midi_clear_buffer(out);
    for (; hand->n_played < n_play && (int)(hand->play[hand->n_played].frame - now) < (int)n; hand->n_played++) {
        const struct timed *timed = &hand->play[hand->n_played];
        if ((int)(timed->frame - now) >= 0)
            jack_midi_event_write(out, timed->frame - now, timed->message.bytes, timed->message.n);
    }
    const float *sound = jack_port_get_buffer(hand->ear, n);
    for (jack_nframes_t i = 0; i < n && atomic_load(&hand->listens); i++)
        if (sound[i] > 0.5f) {
            atomic_store(&hand->loud_at, now + i);
            atomic_store(&hand->listens, false);
        }
    jack_midi_event_t event;
    for (uint32_t i = 0; n_heard < MOST && jack_midi_event_get(&event, in, i) == 0; i++)
        if (midi_read(event.buffer, event.size, &hand->heard[n_heard].message))
            hand->heard[n_heard++].frame = now + event.time;
    atomic_store(&hand->n_heard, n_heard);
    return 0;
}

static void hand_open(struct hand *hand, const struct studio *studio, const char *name)
{
    memset(hand, 0, sizeof *hand);
    hand->jack = jack_client_open(name, JackNoStartServer | JackServerName, NULL, studio->server);
    ck_assert_ptr_nonnull(hand->jack);
    hand->out = jack_port_register(hand->jack, "out", JACK_DEFAULT_MIDI_TYPE, JackPortIsOutput, 0);
    hand->in = jack_port_register(hand->jack, "in", JACK_DEFAULT_MIDI_TYPE, JackPortIsInput, 0);
    hand->ear = jack_port_register(hand->jack, "ear", JACK_DEFAULT_AUDIO_TYPE, JackPortIsInput, 0);
    jack_set_process_callback(hand->jack, process, hand);
    ck_assert_int_eq(jack_activate(hand->jack), 0);
}

/* feeder ─▶ keys ─▶ wire ─▶ taker, and back to the feeder. */
static struct studio *stage_open(unsigned period)
{
    struct studio *studio = studio_open(&(struct studio_options){.period = period, .lock_step = true});
    hand_open(&feeder, studio, "feeder");
    hand_open(&taker, studio, "taker");
    client_do(&studio->client, "/graph/add midi_input keys");
    client_do(&studio->client, "/graph/add midi_output wire");
    client_do(&studio->client, "/graph/connect keys wire");
    client_do(&studio->client, "/jack/connect feeder:out keys_1");
    client_do(&studio->client, "/jack/connect wire_1 taker:in");
    client_do(&studio->client, "/jack/connect wire_1 feeder:in");
    for (double end = now_s() + 5; now_s() < end && (!jack_port_connected(feeder.out) || !jack_port_connected(taker.in) ||
                                                     !jack_port_connected(feeder.in));)
        pause_s(0.005);
    pause_s(0.1); /* JACK sorts its clients anew with every connection */
    return studio;
}

static void stage_close(struct studio *studio)
{
    jack_client_close(feeder.jack);
    jack_client_close(taker.jack);
    studio_close(studio);
}

static void await(const struct hand *hand, size_t n)
{
    for (double end = now_s() + 5; now_s() < end && atomic_load(&hand->n_heard) < n;)
        pause_s(0.002);
    ck_assert_uint_ge(atomic_load(&hand->n_heard), n);
}

static void say(jack_nframes_t frame, struct midi_message message)
{
    size_t n = atomic_load(&feeder.n_play);
    feeder.play[n] = (struct timed){frame, message};
    atomic_store(&feeder.n_play, n + 1);
}

static void play(jack_nframes_t frame, uint8_t a, uint8_t b, uint8_t c)
{
    say(frame, (struct midi_message){3, {a, b, c}});
}

static const unsigned periods[] = {64, 1024};

/* Every message of the feeder's is heard, so much later. */
static unsigned n_wrong(const struct hand *hand, size_t n, unsigned later)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < n; i++)
        wrong += hand->heard[i].frame != feeder.play[i].frame + later ||
                 memcmp(&hand->heard[i].message, &feeder.play[i].message, sizeof(struct midi_message)) != 0;
    return wrong;
}

START_TEST(a_message_passes_at_its_frame_and_comes_back_one_period_later)
{
    unsigned period = periods[_i], n = 1000;
    struct studio *studio = stage_open(period);
    jack_nframes_t start = jack_frame_time(feeder.jack) + 9600, at = start;
    for (unsigned i = 0; i < n; i++, at += 1 + i * 7919 % 61)
        play(at, i % 2 ? 0x80 : 0x90, (uint8_t)(20 + i / 2 % 100), (uint8_t)(1 + i % 127));
    await(&taker, n);
    await(&feeder, n);
    pause_s(0.05);
    unsigned wrong = n_wrong(&taker, n, 0), wrong_back = n_wrong(&feeder, n, period);
    bool pass = !wrong && !wrong_back && atomic_load(&taker.n_heard) == n;
    printf("midi period=%u messages=%u through_frames=0 back_frames=%u wrong=%u %s\n", period, n, period,
           wrong + wrong_back, pass ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert(pass);
    stage_close(studio);
}
END_TEST

/* How many offs of these notes the taker has heard since message `from`. */
static unsigned n_offs(size_t from, unsigned first, unsigned n)
{
    unsigned found = 0;
    for (size_t i = from; i < atomic_load(&taker.n_heard); i++) {
        const uint8_t *bytes = taker.heard[i].message.bytes;
        found += (bytes[0] & 0xf0) == 0x80 && bytes[1] >= first && bytes[1] < first + n;
    }
    return found;
}

static size_t hold(unsigned first, unsigned n)
{
    size_t from = atomic_load(&taker.n_heard);
    jack_nframes_t at = jack_frame_time(feeder.jack) + 4800;
    for (unsigned i = 0; i < n; i++)
        play(at + i, 0x91, (uint8_t)(first + i), 100);
    await(&taker, from + n);
    return from + n;
}

/* Each in turn: the cable to the input, the edge between, the output's bypass, the output itself. */
START_TEST(whatever_goes_ends_the_notes_that_it_has_on)
{
    struct studio *studio = stage_open(256);
    unsigned n_hung = 0;
    size_t from = hold(40, 5);
    ck_assert_int_eq(jack_disconnect(feeder.jack, "feeder:out", "dut:keys_1"), 0);
    await(&taker, from + 5);
    n_hung += 5 - n_offs(from, 40, 5);
    client_do(&studio->client, "/jack/connect feeder:out keys_1");
    ck_assert_int_eq(jack_connect(feeder.jack, "feeder:out", "dut:keys_1"), 0);
    pause_s(0.1);
    from = hold(50, 5);
    client_do(&studio->client, "/graph/disconnect keys wire");
    await(&taker, from + 5);
    n_hung += 5 - n_offs(from, 50, 5);
    client_do(&studio->client, "/graph/connect keys wire");
    from = hold(60, 5);
    client_do(&studio->client, "/node/wire/bypass 1");
    await(&taker, from + 5);
    n_hung += 5 - n_offs(from, 60, 5);
    client_do(&studio->client, "/node/wire/bypass 0");
    from = hold(70, 5);
    client_do(&studio->client, "/graph/remove wire");
    await(&taker, from + 5);
    n_hung += 5 - n_offs(from, 70, 5);
    printf("midi gone=4 notes=20 hung=%u %s\n", n_hung, n_hung ? "FAIL" : "PASS");
    fflush(stdout);
    ck_assert_uint_eq(n_hung, 0);
    stage_close(studio);
}
END_TEST

/* The gate of a note is sound enough. */
START_TEST(a_note_is_heard_at_its_frame)
{
    struct studio *studio = stage_open(periods[_i]);
    int worst = 0;
    client_do(&studio->client, "/graph/add midi_cv voice");
    client_do(&studio->client, "/graph/connect keys voice");
    client_do(&studio->client, "/graph/connect voice:gate out");
    client_do(&studio->client, "/jack/connect out_1 taker:ear");
    pause_s(0.2);
    for (unsigned i = 0; i < 10; i++) {
        size_t before = atomic_load(&taker.n_heard);
        jack_nframes_t at = jack_frame_time(feeder.jack) + 4800 + i * 331;
        play(at, 0x90, 60, 100);
        play(at + 2400, 0x80, 60, 0);
        atomic_store(&taker.listens, true);
        await(&taker, before + 2);
        int late = (int)(atomic_load(&taker.loud_at) - at);
        ck_assert(!atomic_load(&taker.listens));
        worst = abs(late) > abs(worst) ? late : worst;
    }
    bool pass = worst == 0;
    printf("midi note_to_sound period=%u notes=10 late_frames=%d of=%u %s\n", periods[_i], worst, periods[_i],
           pass ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert(pass);
    stage_close(studio);
}
END_TEST

#define CLOCK_FRAMES 1000 /* 120 bpm at 48 kHz */
#define N_STANDING   30
#define N_ROLLING    90
#define JITTER       48 /* frames, a millisecond either way */

/* A second or so of clocks, a start, and more of them; the daemon's own clock, which goes by its transport, is heard. */
START_TEST(the_transport_follows_a_clock_that_jitters)
{
    struct studio *studio = stage_open(periods[_i]);
    client_do(&studio->client, "/transport/sync midi keys");
    client_do(&studio->client, "/node/wire/clock 1");
    jack_nframes_t begin = jack_frame_time(feeder.jack) + 9600, first = 0;
    for (unsigned i = 0; i < N_STANDING + N_ROLLING; i++) {
        jack_nframes_t at = begin + i * CLOCK_FRAMES + i * 7919 % (2 * JITTER + 1) - JITTER;
        if (i == N_STANDING)
            say(first = at, (struct midi_message){1, {MIDI_START}});
        say(at, (struct midi_message){1, {MIDI_CLOCK}});
    }
    for (jack_nframes_t end = begin + (N_STANDING + N_ROLLING) * CLOCK_FRAMES;
         (int)(jack_frame_time(feeder.jack) - end) < 0;)
        pause_s(0.02);
    int started = INT32_MAX, worst = 0;
    unsigned n_clocks = 0;
    for (size_t i = 0; i < atomic_load(&taker.n_heard); i++) {
        uint8_t status = taker.heard[i].message.bytes[0];
        if (status == MIDI_START)
            started = (int)(taker.heard[i].frame - first);
        if (status != MIDI_CLOCK || started == INT32_MAX)
            continue;
        int off = (int)(taker.heard[i].frame - (begin + (N_STANDING + n_clocks) * CLOCK_FRAMES));
        if (n_clocks++ > N_ROLLING / 4 && n_clocks < N_ROLLING - 10)
            worst = abs(off) > worst ? abs(off) : worst;
    }
    bool pass = started == 0 && worst < 48 * 3 / 2 && n_clocks > N_ROLLING - 10;
    printf("midi sync period=%u start_off_frames=%d clocks=%u late_ms_max=%.2f jitter_ms=1.0 %s\n", periods[_i], started,
           n_clocks, worst / 48.0, pass ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert(pass);
    stage_close(studio);
}
END_TEST

/* The daemon's clock is that of its transport: it ticks where JACK's has a clock's place. */
START_TEST(the_transport_of_jack_is_followed_to_the_frame)
{
    struct studio *studio = stage_open(periods[_i]);
    client_do(&studio->client, "/transport/sync jack");
    client_do(&studio->client, "/node/wire/clock 1");
    unsigned n_clocks = 0, n_wrong = 0, n_places = 2;
    for (unsigned k = 0; k < n_places; k++) {
        bool rolls = false;
        size_t from = atomic_load(&taker.n_heard);
        jack_transport_locate(feeder.jack, 480000 + 12345 * k);
        jack_transport_start(feeder.jack);
        pause_s(0.5);
        jack_transport_stop(feeder.jack);
        size_t end = atomic_load(&taker.n_heard);
        for (size_t i = from; i < end; i++) {
            uint8_t status = taker.heard[i].message.bytes[0];
            rolls = status == MIDI_CONTINUE || (rolls && status != MIDI_STOP);
            n_clocks += rolls && status == MIDI_CLOCK;
            n_wrong += rolls && status == MIDI_CLOCK &&
                       ((int64_t)taker.heard[i].frame + atomic_load(&taker.piece)) % CLOCK_FRAMES != 0;
        }
        pause_s(0.1);
    }
    const struct answer *answer = client_do(&studio->client, "/transport/sync");
    bool pass = n_clocks > 20 && !n_wrong && strcmp(answer_string(answer, 2), "stands") == 0;
    printf("midi sync_jack period=%u places=%u clocks=%u wrong=%u %s\n", periods[_i], n_places, n_clocks, n_wrong,
           pass ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert(pass);
    stage_close(studio);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("midi");
    TCase *tcase = tcase_create("midi");
    tcase_add_loop_test(tcase, a_message_passes_at_its_frame_and_comes_back_one_period_later, 0, ROWS(periods));
    tcase_add_test(tcase, whatever_goes_ends_the_notes_that_it_has_on);
    tcase_add_loop_test(tcase, a_note_is_heard_at_its_frame, 0, ROWS(periods));
    tcase_add_loop_test(tcase, the_transport_follows_a_clock_that_jitters, 0, ROWS(periods));
    tcase_add_loop_test(tcase, the_transport_of_jack_is_followed_to_the_frame, 0, ROWS(periods));
    tcase_set_timeout(tcase, 60);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
