/* What has changed since when, against a copy of all values that is compared one by one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "tests/graph_rig.h"
#include "tests/suite.h"

#define N_NAMES  6
#define N_ROUNDS RIG_ROUNDS(4000, 400)
#define SECOND   1000000000u

static struct graph_rig *rig;
static struct stamps *stamps;

static void setup(void)
{
    rig = graph_rig_new(48000);
    stamps = &rig->ctl->model.stamps;
}

static void teardown(void)
{
    graph_rig_free(rig);
}

/* The newest stamp of a row, by its names. */
static const struct stamp *stamp_of(const char *node, unsigned row)
{
    return &graph_rig_node(rig, node)->stamps[row];
}

/* ---- a slow copy ---------------------------------------------------------------------------------------------------- */

/* What somebody has seen who looked at everything: of each name the node and its values. */
struct seen {
    uint64_t sequence;
    float values[3];
};

static void look(struct seen seen[N_NAMES])
{
    for (unsigned i = 0; i < N_NAMES; i++) {
        const struct node *node = model_find(&rig->ctl->model, (char[]){'a' + (char)i, 0});
        seen[i] = (struct seen){0};
        if (!node)
            continue;
        seen[i].sequence = node->sequence;
        memcpy(seen[i].values, node->values, sizeof seen[i].values);
    }
}

/* All that differs from what was seen has a newer stamp, and what has a newer stamp is reached by the list. */
static void compare(const struct seen before[N_NAMES], uint64_t number)
{
    struct seen now[N_NAMES];
    look(now);
    for (unsigned i = 0; i < N_NAMES; i++) {
        if (!now[i].sequence)
            continue;
        const struct node *node = graph_rig_node(rig, (char[]){'a' + (char)i, 0}),
                          *found = stamp_after(&rig->ctl->model, number);
        bool is_newer = false;
        for (unsigned row = 0; row < 3; row++) {
            bool is_same = now[i].sequence == before[i].sequence && now[i].values[row] == before[i].values[row];
            ck_assert_msg(is_same || node->stamps[row].number > number, "%s:%u has changed unseen", node->name, row);
            is_newer |= node->stamps[row].number > number;
        }
        while (found && found != node)
            found = found->stamp_next;
        ck_assert_msg(!is_newer || found, "%s is not in the list of what has changed", node->name);
    }
}

static void check_list(void)
{
    const struct model *model = &rig->ctl->model;
    unsigned n = 0;
    uint64_t number = 0;
    for (const struct node *node = stamps->first; node; node = node->stamp_next, n++) {
        ck_assert(node->live && node->newest_stamp > number && node->newest_stamp <= stamps->n);
        ck_assert_ptr_eq(node->stamp_next ? node->stamp_next->stamp_prev : stamps->last, node);
        number = node->newest_stamp;
    }
    ck_assert_uint_eq(n, model->n_nodes);
}

static void random_edit(uint32_t *seed)
{
    static const char *const forms[] = {"add %c probe",
                                        "remove %c",
                                        "set %c level %u",
                                        "set %c mode %u",
                                        "set %c level %u; remove zebra",
                                        "remove %c; remove zebra",
                                        "set %c level %u; remove %c; add %c probe"};
    char script[100], name = (char)('a' + dice_below(seed, N_NAMES));
    unsigned form = dice_below(seed, ROWS(forms)), value = dice_below(seed, 3);
    bool has_value = strchr(forms[form], 'u') != NULL;
    if (has_value)
        snprintf(script, sizeof script, forms[form], name, value, name, name);
    else
        snprintf(script, sizeof script, forms[form], name);
    graph_rig_try(rig, "%s", script);
}

START_TEST(nothing_changes_unseen)
{
    struct seen before[N_NAMES];
    uint32_t seed = 7;
    uint64_t number = stamps->n;
    look(before);
    for (unsigned i = 0; i < N_ROUNDS; i++) {
        random_edit(&seed);
        if (dice_below(&seed, 8) == 0)
            graph_rig_run(rig, 512);
        check_list();
        compare(before, number);
        if (dice_below(&seed, 3) == 0) {
            look(before);
            number = stamps->n;
        }
    }
}
END_TEST

