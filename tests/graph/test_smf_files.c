/* Real MIDI files, those of Debian's openttd-openmsx, and made ones of every format (tests/smf/make.py): what midicsv, another
 * reader, finds in them, to the event. When that is, is summed up here the slow way. */
#include <check.h>
#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/graph_rig.h"
#include "tests/smf_rig.h"
#include "tests/suite.h"

#define RATE_HZ 48000

#define TEMPOS_MAX 1000

/* A tempo as it is listed. */
struct tempo_line {
    unsigned track; /* from 0 */
    uint32_t tick, us;
};

/* One file, both ways. */
struct pair {
    struct smf *smf;
    unsigned track;                       /* from 0; of the line */
    uint32_t n;                           /* events of this track so far */
    bool is_named;                        /* this track */
    struct tempo_line tempos[TEMPOS_MAX]; /* by tick, at one tick in the order of the list */
    unsigned n_events, n_tempos, n_ends;
};

static int value_of(const char *name)
{
    static const struct {
        const char *name;
        int status;
    } kinds[] = {{"Note_off_c", 0x80},  {"Note_on_c", 0x90}, {"Poly_aftertouch_c", 0xa0},
                 {"Control_c", 0xb0},   {"Program_c", 0xc0}, {"Channel_aftertouch_c", 0xd0},
                 {"Pitch_bend_c", 0xe0}};
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return kinds[i].status;
    return 0;
}

static void check_message(struct pair *pair, uint32_t tick, int status, const int *args)
{
    const struct smf_track *track = &pair->smf->tracks[pair->track];
    ck_assert_uint_lt(pair->n, track->n_events);
    const struct smf_event *event = &pair->smf->events[track->first_event + pair->n++];
    bool is_bend = status == 0xe0, is_short = (status & 0xe0) == 0xc0;
    ck_assert_uint_eq(event->tick, tick);
    ck_assert_uint_eq(event->track, pair->track);
    ck_assert_uint_eq(event->status, (unsigned)(status | args[0]));
    ck_assert_int_eq(is_bend ? event->data[0] | event->data[1] << 7 : event->data[0], args[1]);
    ck_assert_int_eq(event->data[1], is_bend ? args[1] >> 7 : is_short ? 0 : args[2]);
    pair->n_events++;
}

static void tempo_note(struct pair *pair, uint32_t tick, uint32_t us)
{
    ck_assert_uint_lt(pair->n_tempos, TEMPOS_MAX);
    unsigned i = pair->n_tempos++;
    for (; i && pair->tempos[i - 1].tick > tick; i--)
        pair->tempos[i] = pair->tempos[i - 1];
    pair->tempos[i] = (struct tempo_line){pair->track, tick, us};
}

/* Titles in ASCII, as far as they are kept. */
static void check_title(struct pair *pair, const char *quoted)
{
    const char *name = pair->smf->tracks[pair->track].name, *text = quoted + strspn(quoted, ", ") + 1;
    size_t n = 0;
    while (text[n] >= ' ' && !strchr("\"\\", text[n]))
        n++;
    bool is_plain = text[n] == '"' && text[n + 1] != '"', is_first = !pair->is_named;
    pair->is_named |= n > 0 || !is_plain;
    if (!is_plain || !is_first)
        return;
    ck_assert_uint_eq(strlen(name), n < SMF_NAME_BYTES - 2 ? n : SMF_NAME_BYTES - 2);
    ck_assert_int_eq(strncmp(name, text, strlen(name)), 0);
}

static void check_line(struct pair *pair, const char *line)
{
    unsigned track, tick;
    char kind[32];
    int args[4] = {0};
    ck_assert_int_eq(sscanf(line, "%u, %u, %31[^,\n]", &track, &tick, kind), 3);
    const char *rest = strstr(line, kind) + strlen(kind);
    sscanf(rest, ", %d, %d, %d, %d", &args[0], &args[1], &args[2], &args[3]);
    pair->track = track - 1;
    if (strcmp(kind, "Header") == 0) {
        ck_assert_int_eq((int)pair->smf->format, args[0]);
        ck_assert_int_eq((int)pair->smf->n_tracks, args[1]);
        ck_assert_int_eq((int)pair->smf->ticks_per_quarter, args[2] < 0 ? 0 : args[2]);
    } else if (strcmp(kind, "Start_track") == 0) {
        pair->n = pair->is_named = 0;
    } else if (strcmp(kind, "End_track") == 0) {
        ck_assert_uint_eq(pair->n, pair->smf->tracks[pair->track].n_events);
        ck_assert_uint_eq(tick, pair->smf->tracks[pair->track].end_tick);
        pair->n_ends++;
    } else if (strcmp(kind, "Tempo") == 0 && pair->smf->ticks_per_quarter) {
        tempo_note(pair, tick, (uint32_t)args[0]);
    } else if (strcmp(kind, "Title_t") == 0) {
        check_title(pair, rest);
    } else if (value_of(kind)) {
        check_message(pair, tick, value_of(kind), args);
    }
}

