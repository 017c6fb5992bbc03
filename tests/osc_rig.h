/* The language without sockets, files or a sound card: a server over a real engine that runs when the test says so.
 *
 *     struct osc_rig rig;
 *     osc_rig_open(&rig);
 *     ck_assert_str_eq(osc_rig_ask(&rig, "/graph/add osc a"), "/done 0 /graph/add 0h 1");
 *     osc_rig_refuse(&rig, "/graph/add osc a", ERROR_NAME_TAKEN, "\"a\"", NULL);
 *     osc_rig_close(&rig);
 *
 * Requests and answers are lines of text form (osc/text.h). Loads of files end when the test ends them. Whatever is wrong
 * with the rig itself ends the test.
 */
#pragma once

#include <check.h>

#include "osc/bytes.h"
#include "osc/server.h"

#define OSC_RIG_RATE_HZ   48000
#define OSC_RIG_CYCLE     64 /* frames */
#define OSC_RIG_LOADS_MAX 64
#define OSC_RIG_TEXTS_MAX 8
#define OSC_RIG_LOG_LINES 8

/* As ck_assert_msg, and works where no test is being run as well, in a fuzzer. */
#define OSC_RIG_DEMAND(truth, ...) ((truth) ? (void)0 : osc_rig_fail(__VA_ARGS__))
DAWD_ANY __attribute__((format(printf, 1, 2), noreturn)) void osc_rig_fail(const char *format, ...);

struct osc_rig_answer {
    struct peer peer;
    struct bytes packet;
    char *line; /* of a bundle "[\n…\n]", an element a line */
};

/* A load that the server has asked for and that is not over yet. */
struct osc_rig_load {
    char *path;
    enum media_kind kind;
    double rate_hz;
    void (*done)(void *user, const struct loaded *loaded);
    void *user;
};

/* A text file that the server reads or saves and that is not over yet. */
struct osc_rig_text {
    char *path;                                                  /* null: none */
    void (*on_read)(void *user, const struct loaded_text *text); /* of a read */
    void (*on_saved)(void *user, const struct error *error);     /* of a save */
    struct saved_text saved;                                     /* borrowed from the server */
    void *user;
};

struct osc_rig {
    struct ctl *ctl;
    struct server *server;
    struct host host;
    struct peer peer;    /* whom the next request comes from: at first 127.0.0.1:9000 */
    size_t datagram_max; /* a longer answer is refused, as net_send does */
    size_t stream_max;
    struct osc_rig_answer *answers;
    unsigned n_answers, n_read;
    struct osc_rig_load loads[OSC_RIG_LOADS_MAX];
    unsigned n_loads; /* outstanding, oldest first */
    struct osc_rig_text texts[OSC_RIG_TEXTS_MAX];
    unsigned n_texts;                 /* as well */
    unsigned n_asked;                 /* loads ever asked for */
    unsigned n_media;                 /* media objects that live */
    enum error_code refuse;           /* host.load refuses at once with this */
    char log[OSC_RIG_LOG_LINES][600]; /* the last lines, line n at n % OSC_RIG_LOG_LINES */
    unsigned n_log;
    const char *level;
    bool has_quit;
    char *dump; /* of osc_rig_dump */
};

/* A new session. `rig` stays where it is until it is closed. */
DAWD_CTL void osc_rig_open(struct osc_rig *rig);
/* Loads that are outstanding are cancelled first, as the daemon does. */
DAWD_CTL void osc_rig_close(struct osc_rig *rig);

/* Adds a node of any class, of the registry or not, with a value per row. */
DAWD_CTL void osc_rig_add(struct osc_rig *rig, const struct node_class *class, const char *name, const float *values);

/* Other senders: a connection, and another port of the host. */
DAWD_ANY struct peer osc_rig_stream(uint64_t number);
DAWD_ANY struct peer osc_rig_datagram(uint16_t port);

/* ---- asking -------------------------------------------------------------------------------------------------------- */

