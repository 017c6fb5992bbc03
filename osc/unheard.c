/* Nobody is told while he is still at it: what is silent at two looks in a row is meant to be heard, and is not. */
#include "osc/unheard.h"

#include "graph/play.h"
#include "osc/server.h"
#include "osc/target.h"

enum { UNHEARD_TOLD = 2, UNHEARD_SETTLED }; /* looks; and that no more are needed */

static const struct param_info *missing_file(const struct node *node)
{
    for (unsigned row = 0; row < node->class->n_params; row++)
        if (node->class->params[row].flags & PARAM_NEEDED && !node->texts[row])
            return &node->class->params[row];
    return NULL;
}

int unheard_check(const struct node *node, struct error *error)
{
    const struct param_info *file = missing_file(node);
    if (!file)
        return 0;
    return error_set(error, ERROR_NO_FILE, "%s (%s) has no %s to play, and is silent without: /node/%s/%s PATH", node->name,
                     node->class->name, file->name, node->name, file->name);
}

static void say(struct server *server, const struct node *node, const char *text)
{
    server->host->log(server->host->self, &(struct host_line){false, "unheard", node->name, text});
}

/* It is not refused: an interface sets all that there is, and the file may come later. */
void unheard_set(struct server *server, const struct target *target, float value)
{
    struct error error = {0};
    bool plays = node_class_row(target->node->class, target->row)->flags & PARAM_PLAYS && value > 0;
    if (plays && !tx_restores(server->ctl) && unheard_check(target->node, &error))
        say(server, target->node, error.text);
}

/* ---- from time to time ---------------------------------------------------------------------------------------------- */

/* Null: it may lead anywhere. */
static bool leads_out_of(const struct node *node, const struct node *container)
{
    for (const struct edge *edge = node->out_first; edge; edge = edge->out_next)
        if (edge->live && (!container || edge->to->container != container))
            return true;
    return false;
}

/* Of a container, by what is inside of it; that is not asked for itself. */
static bool is_connected(const struct model *model, const struct node *node)
{
    if (!node->class->voices_by)
        return !node->class->n_outputs || node->container || leads_out_of(node, NULL);
    for (const struct node *inside = model->first; inside; inside = inside->next)
        if (inside->live && inside->container == node && leads_out_of(inside, node))
            return true;
    return false;
}

static void tell(struct server *server, const struct node *node)
{
    struct error error = {0};
    if (!unheard_check(node, &error))
        error_set(&error, ERROR_CONFLICT, "%s (%s) is played and connected to nothing: /graph/connect %s%s out", node->name,
                  node->class->name, node->name, node->class->voices_by ? "/out" : "");
    say(server, node, error.text);
}

/* What plays by itself is to be heard once it is connected. Most nodes are settled with the first look. */
void unheard_look(struct server *server, struct node *node)
{
    bool is_player = play_is_heard_by(node);
    if (node->n_unheard == UNHEARD_SETTLED || (is_player && !play_was_played(node)))
        return;
    bool lacks_file = missing_file(node) != NULL, connected = is_connected(&server->ctl->model, node);
    if (is_player ? connected && !lacks_file : !lacks_file)
        node->n_unheard = UNHEARD_SETTLED;
    else if (is_player || connected)
        node->n_unheard++;
    if (node->n_unheard != UNHEARD_TOLD)
        return;
    tell(server, node);
    node->n_unheard = UNHEARD_SETTLED;
}
