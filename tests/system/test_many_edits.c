/* A hundred thousand random transactions on a graph that plays: tests/random_edits.h.
 * Lane: busy */
#include <check.h>
#include <stdio.h>

#include "graph/node.h"
#include "tests/random_edits.h"
#include "tests/suite.h"

#define N_ROUNDS 100000

START_TEST(a_hundred_thousand_transactions_sound_as_the_reference_says)
{
    struct random_edits edits = random_edits_run(N_ROUNDS, 4242);
    bool pass = edits.n_back >= N_ROUNDS / 3 && edits.n_in_fades >= N_ROUNDS / 10 && edits.n_scheduled >= N_ROUNDS / 20 &&
                edits.power > 0.001;
    printf("REL edits transactions=%u committed=%u invalid=%u in_fades=%u scheduled=%u statements_refused=%u "
           "frames_compared=%lu %s\n",
           N_ROUNDS, edits.n_committed, edits.n_back, edits.n_in_fades, edits.n_scheduled, edits.n_refused,
           (unsigned long)edits.n_frames, pass ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert(pass);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_hundred_thousand_transactions_sound_as_the_reference_says};
    return suite_run("many edits", 300, tests, ROWS(tests));
}