/* Appends the packet that the lines stand for: one message, or what is between [ and ] as a bundle with this time tag,
 * bundles in bundles alike. */
DAWD_CTL void osc_rig_packet(const char *lines, uint64_t time, struct bytes *packet);

/* Hands a packet or lines to the server, which does not run the engine yet. */
DAWD_CTL void osc_rig_send_packet(struct osc_rig *rig, const uint8_t *packet, size_t n);
DAWD_CTL void osc_rig_send(struct osc_rig *rig, const char *lines);
/* Lets the engine take what was committed, and the answers go out. */
DAWD_CTL void osc_rig_run(struct osc_rig *rig);
/* Lets so much time pass that every fade is over. */
DAWD_CTL void osc_rig_wait(struct osc_rig *rig);

/* The next answer that was not read yet, or null. It stays valid until the rig is closed. */
DAWD_CTL const struct osc_rig_answer *osc_rig_answer(struct osc_rig *rig);
/* The same as its line, "" when there is none. */
DAWD_CTL const char *osc_rig_line(struct osc_rig *rig);

/* Lets go of all answers, for those who ask very often. */
DAWD_CTL void osc_rig_forget(struct osc_rig *rig);

/* The next answer must look like this, in which * stands for anything; "" for no more answers. */
DAWD_CTL void osc_rig_expect(struct osc_rig *rig, const char *pattern);

/* Sends, runs and returns the one answer there is, as its line; "" for none. More than one ends the test. */
DAWD_CTL const char *osc_rig_ask(struct osc_rig *rig, const char *lines);
/* The same, which must be done. */
DAWD_CTL const char *osc_rig_do(struct osc_rig *rig, const char *lines);
/* The same, which must be refused: once, with this code's number and symbol, at the address of the request, by a text that
 * holds each of the words (null at the end), and without a trace in the graph. Returns the text. */
DAWD_CTL const char *osc_rig_refuse(struct osc_rig *rig, const char *lines, enum error_code code, ...);
DAWD_CTL const char *osc_rig_refuse_packet(struct osc_rig *rig, const struct bytes *packet, enum error_code code,
                                           const char *const *words);
/* Lines one after the other, each of which must be done. */
DAWD_CTL void osc_rig_do_each(struct osc_rig *rig, const char *lines);

/* The graph as its commands; valid until the next call. */
DAWD_CTL const char *osc_rig_dump(struct osc_rig *rig);
/* `text` with each `old` in it as `new`; to be freed. */
DAWD_ANY char *osc_rig_with(const char *text, const char *old, const char *new);

/* ---- files --------------------------------------------------------------------------------------------------------- */

/* Ends the oldest outstanding load of `path`: with a second of silence, or an error whose text names the path. */
DAWD_CTL void osc_rig_load(struct osc_rig *rig, const char *path);
DAWD_CTL void osc_rig_load_fails(struct osc_rig *rig, const char *path, enum error_code code);

/* The same for the oldest text file that is being read: it holds this. */
DAWD_CTL void osc_rig_read(struct osc_rig *rig, const char *path, const void *text, size_t n);
DAWD_CTL void osc_rig_read_fails(struct osc_rig *rig, const char *path, enum error_code code);
/* The same for the oldest that is being saved; returns what is in it, to be freed. */
DAWD_CTL char *osc_rig_saved(struct osc_rig *rig, const char *path);
DAWD_CTL void osc_rig_save_fails(struct osc_rig *rig, const char *path, enum error_code code);

/* Ends all that are outstanding as the daemon does when it ends. */
DAWD_CTL void osc_rig_loads_cancel(struct osc_rig *rig);
/* The service that does this. */
DAWD_CTL struct host osc_rig_host(struct osc_rig *rig);

/* ---- main ---------------------------------------------------------------------------------------------------------- */

/* Runs n tests, each between setup and teardown (which may be null); the exit status. */
DAWD_ANY int osc_rig_suite(const char *name, void (*setup)(void), void (*teardown)(void), const TTest *const *tests,
                           unsigned n);
