/* Sound through the real daemon on a real JACK server: sample for sample where theory says so, without a click where
 * something changes. */
#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>

#include "graph/node.h"
#include "tests/spectrum.h"
#include "tests/suite.h"
#include "tests/system/loopback.h"
#include "tests/system/sound.h"

#define SPEECH     "/usr/share/sounds/alsa/Front_Center.wav" /* of alsa-utils: 48 kHz, mono */
#define RATE       48000
#define SECOND     ((size_t)RATE)
#define FADE_S     0.010 /* of connections; the language's default */
#define SETTLE_S   0.1   /* after an answer: the longest fade and what JACK and the test's clients need */
#define ROUNDING   1e-6  /* of float arithmetic on samples below 1 */
#define TONE_HZ    997.0
#define TONE_LEVEL 0.5
#define SMOOTH     2e-5 /* how far a sine of TONE_LEVEL from the daemon may be from theory, per frame */

static struct studio *studio;
static struct loopback loopback;

static void open_lock_step(unsigned period)
{
    studio = studio_open(&(struct studio_options){.period = period, .lock_step = true});
    loopback_open(&loopback, studio);
    loopback_connect_all(&loopback, studio);
}

static void close_all(void)
{
    loopback_close(&loopback);
    studio_close(studio);
}

static void start_tone(void)
{
    client_do(&studio->client, "/graph/add osc tone wave sine freq %.1f level %.4f", TONE_HZ, decibel(TONE_LEVEL));
    client_do(&studio->client, "/graph/connect tone out");
    pause_s(SETTLE_S);
}

static void check_tone(const float *x, size_t n, const char *when)
{
    struct flaw flaw = sine_flaws(x, n, TONE_HZ, RATE, SMOOTH);
    ck_assert_msg(flaw.n == 0, "%s: %zu frames from %zu to %zu are no sine, by up to %g", when, flaw.n, flaw.first,
                  flaw.last, flaw.worst);
    double level = tone_amplitude(x, n, TONE_HZ, RATE);
    ck_assert_msg(fabs(level - TONE_LEVEL) < 0.001, "%s: level %g", when, level);
}

/* ---- passing through ------------------------------------------------------------------------------------------------- */

static void check_half(size_t n, const char *when)
{
    float *play[LISTENER_CHANNELS] = {sound_new(n), sound_new(n)}, *take[LISTENER_CHANNELS] = {sound_new(n), sound_new(n)};
    for (unsigned c = 0; c < LISTENER_CHANNELS; c++)
        noise_fill(play[c], n, 0.5, c);
    loopback_run(&loopback, play, take, n);
    for (unsigned c = 0; c < LISTENER_CHANNELS; c++) {
        double difference = greatest_difference(take[c], play[c], pow(10, -6.0206 / 20), n);
        ck_assert_msg(difference < ROUNDING, "%s: channel %u differs by up to %g", when, c + 1, difference);
        free(play[c]);
        free(take[c]);
    }
}

START_TEST(what_goes_in_comes_out_at_half_the_level_on_the_same_frame)
{
    open_lock_step(256);
    client_do(&studio->client, "/graph/add gain half gain -6.0206");
    client_do(&studio->client, "/graph/connect in half");
    client_do(&studio->client, "/graph/connect half out");
    pause_s(SETTLE_S);
    check_half(SECOND, "period 256");
    for (const unsigned *period = (const unsigned[]){1024, 64, 16, 0}; *period; period++) {
        char when[32];
        snprintf(when, sizeof when, "period %u", *period);
        ck_assert_int_eq(jack_set_buffer_size(loopback.feeder.jack, *period), 0);
        pause_s(SETTLE_S);
        check_half(SECOND / 2, when);
    }
    close_all();
}
END_TEST

START_TEST(a_tone_goes_on_unchanged_while_the_period_changes)
{
    open_lock_step(256);
    start_tone();
    for (const unsigned *period = (const unsigned[]){1024, 64, 256, 0}; *period; period++) {
        size_t n = SECOND;
        float *take = sound_new(n);
        loopback_start(&loopback, NULL, (float *[]){take, NULL}, n);
        pause_s(0.3);
        ck_assert_int_eq(jack_set_buffer_size(loopback.feeder.jack, *period), 0);
        loopback_wait(&loopback);
        check_tone(take, n, "while the period changes");
        free(take);
    }
    close_all();
}
END_TEST

