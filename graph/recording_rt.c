/* Each call is one of: off; a take that the disk has given up; a take whose beginning or whose gap cannot be told yet; sound. */
#include "graph/recording_shared.h"

#include "graph/rt_only.h"

#define MARKS_KEPT  2 /* for the end of a take: what is missing, and the end itself */
#define RESUME_PART 4 /* after a loss, this part of the room must be free: one long hole is better than many small ones */

static bool mark(struct recording *r, enum recording_event event, uint64_t frame)
{
    uint64_t sent = atomic_load_explicit(&r->sent, memory_order_relaxed);
    return ring_push(&r->marks, &(struct recording_mark){event, sent, frame, 0, 0, r->take});
}

/* Tells of what is missing. */
static bool mark_gap(struct recording *r)
{
    uint64_t sent = atomic_load_explicit(&r->sent, memory_order_relaxed);
    bool is_told = ring_push(&r->marks, &(struct recording_mark){RECORDING_GAP, sent, 0, r->missing, r->skipped, r->take});
    if (is_told)
        r->missing = r->skipped = 0;
    return is_told;
}

static bool has_marks(const struct recording *r, unsigned n)
{
    return RECORDING_MARKS - ring_fill(&r->marks) >= n;
}

static uint64_t room(struct recording *r, uint64_t wanted)
{
    uint64_t sent = atomic_load_explicit(&r->sent, memory_order_relaxed);
    if (r->capacity_frames - (sent - r->taken_seen) < wanted)
        r->taken_seen = atomic_load_explicit(&r->taken, memory_order_acquire);
    return r->capacity_frames - (sent - r->taken_seen);
}

static void send(struct recording *r, const float *const *in, unsigned from, unsigned n)
{
    uint64_t sent = atomic_load_explicit(&r->sent, memory_order_relaxed), at = sent % r->capacity_frames;
    for (unsigned done = 0, run; done < n; done += run) {
        run = r->capacity_frames - at < n - done ? (unsigned)(r->capacity_frames - at) : n - done;
        for (unsigned c = 0; c < r->channels; c++)
            for (unsigned i = 0; i < run; i++)
                r->frames[(at + i) * r->channels + c] = in[c][from + done + i];
        at = 0;
    }
    atomic_store_explicit(&r->sent, sent + n, memory_order_release);
}

static void end(struct recording *r)
{
    if (r->begun && r->missing)
        mark_gap(r);
    if (r->begun)
        mark(r, RECORDING_END, r->next_frame);
    r->on = r->begun = false;
    r->missing = r->skipped = 0;
}

static void begin(struct recording *r, uint64_t frame)
{
    r->on = true;
    r->take++;
    r->begin_frame = frame;
    r->lost = 0;
}

/* Whether sound can follow now: the take is known to the disk, and so is every frame that it lacks. */
static bool is_ready(struct recording *r)
{
    if (!r->begun)
        r->begun = has_marks(r, MARKS_KEPT + 1) && mark(r, RECORDING_BEGIN, r->begin_frame);
    if (r->begun && r->missing && has_marks(r, MARKS_KEPT + 1) &&
        room(r, r->capacity_frames / RESUME_PART) >= r->capacity_frames / RESUME_PART)
        mark_gap(r);
    return r->begun && !r->missing;
}

/* Where the driver has lost a moment, the take has as much silence in its place; where it was away, the take ends. */
static void bridge(struct recording *r, uint64_t frame)
{
    uint64_t hole = frame - r->next_frame;
    if (hole > r->capacity_frames / RECORDING_ROOM_S) {
        end(r);
        return;
    }
    r->missing += hole;
    r->skipped += hole;
    r->lost += hole;
}

void recording_run_rt(struct recording *recording, bool on, const float *const *in, unsigned from, unsigned n,
                      uint64_t frame)
{
    struct recording *r = recording;
    if (r->on && frame != r->next_frame)
        bridge(r, frame);
    if (r->on && !on)
        end(r);
    if (on && !r->on)
        begin(r, frame);
    r->next_frame = frame + n;
    if (!on || recording_has_failed_rt(r))
        return;
    uint64_t most = is_ready(r) ? room(r, n) : 0;
    unsigned fits = most < n ? (unsigned)most : n;
    if (fits)
        send(r, in, from, fits);
    r->lost += n - fits;
    r->missing += n - fits;
}

bool recording_is_on_rt(const struct recording *recording)
{
    return recording->on && recording->begun && !recording_has_failed_rt(recording);
}

bool recording_has_failed_rt(const struct recording *recording)
{
    return recording->take && atomic_load_explicit(&recording->failed_take, memory_order_relaxed) == recording->take;
}
