/* The bound on every wait here is the work of a block: places are filled by those who run tasks, and tasks do not wait. */
#include "graph/crew_rt.h"

#include "graph/denormals_rt.h"
#include "graph/fault_rt.h"
#include "graph/heard_rt.h"
#include "graph/watch_rt.h"

#include "graph/rt_only.h"

#define SPIN_NS 50000 /* that a worker looks for the next round: longer than what lies between two blocks of a cycle */
#define LATE_NS 50000 /* that the audio thread waits for the last task before it counts */
#define RECENT  0.1   /* of the last cycle in what the work is taken to be: some ten cycles decide */

#if defined(__x86_64__) || defined(__i386__)
#define PAUSE() __builtin_ia32_pause()
#else
#define PAUSE() ((void)0)
#endif

#define NUMBER ((1u << CREW_ROUND_SHIFT) - 1)
#define PLACE  ((1u << CREW_PLACE_BITS) - 1)

/* ---- tasks ----------------------------------------------------------------------------------------------------------- */

/* What a thread keeps to itself while it takes part in a round. */
struct stint {
    struct crew *crew;
    unsigned number; /* of the member */
    uint64_t round;
    uint32_t n_done;  /* tasks that it has not reported yet */
    uint64_t mark_ns; /* when it was last looked at the clock; 0: it has had nothing to do since */
};

static void push_rt(struct crew *crew, uint64_t round, uint32_t task)
{
    uint32_t place = atomic_fetch_add_explicit(&crew->tail, 1, memory_order_relaxed);
    atomic_store_explicit(&crew->ready[place], round << CREW_ROUND_SHIFT | task, memory_order_release);
}

/* Steps first to last have taken the time since the last look. */
static uint64_t span_end_rt(struct stint *stint, unsigned first, unsigned last)
{
    struct crew *crew = stint->crew;
    struct crew_member *member = &crew->members[stint->number];
    const struct step_label *labels = crew->moment.engine->plan->labels;
    uint64_t now_ns = clock_read(&crew->moment.engine->clock), took_ns = now_ns - stint->mark_ns;
    stint->mark_ns = now_ns;
    member->busy_ns += took_ns;
    if (took_ns > member->longest.took_ns)
        member->longest = (struct watch_note){
            WATCH_OVERRUN, labels[first].sequence, labels[last].sequence, crew->moment.frame, took_ns, 0};
    return took_ns;
}

/* Closely watched, every unit is timed, otherwise the whole. */
static void steps_run_rt(struct stint *stint, const struct task *task)
{
    struct engine_rt *engine = stint->crew->moment.engine;
    struct plan *plan = engine->plan;
    const struct moment *moment = &stint->crew->moment;
    const uint32_t *steps = plan->task_steps + task->first;
    bool is_close = engine->watch.span == 1;
    for (unsigned i = 0; i < task->n; i++) {
        unsigned end = steps[i] + plan->abreast[steps[i]];
        if (unit_run_rt(&plan->rooms[stint->number], steps[i], moment) && is_close)
            watch_cost_rt(engine, steps[i], end, span_end_rt(stint, steps[i], end - 1), moment->n);
    }
    if (!is_close)
        span_end_rt(stint, steps[0], steps[task->n - 1]);
}

/* Runs it, and then one that it has made ready, and so on: what has just been written is at hand. */
static void task_run_rt(struct stint *stint, uint32_t t)
{
    struct plan *plan = stint->crew->moment.engine->plan;
    for (bool goes_on = true; goes_on;) {
        const struct task *task = &plan->tasks[t];
        steps_run_rt(stint, task);
        stint->n_done++;
        goes_on = false;
        for (unsigned i = 0; i < task->n_next; i++) {
            uint32_t next = plan->task_next[task->first_next + i];
            uint32_t arrived = 1 + atomic_fetch_add_explicit(&plan->tasks[next].arrived, 1, memory_order_acq_rel);
            if (arrived != plan->tasks[next].n_waits * plan->n_rounds)
                continue;
            if (goes_on)
                push_rt(stint->crew, stint->round, next);
            else
                t = next;
            goes_on = true;
        }
    }
}

/* Some of a share that lie together: several where many are left, one where few are, which others may take as well. */
static bool share_run_rt(struct stint *stint, unsigned whose)
{
    _Atomic uint64_t *share = &stint->crew->members[whose].share;
    uint64_t was = atomic_load_explicit(share, memory_order_acquire);
    unsigned at = was & PLACE, end = was >> CREW_PLACE_BITS & PLACE, n = 1 + (end - at) / 8;
    if (was >> CREW_ROUND_SHIFT != stint->round || at >= end ||
        !atomic_compare_exchange_strong_explicit(share, &was, was + n, memory_order_acq_rel, memory_order_relaxed))
        return false;
    if (!stint->mark_ns)
        stint->mark_ns = clock_read(&stint->crew->moment.engine->clock);
    for (unsigned i = at; i < at + n; i++)
        task_run_rt(stint, stint->crew->moment.engine->plan->task_first[i]);
    return true;
}

static bool queue_run_rt(struct stint *stint)
{
    struct crew *crew = stint->crew;
    uint64_t head = atomic_load_explicit(&crew->head, memory_order_acquire);
    if (head >> CREW_ROUND_SHIFT != stint->round)
        return false;
    uint64_t ready = atomic_load_explicit(&crew->ready[head & NUMBER], memory_order_acquire);
    if (ready >> CREW_ROUND_SHIFT != stint->round ||
        !atomic_compare_exchange_strong_explicit(&crew->head, &head, head + 1, memory_order_acq_rel, memory_order_relaxed))
        return false;
    if (!stint->mark_ns)
        stint->mark_ns = clock_read(&crew->moment.engine->clock);
    task_run_rt(stint, ready & NUMBER);
    return true;
}

