#include "osc/ask.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "osc/command.h"
#include "osc/packet.h"
#include "osc/text.h"
#include "osc/word.h"
#include "osc/writer.h"

#define CLEAR_LINE "\r\033[K"

/*     /req/3/graph/add lp svf  -->
 *                              <--  /progress 3 …          shown, the wait starts anew
 *                              <--  /done 3 … or /fail 3 …  the end
 *     /req/4/node/x/gain       -->
 *                              <--  /node/lp/gain -6.0     printed; of others' requests: passed over
 */

/* What the answer is recognised by. */
struct question {
    char address[PACKET_ADDRESS_MAX_BYTES + 1]; /* as the user wrote it */
    int32_t sync;                               /* the id of a /sync; -1 for anything else */
};

enum verdict { PENDING, ANSWERED, REFUSED };

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* ---- printing ------------------------------------------------------------------------------------------------------ */

static void print_bytes(struct bytes *text)
{
    bool ended = text->n && text->data[text->n - 1] == '\n';
    fwrite(text->data, 1, text->n, stdout);
    if (!ended)
        putchar('\n');
    bytes_deinit(text);
}

/* How many results belong on the next line: those of the command's own grouping where the tables know it, the name and the
 * value of each parameter for a node, else one. */
static unsigned line_length(const char *address, bool is_first, unsigned n_results)
{
    const struct command *command = command_find(address);
    unsigned n_single = 0, n_group = strncmp(address, "/node/", 6) == 0 && n_results > 1 ? 2 : 1;
    if (command)
        n_group = command_results_group(command, &n_single);
    else if (is(address, "#bundle"))
        n_single = 3; /* messages, frame, revision */
    return is_first && n_single ? n_single : n_group ? n_group : 1;
}

static void print_results(const struct ask *ask, const char *address, struct message *at)
{
    struct arg arg;
    unsigned n_results = (unsigned)strlen(at->tags), left = line_length(address, true, n_results);
    struct bytes text = {0};
    for (unsigned i = 0; !ask->quiet && message_next(at, &arg); i++) {
        if (n_results == 1 && arg_string(&arg))
            bytes_add(&text, arg.s, arg.n_bytes);
        else
            word_format(&arg, &text);
        left--;
        if (left && i + 1 < n_results) {
            bytes_add_byte(&text, ' ');
            continue;
        }
        print_bytes(&text);
        left = line_length(address, false, n_results);
    }
}

static void print_message(const struct ask *ask, const uint8_t *message)
{
    struct bytes text = {0};
    if (ask->quiet)
        return;
    text_format(message, &text);
    print_bytes(&text);
}

static void clear_progress(struct ask *ask)
{
    if (ask->progress)
        fputs(CLEAR_LINE, stderr);
    ask->progress = false;
}

static void print_progress(struct ask *ask, const struct arg *args, unsigned n)
{
    double share = 0;
    const char *stage = n > 3 ? arg_string(&args[3]) : NULL;
    if (!isatty(STDERR_FILENO) || n < 3 || !arg_number(&args[2], &share))
        return;
    ask->progress = true;
    fprintf(stderr, CLEAR_LINE "%3.0f %% %s", 100 * share, stage ? stage : "");
}

/* Results and complaints may share a terminal: what is pending on either stream comes first. */
static void print_place(struct ask *ask)
{
    clear_progress(ask);
    fflush(stdout);
    if (ask->source)
        fprintf(stderr, "%s:%u: ", ask->source, ask->line);
}

static enum verdict print_failure(struct ask *ask, const struct arg *args, unsigned n)
{
    const char *address = n > 1 ? arg_string(&args[1]) : NULL, *symbol = n > 3 ? arg_string(&args[3]) : NULL;
    const char *text = n > 4 ? arg_string(&args[4]) : NULL;
    print_place(ask);
    fprintf(stderr, "%s: %s: %s\n", address && *address ? address : "dawd", symbol ? symbol : "unknown", text ? text : "");
    return REFUSED;
}

