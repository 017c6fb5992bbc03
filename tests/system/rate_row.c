/* Row J3: the JACK server comes back at another rate, beneath a session.
 *
 *     tone -----------------------> out_1 ---> taker     997 Hz at any rate
 *     feeder -> in_1 --> echo ----> out_2 ---> taker     a click, and again ECHO_S later
 *     player (a file at 32 kHz) --> record               a sine, and two marks MARKS_S apart, in a take of TAKE_S
 *
 * The takes begin and end at frames of the engine, so they have a length that is known to the frame. */
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "graph/node.h"
#include "tests/spectrum.h"
#include "tests/system/jack_rows.h"
#include "tests/system/loopback.h"
#include "tests/system/sound.h"
#include "tests/system/takes.h"

#define TONE_HZ      997.0
#define ECHO_S       0.25
#define CLICK_S      0.05 /* into what the feeder plays */
#define HEARD_S      0.6
#define FILE_HZ      32000
#define FILE_S       1.0
#define FILE_TONE_HZ 1250.0
#define MARK_S       0.2 /* of the first one in the file */
#define MARKS_S      0.5
#define MARK_WIDTH_S 1e-3
#define TAKE_S       0.8
#define CENTS_MOST   1.0
#define FRAMES_MOST  1.0

static const unsigned rates_hz[] = {44100, 48000, 88200, 96000, 192000};

struct rates {
    const struct jack_row *row;
    struct studio *studio;
    unsigned rate_hz, n_done;
    double cents, frames; /* the worst */
};

/* ---- measuring ------------------------------------------------------------------------------------------------------ */

/* By how much the phase goes on from the first half to the second; from a guess that is right to a quarter of a turn. */
static double pitch_hz(const float *x, size_t n, double guess_hz, double rate_hz)
{
    size_t half = n / 2;
    double first = carg(tone(x, half, guess_hz, rate_hz)), second = carg(tone(x + half, half, guess_hz, rate_hz));
    double turns = (second - first) / (2 * M_PI) - guess_hz * (double)half / rate_hz;
    return guess_hz + (turns - round(turns)) * rate_hz / (double)half;
}

static void judge_pitch(struct rates *rates, const char *what, const float *x, size_t n, double hz)
{
    /* Too far off for its phase: then by its strength, at the pitches that a wrong rate would give. */
    double cents = 1200 * log2(pitch_hz(x, n, hz, rates->rate_hz) / hz);
    if (tone_amplitude(x, n, hz, rates->rate_hz) < 0.1)
        cents = 1200;
    rates->cents = fmax(rates->cents, fabs(cents));
    if (!(fabs(cents) <= CENTS_MOST))
        jack_row_print(rates->row, "%s at %u Hz: %.3f cents off\n", what, rates->rate_hz, cents);
}

static void judge_length(struct rates *rates, const char *what, double n_frames, double seconds)
{
    double off = n_frames - seconds * rates->rate_hz;
    rates->frames = fmax(rates->frames, isnan(off) ? INFINITY : fabs(off));
    if (!(fabs(off) <= FRAMES_MOST))
        jack_row_print(rates->row, "%s at %u Hz: %.2f frames off\n", what, rates->rate_hz, off);
}

/* Where what lies between two frames has its middle; NaN where nothing does. */
static double middle(const float *x, size_t stride, size_t from, size_t to)
{
    double sum = 0, moment = 0;
    for (size_t i = from; i < to; i++) {
        double power = (double)x[i * stride] * x[i * stride];
        sum += power;
        moment += power * (double)i;
    }
    return sum > 1e-4 ? moment / sum : NAN;
}

/* ---- one rate ------------------------------------------------------------------------------------------------------- */

static void hear(struct rates *rates)
{
    struct loopback loopback;
    size_t n = (size_t)(HEARD_S * rates->rate_hz), click = (size_t)(CLICK_S * rates->rate_hz);
    float *play = sound_new(n), *tone_heard = sound_new(n), *echo_heard = sound_new(n);
    play[click] = 0.9f;
    loopback_open(&loopback, rates->studio);
    loopback_connect_all(&loopback, rates->studio);
    loopback_run(&loopback, (float *[]){play, NULL}, (float *[]){tone_heard, echo_heard}, n);
    size_t apart = (size_t)(ECHO_S * rates->rate_hz), room = apart / 2;
    double first = middle(echo_heard, 1, click - 10, click + room);
    double second = middle(echo_heard, 1, click + room, click + apart + room);
    judge_pitch(rates, "osc", tone_heard, n, TONE_HZ);
    judge_length(rates, "delay", second - first, ECHO_S);
    loopback_close(&loopback);
    free(play);
    free(tone_heard);
    free(echo_heard);
}

static void judge_take(struct rates *rates, const float *take, const SF_INFO *info)
{
    size_t n = (size_t)info->frames, room = (size_t)(0.1 * rates->rate_hz), from = (size_t)(MARK_S * rates->rate_hz);
    size_t apart = (size_t)(MARKS_S * rates->rate_hz);
    float *left = sound_new(n);
    for (size_t i = 0; i < n; i++)
        left[i] = take[2 * i];
    judge_length(rates, "record", (double)n, TAKE_S);
    if (n >= from + apart + room) {
        judge_pitch(rates, "player", left + room, n - 2 * room, FILE_TONE_HZ);
        judge_length(rates, "player",
                     middle(take + 1, 2, from + apart - room, from + apart + room) -
                         middle(take + 1, 2, from - room, from + room),
                     MARKS_S);
    }
    free(left);
}

