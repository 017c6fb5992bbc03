/* The loop is Adriaensen's, for cycles of any length: what is added to phase and rate goes with the time since the last one. The
 * line is a whole number of ns and a rest, so that it is as exact after a year as in the first second. */
#include "graph/frame_clock_shared.h"

#include <math.h>

#include "graph/rt_only.h"

#define BAND_HZ       0.1  /* a wake-up that is late by 1 ms moves the line by 5 us at 256 frames */
#define BAND_FIRST_HZ 2.0  /* of the first moments */
#define BAND_S        2.0  /* in which the one becomes the other */
#define OMEGA_MOST    0.5  /* beyond that, with cycles of many frames, the loop would ring */
#define FAR_NS        2e6  /* later than that is an accident, and counts as that late */
#define JUMP_NS       2e8  /* so long in a row it is none: the driver has stood still, or is another one */
#define LOW_S         10.0 /* in which the earliest cycles are forgotten */

static void show(struct frame_clock *clock)
{
    uint32_t turn = atomic_load_explicit(&clock->turn, memory_order_relaxed) + 1;
    struct frame_time_slot *slot = &clock->slots[turn % 2];
    uint64_t ns = clock->ns + (uint64_t)(int64_t)floor(clock->rest_ns + clock->low_ns);
    atomic_store_explicit(&slot->frame, clock->frame, memory_order_release);
    atomic_store_explicit(&slot->ns, ns, memory_order_release);
    atomic_store_explicit(&slot->ns_per_frame, clock->ns_per_frame, memory_order_release);
    atomic_store_explicit(&clock->turn, turn, memory_order_release);
}

static void begin(struct frame_clock *clock, const struct frame_sight *sight, double ns_per_frame)
{
    clock->frame = sight->frame;
    clock->ns = sight->now_ns;
    clock->rest_ns = clock->low_ns = clock->off_ns = 0;
    clock->ns_per_frame = ns_per_frame;
    clock->band_hz = BAND_FIRST_HZ;
    clock->is_idle = sight->is_idle;
}

static void advance(struct frame_clock *clock, double by_ns)
{
    double ns = clock->rest_ns + by_ns, whole = floor(ns);
    clock->ns += (uint64_t)(int64_t)whole;
    clock->rest_ns = ns - whole;
}

/* How much later than the line this cycle was, as far as that may count; false where the line has to begin anew. */
static bool error_of(struct frame_clock *clock, uint64_t now_ns, double passed_ns, double *error_ns)
{
    double e = (double)(int64_t)(now_ns - clock->ns) - clock->rest_ns;
    bool is_far = fabs(e) > FAR_NS;
    clock->off_ns = is_far ? clock->off_ns + passed_ns : 0;
    *error_ns = is_far ? copysign(FAR_NS, e) : e;
    return clock->off_ns <= JUMP_NS;
}

/* n frames after the last sight. */
static void follow(struct frame_clock *clock, const struct frame_sight *sight, uint64_t n)
{
    double passed_ns = (double)n * clock->ns_per_frame, passed_s = passed_ns * 1e-9, e;
    clock->frame = sight->frame;
    advance(clock, passed_ns);
    if (!error_of(clock, sight->now_ns, passed_ns, &e)) {
        begin(clock, sight, clock->ns_per_frame);
        return;
    }
    double omega = fmin(2 * M_PI * clock->band_hz * passed_s, OMEGA_MOST);
    double by_ns = M_SQRT2 * omega * e;
    advance(clock, by_ns);
    if (clock->off_ns == 0) /* an accident says nothing of the rate */
        clock->ns_per_frame += omega * omega * e / (double)n;
    clock->band_hz += (BAND_HZ - clock->band_hz) * fmin(passed_s / BAND_S, 1);
    /* Where the earliest are does not move with the line. */
    clock->low_ns = fmin(fmin(e, clock->low_ns * fmax(1 - passed_s / LOW_S, 0)) - by_ns, 0);
}

void frame_clock_feed_rt(struct frame_clock *clock, const struct frame_sight *sight)
{
    if (clock->ns_per_frame == 0 || clock->is_idle != sight->is_idle)
        begin(clock, sight, 1e9 / sight->rate_hz);
    else if (sight->frame != clock->frame)
        follow(clock, sight, sight->frame - clock->frame);
    show(clock);
}

void frame_clock_forget(struct frame_clock *clock)
{
    clock->ns_per_frame = 0;
    show(clock);
}

struct frame_time frame_clock_look(const struct frame_clock *clock)
{
    for (;;) {
        uint32_t turn = atomic_load_explicit(&clock->turn, memory_order_acquire);
        const struct frame_time_slot *slot = &clock->slots[turn % 2];
        struct frame_time time = {
            .frame = atomic_load_explicit(&slot->frame, memory_order_acquire),
            .ns = atomic_load_explicit(&slot->ns, memory_order_acquire),
            .ns_per_frame = atomic_load_explicit(&slot->ns_per_frame, memory_order_acquire),
        };
        if (atomic_load_explicit(&clock->turn, memory_order_relaxed) == turn)
            return time;
    }
}

/* A thousandth of a frame is what whole ns and the rounding of a tag may make of one. */
int64_t frame_time_frame(const struct frame_time *time, uint64_t ns)
{
    return (int64_t)time->frame + (int64_t)ceil((double)(int64_t)(ns - time->ns) / time->ns_per_frame - 0.001);
}

int64_t frame_time_ns(const struct frame_time *time, int64_t frame)
{
    return (int64_t)time->ns + (int64_t)floor((double)(frame - (int64_t)time->frame) * time->ns_per_frame);
}
