#include "tests/system/midi_stage.h"

struct hand midi_feeder, midi_taker;

static bool is_wired(void)
{
    return jack_port_connected(midi_feeder.out) && jack_port_connected(midi_taker.in) &&
           jack_port_connected(midi_feeder.in);
}

void midi_stage_await(void)
{
    for (double end = now_s() + 5; now_s() < end && !is_wired();)
        pause_s(0.005);
    pause_s(0.1); /* JACK sorts its clients anew with every connection */
}

void midi_stage_set(struct studio *studio)
{
    client_do(&studio->client, "/graph/add midi_input keys");
    client_do(&studio->client, "/graph/add midi_output wire");
    client_do(&studio->client, "/graph/connect keys wire");
    client_do(&studio->client, "/jack/connect feeder:out keys_1");
    client_do(&studio->client, "/jack/connect wire_1 taker:in");
    client_do(&studio->client, "/jack/connect wire_1 feeder:in");
    midi_stage_await();
}

struct studio *midi_stage_open(const struct jack_row *row, unsigned period)
{
    struct studio *studio = studio_open(&(struct studio_options){.period = period,
                                                                 .lock_step = true,
                                                                 .variant = row->mutant ? "mutant" : NULL,
                                                                 .environment = jack_row_environment(row)});
    hand_open(&midi_feeder, studio->server, "feeder");
    hand_open(&midi_taker, studio->server, "taker");
    midi_stage_set(studio);
    return studio;
}

void midi_stage_close(struct studio *studio)
{
    hand_close(&midi_feeder);
    hand_close(&midi_taker);
    studio_close(studio);
}
