#include "tests/osc_rig.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "osc/dispatch.h"
#include "osc/graph_text.h"
#include "osc/text.h"

#define NEST_MAX 8
#define WORDS_MAX 8

/* ---- the host ------------------------------------------------------------------------------------------------------- */

struct rig_media {
    struct media media; /* first: what release is given */
    struct osc_rig *rig;
};

static void media_release(struct media *media)
{
    ((struct rig_media *)media)->rig->n_media--;
    free(media->samples);
    free(media);
}

static struct media *media_new(struct osc_rig *rig)
{
    struct rig_media *made = calloc(1, sizeof *made);
    float *samples = calloc(2 * OSC_RIG_RATE_HZ, sizeof *samples);
    ck_assert(made && samples);
    made->media = (struct media){.samples = samples,
                                 .n_frames = OSC_RIG_RATE_HZ,
                                 .channels = 2,
                                 .rate_hz = OSC_RIG_RATE_HZ,
                                 .file_rate_hz = OSC_RIG_RATE_HZ,
                                 .references = 1,
                                 .release = media_release};
    made->rig = rig;
    rig->n_media++;
    return &made->media;
}

static int host_load(void *self, const char *path, double rate_hz, void (*done)(void *user, const struct loaded *loaded),
                     void *user, struct error *error)
{
    struct osc_rig *rig = self;
    rig->n_asked++;
    if (rig->refuse)
        return error_set(error, rig->refuse, "\"%s\" cannot be loaded", path);
    ck_assert_uint_lt(rig->n_loads, OSC_RIG_LOADS_MAX);
    rig->loads[rig->n_loads++] = (struct osc_rig_load){strdup(path), rate_hz, done, user};
    return 0;
}

static void host_log(void *self, bool is_failure, const char *text)
{
    struct osc_rig *rig = self;
    snprintf(rig->log[rig->n_log++ % OSC_RIG_LOG_LINES], sizeof rig->log[0], "%s: %s", is_failure ? "warning" : "info", text);
}

static void host_log_tail(void *self, unsigned n, void (*line)(void *user, const char *text), void *user)
{
    struct osc_rig *rig = self;
    unsigned kept = rig->n_log < OSC_RIG_LOG_LINES ? rig->n_log : OSC_RIG_LOG_LINES;
    for (unsigned i = n < kept ? n : kept; i; i--)
        line(user, rig->log[(rig->n_log - i) % OSC_RIG_LOG_LINES]);
}

static const char *host_log_level(void *self, const char *name)
{
    static const char *const levels[] = {"error", "warning", "info", "debug"};
    struct osc_rig *rig = self;
    const char *found = name ? NULL : rig->level;
    for (unsigned i = 0; name && i < ROWS(levels); i++)
        if (strcmp(levels[i], name) == 0)
            found = rig->level = levels[i];
    return found;
}

static void host_status(void *self, struct host_status *status)
{
    (void)self;
    *status = (struct host_status){.server = "none", .cause = "this is a test"};
}

static void host_quit(void *self)
{
    ((struct osc_rig *)self)->has_quit = true;
}

/* Takes the oldest outstanding load of the path, or of any, out of the list and ends it. */
static void load_end(struct osc_rig *rig, const char *path, const struct loaded *loaded)
{
    unsigned i = 0;
    while (i < rig->n_loads && path && strcmp(rig->loads[i].path, path) != 0)
        i++;
    ck_assert_msg(i < rig->n_loads, "\"%s\" is not being loaded", path);
    struct osc_rig_load load = rig->loads[i];
    memmove(&rig->loads[i], &rig->loads[i + 1], (--rig->n_loads - i) * sizeof load);
    load.done(load.user, loaded);
    free(load.path);
}

void osc_rig_load(struct osc_rig *rig, const char *path)
{
    load_end(rig, path, &(struct loaded){.media = media_new(rig)});
}

void osc_rig_load_fails(struct osc_rig *rig, const char *path, enum error_code code)
{
    struct loaded loaded = {0};
    error_set(&loaded.error, code, "\"%s\" cannot be loaded", path);
    load_end(rig, path, &loaded);
}

/* ---- answers -------------------------------------------------------------------------------------------------------- */

static int take_answer(void *self, const struct peer *peer, const void *bytes, size_t n)
{
    struct osc_rig *rig = self;
    struct error error = {0};
    struct bytes line = {0};
    if (n > (peer->kind == PEER_DATAGRAM ? rig->datagram_max : rig->stream_max))
        return ERROR_TOO_BIG;
    ck_assert_msg(packet_check(bytes, n, 0, &error) == 0, "an answer is no message: %s", error.text);
    struct osc_rig_answer *answers = realloc(rig->answers, (rig->n_answers + 1) * sizeof *answers);
    ck_assert_ptr_nonnull(answers);
    rig->answers = answers;
    text_format(bytes, &line);
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

/* ---- life ----------------------------------------------------------------------------------------------------------- */

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
    rig->host = (struct host){rig, host_load, host_log, host_log_tail, host_log_level, host_status, host_quit};
    rig->ctl = ctl_new(OSC_RIG_RATE_HZ, NULL);
    ck_assert_ptr_nonnull(rig->ctl);
    ck_assert_msg(ctl_add_fixtures(rig->ctl, &error) == 0, "%s", error.text);
    rig->server = server_new(rig->ctl, NULL, &rig->host, "rig");
    ck_assert_ptr_nonnull(rig->server);
    rig->server->sender = (struct sender){rig, take_answer};
}

