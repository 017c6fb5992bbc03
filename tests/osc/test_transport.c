/* The transport as a client meets it. */
#include <stdio.h>
#include <string.h>

#include "tests/osc_rig.h"

static struct osc_rig rig;

static void open_rig(void)
{
    osc_rig_open(&rig);
}

static void close_rig(void)
{
    osc_rig_close(&rig);
}

START_TEST(reads_are_answered_like_those_of_values)
{
    ck_assert_str_eq(osc_rig_ask(&rig, "/transport/position"), "/transport/position 0h 0.0d 1:1:0 F");
    ck_assert_str_eq(osc_rig_ask(&rig, "/req/4/transport/position"), "/done 4 /transport/position 0h 0.0d 1:1:0 F");
    ck_assert_str_eq(osc_rig_ask(&rig, "/transport/tempo"), "/transport/tempo 120.0");
    ck_assert_str_eq(osc_rig_ask(&rig, "/transport/signature"), "/transport/signature 4 4");
    ck_assert_str_eq(osc_rig_ask(&rig, "/transport/list"), "/done 0 /transport/list 1 1:1:0 120.0 4 4");
}
END_TEST

START_TEST(a_position_is_taken_in_seconds_frames_or_bars)
{
    static const struct {
        const char *given, *answer;
    } places[] = {
        {"2", "/transport/position 96000h 2.0d 2:1:0 F"},
        {"2.5", "/transport/position 120000h 2.5d 2:2:0 F"},
        {"0.25d", "/transport/position 12000h 0.25d 1:1:480 F"},
        {"48000h", "/transport/position 48000h 1.0d 1:3:0 F"},
        {"17:4:959", "/transport/position 1631975h 33.99947916666667 17:4:959 F"},
        {"17:4", "/transport/position 1608000h 33.5d 17:4:0 F"},
        {"\"17\"", "/transport/position 1536000h 32.0d 17:1:0 F"},
    };
    static const char *const verbs[] = {"locate", "position"};
    for (unsigned i = 0; i < 2 * ROWS(places); i++) {
        char line[64];
        snprintf(line, sizeof line, "/transport/%s %s", verbs[i % 2], places[i / 2].given);
        osc_rig_do(&rig, line);
        ck_assert_str_eq(osc_rig_ask(&rig, "/transport/position"), places[i / 2].answer);
        osc_rig_do(&rig, "/transport/locate 0");
    }
}
END_TEST

START_TEST(orders_are_answered_with_their_frame_and_make_no_revision)
{
    osc_rig_do(&rig, "/graph/add gain a");
    osc_rig_run(&rig);
    ck_assert_str_eq(osc_rig_ask(&rig, "/transport/play"), "/done 0 /transport/play 384h 1");
    ck_assert_str_eq(osc_rig_ask(&rig, "/transport/position"), "/transport/position 192h 0.004d 1:1:7 T");
    ck_assert_str_eq(osc_rig_ask(&rig, "/transport/stop"), "/done 0 /transport/stop 768h 1");
    ck_assert_str_eq(osc_rig_ask(&rig, "/transport/tempo 90"), "/done 0 /transport/tempo 960h 2");
}
END_TEST

START_TEST(a_bundle_starts_the_piece_where_it_says_at_one_frame)
{
    osc_rig_send(&rig, "[\n/transport/tempo 60\n/transport/locate 3:1:0\n/transport/play\n/transport/position\n]");
    osc_rig_run(&rig);
    /* As it will be. */
    osc_rig_expect(&rig, "[\n/transport/position 384000h 8.0d 3:1:0 T\n/done 0 #bundle 4 0h 1\n]");
    ck_assert_str_eq(osc_rig_ask(&rig, "/transport/position"), "/transport/position 384192h 8.004d 3:1:3 T");
}
END_TEST

START_TEST(a_bundle_that_fails_moves_nothing)
{
    osc_rig_refuse(&rig, "[\n/transport/locate 3:1:0\n/transport/play\n/transport/tempo 60\n/transport/tempo 5\n]",
                   ERROR_RANGE, "message 4 of the bundle, /transport/tempo: tempo 5 bpm", NULL);
    ck_assert_str_eq(osc_rig_ask(&rig, "/transport/position"), "/transport/position 0h 0.0d 1:1:0 F");
    ck_assert_str_eq(osc_rig_ask(&rig, "/transport/tempo"), "/transport/tempo 120.0");
}
END_TEST

