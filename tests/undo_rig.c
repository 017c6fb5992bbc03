#include "tests/undo_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t time_ns;

static uint64_t test_clock(void *self)
{
    (void)self;
    return time_ns;
}

void undo_rig_clock(uint64_t ms)
{
    time_ns = 1000000000 + ms * 1000000;
}

void undo_rig_open(struct osc_rig *rig)
{
    osc_rig_open(rig);
    undo_rig_clock(0);
    rig->ctl->engine->clock.now_ns = test_clock;
}

void undo_rig_bring(struct osc_rig *rig)
{
    while (rig->n_loads) {
        char *path = strdup(rig->loads[0].path);
        osc_rig_load(rig, path);
        free(path);
    }
}

const char *undo_rig_ask(struct osc_rig *rig, const char *lines)
{
    unsigned first = rig->n_answers;
    osc_rig_send(rig, lines);
    undo_rig_bring(rig);
    osc_rig_run(rig);
    OSC_RIG_DEMAND(rig->n_answers <= first + 1, "%s is answered %u times", lines, rig->n_answers - first);
    return osc_rig_line(rig);
}

void undo_rig_do(struct osc_rig *rig, const char *lines)
{
    const char *answer = undo_rig_ask(rig, lines);
    OSC_RIG_DEMAND(strncmp(answer, "/done ", 6) == 0, "%s is answered by: %s", lines, *answer ? answer : "nothing");
}

char *undo_rig_text(struct osc_rig *rig)
{
    struct bytes text = {0};
    session_write(rig->server, &text);
    bytes_add_byte(&text, '\0');
    OSC_RIG_DEMAND(!text.failed, "memory ran out");
    return (char *)text.data;
}

void undo_rig_steps(struct osc_rig *rig, const char *counts)
{
    char expected[64];
    snprintf(expected, sizeof expected, "/done 0 /history %s", counts);
    ck_assert_str_eq(osc_rig_do(rig, "/history 0 0"), expected);
}