/* ---- a file ---------------------------------------------------------------------------------------------------------- */

/* Plays a file of n frames from the studio's folder: what comes out must be these very samples, with silence around. */
static void check_plays(const char *file, const float *left, const float *right, size_t n)
{
    size_t n_take = n + SECOND;
    float *take[LISTENER_CHANNELS] = {sound_new(n_take), sound_new(n_take)};
    client_do(&studio->client, "/graph/add player tape file %s play 0", file);
    client_do(&studio->client, "/graph/connect tape out");
    pause_s(SETTLE_S);
    loopback_start(&loopback, NULL, take, n_take);
    pause_s(0.3);
    client_do(&studio->client, "/node/tape/play 1");
    loopback_wait(&loopback);
    size_t begin = sound_begin(take[0], n_take) - sound_begin(left, n);
    ck_assert_msg(begin + n < n_take, "the file begins at frame %zu", begin);
    ck_assert(greatest_difference(take[0] + begin, left, 1, n) == 0);
    ck_assert(greatest_difference(take[1] + begin, right, 1, n) == 0);
    ck_assert_uint_eq(sound_end(take[0], n_take), begin + sound_end(left, n));
    free(take[0]);
    free(take[1]);
}

START_TEST(a_file_plays_frame_for_frame_and_then_is_silent)
{
    enum { N = 30000 };
    float *file = sound_new(2 * N), *left = sound_new(N), *right = sound_new(N);
    noise_fill(left, N, 0.5, 1);
    noise_fill(right, N, 0.5, 2);
    for (size_t i = 0; i < N; i++) {
        file[2 * i] = left[i];
        file[2 * i + 1] = right[i];
    }
    open_lock_step(256);
    studio_write_wav(studio, "noise.wav", file, N, 2);
    check_plays("noise.wav", left, right, N);
    close_all();
    free(file);
    free(left);
    free(right);
}
END_TEST

START_TEST(recorded_speech_plays_frame_for_frame_from_both_sides)
{
    SF_INFO info = {0};
    SNDFILE *file = sf_open(SPEECH, SFM_READ, &info);
    ck_assert_msg(file && info.channels == 1 && info.samplerate == RATE, SPEECH " is not there, or another than expected");
    size_t n = (size_t)info.frames;
    float *speech = sound_new(n);
    ck_assert_uint_eq((size_t)sf_readf_float(file, speech, info.frames), n);
    sf_close(file);
    open_lock_step(256);
    studio_copy(studio, SPEECH, "speech.wav");
    check_plays("speech.wav", speech, speech, n);
    close_all();
    free(speech);
}
END_TEST

/* ---- edits ----------------------------------------------------------------------------------------------------------- */

/* Records while `line` is done and returns the recording of `n` frames. */
static float *record_during(const char *line, size_t n)
{
    float *take = sound_new(n);
    loopback_start(&loopback, NULL, (float *[]){take, NULL}, n);
    while (loopback_taken(&loopback) < n / 3)
        pause_s(0.002);
    client_do(&studio->client, "%s", line);
    loopback_wait(&loopback);
    return take;
}

static void check_no_click(const float *x, size_t n, const char *line)
{
    double most = second_difference(x, n), steady = sine_second_difference(TONE_LEVEL, TONE_HZ, RATE);
    ck_assert_msg(most <= 1.5 * steady, "%s clicks: second difference %g, that of the tone is %g", line, most, steady);
}

static void check_fade(const char *line, bool sounds_after)
{
    size_t n = SECOND / 3, fade = (size_t)(FADE_S * RATE);
    float *x = record_during(line, n);
    struct flaw flaw = sine_flaws(x, n, TONE_HZ, RATE, SMOOTH);
    check_no_click(x, n, line);
    ck_assert_msg(flaw.n > 0, "%s: nothing was heard of it", line);
    size_t length = flaw.last - flaw.first + 1;
    ck_assert_msg(length <= fade + 2 && length > fade / 2, "%s fades for %zu frames", line, length);
    if (sounds_after)
        check_tone(x + flaw.last, n - flaw.last, line);
    else
        ck_assert_msg(sound_end(x, n) <= flaw.last + 1, "%s leaves something sounding", line);
    free(x);
}

