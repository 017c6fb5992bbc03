/* Where the boxes of a drawing go, in the steps of Sugiyama, Tagawa and Toda (1981):
 *
 *     columns    each node stands behind all that it hears; what nothing stands behind moves as far right as it can
 *     passes     a wire that goes on over columns gets a place in each of them
 *     order      within a column by the mean of the neighbours' places, from left to right and back, a few times
 *     places     each box as near as it can to where its wires are level, without touching the next one
 *
 * Feedback has no say in any of it: those wires run back below. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "osc/drawing.h"

#define CHAR_WIDTH   7.3 /* of the monospaced 12 px that drawing_svg asks for */
#define PORT_CHAR    6.1 /* of 10 px */
#define HEAD_HEIGHT  34.0
#define LABEL_HEIGHT 14.0
#define PORT_HEIGHT  15.0
#define PASS_HEIGHT  8.0
#define GAP_X        96.0 /* between columns: a gain is written there */
#define GAP_Y        22.0
#define MARGIN       24.0
#define SWEEPS       8

/* ---- columns -------------------------------------------------------------------------------------------------------- */

/* Moves every node behind those that it hears. There are no loops but by feedback, so as many rounds as columns do. */
static void columns_find(struct drawing *drawing)
{
    bool has_moved = true;
    for (unsigned round = 0; has_moved && round <= drawing->n_nodes; round++) {
        has_moved = false;
        for (unsigned i = 0; i < drawing->n_wires; i++) {
            const struct drawing_wire *wire = &drawing->wires[i];
            struct drawing_box *to = &drawing->boxes[wire->to];
            unsigned least = drawing->boxes[wire->from].column + 1;
            if (wire->is_feedback || to->column >= least)
                continue;
            to->column = least;
            has_moved = true;
        }
    }
}

static unsigned column_last(const struct drawing *drawing)
{
    unsigned last = 0;
    for (unsigned i = 0; i < drawing->n_nodes; i++)
        last = drawing->boxes[i].column > last ? drawing->boxes[i].column : last;
    return last;
}

/* A modulator stands beside what it moves, and not at the far left; all outputs stand at the right. */
static void columns_tighten(struct drawing *drawing)
{
    unsigned last = column_last(drawing);
    bool has_moved = true;
    for (unsigned i = 0; i < drawing->n_nodes; i++)
        if (strcmp(drawing->boxes[i].type, "output") == 0)
            drawing->boxes[i].column = last;
    for (unsigned round = 0; has_moved && round <= drawing->n_nodes; round++) {
        has_moved = false;
        for (unsigned i = 0; i < drawing->n_nodes; i++)
            drawing->boxes[i].wish = INFINITY;
        for (unsigned i = 0; i < drawing->n_wires; i++) {
            const struct drawing_wire *wire = &drawing->wires[i];
            struct drawing_box *from = &drawing->boxes[wire->from];
            if (!wire->is_feedback)
                from->wish = fmin(from->wish, drawing->boxes[wire->to].column - 1.0);
        }
        for (unsigned i = 0; i < drawing->n_nodes; i++) {
            struct drawing_box *box = &drawing->boxes[i];
            if (isinf(box->wish) || box->wish <= box->column)
                continue;
            box->column = (unsigned)box->wish;
            has_moved = true;
        }
    }
}

/* ---- boxes ---------------------------------------------------------------------------------------------------------- */

