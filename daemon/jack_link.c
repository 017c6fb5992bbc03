#include "daemon/jack_link.h"

#include <errno.h>

bool jack_link_gives(const jack_port_t *ours)
{
    return jack_port_flags(ours) & JackPortIsOutput;
}

bool jack_link_make(jack_client_t *client, const jack_port_t *ours, const char *other)
{
    const char *name = jack_port_name(ours);
    int code = jack_link_gives(ours) ? jack_connect(client, name, other) : jack_connect(client, other, name);
    return !code || code == EEXIST;
}

void jack_link_cut(jack_client_t *client, const jack_port_t *ours, const char *other)
{
    const char *name = jack_port_name(ours);
    if (jack_link_gives(ours))
        jack_disconnect(client, name, other);
    else
        jack_disconnect(client, other, name);
}