enum ask_outcome ask_complain(struct ask *ask, enum ask_outcome outcome, const char *text)
{
    print_place(ask);
    fprintf(stderr, "%s%s\n", ask->source ? "" : "dawctl: ", text);
    return outcome;
}

/* ---- answers ------------------------------------------------------------------------------------------------------- */

static bool is_pattern(const char *address)
{
    return strpbrk(address, "*?[]{}") != NULL;
}

static enum verdict done(const struct ask *ask, const char *address, const struct message *message, unsigned n_head)
{
    struct message at = *message;
    struct arg arg;
    while (n_head-- && message_next(&at, &arg))
        continue;
    print_results(ask, address, &at);
    return ANSWERED;
}

/* An answer that carries a number: /done, /fail, /progress, /late by the request's, /synced by the id that was sent. */
static enum verdict judge_numbered(struct ask *ask, const struct question *question, const struct message *message)
{
    struct arg args[5];
    int64_t number = -1;
    unsigned n = message_args(message, args, 5);
    bool numbered = n && arg_integer(&args[0], &number), ours = numbered && number == ask->request;
    if (is(message->address, "/synced"))
        return numbered && question->sync >= 0 && number == question->sync ? done(ask, question->address, message, 1)
                                                                           : PENDING;
    if (is(message->address, "/fail")) /* 0: of a packet that could not be read, or of the connection as a whole */
        return ours || (numbered && number == 0) ? print_failure(ask, args, n) : PENDING;
    if (ours && is(message->address, "/done")) {
        /* What a bundle asks is answered under its number, and before the bundle itself. */
        const char *address = n > 1 ? arg_string(&args[1]) : NULL;
        bool is_part = is(question->address, "#bundle") && address && !is(address, "#bundle");
        done(ask, is_part ? address : question->address, message, 2);
        return is_part ? PENDING : ANSWERED;
    }
    if (ours && is(message->address, "/progress")) {
        const char *stage = n > 3 ? arg_string(&args[3]) : NULL;
        ask->is_scheduled = ask->is_scheduled || (stage && is(stage, "scheduled"));
        print_progress(ask, args, n);
    }
    return PENDING;
}

static enum verdict judge_message(struct ask *ask, const struct question *question, const uint8_t *bytes)
{
    static const char *const numbered[] = {"/done", "/fail", "/progress", "/late", "/synced"};
    struct message message = message_read(bytes);
    for (unsigned i = 0; i < sizeof numbered / sizeof numbered[0]; i++)
        if (is(message.address, numbered[i]))
            return judge_numbered(ask, question, &message);
    clear_progress(ask);
    /* The values of a pattern come at their own addresses with /done behind them; a single one may come instead of it. */
    if (!is_pattern(question->address) && is(message.address, question->address))
        return done(ask, question->address, &message, 0); /* a value, answered at its own address */
    print_message(ask, bytes);
    return PENDING;
}

static enum verdict judge(struct ask *ask, const struct question *question, const uint8_t *bytes, size_t n)
{
    enum verdict verdict = PENDING;
    const uint8_t *element;
    size_t n_element;
    if (!packet_is_bundle(bytes, n))
        return judge_message(ask, question, bytes);
    struct bundle bundle = bundle_read(bytes, n);
    while (verdict == PENDING && bundle_next(&bundle, &element, &n_element))
        verdict = judge(ask, question, element, n_element);
    return verdict;
}

static enum ask_outcome await(struct ask *ask, const struct question *question)
{
    enum verdict verdict = PENDING;
    struct error error;
    ask->is_scheduled = false;
    while (verdict == PENDING) {
        /* Each packet starts the wait anew: work that reports its progress may take as long as it needs. */
        int failed = link_receive(&ask->link, ask->is_scheduled ? -1 : ask->timeout_ms, &error);
        if (failed)
            return ask_complain(ask, failed == ERROR_LATE ? ASK_TIMEOUT : ASK_FAILED, error.text);
        verdict = judge(ask, question, ask->link.packet, ask->link.n_packet);
    }
    clear_progress(ask);
    return verdict == ANSWERED ? ASK_DONE : ASK_FAILED;
}

