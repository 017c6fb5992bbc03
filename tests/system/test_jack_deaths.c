/* The JACK server dies sixty times, at any moment, by its own will or not. Another client lives and dies with it, and comes back
 * with it: a process of its own, this program with another argument.
 * Lane: quiet */
#include <dirent.h>
#include <jack/jack.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "graph/node.h"
#include "tests/suite.h"
#include "tests/system/studio.h"

#define DEATHS        60
#define WARM_UP       4 /* deaths until all has been allocated once */
#define MUTANT_DEATHS 4
#define FIRST_CYCLE_S 1.0
#define RSS_KB        1024
#define SEED          20261

struct row {
    struct studio *studio;
    struct process guest;
    uint32_t random;
    unsigned n_recovered, n_connected, n_deaths;
    double slowest_s; /* from a server that takes clients to the first cycle */
};

/* What the daemon holds; of each the same in the same state. */
struct holdings {
    long fds, threads, rss_kb;
};

static double random_unit(struct row *row)
{
    row->random = row->random * 1664525u + 1013904223u;
    return row->random / 4294967296.0;
}

/* ---- the other client --------------------------------------------------------------------------------------------------- */

static void hush(const char *text)
{
    (void)text;
}

static int run_as_guest(const char *server)
{
    jack_client_t *client;
    jack_set_error_function(hush);
    jack_set_info_function(hush);
    while (!(client = jack_client_open("guest", JackNoStartServer | JackServerName, NULL, server)))
        pause_s(0.01);
    if (!jack_port_register(client, "in_1", JACK_DEFAULT_AUDIO_TYPE, JackPortIsInput, 0) ||
        !jack_port_register(client, "out_1", JACK_DEFAULT_AUDIO_TYPE, JackPortIsOutput, 0) || jack_activate(client))
        return 1;
    pause();
    return 0;
}

static void guest_start(struct row *row)
{
    char log[128], self[512];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = '\0';
    snprintf(log, sizeof log, "%s/guest.log", row->studio->folder);
    process_start(&row->guest, log, (const char *const[]){self, "--guest", row->studio->server, NULL}, NULL);
}

static void guest_stop(struct row *row)
{
    kill(row->guest.pid, SIGKILL);
    ck_assert(process_wait(&row->guest, 2));
}

/* ---- looking ------------------------------------------------------------------------------------------------------------ */

static double stat_of(struct studio *studio, const char *name)
{
    const struct answer *answer = client_do(&studio->client, "/stats");
    for (int i = 0; i + 1 < answer_count(answer); i += 2)
        if (strcmp(answer_string(answer, i), name) == 0)
            return answer_number(answer, i + 1);
    return NAN;
}

static long entries(const struct studio *studio, const char *what)
{
    char path[64];
    long n = 0;
    snprintf(path, sizeof path, "/proc/%d/%s", studio->dawd.pid, what);
    DIR *dir = opendir(path);
    while (dir && readdir(dir))
        n++;
    closedir(dir);
    return n;
}

/* The same five times: what has ended takes some cycles to be forgotten. */
static struct holdings holdings_of(const struct studio *studio)
{
    struct holdings now, before = {0};
    unsigned n_same = 0;
    for (double end = now_s() + 5; n_same < 5 && now_s() < end; pause_s(0.05)) {
        now = (struct holdings){entries(studio, "fd"), entries(studio, "task"), 0};
        n_same = now.fds == before.fds && now.threads == before.threads ? n_same + 1 : 0;
        before = now;
    }
    before.rss_kb = studio_proc(studio, 0, "status", "VmRSS:");
    return before;
}

/* How many of the connections that shall be are there: the usual four, and two with the guest. */
static unsigned connected(struct studio *studio)
{
    static const char *const pairs[][2] = {
        {"out_1", "system:playback_1"}, {"out_2", "system:playback_2"}, {"system:capture_1", "in_1"},
        {"system:capture_2", "in_2"},   {"out_1", "guest:in_1"},        {"guest:out_1", "in_2"},
    };
    unsigned n = 0;
    const struct answer *answer = client_do(&studio->client, "/jack/list");
    for (int i = 1; i + 3 < answer_count(answer); i += 4)
        for (unsigned p = 0; p < ROWS(pairs); p++)
            n += strcmp(answer_string(answer, i), pairs[p][0]) == 0 &&
                 strcmp(answer_string(answer, i + 1), pairs[p][1]) == 0 && answer_number(answer, i + 2) != 0;
    return n;
}

static bool become_connected(struct studio *studio)
{
    for (double end = now_s() + 3; now_s() < end; pause_s(0.01))
        if (connected(studio) == 6)
            return true;
    return false;
}

static char *session_text(struct studio *studio, const char *name)
{
    char path[160], *text = calloc(1, 1 << 16);
    client_do(&studio->client, "/session/save %s", name);
    snprintf(path, sizeof path, "%s/%s", studio->folder, name);
    FILE *file = fopen(path, "r");
    ck_assert(file && text && fread(text, 1, (1 << 16) - 1, file) > 100);
    fclose(file);
    return text;
}

/* ---- dying -------------------------------------------------------------------------------------------------------------- */

/* When the server listens. To open a client would disturb what is measured: one that closes just when another comes holds up
 * a jackd for seconds, in which it waits for an answer to its news of that one; and libjack keeps a semaphore of it. */
