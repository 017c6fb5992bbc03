/* Row J4: what JACK, or the system below it, withholds is named at once, with its cure, and harms nothing else.
 *
 * Each trial starts a daemon where one thing is missing, and asks until /jack/info and the log name it; all requests meanwhile
 * are answered in time. Nobody ever starts a JACK server on its own. */
#include <dirent.h>
#include <fcntl.h>
#include <jack/jack.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "graph/node.h"
#include "tests/system/jack_rows.h"
#include "tests/system/studio.h"

#define NAMED_MS   1000.0
#define REPLY_MS   100.0
#define OUTPUTS    20  /* of eight channels each: more than a server of 128 ports has */
#define PATIENCE_S 8.0 /* longer than JACK takes to start a server */

struct grants {
    const struct jack_row *row;
    struct studio *studio;
    jack_client_t *other;      /* of the test's own; null: none */
    double named_ms, reply_ms; /* the longest */
    unsigned n_named, n_alive, n_children;
};

struct trial {
    const char *what;
    const char *const *prefix;
    unsigned port_max;
    bool no_server;
    const char *cause, *cure;              /* parts of the sentence */
    void (*before)(struct grants *grants); /* the daemon is started; may be null, as the next */
    void (*after)(struct grants *grants);
};

/* ---- what is missing ------------------------------------------------------------------------------------------------ */

/* Root may do all this whatever its limits are, unless it cannot have the capabilities. */
static const char *const no_priority[] = {"setpriv", "--bounding-set", "-sys_nice,-sys_resource",
                                          "prlimit", "--rtprio=0",     NULL};
static const char *const no_lock[] = {"setpriv", "--bounding-set",    "-ipc_lock,-sys_resource",
                                      "prlimit", "--memlock=8388608", NULL};

static void name_take(struct grants *grants)
{
    grants->other =
        jack_client_open(grants->studio->name, JackNoStartServer | JackServerName, NULL, grants->studio->server);
    if (!grants->other)
        rig_fail("the JACK server refuses a client");
}

static void room_set(const char *size)
{
    char option[32];
    snprintf(option, sizeof option, "size=%s,mode=1777", size);
    if (mount("dawd-test", "/dev/shm", "tmpfs", MS_REMOUNT, option))
        rig_fail("/dev/shm cannot be made another size");
}

static void room_take(struct grants *grants)
{
    (void)grants;
    room_set("64m");
}

/* A server that does not survive its start. */
static void server_try(struct grants *grants)
{
    char log[128];
    snprintf(log, sizeof log, "%s/jackd.log", grants->studio->folder);
    const char *argv[] = {"jackd", "-n", grants->studio->server, "-d", "dummy", NULL};
    process_start(&grants->studio->jackd, log, argv, NULL);
    if (!process_wait(&grants->studio->jackd, 5) || grants->studio->jackd.status != 128 + SIGBUS)
        rig_fail("jackd has not ended with a bus error in 64 MB, but with %d", grants->studio->jackd.status);
}

static void outputs_add(struct grants *grants)
{
    struct studio *studio = grants->studio;
    for (unsigned i = 0; i < OUTPUTS; i++)
        client_do(&studio->client, "/graph/add output o%u channels 8", i);
}

/* What has no port works on, unconnected. */
static void outputs_use(struct studio *studio)
{
    client_do(&studio->client, "/graph/add osc tone channels 8");
    client_do(&studio->client, "/graph/connect tone o%u", OUTPUTS - 1);
    client_do(&studio->client, "/node/o%u/ceiling -3.0", OUTPUTS - 1);
    client_do(&studio->client, "/graph/remove o%u", OUTPUTS - 1);
}

static const struct trial trials[] = {
    {"priority", no_priority, .cause = "RLIMIT_RTPRIO is 0 and would have to be", .cure = "LimitRTPRIO=95"},
    {"lock", no_lock, .cause = "RLIMIT_MEMLOCK is 8192 KiB and would have to be unlimited",
     .cure = "LimitMEMLOCK=infinity"},
    {"server", .no_server = true, .cause = "no such server runs", .cure = "--server"},
    {"name", .cause = "\"dut\" is taken, this one is \"dut-01\"", .cure = "another --name", .before = name_take},
    {"ports", .port_max = 128, .cause = "limit is reached, all its 127 ports exist", .cure = "greater -p",
     .after = outputs_add},
    {"room", .no_server = true, .cause = "/dev/shm is too small for one: jackd needs 104 MiB", .cure = "remount,size=256m",
     .before = room_take, .after = server_try},
};

/* ---- looking -------------------------------------------------------------------------------------------------------- */

/* Processes that the daemon has started. */
static unsigned children_of(pid_t parent)
{
    unsigned n = 0;
    DIR *folder = opendir("/proc");
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        char path[300], text[512];
        int pid, ppid;
        char *behind;
        snprintf(path, sizeof path, "/proc/%s/stat", entry->d_name);
        FILE *file = sscanf(entry->d_name, "%d", &pid) == 1 ? fopen(path, "r") : NULL;
        if (!file)
            continue;
        text[fread(text, 1, sizeof text - 1, file)] = '\0';
        fclose(file);
        behind = strrchr(text, ')');
        n += behind && sscanf(behind, ") %*c %d", &ppid) == 1 && ppid == parent;
    }
    if (folder)
        closedir(folder);
    return n;
}

static const struct answer *ask(struct grants *grants, const char *line)
{
    double start = now_s();
    const struct answer *answer = client_ask(&grants->studio->client, "%s", line);
    grants->reply_ms = fmax(grants->reply_ms, 1e3 * (now_s() - start));
    return answer;
}

