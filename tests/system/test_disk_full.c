/* Row D3: disks that become full while they are recorded to, one for each way a file may end. Clients were warned before and are
 * told within a second; the file holds what it claims; whatever else the daemon does goes on. */
#include <errno.h>
#include <math.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "graph/node.h"
#include "tests/suite.h"
#include "tests/system/bystander.h"
#include "tests/system/flood.h"
#include "tests/system/sound.h"
#include "tests/system/takes.h"

#define RATE        48000
#define CHANNELS    8 /* 4 MB are full within seconds */
#define TOLD_MOST_S 1.0
#define PATIENCE_S  20

/* A file below 4 GiB in the first two formats is plain WAV; rf64 is the same file when it is longer. */
static const char *const formats[] = {"rf64-float", "rf64-24", "flac-24"}, *const extensions[] = {"wav", "wav", "flac"};
#define N_DISKS ROWS(formats)

struct small_disk {
    char file[64];    /* beneath the studio's folder */
    double full_s;    /* when it was seen to be full */
    double told_s;    /* when clients were */
    bool warned;      /* before that */
    double claimed;   /* frames, as clients were told */
    bool is_told_why; /* by the words for a full disk */
};

static void mount_all(const struct studio *studio)
{
    ck_assert_msg(!unshare(CLONE_NEWNS) && !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL),
                  "small disks must be mounted: run as root, or under unshare -Urm");
    for (unsigned k = 0; k < N_DISKS; k++) {
        char name[16];
        snprintf(name, sizeof name, "small%u", k);
        ck_assert_int_eq(mkdir(takes_path(studio, name), 0755), 0);
        ck_assert_int_eq(mount("tmpfs", takes_path(studio, name), "tmpfs", 0, "size=4m"), 0);
    }
}

/* A steady take on a large disk, and one on each small disk. */
static void begin(struct studio *studio, struct small_disk *disks)
{
    client_do(&studio->client, "/graph/add osc tone freq 440.0 level -6.0");
    client_do(&studio->client, "/graph/add noise hiss level -12.0");
    client_do(&studio->client, "/graph/add record steady file steady channels 1");
    client_do(&studio->client, "/graph/connect tone steady");
    for (unsigned k = 0; k < N_DISKS; k++) {
        snprintf(disks[k].file, sizeof disks[k].file, "small%u/full.%s", k, extensions[k]);
        client_do(&studio->client, "/graph/add record f%u file small%u/full format %s channels %d", k, k, formats[k],
                  CHANNELS);
        client_do(&studio->client, "/graph/connect hiss f%u", k);
    }
    pause_s(0.1);
    client_do(&studio->client, "/stats/reset");
    client_do(&studio->client, "/node/steady/on T");
    for (unsigned k = 0; k < N_DISKS; k++)
        client_do(&studio->client, "/node/f%u/on T", k);
}

/* What an event is about, or null. */
static struct small_disk *disk_of(struct small_disk *disks, const char *file)
{
    for (unsigned k = 0; k < N_DISKS; k++)
        if (strcmp(disks[k].file, file) == 0)
            return &disks[k];
    return NULL;
}

static void hear(struct client *listener, struct small_disk *disks)
{
    const struct answer *event = &listener->answer;
    bool is_warning = strcmp(event->address, "/event/disk") == 0, is_take = strcmp(event->address, "/event/record") == 0;
    struct small_disk *disk = is_warning || is_take ? disk_of(disks, answer_string(event, is_take)) : NULL;
    if (disk && is_warning && strstr(answer_string(event, 1), "the disk has room for"))
        disk->warned = !disk->told_s;
    if (disk && is_take && strcmp(answer_string(event, 0), "failed") == 0) {
        disk->told_s = now_s();
        disk->claimed = answer_number(event, 2);
        disk->is_told_why = strstr(answer_string(event, 4), strerror(ENOSPC)) != NULL;
    }
}

