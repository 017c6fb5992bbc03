#include "osc/playing.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "graph/mutant.h"
#include "graph/play.h"
#include "osc/server.h"
#include "osc/unheard.h"

#define PLAYERS_MOST 4096
#define LOOK_S       1    /* between two looks at all nodes */
#define SAY_S        10.0 /* between two lines of the log */

static struct player *player_find(const struct playing *playing, const struct peer *peer)
{
    for (unsigned i = 0; i < playing->n; i++)
        if (peer_equal(&playing->players[i].peer, peer))
            return &playing->players[i];
    return NULL;
}

/* Whether it will be known when it is gone. */
static bool is_watched(const struct server *server, const struct peer *peer)
{
    return peer->kind == PEER_STREAM || sub_count(server, peer, 0) > 0;
}

bool playing_is_common(uint32_t source)
{
    return source == play_source(0);
}

int playing_source(struct server *server, const struct peer *peer, bool is_late, uint32_t *source, struct error *error)
{
    struct playing *playing = &server->playing;
    const struct player *player = player_find(playing, peer);
    *source = play_source(0);
    if (player) {
        *source = player->source;
        return 0;
    }
    /* Who has scheduled it may be gone by now. */
    if (is_late || !is_watched(server, peer))
        return 0;
    if (playing->n == PLAYERS_MOST)
        return error_set(error, ERROR_TOO_BIG, "%u clients play already, as many as may", playing->n);
    if (playing->n == playing->capacity) {
        unsigned capacity = 2 * playing->capacity + 16;
        struct player *players = realloc(playing->players, capacity * sizeof *players);
        if (!players)
            return error_set(error, ERROR_INTERNAL, "memory ran out for one who plays");
        playing->players = players;
        playing->capacity = capacity;
    }
    playing->n_ever = playing->n_ever == SOURCE_CLIENTS - 1 ? 1 : playing->n_ever + 1;
    *source = play_source(playing->n_ever);
    playing->players[playing->n++] = (struct player){*peer, *source};
    return 0;
}

/* Where memory runs out, it is tried again with the next look. */
static bool player_end(struct server *server, struct player *player)
{
    struct playing *playing = &server->playing;
    struct error unused;
    if (!MUTANT_FLAW("haunted") && ctl_source_gone(server->ctl, player->source, &unused))
        return false;
    *player = playing->players[--playing->n];
    return true;
}

void playing_closed(struct server *server, const struct peer *peer)
{
    struct player *player = player_find(&server->playing, peer);
    if (player && !player_end(server, player))
        player->peer = (struct peer){0};
}

void playing_applied(struct server *server, const struct op *ops, size_t n)
{
    const struct playing *playing = &server->playing;
    struct error unused;
    for (size_t i = 0; i < n; i++) {
        bool is_there = ops[i].kind != OP_EVENT || ops[i].event.source <= play_source(0);
        for (unsigned k = 0; k < playing->n && !is_there; k++)
            is_there = playing->players[k].source == ops[i].event.source;
        if (!is_there)
            ctl_source_gone(server->ctl, ops[i].event.source, &unused);
    }
}

/* ---- programs ------------------------------------------------------------------------------------------------------- */

/* Instruments go through what they do not know in silence, and a musician looks for the fault elsewhere: it is told, though once, for
 * a song sends it at each start. */
static void on_heard(void *self, struct node *node, const struct heard *heard)
{
    const struct server *server = self;
    unsigned program = heard->event.number, n = node->class->n_presets;
    char line[2 * NAME_BYTES + 120];
    if (heard->event.kind != EVENT_PROGRAM || !n || program < n || node->has_odd_program)
        return;
    snprintf(line, sizeof line, "program change %u for %s is ignored: its presets are 0 to %u (/graph/presets %s)", program,
             node->name, n - 1, node->name);
    server->host->log(server->host->self, &(struct host_line){false, "program", node->name, line});
    node->has_odd_program = true;
}

void playing_init(struct playing *playing, struct server *server)
{
    *playing = (struct playing){.listener = {server, on_heard}};
    heard_listen(server->ctl, &playing->listener);
}

void playing_deinit(struct playing *playing)
{
    free(playing->players);
}

/* ---- from time to time ---------------------------------------------------------------------------------------------- */

static void say(struct server *server, const struct node *node, uint64_t now)
{
    struct playing *playing = &server->playing;
    char line[NAME_BYTES + 120];
    if (playing->told_at && now - playing->told_at < ctl_frames(server->ctl, SAY_S))
        return;
    snprintf(line, sizeof line, "%s is played more than it can take in: %" PRIu64 " notes and controllers were left out",
             node->name, playing->n_lost - playing->n_lost_told);
    server->host->log(server->host->self, &(struct host_line){true, "notes", node->name, line});
    event_send_fault(server, "notes", node->name, now);
    playing->told_at = now;
    playing->n_lost_told = playing->n_lost;
}

/* An object that is made anew counts anew. */
static void look(struct server *server, uint64_t now)
{
    struct playing *playing = &server->playing;
    const struct node *loser = NULL;
    for (struct node *node = server->ctl->model.first; node; node = node->next) {
        uint64_t lost = node->live ? play_lost(node) : 0;
        if (node->live)
            unheard_look(server, node);
        if (lost > node->n_lost_seen) {
            playing->n_lost += lost - node->n_lost_seen;
            loser = node;
        }
        node->n_lost_seen = lost;
    }
    if (loser)
        say(server, loser, now);
}

void playing_poll(struct server *server)
{
    struct playing *playing = &server->playing;
    for (unsigned i = playing->n; i-- > 0;)
        if (!is_watched(server, &playing->players[i].peer))
            player_end(server, &playing->players[i]);
    uint64_t now = ctl_clock(server->ctl);
    if (now - playing->looked_at < ctl_frames(server->ctl, LOOK_S))
        return;
    playing->looked_at = now;
    look(server, now);
}
