/* Half of the period is work, and no cycle is late: row R4 of the reliability catalogue.
 *
 * A session of tracks that all move is made as large as half a period, and plays beside a client that does nothing. Work is
 * measured as processor time of the audio thread. Which client a cycle was late for is what the JACK server says in its log.
 * On each processor a thread above all of JACK watches the machine itself: a moment in which even that was not served is nobody's
 * fault here (the clock of a thread runs on while a virtual machine stands still), and is taken anew. Not part of system-check:
 * what the caches of a machine do that others use too is in the figures.
 */
#include <check.h>
#include <fcntl.h>
#include <jack/jack.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "graph/node.h"
#include "tests/system/cost.h"
#include "tests/system/studio.h"
#include "tests/system/suite.h"

#define PERIOD_US   (256 * 1e6 / 48000)
#define SHARE       0.50
#define SHARE_OFF   0.03 /* as near as the session is made to it */
#define WINDOW_S    0.2
#define WINDOWS     150 /* quiet ones */
#define WINDOWS_ALL 600
#define STALL_NS    300000
#define TRACKS_MAX  4000
#define WATCHES_MAX 64 /* processors that are watched */

/* ---- the machine ---------------------------------------------------------------------------------------------------- */

struct machine {
    _Atomic int64_t worst_ns; /* that a watch woke up too late */
    _Atomic bool ends;
    pthread_t threads[WATCHES_MAX];
    unsigned n;
};

static void *machine_watch(void *user)
{
    struct machine *machine = user;
    sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){.sched_priority = 90});
    struct timespec due, now;
    clock_gettime(CLOCK_MONOTONIC, &due);
    while (!machine->ends) {
        due.tv_nsec += 500000;
        due.tv_sec += due.tv_nsec / 1000000000;
        due.tv_nsec %= 1000000000;
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
        clock_gettime(CLOCK_MONOTONIC, &now);
        int64_t late_ns = (int64_t)(now.tv_sec - due.tv_sec) * 1000000000 + now.tv_nsec - due.tv_nsec;
        for (int64_t worst_ns = machine->worst_ns; late_ns > worst_ns;)
            if (atomic_compare_exchange_weak(&machine->worst_ns, &worst_ns, late_ns))
                break;
        if (late_ns > STALL_NS)
            due = now;
    }
    return NULL;
}

static void machine_open(struct machine *machine)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    for (machine->n = 0; machine->n < WATCHES_MAX && machine->n < n; machine->n++) {
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(machine->n, &one);
        if (pthread_create(&machine->threads[machine->n], NULL, machine_watch, machine))
            rig_fail("no thread");
        pthread_setaffinity_np(machine->threads[machine->n], sizeof one, &one);
    }
}

static void machine_close(struct machine *machine)
{
    machine->ends = true;
    while (machine->n)
        pthread_join(machine->threads[--machine->n], NULL);
}

/* Time that the host has taken for itself, in ticks of all processors; 0 where it does not say. */
static long stolen(void)
{
    FILE *file = fopen("/proc/stat", "r");
    long steal = 0;
    if (file && fscanf(file, "cpu %*d %*d %*d %*d %*d %*d %*d %ld", &steal) != 1)
        steal = 0;
    if (file)
        fclose(file);
    return steal;
}

/* ---- who is late ---------------------------------------------------------------------------------------------------- */

struct late {
    unsigned daemon, control;
};

/* The server's own words on a client that was not through with a cycle. */
static struct late late_count(const struct studio *studio)
{
    struct late late = {0, 0};
    char line[512], daemon[64];
    snprintf(daemon, sizeof daemon, "client = %s was", studio->name);
    FILE *file = fopen(studio->jackd.log, "r");
    while (file && fgets(line, sizeof line, file)) {
        late.daemon += strstr(line, daemon) != NULL;
        late.control += strstr(line, "client = control was") != NULL;
    }
    if (file)
        fclose(file);
    return late;
}

static int nothing(jack_nframes_t n_frames, void *user)
{
    (void)n_frames;
    (void)user;
    return 0;
}

static jack_client_t *control_open(const struct studio *studio)
{
    jack_client_t *control = jack_client_open("control", JackNoStartServer | JackServerName, NULL, studio->server);
    if (!control || jack_set_process_callback(control, nothing, NULL) || jack_activate(control))
        rig_fail("no client can be opened beside the daemon");
    return control;
}

