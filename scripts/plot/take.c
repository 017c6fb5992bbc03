/* The graph of a curve, heard. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/media_instrument.h"
#include "graph/offline.h"
#include "scripts/plot/plot.h"
#include "tests/osc_rig.h"

#define OUT_FIRST 2 /* device ports: in_1, in_2, out_1, out_2 */
#define N_PORTS   64

static void expect_done(struct osc_rig *rig)
{
    for (const char *line; *(line = osc_rig_line(rig));)
        if (strncmp(line, "/fail", 5) == 0)
            give_up("%s", line);
}

/* All at one sample, without the fades that edits otherwise have, and without a ceiling: the curve begins with the graph in
 * place. */
static void build(struct osc_rig *rig, const struct plot_event *event)
{
    char lines[LINES_BYTES + 64];
    snprintf(lines, sizeof lines, "[\n/tx fade 0.0\n/node/out/ceiling 24 0\n%s]\n", event->lines);
    osc_rig_send(rig, lines);
}

static void send_each(struct osc_rig *rig, const struct plot_event *event)
{
    char line[LINES_BYTES];
    for (const char *at = event->lines; *at; at += strcspn(at, "\n") + 1) {
        snprintf(line, sizeof line, "%.*s", (int)strcspn(at, "\n"), at);
        osc_rig_send(rig, line);
    }
}

static struct media *file_load(const struct files *files, const struct osc_rig_load *load, struct error *error)
{
    struct media_load work = {.fd = files_open(files, load->path, error), .files = files, .name = load->path};
    if (work.fd < 0)
        return NULL;
    work.rate_hz = load->rate_hz;
    struct media *media = load->kind == MEDIA_INSTRUMENT ? media_instrument_load(&work, error) : media_load(&work, error);
    close(work.fd);
    return media;
}

/* By the daemon's own decoders, from the top folder. */
static void load_files(struct osc_rig *rig)
{
    struct files files;
    struct loaded loaded = {0};
    if (files_init(&files, (const char *[]){"."}, 1, &loaded.error))
        give_up("%s", loaded.error.text);
    while (rig->n_loads) {
        struct osc_rig_load load = rig->loads[0];
        memmove(rig->loads, rig->loads + 1, --rig->n_loads * sizeof load);
        if (!(loaded.media = file_load(&files, &load, &loaded.error)))
            give_up("%s: %s", load.path, loaded.error.text);
        load.done(load.user, &loaded);
        free(load.path);
    }
    files_deinit(&files);
}

static void run_cycle(struct osc_rig *rig, struct offline *offline, const float *input, float *output, unsigned channel,
                      size_t n)
{
    for (unsigned c = 0; c < CHANNELS; c++)
        memset(offline->ports[c], 0, OSC_RIG_CYCLE * sizeof(float));
    for (unsigned c = 0; input && c < CHANNELS; c++)
        memcpy(offline->ports[c], input, n * sizeof(float));
    ctl_poll(rig->ctl);
    if (!offline_cycle(offline, (unsigned)n))
        give_up("the engine is taken");
    memcpy(output, offline->ports[OUT_FIRST + channel - 1], n * sizeof(float));
}

float *take(const struct curve *curve, const float *input, size_t n)
{
    static struct osc_rig rig;
    struct offline offline;
    float *output = calloc(n, sizeof *output);
    unsigned next = 1;
    osc_rig_open(&rig);
    build(&rig, &curve->events[0]);
    load_files(&rig);
    if (!output || offline_init(&offline, rig.ctl, N_PORTS, OSC_RIG_CYCLE))
        give_up("memory ran out");
    for (size_t at = 0; at < n; at += OSC_RIG_CYCLE) {
        for (; next < curve->n_events && curve->events[next].at_s * RATE_HZ <= (double)at; next++)
            send_each(&rig, &curve->events[next]);
        load_files(&rig);
        size_t frames = n - at < OSC_RIG_CYCLE ? n - at : OSC_RIG_CYCLE;
        run_cycle(&rig, &offline, input ? input + at : NULL, output + at, curve->channel, frames);
    }
    ctl_poll(rig.ctl);
    expect_done(&rig);
    offline_deinit(&offline);
    osc_rig_close(&rig);
    return output;
}
