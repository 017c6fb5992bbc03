/* In an overload every cycle has something to tell: of each kind only the newest note of a poll is looked at. */
#include "osc/trouble.h"

#include <stdio.h>
#include <string.h>

#include "graph/fault.h"
#include "osc/server.h"

/* How often the log speaks of one kind, in seconds: of the same node, and when it is another one. */
#define SAY_AGAIN_S 10
#define SAY_OTHER_S 1

static bool is_exact(const struct watch_note *note)
{
    return note->first == note->last;
}

/* Also one that still fades, but rather the one in its place; null when it is freed. */
static const struct node *node_of(const struct server *server, uint64_t sequence)
{
    const struct node *found = NULL;
    for (const struct node *node = server->ctl->model.first; node && !(found && found->live); node = node->next)
        if (node->sequence == sequence)
            found = node;
    return found;
}

static const char *name_of(const struct server *server, uint64_t sequence)
{
    const struct node *node = node_of(server, sequence);
    return node ? node->name : "a removed node";
}

static void name_fill(const struct server *server, struct trouble *trouble)
{
    const struct watch_note *note = &trouble->note;
    int n = snprintf(trouble->name, sizeof trouble->name, "%s", name_of(server, note->first));
    if (!is_exact(note))
        snprintf(trouble->name + n, sizeof trouble->name - (size_t)n, " ... %s", name_of(server, note->last));
}

/* A span is worth a line, and so is the node in it when it is known. */
static bool must_say(const struct server *server, const struct trouble *trouble)
{
    double since_s = (double)(trouble->note.frame - trouble->said_frame) / server->ctl->rate_hz;
    if (!trouble->was_said || since_s >= SAY_AGAIN_S)
        return true;
    bool is_other = trouble->note.first != trouble->said_first && since_s >= SAY_OTHER_S;
    return is_exact(&trouble->note) && (!trouble->was_said_exactly || is_other);
}

/* What is done about sound that is no number. */
static const char *remedy(const struct node *node)
{
    if (node && node->class->device)
        return "it is taken for silence";
    if (node && fault_is_final(node))
        return "it has done so too often, and is silent until one of its values is set";
    return "it is silent, and made anew";
}

static void say(struct server *server, struct trouble *trouble)
{
    const struct watch_note *note = &trouble->note;
    char line[sizeof trouble->name + 200];
    if (!must_say(server, trouble))
        return;
    if (note->kind == WATCH_OVERRUN)
        snprintf(line, sizeof line, "a cycle took %.0f us, longer than its period: %.0f us of them by %s, at frame %llu",
                 (double)note->cycle_ns / 1e3, (double)note->took_ns / 1e3, trouble->name, (unsigned long long)note->frame);
    else
        snprintf(line, sizeof line, "%s gives sound that is no number, at frame %llu: %s", trouble->name,
                 (unsigned long long)note->frame, remedy(node_of(server, note->first)));
    const char *kind = note->kind == WATCH_OVERRUN ? "overrun" : "fault";
    server->host->log(server->host->self, &(struct host_line){true, kind, is_exact(note) ? trouble->name : NULL, line});
    event_send_fault(server, kind, trouble->name, note->frame);
    trouble->was_said = true;
    trouble->was_said_exactly = is_exact(note);
    trouble->said_first = note->first;
    trouble->said_frame = note->frame;
}

/* One that names a node counts more than one that names many. */
static void keep(struct watch_note *newest, bool *any, const struct watch_note *note)
{
    if (*any && is_exact(newest) && !is_exact(note))
        return;
    *newest = *note;
    *any = true;
}

static void take(struct server *server, struct trouble *trouble, const struct watch_note *note, bool any)
{
    if (!any)
        return;
    trouble->note = *note;
    name_fill(server, trouble);
    say(server, trouble);
}

void trouble_poll(struct server *server)
{
    struct watch_note note, overrun, fault;
    bool any_overrun = false, any_fault = false;
    while (ring_pop(&server->ctl->engine->notes, &note)) {
        if (note.kind == WATCH_OVERRUN)
            keep(&overrun, &any_overrun, &note);
        else
            keep(&fault, &any_fault, &note);
    }
    take(server, &server->overrun, &overrun, any_overrun);
    take(server, &server->fault, &fault, any_fault);
}

void trouble_reset(struct server *server)
{
    trouble_poll(server);
    server->overrun = server->fault = (struct trouble){0};
}

static void name_write(const struct server *server, struct writer *results, const char *name, const struct trouble *trouble)
{
    char text[sizeof trouble->name + 16];
    const struct node *node = *trouble->name && is_exact(&trouble->note) ? node_of(server, trouble->note.first) : NULL;
    bool is_gone = *trouble->name && is_exact(&trouble->note) && !(node && node->live);
    bool is_muted = node && node->live && fault_is_final(node);
    snprintf(text, sizeof text, "%s%s", trouble->name, is_gone ? " (gone)" : is_muted ? " (muted)" : "");
    writer_string(results, name);
    writer_string(results, text);
}

void trouble_write(const struct server *server, struct writer *results)
{
    const struct watch_note *overrun = &server->overrun.note;
    name_write(server, results, "culprit", &server->overrun);
    writer_string(results, "culprit_frame");
    writer_long(results, (int64_t)overrun->frame);
    writer_string(results, "culprit_us");
    writer_float(results, (float)((double)overrun->took_ns / 1e3));
    writer_string(results, "culprit_cycle_us");
    writer_float(results, (float)((double)overrun->cycle_ns / 1e3));
    name_write(server, results, "faulty", &server->fault);
    writer_string(results, "faulty_frame");
    writer_long(results, (int64_t)server->fault.note.frame);
}
