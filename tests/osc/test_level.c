/* Levels of ports, as clients read them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/osc_rig.h"

#define SLOT 2400

static struct osc_rig rig;

static void open_rig(void)
{
    osc_rig_open(&rig);
    osc_rig_do(&rig, "/graph/add osc tone freq 997.0 level -6.0");
    osc_rig_do(&rig, "/graph/add pan p");
    osc_rig_do(&rig, "/graph/connect tone p");
    osc_rig_do(&rig, "/graph/connect p out");
    osc_rig_wait(&rig);
}

static void close_rig(void)
{
    osc_rig_close(&rig);
}

/* The n-th number of the next answer, which must begin like this. */
static double number(const char *begin, unsigned n)
{
    const char *line = osc_rig_line(&rig);
    ck_assert_msg(strncmp(line, begin, strlen(begin)) == 0, "%s is not %s", line, begin);
    const char *at = line + strlen(begin);
    while (n--)
        at = strchr(at + 1, ' ');
    return atof(at);
}

/* Runs until so many frames have passed at least, and not two cycles more. */
static void run(unsigned n_frames)
{
    for (uint64_t end = ctl_clock(rig.ctl) + n_frames; ctl_clock(rig.ctl) < end;)
        osc_rig_run(&rig);
}

static void check_level(const char *address, const char *begin, double db)
{
    osc_rig_send(&rig, address);
    double told = number(begin, 0);
    ck_assert_msg(fabs(told - db) < 0.02, "%s: %g dB, not %g", address, told, db);
}

START_TEST(the_first_look_waits_for_50_ms_of_sound_and_the_next_does_not)
{
    osc_rig_send(&rig, "/req/5/node/tone/out/peak");
    run(SLOT - 3 * OSC_RIG_CYCLE);
    osc_rig_expect(&rig, "");
    run(6 * OSC_RIG_CYCLE);
    ck_assert(fabs(number("/done 5 /node/tone/out/peak", 0) + 6) < 0.02);
    osc_rig_expect(&rig, "");
    run(METER_SLOTS * SLOT);
    check_level("/node/tone/out/peak", "/node/tone/out/peak ", -6);
    check_level("/node/tone/out/rms", "/node/tone/out/rms ", -9.01);
    check_level("/req/8/node/tone/out/rms", "/done 8 /node/tone/out/rms ", -9.01);
}
END_TEST

START_TEST(every_channel_has_its_number)
{
    osc_rig_do(&rig, "/req/1/node/p/position -1.0");
    run(SLOT * 2);
    osc_rig_send(&rig, "/node/p/out/peak");
    run(SLOT * 2);
    const struct osc_rig_answer *answer = osc_rig_answer(&rig);
    ck_assert_str_eq(message_read(answer->packet.data).tags, "ff");
    osc_rig_send(&rig, "/node/p/out/peak");
    ck_assert(number("/node/p/out/peak", 1) == -200);
}
END_TEST

START_TEST(an_output_is_measured_where_sound_goes_in)
{
    osc_rig_send(&rig, "/node/out/in/rms");
    run(SLOT * 2);
    ck_assert(number("/node/out/in/rms", 1) < -9);
    osc_rig_refuse(&rig, "/node/tone/in/rms", ERROR_NO_SUCH_PARAM, "in/rms", "out/peak, out/rms", NULL);
    osc_rig_refuse(&rig, "/node/tone/out/mean", ERROR_NO_SUCH_PARAM, "out/mean", NULL);
    osc_rig_refuse(&rig, "/node/tone/out/peak 1.0", ERROR_UNSUPPORTED, "cannot be set", NULL);
}
END_TEST