/* Characters of UTF-8, which take the same width in a monospaced font; wide ones are rare in names. */
static unsigned characters(const char *text)
{
    unsigned n = 0;
    for (; text && *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

static void box_measure(struct drawing_box *box)
{
    double head = box->label ? HEAD_HEIGHT + LABEL_HEIGHT : HEAD_HEIGHT, widest[2] = {0};
    unsigned n[2] = {0};
    for (unsigned i = 0; i < box->n_ports; i++) {
        struct drawing_port *port = &box->ports[i];
        port->y = head + PORT_HEIGHT * (n[port->is_out]++ + 0.5);
        widest[port->is_out] = fmax(widest[port->is_out], PORT_CHAR * characters(port->name));
    }
    unsigned rows = box->n_in > box->n_out ? box->n_in : box->n_out;
    double title = CHAR_WIDTH * fmax(fmax(characters(box->name), characters(box->type)), characters(box->label));
    box->width = fmax(title, widest[0] + widest[1] + 16) + 20;
    box->height = head + PORT_HEIGHT * rows + 6;
}

static int passes_add(struct drawing *drawing)
{
    for (unsigned i = 0; i < drawing->n_wires; i++) {
        struct drawing_wire *wire = &drawing->wires[i];
        unsigned from = drawing->boxes[wire->from].column, to = drawing->boxes[wire->to].column;
        wire->n_pass = wire->is_feedback || to <= from ? 0 : to - from - 1;
        wire->first_pass = drawing->n_boxes;
        struct drawing_box *boxes = realloc(drawing->boxes, (drawing->n_boxes + wire->n_pass + 1) * sizeof *boxes);
        if (!boxes)
            return ERROR_INTERNAL;
        drawing->boxes = boxes;
        for (unsigned k = 0; k < wire->n_pass; k++)
            boxes[drawing->n_boxes++] = (struct drawing_box){.column = from + 1 + k, .height = PASS_HEIGHT};
    }
    return 0;
}

/* ---- order and places ----------------------------------------------------------------------------------------------- */

/* The parts of a wire from column to column: box, and height of the end in it. */
struct link {
    unsigned from, to;
    double from_y, to_y;
};

struct links {
    struct link *links;
    unsigned n;
};

static int links_make(const struct drawing *drawing, struct links *links)
{
    size_t n = drawing->n_wires + (drawing->n_boxes - drawing->n_nodes);
    links->links = malloc((n + 1) * sizeof *links->links);
    if (!links->links)
        return ERROR_INTERNAL;
    for (unsigned i = 0; i < drawing->n_wires; i++) {
        const struct drawing_wire *wire = &drawing->wires[i];
        struct link link = {wire->from, 0, drawing->boxes[wire->from].ports[wire->from_port].y, PASS_HEIGHT / 2};
        for (unsigned k = 0; k < wire->n_pass; k++) {
            link.to = wire->first_pass + k;
            links->links[links->n++] = link;
            link.from = link.to;
            link.from_y = PASS_HEIGHT / 2;
        }
        link.to = wire->to;
        link.to_y = drawing->boxes[wire->to].ports[wire->to_port].y;
        if (!wire->is_feedback)
            links->links[links->n++] = link;
    }
    return 0;
}

/* Sets each box's wish to where its wires from the left (or right) would be level, or to where it is. */
static void wishes_set(struct drawing *drawing, const struct links *links, bool from_left, unsigned *counts)
{
    for (unsigned i = 0; i < drawing->n_boxes; i++) {
        drawing->boxes[i].wish = 0;
        counts[i] = 0;
    }
    for (unsigned i = 0; i < links->n; i++) {
        const struct link *link = &links->links[i];
        unsigned self = from_left ? link->to : link->from, other = from_left ? link->from : link->to;
        double shift = from_left ? link->from_y - link->to_y : link->to_y - link->from_y;
        drawing->boxes[self].wish += drawing->boxes[other].y + shift;
        counts[self]++;
    }
    for (unsigned i = 0; i < drawing->n_boxes; i++)
        drawing->boxes[i].wish = counts[i] ? drawing->boxes[i].wish / counts[i] : drawing->boxes[i].y;
}

static int by_column_and_wish(const void *a, const void *b)
{
    const struct drawing_box *x = *(struct drawing_box *const *)a, *y = *(struct drawing_box *const *)b;
    if (x->column != y->column)
        return x->column < y->column ? -1 : 1;
    if (x->wish != y->wish)
        return x->wish < y->wish ? -1 : 1;
    return (x > y) - (x < y);
}

/* Puts the boxes of a column, which are in their order, near their wishes: pushed down by the one above, then as one block by
 * the mean of what they still wish for. */
static void column_settle(struct drawing_box **boxes, unsigned n)
{
    double least = -INFINITY, shift = 0;
    for (unsigned i = 0; i < n; i++) {
        boxes[i]->y = fmax(boxes[i]->wish, least);
        shift += (boxes[i]->wish - boxes[i]->y) / n;
        least = boxes[i]->y + boxes[i]->height + GAP_Y;
    }
    for (unsigned i = 0; i < n; i++)
        boxes[i]->y += shift;
}

static void sweep(struct drawing *drawing, const struct links *links, bool from_left, struct drawing_box **sorted,
                  unsigned *counts)
{
    wishes_set(drawing, links, from_left, counts);
    for (unsigned i = 0; i < drawing->n_boxes; i++)
        sorted[i] = &drawing->boxes[i];
    qsort(sorted, drawing->n_boxes, sizeof(struct drawing_box *), by_column_and_wish);
    for (unsigned first = 0, end; first < drawing->n_boxes; first = end) {
        for (end = first; end < drawing->n_boxes && sorted[end]->column == sorted[first]->column;)
            end++;
        column_settle(sorted + first, end - first);
    }
}

static void columns_set(struct drawing *drawing)
{
    double x = MARGIN;
    for (unsigned column = 0; column <= column_last(drawing); column++) {
        double widest = 0;
        for (unsigned i = 0; i < drawing->n_boxes; i++)
            if (drawing->boxes[i].column == column)
                widest = fmax(widest, drawing->boxes[i].width);
        for (unsigned i = 0; i < drawing->n_boxes; i++) {
            struct drawing_box *box = &drawing->boxes[i];
            if (box->column == column)
                box->x = x + (box->name ? (widest - box->width) / 2 : 0);
            if (box->column == column && !box->name)
                box->width = widest;
        }
        x += widest + GAP_X;
    }
    drawing->width = x - GAP_X + MARGIN;
}

static void heights_set(struct drawing *drawing)
{
    double top = INFINITY, bottom = -INFINITY;
    for (unsigned i = 0; i < drawing->n_boxes; i++)
        top = fmin(top, drawing->boxes[i].y);
    for (unsigned i = 0; i < drawing->n_boxes; i++) {
        drawing->boxes[i].y += MARGIN - top;
        bottom = fmax(bottom, drawing->boxes[i].y + drawing->boxes[i].height);
    }
    drawing->height = fmax(bottom, 0) + MARGIN;
}

int drawing_place(struct drawing *drawing)
{
    struct links links = {0};
    columns_find(drawing);
    columns_tighten(drawing);
    for (unsigned i = 0; i < drawing->n_nodes; i++)
        box_measure(&drawing->boxes[i]);
    if (passes_add(drawing) || links_make(drawing, &links))
        return ERROR_INTERNAL;
    struct drawing_box **sorted = malloc((drawing->n_boxes + 1) * sizeof(struct drawing_box *));
    unsigned *counts = malloc((drawing->n_boxes + 1) * sizeof *counts);
    for (unsigned i = 0; sorted && counts && i < 2 * SWEEPS; i++)
        sweep(drawing, &links, i % 2 == 0, sorted, counts);
    int code = sorted && counts ? 0 : ERROR_INTERNAL;
    free(links.links);
    free(sorted);
    free(counts);
    columns_set(drawing);
    heights_set(drawing);
    return code;
}
