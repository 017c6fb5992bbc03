/* Connections of the daemon's ports to others on a real JACK server: made, kept, made again. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/node.h"
#include "tests/suite.h"
#include "tests/system/loopback.h"
#include "tests/system/sound.h"

/* Whether /jack/list has this row at last: it is made, or it is not. */
static bool comes_to(struct studio *studio, const char *from, const char *to, bool is_made)
{
    for (double end = now_s() + 5; now_s() < end; pause_s(0.02)) {
        const struct answer *answer = client_do(&studio->client, "/jack/list");
        bool is_there = false;
        for (int i = 1; i + 3 < answer_count(answer); i += 4)
            is_there |= strcmp(answer_string(answer, i), from) == 0 && strcmp(answer_string(answer, i + 1), to) == 0 &&
                        answer_number(answer, i + 2) != 0;
        if (is_there == is_made)
            return true;
    }
    return false;
}

START_TEST(a_connection_is_made_when_it_is_answered)
{
    struct studio *studio = studio_open(&(struct studio_options){0});
    ck_assert(comes_to(studio, "out_1", "system:playback_1", true)); /* the usual one */
    client_do(&studio->client, "/jack/connect out_1 system:playback_2");
    ck_assert(comes_to(studio, "out_1", "system:playback_2", true));
    client_do(&studio->client, "/jack/disconnect out_1 system:playback_2");
    ck_assert(comes_to(studio, "out_1", "system:playback_2", false));
    client_do(&studio->client, "/jack/disconnect out_1");
    ck_assert(comes_to(studio, "out_1", "system:playback_1", false));
    client_fail(&studio->client, "no_such_port", "/jack/connect out_1 nobody:in");
    client_fail(&studio->client, "conflict", "/jack/disconnect out_1 system:playback_1");
    ck_assert(answer_number(client_do(&studio->client, "/jack/ports"), 0) >= 4);
    studio_close(studio);
}
END_TEST

START_TEST(what_is_waited_for_is_connected_when_it_appears_and_again_when_it_comes_back)
{
    struct studio *studio = studio_open(&(struct studio_options){0});
    struct loopback loopback;
    client_do(&studio->client, "/jack/connect out_2 taker:in_1 wait");
    client_do(&studio->client, "/jack/connect feeder:out_1 in_1 wait");
    ck_assert(comes_to(studio, "out_2", "taker:in_1", false));
    loopback_open(&loopback, studio);
    ck_assert(comes_to(studio, "out_2", "taker:in_1", true));
    ck_assert(comes_to(studio, "feeder:out_1", "in_1", true));
    loopback_close(&loopback);
    ck_assert(comes_to(studio, "out_2", "taker:in_1", false));
    loopback_open(&loopback, studio);
    ck_assert(comes_to(studio, "out_2", "taker:in_1", true));
    /* Somebody who cuts it by hand means it. */
    loopback_disconnect(&loopback, "dut:out_2", "taker:in_1");
    ck_assert(comes_to(studio, "out_2", "taker:in_1", false));
    client_do(&studio->client, "/graph/add output more");
    ck_assert(comes_to(studio, "out_2", "taker:in_1", false));
    loopback_close(&loopback);
    studio_close(studio);
}
END_TEST

START_TEST(a_client_that_has_ports_before_it_runs_is_connected_when_it_does)
{
    struct studio *studio = studio_open(&(struct studio_options){0});
    jack_client_t *late = jack_client_open("late", JackNoStartServer | JackServerName, NULL, studio->server);
    ck_assert(late && jack_port_register(late, "in_1", JACK_DEFAULT_AUDIO_TYPE, JackPortIsInput, 0));
    client_do(&studio->client, "/jack/connect out_2 late:in_1 wait");
    ck_assert(process_says(&studio->dawd, "does not connect dut:out_2 and late:in_1 yet", 5));
    ck_assert_int_eq(jack_activate(late), 0);
    ck_assert(comes_to(studio, "out_2", "late:in_1", true));
    jack_client_close(late);
    studio_close(studio);
}
END_TEST

START_TEST(a_server_that_comes_back_finds_the_connections_as_they_shall_be)
{
    struct studio *studio = studio_open(&(struct studio_options){0});
    ck_assert(comes_to(studio, "out_1", "system:playback_1", true));
    client_do(&studio->client, "/jack/connect out_1 system:playback_2");
    client_do(&studio->client, "/jack/disconnect out_2 system:playback_2");
    kill(studio->jackd.pid, SIGKILL);
    ck_assert(process_wait(&studio->jackd, 3));
    studio_start_server(studio);
    ck_assert(comes_to(studio, "out_1", "system:playback_1", true));
    ck_assert(comes_to(studio, "out_1", "system:playback_2", true));
    ck_assert(comes_to(studio, "out_2", "system:playback_2", false));
    studio_close(studio);
}
END_TEST

START_TEST(a_port_that_is_made_anew_is_connected_anew)
{
    struct studio *studio = studio_open(&(struct studio_options){0});
    ck_assert(comes_to(studio, "out_1", "system:playback_1", true));
    for (unsigned round = 0; round < 3; round++) {
        client_do(&studio->client, "/graph/add output mon");
        client_do(&studio->client, "/jack/connect mon_1 system:playback_2");
        ck_assert(comes_to(studio, "mon_1", "system:playback_2", true));
        const char *const again[] = {"/graph/remove mon", "/graph/add output mon",
                                     "/jack/connect mon_1 system:playback_2 wait", NULL};
        client_bundle(&studio->client, again);
        ck_assert(comes_to(studio, "mon_1", "system:playback_2", true));
        client_do(&studio->client, "/graph/remove mon");
        ck_assert(studio_lacks_port(studio, "dut:mon_1"));
    }
    studio_close(studio);
}
END_TEST

START_TEST(a_session_brings_them_along)
{
    struct studio *studio = studio_open(&(struct studio_options){0});
    ck_assert(comes_to(studio, "out_1", "system:playback_1", true));
    client_do(&studio->client, "/jack/connect out_1 system:playback_2");
    client_do(&studio->client, "/jack/disconnect out_1 system:playback_1");
    client_do(&studio->client, "/session/save wired.dawd");
    client_do(&studio->client, "/session/new");
    ck_assert(comes_to(studio, "out_1", "system:playback_2", false));
    ck_assert(comes_to(studio, "out_1", "system:playback_1", true)); /* as usual again */
    client_do(&studio->client, "/session/load wired.dawd");
    ck_assert(comes_to(studio, "out_1", "system:playback_2", true));
    ck_assert(comes_to(studio, "out_1", "system:playback_1", false));
    studio_close(studio);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {a_connection_is_made_when_it_is_answered,
                            what_is_waited_for_is_connected_when_it_appears_and_again_when_it_comes_back,
                            a_client_that_has_ports_before_it_runs_is_connected_when_it_does,
                            a_server_that_comes_back_finds_the_connections_as_they_shall_be,
                            a_port_that_is_made_anew_is_connected_anew,
                            a_session_brings_them_along};
    return suite_run("connections", 60, tests, ROWS(tests));
}
