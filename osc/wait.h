/* Answers that need time to pass in the engine: what is measured for a second is known a second later.
 *
 *     a command or a value ──wait_for──▶ [ waiting ] ──engine time reaches the frame──▶ due: answers, or waits on
 *
 * Engine time goes on without a sound card too, so every wait comes to its end.
 */
#pragma once

#include "osc/request.h"

/* One that waits. */
struct wait {
    struct request *head; /* to be answered; owned */
    void *user;           /* memory of whoever waits; owned, freed by free() */
    uint64_t frame;       /* of engine time */
    /* That frame is reached: answers `head` once and returns 0, or returns a later frame to wait on. */
    DAWD_CTL uint64_t (*due)(struct wait *wait);
    struct wait *next;
};

/* Lets a copy of the request wait for the frame; the caller then returns CALL_LATER. Takes `user` (null is fine) in any case.
 * 0, ERROR_BUSY when too many wait, or ERROR_INTERNAL when memory ran out. */
DAWD_CTL int wait_for(const struct request *request, uint64_t frame, uint64_t (*due)(struct wait *wait), void *user,
                      struct error *error);

/* Answers whose time has come. */
DAWD_CTL void wait_poll(struct server *server);
/* Answers all with `cancelled`: the engine may be gone already. */
DAWD_CTL void wait_cancel_all(struct server *server);
