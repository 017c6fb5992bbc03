/* The clock is looked at behind a span of steps and the difference is theirs; all else that is asked of the cycle (who overran,
 * what each node costs) is made of these differences. */
#include "graph/watch_rt.h"

#include "graph/mutant.h"
#include "graph/sleep_rt.h"

#include "graph/rt_only.h"

#define CLOSE_NS 1000000000 /* for how long every step is timed after an overrun */

/* One writer, the owner of the engine. */
static void count_rt(_Atomic uint64_t *counter, uint64_t n)
{
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n, memory_order_relaxed);
}

static void reset_rt(struct engine_stats *stats)
{
    uint32_t asked = atomic_load_explicit(&stats->resets_asked, memory_order_relaxed);
    if (asked == atomic_load_explicit(&stats->resets_done, memory_order_relaxed))
        return;
    histogram_clear(&stats->process);
    histogram_clear(&stats->applied);
    atomic_store_explicit(&stats->values, 0, memory_order_relaxed);
    atomic_store_explicit(&stats->overruns, 0, memory_order_relaxed);
    atomic_store_explicit(&stats->gaps, 0, memory_order_relaxed);
    atomic_store_explicit(&stats->lost_frames, 0, memory_order_relaxed);
    atomic_store_explicit(&stats->late, 0, memory_order_relaxed);
    atomic_store_explicit(&stats->late_frames, 0, memory_order_relaxed);
    atomic_store_explicit(&stats->unheard, 0, memory_order_relaxed);
    atomic_store_explicit(&stats->resets_done, asked, memory_order_release);
}

/* Behind is no gap but another clock: a server that has started anew. */
static unsigned gap_rt(struct engine_rt *engine, const struct cycle *cycle)
{
    struct watch *watch = &engine->watch;
    uint32_t lost = cycle->time_frames - watch->next_time;
    if (!cycle->has_time || !watch->has_time || lost > INT32_MAX)
        lost = 0;
    if (lost) {
        count_rt(&engine->stats.gaps, 1);
        count_rt(&engine->stats.lost_frames, lost);
    }
    watch->has_time = cycle->has_time;
    bool is_full = MUTANT_FLAW("brimful") && cycle->time_frames > UINT32_MAX - cycle->n_frames;
    watch->next_time = is_full ? UINT32_MAX : cycle->time_frames + cycle->n_frames;
    return lost;
}

/* How closely this cycle is looked at. */
static void mode_set_rt(struct engine_rt *engine, bool is_live)
{
    struct watch *watch = &engine->watch;
    watch->is_profiled = atomic_load_explicit(&engine->profile_until, memory_order_relaxed) > engine->frame;
    watch->is_timed = is_live || watch->is_profiled;
    watch->mark_ns = watch->is_timed ? clock_read(&engine->clock) : 0;
    watch->start_ns = is_live ? watch->mark_ns : 0;
    watch->longest = (struct watch_note){0};
    bool is_close = watch->is_profiled || (is_live && watch->start_ns < watch->close_until_ns);
    watch->span = is_close ? 1 : watch->is_timed ? WATCH_SPAN_STEPS : UINT32_MAX;
}

unsigned watch_begin_rt(struct engine_rt *engine, const struct cycle *cycle)
{
    reset_rt(&engine->stats);
    if (!cycle) {
        engine->watch.start_ns = 0;
        engine->watch.has_time = false;
        return 0;
    }
    mode_set_rt(engine, cycle->budget_ns != 0);
    return gap_rt(engine, cycle);
}

void watch_drained_rt(struct engine_rt *engine)
{
    if (engine->watch.is_timed)
        engine->watch.mark_ns = clock_read(&engine->clock);
}

/* ---- who takes how long --------------------------------------------------------------------------------------------- */

/* One step, or steps that have run side by side: each has a share, and who had a little more is nobody's to know. */
void watch_cost_rt(const struct engine_rt *engine, unsigned first, unsigned end, uint64_t took_ns, unsigned n)
{
    for (unsigned i = first; engine->watch.is_profiled && i < end; i++) {
        if (!sleep_is_due_rt(engine->plan, i))
            continue;
        struct cost *cost = engine->plan->steps[i].node->cost;
        count_rt(&cost->ns, took_ns * (i - first + 1) / (end - first) - took_ns * (i - first) / (end - first));
        count_rt(&cost->blocks, 1);
        count_rt(&cost->frames, n);
    }
}

void watch_longest_rt(struct engine_rt *engine, const struct watch_note *longest)
{
    if (engine->watch.is_timed)
        engine->watch.mark_ns = clock_read(&engine->clock);
    if (longest->took_ns > engine->watch.longest.took_ns)
        engine->watch.longest = *longest;
}

static void time_rt(struct engine_rt *engine, unsigned first, unsigned end, unsigned n)
{
    const struct plan *plan = engine->plan;
    struct watch *watch = &engine->watch;
    uint64_t now_ns = clock_read(&engine->clock), took_ns = now_ns - watch->mark_ns;
    watch->mark_ns = now_ns;
    if (took_ns > watch->longest.took_ns)
        watch->longest = (struct watch_note){
            WATCH_OVERRUN, plan->labels[first].sequence, plan->labels[end - 1].sequence, engine->frame, took_ns, 0};
    watch_cost_rt(engine, first, end, took_ns, n);
}

static void overrun_rt(struct engine_rt *engine, uint64_t took_ns)
{
    struct watch *watch = &engine->watch;
    count_rt(&engine->stats.overruns, 1);
    watch->longest.cycle_ns = took_ns;
    ring_push(&engine->notes, &watch->longest);
    watch->close_until_ns = watch->mark_ns + CLOSE_NS;
}

void watch_span_rt(struct engine_rt *engine, unsigned first, unsigned end, unsigned n)
{
    if (engine->watch.is_timed)
        time_rt(engine, first, end, n);
}

/* ---- the end -------------------------------------------------------------------------------------------------------- */

void watch_end_rt(struct engine_rt *engine, const struct cycle *cycle)
{
    struct engine_stats *stats = &engine->stats;
    if (!cycle->budget_ns)
        return;
    uint64_t took_ns = engine->watch.mark_ns - engine->watch.start_ns; /* the last span ended just now */
    histogram_add(&stats->process, took_ns);
    if (took_ns > cycle->budget_ns)
        overrun_rt(engine, took_ns);
    if (took_ns > atomic_load_explicit(&stats->worst_recent_ns, memory_order_relaxed))
        atomic_store_explicit(&stats->worst_recent_ns, took_ns, memory_order_relaxed);
    atomic_store_explicit(&stats->period_frames, cycle->n_frames, memory_order_relaxed);
}

/* What arrived after the cycle had begun, and still got into it, was there at once. */
void watch_value_rt(struct engine_rt *engine, const struct value_rt *value)
{
    uint64_t start_ns = engine->watch.start_ns;
    if (start_ns && value->arrived_ns)
        histogram_add(&engine->stats.applied, start_ns > value->arrived_ns ? start_ns - value->arrived_ns : 0);
}

void watch_taken_rt(struct engine_rt *engine, uint64_t n_values)
{
    if (n_values)
        count_rt(&engine->stats.values, n_values);
}

void watch_late_rt(struct engine_rt *engine, uint64_t n_frames)
{
    struct engine_stats *stats = &engine->stats;
    count_rt(&stats->late, 1);
    if (n_frames > atomic_load_explicit(&stats->late_frames, memory_order_relaxed))
        atomic_store_explicit(&stats->late_frames, n_frames, memory_order_relaxed);
}
