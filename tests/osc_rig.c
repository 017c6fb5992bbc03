#include "tests/osc_rig.h"

#include <arpa/inet.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "osc/dispatch.h"
#include "osc/graph_text.h"
#include "osc/text.h"
#include "tests/suite.h"

#define NEST_MAX  8
#define WORDS_MAX 8

void osc_rig_fail(const char *format, ...)
{
    char text[4000];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    fprintf(stderr, "%s\n", text);
    ck_abort_msg("%s", text);
}

/* ---- answers -------------------------------------------------------------------------------------------------------- */

/* Bundles between [ and ], an element a line. */
static void packet_print(const uint8_t *packet, size_t n, struct bytes *text)
{
    if (!packet_is_bundle(packet, n)) {
        text_format(packet, text);
        return;
    }
    struct bundle bundle = bundle_read(packet, n);
    bytes_print(text, "[\n");
    while (bundle_next(&bundle, &packet, &n)) {
        packet_print(packet, n, text);
        bytes_add_byte(text, '\n');
    }
    bytes_add_byte(text, ']');
}

static bool is_of_subscription(const uint8_t *packet, size_t n)
{
    if (!packet_is_bundle(packet, n))
        return false;
    struct bundle bundle = bundle_read(packet, n);
    return bundle_next(&bundle, &packet, &n) && !packet_is_bundle(packet, n) &&
           strcmp(message_read(packet).address, "/sub/seq") == 0;
}

static int take_answer(void *self, const struct peer *peer, const void *bytes, size_t n)
{
    struct osc_rig *rig = self;
    struct error error = {0};
    struct bytes line = {0};
    if (n > (peer->kind == PEER_DATAGRAM ? rig->datagram_max : rig->stream_max))
        return ERROR_TOO_BIG;
    OSC_RIG_DEMAND(packet_check(bytes, n, UINT_MAX, &error) == 0, "an answer is no packet: %s", error.text);
    if (is_of_subscription(bytes, n)) /* no answer; tests/sub_rig.h looks at these */
        return 0;
    struct osc_rig_answer *answers = realloc(rig->answers, (rig->n_answers + 1) * sizeof *answers);
    OSC_RIG_DEMAND(answers, "memory ran out");
    rig->answers = answers;
    packet_print(bytes, n, &line);
    bytes_add_byte(&line, '\0');
    answers[rig->n_answers] = (struct osc_rig_answer){.peer = *peer, .line = (char *)line.data};
    bytes_add(&answers[rig->n_answers++].packet, bytes, n);
    return 0;
}

const struct osc_rig_answer *osc_rig_answer(struct osc_rig *rig)
{
    return rig->n_read < rig->n_answers ? &rig->answers[rig->n_read++] : NULL;
}

const char *osc_rig_line(struct osc_rig *rig)
{
    const struct osc_rig_answer *answer = osc_rig_answer(rig);
    return answer ? answer->line : "";
}

/* Whether the text follows the pattern, in which * stands for anything. */
static bool follows(const char *text, const char *pattern)
{
    if (*pattern != '*')
        return *text == *pattern && (!*text || follows(text + 1, pattern + 1));
    for (; *text; text++)
        if (follows(text, pattern + 1))
            return true;
    return !pattern[1];
}

void osc_rig_expect(struct osc_rig *rig, const char *pattern)
{
    const char *line = osc_rig_line(rig);
    OSC_RIG_DEMAND(follows(line, pattern), "%s came instead of %s", *line ? line : "nothing",
                   *pattern ? pattern : "nothing");
}

/* ---- life ----------------------------------------------------------------------------------------------------------- */

void osc_rig_add(struct osc_rig *rig, const struct node_class *class, const char *name, const float *values)
{
    struct error error = {0};
    struct tx *tx = tx_open(rig->ctl, 0);
    OSC_RIG_DEMAND(tx && !tx_add_node(tx, &(struct node_spec){.class = class, .name = name, .values = values}, &error),
                   "%s", error.text);
    tx_commit(tx, (struct completion){0});
    osc_rig_run(rig);
}

struct peer osc_rig_stream(uint64_t number)
{
    return (struct peer){.kind = PEER_STREAM, .stream = number};
}

struct peer osc_rig_datagram(uint16_t port)
{
    struct peer peer = {.kind = PEER_DATAGRAM};
    peer.address.v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port)};
    peer.address.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return peer;
}

void osc_rig_open(struct osc_rig *rig)
{
    struct error error = {0};
    *rig = (struct osc_rig){.peer = osc_rig_datagram(9000), .datagram_max = 65507, .stream_max = 16 << 20, .level = "info"};
    rig->host = osc_rig_host(rig);
    rig->ctl = ctl_new(OSC_RIG_RATE_HZ, NULL);
    OSC_RIG_DEMAND(rig->ctl, "memory ran out");
    OSC_RIG_DEMAND(ctl_add_fixtures(rig->ctl, &error) == 0, "%s", error.text);
    rig->server = server_new(rig->ctl, NULL, &rig->host, "rig");
    OSC_RIG_DEMAND(rig->server, "memory ran out");
    rig->server->sender = (struct sender){rig, take_answer};
}

