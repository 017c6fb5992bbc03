/* Recording through the real daemon: nothing is missing, whatever happens to the disk or to the daemon. */
#include <errno.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "tests/fake_disk.h"
#include "tests/spectrum.h"
#include "tests/system/loopback.h"
#include "tests/system/sound.h"
#include "tests/system/suite.h"

#define RATE        48000
#define SETTLE_S    0.1 /* after an answer: the longest fade and what JACK and the test's clients need */
#define PATH_BYTES  256
#define KILL_ROUNDS 3
#define KILL_TRACKS 8
#define LONG_BYTES  ((uint64_t)5 << 30) /* of sound before it is packed */
#define LOST_MOST_S 1.0                 /* of a recording whose daemon was killed */

static const char *in_folder(const struct studio *studio, const char *name)
{
    static char path[2][PATH_BYTES];
    static unsigned turn;
    char *text = path[turn++ % 2];
    snprintf(text, PATH_BYTES, "%s/%s", studio->folder, name);
    return text;
}

/* The file's frames, interleaved: as many as it claims, or the test ends. */
static float *read_file(const struct studio *studio, const char *name, SF_INFO *info)
{
    *info = (SF_INFO){0};
    SNDFILE *file = sf_open(in_folder(studio, name), SFM_READ, info);
    ck_assert_msg(file != NULL, "%s: %s", name, sf_strerror(NULL));
    float *frames = sound_new((size_t)(info->frames + 1) * (size_t)info->channels);
    sf_count_t n = sf_readf_float(file, frames, info->frames + 1);
    ck_assert_msg(n == info->frames, "%s claims %lld frames, %lld can be read", name, (long long)info->frames,
                  (long long)n);
    sf_close(file);
    return frames;
}

static double reading(struct studio *studio, const char *node, const char *name)
{
    return answer_number(client_do(&studio->client, "/node/%s/%s", node, name), 0);
}

static bool reaches(struct studio *studio, const char *node, const char *name, double value)
{
    for (double end = now_s() + 5; now_s() < end; pause_s(0.01))
        if (reading(studio, node, name) >= value)
            return true;
    return false;
}

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
    ck_assert(reading(studio, "r", "lost") == 0 && reading(studio, "r", "failed") == 0);
    SF_INFO info;
    float *take = read_file(studio, "take.wav", &info);
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
    ck_assert(reaches(studio, "r", "recorded", 0.5));
    ck_assert_int_eq(kill(studio->dawd.pid, SIGTERM), 0);
    ck_assert(process_wait(&studio->dawd, 2));
    ck_assert_int_eq(studio->dawd.status, 0);
    SF_INFO info;
    free(read_file(studio, "take.flac", &info));
    ck_assert_int_gt(info.frames, RATE / 2);
    studio_close(studio);
}
END_TEST

