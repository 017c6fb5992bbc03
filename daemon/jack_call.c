#include "daemon/jack_call.h"

#include <stdlib.h>

#include "daemon/threads.h"
#include "daemon/wake.h"
#include "graph/clock_shared.h"
#include "graph/mutant.h"

static void *open_run(void *argument)
{
    struct jack_call *call = argument;
    /* Without the first option JACK would start a server of its own, and take six seconds for it. */
    int options = (MUTANT_FLAW("autostart") ? 0 : JackNoStartServer) | (call->server ? JackServerName : 0);
    call->client = jack_client_open(call->name, (jack_options_t)options, &call->status, call->server);
    atomic_store(&call->is_done, true);
    wake_post(call->wake_fd);
    return NULL;
}

static void *close_run(void *argument)
{
    struct jack_call *call = argument;
    jack_client_close(call->client); /* fails when the server is gone, and frees all the same */
    atomic_store(&call->is_done, true);
    wake_post(call->wake_fd);
    return NULL;
}

static struct jack_call *begin(const struct jack_call *what, void *(*run)(void *))
{
    struct jack_call *call = malloc(sizeof *call);
    if (!call)
        return NULL;
    *call = *what;
    call->start_ms = clock_ms();
    if (threads_start(&call->thread, "dawd-jack", THREADS_STACK_BYTES, run, call)) {
        free(call);
        return NULL;
    }
    return call;
}

struct jack_call *jack_call_open(const char *name, const char *server, int wake_fd)
{
    return begin(&(struct jack_call){.name = name, .server = server, .wake_fd = wake_fd}, open_run);
}

struct jack_call *jack_call_close(jack_client_t *client, int wake_fd)
{
    return begin(&(struct jack_call){.client = client, .wake_fd = wake_fd}, close_run);
}

bool jack_call_is_done(const struct jack_call *call)
{
    return atomic_load(&call->is_done);
}

void jack_call_end(struct jack_call *call)
{
    pthread_join(call->thread, NULL);
    free(call);
}