/* ---- the session ---------------------------------------------------------------------------------------------------- */

/* A vibrato, a saw that follows it frame by frame, a steep low-pass that moves with it, a place in the stereo picture. Few nodes with
 * much work each: what many would cost depends on the caches of a machine that others use too. */
static void track_add(struct client *client, unsigned i)
{
    char text[8][120];
    const char *lines[9];
    unsigned n = 0;
#define SAY(...) (snprintf(text[n], sizeof text[n], __VA_ARGS__), lines[n] = text[n], n++)
    SAY("/graph/add lfo l%u rate 0.%u", i, 1 + i % 9);
    SAY("/graph/add osc o%u wave saw freq %u.0 level -40.0", i, 55 + i % 200);
    SAY("/graph/add butterworth b%u order 10", i);
    SAY("/graph/connect l%u o%u:freq depth 0.1", i, i);
    SAY("/graph/connect l%u b%u:cutoff depth 2.0", i, i);
    SAY("/graph/connect o%u b%u", i, i);
    SAY("/graph/connect b%u out gain -30.0", i);
#undef SAY
    lines[n] = NULL;
    const struct answer *answer = client_bundle(client, lines);
    if (!answer->done)
        rig_fail("track %u: %s", i, answer->text);
}

static void track_remove(struct client *client, unsigned i)
{
    for (const char *c = "lob"; *c; c++)
        client_do(client, "/graph/remove %c%u", *c, i);
}

/* ---- what it costs -------------------------------------------------------------------------------------------------- */

struct cost {
    uint64_t us[COST_BINS], cycles;
};

static void cost_take(const struct cost_seen *seen, struct cost *cost)
{
    cost->cycles = 0;
    for (unsigned i = 0; i < COST_BINS; i++)
        cost->cycles += cost->us[i] = atomic_load(&seen->us[i]);
}

/* Adds what has come since. */
static void cost_add(struct cost *sum, const struct cost *from, const struct cost *to)
{
    for (unsigned i = 0; i < COST_BINS; i++)
        sum->us[i] += to->us[i] - from->us[i];
    sum->cycles += to->cycles - from->cycles;
}

static double cost_quantile(const struct cost *cost, double share)
{
    uint64_t below = 0;
    for (unsigned i = 0; i < COST_BINS; i++)
        if ((double)(below += cost->us[i]) >= share * (double)cost->cycles)
            return i + 1;
    return COST_BINS;
}

static uint64_t cost_beyond(const struct cost *cost, double us)
{
    uint64_t n = 0;
    for (unsigned i = (unsigned)us; i < COST_BINS; i++)
        n += cost->us[i];
    return n;
}

/* The usual cycle of the next half of a second, as a part of the period. */
static double share_now(const struct cost_seen *seen)
{
    static struct cost from, to, sum;
    cost_take(seen, &from);
    pause_s(0.5);
    cost_take(seen, &to);
    memset(&sum, 0, sizeof sum);
    cost_add(&sum, &from, &to);
    return cost_quantile(&sum, 0.5) / PERIOD_US;
}

static unsigned session_size(struct client *client, const struct cost_seen *seen)
{
    unsigned n = 0;
    for (unsigned trial = 0; trial < 30; trial++) {
        double share = share_now(seen);
        if (fabs(share - SHARE) < SHARE_OFF)
            return n;
        /* Not the whole way at once: what a cycle costs beside the tracks is not known. */
        double aim = n < 8 ? 16 : n * (1 + 0.8 * (SHARE / share - 1));
        for (; n < aim && n < TRACKS_MAX; n++)
            track_add(client, n);
        for (; n > aim && n > 1; n--)
            track_remove(client, n - 1);
    }
    rig_fail("%u tracks do not settle at half of the period", n);
}

/* ---- the row -------------------------------------------------------------------------------------------------------- */

struct load {
    struct studio *studio;
    struct cost_seen *seen;
    struct machine machine;
    char preload[600], path[160], result[176], mutant[64];
    const char *environment[4];
    struct cost cost;
    struct late late;
    unsigned n_tracks, n_windows, n_noisy;
    long stolen;
};

