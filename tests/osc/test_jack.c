/* /jack/: wishes for connections outside, with a made-up server. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/cable.h"
#include "tests/osc_rig.h"

static struct osc_rig rig;

/* A server with a sound card and a synthesizer, that connects whatever is wished. */
static struct {
    bool is_gone;
    struct device_cable cables[16];
    unsigned n;
    uint64_t n_wishes;
} jack;

static uint64_t want(void *self, const struct device_port *ports, unsigned n_ports)
{
    (void)self, (void)ports, (void)n_ports;
    return ++jack.n_wishes;
}

static uint64_t fulfilled(void *self)
{
    (void)self;
    return jack.n_wishes;
}

static void want_cables(void *self, const struct device_cable *cables, unsigned n)
{
    (void)self;
    ck_assert_uint_le(n, ROWS(jack.cables));
    jack.n = n;
    memcpy(jack.cables, cables, n * sizeof *cables);
}

static const struct device_other others[] = {{"system:capture_1", true, true, false},
                                             {"system:playback_1", false, true, false},
                                             {"system:playback_2", false, true, false},
                                             {"synth:out", true, false, false},
                                             {"keyboard:play", true, true, true}};

static bool each_other(void *self, void (*take)(void *user, const struct device_other *other), void *user)
{
    (void)self;
    for (unsigned i = 0; !jack.is_gone && i < ROWS(others); i++)
        take(user, &others[i]);
    return !jack.is_gone;
}

/* in is number 0 and 1, out 2 and 3. */
static bool each_link(void *self, void (*take)(void *user, const struct device_link *link), void *user)
{
    static const char *const names[] = {"in_1", "in_2", "out_1", "out_2"};
    (void)self;
    for (unsigned i = 0; !jack.is_gone && i < jack.n; i++)
        for (unsigned k = 0; k < ROWS(others); k++)
            if (!jack.cables[i].is_cut && jack.cables[i].index < ROWS(names) &&
                strcmp(others[k].name, jack.cables[i].other) == 0)
                take(user, &(struct device_link){names[jack.cables[i].index], others[k].name, jack.cables[i].index >= 2});
    return !jack.is_gone;
}

static const struct device_service service = {NULL, want, fulfilled, want_cables, each_other, each_link};

static void open_rig(void)
{
    memset(&jack, 0, sizeof jack);
    osc_rig_open(&rig);
    rig.ctl->device = &service;
}

static void close_rig(void)
{
    osc_rig_close(&rig);
}

START_TEST(ports_of_others_are_listed_by_pages)
{
    ck_assert_str_eq(osc_rig_do(&rig, "/jack/ports 0 2"),
                     "/done 0 /jack/ports 5 system:capture_1 T T F system:playback_1 F T F");
    ck_assert_str_eq(osc_rig_do(&rig, "/jack/ports 3"), "/done 0 /jack/ports 5 synth:out T F F keyboard:play T T T");
}
END_TEST

START_TEST(a_connection_is_an_edit_that_the_driver_is_told_of)
{
    uint64_t revision = rig.ctl->revision;
    osc_rig_do(&rig, "/jack/connect out_1 system:playback_2");
    osc_rig_do(&rig, "/jack/connect synth:out rig:in_2");
    ck_assert_uint_eq(rig.ctl->revision, revision + 2);
    ck_assert_uint_eq(jack.n, 2);
    ck_assert_uint_eq(jack.cables[0].index, 1);
    ck_assert_str_eq(jack.cables[0].other, "synth:out");
    ck_assert_uint_eq(jack.cables[1].index, 2);
    ck_assert_str_eq(osc_rig_do(&rig, "/jack/list"), "/done 0 /jack/list 2 synth:out in_2 T T out_1 system:playback_2 T T");
    osc_rig_do(&rig, "/jack/disconnect out_1 system:playback_2");
    ck_assert_str_eq(osc_rig_do(&rig, "/jack/list"), "/done 0 /jack/list 1 synth:out in_2 T T");
    ck_assert(jack.n == 2 && jack.cables[1].is_cut);
}
END_TEST

