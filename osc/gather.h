/* Answers that leave together, as one bundle: the values that a pattern means, what a bundle asked. */
#pragma once

#include "osc/request.h"

/* Adds a checked packet to the bundle, which is empty at first. */
DAWD_CTL void gather_add(struct bytes *gathered, const struct bytes *packet);

/* Sends the bundle to the request's sender: as one packet, or where that is longer than a datagram as several; a single
 * answer as it is. Its bytes stay the caller's; an empty one is nothing to send. What does not fit alone is answered by /fail too_big at its own address. */
DAWD_CTL void gather_send(const struct request *request, const struct bytes *gathered);
