/* The picture of a graph: what stands where, and that it is SVG whatever the names are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "osc/drawing.h"
#include "tests/suite.h"

static struct drawing drawing;
static struct bytes picture;

static void clean(void)
{
    drawing_free(&drawing);
    bytes_deinit(&picture);
}

static void draw(const char *text)
{
    struct error error = {0};
    ck_assert_msg(drawing_read(&drawing, text, &error) == 0, "%s", error.text);
    ck_assert_int_eq(drawing_place(&drawing), 0);
    drawing_svg(&drawing, &picture);
    bytes_add_byte(&picture, '\0');
    ck_assert(!picture.failed);
}

static bool shows(const char *text)
{
    return strstr((const char *)picture.data, text) != NULL;
}

static const struct drawing_box *box(const char *name)
{
    for (unsigned i = 0; i < drawing.n_nodes; i++)
        if (strcmp(drawing.boxes[i].name, name) == 0)
            return &drawing.boxes[i];
    ck_abort_msg("there is no %s", name);
}

/* That the sound runs to the right, and no box lies on another. */
static void check_places(void)
{
    for (unsigned i = 0; i < drawing.n_wires; i++) {
        const struct drawing_box *from = &drawing.boxes[drawing.wires[i].from], *to = &drawing.boxes[drawing.wires[i].to];
        if (!drawing.wires[i].is_feedback)
            ck_assert_msg(from->x + from->width < to->x, "%s is not left of %s", from->name, to->name);
    }
    for (unsigned i = 0; i < drawing.n_boxes; i++)
        for (unsigned k = 0; k < i; k++) {
            const struct drawing_box *a = &drawing.boxes[i], *b = &drawing.boxes[k];
            bool is_beside = a->x + a->width <= b->x || b->x + b->width <= a->x;
            bool is_above = a->y + a->height <= b->y || b->y + b->height <= a->y;
            if (a->column == b->column && !is_beside && !is_above)
                ck_abort_msg("%u lies on %u", i, k);
        }
    for (unsigned i = 0; i < drawing.n_boxes; i++) {
        ck_assert(drawing.boxes[i].x >= 0 && drawing.boxes[i].x + drawing.boxes[i].width <= drawing.width);
        ck_assert(drawing.boxes[i].y >= 0 && drawing.boxes[i].y + drawing.boxes[i].height <= drawing.height);
    }
}

/* Every element is closed in its turn, and no bare < or & is left: as much of XML as the picture has. */
static void check_svg(void)
{
    unsigned depth = 0;
    for (const char *at = (const char *)picture.data; (at = strpbrk(at, "<&")); at++) {
        const char *end = strchr(at, '>');
        if (*at == '&') {
            ck_assert(!strncmp(at, "&lt;", 4) || !strncmp(at, "&gt;", 4) || !strncmp(at, "&amp;", 5));
            continue;
        }
        ck_assert_ptr_nonnull(end);
        ck_assert(memchr(at + 1, '<', (size_t)(end - at - 1)) == NULL);
        if (at[1] == '/')
            ck_assert_uint_ge(depth--, 1);
        else
            depth += end[-1] != '/';
    }
    ck_assert_uint_eq(depth, 0);
}

START_TEST(sound_runs_from_left_to_right)
{
    draw("/graph/add osc a\n/graph/add gain b\n/graph/add gain c\n/graph/add output d\n"
         "/graph/connect a:out b:in\n/graph/connect b:out c:in\n/graph/connect c:out d:in\n/graph/connect a:out d:in\n");
    check_places();
    check_svg();
    ck_assert(box("a")->x < box("b")->x && box("b")->x < box("c")->x && box("c")->x < box("d")->x);
}
END_TEST

START_TEST(a_modulator_stands_beside_what_it_moves)
{
    draw("/graph/add osc a\n/graph/add gain b\n/graph/add filter c\n/graph/add lfo m\n"
         "/graph/connect a:out b:in\n/graph/connect b:out c:in\n/graph/connect m:out c:cutoff depth 2.0\n");
    check_places();
    ck_assert_uint_eq(box("m")->column, box("b")->column);
    ck_assert(shows(">x 2<") && shows(">cutoff<"));
}
END_TEST

