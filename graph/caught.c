#include "graph/caught.h"

#include "graph/crew_shared.h"
#include "graph/engine_shared.h"

/* Steps of a plan that has just come in have run in no block at all. */
static bool has_begun(const struct step *step, uint64_t frame)
{
    return step->io.n && step->io.frame == frame;
}

bool caught_look(const struct engine_rt *engine, uint64_t *first, uint64_t *last)
{
    const struct plan *plan = engine->plan;
    unsigned i = plan->n_steps;
    if (!atomic_load(&engine->owner) || (engine->crew && engine->crew->is_shared))
        return false;
    while (i > 0 && !has_begun(&plan->steps[i - 1], engine->frame))
        i--;
    if (!i)
        return false;
    *first = *last = plan->labels[--i].sequence;
    while (i > 0 && !plan->abreast[i])
        i--;
    *first = plan->labels[i].sequence;
    return true;
}
