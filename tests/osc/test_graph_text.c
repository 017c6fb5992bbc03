/* The graph as text: its commands build the same graph again, and its drawing is one that Graphviz takes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "osc/command.h"
#include "osc/graph_text.h"
#include "tests/osc_rig.h"

static struct osc_rig rig;

static void open_rig(void)
{
    osc_rig_open(&rig);
}

static void close_rig(void)
{
    osc_rig_close(&rig);
}

/* A request that may wait for a file, which comes. */
static void do_with_file(struct osc_rig *to, const char *lines)
{
    osc_rig_send(to, lines);
    while (to->n_loads)
        osc_rig_load(to, to->loads[0].path);
    osc_rig_run(to);
    for (const struct osc_rig_answer *answer; (answer = osc_rig_answer(to));)
        ck_assert_msg(strncmp(answer->line, "/fail", 5) != 0, "%s: %s", lines, answer->line);
}

static const struct edge *next_live(const struct edge *edge)
{
    while (edge && !edge->live)
        edge = edge->in_next;
    return edge;
}

/* What arrives at each node arrives in the same order: sums are then the same to the last bit. */
static void check_sums(const struct model *a, const struct model *b)
{
    for (const struct node *node = a->first; node; node = node->next) {
        if (!node->live)
            continue;
        const struct edge *x = next_live(node->in_first), *y = next_live(model_find(b, node->name)->in_first);
        for (; x && y; x = next_live(x->in_next), y = next_live(y->in_next))
            ck_assert(strcmp(x->from->name, y->from->name) == 0 && x->from_first == y->from_first &&
                      x->to_port == y->to_port && x->to_first == y->to_first);
        ck_assert(!x && !y);
    }
}

/* The dump, line by line or as one bundle, into a new session: which dumps the same bytes. */
static void check_replay(bool as_bundle)
{
    struct osc_rig other;
    struct bytes lines = {0};
    char *dump = strdup(osc_rig_dump(&rig));
    osc_rig_open(&other);
    other.peer = osc_rig_stream(1);
    bytes_print(&lines, "[\n%s]", dump);
    bytes_add_byte(&lines, '\0');
    if (as_bundle) {
        do_with_file(&other, (const char *)lines.data);
    } else {
        char *copy = strdup(dump), *save;
        for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
            do_with_file(&other, line);
        free(copy);
    }
    ck_assert_str_eq(osc_rig_dump(&other), dump);
    ck_assert_uint_eq(other.ctl->model.n_nodes, rig.ctl->model.n_nodes);
    ck_assert_uint_eq(other.ctl->model.n_edges, rig.ctl->model.n_edges);
    check_sums(&rig.ctl->model, &other.ctl->model);
    osc_rig_close(&other);
    bytes_deinit(&lines);
    free(dump);
}

/* Where Graphviz is installed, it must take the drawing. */
static bool has_graphviz(void)
{
    return system("command -v dot >/dev/null 2>&1") == 0;
}

static void check_drawing(void)
{
    struct bytes text = {0};
    graph_text_dot(&rig.ctl->model, &text);
    ck_assert(!text.failed);
    if (has_graphviz()) {
        FILE *dot = popen("dot -Tplain >/dev/null 2>&1", "w");
        ck_assert_ptr_nonnull(dot);
        ck_assert_uint_eq(fwrite(text.data, 1, text.n, dot), text.n);
        ck_assert_msg(pclose(dot) == 0, "Graphviz does not take: %.*s", (int)text.n, (const char *)text.data);
    }
    bytes_deinit(&text);
}

/* ---- what stands in it ----------------------------------------------------------------------------------------------- */

START_TEST(a_new_session_is_an_empty_text)
{
    ck_assert_str_eq(osc_rig_dump(&rig), "");
    ck_assert_str_eq(osc_rig_do(&rig, "/graph/dump"), "/done 0 /graph/dump \"\"");
    ck_assert_str_eq(osc_rig_do(&rig, "/graph/get out"), "/done 0 /graph/get \"\"");
}
END_TEST

