/* A pass goes through the nodes that have changed since the last one, the longest unchanged first. When it has to stop half
 * way, whatever changes meanwhile moves to the end of the list and is met there, so nothing is missed; what all had been told
 * before the pass is told again only where it has changed since. */
#include "osc/sub_tell.h"

#include <stdio.h>
#include <string.h>

#include "graph/param.h"
#include "osc/ntp.h"
#include "osc/pattern.h"
#include "osc/server.h"
#include "osc/target.h"

/* One packet. A datagram goes through any network in one piece, so that losing one loses no others. */
#define DATAGRAM_BYTES      1400
#define FRAME_BYTES         16384
/* One tick: what the buffer of a socket takes at once, and what may be on its way to a slow connection. */
#define TICK_DATAGRAM_BYTES 32768
#define TICK_FRAME_BYTES    65536
#define QUEUE_MOST_BYTES    65536

#define GO_ON_NS          5000000 /* before a pass that had to stop goes on */
#define EVENTS_MOST_BYTES 16384

struct telling {
    struct server *server;
    struct sub *sub;
    struct bytes packet, element;
    size_t packet_most, tick_left;
};

/* ---- packets -------------------------------------------------------------------------------------------------------- */

static void packet_begin(struct telling *telling)
{
    struct writer writer;
    struct sub *sub = telling->sub;
    struct bytes head = {0};
    sub->n_packets += 1 + sub->has_lost;
    sub->has_lost = false;
    bundle_begin(&telling->packet, ntp_now());
    writer_init(&writer);
    writer_int(&writer, sub->id);
    writer_int(&writer, sub->n_packets);
    if (writer_end(&writer, "/sub/seq", &head))
        telling->packet.failed = true;
    else
        bundle_add(&telling->packet, head.data, head.n);
    bytes_deinit(&head);
}

/* What the kernel or a connection does not take is lost, and its number with it. Where memory ran out, the next
 * tick shows the gap. */
static void packet_send(struct telling *telling)
{
    struct bytes *packet = &telling->packet;
    telling->sub->has_lost |= packet->failed;
    const struct sender *sender = &telling->server->sender;
    const struct sub *sub = telling->sub;
    if (packet->n && !packet->failed && sender->send_on)
        sender->send_on(sender->self, &sub->client->peer, &sub->to, packet->data, packet->n);
    else if (packet->n && !packet->failed)
        sender->send(sender->self, &sub->to, packet->data, packet->n);
    telling->tick_left -= packet->n < telling->tick_left ? packet->n : telling->tick_left;
    bytes_clear(packet, FRAME_BYTES);
}

static void tell(struct telling *telling, const void *message, size_t n)
{
    if (telling->packet.n && telling->packet.n + n + 4 > telling->packet_most)
        packet_send(telling);
    if (!telling->packet.n)
        packet_begin(telling);
    bundle_add(&telling->packet, message, n);
}

/* Uses the writer up. */
static void tell_value(struct telling *telling, const char *address, struct writer *value)
{
    bytes_clear(&telling->element, FRAME_BYTES);
    if (writer_end(value, address, &telling->element)) {
        telling->sub->has_lost = true;
        return;
    }
    tell(telling, telling->element.data, telling->element.n);
    telling->sub->n_told++;
}

/* ---- nodes ---------------------------------------------------------------------------------------------------------- */

/* The addresses of a node's values: "/node/NAME/" and what follows. */
struct place {
    struct node *node;
    char address[SUB_PATTERN_BYTES];
    size_t n;
};

/* Whether the setter of a value is who would be told of it, in the form in which it was set. */
static bool is_known(const struct sub *sub, const struct stamp *stamp, bool is_norm)
{
    return stamp->is_known && !sub->is_snapshot && stamp->by == sub->client->number && stamp->is_norm == is_norm;
}

