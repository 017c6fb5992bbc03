/* Memory runs out, at every place where it can: nothing has happened then, nothing is lost, and the next try succeeds. */
#include <string.h>

#include "graph/batch.h"
#include "tests/graph_check.h"
#include "tests/no_memory.h"
#include "tests/suite.h"

#define RATE_HZ 48000

#ifdef __SANITIZE_THREAD__
#define STEP 7 /* slow, and there is only one thread */
#else
#define STEP 1
#endif

/* ---- edits ---------------------------------------------------------------------------------------------------------- */

#define BASE                                                                                                               \
    "add s source 2; add p probe 2; add q probe 2; connect s p; connect p q; add v gain 1; connect s:out.1 v;"             \
    "connect v q:side"
#define FADES "fade 0.1; disconnect p q; connect q p; remove w; disconnect s:out.1 v; disconnect v q:side"

/* A graph at rest; one in the middle of fades, with an edge that waits; and one whose fades have ended unnoticed. */
static const struct {
    const char *script, *then;
    unsigned polled, idle; /* frames that pass after `then`: with control looking, and without */
} starts[] = {
    {BASE "; connect s q:level depth=1", NULL, 0, 0},
    {BASE "; add w late 2 frames=77; connect s w; connect w p", FADES, 600, 0},
    {BASE "; add w late 2 frames=77; connect s w; connect w p", FADES, 600, 9000},
};

#define EDIT                                                                                                               \
    "add x late 2 frames=9; add y output 3; connect s x; connect x y:in.1-2; connect x p; disconnect s p; remove "         \
    "q; set p level 4; add q sum; connect p:out.1 q:a; connect s p gain=-9; add n1 gain; add n2 gain; add n3 "             \
    "gain; tempo 90 3:1:0; signature 3 4 2:1:0; locate 5:1:0; tempo 60; play; connect n1 n2; "                             \
    "connect n2 n3; rename n3 m; replace y output 2; connect s n1; disconnect s n1; set p tone 300 2"
#define BEFORE "add m/v gain; connect s m/v; connect m/v out; set p level -1"

static struct graph_rig *rig_at(unsigned start)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "%s", starts[start].script);
    graph_rig_settle(rig);
    if (starts[start].then)
        graph_rig_commit(rig, "%s", starts[start].then);
    graph_rig_run(rig, starts[start].polled);
    for (unsigned i = 0; i < starts[start].idle; i += 100)
        graph_rig_cycle(rig, 100);
    return rig;
}

struct answered {
    unsigned n_calls;
    enum error_code code;
};

static void hear(void *user, const struct outcome *outcome)
{
    struct answered *heard = user;
    heard->n_calls++;
    heard->code = outcome->error->code;
}

/* Tries the edit while memory runs out; false when it was refused, for which rig->error then says why. */
static bool edit(struct graph_rig *rig, struct answered *heard)
{
    struct tx *tx = tx_open(rig->ctl, 0.01);
    if (!tx || graph_rig_stage(rig, tx, EDIT)) {
        if (tx)
            tx_rollback(tx);
        return false;
    }
    tx_commit(tx, (struct completion){hear, heard});
    for (unsigned i = 0; i < 3; i++)
        ctl_poll(rig->ctl);
    return true;
}

static void check_live(const struct graph_rig *rig, const char *expected)
{
    char *now = graph_dump_live(rig->ctl);
    ck_assert_str_eq(now, expected);
    free(now);
    graph_check_model(rig->ctl);
}

static void check_sounds(struct graph_rig *rig, const char *expected)
{
    graph_rig_settle(rig);
    check_live(rig, expected);
    graph_check_plan(rig->ctl, rig->ctl->engine->plan);
    ck_assert_uint_eq(rig->ctl->model.n_linked, rig->ctl->model.n_nodes);
    for (const struct node *node = rig->ctl->model.first; node; node = node->next)
        for (const struct edge *edge = node->out_first; edge; edge = edge->out_next)
            MUST(edge->live && edge->planned, "an edge from %s to %s was left behind", node->name, edge->to->name);
}

/* The model before and after the edit when all goes well. */
static void expect(unsigned start, char **before, char **after)
{
    struct graph_rig *rig = rig_at(start);
    *before = graph_dump_live(rig->ctl);
    graph_rig_commit(rig, "%s", EDIT);
    *after = graph_dump_live(rig->ctl);
    check_sounds(rig, *after);
    graph_rig_free(rig);
}

