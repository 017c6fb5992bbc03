/* In one piece where that goes. What a transaction removes keeps its memory and its ports at the sound card until the end, so a
 * group may be refused because of those before it: then a new piece begins with it, and only the first of a piece has failed. */
#include "osc/journal_replay.h"

#include "graph/tx.h"
#include "osc/journal_text.h"
#include "osc/server.h"

/* One piece. */
struct piece {
    struct server *server;
    struct snapshot *snapshot; /* what it begins with, and then what it comes to */
    struct journal_reader *reader;
    unsigned n_most; /* groups */
    bool has_stopped;
    struct error *stopped;
};

/* False: the transaction is of no use any more, since half a group is in it. */
static bool groups_stage(struct piece *piece, struct request *request, struct tx *tx)
{
    const char *lines;
    size_t n;
    for (unsigned i = 0; i < piece->n_most; i++) {
        struct journal_reader before = *piece->reader;
        struct error error = {0};
        if (!journal_read_group(piece->reader, &lines, &n))
            return true;
        if (journal_text_stage(request, tx, lines, n, &error)) {
            *piece->reader = before;
            piece->n_most = i;
            piece->has_stopped = i == 0;
            if (piece->has_stopped)
                *piece->stopped = error;
            return false;
        }
    }
    return true;
}

/* Numbers count on from the highest that a group has given. */
static void numbers_raise(struct model *model)
{
    for (const struct node *node = model->first; node; node = node->next) {
        if (node->sequence > model->n_sequence)
            model->n_sequence = node->sequence;
        for (const struct edge *edge = node->out_first; edge; edge = edge->out_next)
            if (edge->sequence > model->n_connected)
                model->n_connected = edge->sequence;
    }
}

static int result_take(struct piece *piece, struct error *error)
{
    struct snapshot *old = piece->snapshot, next;
    numbers_raise(&piece->server->ctl->model);
    if (snapshot_take(&next, piece->server, old->started, old->started_hash, error))
        return (int)error->code;
    char *file = next.file;
    next.file = old->file;
    old->file = file;
    next.saved = old->saved;
    next.sum = old->sum;
    snapshot_deinit(old);
    *old = next;
    return 0;
}

/* *is_whole: all groups that were to be taken have been. */
static int piece_stage(struct piece *piece, struct tx *tx, bool *is_whole, struct error *error)
{
    struct model *model = &piece->server->ctl->model;
    const struct bytes *text = &piece->snapshot->text;
    struct request request = {.server = piece->server, .address = ""};
    int code = session_stage(&request, tx, (const char *)text->data, text->n, error);
    if (!code)
        code = snapshot_number(piece->snapshot, model, error);
    *is_whole = !code && groups_stage(piece, &request, tx);
    if (*is_whole)
        code = result_take(piece, error);
    wanted_deinit(&request.wanted);
    return code;
}

static int piece_run(struct piece *piece, struct error *error)
{
    struct ctl *ctl = piece->server->ctl;
    const struct journal_reader before = *piece->reader;
    uint64_t n_sequence = ctl->model.n_sequence, n_connected = ctl->model.n_connected;
    uint64_t n_values = piece->server->counters.values;
    bool is_whole = false;
    int code = 0;
    while (!code && !is_whole) {
        struct tx *tx = tx_open(ctl, 0);
        if (!tx)
            return error_set(error, ERROR_INTERNAL, "memory ran out for the session");
        tx_rehearse(tx);
        tx_restore(tx);
        *piece->reader = before;
        code = piece_stage(piece, tx, &is_whole, error);
        tx_rollback(tx);
        ctl->model.n_sequence = n_sequence;
        ctl->model.n_connected = n_connected;
    }
    piece->server->counters.values = n_values;
    return code;
}

int journal_replay(struct server *server, struct snapshot *snapshot, struct journal_reader *reader, unsigned n_left,
                   struct error *stopped, struct error *error)
{
    struct piece piece = {.server = server, .snapshot = snapshot, .reader = reader, .stopped = stopped};
    unsigned end = journal_read_rest(*reader).n_groups;
    end -= n_left < end - reader->n_groups ? n_left : end - reader->n_groups;
    int code = 0;
    do {
        piece.n_most = end - reader->n_groups;
        code = piece_run(&piece, error);
    } while (!code && reader->n_groups < end && !piece.has_stopped);
    return code;
}
