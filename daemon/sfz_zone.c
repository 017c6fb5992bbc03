#include "daemon/sfz_zone.h"

#include <math.h>

static bool is_given(const struct sfz_region *region, enum sfz_opcode opcode)
{
    return region->given & UINT64_C(1) << opcode;
}

static void zone_pitch(struct instrument_zone *zone, const struct sfz_region *region, const struct media_marks *marks)
{
    const double *value = region->value;
    bool is_sample = value[SFZ_KEYCENTER] == SFZ_OF_SAMPLE;
    zone->root = is_sample ? (marks->has_root ? marks->root : 60) : (float)value[SFZ_KEYCENTER];
    zone->cents_per_key = (float)value[SFZ_KEYTRACK];
    zone->tune_cents = (float)(value[SFZ_TUNE] + 100 * value[SFZ_TRANSPOSE]);
}

/* What the region says of a loop, else the sample. False: it lies outside, and is none. */
static bool zone_loop(struct instrument_zone *zone, const struct sfz_region *region, const struct zone_sound *sound)
{
    const struct media_marks *marks = sound->marks;
    const double *value = region->value;
    static const enum instrument_loop modes[] = {[SFZ_NO_LOOP] = INSTRUMENT_PLAYS_ONCE,
                                                 [SFZ_ONE_SHOT] = INSTRUMENT_ONE_SHOT,
                                                 [SFZ_LOOP_CONTINUOUS] = INSTRUMENT_LOOPS,
                                                 [SFZ_LOOP_SUSTAIN] = INSTRUMENT_SUSTAINS};
    double start = is_given(region, SFZ_LOOP_START) ? value[SFZ_LOOP_START] : (double)marks->loop_start;
    double end = is_given(region, SFZ_LOOP_END) ? value[SFZ_LOOP_END] + 1
                 : marks->has_loop              ? (double)marks->loop_end
                                                : (double)zone->end;
    bool is_there = start >= (double)zone->start && start < end && end <= (double)zone->end;
    zone->loop_mode = is_given(region, SFZ_LOOP_MODE) ? modes[(int)value[SFZ_LOOP_MODE]]
                      : marks->has_loop               ? INSTRUMENT_LOOPS
                                                      : INSTRUMENT_PLAYS_ONCE;
    bool loops = zone->loop_mode == INSTRUMENT_LOOPS || zone->loop_mode == INSTRUMENT_SUSTAINS;
    if (loops && !is_there)
        zone->loop_mode = INSTRUMENT_PLAYS_ONCE;
    if (!is_there)
        return !loops;
    zone->loop_start = (uint64_t)start;
    zone->loop_end = (uint64_t)end;
    double fade = fmin(value[SFZ_LOOP_CROSSFADE] * sound->rate_hz, fmin(end - start, start - (double)zone->start));
    zone->crossfade_frames = (uint64_t)fade;
    return true;
}

/* The six of an envelope stand in a row. */
static struct instrument_envelope envelope_of(const double *value)
{
    return (struct instrument_envelope){
        .delay_s = (float)value[0],
        .attack_s = (float)value[1],
        .hold_s = (float)value[2],
        .decay_s = (float)value[3],
        .sustain = (float)value[4] / 100,
        .release_s = (float)value[5],
    };
}

static void zone_level(struct instrument_zone *zone, const double *value)
{
    zone->gain = (float)pow(10, value[SFZ_VOLUME] / 20);
    zone->pan = (float)value[SFZ_PAN] / 100;
    zone->velocity_track = (float)value[SFZ_VELTRACK] / 100;
    zone->envelope = envelope_of(value + SFZ_DELAY);
}

static void zone_filter(struct instrument_filter *filter, const struct sfz_region *region)
{
    static const enum instrument_filter_kind kinds[] = {[SFZ_LPF_2P] = INSTRUMENT_LOWPASS,
                                                        [SFZ_HPF_2P] = INSTRUMENT_HIGHPASS,
                                                        [SFZ_BPF_2P] = INSTRUMENT_BANDPASS,
                                                        [SFZ_BRF_2P] = INSTRUMENT_NOTCH,
                                                        [SFZ_NO_FILTER] = INSTRUMENT_NO_FILTER};
    const double *value = region->value;
    if (!is_given(region, SFZ_CUTOFF))
        return;
    filter->kind = kinds[(int)value[SFZ_FIL_TYPE]];
    filter->cutoff_hz = (float)value[SFZ_CUTOFF];
    filter->q = (float)(M_SQRT1_2 * pow(10, value[SFZ_RESONANCE] / 20));
    filter->key_cents = (float)value[SFZ_FIL_KEYTRACK];
    filter->key_center = (float)value[SFZ_FIL_KEYCENTER];
    filter->velocity_cents = (float)value[SFZ_FIL_VELTRACK];
    filter->depth_cents = (float)value[SFZ_FILEG_DEPTH];
    filter->envelope = envelope_of(value + SFZ_FILEG_DELAY);
}

