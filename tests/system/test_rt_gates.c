/* The audio thread of the ordinary daemon under load does nothing that could make it late: rows R1, R2, R3 and R7 of
 * the reliability catalogue, in one run.
 *
 * DAWD_GATE_S sets how many seconds are watched (30 where it is not given), with two threads half of it.
 * Lane: alone */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/suite.h"
#include "tests/system/flood.h"
#include "tests/system/gate.h"
#include "tests/system/scene.h"

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

static bool report_r1(const struct rtgate *seen, uint64_t cycles, double seconds, unsigned n_threads)
{
    unsigned long n[RTGATE_KINDS];
    for (unsigned i = 0; i < RTGATE_KINDS; i++)
        n[i] = atomic_load(&seen->calls[i]);
    bool pass = (double)cycles >= CYCLES_OF_30_S * seconds / 30;
    for (unsigned i = 0; i < RTGATE_KINDS; i++)
        pass = pass && n[i] == 0;
    printf("REL R1 threads=%u cycles=%lu alloc=%lu free=%lu lock=%lu io=%lu sleep=%lu %s\n", n_threads,
           (unsigned long)cycles, n[RTGATE_ALLOC], n[RTGATE_FREE], n[RTGATE_LOCK], n[RTGATE_IO], n[RTGATE_SLEEP],
           verdict(pass));
    return pass;
}

static bool report_r2(const struct gate *gate, unsigned n_threads)
{
    unsigned threads = atomic_load(&gate->seen->threads), trapping = atomic_load(&gate->seen->trapping);
    unsigned long n = gate_syscalls(gate);
    bool pass = n == 0 && threads == n_threads && trapping == threads;
    printf("REL R2 threads=%u trapping=%u/%u syscalls_other_than_futex=%lu %s\n", n_threads, trapping, threads, n,
           verdict(pass));
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

/* Plays for so long under the gate; whether all rows hold. */
static bool watch(struct studio *studio, double seconds, unsigned n_threads)
{
    struct gate gate;
    struct scene scene;
    gate_open(&gate, studio, NULL);
    scene_open(&scene, studio);
    if (n_threads > 1)
        scene_crowd(&scene);
    scene_play(&scene, 1, EDITS_HZ);
    struct gate_moment from = gate_moment(&gate, studio);
    scene_play(&scene, seconds, EDITS_HZ);
    struct gate_moment to = gate_moment(&gate, studio);
    bool pass = report_r1(gate.seen, to.cycles - from.cycles, seconds, n_threads);
    pass = report_r2(&gate, n_threads) && pass;
    pass = report_r3(&gate, studio, from, to) && pass;
    pass = report_r7(gate.seen) && pass;
    printf("%u nodes, %u sets of each, %u edits, %u saves\n", scene.n_nodes, scene.n_ticks, scene.n_edits, scene.n_saves);
    gate_accuse(&gate);
    fflush(stdout);
    scene_close(&scene);
    gate_close(&gate);
    return pass;
}

START_TEST(the_audio_thread_under_load_never_allocates_locks_waits_or_calls_the_kernel)
{
    struct studio *studio = studio_open(&(struct studio_options){.no_daemon = true});
    bool pass = watch(studio, watched_s(), 1);
    studio_close(studio);
    ck_assert_msg(pass, "a gate is open");
}
END_TEST

START_TEST(nor_does_a_worker_that_shares_its_cycles)
{
    struct studio *studio = studio_open(
        &(struct studio_options){.no_daemon = true, .arguments = (const char *const[]){"--threads", "2", NULL}});
    bool pass = watch(studio, watched_s() / 2, 2);
    struct stats stats = stats_read(&studio->client);
    double n_shared = stats_get(&stats, "shared_cycles");
    studio_close(studio);
    ck_assert_msg(pass, "a gate is open");
    ck_assert_msg(n_shared > 1000, "%.0f cycles were shared", n_shared);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {the_audio_thread_under_load_never_allocates_locks_waits_or_calls_the_kernel,
                            nor_does_a_worker_that_shares_its_cycles};
    return suite_run("real-time gates", 120, tests, ROWS(tests));
}
