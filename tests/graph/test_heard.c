/* What control hears of what is played: controllers from outside, and programs, which load presets. */
#include <check.h>
#include <stdlib.h>

#include "graph/heard.h"
#include "graph/play.h"
#include "graph/preset.h"
#include "tests/event_nodes.h"
#include "tests/graph_rig.h"
#include "tests/suite.h"

struct hearer {
    struct heard_listener listener;
    unsigned n;
    struct heard heard[2048];
    const struct node *node;
};

static void on_heard(void *self, struct node *node, const struct heard *heard)
{
    struct hearer *hearer = self;
    hearer->node = node;
    hearer->heard[hearer->n++] = *heard;
}

static struct hearer *hearer_new(struct graph_rig *rig)
{
    struct hearer *hearer = calloc(1, sizeof *hearer);
    hearer->listener = (struct heard_listener){hearer, on_heard, NULL};
    heard_listen(rig->ctl, &hearer->listener);
    return hearer;
}

static void control_put(struct piper *piper, uint64_t frame, unsigned number, float value)
{
    piper->plays[piper->n++] =
        (struct noted){frame, {.kind = EVENT_CONTROL, .number = (uint8_t)number, .value = value, .channel = 3}};
}

static struct piper *piper_of(const struct graph_rig *rig)
{
    return graph_rig_node(rig, "piper")->object->state;
}

static void play(struct graph_rig *rig, const char *node, const struct event *event)
{
    struct error error = {0};
    ck_assert_int_eq(ctl_play(rig->ctl, graph_rig_node(rig, node), event, 0, &error), 0);
}

static float value(const struct graph_rig *rig, const char *node, const char *param)
{
    struct error error;
    const struct node *found = graph_rig_node(rig, node);
    unsigned row = 0;
    ck_assert_int_eq(node_param_find(found->class, found->values, param, &row, &error), 0);
    return found->values[row];
}

START_TEST(a_controller_is_heard_with_its_node_and_its_frame)
{
    struct graph_rig *rig = graph_rig_new(48000);
    struct hearer *hearer = hearer_new(rig);
    graph_rig_commit(rig, "add piper piper");
    graph_rig_settle(rig);
    uint64_t from = ctl_clock(rig->ctl);
    control_put(piper_of(rig), from + 100, 7, 64);
    control_put(piper_of(rig), from + 700, 7, 65);
    graph_rig_run(rig, 1024);
    ck_assert_uint_eq(hearer->n, 2);
    ck_assert_ptr_eq(hearer->node, graph_rig_node(rig, "piper"));
    for (unsigned i = 0; i < 2; i++) {
        ck_assert_uint_eq(hearer->heard[i].frame, from + (i ? 700 : 100));
        ck_assert_uint_eq(hearer->heard[i].event.number, 7);
        ck_assert_uint_eq(hearer->heard[i].event.channel, 3);
        ck_assert_float_eq(hearer->heard[i].event.value, i ? 65 : 64);
    }
    graph_rig_free(rig);
    free(hearer);
}
END_TEST

START_TEST(what_finds_no_room_is_lost_and_counted)
{
    struct graph_rig *rig = graph_rig_new(48000);
    struct hearer *hearer = hearer_new(rig);
    graph_rig_commit(rig, "add piper piper");
    graph_rig_settle(rig);
    unsigned n = 0;
    for (unsigned block = 0; block < 6; block++) {
        struct piper *piper = piper_of(rig);
        piper->n = piper->next = 0;
        for (unsigned i = 0; i < EVENTS_MOST; i++, n++)
            control_put(piper, 0, 1, (float)i);
        graph_rig_cycle(rig, 256);
    }
    graph_rig_run(rig, 256);
    uint64_t unheard = atomic_load(&rig->ctl->engine->stats.unheard);
    ck_assert_uint_eq(hearer->n, HEARD_CAPACITY);
    ck_assert_uint_eq(hearer->n + unheard, n);
    graph_rig_free(rig);
    free(hearer);
}
END_TEST

