/* W1: a busy session in real time for as long as wished, while the JACK server is restarted again and again. What the audio thread
 * must not do is counted all along, and memory may not grow once everything has been there.
 * usage: real_time SECONDS */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/suite.h"
#include "tests/system/gate.h"
#include "tests/system/scene.h"

#define HOUR_S        3600.0
#define RESTARTS_MIN  2   /* however short it is */
#define GONE_S        1.0 /* that there is no server */
#define BACK_S        5.0
#define SETTLE_S      2.0 /* before the counts of a stretch begin */
#define EDITS_HZ      1.0
#define GROWTH_MAX_KB 1024 /* after the first stretch */

static double soak_s;

struct soak {
    struct studio *studio;
    struct gate gate;
    struct scene scene;
    unsigned long cycles, switches, faults;
    unsigned n_restarts, n_recovered;
    long rss_from_kb, rss_to_kb;
};

static void stop_takes(struct soak *soak, const struct scene_node *node)
{
    for (unsigned i = 0; i < node->class->n_params; i++)
        if (node->class->params[i].kind == PARAM_SWITCH && node->class->params[i].flags & PARAM_TRANSIENT)
            client_do(&soak->studio->client, "/node/%s/%s F", node->name, node->class->params[i].name);
}

/* The scene without its recordings: days of them would fill any disk. */
static void open_all(struct soak *soak)
{
    static const char *const arguments[] = {"--limit", "undo-steps=100", NULL};
    soak->studio = studio_open(&(struct studio_options){.no_daemon = true, .arguments = arguments});
    gate_open(&soak->gate, soak->studio, NULL);
    scene_open(&soak->scene, soak->studio);
    for (unsigned i = 0; i < soak->scene.n_nodes; i++)
        for (unsigned k = 0; k < soak->scene.nodes[i].class->n_params; k++)
            if (soak->scene.nodes[i].class->params[k].kind == PARAM_SINK)
                stop_takes(soak, &soak->scene.nodes[i]);
}

static void stretch(struct soak *soak, double seconds)
{
    scene_play(&soak->scene, SETTLE_S, EDITS_HZ);
    struct gate_moment from = gate_moment(&soak->gate, soak->studio);
    scene_play(&soak->scene, seconds, EDITS_HZ);
    struct gate_moment to = gate_moment(&soak->gate, soak->studio);
    soak->cycles += to.cycles - from.cycles;
    soak->switches += (unsigned long)(to.switches - from.switches);
    soak->faults += (unsigned long)(to.minor_faults - from.minor_faults + to.major_faults - from.major_faults);
    soak->rss_to_kb = studio_proc(soak->studio, 0, "status", "VmRSS:");
}

static void restart(struct soak *soak)
{
    uint64_t before = atomic_load(&soak->gate.seen->cycles);
    process_stop(&soak->studio->jackd);
    pause_s(GONE_S);
    studio_start_server(soak->studio);
    soak->n_restarts++;
    for (double end = now_s() + BACK_S; now_s() < end; pause_s(0.01))
        if (atomic_load(&soak->gate.seen->cycles) > before + 10) {
            soak->n_recovered++;
            return;
        }
}

static unsigned long calls(const struct soak *soak)
{
    unsigned long n = 0;
    for (unsigned i = 0; i < RTGATE_KINDS; i++)
        n += atomic_load(&soak->gate.seen->calls[i]);
    return n;
}

static unsigned long syscalls_inside(const struct soak *soak)
{
    unsigned long n = 0;
    for (unsigned i = 0; i < RTGATE_SYSCALLS; i++)
        n += atomic_load(&soak->gate.seen->inside[i]);
    return n;
}

START_TEST(a_session_plays_on_for_as_long_as_it_is_left_alone)
{
    static struct soak soak;
    double hours = soak_s / HOUR_S;
    unsigned n = hours > RESTARTS_MIN ? (unsigned)hours : RESTARTS_MIN;
    open_all(&soak);
    for (unsigned i = 0; i <= n; i++) {
        if (i)
            restart(&soak);
        stretch(&soak, soak_s / (n + 1));
        if (i == 0)
            soak.rss_from_kb = soak.rss_to_kb;
    }
    double switches = (double)soak.switches / (double)soak.cycles;
    unsigned long n_calls = calls(&soak), n_syscalls = syscalls_inside(&soak);
    long growth_kb = soak.rss_to_kb - soak.rss_from_kb;
    bool pass = soak.n_recovered == n && n_calls == 0 && n_syscalls == 0 && switches <= 1.001 && soak.faults == 0 &&
                growth_kb <= GROWTH_MAX_KB;
    printf("REL W1 hours=%.2f recovered=%u/%u cycles=%lu messages=%lu edits=%u forbidden_calls=%lu syscalls=%lu "
           "vcs_per_cycle=%.4f faults=%lu rss_kb=%ld rss_growth_kb=%ld %s\n",
           hours, soak.n_recovered, n, soak.cycles, (unsigned long)soak.scene.n_ticks * soak.scene.n_nodes,
           soak.scene.n_edits, n_calls, n_syscalls, switches, soak.faults, soak.rss_to_kb, growth_kb,
           pass ? "PASS" : "FAIL");
    gate_accuse(&soak.gate);
    fflush(stdout);
    scene_close(&soak.scene);
    studio_close(soak.studio);
    gate_close(&soak.gate);
    ck_assert(pass);
}
END_TEST

int main(int argc, char **argv)
{
    const TTest *const tests[] = {a_session_plays_on_for_as_long_as_it_is_left_alone};
    soak_s = argc > 1 ? atof(argv[1]) : 60;
    return suite_run("W1", 2 * soak_s + 120, tests, ROWS(tests));
}
