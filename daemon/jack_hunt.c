#include "daemon/jack_hunt.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/jack_cables.h"
#include "daemon/jack_link.h"
#include "graph/cable.h"
#include "graph/mutant.h"

void jack_hunt_reset(struct jack_hunt *hunt)
{
    for (unsigned i = 0; i < hunt->n; i++)
        free(hunt->made[i]);
    free(hunt->made);
    *hunt = (struct jack_hunt){0};
}

static bool has(const struct jack_hunt *hunt, const char *name)
{
    for (unsigned i = 0; i < hunt->n; i++)
        if (strcmp(hunt->made[i], name) == 0)
            return true;
    return false;
}

/* Without memory it is connected again at the next look, which does no harm. */
static void note(struct jack_hunt *hunt, const char *name)
{
    char **made = realloc(hunt->made, (hunt->n + 1) * sizeof *made);
    if (!made)
        return;
    hunt->made = made;
    if ((made[hunt->n] = strdup(name)))
        hunt->n++;
}

static void forget_gone(struct jack_hunt *hunt, jack_client_t *client)
{
    unsigned n = 0;
    for (unsigned i = 0; i < hunt->n; i++)
        if (jack_port_by_name(client, hunt->made[i]) || MUTANT_FLAW("grudging"))
            hunt->made[n++] = hunt->made[i];
        else
            free(hunt->made[i]);
    hunt->n = n;
}

void jack_hunt_look(struct jack_hunt *hunt, const struct jack_prey *prey, struct jack_cables *cables)
{
    unsigned long other_way = jack_link_gives(prey->port) ? JackPortIsInput : JackPortIsOutput;
    if (hunt->serial != prey->serial)
        jack_hunt_reset(hunt);
    hunt->serial = prey->serial;
    forget_gone(hunt, prey->client);
    const char **all = jack_get_ports(prey->client, NULL, jack_port_type(prey->port), other_way | prey->flags);
    for (unsigned i = 0; all && all[i]; i++) {
        const jack_port_t *other = jack_port_by_name(prey->client, all[i]);
        bool fits = cable_fits(prey->pattern, all[i]) || MUTANT_FLAW("greedy");
        bool is_new = !has(hunt, all[i]) || MUTANT_FLAW("pushy");
        if (other && !jack_port_is_mine(prey->client, other) && fits && is_new &&
            !jack_cables_is_cut(cables, prey->index, all[i]) && jack_link_make(prey->client, prey->port, all[i]))
            note(hunt, all[i]);
    }
    jack_free(all);
}