static double await_listening(const struct studio *studio)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "/dev/shm/jack_%s_%u_0", studio->server, getuid());
    for (double end = now_s() + 5; now_s() < end; pause_s(0.002)) {
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        bool listens = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
        close(fd);
        if (listens)
            return now_s();
    }
    rig_fail("jackd does not listen at %s", address.sun_path);
}

static void await_first_cycle(struct row *row, double before, double up_s)
{
    struct studio *studio = row->studio;
    for (double end = now_s() + 5; now_s() < end; pause_s(0.003))
        if (stat_of(studio, "process_count") > before) {
            double took_s = now_s() - up_s;
            row->slowest_s = took_s > row->slowest_s ? took_s : row->slowest_s;
            row->n_recovered++;
            return;
        }
}

static void die(struct row *row, int signal)
{
    struct studio *studio = row->studio;
    pause_s(0.05 + 0.35 * random_unit(row));
    kill(studio->jackd.pid, signal);
    ck_assert(process_wait(&studio->jackd, 5));
    guest_stop(row);
    pause_s(0.02); /* the last cycle may still be under way */
    double before = stat_of(studio, "process_count");
    guest_start(row);
    studio_spawn_server(studio);
    await_first_cycle(row, before, await_listening(studio));
    row->n_connected += become_connected(studio);
    row->n_deaths++;
}

/* As many of either kind, in any order. */
static void die_often(struct row *row, unsigned n)
{
    unsigned n_term = n / 2, n_kill = n - n_term;
    row->n_recovered = row->n_connected = row->n_deaths = 0;
    row->slowest_s = 0;
    while (n_term + n_kill) {
        bool is_term = random_unit(row) * (n_term + n_kill) < n_term;
        die(row, is_term ? SIGTERM : SIGKILL);
        n_term -= is_term;
        n_kill -= !is_term;
    }
}

static void build(struct studio *studio)
{
    static const char *const lines[] = {
        "/graph/add osc tone freq 440.0 level -12.0",
        "/graph/add filter low cutoff 900.0",
        "/graph/add delay echo time 0.2",
        "/graph/add gain half gain -6.0",
        "/graph/connect tone low",
        "/graph/connect low echo",
        "/graph/connect echo half",
        "/graph/connect half out",
        "/graph/connect in half gain -20.0",
        "/jack/connect out_1 guest:in_1 wait",
        "/jack/connect guest:out_1 in_2 wait",
    };
    for (unsigned i = 0; i < ROWS(lines); i++)
        client_do(&studio->client, "%s", lines[i]);
}

static bool judge(struct row *row, const struct holdings *first, bool is_same, const char *flaw)
{
    struct studio *studio = row->studio;
    struct holdings last = holdings_of(studio);
    double hangs = stat_of(studio, "server_hangs");
    bool passes = row->n_recovered == row->n_deaths && row->n_connected == row->n_deaths && is_same &&
                  row->slowest_s <= FIRST_CYCLE_S && last.fds == first->fds && last.threads == first->threads &&
                  last.rss_kb - first->rss_kb <= RSS_KB;
    if (!flaw)
        printf("REL J1 recovered=%u/%u first_cycle_max_ms=%.0f fd_delta=%ld thread_delta=%ld rss_delta_kb=%ld "
               "session_hash=%s connections=%s close_hangs=%.0f %s\n",
               row->n_recovered, row->n_deaths, 1e3 * row->slowest_s, last.fds - first->fds, last.threads - first->threads,
               last.rss_kb - first->rss_kb, is_same ? "equal" : "differs",
               row->n_connected == row->n_deaths ? "restored" : "lost", hangs, passes ? "PASS" : "FAIL");
    fflush(stdout);
    return passes;
}

static bool row_j1(unsigned n_deaths, const char *flaw)
{
    const char *environment[] = {flaw, NULL};
    struct row row = {.random = SEED};
    struct studio *studio =
        studio_open(&(struct studio_options){.variant = flaw ? "mutant" : NULL, .environment = flaw ? environment : NULL});
    row.studio = studio;
    guest_start(&row);
    build(studio);
    ck_assert(become_connected(studio));
    die_often(&row, WARM_UP);
    char *before = session_text(studio, "before.dawd");
    struct holdings first = holdings_of(studio);
    die_often(&row, n_deaths);
    char *after = session_text(studio, "after.dawd");
    bool passes = judge(&row, &first, strcmp(before, after) == 0, flaw);
    guest_stop(&row);
    studio_close(studio);
    free(before);
    free(after);
    return passes;
}

START_TEST(a_server_that_dies_costs_nothing)
{
    ck_assert(row_j1(DEATHS, NULL));
}
END_TEST

START_TEST(what_a_death_costs_is_noticed)
{
    static const char *const flaws[] = {"DAWD_MUTANT=uncabled", "DAWD_MUTANT=hoarding"};
    unsigned caught = 0;
    for (unsigned i = 0; i < ROWS(flaws); i++)
        caught += !row_j1(MUTANT_DEATHS, flaws[i]);
    printf("REL J1m mutants_caught=%u/%zu %s\n", caught, ROWS(flaws), caught == ROWS(flaws) ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert_uint_eq(caught, ROWS(flaws));
}
END_TEST

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--guest") == 0)
        return run_as_guest(argv[2]);
    const TTest *tests[] = {a_server_that_dies_costs_nothing, what_a_death_costs_is_noticed};
    return suite_run("jack deaths", 240, tests, ROWS(tests));
}