/* What sox makes of it; -1 without sox. */
static long long sox_frames(const struct studio *studio, const char *name)
{
    char output[256];
    if (access("/usr/bin/soxi", X_OK))
        return -1;
    ck_assert_int_eq(process_run((const char *const[]){"soxi", "-s", in_folder(studio, name), NULL}, output, sizeof output),
                     0);
    /* It warns of the header of every extensible float file, on a line of its own. */
    for (char *rest, *line = strtok_r(output, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        if (*line >= '0' && *line <= '9')
            return atoll(line);
    return 0;
}

/* Records on all tracks for a while and kills the daemon. Returns how long the longest gap at the end may be. */
static double record_and_kill(struct studio *studio, unsigned round, double seconds)
{
    client_do(&studio->client, "/graph/add osc tone freq 440.0");
    for (unsigned k = 0; k < KILL_TRACKS; k++) {
        client_do(&studio->client, "/graph/add record r%u file take-%u-%u", k, round, k);
        client_do(&studio->client, "/graph/connect tone r%u", k);
    }
    double start = 0;
    for (unsigned k = 0; k < KILL_TRACKS; k++) {
        client_do(&studio->client, "/node/r%u/on T", k);
        start = now_s();
    }
    pause_s(seconds);
    double length = now_s() - start;
    ck_assert_int_eq(kill(studio->dawd.pid, SIGKILL), 0);
    ck_assert(process_wait(&studio->dawd, 5));
    return length;
}

START_TEST(a_daemon_that_is_killed_leaves_files_that_say_what_is_in_them)
{
    struct studio *studio = studio_open(&(struct studio_options){.no_daemon = true});
    double most_lost = 0;
    unsigned n_good = 0, n_agreed = 0;
    for (unsigned round = 0; round < KILL_ROUNDS; round++) {
        studio_start_daemon(studio);
        double length = record_and_kill(studio, round, 0.4 + 0.137 * round);
        for (unsigned k = 0; k < KILL_TRACKS; k++) {
            char name[64];
            SF_INFO info;
            snprintf(name, sizeof name, "take-%u-%u.wav", round, k);
            float *frames = read_file(studio, name, &info);
            long long sox = sox_frames(studio, name);
            double lost = length - (double)info.frames / RATE;
            most_lost = lost > most_lost ? lost : most_lost;
            n_good++;
            n_agreed += sox == info.frames || sox < 0;
            free(frames);
        }
    }
    ck_assert_uint_eq(n_agreed, n_good);
    ck_assert_msg(most_lost < LOST_MOST_S, "%g s are lost", most_lost);
    printf("REL D1 openable=%u/%u sox_agrees=%u lost_s=%.3f PASS\n", n_good, KILL_ROUNDS * KILL_TRACKS, n_agreed,
           most_lost);
    studio_close(studio);
}
END_TEST

/* ---- a full disk ---------------------------------------------------------------------------------------------------- */

/* A disk of 4 MB as the folder "small", for this process and its children alone. False where that is not allowed. */
static bool mount_small(const struct studio *studio)
{
    ck_assert_int_eq(mkdir(in_folder(studio, "small"), 0755), 0);
    return mount("tmpfs", in_folder(studio, "small"), "tmpfs", 0, "size=4m") == 0;
}

static bool is_full(const struct studio *studio)
{
    struct statvfs disk;
    return statvfs(in_folder(studio, "small"), &disk) == 0 && disk.f_bavail == 0;
}

/* Records until the disk is full; how long it takes from then until the daemon has said so. */
static double fill_disk(struct studio *studio, const char *format)
{
    char expected[128];
    client_do(&studio->client, "/graph/add record f file small/full format %s channels 8", format);
    client_do(&studio->client, "/graph/connect tone f");
    client_do(&studio->client, "/node/f/on T");
    double full = 0, end = now_s() + 20;
    snprintf(expected, sizeof expected, "came to an end: %s", strerror(ENOSPC));
    while (now_s() < end && !(full = is_full(studio) ? now_s() : 0) && !process_says(&studio->dawd, expected, 0))
        pause_s(0.005);
    ck_assert_msg(process_says(&studio->dawd, expected, 5), "%s:\n%s", format, process_output(&studio->dawd));
    ck_assert(reaches(studio, "f", "failed", 1));
    return full ? now_s() - full : 0;
}

static void check_full(struct studio *studio, const char *format, const char *file)
{
    double told = fill_disk(studio, format);
    const char *log = process_output(&studio->dawd), *held = strstr(log, "; it holds ");
    const char *warning = strstr(log, "the disk has room for"), *ended = strstr(log, "came to an end");
    ck_assert_msg(warning && ended && warning < ended, "%s: no warning before:\n%s", format, log);
    ck_assert_msg(told < 1, "%s: told after %g s", format, told);
    long long claimed = atoll(held + strlen("; it holds "));
    SF_INFO info;
    free(read_file(studio, file, &info));
    ck_assert_int_eq(info.frames, claimed);
    ck_assert(fabs(reading(studio, "f", "recorded") - (double)claimed / RATE) < 1e-4);
    printf("REL D3 format=%s told_s=%.3f claimed=%lld readable=%lld warned_before=1 PASS\n", format, told, claimed,
           (long long)info.frames);
    client_do(&studio->client, "/graph/remove f");
    unlink(in_folder(studio, file));
}

/* Another recording, on a disk that has room, is whole: a steady sine from end to end. */
static void check_steady(struct studio *studio)
{
    ck_assert(reading(studio, "steady", "lost") == 0 && reading(studio, "steady", "failed") == 0);
    client_do(&studio->client, "/node/steady/on F");
    ck_assert(process_says(&studio->dawd, "recorded \"steady.wav\"", 5));
    SF_INFO info;
    float *x = read_file(studio, "steady.wav", &info);
    struct flaw flaw = sine_flaws(x, (size_t)info.frames, 440, RATE, 2e-5);
    ck_assert_msg(flaw.n == 0, "%zu frames from %zu on are no sine", flaw.n, flaw.first);
    free(x);
}

START_TEST(a_full_disk_ends_a_take_and_nothing_else)
{
    ck_assert_msg(!unshare(CLONE_NEWNS) && !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL),
                  "a small disk must be mounted: run as root, or under unshare -Urm");
    for (unsigned k = 0; k < 3; k++) {
        const char *format[] = {"rf64-float", "rf64-24", "flac-24"}, *file[] = {"full.wav", "full.wav", "full.flac"};
        char path[64];
        struct studio *studio = studio_open(&(struct studio_options){.no_daemon = true});
        ck_assert(mount_small(studio));
        studio_start_daemon(studio);
        client_do(&studio->client, "/graph/add osc tone freq 440.0 level -6.0");
        client_do(&studio->client, "/graph/add record steady file steady channels 1");
        client_do(&studio->client, "/graph/connect tone steady");
        pause_s(SETTLE_S);
        client_do(&studio->client, "/node/steady/on T");
        snprintf(path, sizeof path, "small/%s", file[k]);
        check_full(studio, format[k], path);
        check_steady(studio);
        studio_close(studio);
    }
}
END_TEST

/* ---- longer than WAV can say ---------------------------------------------------------------------------------------- */

START_TEST(files_beyond_4_GiB_claim_every_frame)
{
    for (unsigned format = 0; format < N_SOUND_FORMATS; format++) {
        struct fake_disk disk = fake_disk_new((uint64_t)64 << 20); /* all of a silent FLAC file, the head of any other */
        struct media_write_spec spec = {fake_disk_io(&disk), format, 2, RATE, true};
        /* FLAC counts frames only, in 36 bits; to pack all of it would take minutes. */
        bool is_flac = sound_format_extension(format)[0] == 'f';
        uint64_t n_frames = LONG_BYTES / (is_flac ? 10 : 1) / (sound_format_bits(format) / 8 * 2);
        struct error error = {0};
        double start = now_s();
        struct media_write *write = media_write_open(&spec, &error);
        ck_assert_msg(write != NULL, "%s", error.text);
        ck_assert(media_write_silence(write, n_frames));
        struct media_written written = media_write_close(write);
        long long claimed = fake_disk_claimed(&disk);
        printf("REL D2 format=%s frames=%llu claimed=%lld seconds=%.1f %s\n", sound_format_names[format],
               (unsigned long long)n_frames, claimed, now_s() - start, (uint64_t)claimed == n_frames ? "PASS" : "FAIL");
        fflush(stdout);
        ck_assert(written.n_frames == n_frames && (uint64_t)claimed == n_frames);
        fake_disk_free(&disk);
    }
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        what_is_recorded_is_what_was_played_sample_for_sample,
        a_daemon_that_is_told_to_end_completes_its_files,
        a_daemon_that_is_killed_leaves_files_that_say_what_is_in_them,
        a_full_disk_ends_a_take_and_nothing_else,
        files_beyond_4_GiB_claim_every_frame,
    };
    return suite_run("record", 300, tests, sizeof tests / sizeof *tests);
}
