#include "tests/system/scene.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define TICK_S      0.01
#define FILE_FRAMES 48000u

/* ---- the graph ------------------------------------------------------------------------------------------------------- */

static void write_sound(const struct studio *studio)
{
    static float samples[2 * FILE_FRAMES];
    for (unsigned i = 0; i < 2 * FILE_FRAMES; i++)
        samples[i] = 0.1f * sinf(0.02f * (float)i);
    studio_write_wav(studio, "sound.wav", samples, FILE_FRAMES, 2);
}

/* " file "sound.wav"" for every parameter that is a file. */
static void format_files(char *text, size_t bytes, const struct node_class *class)
{
    *text = '\0';
    for (unsigned i = 0; i < class->n_params; i++) {
        size_t n = strlen(text);
        if (class->params[i].kind == PARAM_FILE)
            snprintf(text + n, bytes - n, " %s sound.wav", class->params[i].name);
    }
}

static void add_node(struct client *client, const struct node_class *class, const char *name)
{
    char files[256];
    format_files(files, sizeof files, class);
    client_do(client, "/graph/add %s %s%s", class->name, name, files);
}

/* Every input from the source, every output quietly to `out`, the first continuous parameter moved by a slow wave. */
static void wire_node(struct client *client, const struct node_class *class, const char *name)
{
    for (unsigned i = 0; i < class->n_inputs; i++)
        client_do(client, "/graph/connect source %s:%s", name, class->inputs[i].name);
    for (unsigned i = 0; i < class->n_outputs; i++)
        client_do(client, "/graph/connect %s:%s.1 out gain -60.0", name, class->outputs[i].name);
    for (unsigned i = 0; i < class->n_params; i++) {
        if (class->params[i].kind != PARAM_CONTINUOUS)
            continue;
        client_do(client, "/graph/connect wave %s:%s depth 0.01", name, class->params[i].name);
        break;
    }
}

void scene_open(struct scene *scene, struct studio *studio)
{
    *scene = (struct scene){.studio = studio};
    struct client *client = &studio->client;
    write_sound(studio);
    client_open_udp(&scene->faders, studio->port);
    client_do(client, "/graph/add osc source freq 220.0 level -20.0");
    client_do(client, "/graph/add osc wave freq 3.0");
    client_do(client, "/graph/connect source out gain -30.0");
    for (unsigned i = 0; i < n_node_registry && scene->n_nodes < SCENE_NODES_MAX; i++) {
        const struct node_class *class = node_registry[i];
        char name[80];
        snprintf(name, sizeof name, "n_%s", class->name);
        add_node(client, class, name);
        wire_node(client, class, name);
        scene->class[scene->n_nodes++] = class;
    }
}

void scene_close(struct scene *scene)
{
    client_close(&scene->faders);
}

/* ---- the hands ------------------------------------------------------------------------------------------------------- */

static bool is_fader(const struct param_info *param)
{
    return param->kind != PARAM_FILE && !(param->flags & (PARAM_FIXED | PARAM_REBUILD));
}

/* A value somewhere in the range, another one at each tick; whole where only that is allowed. */
static float value_at(const struct param_info *param, unsigned tick)
{
    float place = fmodf(0.618034f * (float)(tick % 4096), 1);
    if (param->kind != PARAM_CONTINUOUS)
        return roundf(param->min + place * (param->max - param->min));
    if (param->curve == CURVE_LOG)
        return param->min * powf(param->max / param->min, place);
    return param->min + place * (param->max - param->min);
}

static void move_faders(struct scene *scene)
{
    scene->n_ticks++;
    for (unsigned n = 0; n < scene->n_nodes; n++) {
        const struct node_class *class = scene->class[n];
        for (unsigned i = 0; i < class->n_params; i++) {
            const struct param_info *param = &class->params[(scene->n_ticks + i) % class->n_params];
            if (!is_fader(param))
                continue;
            client_tell(&scene->faders, "/node/n_%s/%s %.6f", class->name, param->name, value_at(param, scene->n_ticks));
            break;
        }
    }
}

/* Six edits in a round: a node of the next class comes, is wired, rewired and goes. */
static void edit(struct scene *scene)
{
    struct client *client = &scene->studio->client;
    unsigned round = scene->n_edits / 6;
    const struct node_class *class = scene->class[round % scene->n_nodes];
    switch (scene->n_edits++ % 6) {
    case 0:
        add_node(client, class, "guest");
        break;
    case 1:
        wire_node(client, class, "guest");
        break;
    case 2:
        client_do(client, "/graph/disconnect source out");
        break;
    case 3:
        client_do(client, "/graph/connect source out gain -30.0");
        break;
    case 4:
        client_do(client, "/graph/connect source out gain -36.0");
        break;
    case 5:
        client_do(client, "/graph/remove guest");
    }
}

void scene_play(struct scene *scene, double seconds, double edits_hz)
{
    double start = now_s(), edits = 0;
    for (double at = 0; at < seconds; at += TICK_S) {
        move_faders(scene);
        for (; edits < at * edits_hz; edits++)
            edit(scene);
        double left = start + at + TICK_S - now_s();
        if (left > 0)
            pause_s(left);
    }
}
