#include "graph/watch_rt.h"

#include "graph/rt_only.h"

static uint64_t now_rt(const struct engine_rt *engine)
{
    return engine->clock.now_ns(engine->clock.self);
}

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
    atomic_store_explicit(&stats->overruns, 0, memory_order_relaxed);
    atomic_store_explicit(&stats->gaps, 0, memory_order_relaxed);
    atomic_store_explicit(&stats->lost_frames, 0, memory_order_relaxed);
    atomic_store_explicit(&stats->resets_done, asked, memory_order_release);
}

/* Behind is no gap but another clock: a server that has started anew. */
static void gap_rt(struct engine_rt *engine, const struct cycle *cycle)
{
    struct watch *watch = &engine->watch;
    uint32_t lost = cycle->time_frames - watch->next_time;
    if (cycle->has_time && watch->has_time && lost && lost <= INT32_MAX) {
        count_rt(&engine->stats.gaps, 1);
        count_rt(&engine->stats.lost_frames, lost);
    }
    watch->has_time = cycle->has_time;
    watch->next_time = cycle->time_frames + cycle->n_frames;
}

void watch_begin_rt(struct engine_rt *engine, const struct cycle *cycle)
{
    struct watch *watch = &engine->watch;
    watch->start_ns = cycle && cycle->budget_ns ? now_rt(engine) : 0;
    reset_rt(&engine->stats);
    if (cycle)
        gap_rt(engine, cycle);
    else
        watch->has_time = false;
}

void watch_end_rt(struct engine_rt *engine, const struct cycle *cycle)
{
    struct engine_stats *stats = &engine->stats;
    if (!cycle->budget_ns)
        return;
    uint64_t took_ns = now_rt(engine) - engine->watch.start_ns;
    histogram_add(&stats->process, took_ns);
    count_rt(&stats->overruns, took_ns > cycle->budget_ns);
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
