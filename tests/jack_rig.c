#include "tests/jack_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void fail(const char *what)
{
    fprintf(stderr, "jack_rig: %s: %s\n", what, strerror(errno));
    exit(2);
}

void jack_rig_sleep_ms(int ms)
{
    const struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

void jack_rig_hide(void)
{
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        return; /* not privileged */
    if (mount("dawd-test", "/dev/shm", "tmpfs", 0, "size=1g") != 0)
        fail("mounting a /dev/shm of our own");
}

void jack_rig_init(struct jack_rig *rig)
{
    *rig = (struct jack_rig){0};
    snprintf(rig->name, sizeof rig->name, "dawd-unit-%d", (int)getpid());
}

static void run_server(const struct jack_rig *rig, unsigned rate_hz, unsigned period_frames, unsigned port_max)
{
    char rate[16], period[16], ports[16];
    snprintf(rate, sizeof rate, "%u", rate_hz);
    snprintf(period, sizeof period, "%u", period_frames);
    snprintf(ports, sizeof ports, "%u", port_max ? port_max : 2048);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    int null = open("/dev/null", O_RDWR);
    dup2(null, 0);
    dup2(null, 1);
    dup2(null, 2);
    execlp("jackd", "jackd", "-n", rig->name, "-p", ports, "-d", "dummy", "-r", rate, "-p", period, (char *)NULL);
    _exit(127);
}

static void hush(const char *text)
{
    (void)text;
}

/* Whether a server takes clients; its lines are not for a driver's log. */
static bool answers(const struct jack_rig *rig)
{
    jack_client_t *client = jack_client_open("probe", JackNoStartServer | JackServerName, NULL, rig->name);
    if (client)
        jack_client_close(client);
    return client;
}

void jack_rig_start(struct jack_rig *rig, unsigned rate_hz, unsigned period_frames, unsigned port_max)
{
    rig->pid = fork();
    if (rig->pid < 0)
        fail("fork");
    if (rig->pid == 0)
        run_server(rig, rate_hz, period_frames, port_max);
    jack_set_error_function(hush);
    jack_set_info_function(hush);
    for (int i = 0; i < 500; i++) {
        if (answers(rig))
            return;
        jack_rig_sleep_ms(20);
    }
    fail("jackd did not come up within 10 s");
}

void jack_rig_stop(struct jack_rig *rig, int signal)
{
    if (!rig->pid)
        return;
    kill(rig->pid, signal);
    waitpid(rig->pid, NULL, 0);
    rig->pid = 0;
}

/* A buffer of another client of this process is handed over by the server, which the thread sanitizer does not see. */
__attribute__((no_sanitize("thread"))) static int process(jack_nframes_t n, void *argument)
{
    struct jack_ear *ear = argument;
    const float *in = jack_port_get_buffer(ear->in, n);
    float *out = jack_port_get_buffer(ear->out, n);
    float heard = 0;
    for (jack_nframes_t i = 0; i < n; i++) {
        heard = fmaxf(heard, fabsf(in[i]));
        out[i] = atomic_load(&ear->say);
    }
    atomic_store(&ear->heard, heard);
    atomic_fetch_add(&ear->n_cycles, 1);
    return 0;
}

void jack_ear_open(struct jack_ear *ear, const struct jack_rig *rig)
{
    memset(ear, 0, sizeof *ear);
    ear->client = jack_client_open("ear", JackNoStartServer | JackServerName, NULL, rig->name);
    if (!ear->client)
        fail("no client for the ear");
    ear->in = jack_port_register(ear->client, "in", JACK_DEFAULT_AUDIO_TYPE, JackPortIsInput, 0);
    ear->out = jack_port_register(ear->client, "out", JACK_DEFAULT_AUDIO_TYPE, JackPortIsOutput, 0);
    jack_set_process_callback(ear->client, process, ear);
    if (!ear->in || !ear->out || jack_activate(ear->client))
        fail("the ear cannot be activated");
}

void jack_ear_close(struct jack_ear *ear)
{
    jack_client_close(ear->client);
}

/* Until what was asked of the server before holds for all: it works asynchronously, in cycles. */
static void settle(struct jack_ear *ear)
{
    for (uint64_t start = atomic_load(&ear->n_cycles); atomic_load(&ear->n_cycles) - start < 6;)
        jack_rig_sleep_ms(1);
}

float jack_ear_listen(struct jack_ear *ear)
{
    settle(ear);
    return atomic_load(&ear->heard);
}

void jack_ear_connect(struct jack_ear *ear, const char *from, const char *to)
{
    int code = jack_connect(ear->client, from, to);
    if (code && code != EEXIST)
        fail(from);
}

bool jack_ear_connected(struct jack_ear *ear, const char *from, const char *to)
{
    bool found = false;
    settle(ear);
    jack_port_t *port = jack_port_by_name(ear->client, from);
    const char **others = port ? jack_port_get_all_connections(ear->client, port) : NULL;
    for (unsigned i = 0; others && others[i]; i++)
        found |= strcmp(others[i], to) == 0;
    jack_free(others);
    return found;
}

bool jack_ear_has_port(struct jack_ear *ear, const char *port)
{
    return jack_port_by_name(ear->client, port) != NULL;
}
