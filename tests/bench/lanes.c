/* What running side by side is worth: the same graph of 64 alike chains twice, in lanes and one by one, in turns.
 *
 *     lanes [KIND]   one line per kind: its name, ns per node and sample in lanes, the same one by one, the ratio
 *
 * A noise feeds all chains, an lfo moves the cutoffs of those in motion, all ends in one output. Medians; the cost of the
 * same graph without its chains is taken off.
 */
#include "tests/bench/graphs.h"

#define RATE_HZ 48000
#define CHAINS  64
#define CYCLES  200 /* of a block each: long enough for the clock, short enough for a quiet moment */
#define ROUNDS  31
#define BLOCK   256

struct kind {
    const char *name, *class;
    unsigned length; /* nodes of a chain */
    unsigned channels;
    const char *param; /* set to `value` at creation, or null */
    float value;
    bool moves;
};

static const struct kind kinds[] = {
    {"still", "filter", 4, 1, NULL, 0, false},          {"still_stereo", "filter", 4, 2, NULL, 0, false},
    {"moving", "filter", 4, 1, NULL, 0, true},          {"moving_stereo", "filter", 4, 2, NULL, 0, true},
    {"steep", "butterworth", 1, 1, "order", 10, false}, {"steep_moving", "butterworth", 1, 1, "order", 10, true},
    {"single", "filter", 1, 1, NULL, 0, false},         {"single_moving", "filter", 1, 1, NULL, 0, true},
};

static void chain(struct tx *tx, const struct kind *kind, unsigned number)
{
    char name[32], cutoff[64], before[32] = "source";
    for (unsigned i = 0; i < kind->length; i++) {
        snprintf(name, sizeof name, "n%u_%u", number, i);
        add(tx, kind->class, name, kind->channels, kind->param, kind->value);
        wire(tx, before, name, 0);
        snprintf(cutoff, sizeof cutoff, "%s:cutoff", name);
        if (kind->moves)
            wire(tx, "wave", cutoff, 0);
        snprintf(before, sizeof before, "%s", name);
    }
    wire(tx, before, "out", -40);
}

static struct ctl *build(const struct kind *kind, bool one_by_one)
{
    struct error error = {0};
    struct ctl *ctl = ctl_new(RATE_HZ, NULL);
    if (!ctl || ctl_add_fixtures(ctl, &error))
        fail("memory ran out");
    ctl->model.one_by_one = one_by_one;
    struct tx *tx = tx_open(ctl, 0);
    add(tx, "noise", "source", 1, NULL, 0);
    add(tx, "lfo", "wave", 0, NULL, 0);
    for (unsigned i = 0; i < CHAINS; i++)
        chain(tx, kind, i);
    tx_commit(tx, (struct completion){0});
    ctl_poll(ctl);
    return ctl;
}

static double cost_ns(struct offline *offline)
{
    struct timespec from, to;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    for (unsigned i = 0; i < CYCLES; i++)
        offline_cycle(offline, BLOCK);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    return (double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec);
}

static void measure(const struct kind *kind)
{
    static struct offline offline[2];
    struct ctl *ctl[2];
    double cost[2][ROUNDS], ratio[ROUNDS];
    for (unsigned k = 0; k < 2; k++) {
        ctl[k] = build(kind, k);
        if (offline_init(&offline[k], ctl[k], 0, BLOCK))
            fail("memory ran out");
        cost_ns(&offline[k]);
    }
    for (unsigned i = 0; i < ROUNDS; i++) {
        for (unsigned k = 0; k < 2; k++)
            cost[k][i] = cost_ns(&offline[k]) / ((double)CYCLES * BLOCK * CHAINS * kind->length * kind->channels);
        ratio[i] = cost[1][i] / cost[0][i];
    }
    printf("%s %.3f %.3f %.2f\n", kind->name, median(cost[0], ROUNDS), median(cost[1], ROUNDS), median(ratio, ROUNDS));
    for (unsigned k = 0; k < 2; k++) {
        offline_deinit(&offline[k]);
        ctl_free(ctl[k]);
    }
}

int main(int argc, char **argv)
{
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (argc < 2 || strcmp(argv[1], kinds[i].name) == 0)
            measure(&kinds[i]);
}