/* One try; returns whether any allocation failed. */
static bool try_edit(unsigned start, unsigned n, bool for_ever, const char *before, const char *after)
{
    struct graph_rig *rig = rig_at(start);
    struct answered heard = {0};
    no_memory_from(n, for_ever);
    bool is_committed = edit(rig, &heard), has_failed = no_memory_ends();
    if (!is_committed || heard.n_calls) { /* before any cycle: it was refused */
        enum error_code code = is_committed ? heard.code : rig->error.code;
        MUST(has_failed && (code == ERROR_INTERNAL || !code), "refused with %s", error_symbol(code));
        MUST(!code || is_committed || strstr(rig->error.text, "memory"), "%s", rig->error.text);
        check_live(rig, before);
        if (n % 3 == 0)
            check_sounds(rig, before);
        graph_rig_commit(rig, "%s", EDIT);
    }
    check_sounds(rig, after);
    ck_assert_uint_eq(heard.n_calls, is_committed);
    graph_rig_free(rig);
    return has_failed;
}

START_TEST(an_edit_that_finds_no_memory_has_not_happened)
{
    for (unsigned k = 0; k < 2 * ROWS(starts); k++) {
        char *before, *after;
        unsigned n = 1;
        expect(k / 2, &before, &after);
        while (try_edit(k / 2, n, k % 2, before, after))
            n += STEP;
        ck_assert_uint_gt(n, 50);
        free(before);
        free(after);
    }
}
END_TEST

START_TEST(edits_that_share_a_plan_for_which_there_is_no_memory_all_fail_and_leave_no_trace)
{
    for (unsigned start = 0; start < ROWS(starts); start++) {
        bool has_failed = true;
        for (unsigned n = 1; has_failed; n += STEP) {
            struct graph_rig *rig = rig_at(start);
            char *before = graph_dump_live(rig->ctl);
            struct answer *first = graph_rig_commit(rig, "%s", BEFORE),
                          *second = graph_rig_commit(rig, "remove s; add s sum");
            graph_rig_try(rig, "remove p; connect s zebra"); /* rolled back in between */
            struct answer *third =
                graph_rig_commit(rig, "fade 0.001; connect m/v p; disconnect m/v p; remove m/v; add m/v gain;"
                                      "connect v q:side; disconnect v q:side; remove v; add v gain 1");
            graph_rig_try(rig, "remove q; connect p zebra");
            char *after = graph_dump_live(rig->ctl);
            no_memory_from(n, false);
            ctl_poll(rig->ctl);
            has_failed = no_memory_ends();
            bool is_undone = first->n_calls;
            MUST(has_failed || !is_undone, "an edit failed for no reason");
            check_live(rig, is_undone ? before : after);
            check_sounds(rig, is_undone ? before : after);
            const struct answer *const answers[] = {first, second, third};
            for (unsigned i = 0; i < 3; i++) {
                ck_assert_uint_eq(answers[i]->n_calls, 1);
                ck_assert_int_eq(answers[i]->error.code, is_undone ? ERROR_INTERNAL : ERROR_NONE);
            }
            free(before);
            free(after);
            graph_rig_free(rig);
        }
    }
}
END_TEST

START_TEST(any_number_of_edits_can_be_taken_back_at_once)
{
    struct graph_rig *rig = rig_at(0);
    char *before = graph_dump_live(rig->ctl);
    struct answer *first = graph_rig_commit(rig, "remove s"), *last;
    for (unsigned i = 0; i < RIG_ROUNDS(400000, 50000); i++)
        tx_commit(tx_open(rig->ctl, 0), (struct completion){0});
    last = graph_rig_commit(rig, "add s sum");
    no_memory_from(1, true);
    ctl_poll(rig->ctl);
    ck_assert(no_memory_ends());
    ck_assert_uint_eq(first->place + 1, last->place);
    check_sounds(rig, before);
    free(before);
    graph_rig_free(rig);
}
END_TEST

static const struct param_info file_params[] = {{"file", "", "", .kind = PARAM_FILE}};

static void media_release(struct media *media)
{
    media->samples = NULL;
}

START_TEST(a_node_with_a_file_gives_everything_back)
{
    static const struct node_class class = {
        .name = "file", .params = file_params, .n_params = 1, .channels = 1, .state_bytes = 9000};
    float sample = 0;
    char *path = "a/path", *const texts[] = {path};
    bool has_failed = true;
    for (unsigned n = 1; has_failed; n += STEP) {
        struct graph_rig *rig = graph_rig_new(RATE_HZ);
        graph_rig_settle(rig);
        struct media media = {&sample, 1, 1, RATE_HZ, RATE_HZ, 1, media_release};
        struct media *const row[] = {&media};
        struct node_spec spec = {.class = &class, .name = "f", .values = (const float[]){0}, .texts = texts, .media = row};
        struct error error = {0};
        struct tx *tx = tx_open(rig->ctl, 0);
        no_memory_from(n, false);
        int code = tx_add_node(tx, &spec, &error);
        has_failed = no_memory_ends();
        ck_assert_int_eq(code, has_failed ? ERROR_INTERNAL : 0);
        ck_assert_uint_eq(media.references, has_failed ? 1 : 2);
        tx_rollback(tx);
        ck_assert_uint_eq(media.references, 1);
        media_unref(&media);
        ck_assert_ptr_null(media.samples);
        graph_rig_free(rig);
    }
}
END_TEST

