/* Ports of others that come late: a keyboard that is plugged in while the daemon runs. */
#include <check.h>
#include <jack/jack.h>
#include <stdlib.h>
#include <string.h>

#include "graph/node.h"
#include "tests/system/midi_rows.h"
#include "tests/system/studio.h"

#define PATIENCE_S 5
#define RESIGNED_S 0.2 /* once something has not come, and the row has failed */

struct late {
    struct studio *studio;
    jack_client_t *bridge; /* as a2jmidid: a port per device */
    bool is_deaf;          /* the daemon has not looked in time */
    unsigned n_plugged;
    unsigned n_to_connect, n_connected; /* what is to be connected, and is */
    unsigned n_to_leave, n_left;        /* and what is not to be */
};

/* JACK triggers nobody behind a client without one. */
static int process(jack_nframes_t n, void *unused)
{
    (void)n, (void)unused;
    return 0;
}

static double patience_end(const struct late *late)
{
    bool fails = late->is_deaf || late->n_connected < late->n_to_connect || late->n_left < late->n_to_leave;
    return now_s() + (fails ? RESIGNED_S : PATIENCE_S);
}

static bool has_seen(struct studio *studio, const char *name)
{
    const struct answer *answer = client_do(&studio->client, "/jack/ports");
    for (int i = 0; i < answer_count(answer); i++)
        if (strcmp(answer_string(answer, i), name) == 0)
            return true;
    return false;
}

/* Until the daemon has looked at what there is now, and done what it does about it before it tells. */
static void await_look(struct late *late, const char *name, bool is_there)
{
    double end = patience_end(late);
    while (now_s() < end && has_seen(late->studio, name) != is_there)
        pause_s(0.005);
    late->is_deaf |= now_s() >= end;
}

static jack_port_t *plug(struct late *late, const char *name)
{
    jack_port_t *port = jack_port_register(late->bridge, name, JACK_DEFAULT_MIDI_TYPE,
                                           JackPortIsOutput | JackPortIsPhysical | JackPortIsTerminal, 0);
    ck_assert_ptr_nonnull(port);
    late->n_plugged++;
    await_look(late, jack_port_name(port), true);
    return port;
}

static void unplug(struct late *late, jack_port_t *port)
{
    char name[320];
    strncpy(name, jack_port_name(port), sizeof name - 1);
    name[sizeof name - 1] = '\0';
    ck_assert_int_eq(jack_port_unregister(late->bridge, port), 0);
    await_look(late, name, false);
}

static bool becomes(const struct late *late, const jack_port_t *port, const char *ours, bool connected)
{
    for (double end = patience_end(late); now_s() < end; pause_s(0.005))
        if ((bool)jack_port_connected_to(port, ours) == connected)
            return true;
    return false;
}

static void is_met(struct late *late, const jack_port_t *port, const char *ours)
{
    late->n_connected += becomes(late, port, ours, true);
    late->n_to_connect++;
}

static void is_let_go(struct late *late, const jack_port_t *port, const char *ours)
{
    late->n_left += becomes(late, port, ours, false);
    late->n_to_leave++;
}

static void is_left_alone(struct late *late, const jack_port_t *port)
{
    late->n_left += !jack_port_connected(port);
    late->n_to_leave++;
}

static void devices_for_midi_in(struct late *late)
{
    struct client *client = &late->studio->client;
    jack_port_t *first = plug(late, "Organ [20] (capture)");
    client_do(client, "/graph/add midi_input midi_in");
    is_met(late, first, "dut:midi_in_1");
    jack_port_t *second = plug(late, "Keystation [24] (capture)");
    is_met(late, second, "dut:midi_in_1");
    /* What somebody has cut stays so, whatever else comes, until it comes anew. */
    jack_disconnect(late->bridge, "a2j:Keystation [24] (capture)", "dut:midi_in_1");
    jack_port_t *third = plug(late, "Pads [28] (capture)");
    is_met(late, third, "dut:midi_in_1");
    is_left_alone(late, second);
    unplug(late, second);
    second = plug(late, "Keystation [24] (capture)");
    is_met(late, second, "dut:midi_in_1");
    /* And what a client of the daemon has cut stays so for good. */
    client_ask(client, "/jack/disconnect \"a2j:Pads*\" midi_in_1 wait");
    is_let_go(late, third, "dut:midi_in_1");
    unplug(late, third);
    third = plug(late, "Pads [31] (capture)");
    is_left_alone(late, third);
    client_do(client, "/undo");
    is_met(late, third, "dut:midi_in_1");
}