void osc_rig_forget(struct osc_rig *rig)
{
    for (unsigned i = 0; i < rig->n_answers; i++) {
        bytes_deinit(&rig->answers[i].packet);
        free(rig->answers[i].line);
    }
    rig->n_answers = rig->n_read = 0;
}

void osc_rig_close(struct osc_rig *rig)
{
    osc_rig_loads_cancel(rig);
    ctl_free(rig->ctl);
    server_free(rig->server);
    osc_rig_forget(rig);
    free(rig->answers);
    free(rig->dump);
    OSC_RIG_DEMAND(rig->n_media == 0, "%u files are still in memory", rig->n_media);
}

/* ---- asking --------------------------------------------------------------------------------------------------------- */

/* Ends the innermost bundle: it becomes an element of the one around it. */
static void bundle_end(struct bytes *nest, unsigned depth)
{
    bundle_add(&nest[depth - 1], nest[depth].data, nest[depth].n);
    bytes_deinit(&nest[depth]);
}

void osc_rig_packet(const char *lines, uint64_t time, struct bytes *packet)
{
    struct bytes nest[NEST_MAX] = {0};
    unsigned depth = 0;
    while (*lines) {
        size_t n = strcspn(lines, "\n");
        enum text_line kind;
        struct error error = {0};
        struct bytes message = {0};
        OSC_RIG_DEMAND(text_parse(lines, n, &kind, &message, &error) == 0, "%.*s: %s", (int)n, lines, error.text);
        depth += kind == TEXT_OPEN;
        if (kind == TEXT_OPEN)
            bundle_begin(&nest[depth], depth > 1 ? PACKET_TIME_NOW : time);
        else if (kind == TEXT_CLOSE && depth > 1)
            bundle_end(nest, depth);
        else if (kind == TEXT_MESSAGE && depth)
            bundle_add(&nest[depth], message.data, message.n);
        else if (kind == TEXT_MESSAGE)
            bytes_add(&nest[1], message.data, message.n);
        depth -= kind == TEXT_CLOSE;
        bytes_deinit(&message);
        lines += n + (lines[n] == '\n');
    }
    OSC_RIG_DEMAND(depth == 0 && !nest[1].failed, "a bundle is not closed");
    bytes_add(packet, nest[1].data, nest[1].n);
    bytes_deinit(&nest[1]);
}

void osc_rig_send_packet(struct osc_rig *rig, const uint8_t *packet, size_t n)
{
    struct error error = {0};
    OSC_RIG_DEMAND(packet_check(packet, n, 65536, &error) == 0, "%s", error.text);
    request_arrive(rig->server, &rig->peer, packet, n);
}

void osc_rig_send(struct osc_rig *rig, const char *lines)
{
    struct bytes packet = {0};
    osc_rig_packet(lines, PACKET_TIME_NOW, &packet);
    osc_rig_send_packet(rig, packet.data, packet.n);
    bytes_deinit(&packet);
}

void osc_rig_run(struct osc_rig *rig)
{
    for (unsigned i = 0; i < 3; i++) {
        ctl_poll(rig->ctl);
        engine_cycle_rt(rig->ctl->engine, &(struct cycle){.n_frames = OSC_RIG_CYCLE});
    }
    ctl_poll(rig->ctl);
    server_tick(rig->server);
}

void osc_rig_wait(struct osc_rig *rig)
{
    for (unsigned i = 0; i < OSC_RIG_RATE_HZ / OSC_RIG_CYCLE / 10; i++)
        osc_rig_run(rig);
}

const char *osc_rig_ask(struct osc_rig *rig, const char *lines)
{
    unsigned first = rig->n_answers;
    OSC_RIG_DEMAND(rig->n_read == first, "before %s there is an answer that nobody has read: %s", lines, osc_rig_line(rig));
    osc_rig_send(rig, lines);
    osc_rig_run(rig);
    OSC_RIG_DEMAND(rig->n_answers <= first + 1, "%s is answered by %s and by %s", lines, rig->answers[first].line,
                   rig->answers[rig->n_answers - 1].line);
    return osc_rig_line(rig);
}

const char *osc_rig_do(struct osc_rig *rig, const char *lines)
{
    const char *line = osc_rig_ask(rig, lines);
    OSC_RIG_DEMAND(strncmp(line, "/done ", 6) == 0, "%s is answered by: %s", lines, *line ? line : "nothing");
    return line;
}

void osc_rig_do_each(struct osc_rig *rig, const char *lines)
{
    char *copy = strdup(lines), *save;
    for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
        osc_rig_do(rig, line);
    free(copy);
}

