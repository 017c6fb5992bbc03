#include "tests/session_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *session_rig_load(struct osc_rig *rig, const char *file, const void *text, size_t n)
{
    struct bytes line = {0};
    unsigned first = rig->n_answers;
    OSC_RIG_DEMAND(rig->n_read == first, "there is an answer that nobody has read");
    bytes_print(&line, "/session/load %s", file);
    bytes_add_byte(&line, '\0');
    osc_rig_send(rig, (const char *)line.data);
    bytes_deinit(&line);
    osc_rig_read(rig, file, text, n);
    while (rig->n_loads) {
        char *path = strdup(rig->loads[0].path);
        osc_rig_load(rig, path);
        free(path);
    }
    osc_rig_run(rig);
    OSC_RIG_DEMAND(rig->n_answers == first + 1, "a load has %u answers", rig->n_answers - first);
    OSC_RIG_DEMAND(!rig->server->parked, "a request still waits");
    return osc_rig_line(rig);
}

void session_rig_do(struct osc_rig *rig, const char *lines)
{
    struct bytes text = {0};
    bytes_print(&text, "# dawd session 1\n%s# end\n", lines);
    const char *answer = session_rig_load(rig, "song.dawd", text.data, text.n);
    OSC_RIG_DEMAND(strncmp(answer, "/done 0 /session/load ", 22) == 0, "%s is answered by %s", lines, answer);
    bytes_deinit(&text);
}

void session_rig_refuse(struct osc_rig *rig, const char *text, enum error_code code, const char *says)
{
    char *before = strdup(osc_rig_dump(rig)), head[80];
    struct session_rig_sound sound = session_rig_sound(rig);
    uint64_t values = rig->server->counters.values, number = rig->server->session.number;
    const char *answer = session_rig_load(rig, "song.dawd", text, strlen(text));
    snprintf(head, sizeof head, "/fail 0 /session/load %d %s ", (int)code, error_symbol(code));
    OSC_RIG_DEMAND(strncmp(answer, head, strlen(head)) == 0, "not %s: %s is answered by %s", head, text, answer);
    OSC_RIG_DEMAND(strstr(answer, says), "%s is not in %s", says, answer);
    OSC_RIG_DEMAND(strcmp(osc_rig_dump(rig), before) == 0, "%s has changed the graph", text);
    OSC_RIG_DEMAND(rig->server->counters.values == values, "%s is counted as values", text);
    OSC_RIG_DEMAND(rig->server->session.number == number, "%s has opened a session", text);
    session_rig_unchanged(rig, &sound, text);
    free(before);
}

char *session_rig_save(struct osc_rig *rig, const char *file)
{
    struct bytes line = {0};
    bytes_print(&line, "/session/save %s", file);
    bytes_add_byte(&line, '\0');
    osc_rig_send(rig, (const char *)line.data);
    bytes_deinit(&line);
    char *text = osc_rig_saved(rig, file);
    const char *answer = osc_rig_line(rig);
    OSC_RIG_DEMAND(strncmp(answer, "/done 0 /session/save ", 22) == 0, "a save is answered by %s", answer);
    return text;
}

/* ---- every type ----------------------------------------------------------------------------------------------------- */

static void value_add(const struct param_info *info, unsigned k, struct bytes *line)
{
    static const float parts[] = {1.0f / 3, 0.1f, 0.777777f, 0, 1};
    float value = info->min + parts[k % ROWS(parts)] * (info->max - info->min);
    if (info->kind == PARAM_CHOICE)
        bytes_print(line, " %s %s", info->name, info->choices[k % ((unsigned)info->max + 1)]);
    else if (info->kind == PARAM_FILE)
        bytes_print(line, " %s \"a \\\"loud\\\" one.wav\"", info->name);
    else if (info->kind == PARAM_CONTINUOUS)
        bytes_print(line, " %s %.9ed", info->name, (double)value);
    else if (info->kind != PARAM_SINK && !(info->flags & PARAM_FIXED))
        bytes_print(line, " %s %d", info->name, info->step ? (int)value / (int)info->step * (int)info->step : (int)value);
}

static bool ask(struct osc_rig *rig, struct bytes *line)
{
    bytes_add_byte(line, '\0');
    unsigned first = rig->n_answers;
    osc_rig_send(rig, (const char *)line->data);
    while (rig->n_loads)
        osc_rig_load(rig, "a \"loud\" one.wav");
    osc_rig_run(rig);
    bytes_deinit(line);
    OSC_RIG_DEMAND(rig->n_answers == first + 1, "%u answers", rig->n_answers - first);
    return strncmp(osc_rig_line(rig), "/done", 5) == 0;
}

unsigned session_rig_fill(struct osc_rig *rig)
{
    unsigned n = 0;
    for (unsigned i = 0; i < n_node_registry; i++) {
        const struct node_class *class = node_registry[i];
        struct bytes line = {0}, wire = {0};
        bytes_print(&line, "/graph/add %s %s.%u", class->name, class->name, i);
        for (unsigned row = 0; row < class->n_params; row++)
            if (!class->params[row].number)
                value_add(&class->params[row], i + row, &line);
        if (!ask(rig, &line))
            continue;
        n++;
        if (class->n_outputs)
            bytes_print(&wire, "/graph/connect %s.%u:%s.1 out:in.%u gain %g", class->name, i, class->outputs[0].name,
                        1 + i % 2, -0.1 * i);
        else if (class->n_inputs)
            bytes_print(&wire, "/graph/connect in:out.1 %s.%u:%s.1", class->name, i, class->inputs[0].name);
        if (wire.n)
            ask(rig, &wire);
    }
    return n;
}

/* ---- what sounds ---------------------------------------------------------------------------------------------------- */

struct session_rig_sound session_rig_sound(const struct osc_rig *rig)
{
    struct session_rig_sound sound = {rig->ctl->engine->plan, rig->ctl->revision, 0};
    for (const struct node *node = rig->ctl->model.first; node; node = node->next) {
        sound.objects = sound.objects * 31 + (uint64_t)(uintptr_t)node->object;
        for (const struct edge *edge = node->in_first; edge; edge = edge->in_next)
            sound.objects = sound.objects * 31 + (uint64_t)(uintptr_t)edge->object;
    }
    return sound;
}

void session_rig_unchanged(const struct osc_rig *rig, const struct session_rig_sound *before, const char *what)
{
    struct session_rig_sound now = session_rig_sound(rig);
    OSC_RIG_DEMAND(now.plan == before->plan, "%s has sent a plan", what);
    OSC_RIG_DEMAND(now.revision == before->revision, "%s has made a revision", what);
    OSC_RIG_DEMAND(now.objects == before->objects, "%s has changed what sounds", what);
}
