/* Thousands of transactions at random, undone and redone all the way and part of the way: at every step the session must be,
 * byte for byte, what it was there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/graph_check.h"
#include "tests/graph_rig.h"
#include "tests/undo_rig.h"

#define STEPS_MOST 400

static struct osc_rig rig;
static uint32_t seed;
static uint64_t time_ms;
static char *texts[STEPS_MOST]; /* the session, by the number of steps that are done */

static void open_rig(void)
{
    undo_rig_open(&rig);
    rig.stream_max = 1 << 24;
}

static void close_rig(void)
{
    for (unsigned i = 0; i < STEPS_MOST; i++)
        free(texts[i]);
    memset(texts, 0, sizeof texts);
    osc_rig_close(&rig);
}

/* ---- edits at random --------------------------------------------------------------------------------------------------- */

static const char *pick(const char *const *words, unsigned n)
{
    return words[dice_below(&seed, n)];
}

/* Of a node to be, or of one that is there. */
static const char *new_name(void)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g/x", "g/y", "h", "i"};
    return pick(names, ROWS(names));
}

static const char *name(void)
{
    const struct node *node = rig.ctl->model.first;
    for (unsigned n = dice_below(&seed, rig.ctl->model.n_nodes); node && (n || !node->live); node = node->next)
        n -= node->live;
    return node && dice_below(&seed, 20) ? node->name : new_name();
}

static const char *type(void)
{
    static const char *const types[] = {
        "osc", "gain",        "filter", "mixer inputs 3", "delay",          "butterworth order 4",
        "lfo", "sample_hold", "pan",    "splitter",       "gain channels 1"};
    return pick(types, ROWS(types));
}

static const char *port(void)
{
    static const char *const ports[] = {":out.1", ":in.2", ":gain", ":cutoff", ":in2", ":in3"};
    return dice_below(&seed, 3) ? "" : pick(ports, ROWS(ports));
}

static void connection(struct bytes *text)
{
    static const char *const more[] = {"", "", " gain -3.5", " feedback", " depth 0.25", " gain -9 feedback"};
    bytes_print(text, "/graph/connect %s%s %s%s%s\n", name(), port(), name(), port(), pick(more, ROWS(more)));
}

static void value(struct bytes *text)
{
    bytes_print(text, "/node/%s/", name());
    switch (dice_below(&seed, 8)) {
    case 0:
        bytes_print(text, "gain -%u.25\n", dice_below(&seed, 9));
        break;
    case 1:
        bytes_print(text, "freq %u5.5\n", 1 + dice_below(&seed, 9));
        break;
    case 2:
        bytes_print(text, "cutoff %u00.0 0.1\n", 1 + dice_below(&seed, 9));
        break;
    case 3:
        bytes_print(text, "time 0.%u1\n", dice_below(&seed, 9));
        break;
    case 4:
        bytes_print(text, "rate %u.0\n", 1 + dice_below(&seed, 9));
        break;
    case 5:
        bytes_print(text, "gain2 -%u.125\n", dice_below(&seed, 9));
        break;
    case 6:
        bytes_print(text, "order %u\n", 2 + 2 * dice_below(&seed, 3));
        break;
    default:
        bytes_print(text, "pan 0.%u\n", dice_below(&seed, 9));
        break;
    }
}

static void mark(struct bytes *text)
{
    unsigned bar = 1 + 2 * dice_below(&seed, 4);
    switch (dice_below(&seed, 5)) {
    case 0:
        bytes_print(text, "/transport/tempo %u.5 at %u:%u:0\n", 60 + dice_below(&seed, 90), bar, 1 + dice_below(&seed, 4));
        break;
    case 1:
        bytes_print(text, "/transport/tempo %u at %u:1:0\n", 60 + dice_below(&seed, 90), bar);
        break;
    case 2:
        bytes_print(text, "/transport/signature %u 4 at %u:1:0\n", 2 + dice_below(&seed, 4), bar);
        break;
    case 3:
        bytes_print(text, "/transport/clear %u:1:0\n", bar);
        break;
    default:
        bytes_print(text, "/transport/tempo 99.125\n");
        break;
    }
}

