/* W2: weeks of frames as fast as they come, over every wrap of the driver's count.
 * usage: freewheel SECONDS       of processor time; at least a day of frames */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "graph/node.h"
#include "tests/long_time.h"
#include "tests/suite.h"

#define FIRST_FRAMES 4301000000 /* a day, and a wrap; it tells how many days there is time for */
#define DAY_FRAMES   (86400.0 * 48000)
#define ERROR_MOST   1e-4 /* cycles of a slow wave */

static double soak_s;

static double cpu_s(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

static bool is_right(const struct long_time *told)
{
    return told->n_wraps == told->n_frames >> 32 && !told->n_jumps && !told->n_off_time && !told->n_late &&
           told->phase_error < ERROR_MOST;
}

START_TEST(no_wrap_of_the_count_is_heard)
{
    struct long_time told = long_time_run(0, FIRST_FRAMES, 0);
    double times = soak_s / cpu_s() - 1;
    bool pass = is_right(&told);
    if (pass && times > 1) {
        told = long_time_run(0, (uint64_t)(times * FIRST_FRAMES), 0);
        pass = is_right(&told);
    }
    printf("REL W2 days=%.1f wraps=%u jumps=%u events=%u off_time=%u late=%llu phase_error_cycles=%.2g cpu_s=%.0f %s\n",
           (double)told.n_frames / DAY_FRAMES, told.n_wraps, told.n_jumps, told.n_events, told.n_off_time,
           (unsigned long long)told.n_late, told.phase_error, cpu_s(), pass ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert(pass);
}
END_TEST

int main(int argc, char **argv)
{
    const TTest *const tests[] = {no_wrap_of_the_count_is_heard};
    soak_s = argc > 1 ? atof(argv[1]) : 0;
    return suite_run("W2", 4 * soak_s + 300, tests, ROWS(tests));
}
