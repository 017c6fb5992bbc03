#include "daemon/jack_usual.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/jack_cables.h"

/* A port of ours, and what it may not be connected to. */
struct usual {
    jack_client_t *client;
    jack_port_t *port;
    unsigned index;
    struct jack_cables *cables;
    struct log *log;
};

static bool is_input(const struct usual *usual)
{
    return jack_port_flags(usual->port) & JackPortIsInput;
}

/* The N of "in_N" or "out_N", from 1; 0 for any other name. */
static unsigned standard_channel(const struct usual *usual)
{
    unsigned channel = 0;
    int end = 0;
    const char *name = jack_port_short_name(usual->port);
    if (sscanf(name, is_input(usual) ? "in_%4u%n" : "out_%4u%n", &channel, &end) != 1 || name[end])
        return 0;
    return channel;
}

static void connect_to(const struct usual *usual, const char *other)
{
    const char *ours = jack_port_name(usual->port);
    if (usual->cables && jack_cables_is_cut(usual->cables, usual->index, other))
        return;
    int code = is_input(usual) ? jack_connect(usual->client, other, ours) : jack_connect(usual->client, ours, other);
    if (code && code != EEXIST)
        log_put(usual->log, LOG_WARNING, "JACK refused to connect %s and %s", ours, other);
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
    unsigned long direction = is_input(&usual) ? JackPortIsOutput : JackPortIsInput;
    if (strcmp(jack_port_type(port), JACK_DEFAULT_AUDIO_TYPE) != 0)
        return;
    const char **physical = jack_get_ports(client, NULL, JACK_DEFAULT_AUDIO_TYPE, JackPortIsPhysical | direction);
    if (physical)
        connect_sound(&usual, physical);
    jack_free(physical);
}
