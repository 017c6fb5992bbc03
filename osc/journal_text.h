/* What was done, in the words of the journal: lines of the language, with what these cannot say in front.
 *
 *     41 /graph/connect a:out b:in gain -3.0      what the line makes gets this number in the order of its kind
 *     /node/b/gain -6.0
 *     cables out                                  forgets what node `out` is connected to outside; its lines follow
 *     mark 17:1:0 90000000 3 4                    the mark at this place is this, 0 0 0: there is none
 *
 * Read again on the graph that they were written on, they give the same graph, whose session has the same bytes.
 */
#pragma once

#include "graph/model.h"
#include "osc/bytes.h"
#include "osc/undo_step.h"

struct request;
struct tx;

/* Up to where values have been told. */
struct journal_seen {
    uint64_t stamp;    /* number of the newest change */
    uint64_t sequence; /* of the newest node */
};

/* Appends what a step does, but for its values. *renames: whether it gives a node another name. */
DAWD_CTL void journal_text_step(const struct undo_step *step, bool *renames, struct bytes *text);
/* Appends the values that have been set since, of live nodes, the oldest change first; what follows the tempo is set once. has_lines: the nodes that are new since
 * are made by lines, which say what they began with. */
DAWD_CTL void journal_text_values(const struct model *model, const struct journal_seen *seen, bool has_lines,
                                  struct bytes *text);

/* Stages n bytes of lines on the open transaction, which restores. 0, or why a line cannot be done. */
DAWD_CTL int journal_text_stage(struct request *request, struct tx *tx, const char *text, size_t n, struct error *error);
