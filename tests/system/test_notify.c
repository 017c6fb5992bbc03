/* The daemon under a service manager, which is a socket of this test. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "graph/node.h"
#include "tests/system/studio.h"
#include "tests/system/suite.h"

#define SOON_S 3.0

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

static struct studio *open_with(struct manager *manager, bool no_jack)
{
    static const char *arguments[] = {"--no-jack", NULL};
    static const char *environment[2];
    struct studio *studio = studio_open(&(struct studio_options){.no_server = true, .no_daemon = true});
    manager_open(manager, studio);
    environment[0] = manager->environment;
    studio->options.environment = environment;
    studio->options.arguments = no_jack ? arguments : NULL;
    studio_start_daemon(studio);
    return studio;
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

START_TEST(the_heart_beats_every_second_and_stops_with_the_control_thread)
{
    struct manager manager;
    struct studio *studio = open_with(&manager, false);
    studio_start_server(studio);
    ck_assert(hears(&manager, "READY=1", SOON_S));
    for (unsigned beat = 0; beat < 3; beat++)
        ck_assert(hears(&manager, "WATCHDOG=1", SOON_S));
    kill(studio->dawd.pid, SIGSTOP);
    while (hears(&manager, "WATCHDOG=1", 0.1)) /* what was on its way */
        ;
    ck_assert(!hears(&manager, "WATCHDOG=1", 2.2));
    kill(studio->dawd.pid, SIGCONT);
    ck_assert(hears(&manager, "WATCHDOG=1", SOON_S));
    close_all(&manager, studio);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        ready_comes_when_jack_drives_the_engine_and_requests_are_answered,
        a_server_that_goes_shows_in_the_status_and_the_end_is_told,
        without_jack_it_is_ready_as_soon_as_it_listens,
        the_heart_beats_every_second_and_stops_with_the_control_thread,
    };
    return suite_run("notify", 30, tests, ROWS(tests));
}
