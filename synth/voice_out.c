/* The way out of a voice: what comes in goes out, and fades where the voice is taken for another note.
 *
 *     in ──(x fade)──▶ out        the level of it ──▶ the container, for whom it is the quietest
 *
 * When it has fallen asleep behind a note that was let go, the voice is over. Outside of a container it is a wire.
 */
#include <string.h>

#include "graph/node.h"

#include "graph/dsp/vector.h"
#include "graph/rt_only.h"

static const struct port_info inputs[] = {{"in", "What is to be heard of the voice."}};
static const struct port_info outputs[] = {{"out", "The same; outside of the container, of all voices together."}};

/* The gain at a frame of a voice that fades. */
static float gain_at(const struct voice_slot *voice, uint64_t frame)
{
    if (frame < voice->fade_from)
        return 1;
    uint64_t gone = frame - voice->fade_from;
    return gone < voice->fade_frames ? 1 - (float)gone / (float)voice->fade_frames : 0;
}

/* Sizes are compared as the integers that their bits are, which is done in vectors. */
DAWD_CLONES static float level_of(const float *x, unsigned n)
{
    union {
        float value;
        int32_t bits;
    } most = {0}, size;
    DAWD_FRAMES_APART
    for (unsigned i = 0; i < n; i++) {
        size.value = fabsf(x[i]);
        most.bits = size.bits > most.bits ? size.bits : most.bits;
    }
    return most.value;
}

static void fade(const struct voice_slot *voice, float *out, uint64_t frame, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        out[i] *= gain_at(voice, frame + i);
}

/* By cells, so that who is the quietest does not hang on the period. */
static void level_note(struct voice_slot *voice, float level, uint64_t cell)
{
    if (voice->level_cell != cell) {
        voice->level_before = voice->level_cell + 1 == cell ? voice->level : 0;
        voice->level = 0;
        voice->level_cell = cell;
    }
    voice->level = level > voice->level ? level : voice->level;
}

static void voice_out_process(void *state, const struct node_io *io)
{
    const unsigned *channels = state;
    struct voice_slot *voice = io->voice;
    float level = 0;
    for (unsigned c = 0; c < *channels; c++) {
        if (channel_repeats(io, c))
            continue;
        if (voice && voice->is_measured)
            level = fmaxf(level, level_of(io->in[c], io->n));
        if (io->out[c] != io->in[c])
            memcpy(io->out[c], io->in[c], io->n * sizeof(float));
        if (voice && voice->fades)
            fade(voice, io->out[c], io->frame, io->n);
    }
    if (voice && voice->is_measured)
        level_note(voice, level, io->frame / VOICE_CELL_FRAMES);
}

static int voice_out_init(void *state, const struct node_init *init, struct error *error)
{
    (void)error;
    *(unsigned *)state = init->channels;
    return 0;
}

const struct node_class voice_out_node = {
    .name = "voice_out",
    .help = "The way out of the voices of a container.",
    .inputs = inputs,
    .outputs = outputs,
    .n_inputs = ROWS(inputs),
    .n_outputs = ROWS(outputs),
    .channels = 2,
    .channels_max = PORT_CHANNELS_MAX,
    .ends_voices = true,
    .sleeps = {.can = true},
    .finite = true,
    .is_memoryless = true,
    .state_bytes = sizeof(unsigned),
    .init = voice_out_init,
    .process = voice_out_process,
};
