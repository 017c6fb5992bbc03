/* Row J2: the period changes while it plays.
 *
 *     counter:out --+-----------------------------------------> reader:direct
 *                   +--> in_1 --+-----------------> out_1 ----> reader:through     the same frame
 *                               +--> delay -------> out_2 ----> reader:late        the frame of LATE_FRAMES before
 *                                    sine --------> tone_1 ---> reader:tone        a sine without a seam
 *
 * The server waits for every client in every cycle, so all that the counter sends has to come to the reader, in order. What the
 * server itself does not deliver, `direct` lacks too. */
#include <jack/jack.h>
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "graph/node.h"
#include "tests/system/jack_rows.h"
#include "tests/system/studio.h"

#define RATE        48000
#define LATE_FRAMES 1200
#define COUNT_MOST  (1u << 20) /* counts are whole parts of 2^20, below full scale, and exact as floats */
#define TONE_HZ     997.0
#define TONE_FITS   1e-5 /* how far a sine of floats is from what its two frames before foretell */
#define HISTORY     (1u << 14)
#define CYCLES      6    /* of each period at least, */
#define HOLD_S      0.06 /* and so long */

static const unsigned periods[] = {16,   4096, 64,  1024, 32,   2048, 128, 333, 8192, 16,  512, 48,   3000, 256,
                                   4096, 16,   100, 1000, 2048, 64,   17,  801, 1024, 16,  128, 4095, 31,   512,
                                   64,   2048, 256, 32,   4096, 1023, 128, 16,  1024, 333, 512, 64};

enum { DIRECT, THROUGH, LATE, TONE, READ_PORTS };
static const char *const read_names[READ_PORTS] = {"direct", "through", "late", "tone"};

struct reading {
    jack_client_t *counter, *reader;
    jack_port_t *out, *in[READ_PORTS];
    uint32_t count; /* the counter's next */
    /* the reader's own */
    float history[HISTORY]; /* of direct */
    uint64_t frame;
    double before[2]; /* of tone */
    _Atomic bool checks;
    _Atomic unsigned n_frames; /* of the last cycle */
    _Atomic uint64_t n_cycles, n_read, n_wrong[READ_PORTS];
};

static int count_cycle(jack_nframes_t n, void *user)
{
    struct reading *reading = user;
    float *out = jack_port_get_buffer(reading->out, n);
    for (jack_nframes_t i = 0; i < n; i++, reading->count++)
        out[i] = (float)(reading->count % COUNT_MOST) / COUNT_MOST;
    return 0;
}

static void look(struct reading *reading, const float *const *in, jack_nframes_t i)
{
    const double turn = 2 * cos(2 * M_PI * TONE_HZ / RATE);
    float last = reading->history[(reading->frame - 1) % HISTORY];
    float late = reading->history[(reading->frame - LATE_FRAMES) % HISTORY];
    double foretold = turn * reading->before[1] - reading->before[0];
    reading->history[reading->frame++ % HISTORY] = in[DIRECT][i];
    reading->before[0] = reading->before[1];
    reading->before[1] = in[TONE][i];
    if (!atomic_load_explicit(&reading->checks, memory_order_relaxed))
        return;
    bool wrong[READ_PORTS] = {
        [DIRECT] = in[DIRECT][i] != fmodf(last + 1.0f / COUNT_MOST, 1),
        [THROUGH] = in[THROUGH][i] != in[DIRECT][i],
        [LATE] = in[LATE][i] != late,
        [TONE] = !(fabs(in[TONE][i] - foretold) <= TONE_FITS),
    };
    for (unsigned p = 0; p < READ_PORTS; p++)
        atomic_fetch_add(&reading->n_wrong[p], wrong[p]);
    atomic_fetch_add(&reading->n_read, 1);
}

static int read_cycle(jack_nframes_t n, void *user)
{
    struct reading *reading = user;
    const float *in[READ_PORTS];
    for (unsigned p = 0; p < READ_PORTS; p++)
        in[p] = jack_port_get_buffer(reading->in[p], n);
    for (jack_nframes_t i = 0; i < n; i++)
        look(reading, in, i);
    atomic_store(&reading->n_frames, n);
    atomic_fetch_add(&reading->n_cycles, 1);
    return 0;
}

static jack_client_t *client_of(const struct studio *studio, const char *name)
{
    jack_client_t *client = jack_client_open(name, JackNoStartServer | JackServerName, NULL, studio->server);
    if (!client)
        rig_fail("the JACK server refuses a client");
    return client;
}

