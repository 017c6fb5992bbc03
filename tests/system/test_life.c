/* The daemon and its surroundings: JACK servers that come and go, ports, the once-a-second line, the end.
 * Lane: quiet */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "graph/node.h"
#include "tests/spectrum.h"
#include "tests/suite.h"
#include "tests/system/loopback.h"
#include "tests/system/sound.h"

#define RATE   48000
#define BACK_S 2.0 /* from a server that is up to sound */

static void build_tone(struct studio *studio)
{
    client_do(&studio->client, "/graph/add osc tone freq 1000.0 level -6.0");
    client_do(&studio->client, "/graph/connect tone out");
}

/* Records half a second and checks that the tone is in it at its level. */
static void check_sounds(struct studio *studio)
{
    struct loopback loopback;
    size_t n = RATE / 2;
    loopback_open(&loopback, studio);
    loopback_connect_all(&loopback, studio);
    float *x = loopback_record(&loopback, n);
    double level = tone_amplitude(x, n, 1000, RATE);
    ck_assert_msg(fabs(level - 0.5012) < 0.001, "the tone has a level of %g", level);
    free(x);
    loopback_close(&loopback);
}

START_TEST(nodes_of_the_sound_card_make_and_remove_jack_ports)
{
    struct studio *studio = studio_open(&(struct studio_options){.lock_step = true});
    client_do(&studio->client, "/graph/add input mic channels 1");
    ck_assert(studio_has_port(studio, "dut:mic_1"));
    client_do(&studio->client, "/graph/add output phones channels 2");
    ck_assert(studio_has_port(studio, "dut:phones_2"));
    ck_assert(studio_lacks_port(studio, "dut:mic_2"));
    client_do(&studio->client, "/graph/connect mic phones");
    struct loopback loopback;
    size_t n = RATE / 4;
    float *play = sound_new(n), *take = sound_new(n);
    loopback_open(&loopback, studio);
    loopback_connect(&loopback, "feeder:out_1", "dut:mic_1");
    loopback_connect(&loopback, "dut:phones_2", "taker:in_1");
    pause_s(0.1);
    noise_fill(play, n, 0.5, 3);
    loopback_run(&loopback, (float *[]){play, NULL}, (float *[]){take, NULL}, n);
    ck_assert(greatest_difference(take, play, 1, n) < 1e-6);
    loopback_close(&loopback);
    client_do(&studio->client, "/graph/remove mic");
    client_do(&studio->client, "/graph/remove phones");
    ck_assert(studio_lacks_port(studio, "dut:mic_1"));
    ck_assert(studio_lacks_port(studio, "dut:phones_1"));
    ck_assert(studio_has_port(studio, "dut:out_2"));
    studio_close(studio);
    free(play);
    free(take);
}
END_TEST

START_TEST(a_server_that_comes_later_is_waited_for_and_then_played_on)
{
    struct studio *studio = studio_open(&(struct studio_options){.lock_step = true, .no_server = true});
    ck_assert_msg(process_says(&studio->dawd, studio->server, 3), "the log does not name the server it waits for");
    build_tone(studio);
    studio_start_server(studio);
    double up = now_s();
    ck_assert(studio_has_port(studio, "dut:out_1"));
    ck_assert_msg(now_s() - up < BACK_S, "%.1f s until the ports came", now_s() - up);
    check_sounds(studio);
    studio_close(studio);
}
END_TEST

START_TEST(a_server_that_dies_is_survived_and_its_successor_played_on)
{
    struct studio *studio = studio_open(&(struct studio_options){.lock_step = true});
    build_tone(studio);
    check_sounds(studio);
    for (unsigned round = 0; round < 4; round++) {
        kill(studio->jackd.pid, round % 2 ? SIGTERM : SIGKILL);
        ck_assert(process_wait(&studio->jackd, 3));
        client_do(&studio->client, "/ping");
        client_do(&studio->client, "/graph/add gain g%u", round);
        client_do(&studio->client, "/graph/connect tone g%u", round);
        studio_start_server(studio);
        double up = now_s();
        ck_assert(studio_has_port(studio, "dut:out_1"));
        ck_assert_msg(now_s() - up < BACK_S, "%.1f s until the ports came back", now_s() - up);
        check_sounds(studio);
    }
    studio_close(studio);
}
END_TEST

START_TEST(without_jack_every_request_is_answered)
{
    const char *arguments[] = {"--no-jack", NULL};
    struct studio *studio = studio_open(&(struct studio_options){.no_server = true, .arguments = arguments});
    build_tone(studio);
    client_do(&studio->client, "/node/tone/freq 500.0");
    client_do(&studio->client, "/graph/remove tone");
    studio_close(studio);
}
END_TEST

static unsigned count_lines(const char *text, const char *word)
{
    unsigned n = 0;
    for (const char *at = text; (at = strstr(at, word)); at = strchr(at, '\n') ? strchr(at, '\n') : at + strlen(at))
        n++;
    return n;
}