START_TEST(midi_goes_to_midi_and_sound_to_sound)
{
    osc_rig_do(&rig, "/graph/add midi_input keys");
    osc_rig_do(&rig, "/graph/add midi_output wire");
    osc_rig_do(&rig, "/jack/connect keyboard:play keys_1");
    ck_assert_uint_eq(jack.n, 1);
    ck_assert_uint_eq(jack.cables[0].index, 4);
    osc_rig_do(&rig, "/jack/connect wire_1 synth:midi wait");
    osc_rig_refuse(&rig, "/jack/connect synth:out keys_1", ERROR_BAD_TYPE, "\"synth:out\" carries sound", NULL);
    osc_rig_refuse(&rig, "/jack/connect keyboard:play in_1", ERROR_BAD_TYPE, "carries MIDI", NULL);
    osc_rig_refuse(&rig, "/jack/connect keyboard:play wire_1", ERROR_BAD_TYPE, "gives", NULL);
}
END_TEST

START_TEST(a_pattern_means_all_that_fit)
{
    static const struct {
        const char *other, *name;
        bool fits;
    } rows[] = {{"a2j:Key*", "a2j:Keystation [24] (capture)", true},
                {"a2j:Key*", "a2j:key", false},
                {"*[24]*", "a2j:Keystation [24] (capture)", true},
                {"a?j:*1", "a2j:in 11", true},
                {"a?j:*1", "a2j:in 12", false},
                {"*", "", true},
                {"", "a", false},
                {"a*b*c", "aXbYbZc", true},
                {"a*b*c", "aXbYbZ", false},
                {"a", "a", true}};
    for (unsigned i = 0; i < ROWS(rows); i++)
        ck_assert_msg(cable_fits(rows[i].other, rows[i].name) == rows[i].fits, "%s %s", rows[i].other, rows[i].name);
    osc_rig_do(&rig, "/graph/add midi_input keys");
    osc_rig_do(&rig, "/jack/connect key*:* keys_1");
    osc_rig_do(&rig, "/jack/connect *:p* keys_1"); /* the first that fits is one of sound, another is right */
    ck_assert_uint_eq(jack.n, 2);
    ck_assert_str_eq(jack.cables[0].other, "key*:*");
    osc_rig_refuse(&rig, "/jack/connect synth:* keys_1", ERROR_BAD_TYPE, "\"synth:*\" carries sound", NULL);
    osc_rig_refuse(&rig, "/jack/connect organ* keys_1", ERROR_NO_SUCH_PORT, "organ*", "wait", NULL);
    osc_rig_do(&rig, "/jack/connect organ* keys_1 wait");
    osc_rig_do(&rig, "/jack/disconnect key*:* keys_1");
    ck_assert_uint_eq(jack.n, 3);
    ck_assert(jack.cables[2].is_cut);
    osc_rig_refuse(&rig, "/jack/disconnect piano* keys_1", ERROR_CONFLICT, "not connected", NULL);
}
END_TEST

START_TEST(wishes_are_part_of_the_session_and_come_back)
{
    osc_rig_do(&rig, "/jack/connect out_1 system:playback_2");
    osc_rig_do(&rig, "/jack/connect out_2 later:in wait");
    osc_rig_do(&rig, "/jack/disconnect out_2 system:playback_2 wait");
    osc_rig_do(&rig, "/jack/disconnect in_1");
    struct bytes text = {0};
    session_write(rig.server, &text);
    bytes_add_byte(&text, '\0');
    ck_assert_str_eq((const char *)text.data, "# dawd session 1\n"
                                              "/jack/disconnect in_1\n"
                                              "/jack/connect out_1 system:playback_2 wait\n"
                                              "/jack/connect out_2 later:in wait\n"
                                              "/jack/disconnect out_2 system:playback_2 wait\n"
                                              "# end\n");
    ck_assert_str_eq(osc_rig_do(&rig, "/jack/list"), "/done 0 /jack/list 2 out_1 system:playback_2 T T out_2 later:in F T");
    osc_rig_send(&rig, "/session/new");
    osc_rig_run(&rig);
    ck_assert_uint_eq(jack.n, 0);
    jack.is_gone = true;
    osc_rig_send(&rig, "/session/load s.dawd");
    osc_rig_read(&rig, "s.dawd", text.data, text.n - 1);
    osc_rig_run(&rig);
    ck_assert_uint_eq(jack.n, 4);
    bytes_deinit(&text);
}
END_TEST

