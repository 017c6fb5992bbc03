/* A merge of what comes by several ways, each in its order, and a gate behind it (held_rt.c). Once the list of the block is full,
 * all that comes waits in the order in which it would have been taken (handed_rt.c). Bounded by EVENTS_MOST that go out,
 * INBOX_HANDED and what the sources' lists hold. */
#include "graph/inbox_rt.h"

#include "graph/engine_shared.h"
#include "graph/handed_rt.h"
#include "graph/mutant.h"
#include "graph/sleep_rt.h"

#include "graph/rt_only.h"

static bool is_of_block(const struct event_feed *feed, uint64_t frame)
{
    return feed->list->frame == frame && (feed->list->n || feed->list->cuts || feed->list->overflows);
}

static bool feed_has(const struct event_feed *feed, uint64_t frame)
{
    return is_of_block(feed, frame) && feed->next < feed->list->n;
}

static uint32_t end_offset(const struct inbox *inbox, uint64_t frame, unsigned n)
{
    if (inbox->next_end >= frame + n)
        return n;
    return inbox->next_end > frame ? (uint32_t)(inbox->next_end - frame) : 0;
}

static void end_first(const struct filling *filling)
{
    struct inbox *inbox = filling->inbox;
    for (unsigned i = 0; i < inbox->n_held; i++)
        if (inbox->held[i].ends_at == inbox->next_end) {
            held_release_rt(filling, &inbox->held[i], 0);
            return;
        }
}

/* The feed whose next event comes first, of several the first feed; n_feeds: none has any before `*offset`. */
static unsigned first_feed(const struct step *step, uint64_t frame, uint32_t *offset)
{
    unsigned first = step->n_event_feeds;
    for (unsigned i = 0; i < step->n_event_feeds; i++) {
        const struct event_feed *feed = &step->event_feeds[i];
        if (feed_has(feed, frame) && feed->list->event[feed->next].offset < *offset) {
            *offset = feed->list->event[feed->next].offset;
            first = i;
        }
    }
    return first;
}

static void take_from_feed(const struct filling *filling, struct event_feed *feed)
{
    struct event event = feed->list->event[feed->next++];
    event.source = feed->source;
    if (held_has_room_rt(filling->inbox))
        held_take_rt(filling, &event, 0);
    else
        feed->overflows |= !handed_add_of_edge_rt(filling->inbox, &event, 0);
}

static void take_timed(const struct filling *filling, struct value_queue *timed)
{
    const struct value_rt *value = value_queue_take_rt(timed);
    if (held_has_room_rt(filling->inbox)) {
        held_take_rt(filling, &value->event, value->duration_frames);
        handed_count_rt(filling->inbox);
    } else {
        handed_add_rt(filling->inbox, &value->event, value->duration_frames);
    }
}

/* What has an offset: ends of durations first, then what control has timed, then what other nodes give. */
static void merge(struct step *step, struct filling *filling, unsigned n)
{
    struct inbox *inbox = filling->inbox;
    struct value_queue *timed = &step->node->played;
    for (;;) {
        uint32_t ends = end_offset(inbox, filling->frame, n), others = n;
        uint32_t control_at = timed->first ? timed->first->offset : n;
        unsigned feed = first_feed(step, filling->frame, &others);
        if (ends == n && control_at >= n && others == n)
            return;
        filling->offset = ends < others ? ends : others;
        filling->offset = filling->offset < control_at ? filling->offset : control_at;
        if (ends == filling->offset) {
            end_first(filling);
        } else if (control_at == filling->offset) {
            take_timed(filling, timed);
        } else {
            take_from_feed(filling, &step->event_feeds[feed]);
        }
    }
}

static bool is_fed_by(const struct step *step, uint32_t source)
{
    for (unsigned i = 0; i < step->n_event_feeds; i++)
        if (step->event_feeds[i].source == source && *step->event_feeds[i].slumber != SLUMBER_MUTED)
            return true;
    return false;
}

/* Who plays by an edge that is not there any more, or is muted. */
static bool is_stranger(const struct step *step, uint32_t source)
{
    return source != SOURCE_NONE && source < SOURCE_CLIENTS && !is_fed_by(step, source);
}

static void source_end(const struct filling *filling, uint32_t source)
{
    handed_drop_rt(filling->inbox, source);
    held_end_rt(filling, source);
}

