/* A JACK server of a test's own, with the dummy driver, and a client that listens and speaks on it.
 *
 * jack_rig_hide() gives the test program a /dev/shm of its own where the system allows it, so that nothing can stay behind
 * and no other server is met; elsewhere the server's name, which is the test's own, has to do. What goes wrong on the test's
 * side ends the program with a sentence.
 */
#pragma once

#include <jack/jack.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

struct jack_rig {
    char name[64]; /* of the server */
    pid_t pid;     /* 0: no server runs */
};

/* To be called first thing in main, before there is a thread. */
void jack_rig_hide(void);

/* A name for the server that no other program uses; no server runs yet. */
void jack_rig_init(struct jack_rig *rig);
/* Starts the server and returns when it takes clients. `port_max` 0: JACK's default. */
void jack_rig_start(struct jack_rig *rig, unsigned rate_hz, unsigned period_frames, unsigned port_max);
/* Ends the server with a signal and waits for its end. Nothing when none runs. */
void jack_rig_stop(struct jack_rig *rig, int signal);

/* A client with one input and one output port. */
struct jack_ear {
    jack_client_t *client;
    jack_port_t *in, *out;
    _Atomic float say;   /* what comes out of its output */
    _Atomic float heard; /* the largest magnitude of the last cycle at its input */
    _Atomic uint64_t n_cycles;
};

void jack_ear_open(struct jack_ear *ear, const struct jack_rig *rig);
void jack_ear_close(struct jack_ear *ear);
/* The largest magnitude in a cycle that began after the call. */
float jack_ear_listen(struct jack_ear *ear);
/* Connects by full port names; an already connected pair is fine. */
void jack_ear_connect(struct jack_ear *ear, const char *from, const char *to);
/* Whether the two ports are connected. */
bool jack_ear_connected(struct jack_ear *ear, const char *from, const char *to);
bool jack_ear_has_port(struct jack_ear *ear, const char *port);

void jack_rig_sleep_ms(int ms);