START_TEST(what_cannot_be_connected_is_told_why)
{
    osc_rig_refuse(&rig, "/jack/connect out_1 system:playbck_1", ERROR_NO_SUCH_PORT, "system:playbck_1",
                   "did you mean \"system:playback_1\"", "wait", NULL);
    osc_rig_refuse(&rig, "/jack/connect out_3 system:playback_1", ERROR_NO_SUCH_PORT, "out_3", "NODE_CHANNEL", NULL);
    osc_rig_refuse(&rig, "/jack/connect system:playback_1 out_1", ERROR_BAD_TYPE, "out_1", "stands first", NULL);
    osc_rig_refuse(&rig, "/jack/connect out_1 synth:out", ERROR_BAD_TYPE, "both ports give", NULL);
    osc_rig_refuse(&rig, "/jack/connect out_1 in_1", ERROR_UNSUPPORTED, "/graph/connect", NULL);
    osc_rig_refuse(&rig, "/jack/disconnect out_1 system:playback_2", ERROR_CONFLICT, "not connected", NULL);
    osc_rig_refuse(&rig, "[\n/jack/connect out_1 system:playback_2\n/graph/remove nobody\n]", ERROR_NO_SUCH_NODE, NULL);
    ck_assert_str_eq(osc_rig_do(&rig, "/jack/list"), "/done 0 /jack/list 0");
    jack.is_gone = true;
    osc_rig_refuse(&rig, "/jack/connect out_1 system:playback_1", ERROR_NO_SERVER, "wait", NULL);
    osc_rig_refuse(&rig, "/jack/ports", ERROR_NO_SERVER, NULL);
}
END_TEST

START_TEST(without_a_driver_wishes_are_kept_all_the_same)
{
    rig.ctl->device = NULL;
    osc_rig_refuse(&rig, "/jack/connect out_1 system:playback_1", ERROR_NO_SERVER, NULL);
    osc_rig_do(&rig, "/jack/connect out_1 system:playback_1 wait");
    ck_assert_str_eq(osc_rig_do(&rig, "/jack/list"), "/done 0 /jack/list 1 out_1 system:playback_1 F T");
}
END_TEST

START_TEST(wishes_go_with_their_node_and_follow_its_name)
{
    osc_rig_do(&rig, "/graph/add output mon");
    osc_rig_do(&rig, "/jack/connect mon_2 system:playback_1");
    osc_rig_do(&rig, "/graph/rename mon deep/phones");
    ck_assert_str_eq(osc_rig_do(&rig, "/jack/list 0 0"), "/done 0 /jack/list 1");
    osc_rig_do(&rig, "/jack/connect deep/phones_1 system:playback_2");
    osc_rig_do(&rig, "/graph/remove deep/phones");
    ck_assert_uint_eq(jack.n, 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {ports_of_others_are_listed_by_pages,
                                  a_connection_is_an_edit_that_the_driver_is_told_of,
                                  a_pattern_means_all_that_fit,
                                  midi_goes_to_midi_and_sound_to_sound,
                                  wishes_are_part_of_the_session_and_come_back,
                                  what_cannot_be_connected_is_told_why,
                                  without_a_driver_wishes_are_kept_all_the_same,
                                  wishes_go_with_their_node_and_follow_its_name};
    return osc_rig_suite("connections outside", open_rig, close_rig, tests, ROWS(tests));
}
