/* Connections: two port references become an edge between nodes, or the edge that there is already. */
#include <stdlib.h>

#include "graph/batch.h"
#include "graph/container.h"

/* The bottom is silence and not a millionth (plan.c); the top is a factor of 16. */
#define GAIN_DB_MIN -120.0f
#define GAIN_DB_MAX 24.0f

/* Only the client loses sight of the edge: it stays in the lists, and in the plans until its fade has ended. */
int tx_remove_edge(struct tx *tx, struct edge *edge, struct error *error)
{
    struct op *op = tx_op_next(tx, error);
    if (!op)
        return (int)error->code;
    *op = (struct op){
        .kind = OP_EDGE_REMOVE, .edge = edge, .old_fade_frames = edge->fade_frames, .old_wait_frames = edge->wait_frames};
    edge->fade_frames = tx->fade_frames;
    edge->wait_frames = 0;
    edge->touched_in = tx->ctl->batch->number;
    edge_set_live(&tx->ctl->model, edge, false);
    tx_op_done(tx);
    return 0;
}

/* Fills in a selection of channels: all of them where the reference names none. */
static int channels_select(const struct port_ref *ref, const char *text, unsigned width, unsigned *first, unsigned *n,
                           struct error *error)
{
    if (ref->first + ref->n_channels > width)
        return error_set(error, ERROR_NO_SUCH_PORT, "\"%s\" asks for channel %u of a port that has %u", text,
                         ref->first + ref->n_channels, width);
    *first = ref->first;
    *n = ref->n_channels ? ref->n_channels : width;
    return 0;
}

/* Resolves both ends into an edge that is not in the model: a pattern to look for, or to copy. */
static int edge_resolve(const struct model *model, const char *from, const char *to, struct edge *edge, struct error *error)
{
    struct port_ref source, target;
    *edge = (struct edge){.depth = 1.0f};
    if (port_ref_parse(from, &source, error) || port_ref_parse(to, &target, error))
        return (int)error->code;
    if (!(edge->from = model_get(model, source.node, error)) || !(edge->to = model_get(model, target.node, error)))
        return (int)error->code;
    if (node_output_find(edge->from, source.port, &edge->from_port, error) ||
        node_input_find(edge->to, target.port, &edge->to_port, error))
        return (int)error->code;
    unsigned from_width = node_output_channels(edge->from, edge->from_port);
    unsigned to_width = node_input_channels(edge->to, edge->to_port);
    if (channels_select(&source, from, from_width, &edge->from_first, &edge->n_from, error) ||
        channels_select(&target, to, to_width, &edge->to_first, &edge->n_to, error))
        return (int)error->code;
    return 0;
}

/* The live edge between these ports and channels, with or without feedback; or null. */
static struct edge *edge_find_live(const struct edge *like)
{
    struct edge either = *like;
    for (unsigned i = 0; i < 2; i++) {
        either.is_feedback = i;
        struct edge *edge = edge_find(&either);
        if (edge && edge->live)
            return edge;
    }
    return NULL;
}

/* Last of the checks, since it alone changes something: the order, which is as right without the edge as with it. */
static int loop_check(struct ctl *ctl, const struct edge *edge, const struct edge_spec *spec, struct error *error)
{
    const struct edge *live = edge_find_live(edge);
    if (live && live->is_feedback != edge->is_feedback)
        return error_set(error, ERROR_CONFLICT, "%s is connected to %s %s feedback: /graph/disconnect first, or connect %s",
                         spec->from, spec->to, live->is_feedback ? "with" : "without",
                         live->is_feedback ? "with feedback again" : "without it again");
    if (edge->is_feedback || order_admit(&ctl->order, LAYER_MODEL, edge->from, edge->to))
        return 0;
    char path[300];
    order_path(edge->from, edge->to, path, sizeof path);
    return error_set(error, ERROR_CYCLE, "%s to %s would close the loop %s; with \"feedback\" it may, 256 frames later",
                     spec->from, spec->to, path);
}

bool edge_widths_fit(const struct edge *edge)
{
    bool has_events = !edge->n_from, takes_events = !edge->n_to;
    return has_events == takes_events && (edge->n_from == edge->n_to || edge->n_from == 1 || edge->n_to == 1);
}

/* Of a connection of which one end at least is for events. */
static int events_check(const struct edge *edge, const struct edge_spec *spec, struct error *error)
{
    if (edge->n_from)
        return error_set(error, ERROR_BAD_TYPE, "%s takes notes and controllers, %s gives sound", spec->to, spec->from);
    if (edge->n_to)
        return error_set(error, ERROR_BAD_TYPE,
                         "%s gives notes and controllers, %s takes %s; a midi_cv makes signals of notes", spec->from,
                         spec->to, edge->to_port < edge->to->class->n_inputs ? "sound" : "a signal");
    if (spec->gain_db != 0 || spec->has_depth || spec->is_feedback)
        return error_set(error, ERROR_BAD_TYPE, "%s gives notes and controllers: there is no %s to that", spec->from,
                         spec->gain_db != 0 ? "gain"
                         : spec->has_depth  ? "depth"
                                            : "feedback");
    return 0;
}

/* How far is for the client to say; the unit is what it has to know for that. The example is a power of ten that fits the range. */
static int depth_ask(const struct edge *edge, const struct edge_spec *spec, struct error *error)
{
    const struct param_info *info = node_class_row(edge->to->class, edge->to_port - edge->to->class->n_inputs);
    if (info->curve == CURVE_LOG)
        return error_set(error, ERROR_BAD_TYPE,
                         "%s is a parameter: say how many octaves a signal of 1 moves it, as in \"depth 1\", which keeps a "
                         "pitch in tune",
                         spec->to);
    return error_set(error, ERROR_BAD_TYPE, "%s is a parameter: say how %s%s a signal of 1 moves it, as in \"depth %g\"",
                     spec->to, *info->unit ? "many " : "far", info->unit,
                     pow(10, floor(log10((double)(info->max - info->min) / 5))));
}