START_TEST(only_what_is_not_the_default_is_said)
{
    osc_rig_do(&rig, "/graph/add filter a mode lowpass cutoff 1000.0 channels 2");
    osc_rig_do(&rig, "/graph/add filter b mode peak cutoff 999.0 channels 1");
    osc_rig_do(&rig, "/graph/connect a b gain 0");
    osc_rig_ask(&rig, "/node/a/q 2.0");
    osc_rig_ask(&rig, "/node/b/cutoff 1000.0");
    ck_assert_str_eq(osc_rig_dump(&rig), "/graph/add filter a q 2.0\n"
                                         "/graph/add filter b channels 1 mode peak\n"
                                         "/graph/connect a:out b:in\n");
}
END_TEST

START_TEST(the_nodes_that_always_exist_are_set_and_not_added)
{
    osc_rig_ask(&rig, "/node/out/ceiling -3.0");
    osc_rig_do(&rig, "/graph/connect in:out.1 out:in.2 gain -120.0");
    ck_assert_str_eq(osc_rig_dump(&rig), "/node/out/ceiling -3.0\n"
                                         "/graph/connect in:out.1 out:in.2 gain -120.0\n");
    check_replay(false);
    check_replay(true);
}
END_TEST

START_TEST(what_was_removed_is_gone_at_once_though_it_still_fades)
{
    osc_rig_do(&rig, "/graph/add osc a");
    osc_rig_do(&rig, "/graph/add osc b");
    osc_rig_do(&rig, "/graph/connect a out");
    osc_rig_do(&rig, "/graph/connect b out");
    osc_rig_do(&rig, "/graph/disconnect b out");
    osc_rig_do(&rig, "/graph/remove a");
    ck_assert_str_eq(osc_rig_dump(&rig), "/graph/add osc b\n");
    osc_rig_do(&rig, "/graph/add gain a");
    osc_rig_do(&rig, "/graph/connect b out gain -1");
    ck_assert_str_eq(osc_rig_dump(&rig), "/graph/add osc b\n/graph/add gain a\n/graph/connect b:out out:in gain -1.0\n");
}
END_TEST

START_TEST(connections_are_told_in_the_order_in_which_they_were_made)
{
    osc_rig_do(&rig, "/graph/add osc a");
    osc_rig_do(&rig, "/graph/add osc b");
    osc_rig_do(&rig, "/graph/connect b out");
    osc_rig_do(&rig, "/graph/connect a out");
    ck_assert_str_eq(osc_rig_dump(&rig), "/graph/add osc a\n/graph/add osc b\n"
                                         "/graph/connect b:out out:in\n/graph/connect a:out out:in\n");
    check_replay(true);
    osc_rig_do(&rig, "/graph/disconnect b out"); /* and again, before it has faded */
    osc_rig_do(&rig, "/graph/connect b out");
    ck_assert_str_eq(osc_rig_dump(&rig), "/graph/add osc a\n/graph/add osc b\n"
                                         "/graph/connect a:out out:in\n/graph/connect b:out out:in\n");
    check_replay(true);
    osc_rig_do(&rig, "/graph/disconnect a out");
    osc_rig_refuse(&rig, "[\n/graph/connect a out\n/graph/remove b\n/graph/remove b\n]", ERROR_NO_SUCH_NODE, NULL);
    osc_rig_do(&rig, "/graph/connect a out gain -1");
    check_replay(false);
}
END_TEST

START_TEST(what_is_of_the_moment_is_not_told)
{
    for (unsigned i = 0; i < n_node_registry; i++)
        for (unsigned row = 0; row < node_registry[i]->n_params; row++) {
            const struct param_info *info = &node_registry[i]->params[row];
            if (!(info->flags & PARAM_TRANSIENT) || param_is_path(info))
                continue;
            char line[200];
            snprintf(line, sizeof line, "/graph/add %s t%u_%u %s %g", node_registry[i]->name, i, row, info->name,
                     (double)(info->initial == info->max ? info->min : info->max));
            osc_rig_do(&rig, line);
            snprintf(line, sizeof line, "/graph/add %s t%u_%u\n", node_registry[i]->name, i, row);
            ck_assert(strstr(osc_rig_dump(&rig), line) != NULL);
        }
}
END_TEST

/* ---- there and back -------------------------------------------------------------------------------------------------- */

