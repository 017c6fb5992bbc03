#include "tests/ctl_rig.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>
#include <sys/wait.h>

#include "osc/packet.h"
#include "osc/text.h"
#include "osc/writer.h"

/* ---- the daemon ---------------------------------------------------------------------------------------------------- */

static void send_writer(struct ctl_rig *rig, const struct peer *peer, const char *address, struct writer *writer)
{
    struct bytes packet = {0};
    ck_assert_int_eq(writer_end(writer, address, &packet), 0);
    net_send(rig->net, peer, packet.data, packet.n);
    bytes_deinit(&packet);
}

/* Sends a line of text form, with REQ replaced by the request's number. */
static void answer(struct ctl_rig *rig, const struct peer *peer, int request, const char *line)
{
    struct bytes packet = {0};
    struct error error = {0};
    enum text_line kind;
    char numbered[512];
    const char *at = strstr(line, "REQ");
    snprintf(numbered, sizeof numbered, "%.*s%d%s", at ? (int)(at - line) : 0, line, request, at ? at + 3 : line);
    const char *text = at ? numbered : line;
    ck_assert_msg(text_parse(text, strlen(text), &kind, &packet, &error) == 0, "%s: %s", text, error.text);
    net_send(rig->net, peer, packet.data, packet.n);
    bytes_deinit(&packet);
}

/* What each address is answered with, one message per line of text form. */
static const struct {
    const char *address;
    const char *lines[5];
} replies[] = {
    {"/ping", {"/done REQ /ping"}},
    {"/note/on", {"/done REQ /note/on"}},
    {"/note/cc", {"/done REQ /note/cc"}},
    {"/values", {"/done REQ /values 3 0.5 480000h T lp \"a b\" 0.1d"}},
    {"/text", {"/done REQ /text \"# dawd session 1\\n/graph/add lp svf\\n\""}},
    {"/word", {"/done REQ /word \"two words\""}},
    {"/bad", {"/fail REQ /bad 5 no_such_node \"no node is named lp\""}},
    {"/silent", {NULL}},
    {"/slow", {"/progress REQ /slow 0.5 loading", "/late REQ 5h", "/done REQ /slow 1"}},
    {"/stray", {"/done 999999 /stray 1", "/fail 999999 /stray 1 bad_value no", "/synced 1 7h", "/done REQ /stray 2"}},
    {"/node/lp/gain", {"/node/lp/gain -6.0"}},
    {"/node/*/gain", {"/node/a/gain -6.0", "/node/b/gain 0.0", "/done REQ /node/*/gain 2"}},
    {"/graph/dump", {"/done REQ /graph/dump \"/graph/add osc a\\n/graph/connect a:out out:in gain -6.0\\n\""}},
    {"/graph/list", {"/done REQ /graph/list 3 lp filter rack/amp gain out output"}},
    {"/stats", {"/done REQ /stats nodes 2h process_max_us 250.0 xruns 1h overruns 0h"}},
    {"/stats/profile", {"/done REQ /stats/profile 2 1.0 reverb reverb 5000.0 12.5 lp filter 300.0 0.75"}},
    {"/unreadable", {"/fail 0 \"\" 3 bad_value \"a packet could not be read\""}},
};

static void answer_sync(struct ctl_rig *rig, const struct peer *peer, const struct message *message)
{
    struct writer writer;
    struct arg id;
    ck_assert_uint_eq(message_args(message, &id, 1), 1);
    writer_init(&writer);
    writer_int(&writer, id.i);
    writer_long(&writer, 4096);
    send_writer(rig, peer, "/synced", &writer);
}

/* A packet of subscription 1, with this number and these lines (null at the end). */
static void tell(struct ctl_rig *rig, const struct peer *peer, int32_t n, const char *const *lines)
{
    struct bytes packet = {0}, element = {0};
    struct error error = {0};
    enum text_line kind;
    char head[64];
    bundle_begin(&packet, PACKET_TIME_NOW);
    snprintf(head, sizeof head, "/sub/seq 1 %d", n);
    for (const char *line = head; line; line = *lines++) {
        bytes_clear(&element, 1024);
        ck_assert_msg(text_parse(line, strlen(line), &kind, &element, &error) == 0, "%s: %s", line, error.text);
        bundle_add(&packet, element.data, element.n);
    }
    net_send(rig->net, peer, packet.data, packet.n);
    bytes_deinit(&packet);
    bytes_deinit(&element);
}

