/* Nodes in, a..h, out; edges lead along that order, so that none ever has to wait for a fading one: when it would come in
 * depends on how often control looks, not on what was asked for. Feedback leads anywhere. Edges of both kinds in all
 * directions are the matter of test_any_edits.c.
 */
#include "tests/random_edits.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/ahead.h"
#include "tests/graph_check.h"
#include "tests/graph_copy.h"
#include "tests/random_values.h"

#define TOLERANCE 1e-6 /* of the sum of all that is mixed: -120 dB */

/* One cycle of both, compared frame by frame. */
static void cycle(struct graph_rig *rig, struct graph_copy *copy, unsigned n, double *energy)
{
    unsigned out = graph_copy_find(copy, "out");
    graph_rig_cycle(rig, n);
    graph_copy_take(copy);
    for (unsigned i = 0; i < n; i++) {
        graph_copy_due(copy);
        graph_copy_compute(copy, out);
        for (unsigned c = 0; c < 2; c++) {
            double theory = fmin(1, fmax(-1, copy->nodes[out].sound[c])), heard = (double)rig->offline.ports[2 + c][i];
            MUST(fabs(heard - theory) < TOLERANCE * (1 + copy->nodes[out].loudness[c]), "frame %llu: %.9g, not %.9g",
                 (unsigned long long)copy->frame, heard, theory);
            *energy += theory * theory / 2;
        }
        graph_copy_advance(copy);
    }
    graph_copy_sweep(copy);
}

/* ---- random edits --------------------------------------------------------------------------------------------------- */

/* Two nodes and the way in which channels of them are chosen. */
struct ends {
    unsigned low, high, kind;
    bool back; /* from high to low, or from low to itself: with feedback */
};

/* A statement, and what the copy makes of it: its code, 0 when it is legal. Each writes its words to `text`. */
struct statement {
    const struct model *model;
    char text[120];
    uint32_t fade_frames;
    struct ends ends; /* of the last one that had two */
};

static int random_add(struct graph_copy *copy, struct statement *statement, uint32_t *seed)
{
    const char *name = random_names[dice_below(seed, RANDOM_NAMES)], *type = dice_below(seed, 3) ? "gain" : "osc";
    unsigned channels = 1 + dice_below(seed, 2);
    snprintf(statement->text, sizeof statement->text, "add %s %s %u", name, type, channels);
    if (graph_copy_find(copy, name) < COPY_NODES)
        return ERROR_NAME_TAKEN;
    graph_copy_add(copy, name, node_class_find(type), channels);
    return 0;
}

static int random_remove(struct graph_copy *copy, struct statement *statement, uint32_t *seed)
{
    const char *name = random_names[dice_below(seed, RANDOM_NAMES)];
    unsigned which = graph_copy_find(copy, name);
    snprintf(statement->text, sizeof statement->text, "remove %s", name);
    if (which == COPY_NODES)
        return ERROR_NO_SUCH_NODE;
    if (strcmp(name, "in") == 0 || strcmp(name, "out") == 0)
        return ERROR_DENIED;
    graph_copy_remove(copy, which, statement->fade_frames);
    return 0;
}

static struct ends random_ends(uint32_t *seed)
{
    unsigned a = dice_below(seed, RANDOM_NAMES), b = dice_below(seed, RANDOM_NAMES), kind = dice_below(seed, 8);
    bool back = dice_below(seed, 4) == 0;
    if (a == b && !back)
        return (struct ends){a == 9 ? 8 : a, a == 9 ? 9 : a + 1, kind, false};
    return (struct ends){a < b ? a : b, a < b ? b : a, kind, back};
}

/* The others could be modulated by a cable, of which the copy knows nothing. */
static bool takes_sound(const struct graph_copy_node *node)
{
    return node->class->n_inputs && strcmp(node->class->inputs[0].name, "in") == 0;
}

