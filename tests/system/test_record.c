/* Recording through the real daemon: nothing is missing. What the disk or a kill may do to it: test_disk_*.c. */
#include <signal.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>

#include "graph/node.h"
#include "tests/spectrum.h"
#include "tests/suite.h"
#include "tests/system/loopback.h"
#include "tests/system/sound.h"
#include "tests/system/takes.h"

#define RATE     48000
#define SETTLE_S 0.1 /* after an answer: the longest fade and what JACK and the test's clients need */

/* ---- what was played ------------------------------------------------------------------------------------------------ */

START_TEST(what_is_recorded_is_what_was_played_sample_for_sample)
{
    struct studio *studio = studio_open(&(struct studio_options){.lock_step = true});
    struct loopback loopback;
    size_t n = RATE;
    float *play[2] = {sound_new(n), sound_new(n)};
    for (unsigned c = 0; c < 2; c++)
        noise_fill(play[c], n, 0.9, 11 + c);
    loopback_open(&loopback, studio);
    loopback_connect_all(&loopback, studio);
    client_do(&studio->client, "/graph/add record r file take");
    client_do(&studio->client, "/graph/connect in r");
    pause_s(SETTLE_S);
    client_do(&studio->client, "/node/r/on T");
    loopback_run(&loopback, play, NULL, n);
    pause_s(SETTLE_S);
    client_do(&studio->client, "/node/r/on F");
    ck_assert(process_says(&studio->dawd, "recorded \"take.wav\"", 5));
    ck_assert(takes_reading(studio, "r", "lost") == 0 && takes_reading(studio, "r", "failed") == 0);
    SF_INFO info;
    float *take = takes_read(studio, "take.wav", &info);
    size_t first = sound_begin(take, 2 * (size_t)info.frames) / 2;
    ck_assert_uint_le(first + n, (size_t)info.frames);
    for (size_t i = 0; i < n; i++)
        ck_assert(take[2 * (first + i)] == play[0][i] && take[2 * (first + i) + 1] == play[1][i]);
    printf("REL REC frames=%zu differing=0 PASS\n", n);
    free(take);
    free(play[0]);
    free(play[1]);
    loopback_close(&loopback);
    studio_close(studio);
}
END_TEST

/* ---- the end in mid-take -------------------------------------------------------------------------------------------- */

START_TEST(a_daemon_that_is_told_to_end_completes_its_files)
{
    struct studio *studio = studio_open(&(struct studio_options){0});
    client_do(&studio->client, "/graph/add osc tone freq 440.0");
    client_do(&studio->client, "/graph/add record r file take.flac format flac-24 on T");
    client_do(&studio->client, "/graph/connect tone r");
    ck_assert(takes_reach(studio, "r", "recorded", 0.5, 5));
    ck_assert_int_eq(kill(studio->dawd.pid, SIGTERM), 0);
    ck_assert(process_wait(&studio->dawd, 2));
    ck_assert_int_eq(studio->dawd.status, 0);
    SF_INFO info;
    free(takes_read(studio, "take.flac", &info));
    ck_assert_int_gt(info.frames, RATE / 2);
    studio_close(studio);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        what_is_recorded_is_what_was_played_sample_for_sample,
        a_daemon_that_is_told_to_end_completes_its_files,
    };
    return suite_run("record", 60, tests, ROWS(tests));
}
