#include "tests/graph_copy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/graph_check.h"

#define LOUDEST 1000 /* of what is mixed: a loop of which no more than that is known has no bound that says anything */

static double factor(double db)
{
    return db <= -120 ? 0 : pow(10, db / 20);
}

unsigned graph_copy_find(const struct graph_copy *copy, const char *name)
{
    unsigned i = 0;
    while (i < COPY_NODES && !(copy->nodes[i].live && strcmp(copy->nodes[i].name, name) == 0))
        i++;
    return i;
}

static void parcel_add(struct graph_copy_way *way, const struct graph_copy_parcel *like,
                       const struct graph_copy_action *actions)
{
    MUST(way->n < COPY_PARCELS, "too much is on its way");
    struct graph_copy_parcel *parcel = &way->parcels[way->n++];
    *parcel = *like;
    parcel->actions = calloc(like->n + 1, sizeof *actions);
    ck_assert_ptr_nonnull(parcel->actions);
    memcpy(parcel->actions, actions, like->n * sizeof *actions);
}

void graph_copy_act(struct graph_copy *copy, bool pending, struct graph_copy_action action)
{
    MUST(copy->n_pending < COPY_ACTIONS, "too many actions");
    if (pending)
        copy->pending[copy->n_pending++] = action;
    else
        parcel_add(copy->way, &(struct graph_copy_parcel){.n = 1}, &action);
}

unsigned graph_copy_row(const struct node_class *class, const char *param)
{
    unsigned row = 0;
    while (strcmp(class->params[row].name, param) != 0)
        MUST(++row < class->n_params, "%s has no %s", class->name, param);
    return row;
}

unsigned graph_copy_add(struct graph_copy *copy, const char *name, const struct node_class *class, unsigned channels)
{
    unsigned i = 0;
    while (copy->nodes[i].used)
        MUST(++i < COPY_NODES, "too many nodes that leave");
    struct graph_copy_node *node = &copy->nodes[i];
    *node = (struct graph_copy_node){.used = true, .live = true, .class = class, .channels = channels};
    snprintf(node->name, sizeof node->name, "%s", name);
    for (unsigned row = 0; row < class->n_params; row++) {
        node->values[row] = class->params[row].initial;
        node->lines[row] = (struct graph_copy_line){.to = (double)class->params[row].initial};
    }
    graph_copy_act(copy, true, (struct graph_copy_action){COPY_START, i, 0, 0, 0});
    return i;
}

struct graph_copy_edge *graph_copy_edge_find(struct graph_copy *copy, const struct graph_copy_edge *like)
{
    for (unsigned i = 0; i < COPY_EDGES; i++) {
        struct graph_copy_edge *edge = &copy->edges[i];
        if (edge->used && edge->from == like->from && edge->to == like->to && edge->modulates == like->modulates &&
            edge->is_feedback == like->is_feedback && edge->from_first == like->from_first &&
            edge->n_from == like->n_from && edge->to_first == like->to_first && edge->n_to == like->n_to)
            return edge;
    }
    return NULL;
}

struct graph_copy_edge *graph_copy_edge_take(struct graph_copy *copy, const struct graph_copy_edge *like)
{
    struct graph_copy_edge *edge = graph_copy_edge_find(copy, like);
    for (unsigned i = 0; !edge; i++) {
        MUST(i < COPY_EDGES, "too many edges that leave");
        if (!copy->edges[i].used)
            edge = &copy->edges[i];
    }
    if (!edge->used)
        *edge = *like;
    edge->used = edge->live = true;
    return edge;
}

void graph_copy_remove(struct graph_copy *copy, unsigned which, uint32_t fade_frames)
{
    copy->nodes[which].live = false;
    for (unsigned i = 0; i < COPY_EDGES; i++) {
        struct graph_copy_edge *edge = &copy->edges[i];
        if (edge->live && (edge->from == which || edge->to == which)) {
            edge->live = false;
            edge->fade_frames = fade_frames;
        }
    }
}

bool graph_copy_leads(const struct graph_copy *copy, unsigned from, unsigned to)
{
    if (from == to)
        return true;
    for (unsigned i = 0; i < COPY_EDGES; i++)
        if (copy->edges[i].live && !copy->edges[i].is_feedback && copy->edges[i].from == from &&
            graph_copy_leads(copy, copy->edges[i].to, to))
            return true;
    return false;
}

/* The gains as they are wanted now. */
static void wishes_add(struct graph_copy *copy)
{
    for (unsigned i = 0; i < COPY_EDGES; i++) {
        struct graph_copy_edge *edge = &copy->edges[i];
        if (!edge->used || (!edge->live && !edge->was_live)) { /* what fades goes on as it began */
            edge->used &= edge->is_sent;
            continue;
        }
        edge->was_live = edge->live;
        edge->is_sent = true;
        graph_copy_act(copy, true,
                       (struct graph_copy_action){COPY_WANT, i, edge->live,
                                                  edge->live ? factor(edge->gain_db) * edge->depth : 0, edge->fade_frames});
    }
}

