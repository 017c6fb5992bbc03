/* A tail that fades for ever must not become a load: row R8 of the reliability catalogue. Numbers too small to be normal
 * take a processor many times as long; the engine has them flushed to zero, and nothing smaller than the smallest normal
 * number is ever heard. How long a tail takes is a matter for the benchmark.
 */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#include "tests/stage.h"
#include "tests/suite.h"

#define RATE_HZ 48000
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TAIL_S 2
#else
#define TAIL_S 60
#endif

static float impulse(void *user, unsigned channel, uint64_t frame)
{
    (void)user, (void)channel;
    return frame == 1000 ? 1 : 0;
}

/* ---- what is in force while nodes run -------------------------------------------------------------------------------- */

#if defined(__x86_64__)
static unsigned control_word;

static void watch_process(void *state, const struct node_io *io)
{
    (void)state;
    control_word = _mm_getcsr();
    for (unsigned i = 0; i < io->n; i++)
        io->out[0][i] = 0;
}

static const struct port_info watch_out[] = {{"out", "", 1}};
static const struct node_class watch_class = {
    .name = "watch", .outputs = watch_out, .n_outputs = 1, .channels = 1, .process = watch_process};

START_TEST(nodes_run_with_denormals_flushed_whatever_the_caller_had)
{
    struct stage *stage = stage_new(RATE_HZ);
    stage_add(stage, &watch_class, "watch", NULL);
    _mm_setcsr(_mm_getcsr() & ~0x8040u);
    stage_run(stage, BLOCK_MAX, BLOCK_MAX);
    ck_assert_uint_eq(control_word & 0x8040u, 0x8040u); /* flush to zero, denormals are zero */
    stage_free(stage);
}
END_TEST
#endif

/* ---- tails ----------------------------------------------------------------------------------------------------------- */

/* Frames in which something denormal was heard; the levels of all is left as it is, so that tails are long. */
static unsigned long denormal_frames(const struct node_class *class)
{
    struct stage *stage = stage_new(RATE_HZ);
    size_t n = (size_t)TAIL_S * RATE_HZ;
    unsigned long found = 0;
    for (unsigned c = 0; c < STAGE_CHANNELS; c++)
        stage->heard[c] = calloc(n, sizeof(float));
    stage->sound = impulse;
    stage_add(stage, class, "x", NULL);
    stage_wire(stage, "in", "x");
    stage_wire(stage, "x", "out");
    stage_run(stage, n, STAGE_PERIOD);
    for (unsigned c = 0; c < STAGE_CHANNELS; c++)
        for (size_t i = 0; i < n; i++)
            found += fpclassify(stage->heard[c][i]) == FP_SUBNORMAL;
    for (unsigned c = 0; c < STAGE_CHANNELS; c++)
        free(stage->heard[c]);
    stage_free(stage);
    return found;
}

START_TEST(no_node_lets_a_tail_fade_into_denormals)
{
    unsigned long found = 0;
    for (unsigned i = 0; i < n_node_registry; i++) {
        unsigned long now = node_registry[i]->device ? 0 : denormal_frames(node_registry[i]);
        if (now)
            printf("%s: %lu denormal frames\n", node_registry[i]->name, now);
        found += now;
    }
    printf("REL R8 classes=%u tail_s=%d denormals_heard=%lu ftz_daz=on %s\n", n_node_registry, TAIL_S, found,
           found ? "FAIL" : "PASS");
    fflush(stdout);
    ck_assert_uint_eq(found, 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
#if defined(__x86_64__)
        nodes_run_with_denormals_flushed_whatever_the_caller_had,
#endif
        no_node_lets_a_tail_fade_into_denormals,
    };
    return suite_run("denormals", 120, tests, ROWS(tests));
}
