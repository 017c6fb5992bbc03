/* Row D7: the daemon is killed while it saves, again and again, on a real disk. The file is whole each time, and never older than
 * what was answered; what a kill cannot show, the order of the calls into the kernel, is looked at beside. */
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "graph/node.h"
#include "tests/suite.h"
#include "tests/system/saves.h"
#include "tests/system/studio.h"
#include "tests/system/takes.h"

#ifdef DAWD_MUTANTS
#define KILLS 40
#else
#define KILLS 400
#endif
#define NODES       100
#define ACKED       2     /* saves that are answered, in each round, before the one in which it is killed */
#define SAVE_MOST_S 0.050 /* of the 99th percentile, */
#define OWN_MOST_S  0.025 /* or of this, beside the syncs, where the disk alone takes most of that */
#define TEXT_BYTES  65536

struct rig {
    struct studio *studio;
    struct saves *saves;
    char folder[64], session[80];
    char preload[600], file[160];
    const char *environment[3], *arguments[5];
    unsigned seed;
    double took_s[KILLS * ACKED], disk_s[KILLS * ACKED], own_s[KILLS * ACKED];
    unsigned n_took;
    unsigned serial; /* the newest that was asked to be saved */
    unsigned n_torn, n_missing, n_old, n_present, n_new;
};