/* Picks two nodes and channels of them, often the same again; returns the code that the choice of ports comes to. */
static int ends_pick(struct graph_copy *copy, struct statement *statement, struct graph_copy_edge *edge, char *from,
                     char *to, size_t bytes, uint32_t *seed)
{
    if (dice_below(seed, 3))
        statement->ends = random_ends(seed);
    bool back = statement->ends.back;
    unsigned low = back ? statement->ends.high : statement->ends.low, kind = statement->ends.kind;
    unsigned high = back ? statement->ends.low : statement->ends.high;
    *edge = (struct graph_copy_edge){.from = graph_copy_find(copy, random_names[low]),
                                     .to = graph_copy_find(copy, random_names[high]),
                                     .depth = 1,
                                     .is_feedback = back};
    snprintf(from, bytes, "%s%s", random_names[low], kind == 0 ? ":out.1" : kind == 1 ? ":out.2" : "");
    bool is_plain = edge->to == COPY_NODES || takes_sound(&copy->nodes[edge->to]);
    snprintf(to, bytes, "%s%s", random_names[high], kind == 2 ? ":in.1" : kind == 3 ? ":gain" : is_plain ? "" : ":in");
    if (edge->from == COPY_NODES || edge->to == COPY_NODES)
        return ERROR_NO_SUCH_NODE;
    const struct graph_copy_node *source = &copy->nodes[edge->from], *target = &copy->nodes[edge->to];
    bool is_gain = strcmp(target->class->name, "gain") == 0;
    edge->modulates = kind == 3;
    if (strcmp(source->class->name, "output") == 0)
        return ERROR_NO_SUCH_PORT;
    if (edge->modulates ? !is_gain : !takes_sound(target))
        return ERROR_NO_SUCH_PORT;
    if (kind == 1 && source->channels < 2)
        return ERROR_NO_SUCH_PORT;
    edge->from_first = kind == 1;
    edge->n_from = kind < 2 ? 1 : source->channels;
    edge->n_to = edge->modulates || kind == 2 ? 1 : target->channels;
    snprintf(edge->from_text, sizeof edge->from_text, "%s", from);
    snprintf(edge->to_text, sizeof edge->to_text, "%s", to);
    return 0;
}

/* The live edge between these ports, with feedback or without; or null. */
static struct graph_copy_edge *edge_live(struct graph_copy *copy, struct graph_copy_edge like)
{
    for (unsigned i = 0; i < 2; i++) {
        like.is_feedback = i;
        struct graph_copy_edge *edge = graph_copy_edge_find(copy, &like);
        if (edge && edge->live)
            return edge;
    }
    return NULL;
}

/* Whether control may still have a line between these ports, or may not: then what is in it depends on how often it looks. */
static bool line_is_unclear(struct graph_copy *copy, const struct statement *statement, const struct graph_copy_edge *like)
{
    const struct graph_copy_edge *edge = like->is_feedback ? graph_copy_edge_find(copy, like) : NULL;
    if (edge || !like->is_feedback)
        return edge && graph_copy_edge_is_silent(edge) && edge->is_sent;
    struct edge real = {.from = model_find(statement->model, copy->nodes[like->from].name),
                        .to = model_find(statement->model, copy->nodes[like->to].name),
                        .to_port = like->modulates,
                        .from_first = like->from_first,
                        .n_from = like->n_from,
                        .n_to = like->n_to,
                        .is_feedback = true};
    return edge_find(&real) != NULL;
}

static int random_connect(struct graph_copy *copy, struct statement *statement, uint32_t *seed)
{
    char from[16], to[16];
    struct graph_copy_edge like;
    int code = ends_pick(copy, statement, &like, from, to, sizeof from, seed);
    like.is_feedback |= dice_below(seed, 6) == 0;
    if (!code && line_is_unclear(copy, statement, &like)) {
        snprintf(statement->text, sizeof statement->text, " ");
        return 0;
    }
    bool has_depth = !code && like.modulates;
    int gain_db = dice_below(seed, 12) ? -(int)dice_below(seed, 25) : dice_below(seed, 2) ? -120 : 30;
    gain_db -= like.is_feedback && gain_db <= 0 && gain_db > -100 ? 15 : 0; /* loops shall not howl */
    unsigned depth = 1 + dice_below(seed, 8);
    int at = snprintf(statement->text, sizeof statement->text, "connect %s %s gain=%d%s", from, to, gain_db,
                      like.is_feedback ? " feedback" : "");
    if (has_depth)
        snprintf(statement->text + at, sizeof statement->text - (size_t)at, " depth=%u", depth);
    if (code)
        return code;
    if (gain_db > 24)
        return ERROR_RANGE;
    const struct graph_copy_edge *live = edge_live(copy, like);
    if (live && live->is_feedback != like.is_feedback)
        return ERROR_CONFLICT;
    bool is_new = !graph_copy_edge_find(copy, &like);
    struct graph_copy_edge *edge = graph_copy_edge_take(copy, &like);
    if (is_new)
        edge->onset = (struct graph_copy_line){0, 1, 0, statement->fade_frames};
    edge->gain_db = gain_db;
    edge->depth = has_depth ? depth : 1;
    edge->fade_frames = statement->fade_frames;
    return 0;
}

