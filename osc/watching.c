/* The signals are blocked, and looked for between two packets: so a line is never cut in two. */
#include "osc/watching.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "graph/clock_shared.h"
#include "osc/fetch.h"

#define TURN_MS  50
#define RENEW_MS 10000 /* a lease is 30 seconds */

static void signals_fill(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
}

bool watching_interrupted(void)
{
    sigset_t pending;
    sigpending(&pending);
    return sigismember(&pending, SIGINT) || sigismember(&pending, SIGTERM);
}

int watching_open(struct watching *watching, const struct dawctl *dawctl)
{
    sigset_t set;
    signals_fill(&set);
    int next = dawctl_open(&watching->ask, dawctl);
    if (next == DAWCTL_GO_ON)
        sigprocmask(SIG_BLOCK, &set, NULL);
    watching->seconds = dawctl->seconds;
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    return next;
}

void watching_close(struct watching *watching)
{
    link_close(&watching->ask.link);
}

int watching_subscribe(struct watching *watching, const char *pattern, double per_second)
{
    struct message answer;
    struct arg id;
    struct writer args;
    writer_init(&args);
    writer_string(&args, pattern);
    if (per_second > 0) {
        writer_string(&args, "max_hz");
        writer_double(&args, per_second);
    }
    int outcome = (int)fetch_with(&watching->ask, "/sub", &args, &answer);
    if (outcome != ASK_DONE)
        return outcome;
    if (message_args(&answer, &id, 1) != 1 || id.tag != 'i' || watching->n_subs == WATCHING_SUBS_MAX)
        return ask_complain(&watching->ask, ASK_FAILED, "the daemon answers /sub in a way that is not known here");
    watching->subs[watching->n_subs++].id = id.i;
    return DAWCTL_GO_ON;
}

static void ask_again(struct watching *watching, const char *address, int32_t id)
{
    struct error error;
    struct writer args;
    writer_init(&args);
    writer_int(&args, id);
    fetch_send(&watching->ask, address, &args, &error);
}

/* Looks whether all packets before this one have come. */
static void count_packet(struct watching *watching, const struct message *message)
{
    struct arg args[2];
    if (message_args(message, args, 2) != 2 || args[0].tag != 'i' || args[1].tag != 'i')
        return;
    for (unsigned i = 0; i < watching->n_subs; i++) {
        if (watching->subs[i].id != args[0].i)
            continue;
        int32_t n_lost = watching->subs[i].n < 0 ? 0 : args[1].i - watching->subs[i].n - 1;
        watching->subs[i].n = args[1].i;
        if (n_lost <= 0)
            continue;
        fprintf(stderr, "dawctl: %d packets were lost: asking for all values again\n", n_lost);
        ask_again(watching, "/resync", args[0].i);
    }
}

/* True when it is enough. Answers to /renew and /resync are no bundles. */
static bool take_packet(struct watching *watching)
{
    const struct link *link = &watching->ask.link;
    const uint8_t *element;
    size_t n;
    if (!packet_is_bundle(link->packet, link->n_packet))
        return false;
    struct bundle bundle = bundle_read(link->packet, link->n_packet);
    while (bundle_next(&bundle, &element, &n)) {
        if (packet_is_bundle(element, n))
            continue;
        struct message message = message_read(element);
        if (strcmp(message.address, "/sub/seq") == 0)
            count_packet(watching, &message);
        else if (strcmp(message.address, "/sub/snapshot") == 0)
            watching->n_snapshots++;
        else if (watching->take(watching->user, &message))
            return true;
    }
    return false;
}

/* What came of the first subscriptions while the answers to later ones were waited for has passed by. */
static void catch_up(struct watching *watching)
{
    for (unsigned i = 0; i + 1 < watching->n_subs; i++) {
        watching->subs[i].n = -1;
        ask_again(watching, "/resync", watching->subs[i].id);
    }
}

int watching_run(struct watching *watching)
{
    int64_t start_ms = clock_ms(), renewed_ms = start_ms;
    struct error error = {0};
    catch_up(watching);
    for (int64_t now_ms = start_ms; !watching_interrupted(); now_ms = clock_ms()) {
        if (watching->seconds > 0 && (double)(now_ms - start_ms) >= watching->seconds * 1000)
            return ASK_DONE;
        if (now_ms - renewed_ms >= RENEW_MS) {
            renewed_ms = now_ms;
            ask_again(watching, "/renew", watching->subs[0].id); /* all that this client has */
        }
        int failed = link_receive(&watching->ask.link, TURN_MS, &error);
        if (failed && failed != ERROR_LATE)
            return ask_complain(&watching->ask, ASK_FAILED, error.text);
        if ((!failed && take_packet(watching)) || (watching->turn && watching->turn(watching->user)) || ferror(stdout))
            return ASK_DONE;
    }
    return ASK_DONE;
}
