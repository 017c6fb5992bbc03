/* Two hosts in one machine: the daemon in one network namespace, the test in another, and a cable between them.
 *
 *     neighbours_open();          before the daemon is started: it will live in this place
 *     ... studio_open, with --bind NEIGHBOURS_DAEMON ...
 *     neighbours_move(studio);    from here on the test is on the other host
 *
 * Needs the right to make namespaces: root, or a kernel that lets users have them. For the life of the process. */
#pragma once

#include "tests/system/studio.h"

#define NEIGHBOURS_DAEMON "10.77.0.1"
#define NEIGHBOURS_OTHER  "10.77.0.3" /* another host beside the test's: whom somebody pretends to be */

void neighbours_open(void);
void neighbours_move(const struct studio *studio);

/* A client from the other host. */
void neighbours_connect(struct client *client, const struct studio *studio, int type);
/* A UDP socket that hears what is sent to NEIGHBOURS_OTHER at the port, without having asked for it. */
int neighbours_bystander(unsigned port);
/* Sends a datagram whose sender's address is a lie. True when the kernel let it out. */
bool neighbours_lie(const struct studio *studio, const char *from, unsigned from_port, const void *bytes, size_t n);