/* A value of the parameter as a word: the k-th of a few that are hard to write. */
static void value_word(const struct param_info *info, unsigned k, char *word, size_t bytes)
{
    static const float parts[] = {0, 1, 1.0f / 3, 0.1f, 0.777777f};
    float part = parts[k % ROWS(parts)], value = info->min + part * (info->max - info->min);
    if (info->kind == PARAM_CHOICE)
        snprintf(word, bytes, "%s", info->choices[k % ((unsigned)info->max + 1)]);
    else if (info->kind == PARAM_SWITCH)
        snprintf(word, bytes, "%s", k % 2 ? "T" : "F");
    else if (info->kind == PARAM_INTEGER)
        snprintf(word, bytes, "%d", (int)value / (info->step ? (int)info->step : 1) * (info->step ? (int)info->step : 1));
    else if (param_is_path(info))
        snprintf(word, bytes, "\"sounds/a \\\"loud\\\" %u.wav\"", k);
    else
        snprintf(word, bytes, "%.9ed", (double)value);
}

START_TEST(every_type_with_any_values_comes_back)
{
    for (unsigned i = 0; i < n_node_registry; i++)
        for (unsigned k = 0; k < 4; k++) {
            const struct node_class *class = node_registry[i];
            char line[20000], word[100];
            int n = snprintf(line, sizeof line, "/graph/add %s %s_%u", class->name, class->name, k);
            unsigned least = class->numbered_by ? (unsigned)class->params[class->numbered_by - 1].min : 0;
            for (unsigned row = 0; row < class->n_params; row++) {
                if (class->params[row].number > least) /* not every node has it */
                    continue;
                value_word(&class->params[row], k + row, word, sizeof word);
                n += snprintf(line + n, sizeof line - (size_t)n, " %s %s", class->params[row].name, word);
            }
            if (class->channels_max)
                snprintf(line + n, sizeof line - (size_t)n, " channels %u", 1 + k % class->channels_max);
            do_with_file(&rig, line);
        }
    check_replay(false);
    check_replay(true);
}
END_TEST

START_TEST(odd_file_names_come_back)
{
    static const char *const words[] = {
        "plain.wav", "\"with space.wav\"",           "\"12\"",        "\"T\"",     "\"back\\\\slash\"", "\"#1\"",
        "\"[\"",     "\"\xc3\xbc\xf0\x9f\x8e\xb5\"", "%s:0a09010d22", "%s:ff01fe", "\"%b:00\"",         "/a/b.wav"};
    for (unsigned i = 0; i < ROWS(words); i++) {
        char line[200];
        snprintf(line, sizeof line, "/graph/add player p%u file %s", i, words[i]);
        do_with_file(&rig, line);
    }
    check_replay(false);
    check_replay(true);
    check_drawing();
}
END_TEST

static uint32_t random_state = 1;

static unsigned random_below(unsigned n)
{
    random_state = random_state * 1664525 + 1013904223;
    return (random_state >> 8) % n;
}

/* Something that may or may not be possible. */
static void random_request(void)
{
    static const char *const types[] = {"gain", "filter", "osc", "lfo", "delay"};
    static const char *const from[] = {"", ":out", ":out.1", ":out.2"};
    static const char *const to[] = {"", ":in", ":in.2", ":in.1-2"}, *const moved[] = {"gain", "cutoff", "freq", "mix"};
    char line[200];
    unsigned a = random_below(20), b = random_below(20), kind = random_below(16);
    const char *feedback = random_below(4) ? "" : " feedback";
    if (kind < 3)
        snprintf(line, sizeof line, "/graph/add %s n%u", types[random_below(5)], a);
    else if (kind == 3)
        snprintf(line, sizeof line, "/graph/remove n%u", a);
    else if (kind == 4)
        snprintf(line, sizeof line, "/node/n%u/gain %g", a, -(double)random_below(100) / 7);
    else if (kind == 5)
        snprintf(line, sizeof line, "/graph/disconnect n%u n%u", a, b);
    else if (kind < 9)
        snprintf(line, sizeof line, "/graph/connect n%u%s out%s gain %u", a, from[random_below(4)], to[random_below(4)],
                 random_below(20));
    else if (kind < 12)
        snprintf(line, sizeof line, "/graph/connect n%u%s n%u:%s depth 0.3%s", a, from[random_below(4)], b,
                 moved[random_below(4)], feedback);
    else
        snprintf(line, sizeof line, "/graph/connect n%u%s n%u%s%s", a, from[random_below(4)], b, to[random_below(4)],
                 feedback);
    osc_rig_send(&rig, line);
    if (random_below(4) == 0)
        osc_rig_run(&rig);
}