START_TEST(on_request_the_daemon_prints_its_state_once_a_second)
{
    const char *environment[] = {"DAWD_DEBUG=1", NULL};
    struct studio *studio = studio_open(&(struct studio_options){.environment = environment});
    build_tone(studio);
    pause_s(5.2);
    unsigned n = count_lines(process_output(&studio->dawd), "debug: block 256 frames, process average");
    ck_assert_msg(n >= 4 && n <= 7, "%u lines in five seconds:\n%s", n, process_output(&studio->dawd));
    studio_close(studio);
}
END_TEST

static void check_ends(struct studio *studio, int signal_number)
{
    kill(studio->dawd.pid, signal_number);
    ck_assert_msg(process_wait(&studio->dawd, 2), "the daemon has not ended within two seconds");
    ck_assert_int_eq(studio->dawd.status, 0);
    ck_assert_msg(access(studio->socket, F_OK) != 0, "the socket is left behind");
}

START_TEST(a_signal_or_quit_ends_the_daemon_well_within_two_seconds)
{
    struct studio *studio = studio_open(&(struct studio_options){.lock_step = true});
    build_tone(studio);
    check_ends(studio, SIGTERM);
    studio_start_daemon(studio);
    check_ends(studio, SIGINT);
    studio_start_daemon(studio);
    client_do(&studio->client, "/quit");
    ck_assert(process_wait(&studio->dawd, 2));
    ck_assert_int_eq(studio->dawd.status, 0);
    studio_close(studio);
}
END_TEST

START_TEST(a_server_that_hangs_does_not_keep_the_daemon_from_ending)
{
    struct studio *studio = studio_open(&(struct studio_options){.lock_step = true});
    kill(studio->jackd.pid, SIGSTOP);
    kill(studio->dawd.pid, SIGTERM);
    ck_assert(process_wait(&studio->dawd, 2));
    ck_assert_int_eq(studio->dawd.status, 0);
    ck_assert(process_says(&studio->dawd, "does not answer", 0));
    kill(studio->jackd.pid, SIGCONT);
    studio_close(studio);
}
END_TEST

START_TEST(a_server_that_stands_still_is_told_of_until_it_goes_on)
{
    struct studio *studio = studio_open(&(struct studio_options){.lock_step = true});
    kill(studio->jackd.pid, SIGSTOP);
    ck_assert(process_says(&studio->dawd, "has not called for a second", 4));
    const struct answer *answer = client_do(&studio->client, "/stats");
    bool is_told = false;
    for (int i = 0; i < answer_count(answer); i++)
        is_told |= strstr(answer_string(answer, i), "has not called") != NULL;
    ck_assert(is_told);
    kill(studio->jackd.pid, SIGCONT);
    ck_assert(process_says(&studio->dawd, "calls again", 4));
    studio_close(studio);
}
END_TEST

START_TEST(a_server_that_stands_still_while_it_takes_us_in_is_told_of_too)
{
    struct studio *studio = studio_open(&(struct studio_options){.lock_step = true, .no_daemon = true});
    studio_spawn_daemon(studio, &studio->dawd);
    ck_assert(process_says(&studio->dawd, "client \"dut\"", 4));
    kill(studio->jackd.pid, SIGSTOP);
    ck_assert(process_says(&studio->dawd, "has not called for a second", 4));
    kill(studio->jackd.pid, SIGCONT);
    ck_assert(process_says(&studio->dawd, "calls again", 4));
    studio_close(studio);
}
END_TEST

START_TEST(the_end_is_faded_out)
{
    struct studio *studio = studio_open(&(struct studio_options){.lock_step = true});
    struct loopback loopback;
    size_t n = RATE;
    float *x = sound_new(n);
    build_tone(studio);
    loopback_open(&loopback, studio);
    loopback_connect_all(&loopback, studio);
    loopback_start(&loopback, NULL, (float *[]){x, NULL}, n);
    pause_s(0.4);
    check_ends(studio, SIGTERM);
    loopback_wait(&loopback);
    double most = second_difference(x, n), steady = sine_second_difference(0.5012, 1000, RATE);
    ck_assert_msg(most <= 1.5 * steady, "the end clicks: second difference %g, that of the tone is %g", most, steady);
    ck_assert_uint_lt(sound_end(x, n), n);
    loopback_close(&loopback);
    studio_close(studio);
    free(x);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        nodes_of_the_sound_card_make_and_remove_jack_ports,
        a_server_that_comes_later_is_waited_for_and_then_played_on,
        a_server_that_dies_is_survived_and_its_successor_played_on,
        without_jack_every_request_is_answered,
        on_request_the_daemon_prints_its_state_once_a_second,
        a_signal_or_quit_ends_the_daemon_well_within_two_seconds,
        a_server_that_hangs_does_not_keep_the_daemon_from_ending,
        a_server_that_stands_still_is_told_of_until_it_goes_on,
        a_server_that_stands_still_while_it_takes_us_in_is_told_of_too,
        the_end_is_faded_out,
    };
    return suite_run("life", 60, tests, ROWS(tests));
}
