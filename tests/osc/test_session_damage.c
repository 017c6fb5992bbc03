/* Damaged session files: cut off at any byte, or with anything else in them. A session is then taken whole or refused, and
 * what sounded goes on. A million of them, and every byte: tests/system/test_damaged_sessions.c. */
#include <stdlib.h>
#include <string.h>

#include "tests/damage_rig.h"
#include "tests/graph_rig.h"

#define MUTATIONS RIG_ROUNDS(1500, 300)
#define CUT_STEP  RIG_ROUNDS(23, 101)

static struct damage_rig damage;

static void open_rig(void)
{
    damage_rig_open(&damage);
}

static void close_rig(void)
{
    damage_rig_close(&damage);
}

START_TEST(a_session_that_is_cut_off_leaves_the_graph_as_it_was)
{
    char *old = strdup(osc_rig_dump(&damage.rig));
    for (size_t n = 0; n + 1 < damage.n_whole; n += CUT_STEP) {
        ck_assert(!damage_rig_try(&damage, damage.whole, n));
        ck_assert_str_eq(osc_rig_dump(&damage.rig), old);
    }
    free(old);
    ck_assert(damage_rig_try(&damage, damage.whole, damage.n_whole));
}
END_TEST

START_TEST(a_session_that_was_tampered_with_is_taken_whole_or_refused)
{
    uint32_t seed = 9;
    unsigned n_taken = 0;
    for (unsigned i = 0; i < MUTATIONS; i++)
        n_taken += damage_rig_tamper(&damage, damage.whole, &seed);
    ck_assert_msg(n_taken > MUTATIONS / 100 && n_taken < MUTATIONS, "%u of %u were taken", n_taken, MUTATIONS);
    ck_assert(damage_rig_try(&damage, damage.whole, damage.n_whole));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_session_that_is_cut_off_leaves_the_graph_as_it_was,
        a_session_that_was_tampered_with_is_taken_whole_or_refused,
    };
    return osc_rig_suite("damaged sessions", open_rig, close_rig, tests, ROWS(tests));
}
