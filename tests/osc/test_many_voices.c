/* A container of 200 voices is a few nodes to clients: what makes it, edits it and takes that back is one statement each, while
 * its voices go on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/osc_rig.h"

#define N_VOICES 200
#define N_NOTES  128 /* that are held */

static struct osc_rig rig;

static const char *const session = "[\n"
                                   "/graph/add voices pad voices 200\n"
                                   "/graph/add osc pad/o level -40.0\n"
                                   "/graph/add filter pad/f cutoff 900.0\n"
                                   "/graph/add adsr pad/env\n"
                                   "/graph/add math pad/vca op multiply\n"
                                   "/graph/connect pad/in:pitch pad/o:freq depth 1.0\n"
                                   "/graph/connect pad/in:gate pad/env\n"
                                   "/graph/connect pad/o pad/f\n"
                                   "/graph/connect pad/f pad/vca:a\n"
                                   "/graph/connect pad/env pad/vca:b\n"
                                   "/graph/connect pad/vca pad/out\n"
                                   "/graph/connect pad/out out\n"
                                   "]";

static const char *const edit = "[\n"
                                "/graph/add limiter pad/l channels 1\n"
                                "/graph/connect pad/vca pad/l\n"
                                "/graph/connect pad/l pad/out gain -6.0\n"
                                "/graph/replace pad/f butterworth drop\n"
                                "/node/pad/o/level -46.0\n"
                                "/graph/rename pad choir\n"
                                "]";

static void open_rig(void)
{
    osc_rig_open(&rig);
}

static void close_rig(void)
{
    osc_rig_close(&rig);
}

static char *dump(void)
{
    return strdup(osc_rig_dump(&rig));
}

/* One edit, one step of the history. */
static void expect_one(const char *lines)
{
    uint64_t revision = rig.ctl->revision;
    char *before = dump();
    osc_rig_do(&rig, lines);
    ck_assert_uint_eq(rig.ctl->revision, revision + 1);
    char *after = dump();
    osc_rig_do(&rig, "/undo");
    ck_assert_str_eq(osc_rig_dump(&rig), before);
    osc_rig_do(&rig, "/redo");
    ck_assert_str_eq(osc_rig_dump(&rig), after);
    free(before);
    free(after);
}

static void play(void)
{
    char line[64];
    for (unsigned i = 0; i < N_NOTES; i++) {
        snprintf(line, sizeof line, "/note/on pad %u 100 hold", i);
        osc_rig_ask(&rig, line);
    }
}

static unsigned n_active(const char *name)
{
    const struct node *node = model_find(&rig.ctl->model, name);
    ck_assert_ptr_nonnull(node);
    return (unsigned)atomic_load(&node->object->readings[0]);
}

START_TEST(many_voices_are_made_and_taken_back_in_one_statement)
{
    expect_one(session);
    ck_assert_uint_eq(rig.ctl->model.n_nodes, 2 + 7);
    osc_rig_do(&rig, "/undo");
    osc_rig_wait(&rig);
    ck_assert_uint_eq(rig.ctl->model.n_linked, 2);
}
END_TEST

START_TEST(an_edit_of_many_voices_is_taken_back_while_they_sound)
{
    osc_rig_do(&rig, session);
    play();
    osc_rig_wait(&rig);
    ck_assert_uint_eq(n_active("pad"), N_NOTES);
    expect_one(edit);
    ck_assert_uint_eq(n_active("choir"), N_NOTES);
    osc_rig_do(&rig, "/undo");
    osc_rig_wait(&rig);
    ck_assert_uint_eq(n_active("pad"), N_NOTES);
    osc_rig_ask(&rig, "/note/all_off pad");
    for (unsigned i = 0; i < 4; i++)
        osc_rig_wait(&rig);
    ck_assert_uint_eq(n_active("pad"), 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        many_voices_are_made_and_taken_back_in_one_statement,
        an_edit_of_many_voices_is_taken_back_while_they_sound,
    };
    return osc_rig_suite("many voices", open_rig, close_rig, tests, sizeof tests / sizeof tests[0]);
}
