#include "daemon/jack_messages.h"

#include <jack/jack.h>

/* JACK's message functions are process-wide and carry no argument: the only place of the program that needs a variable of
 * its own. Several drivers in one process share it; the newest hears. */
static _Atomic(struct jack_messages *) listener;

static void on_error(const char *text)
{
    struct jack_messages *messages = atomic_load(&listener);
    if (messages)
        log_put(messages->log, atomic_load(&messages->quiet) ? LOG_DEBUG : LOG_WARNING, "JACK: %s", text);
}

static void on_info(const char *text)
{
    struct jack_messages *messages = atomic_load(&listener);
    if (messages)
        log_put(messages->log, LOG_DEBUG, "JACK: %s", text);
}

void jack_messages_begin(struct jack_messages *messages)
{
    atomic_store(&listener, messages);
    jack_set_error_function(on_error);
    jack_set_info_function(on_info);
}

void jack_messages_end(struct jack_messages *messages)
{
    atomic_compare_exchange_strong(&listener, &messages, NULL);
}
