/* What control sends while the audio thread is slow to take it. */
#include <stdlib.h>
#include <string.h>

#include "tests/graph_check.h"
#include "tests/suite.h"

#define RATE_HZ 48000
#define N_ROWS  3
#define N_OPS   RIG_ROUNDS(400000, 60000)

/* An outbox in front of an engine that the test drains by hand. */
struct post {
    struct ctl *ctl;
    struct outbox *outbox;
    struct node *nodes[2];
    struct change *changes; /* n_changes of them, sent in this order */
    unsigned n_changes, n_taken;
    /* What the test expects: the newest value per parameter when each change was sent, and now. Values count up from 1. */
    float newest[2][N_ROWS];
    float (*at_change)[2][N_ROWS];
    float seen[2][N_ROWS]; /* by the audio side */
};

static struct post *post_new(unsigned n_changes)
{
    struct post *post = calloc(1, sizeof *post);
    ck_assert_ptr_nonnull(post);
    post->ctl = ctl_new(RATE_HZ, NULL);
    post->outbox = &post->ctl->outbox;
    for (unsigned i = 0; i < 2; i++) {
        struct error error = {0};
        struct object_spec spec = {.rate_hz = RATE_HZ, .channels = 1, .values = (const float[N_ROWS]){0, 100, 0}};
        post->nodes[i] = node_new(&rig_probe, i ? "b" : "a", 1);
        ck_assert_int_eq(object_node_new(&rig_probe, &spec, &post->nodes[i]->object, &error), 0);
    }
    post->changes = calloc(n_changes, sizeof *post->changes);
    post->at_change = calloc(n_changes, sizeof *post->at_change);
    return post;
}

static void post_free(struct post *post)
{
    for (unsigned i = 0; i < 2; i++)
        node_free(post->nodes[i]);
    ctl_free(post->ctl);
    free(post->changes);
    free(post->at_change);
    free(post);
}

static void send_value(struct post *post, unsigned node, unsigned row, float value)
{
    struct value_rt message = {.node = post->nodes[node]->object, .row = row, .value = value};
    MUST(outbox_value(post->outbox, post->nodes[node], &message) == 0, "no memory");
    post->newest[node][row] = value;
}

static void send_change(struct post *post)
{
    MUST(outbox_reserve(post->outbox) == 0, "no memory");
    memcpy(post->at_change[post->n_changes], post->newest, sizeof post->newest);
    outbox_change(post->outbox, &post->changes[post->n_changes++]);
}

/* Takes one message as the audio thread would; false when there is none. */
static bool take(struct post *post)
{
    struct rt_message message;
    if (!ring_pop(&post->ctl->engine->ctl_to_rt, &message))
        return false;
    if (message.change) {
        MUST(message.change == &post->changes[post->n_taken], "change %u came out of turn", post->n_taken);
        MUST(memcmp(post->seen, post->at_change[post->n_taken], sizeof post->seen) == 0,
             "a value was lost or overtook change %u", post->n_taken);
        MUST(ring_push(&post->ctl->engine->rt_to_ctl, &message.change), "no way back for a change");
        post->n_taken++;
        return true;
    }
    unsigned node = message.value.node == post->nodes[1]->object;
    MUST(message.value.value > post->seen[node][message.value.row], "an old value after a newer one");
    post->seen[node][message.value.row] = message.value.value;
    return true;
}

static void finish(struct post *post)
{
    do
        while (outbox_returned(post->outbox))
            ;
    while (outbox_pump(post->outbox), take(post));
    while (outbox_returned(post->outbox))
        ;
    ck_assert(!outbox_is_busy(post->outbox));
    ck_assert_uint_eq(post->n_taken, post->n_changes);
    ck_assert_int_eq(memcmp(post->seen, post->newest, sizeof post->seen), 0);
}

START_TEST(nothing_is_lost_and_nothing_overtakes_however_slow_the_audio_thread_is)
{
    struct post *post = post_new(N_OPS);
    uint32_t seed = 41;
    for (unsigned op = 0; op < N_OPS; op++) {
        unsigned calm = op / 20000 % 4; /* phases in which little is taken and phases in which much is */
        if (dice_below(&seed, 12) == 0)
            send_change(post);
        else
            send_value(post, dice_below(&seed, 2), dice_below(&seed, N_ROWS), (float)op + 1);
        for (unsigned n = dice_below(&seed, 2 + calm); n > 0; n--)
            take(post);
        if (dice_below(&seed, 4) == 0) {
            while (outbox_returned(post->outbox))
                ;
            outbox_pump(post->outbox);
        }
    }
    ck_assert_uint_gt(post->outbox->n_coalesced, 0);
    finish(post);
    post_free(post);
}
END_TEST

