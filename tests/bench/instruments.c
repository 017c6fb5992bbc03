/* What instruments cost, in an engine as it runs in the daemon.
 *
 *     instruments    one line per class that plays notes: name, voices, us per block of 256 with as many notes, with one, with
 *                    none; nodes that are visited in that
 *
 * Of 64 voices each, otherwise as they are by default; keys are held from note 30 on. The sampler plays a sound in stereo that
 * loops, the container saws through filters under envelopes. The engine's own cost is taken off. Of many blocks the lower quartile
 * counts; of those that nobody plays, sixteen are measured at once, for one costs less than the clock can tell.
 */
#include "tests/bench/class_graph.h"

#include "graph/instrument.h"
#include "graph/play.h"
#include "graph/sleep_rt.h"

#define RATE_HZ  48000
#define BLOCK    256
#define BLOCKS   400
#define SETTLED  200 /* blocks that are not counted: attacks, caches, and the way into sleep */
#define VOICES   64
#define IDLE     16
#define N_FRAMES 400000
#define LOOP     1000

/* ---- what they play ------------------------------------------------------------------------------------------------- */

static struct instrument_zone zone = {.key_high = 127,
                                      .velocity_high = 127,
                                      .n_turns = 1,
                                      .chance_high = 2,
                                      .root = 60,
                                      .gain = 1,
                                      .envelope = {.sustain = 1},
                                      .end = N_FRAMES,
                                      .loop_start = LOOP,
                                      .loop_end = N_FRAMES,
                                      .loop_mode = INSTRUMENT_LOOPS};
static float samples[2 * N_FRAMES];
static struct media sound = {.samples = samples, .n_frames = N_FRAMES, .channels = 2, .rate_hz = RATE_HZ};
static struct instrument_sound sounds = {.media = &sound, .n_frames = N_FRAMES};
static struct instrument instrument = {.zones = &zone, .sounds = &sounds, .n_zones = 1, .n_sounds = 1};
/* The reference of this program stays: nobody releases it. */
static struct media file = {.kind = MEDIA_INSTRUMENT, .instrument = &instrument, .references = 1};

static void sound_make(void)
{
    for (unsigned i = 0; i < 2 * N_FRAMES; i++)
        samples[i] = (float)(i * 2654435761u >> 8) * 0x1p-24f - 0.5f;
    if (instrument_index(&instrument))
        fail("memory ran out");
}

/* ---- graphs --------------------------------------------------------------------------------------------------------- */

/* Row of a parameter, or n_params. */
static unsigned row_of(const struct node_class *class, const char *name)
{
    unsigned row = 0;
    while (row < class->n_params && strcmp(class->params[row].name, name) != 0)
        row++;
    return row;
}

static bool is_instrument(const struct node_class *class)
{
    return port_info_of_events(class->inputs, class->n_inputs) < class->n_inputs &&
           row_of(class, "voices") < class->n_params;
}

static void node_add(struct tx *tx, const struct node_class *class, const char *name)
{
    struct error error = {0};
    float values[256];
    struct media *media[256] = {0};
    for (unsigned row = 0; row < class->n_params; row++) {
        values[row] = class->params[row].initial;
        media[row] = class->params[row].kind == PARAM_FILE ? &file : NULL;
    }
    values[row_of(class, "voices")] = fminf(class->params[row_of(class, "voices")].max, VOICES);
    if (tx_add_node(tx, &(struct node_spec){.class = class, .name = name, .values = values, .media = media}, &error))
        fail(error.text);
}

/* A node inside of the container NAME. */
static const char *in(const char *name, const char *rest)
{
    static char texts[4][64];
    static unsigned next;
    char *text = texts[next++ % 4];
    snprintf(text, sizeof texts[0], "%s/%s", name, rest);
    return text;
}