START_TEST(nothing_is_heard_of_a_node_that_is_gone)
{
    struct graph_rig *rig = graph_rig_new(48000);
    struct hearer *hearer = hearer_new(rig);
    graph_rig_commit(rig, "add piper piper");
    graph_rig_settle(rig);
    control_put(piper_of(rig), 0, 7, 64);
    graph_rig_cycle(rig, 256);
    graph_rig_commit(rig, "remove piper");
    graph_rig_run(rig, 1024);
    ck_assert_uint_eq(hearer->n, 0);
    graph_rig_free(rig);
    free(hearer);
}
END_TEST

START_TEST(control_looks_often_while_somebody_plays)
{
    struct graph_rig *rig = graph_rig_new(48000);
    graph_rig_commit(rig, "add piper piper");
    graph_rig_settle(rig);
    int idle_ms = ctl_poll(rig->ctl);
    control_put(piper_of(rig), 0, 7, 64);
    graph_rig_cycle(rig, 256);
    ck_assert_int_lt(ctl_poll(rig->ctl), idle_ms);
    graph_rig_run(rig, 48000);
    ck_assert_int_eq(ctl_poll(rig->ctl), idle_ms);
    graph_rig_free(rig);
}
END_TEST

/* ---- programs -------------------------------------------------------------------------------------------------------- */

START_TEST(a_program_loads_the_preset_of_its_number)
{
    struct graph_rig *rig = graph_rig_new(48000);
    graph_rig_commit(rig, "add ear ear mode=1 size=5");
    graph_rig_settle(rig);
    play(rig, "ear", &(struct event){.kind = EVENT_PROGRAM, .number = 1, .source = play_source(1)});
    graph_rig_settle(rig);
    ck_assert_float_eq(value(rig, "ear", "level"), 1);
    ck_assert_float_eq(value(rig, "ear", "mode"), 2);
    ck_assert_float_eq(value(rig, "ear", "size"), 5);
    play(rig, "ear", &(struct event){.kind = EVENT_PROGRAM, .number = 0, .source = play_source(1)});
    graph_rig_settle(rig);
    ck_assert_float_eq(value(rig, "ear", "level"), 0.25f);
    ck_assert_float_eq(value(rig, "ear", "mode"), 0);
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_program_that_there_is_no_preset_for_changes_nothing)
{
    struct graph_rig *rig = graph_rig_new(48000);
    graph_rig_commit(rig, "add ear ear mode=1");
    graph_rig_settle(rig);
    uint64_t revision = rig->ctl->revision;
    play(rig, "ear", &(struct event){.kind = EVENT_PROGRAM, .number = 3, .source = play_source(1)});
    graph_rig_settle(rig);
    ck_assert_float_eq(value(rig, "ear", "level"), 0.5f);
    ck_assert_float_eq(value(rig, "ear", "mode"), 1);
    ck_assert_uint_eq(rig->ctl->revision, revision);
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_preset_that_is_wrong_is_refused_whole)
{
    static const struct {
        const char *values;
        int code;
    } wrong[] = {{"level 2.0", ERROR_RANGE},         {"level loud", ERROR_BAD_TYPE}, {"level", ERROR_BAD_TYPE},
                 {"nothing 1", ERROR_NO_SUCH_PARAM}, {"size 3", ERROR_UNSUPPORTED},  {"bypass 1", ERROR_UNSUPPORTED}};
    for (unsigned i = 0; i < ROWS(wrong); i++) {
        struct base values[3];
        struct error error = {0};
        int code = preset_read(&rig_ear, &(struct preset){"x", "", wrong[i].values}, values, &error);
        ck_assert_msg(code == wrong[i].code, "%s: %d, %s", wrong[i].values, code, error.text);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_controller_is_heard_with_its_node_and_its_frame,
                                  what_finds_no_room_is_lost_and_counted,
                                  nothing_is_heard_of_a_node_that_is_gone,
                                  control_looks_often_while_somebody_plays,
                                  a_program_loads_the_preset_of_its_number,
                                  a_program_that_there_is_no_preset_for_changes_nothing,
                                  a_preset_that_is_wrong_is_refused_whole};
    return suite_run("heard", 20, tests, ROWS(tests));
}
