#include "graph/voice_rt.h"

#include <string.h>

#include "graph/mutant.h"
#include "graph/sleep_rt.h"

#include "graph/rt_only.h"

/* What is on its way from one node of the voice to another. */
static void ways_clear_rt(const struct step *step)
{
    for (unsigned i = 0; i < step->n_compensations; i++)
        compensation_clear_rt(&step->compensations[i]);
    for (unsigned i = 0; i < step->n_sends; i++)
        if (step->sends[i].is_within)
            line_clear_rt(step->sends[i].line);
}

static void voice_start_rt(const struct voice_steps *voice, const struct moment *moment)
{
    for (unsigned i = 0; i < voice->n; i++) {
        ways_clear_rt(&moment->plan->steps[voice->steps[i]]);
        sleep_wake_rt(moment->plan, voice->steps[i]);
    }
}

static bool stops_rt(const struct voice_slot *voice, const struct moment *moment)
{
    return voice->stops_at >= moment->frame && voice->stops_at < moment->frame + moment->n;
}

/* Bounded by the voices of the container and by what is in it. */
void voices_call_rt(const struct step *step, const struct moment *moment)
{
    const struct node_rt *container = step->node;
    for (unsigned v = 0; v < container->n_slots; v++) {
        const struct voice_steps *voice = &step->voices[v];
        if (container->slots[v].starts)
            voice_start_rt(voice, moment);
        else if (container->slots[v].turns || stops_rt(&container->slots[v], moment))
            for (unsigned i = 0; i < voice->n; i++)
                sleep_due_set_rt(moment->plan, voice->steps[i], true); /* those that rest, too */
    }
}

bool voice_rests_rt(struct step *step, const struct moment *moment)
{
    const struct voice_slot *voice = step->io.voice;
    if (voice->starts)
        sleep_clear_rt(step, moment);
    if (voice->starts || voice->stops_at > moment->frame || MUTANT_FLAW("restless"))
        return false;
    sleep_force_rt(step, moment); /* until it is called */
    return true;
}

/* ---- part of a block ------------------------------------------------------------------------------------------------- */

/* Frames of a block. */
struct part {
    unsigned from, end;
};

static void hush_rt(const struct step *step, unsigned from, unsigned end)
{
    for (unsigned c = 0; from < end && c < step->n_out; c++)
        memset(step->io.out[c] + from, 0, (end - from) * sizeof(float));
}

/* Whatever is by frame points so many of them further, or back. */
static void shift_rt(struct step *step, int frames)
{
    const float **in = (const float **)step->io.in;
    float **out = (float **)step->io.out;
    for (unsigned c = 0; c < step->n_in; c++)
        in[c] += frames;
    for (unsigned c = 0; c < step->n_out; c++)
        out[c] += frames;
}

/* Values per frame are in the scratch, where nobody looks at them behind this step. */
static void params_shift_rt(const struct step *step, unsigned frames)
{
    struct param *param = step->io.param == step->node->params ? NULL : (struct param *)step->io.param;
    for (unsigned row = 0; param && row < step->node->class->n_params; row++)
        if (param[row].frames) {
            param[row].frames += frames;
            param[row].value = *param[row].frames;
        }
}

static void events_cut_rt(struct event_list *cut, const struct event_list *list, struct part part)
{
    cut->n = 0;
    for (unsigned i = 0; list && i < list->n; i++)
        if (list->event[i].offset >= part.from && list->event[i].offset < part.end) {
            cut->event[cut->n] = list->event[i];
            cut->event[cut->n++].offset -= part.from;
        }
}

static unsigned count(const struct event_list *list)
{
    return list ? list->n : 0;
}

static void events_shift_rt(struct event_list *list, unsigned first, unsigned frames)
{
    for (unsigned i = first; i < count(list); i++)
        list->event[i].offset += frames;
}

/* As if the block were no more than that. */
static void part_run_rt(struct step *step, struct part part)
{
    struct event_list heard;
    const struct node_io whole = step->io;
    struct music music = *whole.music;
    unsigned n_out = count(whole.events_out), n_told = count(whole.told);
    events_cut_rt(&heard, whole.events, part);
    music.position += music.is_rolling ? part.from : 0;
    params_shift_rt(step, part.from);
    shift_rt(step, (int)part.from);
    step->io.events = whole.events ? &heard : NULL;
    step->io.music = &music;
    step->io.frame += part.from;
    step->io.n = part.end - part.from;
    step->node->class->process(step->node->state, &step->io);
    step->io = whole;
    shift_rt(step, -(int)part.from);
    events_shift_rt(whole.events_out, n_out, part.from);
    events_shift_rt(whole.told, n_told, part.from);
}

static unsigned offset_of(uint64_t at, const struct moment *moment)
{
    return at < moment->frame ? 0 : at - moment->frame < moment->n ? (unsigned)(at - moment->frame) : moment->n;
}

static struct part part_of(const struct voice_slot *voice, const struct moment *moment)
{
    return (struct part){voice->starts ? offset_of(voice->starts_at, moment) : 0, offset_of(voice->stops_at, moment)};
}

static bool is_whole(struct part part, const struct moment *moment)
{
    return !part.from && part.end == moment->n;
}

bool voice_is_whole_rt(const struct step *step, const struct moment *moment)
{
    return is_whole(part_of(step->io.voice, moment), moment);
}

bool voice_run_rt(struct step *step, const struct moment *moment, bool has_run)
{
    struct part part = part_of(step->io.voice, moment);
    if (is_whole(part, moment) || MUTANT_FLAW("restless"))
        return false;
    if (!has_run)
        part_run_rt(step, part);
    hush_rt(step, 0, part.from);
    hush_rt(step, part.end, moment->n);
    return true;
}

void voice_listen_rt(struct step *step, const struct moment *moment)
{
    if (step->io.voice->is_let_go && !step->silent && sleep_is_quiet_rt(step, moment))
        step->silent = true;
}
