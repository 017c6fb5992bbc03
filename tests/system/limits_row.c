/* Row O11: up to each limit and past it, and back, again and again.
 *
 * What is large goes back to the kernel. The heap of what is small keeps its greatest extent, for its pages are locked, and
 * that extent is a matter of luck: how many plans of a thousand nodes live at once hangs on when the threads run. It is used
 * again, so a round soon comes that takes nothing more; where something is forgotten, every round takes more. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/gate.h"
#include "tests/system/net_rows.h"

#define NODES        1202
#define CONNECTIONS  900
#define DEVICE_PORTS 32
#define MEMORY_MIB   128
#define SOUND_FRAMES 1000000 /* 4 MB decoded */
#define LINES        100     /* of a bundle */

#define ROUNDS  8    /* at most */
#define STILL   1.01 /* of what was there before: some bytes per node */
#define HEAP_KB 6144 /* of some thousand nodes and connections, and of their plans */

/* What operation.md says that a daemon takes: the limit of memory, the daemon itself, and so much per node and connection. */
#define CAP_KB (MEMORY_MIB * 1024.0 + 12 * 1024.0 + 5.0 * (NODES + CONNECTIONS))

struct limits_run {
    struct studio *studio;
    unsigned n_refused; /* limits that were told, five in each round */
    unsigned made[5];
    double peak_kb;
};

static double rss_kb(const struct studio *studio)
{
    return (double)studio_proc(studio, 0, "status", "RssAnon:");
}

static void look(struct limits_run *run)
{
    double kb = rss_kb(run->studio);
    run->peak_kb = kb > run->peak_kb ? kb : run->peak_kb;
}

/* Sends lines that `format` makes of numbers, `many` in a bundle, until one is refused; returns how many were taken. */
static unsigned fill(struct limits_run *run, const char *format, unsigned most, unsigned many, const char *word)
{
    static char lines[LINES][96];
    const char *list[LINES + 1] = {0};
    unsigned n = 0;
    const struct answer *answer = NULL;
    for (; n < most; n += many) {
        for (unsigned i = 0; i < many; i++) {
            snprintf(lines[i], sizeof lines[i], format, n + i, n + i + 1);
            list[i] = lines[i];
        }
        list[many] = NULL;
        answer = client_bundle(&run->studio->client, list);
        if (!answer->came || !answer->done)
            break;
        look(run);
    }
    run->n_refused += answer->came && !answer->done && strcmp(answer->symbol, "too_big") == 0 && strstr(answer->text, word);
    return n;
}

static void clear(struct limits_run *run)
{
    client_do(&run->studio->client, "/graph/clear");
    pause_s(0.2); /* the fades */
    client_do(&run->studio->client, "/graph/add gain last");
    client_do(&run->studio->client, "/graph/remove last");
    pause_s(0.1);
}

static void fill_all(struct limits_run *run)
{
    run->made[0] = fill(run, "/graph/add gain n%u", 2 * NODES, LINES, "nodes=N");
    run->made[1] = fill(run, "/graph/connect n%u n%u", 2 * CONNECTIONS, LINES, "connections=N");
    clear(run);
    run->made[2] = fill(run, "/graph/add input i%u", 2 * DEVICE_PORTS, 1, "device-ports=N");
    clear(run);
    run->made[3] = fill(run, "/graph/add delay d%u", 1000, 1, "memory=N");
    clear(run);
    run->made[4] = fill(run, "/graph/add player p%u file sound.wav", 1000, 1, "memory=N");
    clear(run);
}

static void write_sound(const struct studio *studio)
{
    float *samples = calloc(SOUND_FRAMES, sizeof *samples);
    if (!samples)
        rig_fail("no memory for a sound");
    studio_write_wav(studio, "sound.wav", samples, SOUND_FRAMES, 1);
    free(samples);
}

static uint64_t calls_sum(const struct gate *gate)
{
    uint64_t sum = gate_syscalls(gate);
    for (unsigned i = 0; i < RTGATE_KINDS; i++)
        sum += atomic_load(&gate->seen->calls[i]);
    return sum;
}

bool net_row_o11(const struct net_row *row)
{
    char nodes[32], connections[32], ports[32], memory[32];
    struct gate gate;
    struct limits_run run = {0};
    snprintf(nodes, sizeof nodes, "nodes=%d", NODES);
    snprintf(connections, sizeof connections, "connections=%d", CONNECTIONS);
    snprintf(ports, sizeof ports, "device-ports=%d", DEVICE_PORTS);
    snprintf(memory, sizeof memory, "memory=%d", MEMORY_MIB);
    run.studio = studio_open(&(struct studio_options){
        .variant = row->mutant ? "mutant" : NULL,
        .no_daemon = true,
        .arguments = (const char *const[]){"--limit", nodes, "--limit", connections, "--limit", ports, "--limit", memory,
                                           /* what could be undone is kept on purpose */
                                           "--limit", "undo-steps=0", NULL},
    });
    gate_open(&gate, run.studio, row->mutant);
    write_sound(run.studio);
    double start_kb = rss_kb(run.studio), before_kb, after_kb;
    fill_all(&run);
    double first_kb = after_kb = rss_kb(run.studio);
    unsigned n_rounds = 1;
    do {
        before_kb = after_kb;
        fill_all(&run);
        after_kb = rss_kb(run.studio);
        n_rounds++;
    } while (after_kb > STILL * before_kb && n_rounds < ROUNDS);
    uint64_t calls = calls_sum(&gate);
    bool pass = run.n_refused == 5 * n_rounds && run.peak_kb <= CAP_KB && calls == 0 && first_kb - start_kb <= HEAP_KB &&
                after_kb <= STILL * before_kb;
    net_row_print(row,
                  "REL O11 refused=%u/%u nodes=%u connections=%u inputs=%u delays=%u players=%u rss_start_kb=%.0f "
                  "rss_peak_kb=%.0f cap_kb=%.0f rss_first_kb=%.0f rounds=%u rss_before_last_kb=%.0f rss_after_last_kb=%.0f "
                  "rt_calls=%llu %s\n",
                  run.n_refused, 5 * n_rounds, run.made[0], run.made[1], run.made[2], run.made[3], run.made[4], start_kb,
                  run.peak_kb, CAP_KB, first_kb, n_rounds, before_kb, after_kb, (unsigned long long)calls,
                  pass ? "PASS" : "FAIL");
    studio_close(run.studio);
    gate_close(&gate);
    return pass;
}
