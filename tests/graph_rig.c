#include "tests/graph_rig.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/ahead.h"
#include "graph/batch.h"
#include "graph/follow.h"
#include "graph/param.h"
#include "graph/transport.h"

#define FADE_S     0.01
#define WORDS_MAX  16
#define SCRIPT_MAX 4096

__attribute__((format(printf, 1, 2))) static _Noreturn void die(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "graph rig: ");
    vfprintf(stderr, format, args);
    fprintf(stderr, "\n");
    va_end(args);
    exit(2);
}

/* ---- the sound card ------------------------------------------------------------------------------------------------- */

static uint64_t card_want(void *self, const struct device_port *ports, unsigned n_ports)
{
    struct graph_rig *rig = self;
    if (rig->is_unplugged)
        die("ports are wanted of a sound card that has gone");
    memcpy(rig->wish, ports, n_ports * sizeof *ports);
    rig->n_wish = n_ports;
    return ++rig->n_wishes;
}

static uint64_t card_fulfilled(void *self)
{
    struct graph_rig *rig = self;
    if (rig->is_unplugged)
        die("a sound card that has gone is asked for ports");
    if (!rig->holds_ports)
        rig->n_fulfilled = rig->n_wishes;
    return rig->n_fulfilled;
}

float graph_rig_noise(unsigned port, uint64_t frame)
{
    uint64_t h = (frame * 64 + port + 1) * 0x9e3779b97f4a7c15u;
    h = (h ^ h >> 29) * 0xbf58476d1ce4e5b9u;
    return (float)(int32_t)(h >> 32) * 0x1p-31f;
}

struct graph_rig *graph_rig_new(double rate_hz)
{
    struct graph_rig *rig = calloc(1, sizeof *rig);
    struct error error = {0};
    if (!rig)
        die("no memory");
    rig->period = BLOCK_MAX;
    rig->seed = 1;
    rig->device = (struct device_service){rig, card_want, card_fulfilled};
    if (!(rig->wish = calloc(DEVICE_PORTS_MAX, sizeof *rig->wish)))
        die("no memory");
    for (unsigned p = 0; p < RIG_PORTS; p++)
        if (!(rig->heard[p] = calloc(RIG_RUN_MAX, sizeof(float))))
            die("no memory");
    rig->ctl = ctl_new(rate_hz, &rig->device);
    if (!rig->ctl || ctl_add_fixtures(rig->ctl, &error))
        die("no engine: %s", error.text);
    if (offline_init(&rig->offline, rig->ctl, RIG_PORTS, RIG_PERIOD_MAX))
        die("no memory");
    return rig;
}

void graph_rig_free(struct graph_rig *rig)
{
    rig->is_unplugged = true; /* as drivers go before the engine */
    ctl_free(rig->ctl);
    offline_deinit(&rig->offline);
    for (unsigned p = 0; p < RIG_PORTS; p++)
        free(rig->heard[p]);
    for (struct answer *answer = rig->answers, *next; answer; answer = next) {
        next = answer->next;
        free(answer);
    }
    free(rig->wish);
    free(rig);
}

/* ---- edits ---------------------------------------------------------------------------------------------------------- */

static const char *option(char **words, unsigned n, const char *name)
{
    size_t bytes = strlen(name);
    for (unsigned i = 0; i < n; i++)
        if (strncmp(words[i], name, bytes) == 0 && words[i][bytes] == '=')
            return words[i] + bytes + 1;
    return NULL;
}

static struct base base_read(const char *word)
{
    return (struct base){strtof(word, NULL), note_parse(word)};
}

#define ROWS_MOST 256 /* of parameters of any class */

static int add(const struct ctl *ctl, struct tx *tx, char **words, unsigned n, struct error *error)
{
    const struct node_class *class = graph_nodes_class(words[2]);
    if (!class)
        die("there is no class %s", words[2]);
    struct node_spec spec = {.class = class, .name = words[1]};
    float values[ROWS_MOST];
    uint16_t notes[ROWS_MOST];
    spec.values = values;
    spec.notes = notes;
    spec.channels = n > 3 && !strchr(words[3], '=') ? (unsigned)atoi(words[3]) : 0;
    for (unsigned p = 0; p < class->n_params; p++) {
        const char *value = option(words, n, class->params[p].name);
        struct base base = value ? base_read(value) : (struct base){class->params[p].initial, 0};
        if (follow_now(ctl, &class->params[p], &base, error))
            return (int)error->code;
        values[p] = base.value;
        notes[p] = base.note;
    }
    return strcmp(words[0], "replace") == 0 ? tx_replace_node(tx, &spec, true, error) : tx_add_node(tx, &spec, error);
}

static bool has_word(char **words, unsigned n, const char *word)
{
    for (unsigned i = 0; i < n; i++)
        if (strcmp(words[i], word) == 0)
            return true;
    return false;
}

