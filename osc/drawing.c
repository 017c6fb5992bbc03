#include "osc/drawing.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/node.h"
#include "osc/packet.h"
#include "osc/text.h"

/* An array with one more element, zeroed, or null. It grows by doubling whenever n is a power of two. */
static void *grown(void *array, size_t n, size_t bytes)
{
    bool is_full = (n & (n - 1)) == 0;
    char *larger = is_full ? realloc(array, (n ? 2 * n : 1) * bytes) : array;
    if (larger)
        memset(larger + n * bytes, 0, bytes);
    return larger;
}

static int no_memory(struct error *error)
{
    return error_set(error, ERROR_INTERNAL, "memory ran out for the drawing");
}

static struct drawing_box *box_add(struct drawing *drawing, const char *name, size_t n_name, const char *type)
{
    struct drawing_box *boxes = grown(drawing->boxes, drawing->n_boxes, sizeof *boxes);
    if (!boxes)
        return NULL;
    drawing->boxes = boxes;
    struct drawing_box *box = &boxes[drawing->n_boxes];
    box->name = strndup(name, n_name);
    box->type = strdup(type);
    drawing->n_boxes++;
    drawing->n_nodes++;
    if (!box->name || !box->type || map_reserve(&drawing->names))
        return NULL;
    map_put(&drawing->names, box->name, (void *)(uintptr_t)drawing->n_boxes);
    return box;
}

/* "in" and "out" are there without being added. */
static struct drawing_box *box_of(struct drawing *drawing, const char *name, size_t n_name)
{
    uintptr_t number = (uintptr_t)map_find(&drawing->names, name, n_name);
    if (number)
        return &drawing->boxes[number - 1];
    bool is_in = n_name == 2 && memcmp(name, "in", 2) == 0;
    return box_add(drawing, name, n_name, is_in ? "input" : "output");
}

/* The port's place among the box's; it is added where it is new. False when memory ran out. */
static bool port_find(struct drawing_box *box, const char *name, bool is_out, unsigned *port)
{
    for (*port = 0; *port < box->n_ports; ++*port)
        if (box->ports[*port].is_out == is_out && strcmp(box->ports[*port].name, name) == 0)
            return true;
    struct drawing_port *ports = grown(box->ports, box->n_ports, sizeof *ports);
    if (!ports)
        return false;
    box->ports = ports;
    ports[box->n_ports] = (struct drawing_port){.name = strdup(name), .is_out = is_out};
    if (!ports[box->n_ports++].name)
        return false;
    ++*(is_out ? &box->n_out : &box->n_in);
    return true;
}

/* "node:port": number of the box, and of its port. */
static bool end_find(struct drawing *drawing, const char *reference, bool is_out, unsigned *number, unsigned *port)
{
    const char *colon = strchr(reference, ':');
    size_t n = colon ? (size_t)(colon - reference) : strlen(reference);
    struct drawing_box *box = box_of(drawing, reference, n);
    if (!box)
        return false;
    *number = (unsigned)(box - drawing->boxes);
    return port_find(box, colon ? colon + 1 : is_out ? "out" : "in", is_out, port);
}

/* ---- commands ------------------------------------------------------------------------------------------------------- */

static int add_read(struct drawing *drawing, const struct arg *args, unsigned n, struct error *error)
{
    if (n < 2 || !arg_string(&args[0]) || !arg_string(&args[1]))
        return error_set(error, ERROR_BAD_VALUE, "/graph/add without type and name");
    struct drawing_box *box = box_add(drawing, args[1].s, strlen(args[1].s), args[0].s);
    for (unsigned i = 2; box && i + 1 < n; i += 2)
        if (arg_string(&args[i]) && strcmp(args[i].s, "label") == 0 && arg_string(&args[i + 1]) && !box->label)
            box = (box->label = strdup(args[i + 1].s)) ? box : NULL;
    return box ? 0 : no_memory(error);
}

static void keywords_read(struct drawing_wire *wire, const struct arg *args, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        const char *word = arg_string(&args[i]);
        if (word && strcmp(word, "feedback") == 0)
            wire->is_feedback = true;
        else if (word && strcmp(word, "gain") == 0 && i + 1 < n)
            arg_number(&args[++i], &wire->gain_db);
        else if (word && strcmp(word, "depth") == 0 && i + 1 < n)
            wire->is_modulation = arg_number(&args[++i], &wire->depth);
    }
}

/* The text does not say it: the type does. */
static bool gives_notes(const struct drawing_box *box, unsigned port)
{
    const struct node_class *class = node_class_find(box->type);
    for (unsigned i = 0; class && i < class->n_outputs; i++)
        if (strcmp(class->outputs[i].name, box->ports[port].name) == 0)
            return class->outputs[i].events;
    return false;
}

