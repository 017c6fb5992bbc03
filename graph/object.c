/* Everything the audio thread will ever touch of a node is allocated and written here, before it is published: state,
 * parameters, readings, in one arena, whose pages are in memory by then. */
#include "graph/object_shared.h"

#include <stdlib.h>
#include <string.h>

#include "graph/note.h"

#define FADE_S 0.01 /* of a bypass: too short to be heard as a fade, too long for a click */

static unsigned width(const struct object_spec *spec, const struct node_class *class, const struct port_info *ports,
                      unsigned n_ports)
{
    unsigned n = 0;
    for (unsigned i = 0; i < n_ports; i++)
        if (node_class_has(class, spec->values, ports[i].number))
            n += port_info_channels(&ports[i], spec->channels);
    return n;
}

static struct meter *meter_new(const struct object_spec *spec, const struct node_class *class, struct arena *arena)
{
    bool is_of_inputs = !class->n_outputs;
    unsigned n = is_of_inputs ? width(spec, class, class->inputs, class->n_inputs)
                              : width(spec, class, class->outputs, class->n_outputs);
    struct meter *meter = arena_take(arena, sizeof *meter + n * sizeof meter->channels[0]);
    if (!meter)
        return NULL;
    meter->n_channels = n;
    meter->is_of_inputs = is_of_inputs;
    meter->slot_frames = (unsigned)(METER_SLOT_S * spec->rate_hz + 0.5);
    return meter;
}

/* Null when memory ran out. */
static struct dry_rt *dry_new(const struct object_spec *spec, const struct node_class *class, uint32_t delay_frames,
                              struct arena *arena)
{
    struct dry_rt *dry = arena_take(arena, sizeof *dry);
    unsigned n = width(spec, class, class->inputs, 1);
    if (!dry || delay_ring_init(&dry->ring, arena, n, delay_frames))
        return NULL;
    for (unsigned c = 0; c < n; c++)
        if (!(dry->out[c] = arena_take(arena, BLOCK_MAX * sizeof(float))))
            return NULL;
    return dry;
}

/* What only init knows the size of. */
static int late_fill(struct node_rt *object, const struct object_spec *spec)
{
    if (!object->latency_frames || !object->class->n_inputs)
        return 0;
    object->dry = dry_new(spec, object->class, object->latency_frames, &object->arena);
    return object->dry ? 0 : ERROR_INTERNAL;
}

/* 0 or ERROR_INTERNAL. */
static int events_fill(struct node_rt *object, const struct object_spec *spec)
{
    const struct node_class *class = object->class;
    if (port_info_of_events(class->inputs, class->n_inputs) < class->n_inputs) {
        if (!(object->inbox = arena_take(&object->arena, sizeof *object->inbox)))
            return ERROR_INTERNAL;
        object->inbox->next_end = NEVER;
        object->inbox->handed_most = spec->n_voices > 1 ? INBOX_VOICED : INBOX_HANDED;
        object->inbox->handed = arena_take_array(&object->arena, object->inbox->handed_most, sizeof *object->inbox->handed);
        if (!object->inbox->handed)
            return ERROR_INTERNAL;
    }
    if (class->voices_by)
        object->n_slots = (unsigned)spec->values[class->voices_by - 1] + POLYPHONY_SPARE;
    unsigned n_lists = object->n_slots ? object->n_slots : 1;
    if (port_info_of_events(class->outputs, class->n_outputs) < class->n_outputs) {
        if (!(object->outbox = arena_take_array(&object->arena, n_lists, sizeof *object->outbox)))
            return ERROR_INTERNAL;
        for (unsigned i = 0; i < n_lists; i++)
            object->outbox[i].frame = NEVER;
    }
    if (class->tells && !(object->told = arena_take(&object->arena, sizeof *object->told)))
        return ERROR_INTERNAL;
    object->slots = arena_take_array(&object->arena, object->n_slots, sizeof *object->slots);
    return object->slots ? 0 : ERROR_INTERNAL;
}

/* So many voices would make one block dear for a node that hears nothing yet. The way out of a voice has to find out by itself that
 * it hears nothing, for then the voice is over. One by itself may run until it has settled. */
static bool is_born_asleep(const struct node_class *class, const struct object_spec *spec)
{
    return spec->n_voices > 1 && class->sleeps.can && !class->ends_voices && !spec->bypassed;
}