static void tell_param(struct telling *telling, struct place *place, unsigned row, bool is_norm)
{
    const struct node *node = place->node;
    const struct param_info *info = node_class_row(node->class, row);
    const struct stamp *stamp = &node->stamps[row];
    struct writer value;
    if (stamp->number <= telling->sub->from || !node_class_has(node->class, node->values, info->number) ||
        (is_norm && param_is_path(info)) || is_known(telling->sub, stamp, is_norm))
        return;
    snprintf(place->address + place->n, sizeof place->address - place->n, "%s%s", info->name, is_norm ? "/norm" : "");
    if (!pattern_match(telling->sub->pattern, place->address))
        return;
    writer_init(&value);
    if (is_norm)
        writer_float(&value, param_to_norm(info, node->values[row]));
    else
        target_write_value(&value, node, row);
    tell_value(telling, place->address, &value);
}

static void label_write(struct writer *value, const struct node *node)
{
    writer_string(value, node->label ? node->label : "");
}

static void bypass_write(struct writer *value, const struct node *node)
{
    writer_bool(value, node->values[node->class->n_params] != 0);
}

static const struct {
    const char *name;
    void (*write)(struct writer *value, const struct node *node);
} facts[N_NODE_FACTS] = {[NODE_BYPASS] = {"bypass", bypass_write}, [NODE_LABEL] = {"label", label_write}};

static void tell_fact(struct telling *telling, struct place *place, enum node_fact fact)
{
    const struct node *node = place->node;
    struct writer value;
    snprintf(place->address + place->n, sizeof place->address - place->n, "%s", facts[fact].name);
    const struct stamp *stamp = &node->stamps[node->class->n_params + fact];
    if (stamp->number <= telling->sub->from || is_known(telling->sub, stamp, false) ||
        !pattern_match(telling->sub->pattern, place->address))
        return;
    writer_init(&value);
    facts[fact].write(&value, node);
    tell_value(telling, place->address, &value);
}

static void tell_measured(struct telling *telling, struct place *place)
{
    const struct measured_node *watched = place->node->watched;
    for (unsigned i = 0; watched && i < watched->n_rows; i++) {
        const struct measured_row *row = &watched->rows[i];
        struct writer value;
        if (row->number <= telling->sub->from)
            continue;
        measured_address(place->node, row, place->address, place->n, sizeof place->address);
        if (!pattern_match(telling->sub->pattern, place->address))
            continue;
        writer_init(&value);
        measured_write(&value, place->node, row);
        tell_value(telling, place->address, &value);
    }
}

/* Most subscriptions are about few nodes: the plain beginning of a pattern, and the number of its slashes, tell at once that
 * nothing of a node can match. */
static void tell_node(struct telling *telling, struct node *node)
{
    const struct sub *sub = telling->sub;
    struct place place = {.node = node};
    place.n = (size_t)snprintf(place.address, sizeof place.address, "%s%s/", TARGET_PREFIX, node->name);
    if (strncmp(place.address, sub->pattern, place.n < sub->n_plain ? place.n : sub->n_plain) != 0)
        return;
    unsigned n_below = sub->n_slashes - names_slashes(place.address); /* 0: /node/NAME/freq, 1: /node/NAME/freq/norm */
    if (n_below > 1)
        return;
    if (node->first_stamp > sub->from)
        measured_want(&telling->server->subs.measured, telling->server->ctl, node, sub);
    /* As in patterns of reads and sets, an asterisk means each parameter once, and neither label nor bypass. */
    const char *last = strrchr(sub->pattern, '/') + 1;
    if (n_below == 0 || strcmp(last, "norm") == 0)
        for (unsigned row = 0; row < node->class->n_params; row++)
            tell_param(telling, &place, row, n_below == 1);
    for (unsigned fact = 0; n_below == 0 && fact < N_NODE_FACTS; fact++)
        if (strcmp(last, facts[fact].name) == 0)
            tell_fact(telling, &place, (enum node_fact)fact);
    tell_measured(telling, &place);
}

