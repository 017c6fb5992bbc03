#include "tests/system/client.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/system/line.h"
#include "tests/system/process.h"

#define ANSWER_S 5.0

enum slip { SLIP_END = 0300, SLIP_ESC = 0333, SLIP_ESC_END = 0334, SLIP_ESC_ESC = 0335 };

static bool open_socket(struct client *client, int family, int type, const struct sockaddr *to, socklen_t size)
{
    *client = (struct client){.stream = type == SOCK_STREAM, .size_in = 1 << 16};
    client->fd = socket(family, type | SOCK_CLOEXEC, 0);
    if (client->fd < 0)
        rig_fail("no socket: %s", strerror(errno));
    if (connect(client->fd, to, size)) {
        close(client->fd);
        return false;
    }
    client->in = malloc(client->size_in);
    if (!client->in)
        rig_fail("no memory for a client");
    return true;
}

bool client_try_unix(struct client *client, const char *path)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    snprintf(to.sun_path, sizeof to.sun_path, "%s", path);
    return open_socket(client, AF_UNIX, SOCK_STREAM, (struct sockaddr *)&to, sizeof to);
}

void client_open_unix(struct client *client, const char *path)
{
    if (!client_try_unix(client, path))
        rig_fail("cannot connect to %s: %s", path, strerror(errno));
}

void client_open_at(struct client *client, const char *address, int type, unsigned port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    inet_pton(AF_INET, address, &to.sin_addr);
    if (!open_socket(client, AF_INET, type, (struct sockaddr *)&to, sizeof to))
        rig_fail("no way to port %u of %s: %s", port, address, strerror(errno));
}

void client_open_udp(struct client *client, unsigned port)
{
    client_open_at(client, "127.0.0.1", SOCK_DGRAM, port);
}

void client_open_tcp(struct client *client, unsigned port)
{
    client_open_at(client, "127.0.0.1", SOCK_STREAM, port);
}

static void forget_answer(struct client *client)
{
    if (client->answer.message)
        lo_message_free(client->answer.message);
    client->answer = (struct answer){0};
}

void client_close(struct client *client)
{
    if (!client->in)
        return;
    forget_answer(client);
    close(client->fd);
    free(client->in);
    *client = (struct client){.fd = -1};
}

/* ---- packets ------------------------------------------------------------------------------------------------------- */

static size_t slip_wrap(char *out, const unsigned char *bytes, size_t n)
{
    size_t size = 0;
    out[size++] = (char)SLIP_END;
    for (size_t i = 0; i < n; i++) {
        bool special = bytes[i] == SLIP_END || bytes[i] == SLIP_ESC;
        if (special)
            out[size++] = (char)SLIP_ESC;
        out[size++] = (char)(!special ? bytes[i] : bytes[i] == SLIP_END ? SLIP_ESC_END : SLIP_ESC_ESC);
    }
    out[size++] = (char)SLIP_END;
    return size;
}

static size_t slip_unwrap(char *bytes, size_t n)
{
    size_t size = 0;
    for (size_t i = 0; i < n; i++) {
        bool escaped = (unsigned char)bytes[i] == SLIP_ESC && i + 1 < n;
        unsigned char c = (unsigned char)bytes[i += escaped];
        bytes[size++] = (char)(!escaped ? c : c == SLIP_ESC_END ? SLIP_END : SLIP_ESC);
    }
    return size;
}

void client_send(struct client *client, const void *bytes, size_t n)
{
    char *wrapped = malloc(2 * n + 2);
    if (!wrapped)
        rig_fail("no memory for a packet");
    size_t size = n;
    if (client->stream)
        size = slip_wrap(wrapped, bytes, n);
    else
        memcpy(wrapped, bytes, n);
    for (size_t sent = 0; sent < size;) {
        ssize_t now = send(client->fd, wrapped + sent, size - sent, MSG_NOSIGNAL);
        if (now < 0 && errno == ECONNREFUSED)
            break; /* an earlier datagram was refused; the missing answer will show it */
        if (now < 0)
            rig_fail("cannot send to the daemon: %s", strerror(errno));
        sent += (size_t)now;
    }
    free(wrapped);
}

