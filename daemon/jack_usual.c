#include "daemon/jack_usual.h"

#include <stdio.h>
#include <string.h>

#include "daemon/jack_cables.h"
#include "daemon/jack_link.h"

/* A port of ours, and what it may not be connected to. */
struct usual {
    jack_client_t *client;
    jack_port_t *port;
    unsigned index;
    struct jack_cables *cables;
    struct log *log;
};

/* The N of "in_N" or "out_N", from 1; 0 for any other name. */
static unsigned standard_channel(const struct usual *usual)
{
    unsigned channel = 0;
    int end = 0;
    const char *name = jack_port_short_name(usual->port);
    if (sscanf(name, jack_link_gives(usual->port) ? "out_%4u%n" : "in_%4u%n", &channel, &end) != 1 || name[end])
        return 0;
    return channel;
}

static void connect_to(const struct usual *usual, const char *other)
{
    if (usual->cables && jack_cables_is_cut(usual->cables, usual->index, other))
        return;
    if (!jack_link_make(usual->client, usual->port, other))
        log_put(usual->log, LOG_WARNING, "JACK refused to connect %s and %s", jack_port_name(usual->port), other);
}

static void connect_sound(const struct usual *usual, const char **physical)
{
    unsigned n = 0, channel = standard_channel(usual);
    while (channel && physical[n] && n + 1 < channel)
        n++;
    if (channel && physical[n])
        connect_to(usual, physical[n]);
}

void jack_usual_connect(jack_client_t *client, jack_port_t *port, unsigned index, struct jack_cables *cables,
                        struct log *log)
{
    struct usual usual = {client, port, index, cables, log};
    unsigned long direction = jack_link_gives(port) ? JackPortIsInput : JackPortIsOutput;
    if (strcmp(jack_port_type(port), JACK_DEFAULT_AUDIO_TYPE) != 0)
        return;
    const char **physical = jack_get_ports(client, NULL, JACK_DEFAULT_AUDIO_TYPE, JackPortIsPhysical | direction);
    if (physical)
        connect_sound(&usual, physical);
    jack_free(physical);
}
