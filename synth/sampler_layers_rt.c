#include "synth/sampler_layers.h"

#include <math.h>

#include "graph/rt_only.h"

#define RELEASE_LEAST_S 0.003f /* a note that is let go does not click, whatever the instrument says */
#define DRAWS_OF        0x5a3  /* any number: the draws are the same in every run */

int sampler_layers_init(struct sampler_layers *layers, const struct node_init *init, const struct instrument *instrument,
                        unsigned n_notes)
{
    *layers = (struct sampler_layers){.instrument = instrument,
                                      .n_notes = n_notes,
                                      .draws = white_of_voice(DRAWS_OF, init->voice),
                                      .rate_hz = init->rate_hz,
                                      .cut_frames = (uint32_t)ceil(SAMPLER_CUT_S * init->rate_hz)};
    layers->note = arena_take_array(init->arena, n_notes, sizeof *layers->note);
    layers->turns = arena_take_array(init->arena, instrument ? instrument->n_zones + 1 : 1, sizeof *layers->turns);
    if (!layers->note || !layers->turns)
        return ERROR_INTERNAL;
    for (unsigned i = 0; instrument && i < instrument->n_switches; i++)
        layers->switched[i] = instrument->switches[i].initial;
    return instrument ? transpose_init(&layers->transpose, init->arena, init->stock) : 0;
}

void sampler_layers_deinit(struct sampler_layers *layers)
{
    transpose_deinit(&layers->transpose);
}

/* ---- layers ---------------------------------------------------------------------------------------------------------- */

static struct stream *stream_take(struct sampler_layers *layers)
{
    for (unsigned i = 0; layers->streams && i < layers->streams->n; i++) {
        struct stream *stream = &layers->streams->stream[i];
        if (stream->is_used)
            continue;
        stream->is_used = true;
        layers->n_streams++;
        return stream;
    }
    return NULL;
}

static void layer_stop(struct sampler_layers *layers, struct sampler_layer *layer)
{
    struct stream *stream = layer->reader.stream;
    if (!layer->sounds)
        return;
    layer->sounds = false;
    layers->n_layers--;
    if (!stream)
        return;
    stream_begin_rt(stream, &(struct stream_wish){.sound = STREAM_NOTHING});
    stream->is_used = false;
    layers->n_streams--;
    layer->reader.stream = NULL;
}

static void layer_cut(const struct sampler_layers *layers, struct sampler_layer *layer)
{
    if (!layer->cut)
        layer->cut = layers->cut_frames;
}

/* How much of a zone there is at a key or a velocity of 0..127. */
static float fade_gain(const struct instrument_fade *fade, float at)
{
    float in = 1, out = 1;
    if (fade->out_high <= 0)
        return 1;
    if (at < fade->in_high)
        in = fmaxf(at - fade->in_low, 0) / fmaxf(fade->in_high - fade->in_low, 1e-3f);
    if (at > fade->out_low)
        out = fmaxf(fade->out_high - at, 0) / fmaxf(fade->out_high - fade->out_low, 1e-3f);
    float part = fminf(in, 1) * fminf(out, 1);
    return fade->is_straight ? part : sqrtf(part);
}

/* Full at 127, and softer by its square: 40 dB from there to 13, as pianos and drums are; and what crossfades leave of it. */
static float note_gain(const struct instrument_zone *zone, const struct slot *slot, float amount)
{
    float track = zone->velocity_track * amount, v = slot->velocity;
    float gain = track >= 0 ? 1 - track + track * v * v : 1 + track - track * (1 - v) * (1 - v);
    return gain * fade_gain(&zone->velocity_fade, slot->velocity * 127) * fade_gain(&zone->key_fade, slot->note);
}

/* A balance: both sides full in the middle, as two-channel sounds want it. */
static void layer_gains(struct sampler_layer *layer, float gain)
{
    float pan = layer->zone->pan, away = cosf((float)M_PI / 2 * fabsf(pan));
    layer->left = pan > 0 ? gain * (pan < 1 ? away : 0) : gain;
    layer->right = pan < 0 ? gain * (pan > -1 ? away : 0) : gain;
}

static struct instrument_envelope times_of(const struct instrument_zone *zone, const struct sampler_values *values)
{
    struct instrument_envelope times = zone->envelope;
    times.attack_s += values->attack_s;
    times.decay_s += values->decay_s;
    times.sustain *= values->sustain;
    times.release_s = fmaxf(times.release_s + values->release_s, RELEASE_LEAST_S);
    return times;
}

