/* Memory runs out: at each allocation that requests make, in turn, and then for good. Nothing crashes, what is refused has
 * changed nothing, and nothing is lost. Row D10 of the reliability catalogue. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "osc/command.h"
#include "osc/journal_replay.h"
#include "tests/journal_rig.h"
#include "tests/no_memory.h"
#include "tests/undo_rig.h"

#ifdef __SANITIZE_ADDRESS__
#define STEP 13 /* slow */
#elif defined(__SANITIZE_THREAD__)
#define STEP 53 /* and there is only one thread */
#else
#define STEP 1
#endif

/* ---- the rig's own part never fails ---------------------------------------------------------------------------------- */

static struct osc_rig rig;
static struct sender sender;
static struct host host;

static int send_armed(void *self, const struct peer *peer, const void *bytes, size_t n)
{
    bool was = no_memory_pause();
    int code = sender.send(self, peer, bytes, n);
    no_memory_go_on(was);
    return code;
}

/* What the loader brings meets failing memory as well. */
struct ending {
    void (*on_media)(void *user, const struct loaded *loaded);
    void (*on_read)(void *user, const struct loaded_text *text);
    void (*on_saved)(void *user, const struct error *error);
    void *user;
};

static struct ending *ending_new(struct ending ending)
{
    struct ending *made = malloc(sizeof *made);
    *made = ending;
    return made;
}

static void media_armed(void *user, const struct loaded *loaded)
{
    struct ending *ending = user;
    no_memory_go_on(true);
    ending->on_media(ending->user, loaded);
    no_memory_pause();
    free(ending);
}

static void read_armed(void *user, const struct loaded_text *text)
{
    struct ending *ending = user;
    no_memory_go_on(true);
    ending->on_read(ending->user, text);
    no_memory_pause();
    free(ending);
}

static void saved_armed(void *user, const struct error *error)
{
    struct ending *ending = user;
    no_memory_go_on(true);
    ending->on_saved(ending->user, error);
    no_memory_pause();
    free(ending);
}

static int load_media(void *self, const struct media_wish *wish, void (*done)(void *user, const struct loaded *loaded),
                      void *user, struct error *error)
{
    bool was = no_memory_pause();
    int code = host.load(self, wish, media_armed, ending_new((struct ending){.on_media = done, .user = user}), error);
    no_memory_go_on(was);
    return code;
}

static int read_text(void *self, const char *path, void (*done)(void *user, const struct loaded_text *text), void *user,
                     struct error *error)
{
    bool was = no_memory_pause();
    int code = host.read_text(self, path, read_armed, ending_new((struct ending){.on_read = done, .user = user}), error);
    no_memory_go_on(was);
    return code;
}

static int save_text(void *self, const char *path, const struct saved_text *text,
                     void (*done)(void *user, const struct error *error), void *user, struct error *error)
{
    bool was = no_memory_pause();
    int code =
        host.save_text(self, path, text, saved_armed, ending_new((struct ending){.on_saved = done, .user = user}), error);
    no_memory_go_on(was);
    return code;
}

/* ---- what a crash would leave ---------------------------------------------------------------------------------------- */

/* As the state folder has it: the newest snapshot, and groups behind it. */
static struct {
    struct journal journal;
    struct bytes snapshot, groups;
} kept;

static void keep_snapshot(void)
{
    struct snapshot snapshot = {0};
    struct bytes text = {0};
    struct error error = {0};
    int code = journal_take_snapshot(&kept.journal, &snapshot, &text, NULL, 0, &error);
    bool was = no_memory_pause();
    if (!code) {
        bytes_clear(&kept.snapshot, 0);
        bytes_add(&kept.snapshot, text.data, text.n);
        bytes_clear(&kept.groups, 0);
        journal_file_begin(snapshot.sum, &kept.groups);
        snapshot_deinit(&snapshot);
    }
    bytes_deinit(&text);
    no_memory_go_on(was);
}