static void strangers_end(const struct step *step, const struct filling *filling)
{
    struct inbox *inbox = filling->inbox;
    for (unsigned i = 0; i < inbox->n_handed;) {
        uint32_t source = inbox->handed[i].event.source;
        if (is_stranger(step, source))
            handed_drop_rt(inbox, source);
        else
            i++;
    }
    for (unsigned i = inbox->n_held; i-- > 0;) {
        if (i >= inbox->n_held)
            continue;
        uint32_t source = inbox->held[i].source;
        if (is_stranger(step, source))
            held_end_rt(filling, source);
    }
    for (unsigned c = 0; c < EVENT_CHANNELS; c++)
        for (unsigned k = 0; k < N_MOVED; k++) {
            uint32_t by = inbox->moved_by[c][k];
            if (is_stranger(step, by))
                held_reset_rt(filling, c, by);
        }
}

static void feeds_begin(struct step *step, const struct filling *filling)
{
    bool is_muted = false;
    for (unsigned i = 0; i < step->n_event_feeds; i++) {
        struct event_feed *feed = &step->event_feeds[i];
        feed->next = 0;
        feed->overflows = false;
        is_muted |= *feed->slumber == SLUMBER_MUTED;
        if (is_of_block(feed, filling->frame) && feed->list->cuts)
            source_end(filling, feed->source);
    }
    if ((is_muted || !step->knows_feeds) && !MUTANT_FLAW("lingering"))
        strangers_end(step, filling);
    step->knows_feeds = true;
}

static void feeds_end(const struct step *step, struct filling *filling, unsigned n)
{
    filling->offset = n - 1;
    for (unsigned i = 0; i < step->n_event_feeds; i++) {
        const struct event_feed *feed = &step->event_feeds[i];
        if (feed->overflows || (is_of_block(feed, filling->frame) && feed->list->overflows))
            source_end(filling, feed->source);
    }
}

/* A node that only hears notes is closed while it is bypassed; one that gives them passes them on. */
static void close_or_open(struct step *step, const struct filling *filling)
{
    struct inbox *inbox = filling->inbox;
    bool is_closed = step->node->is_apart && step->node->bypassed && (!step->node->outbox || step->node->n_slots);
    if (is_closed && !inbox->is_closed)
        held_end_rt(filling, SOURCE_NONE);
    inbox->is_closed = is_closed;
}

static void gone_end(const struct filling *filling)
{
    filling->inbox->has_gone = false;
    for (unsigned c = 0; c < EVENT_CHANNELS; c++)
        held_reset_rt(filling, c, SOURCE_GONE);
}

static bool has_nothing_to_do(const struct step *step, const struct moment *moment)
{
    const struct inbox *inbox = step->node->inbox;
    if (inbox->n_handed || inbox->has_gone || step->node->played.first || step->node->is_apart || inbox->is_closed ||
        !step->knows_feeds || inbox->next_end < moment->frame + moment->n)
        return false;
    for (unsigned i = 0; i < step->n_event_feeds; i++)
        if (is_of_block(&step->event_feeds[i], moment->frame) || *step->event_feeds[i].slumber == SLUMBER_MUTED)
            return false;
    return true;
}

bool inbox_is_empty_rt(const struct step *step, const struct moment *moment)
{
    return has_nothing_to_do(step, moment) && step->node->inbox->next_end == NEVER;
}

/* Each store is a release, so that who reads any of it while it changes sees the turn before it. */
static void show(struct inbox *inbox)
{
    uint32_t turn = atomic_load_explicit(&inbox->turn, memory_order_relaxed) + 1;
    struct inbox_shown *shown = &inbox->shown[turn % 2];
    atomic_store_explicit(&inbox->active, inbox->n_held, memory_order_relaxed);
    for (unsigned i = 0; i < inbox->n_held; i++) {
        union {
            float note;
            uint32_t bits;
        } held = {inbox->held[i].note};
        atomic_store_explicit(&shown->note[i], (uint64_t)inbox->held[i].channel << 32 | held.bits, memory_order_release);
    }
    atomic_store_explicit(&shown->n, inbox->n_held, memory_order_release);
    atomic_store_explicit(&inbox->turn, turn, memory_order_release);
}

bool inbox_run_rt(struct step *step, const struct moment *moment)
{
    struct inbox *inbox = step->node->inbox;
    struct filling filling = {.inbox = inbox, .frame = moment->frame, .end = moment->frame + moment->n};
    inbox->list.n = 0;
    if (has_nothing_to_do(step, moment))
        return inbox->n_held != 0;
    close_or_open(step, &filling);
    if (inbox->has_gone)
        gone_end(&filling);
    feeds_begin(step, &filling);
    handed_take_rt(&filling);
    merge(step, &filling, moment->n);
    feeds_end(step, &filling, moment->n);
    if (inbox->list.n || inbox->n_held != atomic_load_explicit(&inbox->active, memory_order_relaxed))
        show(inbox);
    return inbox->list.n || inbox->n_held || inbox->n_handed;
}

