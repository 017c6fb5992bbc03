/* A meter in a daemon on a real JACK server: what a client reads of it, and is told of it, while the sound goes on. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/spectrum.h"
#include "tests/suite.h"
#include "tests/system/sound.h"
#include "tests/system/studio.h"

#define WAIT_S   20.0
#define LEVEL_DB (-20.0) /* of the tone, which goes to both channels: its loudness too */

static struct studio *studio;

static void open_with_a_tone(void)
{
    studio = studio_open(&(struct studio_options){.period = 256});
    client_do(&studio->client, "/graph/add osc tone wave sine freq 997.0 level %g", LEVEL_DB);
    client_do(&studio->client, "/graph/add meter loud");
    client_do(&studio->client, "/graph/connect tone loud");
    client_do(&studio->client, "/graph/connect loud out");
}

static double reading(const char *name)
{
    char address[64];
    snprintf(address, sizeof address, "/node/loud/%s", name);
    return client_read(&studio->client, address, "%s", address) ? answer_number(&studio->client.answer, 0) : NAN;
}

static void wait_until(const char *name, double value, double tolerance)
{
    double is = NAN;
    for (double end_s = now_s() + WAIT_S; now_s() < end_s; pause_s(0.02))
        if (fabs((is = reading(name)) - value) <= tolerance)
            return;
    ck_abort_msg("%s is %g, not %g", name, is, value);
}

START_TEST(a_client_reads_the_loudness_of_what_sounds)
{
    open_with_a_tone();
    wait_until("momentary", LEVEL_DB, 0.1);
    wait_until("short_term", LEVEL_DB, 0.1);
    client_do(&studio->client, "/node/loud/reset 1"); /* how it began belongs to it too */
    wait_until("integrated", LEVEL_DB, 0.1);
    ck_assert_double_eq_tol(reading("true_peak"), LEVEL_DB, 0.2);
    ck_assert_double_eq_tol(reading("peak"), LEVEL_DB, 0.05);
    ck_assert_double_eq_tol(reading("rms"), LEVEL_DB - 3.01, 0.05);
    ck_assert_double_eq(reading("lost"), 0);
    client_do(&studio->client, "/graph/remove tone");
    wait_until("short_term", -200, 0);
    ck_assert_double_eq(reading("momentary"), -200);
    ck_assert_double_gt(reading("integrated"), LEVEL_DB - 10); /* of what there was, its end included */
    client_do(&studio->client, "/node/loud/reset 0");
    client_do(&studio->client, "/node/loud/reset 1");
    wait_until("integrated", -200, 0);
    studio_close(studio);
}
END_TEST

/* Ten times a second: EBU Tech 3341 asks for that. */
START_TEST(a_client_that_subscribed_is_told_of_every_new_value)
{
    struct client ears;
    unsigned n_told = 0;
    open_with_a_tone();
    client_open_unix(&ears, studio->socket);
    client_do(&ears, "/sub /node/loud/momentary");
    client_do(&studio->client, "/node/tone/level -60 2.0");
    for (double end_s = now_s() + WAIT_S; now_s() < end_s && n_told < 10;)
        if (client_next(&ears, 1.0) && strcmp(ears.answer.address, "/node/loud/momentary") == 0)
            n_told++;
    ck_assert_uint_ge(n_told, 10);
    client_close(&ears);
    studio_close(studio);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        a_client_reads_the_loudness_of_what_sounds,
        a_client_that_subscribed_is_told_of_every_new_value,
    };
    return suite_run("meter", 120, tests, 2);
}
