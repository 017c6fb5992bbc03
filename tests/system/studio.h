/* What a system test works with: a private JACK server with the dummy driver, a daemon on it, a folder for files, and a
 * client of the daemon. Nothing is shared with another test or with a JACK server that runs on the machine.
 *
 *     struct studio *studio = studio_open(&(struct studio_options){.period = 256});
 *     client_do(&studio->client, "/graph/add osc tone freq 440.0");
 *     studio_close(studio);
 *
 * When a test ends without closing its studio, the logs of the programs are shown and everything is put away (watchman.h).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "tests/system/client.h"
#include "tests/system/process.h"

struct studio_options {
    unsigned rate_hz;    /* 0: 48000 */
    unsigned period;     /* frames; 0: 256 */
    bool lock_step;      /* the server waits for every client in every cycle: nothing is lost on a busy machine */
    bool tells_late;     /* the server logs which client was late for a cycle */
    bool no_server;      /* start no JACK server: studio_start_server later */
    bool no_daemon;      /* start no daemon: studio_start_daemon later */
    unsigned port_max;   /* of the server; 0: JACK's default */
    const char *variant; /* build tree of the daemon; null: that of the test */
    const char *const *environment; /* of the daemon: "NAME=value", null at the end */
    const char *root; /* folder in that of the studio, which the test makes before the daemon starts; null: all of it */
    const char *const *arguments; /* further ones of the daemon, null at the end */
    const char *const *prefix;    /* a command that runs the daemon, null at the end; null: none */
};

struct studio {
    struct studio_options options; /* environment and arguments are borrowed */
    char server[64];               /* name of the JACK server */
    int name_lock;                 /* socket that keeps other tests off that name */
    char name[32];                 /* JACK client name of the daemon */
    char folder[64];               /* in memory; file root of the daemon, holds the logs and the socket too */
    char socket[108];
    unsigned port; /* UDP */
    struct process jackd, dawd;
    double up_s;          /* when the server was asked and took a client, by now_s() */
    struct client client; /* by the unix socket; open while the daemon runs */
};

/* Starts what the options ask for and waits until it answers. One studio at a time. */
struct studio *studio_open(const struct studio_options *options);
/* Stops the programs that still run and removes the folder. */
void studio_close(struct studio *studio);

void studio_start_server(struct studio *studio);
/* The same without waiting, and so without a client that looks. */
void studio_spawn_server(struct studio *studio);
void studio_start_daemon(struct studio *studio);
/* Starts the daemon's program with the studio's arguments into `process` and does not wait for it. */
void studio_spawn_daemon(struct studio *studio, struct process *process);

/* Path of a program or library of the build, "dawctl", "tests/system/preload_rtgate.so"; a buffer of the module. `variant`
 * null: the one this test belongs to. */
const char *studio_build(const char *variant, const char *file);

/* Waits until the JACK port exists (or no longer does); false after five seconds. */
bool studio_has_port(struct studio *studio, const char *port);
bool studio_lacks_port(struct studio *studio, const char *port);

/* A field of /proc/PID/FILE of the daemon, or of /proc/PID/task/TID/FILE: the number behind `key` ("VmLck:"), -1 when
 * there is none. */
long studio_proc(const struct studio *studio, int tid, const char *file, const char *key);

/* Copies a file into the studio's folder under another name. */
void studio_copy(const struct studio *studio, const char *path, const char *name);
/* Writes a WAV file of 32-bit floats, interleaved, into the studio's folder. */
void studio_write_wav(const struct studio *studio, const char *name, const float *samples, unsigned n_frames,
                      unsigned channels);
/* Writes any file into it. */
void studio_write(const struct studio *studio, const char *name, const void *bytes, size_t n);