START_TEST(any_graph_comes_back)
{
    unsigned n_edges = 0;
    for (unsigned i = 0; i < 10; i++) {
        for (unsigned k = 0; k < 300; k++)
            random_request();
        osc_rig_run(&rig);
        rig.n_read = rig.n_answers;
        check_replay(i % 2);
        n_edges += rig.ctl->model.n_edges;
    }
    ck_assert_msg(n_edges > 200, "only %u connections were tried", n_edges);
}
END_TEST

START_TEST(a_node_and_its_connections_are_told_alone)
{
    osc_rig_do(&rig, "/graph/add osc a");
    osc_rig_do(&rig, "/graph/add gain b gain -6.0");
    osc_rig_do(&rig, "/graph/connect a b");
    osc_rig_do(&rig, "/graph/connect b out:in.2 gain -3");
    osc_rig_do(&rig, "/graph/connect a b:gain depth 2");
    osc_rig_do(&rig, "/graph/connect b b:gain depth 0.5 feedback");
    ck_assert_str_eq(osc_rig_do(&rig, "/graph/get b"),
                     "/done 0 /graph/get \"/graph/add gain b gain -6.0\\n/graph/connect b:out out:in.2 gain -3.0\\n"
                     "/graph/connect b:out b:gain depth 0.5 feedback\\n\"");
}
END_TEST

/* ---- drawing --------------------------------------------------------------------------------------------------------- */

START_TEST(the_drawing_of_any_graph_is_taken_by_graphviz)
{
    check_drawing();
    do_with_file(&rig, "/graph/add player p file \"sounds/a \\\"loud\\\" \\\\one.wav\" loop T");
    osc_rig_do(&rig, "/graph/connect p out gain -3.5");
    osc_rig_do(&rig, "/graph/add lfo sweep rate 0.1");
    osc_rig_do(&rig, "/graph/add filter a-b.c/d mode notch");
    osc_rig_do(&rig, "/graph/connect p a-b.c/d");
    osc_rig_do(&rig, "/graph/connect sweep a-b.c/d:cutoff depth 2");
    check_drawing();
    for (unsigned k = 0; k < 200; k++)
        random_request();
    osc_rig_run(&rig);
    rig.n_read = rig.n_answers;
    check_drawing();
}
END_TEST

START_TEST(the_drawing_names_nodes_levels_and_depths)
{
    osc_rig_do(&rig, "/graph/add osc a freq 300.0");
    osc_rig_do(&rig, "/graph/add gain b");
    osc_rig_do(&rig, "/graph/connect a b gain -6");
    osc_rig_do(&rig, "/graph/connect a b:gain depth 2");
    osc_rig_do(&rig, "/graph/connect b b gain -9 feedback");
    static const char *const parts[] = {"\\\"a\\\" [label=\\\"a\\\\nosc\\\\nfreq 300 Hz\\\"]",
                                        "\\\"a\\\" -> \\\"b\\\" [label=\\\"-6 dB\\\"]",
                                        "\\\"a\\\" -> \\\"b\\\" [style=dashed, label=\\\"gain x 2\\\"]",
                                        "\\\"b\\\" -> \\\"b\\\" [label=\\\"-9 dB\\\"] [color=gray, constraint=false]"};
    const char *line = osc_rig_do(&rig, "/graph/dump dot");
    for (unsigned i = 0; i < ROWS(parts); i++)
        ck_assert_msg(strstr(line, parts[i]) != NULL, "%s is not in %s", parts[i], line);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_new_session_is_an_empty_text,
        only_what_is_not_the_default_is_said,
        the_nodes_that_always_exist_are_set_and_not_added,
        what_was_removed_is_gone_at_once_though_it_still_fades,
        connections_are_told_in_the_order_in_which_they_were_made,
        what_is_of_the_moment_is_not_told,
        every_type_with_any_values_comes_back,
        odd_file_names_come_back,
        any_graph_comes_back,
        a_node_and_its_connections_are_told_alone,
        the_drawing_of_any_graph_is_taken_by_graphviz,
        the_drawing_names_nodes_levels_and_depths,
    };
    return osc_rig_suite("graph as text", open_rig, close_rig, tests, ROWS(tests));
}