static void all_that_fit_a_pattern(struct late *late)
{
    struct client *client = &late->studio->client;
    client_do(client, "/graph/add midi_input keys");
    client_fail(client, "no_such_port", "/jack/connect \"a2j:Key*\" keys_1");
    client_do(client, "/jack/connect \"a2j:Key*\" keys_1 wait");
    jack_port_t *organ = plug(late, "Organ [20] (capture)"), *keys = plug(late, "Keystation [24] (capture)");
    is_met(late, keys, "dut:keys_1");
    unplug(late, keys);
    keys = plug(late, "Keystation [25] (capture)"); /* another number than it had */
    jack_port_t *more = plug(late, "KeyLab [26] (capture)");
    is_met(late, keys, "dut:keys_1");
    is_met(late, more, "dut:keys_1");
    const struct answer *answer = client_do(client, "/jack/list");
    bool is_kept = false;
    for (int i = 0; i < answer_count(answer); i++)
        is_kept |= strcmp(answer_string(answer, i), "a2j:KeyLab [26] (capture)") == 0;
    late->n_connected += is_kept;
    late->n_to_connect++;
    /* It goes with the session, and comes with it. */
    client_do(client, "/session/save keys.dawd");
    client_do(client, "/session/new");
    is_let_go(late, keys, "dut:keys_1");
    client_do(client, "/session/load keys.dawd");
    is_met(late, keys, "dut:keys_1");
    is_met(late, more, "dut:keys_1");
    client_ask(client, "/jack/disconnect \"a2j:Key*\" keys_1");
    is_let_go(late, keys, "dut:keys_1");
    is_let_go(late, more, "dut:keys_1");
    is_left_alone(late, organ);
}

static void one_by_its_name(struct late *late)
{
    struct client *client = &late->studio->client;
    jack_port_t *keys = plug(late, "Keystation [24] (capture)"), *organ = plug(late, "Organ [20] (capture)");
    client_do(client, "/graph/add midi_input keys");
    is_left_alone(late, keys); /* only midi_in takes whatever there is */
    client_do(client, "/jack/connect \"a2j:Keystation [24] (capture)\" keys_1 wait");
    is_met(late, keys, "dut:keys_1");
    unplug(late, keys);
    keys = plug(late, "Keystation [24] (capture)");
    is_met(late, keys, "dut:keys_1");
    is_left_alone(late, organ);
}

static const struct {
    const char *name;
    void (*play)(struct late *late);
} scenes[] = {
    {"devices for midi_in", devices_for_midi_in},
    {"all that fit a pattern", all_that_fit_a_pattern},
    {"one by its name", one_by_its_name},
};

static void scene_play(struct late *late, const struct jack_row *row, unsigned i)
{
    struct late before = *late;
    late->studio = studio_open(
        &(struct studio_options){.variant = row->mutant ? "mutant" : NULL, .environment = jack_row_environment(row)});
    late->bridge = jack_client_open("a2j", JackNoStartServer | JackServerName, NULL, late->studio->server);
    ck_assert_ptr_nonnull(late->bridge);
    jack_set_process_callback(late->bridge, process, NULL);
    ck_assert_int_eq(jack_activate(late->bridge), 0);
    scenes[i].play(late);
    jack_client_close(late->bridge);
    studio_close(late->studio);
    unsigned n_expected = late->n_to_connect + late->n_to_leave - before.n_to_connect - before.n_to_leave;
    unsigned n_right = late->n_connected + late->n_left - before.n_connected - before.n_left;
    if (n_right < n_expected)
        jack_row_print(row, "%s: %u of %u are right\n", scenes[i].name, n_right, n_expected);
}

bool midi_row_m4(const struct jack_row *row)
{
    struct late late = {0};
    for (unsigned i = 0; i < ROWS(scenes); i++)
        scene_play(&late, row, i);
    bool pass = !late.is_deaf && late.n_connected == late.n_to_connect && late.n_left == late.n_to_leave;
    jack_row_print(row, "REL M4 plugged=%u seen=%s connected=%u/%u left_alone=%u/%u %s\n", late.n_plugged,
                   late.is_deaf ? "no" : "yes", late.n_connected, late.n_to_connect, late.n_left, late.n_to_leave,
                   pass ? "PASS" : "FAIL");
    return pass;
}