static int random_disconnect(struct graph_copy *copy, struct statement *statement, uint32_t *seed)
{
    char from[16], to[16];
    struct graph_copy_edge like;
    int code = ends_pick(copy, statement, &like, from, to, sizeof from, seed);
    snprintf(statement->text, sizeof statement->text, "disconnect %s %s", from, to);
    struct graph_copy_edge *edge = code ? NULL : edge_live(copy, like);
    if (code || !edge)
        return code ? code : ERROR_CONFLICT;
    edge->live = false;
    edge->fade_frames = statement->fade_frames;
    return 0;
}

/* Puts a fading edge back and takes it away again at once, which must not be heard. */
static int random_flicker(struct graph_copy *copy, struct statement *statement, uint32_t *seed)
{
    unsigned first = dice_below(seed, COPY_EDGES);
    for (unsigned i = 0; i < COPY_EDGES; i++) {
        struct graph_copy_edge *edge = &copy->edges[(first + i) % COPY_EDGES];
        if (!edge->used || edge->live || !copy->nodes[edge->from].live || !copy->nodes[edge->to].live ||
            edge_live(copy, *edge) || line_is_unclear(copy, statement, edge))
            continue;
        snprintf(statement->text, sizeof statement->text, "connect %s %s gain=-3%s%s; disconnect %s %s", edge->from_text,
                 edge->to_text, edge->modulates ? " depth=1" : "", edge->is_feedback ? " feedback" : "", edge->from_text,
                 edge->to_text);
        edge->fade_frames = statement->fade_frames; /* counts only if it was taken away in this very batch */
        return 0;
    }
    snprintf(statement->text, sizeof statement->text, " ");
    return 0;
}

/* Connects against the order, between nodes that lead to each other already. */
static int random_loop(struct graph_copy *copy, struct statement *statement, uint32_t *seed)
{
    unsigned a = graph_copy_find(copy, random_names[1 + dice_below(seed, 8)]),
             b = graph_copy_find(copy, random_names[1 + dice_below(seed, 8)]);
    snprintf(statement->text, sizeof statement->text, "connect in in");
    if (a == COPY_NODES || b == COPY_NODES || !takes_sound(&copy->nodes[a]) || !graph_copy_leads(copy, a, b))
        return ERROR_NO_SUCH_PORT;
    snprintf(statement->text, sizeof statement->text, "connect %s:out.1 %s", copy->nodes[b].name, copy->nodes[a].name);
    struct graph_copy_edge like = {.from = b, .to = a, .n_from = 1, .n_to = copy->nodes[a].channels};
    return edge_live(copy, like) ? ERROR_CONFLICT : ERROR_CYCLE;
}

static int random_statement(struct graph_copy *copy, struct statement *statement, uint32_t *seed)
{
    switch (dice_below(seed, 18)) {
    case 0:
    case 1:
    case 2:
        return random_add(copy, statement, seed);
    case 3:
        return random_remove(copy, statement, seed);
    case 4:
    case 5:
        return random_disconnect(copy, statement, seed);
    case 6:
        return random_loop(copy, statement, seed);
    case 7:
    case 8:
        return random_set(copy, statement->text, sizeof statement->text, seed);
    case 9:
        return random_flicker(copy, statement, seed);
    case 15:
    case 16:
        return random_note(copy, statement->text, sizeof statement->text, seed);
    case 17:
        return random_tempo(copy, statement->text, sizeof statement->text, seed);
    default:
        return random_connect(copy, statement, seed);
    }
}

/* What control has sent meanwhile, if anything. Whether that has a plan is up to control; when it is heard is not. */
static void follow(const struct graph_rig *rig, struct graph_copy *copy, uint64_t at)
{
    const struct batch *batch = rig->ctl->under_way;
    while (batch && batch->next)
        batch = batch->next;
    if (!batch || batch->number <= copy->way->newest)
        return;
    copy->way->newest = batch->number;
    if (copy->is_open)
        graph_copy_send(copy, (struct graph_copy_parcel){.at = at,
                                                         .has_plan = batch->change.plan,
                                                         .in_order = batch->change.plan || batch->change.map ||
                                                                     batch->change.in_order});
}