/* ---- what is no change ---------------------------------------------------------------------------------------------- */

START_TEST(setting_a_value_to_what_it_is_changes_nothing)
{
    graph_rig_commit(rig, "add p probe; set p level 3");
    uint64_t number = stamps->n;
    graph_rig_commit(rig, "set p level 3");
    graph_rig_set(rig, "p", "level", 3, 0);
    ck_assert_uint_eq(stamps->n, number);
    graph_rig_set(rig, "p", "level", 4, 0);
    ck_assert_uint_eq(stamp_of("p", 0)->number, number + 1);
    ck_assert_uint_lt(stamp_of("p", 1)->number, number);
}
END_TEST

START_TEST(what_is_rolled_back_has_not_changed)
{
    graph_rig_commit(rig, "add p probe; set p level 3");
    struct stamp before = *stamp_of("p", 0);
    stamps->by = 5;
    ck_assert_int_eq(graph_rig_try(rig, "set p level 4; set p level 5; remove zebra"), ERROR_NO_SUCH_NODE);
    ck_assert_mem_eq(stamp_of("p", 0), &before, sizeof before);
}
END_TEST

START_TEST(a_new_name_shows_all_rows_anew)
{
    graph_rig_commit(rig, "add p probe");
    uint64_t number = stamps->n, n_names = stamps->n_names;
    graph_rig_commit(rig, "remove p");
    ck_assert_ptr_null(stamp_after(&rig->ctl->model, number));
    graph_rig_commit(rig, "add p probe");
    ck_assert_ptr_eq(stamp_after(&rig->ctl->model, number), graph_rig_node(rig, "p"));
    ck_assert_uint_gt(stamp_of("p", 2)->number, number);
    ck_assert_uint_eq(stamps->n_names, n_names + 2);
}
END_TEST

/* ---- who knows already ---------------------------------------------------------------------------------------------- */

static const struct stamp *set_by(uint64_t by, double at_s, float value)
{
    stamps->by = by;
    stamps->now_ns = (uint64_t)(at_s * SECOND);
    graph_rig_set(rig, "p", "level", value, 0);
    stamps->by = 0;
    return stamp_of("p", 0);
}

START_TEST(who_sets_a_value_alone_knows_it)
{
    graph_rig_commit(rig, "add p probe");
    ck_assert(set_by(1, 10, 1)->is_known && stamp_of("p", 0)->by == 1);
    ck_assert(set_by(1, 10.1, 2)->is_known);
    ck_assert(set_by(2, 20, 3)->is_known && stamp_of("p", 0)->by == 2);
}
END_TEST

START_TEST(when_two_set_the_same_at_a_time_neither_is_sure)
{
    graph_rig_commit(rig, "add p probe");
    set_by(1, 10, 1);
    ck_assert(!set_by(2, 10.5, 2)->is_known);
    ck_assert(!set_by(2, 10.6, 3)->is_known);
    ck_assert(!set_by(1, 11.4, 4)->is_known);
    ck_assert(!set_by(1, 12.3, 5)->is_known);
    ck_assert(set_by(1, 12.5, 6)->is_known);
}
END_TEST

START_TEST(what_nobody_in_particular_changed_can_cross_a_set_on_its_way)
{
    graph_rig_commit(rig, "add p probe");
    set_by(1, 10, 1);
    set_by(0, 11.5, 2); /* an undo */
    ck_assert(!set_by(1, 11.6, 3)->is_known);
    ck_assert(set_by(1, 12.7, 4)->is_known);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {nothing_changes_unseen,
                                  setting_a_value_to_what_it_is_changes_nothing,
                                  what_is_rolled_back_has_not_changed,
                                  a_new_name_shows_all_rows_anew,
                                  who_sets_a_value_alone_knows_it,
                                  when_two_set_the_same_at_a_time_neither_is_sure,
                                  what_nobody_in_particular_changed_can_cross_a_set_on_its_way};
    TCase *tcase = tcase_create("stamp");
    tcase_add_checked_fixture(tcase, setup, teardown);
    for (unsigned i = 0; i < ROWS(tests); i++)
        tcase_add_test(tcase, tests[i]);
    return suite_run_case("stamp", tcase);
}
