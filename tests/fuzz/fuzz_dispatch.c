/* Any requests at all, one after the other on a new session: each is answered as the language promises, a refused one has
 * changed nothing, and what the graph then is can be written as text that is read again.
 *
 *   clang -fsanitize=fuzzer,address,undefined -D__SANITIZE_ADDRESS__ -I. -D_GNU_SOURCE -DDAWD_VERSION='"0"' tests/fuzz/fuzz_dispatch.c
 *         tests/osc_rig*.c {graph,graph/dsp,effects,synth}/*.c <build>/{registry,families}.c osc/*.c (but dawctl.c)
 *         -llo -lcheck -lsubunit -lm -lrt -lpthread
 *
 * The first byte says how the rest is meant: bit 0, as lines of text form instead of one packet; 1, from a connection; 2,
 * files are there only at the end; 3, no file can be loaded at all.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "osc/dispatch.h"
#include "osc/pattern.h"
#include "osc/target.h"
#include "osc/text.h"
#include "osc/value.h"
#include "tests/osc_rig.h"

#define LINES_MOST    40
#define ELEMENTS_MOST 256

enum { AS_TEXT = 1, BY_STREAM = 2, FILES_LATE = 4, NO_FILES = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void expect(bool truth, const char *what)
{
    if (truth)
        return;
    fprintf(stderr, "%s\n", what);
    abort();
}

/* Ends what is being loaded: every other file is there. */
static void load_all(struct osc_rig *rig)
{
    while (rig->n_loads) {
        char path[256];
        snprintf(path, sizeof path, "%s", rig->loads[0].path);
        if (strlen(rig->loads[0].path) >= sizeof path)
            osc_rig_loads_cancel(rig);
        else if (path[0] % 2)
            osc_rig_load(rig, path);
        else
            osc_rig_load_fails(rig, path, ERROR_NO_FILE);
    }
}

static bool starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* How many answers a message gets. */
static void check_count(const struct osc_rig *rig, const struct request *request, unsigned n_answers)
{
    struct message message = message_read(request->packet);
    bool is_sync = strcmp(request->address, "/sync") == 0 && request->has_id;
    bool is_silent =
        target_is_address(request->address) && message.n_args && !request->has_id && rig->peer.kind == PEER_DATAGRAM;
    if (pattern_is(request->address)) /* levels come when they are measured */
        return;
    expect(n_answers == 1 || (n_answers == 2 && is_sync) || (n_answers == 0 && is_silent),
           "a message is not answered once");
}

/* One checked packet, of which nothing is left waiting. */
static void send_whole(struct osc_rig *rig, const uint8_t *packet, size_t n)
{
    struct request request = {.packet = packet, .n_packet = n};
    char *before = strdup(osc_rig_dump(rig));
    dispatch_identify(&request);
    osc_rig_send_packet(rig, packet, n);
    load_all(rig);
    osc_rig_run(rig);
    unsigned n_answers = rig->n_answers - rig->n_read;
    if (!packet_is_bundle(packet, n))
        check_count(rig, &request, n_answers);
    else
        expect(n_answers > 0, "a bundle is not answered");
    if (n_answers == 1 && starts(osc_rig_line(rig), "/fail"))
        expect(strcmp(osc_rig_dump(rig), before) == 0, "a refused request has changed the graph");
    rig->n_read = rig->n_answers;
    free(before);
}

static void send_checked(struct osc_rig *rig, const uint8_t *packet, size_t n, uint8_t how)
{
    struct error error;
    if (packet_check(packet, n, ELEMENTS_MOST, &error) != 0)
        return;
    if (!(how & FILES_LATE)) {
        send_whole(rig, packet, n);
        return;
    }
    osc_rig_send_packet(rig, packet, n);
    osc_rig_run(rig);
}

/* Lines between [ and ] are one bundle, bundles in bundles alike. */
static void send_lines(struct osc_rig *rig, const char *text, size_t n, uint8_t how)
{
    struct bytes nest[PACKET_DEPTH_MAX + 2] = {0};
    unsigned depth = 0;
    for (unsigned i = 0; i < LINES_MOST && n; i++) {
        const char *end = memchr(text, '\n', n);
        size_t length = end ? (size_t)(end - text) : n;
        struct bytes message = {0};
        struct error error;
        enum text_line kind;
        if (text_parse(text, length, &kind, &message, &error) != 0)
            kind = TEXT_NOTHING;
        if (kind == TEXT_MESSAGE && depth)
            bundle_add(&nest[depth], message.data, message.n);
        else if (kind == TEXT_MESSAGE)
            send_checked(rig, message.data, message.n, how);
        else if (kind == TEXT_OPEN && depth <= PACKET_DEPTH_MAX)
            bundle_begin(&nest[++depth], PACKET_TIME_NOW);
        else if (kind == TEXT_CLOSE && depth > 1)
            bundle_add(&nest[depth - 1], nest[depth].data, nest[depth].n);
        else if (kind == TEXT_CLOSE && depth)
            send_checked(rig, nest[depth].data, nest[depth].n, how);
        if (kind == TEXT_CLOSE && depth)
            bytes_deinit(&nest[depth--]);
        bytes_deinit(&message);
        text += length + (end != NULL);
        n -= length + (end != NULL);
    }
    while (depth)
        bytes_deinit(&nest[depth--]);
}

/* Every line of the dump is a message. */
static void check_dump(struct osc_rig *rig)
{
    const char *at = osc_rig_dump(rig);
    while (*at) {
        size_t n = strcspn(at, "\n");
        struct bytes message = {0};
        struct error error;
        enum text_line kind;
        expect(text_parse(at, n, &kind, &message, &error) == 0 && kind == TEXT_MESSAGE, "the dump cannot be read");
        expect(packet_check(message.data, message.n, 0, &error) == 0, "the dump is no packet");
        bytes_deinit(&message);
        at += n + 1;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const char start[] = "[\n/graph/add gain g\n/graph/add osc o\n/graph/connect o g\n/graph/connect g out\n]";
    struct osc_rig rig;
    if (n == 0)
        return 0;
    uint8_t how = data[0];
    osc_rig_open(&rig);
    osc_rig_do(&rig, start);
    rig.peer = how & BY_STREAM ? osc_rig_stream(1) : rig.peer;
    rig.refuse = how & NO_FILES ? ERROR_IO : ERROR_NONE;
    if (how & AS_TEXT)
        send_lines(&rig, (const char *)data + 1, n - 1, how);
    else
        send_checked(&rig, data + 1, n - 1, how);
    load_all(&rig);
    osc_rig_run(&rig);
    expect(!rig.server->parked, "requests still wait though nothing is being loaded");
    check_dump(&rig);
    osc_rig_close(&rig);
    return 0;
}
