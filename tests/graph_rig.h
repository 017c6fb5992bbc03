/* A whole engine without a sound card, for the tests of graph/: control thread and driver in one place.
 *
 *     struct graph_rig *rig = graph_rig_new(48000);                       the nodes "in" and "out" are there
 *     graph_rig_commit(rig, "add s source 1; add p probe 1; connect s p gain=-6");     one transaction
 *     graph_rig_run(rig, 1000);                                           polls and runs cycles
 *     graph_rig_probe(rig, "p")->take[0][i]                               what arrived at p's first channel
 *     graph_rig_free(rig);
 *
 * A script is a transaction in words; its statements are parted by ';':
 *     at FRAME (first)    fade S (then)    add NAME TYPE [CHANNELS] [PARAM=VALUE]…    remove NAME    clear NAME (disconnects its inputs)
 *     (VALUE: 0.5, or a note value: 1/8d)
 *     connect FROM TO [gain=DB] [depth=D] [feedback]    disconnect FROM TO    set NAME PARAM VALUE [GLIDE_S]
 *     compensate NAME 0|1
 *     play    stop    locate AT    tempo BPM [AT]    signature N D [AT]    unmark [AT]    (AT: 17:1:0, 480000h, 2.5)
 *
 * The input ports of the sound card play noise that depends on port and frame only. Failures end the program with a
 * sentence, unless they are what is asked for (graph_rig_try).
 */
#pragma once

#include "graph/offline.h"
#include "graph/tx.h"
#include "tests/graph_nodes.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define RIG_ROUNDS(release, sanitized) (sanitized)
#else
#define RIG_ROUNDS(release, sanitized) (release)
#endif

#define RIG_PORTS      32 /* device ports with sound; those above are not connected */
#define RIG_OUT        2  /* the first of `out`; those before it are of `in` */
#define RIG_PERIOD_MAX 8192
#define RIG_RUN_MAX    65536 /* frames of one graph_rig_run that are kept in `heard` */

/* ---- chance, the same on every run ---------------------------------------------------------------------------------- */

static inline uint32_t dice(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static inline unsigned dice_below(uint32_t *seed, unsigned n)
{
    return dice(seed) / 7 % n;
}

/* ---- the rig -------------------------------------------------------------------------------------------------------- */

/* What became of a transaction; owned by the rig. */
struct answer {
    unsigned n_calls; /* of its completion: 0 or 1 when all is well */
    unsigned place;   /* 1: the first answer of the rig */
    struct error error;
    uint64_t frame, revision;
    struct graph_rig *rig;
    struct answer *next;
};

struct graph_rig {
    struct ctl *ctl;
    struct error error; /* of the last statement that failed */
    unsigned n_answers;
    struct answer *answers; /* newest first */
    unsigned period;        /* frames per cycle: 256 unless set; 0: random up to 600 */
    uint32_t seed;          /* of random periods */
    struct offline offline;
    float *heard[RIG_PORTS]; /* what the ports carried during the last graph_rig_run */
    struct device_service device;
    struct device_port *wish; /* the newest */
    unsigned n_wish;
    uint64_t n_wishes;
    bool holds_ports;  /* the sound card leaves wishes unfulfilled */
    bool is_unplugged; /* nobody may ask it anything any more */
    uint64_t n_fulfilled;
};

struct graph_rig *graph_rig_new(double rate_hz);
void graph_rig_free(struct graph_rig *rig);

/* Stages a script's statements (no `fade`) on an open transaction; stops at the first that fails: its code, rig->error. */
int graph_rig_stage(struct graph_rig *rig, struct tx *tx, const char *script);
/* Commits a script; the engine has not heard of it yet. */
__attribute__((format(printf, 2, 3))) struct answer *graph_rig_commit(struct graph_rig *rig, const char *script, ...);
/* Commits it (returning 0), or rolls it back with the code of the statement that failed, and rig->error. */
__attribute__((format(printf, 2, 3))) int graph_rig_try(struct graph_rig *rig, const char *script, ...);
/* Sets a value outside any transaction; glide_s < 0: the parameter's own. */
void graph_rig_set(struct graph_rig *rig, const char *node, const char *param, float value, double glide_s);

/* Runs n frames of sound in cycles of rig->period, control being polled before each. */
void graph_rig_run(struct graph_rig *rig, size_t n_frames);
/* One cycle of n frames, without polling. */
void graph_rig_cycle(struct graph_rig *rig, unsigned n);
/* Runs until nothing is under way, nothing fades, and every glide of up to a quarter of a second has arrived. */
void graph_rig_settle(struct graph_rig *rig);

struct node *graph_rig_node(const struct graph_rig *rig, const char *name);
/* The live edge between the first ports of these nodes, or null. */
struct edge *graph_rig_edge(const struct graph_rig *rig, const char *from, const char *to);
struct probe *graph_rig_probe(const struct graph_rig *rig, const char *name);
/* What input port `port` plays at a frame: -1..1. */
float graph_rig_noise(unsigned port, uint64_t frame);