START_TEST(connecting_and_disconnecting_fade_for_ten_milliseconds_without_a_click)
{
    open_lock_step(256);
    start_tone();
    for (unsigned round = 0; round < 5; round++) {
        check_fade("/graph/disconnect tone out", false);
        check_fade("/graph/connect tone out", true);
    }
    check_fade("/graph/remove tone", false);
    close_all();
}
END_TEST

START_TEST(edits_elsewhere_leave_a_tone_untouched)
{
    static const char *const lines[] = {
        "/graph/add osc other freq 300.0",
        "/graph/connect other out gain -120.0",
        "/graph/add gain quiet gain -120.0",
        "/graph/connect other quiet",
        "/graph/connect quiet out",
        "/graph/disconnect other out",
        "/graph/remove quiet",
        "/graph/remove other",
    };
    open_lock_step(64);
    start_tone();
    for (unsigned i = 0; i < ROWS(lines); i++) {
        size_t n = SECOND / 4;
        float *x = record_during(lines[i], n);
        check_tone(x, n, lines[i]);
        free(x);
    }
    close_all();
}
END_TEST

START_TEST(a_level_that_jumps_glides_without_a_click)
{
    open_lock_step(256);
    start_tone();
    client_do(&studio->client, "/graph/disconnect tone out");
    client_do(&studio->client, "/graph/add gain fader");
    client_do(&studio->client, "/graph/connect tone fader");
    client_do(&studio->client, "/graph/connect fader out");
    pause_s(SETTLE_S);
    for (unsigned i = 0; i < 3; i++) {
        size_t n = SECOND / 3;
        float *down = record_during("/node/fader/gain -60.0", n), *up = record_during("/node/fader/gain 0.0", n);
        check_no_click(down, n, "/node/fader/gain -60");
        check_no_click(up, n, "/node/fader/gain 0");
        check_tone(down, n / 3, "before the jump");
        free(down);
        free(up);
    }
    close_all();
}
END_TEST

START_TEST(a_bundle_takes_effect_at_one_frame)
{
    open_lock_step(256);
    client_do(&studio->client, "/graph/add osc one freq %.1f level %.4f", TONE_HZ, decibel(TONE_LEVEL));
    client_do(&studio->client, "/graph/add gain plus gain 0.0");
    client_do(&studio->client, "/graph/add gain minus gain 0.0");
    client_do(&studio->client, "/graph/connect one plus");
    client_do(&studio->client, "/graph/connect one minus");
    pause_s(SETTLE_S);
    size_t n = SECOND / 2;
    float *take[LISTENER_CHANNELS] = {sound_new(n), sound_new(n)};
    loopback_start(&loopback, NULL, take, n);
    pause_s(0.2);
    const struct answer *answer =
        client_bundle(&studio->client, (const char *const[]){"/graph/connect plus:out.1 out:in.1",
                                                             "/graph/connect minus:out.1 out:in.2", NULL});
    ck_assert_msg(answer->done, "%s: %s", answer->symbol, answer->text);
    ck_assert_str_eq(answer->address, "#bundle");
    ck_assert_int_eq((int)answer_number(answer, 0), 2);
    loopback_wait(&loopback);
    ck_assert_uint_lt(sound_begin(take[0], n), n);
    ck_assert(greatest_difference(take[0], take[1], 1, n) == 0);
    free(take[0]);
    free(take[1]);
    close_all();
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        what_goes_in_comes_out_at_half_the_level_on_the_same_frame,
        a_tone_goes_on_unchanged_while_the_period_changes,
        a_file_plays_frame_for_frame_and_then_is_silent,
        recorded_speech_plays_frame_for_frame_from_both_sides,
        connecting_and_disconnecting_fade_for_ten_milliseconds_without_a_click,
        edits_elsewhere_leave_a_tone_untouched,
        a_level_that_jumps_glides_without_a_click,
        a_bundle_takes_effect_at_one_frame,
    };
    return suite_run("audio", 60, tests, ROWS(tests));
}
