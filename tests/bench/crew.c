/* What a second thread is worth: 64 tracks that are unlike, as if none had its like, by one thread and by two, in turns.
 *
 *     crew           two lines: offline and live, us per cycle by one, by two, the ratio, and the share of cycles that were
 *                    shared, in percent
 *
 * A track is a saw through a filter and a steep low-pass that an lfo moves, and a delay. Offline: cycles follow each other.
 * Live: between two there is a period, in which the worker falls asleep. Medians of cycles; all threads are real-time ones,
 * as under JACK, where the system grants it.
 */
#include <sched.h>

#include "daemon/workers.h"
#include "tests/bench/graphs.h"

#define RATE_HZ   48000
#define TRACKS    64
#define BLOCK     256
#define ROUNDS    400
#define PERIOD_NS 5333333

static void track(struct tx *tx, unsigned i)
{
    char osc[16], lfo[16], filter[16], steep[16], delay[16], to[32];
    snprintf(osc, sizeof osc, "o%u", i);
    snprintf(lfo, sizeof lfo, "l%u", i);
    snprintf(filter, sizeof filter, "f%u", i);
    snprintf(steep, sizeof steep, "s%u", i);
    snprintf(delay, sizeof delay, "d%u", i);
    add(tx, "osc", osc, 0, "freq", 100 + (float)i);
    add(tx, "lfo", lfo, 0, NULL, 0);
    add(tx, "filter", filter, 1, NULL, 0);
    add(tx, "butterworth", steep, 1, "order", 4 + 2 * (float)(i % 6));
    add(tx, "delay", delay, 1, "longest", 1);
    wire(tx, osc, filter, 0);
    wire(tx, filter, steep, 0);
    wire(tx, steep, delay, 0);
    wire(tx, delay, "out", -40);
    snprintf(to, sizeof to, "%s:cutoff", filter);
    wire(tx, lfo, to, 0);
    snprintf(to, sizeof to, "%s:cutoff", steep);
    wire(tx, lfo, to, 0);
}

static struct ctl *build(unsigned n_threads, struct workers **workers)
{
    struct error error = {0};
    struct ctl *ctl = ctl_new(RATE_HZ, NULL);
    if (!ctl || workers_join(workers, ctl, n_threads, &error) || ctl_add_fixtures(ctl, &error))
        fail("memory ran out");
    ctl->model.one_by_one = true;
    struct tx *tx = tx_open(ctl, 0);
    for (unsigned i = 0; i < TRACKS; i++)
        track(tx, i);
    tx_commit(tx, (struct completion){0});
    ctl_poll(ctl);
    return ctl;
}

static double cycle_us(struct offline *offline)
{
    uint64_t from_ns = clock_monotonic_rt(NULL);
    offline_cycle(offline, BLOCK);
    return (double)(clock_monotonic_rt(NULL) - from_ns) / 1e3;
}

static void measure(const char *name, struct offline *offline, struct workers *workers, bool is_live)
{
    static double cost[2][ROUNDS];
    uint64_t before = workers_crew(workers)->n_shared;
    for (unsigned i = 0; i < ROUNDS; i++)
        for (unsigned k = 0; k < 2; k++) {
            if (is_live)
                nanosleep(&(struct timespec){0, PERIOD_NS}, NULL);
            else
                cycle_us(&offline[k]);
            cost[k][i] = cycle_us(&offline[k]);
        }
    double shared = (double)(workers_crew(workers)->n_shared - before) / (is_live ? ROUNDS : 2 * ROUNDS);
    double one = median(cost[0], ROUNDS), two = median(cost[1], ROUNDS);
    printf("%s %.1f %.1f %.2f %.0f\n", name, one, two, one / two, 100 * shared);
}

int main(void)
{
    static struct offline offline[2];
    struct workers *workers[2];
    sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){.sched_priority = 10});
    struct ctl *ctl[2];
    for (unsigned k = 0; k < 2; k++) {
        ctl[k] = build(1 + k, &workers[k]);
        if (offline_init(&offline[k], ctl[k], 0, BLOCK))
            fail("memory ran out");
        for (unsigned i = 0; i < 200; i++)
            cycle_us(&offline[k]);
    }
    measure("offline", offline, workers[1], false);
    measure("live", offline, workers[1], true);
    for (unsigned k = 0; k < 2; k++) {
        offline_deinit(&offline[k]);
        workers_free(workers[k]);
        ctl_free(ctl[k]);
    }
}
