/* Notes are on, and what they came by, or go by, goes away. */
#include <check.h>
#include <signal.h>

#include "graph/node.h"
#include "tests/system/midi_rows.h"
#include "tests/system/midi_stage.h"

#define N_HELD      5
#define FIRST_KEY   40
#define HUNG_S      2.0 /* until what is on is taken to stay so */
#define FLOOD_LEAST 400 /* messages that are heard of it */

/* Holds notes from `first` on, through the daemon, the last one by OSC where all are to end; the number of the next message
 * behind them. */
static size_t hold(struct studio *studio, unsigned first, bool by_osc)
{
    size_t from = atomic_load(&midi_taker.n_heard);
    jack_nframes_t at = jack_frame_time(midi_feeder.jack) + 4800;
    for (unsigned i = 0; i < N_HELD - (unsigned)by_osc; i++)
        hand_play(&midi_feeder, at + i, 0x91, (uint8_t)(first + i), 100);
    if (by_osc)
        client_do(&studio->client, "/note/on wire %u 100", first + N_HELD - 1);
    ck_assert(hand_hears(&midi_taker, from + N_HELD));
    return from + N_HELD;
}

/* How many of them are not let go. */
static unsigned hung(size_t from, unsigned first)
{
    for (double end = now_s() + HUNG_S; now_s() < end && hand_offs(&midi_taker, from, first, N_HELD) < N_HELD;)
        pause_s(0.002);
    return N_HELD - hand_offs(&midi_taker, from, first, N_HELD);
}

static void pull_cable(struct studio *studio)
{
    (void)studio;
    ck_assert_int_eq(jack_disconnect(midi_feeder.jack, "feeder:out", "dut:keys_1"), 0);
}

static void cut_edge(struct studio *studio)
{
    client_do(&studio->client, "/graph/disconnect keys wire");
}

static void bypass_output(struct studio *studio)
{
    client_do(&studio->client, "/node/wire/bypass 1");
}

static void remove_output(struct studio *studio)
{
    client_do(&studio->client, "/graph/remove wire");
}

static void remove_input(struct studio *studio)
{
    client_do(&studio->client, "/graph/remove keys");
}

static void panic(struct studio *studio)
{
    client_do(&studio->client, "/panic");
}

static void begin_anew(struct studio *studio)
{
    client_do(&studio->client, "/session/new");
}

static void quit(struct studio *studio)
{
    client_do(&studio->client, "/quit");
}

static void terminate(struct studio *studio)
{
    kill(studio->dawd.pid, SIGTERM);
}

static const struct {
    const char *name;
    void (*go)(struct studio *studio);
    bool ends_all; /* what is played by OSC as well, */
    bool ends_daemon;
} ways[] = {
    {"the cable", pull_cable, false, false},    {"the edge", cut_edge, false, false},
    {"the input", remove_input, false, false},  {"bypass", bypass_output, true, false},
    {"the output", remove_output, true, false}, {"panic", panic, true, false},
    {"the session", begin_anew, true, false},   {"quit", quit, true, true},
    {"SIGTERM", terminate, true, true},
};

static void again(struct studio *studio, bool is_daemon_gone)
{
    if (is_daemon_gone) {
        ck_assert(process_wait(&studio->dawd, 5));
        client_close(&studio->client);
        studio_start_daemon(studio);
    }
    client_do(&studio->client, "/session/new");
    midi_stage_set(studio);
}

static const struct {
    const char *name;
    int signal;
} ends[] = {{"a server that is killed", SIGKILL}, {"a server that is told to end", SIGTERM}};

/* How many notes the daemon has on, by its own count; what has been let go may be on for a moment. */
static unsigned still_on(struct studio *studio)
{
    double n = 0;
    for (double end = now_s() + HUNG_S; now_s() < end; pause_s(0.005))
        if ((n = answer_number(client_do(&studio->client, "/note/list wire"), 1)) == 0)
            break;
    return (unsigned)n;
}

