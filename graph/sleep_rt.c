#include "graph/sleep_rt.h"

#include "graph/dsp/vector.h"
#include "graph/mix_rt.h"
#include "graph/mutant.h"
#include "graph/params_rt.h"
#include "graph/rt_only.h"

_Static_assert(CELL_FRAMES == VOICE_CELL_FRAMES, "voices end where cells do");

#define EIGHT __attribute__((may_alias)) uint64_t

/* Eight at a time: ten thousand sleepers are passed over in less than a microsecond. */
unsigned sleep_search_rt(const struct plan *plan, unsigned i)
{
    while (i < plan->n_steps) {
        if (i % 8 == 0 && !__atomic_load_n((const EIGHT *)&plan->due[i], __ATOMIC_RELAXED))
            i += 8;
        else if (sleep_is_due_rt(plan, i))
            return i;
        else
            i++;
    }
    return plan->n_steps;
}

void sleep_tell_rt(struct step *step, const struct moment *moment, bool silent)
{
    struct plan *plan = moment->plan;
    step->node->silent = silent;
    for (unsigned i = 0; i < step->n_readers; i++) {
        atomic_store_explicit(&plan->steps[step->readers[i]].passes, false, memory_order_relaxed);
        sleep_due_set_rt(plan, step->readers[i], true);
    }
}

void sleep_call_rt(const struct step *step, const struct moment *moment)
{
    for (unsigned i = 0; i < step->n_readers; i++)
        sleep_due_set_rt(moment->plan, step->readers[i], true);
}

/* ---- asleep --------------------------------------------------------------------------------------------------------- */

static void begin_rt(struct step *step, const struct moment *moment, uint64_t from)
{
    struct node_rt *node = step->node;
    if (node->class->sleeps.rest)
        node->class->sleeps.rest(node->state);
    node->slumber = SLUMBER_DEEP;
    meter_sleep_rt(node->meter);
    node->slept_from = from;
    node->moved_to = moment->frame;
    sleep_tell_rt(step, moment, true);
}

static bool sleeps_rt(const struct node_rt *node)
{
    return node->slumber == SLUMBER_DEEP || node->slumber == SLUMBER_BORN;
}

/* How many frames have passed since *to, which is up to date then. */
static uint32_t passed_rt(uint64_t *to, uint64_t frame)
{
    uint64_t passed = *to ? frame - *to : 0;
    *to = frame;
    return passed < UINT32_MAX ? (uint32_t)passed : UINT32_MAX;
}

/* Gains go on towards where the plan before wanted them, so this comes before any mix has run. */
static void gains_move_rt(struct step *step, uint64_t frame)
{
    uint32_t n = passed_rt(&step->node->moved_to, frame);
    for (unsigned m = 0; n && m < step->n_mixes; m++)
        mix_skip_rt(&step->mixes[m], n);
    for (unsigned i = 0; n && i < step->n_modulations; i++)
        mix_skip_rt(&step->modulations[i].mix, n);
}

void sleep_visit_rt(struct step *step, const struct moment *moment)
{
    if (step->node->slumber == SLUMBER_NEAR)
        begin_rt(step, moment, moment->frame);
    gains_move_rt(step, moment->frame);
}

static void wake_rt(const struct step *step, const struct moment *moment)
{
    struct node_rt *node = step->node;
    struct voice_slot *voice = step->io.voice;
    bool has_run = node->slumber == SLUMBER_DEEP;
    if (voice && node->class->ends_voices)
        voice->is_over = false;
    node->slumber = SLUMBER_NONE;
    meter_wake_rt(node->meter);
    node->touched = false;
    node->quiet = 0;
    if (has_run && node->class->sleeps.skip)
        node->class->sleeps.skip(node->state,
                                 (voice && voice->starts ? voice->starts_at : moment->frame) - node->slept_from);
}

/* Lines are moved by the steps at their ends, which are therefore visited, awake or not. */
static bool must_move_rt(const struct step *step)
{
    bool must = step->n_returns || step->n_sends;
    for (unsigned i = 0; i < step->n_compensations; i++)
        must |= !compensation_is_empty_rt(&step->compensations[i]);
    for (unsigned i = 0; i < step->n_shared; i++)
        must |= !compensation_is_empty_rt(&step->shared[i]);
    return must;
}

/* Asleep for the whole block, whose mixes of sound have run. In a voice values that glide go their way meanwhile; who sleeps elsewhere
 * has none. */