/* The four of a crossfade, and its curve, stand in a row. */
static struct instrument_fade fade_of(const double *value)
{
    return (struct instrument_fade){
        .in_low = (float)value[0],
        .in_high = (float)value[1],
        .out_low = (float)value[2],
        .out_high = (float)value[3],
        .is_straight = value[4] == SFZ_CURVE_GAIN,
    };
}

static void zone_switch(struct instrument_zone *zone, const double *value)
{
    bool has_range = value[SFZ_SW_LOKEY] >= 0 && value[SFZ_SW_HIKEY] >= value[SFZ_SW_LOKEY];
    zone->has_switch = value[SFZ_SW_LAST] >= 0;
    if (!zone->has_switch)
        return;
    zone->switch_key = (uint8_t)value[SFZ_SW_LAST];
    zone->key_switch = (struct instrument_switch){
        has_range ? (uint8_t)value[SFZ_SW_LOKEY] : INSTRUMENT_KEYS - 1, has_range ? (uint8_t)value[SFZ_SW_HIKEY] : 0,
        value[SFZ_SW_DEFAULT] >= 0 ? (uint8_t)value[SFZ_SW_DEFAULT] : INSTRUMENT_KEYS};
}

/* False where it never sounds: no key, no velocity, no sound. */
static bool zone_range(struct instrument_zone *zone, const double *value, uint64_t n_frames)
{
    double low = fmax(value[SFZ_LOKEY], 0), end = value[SFZ_END] > 0 ? value[SFZ_END] + 1 : (double)n_frames;
    if (value[SFZ_HIKEY] < low || value[SFZ_HIVEL] < value[SFZ_LOVEL] || value[SFZ_OFFSET] >= fmin(end, (double)n_frames))
        return false;
    zone->key_low = (uint8_t)low;
    zone->key_high = (uint8_t)value[SFZ_HIKEY];
    zone->velocity_low = (uint8_t)value[SFZ_LOVEL];
    zone->velocity_high = (uint8_t)value[SFZ_HIVEL];
    zone->chance_low = (float)value[SFZ_LORAND];
    zone->chance_high = value[SFZ_HIRAND] >= 1 ? 2.0f : (float)value[SFZ_HIRAND]; /* a draw may round up to 1 */
    zone->n_turns = (uint8_t)value[SFZ_SEQ_LENGTH];
    zone->turn = (uint8_t)(value[SFZ_SEQ_POSITION] - 1);
    zone->on_release = value[SFZ_TRIGGER] == SFZ_TRIGGER_RELEASE;
    zone->start = (uint64_t)value[SFZ_OFFSET];
    zone->end = (uint64_t)fmin(end, (double)n_frames);
    zone->group = (int64_t)value[SFZ_GROUP];
    zone->off_by = (int64_t)value[SFZ_OFF_BY];
    zone->off_is_slow = value[SFZ_OFF_MODE] == SFZ_OFF_NORMAL;
    return true;
}

bool zone_fill(struct instrument_zone *zone, const struct sfz_region *region, const struct zone_sound *sound, bool *is_odd)
{
    *zone = (struct instrument_zone){.sound = zone->sound};
    bool sounds = zone_range(zone, region->value, sound->n_frames);
    *is_odd = !sounds || !zone_loop(zone, region, sound);
    zone_pitch(zone, region, sound->marks);
    zone_level(zone, region->value);
    zone_filter(&zone->filter, region);
    zone_switch(zone, region->value);
    zone->velocity_fade = fade_of(region->value + SFZ_XFIN_LOVEL);
    zone->key_fade = fade_of(region->value + SFZ_XFIN_LOKEY);
    return sounds;
}
