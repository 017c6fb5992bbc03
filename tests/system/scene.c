#include "tests/system/scene.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/smf_rig.h"

#define TICK_S       0.01
#define SAVE_EVERY_S 5
#define FILE_FRAMES  48000u
#define CROWD        200u

/* ---- the graph ------------------------------------------------------------------------------------------------------- */

static void write_sound(const struct studio *studio)
{
    static float samples[2 * FILE_FRAMES];
    for (unsigned i = 0; i < 2 * FILE_FRAMES; i++)
        samples[i] = 0.1f * sinf(0.02f * (float)i);
    studio_write_wav(studio, "sound.wav", samples, FILE_FRAMES, 2);
}

static void write_song(const struct studio *studio)
{
    struct bytes song = smf_song();
    studio_write(studio, "song.mid", song.data, song.n);
    bytes_deinit(&song);
}

/* A file for every parameter that wants one: the sound to read, or one of its own to write. */
static void format_files(char *text, size_t bytes, const struct node_class *class, const struct scene *scene)
{
    *text = '\0';
    for (unsigned i = 0; i < class->n_params; i++) {
        size_t n = strlen(text);
        if (class->params[i].kind == PARAM_FILE)
            snprintf(text + n, bytes - n, " %s %s", class->params[i].name,
                     class->params[i].reads == MEDIA_MIDI ? "song.mid" : "sound.wav");
        if (class->params[i].kind == PARAM_SINK)
            snprintf(text + n, bytes - n, " %s take_%d_%u.wav", class->params[i].name, scene->studio->dawd.pid,
                     scene->n_added);
    }
}

/* What is of the moment is switched on: a recording runs from the beginning. */
static void switch_on(struct client *client, const struct node_class *class, const char *name)
{
    for (unsigned i = 0; i < class->n_params; i++)
        if (class->params[i].kind == PARAM_SWITCH && class->params[i].flags & PARAM_TRANSIENT)
            client_do(client, "/node/%s/%s T", name, class->params[i].name);
}

static void add_node(struct scene *scene, const struct node_class *class, const char *name)
{
    struct client *client = &scene->studio->client;
    char files[256];
    format_files(files, sizeof files, class, scene);
    scene->n_added++;
    client_do(client, "/graph/add %s %s%s", class->name, name, files);
    switch_on(client, class, name);
}

/* Whether a node made without a wish for their number has the rows of this one. */
static bool has(const struct node_class *class, unsigned number)
{
    return !number || (float)number <= class->params[class->numbered_by - 1].initial;
}

static void wire_output(struct client *client, const struct node_class *class, const struct port_info *port,
                        const char *name)
{
    if (class->voices_by) { /* each of them is heard as long as its note is held */
        client_do(client, "/graph/connect %s/in:gate %s/out", name, name);
        client_do(client, "/graph/connect %s/out:out.1 out gain -60.0", name);
    } else if (port->events)
        client_do(client, "/graph/connect %s:%s ear", name, port->name);
    else
        client_do(client, "/graph/connect %s:%s.1 out gain -60.0", name, port->name);
}

/* Every input from the source or the song, every output quietly to `out` or the ear, the first continuous parameter moved by a slow
 * wave. */
static void wire_node(struct client *client, const struct node_class *class, const char *name)
{
    for (unsigned i = 0; i < class->n_inputs; i++)
        if (has(class, class->inputs[i].number))
            client_do(client, "/graph/connect %s %s:%s", class->inputs[i].events ? "song" : "source", name,
                      class->inputs[i].name);
    for (unsigned i = 0; i < class->n_outputs; i++)
        if (has(class, class->outputs[i].number))
            wire_output(client, class, &class->outputs[i], name);
    for (unsigned i = 0; i < class->n_params; i++) {
        if (class->params[i].kind != PARAM_CONTINUOUS)
            continue;
        client_do(client, "/graph/connect wave %s:%s depth 0.01", name, class->params[i].name);
        break;
    }
}

/* Four that stream, two that record, one of everything else. */
static unsigned n_copies(const struct node_class *class)
{
    for (unsigned i = 0; i < class->n_params; i++)
        if (param_is_path(&class->params[i]))
            return class->params[i].kind == PARAM_FILE ? 4 : 2;
    return 1;
}

