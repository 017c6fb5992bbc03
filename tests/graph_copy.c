#include "tests/graph_copy.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/graph_check.h"

static double line_now(const struct graph_copy_line *line)
{
    return line->at >= line->length ? line->to : line->from + (line->to - line->from) * line->at / line->length;
}

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

void graph_copy_act(struct graph_copy *copy, bool pending, struct graph_copy_action action)
{
    MUST(copy->n_pending < COPY_ACTIONS && copy->n_sent < COPY_ACTIONS, "too many actions");
    if (pending)
        copy->pending[copy->n_pending++] = action;
    else
        copy->sent[copy->n_sent++] = action;
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

/* Control looks: what was committed goes out, with the gains as they are wanted now. */
void graph_copy_poll(struct graph_copy *copy)
{
    if (!copy->is_open)
        return;
    for (unsigned i = 0; i < copy->n_pending; i++)
        graph_copy_act(copy, false, copy->pending[i]);
    for (unsigned i = 0; i < COPY_EDGES; i++) {
        struct graph_copy_edge *edge = &copy->edges[i];
        if (!edge->used || (!edge->live && !edge->was_live)) { /* what fades goes on as it began */
            edge->used &= edge->is_sent;
            continue;
        }
        edge->was_live = edge->live;
        edge->is_sent = true;
        graph_copy_act(copy, false,
                       (struct graph_copy_action){COPY_WANT, i, edge->live,
                                                  edge->live ? factor(edge->gain_db) * edge->depth : 0, edge->fade_frames});
    }
    copy->n_pending = 0;
    copy->is_open = false;
}

/* The engine takes what is on its way: all of it at this frame. */
void graph_copy_take(struct graph_copy *copy)
{
    for (unsigned i = 0; i < copy->n_sent; i++) {
        const struct graph_copy_action *action = &copy->sent[i];
        if (action->kind == COPY_START) {
            copy->nodes[action->which].runs = true;
        } else if (action->kind == COPY_VALUE) {
            struct graph_copy_line *line = &copy->nodes[action->which].lines[action->row];
            *line = (struct graph_copy_line){line_now(line), action->value, 0, action->frames};
        } else {
            copy->edges[action->which].runs = true;
            copy->edges[action->which].wants_life = action->row;
            copy->edges[action->which].wanted = action->value;
            copy->edges[action->which].wanted_frames = action->frames;
        }
    }
    copy->n_sent = 0;
    for (unsigned i = 0; i < COPY_EDGES; i++) {
        struct graph_copy_edge *edge = &copy->edges[i];
        bool is_last = edge->runs && !edge->wants_life && !edge->leaves;
        edge->leaves = edge->runs && !edge->wants_life;
        if (edge->used && (edge->wanted != edge->gain.to || is_last))
            edge->gain = (struct graph_copy_line){line_now(&edge->gain), edge->wanted, 0, edge->wanted_frames};
    }
}

bool graph_copy_edge_is_silent(const struct graph_copy_edge *edge)
{
    return !edge->live && edge->wanted == 0 && line_now(&edge->gain) == 0;
}

/* Forgets what is silent and gone. */
void graph_copy_sweep(struct graph_copy *copy)
{
    bool is_needed[COPY_NODES] = {false};
    if (copy->is_open || copy->n_sent)
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
        double gain = line_now(&edge->gain), x = 0, loud = 0;
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
        db = fmin(24, fmax(-120, line_now(&node->lines[0]) + arrives(copy, which, true, 0, &loudness)));
    for (unsigned c = 0; c < node->channels; c++) {
        node->loudness[c] = 1;
        if (strcmp(node->class->name, "input") == 0) {
            node->sound[c] = (double)graph_rig_noise(c, copy->frame);
        } else if (strcmp(node->class->name, "osc") == 0) {
            node->sound[c] = node->runs ? sin(2 * M_PI * node->phase) *
                                              factor(line_now(&node->lines[graph_copy_row(node->class, "level")]))
                                        : 0;
        } else {
            node->sound[c] = arrives(copy, which, false, c, &node->loudness[c]) * factor(db);
            node->loudness[c] *= factor(db) * (1 + loudness);
        }
    }
}

/* Takes this frame of the source in, in place of the one that has come out. */
static void line_take(const struct graph_copy *copy, struct graph_copy_edge *edge)
{
    for (unsigned c = 0; c < 2; c++) {
        edge->sound[copy->frame % COPY_DELAY][c] = copy->nodes[edge->from].sound[c] * line_now(&edge->onset);
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
            node->phase = fmod(node->phase + line_now(&node->lines[graph_copy_row(node->class, "freq")]) / COPY_RATE_HZ, 1);
        for (unsigned row = 0; row < node->class->n_params; row++)
            node->lines[row].at++;
    }
    for (unsigned i = 0; i < COPY_EDGES; i++)
        copy->edges[i].gain.at++;
    copy->frame++;
}
