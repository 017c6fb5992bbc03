/* Memory runs out: at each allocation that requests make, in turn, and then for good. Nothing crashes, what is refused has
 * changed nothing, and nothing is lost. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "osc/command.h"
#include "tests/osc_rig.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

int main(void)
{
    puts("the sanitizers have an allocator of their own");
    return 0;
}

#else

/* glibc's own, which let a program put its allocator in front. */
extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *memory, size_t bytes);

static bool armed, for_good; /* whether allocations count, and whether all fail behind the first */
static long n_left;          /* allocations that succeed */
static bool has_failed;

static bool fails(void)
{
    if (!armed)
        return false;
    bool now = for_good ? n_left <= 0 : n_left == 0;
    n_left--;
    has_failed |= now;
    return now;
}

void *malloc(size_t bytes)
{
    return fails() ? NULL : __libc_malloc(bytes);
}

void *calloc(size_t n, size_t size)
{
    return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *memory, size_t bytes)
{
    return fails() ? NULL : __libc_realloc(memory, bytes);
}

/* ---- the rig's own part never fails ---------------------------------------------------------------------------------- */

static struct osc_rig rig;
static struct sender sender;
static struct host host;

static int send_armed(void *self, const struct peer *peer, const void *bytes, size_t n)
{
    bool was = armed;
    armed = false;
    int code = sender.send(self, peer, bytes, n);
    armed = was;
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
    struct ending *made = __libc_malloc(sizeof *made);
    *made = ending;
    return made;
}

static void media_armed(void *user, const struct loaded *loaded)
{
    struct ending *ending = user;
    armed = true;
    ending->on_media(ending->user, loaded);
    armed = false;
    free(ending);
}

static void read_armed(void *user, const struct loaded_text *text)
{
    struct ending *ending = user;
    armed = true;
    ending->on_read(ending->user, text);
    armed = false;
    free(ending);
}

static void saved_armed(void *user, const struct error *error)
{
    struct ending *ending = user;
    armed = true;
    ending->on_saved(ending->user, error);
    armed = false;
    free(ending);
}

static int load_media(void *self, const char *path, double rate_hz, void (*done)(void *user, const struct loaded *loaded),
                      void *user, struct error *error)
{
    bool was = armed;
    armed = false;
    int code =
        host.load(self, path, rate_hz, media_armed, ending_new((struct ending){.on_media = done, .user = user}), error);
    armed = was;
    return code;
}

static int read_text(void *self, const char *path, void (*done)(void *user, const struct loaded_text *text), void *user,
                     struct error *error)
{
    bool was = armed;
    armed = false;
    int code = host.read_text(self, path, read_armed, ending_new((struct ending){.on_read = done, .user = user}), error);
    armed = was;
    return code;
}

static int save_text(void *self, const char *path, const struct saved_text *text,
                     void (*done)(void *user, const struct error *error), void *user, struct error *error)
{
    bool was = armed;
    armed = false;
    int code =
        host.save_text(self, path, text, saved_armed, ending_new((struct ending){.on_saved = done, .user = user}), error);
    armed = was;
    return code;
}

static void open_rig(void)
{
    osc_rig_open(&rig);
    sender = rig.server->sender;
    host = rig.host;
    rig.server->sender.send = send_armed;
    rig.host.load = load_media;
    rig.host.read_text = read_text;
    rig.host.save_text = save_text;
    rig.peer = osc_rig_stream(1);
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
    "/sync 3",
    "/stats",
    "/session/save one",
    "/session/load one",
    "/session/info",
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
    armed = true;
    request_arrive(rig.server, &rig.peer, packet.data, packet.n);
    osc_rig_run(&rig);
    armed = false;
    bring();
    armed = true;
    osc_rig_run(&rig);
    armed = false;
    bytes_deinit(&packet);
    return rig.n_answers - before;
}

/* Returns how many requests got no answer. */
static unsigned ask_all(void)
{
    unsigned n_silent = 0;
    for (unsigned i = 0; i < ROWS(lines); i++) {
        char *before = strdup(osc_rig_dump(&rig));
        unsigned n = ask(lines[i]);
        ck_assert_msg(n <= 1, "%s is answered %u times", lines[i], n);
        const char *answer = osc_rig_line(&rig);
        bool is_refused = strncmp(answer, "/fail", 5) == 0 && !strstr(answer, "what was asked is done");
        if (is_refused)
            ck_assert_msg(strcmp(osc_rig_dump(&rig), before) == 0, "%s: %s, but the graph was\n%sand is\n%s", lines[i],
                          answer, before, rig.dump);
        n_silent += n == 0;
        free(before);
    }
    ck_assert_ptr_null(rig.server->parked);
    return n_silent;
}

static void run_out_everywhere(unsigned most_silent)
{
    size_t heap = 0;
    bool done = false;
    for (long n = 0; !done; n++) {
        open_rig();
        n_left = n;
        has_failed = false;
        unsigned n_silent = ask_all();
        ck_assert_msg(n_silent <= most_silent, "%u requests got no answer when allocation %ld failed", n_silent, n);
        done = !has_failed;
        ck_assert(!done || n_silent == 0);
        osc_rig_close(&rig);
        malloc_trim(0);
        size_t now = mallinfo2().uordblks;
        ck_assert_msg(!heap || now == heap, "%zu bytes are lost when allocation %ld fails", now - heap, n);
        heap = now;
        ck_assert_int_lt(n, 5000);
    }
}

/* An answer is lost where its own memory, even for /fail, is what ran out. */
START_TEST(any_single_allocation_may_fail)
{
    for_good = false;
    run_out_everywhere(1);
}
END_TEST

START_TEST(all_memory_may_be_gone_from_any_point_on)
{
    for_good = true;
    run_out_everywhere(ROWS(lines));
}
END_TEST

int main(int argc, char **argv)
{
    const TTest *const tests[] = {any_single_allocation_may_fail, all_memory_may_be_gone_from_any_point_on};
    (void)argc;
    /* Freed blocks that malloc keeps at hand would count as used. */
    if (!getenv("GLIBC_TUNABLES")) {
        setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0:glibc.malloc.mxfast=0", 1);
        execv("/proc/self/exe", argv);
    }
    return osc_rig_suite("memory", NULL, NULL, tests, ROWS(tests));
}

#endif
