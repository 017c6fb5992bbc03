/* What a large graph costs: to build, to compile into a plan, and to swap that plan in.
 *
 *     compile                one line per size: nodes, edges, ms to compile, us to swap (median, p99), us of the first
 *                            block after a swap and of any other, ms to build forwards, ms to build a chain backwards
 *
 * The graph: mono gains, each fed by two of the hundred before it. The swap is timed as a cycle of no frames, in which the
 * engine takes in the change and does nothing else.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "graph/offline.h"
#include "graph/plan.h"
#include "graph/tx.h"

#define RATE_HZ 48000
#define NEAR    100 /* nodes back that an edge may come from */
#define ROUNDS  21  /* compiles, of which a quarter is quicker than what is told */
#define SWAPS   200
#define BLOCK   256

static double clock_us(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static double now_us(void)
{
    return clock_us(CLOCK_MONOTONIC);
}

/* For what takes milliseconds: other programs have their share of the machine in that time. */
static double worked_us(void)
{
    return clock_us(CLOCK_THREAD_CPUTIME_ID);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The value below which `part` of them lie. Sorts. */
static double quantile(double *values, unsigned n, double part)
{
    qsort(values, n, sizeof *values, compare);
    return values[(unsigned)(part * (n - 1) + 0.5)];
}

static _Noreturn void fail(const struct error *error)
{
    fprintf(stderr, "compile: %s\n", error->text);
    exit(1);
}

static struct ctl *start(void)
{
    struct error error = {0};
    struct ctl *ctl = ctl_new(RATE_HZ, NULL);
    if (!ctl || ctl_add_fixtures(ctl, &error))
        fail(&error);
    return ctl;
}

static void add(struct tx *tx, unsigned number)
{
    static const float unity[1];
    struct error error = {0};
    char name[32];
    snprintf(name, sizeof name, "n%u", number);
    struct node_spec spec = {.class = node_class_find("gain"), .name = name, .channels = 1, .values = unity};
    if (tx_add_node(tx, &spec, &error))
        fail(&error);
}

static void wire(struct tx *tx, unsigned from, unsigned to, float gain_db)
{
    struct error error = {0};
    char source[32], target[32];
    snprintf(source, sizeof source, "n%u", from);
    snprintf(target, sizeof target, "n%u", to);
    if (tx_connect(tx, &(struct edge_spec){.from = source, .to = target, .gain_db = gain_db}, &error))
        fail(&error);
}

/* Two edges into every node but the first few, from creation order's past. */
static void build(struct ctl *ctl, unsigned n)
{
    struct tx *tx = tx_open(ctl, 0);
    unsigned seed = 1;
    for (unsigned i = 0; i < n; i++)
        add(tx, i);
    for (unsigned i = 2; i < n; i++) {
        unsigned most = i < NEAR ? i : NEAR;
        seed = seed * 1664525u + 1013904223u;
        unsigned first = 1 + (seed >> 8) % most;
        wire(tx, i - first, i, -6);
        wire(tx, i - (first % most + 1), i, -6);
    }
    tx_commit(tx, (struct completion){0});
}

static double build_backwards_ms(unsigned n)
{
    struct ctl *ctl = start();
    double began = worked_us();
    struct tx *tx = tx_open(ctl, 0);
    for (unsigned i = 0; i < n; i++)
        add(tx, i);
    for (unsigned i = 0; i + 1 < n; i++)
        wire(tx, i + 1, i, 0);
    tx_commit(tx, (struct completion){0});
    ctl_poll(ctl);
    double took = worked_us() - began;
    ctl_free(ctl);
    return took / 1e3;
}

static double compile_ms(const struct ctl *ctl)
{
    double took[ROUNDS];
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct plan *plan;
        double began = worked_us();
        if (plan_compile(&ctl->model, &plan))
            exit(1);
        took[i] = (worked_us() - began) / 1e3;
        plan_free(plan);
    }
    return quantile(took, ROUNDS, 0.25);
}

static double cycle_us(struct offline *offline, unsigned n_frames)
{
    double began = now_us();
    offline_cycle(offline, n_frames);
    return now_us() - began;
}

/* One edit after the other, each taken in, and then a few blocks rendered. */
static void swaps(struct ctl *ctl, struct offline *offline)
{
    double swap[SWAPS], first[SWAPS], later[SWAPS];
    for (unsigned i = 0; i < SWAPS; i++) {
        struct tx *tx = tx_open(ctl, 0);
        wire(tx, 0, 1, i % 2 ? 0 : -1);
        tx_commit(tx, (struct completion){0});
        ctl_poll(ctl);
        swap[i] = cycle_us(offline, 0);
        first[i] = cycle_us(offline, BLOCK);
        cycle_us(offline, BLOCK);
        later[i] = cycle_us(offline, BLOCK);
        ctl_poll(ctl);
    }
    printf(" %.2f %.2f", quantile(swap, SWAPS, 0.5), quantile(swap, SWAPS, 0.99));
    printf(" %.0f %.0f", quantile(first, SWAPS, 0.5), quantile(later, SWAPS, 0.5));
}

static void measure(unsigned n)
{
    static struct offline offline;
    struct ctl *ctl = start();
    double began = worked_us();
    build(ctl, n);
    ctl_poll(ctl);
    double built = (worked_us() - began) / 1e3;
    if (offline_init(&offline, ctl, 0, BLOCK))
        exit(1);
    printf("%u %u %.2f", n, ctl->model.n_edges, compile_ms(ctl));
    swaps(ctl, &offline);
    offline_deinit(&offline);
    ctl_free(ctl);
    printf(" %.0f %.0f\n", built, build_backwards_ms(n));
}

int main(void)
{
    static const unsigned sizes[] = {1000, 2000, 5000, 10000, 20000};
    for (unsigned i = 0; i < ROWS(sizes); i++)
        measure(sizes[i]);
}
