/* Edits of a container whose voices sound: a block pays for what is heard in it, and for no node more than that. What a node
 * does in a block is counted, for it does the same on any machine. */
#include <check.h>
#include <string.h>

#include "tests/suite.h"
#include "tests/voice_rig.h"

#define RATE_HZ  48000
#define N_VOICES 24

/* Calls of all nodes of the class "heavy", which passes its input on, and takes as long to settle as a room. */
static struct {
    unsigned process, rest, clear, skip, init, deinit;
} calls;

static void heavy_process(void *state, const struct node_io *io)
{
    (void)state;
    calls.process++;
    memcpy(io->out[0], io->in[0], io->n * sizeof(float));
}

static bool heavy_settled(void *state, unsigned n, uint64_t quiet)
{
    (void)state;
    return quiet > (uint64_t)40 * n;
}

static void heavy_rest(void *state)
{
    (void)state;
    calls.rest++;
}

static void heavy_clear(void *state)
{
    (void)state;
    calls.clear++;
}

static void heavy_skip(void *state, uint64_t frames)
{
    (void)state;
    (void)frames;
    calls.skip++;
}

#define HEAVY_BYTES (1 << 20)

static int heavy_init(void *state, const struct node_init *init, struct error *error)
{
    (void)state;
    (void)error;
    calls.init++;
    return arena_take(init->arena, HEAVY_BYTES) ? 0 : ERROR_INTERNAL;
}

static void heavy_deinit(void *state)
{
    (void)state;
    calls.deinit++;
}

static const struct port_info in[] = {{"in", "", 1}}, out[] = {{"out", "", 1}};
static const struct node_class heavy = {
    .name = "heavy",
    .inputs = in,
    .n_inputs = 1,
    .outputs = out,
    .n_outputs = 1,
    .channels = 1,
    .sleeps = {.can = true, .settled = heavy_settled, .rest = heavy_rest, .clear = heavy_clear, .skip = heavy_skip},
    .init = heavy_init,
    .deinit = heavy_deinit,
    .process = heavy_process};

static struct graph_rig *pad_new(unsigned n_notes)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(
        rig,
        "add pad voices voices=%u; add pad/o osc wave=0 freq=220 level=-36; connect pad/in:pitch pad/o:freq depth=1; "
        "connect pad/o pad/out; connect pad/out out",
        N_VOICES);
    for (unsigned i = 0; i < n_notes; i++)
        voice_press(rig, 40 + (float)i);
    graph_rig_settle(rig);
    graph_rig_run(rig, BLOCK_MAX - ctl_clock(rig->ctl) % BLOCK_MAX); /* so that each run is whole blocks */
    memset(&calls, 0, sizeof calls);
    return rig;
}

static void add(struct graph_rig *rig, const struct node_class *class)
{
    float values[256];
    struct error error = {0};
    for (unsigned p = 0; p < class->n_params; p++)
        values[p] = class->params[p].initial;
    struct tx *tx = tx_open(rig->ctl, 0.01);
    ck_assert_int_eq(tx_add_node(tx, &(struct node_spec){.class = class, .name = "pad/x", .values = values}, &error), 0);
    tx_commit(tx, (struct completion){0});
}

static void nothing_was_called(void)
{
    ck_assert_uint_eq(calls.process, 0);
    ck_assert_uint_eq(calls.rest, 0);
    ck_assert_uint_eq(calls.clear, 0);
    ck_assert_uint_eq(calls.skip, 0);
}

START_TEST(a_node_that_is_added_to_voices_that_sound_costs_nothing_until_it_hears_something)
{
    struct graph_rig *rig = pad_new(N_VOICES);
    add(rig, &heavy);
    graph_rig_run(rig, 20 * BLOCK_MAX);
    nothing_was_called();
    graph_rig_commit(rig, "connect pad/o pad/x; connect pad/x pad/out");
    graph_rig_run(rig, BLOCK_MAX);
    ck_assert_uint_eq(calls.process, N_VOICES);
    graph_rig_run(rig, 3 * BLOCK_MAX);
    ck_assert_uint_eq(calls.process, 4 * N_VOICES);
    ck_assert_uint_eq(calls.rest + calls.clear + calls.skip, 0);
    graph_rig_free(rig);
}
END_TEST

