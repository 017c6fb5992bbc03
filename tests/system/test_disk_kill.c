/* Row D1: the daemon is killed in the middle of recordings. Each file can be opened, says exactly what is in it, also to other
 * programs, and lacks no more than the end.
 * Lane: quiet */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "graph/node.h"
#include "tests/spectrum.h"
#include "tests/suite.h"
#include "tests/system/sound.h"
#include "tests/system/takes.h"

#ifdef DAWD_MUTANTS
#define KILLS 4
#else
#define KILLS 50
#endif
#define TRACKS         8
#define RATE           48000
#define HZ             440.0
#define LOST_MOST_S    1.0
/* How long it records before it is killed: less than what may be lost, and more. */
#define LENGTH_LEAST_S 0.2
#define LENGTH_RANGE_S 1.2
#define GOLDEN         0.6180339887

struct seen {
    unsigned n_open, n_agreed, n_steady;
    double most_lost_s;
};

/* Records on all tracks for a while and kills the daemon. Returns how long the shortest take is, by the clock. */
static double record_and_kill(struct studio *studio, unsigned round)
{
    client_do(&studio->client, "/graph/add osc tone freq %.1f", HZ);
    for (unsigned k = 0; k < TRACKS; k++) {
        client_do(&studio->client, "/graph/add record r%u file take-%u-%u", k, round, k);
        client_do(&studio->client, "/graph/connect tone r%u", k);
    }
    pause_s(0.02); /* the fade of the connections */
    for (unsigned k = 0; k < TRACKS; k++)
        client_do(&studio->client, "/node/r%u/on T", k);
    double start = now_s();
    pause_s(LENGTH_LEAST_S + LENGTH_RANGE_S * fmod((round + 1) * GOLDEN, 1));
    double length = now_s() - start;
    ck_assert_int_eq(kill(studio->dawd.pid, SIGKILL), 0);
    ck_assert(process_wait(&studio->dawd, 5));
    return length;
}

/* What is in it is the tone, from the first frame to the last. */
static bool is_steady(const float *frames, const SF_INFO *info)
{
    size_t n = (size_t)info->frames;
    float *left = sound_new(n);
    for (size_t i = 0; i < n; i++)
        left[i] = frames[i * (size_t)info->channels];
    struct flaw flaw = sine_flaws(left, n, HZ, RATE, 1e-4);
    free(left);
    return flaw.n == 0;
}

static void judge(struct studio *studio, unsigned round, double length_s, struct seen *seen)
{
    char names[TRACKS][64];
    long long sox[TRACKS];
    for (unsigned k = 0; k < TRACKS; k++)
        snprintf(names[k], sizeof names[k], "take-%u-%u.wav", round, k);
    bool has_sox = takes_sox(studio, names, TRACKS, sox);
    for (unsigned k = 0; k < TRACKS; k++) {
        SF_INFO info;
        float *frames = takes_read(studio, names[k], &info);
        seen->most_lost_s = fmax(seen->most_lost_s, length_s - (double)info.frames / RATE);
        seen->n_open++;
        seen->n_steady += is_steady(frames, &info);
        seen->n_agreed += !has_sox || sox[k] == info.frames;
        free(frames);
        unlink(takes_path(studio, names[k]));
    }
}

START_TEST(a_daemon_that_is_killed_leaves_files_that_say_what_is_in_them)
{
    struct studio *studio = studio_open(&(struct studio_options){.no_daemon = true, .lock_step = true});
    struct seen seen = {0};
    unsigned n = KILLS * TRACKS;
    for (unsigned round = 0; round < KILLS; round++) {
        studio_start_daemon(studio);
        judge(studio, round, record_and_kill(studio, round), &seen);
    }
    bool pass = seen.n_open == n && seen.n_agreed == n && seen.n_steady == n && seen.most_lost_s <= LOST_MOST_S;
    printf("REL D1 openable=%u/%u header==readable=%u/%u steady=%u/%u lost_s=%.3f sox_agrees=%u/%u %s\n", seen.n_open, n,
           seen.n_open, n, seen.n_steady, n, seen.most_lost_s, seen.n_agreed, n, pass ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert(pass);
    studio_close(studio);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {a_daemon_that_is_killed_leaves_files_that_say_what_is_in_them};
    return suite_run("killed while it records", 240, tests, ROWS(tests));
}
