/* The cycle. Each loop here is bounded by what control built (steps, edges, values of a change) or by a constant (the ring),
 * and the only call out of the process is reading the clock (graph/watch_rt.c), which the kernel answers from shared memory.
 *
 *     take the owner word -> drain the ring -> block, block, ... -> measure -> publish the time, give the word back
 *                             swap plans        what is due
 *                             start glides      mixes
 *                                               parameters
 *                                               process
 */
#include "graph/crew_rt.h"
#include "graph/denormals_rt.h"
#include "graph/engine_shared.h"
#include "graph/mutant.h"
#include "graph/schedule_shared.h"
#include "graph/sleep_rt.h"
#include "graph/watch_rt.h"

#include "graph/rt_only.h"

/* The acquire meets the release of whoever was inside before: all that one did to the engine is visible here. */
static bool enter_rt(struct engine_rt *engine)
{
    unsigned nobody = 0;
    if (atomic_compare_exchange_strong_explicit(&engine->owner, &nobody, 1, memory_order_acquire, memory_order_relaxed))
        return true;
    atomic_fetch_add_explicit(&engine->stats.refused, 1, memory_order_relaxed);
    return false;
}

/* The time first: who finds the engine free finds the time that belongs to it. */
static void leave_rt(struct engine_rt *engine)
{
    atomic_store_explicit(&engine->stats.clock, engine->frame, memory_order_release);
    transport_publish_rt(&engine->transport, engine->frame);
    atomic_store_explicit(&engine->owner, 0, memory_order_release);
}

/* Bounded: takes in what the ring can hold and no more, however fast control refills it. Whether there was anything. */
static bool drain_rt(struct engine_rt *engine)
{
    struct rt_message message;
    uint64_t n_values = 0;
    unsigned i;
    for (i = 0; i < CTL_TO_RT_CAPACITY && ring_pop(&engine->ctl_to_rt, &message); i++) {
        MUTANT(MUTANT_DRAIN);
        if (message.change) {
            n_values += message.change->n_values; /* it is control's again once it is applied */
            schedule_take_rt(engine, message.change);
            continue;
        }
        step_message_rt(engine, &message.value);
        watch_value_rt(engine, &message.value);
        n_values++;
    }
    watch_taken_rt(engine, n_values);
    return i > 0;
}

/* The objects of a large graph lie all over the second-level cache: asked for two steps ahead, they are there in time. */
static void prefetch_rt(const struct step *step, const struct step *end)
{
    if (step + 2 < end)
        __builtin_prefetch(step[2].node);
    if (step + 1 < end) {
        __builtin_prefetch(step[1].node->state);
        __builtin_prefetch(step[1].io.param);
    }
}

/* In spans of so many steps, of those that are due: the others take no time to speak of. */
static void steps_run_rt(struct engine_rt *engine, const struct moment *moment)
{
    struct plan *plan = engine->plan;
    for (unsigned i = sleep_next_rt(plan, 0); i < plan->n_steps;) {
        unsigned first = plan->n_steps, end = i;
        for (unsigned run = 0; run < engine->watch.span && i < plan->n_steps; run++) {
            prefetch_rt(&plan->steps[i], plan->steps + plan->n_steps);
            while (!plan->abreast[i])
                i--; /* to the first of those that run side by side */
            first = i < first ? i : first;
            end = i + plan->abreast[i];
            unit_run_rt(&plan->rooms[0], i, moment);
            i = sleep_next_rt(plan, end);
        }
        watch_span_rt(engine, first, end, moment->n);
    }
}

static void block_rt(struct engine_rt *engine, struct moment moment)
{
    uint64_t end = moment.frame + moment.n;
    bool is_cell_end = end / CELL_FRAMES != moment.frame / CELL_FRAMES;
    moment.engine = engine;
    moment.plan = engine->plan;
    moment.cell = engine->cell;
    moment.cell_frames = is_cell_end ? (unsigned)(end - engine->cell_from) : 0;
    moment.stays_awake = engine->stays_awake;
    engine->plan->music = (struct music){engine->transport.is_rolling, engine->transport.position, engine->transport.map};
    if (!engine->crew || !crew_round_rt(engine, &moment))
        steps_run_rt(engine, &moment);
    if (is_cell_end) {
        engine->cell++;
        engine->cell_from = end;
    }
    engine->frame = end;
    schedule_end_rt(engine);
    transport_advance_rt(&engine->transport, moment.n);
    schedule_tempo_rt(engine);
}

