/* The daemon under a service manager, which is a socket of this test.
 * Lane: quiet */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "graph/node.h"
#include "tests/suite.h"
#include "tests/system/studio.h"

#define SOON_S      3.0
#define WATCHDOG_US "WATCHDOG_USEC=600000"
#define BEAT_S      0.2 /* a third of it */
#define AFTER_MOST  2u  /* beats behind a standstill: one may be on its way, and one look cannot tell it yet */
#define STILL_S     (6 * BEAT_S)

struct manager {
    int fd;
    char environment[160]; /* of the daemon */
    char heard[2048];
};

static void manager_open(struct manager *manager, const struct studio *studio)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    snprintf(at.sun_path, sizeof at.sun_path, "%s/manager", studio->folder);
    snprintf(manager->environment, sizeof manager->environment, "NOTIFY_SOCKET=%s", at.sun_path);
    manager->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(manager->fd, (struct sockaddr *)&at, sizeof at), 0);
}

/* Whether a message with this text comes within the time; others are passed over, and the found one stays in `heard`. */
static bool hears(struct manager *manager, const char *text, double timeout_s)
{
    for (double end = now_s() + timeout_s; now_s() < end; pause_s(0.005))
        for (ssize_t n; (n = recv(manager->fd, manager->heard, sizeof manager->heard - 1, 0)) > 0;) {
            manager->heard[n] = '\0';
            if (strstr(manager->heard, text))
                return true;
        }
    return false;
}

/* With a flaw it is one of the mutant build. */
static struct studio *open_flawed(struct manager *manager, bool no_jack, const char *flaw)
{
    static const char *arguments[] = {"--no-jack", NULL};
    static const char *environment[4];
    static char mutant[64];
    struct studio *studio =
        studio_open(&(struct studio_options){.no_server = true, .no_daemon = true, .variant = flaw ? "mutant" : NULL});
    manager_open(manager, studio);
    snprintf(mutant, sizeof mutant, "DAWD_MUTANT=%s", flaw ? flaw : "");
    environment[0] = manager->environment;
    environment[1] = WATCHDOG_US;
    environment[2] = flaw ? mutant : NULL;
    studio->options.environment = environment;
    studio->options.arguments = no_jack ? arguments : NULL;
    studio_start_daemon(studio);
    return studio;
}

/* Beats that are heard in this time. */
static unsigned beats(struct manager *manager, double seconds)
{
    unsigned n = 0;
    for (double end = now_s() + seconds; now_s() < end;)
        n += hears(manager, "WATCHDOG=1", end - now_s());
    return n;
}

static struct studio *open_with(struct manager *manager, bool no_jack)
{
    return open_flawed(manager, no_jack, NULL);
}

static void close_all(struct manager *manager, struct studio *studio)
{
    close(manager->fd);
    studio_close(studio);
}

START_TEST(ready_comes_when_jack_drives_the_engine_and_requests_are_answered)
{
    struct manager manager;
    struct studio *studio = open_with(&manager, false);
    ck_assert(hears(&manager, "STATUS=waiting for JACK: JACK server", SOON_S));
    ck_assert(strstr(manager.heard, studio->server) != NULL);
    ck_assert_msg(!hears(&manager, "READY=1", 1.2), "ready without a server: %s", manager.heard);
    studio_start_server(studio);
    ck_assert(hears(&manager, "READY=1", SOON_S));
    ck_assert_msg(strstr(manager.heard, "48000 Hz, 256 frames") != NULL, "%s", manager.heard);
    client_do(&studio->client, "/ping");
    ck_assert(studio_has_port(studio, "dut:out_2"));
    close_all(&manager, studio);
}
END_TEST

START_TEST(a_server_that_goes_shows_in_the_status_and_the_end_is_told)
{
    struct manager manager;
    struct studio *studio = open_with(&manager, false);
    studio_start_server(studio);
    ck_assert(hears(&manager, "READY=1", SOON_S));
    kill(studio->jackd.pid, SIGKILL);
    ck_assert(process_wait(&studio->jackd, 2));
    ck_assert(hears(&manager, "STATUS=waiting", SOON_S));
    studio_start_server(studio);
    ck_assert(hears(&manager, "STATUS=on JACK server", SOON_S));
    ck_assert_msg(!strstr(manager.heard, "READY"), "ready is told twice");
    kill(studio->dawd.pid, SIGTERM);
    ck_assert(hears(&manager, "STOPPING=1", SOON_S));
    ck_assert(process_wait(&studio->dawd, 2));
    close_all(&manager, studio);
}
END_TEST

START_TEST(without_jack_it_is_ready_as_soon_as_it_listens)
{
    struct manager manager;
    struct studio *studio = open_with(&manager, true);
    ck_assert(hears(&manager, "READY=1", SOON_S));
    client_do(&studio->client, "/ping");
    close_all(&manager, studio);
}
END_TEST