/* ---- time ----------------------------------------------------------------------------------------------------------- */

/* Seconds from the beginning of a sequence (any: of a file that has one), tempo by tempo. */
static long double seconds_to(const struct pair *pair, unsigned sequence, bool any, uint32_t tick)
{
    long double us = 0, now = 500000;
    uint32_t at = 0;
    for (unsigned i = 0; i < pair->n_tempos && pair->tempos[i].tick <= tick; i++) {
        const struct tempo_line *tempo = &pair->tempos[i];
        if (!any && tempo->track != sequence)
            continue;
        us += (tempo->tick - at) * now;
        at = tempo->tick;
        now = tempo->us;
    }
    return (us + (tick - at) * now) / 1e6L / pair->smf->ticks_per_quarter;
}

static void check_times(const struct pair *pair, const char *path)
{
    const struct smf *smf = pair->smf;
    for (unsigned s = 0; s < smf->n_sequences; s++) {
        const struct smf_sequence *sequence = &smf->sequences[s];
        for (uint32_t i = 0; i < sequence->n_events; i++) {
            uint32_t tick = smf->events[smf->order[sequence->first_event + i].serial].tick;
            long double frame = seconds_to(pair, s, smf->format != 2, tick) * RATE_HZ;
            long double off = (long double)smf_frame_of_tick(smf, sequence, tick, RATE_HZ) - frame;
            ck_assert_msg(fabsl(off) <= 0.5L + 1e-7L, "%s: tick %u is %Lg frames off", path, tick, off);
        }
    }
}

/* ---- files ---------------------------------------------------------------------------------------------------------- */

static unsigned check_file(const char *path)
{
    struct bytes bytes = smf_read_file(path);
    struct pair pair = {.smf = smf_of(&bytes)};
    char command[512], line[4096];
    snprintf(command, sizeof command, "midicsv '%s'", path);
    FILE *pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    while (fgets(line, sizeof line, pipe))
        check_line(&pair, line);
    ck_assert_msg(pclose(pipe) == 0, "midicsv refuses %s, or is not there (scripts/bootstrap test)", path);
    ck_assert_uint_eq(pair.n_events, pair.smf->n_events);
    ck_assert_uint_eq(pair.n_ends, pair.smf->n_tracks);
    for (uint32_t i = 1; i < pair.smf->sequences[0].n_events; i++)
        ck_assert_uint_le(pair.smf->order[i - 1].tick, pair.smf->order[i].tick);
    if (pair.smf->ticks_per_quarter)
        check_times(&pair, path);
    unsigned n = pair.smf->n_events;
    free(pair.smf);
    return n;
}

START_TEST(real_files_are_read_as_another_reader_reads_them)
{
    glob_t found;
    unsigned n = 0;
    ck_assert_msg(glob("/usr/share/games/openttd/baseset/openmsx/*.mid", 0, NULL, &found) == 0,
                  "openttd-openmsx is not installed (scripts/bootstrap test)");
    ck_assert_uint_eq(found.gl_pathc, 31);
    for (size_t i = 0; i < found.gl_pathc; i += RIG_ROUNDS(1, 8))
        n += check_file(found.gl_pathv[i]);
    ck_assert_uint_gt(n, RIG_ROUNDS(170000, 10000));
    globfree(&found);
}
END_TEST

START_TEST(formats_and_divisions_that_are_rare_are_read_as_another_reader_reads_them)
{
    char folder[] = "/tmp/dawd-smf-XXXXXX", command[128];
    glob_t found;
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(command, sizeof command, "python3 tests/smf/make.py %s", folder);
    ck_assert_int_eq(system(command), 0);
    snprintf(command, sizeof command, "%s/*.mid", folder);
    ck_assert_int_eq(glob(command, 0, NULL, &found), 0);
    ck_assert_uint_eq(found.gl_pathc, 22);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        check_file(found.gl_pathv[i]);
        unlink(found.gl_pathv[i]);
    }
    globfree(&found);
    rmdir(folder);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {real_files_are_read_as_another_reader_reads_them,
                                  formats_and_divisions_that_are_rare_are_read_as_another_reader_reads_them};
    return suite_run("MIDI files and another reader", 60, tests, sizeof tests / sizeof *tests);
}
