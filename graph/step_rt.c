/* One node in one block: what comes before its process, and what comes behind. */
#include "graph/step_rt.h"

#include "graph/mix_rt.h"
#include "graph/params_rt.h"
#include "graph/rt_only.h"

/* A port that the driver has not made yet, or not any more, is null: input nodes then give silence, output nodes play
 * nowhere. */
static void device_point_rt(struct scratch *scratch, const struct step *step, const struct moment *moment)
{
    for (unsigned c = 0; c < step->n_device; c++) {
        float *port = moment->ports ? moment->ports[step->device_first + c] : NULL;
        scratch->device[c] = port ? port + moment->offset : NULL;
    }
}

/* True when none of them has to run again. */
static bool mixes_run_rt(struct scratch *scratch, struct step *step, unsigned n)
{
    bool all_pass = true;
    for (unsigned m = 0; m < step->n_mixes; m++)
        all_pass &= mix_run_rt(&step->mixes[m], scratch->sums, n);
    return all_pass;
}

/* All that process of the step will see. */
static void step_prepare_rt(struct scratch *scratch, struct step *step, const struct moment *moment)
{
    unsigned n = moment->n;
    for (unsigned i = 0; i < step->n_returns; i++)
        line_read_rt(step->returns[i], n);
    for (unsigned i = 0; i < step->n_compensations; i++)
        compensation_run_rt(&step->compensations[i], n);
    if (!step->passes)
        step->passes = mixes_run_rt(scratch, step, n);
    params_run_rt(scratch, step, n);
    if (step->n_device)
        device_point_rt(scratch, step, moment);
    step->io.n = n;
    step->io.frame = moment->frame;
}

static void step_finish_rt(const struct step *step, const struct moment *moment)
{
    struct node_rt *node = step->node;
    if (atomic_load_explicit(&node->watched_until, memory_order_relaxed) > moment->frame)
        meter_run_rt(node->meter, &step->io, moment->frame, moment->n);
    for (unsigned i = 0; i < step->n_sends; i++)
        line_write_rt(step->sends[i].line, step->sends[i].from, moment->n);
}

void step_run_rt(struct scratch *scratch, struct step *step, const struct moment *moment)
{
    step_prepare_rt(scratch, step, moment);
    step->node->class->process(step->node->state, &step->io);
    step_finish_rt(step, moment);
}

void steps_run_abreast_rt(struct plan *plan, unsigned first, unsigned n, const struct moment *moment)
{
    struct step *step = plan->steps + first;
    struct lane_group group = {.room = plan->lane_room};
    for (unsigned l = 0; l < n; l++) {
        step_prepare_rt(&plan->lane_scratch[l], &step[l], moment);
        group.state[group.n] = step[l].node->state;
        group.io[group.n++] = &step[l].io;
    }
    step->node->class->process_lanes(&group);
    for (unsigned l = 0; l < n; l++)
        step_finish_rt(&step[l], moment);
}

void step_idle_rt(struct step *step, uint32_t n_frames)
{
    for (unsigned i = 0; i < step->n_compensations; i++)
        compensation_idle_rt(&step->compensations[i], n_frames);
    for (unsigned m = 0; m < step->n_mixes; m++)
        mix_idle_rt(&step->mixes[m], n_frames);
    /* Gains and parameters count frames, so any number of them is one step. */
    params_idle_rt(step, n_frames);
}