static int connect(struct tx *tx, char **words, unsigned n, struct error *error)
{
    const char *gain = option(words, n, "gain"), *depth = option(words, n, "depth");
    struct edge_spec spec = {words[1],
                             words[2],
                             gain ? strtof(gain, NULL) : 0,
                             depth ? strtof(depth, NULL) : 0,
                             depth != NULL,
                             has_word(words, n, "feedback")};
    return tx_connect(tx, &spec, error);
}

static int set(struct ctl *ctl, struct tx *tx, char **words, unsigned n, struct error *error)
{
    struct node *node = model_get(&ctl->model, words[1], error);
    unsigned row;
    struct base base = base_read(words[3]);
    if (!node || node_param_find(node->class, node->values, words[2], &row, error) ||
        (!base.note && param_from_number(node_class_row(node->class, row), strtod(words[3], NULL), &base.value, error)))
        return (int)error->code;
    return tx_set_base(tx, node, row, &base, n > 4 ? strtod(words[4], NULL) : -1, error);
}

static int clear(struct ctl *ctl, struct tx *tx, const char *name, struct error *error)
{
    struct node *node = model_get(&ctl->model, name, error);
    return node ? tx_disconnect_inputs(tx, node, error) : (int)error->code;
}

/* "17:1:0", "480000h" or seconds. */
static struct position position_read(const char *word)
{
    struct position at = {.unit = POSITION_SECONDS, .seconds = strtod(word, NULL)};
    if (strchr(word, 'h'))
        at = (struct position){.unit = POSITION_FRAMES, .frames = strtoll(word, NULL, 10)};
    else if (strchr(word, ':') && bars_parse(word, &at.bars))
        at.unit = POSITION_BARS;
    return at;
}

static int mark(struct tx *tx, char **words, unsigned n, struct error *error)
{
    bool is_tempo = strcmp(words[0], "tempo") == 0;
    unsigned at = is_tempo ? 2 : 3;
    struct position position = n > at ? position_read(words[at]) : (struct position){0};
    const struct position *where = n > at ? &position : NULL;
    if (is_tempo)
        return tx_set_tempo(tx, strtod(words[1], NULL), where, error);
    return tx_set_signature(tx, atoi(words[1]), atoi(words[2]), where, error);
}

static int order(struct tx *tx, char **words, unsigned n, struct error *error)
{
    if (strcmp(words[0], "play") == 0)
        return tx_play(tx, error);
    if (strcmp(words[0], "stop") == 0)
        return tx_stop(tx, error);
    if (strcmp(words[0], "unmark") == 0 && n == 1)
        return tx_clear_marks(tx, NULL, error);
    if (n < 2)
        die("%s needs more words", words[0]);
    if (strcmp(words[0], "tempo") == 0 || strcmp(words[0], "signature") == 0)
        return mark(tx, words, n, error);
    struct position position = position_read(words[1]);
    if (strcmp(words[0], "locate") == 0)
        return tx_locate(tx, &position, error);
    if (strcmp(words[0], "unmark") == 0)
        return tx_clear_marks(tx, &position, error);
    die("what is \"%s\" with %u words?", words[0], n);
}

static int statement_run(struct graph_rig *rig, struct tx *tx, char **words, unsigned n)
{
    struct error *error = &rig->error;
    if ((strcmp(words[0], "add") == 0 || strcmp(words[0], "replace") == 0) && n >= 3)
        return add(rig->ctl, tx, words, n, error);
    if (strcmp(words[0], "rename") == 0 && n == 3)
        return tx_rename_node(tx, words[1], words[2], error);
    if (strcmp(words[0], "remove") == 0 && n == 2)
        return tx_remove_node(tx, words[1], error);
    if (strcmp(words[0], "compensate") == 0 && n == 3)
        return tx_compensate(tx, words[1], words[2][0] == '1', error);
    if (strcmp(words[0], "clear") == 0 && n == 2)
        return clear(rig->ctl, tx, words[1], error);
    if (strcmp(words[0], "connect") == 0 && n >= 3)
        return connect(tx, words, n, error);
    if (strcmp(words[0], "disconnect") == 0 && n == 3)
        return tx_disconnect(tx, words[1], words[2], error);
    if (strcmp(words[0], "set") == 0 && n >= 4)
        return set(rig->ctl, tx, words, n, error);
    return order(tx, words, n, error);
}