/* One in five has a time. */
static struct tx *random_open(const struct graph_rig *rig, struct graph_copy *copy, double fade_s, uint64_t *at,
                              uint32_t *seed)
{
    struct tx *tx = NULL;
    *at = dice_below(seed, 5) ? 0 : copy->frame + 1 + dice_below(seed, 400);
    if (*at) {
        tx = ahead_open(rig->ctl, fade_s, *at);
        follow(rig, copy, 0); /* what was committed before it */
    }
    *at = tx ? *at : 0;
    return tx ? tx : tx_open(rig->ctl, fade_s);
}

/* One transaction of some statements; whatever the copy finds wrong, control must too. */
static void random_transaction(struct random_edits *edits, struct graph_rig *rig, struct graph_copy *copy, uint32_t *seed)
{
    static struct graph_copy before;
    static const double fades_s[] = {0, 0.001, 0.01, 0.01, 0.03};
    double fade_s = fades_s[dice_below(seed, ROWS(fades_s))];
    struct statement statement = {
        .model = &rig->ctl->model, .fade_frames = ctl_frames(rig->ctl, fade_s), .ends = random_ends(seed)};
    uint64_t at;
    struct tx *tx = random_open(rig, copy, fade_s, &at, seed);
    before = *copy;
    bool goes_back = dice_below(seed, 8) == 0;
    for (unsigned n = 1 + dice_below(seed, 4); n > 0; n--) {
        int code = random_statement(copy, &statement, seed), got = graph_rig_stage(rig, tx, statement.text);
        MUST(got == code, "\"%s\": %s, not %s", statement.text, error_symbol((enum error_code)got),
             error_symbol((enum error_code)code));
        edits->n_refused += code != 0;
        if (code && dice_below(seed, 3) == 0) /* the others go on in spite of it: what failed has changed nothing */
            goes_back = true;
        if (goes_back && code)
            break;
    }
    edits->n_committed += !goes_back;
    edits->n_back += goes_back;
    edits->n_in_fades += rig->ctl->fading != NULL;
    if (goes_back) {
        *copy = before;
        tx_rollback(tx);
        return;
    }
    edits->n_scheduled += at > 0;
    copy->is_open = true;
    copy->is_unclear |= at > 0;
    tx_commit(tx, (struct completion){0});
    if (at)
        follow(rig, copy, at);
}

/* It must not overtake what control has not sent, nor what is on its way to the same node at a time. */
static void random_live_value(struct graph_rig *rig, struct graph_copy *copy, uint32_t *seed)
{
    struct graph_copy_action action;
    if (random_value(copy, &action, seed))
        return;
    const struct graph_copy_node *node = &copy->nodes[action.which];
    copy->is_open |= graph_rig_node(rig, node->name)->n_ahead > 0;
    graph_copy_act(copy, copy->is_open, action);
    graph_rig_set(rig, node->name, node_class_row(node->class, action.row)->name, (float)action.value,
                  action.frames / (double)COPY_RATE_HZ);
}

struct random_edits random_edits_run(unsigned rounds, uint32_t seed)
{
    static struct graph_copy copy;
    static struct graph_copy_way way;
    struct graph_rig *rig = graph_rig_new(COPY_RATE_HZ);
    struct random_edits edits = {0};
    double energy = 0;
    way = (struct graph_copy_way){0};
    copy = (struct graph_copy){.way = &way, .micro_bpm = 120 * TEMPO_MICRO};
    graph_copy_add(&copy, "in", node_class_find("input"), 2);
    graph_copy_add(&copy, "out", node_class_find("output"), 2);
    copy.is_open = true;
    ctl_poll(rig->ctl);
    follow(rig, &copy, 0);
    for (unsigned round = 0; round < rounds; round++) {
        random_transaction(&edits, rig, &copy, &seed);
        graph_copy_check(rig->ctl, &copy);
        if (dice_below(&seed, 3) == 0)
            random_live_value(rig, &copy, &seed);
        if (dice_below(&seed, 4) == 0)
            continue; /* several share a plan, or a frame */
        if (dice_below(&seed, 8)) {
            ctl_poll(rig->ctl);
            follow(rig, &copy, 0);
        }
        if (dice_below(&seed, 6))
            cycle(rig, &copy, 1 + dice_below(&seed, dice_below(&seed, 4) ? 100 : 700), &energy);
    }
    edits.n_frames = copy.frame;
    edits.power = energy / (double)copy.frame;
    graph_rig_free(rig);
    return edits;
}
