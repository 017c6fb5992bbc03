#include "osc/wait.h"

#include <stdlib.h>

#include "osc/server.h"

static void wait_free(struct wait *wait)
{
    free(wait->head);
    free(wait->user);
    free(wait);
}

static int refuse(void *user, struct error *error)
{
    free(user);
    return (int)error->code;
}

int wait_for(const struct request *request, uint64_t frame, uint64_t (*due)(struct wait *wait), void *user,
             struct error *error)
{
    struct server *server = request->server;
    /* Many more than anyone can look at; a client that asks without end is told to wait for its answers. */
    if (server->n_waiting >= server->ctl->limits.most[LIMIT_WAITS]) {
        error_set(error, ERROR_BUSY, "%u answers are being measured already: ask again when they have come",
                  server->n_waiting);
        return refuse(user, error);
    }
    struct wait *wait = calloc(1, sizeof *wait);
    struct request *head = request_detach(request);
    if (!wait || !head) {
        free(wait);
        free(head);
        error_set(error, ERROR_INTERNAL, "memory ran out for an answer that takes its time");
        return refuse(user, error);
    }
    *wait = (struct wait){head, user, frame, due, NULL};
    struct wait **link = &server->waiting;
    while (*link)
        link = &(*link)->next;
    *link = wait;
    server->n_waiting++;
    return 0;
}

void wait_poll(struct server *server)
{
    uint64_t now = ctl_clock(server->ctl);
    for (struct wait **link = &server->waiting; *link;) {
        struct wait *wait = *link;
        if (wait->frame <= now && !(wait->frame = wait->due(wait))) {
            *link = wait->next;
            server->n_waiting--;
            wait_free(wait);
        } else {
            link = &wait->next;
        }
    }
}

void wait_cancel_all(struct server *server)
{
    struct error error = {0};
    error_set(&error, ERROR_CANCELLED, "the daemon ends before this is measured");
    for (struct wait *wait = server->waiting, *next; wait; wait = next) {
        next = wait->next;
        request_fail(wait->head, &error);
        wait_free(wait);
    }
    server->waiting = NULL;
    server->n_waiting = 0;
}