/* Waits for more bytes; false when none came in time or the daemon has closed. */
static bool receive_more(struct client *client, double end_s)
{
    double left = end_s - now_s();
    struct pollfd wait = {client->fd, POLLIN, 0};
    if (left < 0 || poll(&wait, 1, (int)(1000 * left) + 1) <= 0)
        return false;
    if (client->size_in - client->n_in < 65536) {
        client->size_in *= 2;
        client->in = realloc(client->in, client->size_in);
        if (!client->in)
            rig_fail("no memory for an answer");
    }
    ssize_t n = recv(client->fd, client->in + client->n_in, client->size_in - client->n_in, 0);
    if (n > 0)
        client->n_in += (size_t)n;
    return n > 0;
}

/* Puts the messages of a bundle in its place, framed as if they had come alone. `consumed` bytes of `in` are its frame. */
static void unfold(struct client *client, size_t n, size_t consumed)
{
    size_t size = 0, rest = client->n_in - consumed;
    char *framed = malloc(2 * n + rest);
    if (!framed)
        rig_fail("no memory for a bundle");
    for (size_t at = 16, length; at + 4 <= n; at += 4 + length) {
        uint32_t word;
        memcpy(&word, client->in + at, sizeof word);
        length = ntohl(word);
        if (length > n - at - 4)
            rig_fail("an element of a bundle is longer than it");
        size += slip_wrap(framed + size, (unsigned char *)client->in + at + 4, length);
    }
    memcpy(framed + size, client->in + consumed, rest);
    free(client->in);
    client->in = framed;
    client->n_in = size + rest;
    client->size_in = 2 * n + rest;
}

/* Takes the next message that arrives; its address is written to `address`. Null after the time. */
static lo_message receive(struct client *client, char *address, size_t address_bytes, double end_s)
{
    for (;;) {
        char *frame_end = client->stream ? memchr(client->in, (int)SLIP_END, client->n_in) : client->in + client->n_in;
        if (!frame_end || client->n_in == 0) {
            if (!receive_more(client, end_s))
                return NULL;
            continue;
        }
        size_t framed = (size_t)(frame_end - client->in), consumed = framed + client->stream;
        size_t n = client->stream ? slip_unwrap(client->in, framed) : framed;
        if (client->stream && n >= 16 && memcmp(client->in, "#bundle", 8) == 0) {
            unfold(client, n, consumed);
            continue;
        }
        lo_message message = n ? lo_message_deserialise(client->in, n, NULL) : NULL;
        snprintf(address, address_bytes, "%.*s", (int)n, client->in);
        memmove(client->in, client->in + consumed, client->n_in - consumed);
        client->n_in -= consumed;
        if (message)
            return message;
    }
}

/* ---- answers ------------------------------------------------------------------------------------------------------- */

static const char *string_at(lo_message message, int i)
{
    const char *types = message ? lo_message_get_types(message) : "";
    return message && i < lo_message_get_argc(message) && types[i] == 's' ? &lo_message_get_argv(message)[i]->s : "";
}

static double number_at(lo_message message, int i)
{
    if (!message || i >= lo_message_get_argc(message))
        return 0;
    char type = lo_message_get_types(message)[i];
    if (type == 'T' || type == 'F')
        return type == 'T';
    return strchr("ihfd", type) ? (double)lo_hires_val((lo_type)type, lo_message_get_argv(message)[i]) : 0;
}

const char *answer_string(const struct answer *answer, int i)
{
    return string_at(answer->message, answer->first + i);
}

double answer_number(const struct answer *answer, int i)
{
    return number_at(answer->message, answer->first + i);
}

int answer_count(const struct answer *answer)
{
    return answer->message ? lo_message_get_argc(answer->message) - answer->first : 0;
}

const struct answer *client_await(struct client *client, int request, double timeout_s)
{
    double end = now_s() + timeout_s;
    char address[256];
    forget_answer(client);
    for (lo_message message; (message = receive(client, address, sizeof address, end)); lo_message_free(message)) {
        bool done = strcmp(address, "/done") == 0;
        if ((!done && strcmp(address, "/fail")) || (int)number_at(message, 0) != request)
            continue;
        struct answer *answer = &client->answer;
        *answer = (struct answer){.came = true, .done = done, .message = message, .first = done ? 2 : 5};
        snprintf(answer->address, sizeof answer->address, "%s", string_at(message, 1));
        if (!done) {
            answer->code = (int)number_at(message, 2);
            snprintf(answer->symbol, sizeof answer->symbol, "%s", string_at(message, 3));
            snprintf(answer->text, sizeof answer->text, "%s", string_at(message, 4));
        }
        return answer;
    }
    return &client->answer;
}