static void message(struct bytes *text)
{
    unsigned what = dice_below(&seed, 100);
    if (what < 22)
        bytes_print(text, "/graph/add %s %s\n", type(), new_name());
    else if (what < 24)
        bytes_print(text, "/graph/add player %s file %c.wav gain -2.5\n", new_name(), 'a' + (int)dice_below(&seed, 3));
    else if (what < 26)
        bytes_print(text, "/node/%s/file %c.wav\n", name(), 'a' + (int)dice_below(&seed, 3));
    else if (what < 50)
        connection(text);
    else if (what < 56)
        bytes_print(text, "/graph/disconnect %s %s\n", name(), name());
    else if (what < 62)
        bytes_print(text, "/graph/remove %s\n", name());
    else if (what < 68)
        bytes_print(text, "/graph/rename %s %s\n", name(), new_name());
    else if (what < 72)
        bytes_print(text, "/graph/copy %s %s%s\n", name(), new_name(), dice_below(&seed, 2) ? " edges" : "");
    else if (what < 78)
        bytes_print(text, "/graph/replace %s %s%s\n", name(), type(), dice_below(&seed, 3) ? " drop" : "");
    else if (what < 94)
        value(text);
    else if (what < 99)
        mark(text);
    else
        bytes_print(text, "%s\n", dice_below(&seed, 8) ? "/transport/play" : "/graph/clear");
}

static void send_at_random(void)
{
    struct bytes text = {0};
    unsigned n = dice_below(&seed, 3) ? 1 : 2 + dice_below(&seed, 4);
    if (n > 1)
        bytes_print(&text, "[\n");
    for (unsigned i = 0; i < n; i++)
        message(&text);
    if (n > 1)
        bytes_print(&text, "]\n");
    bytes_add_byte(&text, '\0');
    rig.peer = dice_below(&seed, 4) ? osc_rig_datagram((uint16_t)(9000 + dice_below(&seed, 2))) : osc_rig_stream(1);
    osc_rig_send(&rig, (const char *)text.data);
    bytes_deinit(&text);
    undo_rig_bring(&rig);
}

/* ---- there and back ---------------------------------------------------------------------------------------------------- */

static const struct past *past(void)
{
    return &rig.server->history.past;
}

/* Lets some time pass: none, a cycle, or so much that nothing fades any more. */
static void pass(void)
{
    undo_rig_clock(time_ms += dice_below(&seed, 1500));
    unsigned n = dice_below(&seed, 4);
    for (unsigned i = 0; i < (n == 3 ? 12 : n); i++)
        osc_rig_run(&rig);
}

static void edit_at_random(unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        send_at_random();
        size_t done = past()->n_done;
        OSC_RIG_DEMAND(done < STEPS_MOST, "too many steps");
        free(texts[done]);
        texts[done] = undo_rig_text(&rig);
        if (dice_below(&seed, 3))
            pass();
    }
}

static void compare(const char *what)
{
    char *now = undo_rig_text(&rig);
    OSC_RIG_DEMAND(strcmp(now, texts[past()->n_done]) == 0, "%s to step %zu gives\n%sinstead of\n%s", what, past()->n_done,
                   now, texts[past()->n_done]);
    free(now);
    graph_check_model(rig.ctl);
}

static void move(const char *what, size_t n)
{
    char line[40];
    size_t target = strcmp(what, "/undo") == 0 ? past()->n_done - n : past()->n_done + n;
    snprintf(line, sizeof line, "%s %zu", what, n);
    osc_rig_send(&rig, line);
    undo_rig_bring(&rig);
    OSC_RIG_DEMAND(past()->n_done == target, "%s is refused: %s", line, rig.answers[rig.n_answers - 1].line);
    compare(what);
    pass();
}

/* Moves by random numbers of steps until there is none left, or, if asked so, until somewhere on the way. */
static void move_on(const char *what, bool all)
{
    bool is_undo = strcmp(what, "/undo") == 0;
    for (size_t left; (left = is_undo ? past()->n_done : past()->n - past()->n_done) && (all || dice_below(&seed, 3));) {
        size_t most = left < 3 ? left : 3;
        move(what, 1 + dice_below(&seed, (unsigned)most));
    }
}

START_TEST(whatever_was_done_goes_back_and_forth_to_the_same_bytes)
{
    seed = 77 + (uint32_t)_i * 1001;
    texts[0] = undo_rig_text(&rig);
    for (unsigned round = 0; round < 10; round++) {
        edit_at_random(RIG_ROUNDS(40, 15));
        move_on("/undo", true);
        move_on("/redo", true);
        move_on("/undo", false);
    }
    osc_rig_wait(&rig);
    ck_assert_uint_eq(rig.ctl->model.n_linked, rig.ctl->model.n_nodes);
    graph_check_plan(rig.ctl, rig.ctl->engine->plan);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("random undo");
    TCase *tcase = tcase_create("random undo");
    tcase_add_checked_fixture(tcase, open_rig, close_rig);
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, whatever_was_done_goes_back_and_forth_to_the_same_bytes, 0, RIG_ROUNDS(20, 5));
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
