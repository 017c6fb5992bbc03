/* Notes are on, and what they came by, or go by, goes away. */
#include <check.h>
#include <signal.h>

#include "graph/node.h"
#include "tests/system/midi_rows.h"
#include "tests/system/midi_stage.h"

#define N_HELD 5

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
    for (double end = now_s() + 1; now_s() < end && hand_offs(&midi_taker, from, first, N_HELD) < N_HELD;)
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
    bool ends_all; /* what is played by OSC as well */
} ways[] = {
    {"the cable", pull_cable, false},    {"the edge", cut_edge, false},
    {"the input", remove_input, false},  {"bypass", bypass_output, true},
    {"the output", remove_output, true}, {"panic", panic, true},
    {"the session", begin_anew, true},   {"quit", quit, true},
    {"SIGTERM", terminate, true},
};

static void again(struct studio *studio)
{
    if (process_wait(&studio->dawd, 0.2)) {
        client_close(&studio->client);
        studio_start_daemon(studio);
    }
    client_do(&studio->client, "/session/new");
    midi_stage_set(studio);
}

/* What listens outlives the server where it is a machine of its own; here it is a client that comes anew. */
static unsigned hung_by_server(struct studio *studio)
{
    hold(studio, 40, true);
    kill(studio->jackd.pid, SIGKILL);
    process_wait(&studio->jackd, 5);
    hand_close(&midi_feeder);
    hand_close(&midi_taker);
    studio_start_server(studio);
    hand_open(&midi_feeder, studio->server, "feeder");
    hand_open(&midi_taker, studio->server, "taker");
    for (double end = now_s() + 5; now_s() < end && !jack_port_connected(midi_taker.in);)
        pause_s(0.005);
    return hung(0, 40);
}

/* More in the first blocks of a cycle than a port holds, offs in its last one: so many keys are on when all is over. */
static unsigned hung_by_flood(const struct jack_row *row)
{
    struct studio *studio = midi_stage_open(row, 1024);
    jack_nframes_t at = jack_last_frame_time(midi_feeder.jack) + 16 * 1024;
    bool is_on[128] = {false};
    unsigned n = 0;
    for (unsigned i = 0; i < 480; i++)
        hand_play(&midi_feeder, at + i * 3 / 2, 0x90, (uint8_t)(60 + i % N_HELD), 100);
    for (unsigned i = 0; i < N_HELD; i++)
        hand_play(&midi_feeder, at + 1000 + i, 0x80, (uint8_t)(60 + i), 0);
    hand_hears(&midi_taker, 1);
    pause_s(0.3);
    for (size_t i = 0; i < atomic_load(&midi_taker.n_heard); i++) {
        const uint8_t *bytes = midi_taker.heard[i].message.bytes;
        if ((bytes[0] & 0xe0) == 0x80)
            is_on[bytes[1] & 0x7f] = bytes[0] & 0x10;
    }
    for (unsigned key = 0; key < 128; key++)
        n += is_on[key];
    midi_stage_close(studio);
    if (n)
        jack_row_print(row, "%u notes hang behind a flood of %zu messages\n", n, atomic_load(&midi_taker.n_heard));
    return n;
}

bool midi_row_m3(const struct jack_row *row)
{
    unsigned n_hung = hung_by_flood(row);
    struct studio *studio = midi_stage_open(row, 256);
    for (unsigned i = 0; i < ROWS(ways); i++) {
        size_t from = hold(studio, 40 + N_HELD * i, ways[i].ends_all);
        ways[i].go(studio);
        unsigned n = hung(from, 40 + N_HELD * i);
        if (n)
            jack_row_print(row, "%u notes hang without %s\n", n, ways[i].name);
        n_hung += n;
        again(studio);
    }
    unsigned n = hung_by_server(studio);
    if (n)
        jack_row_print(row, "%u notes hang without the server\n", n);
    n_hung += n;
    midi_stage_close(studio);
    jack_row_print(row, "REL M3 ways=%u notes=%u hung=%u %s\n", (unsigned)ROWS(ways) + 2,
                   ((unsigned)ROWS(ways) + 2) * N_HELD, n_hung, n_hung ? "FAIL" : "PASS");
    return !n_hung;
}