static int connect_read(struct drawing *drawing, const struct arg *args, unsigned n, struct error *error)
{
    if (n < 2 || !arg_string(&args[0]) || !arg_string(&args[1]))
        return error_set(error, ERROR_BAD_VALUE, "/graph/connect without two ends");
    struct drawing_wire *wires = grown(drawing->wires, drawing->n_wires, sizeof *wires);
    if (!wires)
        return no_memory(error);
    drawing->wires = wires;
    struct drawing_wire *wire = &wires[drawing->n_wires];
    keywords_read(wire, args + 2, n - 2);
    if (!end_find(drawing, args[0].s, true, &wire->from, &wire->from_port) ||
        !end_find(drawing, args[1].s, false, &wire->to, &wire->to_port))
        return no_memory(error);
    wire->carries_notes = gives_notes(&drawing->boxes[wire->from], wire->from_port);
    drawing->n_wires++;
    return 0;
}

/* "/node/NAME/label TEXT". */
static int label_read(struct drawing *drawing, const char *address, const struct arg *args, struct error *error)
{
    const char *name = address + strlen("/node/"), *end = strrchr(name, '/');
    if (!end || strcmp(end, "/label") != 0 || !arg_string(args))
        return 0;
    struct drawing_box *box = box_of(drawing, name, (size_t)(end - name));
    if (!box)
        return no_memory(error);
    free(box->label);
    box->label = strdup(args->s);
    return box->label ? 0 : no_memory(error);
}

static int message_take(struct drawing *drawing, const uint8_t *bytes, struct error *error)
{
    struct arg args[512];
    struct message message = message_read(bytes);
    unsigned n = message_args(&message, args, sizeof args / sizeof args[0]);
    if (strcmp(message.address, "/graph/add") == 0)
        return add_read(drawing, args, n, error);
    if (strcmp(message.address, "/graph/connect") == 0)
        return connect_read(drawing, args, n, error);
    return strncmp(message.address, "/node/", 6) == 0 && n ? label_read(drawing, message.address, args, error) : 0;
}

int drawing_read(struct drawing *drawing, const char *text, struct error *error)
{
    unsigned number = 1;
    for (const char *at = text; *at; number++) {
        struct bytes packet = {0};
        struct error inner = {0};
        enum text_line kind;
        size_t n = strcspn(at, "\n");
        int code = text_parse(at, n, &kind, &packet, &inner);
        if (!code && kind == TEXT_MESSAGE)
            code = message_take(drawing, packet.data, &inner);
        bytes_deinit(&packet);
        if (code)
            return error_set(error, inner.code, "line %u, %.400s", number, inner.text);
        at += n + (at[n] == '\n');
    }
    return 0;
}

void drawing_free(struct drawing *drawing)
{
    for (unsigned i = 0; i < drawing->n_boxes; i++) {
        struct drawing_box *box = &drawing->boxes[i];
        for (unsigned k = 0; k < box->n_ports; k++)
            free(box->ports[k].name);
        free(box->ports);
        free(box->name);
        free(box->type);
        free(box->label);
    }
    free(drawing->boxes);
    free(drawing->wires);
    map_deinit(&drawing->names);
    *drawing = (struct drawing){0};
}

/* ---- for a terminal ------------------------------------------------------------------------------------------------- */

static void wire_text(const struct drawing *drawing, const struct drawing_wire *wire, struct bytes *text)
{
    const struct drawing_box *from = &drawing->boxes[wire->from], *to = &drawing->boxes[wire->to];
    bytes_print(text, "    %s <- %s:%s", to->ports[wire->to_port].name, from->name, from->ports[wire->from_port].name);
    if (wire->is_modulation)
        bytes_print(text, ", depth %g", wire->depth);
    if (wire->gain_db != 0)
        bytes_print(text, ", %g dB", wire->gain_db);
    bytes_print(text, "%s%s\n", wire->is_feedback ? ", feedback" : "", wire->carries_notes ? ", notes" : "");
}

void drawing_text(const struct drawing *drawing, struct bytes *text)
{
    for (unsigned i = 0; i < drawing->n_nodes; i++) {
        const struct drawing_box *box = &drawing->boxes[i];
        bytes_print(text, "%s (%s)%s%s\n", box->name, box->type, box->label ? " " : "", box->label ? box->label : "");
        for (unsigned k = 0; k < drawing->n_wires; k++)
            if (drawing->wires[k].to == i)
                wire_text(drawing, &drawing->wires[k], text);
    }
}