/* With failing memory, as requests. */
static void keep(void)
{
    struct bytes groups = {0};
    if (!journal_look(&kept.journal))
        return;
    if (kept.journal.needs_snapshot) {
        keep_snapshot();
        return;
    }
    journal_take(&kept.journal, &groups);
    bool was = no_memory_pause();
    if (!groups.failed)
        bytes_add(&kept.groups, groups.data, groups.n);
    bytes_deinit(&groups);
    no_memory_go_on(was);
}

/* Whether what is kept gives the session that is there. */
static bool comes_back(void)
{
    struct osc_rig copy;
    struct snapshot snapshot;
    struct journal_reader reader;
    struct error stopped = {0}, error = {0};
    keep();
    osc_rig_open(&copy);
    bool is_same = !snapshot_read(&snapshot, (const char *)kept.snapshot.data, kept.snapshot.n, &error) &&
                   journal_read(&reader, (const char *)kept.groups.data, kept.groups.n, snapshot.sum) &&
                   !journal_replay(copy.server, &snapshot, &reader, 0, &stopped, &error) && !stopped.code;
    char *now = undo_rig_text(&rig);
    is_same = is_same && strlen(now) == snapshot.text.n && memcmp(now, snapshot.text.data, snapshot.text.n) == 0;
    free(now);
    snapshot_deinit(&snapshot);
    osc_rig_close(&copy);
    return is_same;
}

/* ---- requests ---------------------------------------------------------------------------------------------------------- */

static void open_rig(void)
{
    osc_rig_open(&rig);
    osc_rig_run(&rig); /* in and out are there */
    sender = rig.server->sender;
    host = rig.host;
    rig.server->sender.send = send_armed;
    rig.host.load = load_media;
    rig.host.read_text = read_text;
    rig.host.save_text = save_text;
    rig.peer = osc_rig_stream(1);
    journal_open(&kept.journal, rig.server, 0);
    keep_snapshot();
}

static void close_rig(void)
{
    journal_close(&kept.journal);
    bytes_deinit(&kept.snapshot);
    bytes_deinit(&kept.groups);
    osc_rig_close(&rig);
}

static const char *const lines[] = {
    "/graph/add osc a freq 300.0",
    "/graph/connect a out",
    "/node/a/freq 400.0",
    "/node/a",
    "/graph/list",
    "/graph/dump",
    "/graph/dump dot",
    "/graph/dump json",
    "/describe osc",
    "[\n/tx label x\n/graph/add gain b\n/graph/connect a b gain -6\n/graph/disconnect a out\n/node/b/gain -3.0\n]",
    "/graph/add player p file ab.wav",
    "/node/p/file ef.wav",
    "/graph/rename b c",
    "/graph/copy a d edges freq 500.0",
    "/graph/replace c delay",
    "/graph/path a out",
    "[\n/graph/clear\n/graph/add gain b\n]",
    "/graph/add osc a",
    "[\n/graph/add player q file ab.wav\n/graph/add player r file ef.wav\n/graph/connect r out\n]",
    "/node/a/freq 300.0",
    "/undo",
    "/undo 3",
    "/redo 2",
    "/history",
    "/history/get 1",
    "[\n/tx label \"a name\"\n/graph/remove r\n]",
    "/undo",
    "/sub \"/node/*/freq\"",
    "/sub \"/event/*\" max_hz 10",
    "/node/a/freq 310.0",
    "/graph/add gain heard",
    "/unsub \"/event/*\"",
    "/transport/tempo 100.0",
    "/transport/play",
    "/sync 3",
    "/stats",
    "/session/save one",
    "/session/load one",
    "/session/info",
    "/session/new",
    "/session/back",
    "/session/new",
    "/graph/add osc a",
    "/graph/remove a",
    "/graph/remove nobody",
};

static const char session[] = "# dawd session 1\n/graph/add osc a\n/graph/add player p file ab.wav\n"
                              "/graph/add player r file ef.wav\n/graph/connect p out\n/node/out/ceiling -3.0\n# end\n";

