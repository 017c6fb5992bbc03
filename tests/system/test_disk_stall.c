/* Row D4: a disk that stands still in the middle of a write, under the whole daemon. What fits meanwhile is not lost, what does not
 * fit is silent in the file, told to the frame, and what follows is in time; the audio thread does not notice.
 *
 * What is recorded never is zero: a constant on the left. On the right a tone tells the time.
 */
#include <complex.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "graph/node.h"
#include "tests/spectrum.h"
#include "tests/suite.h"
#include "tests/system/bystander.h"
#include "tests/system/flood.h"
#include "tests/system/sound.h"
#include "tests/system/stall.h"
#include "tests/system/takes.h"

#ifdef DAWD_MUTANTS
#define SHORT_S 1.0
#define LONG_S  8.0
#else
#define SHORT_S 3.0
#define LONG_S  30.0
#endif
#define RATE         48000
#define HZ           440.0
#define LEVEL        0.25
#define ROOM_S       6.0 /* of sound fit (graph/recording_shared.h) */
#define BEFORE_S     1.0
#define AFTER_S      1.0
#define CYCLES_APART 16   /* what passes between looking at the one and at the other */
#define PHASE_ERROR  0.02 /* of an amplitude of 1: a third of a frame */

struct rig {
    struct studio *studio;
    struct stall *stall;
    struct bystander bystander;
    char preload[600], file[160];
    const char *environment[3];
};

/* What became of one take. */
struct take {
    double length_s;
    double told;       /* frames lost, as the node tells */
    double not_called; /* of these, the server has not called for */
    size_t silent;     /* frames in the file */
    size_t out_of_time;
};

static void open_rig(struct rig *rig)
{
    *rig = (struct rig){0};
    rig->studio = studio_open(&(struct studio_options){.no_daemon = true, .lock_step = true});
    snprintf(rig->preload, sizeof rig->preload, "LD_PRELOAD=%s", studio_build(NULL, "tests/system/preload_stall.so"));
    studio_write(rig->studio, "stall", &(struct stall){0}, sizeof *rig->stall);
    snprintf(rig->file, sizeof rig->file, "DAWD_STALL=%s", takes_path(rig->studio, "stall"));
    int fd = open(takes_path(rig->studio, "stall"), O_RDWR | O_CLOEXEC);
    rig->stall = mmap(NULL, sizeof *rig->stall, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    ck_assert(fd >= 0 && rig->stall != MAP_FAILED);
    close(fd);
    rig->environment[0] = rig->preload;
    rig->environment[1] = rig->file;
    rig->studio->options.environment = rig->environment;
    studio_start_daemon(rig->studio);
    bystander_open(&rig->bystander, rig->studio);
}

static void close_rig(struct rig *rig)
{
    bystander_close(&rig->bystander);
    munmap(rig->stall, sizeof *rig->stall);
    studio_close(rig->studio);
}

/* Frames without sound, and those with another sound than belongs there, of a take that begins with a second of it. */
static void look_into(const struct studio *studio, const char *name, struct take *take)
{
    SF_INFO info;
    float *frames = takes_read(studio, name, &info), *first = sound_new(RATE);
    size_t n = (size_t)info.frames;
    ck_assert_uint_ge(n, RATE);
    for (size_t i = 0; i < RATE; i++)
        first[i] = frames[2 * i + 1];
    double complex start = tone(first, RATE, HZ, RATE);
    for (size_t i = 0; i < n; i++) {
        double expected = cimag(start * cexp(I * 2 * M_PI * HZ / RATE * (double)i));
        bool is_silent = frames[2 * i] == 0;
        take->silent += is_silent;
        take->out_of_time +=
            !is_silent && (fabs(frames[2 * i] - LEVEL) > 1e-6 || fabs(frames[2 * i + 1] - expected) > PHASE_ERROR);
    }
    take->length_s = (double)n / RATE;
    free(first);
    free(frames);
}

static struct take record(struct rig *rig, const char *file, double stall_s)
{
    struct studio *studio = rig->studio;
    struct take take = {0};
    char expected[64];
    uint32_t n_over = atomic_load(&rig->stall->n_over);
    struct stats stats = stats_read(&studio->client);
    double not_called = stats_get(&stats, "lost_frames");
    client_do(&studio->client, "/node/r/on T");
    pause_s(BEFORE_S + 0.2);
    atomic_store(&rig->stall->ms, (uint32_t)(1000 * stall_s));
    for (double end = now_s() + stall_s + 5; atomic_load(&rig->stall->n_over) == n_over && now_s() < end;)
        pause_s(0.01);
    ck_assert_uint_eq(atomic_load(&rig->stall->n_over), n_over + 1);
    pause_s(AFTER_S);
    client_do(&studio->client, "/node/r/on F");
    snprintf(expected, sizeof expected, "recorded \"%s\"", file);
    ck_assert(process_says(&studio->dawd, expected, 5));
    take.told = takes_reading(studio, "r", "lost");
    stats = stats_read(&studio->client);
    take.not_called = stats_get(&stats, "lost_frames") - not_called;
    look_into(studio, file, &take);
    return take;
}

START_TEST(what_a_disk_that_stands_still_costs_is_known_to_the_frame)
{
    struct rig rig;
    open_rig(&rig);
    struct client *client = &rig.studio->client;
    client_do(client, "/graph/add constant c value %f", LEVEL);
    client_do(client, "/graph/add osc tone freq %.1f", HZ);
    client_do(client, "/graph/add record r file take");
    client_do(client, "/graph/connect c r:in.1");
    client_do(client, "/graph/connect tone r:in.2");
    pause_s(0.2);
    client_do(client, "/stats/reset");
    uint64_t control_cycles = atomic_load(&rig.bystander.cycles), control_lost = atomic_load(&rig.bystander.lost_frames);
    struct take small = record(&rig, "take.wav", SHORT_S), large = record(&rig, "take-2.wav", LONG_S);
    struct stats stats = stats_read(client);
    double cycles = stats_get(&stats, "process_count");
    control_cycles = atomic_load(&rig.bystander.cycles) - control_cycles;
    control_lost = atomic_load(&rig.bystander.lost_frames) - control_lost;
    bool is_short_whole = small.told - small.not_called == 0 && (double)small.silent == small.told;
    bool is_long_exact = (double)large.silent == large.told && large.told > (LONG_S - ROOM_S - 0.5) * RATE;
    bool in_time = small.out_of_time + large.out_of_time == 0;
    bool is_unaffected = small.not_called + large.not_called <= (double)control_lost &&
                         fabs(cycles - (double)control_cycles) <= CYCLES_APART;
    bool pass = is_short_whole && is_long_exact && in_time && is_unaffected;
    printf("REL D4 stall_s=%.0f lost=%.0f stall_s=%.0f lost=%.0f missing=%zu out_of_time=%zu cycles=%.0f "
           "control_cycles=%llu lost_by_server=%.0f control_lost_by_server=%llu %s\n",
           SHORT_S, small.told - small.not_called, LONG_S, large.told, large.silent, small.out_of_time + large.out_of_time,
           cycles, (unsigned long long)control_cycles, small.not_called + large.not_called,
           (unsigned long long)control_lost, pass ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert(pass);
    close_rig(&rig);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {what_a_disk_that_stands_still_costs_is_known_to_the_frame};
    return suite_run("a disk that stands still", 90, tests, ROWS(tests));
}
