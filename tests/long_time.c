#include "tests/long_time.h"

#include <math.h>
#include <stdio.h>

#include "graph/ahead.h"
#include "tests/graph_check.h"

#define RATE_HZ      48000
#define PERIOD       8192
#define LFO_HZ       0.25
#define EVENT_CYCLES 61 /* between two events: some ten seconds */

struct timed_event {
    uint64_t at;
    unsigned *n_off_time;
};

static void on_time(void *user, const struct outcome *outcome)
{
    const struct timed_event *event = user;
    *event->n_off_time += outcome->error->code || outcome->frame != event->at;
}

/* A value, or a connection that comes or goes, somewhere in the cycle after the next. */
static void event_send(struct graph_rig *rig, struct timed_event *event, unsigned k, uint32_t *seed)
{
    event->at = ctl_clock(rig->ctl) + PERIOD + dice_below(seed, PERIOD);
    struct tx *tx = ahead_open(rig->ctl, 0.01, event->at);
    char script[100];
    MUST(tx, "no room for one event");
    snprintf(script, sizeof script, k % 2 ? "set g gain -%u 0.1" : k % 4 ? "disconnect l p" : "connect l p", k % 60);
    MUST(!graph_rig_stage(rig, tx, script), "%s: %s", script, rig->error.text);
    tx_commit(tx, (struct completion){on_time, event});
}

static void jumps_count(const struct graph_rig *rig, struct long_time *told, uint64_t expected)
{
    struct transport_now now = transport_look(&rig->ctl->engine->transport.view);
    told->n_jumps += ctl_clock(rig->ctl) != expected;
    told->n_jumps += now.position != (int64_t)expected || now.frame != expected;
}

/* Against a sine that began with the oscillator; it is heard at the probe. */
static double phase_error(struct graph_rig *rig)
{
    graph_rig_commit(rig, "fade 0; connect l q");
    graph_rig_run(rig, PERIOD);
    struct probe *probe = graph_rig_probe(rig, "q");
    probe->at = 0;
    uint64_t at = ctl_clock(rig->ctl);
    graph_rig_run(rig, 4096);
    double off = 0;
    for (unsigned i = 0; i < 4096; i++) {
        double cycles = fmod((double)(at + i) * LFO_HZ / RATE_HZ, 1);
        off = fmax(off, fabs((double)probe->take[0][i] - sin(2 * M_PI * cycles)));
    }
    return off / (2 * M_PI);
}

struct long_time long_time_run(uint32_t from_time, uint64_t n_frames, int loses)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    struct long_time told = {0};
    struct timed_event event = {0, &told.n_off_time};
    uint32_t seed = 5, time = from_time;
    graph_rig_commit(rig, "add l lfo rate=0.25; add g gain 1; add p probe 1; add q probe 1; connect l g; play; locate 0h");
    graph_rig_probe(rig, "p")->at = graph_rig_probe(rig, "q")->at = PROBE_FRAMES; /* listens only */
    for (uint64_t done = 0; done < n_frames; done += PERIOD) {
        if (done && done / PERIOD % EVENT_CYCLES == 0) {
            event_send(rig, &event, told.n_events, &seed);
            told.n_events++;
        }
        ctl_poll(rig->ctl);
        struct cycle cycle = {.n_frames = PERIOD, .ports = rig->offline.ports, .has_time = true, .time_frames = time};
        engine_cycle_rt(rig->ctl->engine, &cycle);
        told.n_wraps += time + PERIOD < time;
        time += PERIOD;
        if (done)
            jumps_count(rig, &told, done + PERIOD);
        if (loses && done / PERIOD == (uint64_t)loses)
            time += PERIOD;
    }
    ctl_poll(rig->ctl);
    told.n_frames = ctl_clock(rig->ctl);
    told.n_late = atomic_load(&rig->ctl->engine->stats.late);
    told.phase_error = phase_error(rig);
    graph_rig_free(rig);
    return told;
}