void graph_copy_send(struct graph_copy *copy, struct graph_copy_parcel like)
{
    if (like.has_plan)
        wishes_add(copy);
    like.n = copy->n_pending;
    parcel_add(copy->way, &like, copy->pending);
    copy->n_pending = 0;
    copy->is_open = false;
}

/* ---- taking effect -------------------------------------------------------------------------------------------------- */

static void action_apply(struct graph_copy *copy, const struct graph_copy_action *action)
{
    struct graph_copy_edge *edge = &copy->edges[action->which];
    if (action->kind == COPY_START) {
        copy->nodes[action->which].runs = true;
    } else if (action->kind == COPY_VALUE) {
        graph_copy_value(copy, action);
    } else if (action->kind == COPY_WANT) {
        edge->runs = true;
        edge->wants_life = action->row;
        edge->wanted = action->value;
        edge->wanted_frames = action->frames;
    }
}

/* The parcel is through, and forgotten. */
static void parcel_apply(struct graph_copy *copy, unsigned which)
{
    struct graph_copy_way *way = copy->way;
    struct graph_copy_parcel parcel = way->parcels[which];
    graph_copy_tempo(copy, &parcel);
    for (unsigned i = 0; i < parcel.n; i++)
        action_apply(copy, &parcel.actions[i]);
    free(parcel.actions);
    way->is_replanned |= parcel.has_plan;
    memmove(&way->parcels[which], &way->parcels[which + 1], (--way->n - which) * sizeof parcel);
}

/* The oldest one inside that waits in order, or way->n. */
static unsigned first_in_order(const struct graph_copy_way *way)
{
    unsigned i = 0;
    while (i < way->n && !(way->parcels[i].is_inside && way->parcels[i].in_order))
        i++;
    return i;
}

/* What has no time takes effect at once, unless it has to wait behind something. */
void graph_copy_take(struct graph_copy *copy)
{
    struct graph_copy_way *way = copy->way;
    for (unsigned i = 0; i < way->n;) {
        struct graph_copy_parcel *parcel = &way->parcels[i];
        if (!parcel->is_inside && !parcel->at && !(parcel->in_order && first_in_order(way) < way->n)) {
            parcel_apply(copy, i);
        } else {
            parcel->is_inside = true;
            i++;
        }
    }
}

static bool may_cut(const struct graph_copy_way *way, uint64_t frame)
{
    return frame % 256 == 0 || frame == way->cut_at || frame / 256 != way->cut_at / 256 || way->n_cuts < 8;
}

static void count_cut(struct graph_copy_way *way, uint64_t frame)
{
    if (way->cut_at == frame)
        return;
    way->n_cuts = (way->cut_at / 256 == frame / 256 ? way->n_cuts : 0) + (frame % 256 != 0);
    way->cut_at = frame;
}

static void plans_due(struct graph_copy *copy)
{
    struct graph_copy_way *way = copy->way;
    for (unsigned i;
         (i = first_in_order(way)) < way->n && way->parcels[i].at <= copy->frame && may_cut(way, copy->frame);) {
        if (way->parcels[i].at)
            count_cut(way, copy->frame);
        parcel_apply(copy, i);
    }
}

/* The one that is due and was due first, or way->n. */
static unsigned first_value_due(const struct graph_copy *copy)
{
    const struct graph_copy_way *way = copy->way;
    unsigned first = way->n;
    for (unsigned i = 0; i < way->n; i++) {
        const struct graph_copy_parcel *parcel = &way->parcels[i];
        if (parcel->is_inside && !parcel->in_order && parcel->at <= copy->frame &&
            (first == way->n || parcel->at < way->parcels[first].at))
            first = i;
    }
    return first;
}

/* What cuts may have to wait, and with it all that is due behind it. */
static void values_due(struct graph_copy *copy)
{
    for (unsigned i; (i = first_value_due(copy)) < copy->way->n;) {
        bool cuts = graph_copy_turns_notes(copy, &copy->way->parcels[i]);
        if (cuts && !may_cut(copy->way, copy->frame))
            return;
        if (cuts)
            count_cut(copy->way, copy->frame);
        parcel_apply(copy, i);
    }
}

void graph_copy_due(struct graph_copy *copy)
{
    plans_due(copy);
    values_due(copy);
    if (!copy->way->is_replanned)
        return;
    copy->way->is_replanned = false;
    for (unsigned i = 0; i < COPY_EDGES; i++) {
        struct graph_copy_edge *edge = &copy->edges[i];
        bool is_last = edge->runs && !edge->wants_life && !edge->leaves;
        edge->leaves = edge->runs && !edge->wants_life;
        if (edge->used && (edge->wanted != edge->gain.to || is_last))
            edge->gain = (struct graph_copy_line){graph_copy_line_now(&edge->gain), edge->wanted, 0, edge->wanted_frames};
    }
}

bool graph_copy_edge_is_silent(const struct graph_copy_edge *edge)
{
    return !edge->live && edge->wanted == 0 && graph_copy_line_now(&edge->gain) == 0;
}

