/* Random edits of a graph that plays: tests/random_edits.h. */
#include <check.h>

#include "tests/graph_rig.h"
#include "tests/random_edits.h"
#include "tests/suite.h"

#define N_ROUNDS RIG_ROUNDS(6000, 2000)

START_TEST(what_is_heard_is_what_was_asked_for_frame_by_frame)
{
    struct random_edits edits = random_edits_run(N_ROUNDS, 2026);
    ck_assert_uint_gt(edits.n_committed, N_ROUNDS / 3);
    ck_assert_uint_gt(edits.n_back, N_ROUNDS / 4);
    ck_assert_double_gt(edits.power, 0.001); /* it did play, louder than -30 dB */
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {what_is_heard_is_what_was_asked_for_frame_by_frame};
    return suite_run("random edits", 100, tests, ROWS(tests));
}