static int node_fill(struct node_rt *object, const struct object_spec *spec, unsigned voice, struct error *error)
{
    const struct node_class *class = object->class;
    struct arena *arena = &object->arena;
    object->state = arena_take(arena, class->state_bytes);
    object->params = arena_take_array(arena, class->n_params, sizeof *object->params);
    object->glides = arena_take_array(arena, class->n_params, sizeof *object->glides);
    object->moving = arena_take_array(arena, class->n_params, sizeof *object->moving);
    object->ticks = arena_take_array(arena, class->n_params, sizeof *object->ticks);
    object->readings = arena_take_array(arena, class->n_readings, sizeof *object->readings);
    object->cost = arena_take(arena, sizeof *object->cost);
    object->meter = meter_new(spec, class, arena);
    object->media = arena_take_array(arena, class->n_params, sizeof(struct media *));
    if (!object->state || !object->params || !object->glides || !object->moving || !object->ticks || !object->readings ||
        !object->cost || !object->meter || !object->media || events_fill(object, spec))
        return error_set(error, ERROR_INTERNAL, "memory ran out for a node of type %s", class->name);
    for (unsigned r = 0; r < class->n_readings; r++)
        atomic_init(&object->readings[r], class->readings[r].initial);
    for (unsigned p = 0; p < class->n_params; p++) {
        object->ticks[p] = spec->notes ? note_ticks(spec->notes[p]) : 0;
        object->n_notes += object->ticks[p] != 0;
        object->params[p] = (struct param){.value = spec->values[p], .ticks = object->ticks[p]};
        glide_jump(&object->glides[p], spec->values[p]);
        object->media[p] = spec->media ? media_ref(spec->media[p]) : NULL;
    }
    if (spec->bypassed) {
        object->is_apart = object->bypassed = true;
        object->stopped = class->n_outputs != 0;
    }
    if (is_born_asleep(class, spec)) {
        object->slumber = SLUMBER_BORN;
        object->silent = true;
        atomic_init(&object->meter->measured_to, METER_ASLEEP);
    }
    object->fade_frames = (uint32_t)(FADE_S * spec->rate_hz + 0.5);
    struct node_init init = {.arena = arena,
                             .rate_hz = spec->rate_hz,
                             .channels = spec->channels,
                             .param = spec->values,
                             .media = (const struct media *const *)object->media,
                             .texts = spec->texts,
                             .disk = spec->disk,
                             .latency_frames = &object->latency_frames,
                             .voice = voice,
                             .again = spec->again,
                             .loudness = spec->loudness,
                             .streams = spec->streams,
                             .stock = spec->stock};
    object->is_ready = !class->init || class->init(object->state, &init, error) == 0;
    if (object->is_ready && !late_fill(object, spec))
        return 0;
    /* An init that ran out of memory need not say more than its code. */
    if (!error->code)
        error_set(error, ERROR_INTERNAL, "memory ran out for a node of type %s", class->name);
    return (int)error->code;
}

/* The voice-th of its twins. */
static int one_new(const struct node_class *class, const struct object_spec *spec, unsigned voice, struct node_rt **object,
                   struct error *error)
{
    *object = aligned_alloc(_Alignof(struct node_rt), sizeof **object);
    if (!*object)
        return error_set(error, ERROR_INTERNAL, "memory ran out for a node of type %s", class->name);
    memset(*object, 0, sizeof **object);
    (*object)->class = class;
    return node_fill(*object, spec, voice, error);
}

/* Known when there is one: the others need not be made to be refused. */
static int check_bytes(const struct node_rt *first, const struct object_spec *spec, struct error *error)
{
    if (spec->n_voices < 2 || !spec->most_bytes || first->arena.used_bytes <= spec->most_bytes / spec->n_voices)
        return 0;
    return error_set(
        error, ERROR_TOO_BIG,
        "%s takes %zu KiB in each of %u voices, and %zu KiB are left, what is leaving included (--limit memory=N)",
        first->class->name, first->arena.used_bytes >> 10, spec->n_voices, spec->most_bytes >> 10);
}

int object_node_new(const struct node_class *class, const struct object_spec *spec, struct node_rt **object,
                    struct error *error)
{
    struct node_rt **end = object;
    unsigned voice = 0;
    *object = NULL;
    do {
        if (one_new(class, spec, voice, end, error) || check_bytes(*object, spec, error)) {
            object_node_free(*object);
            *object = NULL;
            return (int)error->code;
        }
        end = &(*end)->twin;
    } while (++voice < spec->n_voices);
    return 0;
}

void object_node_fade_in(struct node_rt *object)
{
    for (; object; object = object->twin) {
        object->slumber = SLUMBER_NONE;
        object->silent = false;
        atomic_init(&object->meter->measured_to, 0);
        object->is_apart = true;
        object->has_no_dry = true;
        glide_start(&object->presence, 0, 1, object->fade_frames);
    }
}

void object_node_free(struct node_rt *object)
{
    for (struct node_rt *twin; object; object = twin) {
        twin = object->twin;
        if (object->is_ready && object->class->deinit)
            object->class->deinit(object->state);
        for (unsigned p = 0; object->media && p < object->class->n_params; p++)
            media_unref(object->media[p]);
        arena_deinit(&object->arena);
        free(object);
    }
}

#define LINE_BYTES (LINE_FRAMES * sizeof(float)) /* of one channel */

static struct line_rt *line_new(struct arena *arena, unsigned n_channels, uint32_t onset_frames)
{
    struct line_rt *line = arena_take(arena, sizeof *line);
    if (!line)
        return NULL;
    line->n_channels = n_channels;
    line->read_at = LINE_FRAMES - LINE_DELAY_FRAMES;
    glide_start(&line->onset, 0, 1, onset_frames);
    for (unsigned c = 0; c < n_channels; c++)
        if (!(line->channels[c] = arena_take(arena, LINE_BYTES)) ||
            !(line->out[c] = arena_take(arena, BLOCK_MAX * sizeof(float))))
            return NULL;
    return line;
}

static struct edge_rt *edge_one_new(unsigned line_channels, uint32_t onset_frames)
{
    struct edge_rt *object = calloc(1, sizeof *object);
    if (!object || !line_channels)
        return object;
    object->line = line_new(&object->arena, line_channels, onset_frames);
    if (object->line)
        return object;
    object_edge_free(object);
    return NULL;
}

struct edge_rt *object_edge_new(unsigned n_voices, unsigned line_channels, uint32_t onset_frames)
{
    struct edge_rt *first = NULL, **end = &first;
    for (unsigned i = 0; i < n_voices; i++, end = &(*end)->twin)
        if (!(*end = edge_one_new(line_channels, onset_frames))) {
            object_edge_free(first);
            return NULL;
        }
    return first;
}

void object_edge_clear(struct edge_rt *object)
{
    for (; object; object = object->twin)
        for (unsigned c = 0; object->line && c < object->line->n_channels; c++)
            memset(object->line->channels[c], 0, LINE_BYTES);
}

void object_edge_free(struct edge_rt *object)
{
    for (struct edge_rt *twin; object; object = twin) {
        twin = object->twin;
        arena_deinit(&object->arena);
        free(object);
    }
}