/* ---- the rest ------------------------------------------------------------------------------------------------------- */

START_TEST(an_engine_for_which_there_is_no_memory_is_not_there)
{
    bool has_failed = true;
    for (unsigned n = 1; has_failed; n += STEP) {
        struct error error = {0};
        no_memory_from(n, false);
        struct ctl *ctl = ctl_new(RATE_HZ, NULL);
        int code = ctl ? ctl_add_fixtures(ctl, &error) : 0;
        has_failed = no_memory_ends();
        ck_assert(has_failed == (!ctl || code == ERROR_INTERNAL));
        ck_assert(!ctl || !code || strstr(error.text, "memory"));
        ctl_free(ctl);
    }
}
END_TEST

START_TEST(a_value_for_which_there_is_no_memory_is_refused)
{
    struct graph_rig *rig = rig_at(0);
    for (unsigned i = 0; i < 300; i++)
        graph_rig_commit(rig, "add g%u gain 1", i);
    graph_rig_settle(rig);
    for (unsigned i = 0; i < CTL_TO_RT_CAPACITY; i++)
        graph_rig_set(rig, "p", "level", 1, 0);
    unsigned n_refused = 0; /* of 300 values that all need a place in the queue */
    struct node *node = graph_rig_node(rig, "g0");
    for (; node; node = node->next) {
        struct error error = {0};
        no_memory_from(1, true);
        int code = ctl_set_value(rig->ctl, node, 0, -5, 0, &error);
        no_memory_ends();
        MUST(code == 0 || code == ERROR_INTERNAL, "%s", error.text);
        MUST(node->values[0] == (code ? 0 : -5), "the model has another value than it said");
        n_refused += code != 0;
    }
    ck_assert_uint_gt(n_refused, 0);
    graph_rig_settle(rig);
    for (node = graph_rig_node(rig, "g0"); node; node = node->next)
        MUST(node->object->params[0].value == node->values[0], "%s", node->name);
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_value_behind_an_edit_for_which_there_is_no_memory_is_refused)
{
    struct graph_rig *rig = rig_at(0);
    struct node *node = graph_rig_node(rig, "p");
    struct error error = {0};
    graph_rig_commit(rig, "set p level 1; add z gain");
    no_memory_from(1, true);
    int code = ctl_set_value(rig->ctl, node, 0, 6, 0, &error);
    no_memory_ends();
    ck_assert_int_eq(code, ERROR_INTERNAL);
    ck_assert(node->values[0] == 1);
    graph_rig_settle(rig);
    ck_assert(node->object->params[0].value == 1);
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_change_of_rate_for_which_there_is_no_memory_has_not_happened)
{
    struct graph_rig *rig = rig_at(0);
    graph_rig_commit(rig, "add o osc; connect o out; add d delay; connect o d");
    graph_rig_settle(rig);
    char *before = graph_dump(rig->ctl);
    bool has_failed = true;
    for (unsigned n = 1; has_failed; n += STEP) {
        struct error error = {0};
        const struct plan *plan = rig->ctl->engine->plan;
        no_memory_from(n, false);
        int code = ctl_set_rate(rig->ctl, 96000, &error);
        has_failed = no_memory_ends();
        ck_assert_int_eq(code, has_failed ? ERROR_INTERNAL : 0);
        ck_assert(rig->ctl->rate_hz == (has_failed ? RATE_HZ : 96000));
        ck_assert(!has_failed || rig->ctl->engine->plan == plan);
        graph_check_plan(rig->ctl, rig->ctl->engine->plan);
        graph_rig_run(rig, 100);
    }
    char *after = graph_dump(rig->ctl);
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
    graph_rig_free(rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        an_edit_that_finds_no_memory_has_not_happened,
        edits_that_share_a_plan_for_which_there_is_no_memory_all_fail_and_leave_no_trace,
        any_number_of_edits_can_be_taken_back_at_once,
        a_node_with_a_file_gives_everything_back,
        an_engine_for_which_there_is_no_memory_is_not_there,
        a_value_for_which_there_is_no_memory_is_refused,
        a_value_behind_an_edit_for_which_there_is_no_memory_is_refused,
        a_change_of_rate_for_which_there_is_no_memory_has_not_happened,
    };
    return suite_run("no memory", 120, tests, ROWS(tests));
}