START_TEST(in_voices_that_rest_it_is_left_alone_until_a_note_begins)
{
    struct graph_rig *rig = pad_new(0);
    add(rig, &heavy);
    graph_rig_commit(rig, "connect pad/o pad/x; connect pad/x pad/out");
    graph_rig_run(rig, 20 * BLOCK_MAX);
    nothing_was_called();
    voice_press(rig, 60);
    graph_rig_run(rig, BLOCK_MAX);
    ck_assert_uint_eq(calls.process, 1);
    ck_assert_uint_eq(calls.rest + calls.clear, 0);
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_node_that_leaves_runs_while_it_fades_and_no_longer)
{
    struct graph_rig *rig = pad_new(N_VOICES);
    add(rig, &heavy);
    graph_rig_commit(rig, "connect pad/o pad/x; connect pad/x pad/out");
    graph_rig_run(rig, 8 * BLOCK_MAX);
    calls.process = 0;
    graph_rig_commit(rig, "remove pad/x");
    graph_rig_run(rig, 8 * BLOCK_MAX);
    ck_assert_uint_le(calls.process, 4 * N_VOICES); /* 480 frames, and the block in which control sees their end */
    ck_assert_uint_eq(calls.rest + calls.clear, 0);
    graph_rig_free(rig);
}
END_TEST

/* Control has others to serve, too. */
START_TEST(what_has_left_all_voices_is_freed_bit_by_bit)
{
    struct graph_rig *rig = pad_new(N_VOICES);
    add(rig, &heavy);
    graph_rig_commit(rig, "connect pad/o pad/x; connect pad/x pad/out");
    graph_rig_run(rig, 8 * BLOCK_MAX);
    graph_rig_commit(rig, "remove pad/x");
    unsigned n_polls = 0;
    for (unsigned i = 0; i < 40; i++) {
        unsigned before = calls.deinit;
        graph_rig_cycle(rig, BLOCK_MAX);
        int ms = ctl_poll(rig->ctl);
        ck_assert_uint_le(calls.deinit - before, 5); /* of 4 MiB and what they are over that */
        n_polls += calls.deinit != before;
        ck_assert(ms == 1 || !calls.deinit || calls.deinit == N_VOICES + POLYPHONY_SPARE);
    }
    ck_assert_uint_eq(calls.deinit, N_VOICES + POLYPHONY_SPARE);
    ck_assert_uint_ge(n_polls, 6);
    graph_rig_free(rig);
}
END_TEST

START_TEST(what_is_too_large_in_all_voices_is_made_in_one_to_be_refused)
{
    struct graph_rig *rig = pad_new(0);
    struct error error = {0};
    rig->ctl->limits.most[LIMIT_MEMORY] = 16;
    struct tx *tx = tx_open(rig->ctl, 0.01);
    ck_assert_int_eq(tx_add_node(tx, &(struct node_spec){.class = &heavy, .name = "pad/x", .values = &(float){0}}, &error),
                     ERROR_TOO_BIG);
    tx_rollback(tx);
    ck_assert_msg(strstr(error.text, "in each of 26 voices") != NULL, "%s", error.text);
    ck_assert_uint_eq(calls.init, 1);
    ck_assert_uint_eq(calls.deinit, 1);
    rig->ctl->limits.most[LIMIT_MEMORY] = 32;
    add(rig, &heavy);
    ck_assert_uint_eq(calls.init, 1 + N_VOICES + POLYPHONY_SPARE);
    graph_rig_free(rig);
}
END_TEST

/* ---- a new plan -------------------------------------------------------------------------------------------------------- */

/* The least and the greatest address of what is looked at. */
struct span {
    uintptr_t from, end;
};

static void look_at(struct span *span, const void *at, size_t bytes)
{
    if (!bytes)
        return;
    span->from = (uintptr_t)at < span->from ? (uintptr_t)at : span->from;
    span->end = (uintptr_t)at + bytes > span->end ? (uintptr_t)at + bytes : span->end;
}

