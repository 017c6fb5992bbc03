/* A graph as a picture: boxes for nodes, lines for connections, from left to right as the sound runs.
 *
 *     "/graph/add …\n/graph/connect …" ──drawing_read──▶ boxes, wires ──drawing_place──▶ with places ──drawing_svg──▶ SVG
 *
 * Read from the text form, so that a picture can be made of a running graph, a dump or a session file.
 */
#pragma once

#include "graph/error.h"
#include "graph/map.h"
#include "graph/thread.h"
#include "osc/bytes.h"

/* A port at the left or right edge of a box; only those with a wire are drawn. */
struct drawing_port {
    char *name; /* owned; "in", "out.2", "cutoff" */
    bool is_out;
    double y; /* of its middle, below the top of the box */
};

/* A node; or a place where a long wire passes a column, which has no name. */
struct drawing_box {
    char *name, *type, *label; /* owned; label null: none */
    struct drawing_port *ports;
    unsigned n_ports, n_in, n_out;
    unsigned column;
    double x, y, width, height; /* of its upper left corner; in units of a pixel */
    double wish;                /* where its wires would like it */
};

struct drawing_wire {
    unsigned from, to;           /* boxes */
    unsigned from_port, to_port; /* of their ports */
    double gain_db, depth;
    bool is_feedback, is_modulation, carries_notes;
    unsigned first_pass, n_pass; /* the places it passes, boxes in a row */
};

struct drawing {
    struct drawing_box *boxes;
    struct drawing_wire *wires;
    unsigned n_boxes, n_nodes, n_wires; /* boxes are nodes first, then places */
    struct map names;                   /* of nodes: box number + 1 */
    double width, height;
};

/* Reads commands in text form into an all-zero drawing: nodes, connections, labels; everything else is passed over. Nodes that
 * are mentioned and not added are the ones that always exist. 0, or with *error bad_value naming the line, or internal. */
DAWD_ANY int drawing_read(struct drawing *drawing, const char *text, struct error *error);
/* Gives every box its place. 0 or ERROR_INTERNAL. */
DAWD_ANY int drawing_place(struct drawing *drawing);
/* Appends the picture as SVG; without anything that comes from elsewhere, so that every viewer shows it. */
DAWD_ANY void drawing_svg(const struct drawing *drawing, struct bytes *text);
/* Appends the graph as lines for a terminal, a node each, with where its inputs come from below it. */
DAWD_ANY void drawing_text(const struct drawing *drawing, struct bytes *text);
DAWD_ANY void drawing_free(struct drawing *drawing);