static void layer_start(struct sampler_layers *layers, struct sampler_layer *layer, const struct instrument_zone *zone,
                        const struct slot *slot, const struct sampler_values *values)
{
    const struct instrument_sound *sound = &layers->instrument->sounds[zone->sound];
    bool loops = values->mode == SAMPLER_AS_MADE && zone->loop_mode >= INSTRUMENT_LOOPS;
    struct instrument_envelope times = times_of(zone, values);
    *layer = (struct sampler_layer){.sounds = true, .zone = zone, .unit = sound->media->rate_hz / layers->rate_hz};
    layer->is_one_shot = values->mode == SAMPLER_ONE_SHOT || zone->on_release ||
                         (values->mode == SAMPLER_AS_MADE && zone->loop_mode == INSTRUMENT_ONE_SHOT);
    bool flows = sample_reader_flows(sound, zone, loops);
    sample_reader_start(&layer->reader, sound, zone, flows ? stream_take(layers) : NULL, loops);
    amp_envelope_start(&layer->envelope, &times, layers->rate_hz);
    sampler_filters_start(&layer->filters, &zone->filter, slot, values->bright, layers->rate_hz);
    layer_gains(layer, zone->gain * note_gain(zone, slot, values->velocity));
    layers->n_layers++;
}

/* ---- notes ----------------------------------------------------------------------------------------------------------- */

/* A group that begins ends what says that it ends it; not what its own note plays. */
static void choke(struct sampler_layers *layers, int64_t group, unsigned but)
{
    for (unsigned i = 0; i < layers->n_notes && group; i++)
        for (unsigned k = 0; k < SAMPLER_LAYERS && i != but; k++) {
            struct sampler_layer *layer = &layers->note[i].layer[k];
            if (!layer->sounds || layer->zone->off_by != group)
                continue;
            if (layer->zone->off_is_slow)
                amp_envelope_release(&layer->envelope, layer->envelope.times.release_s);
            else
                layer_cut(layers, layer);
        }
}

/* Whether it is the zone's turn; each note that meets it counts. */
static bool takes_turn(struct sampler_layers *layers, uint16_t number, const struct instrument_zone *zone)
{
    uint8_t turn = layers->turns[number];
    layers->turns[number] = (uint8_t)((turn + 1) % (zone->n_turns + !zone->n_turns));
    return turn == zone->turn;
}

static unsigned key_of(float note)
{
    unsigned key = (unsigned)(note + 0.5f);
    return key < INSTRUMENT_KEYS ? key : INSTRUMENT_KEYS - 1;
}

void sampler_key_press(struct sampler_layers *layers, float note)
{
    const struct instrument *instrument = layers->instrument;
    unsigned key = key_of(note);
    for (unsigned i = 0; i < instrument->n_switches; i++)
        if (key >= instrument->switches[i].key_low && key <= instrument->switches[i].key_high)
            layers->switched[i] = (uint8_t)key;
}

static bool is_switched(const struct sampler_layers *layers, const struct instrument_zone *zone)
{
    return !zone->has_switch || layers->switched[zone->switch_number] == zone->switch_key;
}

/* Starts the zones that the note meets, where there is a layer free. */
static void zones_start(struct sampler_layers *layers, unsigned index, const struct slot *slot,
                        const struct sampler_values *values, bool is_release)
{
    const struct instrument *instrument = layers->instrument;
    struct sampler_note *note = &layers->note[index];
    unsigned key = key_of(slot->note), place = 0;
    /* Whole numbers have been parts of 127 on their way here. */
    float velocity = floorf(slot->velocity * 127 + 0.01f), draw = 0.5f + 0.5f * white_at(&layers->draws, layers->n_begun++);
    note->waits = false;
    for (uint32_t at = instrument->by_key[key]; at < instrument->by_key[key + 1]; at++) {
        uint16_t number = instrument->of_key[at];
        const struct instrument_zone *zone = &instrument->zones[number];
        note->waits |= !is_release && instrument_zone_meets(zone, velocity, true);
        if (!instrument_zone_meets(zone, velocity, is_release) || !is_switched(layers, zone) ||
            !takes_turn(layers, number, zone) || draw < zone->chance_low || draw >= zone->chance_high ||
            note_gain(zone, slot, values->velocity) <= 0)
            continue;
        choke(layers, zone->group, index);
        while (place < SAMPLER_LAYERS && note->layer[place].sounds)
            place++;
        if (place < SAMPLER_LAYERS)
            layer_start(layers, &note->layer[place], zone, slot, values);
    }
}

