/* Thousands of transactions at random, undone and redone all the way and part of the way: at every step the session must be,
 * byte for byte, what it was there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/graph_check.h"
#include "tests/graph_rig.h"
#include "tests/random_lines.h"
#include "tests/suite.h"
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

static void send_at_random(void)
{
    struct bytes text = {0};
    random_lines(&rig, &seed, &text);
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
    TCase *tcase = tcase_create("random undo");
    tcase_add_checked_fixture(tcase, open_rig, close_rig);
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, whatever_was_done_goes_back_and_forth_to_the_same_bytes, 0, RIG_ROUNDS(20, 5));
    return suite_run_case("random undo", tcase);
}