/* ---- what control hands over ---------------------------------------------------------------------------------------- */

void inbox_hand_rt(struct inbox *inbox, const struct event *event, uint32_t duration_frames)
{
    handed_add_rt(inbox, event, duration_frames);
}

void inbox_hand_timed_rt(struct value_rt *value)
{
    value_queue_push_rt(&value->node->played, value);
}

void inbox_settle_rt(struct node_rt *node)
{
    for (const struct value_rt *value; (value = value_queue_take_rt(&node->played));)
        inbox_hand_rt(node->inbox, &value->event, value->duration_frames);
}

void inbox_gone_rt(struct inbox *inbox, uint32_t source)
{
    if (!MUTANT_FLAW("hasty"))
        handed_drop_rt(inbox, source);
    for (unsigned i = 0; i < inbox->n_held; i++)
        if (held_is_of_rt(&inbox->held[i], source))
            inbox->held[i].ends_at = 0;
    held_next_end_rt(inbox);
    for (unsigned c = 0; c < EVENT_CHANNELS; c++)
        for (unsigned k = 0; k < N_MOVED; k++)
            if (inbox->moved_by[c][k] == source) {
                inbox->moved_by[c][k] = SOURCE_GONE;
                inbox->has_gone = true;
            }
}

/* The oldest note that is younger than `last`; null: there is none. */
static const struct held *next_held(const struct inbox *inbox, const struct held *last)
{
    const struct held *next = NULL;
    uint32_t most = last ? inbox->n_struck - last->serial : UINT32_MAX;
    for (const struct held *held = inbox->held; held < inbox->held + inbox->n_held; held++) {
        uint32_t age = inbox->n_struck - held->serial;
        if (age < most && (!next || age > inbox->n_struck - next->serial))
            next = held;
    }
    return next;
}

/* As if they were struck now, pedals first: by whoever holds them, for an edge in another's place has its number. */
void inbox_inherit_rt(struct inbox *inbox, const struct inbox *before, uint64_t frame)
{
    for (unsigned c = 0; c < EVENT_CHANNELS; c++) {
        struct event down = {.kind = EVENT_CONTROL, .channel = (uint8_t)c, .number = CONTROL_PEDAL, .value = 127};
        down.source = before->moved_by[c][MOVED_PEDAL];
        if (down.source != SOURCE_NONE && down.source != SOURCE_GONE)
            handed_add_of_edge_rt(inbox, &down, 0);
    }
    for (const struct held *held = NULL; (held = next_held(before, held));) {
        struct event on = {.kind = EVENT_NOTE_ON, .channel = held->channel, .note = held->note, .source = held->source};
        on.value = (float)held->velocity / HELD_VELOCITY;
        if (held->ends_at > frame)
            handed_add_of_edge_rt(inbox, &on, held->ends_at == NEVER ? 0 : (uint32_t)(held->ends_at - frame));
    }
    for (unsigned i = 0; i < before->n_handed; i++)
        handed_add_of_edge_rt(inbox, &before->handed[i].event, before->handed[i].duration_frames);
}

void inbox_idle_rt(struct node_rt *node)
{
    inbox_settle_rt(node);
    handed_idle_rt(node->inbox);
}

/* ---- nodes that give events ----------------------------------------------------------------------------------------- */

/* A container has one per voice. */
static unsigned outbox_lists(const struct node_rt *node)
{
    return node->n_slots ? node->n_slots : 1;
}

/* What sounds by it was played by the node, or came past it; or by another object of the same node. */
void outbox_begin_rt(const struct step *step, const struct moment *moment)
{
    struct node_rt *node = step->node;
    bool cuts = node->bypassed != node->was_bypassed || !node->has_given;
    node->was_bypassed = node->bypassed;
    node->has_given = true;
    for (unsigned i = 0; i < outbox_lists(node); i++) {
        struct event_list *list = &node->outbox[i];
        list->n = 0;
        list->overflows = false;
        list->frame = moment->frame;
        list->cuts = cuts;
    }
}

static void pass_by(const struct node_rt *node)
{
    struct event_list *list = node->outbox;
    list->n = 0;
    for (unsigned i = 0; node->inbox && i < node->inbox->list.n; i++)
        event_put(list, &node->inbox->list.event[i]);
}

void outbox_end_rt(struct step *step, const struct moment *moment)
{
    const struct node_rt *node = step->node;
    bool has_any = false;
    if (node->was_bypassed && !node->n_slots)
        pass_by(node);
    for (unsigned i = 0; i < outbox_lists(node); i++)
        has_any |= node->outbox[i].n || node->outbox[i].cuts || node->outbox[i].overflows;
    if (has_any)
        sleep_call_rt(step, moment);
}
