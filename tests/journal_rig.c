#include "tests/journal_rig.h"

#include <stdlib.h>
#include <string.h>

#include "osc/journal_replay.h"
#include "tests/graph_rig.h"
#include "tests/random_lines.h"
#include "tests/undo_rig.h"

void journal_rig_begin_anew(struct journal_rig *j)
{
    struct bytes text = {0};
    struct error error = {0};
    snapshot_deinit(&j->begin);
    bytes_clear(&j->file, 0);
    for (unsigned i = 0; i <= j->n_groups && i < JOURNAL_RIG_GROUPS; i++) {
        free(j->texts[i]);
        j->texts[i] = NULL;
    }
    ck_assert_msg(!journal_take_snapshot(&j->journal, &j->begin, &text, "song.dawd", 77, &error), "%s", error.text);
    bytes_deinit(&text);
    journal_file_begin(j->begin.sum, &j->file);
    j->n_groups = 0;
    j->texts[0] = undo_rig_text(&j->rig);
    j->ends[0] = j->file.n;
}

void journal_rig_open(struct journal_rig *j)
{
    struct osc_rig *const rigs[] = {&j->rig, &j->copy};
    for (unsigned i = 0; i < ROWS(rigs); i++) {
        undo_rig_open(rigs[i]);
        rigs[i]->stream_max = 1 << 24;
    }
    journal_open(&j->journal, j->rig.server, 0);
    journal_rig_begin_anew(j);
}

void journal_rig_close(struct journal_rig *j)
{
    journal_close(&j->journal);
    snapshot_deinit(&j->begin);
    bytes_deinit(&j->file);
    for (unsigned i = 0; i < JOURNAL_RIG_GROUPS; i++) {
        free(j->texts[i]);
        j->texts[i] = NULL;
    }
    osc_rig_close(&j->rig);
    osc_rig_close(&j->copy);
}

void journal_rig_look(struct journal_rig *j)
{
    journal_look(&j->journal);
    ck_assert_msg(!j->journal.needs_snapshot, "the journal gives up");
    if (!j->journal.n_pending)
        return;
    j->n_groups += j->journal.n_pending;
    ck_assert_uint_lt(j->n_groups, JOURNAL_RIG_GROUPS);
    journal_take(&j->journal, &j->file);
    j->texts[j->n_groups] = undo_rig_text(&j->rig);
    j->ends[j->n_groups] = j->file.n;
}

static void tell(struct journal_rig *j, const char *lines)
{
    osc_rig_send(&j->rig, lines);
    undo_rig_bring(&j->rig);
}

void journal_rig_tell_at_random(struct journal_rig *j)
{
    struct bytes text = {0};
    unsigned what = dice_below(&j->seed, 12);
    if (what < 2)
        bytes_print(&text, "%s %u", what ? "/redo" : "/undo", 1 + dice_below(&j->seed, 2));
    else
        random_lines(&j->rig, &j->seed, &text);
    bytes_add_byte(&text, '\0');
    tell(j, (const char *)text.data);
    bytes_deinit(&text);
    if (dice_below(&j->seed, 3) == 0)
        osc_rig_run(&j->rig);
}

void journal_rig_work(struct journal_rig *j, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        journal_rig_tell_at_random(j);
        if (dice_below(&j->seed, 2))
            journal_rig_look(j);
    }
    journal_rig_look(j);
}

/* ---- reading again --------------------------------------------------------------------------------------------------- */

struct snapshot journal_rig_begin(struct journal_rig *j)
{
    struct snapshot made;
    struct bytes text = {0};
    struct error error = {0};
    snapshot_print(&j->begin, &text);
    ck_assert_msg(!snapshot_read(&made, (const char *)text.data, text.n, &error), "%s", error.text);
    bytes_deinit(&text);
    return made;
}

/* The session that the first n bytes of the file give; *groups that were read. */
char *journal_rig_replayed(struct journal_rig *j, size_t n, unsigned *groups)
{
    struct snapshot made = journal_rig_begin(j);
    struct journal_reader reader;
    struct error stopped = {0}, error = {0};
    *groups = 0;
    if (journal_read(&reader, (const char *)j->file.data, n, made.sum)) {
        ck_assert_msg(!journal_replay(j->copy.server, &made, &reader, 0, &stopped, &error), "%s", error.text);
        ck_assert_msg(!stopped.code, "group %u: %s", reader.n_groups + 1, stopped.text);
        *groups = reader.n_groups;
    }
    bytes_add_byte(&made.text, '\0');
    char *text = strdup((const char *)made.text.data);
    snapshot_deinit(&made);
    return text;
}
