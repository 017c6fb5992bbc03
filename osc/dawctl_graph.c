/* dawctl graph: the graph of a running daemon as lines, or drawn. */
#include <stdio.h>
#include <string.h>

#include "osc/dawctl.h"
#include "osc/drawing.h"
#include "osc/fetch.h"

static int draw(const char *text, bool is_svg)
{
    struct drawing drawing = {0};
    struct bytes picture = {0};
    struct error error = {0};
    int code = drawing_read(&drawing, text, &error);
    if (!code && is_svg && (code = drawing_place(&drawing)))
        error_set(&error, ERROR_INTERNAL, "memory ran out for the drawing");
    if (!code)
        (is_svg ? drawing_svg : drawing_text)(&drawing, &picture);
    if (!code && picture.failed)
        code = error_set(&error, ERROR_INTERNAL, "memory ran out for the drawing");
    if (code)
        fprintf(stderr, "dawctl: %s\n", error.text);
    else
        fwrite(picture.data, 1, picture.n, stdout);
    bytes_deinit(&picture);
    drawing_free(&drawing);
    return code ? ASK_FAILED : ASK_DONE;
}

static int draw_graph(const struct dawctl *dawctl, char **words)
{
    struct ask ask;
    struct message answer;
    struct arg arg;
    (void)words;
    int outcome = dawctl_open(&ask, dawctl);
    if (outcome != DAWCTL_GO_ON)
        return outcome;
    outcome = (int)fetch(&ask, "/graph/dump", &answer);
    if (outcome == ASK_DONE)
        outcome = message_args(&answer, &arg, 1) == 1 && arg_string(&arg) ? draw(arg.s, dawctl->svg) : ASK_FAILED;
    link_close(&ask.link);
    return outcome;
}

const struct subcommand graph_subcommand = {"graph", "", "print the graph; with --svg, a drawing of it", 0, 0, draw_graph};