/* Forgets what is silent and gone. */
void graph_copy_sweep(struct graph_copy *copy)
{
    bool is_needed[COPY_NODES] = {false};
    if (copy->is_open || copy->way->n)
        return;
    for (unsigned i = 0; i < COPY_EDGES; i++) {
        struct graph_copy_edge *edge = &copy->edges[i];
        if (edge->used && graph_copy_edge_is_silent(edge))
            edge->used = false;
        if (edge->used)
            is_needed[edge->from] = is_needed[edge->to] = true;
    }
    for (unsigned i = 0; i < COPY_NODES; i++)
        if (!copy->nodes[i].live && !is_needed[i])
            copy->nodes[i].used = false;
}

/* ---- sound ---- */

/* Adds up what arrives at a channel (of the parameter, or of the sound input), and how much was mixed for it. */
static double arrives(struct graph_copy *copy, unsigned which, bool modulates, unsigned channel, double *loudness)
{
    double sum = 0;
    for (unsigned i = 0; i < COPY_EDGES; i++) {
        const struct graph_copy_edge *edge = &copy->edges[i];
        if (!edge->used || edge->to != which || edge->modulates != modulates || channel < edge->to_first ||
            channel >= edge->to_first + edge->n_to)
            continue;
        double gain = graph_copy_line_now(&edge->gain), x = 0, loud = 0;
        const struct graph_copy_node *from = &copy->nodes[edge->from];
        unsigned past = copy->frame % COPY_DELAY;
        if (!edge->is_feedback)
            graph_copy_compute(copy, edge->from);
        unsigned n = edge->n_to == 1 ? edge->n_from : 1,
                 first = edge->n_to == 1 || edge->n_from == 1 ? 0 : channel - edge->to_first;
        for (unsigned c = 0; c < n; c++) {
            unsigned at = edge->from_first + first + c;
            x += (edge->is_feedback ? edge->sound[past][at] : from->sound[at]) / n;
            loud += (edge->is_feedback ? edge->loudness[past][at] : from->loudness[at]) / n;
        }
        sum += gain * x;
        *loudness += fabs(gain) * loud;
    }
    return sum;
}

void graph_copy_compute(struct graph_copy *copy, unsigned which)
{
    struct graph_copy_node *node = &copy->nodes[which];
    if (node->computed == copy->frame + 1)
        return;
    node->computed = copy->frame + 1;
    double db = 0, loudness = 0;
    if (strcmp(node->class->name, "gain") == 0)
        db = fmin(24, fmax(-120, graph_copy_line_now(&node->lines[0]) + arrives(copy, which, true, 0, &loudness)));
    for (unsigned c = 0; c < node->channels; c++) {
        node->loudness[c] = 1;
        if (strcmp(node->class->name, "input") == 0) {
            node->sound[c] = (double)graph_rig_noise(c, copy->frame);
        } else if (strcmp(node->class->name, "osc") == 0) {
            node->sound[c] = node->runs
                                 ? sin(2 * M_PI * node->phase) *
                                       factor(graph_copy_line_now(&node->lines[graph_copy_row(node->class, "level")]))
                                 : 0;
        } else {
            double dry = graph_copy_line_now(&node->lines[node->class->n_params]), by = dry + (1 - dry) * factor(db);
            node->sound[c] = arrives(copy, which, false, c, &node->loudness[c]) * by;
            node->loudness[c] = fmin(LOUDEST, node->loudness[c] * by * (1 + loudness));
        }
    }
}

/* Takes this frame of the source in, in place of the one that has come out. */
static void line_take(const struct graph_copy *copy, struct graph_copy_edge *edge)
{
    for (unsigned c = 0; c < 2; c++) {
        edge->sound[copy->frame % COPY_DELAY][c] = copy->nodes[edge->from].sound[c] * graph_copy_line_now(&edge->onset);
        edge->loudness[copy->frame % COPY_DELAY][c] = copy->nodes[edge->from].loudness[c];
    }
    edge->onset.at++;
}

static bool has_line(const struct graph_copy_edge *edge)
{
    return edge->used && edge->is_feedback && edge->runs;
}

void graph_copy_advance(struct graph_copy *copy)
{
    for (unsigned i = 0; i < COPY_EDGES; i++)
        if (has_line(&copy->edges[i]))
            graph_copy_compute(copy, copy->edges[i].from);
    for (unsigned i = 0; i < COPY_EDGES; i++) /* only now: all that came out has been heard */
        if (has_line(&copy->edges[i]))
            line_take(copy, &copy->edges[i]);
    for (unsigned i = 0; i < COPY_NODES; i++) {
        struct graph_copy_node *node = &copy->nodes[i];
        if (!node->used || !node->runs)
            continue;
        if (strcmp(node->class->name, "osc") == 0)
            node->phase = fmod(
                node->phase + graph_copy_line_now(&node->lines[graph_copy_row(node->class, "freq")]) / COPY_RATE_HZ, 1);
        for (unsigned row = 0; row <= node->class->n_params; row++)
            node->lines[row].at++;
    }
    for (unsigned i = 0; i < COPY_EDGES; i++)
        copy->edges[i].gain.at++;
    copy->frame++;
}
