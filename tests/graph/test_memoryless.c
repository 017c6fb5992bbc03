/* What is one signal on all channels stays one, in one buffer, behind nodes that have no memory of what was. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/graph_rig.h"
#include "tests/suite.h"
#include "tests/trial.h"

#define RATE_HZ 48000
#define N_RUN   997
#define RUNS    40

/* Whatever they heard before. */
START_TEST(a_class_without_memory_gives_the_same_on_channels_that_hear_the_same)
{
    const struct node_class *class = node_registry[_i];
    if (!class->is_memoryless)
        return;
    ck_assert_uint_eq(class->n_inputs, 1);
    struct trial trial = trial_new(class, 2, RATE_HZ);
    trial_start(&trial);
    struct take unlike = take_new(2, 5000, 1, 3), alike = take_new(2, 5000, 1, 4);
    memcpy(alike.channel[1], alike.channel[0], 5000 * sizeof(float));
    struct take before = trial_run_driven(&trial, &unlike, true), after = trial_run_driven(&trial, &alike, true);
    ck_assert(memcmp(before.channel[0], before.channel[1], 5000 * sizeof(float)) != 0);
    ck_assert_mem_eq(after.channel[0], after.channel[1], 5000 * sizeof(float));
    take_free(&unlike);
    take_free(&alike);
    take_free(&before);
    take_free(&after);
    trial_free(&trial);
}
END_TEST

static struct graph_rig *rig_with(const char *source)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    rig->period = 64;
    graph_rig_commit(rig, "%s; add a gain gain=-3; add b gain; connect s a; connect a b; connect b out", source);
    graph_rig_settle(rig);
    return rig;
}

static const float *const *buffers(const struct graph_rig *rig, const char *name)
{
    const struct plan *plan = rig->ctl->engine->plan;
    for (unsigned i = 0; i < plan->n_steps; i++)
        if (plan->steps[i].node == graph_rig_node(rig, name)->object)
            return (const float *const *)plan->steps[i].io.out;
    return NULL;
}

/* The same on both: steps, glides, and bypasses that are turned on their way. */
static void act(struct graph_rig *rig, uint32_t *seed)
{
    const char *node = dice_below(seed, 2) ? "a" : "b";
    if (dice_below(seed, 2))
        graph_rig_set(rig, node, "gain", -0.1f * (float)dice_below(seed, 300), 0.01 * dice_below(seed, 2));
    else
        graph_rig_set(rig, node, "bypass", (float)dice_below(seed, 2), -1);
}

START_TEST(one_signal_in_one_buffer_sounds_like_two_that_are_equal)
{
    /* The second has a buffer for each channel. */
    struct graph_rig *one = rig_with("add t tone; add s late 1; connect t s"),
                     *two = rig_with("add t tone; add s late 2; connect t s");
    uint32_t seed[] = {9, 9};
    ck_assert_ptr_eq(buffers(one, "a")[0], buffers(one, "a")[1]);
    ck_assert_ptr_eq(buffers(one, "b")[0], buffers(one, "b")[1]);
    ck_assert_ptr_ne(buffers(two, "b")[0], buffers(two, "b")[1]);
    for (unsigned run = 0; run < RUNS; run++) {
        act(one, &seed[0]);
        act(two, &seed[1]);
        graph_rig_run(one, N_RUN);
        graph_rig_run(two, N_RUN);
        for (unsigned c = 0; c < 2; c++)
            ck_assert_mem_eq(one->heard[RIG_OUT + c], two->heard[RIG_OUT + c], N_RUN * sizeof(float));
    }
    /* An edge of its own into one channel, and they are two again. */
    graph_rig_commit(one, "add u source 2 value=0.25; connect u a");
    graph_rig_settle(one);
    ck_assert_ptr_ne(buffers(one, "a")[0], buffers(one, "a")[1]);
    graph_rig_free(one);
    graph_rig_free(two);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("memoryless");
    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, a_class_without_memory_gives_the_same_on_channels_that_hear_the_same, 0,
                        (int)n_node_registry);
    tcase_add_test(tests, one_signal_in_one_buffer_sounds_like_two_that_are_equal);
    return suite_run_case("memoryless", tests);
}