static bool any_run_rt(struct stint *stint)
{
    unsigned n = stint->crew->n_threads;
    if (share_run_rt(stint, stint->number) || queue_run_rt(stint))
        return true;
    for (unsigned i = 1; i < n; i++)
        if (share_run_rt(stint, (stint->number + i) % n))
            return true;
    return false;
}

/* The last that is done for these tasks: from here on the plan may go. */
static void report_rt(struct stint *stint)
{
    if (stint->n_done)
        atomic_fetch_add_explicit(&stint->crew->done, stint->n_done, memory_order_release);
    stint->n_done = 0;
    stint->mark_ns = 0;
}

/* ---- the audio thread ------------------------------------------------------------------------------------------------ */

static bool can_share(const struct engine_rt *engine)
{
    const struct plan *plan = engine->plan;
    return plan->n_tasks > 1 && plan->n_tasks <= CREW_TASKS_MAX && plan->n_rooms >= engine->crew->n_threads;
}

void crew_begin_rt(struct engine_rt *engine)
{
    struct crew *crew = engine->crew;
    crew->from_ns = clock_read(&engine->clock);
    crew->is_shared = can_share(engine) && crew->work_ns >= (crew->is_shared ? crew->off_ns : crew->on_ns);
    for (unsigned i = 0; i < crew->n_threads; i++) {
        crew->members[i].busy_ns = 0;
        crew->members[i].longest = (struct watch_note){0};
    }
    if (!crew->is_shared)
        return;
    atomic_fetch_add(&crew->call, 1);
    if (atomic_load(&crew->n_asleep))
        crew->wake(crew->self);
}

static void round_start_rt(struct crew *crew, struct engine_rt *engine, const struct moment *moment)
{
    struct plan *plan = engine->plan;
    uint64_t round = ++crew->round;
    crew->moment = *moment;
    crew->moment.is_shared = true;
    crew->n_tasks = plan->n_tasks;
    plan->n_rounds++;
    atomic_store_explicit(&crew->tail, 0, memory_order_relaxed);
    atomic_store_explicit(&crew->done, 0, memory_order_relaxed);
    atomic_store_explicit(&crew->head, round << CREW_ROUND_SHIFT, memory_order_release);
    for (unsigned i = crew->n_threads; i-- > 0;) {
        uint64_t at = plan->n_task_first * i / crew->n_threads, end = plan->n_task_first * (i + 1) / crew->n_threads;
        atomic_store_explicit(&crew->members[i].share, round << CREW_ROUND_SHIFT | end << CREW_PLACE_BITS | at,
                              memory_order_release);
    }
}

static bool is_over(const struct crew *crew)
{
    return atomic_load_explicit(&crew->done, memory_order_acquire) == crew->n_tasks;
}

/* Takes part until all is done; what it has to wait for, others have claimed. */
static void round_run_rt(struct crew *crew, const struct engine_rt *engine)
{
    struct stint stint = {.crew = crew, .round = crew->round};
    uint64_t idle_ns = 0;
    for (;;) {
        if (any_run_rt(&stint)) {
            idle_ns = 0;
            continue;
        }
        report_rt(&stint);
        if (is_over(crew))
            break;
        idle_ns = idle_ns ? idle_ns : clock_read(&engine->clock);
        PAUSE();
    }
    if (idle_ns && clock_read(&engine->clock) - idle_ns > LATE_NS)
        atomic_fetch_add_explicit(&crew->n_late, 1, memory_order_relaxed);
}

bool crew_round_rt(struct engine_rt *engine, const struct moment *moment)
{
    struct crew *crew = engine->crew;
    if (!crew->is_shared || !can_share(engine))
        return false;
    round_start_rt(crew, engine, moment);
    round_run_rt(crew, engine);
    for (unsigned i = 0; i < crew->n_threads; i++)
        watch_longest_rt(engine, &crew->members[i].longest);
    if (atomic_exchange_explicit(&crew->has_faults, false, memory_order_relaxed))
        fault_tell_all_rt(&crew->moment);
    if (atomic_exchange_explicit(&crew->has_heard, false, memory_order_relaxed))
        heard_tell_all_rt(&crew->moment);
    return true;
}

void crew_end_rt(struct engine_rt *engine)
{
    struct crew *crew = engine->crew;
    double work_ns = (double)(clock_read(&engine->clock) - crew->from_ns);
    if (crew->is_shared) {
        work_ns = 0;
        for (unsigned i = 0; i < crew->n_threads; i++)
            work_ns += (double)crew->members[i].busy_ns;
        atomic_fetch_add_explicit(&crew->n_shared, 1, memory_order_relaxed);
    }
    crew->work_ns += RECENT * (work_ns - crew->work_ns);
}

/* ---- a worker -------------------------------------------------------------------------------------------------------- */

/* Until everything has been claimed in this round. Who looks has nothing to report and may be late. */
static void take_part_rt(struct stint *stint)
{
    while (any_run_rt(stint))
        ;
    report_rt(stint);
}

void crew_work_rt(struct crew *crew, unsigned member)
{
    struct stint stint = {.crew = crew, .number = member};
    uint64_t until_ns = 0, seen = 0;
    denormals_off_rt();
    do {
        for (unsigned i = 0; i < 64; i++) {
            stint.round = atomic_load_explicit(&crew->head, memory_order_acquire) >> CREW_ROUND_SHIFT;
            if (stint.round)
                take_part_rt(&stint);
            PAUSE();
        }
        uint64_t now_ns = clock_monotonic_rt(NULL);
        until_ns = stint.round == seen && until_ns ? until_ns : now_ns + SPIN_NS;
        seen = stint.round;
        if (now_ns > until_ns)
            return;
    } while (true);
}