/* Blocks of fixed length but for the last, and where a change cuts: whatever JACK's period is, buffers have one size. A render
 * divides them at the ends of cells as well. */
static unsigned block_frames(const struct engine_rt *engine, const struct cycle *cycle, unsigned left)
{
    unsigned most = cycle->budget_ns ? BLOCK_MAX : CELL_FRAMES - (unsigned)(engine->frame % CELL_FRAMES);
    return left < most ? left : most;
}

/* Lets time pass without sound: gains and parameters go their ways, and what has a time takes effect at it. */
static void pass_rt(struct engine_rt *engine, unsigned n_frames, bool rolls)
{
    for (unsigned left = n_frames, n; left; left -= n) {
        n = schedule_begin_rt(engine, left, rolls);
        for (unsigned i = 0; i < engine->plan->n_steps; i++)
            step_idle_rt(&engine->plan->steps[i], engine->frame, n);
        engine->frame += n;
        engine->cell_from = engine->frame;
        schedule_end_rt(engine);
        if (rolls)
            transport_advance_rt(&engine->transport, n);
        schedule_tempo_rt(engine);
    }
}

static void clock_feed_rt(struct engine_rt *engine, uint64_t now_ns, bool is_idle)
{
    frame_clock_feed_rt(&engine->frame_clock,
                        &(struct frame_sight){engine->frame, now_ns, engine->transport.map->rate_hz, is_idle});
}

/* What a clock from outside says at a frame comes before the changes that control has for it. */
static unsigned chase_frames(struct engine_rt *engine, const struct cycle *cycle, unsigned done, unsigned n)
{
    struct chase_rt *chase = &engine->chase;
    if (chase->followed == CHASE_DRIVER && !done)
        chase_driver_rt(chase, &engine->transport, cycle, engine->frame);
    if (!chase->followed || chase->followed == CHASE_DRIVER)
        return n;
    const struct midi_port *port = cycle->midi ? cycle->midi[chase->followed - 1] : NULL;
    return chase_run_rt(chase, &engine->transport, port, engine->frame - done, done, n);
}

bool engine_cycle_rt(struct engine_rt *engine, const struct cycle *cycle)
{
    if (!enter_rt(engine))
        return false;
    /* What was lost has passed for everybody else who plays along. */
    unsigned lost = watch_begin_rt(engine, cycle);
    pass_rt(engine, lost, true);
    if (engine->watch.start_ns)
        clock_feed_rt(engine, engine->watch.start_ns, false);
    /* In each cycle, since a driver may call from another thread each time. */
    denormals_off_rt();
    if (engine->crew)
        crew_begin_rt(engine);
    if ((!MUTANT_FLAW("hesitant") && drain_rt(engine)) || lost)
        watch_drained_rt(engine);
    MUTANT(MUTANT_CYCLE);
    chase_begin_rt(&engine->chase);
    for (unsigned done = 0; done < cycle->n_frames;) {
        unsigned n = block_frames(engine, cycle, cycle->n_frames - done);
        n = schedule_begin_rt(engine, chase_frames(engine, cycle, done, n), true);
        block_rt(engine, (struct moment){
                             .ports = cycle->ports, .midi = cycle->midi, .offset = done, .n = n, .frame = engine->frame});
        done += n;
    }
    if (MUTANT_FLAW("hesitant") && drain_rt(engine))
        watch_drained_rt(engine);
    if (engine->crew)
        crew_end_rt(engine);
    watch_end_rt(engine, cycle);
    chase_end_rt(&engine->chase);
    leave_rt(engine);
    return true;
}

static bool idle_rt(struct engine_rt *engine, unsigned n_frames, bool rolls)
{
    if (!enter_rt(engine))
        return false;
    watch_begin_rt(engine, NULL);
    drain_rt(engine);
    pass_rt(engine, n_frames, rolls);
    if (rolls) /* these frames have passed by now */
        clock_feed_rt(engine, clock_read(&engine->clock), true);
    leave_rt(engine);
    return true;
}

bool engine_pass_rt(struct engine_rt *engine, unsigned n_frames)
{
    return idle_rt(engine, n_frames, false);
}

bool engine_idle_rt(struct engine_rt *engine, unsigned n_frames)
{
    return idle_rt(engine, n_frames, true);
}

void engine_xrun(struct engine_rt *engine)
{
    atomic_fetch_add_explicit(&engine->stats.xruns, 1, memory_order_relaxed);
}
