/* What is played and cannot be heard: nodes whose file is missing, and nodes that are connected to nothing. Whoever plays one by a
 * note is refused; where it is played by MIDI, by a switch or by another node, the log says so.
 */
#pragma once

#include "graph/model.h"

struct server;
struct target;

/* Whether the node has the files that it needs, and can play. 0, or no_file with what to do. */
DAWD_CTL int unheard_check(const struct node *node, struct error *error);
/* A parameter has been set: where that plays what is not there, the log says so. */
DAWD_CTL void unheard_set(struct server *server, const struct target *target, float value);
/* Looks at a live node, from time to time. */
DAWD_CTL void unheard_look(struct server *server, struct node *node);