static void sleep_through_rt(struct step *step, const struct moment *moment)
{
    struct node_rt *node = step->node;
    params_idle_rt(step, moment->n);
    node->moved_to = moment->frame + moment->n;
    node->place = (unsigned)(step - moment->plan->steps);
    sleep_due_set_rt(moment->plan, node->place, node->n_moving || must_move_rt(step));
}

bool sleep_goes_on_rt(struct step *step, const struct moment *moment)
{
    struct node_rt *node = step->node;
    if (sleeps_rt(node) && (step->hears || step->plays || node->touched || moment->stays_awake)) {
        wake_rt(step, moment);
        return false;
    }
    sleep_through_rt(step, moment);
    return true;
}

void sleep_wake_rt(struct plan *plan, unsigned i)
{
    plan->steps[i].node->touched = true;
    sleep_due_set_rt(plan, i, true);
}

void sleep_clear_rt(struct step *step, const struct moment *moment)
{
    struct node_rt *node = step->node;
    if (node->slumber != SLUMBER_NONE && node->slumber != SLUMBER_NEAR)
        return;
    begin_rt(step, moment, step->io.voice->starts ? step->io.voice->stopped_at : step->io.voice->stops_at);
    if (node->class->sleeps.clear && !MUTANT_FLAW("soiled"))
        node->class->sleeps.clear(node->state);
}

void sleep_force_rt(struct step *step, const struct moment *moment)
{
    sleep_clear_rt(step, moment);
    gains_move_rt(step, moment->frame);
    for (unsigned m = 0; m < step->n_mixes; m++)
        mix_idle_rt(&step->mixes[m], moment->n);
    sleep_through_rt(step, moment);
}

/* The place may be one of another plan; then the node's is still due, for its first block. */
void sleep_touch_rt(const struct plan *plan, struct node_rt *node)
{
    if (!node->slumber)
        return;
    node->touched = true;
    if (node->place < plan->n_steps && plan->steps[node->place].node == node)
        sleep_due_set_rt(plan, node->place, true);
}

void sleep_idle_rt(struct step *step, uint64_t frame, uint32_t n)
{
    if (!sleeps_rt(step->node))
        return;
    gains_move_rt(step, frame);
    step->node->moved_to = frame + n;
}

/* ---- awake, with nothing to hear ------------------------------------------------------------------------------------ */

DAWD_CLONES static bool is_quiet(const float *x, unsigned n)
{
    unsigned loud = 0;
    for (unsigned i = 0; i < n; i++)
        loud |= !(fabsf(x[i]) < SLEEP_LEVEL);
    return !loud;
}

bool sleep_is_quiet_rt(const struct step *step, const struct moment *moment)
{
    const bool *still = step->io.still_out;
    for (unsigned c = 0; c < step->n_out; c++)
        if (!is_quiet(step->io.out[c], still && still[c] ? 1 : moment->n))
            return false;
    return true;
}

/* Who looks at a meter sees the level die away: a node that did not run would be at -200 dB all at once. */
static bool meter_is_empty_rt(const struct node_rt *node, const struct moment *moment)
{
    bool is_watched = atomic_load_explicit(&node->watched_until, memory_order_relaxed) > moment->frame;
    return !is_watched || node->quiet > (uint64_t)(METER_SLOTS + 1) * node->meter->slot_frames;
}

static void fall_asleep_rt(struct step *step)
{
    step->node->slumber = SLUMBER_NEAR;
    if (step->io.voice && step->node->class->ends_voices)
        step->io.voice->is_over = true;
}

void sleep_watch_rt(struct step *step, const struct moment *moment)
{
    struct node_rt *node = step->node;
    const struct node_sleep *how = &node->class->sleeps;
    if (moment->stays_awake)
        return;
    /* Values that arrive settle with the next block: whether that is still in this cell depends on the period. */
    if (node->loud_cell != moment->cell && (node->n_moving || !sleep_is_quiet_rt(step, moment)))
        node->loud_cell = moment->cell;
    if (!moment->cell_frames)
        return;
    node->quiet = node->loud_cell == moment->cell ? 0 : node->quiet + moment->cell_frames;
    if (node->quiet && meter_is_empty_rt(node, moment) &&
        (!how->settled || how->settled(node->state, moment->cell_frames, node->quiet)))
        fall_asleep_rt(step);
}