static void reading_open(struct reading *reading, const struct studio *studio)
{
    static const char *const cables[][2] = {{"counter:out", "reader:direct"},
                                            {"counter:out", "dut:in_1"},
                                            {"dut:out_1", "reader:through"},
                                            {"dut:out_2", "reader:late"},
                                            {"dut:tone_1", "reader:tone"}};
    reading->counter = client_of(studio, "counter");
    reading->reader = client_of(studio, "reader");
    reading->out = jack_port_register(reading->counter, "out", JACK_DEFAULT_AUDIO_TYPE, JackPortIsOutput, 0);
    for (unsigned p = 0; p < READ_PORTS; p++)
        reading->in[p] = jack_port_register(reading->reader, read_names[p], JACK_DEFAULT_AUDIO_TYPE, JackPortIsInput, 0);
    jack_set_process_callback(reading->counter, count_cycle, reading);
    jack_set_process_callback(reading->reader, read_cycle, reading);
    if (jack_activate(reading->counter) || jack_activate(reading->reader))
        rig_fail("JACK does not activate the test's clients");
    for (unsigned i = 0; i < ROWS(cables); i++)
        if (jack_connect(reading->counter, cables[i][0], cables[i][1]))
            rig_fail("JACK does not connect %s to %s", cables[i][0], cables[i][1]);
}

static void reading_close(struct reading *reading)
{
    jack_client_close(reading->counter);
    jack_client_close(reading->reader);
}

static void hold(struct reading *reading)
{
    uint64_t start = atomic_load(&reading->n_cycles);
    double until = now_s() + HOLD_S, end = until + 10;
    while (atomic_load(&reading->n_cycles) - start < CYCLES || now_s() < until) {
        if (now_s() > end)
            rig_fail("the JACK server stands still after %u changes of its period",
                     (unsigned)atomic_load(&reading->n_frames));
        pause_s(0.002);
    }
}

static void build(struct studio *studio)
{
    client_do(&studio->client, "/graph/add delay d channels 1 mix 1.0 feedback 0.0 longest 0.1 time %.9f",
              (double)LATE_FRAMES / RATE);
    client_do(&studio->client, "/graph/add osc sine freq %.1f level -6.0", TONE_HZ);
    client_do(&studio->client, "/graph/add output tone channels 1");
    client_do(&studio->client, "/graph/connect in:out.1 out:in.1");
    client_do(&studio->client, "/graph/connect in:out.1 d");
    client_do(&studio->client, "/graph/connect d out:in.2");
    client_do(&studio->client, "/graph/connect sine tone");
}

bool jack_row_j2(const struct jack_row *row)
{
    static struct reading reading;
    unsigned n_changes = 0, least = UINT32_MAX, most = 0;
    struct studio *studio = studio_open(&(struct studio_options){
        .lock_step = true, .variant = row->mutant ? "mutant" : NULL, .environment = jack_row_environment(row)});
    reading = (struct reading){.frame = HISTORY};
    build(studio);
    reading_open(&reading, studio);
    pause_s(0.5);
    atomic_store(&reading.checks, true);
    for (unsigned i = 0; i < ROWS(periods); i++) {
        if (jack_set_buffer_size(reading.counter, periods[i]))
            continue;
        hold(&reading);
        unsigned now = atomic_load(&reading.n_frames);
        n_changes += now == periods[i];
        least = now < least ? now : least;
        most = now > most ? now : most;
    }
    atomic_store(&reading.checks, false);
    bool lives = client_ask(&studio->client, "/ping")->done && !process_wait(&studio->dawd, 0);
    uint64_t wrong = 0;
    for (unsigned p = 0; p < READ_PORTS; p++)
        wrong += atomic_load(&reading.n_wrong[p]);
    bool pass = n_changes == ROWS(periods) && lives && wrong == 0;
    jack_row_print(row,
                   "REL J2 changes=%u crashes=%d wrong_frames=%llu frames=%llu least=%u most=%u direct=%llu through=%llu "
                   "late=%llu tone=%llu %s\n",
                   n_changes, !lives, (unsigned long long)wrong, (unsigned long long)atomic_load(&reading.n_read), least,
                   most, (unsigned long long)atomic_load(&reading.n_wrong[DIRECT]),
                   (unsigned long long)atomic_load(&reading.n_wrong[THROUGH]),
                   (unsigned long long)atomic_load(&reading.n_wrong[LATE]),
                   (unsigned long long)atomic_load(&reading.n_wrong[TONE]), pass ? "PASS" : "FAIL");
    reading_close(&reading);
    studio_close(studio);
    return pass;
}
