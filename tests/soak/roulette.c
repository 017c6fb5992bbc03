/* W4: the daemon is killed while it records, saves and loads, and the JACK server in between, in any order. Every file that was
 * there is whole, and everything comes back.
 * usage: roulette SECONDS */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "graph/node.h"
#include "tests/suite.h"
#include "tests/system/takes.h"

#define NODES      60
#define SAVE_S     0.01 /* within which a kill meets a save or a load */
#define RECORD_S   1.0
#define NO_JACK_MS 300

static double soak_s;

struct roulette {
    struct studio *studio;
    char state[160]; /* folder of --state; empty where the daemon has no such option */
    const char *arguments[3];
    uint32_t seed;
    unsigned serial;  /* the newest value of the node "serial" */
    unsigned saved;   /* that a file must hold at least */
    unsigned flushed; /* that the state must hold at least */
    unsigned n_kills, n_restarts, n_torn, n_unreadable, n_lost;
};

static unsigned chance(struct roulette *roulette, unsigned n)
{
    roulette->seed = roulette->seed * 1664525u + 1013904223u;
    return (roulette->seed >> 8) % n;
}

static double by_chance_s(struct roulette *roulette, double most_s)
{
    return most_s * chance(roulette, 1000) / 1000;
}

static void serial_set(struct roulette *roulette)
{
    client_do(&roulette->studio->client, "/node/serial/value %u.0", ++roulette->serial);
}

static unsigned serial_read(struct roulette *roulette)
{
    return (unsigned)takes_reading(roulette->studio, "serial", "value");
}

/* An empty daemon, or with --state one that has gone on, gets the session of this round. */
static void graph_build(struct roulette *roulette)
{
    struct client *client = &roulette->studio->client;
    client_do(client, "/graph/clear");
    client_do(client, "/graph/add constant serial");
    for (unsigned i = 0; i < NODES; i++)
        client_do(client, "/graph/add gain a.rather.long.name.of.a.node.%u gain -3.25", i);
    serial_set(roulette);
    client_do(client, "/session/save song.dawd");
    roulette->saved = roulette->serial;
    if (*roulette->state) {
        client_do(client, "/session/flush");
        roulette->flushed = roulette->serial;
    }
}

static void kill_daemon(struct roulette *roulette)
{
    struct studio *studio = roulette->studio;
    kill(studio->dawd.pid, SIGKILL);
    ck_assert(process_wait(&studio->dawd, 5));
    roulette->n_kills++;
    client_close(&studio->client);
    studio_start_daemon(studio);
    if (*roulette->state)
        roulette->n_lost += serial_read(roulette) < roulette->flushed;
    const struct answer *answer = client_ask(&studio->client, "/session/load song.dawd");
    unsigned held = answer->done ? serial_read(roulette) : 0;
    roulette->n_torn += held < roulette->saved || held > roulette->serial;
}

static void save_round(struct roulette *roulette)
{
    serial_set(roulette);
    client_tell(&roulette->studio->client, "/session/save song.dawd");
    pause_s(by_chance_s(roulette, SAVE_S));
    kill_daemon(roulette);
}

static void load_round(struct roulette *roulette)
{
    client_tell(&roulette->studio->client, "/session/load song.dawd");
    pause_s(by_chance_s(roulette, SAVE_S));
    kill_daemon(roulette);
}

static void record_round(struct roulette *roulette)
{
    struct client *client = &roulette->studio->client;
    char name[64];
    SF_INFO info;
    snprintf(name, sizeof name, "take-%u", roulette->n_kills);
    client_do(client, "/graph/add osc tone");
    client_do(client, "/graph/add record r file %s", name);
    client_do(client, "/graph/connect tone r");
    client_do(client, "/node/r/on T");
    pause_s(0.05 + by_chance_s(roulette, RECORD_S));
    kill_daemon(roulette);
    strcat(name, ".wav");
    float *frames = takes_read(roulette->studio, name, &info);
    roulette->n_unreadable += info.frames == 0;
    free(frames);
    unlink(takes_path(roulette->studio, name));
}

static void server_round(struct roulette *roulette)
{
    struct studio *studio = roulette->studio;
    char port[64];
    kill(studio->jackd.pid, chance(roulette, 2) ? SIGKILL : SIGTERM);
    ck_assert(process_wait(&studio->jackd, 5));
    pause_s(by_chance_s(roulette, NO_JACK_MS * 1e-3));
    studio_start_server(studio);
    snprintf(port, sizeof port, "%s:out_1", studio->name);
    ck_assert_msg(studio_has_port(studio, port), "the daemon does not come back to a new server");
    roulette->n_restarts++;
}

static void open_all(struct roulette *roulette)
{
    char help[16384];
    *roulette = (struct roulette){.seed = 4, .studio = studio_open(&(struct studio_options){.no_daemon = true})};
    process_run((const char *const[]){studio_build(NULL, "dawd"), "--help", NULL}, help, sizeof help);
    if (strstr(help, "--state")) {
        snprintf(roulette->state, sizeof roulette->state, "%s/state", roulette->studio->folder);
        memcpy(roulette->arguments, (const char *[]){"--state", roulette->state, NULL}, sizeof roulette->arguments);
        roulette->studio->options.arguments = roulette->arguments;
    }
    studio_start_daemon(roulette->studio);
}

START_TEST(whoever_is_killed_everything_comes_back)
{
    static void (*const kinds[])(struct roulette *) = {save_round, load_round, record_round, server_round};
    static struct roulette roulette;
    open_all(&roulette);
    for (double end = now_s() + soak_s; now_s() < end;) {
        graph_build(&roulette);
        kinds[chance(&roulette, ROWS(kinds))](&roulette);
    }
    bool pass = roulette.n_kills > 0 && !roulette.n_torn && !roulette.n_unreadable && !roulette.n_lost;
    printf("REL W4 kills=%u jack_restarts=%u torn=%u unreadable=%u hung=0 with_state=%s lost=%u %s\n", roulette.n_kills,
           roulette.n_restarts, roulette.n_torn, roulette.n_unreadable, *roulette.state ? "yes" : "no", roulette.n_lost,
           pass ? "PASS" : "FAIL");
    fflush(stdout);
    studio_close(roulette.studio);
    ck_assert(pass);
}
END_TEST

int main(int argc, char **argv)
{
    const TTest *const tests[] = {whoever_is_killed_everything_comes_back};
    soak_s = argc > 1 ? atof(argv[1]) : 30;
    return suite_run("W4", 2 * soak_s + 120, tests, ROWS(tests));
}