static void voice_add(struct tx *tx, const char *name)
{
    add(tx, "osc", in(name, "osc"), 1, "wave", 2);
    add(tx, "filter", in(name, "lp"), 1, "q", 2);
    add(tx, "adsr", in(name, "env"), 0, NULL, 0);
    add(tx, "math", in(name, "vca"), 0, "op", 2);
    static const char *const wires[][2] = {
        {"osc", "lp"}, {"lp", "vca:a"}, {"env", "vca:b"}, {"in:gate", "env"}, {"vca", "out"}};
    for (unsigned i = 0; i < ROWS(wires); i++)
        edge(tx, (struct edge_spec){.from = in(name, wires[i][0]), .to = in(name, wires[i][1])});
    wire(tx, in(name, "in:pitch"), in(name, "osc:freq"), 0);
    wire(tx, in(name, "out"), "out", -40);
}

static struct ctl *build(const struct node_class *class, unsigned n)
{
    struct error error = {0};
    struct ctl *ctl = ctl_new(RATE_HZ, NULL);
    if (!ctl || ctl_add_fixtures(ctl, &error))
        fail("memory ran out");
    struct tx *tx = tx_open(ctl, 0);
    for (unsigned i = 0; i < n; i++) {
        char name[32];
        snprintf(name, sizeof name, "n%u", i);
        node_add(tx, class, name);
        if (class->voices_by)
            voice_add(tx, name);
        else
            wire(tx, name, "out", -40);
    }
    tx_commit(tx, (struct completion){0});
    ctl_poll(ctl);
    return ctl;
}

/* ---- measuring ------------------------------------------------------------------------------------------------------- */

static void keys_press(struct ctl *ctl, unsigned n_keys)
{
    struct error error = {0};
    for (unsigned k = 0; k < n_keys; k++) {
        struct event event = {.kind = EVENT_NOTE_ON, .note = (float)(30 + k), .value = 100, .source = play_source(0)};
        if (ctl_play(ctl, model_find(&ctl->model, "n0"), &event, 0, &error))
            fail(error.text);
    }
}

static unsigned count_due(const struct plan *plan)
{
    unsigned n_due = 0;
    for (unsigned i = sleep_next_rt(plan, 0); i < plan->n_steps; i = sleep_next_rt(plan, i + 1))
        n_due++;
    return n_due;
}

struct price {
    double us;
    unsigned n_due;
};

/* Of a block, and of n nodes, while so many keys of the first one are held. */
static struct price measure(const struct node_class *class, unsigned n, unsigned n_keys)
{
    static double took[BLOCKS];
    static struct offline offline;
    struct ctl *ctl = build(class, n);
    if (offline_init(&offline, ctl, 0, BLOCK))
        fail("memory ran out");
    offline_cycle(&offline, BLOCK);
    keys_press(ctl, n_keys);
    for (unsigned b = 0; b < SETTLED + BLOCKS; b++) {
        ctl_poll(ctl);
        double began = now_us();
        offline_cycle(&offline, BLOCK);
        took[b < SETTLED ? 0 : b - SETTLED] = now_us() - began;
    }
    struct price price = {.n_due = count_due(ctl->engine->plan)};
    offline_deinit(&offline);
    ctl_free(ctl);
    qsort(took, BLOCKS, sizeof *took, compare);
    price.us = took[BLOCKS / 4];
    return price;
}

int main(int argc, char **argv)
{
    sound_make();
    for (unsigned i = 0; i < n_node_registry; i++) {
        const struct node_class *class = node_registry[i];
        if (!is_instrument(class) || (argc > 1 && strcmp(argv[1], class->name) != 0))
            continue;
        struct price empty = measure(class, 0, 0), all = measure(class, 1, VOICES), one = measure(class, 1, 1),
                     none = measure(class, IDLE, 0);
        printf("%s %u %.2f %.2f %.3f %u\n", class->name, VOICES, all.us - empty.us, one.us - empty.us,
               (none.us - empty.us) / IDLE, none.n_due - empty.n_due);
        fflush(stdout);
    }
    free(instrument.of_key);
}
