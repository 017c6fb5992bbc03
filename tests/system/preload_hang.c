/* A libjack whose closing of a client hangs, for an ordinary, unmodified daemon (LD_PRELOAD): for as long as the folder named by
 * DAWD_HANG holds a file "close". The work is done before. As in jack2, who opens a client waits for who closes one, unless
 * there is a file "apart". */
#include <dlfcn.h>
#include <jack/jack.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static bool is_there(const char *name)
{
    char path[256];
    const char *folder = getenv("DAWD_HANG");
    snprintf(path, sizeof path, "%s/%s", folder ? folder : "", name);
    return access(path, F_OK) == 0;
}

jack_client_t *jack_client_open(const char *name, jack_options_t options, jack_status_t *status, ...)
{
    jack_client_t *(*open)(const char *, jack_options_t, jack_status_t *, ...) = dlsym(RTLD_NEXT, "jack_client_open");
    va_list rest;
    va_start(rest, status);
    const char *server = va_arg(rest, const char *);
    va_end(rest);
    pthread_mutex_lock(&lock);
    jack_client_t *client = open(name, options, status, server);
    pthread_mutex_unlock(&lock);
    return client;
}

int jack_client_close(jack_client_t *client)
{
    int (*close)(jack_client_t *) = dlsym(RTLD_NEXT, "jack_client_close");
    pthread_mutex_lock(&lock);
    int code = close(client);
    bool is_apart = is_there("apart");
    if (is_apart)
        pthread_mutex_unlock(&lock);
    while (is_there("close"))
        usleep(5000);
    if (!is_apart)
        pthread_mutex_unlock(&lock);
    return code;
}
