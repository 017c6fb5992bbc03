#include "osc/journal.h"

#include "graph/mutant.h"
#include "osc/journal_file.h"
#include "osc/server.h"

#define PENDING_BYTES ((size_t)4 << 20) /* while the disk stands still; a snapshot is shorter by then, or as good */
#define KEPT_BYTES    ((size_t)64 << 10)

static void see(struct journal *journal)
{
    const struct model *model = &journal->server->ctl->model;
    journal->seen = (struct journal_seen){model->stamps.n, model->n_sequence};
}

static void give_up(struct journal *journal)
{
    journal->needs_snapshot = true;
    journal->n_pending = 0;
    bytes_clear(&journal->pending, KEPT_BYTES);
    bytes_clear(&journal->lines, KEPT_BYTES);
}

/* Makes a group of the lines and all values that have changed; none where there is neither. */
static void group_end(struct journal *journal)
{
    struct bytes *lines = &journal->lines;
    see(journal);
    if (lines->n && !(MUTANT_FLAW("groupless") && journal->sum % 8 == 0)) {
        journal_file_add(&journal->sum, lines->data, lines->n, &journal->pending);
        journal->n_pending++;
    }
    if (lines->failed || journal->pending.failed || journal->pending.n > PENDING_BYTES)
        give_up(journal);
    bytes_clear(lines, KEPT_BYTES);
}

static void on_committed(void *self, const struct undo_step *step)
{
    struct journal *journal = self;
    const struct model *model = &journal->server->ctl->model;
    bool renames;
    if (!step)
        give_up(journal);
    if (journal->needs_snapshot)
        return;
    journal_text_step(step, &renames, &journal->lines);
    journal_text_values(model, &journal->seen, !renames, &journal->lines);
    group_end(journal);
}

/* Whether its group is still here or not: the lines for the way back are those of a step that nobody keeps any more. */
static void on_taken_back(void *self)
{
    give_up(self);
}

void journal_open(struct journal *journal, struct server *server, uint64_t sum)
{
    *journal = (struct journal){.listener = {journal, on_committed, on_taken_back}, .server = server, .sum = sum};
    server->history.keeper = &journal->listener;
    see(journal);
}

void journal_close(struct journal *journal)
{
    if (journal->server)
        journal->server->history.keeper = NULL;
    bytes_deinit(&journal->lines);
    bytes_deinit(&journal->pending);
}

bool journal_look(struct journal *journal)
{
    const struct model *model = &journal->server->ctl->model;
    if (!journal->needs_snapshot && model->stamps.n != journal->seen.stamp) {
        journal_text_values(model, &journal->seen, false, &journal->lines);
        group_end(journal);
    }
    return journal->needs_snapshot || journal->pending.n;
}

void journal_take(struct journal *journal, struct bytes *file)
{
    bytes_add(file, journal->pending.data, journal->pending.n);
    if (file->failed) {
        give_up(journal);
        return;
    }
    bytes_clear(&journal->pending, KEPT_BYTES);
    journal->n_pending = 0;
}

int journal_take_snapshot(struct journal *journal, struct snapshot *snapshot, struct bytes *file, const char *started,
                          uint64_t hash, struct error *error)
{
    if (snapshot_take(snapshot, journal->server, started, hash, error))
        return (int)error->code;
    snapshot_print(snapshot, file);
    if (file->failed) {
        snapshot_deinit(snapshot);
        return error_set(error, ERROR_INTERNAL, "memory ran out for the session");
    }
    give_up(journal);
    journal->needs_snapshot = false;
    journal->sum = snapshot->sum;
    see(journal);
    return 0;
}