const char *osc_rig_dump(struct osc_rig *rig)
{
    struct bytes text = {0};
    graph_text_osc(&rig->ctl->model, &text);
    bytes_add_byte(&text, '\0');
    OSC_RIG_DEMAND(!text.failed, "memory ran out");
    free(rig->dump);
    rig->dump = (char *)text.data;
    return rig->dump;
}

char *osc_rig_with(const char *text, const char *old, const char *new)
{
    struct bytes bytes = {0};
    for (const char *at; (at = strstr(text, old)); text = at + strlen(old)) {
        bytes_add(&bytes, text, (size_t)(at - text));
        bytes_add(&bytes, new, strlen(new));
    }
    bytes_add(&bytes, text, strlen(text) + 1);
    return (char *)bytes.data;
}

/* What /fail says. */
struct failure {
    const char *address, *symbol, *text;
    int64_t id, code;
};

static struct failure failure_read(const struct osc_rig_answer *answer, const char *asked)
{
    struct arg args[5];
    struct failure failure;
    OSC_RIG_DEMAND(answer != NULL, "%s is not answered", asked);
    struct message message = message_read(answer->packet.data);
    OSC_RIG_DEMAND(strcmp(message.address, "/fail") == 0, "%s is answered by %s", asked, answer->line);
    OSC_RIG_DEMAND(strcmp(message.tags, "isiss") == 0, "%s is answered by %s", asked, answer->line);
    message_args(&message, args, 5);
    arg_integer(&args[0], &failure.id);
    arg_integer(&args[2], &failure.code);
    failure.address = args[1].s;
    failure.symbol = args[3].s;
    failure.text = args[4].s;
    return failure;
}

const char *osc_rig_refuse_packet(struct osc_rig *rig, const struct bytes *packet, enum error_code code,
                                  const char *const *words)
{
    struct bytes line = {0};
    struct request request = {.packet = packet->data, .n_packet = packet->n};
    char *before = strdup(osc_rig_dump(rig));
    uint64_t revision = rig->ctl->revision, failures = rig->server->counters.failures,
             values = rig->server->counters.values;
    if (!packet_is_bundle(packet->data, packet->n))
        text_format(packet->data, &line);
    bytes_add_byte(&line, '\0');
    const char *asked = line.n > 1 ? (const char *)line.data : "the bundle";
    OSC_RIG_DEMAND(rig->n_read == rig->n_answers, "before %s there is an answer that nobody has read", asked);
    dispatch_identify(&request);
    osc_rig_send_packet(rig, packet->data, packet->n);
    osc_rig_run(rig);
    struct failure failure = failure_read(osc_rig_answer(rig), asked);
    OSC_RIG_DEMAND(rig->n_read == rig->n_answers, "%s is answered twice: %s", asked, osc_rig_line(rig));
    OSC_RIG_DEMAND(failure.code == (int64_t)code, "%s: %s, not %s: %s", asked, failure.symbol, error_symbol(code),
                   failure.text);
    OSC_RIG_DEMAND(strcmp(failure.symbol, error_symbol(code)) == 0, "code %u is told as %s", code, failure.symbol);
    OSC_RIG_DEMAND(strcmp(failure.address, request.address) == 0 && failure.id == request.id, "%s is answered as %lld %s",
                   asked, (long long)failure.id, failure.address);
    for (; *words; words++)
        OSC_RIG_DEMAND(strstr(failure.text, *words) != NULL, "%s: %s is not in: %s", asked, *words, failure.text);
    OSC_RIG_DEMAND(strcmp(osc_rig_dump(rig), before) == 0, "%s has changed the graph from\n%sto\n%s", asked, before,
                   rig->dump);
    OSC_RIG_DEMAND(rig->ctl->revision == revision, "%s has made a revision", asked);
    OSC_RIG_DEMAND(rig->server->counters.failures == failures + 1 && rig->server->counters.values == values,
                   "%s is not counted as one failure", asked);
    free(before);
    bytes_deinit(&line);
    return failure.text;
}

const char *osc_rig_refuse(struct osc_rig *rig, const char *lines, enum error_code code, ...)
{
    const char *words[WORDS_MAX] = {0};
    struct bytes packet = {0};
    va_list list;
    va_start(list, code);
    for (unsigned i = 0; i + 1 < WORDS_MAX && (words[i] = va_arg(list, const char *)); i++)
        continue;
    va_end(list);
    osc_rig_packet(lines, PACKET_TIME_NOW, &packet);
    const char *text = osc_rig_refuse_packet(rig, &packet, code, words);
    bytes_deinit(&packet);
    return text;
}

int osc_rig_suite(const char *name, void (*setup)(void), void (*teardown)(void), const TTest *const *tests, unsigned n)
{
    TCase *tcase = tcase_create(name);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 60);
    for (unsigned i = 0; i < n; i++)
        tcase_add_test(tcase, tests[i]);
    return suite_run_case(name, tcase);
}