static void answer_sub(struct ctl_rig *rig, const struct peer *peer, int request, const struct message *message)
{
    struct message at = *message;
    struct arg pattern;
    ck_assert(message_next(&at, &pattern) && arg_string(&pattern));
    if (pattern.s[1] == 'z') {
        answer(rig, peer, request, "/fail REQ /sub 15 no_match \"it matches nothing\"");
        return;
    }
    answer(rig, peer, request, "/done REQ /sub 1");
    tell(rig, peer, 1, (const char *const[]){"/node/a/gain -6.0", "/node/b/gain 0.0", "/sub/snapshot 1 2", NULL});
    if (strstr(pattern.s, "integrated"))
        tell(rig, peer, 3,
             (const char *const[]){"/node/b/gain_reduction -6.1", "/node/b/integrated -24.0", "/node/b/unknown 7.0", NULL});
    if (strstr(pattern.s, "peak"))
        tell(rig, peer, 2,
             (const char *const[]){"/node/b/out/peak -6.0 3.0", "/node/b/out/rms -30.0 -12.0", "/node/a/out/peak -60.0",
                                   "/node/a/out/rms -80.0", NULL});
    else if (strstr(pattern.s, "gap"))
        tell(rig, peer, 4, (const char *const[]){"/node/a/gain -3.0", NULL});
    else
        tell(rig, peer, 2, (const char *const[]){"/node/a/gain -3.0", "/node/b/name \"x y\"", NULL});
}

static void answer_message(struct ctl_rig *rig, const struct peer *peer, const uint8_t *bytes)
{
    struct message message = message_read(bytes);
    int request = 0, n = 0;
    ck_assert_msg(sscanf(message.address, "/req/%d%n", &request, &n) == 1 && request > 0, "%s", message.address);
    const char *address = message.address + n;
    if (strcmp(address, "/sync") == 0)
        answer_sync(rig, peer, &message);
    for (unsigned i = 0; i < sizeof replies / sizeof replies[0]; i++)
        for (unsigned k = 0; strcmp(address, replies[i].address) == 0 && replies[i].lines[k]; k++)
            answer(rig, peer, request, replies[i].lines[k]);
    if (strcmp(address, "/sub") == 0)
        answer_sub(rig, peer, request, &message);
    if (strcmp(address, "/resync") == 0)
        tell(rig, peer, 5, (const char *const[]){"/node/a/gain -2.0", NULL});
    if (strcmp(address, "/echo") == 0)
        answer(rig, peer, request, "/done REQ /echo");
}

static void answer_bundle(struct ctl_rig *rig, const struct peer *peer, const uint8_t *bytes, size_t n)
{
    struct bundle bundle = bundle_read(bytes, n);
    const uint8_t *element;
    size_t n_element;
    struct arg args[8] = {0};
    int request = 0;
    bool bad = false;
    ck_assert(bundle_next(&bundle, &element, &n_element));
    struct message tx = message_read(element);
    unsigned n_args = message_args(&tx, args, 8);
    ck_assert_str_eq(tx.address, "/tx");
    for (unsigned i = 0; i + 1 < n_args; i += 2)
        request = strcmp(args[i].s, "req") == 0 ? args[i + 1].i : request;
    while (bundle_next(&bundle, &element, &n_element)) {
        bad |= strcmp(message_read(element).address, "/bad") == 0;
        if (strcmp(message_read(element).address, "/word") == 0)
            answer(rig, peer, request, "/done REQ /word \"two words\"");
    }
    answer(rig, peer, request,
           bad ? "/fail REQ \"#bundle\" 5 no_such_node \"message 1: no node is named lp\""
               : "/done REQ \"#bundle\" 2 256h 7");
}

static void hear(struct ctl_rig *rig, const uint8_t *bytes, size_t n)
{
    const uint8_t *element;
    size_t n_element;
    if (!packet_is_bundle(bytes, n)) {
        text_format(bytes, &rig->heard);
        bytes_add_byte(&rig->heard, '\n');
        return;
    }
    struct bundle bundle = bundle_read(bytes, n);
    bytes_print(&rig->heard, "[\n");
    while (bundle_next(&bundle, &element, &n_element))
        hear(rig, element, n_element);
    bytes_print(&rig->heard, "]\n");
}