bool client_next(struct client *client, double timeout_s)
{
    char address[256];
    forget_answer(client);
    lo_message message = receive(client, address, sizeof address, now_s() + timeout_s);
    if (!message)
        return false;
    client->answer = (struct answer){.came = true, .message = message};
    snprintf(client->answer.address, sizeof client->answer.address, "%s", address);
    snprintf(client->answer.symbol, sizeof client->answer.symbol, "%s", string_at(message, 3));
    return true;
}

/* ---- requests ------------------------------------------------------------------------------------------------------ */

static void send_message(struct client *client, const char *address, lo_message message)
{
    size_t n;
    void *bytes = lo_message_serialise(message, address, NULL, &n);
    client_send(client, bytes, n);
    free(bytes);
    lo_message_free(message);
}

const struct answer *client_ask_message(struct client *client, const char *address, lo_message message)
{
    char numbered[600];
    snprintf(numbered, sizeof numbered, "/req/%d%s", ++client->request, address);
    send_message(client, numbered, message);
    return client_await(client, client->request, ANSWER_S);
}

static const struct answer *ask_line(struct client *client, const char *line)
{
    char address[512];
    lo_message message = line_parse(line, address, sizeof address);
    return client_ask_message(client, address, message);
}

#define FORMAT_LINE(line, format)                                                                                          \
    char line[4096];                                                                                                       \
    va_list args;                                                                                                          \
    va_start(args, format);                                                                                                \
    vsnprintf(line, sizeof line, format, args);                                                                            \
    va_end(args)

const struct answer *client_ask(struct client *client, const char *format, ...)
{
    FORMAT_LINE(line, format);
    return ask_line(client, line);
}

const struct answer *client_do(struct client *client, const char *format, ...)
{
    FORMAT_LINE(line, format);
    const struct answer *answer = ask_line(client, line);
    ck_assert_msg(answer->came, "no answer to: %s", line);
    ck_assert_msg(answer->done, "%s failed: %s: %s", line, answer->symbol, answer->text);
    return answer;
}

const struct answer *client_fail(struct client *client, const char *symbol, const char *format, ...)
{
    FORMAT_LINE(line, format);
    const struct answer *answer = ask_line(client, line);
    ck_assert_msg(answer->came, "no answer to: %s", line);
    ck_assert_msg(!answer->done, "%s was done, %s expected", line, symbol);
    ck_assert_msg(strcmp(answer->symbol, symbol) == 0, "%s failed with %s (%s), %s expected", line, answer->symbol,
                  answer->text, symbol);
    ck_assert_msg(answer->code > 0 && answer->text[0], "%s: code %d, text \"%s\"", line, answer->code, answer->text);
    return answer;
}

void client_tell(struct client *client, const char *format, ...)
{
    FORMAT_LINE(line, format);
    char address[512];
    lo_message message = line_parse(line, address, sizeof address);
    send_message(client, address, message);
}

bool client_read(struct client *client, const char *address, const char *format, ...)
{
    FORMAT_LINE(line, format);
    char to[512], from[256];
    lo_message message = line_parse(line, to, sizeof to);
    send_message(client, to, message);
    forget_answer(client);
    double end = now_s() + ANSWER_S;
    for (; (message = receive(client, from, sizeof from, end)); lo_message_free(message)) {
        if (strcmp(from, address))
            continue;
        client->answer = (struct answer){.came = true, .done = true, .message = message};
        return true;
    }
    return false;
}

const struct answer *client_bundle(struct client *client, const char *const *lines)
{
    lo_bundle bundle = lo_bundle_new(LO_TT_IMMEDIATE);
    char first[64], address[512];
    snprintf(first, sizeof first, "/tx req %d", ++client->request);
    lo_message head = line_parse(first, address, sizeof address);
    lo_bundle_add_message(bundle, address, head);
    for (; *lines; lines++) {
        lo_message message = line_parse(*lines, address, sizeof address);
        lo_bundle_add_message(bundle, address, message);
    }
    size_t n;
    void *bytes = lo_bundle_serialise(bundle, NULL, &n);
    client_send(client, bytes, n);
    free(bytes);
    lo_bundle_free_recursive(bundle);
    return client_await(client, client->request, ANSWER_S);
}
