/* Weeks of editing in seconds: row R5 of the reliability catalogue. Everything that is made is given back, and whatever was
 * done, the plan runs what the model says.
 *
 * The tokens are nodes that hold something besides memory, and count how many there are; their files are given back as late
 * as their memory is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/graph_check.h"
#include "tests/suite.h"

#define RATE_HZ 48000
#ifdef __SANITIZE_THREAD__ /* one thread: there is nothing for it to see */
#define N_EDITS 500
#else
#define N_EDITS 10000
#endif
#define N_BLOCKS   (N_EDITS * RIG_ROUNDS(100, 20))
#define N_SESSIONS (N_EDITS / 10)
#define N_NAMES    12

/* ---- what must be given back ----------------------------------------------------------------------------------------- */

static unsigned n_taken, n_returned;

static int token_init(void *state, const struct node_init *init, struct error *error)
{
    (void)state, (void)init, (void)error;
    n_taken++;
    return 0;
}

static void token_deinit(void *state)
{
    (void)state;
    n_returned++;
}

static void token_process(void *state, const struct node_io *io)
{
    (void)state;
    for (unsigned i = 0; i < io->n; i++)
        io->out[0][i] = 0.9f * io->in[0][i];
}

static const struct port_info token_in[] = {{"in", "", 1}}, token_out[] = {{"out", "", 1}};
static const struct param_info token_params[] = {{"sound", "", "", .kind = PARAM_FILE, .flags = PARAM_REBUILD}};
static const struct node_class token_class = {.name = "token",
                                              .inputs = token_in,
                                              .n_inputs = 1,
                                              .outputs = token_out,
                                              .n_outputs = 1,
                                              .params = token_params,
                                              .n_params = 1,
                                              .channels = 1,
                                              .init = token_init,
                                              .deinit = token_deinit,
                                              .process = token_process};

static unsigned n_released;

static void sound_release(struct media *media)
{
    n_released++;
    free(media);
}

static void add_token(struct tx *tx, const char *name)
{
    static float sample;
    struct error error = {0};
    struct media *media = malloc(sizeof *media);
    *media = (struct media){&sample, 1, 1, RATE_HZ, RATE_HZ, 1, sound_release};
    struct node_spec spec = {.class = &token_class,
                             .name = name,
                             .values = (const float[]){0},
                             .texts = (char *const[]){"sound.wav"},
                             .media = (struct media *const[]){media}};
    MUST(tx_add_node(tx, &spec, &error) == 0, "%s", error.text);
    media_unref(media);
}

/* ---- edits ----------------------------------------------------------------------------------------------------------- */

static void name_node(char *name, unsigned i)
{
    snprintf(name, 8, "n%u", i);
}

static void connect(struct tx *tx, unsigned a, unsigned b)
{
    char from[8], to[8];
    struct error error = {0};
    name_node(from, a < b ? a : b);
    name_node(to, a < b ? b : a);
    tx_connect(tx, &(struct edge_spec){.from = from, .to = to}, &error); /* or not, where one is missing */
}

/* One random transaction; returns how many tokens it made. */
static unsigned edit(struct graph_rig *rig, uint32_t *seed)
{
    char name[8], other[8];
    struct error error = {0};
    struct tx *tx = tx_open(rig->ctl, dice_below(seed, 20) / 1000.0);
    unsigned a = dice_below(seed, N_NAMES), b = dice_below(seed, N_NAMES), n_made = 0;
    name_node(name, a);
    name_node(other, b);
    if (!model_find(&rig->ctl->model, name)) {
        add_token(tx, name);
        n_made++;
    } else if (dice_below(seed, 3) == 0) {
        tx_remove_node(tx, name, &error);
    } else if (dice_below(seed, 3) == 0) {
        tx_disconnect(tx, name, other, &error);
    }
    if (a != b)
        connect(tx, a, b);
    tx_connect(tx, &(struct edge_spec){.from = other, .to = "out"}, &error);
    if (dice_below(seed, 8) == 0)
        tx_rollback(tx);
    else
        tx_commit(tx, (struct completion){0});
    return n_made;
}

