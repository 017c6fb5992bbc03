#include "graph/voice_rt.h"

#include "graph/sleep_rt.h"

#include "graph/rt_only.h"

/* What is on its way from one node of the voice to another. */
static void ways_clear_rt(const struct step *step)
{
    for (unsigned i = 0; i < step->n_compensations; i++)
        compensation_clear_rt(&step->compensations[i]);
    for (unsigned i = 0; i < step->n_sends; i++)
        if (step->sends[i].is_within)
            line_clear_rt(step->sends[i].line);
}

/* Bounded by the voices of the container and by what is in it. */
void voices_call_rt(const struct step *step, const struct moment *moment)
{
    const struct node_rt *container = step->node;
    for (unsigned v = 0; v < container->n_slots; v++) {
        if (!container->slots[v].starts)
            continue;
        for (unsigned i = 0; i < step->voices[v].n; i++) {
            ways_clear_rt(&moment->plan->steps[step->voices[v].steps[i]]);
            sleep_wake_rt(moment->plan, step->voices[v].steps[i]);
        }
    }
}

bool voice_rests_rt(struct step *step, const struct moment *moment)
{
    const struct voice_slot *voice = step->io.voice;
    if (!voice->runs)
        sleep_force_rt(step, moment); /* until it is called */
    else if (voice->starts)
        sleep_clear_rt(step, moment);
    return !voice->runs;
}

void voice_listen_rt(struct step *step, const struct moment *moment)
{
    if (step->io.voice->is_let_go && !step->silent && sleep_is_quiet_rt(step, moment))
        step->silent = true;
}