static void at(struct studio *studio, uint64_t frame, const char *first, const char *second)
{
    char time[64];
    snprintf(time, sizeof time, "/at/frame %lluh", (unsigned long long)frame);
    const struct answer *answer = client_bundle(&studio->client, (const char *const[]){time, first, second, NULL});
    if (!answer->came || !answer->done)
        rig_fail("%s is not done: %s", first, answer->text);
}

static void record(struct rates *rates)
{
    struct studio *studio = rates->studio;
    char name[32], said[64];
    SF_INFO info;
    unsigned number = ++rates->n_done;
    client_do(&studio->client, "/time");
    uint64_t start = (uint64_t)answer_number(&studio->client.answer, 1) + rates->rate_hz / 5;
    at(studio, start, "/node/take/on T", "/node/marks/play T");
    at(studio, start + (uint64_t)(TAKE_S * rates->rate_hz), "/node/take/on F", "/node/marks/play F");
    snprintf(name, sizeof name, number > 1 ? "take-%u.wav" : "take.wav", number);
    snprintf(said, sizeof said, "recorded \"%s\"", name);
    if (!process_says(&studio->dawd, said, 5))
        rig_fail("no %s has been recorded", name);
    float *take = takes_read(studio, name, &info);
    if (info.samplerate == (int)rates->rate_hz)
        judge_take(rates, take, &info);
    else
        judge_length(rates, "the header", info.samplerate, 1);
    free(take);
}

static void come_back(struct rates *rates)
{
    struct studio *studio = rates->studio;
    kill(studio->jackd.pid, SIGTERM);
    process_wait(&studio->jackd, 3);
    studio->options.rate_hz = rates->rate_hz;
    studio_start_server(studio);
    if (!studio_has_port(studio, "dut:out_1"))
        rig_fail("dawd is not back at %u Hz", rates->rate_hz);
    pause_s(0.2); /* what a session begins with fades in */
}

/* ---- the session ---------------------------------------------------------------------------------------------------- */

static void file_write(struct studio *studio)
{
    size_t n = (size_t)(FILE_S * FILE_HZ), width = (size_t)(MARK_WIDTH_S * FILE_HZ);
    float *x = sound_new(2 * n);
    for (size_t i = 0; i < n; i++)
        x[2 * i] = (float)(0.5 * sin(2 * M_PI * FILE_TONE_HZ / FILE_HZ * (double)i));
    for (unsigned mark = 0; mark < 2; mark++)
        for (size_t i = 0; i < width; i++)
            x[2 * ((size_t)((MARK_S + mark * MARKS_S) * FILE_HZ) + i) + 1] =
                (float)(0.5 - 0.5 * cos(2 * M_PI * (double)i / (double)width));
    unsigned rate_hz = studio->options.rate_hz;
    studio->options.rate_hz = FILE_HZ;
    studio_write_wav(studio, "marks.wav", x, (unsigned)n, 2);
    studio->options.rate_hz = rate_hz;
    free(x);
}

static void build(struct studio *studio)
{
    file_write(studio);
    client_do(&studio->client, "/graph/add osc tone freq %.1f level -6.0", TONE_HZ);
    client_do(&studio->client, "/graph/add delay echo channels 1 time %.2f mix 0.5 feedback 0.0", ECHO_S);
    client_do(&studio->client, "/graph/add player marks file marks.wav play F");
    client_do(&studio->client, "/graph/add record take file take");
    client_do(&studio->client, "/graph/connect tone out:in.1");
    client_do(&studio->client, "/graph/connect in:out.1 echo");
    client_do(&studio->client, "/graph/connect echo out:in.2");
    client_do(&studio->client, "/graph/connect marks take");
    client_do(&studio->client, "/session/save song.dawd");
    client_do(&studio->client, "/session/load song.dawd");
}

bool jack_row_j3(const struct jack_row *row)
{
    struct rates rates = {.row = row, .rate_hz = 48000};
    struct studio *studio = rates.studio = studio_open(&(struct studio_options){
        .lock_step = true,
        .period = 1024,
        .variant = row->mutant ? "mutant" : NULL,
        .environment = jack_row_environment(row),
    });
    build(studio);
    for (unsigned i = 0; i < ROWS(rates_hz) && (!row->mutant || (rates.cents <= CENTS_MOST && rates.frames <= FRAMES_MOST));
         i++) {
        rates.rate_hz = rates_hz[i];
        come_back(&rates);
        hear(&rates);
        record(&rates);
    }
    bool pass = rates.n_done == ROWS(rates_hz) && rates.cents <= CENTS_MOST && rates.frames <= FRAMES_MOST;
    jack_row_print(row, "REL J3 rates=%u pitch_cents_max=%.4f length_frames_max=%.3f %s\n", rates.n_done, rates.cents,
                   rates.frames, pass ? "PASS" : "FAIL");
    studio_close(studio);
    return pass;
}