START_TEST(the_heart_beats_and_stops_with_the_process)
{
    struct manager manager;
    struct studio *studio = open_with(&manager, false);
    studio_start_server(studio);
    ck_assert(hears(&manager, "READY=1", SOON_S));
    for (unsigned beat = 0; beat < 3; beat++)
        ck_assert(hears(&manager, "WATCHDOG=1", SOON_S));
    kill(studio->dawd.pid, SIGSTOP);
    ck_assert_uint_le(beats(&manager, STILL_S), AFTER_MOST);
    kill(studio->dawd.pid, SIGCONT);
    ck_assert(hears(&manager, "WATCHDOG=1", SOON_S));
    close_all(&manager, studio);
}
END_TEST

START_TEST(the_heart_beats_on_without_a_server)
{
    struct manager manager;
    struct studio *studio = open_with(&manager, false);
    studio_start_server(studio);
    ck_assert(hears(&manager, "READY=1", SOON_S));
    kill(studio->jackd.pid, SIGSTOP); /* no cycle any more */
    ck_assert_uint_ge(beats(&manager, STILL_S), 2);
    kill(studio->jackd.pid, SIGKILL);
    ck_assert(process_wait(&studio->jackd, 2));
    ck_assert(hears(&manager, "STATUS=waiting", SOON_S));
    ck_assert_uint_ge(beats(&manager, STILL_S), 2);
    close_all(&manager, studio);
}
END_TEST

/* Not before both are there, and told once. */
static bool ready_is_told_in_time(void)
{
    struct manager manager;
    struct studio *studio = open_with(&manager, false);
    bool is_late = !hears(&manager, "READY=1", STILL_S);
    studio_start_server(studio);
    bool comes = hears(&manager, "READY=1", SOON_S), sounds = comes && studio_has_port(studio, "dut:out_2");
    bool answers = comes && client_ask(&studio->client, "/ping")->done;
    bool again = hears(&manager, "READY=1", STILL_S);
    close_all(&manager, studio);
    return is_late && sounds && answers && !again;
}

static const struct standstill {
    const char *name, *flaw;
    bool no_jack;
} standstills[] = {
    {"audio", "freeze@drain", false},
    {"control", "stuck", false},
    {"audio without JACK", "freeze@drain", true},
};

/* Beats behind the moment at which a thread stands still. */
static unsigned beats_behind(const struct standstill *standstill, const char *and_flaw)
{
    struct manager manager;
    char flaw[48];
    snprintf(flaw, sizeof flaw, "%s%s%s", standstill->flaw, and_flaw ? "," : "", and_flaw ? and_flaw : "");
    struct studio *studio = open_flawed(&manager, standstill->no_jack, flaw);
    if (!standstill->no_jack)
        studio_start_server(studio);
    bool was_well = hears(&manager, "READY=1", SOON_S) && beats(&manager, STILL_S) >= 3;
    while (hears(&manager, "WATCHDOG=1", 0)) /* on its way */
        ;
    kill(studio->dawd.pid, SIGUSR1);
    client_tell(&studio->client, "/graph/add gain g"); /* what the audio thread takes in is where it freezes */
    unsigned n = beats(&manager, STILL_S);
    if (!was_well)
        printf("%s: not even ready, or no heart that beats\n", standstill->name);
    kill(studio->dawd.pid, SIGKILL);
    process_wait(&studio->dawd, 2);
    close_all(&manager, studio);
    return was_well ? n : UINT32_MAX;
}

START_TEST(a_manager_knows_what_it_has_to)
{
    bool is_ready = ready_is_told_in_time();
    unsigned most = 0, n_stopped = 0;
    for (unsigned i = 0; i < ROWS(standstills); i++) {
        unsigned n = beats_behind(&standstills[i], NULL);
        n_stopped += n <= AFTER_MOST;
        most = n > most ? n : most;
        if (n > AFTER_MOST)
            printf("%s: %u beats behind the standstill\n", standstills[i].name, n);
    }
    bool pass = is_ready && n_stopped == ROWS(standstills);
    printf("REL S3 cases=%u/%zu ready=%s beats_after=%u beat_ms=%.0f %s\n", is_ready + n_stopped, 1 + ROWS(standstills),
           is_ready ? "in_time" : "early", most, 1e3 * BEAT_S, pass ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert(pass);
}
END_TEST

START_TEST(a_heart_that_beats_whatever_happens_is_noticed)
{
    bool is_caught = beats_behind(&standstills[0], "blithe") > AFTER_MOST;
    printf("REL S3m mutants_caught=%d/1 %s\n", is_caught, is_caught ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert(is_caught);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        ready_comes_when_jack_drives_the_engine_and_requests_are_answered,
        a_server_that_goes_shows_in_the_status_and_the_end_is_told,
        without_jack_it_is_ready_as_soon_as_it_listens,
        the_heart_beats_and_stops_with_the_process,
        the_heart_beats_on_without_a_server,
        a_manager_knows_what_it_has_to,
        a_heart_that_beats_whatever_happens_is_noticed,
    };
    return suite_run("notify", 30, tests, ROWS(tests));
}
