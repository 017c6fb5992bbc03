/* /node/NAME/notes: which notes are on, read and subscribed to. */
#include <stdio.h>
#include <string.h>

#include "graph/event.h"
#include "tests/sub_rig.h"

static struct sub_rig rig;
static struct peer screen, keys, shell;

static void setup(void)
{
    sub_rig_open(&rig);
    screen = osc_rig_datagram(9001);
    keys = osc_rig_stream(4);
    shell = osc_rig_stream(3);
    sub_rig_say(&rig, &shell, "/graph/add arpeggiator lead");
    sub_rig_say(&rig, &shell, "/graph/add gain half");
    sub_rig_pass(&rig, 20);
    sub_rig_skip(&rig, &shell);
}

static void teardown(void)
{
    sub_rig_close(&rig);
}

static void play(const struct peer *peer, const char *line)
{
    sub_rig_say(&rig, peer, line);
    sub_rig_pass(&rig, 10);
    sub_rig_skip(&rig, peer);
}

static void reads(const char *line)
{
    sub_rig_say(&rig, &shell, "/node/lead/notes");
    sub_rig_pass(&rig, 10);
    sub_rig_hears(&rig, &shell, line);
}

START_TEST(what_is_on_is_read_low_notes_first)
{
    reads("/node/lead/notes");
    play(&keys, "/note/on lead 67 100");
    play(&keys, "/note/on lead 60.5 100");
    play(&keys, "/note/on lead 48 100 channel 16");
    reads("/node/lead/notes 60.5 1 67.0 1 48.0 16");
    play(&keys, "/note/off lead 60.5");
    reads("/node/lead/notes 67.0 1 48.0 16");
}
END_TEST

START_TEST(what_two_hold_is_told_once_and_until_both_have_let_go)
{
    play(&keys, "/note/on lead 60 100");
    play(&screen, "/note/on lead 60 100 0.5");
    reads("/node/lead/notes 60.0 1");
    play(&keys, "/note/off lead 60");
    reads("/node/lead/notes 60.0 1");
    sub_rig_pass(&rig, 600);
    reads("/node/lead/notes");
}
END_TEST

START_TEST(subscribers_hear_of_others_that_are_on)
{
    sub_rig_subscribe(&rig, &screen, "/sub \"/node/lead/notes\"");
    play(&keys, "/note/on lead 60 100");
    sub_rig_pass(&rig, 50);
    sub_rig_hears(&rig, &screen, "/node/lead/notes 60.0 1");
    play(&keys, "/note/on lead 64 100 0.2");
    sub_rig_pass(&rig, 50);
    sub_rig_hears(&rig, &screen, "/node/lead/notes 60.0 1 64.0 1");
    sub_rig_pass(&rig, 500);
    sub_rig_hears(&rig, &screen, "/node/lead/notes 60.0 1");
    sub_rig_pass(&rig, 1000);
    sub_rig_hears(&rig, &screen, "");
    play(&shell, "/note/all_off");
    sub_rig_pass(&rig, 50);
    sub_rig_hears(&rig, &screen, "/node/lead/notes");
}
END_TEST

START_TEST(a_snapshot_tells_what_is_on_already)
{
    play(&keys, "/note/on lead 60 100");
    sub_rig_say(&rig, &screen, "/sub \"/node/l*/notes\"");
    sub_rig_hears(&rig, &screen, "/done 0 /sub 1");
    sub_rig_pass(&rig, 50);
    ck_assert_str_eq(sub_rig_last(&rig, &screen, "/node/lead/notes"), "/node/lead/notes 60.0 1");
}
END_TEST

START_TEST(a_storm_is_told_as_often_as_was_asked_for_and_its_end_is_true)
{
    unsigned n_told = 0;
    const char *line, *last = "";
    char said[64], told[64] = "";
    sub_rig_subscribe(&rig, &screen, "/sub \"/node/lead/notes\" max_hz 10");
    for (unsigned i = 0; i < 1000; i++) {
        snprintf(said, sizeof said, "/note/%s lead %u 100", i % 2 ? "off" : "on", 20 + i / 2 % 90);
        sub_rig_say(&rig, &keys, said);
        sub_rig_pass(&rig, 1);
    }
    play(&keys, "/note/on lead 60 100");
    sub_rig_pass(&rig, 300);
    for (; *(line = sub_rig_line(&rig, &screen)); n_told++) {
        snprintf(told, sizeof told, "%s", line);
        last = told;
    }
    ck_assert_str_eq(last, "/node/lead/notes 60.0 1");
    ck_assert_uint_ge(n_told, 2);
    ck_assert_uint_le(n_told, 15);
}
END_TEST

START_TEST(as_many_are_told_as_can_be_on)
{
    char said[64];
    unsigned n_numbers = 0;
    for (unsigned i = 0; i < EVENTS_HELD_MOST + 50; i++) {
        snprintf(said, sizeof said, "/note/on lead %u 100 channel %u", i % 100, 1 + i / 100);
        play(&keys, said);
    }
    sub_rig_subscribe(&rig, &screen, "/sub \"/node/lead/notes\"");
    sub_rig_pass(&rig, 100);
    for (const char *at = sub_rig_last(&rig, &screen, "/node/lead/notes"); (at = strchr(at, ' ')); at++)
        n_numbers++;
    ck_assert_uint_eq(n_numbers, 2 * EVENTS_HELD_MOST);
}
END_TEST

static void refuses(const char *line, const char *symbol, const char *text)
{
    sub_rig_say(&rig, &shell, line);
    sub_rig_pass(&rig, 10);
    const char *answer = sub_rig_line(&rig, &shell);
    ck_assert_msg(strstr(answer, "/fail 0 ") == answer && strstr(answer, symbol) && strstr(answer, text), "%s: %s", line,
                  answer);
}

START_TEST(what_is_wrong_is_said)
{
    refuses("/node/half/notes", "no_such_param", "notes");
    refuses("/node/lead/notes 60", "unsupported", "/note/on");
    refuses("/node/lead/note", "no_such_param", "notes");
    refuses("/node/lead/notes/norm", "no_such_param", "notes");
    refuses("/graph/add gain lead/notes", "name_taken", "address of a value");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {what_is_on_is_read_low_notes_first,
                                  what_two_hold_is_told_once_and_until_both_have_let_go,
                                  subscribers_hear_of_others_that_are_on,
                                  a_snapshot_tells_what_is_on_already,
                                  a_storm_is_told_as_often_as_was_asked_for_and_its_end_is_true,
                                  as_many_are_told_as_can_be_on,
                                  what_is_wrong_is_said};
    return osc_rig_suite("notes that are on", setup, teardown, tests, ROWS(tests));
}