void sampler_note_begin(struct sampler_layers *layers, unsigned index, const struct slot *slot,
                        const struct sampler_values *values)
{
    sampler_note_stop(layers, index);
    zones_start(layers, index, slot, values, false);
}

void sampler_note_release(struct sampler_layers *layers, unsigned index, const struct slot *slot,
                          const struct sampler_values *values)
{
    struct sampler_note *note = &layers->note[index];
    bool waits = note->waits;
    for (unsigned k = 0; k < SAMPLER_LAYERS; k++) {
        struct sampler_layer *layer = &note->layer[k];
        if (!layer->sounds || layer->is_one_shot)
            continue;
        amp_envelope_release(&layer->envelope, times_of(layer->zone, values).release_s);
        sampler_filters_release(&layer->filters, &layer->zone->filter);
        if (layer->zone->loop_mode == INSTRUMENT_SUSTAINS)
            sample_reader_leave(&layer->reader);
    }
    if (waits)
        zones_start(layers, index, slot, values, true);
}

void sampler_note_stop(struct sampler_layers *layers, unsigned index)
{
    struct sampler_note *note = &layers->note[index];
    note->waits = false;
    for (unsigned k = 0; k < SAMPLER_LAYERS; k++)
        layer_stop(layers, &note->layer[k]);
}

bool sampler_note_sounds(const struct sampler_layers *layers, unsigned index)
{
    const struct sampler_note *note = &layers->note[index];
    bool sounds = note->waits;
    for (unsigned k = 0; k < SAMPLER_LAYERS; k++)
        sounds |= note->layer[k].sounds;
    return sounds;
}

/* ---- sound ----------------------------------------------------------------------------------------------------------- */

/* The fade of what is ended at once. */
static void cut(const struct sampler_layers *layers, struct sampler_layer *layer, float *gain, unsigned n)
{
    float step = 1 / (float)layers->cut_frames;
    for (unsigned i = 0; i < n; i++) {
        gain[i] *= step * (float)(layer->cut > 1 ? layer->cut - 1 : 0);
        layer->cut -= layer->cut > 1;
    }
}

DAWD_CLONES static void add(const struct sampler_layer *layer, const float *gain, const float *from_left,
                            const float *from_right, float *left, float *right, unsigned n)
{
    float to_left = layer->left, to_right = layer->right;
    for (unsigned i = 0; i < n; i++) {
        left[i] += from_left[i] * (gain[i] * to_left);
        right[i] += from_right[i] * (gain[i] * to_right);
    }
}

void sampler_layer_run(struct sampler_layers *layers, struct sampler_layer *layer, const struct sampler_frames *frames,
                       float *left, float *right, unsigned n)
{
    float from_left[BLOCK_MAX], from_right[BLOCK_MAX], gain[BLOCK_MAX];
    float *other = sample_reader_is_mono(&layer->reader) ? from_left : from_right;
    if (!layer->cut && !sample_reader_is_fed(&layer->reader, frames->speed, n, layers->cut_frames)) {
        layers->n_starved++;
        if (layers->streams)
            atomic_fetch_add_explicit(&layers->streams->n_starved, 1, memory_order_relaxed);
        layer_cut(layers, layer);
    }
    unsigned n_read = sample_reader_run(&layer->reader, &layers->transpose, frames->speed, from_left, from_right, n);
    sampler_filters_run(&layer->filters, &layer->zone->filter, &frames->tone, layers->rate_hz, from_left, other, n_read);
    amp_envelope_run(&layer->envelope, gain, n);
    for (unsigned i = 0; i < n; i++)
        gain[i] *= frames->level[i];
    if (layer->cut)
        cut(layers, layer, gain, n);
    add(layer, gain, from_left, other, left, right, n);
    if (amp_envelope_is_over(&layer->envelope) || layer->cut == 1 || sample_reader_is_over(&layer->reader))
        layer_stop(layers, layer);
}