static void look_at_mix(struct span *span, const struct mix *mix)
{
    look_at(span, mix->feeds, mix->n_feeds * sizeof *mix->feeds);
    for (unsigned f = 0; f < mix->n_feeds; f++)
        look_at(span, mix->feeds[f].taps, mix->feeds[f].n_taps * sizeof *mix->feeds[f].taps);
    if (mix->pass)
        look_at(span, mix->pass, mix->n_channels * sizeof *mix->pass);
    for (unsigned c = 0; !mix->pass && c < mix->n_channels; c++)
        look_at(span, mix->terms[c].term, mix->terms[c].n * sizeof *mix->terms[c].term);
}

static size_t span_of(const struct step *step)
{
    struct span span = {UINTPTR_MAX, 0};
    look_at(&span, step->io.in, step->n_in * sizeof *step->io.in);
    look_at(&span, step->io.out, step->n_out * sizeof *step->io.out);
    look_at(&span, step->readers, step->n_readers * sizeof *step->readers);
    look_at(&span, step->mixes, step->n_mixes * sizeof *step->mixes);
    for (unsigned m = 0; m < step->n_mixes; m++)
        look_at_mix(&span, &step->mixes[m]);
    for (unsigned i = 0; i < step->n_modulations; i++)
        look_at_mix(&span, &step->modulations[i].mix);
    return span.end ? span.end - span.from : 0;
}

/* In its first block a plan comes from the cache of another processor, line by line: whatever lies in between is waited for, too. */
START_TEST(what_a_step_reads_of_itself_lies_together)
{
    struct graph_rig *rig = pad_new(0);
    const struct plan *plan = rig->ctl->engine->plan;
    unsigned n = 0, n_together = 0;
    for (unsigned i = 0; i < plan->n_steps; i++) {
        n += plan->steps[i].is_voice;
        n_together += plan->steps[i].is_voice && span_of(&plan->steps[i]) <= 640;
    }
    ck_assert_uint_eq(n, 3 * (N_VOICES + POLYPHONY_SPARE));
    ck_assert_uint_ge(10 * n_together, 9 * n); /* one or another has begun where a chunk of the arena ends */
    graph_rig_free(rig);
}
END_TEST

/* ---- by the sound --------------------------------------------------------------------------------------------------------- */

#define BEFORE (10 * BLOCK_MAX)
#define HEARD  (RATE_HZ / 4)

/* What comes of a node that is added, and connected so many frames behind that. */
static void insert(const struct node_class *class, unsigned before, float *heard)
{
    struct graph_rig *rig = pad_new(2);
    graph_rig_run(rig, BEFORE - before);
    add(rig, class);
    graph_rig_run(rig, before);
    graph_rig_commit(rig, "connect pad/o pad/x; connect pad/x pad/out");
    graph_rig_run(rig, HEARD);
    memcpy(heard, voice_heard(rig), HEARD * sizeof(float));
    graph_rig_free(rig);
}

static bool is_insert(const struct node_class *class)
{
    return class->sleeps.can && !class->device && !class->voices_by && class->n_inputs && class->n_outputs &&
           !class->inputs[0].events && !class->outputs[0].events;
}

START_TEST(what_has_slept_from_the_beginning_begins_with_the_first_sound)
{
    static float at_once[HEARD], later[HEARD];
    unsigned n = 0;
    for (unsigned c = 0; c < n_node_registry; c++) {
        if (!is_insert(node_registry[c]))
            continue;
        insert(node_registry[c], 0, at_once);
        insert(node_registry[c], BEFORE, later);
        for (unsigned i = 0; i < HEARD; i++)
            ck_assert_msg(at_once[i] == later[i], "%s at frame %u", node_registry[c]->name, i);
        n++;
    }
    ck_assert_uint_ge(n, 15);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_node_that_is_added_to_voices_that_sound_costs_nothing_until_it_hears_something,
        in_voices_that_rest_it_is_left_alone_until_a_note_begins,
        a_node_that_leaves_runs_while_it_fades_and_no_longer,
        what_has_left_all_voices_is_freed_bit_by_bit,
        what_is_too_large_in_all_voices_is_made_in_one_to_be_refused,
        what_a_step_reads_of_itself_lies_together,
        what_has_slept_from_the_beginning_begins_with_the_first_sound,
    };
    return suite_run("voice edits", 30, tests, ROWS(tests));
}
