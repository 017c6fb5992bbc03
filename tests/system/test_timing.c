/* How soon what is set is heard, and whether what has a time keeps it: rows O6 and O7 of the reliability catalogue, on a JACK
 * server with the dummy driver.
 * Lane: alone */
#include <check.h>
#include <jack/jack.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "graph/node.h"
#include "tests/suite.h"
#include "tests/system/flood.h"

#define PERIOD 256

/* ---- O6: an ear at the daemon's output --------------------------------------------------------------------------------- */

#define N_SETS    2200
#define STEP      1e-4 /* from one value to the next */
#define HEARD_MAX (4 * N_SETS)

/* Every change of the sound: to which value, and at which frame of JACK's. */
struct ear {
    jack_client_t *jack;
    jack_port_t *port;
    float last;
    _Atomic unsigned n;
    struct {
        float value;
        jack_nframes_t frame;
    } heard[HEARD_MAX];
};

static int listen_in(jack_nframes_t n_frames, void *argument)
{
    struct ear *ear = argument;
    const float *in = jack_port_get_buffer(ear->port, n_frames);
    unsigned n = atomic_load(&ear->n);
    for (jack_nframes_t i = 0; i < n_frames; i++)
        if (in[i] != ear->last && n < HEARD_MAX) {
            ear->last = ear->heard[n].value = in[i];
            ear->heard[n++].frame = jack_last_frame_time(ear->jack) + i;
        }
    atomic_store(&ear->n, n);
    return 0;
}

static struct ear *ear_open(struct studio *studio)
{
    struct ear *ear = calloc(1, sizeof *ear);
    char from[80];
    ear->jack = jack_client_open("ear", JackNoStartServer | JackServerName, NULL, studio->server);
    ck_assert_ptr_nonnull(ear->jack);
    ear->port = jack_port_register(ear->jack, "in", JACK_DEFAULT_AUDIO_TYPE, JackPortIsInput, 0);
    jack_set_process_callback(ear->jack, listen_in, ear);
    ck_assert_int_eq(jack_activate(ear->jack), 0);
    snprintf(from, sizeof from, "%s:out_1", studio->name);
    ck_assert(studio_has_port(studio, from));
    ck_assert_int_eq(jack_connect(ear->jack, from, "ear:in"), 0);
    return ear;
}

static int by_size(const void *a, const void *b)
{
    return *(const int32_t *)a < *(const int32_t *)b ? -1 : *(const int32_t *)a > *(const int32_t *)b;
}

/* How many frames after each set its value was first heard; those that another one has replaced before are left out. */
static unsigned delays_read(const struct ear *ear, const jack_nframes_t *sent, int32_t *delays)
{
    unsigned n = 0;
    for (unsigned i = 0; i < atomic_load(&ear->n); i++) {
        unsigned k = (unsigned)lrint((double)ear->heard[i].value / STEP);
        if (k > 0 && k <= N_SETS)
            delays[n++] = (int32_t)(ear->heard[i].frame - sent[k - 1]);
    }
    qsort(delays, n, sizeof *delays, by_size);
    return n;
}

/* Prints the row; whether it holds. */
static bool o6_run(const char *row, const char *variant, const char *const *environment, unsigned n_sets, bool wanted)
{
    static jack_nframes_t sent[N_SETS];
    static int32_t delays[HEARD_MAX];
    struct studio *studio =
        studio_open(&(struct studio_options){.period = PERIOD, .variant = variant, .environment = environment});
    struct client fader;
    uint32_t seed = 77;
    client_do(&studio->client, "/graph/add constant c value 0.0");
    client_do(&studio->client, "/graph/connect c out");
    client_open_udp(&fader, studio->port);
    struct ear *ear = ear_open(studio);
    usleep(200000);
    for (unsigned k = 0; k < n_sets; k++) {
        seed = seed * 1664525u + 1013904223u;
        usleep(6500 + (seed >> 16) % 5333); /* a period is 5333 us: every place in it is met */
        sent[k] = jack_frame_time(ear->jack);
        client_tell(&fader, "/node/c/value %.6f 0.0", (k + 1) * STEP);
    }
    usleep(100000);
    unsigned n = delays_read(ear, sent, delays);
    bool pass = n * 11 >= n_sets * 10 && delays[n / 2] <= PERIOD && delays[n * 99 / 100] <= 2 * PERIOD;
    printf("REL %s n=%u period=%d p50_frames=%d p99_frames=%d max_frames=%d %s\n", row, n, PERIOD, (int)delays[n / 2],
           (int)delays[n * 99 / 100], (int)delays[n ? n - 1 : 0], pass == wanted ? "PASS" : "FAIL");
    fflush(stdout);
    jack_client_close(ear->jack);
    client_close(&fader);
    studio_close(studio);
    free(ear);
    return pass;
}

START_TEST(a_set_is_heard_with_the_next_period)
{
    ck_assert(o6_run("O6", NULL, NULL, N_SETS, true));
}
END_TEST

START_TEST(a_set_that_is_heard_a_period_later_is_noticed)
{
    ck_assert(
        !o6_run("O6m flaw=hesitant", "mutant", (const char *const[]){"DAWD_MUTANT=hesitant", NULL}, N_SETS / 5, false));
}
END_TEST

/* ---- O7: a flood of what is far ahead ---------------------------------------------------------------------------------- */