/* What listens outlives the server where it is a machine of its own; here it is a client that comes anew, and before any other
 * that listens. One comes after the other: a server in lock step whose first clients come all at once may wait for twenty
 * periods in each cycle from then on. */
static void bring_server_back(struct studio *studio)
{
    studio_start_server(studio);
    ck_assert(studio_has_port(studio, "dut:wire_1"));
    hand_open(&midi_taker, studio->server, "taker");
    hand_open(&midi_feeder, studio->server, "feeder");
    midi_stage_await();
}

static unsigned hung_by_server(struct studio *studio, int signal)
{
    hold(studio, FIRST_KEY, true);
    kill(studio->jackd.pid, signal);
    ck_assert(process_wait(&studio->jackd, 5));
    hand_close(&midi_feeder);
    hand_close(&midi_taker);
    client_do(&studio->client, "/ping");
    bring_server_back(studio);
    unsigned n_hung = hung(0, FIRST_KEY);
    client_do(&studio->client, "/note/off wire %u", FIRST_KEY + N_HELD - 1); /* its client is still there */
    return n_hung + still_on(studio);
}

static unsigned keys_on(const struct hand *hand)
{
    bool is_on[128] = {false};
    unsigned n = 0;
    for (size_t i = 0; i < atomic_load(&hand->n_heard); i++) {
        const uint8_t *bytes = hand->heard[i].message.bytes;
        if ((bytes[0] & 0xe0) == 0x80)
            is_on[bytes[1] & 0x7f] = bytes[0] & 0x10;
    }
    for (unsigned key = 0; key < 128; key++)
        n += is_on[key];
    return n;
}

/* More in the first blocks of a cycle than a port holds, offs in its last one: so many keys are on when all is over. */
static unsigned hung_by_flood(const struct jack_row *row)
{
    struct studio *studio = midi_stage_open(row, 1024);
    jack_nframes_t at = jack_last_frame_time(midi_feeder.jack) + 16 * 1024;
    for (unsigned i = 0; i < 480; i++)
        hand_play(&midi_feeder, at + i * 3 / 2, 0x90, (uint8_t)(60 + i % N_HELD), 100);
    for (unsigned i = 0; i < N_HELD; i++)
        hand_play(&midi_feeder, at + 1000 + i, 0x80, (uint8_t)(60 + i), 0);
    hand_hears(&midi_taker, FLOOD_LEAST);
    for (double end = now_s() + HUNG_S; now_s() < end && keys_on(&midi_taker);)
        pause_s(0.005);
    unsigned n = keys_on(&midi_taker), n_heard = (unsigned)atomic_load(&midi_taker.n_heard);
    midi_stage_close(studio);
    if (n || n_heard < FLOOD_LEAST)
        jack_row_print(row, "%u notes hang behind a flood of %u messages\n", n, n_heard);
    return n_heard < FLOOD_LEAST ? N_HELD : n;
}

bool midi_row_m3(const struct jack_row *row)
{
    unsigned n_hung = hung_by_flood(row), n_ways = ROWS(ways) + ROWS(ends) + 1;
    struct studio *studio = midi_stage_open(row, 256);
    for (unsigned i = 0; i < ROWS(ways); i++) {
        size_t from = hold(studio, FIRST_KEY + N_HELD * i, ways[i].ends_all);
        ways[i].go(studio);
        unsigned n = hung(from, FIRST_KEY + N_HELD * i);
        if (n)
            jack_row_print(row, "%u notes hang without %s\n", n, ways[i].name);
        n_hung += n;
        again(studio, ways[i].ends_daemon);
    }
    for (unsigned i = 0; i < ROWS(ends); i++) {
        unsigned n = hung_by_server(studio, ends[i].signal);
        if (n)
            jack_row_print(row, "%u notes hang behind %s\n", n, ends[i].name);
        n_hung += n;
    }
    midi_stage_close(studio);
    jack_row_print(row, "REL M3 ways=%u notes=%u hung=%u %s\n", n_ways, n_ways * N_HELD, n_hung, n_hung ? "FAIL" : "PASS");
    return !n_hung;
}