static unsigned words_split(char *statement, char **words)
{
    unsigned n = 0;
    char *rest;
    for (char *word = strtok_r(statement, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        if (n < WORDS_MAX)
            words[n++] = word;
    return n;
}

int graph_rig_stage(struct graph_rig *rig, struct tx *tx, const char *script)
{
    char text[SCRIPT_MAX], *rest, *words[WORDS_MAX];
    rig->error = (struct error){0};
    if (strlen(script) >= sizeof text)
        die("a script of %zu bytes", strlen(script));
    strcpy(text, script);
    for (char *statement = strtok_r(text, ";", &rest); statement; statement = strtok_r(NULL, ";", &rest)) {
        unsigned n = words_split(statement, words);
        if (n && statement_run(rig, tx, words, n))
            return (int)rig->error.code;
    }
    return 0;
}

static void answered(void *user, const struct outcome *outcome)
{
    struct answer *answer = user;
    answer->n_calls++;
    answer->place = ++answer->rig->n_answers;
    answer->error = *outcome->error;
    answer->frame = outcome->frame;
    answer->revision = outcome->revision;
}

static struct answer *commit(struct graph_rig *rig, const char *script)
{
    double fade_s = FADE_S;
    unsigned long at = 0;
    int used = 0;
    if (sscanf(script, " at %lu;%n", &at, &used) == 1)
        script += used;
    used = 0;
    if (sscanf(script, " fade %lf;%n", &fade_s, &used) == 1)
        script += used;
    struct tx *tx = at ? ahead_open(rig->ctl, fade_s, at) : tx_open(rig->ctl, fade_s);
    if (!tx)
        die("no transaction");
    if (graph_rig_stage(rig, tx, script)) {
        tx_rollback(tx);
        return NULL;
    }
    struct answer *answer = calloc(1, sizeof *answer);
    if (!answer)
        die("no memory");
    answer->rig = rig;
    answer->next = rig->answers;
    rig->answers = answer;
    tx_commit(tx, (struct completion){answered, answer});
    return answer;
}

struct answer *graph_rig_commit(struct graph_rig *rig, const char *script, ...)
{
    char text[SCRIPT_MAX];
    va_list args;
    va_start(args, script);
    vsnprintf(text, sizeof text, script, args);
    va_end(args);
    struct answer *answer = commit(rig, text);
    if (!answer)
        die("\"%s\": %s", text, rig->error.text);
    return answer;
}

int graph_rig_try(struct graph_rig *rig, const char *script, ...)
{
    char text[SCRIPT_MAX];
    va_list args;
    va_start(args, script);
    vsnprintf(text, sizeof text, script, args);
    va_end(args);
    return commit(rig, text) ? 0 : (int)rig->error.code;
}

void graph_rig_set(struct graph_rig *rig, const char *node, const char *param, float value, double glide_s)
{
    struct node *target = graph_rig_node(rig, node);
    struct error error = {0};
    unsigned row;
    if (node_param_find(target->class, target->values, param, &row, &error) ||
        ctl_set_value(rig->ctl, target, row, value, glide_s, &error))
        die("%s", error.text);
}

/* ---- sound ---------------------------------------------------------------------------------------------------------- */

void graph_rig_cycle(struct graph_rig *rig, unsigned n)
{
    uint64_t frame = ctl_clock(rig->ctl);
    for (unsigned p = 0; p < RIG_PORTS; p++)
        for (unsigned i = 0; i < n; i++)
            rig->offline.ports[p][i] = graph_rig_noise(p, frame + i);
    if (!offline_cycle(&rig->offline, n))
        die("the engine is taken");
}

void graph_rig_run(struct graph_rig *rig, size_t n_frames)
{
    for (size_t at = 0; at < n_frames;) {
        unsigned n = rig->period ? rig->period : 1 + dice_below(&rig->seed, 600);
        n = n_frames - at < n ? (unsigned)(n_frames - at) : n;
        ctl_poll(rig->ctl);
        graph_rig_cycle(rig, n);
        for (unsigned p = 0; p < RIG_PORTS && at + n <= RIG_RUN_MAX; p++)
            memcpy(rig->heard[p] + at, rig->offline.ports[p], n * sizeof(float));
        at += n;
    }
    ctl_poll(rig->ctl);
}

void graph_rig_settle(struct graph_rig *rig)
{
    const struct ctl *ctl = rig->ctl;
    do
        graph_rig_run(rig, BLOCK_MAX);
    while (ctl->under_way || ctl->fading || ctl->moving || ctl->must_compile || (ctl->batch && ctl->batch->first) ||
           outbox_is_busy(&ctl->outbox));
    graph_rig_run(rig, (size_t)ctl->rate_hz / 4);
}

/* ---- a look inside -------------------------------------------------------------------------------------------------- */

struct node *graph_rig_node(const struct graph_rig *rig, const char *name)
{
    struct node *node = model_find(&rig->ctl->model, name);
    if (!node)
        die("no node is named %s", name);
    return node;
}

struct edge *graph_rig_edge(const struct graph_rig *rig, const char *from, const char *to)
{
    const struct node *target = graph_rig_node(rig, to);
    for (struct edge *edge = graph_rig_node(rig, from)->out_first; edge; edge = edge->out_next)
        if (edge->live && edge->to == target)
            return edge;
    return NULL;
}

struct probe *graph_rig_probe(const struct graph_rig *rig, const char *name)
{
    return graph_rig_node(rig, name)->object->state;
}
