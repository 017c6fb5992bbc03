/* A day of sound, across the end of 32 bits: row R13 of the reliability catalogue.
 * Lane: busy */
#include <check.h>
#include <stdio.h>
#include <time.h>

#include "graph/node.h"
#include "tests/long_time.h"
#include "tests/suite.h"

#define N_FRAMES 4301000000 /* 24.9 hours at 48 kHz */

START_TEST(a_day_goes_by_without_a_jump)
{
    struct long_time day = long_time_run(0, N_FRAMES, 0);
    struct long_time lossy = long_time_run(0xffff0000u, 1000000, 50); /* the mutant: a driver that leaves a cycle out */
    bool caught = lossy.n_jumps > 0;
    bool pass = day.n_frames >= 4300000000 && day.n_wraps == 1 && !day.n_jumps && !day.n_late && !day.n_off_time &&
                day.n_events > 8000 && day.phase_error < 1e-4 && caught;
    printf("REL R13 frames=%llu wraps=%u jumps=%u events=%u off_time=%u late=%llu lfo_error_cycles=%.2g cpu_s=%.1f "
           "mutants_caught=%d/1 %s\n",
           (unsigned long long)day.n_frames, day.n_wraps, day.n_jumps, day.n_events, day.n_off_time,
           (unsigned long long)day.n_late, day.phase_error, (double)clock() / CLOCKS_PER_SEC, caught,
           pass ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert(pass);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_day_goes_by_without_a_jump};
    return suite_run("a long time", 300, tests, ROWS(tests));
}
