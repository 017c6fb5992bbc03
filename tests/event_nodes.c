#include "tests/event_nodes.h"

static const struct port_info notes[] = {{"notes", "", .events = true}};
static const struct port_info one_out[] = {{"out", "", 1}};
static const struct param_info ear_params[] = {
    {"level", "", "", NULL, 0, 1, 0.5f, 0.01f},
    {"mode", "", "", NULL, 0, 3, 0, 0, .kind = PARAM_INTEGER},
    {"size", "", "", NULL, 1, 8, 2, 0, .kind = PARAM_INTEGER, .flags = PARAM_FIXED},
};
static const struct preset ear_presets[] = {
    {"soft", "", "level 0.25"},
    {"loud", "", "level 1.0 mode 2"},
    {"odd", "", "mode 3"},
};

static bool is_broken(const struct ear *ear, const struct node_io *io, const struct event *event, uint32_t last)
{
    unsigned on = ear->on[event->channel][(unsigned)(8 * event->note)];
    return event->offset < last || event->offset >= io->n || event->kind > EVENT_SOUND_OFF ||
           (event->kind == EVENT_NOTE_ON && (on || event->value <= 0)) || (event->kind == EVENT_NOTE_OFF && !on) ||
           (event->kind == EVENT_CONTROL && event->number >= CONTROL_SOUND_OFF);
}

static void ear_take(struct ear *ear, const struct node_io *io, const struct event *event)
{
    if (event->kind == EVENT_NOTE_ON) {
        ear->on[event->channel][(unsigned)(8 * event->note)]++;
        ear->n_on++;
    } else if (event->kind == EVENT_NOTE_OFF) {
        ear->on[event->channel][(unsigned)(8 * event->note)]--;
        ear->n_on--;
    }
    if (ear->n < EAR_MOST)
        ear->noted[ear->n++] = (struct noted){io->frame + event->offset, *event};
}

static void ear_process(void *state, const struct node_io *io)
{
    struct ear *ear = state;
    uint32_t last = 0;
    unsigned at = 0;
    for (unsigned i = 0; i < io->events->n; i++) {
        const struct event *event = &io->events->event[i];
        ear->n_broken += is_broken(ear, io, event, last);
        last = event->offset;
        for (; at < event->offset && at < io->n; at++)
            io->out[0][at] = (float)ear->n_on;
        ear_take(ear, io, event);
    }
    for (; at < io->n; at++)
        io->out[0][at] = (float)ear->n_on;
    ear->n_broken += ear->n_on > EVENTS_HELD_MOST;
    ear->n_blocks++;
}

static void piper_process(void *state, const struct node_io *io)
{
    struct piper *piper = state;
    for (; piper->next < piper->n && piper->plays[piper->next].frame < io->frame + io->n; piper->next++) {
        const struct noted *plays = &piper->plays[piper->next];
        struct event event = plays->event;
        event.offset = plays->frame > io->frame ? (uint32_t)(plays->frame - io->frame) : 0;
        event_put(io->events_out, &event);
        if (event.kind == EVENT_CONTROL)
            event_put(io->told, &event);
    }
    if (piper->breaks_at && piper->breaks_at < io->frame + io->n)
        fault_tell(io);
}

static void relay_process(void *state, const struct node_io *io)
{
    (void)state;
    for (unsigned i = 0; i < io->events->n; i++) {
        struct event event = io->events->event[i];
        event.note = event.kind <= EVENT_NOTE_PRESSURE ? event.note + 12 : event.note;
        event_put(io->events_out, &event);
    }
}

const struct node_class rig_ear = {.name = "ear",
                                   .params = ear_params,
                                   .n_params = ROWS(ear_params),
                                   .presets = ear_presets,
                                   .n_presets = ROWS(ear_presets),
                                   .inputs = notes,
                                   .n_inputs = 1,
                                   .outputs = one_out,
                                   .n_outputs = 1,
                                   .channels = 1,
                                   .sleeps = {.can = true},
                                   .state_bytes = sizeof(struct ear),
                                   .process = ear_process};
const struct node_class rig_piper = {.name = "piper",
                                     .outputs = notes,
                                     .n_outputs = 1,
                                     .channels = 1,
                                     .tells = true,
                                     .state_bytes = sizeof(struct piper),
                                     .process = piper_process};
const struct node_class rig_relay = {.name = "relay",
                                     .inputs = notes,
                                     .n_inputs = 1,
                                     .outputs = (const struct port_info[]){{"out", "", .events = true}},
                                     .n_outputs = 1,
                                     .channels = 1,
                                     .process = relay_process};
