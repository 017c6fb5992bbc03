/* What undoes and redoes a step, as lines of the language; behind each run of lines a zero. All append to the text and return where
 * the run begins. */
#pragma once

#include "graph/chase.h"
#include "graph/mapping.h"
#include "graph/model.h"
#include "osc/bytes.h"

/* One line: an address and one or two words. */
DAWD_CTL size_t undo_lines_words(struct bytes *text, const char *address, const char *first, const char *second);
/* What gives the node this label (null: none). */
DAWD_CTL size_t undo_lines_label(struct bytes *text, const struct node *node, const char *label);
DAWD_CTL size_t undo_lines_sync(struct bytes *text, const struct sync *sync);
/* What makes the mappings of a node from what they are in `from` into those of `to` (null: none). */
DAWD_CTL size_t undo_lines_mappings(struct bytes *text, const struct node *node, const struct mappings *from,
                                    const struct mappings *to);