/* Until clients were told of each. */
static void fill(struct studio *studio, struct client *listener, struct small_disk *disks)
{
    unsigned n_told = 0;
    for (double end = now_s() + PATIENCE_S; n_told < N_DISKS && now_s() < end;) {
        if (client_next(listener, 0.005))
            hear(listener, disks);
        n_told = 0;
        for (unsigned k = 0; k < N_DISKS; k++) {
            struct statvfs small;
            if (!disks[k].full_s && statvfs(takes_path(studio, disks[k].file), &small) == 0 && small.f_bavail == 0)
                disks[k].full_s = now_s();
            n_told += disks[k].told_s > 0;
        }
    }
}

/* Frames that the file claims when they all can be read and are what was said; -1 otherwise. */
static long long honest_frames(struct studio *studio, const struct small_disk *disk, unsigned k)
{
    SF_INFO info;
    char node[8];
    snprintf(node, sizeof node, "f%u", k);
    free(takes_read(studio, disk->file, &info));
    bool is_honest = (double)info.frames == disk->claimed && takes_reading(studio, node, "failed") == 1 &&
                     fabs(takes_reading(studio, node, "recorded") - disk->claimed / RATE) < 1e-4;
    return is_honest ? (long long)info.frames : -1;
}

/* The recording on the disk that has room is whole: a steady sine from end to end. */
static bool is_steady(struct studio *studio)
{
    bool is_whole = takes_reading(studio, "steady", "lost") == 0 && takes_reading(studio, "steady", "failed") == 0;
    client_do(&studio->client, "/node/steady/on F");
    ck_assert(process_says(&studio->dawd, "recorded \"steady.wav\"", 5));
    SF_INFO info;
    float *x = takes_read(studio, "steady.wav", &info);
    struct flaw flaw = sine_flaws(x, (size_t)info.frames, 440, RATE, 2e-5);
    free(x);
    return is_whole && flaw.n == 0;
}

START_TEST(a_full_disk_ends_a_take_and_nothing_else)
{
    struct small_disk disks[N_DISKS] = {0};
    struct bystander bystander;
    struct client listener;
    struct studio *studio = studio_open(&(struct studio_options){.no_daemon = true, .lock_step = true});
    unsigned n_warned = 0, n_honest = 0, n_why = 0;
    double worst_s = 0;
    mount_all(studio);
    studio_start_daemon(studio);
    bystander_open(&bystander, studio);
    client_open_unix(&listener, studio->socket);
    client_do(&listener, "/sub /event/*");
    begin(studio, disks);
    fill(studio, &listener, disks);
    for (unsigned k = 0; k < N_DISKS; k++) {
        worst_s = fmax(worst_s, !disks[k].told_s ? PATIENCE_S : disks[k].full_s ? disks[k].told_s - disks[k].full_s : 0);
        n_warned += disks[k].warned;
        n_why += disks[k].is_told_why;
        n_honest += honest_frames(studio, &disks[k], k) >= 0;
    }
    bool steady = is_steady(studio);
    struct stats stats = stats_read(&studio->client);
    double lost = stats_get(&stats, "lost_frames"), control_lost = (double)atomic_load(&bystander.lost_frames);
    bool is_clean = steady && lost <= control_lost + 4 * studio->options.period;
    bool pass = worst_s <= TOLD_MOST_S && n_honest == N_DISKS && n_why == N_DISKS && n_warned == N_DISKS && is_clean;
    printf("REL D3 disks=%zu event_s=%.3f claimed==readable=%u/%zu says_why=%u warned_before=%u engine=%s lost_frames=%.0f "
           "control_lost_frames=%.0f %s\n",
           N_DISKS, worst_s, n_honest, N_DISKS, n_why, n_warned, is_clean ? "clean" : "disturbed", lost, control_lost,
           pass ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert(pass);
    client_close(&listener);
    bystander_close(&bystander);
    studio_close(studio);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {a_full_disk_ends_a_take_and_nothing_else};
    return suite_run("full disks", 60, tests, ROWS(tests));
}
