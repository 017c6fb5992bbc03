/* An OSC client of a system test. It shares no code with the daemon: liblo makes and reads messages, the SLIP framing is
 * written here once more.
 *
 * Requests are given in the text form of the language, `client_ask(client, "/graph/add gain half gain %g", -6.02)`: a bare
 * integer is an i, with a point or exponent an f, with `h` behind it an h, T and F are booleans, all else and what stands
 * in quotes is a string. Every request carries a number of its own, so that answers cannot be mixed up.
 */
#pragma once

#include <lo/lo.h>
#include <stdbool.h>
#include <stddef.h>

struct answer {
    bool came;         /* an answer arrived in time; nothing else is valid without it */
    bool done;         /* /done, otherwise /fail */
    char address[256]; /* the one that is answered */
    int code;          /* of /fail */
    char symbol[32];
    char text[1024];
    lo_message message; /* the answer whole; owned by the client until its next request */
    int first;          /* index of the first result in it */
};

struct client {
    int fd;
    bool stream; /* SLIP over the unix socket or TCP, otherwise UDP */
    int request; /* number of the newest */
    char *in;    /* bytes received and not yet taken as a packet */
    size_t n_in, size_in;
    struct answer answer;
};

/* Each ends the test when the daemon does not take the connection. */
void client_open_unix(struct client *client, const char *path);
void client_open_udp(struct client *client, unsigned port);
void client_open_tcp(struct client *client, unsigned port);
/* The same at any address; type SOCK_DGRAM or SOCK_STREAM. */
void client_open_at(struct client *client, const char *address, int type, unsigned port);
/* As client_open_unix, but false when nobody listens there (yet). */
bool client_try_unix(struct client *client, const char *path);
void client_close(struct client *client);

/* Sends one request and waits up to five seconds for its answer (client->answer). */
__attribute__((format(printf, 2, 3))) const struct answer *client_ask(struct client *client, const char *format, ...);
/* As client_ask; ends the test unless the answer is /done. */
__attribute__((format(printf, 2, 3))) const struct answer *client_do(struct client *client, const char *format, ...);
/* As client_ask; ends the test unless the answer is /fail with this symbol and a text that is not empty. */
__attribute__((format(printf, 3, 4))) const struct answer *client_fail(struct client *client, const char *symbol,
                                                                       const char *format, ...);
/* Sends a line without a request number and waits for nothing. */
__attribute__((format(printf, 2, 3))) void client_tell(struct client *client, const char *format, ...);

/* Sends the lines (null at the end) as one bundle, `/tx req N` in front, and waits for its one answer. */
const struct answer *client_bundle(struct client *client, const char *const *lines);
/* Sends a message (takes it) with a request number and waits for its answer. */
const struct answer *client_ask_message(struct client *client, const char *address, lo_message message);
/* Sends bytes as one packet. */
void client_send(struct client *client, const void *bytes, size_t n);
/* Waits for the next answer to any request (number 0: of one that had none, or could not be read). */
const struct answer *client_await(struct client *client, int request, double timeout_s);
/* The next message of any kind: its address becomes the answer's, and of /fail the symbol too. False after the time. */
bool client_next(struct client *client, double timeout_s);
/* Sends a line without a number and waits for the message that comes back at this address: a value that was read, or
 * /synced. It becomes the answer's message; false after five seconds. */
__attribute__((format(printf, 3, 4))) bool client_read(struct client *client, const char *address, const char *format, ...);

/* Result i of the answer as text ("" where it is none) or as a number (0 where it is none). */
const char *answer_string(const struct answer *answer, int i);
double answer_number(const struct answer *answer, int i);
int answer_count(const struct answer *answer);