static void open_rig(struct rig *rig)
{
    *rig = (struct rig){.seed = 7, .folder = "/tmp/dawd-save-XXXXXX"};
    rig->studio = studio_open(&(struct studio_options){.no_server = true, .no_daemon = true});
    ck_assert_ptr_nonnull(mkdtemp(rig->folder));
    snprintf(rig->session, sizeof rig->session, "%s/song.dawd", rig->folder);
    snprintf(rig->preload, sizeof rig->preload, "LD_PRELOAD=%s", studio_build(NULL, "tests/system/preload_saves.so"));
    studio_write(rig->studio, "saves", &(struct saves){0}, sizeof *rig->saves);
    snprintf(rig->file, sizeof rig->file, "DAWD_SAVES=%s", takes_path(rig->studio, "saves"));
    int fd = open(takes_path(rig->studio, "saves"), O_RDWR | O_CLOEXEC);
    rig->saves = mmap(NULL, sizeof *rig->saves, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    ck_assert(fd >= 0 && rig->saves != MAP_FAILED);
    close(fd);
    memcpy(rig->environment, (const char *[]){rig->preload, rig->file, NULL}, sizeof rig->environment);
    memcpy(rig->arguments, (const char *[]){"--no-jack", "--root", rig->folder, NULL, NULL}, sizeof rig->arguments);
    rig->studio->options.environment = rig->environment;
    rig->studio->options.arguments = rig->arguments;
}

static void close_rig(struct rig *rig)
{
    munmap(rig->saves, sizeof *rig->saves);
    unlink(rig->session);
    ck_assert_msg(rmdir(rig->folder) == 0, "a file is left behind in %s", rig->folder);
    studio_close(rig->studio);
}

/* Another state than ever before, to be saved. */
static void change(struct rig *rig)
{
    client_tell(&rig->studio->client, "/node/serial/value %u.0", ++rig->serial);
}

static void save_acked(struct rig *rig)
{
    change(rig);
    double start = now_s();
    client_do(&rig->studio->client, "/session/save %s", rig->session);
    double took_s = now_s() - start, disk_s = 1e-9 * (double)atomic_load(&rig->saves->sync_ns);
    rig->took_s[rig->n_took] = took_s;
    rig->disk_s[rig->n_took] = disk_s;
    rig->own_s[rig->n_took++] = took_s - disk_s;
}

/* The file as it is now: the number of what it holds, 0 when it is not whole. */
static unsigned read_serial(struct rig *rig)
{
    char text[TEXT_BYTES];
    FILE *file = fopen(rig->session, "r");
    rig->n_missing += !file;
    size_t n = file ? fread(text, 1, sizeof text - 1, file) : 0;
    text[n] = '\0';
    if (file)
        fclose(file);
    const char *at = strstr(text, "constant serial value ");
    bool is_whole = strncmp(text, "# dawd session 1\n", 17) == 0 && n > 6 && strcmp(text + n - 6, "# end\n") == 0 && at;
    rig->n_torn += file && !is_whole;
    return is_whole ? (unsigned)atof(at + strlen("constant serial value ")) : 0;
}

static unsigned chance(unsigned *seed, unsigned n)
{
    *seed = *seed * 1664525 + 1013904223;
    return (*seed >> 8) % n;
}

/* New files that a kill has left; only one may be under way at a time. */
static void sweep(const struct rig *rig)
{
    char output[64], command[160];
    snprintf(command, sizeof command, "rm -f %s/.dawd-*", rig->folder);
    process_run((const char *const[]){"sh", "-c", command, NULL}, output, sizeof output);
}

static void begin(struct rig *rig)
{
    struct client *client = &rig->studio->client;
    studio_start_daemon(rig->studio);
    client_do(client, "/graph/add constant serial");
    for (unsigned i = 0; i < NODES; i++)
        client_do(client, "/graph/add gain a.rather.long.name.of.a.node.%u gain -3.25", i);
    client_do(client, "/session/save %s", rig->session);
    client_do(client, "/quit");
    ck_assert(process_wait(&rig->studio->dawd, 5));
    rig->arguments[3] = rig->session;
}

/* A daemon that saves, and is killed at some moment around a save that is not answered yet. */
static void play_round(struct rig *rig, double typical_s)
{
    studio_start_daemon(rig->studio);
    for (unsigned i = 0; i < ACKED; i++)
        save_acked(rig);
    unsigned acked = rig->serial;
    change(rig);
    client_tell(&rig->studio->client, "/session/save %s", rig->session);
    pause_s(chance(&rig->seed, 1000) * 1.5e-3 * typical_s);
    kill(rig->studio->dawd.pid, SIGKILL);
    ck_assert(process_wait(&rig->studio->dawd, 5));
    unsigned found = read_serial(rig);
    rig->n_present += found >= acked && found <= rig->serial;
    rig->n_new += found == rig->serial;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double percentile(double *values, unsigned n, double part)
{
    qsort(values, n, sizeof *values, by_size);
    return values[(size_t)(part * (n - 1))];
}

START_TEST(whenever_it_dies_the_file_is_whole_and_no_older_than_was_answered)
{
    static struct rig rig;
    open_rig(&rig);
    begin(&rig);
    double typical_s = 0.002;
    for (unsigned i = 0; i < KILLS; i++) {
        play_round(&rig, typical_s);
        typical_s = percentile(rig.took_s, rig.n_took, 0.5);
    }
    sweep(&rig);
    double p99_s = percentile(rig.took_s, rig.n_took, 0.99), disk_p99_s = percentile(rig.disk_s, rig.n_took, 0.99),
           own_p99_s = percentile(rig.own_s, rig.n_took, 0.99);
    bool is_fast = p99_s <= SAVE_MOST_S || (disk_p99_s > OWN_MOST_S && own_p99_s <= OWN_MOST_S);
    uint64_t n_renamed = rig.saves->n_renamed, n_unsynced = rig.saves->n_unsynced, n_complete = rig.saves->n_complete;
    unsigned n_acked = KILLS * ACKED + 1;
    bool is_ordered = n_unsynced == 0 && n_complete >= n_acked && n_renamed >= n_complete;
    bool pass = rig.n_torn == 0 && rig.n_missing == 0 && rig.n_present == KILLS && is_ordered && is_fast;
    printf("REL D7 kills=%d torn=%u missing=%u acked_present=%u/%d new=%u fsync_rename_dirsync=%llu/%u unsynced=%llu "
           "save_p50_ms=%.1f save_p99_ms=%.1f disk_p99_ms=%.1f own_p99_ms=%.1f %s\n",
           KILLS, rig.n_torn, rig.n_missing, rig.n_present, KILLS, rig.n_new, (unsigned long long)n_complete, n_acked,
           (unsigned long long)n_unsynced, 1e3 * typical_s, 1e3 * p99_s, 1e3 * disk_p99_s, 1e3 * own_p99_s,
           pass ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert(pass);
    close_rig(&rig);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {whenever_it_dies_the_file_is_whole_and_no_older_than_was_answered};
    return suite_run("killed while it saves", 120, tests, ROWS(tests));
}
