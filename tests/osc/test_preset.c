/* Presets as clients load them. */
#include <stdio.h>
#include <string.h>

#include "graph/preset.h"
#include "tests/event_nodes.h"
#include "tests/osc_rig.h"

static struct osc_rig rig;

static void open_rig(void)
{
    osc_rig_open(&rig);
    osc_rig_add(&rig, &rig_ear, "lead", (const float[]){0.5f, 1, 5});
}

static void close_rig(void)
{
    osc_rig_close(&rig);
}

START_TEST(a_preset_sets_every_value_but_what_is_chosen_at_creation)
{
    osc_rig_do(&rig, "/req/1/graph/preset lead soft");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/lead/level"), "/node/lead/level 0.25");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/lead/mode"), "/node/lead/mode 0");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/lead/size"), "/node/lead/size 5");
    osc_rig_do(&rig, "/req/1/graph/preset lead loud 0.5");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/lead/level"), "/node/lead/level 1.0");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/lead/mode"), "/node/lead/mode 2");
}
END_TEST

START_TEST(one_step_of_the_history_takes_it_back)
{
    osc_rig_do(&rig, "/req/1/graph/preset lead loud");
    osc_rig_do(&rig, "/undo");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/lead/level"), "/node/lead/level 0.5");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/lead/mode"), "/node/lead/mode 1");
    osc_rig_do(&rig, "/redo");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/lead/mode"), "/node/lead/mode 2");
}
END_TEST

START_TEST(a_program_change_loads_it_and_is_a_step_as_well)
{
    osc_rig_ask(&rig, "/note/program lead 1");
    for (unsigned i = 0; i < 10; i++)
        osc_rig_run(&rig);
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/lead/mode"), "/node/lead/mode 2");
    osc_rig_do(&rig, "/undo");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/lead/mode"), "/node/lead/mode 1");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/lead/level"), "/node/lead/level 0.5");
}
END_TEST

START_TEST(what_is_the_players_stays_through_presets_and_programs)
{
    osc_rig_do(&rig, "/graph/add fm piano mpe T bend 12");
    osc_rig_do(&rig, "/graph/preset piano flute");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/piano/mpe"), "/node/piano/mpe T");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/piano/bend"), "/node/piano/bend 12.0");
    osc_rig_ask(&rig, "/note/program piano 1");
    for (unsigned i = 0; i < 10; i++)
        osc_rig_run(&rig);
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/piano/mpe"), "/node/piano/mpe T");
}
END_TEST

START_TEST(what_there_is_not_is_refused_with_what_there_is)
{
    osc_rig_refuse(&rig, "/graph/preset lead sweet", ERROR_NO_MATCH, "sweet", "soft, loud, odd", NULL);
    osc_rig_refuse(&rig, "/graph/preset lead Loud", ERROR_NO_MATCH, "did you mean \"loud\"? it has: soft, loud, odd", NULL);
    osc_rig_refuse(&rig, "/node/lead/preset soft", ERROR_NO_SUCH_PARAM, "/graph/preset lead NAME", NULL);
    osc_rig_refuse(&rig, "/graph/preset out sweet", ERROR_NO_MATCH, "output has no presets", NULL);
    osc_rig_refuse(&rig, "/graph/preset nobody soft", ERROR_NO_SUCH_NODE, "nobody", NULL);
    osc_rig_refuse(&rig, "/graph/preset lead soft -1", ERROR_RANGE, "glide -1", NULL);
    osc_rig_refuse(&rig, "/graph/add gain g preset soft", ERROR_NO_MATCH, "gain has no presets", NULL);
    osc_rig_refuse(&rig, "/graph/add gain g preset 3", ERROR_BAD_TYPE, "preset", NULL);
    osc_rig_refuse(&rig, "/graph/add gain g preset", ERROR_BAD_TYPE, "preset", NULL);
}
END_TEST

START_TEST(they_are_listed_by_type_or_node_and_by_pages)
{
    osc_rig_do(&rig, "/graph/add sampler drums");
    ck_assert_ptr_nonnull(
        strstr(osc_rig_ask(&rig, "/graph/presets drums"), "8 natural 0 \"As the instrument was made.\" drums 1 "));
    ck_assert_str_eq(osc_rig_ask(&rig, "/graph/presets sampler 1 1"),
                     "/done 0 /graph/presets 8 drums 1 \"Every hit rings to its end.\"");
    ck_assert_ptr_nonnull(strstr(osc_rig_ask(&rig, "/graph/presets lead"), "3 soft 0 "));
    osc_rig_refuse(&rig, "/graph/presets out", ERROR_NO_MATCH, "output has no presets", "sampler", NULL);
}
END_TEST

/* Two nodes, of which one is made with the preset and one has it loaded, are the same; what is said beside it counts more. */
START_TEST(every_preset_of_the_build_can_be_loaded_either_way)
{
    for (unsigned i = 0; i < n_node_registry; i++)
        for (unsigned k = 0; k < node_registry[i]->n_presets; k++) {
            const struct node_class *class = node_registry[i];
            char line[300];
            snprintf(line, sizeof line, "/graph/add %s made preset %s", class->name, class->presets[k].name);
            osc_rig_do(&rig, line);
            snprintf(line, sizeof line, "/graph/add %s loaded", class->name);
            osc_rig_do(&rig, line);
            snprintf(line, sizeof line, "/graph/preset loaded %s 0", class->presets[k].name);
            osc_rig_do(&rig, line);
            const struct node *made = model_find(&rig.ctl->model, "made"), *loaded = model_find(&rig.ctl->model, "loaded");
            for (unsigned row = 0; row < class->n_params; row++)
                ck_assert_msg(made->values[row] == loaded->values[row] && made->notes[row] == loaded->notes[row],
                              "%s %s %s", class->name, class->presets[k].name, class->params[row].name);
            osc_rig_do(&rig, "/graph/remove made");
            osc_rig_do(&rig, "/graph/remove loaded");
            osc_rig_forget(&rig);
        }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_preset_sets_every_value_but_what_is_chosen_at_creation, one_step_of_the_history_takes_it_back,
        a_program_change_loads_it_and_is_a_step_as_well,          what_is_the_players_stays_through_presets_and_programs,
        what_there_is_not_is_refused_with_what_there_is,          they_are_listed_by_type_or_node_and_by_pages,
        every_preset_of_the_build_can_be_loaded_either_way,
    };
    return osc_rig_suite("presets", open_rig, close_rig, tests, ROWS(tests));
}