START_TEST(where_no_node_runs_silence_is_told)
{
    osc_rig_send(&rig, "/node/tone/out/peak");
    for (unsigned i = 0; i < 30; i++) {
        engine_idle_rt(rig.ctl->engine, 240);
        ctl_poll(rig.ctl);
        server_tick(rig.server);
    }
    osc_rig_expect(&rig, "/node/tone/out/peak -200.0");
    /* And when they run again, what is told is of now. */
    osc_rig_send(&rig, "/node/tone/out/peak");
    osc_rig_expect(&rig, "");
    run(2 * SLOT);
    ck_assert(fabs(number("/node/tone/out/peak", 0) + 6) < 0.02);
}
END_TEST

START_TEST(a_node_that_goes_meanwhile_is_told_as_gone)
{
    osc_rig_send(&rig, "/req/3/node/tone/out/peak");
    osc_rig_do(&rig, "/graph/remove tone");
    run(2 * SLOT);
    osc_rig_expect(&rig, "/fail 3 /node/tone/out/peak * no_such_node *");
    osc_rig_expect(&rig, "");
}
END_TEST

START_TEST(another_rate_meanwhile_is_waited_through)
{
    struct error error = {0};
    osc_rig_send(&rig, "/node/tone/out/peak");
    ck_assert_int_eq(ctl_set_rate(rig.ctl, 96000, &error), 0);
    run(4 * SLOT);
    ck_assert(fabs(number("/node/tone/out/peak", 0) + 6) < 0.02);
}
END_TEST

START_TEST(a_bundle_looks_after_its_edits)
{
    osc_rig_send(&rig, "[\n/tx req 4\n/graph/add gain g\n/node/g/out/peak\n]");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 4 #bundle *");
    run(2 * SLOT);
    osc_rig_expect(&rig, "/done 4 /node/g/out/peak -200.0 -200.0"); /* behind it, for it takes time */
}
END_TEST

START_TEST(no_node_takes_the_address_of_a_level)
{
    osc_rig_refuse(&rig, "/graph/add gain tone/out/rms", ERROR_NAME_TAKEN, "tone/out/rms", NULL);
    osc_rig_refuse(&rig, "/graph/add gain out/in/peak", ERROR_NAME_TAKEN, "out/in/peak", NULL);
    osc_rig_refuse(&rig, "/graph/add probe tone/out", ERROR_NAME_TAKEN, "tone/out/rms", NULL); /* its own reading */
    osc_rig_do(&rig, "/graph/add probe later/out");
    osc_rig_refuse(&rig, "/graph/add osc later", ERROR_NAME_TAKEN, "later/out/rms", NULL);
    osc_rig_do(&rig, "/graph/add gain late/out/peak");
    osc_rig_refuse(&rig, "/graph/add osc late", ERROR_NAME_TAKEN, "late/out/peak", NULL);
    osc_rig_do(&rig, "/graph/add gain tone/in"); /* osc has no such port */
}
END_TEST

START_TEST(a_node_may_be_named_like_a_port_of_another)
{
    osc_rig_do(&rig, "/graph/add gain tone/out");
    osc_rig_send(&rig, "/node/tone/out/peak");
    run(2 * SLOT);
    ck_assert(fabs(number("/node/tone/out/peak", 0) + 6) < 0.02); /* of tone */
    osc_rig_send(&rig, "/node/tone/out/out/peak");
    run(2 * SLOT);
    osc_rig_expect(&rig, "/node/tone/out/out/peak -200.0 -200.0"); /* of tone/out, which is connected to nothing */
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/tone/out/gain"), "/node/tone/out/gain 0.0");
    osc_rig_refuse(&rig, "/node/tone/out/size", ERROR_NO_SUCH_PARAM, "gain", NULL);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_first_look_waits_for_50_ms_of_sound_and_the_next_does_not,
        every_channel_has_its_number,
        an_output_is_measured_where_sound_goes_in,
        where_no_node_runs_silence_is_told,
        a_node_that_goes_meanwhile_is_told_as_gone,
        another_rate_meanwhile_is_waited_through,
        a_bundle_looks_after_its_edits,
        no_node_takes_the_address_of_a_level,
        a_node_may_be_named_like_a_port_of_another,
    };
    return osc_rig_suite("levels", open_rig, close_rig, tests, ROWS(tests));
}
