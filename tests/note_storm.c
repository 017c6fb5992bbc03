#include "tests/note_storm.h"

static uint32_t hash(uint64_t slot)
{
    uint64_t h = (slot + 1) * 0x9e3779b97f4a7c15u;
    h = (h ^ h >> 29) * 0xbf58476d1ce4e5b9u;
    return (uint32_t)(h >> 32);
}

/* The window of what may begin. */
struct storm {
    uint64_t on, period; /* frames; period 0: always */
    unsigned grid;       /* frames that events come at multiples of */
};

static bool may_begin(const struct storm *storm, uint64_t slot)
{
    return !storm->period || slot * STORM_SLOT % storm->period + 2 * STORM_SLOT < storm->on;
}

/* A number comes back after 48 slots, so it is off by then. Some lie between two keys. */
static bool note_of(const struct storm *storm, uint64_t slot, struct event *on, unsigned *n_slots)
{
    uint32_t h = hash(slot);
    *n_slots = 1 + (h >> 8) % STORM_SLOTS;
    *on = (struct event){.kind = EVENT_NOTE_ON,
                         .channel = slot % 4 == 0,
                         .note = (float)(36 + slot % 48) + (h >> 16) % 8 * 0.125f,
                         .value = (float)(1 + (h >> 20) % 127)};
    return h % 3 == 0 && may_begin(storm, slot);
}

static struct event controller_of(uint64_t slot)
{
    uint32_t h = hash(slot ^ 0x5555);
    float value = (float)(h % 128);
    uint8_t channel = h >> 10 & 1;
    switch (slot % 7) {
    case 0:
        return (struct event){.kind = EVENT_BEND, .channel = channel, .value = value / 63.5f - 1};
    case 1:
        return (struct event){.kind = EVENT_PRESSURE, .channel = channel, .value = value};
    case 2:
        return (struct event){.kind = EVENT_CONTROL, .channel = channel, .number = CONTROL_TIMBRE, .value = value};
    case 3:
        return (struct event){
            .kind = EVENT_CONTROL, .channel = channel, .number = CONTROL_PEDAL, .value = value > 96 ? 127 : 0};
    case 4:
        return (struct event){.kind = EVENT_CONTROL, .channel = channel, .number = h >> 16 & 31, .value = value};
    default:
        return (struct event){.kind = EVENT_CONTROL, .channel = channel, .number = CONTROL_MODULATION, .value = value};
    }
}

struct list {
    struct event *events;
    unsigned n, most;
    uint64_t from, end;
};

static void put(struct list *list, uint64_t frame, struct event event)
{
    if (frame < list->from || frame >= list->end || list->n == list->most)
        return;
    event.offset = (uint32_t)(frame - list->from);
    list->events[list->n++] = event;
}

/* All of a slot at one frame of it: offs, then a controller, then a note. */
static void slot_put(const struct storm *storm, uint64_t slot, struct list *list)
{
    uint64_t frame = slot * STORM_SLOT + hash(slot ^ 0xaaaa) % STORM_SLOT / storm->grid * storm->grid;
    struct event on;
    unsigned n_slots;
    for (uint64_t back = 1; back <= STORM_SLOTS && back <= slot; back++)
        if (note_of(storm, slot - back, &on, &n_slots) && n_slots == back)
            put(list, frame,
                (struct event){
                    .kind = EVENT_NOTE_OFF, .channel = on.channel, .note = on.note, .value = (float)(slot % 128)});
    if (slot % 3 == 0 && may_begin(storm, slot))
        put(list, frame, controller_of(slot));
    for (uint8_t channel = 0; slot && channel < 2 && may_begin(storm, slot - 1) && !may_begin(storm, slot); channel++) {
        put(list, frame, (struct event){.kind = EVENT_CONTROL, .channel = channel, .number = CONTROL_PEDAL});
        put(list, frame, (struct event){.kind = EVENT_BEND, .channel = channel});
    }
    if (note_of(storm, slot, &on, &n_slots))
        put(list, frame, on);
}

static unsigned fill(const struct storm *storm, uint64_t from, size_t n, struct event *events, unsigned most)
{
    struct list list = {events, 0, most, from, from + n};
    for (uint64_t slot = from / STORM_SLOT; slot * STORM_SLOT < from + n; slot++)
        slot_put(storm, slot, &list);
    return list.n;
}

unsigned storm_fill(uint64_t from, size_t n, struct event *events, unsigned most)
{
    return fill(&(struct storm){.grid = 1}, from, n, events, most);
}

static const struct param_info params[] = {
    {"on", "", "", NULL, 0, 1e9f, 0, 0, .kind = PARAM_INTEGER},
    {"period", "", "", NULL, 0, 1e9f, 0, 0, .kind = PARAM_INTEGER},
};
static const struct port_info notes[] = {{"notes", "", .events = true}};

static void storm_process(void *state, const struct node_io *io)
{
    struct storm storm = {(uint64_t)io->param[0].value, (uint64_t)io->param[1].value, STORM_GRID};
    (void)state;
    io->events_out->n = fill(&storm, io->frame, io->n, io->events_out->event, EVENTS_MOST);
}

const struct node_class rig_storm = {.name = "storm",
                                     .params = params,
                                     .n_params = ROWS(params),
                                     .outputs = notes,
                                     .n_outputs = 1,
                                     .channels = 1,
                                     .process = storm_process};