START_TEST(tempo_and_signature_are_part_of_the_session)
{
    ck_assert_ptr_null(strstr(osc_rig_dump(&rig), "/transport/"));
    osc_rig_do(&rig, "/transport/signature 7 8 at 5:1:0");
    osc_rig_do(&rig, "/transport/tempo 98.7 at 6:7:479");
    osc_rig_do(&rig, "/transport/tempo 133.333333d at 5:1:0");
    osc_rig_do(&rig, "/transport/tempo 80");
    static const char text[] = "/transport/tempo 80.0 at 1:1:0\n"
                               "/transport/signature 7 8 at 5:1:0\n"
                               "/transport/tempo 133.333333 at 5:1:0\n"
                               "/transport/tempo 98.7 at 6:7:479\n";
    ck_assert_str_eq(osc_rig_dump(&rig), text);
    ck_assert_str_eq(osc_rig_do(&rig, "/transport/list"),
                     "/done 0 /transport/list 3 1:1:0 80.0 4 4 5:1:0 133.33333 7 8 6:7:479 98.7 7 8");
    osc_rig_do(&rig, "/transport/clear");
    osc_rig_do(&rig, "/transport/locate 100.0");
    char line[128];
    for (const char *at = text; *at; at += strcspn(at, "\n") + 1) {
        snprintf(line, sizeof line, "%.*s", (int)strcspn(at, "\n"), at);
        osc_rig_do(&rig, line);
    }
    ck_assert_str_eq(osc_rig_dump(&rig), text);
    osc_rig_do(&rig, "/transport/tempo 120 at 1:1:0");
    ck_assert_ptr_null(strstr(osc_rig_dump(&rig), " at 1:1:0"));
    osc_rig_refuse(&rig, "/transport/clear 5:1:0", ERROR_CONFLICT, "the tempo at 6:7:479", NULL);
    osc_rig_do(&rig, "/transport/clear 6:7:479");
    osc_rig_do(&rig, "/transport/clear 5:1:0");
    osc_rig_refuse(&rig, "/transport/clear 5:1:0", ERROR_CONFLICT, "5:1:0", NULL);
}
END_TEST

START_TEST(a_mark_that_would_fall_out_of_its_bar_is_named)
{
    osc_rig_do(&rig, "/transport/tempo 90 at 4:4:100");
    osc_rig_refuse(&rig, "/transport/signature 3 4", ERROR_CONFLICT, "the tempo at 4:4:100", "3/4", NULL);
    osc_rig_do(&rig, "/transport/signature 3 4 at 5:1:0");
    osc_rig_do(&rig, "/transport/clear 4:4:100");
    osc_rig_do(&rig, "/transport/signature 3 4");
}
END_TEST

START_TEST(a_place_for_a_mark_may_be_given_in_any_unit)
{
    osc_rig_do(&rig, "/transport/signature 3 4 at 2.0"); /* the second bar */
    osc_rig_do(&rig, "/transport/tempo 60 at 168000h");  /* 3.5 s: the third */
    osc_rig_do(&rig, "/transport/tempo 70 at 3.5000001d");
    ck_assert_str_eq(osc_rig_dump(&rig), "/transport/signature 3 4 at 2:1:0\n/transport/tempo 70.0 at 3:1:0\n");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        reads_are_answered_like_those_of_values,
        a_position_is_taken_in_seconds_frames_or_bars,
        orders_are_answered_with_their_frame_and_make_no_revision,
        a_bundle_starts_the_piece_where_it_says_at_one_frame,
        a_bundle_that_fails_moves_nothing,
        tempo_and_signature_are_part_of_the_session,
        a_mark_that_would_fall_out_of_its_bar_is_named,
        a_place_for_a_mark_may_be_given_in_any_unit,
    };
    return osc_rig_suite("transport", open_rig, close_rig, tests, ROWS(tests));
}
