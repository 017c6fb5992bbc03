/* Ports of others that come late: a keyboard that is plugged in while the daemon runs. */
#include <jack/jack.h>
#include <stdlib.h>
#include <string.h>

#include "graph/node.h"
#include "tests/suite.h"
#include "tests/system/studio.h"

static jack_client_t *bridge; /* as a2jmidid: a port per device */

/* JACK triggers nobody behind a client without one. */
static int process(jack_nframes_t n, void *unused)
{
    (void)n, (void)unused;
    return 0;
}

static struct studio *stage_open(void)
{
    struct studio *studio = studio_open(&(struct studio_options){.period = 256});
    bridge = jack_client_open("a2j", JackNoStartServer | JackServerName, NULL, studio->server);
    ck_assert_ptr_nonnull(bridge);
    jack_set_process_callback(bridge, process, NULL);
    ck_assert_int_eq(jack_activate(bridge), 0);
    return studio;
}

static void stage_close(struct studio *studio)
{
    jack_client_close(bridge);
    studio_close(studio);
}

static jack_port_t *plug(const char *name)
{
    jack_port_t *port = jack_port_register(bridge, name, JACK_DEFAULT_MIDI_TYPE,
                                           JackPortIsOutput | JackPortIsPhysical | JackPortIsTerminal, 0);
    ck_assert_ptr_nonnull(port);
    return port;
}

static void unplug(jack_port_t *port)
{
    ck_assert_int_eq(jack_port_unregister(bridge, port), 0);
}

static bool becomes(const jack_port_t *port, const char *ours, bool connected)
{
    for (double end = now_s() + 5; now_s() < end; pause_s(0.005))
        if ((bool)jack_port_connected_to(port, ours) == connected)
            return true;
    return false;
}

/* JACK tells its clients one after the other, and they look then. */
static void let_all_look(struct studio *studio)
{
    client_do(&studio->client, "/ping");
    pause_s(0.2);
}

START_TEST(every_midi_device_that_comes_is_connected_to_midi_in)
{
    struct studio *studio = stage_open();
    jack_port_t *first = plug("Organ [20] (capture)");
    client_do(&studio->client, "/graph/add midi_input midi_in");
    ck_assert(becomes(first, "dut:midi_in_1", true));
    jack_port_t *second = plug("Keystation [24] (capture)");
    ck_assert(becomes(second, "dut:midi_in_1", true));
    /* What somebody has cut stays so, whatever else comes, until it comes anew. */
    ck_assert_int_eq(jack_disconnect(bridge, "a2j:Keystation [24] (capture)", "dut:midi_in_1"), 0);
    jack_port_t *third = plug("Pads [28] (capture)");
    ck_assert(becomes(third, "dut:midi_in_1", true));
    let_all_look(studio);
    ck_assert(!jack_port_connected(second));
    unplug(second);
    let_all_look(studio);
    second = plug("Keystation [24] (capture)");
    ck_assert(becomes(second, "dut:midi_in_1", true));
    /* And what a client of the daemon has cut stays so for good. */
    client_do(&studio->client, "/jack/disconnect \"a2j:Pads*\" midi_in_1 wait");
    ck_assert(becomes(third, "dut:midi_in_1", false));
    unplug(third);
    let_all_look(studio);
    third = plug("Pads [31] (capture)");
    let_all_look(studio);
    ck_assert(!jack_port_connected(third));
    client_do(&studio->client, "/undo");
    ck_assert(becomes(third, "dut:midi_in_1", true));
    stage_close(studio);
}
END_TEST

START_TEST(a_pattern_is_connected_to_all_that_fit_also_those_that_come_later)
{
    struct studio *studio = stage_open();
    client_do(&studio->client, "/graph/add midi_input keys");
    client_fail(&studio->client, "no_such_port", "/jack/connect \"a2j:Key*\" keys_1");
    client_do(&studio->client, "/jack/connect \"a2j:Key*\" keys_1 wait");
    jack_port_t *organ = plug("Organ [20] (capture)"), *keys = plug("Keystation [24] (capture)");
    ck_assert(becomes(keys, "dut:keys_1", true));
    unplug(keys);
    let_all_look(studio);
    keys = plug("Keystation [25] (capture)"); /* another number than it had */
    jack_port_t *more = plug("KeyLab [26] (capture)");
    ck_assert(becomes(keys, "dut:keys_1", true));
    ck_assert(becomes(more, "dut:keys_1", true));
    let_all_look(studio);
    const struct answer *answer = client_do(&studio->client, "/jack/list");
    bool is_kept = false;
    for (int i = 0; i < answer_count(answer); i++)
        is_kept |= strcmp(answer_string(answer, i), "a2j:KeyLab [26] (capture)") == 0;
    ck_assert(is_kept);
    /* It goes with the session, and comes with it. */
    client_do(&studio->client, "/session/save keys.dawd");
    client_do(&studio->client, "/session/new");
    ck_assert(becomes(keys, "dut:keys_1", false));
    client_do(&studio->client, "/session/load keys.dawd");
    ck_assert(becomes(keys, "dut:keys_1", true));
    ck_assert(becomes(more, "dut:keys_1", true));
    client_do(&studio->client, "/jack/disconnect \"a2j:Key*\" keys_1");
    ck_assert(becomes(keys, "dut:keys_1", false));
    ck_assert(becomes(more, "dut:keys_1", false));
    let_all_look(studio);
    ck_assert(!jack_port_connected(organ));
    stage_close(studio);
}
END_TEST

START_TEST(one_that_was_connected_by_name_is_so_again_when_it_comes_back)
{
    struct studio *studio = stage_open();
    jack_port_t *keys = plug("Keystation [24] (capture)"), *organ = plug("Organ [20] (capture)");
    client_do(&studio->client, "/graph/add midi_input keys");
    let_all_look(studio);
    ck_assert(!jack_port_connected(keys)); /* only midi_in takes whatever there is */
    client_do(&studio->client, "/jack/connect \"a2j:Keystation [24] (capture)\" keys_1");
    ck_assert(becomes(keys, "dut:keys_1", true));
    unplug(keys);
    let_all_look(studio);
    keys = plug("Keystation [24] (capture)");
    ck_assert(becomes(keys, "dut:keys_1", true));
    ck_assert(!jack_port_connected(organ));
    stage_close(studio);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {every_midi_device_that_comes_is_connected_to_midi_in,
                                  a_pattern_is_connected_to_all_that_fit_also_those_that_come_later,
                                  one_that_was_connected_by_name_is_so_again_when_it_comes_back};
    return suite_run("ports that come late", 60, tests, ROWS(tests));
}
