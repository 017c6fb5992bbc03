/* Time against frames: row R14 of the reliability catalogue. The machine is a simulated one: a sound card whose rate is off,
 * cycles that wake up late, a clock that is set and a night's sleep. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/frame_clock_shared.h"
#include "graph/wall_clock.h"
#include "tests/graph_rig.h"
#include "tests/suite.h"

#define RATE_HZ   48000
#define PERIOD    1024
#define SECOND_NS 1000000000.0
#define HOUR_S    3600
#define AHEAD_NS  60000000 /* control decides upon the frame so long before it at most */
#define SETTLE_S  10       /* after the start, and after a jump */

/* What really happens. */
struct machine {
    struct frame_clock clock;
    struct wall_clock wall;
    double ns_per_frame; /* of the sound card */
    uint64_t frame;
    uint64_t steady_ns, day_ns; /* at this moment */
    double start_ns;            /* when frame 0 was, by the steady clock */
    double card_ns;             /* since then */
    uint32_t seed;
    bool is_blind; /* the mutant: looks at the time of day once and never again */
};

static uint64_t steady_now(void *self)
{
    return ((const struct machine *)self)->steady_ns;
}

static uint64_t day_now(void *self)
{
    return ((const struct machine *)self)->day_ns;
}

static struct machine *machine_new(double ppm)
{
    struct machine *machine = calloc(1, sizeof *machine);
    machine->ns_per_frame = SECOND_NS / (RATE_HZ * (1 + ppm * 1e-6));
    machine->steady_ns = 5000000000;
    machine->start_ns = 5e9;
    machine->day_ns = 1700000000000000000;
    machine->seed = 99;
    machine->wall = (struct wall_clock){.day = {day_now, machine}, .steady = {steady_now, machine}};
    return machine;
}

/* Like those of a virtual machine: mostly some tens of microseconds, rarely milliseconds. */
static double lateness_ns(struct machine *machine)
{
    double u = (double)(dice(&machine->seed) | 1) / 4294967296.0, ns = -30000 * log(u);
    return dice_below(&machine->seed, 2000) == 0 ? ns + 8000000.0 * u : ns;
}

/* One cycle: frames pass, and then it wakes up late. */
static void cycle(struct machine *machine)
{
    machine->frame += PERIOD;
    machine->card_ns += PERIOD * machine->ns_per_frame;
    uint64_t now_ns = (uint64_t)(machine->start_ns + machine->card_ns + lateness_ns(machine));
    if (now_ns > machine->steady_ns) {
        machine->day_ns += now_ns - machine->steady_ns;
        machine->steady_ns = now_ns;
    }
    frame_clock_feed_rt(&machine->clock, &(struct frame_sight){machine->frame, machine->steady_ns, RATE_HZ, false});
}

/* A tag that is about to be put to its frame: how long after its time the frame begins that it is put to. */
static double tag_error_ns(struct machine *machine)
{
    struct frame_time now = frame_clock_look(&machine->clock);
    uint64_t ahead_ns = dice(&machine->seed) % AHEAD_NS, tag_day_ns = machine->day_ns + ahead_ns;
    if (!machine->is_blind || !machine->wall.is_set)
        wall_clock_look(&machine->wall);
    uint64_t seconds = tag_day_ns / 1000000000u + 2208988800u, rest = tag_day_ns % 1000000000u;
    int64_t at_ns = wall_clock_ns(&machine->wall, seconds << 32 | (rest << 32) / 1000000000u);
    int64_t frame = frame_time_frame(&now, (uint64_t)at_ns);
    double real_ns = machine->start_ns + machine->card_ns +
                     (double)(frame - (int64_t)machine->frame) * machine->ns_per_frame; /* by the steady clock */
    return real_ns - (double)(machine->steady_ns + ahead_ns);
}

/* All errors that were met. Early is what begins more than a frame before its time. */
struct tally {
    uint64_t n, early, beyond_ms, beyond_period;
    double worst_ns;
};

static void hours(struct machine *machine, struct tally *tally, double n_hours, double settle_s)
{
    uint64_t n = (uint64_t)(n_hours * HOUR_S * RATE_HZ / PERIOD), settled = (uint64_t)(settle_s * RATE_HZ / PERIOD);
    for (uint64_t i = 0; i < n; i++) {
        cycle(machine);
        if (i < settled || i % 16)
            continue;
        double e = tag_error_ns(machine);
        tally->n++;
        tally->early += e < -SECOND_NS / RATE_HZ;
        tally->beyond_ms += fabs(e) > 1e6;
        tally->beyond_period += fabs(e) > PERIOD * SECOND_NS / RATE_HZ;
        tally->worst_ns = fmax(tally->worst_ns, fabs(e));
    }
}

static double drift_ns(const struct machine *machine)
{
    struct frame_time now = frame_clock_look(&machine->clock);
    return (double)(int64_t)(now.ns - (uint64_t)machine->start_ns) - machine->card_ns;
}

/* 20 hours each with a card that is fast, slow, and right on a machine whose clock is set and that sleeps. */
static void simulate(bool is_blind, struct tally *tally, double *drift_per_day_ns, uint64_t *n_steps)
{
    for (int k = -1; k <= 1; k++) {
        struct machine *machine = machine_new(150 * k);
        machine->is_blind = is_blind;
        hours(machine, tally, 0.05, SETTLE_S);
        double before_ns = drift_ns(machine);
        for (unsigned i = 0; i < 20; i++) {
            int64_t by_ns = k ? 0 : i % 3 == 0 ? 1000000000 : i % 3 == 1 ? -1000000000 : 7 * 3600 * 1000000000LL;
            machine->day_ns += (uint64_t)by_ns;
            hours(machine, tally, 1, 0);
        }
        *drift_per_day_ns = fmax(*drift_per_day_ns, fabs(drift_ns(machine) - before_ns) * 24 / 20);
        *n_steps += machine->wall.n_steps;
        free(machine);
    }
}