static void load_open(struct load *load, const char *variant, const char *mutant)
{
    load->studio = studio_open(&(struct studio_options){.variant = variant, .no_daemon = true, .tells_late = true});
    snprintf(load->path, sizeof load->path, "%s/cost", load->studio->folder);
    snprintf(load->preload, sizeof load->preload, "LD_PRELOAD=%s", studio_build(NULL, "tests/system/preload_cost.so"));
    snprintf(load->result, sizeof load->result, "DAWD_COST=%s", load->path);
    snprintf(load->mutant, sizeof load->mutant, "DAWD_MUTANT=%s", mutant ? mutant : "");
    load->environment[0] = load->preload;
    load->environment[1] = load->result;
    load->environment[2] = mutant ? load->mutant : NULL;
    load->studio->options.environment = load->environment;
    studio_start_daemon(load->studio);
    int fd = open(load->path, O_RDWR | O_CLOEXEC);
    void *mapped = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *load->seen, PROT_READ, MAP_SHARED, fd, 0);
    if (mapped == MAP_FAILED)
        rig_fail("the daemon measures nothing into %s", load->path);
    close(fd);
    load->seen = mapped;
    machine_open(&load->machine);
}

static void load_close(struct load *load)
{
    machine_close(&load->machine);
    munmap(load->seen, sizeof *load->seen);
    studio_close(load->studio);
}

/* A moment of playing while a fader moves; counts if the machine itself kept up. */
static void window(struct load *load)
{
    static struct cost from, to;
    struct client *client = &load->studio->client;
    struct late before = late_count(load->studio);
    load->machine.worst_ns = 0;
    cost_take(load->seen, &from);
    for (double start = now_s(); now_s() < start + WINDOW_S; pause_s(0.01))
        client_do(client, "/node/out/ceiling -0.%u", (unsigned)(now_s() * 100) % 10);
    cost_take(load->seen, &to);
    if (load->machine.worst_ns > STALL_NS) {
        load->n_noisy++;
        return;
    }
    struct late after = late_count(load->studio);
    cost_add(&load->cost, &from, &to);
    load->late.daemon += after.daemon - before.daemon;
    load->late.control += after.control - before.control;
    load->n_windows++;
}

/* Plays until there were enough quiet moments; whether the row holds. */
static bool load_run(struct load *load, unsigned windows)
{
    load->n_tracks = session_size(&load->studio->client, load->seen);
    jack_client_t *control = control_open(load->studio);
    long before = stolen();
    while (load->n_windows < windows && load->n_windows + load->n_noisy < WINDOWS_ALL)
        window(load);
    load->stolen = stolen() - before;
    jack_client_close(control);
    double p50 = cost_quantile(&load->cost, 0.5) / PERIOD_US, p999 = cost_quantile(&load->cost, 0.999) / PERIOD_US;
    uint64_t beyond = cost_beyond(&load->cost, PERIOD_US);
    bool pass = load->n_windows == windows && p999 <= 0.65 && beyond == 0 && load->late.daemon <= load->late.control;
    printf("REL R4 tracks=%u cycles=%lu cpu_p50=%.1f%% cpu_p999=%.1f%% over_period=%lu late=%u late_control=%u "
           "noisy=%u of=%u steal_ticks=%ld %s\n",
           load->n_tracks, (unsigned long)load->cost.cycles, 100 * p50, 100 * p999, (unsigned long)beyond,
           load->late.daemon, load->late.control, load->n_noisy, load->n_noisy + load->n_windows, load->stolen,
           pass ? "PASS" : "FAIL");
    fflush(stdout);
    return pass;
}

START_TEST(half_a_period_of_work_is_never_late)
{
    static struct load load;
    load_open(&load, NULL, NULL);
    bool pass = load_run(&load, WINDOWS);
    load_close(&load);
    ck_assert_msg(pass, "cycles are late, or cost too much");
}
END_TEST

START_TEST(a_cycle_that_now_and_then_costs_a_period_more_is_noticed)
{
    static struct load load;
    load_open(&load, "mutant", "late@drain");
    printf("with late@drain: ");
    bool pass = load_run(&load, 10);
    load_close(&load);
    ck_assert_msg(!pass, "the row has lost its teeth");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {half_a_period_of_work_is_never_late,
                                  a_cycle_that_now_and_then_costs_a_period_more_is_noticed};
    return suite_run("half load", 180, tests, ROWS(tests));
}
