#include "osc/drawing.h"

#include <string.h>

#define RETURN_GAP 18.0 /* between the wires that run back */

static void escaped(const char *string, struct bytes *text)
{
    for (; *string; string++)
        if (*string == '<' || *string == '>' || *string == '&')
            bytes_print(text, *string == '<' ? "&lt;" : *string == '>' ? "&gt;" : "&amp;");
        else
            bytes_add_byte(text, (uint8_t)*string < ' ' ? ' ' : (uint8_t)*string);
}

/* Styles are attributes and not a style sheet, which some viewers and converters leave out. */
#define NAME  "text-anchor='middle' font-size='12' font-weight='bold' fill='#123'"
#define TYPE  "text-anchor='middle' font-size='10' fill='#567'"
#define LABEL "text-anchor='middle' font-size='12' font-style='italic' fill='#234'"
#define PORT  "font-size='10' fill='#345'"
#define OUT   PORT " text-anchor='end'"
#define GAIN  "font-size='10' fill='#933'"

static void words(double x, double y, const char *style, const char *string, struct bytes *text)
{
    bytes_print(text, "<text x='%.1f' y='%.1f' %s>", x, y, style);
    escaped(string, text);
    bytes_print(text, "</text>\n");
}

/* ---- boxes ---------------------------------------------------------------------------------------------------------- */

static void box_draw(const struct drawing_box *box, struct bytes *text)
{
    bool is_device = box->type[0] && (!strcmp(box->type, "input") || !strcmp(box->type, "output"));
    double middle = box->x + box->width / 2;
    bytes_print(text, "<rect x='%.1f' y='%.1f' width='%.1f' height='%.1f' rx='6' fill='%s' stroke='#567'/>\n", box->x,
                box->y, box->width, box->height, is_device ? "#dde8f4" : "#f6f8fa");
    words(middle, box->y + 16, NAME, box->name, text);
    words(middle, box->y + 29, TYPE, box->type, text);
    if (box->label)
        words(middle, box->y + 43, LABEL, box->label, text);
    for (unsigned i = 0; i < box->n_ports; i++) {
        const struct drawing_port *port = &box->ports[i];
        double edge = box->x + (port->is_out ? box->width : 0), y = box->y + port->y;
        bytes_print(text, "<circle cx='%.1f' cy='%.1f' r='3' fill='#345'/>\n", edge, y);
        words(edge + (port->is_out ? -8 : 8), y + 3.5, port->is_out ? OUT : PORT, port->name, text);
    }
}

/* ---- wires ---------------------------------------------------------------------------------------------------------- */

struct point {
    double x, y;
};

static struct point port_at(const struct drawing_box *box, unsigned port)
{
    const struct drawing_port *at = &box->ports[port];
    return (struct point){box->x + (at->is_out ? box->width : 0), box->y + at->y};
}

/* Level at both ends, so that parts of a long wire join without a corner. */
static void curve_to(struct point from, struct point to, struct bytes *text)
{
    double middle = (from.x + to.x) / 2;
    bytes_print(text, " C%.1f %.1f %.1f %.1f %.1f %.1f", middle, from.y, middle, to.y, to.x, to.y);
}

static void wire_forward(const struct drawing *drawing, const struct drawing_wire *wire, struct bytes *text)
{
    struct point at = port_at(&drawing->boxes[wire->from], wire->from_port);
    bytes_print(text, "M%.1f %.1f", at.x, at.y);
    for (unsigned i = 0; i < wire->n_pass; i++) {
        const struct drawing_box *pass = &drawing->boxes[wire->first_pass + i];
        struct point in = {pass->x, pass->y + pass->height / 2};
        curve_to(at, in, text);
        at = (struct point){pass->x + pass->width, in.y};
        bytes_print(text, " L%.1f %.1f", at.x, at.y);
    }
    curve_to(at, port_at(&drawing->boxes[wire->to], wire->to_port), text);
}