START_TEST(feedback_is_dashed_and_moves_nothing)
{
    draw(
        "/graph/add delay a\n/graph/add gain b\n/graph/connect a:out b:in\n/graph/connect b:out a:in gain -6.0 feedback\n");
    check_places();
    check_svg();
    ck_assert(shows("stroke-dasharray") && shows(">-6 dB<"));
    ck_assert(box("a")->x < box("b")->x);
}
END_TEST

START_TEST(names_types_ports_and_labels_are_written_and_escaped)
{
    draw("/graph/add osc a.b-c/d_1\n/node/a.b-c/d_1/label \"<\\\"Big & bad\\\"> \xc3\xa4\"\n"
         "/graph/connect a.b-c/d_1:out.1 out:in.2 gain -3.5\n/node/out/ceiling -1.0\n");
    check_svg();
    ck_assert(shows(">a.b-c/d_1<") && shows(">osc<") && shows(">out.1<") && shows(">in.2<") && shows(">-3.5 dB<"));
    ck_assert(shows(">&lt;\"Big &amp; bad\"&gt; \xc3\xa4<"));
    ck_assert(shows(">output<"));
}
END_TEST

START_TEST(an_empty_graph_is_an_empty_picture)
{
    draw("");
    check_svg();
    ck_assert(!shows("<path"));
}
END_TEST

START_TEST(what_is_no_graph_is_refused_with_its_line)
{
    struct error error = {0};
    ck_assert_int_eq(drawing_read(&drawing, "/graph/add osc a\n/graph/add osc\n", &error), ERROR_BAD_VALUE);
    ck_assert_ptr_nonnull(strstr(error.text, "line 2"));
    ck_assert_int_ne(drawing_read(&drawing, "nonsense\n", &error), 0);
}
END_TEST

START_TEST(a_large_graph_finds_room_for_all)
{
    struct bytes text = {0};
    uint32_t seed = 7;
    for (unsigned i = 0; i < 80; i++)
        bytes_print(&text, "/graph/add mixer n%u\n", i);
    for (unsigned i = 1; i < 80; i++)
        for (unsigned k = 0; k < 3; k++) {
            seed = seed * 1664525u + 1013904223u;
            bytes_print(&text, "/graph/connect n%u:out n%u:in%u\n", (seed >> 8) % i, i, k + 1);
        }
    bytes_add_byte(&text, '\0');
    draw((const char *)text.data);
    bytes_deinit(&text);
    check_places();
    check_svg();
}
END_TEST

START_TEST(lines_for_a_terminal_say_where_inputs_come_from)
{
    struct error error = {0};
    ck_assert_int_eq(
        drawing_read(&drawing,
                     "/graph/add osc a\n/graph/add filter lp\n/node/lp/label \"low pass\"\n"
                     "/graph/connect a:out lp:in gain -6.0\n/graph/connect a:out lp:cutoff depth 1.0 feedback\n",
                     &error),
        0);
    drawing_text(&drawing, &picture);
    bytes_add_byte(&picture, '\0');
    ck_assert_str_eq((const char *)picture.data, "a (osc)\n"
                                                 "lp (filter) low pass\n"
                                                 "    in <- a:out, -6 dB\n"
                                                 "    cutoff <- a:out, depth 1, feedback\n");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        sound_runs_from_left_to_right,        a_modulator_stands_beside_what_it_moves,
        feedback_is_dashed_and_moves_nothing, names_types_ports_and_labels_are_written_and_escaped,
        an_empty_graph_is_an_empty_picture,   what_is_no_graph_is_refused_with_its_line,
        a_large_graph_finds_room_for_all,     lines_for_a_terminal_say_where_inputs_come_from};
    TCase *cases = tcase_create("drawing");
    tcase_add_checked_fixture(cases, NULL, clean);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(cases, tests[i]);
    return suite_run_case("drawing", cases);
}