/* Ends whatever the loader was asked for. */
static void bring(void)
{
    while (rig.n_texts)
        if (rig.texts[0].on_saved)
            free(osc_rig_saved(&rig, "one"));
        else
            osc_rig_read(&rig, "one", session, strlen(session));
    while (rig.n_loads)
        osc_rig_load(&rig, rig.loads[0].path[0] == 'a' ? "ab.wav" : "ef.wav");
}

/* Asks with failing memory; a file, if one is wanted, comes with failing memory as well. */
static unsigned ask(const char *line)
{
    struct bytes packet = {0};
    unsigned before = rig.n_answers;
    osc_rig_packet(line, PACKET_TIME_NOW, &packet);
    no_memory_go_on(true);
    request_arrive(rig.server, &rig.peer, packet.data, packet.n);
    osc_rig_run(&rig);
    no_memory_pause();
    bring();
    no_memory_go_on(true);
    osc_rig_run(&rig);
    keep();
    no_memory_pause();
    bytes_deinit(&packet);
    return rig.n_answers - before;
}

/* What has become of all tries. */
static struct {
    unsigned n_points, n_refused;
} seen;

/* Returns how many requests got no answer. */
static unsigned ask_all(void)
{
    unsigned n_silent = 0;
    for (unsigned i = 0; i < ROWS(lines); i++) {
        char *before = strdup(osc_rig_dump(&rig));
        unsigned n = ask(lines[i]);
        ck_assert_msg(n <= 1, "%s is answered %u times, at last by %s", lines[i], n, rig.answers[rig.n_answers - 1].line);
        const char *answer = osc_rig_line(&rig);
        bool is_refused = strncmp(answer, "/fail", 5) == 0 && !strstr(answer, "what was asked is done");
        if (is_refused)
            ck_assert_msg(strcmp(osc_rig_dump(&rig), before) == 0, "%s: %s, but the graph was\n%sand is\n%s", lines[i],
                          answer, before, rig.dump);
        seen.n_refused += is_refused;
        n_silent += n == 0;
        free(before);
    }
    ck_assert_ptr_null(rig.server->parked);
    return n_silent;
}

static void run_out_everywhere(bool for_good, unsigned most_silent)
{
    size_t heap = 0;
    bool has_failed = true;
    for (unsigned n = 1; has_failed; n += STEP) {
        open_rig();
        no_memory_from(n, for_good);
        no_memory_pause();
        unsigned n_silent = ask_all();
        has_failed = no_memory_ends();
        ck_assert_msg(n_silent <= most_silent, "%u requests got no answer when allocation %u failed", n_silent, n);
        ck_assert(has_failed || n_silent == 0);
        ck_assert_msg(comes_back(), "when allocation %u fails, what is kept gives another session", n);
        close_rig();
        size_t now = no_memory_used();
        ck_assert_msg(!heap || now <= heap, "%zu bytes are lost when allocation %u fails", now - heap, n);
        heap = now;
        seen.n_points += has_failed;
        ck_assert_uint_lt(n, 10000);
    }
}

/* An answer is lost where its own memory, even for /fail, is what ran out. */
START_TEST(any_allocation_may_fail_and_all_from_any_on)
{
    run_out_everywhere(false, 1);
    run_out_everywhere(true, ROWS(lines));
    printf("REL D10 points=%u refused=%u crash=0 leak=0 unchanged_when_refused=%u comes_back=%u %s\n", seen.n_points,
           seen.n_refused, seen.n_refused, seen.n_points, seen.n_points >= 1000 / STEP ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert_uint_ge(seen.n_points, 1000 / STEP);
}
END_TEST

int main(int argc, char **argv)
{
    const TTest *const tests[] = {any_allocation_may_fail_and_all_from_any_on};
    (void)argc;
    /* Large blocks come and go thousands of times: their pages stay. */
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    /* Freed blocks that malloc keeps at hand would count as used. */
    if (!getenv("GLIBC_TUNABLES")) {
        setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0:glibc.malloc.mxfast=0", 1);
        execv("/proc/self/exe", argv);
    }
    return osc_rig_suite("memory", NULL, NULL, tests, ROWS(tests));
}
