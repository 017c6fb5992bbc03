/* Bundles that wait for a place in the piece. */
#include "tests/time_rig.h"

START_TEST(a_beat_waits_while_the_transport_stands_and_comes_once)
{
    time_rig_tell("[\n/at/beat 4\n/tx req 1\n/node/a/gain -1\n]");
    time_rig_tell("[\n/at/bar 2 2.5\n/tx req 2\n/node/a/gain -2\n]");
    time_rig_expect("/progress 1 #bundle 0.0 scheduled");
    time_rig_expect("/progress 2 #bundle 0.0 scheduled");
    time_rig_run(240000);
    osc_rig_expect(&time_rig.osc, "");
    time_rig_tell("/transport/play");
    uint64_t at = time_rig_now(); /* 120 bpm: 24000 frames to the beat */
    time_rig_run(96064);
    time_rig_expect("/done 0 /transport/play %lluh *", (unsigned long long)at);
    time_rig_expect("/done 1 #bundle 1 %lluh *", (unsigned long long)at + 4 * 24000);
    time_rig_run(36000);
    time_rig_expect("/done 2 #bundle 1 %lluh *", (unsigned long long)(at + 4 * 24000 + 36000));
    time_rig_tell("/transport/locate 0h");
    time_rig_run(120000);
    time_rig_expect("/done 0 /transport/locate *");
    osc_rig_expect(&time_rig.osc, "");
}
END_TEST

START_TEST(a_bar_follows_tempo_and_signature)
{
    time_rig_tell("[\n/at/bar 3\n/tx req 1\n/node/a/gain -1\n]");
    time_rig_tell("/transport/signature 3 4 at 1:1:0");
    time_rig_tell("/transport/play");
    uint64_t at = time_rig_now();
    time_rig_run(48000);                  /* two beats of three */
    time_rig_tell("/transport/tempo 60"); /* twice as long from here on */
    uint64_t changed = time_rig_now();
    time_rig_expect("/progress *");
    time_rig_run(240000);
    time_rig_expect("*signature*");
    time_rig_expect("*play*");
    time_rig_expect("*tempo*");
    time_rig_expect("/done 1 #bundle 1 %lluh *", (unsigned long long)(changed + 2 * (6 * 24000 - (changed - at))));
}
END_TEST

START_TEST(what_lies_behind_the_transport_waits_until_that_is_put_before_it)
{
    time_rig_tell("/transport/play");
    time_rig_run(96000);
    time_rig_expect("*play*");
    time_rig_tell("[\n/at/beat 2\n/tx req 1\n/node/a/gain -1\n]");
    time_rig_run(96000);
    time_rig_expect("/progress *");
    osc_rig_expect(&time_rig.osc, "");
    time_rig_tell("/transport/locate 24000h");
    time_rig_run(25600);
    time_rig_expect("*locate*");
    time_rig_expect("/done 1 *");
}
END_TEST

START_TEST(a_play_with_a_time_and_a_place_behind_it_meet)
{
    uint64_t at = time_rig_now() + 9600;
    time_rig_tell("[\n/at/frame %lluh\n/tx req 1\n/transport/play\n]", (unsigned long long)at);
    time_rig_tell("[\n/at/beat 1\n/tx req 2\n/node/a/gain -1\n]");
    time_rig_run(40000);
    time_rig_expect("/progress 1 *");
    time_rig_expect("/progress 2 *");
    time_rig_expect("/done 1 #bundle 1 %lluh *", (unsigned long long)at);
    time_rig_expect("/done 2 #bundle 1 %lluh *", (unsigned long long)at + 24000);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_beat_waits_while_the_transport_stands_and_comes_once,
        a_bar_follows_tempo_and_signature,
        what_lies_behind_the_transport_waits_until_that_is_put_before_it,
        a_play_with_a_time_and_a_place_behind_it_meet,
    };
    return osc_rig_suite("places", time_rig_open, time_rig_close, tests, ROWS(tests));
}