/* False when the tick is full before the end. */
static bool tell_nodes(struct telling *telling, struct sub_budget *budget)
{
    const struct model *model = &telling->server->ctl->model;
    for (struct node *node = stamp_after(model, telling->sub->cursor), *next; node; node = next) {
        if (!telling->tick_left || !budget->n_nodes)
            return false;
        budget->n_nodes--;
        next = node->stamp_next;
        tell_node(telling, node);
        telling->sub->cursor = node->newest_stamp;
    }
    return true;
}

/* ---- the rest ------------------------------------------------------------------------------------------------------- */

static void tell_published(struct telling *telling)
{
    const struct published *published = &telling->server->subs.published;
    for (size_t i = 0; i < published->n; i++) {
        const struct published_value *value = &published->values[i];
        if (value->number <= telling->sub->from || !pattern_match(telling->sub->pattern, value->address))
            continue;
        tell(telling, value->message.data, value->message.n);
        telling->sub->n_told++;
    }
}

static void tell_events(struct telling *telling)
{
    struct bytes *events = &telling->sub->events;
    for (size_t at = 0; at < events->n;) {
        const uint8_t *head = events->data + at;
        size_t n = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
        tell(telling, head + 4, n);
        at += 4 + n;
    }
    bytes_clear(events, 0);
}

void sub_queue_event(struct sub *sub, const struct bytes *message)
{
    if (sub->events.n + message->n + 4 > EVENTS_MOST_BYTES) {
        sub->has_lost = true;
        return;
    }
    bundle_add(&sub->events, message->data, message->n);
    if (!sub->events.failed)
        return;
    bytes_clear(&sub->events, 0);
    sub->has_lost = true;
}

static void pass_end(struct telling *telling)
{
    struct sub *sub = telling->sub;
    tell_published(telling);
    if (sub->is_snapshot) {
        struct writer end;
        int32_t n_told = sub->n_told;
        writer_init(&end);
        writer_int(&end, sub->id);
        writer_int(&end, n_told);
        tell_value(telling, "/sub/snapshot", &end);
    }
    sub->from = telling->server->ctl->model.stamps.n;
    sub->is_telling = sub->is_snapshot = false;
}

bool sub_has_news(const struct server *server, const struct sub *sub)
{
    return sub->is_telling || sub->events.n || sub->has_lost || sub->from < server->ctl->model.stamps.n;
}

static bool is_behind(const struct server *server, const struct sub *sub)
{
    const struct sender *sender = &server->sender;
    return sender->queued && sender->queued(sender->self, &sub->to) > QUEUE_MOST_BYTES;
}

void sub_tell(struct server *server, struct sub *sub, struct sub_budget *budget)
{
    bool is_datagram = sub->to.kind == PEER_DATAGRAM;
    struct telling telling = {.server = server,
                              .sub = sub,
                              .packet_most = is_datagram ? DATAGRAM_BYTES : FRAME_BYTES,
                              .tick_left = is_datagram ? TICK_DATAGRAM_BYTES : TICK_FRAME_BYTES};
    if (is_behind(server, sub)) {
        server->subs.n_skipped++;
        sub->due_ns = budget->now_ns + sub->interval_ns;
        return;
    }
    int32_t n_packets = sub->n_packets;
    if (!sub->is_telling) {
        sub->is_telling = true;
        sub->cursor = sub->from;
        sub->n_told = 0;
    }
    tell_events(&telling);
    if (tell_nodes(&telling, budget))
        pass_end(&telling);
    if (sub->has_lost && !telling.packet.n)
        packet_begin(&telling);
    packet_send(&telling);
    if (sub->is_telling)
        sub->due_ns = budget->now_ns + GO_ON_NS;
    else if (sub->n_packets != n_packets)
        sub->due_ns = budget->now_ns + sub->interval_ns;
    bytes_deinit(&telling.packet);
    bytes_deinit(&telling.element);
}