static int edge_check(struct ctl *ctl, const struct edge *edge, const struct edge_spec *spec, struct error *error)
{
    if (container_check_edge(edge->from, edge->to, error))
        return (int)error->code;
    bool modulates = edge->to_port >= edge->to->class->n_inputs;
    if ((!edge->n_from || !edge->n_to) && events_check(edge, spec, error))
        return (int)error->code;
    if (!edge_widths_fit(edge))
        return error_set(
            error, ERROR_BAD_TYPE,
            "%s has %u channels, %s has %u: widths must be equal, or one of them 1; NODE:PORT.2 selects a channel",
            spec->from, edge->n_from, spec->to, edge->n_to);
    if (modulates && !spec->has_depth)
        return depth_ask(edge, spec, error);
    if (!modulates && spec->has_depth)
        return error_set(error, ERROR_BAD_TYPE, "%s is no parameter, so it takes no depth; \"gain -6\" sets a level",
                         spec->to);
    if (!isfinite(spec->depth))
        return error_set(error, ERROR_BAD_VALUE, "depth must be a finite number");
    /* Asked this way round, the question refuses NaN too. */
    if (!(spec->gain_db >= GAIN_DB_MIN && spec->gain_db <= GAIN_DB_MAX))
        return error_set(error, ERROR_RANGE, "gain %g dB is outside its range %g to %g dB", (double)spec->gain_db,
                         (double)GAIN_DB_MIN, (double)GAIN_DB_MAX);
    return loop_check(ctl, edge, spec, error);
}

/* A new edge in the lists, not live yet. */
static struct edge *edge_make(const struct edge *like, uint64_t sequence)
{
    struct edge *edge = malloc(sizeof *edge);
    struct edge_rt *object = object_edge_new(edge_voices(like), like->is_feedback ? like->n_from : 0, like->fade_frames);
    if (!edge || !object) {
        free(edge);
        object_edge_free(object);
        return NULL;
    }
    *edge = *like;
    edge->object = object;
    edge->sequence = sequence;
    edge_link(edge);
    return edge;
}

int tx_put_edge(struct tx *tx, const struct edge *wanted, struct error *error)
{
    struct ctl *ctl = tx->ctl;
    struct op *op = tx_op_next(tx, error);
    if (!op)
        return (int)error->code;
    struct edge *edge = edge_find(wanted);
    if (!(edge && edge->live) && ctl->model.n_edges >= ctl->limits.most[LIMIT_CONNECTIONS])
        return error_set(error, ERROR_TOO_BIG, "there are %u connections, as many as may be (--limit connections=N)",
                         ctl->model.n_edges);
    /* One that still fades is taken up again, and its gain turns round where it is: no second edge, no click. */
    bool is_new = !edge, is_live = edge && edge->live;
    uint64_t place = tx->place ? tx->place : is_live ? edge->sequence : ++ctl->model.n_connected;
    if (is_new && !(edge = edge_make(wanted, place)))
        return error_set(error, ERROR_INTERNAL, "memory ran out for the connection");
    *op = (struct op){.kind = is_live ? OP_EDGE_SET : OP_EDGE_ADD,
                      .edge = edge,
                      .made = is_new,
                      .old_gain_db = edge->gain_db,
                      .old_depth = edge->depth,
                      .old_fade_frames = edge->fade_frames,
                      .old_wait_frames = edge->wait_frames,
                      .old_sequence = edge->sequence};
    /* It is as new to the client, and to the order of sums: what a dump of the graph says must build the same. */
    if (!is_live && !is_new)
        edge_move(edge, place);
    if (!is_live)
        edge_set_live(&ctl->model, edge, true);
    edge->gain_db = wanted->gain_db;
    edge->depth = wanted->depth;
    edge->fade_frames = wanted->fade_frames;
    edge->wait_frames = tx->is_exchange ? tx->fade_frames : 0;
    edge->touched_in = ctl->batch->number;
    tx->place = 0;
    tx_op_done(tx);
    return 0;
}

/* Where there is no new loop this only moves nodes to their places in the order. */
int tx_put_edge_like(struct tx *tx, const struct edge *wanted, struct error *error)
{
    if (!wanted->is_feedback)
        order_admit(&tx->ctl->order, LAYER_MODEL, wanted->from, wanted->to);
    return tx_put_edge(tx, wanted, error);
}

int tx_connect(struct tx *tx, const struct edge_spec *spec, struct error *error)
{
    struct edge wanted;
    if (edge_resolve(&tx->ctl->model, spec->from, spec->to, &wanted, error))
        return (int)error->code;
    wanted.is_feedback = spec->is_feedback;
    wanted.gain_db = spec->gain_db;
    wanted.depth = spec->has_depth ? spec->depth : 1.0f;
    wanted.fade_frames = tx->fade_frames;
    if (edge_check(tx->ctl, &wanted, spec, error))
        return (int)error->code;
    return tx_put_edge(tx, &wanted, error);
}

int tx_disconnect(struct tx *tx, const char *from, const char *to, struct error *error)
{
    struct edge wanted;
    if (edge_resolve(&tx->ctl->model, from, to, &wanted, error))
        return (int)error->code;
    struct edge *edge = edge_find_live(&wanted);
    if (!edge)
        return error_set(error, ERROR_CONFLICT, "%s is not connected to %s", from, to);
    return tx_remove_edge(tx, edge, error);
}
