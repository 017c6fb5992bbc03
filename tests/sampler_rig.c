#include "tests/sampler_rig.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

struct instrument_zone *sampler_rig_add(struct sampler_rig *made, float *samples, uint64_t n, unsigned channels,
                                        double rate_hz)
{
    uint32_t i = made->instrument.n_zones++;
    ck_assert_uint_lt(i, SAMPLER_RIG_MOST);
    made->media[i] = (struct media){.samples = samples, .n_frames = n, .channels = channels, .rate_hz = rate_hz};
    made->sound[i] = (struct instrument_sound){.media = &made->media[i], .n_frames = n};
    made->zone[i] = (struct instrument_zone){.key_high = 127,
                                             .velocity_high = 127,
                                             .n_turns = 1,
                                             .chance_high = 2,
                                             .sound = i,
                                             .root = 60,
                                             .cents_per_key = 100,
                                             .gain = 1,
                                             .velocity_track = 1,
                                             .envelope = {.sustain = 1, .release_s = 0.01f},
                                             .end = n};
    return &made->zone[i];
}

struct media *sampler_rig_file(struct sampler_rig *made)
{
    made->instrument.zones = made->zone;
    made->instrument.sounds = made->sound;
    made->instrument.n_sounds = made->instrument.n_zones;
    free(made->instrument.of_key);
    ck_assert_int_eq(instrument_index(&made->instrument), 0);
    made->file = (struct media){.kind = MEDIA_INSTRUMENT, .instrument = &made->instrument, .references = 1};
    return &made->file;
}

struct rig sampler_rig_node_of(struct sampler_rig *made, const struct node_class *class)
{
    struct rig rig = rig_new_class(class, SAMPLER_RIG_RATE, 0);
    rig_media(&rig, "file", sampler_rig_file(made));
    return rig;
}

struct rig sampler_rig_node(struct sampler_rig *made)
{
    return sampler_rig_node_of(made, node_class_find("sampler"));
}

struct event sampler_rig_on(uint32_t at, float note, float velocity)
{
    return (struct event){.offset = at, .kind = EVENT_NOTE_ON, .note = note, .value = velocity};
}

struct event sampler_rig_off(uint32_t at, float note)
{
    return (struct event){.offset = at, .kind = EVENT_NOTE_OFF, .note = note};
}

float *sampler_rig_play(struct rig *rig, const struct event *events, size_t n_events, size_t n, float *right)
{
    float *out[2] = {malloc(n * sizeof(float)), right};
    ck_assert_ptr_nonnull(out[0]);
    rig->events = events;
    rig->n_events = n_events;
    rig_process(rig, NULL, out, n);
    return out[0];
}

/* Both channels, one after the other; to be freed. */
static float *cut_play(struct sampler_rig *made, const struct sampler_cuts *cuts, unsigned block)
{
    float *both = malloc(2 * cuts->n * sizeof *both);
    ck_assert_ptr_nonnull(both);
    struct rig rig = sampler_rig_node(made);
    rig.block = block;
    if (cuts->n_voices)
        rig_set(&rig, "voices", (float)cuts->n_voices);
    rig_start(&rig);
    if (cuts->moves)
        rig_curve(&rig, cuts->moves, cuts->values);
    float *left = sampler_rig_play(&rig, cuts->events, cuts->n_events, cuts->n, both + cuts->n);
    memcpy(both, left, cuts->n * sizeof *left);
    free(left);
    rig_free(&rig);
    return both;
}

void sampler_rig_cut(struct sampler_rig *made, const struct sampler_cuts *cuts)
{
    static const unsigned blocks[] = {0, 7, 1};
    float *wanted = cut_play(made, cuts, BLOCK_MAX);
    for (unsigned b = 0; b < ROWS(blocks); b++) {
        float *is = cut_play(made, cuts, blocks[b]);
        for (size_t i = 0; i < 2 * cuts->n; i++)
            ck_assert_msg(memcmp(&is[i], &wanted[i], sizeof *is) == 0, "frame %zu in blocks of %u: %.9g instead of %.9g",
                          i % cuts->n, blocks[b], (double)is[i], (double)wanted[i]);
        free(is);
    }
    free(wanted);
    free(made->instrument.of_key);
}