void osc_rig_close(struct osc_rig *rig)
{
    while (rig->n_loads) {
        struct loaded loaded = {0};
        error_set(&loaded.error, ERROR_CANCELLED, "the test is over");
        load_end(rig, NULL, &loaded);
    }
    ctl_free(rig->ctl);
    server_free(rig->server);
    for (unsigned i = 0; i < rig->n_answers; i++) {
        bytes_deinit(&rig->answers[i].packet);
        free(rig->answers[i].line);
    }
    free(rig->answers);
    free(rig->dump);
    ck_assert_msg(rig->n_media == 0, "%u files are still in memory", rig->n_media);
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
        ck_assert_msg(text_parse(lines, n, &kind, &message, &error) == 0, "%.*s: %s", (int)n, lines, error.text);
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
    ck_assert(depth == 0 && !nest[1].failed);
    bytes_add(packet, nest[1].data, nest[1].n);
    bytes_deinit(&nest[1]);
}

void osc_rig_send_packet(struct osc_rig *rig, const uint8_t *packet, size_t n)
{
    struct error error = {0};
    ck_assert_msg(packet_check(packet, n, 65536, &error) == 0, "%s", error.text);
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
}

void osc_rig_wait(struct osc_rig *rig)
{
    for (unsigned i = 0; i < OSC_RIG_RATE_HZ / OSC_RIG_CYCLE / 10; i++)
        osc_rig_run(rig);
}

const char *osc_rig_ask(struct osc_rig *rig, const char *lines)
{
    unsigned first = rig->n_answers;
    ck_assert_msg(rig->n_read == first, "before %s there is an answer that nobody has read: %s", lines, osc_rig_line(rig));
    osc_rig_send(rig, lines);
    osc_rig_run(rig);
    ck_assert_msg(rig->n_answers <= first + 1, "%s is answered by %s and by %s", lines, rig->answers[first].line,
                  rig->answers[rig->n_answers - 1].line);
    return osc_rig_line(rig);
}

const char *osc_rig_do(struct osc_rig *rig, const char *lines)
{
    const char *line = osc_rig_ask(rig, lines);
    ck_assert_msg(strncmp(line, "/done ", 6) == 0, "%s is answered by: %s", lines, *line ? line : "nothing");
    return line;
}

const char *osc_rig_dump(struct osc_rig *rig)
{
    struct bytes text = {0};
    graph_text_osc(&rig->ctl->model, &text);
    bytes_add_byte(&text, '\0');
    ck_assert(!text.failed);
    free(rig->dump);
    rig->dump = (char *)text.data;
    return rig->dump;
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
    ck_assert_msg(answer != NULL, "%s is not answered", asked);
    struct message message = message_read(answer->packet.data);
    ck_assert_msg(strcmp(message.address, "/fail") == 0, "%s is answered by %s", asked, answer->line);
    ck_assert_str_eq(message.tags, "isiss");
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
    uint64_t revision = rig->ctl->revision, failures = rig->server->counters.failures, values = rig->server->counters.values;
    if (!packet_is_bundle(packet->data, packet->n))
        text_format(packet->data, &line);
    bytes_add_byte(&line, '\0');
    const char *asked = line.n > 1 ? (const char *)line.data : "the bundle";
    ck_assert_uint_eq(rig->n_read, rig->n_answers);
    dispatch_identify(&request);
    osc_rig_send_packet(rig, packet->data, packet->n);
    osc_rig_run(rig);
    struct failure failure = failure_read(osc_rig_answer(rig), asked);
    ck_assert_msg(rig->n_read == rig->n_answers, "%s is answered twice: %s", asked, osc_rig_line(rig));
    ck_assert_msg(failure.code == (int64_t)code, "%s: %s, not %s: %s", asked, failure.symbol, error_symbol(code), failure.text);
    ck_assert_str_eq(failure.symbol, error_symbol(code));
    ck_assert_str_eq(failure.address, request.address);
    ck_assert_int_eq(failure.id, request.id);
    for (; *words; words++)
        ck_assert_msg(strstr(failure.text, *words) != NULL, "%s: %s is not in: %s", asked, *words, failure.text);
    ck_assert_msg(strcmp(osc_rig_dump(rig), before) == 0, "%s has changed the graph from\n%sto\n%s", asked, before, rig->dump);
    ck_assert_uint_eq(rig->ctl->revision, revision);
    ck_assert_uint_eq(rig->server->counters.failures, failures + 1);
    ck_assert_uint_eq(rig->server->counters.values, values);
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
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 60);
    for (unsigned i = 0; i < n; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
