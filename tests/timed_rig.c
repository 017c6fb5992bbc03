#include "tests/timed_rig.h"

#include <math.h>

#include "tests/graph_check.h"

struct graph_rig *timed_rig_new(unsigned period, const char *script)
{
    struct graph_rig *rig = graph_rig_new(TIMED_RIG_RATE_HZ);
    graph_rig_commit(rig, "%s", script);
    graph_rig_settle(rig);
    rig->period = period;
    return rig;
}

unsigned long timed_rig_now(const struct graph_rig *rig)
{
    return (unsigned long)ctl_clock(rig->ctl);
}

const struct probe *timed_rig_hear(struct graph_rig *rig, size_t n)
{
    graph_rig_probe(rig, "p")->at = 0;
    graph_rig_run(rig, n);
    return graph_rig_probe(rig, "p");
}

uint64_t timed_rig_late(const struct graph_rig *rig)
{
    return atomic_load(&rig->ctl->engine->stats.late);
}

void timed_rig_check(const struct probe *probe, unsigned row, size_t from, size_t to, double theory)
{
    for (size_t i = from; i < to; i++)
        MUST(fabs((double)probe->take[row][i] - theory) <= 2e-6, "row %u at frame %zu: %.9g, not %.9g", row, i,
             (double)probe->take[row][i], theory);
}

void timed_rig_check_answer(const struct answer *answer, uint64_t frame)
{
    MUST(answer->n_calls == 1 && !answer->error.code && answer->frame == frame, "%u answers, %s, frame %lu, not %lu",
         answer->n_calls, answer->error.text, (unsigned long)answer->frame, (unsigned long)frame);
}