START_TEST(a_fader_that_moves_on_takes_no_more_room)
{
    struct post *post = post_new(1);
    for (unsigned i = 0; i < CTL_TO_RT_CAPACITY + 100000; i++)
        send_value(post, 0, 0, (float)i + 1);
    ck_assert_uint_eq(post->outbox->n_queued, 1);
    ck_assert_uint_eq(post->outbox->n_coalesced, 100000 - 1);
    send_value(post, 0, 1, 500);
    send_value(post, 1, 0, 600);
    ck_assert_uint_eq(post->outbox->n_queued, 3);
    finish(post);
    post_free(post);
}
END_TEST

START_TEST(a_value_behind_an_edit_leaves_the_one_before_it_alone)
{
    struct post *post = post_new(3);
    for (unsigned i = 0; i < CTL_TO_RT_CAPACITY; i++)
        send_value(post, 0, 0, (float)i + 1);
    for (unsigned i = 0; i < 3; i++) {
        send_value(post, 0, 0, (float)(10000 + 10 * i));
        send_value(post, 0, 0, (float)(10001 + 10 * i));
        send_change(post);
    }
    send_value(post, 0, 0, 20000);
    ck_assert_uint_eq(post->outbox->n_queued, 3 + 3 + 1);
    finish(post); /* which checks what each change finds */
    post_free(post);
}
END_TEST

START_TEST(no_more_changes_are_under_way_than_can_come_back)
{
    struct post *post = post_new(5000);
    for (unsigned i = 0; i < 5000; i++)
        send_change(post);
    ck_assert_uint_eq(post->outbox->n_under_way, RT_TO_CTL_CAPACITY);
    ck_assert_uint_eq(post->outbox->n_queued, 5000 - RT_TO_CTL_CAPACITY);
    while (take(post)) /* fails if one finds no way back */
        outbox_pump(post->outbox);
    ck_assert_uint_eq(post->n_taken, RT_TO_CTL_CAPACITY);
    finish(post);
    post_free(post);
}
END_TEST

START_TEST(the_queue_gives_its_room_back)
{
    struct post *post = post_new(200000);
    for (unsigned round = 0; round < 40; round++) {
        for (unsigned i = 0; i < 3000; i++)
            send_change(post);
        for (unsigned i = 0; i < 3000; i++) {
            take(post);
            while (outbox_returned(post->outbox))
                ;
            outbox_pump(post->outbox);
        }
    }
    ck_assert_uint_le(post->outbox->n_capacity, 16384);
    finish(post);
    post_free(post);
}
END_TEST

/* ---- the same through the whole of control -------------------------------------------------------------------------- */

START_TEST(a_stalled_engine_hears_all_edits_and_the_last_values_when_it_goes_on)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "fade 0; add s source value=1; add p probe; connect s p");
    graph_rig_settle(rig);
    unsigned n_answers = rig->n_answers;
    for (unsigned i = 0; i < 3000; i++) {
        graph_rig_set(rig, "s", "value", (float)i, 0);
        graph_rig_set(rig, "p", "level", (float)(i % 10), 0);
        graph_rig_commit(rig, i % 2 ? "fade 0; disconnect s p" : "fade 0; connect s p gain=-6");
        if (i % 3)
            ctl_poll(rig->ctl);
    }
    graph_rig_commit(rig, "fade 0; connect s p gain=0");
    graph_rig_set(rig, "s", "value", 42, 0);
    graph_rig_set(rig, "p", "level", 9, 0);
    for (unsigned i = 0; i < 20; i++)
        graph_rig_run(rig, 256);
    ck_assert_uint_eq(rig->n_answers, n_answers + 3001);
    graph_rig_probe(rig, "p")->at = 0;
    graph_rig_run(rig, 256);
    ck_assert(graph_rig_probe(rig, "p")->take[0][255] == 42);
    ck_assert(graph_rig_probe(rig, "p")->take[PROBE_LEVEL][255] == 9);
    graph_check_model(rig->ctl);
    graph_rig_free(rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        nothing_is_lost_and_nothing_overtakes_however_slow_the_audio_thread_is,
        a_fader_that_moves_on_takes_no_more_room,
        a_value_behind_an_edit_leaves_the_one_before_it_alone,
        no_more_changes_are_under_way_than_can_come_back,
        the_queue_gives_its_room_back,
        a_stalled_engine_hears_all_edits_and_the_last_values_when_it_goes_on,
    };
    return suite_run("outbox", 60, tests, ROWS(tests));
}