/* Everything goes and something else comes, in one transaction, as when a session is loaded. */
static unsigned swap_session(struct graph_rig *rig, uint32_t *seed)
{
    char name[8];
    struct error error = {0};
    struct tx *tx = tx_open(rig->ctl, 0.002);
    unsigned n_made = 0;
    for (unsigned i = 0; i < N_NAMES; i++) {
        name_node(name, i);
        if (model_find(&rig->ctl->model, name))
            MUST(tx_remove_node(tx, name, &error) == 0, "%s", error.text);
    }
    for (unsigned i = 0; i < N_NAMES; i++) {
        name_node(name, i);
        if (dice_below(seed, 3))
            continue;
        add_token(tx, name);
        n_made++;
        tx_connect(tx, &(struct edge_spec){.from = name, .to = "out"}, &error);
    }
    for (unsigned i = 0; i < 4; i++)
        connect(tx, dice_below(seed, 6), 6 + dice_below(seed, 6));
    tx_commit(tx, (struct completion){0});
    return n_made;
}

static void run_blocks(struct graph_rig *rig, unsigned n, uint32_t *seed)
{
    ctl_poll(rig->ctl);
    for (unsigned i = 0; i < n; i++)
        graph_rig_cycle(rig, 1 + dice_below(seed, 16));
}

static void clear(struct graph_rig *rig)
{
    uint32_t seed = 1;
    char name[8];
    for (unsigned i = 0; i < N_NAMES; i++) {
        name_node(name, i);
        if (model_find(&rig->ctl->model, name))
            graph_rig_commit(rig, "remove %s", name);
    }
    graph_rig_settle(rig);
    run_blocks(rig, 10, &seed);
    graph_rig_settle(rig);
}

START_TEST(after_a_million_blocks_of_edits_and_sessions_everything_is_given_back)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    uint32_t seed = 5;
    unsigned n_made = 0, n_edits = 0, n_sessions = 0, n_blocks = 0, every = N_EDITS / N_SESSIONS;
    n_taken = n_returned = n_released = 0;
    while (n_edits < N_EDITS) {
        n_made += edit(rig, &seed);
        n_edits++;
        if (n_edits % every == 0) {
            n_made += swap_session(rig, &seed);
            n_sessions++;
        }
        graph_check_model(rig->ctl);
        run_blocks(rig, N_BLOCKS / N_EDITS, &seed);
        n_blocks += N_BLOCKS / N_EDITS;
        if (n_edits % 10 == 0) {
            graph_rig_settle(rig);
            graph_check_plan(rig->ctl, rig->ctl->engine->plan);
        }
    }
    clear(rig);
    bool back = rig->ctl->model.n_linked == 2 && !rig->ctl->retired_nodes && !rig->ctl->retired_edges && !rig->ctl->fading;
    bool pass = back && n_taken == n_made && n_returned == n_made && n_released == n_made && n_blocks >= N_BLOCKS;
    printf("REL R5 blocks=%u edits=%u sessions=%u made=%u retired=%u freed=%u %s\n", n_blocks, n_edits, n_sessions, n_made,
           n_returned, n_released, pass ? "PASS" : "FAIL");
    graph_rig_free(rig);
    ck_assert(pass);
}
END_TEST

START_TEST(what_holds_more_than_memory_is_given_back_whatever_becomes_of_it)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    n_taken = n_returned = 0;
    struct tx *tx = tx_open(rig->ctl, 0);
    add_token(tx, "never");
    tx_rollback(tx);
    ck_assert_uint_eq(n_returned, 1);
    tx = tx_open(rig->ctl, 0);
    add_token(tx, "stays");
    tx_commit(tx, (struct completion){0});
    graph_rig_settle(rig);
    ck_assert_uint_eq(n_returned, 1);
    struct error error = {0};
    ck_assert_int_eq(ctl_set_rate(rig->ctl, 44100, &error), 0); /* another object in its place */
    ck_assert_uint_eq(n_taken, 3);
    ck_assert_uint_eq(n_returned, 2);
    graph_rig_free(rig);
    ck_assert_uint_eq(n_returned, 3);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        after_a_million_blocks_of_edits_and_sessions_everything_is_given_back,
        what_holds_more_than_memory_is_given_back_whatever_becomes_of_it,
    };
    return suite_run("churn", 120, tests, ROWS(tests));
}
