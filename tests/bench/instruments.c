/* What instruments cost.
 *
 *     instruments    one line per class that plays notes: name, voices that sound, us per block of 256 with all of them, with
 *                    one, with none
 *
 * Each node is called as the engine would call it, with its initial values but as many voices as it can have, at most 64; keys
 * are held from note 30 on. Of many blocks the lower quartile counts.
 */
#include "tests/bench/class_graph.h"

#include "graph/tempo_shared.h"

#define RATE_HZ 48000
#define BLOCK   256
#define BLOCKS  400
#define SETTLED 20 /* blocks that are not counted: attacks, and caches */
#define VOICES  64

struct player {
    const struct node_class *class;
    struct arena arena;
    void *state;
    float values[256];
    struct param params[256];
    struct event_list events;
    uint64_t frame;
    unsigned voices;
};

/* Row of a parameter, or n_params. */
static unsigned row_of(const struct node_class *class, const char *name)
{
    unsigned row = 0;
    while (row < class->n_params && strcmp(class->params[row].name, name) != 0)
        row++;
    return row;
}

/* What plays a file has a program of its own (sampler.c). */
static bool is_instrument(const struct node_class *class)
{
    for (unsigned row = 0; row < class->n_params; row++)
        if (class->params[row].kind == PARAM_FILE)
            return false;
    return !class->voices_by && port_info_of_events(class->inputs, class->n_inputs) < class->n_inputs &&
           row_of(class, "voices") < class->n_params;
}

static bool player_init(struct player *player, const struct node_class *class)
{
    uint32_t latency = 0;
    struct error error = {0};
    static const struct media *media[256];
    unsigned voices = row_of(class, "voices");
    *player = (struct player){.class = class};
    for (unsigned row = 0; row < class->n_params; row++)
        player->values[row] = class->params[row].initial;
    player->voices = (unsigned)fminf(class->params[voices].max, VOICES);
    player->values[voices] = (float)player->voices;
    for (unsigned row = 0; row < class->n_params; row++)
        player->params[row].value = player->values[row];
    struct node_init init = {&player->arena, RATE_HZ, class->channels, player->values, media, .latency_frames = &latency};
    player->state = arena_take(&player->arena, class->state_bytes);
    return player->state && !class->init(player->state, &init, &error);
}

static void player_run(struct player *player)
{
    static _Alignas(64) float sound[PORT_CHANNELS_MAX][BLOCK];
    static struct tempo_meter meter = {1, 0, 4, 4};
    static struct tempo_stretch stretch = {0, 0, 120000000};
    struct tempo_map map = {RATE_HZ, 0, 1, 1, &meter, &stretch};
    struct music music = {false, 0, &map};
    static _Atomic float readings[256];
    float *out[PORT_CHANNELS_MAX];
    for (unsigned c = 0; c < PORT_CHANNELS_MAX; c++)
        out[c] = sound[c];
    struct node_io io = {.out = out,
                         .param = player->params,
                         .readings = readings,
                         .music = &music,
                         .events = &player->events,
                         .frame = player->frame,
                         .n = BLOCK};
    player->class->process(player->state, &io);
    player->frame += BLOCK;
    player->events.n = 0;
}

/* us per block while so many keys are held. */
static double measure_us(const struct node_class *class, unsigned n_keys, unsigned *voices)
{
    static double took[BLOCKS];
    static struct player player;
    if (!player_init(&player, class))
        return -1;
    *voices = player.voices;
    for (unsigned k = 0; k < n_keys && k < player.voices; k++)
        event_put(&player.events, &(struct event){.kind = EVENT_NOTE_ON, .note = (float)(30 + k), .value = 100});
    for (unsigned b = 0; b < SETTLED + BLOCKS; b++) {
        double began = now_us();
        player_run(&player);
        took[b < SETTLED ? 0 : b - SETTLED] = now_us() - began;
    }
    if (class->deinit)
        class->deinit(player.state);
    arena_deinit(&player.arena);
    qsort(took, BLOCKS, sizeof *took, compare);
    return took[BLOCKS / 4];
}

int main(void)
{
    for (unsigned i = 0; i < n_node_registry; i++) {
        const struct node_class *class = node_registry[i];
        unsigned voices = 0;
        if (!is_instrument(class))
            continue;
        double all = measure_us(class, VOICES, &voices), one = measure_us(class, 1, &voices),
               none = measure_us(class, 0, &voices);
        if (all < 0)
            printf("%s - it wants a file\n", class->name);
        else
            printf("%s %u %.2f %.2f %.2f\n", class->name, voices, all, one, none);
        fflush(stdout);
    }
}