/* Out to the right, below everything, and in from the left. */
static void wire_back(const struct drawing *drawing, const struct drawing_wire *wire, double y, struct bytes *text)
{
    const struct point from = port_at(&drawing->boxes[wire->from], wire->from_port);
    const struct point to = port_at(&drawing->boxes[wire->to], wire->to_port);
    bytes_print(
        text,
        "M%.1f %.1f Q%.1f %.1f %.1f %.1f V%.1f Q%.1f %.1f %.1f %.1f H%.1f Q%.1f %.1f %.1f %.1f V%.1f Q%.1f %.1f %.1f %.1f",
        from.x, from.y, from.x + 22, from.y, from.x + 22, from.y + 22, y - 12, from.x + 22, y, from.x + 10, y, to.x - 10,
        to.x - 22, y, to.x - 22, y - 12, to.y + 22, to.x - 22, to.y, to.x, to.y);
}

/* Where gain and depth are written: on the wire, where it has left those that begin at the same port. */
static struct point words_at(const struct drawing *drawing, const struct drawing_wire *wire, double back_y)
{
    const double t = 0.4, u = 1 - t;
    struct point from = port_at(&drawing->boxes[wire->from], wire->from_port);
    struct point to = port_at(&drawing->boxes[wire->to], wire->to_port);
    const struct drawing_box *pass = &drawing->boxes[wire->first_pass];
    if (wire->is_feedback)
        return (struct point){(from.x + to.x) / 2 - 20, back_y - 4};
    if (wire->n_pass)
        to = (struct point){pass->x, pass->y + pass->height / 2};
    double middle = (from.x + to.x) / 2, bend = u * u * u + 3 * u * u * t;
    return (struct point){u * u * u * from.x + 3 * u * t * middle + t * t * t * to.x - 12,
                          bend * from.y + (1 - bend) * to.y - 4};
}

static void wire_words(const struct drawing *drawing, const struct drawing_wire *wire, double back_y, struct bytes *text)
{
    struct point at = words_at(drawing, wire, back_y);
    struct bytes line = {0};
    if (wire->is_modulation)
        bytes_print(&line, "x %.4g", wire->depth);
    if (wire->gain_db != 0)
        bytes_print(&line, "%s%.4g dB", line.n ? ", " : "", wire->gain_db);
    bool any = line.n > 0;
    bytes_add_byte(&line, '\0');
    if (any && !line.failed)
        words(at.x, at.y, GAIN, (const char *)line.data, text);
    text->failed |= line.failed;
    bytes_deinit(&line);
}

void drawing_svg(const struct drawing *drawing, struct bytes *text)
{
    unsigned n_back = 0;
    for (unsigned i = 0; i < drawing->n_wires; i++)
        n_back += drawing->wires[i].is_feedback;
    double height = drawing->height + RETURN_GAP * n_back, width = drawing->width + (n_back ? RETURN_GAP : 0);
    bytes_print(text,
                "<svg xmlns='http://www.w3.org/2000/svg' width='%.0f' height='%.0f' viewBox='0 0 %.0f %.0f' "
                "font-family='monospace'>\n<rect width='100%%' height='100%%' fill='#fff'/>\n",
                width, height, width, height);
    double back_y = drawing->height - RETURN_GAP / 2;
    for (unsigned i = 0; i < drawing->n_wires; i++) {
        const struct drawing_wire *wire = &drawing->wires[i];
        back_y += wire->is_feedback ? RETURN_GAP : 0;
        bytes_print(text, "<path fill='none' stroke-width='1.4' stroke='%s'%s d='",
                    wire->is_modulation   ? "#b5651d"
                    : wire->carries_notes ? "#2e7d32"
                    : wire->is_feedback   ? "#777"
                                          : "#345",
                    wire->carries_notes ? " stroke-dasharray='2 3'"
                    : wire->is_feedback ? " stroke-dasharray='6 4'"
                                        : "");
        if (wire->is_feedback)
            wire_back(drawing, wire, back_y, text);
        else
            wire_forward(drawing, wire, text);
        bytes_print(text, "'/>\n");
    }
    for (unsigned i = 0; i < drawing->n_nodes; i++)
        box_draw(&drawing->boxes[i], text);
    back_y = drawing->height - RETURN_GAP / 2;
    for (unsigned i = 0; i < drawing->n_wires; i++) {
        back_y += drawing->wires[i].is_feedback ? RETURN_GAP : 0;
        wire_words(drawing, &drawing->wires[i], back_y, text);
    }
    bytes_print(text, "</svg>\n");
}