static bool admits(void *user, const struct peer *peer, size_t n)
{
    (void)user, (void)peer, (void)n;
    return true;
}

static void on_packet(void *user, const struct peer *peer, const uint8_t *bytes, size_t n)
{
    struct ctl_rig *rig = user;
    hear(rig, bytes, n);
    if (rig->leaves)
        return;
    if (packet_is_bundle(bytes, n))
        answer_bundle(rig, peer, bytes, n);
    else
        answer_message(rig, peer, bytes);
}

static void on_refused(void *user, const struct peer *peer, const struct error *error)
{
    (void)user;
    (void)peer;
    ck_abort_msg("%s", error->text);
}

static void on_closed(void *user, const struct peer *peer)
{
    (void)user;
    (void)peer;
}

static char *file_path(const struct ctl_rig *rig, const char *name, char *path, size_t n)
{
    snprintf(path, n, "%s/%s", rig->folder, name);
    return path;
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

struct ctl_rig *ctl_rig_open(void)
{
    static struct ctl_rig rig;
    struct net_options options = NET_OPTIONS_DEFAULT;
    struct error error = {0};
    rig = (struct ctl_rig){0};
    strcpy(rig.folder, "/tmp/dawd-test-ctl-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(rig.folder));
    snprintf(rig.path, sizeof rig.path, "%s/dawd.sock", rig.folder);
    options.port = NET_PORT_ANY;
    options.socket_path = rig.path;
    ck_assert_msg(net_open(&rig.net, &options, &error) == 0, "%s", error.text);
    return &rig;
}

void ctl_rig_close(struct ctl_rig *rig)
{
    char path[128];
    net_close(rig->net);
    bytes_deinit(&rig->heard);
    unlink(file_path(rig, "input", path, sizeof path));
    unlink(file_path(rig, "script.osc", path, sizeof path));
    ck_assert_int_eq(rmdir(rig->folder), 0);
}

/* ---- the program --------------------------------------------------------------------------------------------------- */

static const char *program(void)
{
    const char *path = getenv("DAWCTL");
    path = path ? path : "build/release/dawctl";
    ck_assert_msg(access(path, X_OK) == 0, "%s is not there: build it, or name it in DAWCTL", path);
    return path;
}

static void become_dawctl(const struct ctl_rig *rig, const char *input, char *const *words, int out_fd, int err_fd)
{
    char path[128];
    write_file(file_path(rig, "input", path, sizeof path), input ? input : "");
    dup2(open(path, O_RDONLY), 0);
    dup2(out_fd, 1);
    dup2(err_fd, 2);
    setenv("XDG_RUNTIME_DIR", rig->folder, 1);
    execv(program(), words);
    _exit(127);
}

static void slurp(FILE *file, char *text, size_t n)
{
    rewind(file);
    text[fread(text, 1, n - 1, file)] = 0;
    fclose(file);
}

int ctl_rig_run(struct ctl_rig *rig, const char *input, char *const *words)
{
    FILE *out_file = tmpfile(), *err_file = tmpfile();
    struct pollfd watched = {.fd = net_fd(rig->net), .events = POLLIN};
    int status = 0;
    program();
    pid_t child = fork();
    if (child == 0)
        become_dawctl(rig, input, words, fileno(out_file), fileno(err_file));
    for (unsigned i = 0; waitpid(child, &status, WNOHANG) == 0; i++) {
        ck_assert_msg(i < 20000, "dawctl does not end");
        net_poll(rig->net, &(struct net_handler){rig, admits, on_packet, on_refused, on_closed});
        if (rig->leaves && rig->heard.n) {
            net_close(rig->net);
            rig->net = NULL;
            waitpid(child, &status, 0);
            break;
        }
        poll(&watched, 1, 1);
    }
    slurp(out_file, rig->out, sizeof rig->out);
    slurp(err_file, rig->err, sizeof rig->err);
    bytes_add_byte(&rig->heard, 0);
    ck_assert_msg(WIFEXITED(status), "dawctl died: %s", rig->err);
    return WEXITSTATUS(status);
}

const char *ctl_rig_heard(const struct ctl_rig *rig)
{
    return (const char *)rig->heard.data;
}

char *ctl_rig_file(const struct ctl_rig *rig, const char *text)
{
    static char path[128];
    write_file(file_path(rig, "script.osc", path, sizeof path), text);
    return path;
}