static bool is_named(struct grants *grants, const struct trial *trial)
{
    const struct answer *answer = ask(grants, "/jack/info");
    bool told = false;
    for (int i = 0; answer->came && i < answer_count(answer); i++)
        told |= strstr(answer_string(answer, i), trial->cause) && strstr(answer_string(answer, i), trial->cure);
    /* Waiting is told in few words there, and without a cure: it is no fault. */
    return told && (trial->no_server || process_says(&grants->studio->dawd, trial->cause, 0));
}

static void daemon_start(struct grants *grants)
{
    struct studio *studio = grants->studio;
    studio_spawn_daemon(studio, &studio->dawd);
    for (double end = now_s() + PATIENCE_S; !client_try_unix(&studio->client, studio->socket); pause_s(0.005))
        if (process_wait(&studio->dawd, 0) || now_s() > end)
            rig_fail("dawd does not listen at %s (exit status %d)", studio->socket, studio->dawd.status);
}

static void trial_run(struct grants *grants, const struct trial *trial)
{
    bool named = false;
    struct studio *studio = grants->studio = studio_open(&(struct studio_options){
        .no_server = trial->no_server,
        .no_daemon = true,
        .port_max = trial->port_max,
        .prefix = trial->prefix,
        .variant = grants->row->mutant ? "mutant" : NULL,
        .environment = jack_row_environment(grants->row),
    });
    if (trial->before)
        trial->before(grants);
    daemon_start(grants);
    if (trial->after)
        trial->after(grants);
    double since_s = now_s(); /* somebody is there to ask, and the trial's cause has come up */
    for (double end = now_s() + PATIENCE_S; !named && now_s() < end; pause_s(0.01)) {
        named = is_named(grants, trial);
        grants->n_children += children_of(studio->dawd.pid);
    }
    double took_ms = 1e3 * (now_s() - since_s);
    grants->named_ms = fmax(grants->named_ms, took_ms);
    grants->n_named += named;
    if (trial->port_max && named)
        outputs_use(studio);
    bool lives = ask(grants, "/ping")->done && !process_wait(&studio->dawd, 0);
    grants->n_alive += lives;
    if (!named || took_ms > NAMED_MS || !lives)
        jack_row_print(grants->row, "%s: named %d after %.0f ms, alive %d:\n%s\n", trial->what, named, took_ms, lives,
                       process_output(&studio->dawd));
    if (grants->other)
        jack_client_close(grants->other);
    grants->other = NULL;
    studio_close(studio);
}

static bool is_fine(const struct grants *grants, unsigned n_trials)
{
    return grants->n_named == n_trials && grants->n_alive == n_trials && grants->n_children == 0 &&
           grants->named_ms <= NAMED_MS && grants->reply_ms <= REPLY_MS;
}

bool jack_row_j4(const struct jack_row *row)
{
    struct grants grants = {.row = row};
    jack_rows_own_room("1g");
    for (unsigned i = 0; i < ROWS(trials) && (!row->mutant || is_fine(&grants, i)); i++) /* a flaw shows once */
        trial_run(&grants, &trials[i]);
    bool pass = is_fine(&grants, ROWS(trials));
    jack_row_print(row, "REL J4 causes=%u/%zu alive=%u/%zu named_max_ms=%.0f reply_max_ms=%.1f started_servers=%u %s\n",
                   grants.n_named, ROWS(trials), grants.n_alive, ROWS(trials), grants.named_ms, grants.reply_ms,
                   grants.n_children, pass ? "PASS" : "FAIL");
    return pass;
}

/* ---- nothing left --------------------------------------------------------------------------------------------------- */

/* Fills /dev/shm up to so many bytes. */
static void fill(const char *path, uint64_t left)
{
    struct statvfs room;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || fstatvfs(fd, &room) || posix_fallocate(fd, 0, (off_t)(room.f_bavail * room.f_frsize - left)))
        rig_fail("cannot fill /dev/shm");
    close(fd);
}

/* Whether the daemon says so within a second and is still there in the next. */
static bool waits(struct grants *grants)
{
    const struct trial full = {
        .what = "full", .no_server = true, .cause = "a client needs 512 KiB of /dev/shm", .cure = "remove"};
    bool named = false;
    for (double end = now_s() + 1; !named && now_s() < end; pause_s(0.02))
        named = is_named(grants, &full);
    return named && !process_wait(&grants->studio->dawd, 1) && !process_wait(&grants->studio->jackd, 0);
}

bool jack_row_j4_full(const struct jack_row *row)
{
    char filler[128];
    struct grants grants = {.row = row};
    jack_rows_own_room("160m");
    struct studio *studio = grants.studio = studio_open(&(struct studio_options){
        .no_daemon = true, .variant = row->mutant ? "mutant" : NULL, .environment = jack_row_environment(row)});
    snprintf(filler, sizeof filler, "%s/filler", studio->folder);
    fill(filler, 16 << 10);
    daemon_start(&grants);
    bool has_waited = waits(&grants);
    unlink(filler);
    bool runs = has_waited && studio_has_port(studio, "dut:out_1");
    bool pass = runs && grants.reply_ms <= REPLY_MS;
    jack_row_print(row, "REL J4 full_shm_waited_out=%s runs_after=%s reply_max_ms=%.1f %s\n", has_waited ? "yes" : "no",
                   runs ? "yes" : "no", grants.reply_ms, pass ? "PASS" : "FAIL");
    studio_close(studio);
    return pass;
}
