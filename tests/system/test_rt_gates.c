/* The audio thread of the ordinary daemon under load does nothing that could make it late: rows R1, R2, R3 and R7 of
 * the reliability catalogue, in one run.
 *
 * DAWD_GATE_S sets how many seconds are watched (30 where it is not given).
 * Lane: alone */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/system/gate.h"
#include "tests/system/scene.h"
#include "tests/system/suite.h"

#define EDITS_HZ       10.0
#define CYCLES_OF_30_S 5600.0 /* 48000 / 256 * 30 = 5625, less a few at both ends */
#define JACK_LOCKED_KB 100000 /* the memory that JACK shares with its clients */

static double watched_s(void)
{
    const char *wish = getenv("DAWD_GATE_S");
    return wish ? atof(wish) : 30;
}

static const char *verdict(bool pass)
{
    return pass ? "PASS" : "FAIL";
}

static bool report_r1(const struct rtgate *seen, uint64_t cycles)
{
    unsigned long n[RTGATE_KINDS];
    for (unsigned i = 0; i < RTGATE_KINDS; i++)
        n[i] = atomic_load(&seen->calls[i]);
    bool pass = (double)cycles >= CYCLES_OF_30_S * watched_s() / 30;
    for (unsigned i = 0; i < RTGATE_KINDS; i++)
        pass = pass && n[i] == 0;
    printf("REL R1 cycles=%lu alloc=%lu free=%lu lock=%lu io=%lu sleep=%lu %s\n", (unsigned long)cycles, n[RTGATE_ALLOC],
           n[RTGATE_FREE], n[RTGATE_LOCK], n[RTGATE_IO], n[RTGATE_SLEEP], verdict(pass));
    return pass;
}

static bool report_r2(const struct gate *gate)
{
    unsigned threads = atomic_load(&gate->seen->threads), trapping = atomic_load(&gate->seen->trapping);
    unsigned long n = gate_syscalls(gate);
    bool pass = n == 0 && threads > 0 && trapping == threads;
    printf("REL R2 trapping=%u/%u syscalls_other_than_futex=%lu %s\n", trapping, threads, n, verdict(pass));
    return pass;
}

static bool report_r3(const struct gate *gate, const struct studio *studio, struct gate_moment from, struct gate_moment to)
{
    double switches = (double)(to.switches - from.switches) / (double)(to.cycles - from.cycles);
    long minor = to.minor_faults - from.minor_faults, major = to.major_faults - from.major_faults;
    bool fifo = gate_is_fifo(gate, studio), locked = studio_proc(studio, 0, "status", "VmLck:") >= JACK_LOCKED_KB;
    unsigned long denormal = atomic_load(&gate->seen->denormal_cycles);
    bool pass = switches <= 1.001 && minor == 0 && major == 0 && fifo && locked && denormal == 0;
    printf("REL R3 vcs_per_cycle=%.4f minflt=%ld majflt=%ld policy=%s memlock=%s denormal_cycles=%lu %s\n", switches, minor,
           major, fifo ? "FIFO" : "other", locked ? "yes" : "no", denormal, verdict(pass));
    return pass;
}

static bool report_r7(const struct rtgate *seen)
{
    unsigned long used = atomic_load(&seen->stack_used_bytes), all = atomic_load(&seen->stack_bytes);
    bool pass = used > 0 && used <= RTGATE_STACK_MOST;
    printf("REL R7 stack_watermark_bytes=%lu of=%lu %s\n", used, all, verdict(pass));
    return pass;
}

START_TEST(the_audio_thread_under_load_never_allocates_locks_waits_or_calls_the_kernel)
{
    struct gate gate;
    struct scene scene;
    struct studio *studio = studio_open(&(struct studio_options){.no_daemon = true});
    gate_open(&gate, studio, NULL);
    scene_open(&scene, studio);
    scene_play(&scene, 1, EDITS_HZ);
    struct gate_moment from = gate_moment(&gate, studio);
    scene_play(&scene, watched_s(), EDITS_HZ);
    struct gate_moment to = gate_moment(&gate, studio);
    bool pass = report_r1(gate.seen, to.cycles - from.cycles);
    pass = report_r2(&gate) && pass;
    pass = report_r3(&gate, studio, from, to) && pass;
    pass = report_r7(gate.seen) && pass;
    printf("%u nodes, %u sets of each, %u edits, %u saves\n", scene.n_nodes, scene.n_ticks, scene.n_edits, scene.n_saves);
    gate_accuse(&gate);
    fflush(stdout);
    scene_close(&scene);
    studio_close(studio);
    gate_close(&gate);
    ck_assert_msg(pass, "a gate is open");
}
END_TEST

int main(void)
{
    const TTest *tests[] = {the_audio_thread_under_load_never_allocates_locks_waits_or_calls_the_kernel};
    return suite_run("real-time gates", 120, tests, ROWS(tests));
}
