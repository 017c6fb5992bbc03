/* Row D8: the daemon is killed in the middle of random edits, and comes back as it was behind one of them, no older than a
 * second and than what it has said to be safe.
 * Lane: quiet */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "graph/node.h"
#include "tests/suite.h"
#include "tests/system/studio.h"

#ifdef DAWD_MUTANTS
#define KILLS 6
#else
#define KILLS 50
#endif
#define EDITS_MOST   4000 /* of one life */
#define LIFE_LEAST_S 0.1
#define LIFE_RANGE   900 /* ms */
#define LOST_MOST_S  1.0
#define START_MOST_S 2.0

/* What the session was, and since when it was known to be. */
struct moment {
    char *text;
    double at_s;
};

struct life {
    struct moment moments[EDITS_MOST];
    unsigned n;
    unsigned n_safe; /* moments, of which the last has been said to be on the disk */
    double killed_s;
};

static struct studio *studio;
static struct life life;
static uint32_t seed = 20;

static unsigned below(unsigned n)
{
    seed = seed * 1664525 + 1013904223;
    return (unsigned)(((uint64_t)(seed >> 8) * n) >> 24);
}

static char *dump(void)
{
    return strdup(answer_string(client_do(&studio->client, "/graph/dump osc"), 0));
}

static void note(void)
{
    char *text = dump();
    if (life.n && strcmp(life.moments[life.n - 1].text, text) == 0) {
        free(text);
        return;
    }
    ck_assert_uint_lt(life.n, EDITS_MOST);
    life.moments[life.n++] = (struct moment){text, now_s()};
}

/* ---- edits at random -------------------------------------------------------------------------------------------------- */

static void line_make(char *line, size_t n)
{
    static const char *const types[] = {"osc", "gain", "filter", "delay", "mixer inputs 3", "pan"};
    static const char *const values[] = {"gain -%u.25", "freq %u5.5", "cutoff %u50.0", "position 0.%u", "time 0.0%u"};
    unsigned a = below(8), b = below(8), what = below(100);
    char value[32];
    snprintf(value, sizeof value, values[below(ROWS(values))], 1 + below(9));
    if (what < 25)
        snprintf(line, n, "/graph/add %s n%u", types[below(ROWS(types))], a);
    else if (what < 45)
        snprintf(line, n, "/graph/connect n%u %s%u gain -%u.5", a, below(4) ? "n" : "out n", b, below(20));
    else if (what < 50)
        snprintf(line, n, "/graph/connect n%u out gain -%u", a, below(20));
    else if (what < 55)
        snprintf(line, n, "/graph/disconnect n%u n%u", a, b);
    else if (what < 60)
        snprintf(line, n, "/graph/remove n%u", a);
    else if (what < 63)
        snprintf(line, n, "/graph/rename n%u n%u", a, b);
    else if (what < 66)
        snprintf(line, n, "/node/n%u/label \"no %u\"", a, b);
    else if (what < 70)
        snprintf(line, n, "/transport/tempo %u.5 at %u:1:0", 60 + below(90), 1 + below(9));
    else
        snprintf(line, n, "/node/n%u/%s", a, value);
}

static void edit(void)
{
    char lines[4][100];
    const char *bundle[5] = {NULL};
    unsigned what = below(100), n = 2 + below(3);
    for (unsigned i = 0; i < n; i++)
        line_make(lines[i], sizeof lines[i]);
    if (what < 75) {
        client_ask(&studio->client, "%s", lines[0]);
    } else if (what < 87) {
        for (unsigned i = 0; i < n; i++)
            bundle[i] = lines[i];
        client_bundle(&studio->client, bundle);
    } else if (what < 99) {
        client_ask(&studio->client, "%s %u", what < 94 ? "/undo" : "/redo", 1 + below(2));
    } else {
        client_ask(&studio->client, below(2) ? "/session/save song.dawd" : "/session/load song.dawd");
    }
    note();
}

/* ---- a life ----------------------------------------------------------------------------------------------------------- */

static void live(void)
{
    double end = now_s() + LIFE_LEAST_S + below(LIFE_RANGE) / 1e3;
    note();
    life.n_safe = 0;
    for (unsigned i = 1; now_s() < end && life.n < EDITS_MOST - 1; i++) {
        edit();
        if (below(40) == 0) {
            client_do(&studio->client, "/session/flush");
            life.n_safe = life.n;
        }
    }
    life.killed_s = now_s();
    ck_assert_int_eq(kill(studio->dawd.pid, SIGKILL), 0);
    ck_assert(process_wait(&studio->dawd, 5));
    client_close(&studio->client);
}

static void life_end(void)
{
    while (life.n)
        free(life.moments[--life.n].text);
}

static bool has_audio(void)
{
    const struct answer *answer = client_do(&studio->client, "/stats");
    for (int i = 0; i + 1 < answer_count(answer); i += 2)
        if (strcmp(answer_string(answer, i), "server") == 0)
            return *answer_string(answer, i + 1);
    return false;
}

/* How long it takes until JACK runs what was there. */
static double start_again(void)
{
    double start = now_s();
    studio_start_daemon(studio);
    while (!has_audio() && now_s() < start + 10)
        pause_s(0.002);
    return now_s() - start;
}

/* How old the oldest edit is that is not there; negative when what is there never was, or is too old. */
static double lost_s(void)
{
    char *text = dump();
    unsigned i = life.n;
    while (i && strcmp(life.moments[i - 1].text, text) != 0)
        i--;
    if (!i)
        printf("this never was:\n%s", text);
    else if (i < life.n_safe)
        printf("of %u moments, %u said to be safe, the %u. has come back\n", life.n, life.n_safe, i);
    free(text);
    if (!i || i < life.n_safe)
        return -1;
    return i == life.n ? 0 : life.killed_s - life.moments[i].at_s;
}

START_TEST(a_daemon_that_is_killed_comes_back_as_it_was_a_moment_ago)
{
    char state[100];
    const char *arguments[] = {"--state", state, NULL};
    double most_lost_s = 0, most_start_s = 0;
    unsigned n_recovered = 0;
    studio = studio_open(&(struct studio_options){.no_daemon = true, .arguments = arguments});
    snprintf(state, sizeof state, "%s/state", studio->folder);
    studio_start_daemon(studio);
    client_do(&studio->client, "/session/save song.dawd");
    for (unsigned i = 0; i < KILLS; i++) {
        live();
        double start_s = start_again(), lost = lost_s();
        n_recovered += lost >= 0;
        most_lost_s = lost > most_lost_s ? lost : most_lost_s;
        most_start_s = start_s > most_start_s ? start_s : most_start_s;
        life_end();
    }
    bool pass = n_recovered == KILLS && most_lost_s <= LOST_MOST_S && most_start_s <= START_MOST_S;
    printf("REL D8 recovered=%u/%u lost_max_ms=%.0f restart_max_ms=%.0f %s\n", n_recovered, KILLS, 1e3 * most_lost_s,
           1e3 * most_start_s, pass ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert(pass);
    studio_close(studio);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {a_daemon_that_is_killed_comes_back_as_it_was_a_moment_ago};
    return suite_run("recovery", 240, tests, ROWS(tests));
}
