/* Who hears on control what plays: graph/heard_shared.h. */
#pragma once

#include "graph/ctl.h"

/* The node is live, and lives on for the call at least; values may be set and transactions committed meanwhile, nodes too. */
struct heard_listener {
    void *self;
    DAWD_CTL void (*heard)(void *self, struct node *node, const struct heard *heard);
    struct heard_listener *next; /* the list's */
};

/* Keeps the listener, which stays where it is as long as the engine lives. */
DAWD_CTL void heard_listen(struct ctl *ctl, struct heard_listener *listener);

/* Tells the listeners of a controller that control itself plays at a node. Not while a transaction is open. */
DAWD_CTL void heard_say(struct ctl *ctl, struct node *node, const struct event *event);

/* Hands on what has been told, oldest first; a program change also loads the preset of that number (graph/preset.h), which is an
 * edit like any other. One look where there is nothing. */
DAWD_CTL void heard_poll(struct ctl *ctl);
/* Whether somebody plays, so that it should be looked at soon again. */
DAWD_CTL bool heard_is_busy(const struct ctl *ctl);
