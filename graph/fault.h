/* Nodes that were muted since they gave what is no number: control makes them anew.
 *
 *     audio: muted ──▶ stats.faults ──▶ fault_poll: a new object of the same node ──▶ next plan: it fades in
 *                                          └── the third time in ten seconds: muted until it is touched
 *
 * It is touched when one of its values is set; one that replaces it is another node.
 */
#pragma once

#include "graph/ctl.h"

#define FAULTS_MOST    3 /* within: */
#define FAULT_WINDOW_S 10

/* Sees to what the audio thread has muted; a flush has to follow. One comparison while nothing has happened. */
DAWD_CTL void fault_poll(struct ctl *ctl);

/* Whether the node stays muted until it is touched. */
DAWD_CTL bool fault_is_final(const struct node *node);