static void open_node(struct scene *scene, const struct node_class *class, unsigned copy)
{
    struct scene_node *node = &scene->nodes[scene->n_nodes];
    if (scene->n_nodes++ == SCENE_NODES_MAX)
        rig_fail("%d nodes are too few for the scene", SCENE_NODES_MAX);
    node->class = class;
    snprintf(node->name, sizeof node->name, "n_%s_%u", class->name, copy);
    add_node(scene, class, node->name);
    wire_node(&scene->studio->client, class, node->name);
}

void scene_open(struct scene *scene, struct studio *studio)
{
    *scene = (struct scene){.studio = studio};
    struct client *client = &studio->client;
    write_sound(studio);
    write_song(studio);
    client_open_udp(&scene->faders, studio->port);
    client_do(client, "/graph/add osc source freq 220.0 level -20.0");
    client_do(client, "/graph/add osc wave freq 3.0");
    client_do(client, "/graph/connect source out gain -30.0");
    client_do(client, "/graph/add midi_player song file song.mid loop T");
    client_do(client, "/graph/add arpeggiator ear");
    client_do(client, "/graph/add gain loop");
    client_do(client, "/graph/connect source loop");
    client_do(client, "/graph/connect loop out gain -60.0");
    client_do(client, "/graph/connect loop loop gain -3.0 feedback");
    client_do(client, "/transport/play");
    for (unsigned i = 0; i < n_node_registry; i++)
        for (unsigned copy = 0; copy < n_copies(node_registry[i]); copy++)
            open_node(scene, node_registry[i], copy);
}

void scene_crowd(struct scene *scene)
{
    for (unsigned i = 0; i < CROWD; i++) {
        client_do(&scene->studio->client, "/graph/add butterworth crowd_%u order 10", i);
        client_do(&scene->studio->client, "/graph/connect source crowd_%u", i);
        client_do(&scene->studio->client, "/graph/connect wave crowd_%u:cutoff depth 1.0", i);
        client_do(&scene->studio->client, "/graph/connect crowd_%u out gain -60.0", i);
    }
}

void scene_close(struct scene *scene)
{
    client_close(&scene->faders);
}

/* ---- the hands ------------------------------------------------------------------------------------------------------- */

static bool is_fader(const struct node_class *class, const struct param_info *param)
{
    return !param_is_path(param) && !param->flags && has(class, param->number);
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
        const struct node_class *class = scene->nodes[n].class;
        for (unsigned i = 0; i < class->n_params; i++) {
            const struct param_info *param = &class->params[(scene->n_ticks + i) % class->n_params];
            if (!is_fader(class, param))
                continue;
            client_tell(&scene->faders, "/node/%s/%s %.6f", scene->nodes[n].name, param->name,
                        value_at(param, scene->n_ticks));
            break;
        }
    }
}

/* Eight edits in a round: a node of the next class comes, is wired, rewired and goes; a loop is opened and closed, and the
 * piece goes on elsewhere at another tempo. */
static void edit(struct scene *scene)
{
    struct client *client = &scene->studio->client;
    unsigned round = scene->n_edits / 8;
    const struct node_class *class = scene->nodes[round % scene->n_nodes].class;
    switch (scene->n_edits++ % 8) {
    case 0:
        add_node(scene, class, "guest");
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
        break;
    case 6:
        client_do(client, "/graph/disconnect loop loop");
        client_do(client, "/transport/tempo %u.5 at %u:1:0", 60 + round % 100, 1 + round % 50);
        break;
    case 7:
        client_do(client, "/graph/connect loop loop gain -3.0 feedback");
        client_do(client, "/transport/locate %u:2:0", 1 + round % 50);
    }
}

/* A session is written aside while everything plays on. */
static void save(struct scene *scene)
{
    client_do(&scene->studio->client, "/session/save scene.dawd");
    scene->n_saves++;
}

void scene_play(struct scene *scene, double seconds, double edits_hz)
{
    double start = now_s(), edits = 0, saves = 0;
    for (double at = 0; at < seconds; at += TICK_S) {
        move_faders(scene);
        for (; edits < at * edits_hz; edits++)
            edit(scene);
        for (; saves * SAVE_EVERY_S < at; saves++)
            save(scene);
        double left = start + at + TICK_S - now_s();
        if (left > 0)
            pause_s(left);
    }
}
