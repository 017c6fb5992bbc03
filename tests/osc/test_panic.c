/* /panic: tails are cut, settings stay. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/osc_rig.h"

static struct osc_rig rig;

static void open_rig(void)
{
    osc_rig_open(&rig);
    osc_rig_do(&rig, "/graph/add osc tone freq 300.0");
    osc_rig_do(&rig, "/graph/add delay echo time 0.1 feedback 0.98 mix 1.0 label Echo");
    osc_rig_do(&rig, "/graph/add gain back");
    osc_rig_do(&rig, "/graph/add lfo sweep");
    osc_rig_do(&rig, "/graph/connect tone echo");
    osc_rig_do(&rig, "/graph/connect echo back");
    osc_rig_do(&rig, "/graph/connect back echo gain -20 feedback");
    osc_rig_do(&rig, "/graph/connect sweep echo:mix depth 0.1");
    osc_rig_do(&rig, "/graph/connect echo out gain -3");
    osc_rig_do(&rig, "/graph/add delay late time 0.3 feedback 0.5");
}

static void close_rig(void)
{
    osc_rig_close(&rig);
}

/* In cycles as long as a block: then what ends does so within one. */
static void pass(double seconds)
{
    for (int i = 0; i < (int)(seconds * OSC_RIG_RATE_HZ / BLOCK_MAX); i++)
        engine_cycle_rt(rig.ctl->engine, &(struct cycle){.n_frames = BLOCK_MAX});
    osc_rig_run(&rig);
}

/* The louder channel of a level, in dB. */
static double level(const char *address)
{
    double left, right;
    osc_rig_send(&rig, address);
    pass(0.6);
    rig.n_read = rig.n_answers - 1;
    const char *line = osc_rig_line(&rig), *space = strchr(line, ' ');
    ck_assert_msg(space && sscanf(space, "%lf %lf", &left, &right) == 2, "%s", line);
    return left > right ? left : right;
}

START_TEST(what_rings_is_cut_and_stays_cut)
{
    pass(1.0);
    osc_rig_do(&rig, "/graph/disconnect tone echo");
    pass(0.2);
    ck_assert_double_gt(level("/node/echo/out/peak"), -40);
    osc_rig_do(&rig, "/panic");
    pass(0.6);
    ck_assert_double_le(level("/node/echo/out/peak"), -200);
    ck_assert_double_le(level("/node/out/in/peak"), -200);
}
END_TEST

START_TEST(settings_connections_places_and_labels_stay)
{
    char *before = strdup(osc_rig_dump(&rig));
    osc_rig_do(&rig, "/panic");
    ck_assert_str_eq(osc_rig_dump(&rig), before);
    osc_rig_wait(&rig);
    ck_assert_str_eq(osc_rig_dump(&rig), before);
    free(before);
}
END_TEST

START_TEST(what_sounds_by_itself_sounds_on)
{
    osc_rig_do(&rig, "/panic");
    pass(0.6);
    osc_rig_do(&rig, "/graph/connect tone out");
    ck_assert_double_gt(level("/node/out/in/peak"), -3.1);
}
END_TEST

START_TEST(notes_end)
{
    rig.peer = osc_rig_stream(7);
    osc_rig_do(&rig, "/graph/add arpeggiator arp");
    osc_rig_do(&rig, "/graph/add midi_output wire");
    osc_rig_do(&rig, "/note/on wire 60 100");
    osc_rig_do(&rig, "/note/on arp 60 100");
    ck_assert_ptr_nonnull(strstr(osc_rig_ask(&rig, "/note/list"), "arp 1 0h wire 1 0h"));
    osc_rig_do(&rig, "/panic");
    pass(0.6);
    ck_assert_ptr_nonnull(strstr(osc_rig_ask(&rig, "/note/list"), "arp 0 0h wire 0 0h"));
}
END_TEST

/* Without an envelope nothing inside would ever fall silent: what can begin anew (filter) and what cannot (noise). */
START_TEST(voices_end_that_would_sound_for_ever)
{
    static const char *const ways[] = {"/graph/connect pad/hiss pad/out", "/graph/connect pad/lp pad/out"};
    rig.peer = osc_rig_stream(7);
    for (unsigned i = 0; i < 2 * ROWS(ways); i++) {
        osc_rig_do(&rig, "/graph/clear");
        osc_rig_do(&rig, "/graph/add voices pad voices 4");
        osc_rig_do(&rig, "/graph/add noise pad/hiss");
        osc_rig_do(&rig, "/graph/add filter pad/lp");
        osc_rig_do(&rig, "/graph/connect pad/hiss pad/lp");
        osc_rig_do(&rig, ways[i % 2]);
        osc_rig_do(&rig, "/graph/connect pad/out out");
        osc_rig_do(&rig, i < 2 ? "/note/on pad 60 100 0.1" : "/note/on pad 60 100");
        osc_rig_do(&rig, "/note/on pad 64 100 0.1 channel 16");
        pass(0.6);
        ck_assert_double_gt(level("/node/out/in/peak"), -20);
        osc_rig_do(&rig, "/panic");
        pass(0.6);
        ck_assert_str_eq(osc_rig_ask(&rig, "/node/pad/active"), "/node/pad/active 0.0");
        ck_assert_double_le(level("/node/out/in/peak"), -200);
    }
}
END_TEST

START_TEST(the_transport_stops)
{
    osc_rig_do(&rig, "/transport/play");
    pass(0.1);
    osc_rig_do(&rig, "/panic");
    ck_assert_ptr_nonnull(strstr(osc_rig_ask(&rig, "/transport/position"), " F"));
}
END_TEST

START_TEST(in_a_bundle_that_fails_nothing_is_cut)
{
    osc_rig_refuse(&rig, "[\n/panic\n/graph/remove nobody\n]", ERROR_NO_SUCH_NODE, NULL);
    osc_rig_do(&rig, "[\n/panic\n/node/tone/freq 500.0\n]");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/tone/freq"), "/node/tone/freq 500.0");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {what_rings_is_cut_and_stays_cut,      settings_connections_places_and_labels_stay,
                                  what_sounds_by_itself_sounds_on,      notes_end,
                                  voices_end_that_would_sound_for_ever, the_transport_stops,
                                  in_a_bundle_that_fails_nothing_is_cut};
    return osc_rig_suite("panic", open_rig, close_rig, tests, ROWS(tests));
}
