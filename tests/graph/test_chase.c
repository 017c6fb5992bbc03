/* The transport behind a MIDI clock: a simulated master, its clocks as early and late as one likes. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/chase.h"
#include "graph/midi_port.h"
#include "graph/tempo.h"
#include "graph/transport.h"
#include "tests/graph_rig.h"
#include "tests/suite.h"

#define RATE_HZ 48000.0

/* Who sends: at its own tempo, exact but for the jitter of each message on the way. */
static struct master {
    struct graph_rig *rig;
    struct midi_port port, *ports[DEVICE_PORTS_MAX];
    double bpm, jitter_s;
    double next_s; /* of the next clock, by its own clock */
    double tick;   /* of that clock in the piece */
    double begin_s, begin_tick;
    bool runs, is_dead;
    uint32_t seed;
    uint8_t say; /* before the next clock; 0: nothing */
} master;

static int follow(struct node *source)
{
    struct error error = {0};
    struct tx *tx = tx_open(master.rig->ctl, 0);
    ck_assert_ptr_nonnull(tx);
    if (tx_set_sync(tx, &(struct sync){.source = source}, &error))
        tx_rollback(tx);
    else
        tx_commit(tx, (struct completion){0});
    ctl_poll(master.rig->ctl);
    return (int)error.code;
}

static void begin(unsigned period)
{
    master = (struct master){.rig = graph_rig_new(RATE_HZ), .bpm = 120, .seed = 7, .next_s = 0.013};
    master.rig->period = period;
    graph_rig_commit(master.rig, "add keys midi_input");
    graph_rig_settle(master.rig);
    struct node *keys = graph_rig_node(master.rig, "keys");
    master.ports[keys->device_first] = &master.port;
    master.rig->offline.midi = master.ports;
    master.next_s += (double)ctl_clock(master.rig->ctl) / RATE_HZ;
    ck_assert_int_eq(follow(keys), 0);
}

static void put(int64_t frame, uint8_t status)
{
    uint32_t last = master.port.n ? master.port.timed[master.port.n - 1].frame : 0;
    ck_assert(midi_port_put(&master.port, frame > last ? (uint32_t)frame : last, &(struct midi_message){1, {status}}));
}

static double chance(void)
{
    return dice(&master.seed) / 2147483648.0 - 1;
}

/* The clocks whose time, jitter apart, falls into this cycle: late ones are put to its end, as a driver would the next. */
static void send(uint64_t from, unsigned n)
{
    for (; !master.is_dead && master.next_s * RATE_HZ < (double)(from + n); master.next_s += 60 / (24 * master.bpm)) {
        int64_t at = (int64_t)((master.next_s + master.jitter_s * chance()) * RATE_HZ - (double)from + 0.5);
        at = at < 0 ? 0 : at < n ? at : n - 1;
        if (master.say) {
            put(at, master.say);
            master.runs = master.say != 0xfc;
            master.begin_s = master.next_s;
            master.begin_tick = master.say == 0xfa ? 0 : master.tick;
            master.tick = master.begin_tick;
            master.say = 0;
        }
        put(at, 0xf8);
        master.tick += master.runs ? 40 : 0;
    }
}

static void run(double seconds)
{
    for (double end = (double)ctl_clock(master.rig->ctl) + seconds * RATE_HZ; (double)ctl_clock(master.rig->ctl) < end;) {
        master.port.n = master.port.next = 0;
        send(ctl_clock(master.rig->ctl), master.rig->period);
        ctl_poll(master.rig->ctl);
        graph_rig_cycle(master.rig, master.rig->period);
    }
}

/* How many seconds the transport is behind the master, whose tempo has not changed since it began. */
static double late_s(void)
{
    struct transport_now now = transport_look(&master.rig->ctl->engine->transport.view);
    double gone_s = (double)now.frame / RATE_HZ - master.begin_s;
    double is = transport_beat(master.rig->ctl, now.position) * 60 / master.bpm;
    return master.begin_tick / 960 * 60 / master.bpm + gone_s - is;
}

static double bpm_now(void)
{
    struct tempo_state state;
    struct error error;
    ck_assert_int_eq(transport_state(master.rig->ctl, &state, &error), 0);
    return state.micro_bpm / 1e6;
}

/* The worst of both over so many seconds. */
static void watch(double seconds, double *late, double *bpm_off)
{
    *late = *bpm_off = 0;
    for (int i = 0; i < seconds * 20; i++) {
        run(0.05);
        *late = fmax(*late, fabs(late_s()));
        *bpm_off = fmax(*bpm_off, fabs(bpm_now() - master.bpm));
    }
}

START_TEST(it_starts_at_the_frame_of_the_first_clock)
{
    static const unsigned periods[] = {64, 1024};
    begin(periods[_i]);
    run(2);
    ck_assert_int_eq(master.rig->ctl->chase.state, CHASE_STANDS);
    ck_assert(fabs(bpm_now() - 120) < 0.01);
    master.say = 0xfa;
    run(0.1);
    struct transport_now now = transport_look(&master.rig->ctl->engine->transport.view);
    ck_assert(now.is_rolling);
    ck_assert_msg(fabs(late_s()) < 1.5 / RATE_HZ, "late by %g frames", late_s() * RATE_HZ);
    ck_assert_int_eq(master.rig->ctl->chase.state, CHASE_RUNS);
    master.say = 0xfc;
    run(0.1);
    ck_assert(!transport_look(&master.rig->ctl->engine->transport.view).is_rolling);
    graph_rig_free(master.rig);
}
END_TEST

