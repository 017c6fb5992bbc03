#include "osc/fetch.h"

#include <stdio.h>
#include <string.h>

int fetch_send(struct ask *ask, const char *address, struct writer *args, struct error *error)
{
    char numbered[PACKET_ADDRESS_MAX_BYTES + 32];
    struct bytes packet = {0};
    snprintf(numbered, sizeof numbered, "/req/%d%s", ++ask->request, address);
    int code = writer_end(args, numbered, &packet) ? error_set(error, ERROR_INTERNAL, "memory ran out")
                                                   : link_send(&ask->link, packet.data, packet.n, ask->timeout_ms, error);
    bytes_deinit(&packet);
    return code;
}

/* Whether it is the answer; then only the results are left in it, or of a failure symbol and text. */
static bool is_answer(const struct ask *ask, const uint8_t *bytes, size_t n, struct message *message)
{
    struct arg args[2], code;
    if (packet_is_bundle(bytes, n))
        return false;
    *message = message_read(bytes);
    bool is_fail = strcmp(message->address, "/fail") == 0;
    if (!is_fail && strcmp(message->address, "/done") != 0)
        return false;
    bool is_ours = message_next(message, &args[0]) && message_next(message, &args[1]) && args[0].tag == 'i' &&
                   args[0].i == ask->request;
    if (is_ours && is_fail)
        message_next(message, &code);
    return is_ours;
}

enum ask_outcome fetch(struct ask *ask, const char *address, struct message *answer)
{
    struct writer none;
    writer_init(&none);
    return fetch_with(ask, address, &none, answer);
}

enum ask_outcome fetch_with(struct ask *ask, const char *address, struct writer *given, struct message *answer)
{
    struct error error = {0};
    struct arg args[2];
    int code = fetch_send(ask, address, given, &error);
    while (!code && !(code = link_receive(&ask->link, ask->timeout_ms, &error)) &&
           !is_answer(ask, ask->link.packet, ask->link.n_packet, answer))
        continue;
    if (!code && strcmp(answer->address, "/done") == 0)
        return ASK_DONE;
    if (!code && message_args(answer, args, 2) == 2 && arg_string(&args[1]))
        error_set(&error, ERROR_INTERNAL, "%s: %s", address, arg_string(&args[1]));
    if (!ask->quiet)
        ask_complain(ask, ASK_FAILED, error.text);
    return code == ERROR_LATE ? ASK_TIMEOUT : ASK_FAILED;
}