static bool is_right(const struct tally *tally)
{
    return tally->beyond_ms * 100 <= tally->n && tally->beyond_period * 100 <= tally->n && !tally->early;
}

START_TEST(a_tag_finds_its_frame_whatever_the_clocks_do)
{
    struct tally tally = {0}, blind = {0};
    double drift_per_day_ns = 0, blind_ns = 0, period_ns = PERIOD * SECOND_NS / RATE_HZ;
    uint64_t n_steps = 0, n_unseen = 0;
    simulate(false, &tally, &drift_per_day_ns, &n_steps);
    simulate(true, &blind, &blind_ns, &n_unseen);
    bool pass = is_right(&tally) && drift_per_day_ns <= period_ns && n_steps == 20 && !is_right(&blind);
    printf("REL R14 hours=60 tags=%llu within_1ms=%.4f%% within_period=%.4f%% worst_us=%.0f early=%llu steps=%llu "
           "drift_per_day_us=%.1f period_us=%.0f mutants_caught=%d/1 %s\n",
           (unsigned long long)tally.n, 100 - 100.0 * (double)tally.beyond_ms / (double)tally.n,
           100 - 100.0 * (double)tally.beyond_period / (double)tally.n, tally.worst_ns / 1e3,
           (unsigned long long)tally.early, (unsigned long long)n_steps, drift_per_day_ns / 1e3, period_ns / 1e3,
           !is_right(&blind), pass ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert(pass);
}
END_TEST

static void feed(struct frame_clock *clock, uint64_t frame, double ns, bool is_idle)
{
    frame_clock_feed_rt(clock, &(struct frame_sight){frame, (uint64_t)ns, RATE_HZ, is_idle});
}

START_TEST(a_time_and_its_frame_lead_to_each_other)
{
    struct frame_time time = {1000000, 5000000000, SECOND_NS / RATE_HZ};
    for (int64_t frame = 0; frame < 3000000; frame += 7919) {
        int64_t ns = frame_time_ns(&time, frame);
        ck_assert_int_eq(frame_time_frame(&time, (uint64_t)ns), frame);
        ck_assert_int_eq(frame_time_frame(&time, (uint64_t)ns + 100), frame + 1); /* the first that is not before it */
    }
}
END_TEST

START_TEST(another_driver_and_a_halt_begin_a_line_of_their_own)
{
    struct frame_clock clock = {0};
    uint64_t frame = 0;
    double ns = 1e9;
    ck_assert(frame_clock_look(&clock).ns_per_frame == 0);
    for (; frame < 480000; frame += 240, ns += 5e6)
        feed(&clock, frame, ns, true);
    ns += 3e8; /* until the sound card's first cycle */
    feed(&clock, frame, ns, false);
    struct frame_time time = frame_clock_look(&clock);
    ck_assert_uint_eq(time.ns, (uint64_t)ns);
    ns += 4e9; /* the sound card stood still, and frames with it */
    for (unsigned i = 0; i < 100; i++, frame += 256, ns += 256 * SECOND_NS / RATE_HZ)
        feed(&clock, frame, ns, false);
    time = frame_clock_look(&clock);
    ck_assert_double_lt(fabs((double)frame_time_ns(&time, (int64_t)frame) - ns), 1e3);
    frame_clock_forget(&clock);
    ck_assert(frame_clock_look(&clock).ns_per_frame == 0);
}
END_TEST

START_TEST(a_tag_is_the_time_of_day_and_back)
{
    struct machine *machine = machine_new(0);
    machine->day_ns = 2085978490ull * 1000000000; /* six seconds before the tags begin to count from 0 again */
    wall_clock_look(&machine->wall);
    for (int64_t ns = (int64_t)machine->steady_ns; ns < (int64_t)machine->steady_ns + 20000000000; ns += 123456789) {
        uint64_t tag = wall_clock_ntp(&machine->wall, ns);
        int64_t back = wall_clock_ns(&machine->wall, tag);
        ck_assert_int_le(llabs(back - ns), 1);
    }
    ck_assert_uint_lt(wall_clock_ntp(&machine->wall, (int64_t)machine->steady_ns + 8000000000) >> 32, 10);
    free(machine);
}
END_TEST

START_TEST(noise_between_two_clocks_is_no_step)
{
    struct machine *machine = machine_new(0);
    wall_clock_look(&machine->wall);
    int64_t offset_ns = machine->wall.offset_ns;
    for (unsigned i = 0; i < 100; i++) {
        machine->day_ns += i % 2 ? 3000 : (uint64_t)-3000;
        wall_clock_look(&machine->wall);
    }
    ck_assert_uint_eq(machine->wall.n_steps, 0);
    ck_assert_int_le(llabs(machine->wall.offset_ns - offset_ns), 3000);
    machine->day_ns += 100000; /* as a slew of the one clock alone would look like */
    for (unsigned i = 0; i < 200; i++)
        wall_clock_look(&machine->wall);
    ck_assert_uint_eq(machine->wall.n_steps, 0);
    ck_assert_int_le(llabs(machine->wall.offset_ns - offset_ns - 100000), 200);
    free(machine);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_time_and_its_frame_lead_to_each_other,
        another_driver_and_a_halt_begin_a_line_of_their_own,
        a_tag_is_the_time_of_day_and_back,
        noise_between_two_clocks_is_no_step,
        a_tag_finds_its_frame_whatever_the_clocks_do,
    };
    return suite_run("clock", 60, tests, ROWS(tests));
}