START_TEST(jitter_of_a_millisecond_is_not_heard)
{
    double late, bpm_off;
    begin(256);
    master.jitter_s = 0.001;
    master.bpm = 133.7;
    run(3);
    master.say = 0xfa;
    run(8);
    watch(60, &late, &bpm_off);
    printf("midi clock jitter_ms=1.0 bpm=%.1f late_ms_max=%.3f bpm_off_max=%.4f percent=%.4f\n", master.bpm, late * 1e3,
           bpm_off, 100 * bpm_off / master.bpm);
    ck_assert(late < 0.001);
    ck_assert(bpm_off / master.bpm < 0.0006); /* a cent of pitch */
    graph_rig_free(master.rig);
}
END_TEST

START_TEST(another_tempo_is_followed_within_seconds_and_without_a_jump)
{
    double late, bpm_off;
    begin(256);
    master.jitter_s = 0.0003;
    run(2);
    master.say = 0xfa;
    run(4);
    double gone = (double)ctl_clock(master.rig->ctl) / RATE_HZ;
    /* From the next clock on, the piece goes on as if it had always had this tempo. */
    master.begin_tick = master.tick;
    master.begin_s = master.next_s;
    master.bpm = 140;
    uint32_t n_moves = transport_look(&master.rig->ctl->engine->transport.view).n_moves;
    double worst = 0, settled_s = 0;
    for (int i = 0; i < 120; i++) {
        run(0.05);
        worst = fmax(worst, fabs(late_s()));
        if (fabs(late_s()) > 0.002)
            settled_s = (double)ctl_clock(master.rig->ctl) / RATE_HZ - gone;
    }
    watch(4, &late, &bpm_off);
    printf("midi clock step=120..140 late_ms_max=%.1f within_2ms_after_s=%.2f then_late_ms=%.3f\n", worst * 1e3, settled_s,
           late * 1e3);
    ck_assert(worst < 0.05);
    ck_assert(settled_s < 5);
    ck_assert(late < 0.002);
    ck_assert_uint_eq(transport_look(&master.rig->ctl->engine->transport.view).n_moves, n_moves);
    graph_rig_free(master.rig);
}
END_TEST

START_TEST(a_song_position_and_continue_go_on_there)
{
    begin(256);
    run(2);
    midi_port_put(&master.port, 0, &(struct midi_message){1, {0xfe}});
    master.port.n = master.port.next = 0;
    struct midi_message song = midi_song(64); /* bar 5 */
    midi_port_put(&master.port, 10, &song);
    ctl_poll(master.rig->ctl);
    graph_rig_cycle(master.rig, 256);
    ck_assert(fabs(transport_beat(master.rig->ctl, transport_look(&master.rig->ctl->engine->transport.view).position) -
                   16) < 1e-4);
    master.tick = 64 * 240;
    master.say = 0xfb;
    run(1);
    ck_assert_msg(fabs(late_s()) < 0.001, "%g", late_s());
    graph_rig_free(master.rig);
}
END_TEST

START_TEST(a_clock_that_goes_is_told_and_the_piece_rolls_on)
{
    begin(256);
    run(1);
    master.say = 0xfa;
    run(2);
    master.is_dead = true;
    run(1.5);
    ck_assert_int_eq(master.rig->ctl->chase.state, CHASE_LOST);
    ck_assert(transport_look(&master.rig->ctl->engine->transport.view).is_rolling);
    ck_assert(fabs(bpm_now() - 120) < 0.02);
    graph_rig_commit(master.rig, "remove keys");
    graph_rig_settle(master.rig);
    ck_assert_int_eq(master.rig->ctl->chase.state, CHASE_OFF);
    graph_rig_free(master.rig);
}
END_TEST

START_TEST(by_itself_again_the_marks_hold)
{
    begin(256);
    graph_rig_commit(master.rig, "tempo 77");
    run(2);
    ck_assert(fabs(bpm_now() - 120) < 0.01);
    ck_assert_int_eq(follow(graph_rig_node(master.rig, "out")), ERROR_BAD_TYPE);
    ck_assert_int_eq(follow(NULL), 0);
    run(0.2);
    ck_assert(bpm_now() == 77);
    ck_assert_uint_eq(transport_look(&master.rig->ctl->engine->transport.view).map->stretches[0].micro_bpm, 77000000);
    graph_rig_free(master.rig);
}
END_TEST

START_TEST(a_flood_of_starts_and_stops_is_bounded)
{
    begin(8192);
    for (unsigned round = 0; round < 20; round++) {
        master.port.n = master.port.next = 0;
        for (unsigned i = 0; i < MIDI_PORT_MOST; i++)
            put(i * 16, (uint8_t[]){0xfa, 0xf8, 0xfc, 0xf8}[i % 4]);
        ctl_poll(master.rig->ctl);
        graph_rig_cycle(master.rig, 8192);
    }
    graph_rig_free(master.rig);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("chase");
    tcase_add_loop_test(tcase, it_starts_at_the_frame_of_the_first_clock, 0, 2);
    tcase_add_test(tcase, jitter_of_a_millisecond_is_not_heard);
    tcase_add_test(tcase, another_tempo_is_followed_within_seconds_and_without_a_jump);
    tcase_add_test(tcase, a_song_position_and_continue_go_on_there);
    tcase_add_test(tcase, a_clock_that_goes_is_told_and_the_piece_rolls_on);
    tcase_add_test(tcase, by_itself_again_the_marks_hold);
    tcase_add_test(tcase, a_flood_of_starts_and_stops_is_bounded);
    tcase_set_timeout(tcase, 30);
    return suite_run_case("midi clock in", tcase);
}
