/* Row D9: session files that were cut off at any byte, and a million that were tampered with. Each is taken whole, or refused while
 * what sounds goes on as it was. Two processors share them.
 * Lane: busy */
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/damage_rig.h"
#include "tests/suite.h"

#ifdef DAWD_MUTANTS
#define MUTATIONS 10000u
#else
#define MUTATIONS 1000000u
#endif
#define WORKERS   2
#define ALL_EVERY 100 /* one in so many is of a session with all types of nodes */

/* What a process has found, in memory that all share. */
struct tally {
    unsigned n_tried, n_taken;
};

static struct damage_rig damage;

/* How many lengths of the whole session are taken: that one which lacks no more than the newline at its end. */
static unsigned count_taken_when_cut(void)
{
    unsigned n_taken = 0;
    for (size_t n = 0; n < damage.n_whole; n++)
        n_taken += damage_rig_try(&damage, damage.whole, n);
    return n_taken;
}

static pid_t tamper(unsigned worker, struct tally *tally)
{
    uint32_t seed = 9 + worker;
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child)
        return child;
    for (; tally->n_tried < MUTATIONS / WORKERS; tally->n_tried++) {
        unsigned i = tally->n_tried;
        tally->n_taken +=
            damage_rig_tamper(&damage, i % ALL_EVERY ? damage.parts[i % damage.n_parts] : damage.whole, &seed);
    }
    bool is_well = damage_rig_try(&damage, damage.whole, damage.n_whole);
    damage_rig_close(&damage);
    _exit(!is_well);
}

START_TEST(a_damaged_session_is_taken_whole_or_refused)
{
    struct tally *tallies =
        mmap(NULL, WORKERS * sizeof *tallies, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t workers[WORKERS];
    unsigned n_good = 0, n_tried = 0, n_taken = 0;
    ck_assert(tallies != MAP_FAILED);
    damage_rig_open(&damage);
    unsigned n_cut_taken = count_taken_when_cut();
    for (unsigned k = 0; k < damage.n_parts; k++)
        ck_assert_msg(damage_rig_try(&damage, damage.parts[k], strlen(damage.parts[k])), "%s is refused", damage.parts[k]);
    for (unsigned k = 0; k < WORKERS; k++)
        workers[k] = tamper(k, &tallies[k]);
    for (unsigned k = 0; k < WORKERS; k++) {
        int status;
        n_good += waitpid(workers[k], &status, 0) == workers[k] && status == 0;
        n_tried += tallies[k].n_tried;
        n_taken += tallies[k].n_taken;
    }
    bool pass =
        n_cut_taken == 1 && n_good == WORKERS && n_tried == MUTATIONS && n_taken > MUTATIONS / 100 && n_taken < MUTATIONS;
    printf("REL D9 truncations=%zu taken_cut=%u fuzz=%u taken=%u refused=%u crashes=%u %s\n", damage.n_whole, n_cut_taken,
           n_tried, n_taken, n_tried - n_taken, WORKERS - n_good, pass ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert(pass);
    damage_rig_close(&damage);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {a_damaged_session_is_taken_whole_or_refused};
    return suite_run("damaged sessions", 240, tests, ROWS(tests));
}