static enum ask_outcome send_and_await(struct ask *ask, const struct question *question, const struct bytes *packet)
{
    struct error error;
    int failed = packet->failed ? error_set(&error, ERROR_INTERNAL, "memory ran out")
                                : link_send(&ask->link, packet->data, packet->n, ask->timeout_ms, &error);
    if (failed)
        return ask_complain(ask, failed == ERROR_LATE ? ASK_TIMEOUT : ASK_FAILED, error.text);
    return await(ask, question);
}

/* ---- questions ----------------------------------------------------------------------------------------------------- */

/* Starts a message with the arguments of another. */
static struct writer copy_args(const uint8_t *bytes)
{
    struct message at = message_read(bytes);
    struct writer writer;
    struct arg arg;
    writer_init(&writer);
    while (message_next(&at, &arg))
        writer_arg(&writer, &arg);
    return writer;
}

/* /sync is answered by the id that it carries. Without one of the user's it carries the number of the request, so that
 * an answer to an earlier one, which timed out, is not taken for it. */
static int32_t sync_id(struct ask *ask, const struct message *message, struct writer *writer)
{
    struct arg arg;
    int64_t id = -1;
    if (!is(message->address, "/sync"))
        return -1;
    if (!message->n_args)
        writer_int(writer, ask->request);
    return !message->n_args ? ask->request : message_args(message, &arg, 1) && arg_integer(&arg, &id) ? (int32_t)id : -1;
}

enum ask_outcome ask_message(struct ask *ask, const uint8_t *bytes)
{
    char address[PACKET_ADDRESS_MAX_BYTES + 32];
    struct message message = message_read(bytes);
    struct question question;
    struct bytes packet = {0};
    ask->request++;
    struct writer writer = copy_args(bytes);
    snprintf(question.address, sizeof question.address, "%s", message.address);
    question.sync = sync_id(ask, &message, &writer);
    snprintf(address, sizeof address, "/req/%d%s", ask->request, message.address);
    if (writer_end(&writer, address, &packet) != 0)
        packet.failed = true;
    enum ask_outcome outcome = send_and_await(ask, &question, &packet);
    bytes_deinit(&packet);
    return outcome;
}

enum ask_outcome ask_bundle(struct ask *ask, const struct bytes *bundle)
{
    struct question question = {.address = "#bundle", .sync = -1};
    return send_and_await(ask, &question, bundle);
}

static bool names_a_request(const struct message *message)
{
    struct message at = *message;
    struct arg arg;
    while (message_next(&at, &arg))
        if (arg_string(&arg) && is(arg.s, "req"))
            return true;
    return false;
}

/* The message that gives the bundle its number: the user's own /tx with a req more, or one of ours. */
static void begin_bundle(struct ask *ask, struct bytes *bundle, const uint8_t *tx)
{
    struct bytes head = {0};
    struct writer writer;
    if (tx)
        writer = copy_args(tx);
    else
        writer_init(&writer);
    writer_string(&writer, "req");
    writer_int(&writer, ++ask->request);
    if (writer_end(&writer, "/tx", &head) != 0)
        head.failed = true;
    bundle_begin(bundle, PACKET_TIME_NOW);
    bundle_add(bundle, head.data, head.n);
    bundle->failed |= head.failed;
    bytes_deinit(&head);
}

enum ask_outcome ask_bundle_add(struct ask *ask, struct bytes *bundle, const uint8_t *bytes, size_t n)
{
    struct message message = message_read(bytes);
    bool first = bundle->n == 0, is_tx = first && is(message.address, "/tx");
    if (is_tx && names_a_request(&message))
        return ask_complain(ask, ASK_USAGE, "/tx: req is for dawctl to give: leave it out");
    if (first)
        begin_bundle(ask, bundle, is_tx ? bytes : NULL);
    if (!is_tx)
        bundle_add(bundle, bytes, n);
    return ASK_DONE;
}