#define N_FAR      200000
#define FAR_CAP    16384
#define FAR_STEP   500   /* sent at a time, and then as many answers are read */
#define FAR_S      12.0  /* in which all are sent */
#define NEAR_AHEAD 14400 /* frames: 0.3 s */

/* The bytes of one bundle with a time tag so far ahead: a value of one node. */
static size_t far_packet(unsigned char *bytes, double ahead_s)
{
    static const char message[] = "/node/c/value\0\0\0,f\0\0\0\0\0\0";
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint32_t seconds = (uint32_t)(now.tv_sec + 2208988800 + (time_t)ahead_s);
    memcpy(bytes, "#bundle", 8);
    for (unsigned i = 0; i < 4; i++) {
        bytes[8 + i] = (unsigned char)(seconds >> (24 - 8 * i));
        bytes[12 + i] = 0;
        bytes[16 + i] = i == 3 ? 24 : 0;
    }
    memcpy(bytes + 20, message, 24);
    return 44;
}

static unsigned count_answers(struct client *client, unsigned n, unsigned *n_refused)
{
    unsigned n_scheduled = 0;
    while (n-- && client_next(client, 5)) {
        n_scheduled += strcmp(client->answer.address, "/progress") == 0;
        *n_refused += strcmp(client->answer.symbol, "busy") == 0;
    }
    return n_scheduled;
}

/* A bundle a third of a second ahead, among all the others; its frame and its answer's. */
static unsigned near_run(struct client *client, unsigned k)
{
    char at[64], set[64];
    double frame = answer_number(client_do(client, "/time"), 1) + NEAR_AHEAD;
    snprintf(at, sizeof at, "/at/frame %.0fh", frame);
    snprintf(set, sizeof set, "/node/near/gain -%u.0 0.0", k % 60);
    const struct answer *answer = client_bundle(client, (const char *const[]){at, set, NULL});
    return answer->came && answer->done && answer_number(answer, 1) == frame;
}

/* Sends so many in proportionally less time. */
static bool o7_run(const char *row, const char *variant, const char *const *environment, unsigned n_far, bool wanted)
{
    struct studio *studio =
        studio_open(&(struct studio_options){.period = PERIOD, .variant = variant, .environment = environment});
    struct client flood;
    unsigned n_scheduled = 0, n_refused = 0, n_near = 0, n_on_time = 0;
    unsigned char packet[64];
    client_do(&studio->client, "/graph/add constant c value 0.0");
    client_do(&studio->client, "/graph/add gain near");
    client_open_unix(&flood, studio->socket);
    double cpu_s = control_cpu_s(studio);
    struct timespec start, now;
    clock_gettime(CLOCK_MONOTONIC, &start);
    double passed_s = 0;
    for (unsigned sent = 0; sent < n_far; sent += FAR_STEP) {
        for (unsigned i = 0; i < FAR_STEP; i++)
            client_send(&flood, packet, far_packet(packet, 50));
        n_scheduled += count_answers(&flood, FAR_STEP, &n_refused);
        if (sent / FAR_STEP % 20 == 0) {
            n_on_time += near_run(&studio->client, n_near);
            n_near++;
        }
        do {
            clock_gettime(CLOCK_MONOTONIC, &now);
            passed_s = (double)(now.tv_sec - start.tv_sec) + (double)(now.tv_nsec - start.tv_nsec) * 1e-9;
            if (passed_s < FAR_S * (sent + FAR_STEP) / N_FAR)
                usleep(1000);
        } while (passed_s < FAR_S * (sent + FAR_STEP) / N_FAR);
    }
    cpu_s = control_cpu_s(studio) - cpu_s;
    struct stats stats = stats_read(&studio->client);
    double waiting = stats_get(&stats, "scheduled"), refused = stats_get(&stats, "scheduled_refused");
    double late = stats_get(&stats, "late") + stats_get(&stats, "late_changes"), share = cpu_s / passed_s;
    bool pass = n_scheduled <= FAR_CAP && waiting <= FAR_CAP && n_scheduled + n_refused == n_far && refused == n_refused &&
                n_on_time == n_near && late == 0 && share <= 0.10;
    printf("REL %s far=%u scheduled=%u waiting=%.0f cap=%d refused=%u answered=%u near=%u on_time=%u late=%.0f cpu=%.1f%% "
           "%s\n",
           row, n_far, n_scheduled, waiting, FAR_CAP, n_refused, n_scheduled + n_refused, n_near, n_on_time, late,
           100 * share, pass == wanted ? "PASS" : "FAIL");
    fflush(stdout);
    client_do(&studio->client, "/sched/clear");
    client_close(&flood);
    studio_close(studio);
    return pass;
}

START_TEST(what_is_far_ahead_keeps_nothing_near_waiting)
{
    ck_assert(o7_run("O7", NULL, NULL, N_FAR, true));
}
END_TEST

START_TEST(a_schedule_without_an_end_is_noticed)
{
    ck_assert(!o7_run("O7m flaw=hoard", "mutant", (const char *const[]){"DAWD_MUTANT=hoard", NULL}, N_FAR / 8, false));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_set_is_heard_with_the_next_period,
        a_set_that_is_heard_a_period_later_is_noticed,
        what_is_far_ahead_keeps_nothing_near_waiting,
        a_schedule_without_an_end_is_noticed,
    };
    return suite_run("timing", 120, tests, ROWS(tests));
}
