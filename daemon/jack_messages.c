#include "daemon/jack_messages.h"

#include <jack/jack.h>
#include <pthread.h>

/* JACK's message functions are process-wide and carry no argument: the only place of the program that needs a variable of
 * its own. Several drivers in one process share it; the newest hears. */
static _Atomic(struct jack_messages *) listener;

/* JACK stops its threads by asynchronous cancellation: one that is stopped inside the log would keep its lock for ever. */
static void say(bool is_error, const char *text)
{
    int before;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    struct jack_messages *messages = atomic_load(&listener);
    if (messages)
        log_put(messages->log, is_error && !atomic_load(&messages->quiet) ? LOG_WARNING : LOG_DEBUG, "JACK: %s", text);
    pthread_setcancelstate(before, NULL);
}

static void on_error(const char *text)
{
    say(true, text);
}

static void on_info(const char *text)
{
    say(false, text);
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
