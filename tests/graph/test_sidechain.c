/* A sidechain that is connected and disconnected while all plays: nodes listen to it as long as it has a cable, to their input
 * otherwise, and nothing clicks on the way. Roughness as in test_clicks: the second difference, in that of the tone at rest. */
#include <check.h>
#include <math.h>

#include "tests/graph_rig.h"
#include "tests/suite.h"

#define RATE_HZ 48000
#define EDITS   40
#define MOST    1.5

static double steady(double gain_db)
{
    return RIG_TONE_LEVEL * pow(2 * sin(M_PI * RIG_TONE_HZ / RATE_HZ), 2) * pow(10, gain_db / 20);
}

static double listen_to(struct graph_rig *rig, double last[2], unsigned n)
{
    double most = 0;
    graph_rig_run(rig, n);
    for (unsigned i = 0; i < n; i++) {
        double x = (double)rig->heard[RIG_OUT][i];
        most = fmax(most, fabs(x - 2 * last[1] + last[0]));
        last[0] = last[1];
        last[1] = x;
    }
    return most;
}

/* Half a second later, what the node takes away: dB, 0 and below. */
static double reduction_db(struct graph_rig *rig, double last[2])
{
    for (unsigned i = 0; i < 4; i++)
        listen_to(rig, last, RATE_HZ / 8);
    return (double)atomic_load(&graph_rig_node(rig, "x")->object->readings[0]);
}

/* A tone of -6 dB goes through x; what `k` gives is its sidechain now and then. */
static struct graph_rig *open_rig(const char *node, const char *key)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    rig->period = 0;
    graph_rig_commit(rig, "add t tone; add k %s; add x %s; connect t x; connect x out", key, node);
    graph_rig_settle(rig);
    return rig;
}

static const char go[] = "connect k x:sidechain", come[] = "disconnect k x:sidechain";

/* Edits at random instants, also into the fades of those before; how rough it gets. */
static double play(struct graph_rig *rig, double last[2])
{
    uint32_t seed = 31;
    double most = 0;
    for (unsigned i = 0; i < EDITS; i++) {
        graph_rig_commit(rig, "%s", i % 2 ? come : go);
        most = fmax(most, listen_to(rig, last, 1 + dice_below(&seed, i < EDITS / 2 ? 1500 : 12000)));
    }
    return most;
}

START_TEST(a_compressor_goes_by_its_sidechain_and_back_without_a_click)
{
    static const double takes_db[] = {-15, -5.97, 0};
    static const char *const sources[] = {"source value=1", "source value=0.25", "source value=0"};
    for (unsigned k = 0; k < ROWS(takes_db); k++) {
        struct graph_rig *rig = open_rig("compressor 1 threshold=-20 ratio=4 knee=0 attack=5 release=50", sources[k]);
        double last[2] = {0};
        ck_assert_double_eq_tol(reduction_db(rig, last), -10.5, 0.05);
        graph_rig_commit(rig, "%s", go);
        ck_assert_double_eq_tol(reduction_db(rig, last), takes_db[k], 0.05);
        graph_rig_commit(rig, "%s", come);
        ck_assert_double_eq_tol(reduction_db(rig, last), -10.5, 0.05);
        ck_assert_double_le(play(rig, last), MOST * steady(fmax(-10.5, takes_db[k])));
        ck_assert_double_eq_tol(reduction_db(rig, last), -10.5, 0.05);
        graph_rig_free(rig);
    }
}
END_TEST

START_TEST(a_gate_opens_by_its_sidechain_and_closes_again_without_a_click)
{
    struct graph_rig *rig = open_rig("gate 1 threshold=-3 hysteresis=1 attack=5 release=20", "source value=1");
    double last[2] = {0};
    ck_assert_double_eq_tol(reduction_db(rig, last), -120, 0.1);
    graph_rig_commit(rig, "%s", go);
    ck_assert_double_eq_tol(reduction_db(rig, last), 0, 0.01);
    graph_rig_commit(rig, "%s", come);
    ck_assert_double_eq_tol(reduction_db(rig, last), -120, 0.1);
    ck_assert_double_le(play(rig, last), MOST * steady(0));
    graph_rig_free(rig);
}
END_TEST

/* The way to the sidechain is a way like any other: what is late on it is waited for. */
START_TEST(a_late_key_is_waited_for)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "add t tone; add l late 1 frames=500; add x compressor 1 lookahead=5; connect t x; connect t l;"
                          "connect l x:sidechain; connect x out");
    graph_rig_settle(rig);
    graph_rig_run(rig, 8192);
    unsigned at = 8192 - 1;
    /* 0 at the times of the engine less 500 + 240 frames. */
    uint64_t end = ctl_clock(rig->ctl);
    double phase = 2 * M_PI * RIG_TONE_HZ / RATE_HZ * (double)(end - 1 - 740);
    double gain = pow(10, (double)atomic_load(&graph_rig_node(rig, "x")->object->readings[0]) / 20);
    ck_assert_double_eq_tol((double)rig->heard[RIG_OUT][at], gain * RIG_TONE_LEVEL * sin(phase), 1e-3);
    graph_rig_free(rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_compressor_goes_by_its_sidechain_and_back_without_a_click,
        a_gate_opens_by_its_sidechain_and_closes_again_without_a_click,
        a_late_key_is_waited_for,
    };
    return suite_run("sidechains", 30, tests, ROWS(tests));
}
