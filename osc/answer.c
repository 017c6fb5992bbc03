#include "osc/answer.h"

#include <stdlib.h>

#include "osc/gather.h"
#include "osc/packet.h"
#include "osc/server.h"

/* The request may be gone before the engine has taken what it asked for: this is all that its answer needs. */
struct answer {
    struct request *head; /* owned */
    enum answer_kind kind;
    int32_t number;
    struct along *along; /* a holder of it, or null */
};

struct along *along_new(void)
{
    struct along *along = calloc(1, sizeof *along);
    if (along)
        along->n_holders = 1;
    return along;
}

void along_release(struct along *along)
{
    if (!along || --along->n_holders)
        return;
    bytes_deinit(&along->gathered);
    free(along);
}

/* For those who do not listen as well, and for bundles, which have one answer, it stands in the log. */
static void said_send(const struct answer *answer, struct writer *results)
{
    const struct request *head = answer->head;
    if (!*head->said)
        return;
    if (answer->kind == ANSWER_DONE)
        writer_string(results, head->said);
    host_say(head->server->host, false, "said", head->said);
}

static void answer_send(const struct answer *answer, const struct outcome *outcome)
{
    struct writer results;
    if (answer->kind == ANSWER_SYNC) { /* who counts answers by their ids gets /done as well */
        writer_init(&results);
        writer_int(&results, answer->number);
        writer_long(&results, (int64_t)outcome->frame);
        request_send(answer->head, "/synced", &results);
        if (!answer->head->has_id)
            return;
    }
    if (answer->kind == ANSWER_SILENT)
        return;
    request_results(answer->head, &results);
    if (answer->kind == ANSWER_BUNDLE || answer->kind == ANSWER_MATCHES)
        writer_int(&results, answer->number);
    if (answer->kind == ANSWER_BUNDLE || answer->kind == ANSWER_DONE) {
        writer_long(&results, (int64_t)outcome->frame);
        writer_int(&results, (int32_t)outcome->revision);
    }
    said_send(answer, &results);
    struct bytes *gathered = answer->along ? &answer->along->gathered : NULL;
    if (gathered && gathered->n)
        answer->head->gathered = gathered;
    request_done(answer->head, &results);
    answer->head->gathered = NULL;
    if (gathered)
        gather_send(answer->head, gathered);
}

/* The sender is told first that it came late, and by how much. */
static void late_send(const struct request *head, uint64_t frame)
{
    struct writer late;
    int64_t n_frames = (int64_t)frame - head->due_frame;
    if (!head->has_due || n_frames <= schedule_grace_frames(head->server))
        return;
    head->server->schedule.n_late++;
    writer_init(&late);
    writer_int(&late, head->id);
    writer_long(&late, n_frames);
    request_send(head, "/late", &late);
}

static void on_outcome(void *user, const struct outcome *outcome)
{
    struct answer *answer = user;
    if (outcome->error->code)
        request_fail(answer->head, outcome->error);
    else {
        late_send(answer->head, outcome->frame);
        answer_send(answer, outcome);
    }
    along_release(answer->along);
    free(answer->head);
    free(answer);
}

int answer_later(const struct request *request, struct tx *tx, enum answer_kind kind, int32_t number, struct along *along)
{
    struct answer *answer = malloc(sizeof *answer);
    struct request *head = request_detach(request);
    if (!answer || !head) {
        free(answer);
        free(head);
        tx_rollback(tx);
        request_fail(request, &(struct error){ERROR_INTERNAL, "memory ran out for the answer"});
        return ERROR_INTERNAL;
    }
    *answer = (struct answer){head, kind, number, along};
    if (along)
        along->n_holders++;
    struct completion completion = {.done = on_outcome, .user = answer};
    tx_commit(tx, completion);
    return 0;
}
