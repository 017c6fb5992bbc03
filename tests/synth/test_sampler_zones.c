/* Which zones a sampler plays: keys, velocities, turns, draws, groups, ends of notes; and what becomes of notes that are too
 * many. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "tests/sampler_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE SAMPLER_RIG_RATE
#define LONG 48000

/* Zones of which each gives a number of its own, for ever: what is heard tells which of them sound. */
static float level[SAMPLER_RIG_MOST][LONG];

static struct instrument_zone *add_level(struct sampler_rig *made, float value)
{
    float *samples = level[made->instrument.n_zones];
    for (unsigned i = 0; i < LONG; i++)
        samples[i] = value;
    struct instrument_zone *zone = sampler_rig_add(made, samples, LONG, 1, RATE);
    zone->velocity_track = 0;
    zone->cents_per_key = 0;
    return zone;
}

static float *play(struct sampler_rig *made, struct rig *rig, const struct event *events, size_t n_events, size_t n)
{
    *rig = sampler_rig_node(made);
    rig_start(rig);
    return sampler_rig_play(rig, events, n_events, n, NULL);
}

static void over(struct sampler_rig *made, struct rig *rig, float *x)
{
    free(x);
    free(made->instrument.of_key);
    rig_free(rig);
}

START_TEST(keys_and_velocities_choose_the_zone)
{
    struct sampler_rig made = {0};
    struct rig rig;
    for (unsigned i = 0; i < 4; i++) {
        struct instrument_zone *zone = add_level(&made, (float)(1 << i));
        zone->key_low = i & 1 ? 61 : 0;
        zone->key_high = i & 1 ? 127 : 60;
        zone->velocity_low = i & 2 ? 64 : 0;
        zone->velocity_high = i & 2 ? 127 : 63;
    }
    static const struct {
        float key, velocity, heard;
    } notes[] = {{60, 63, 1}, {61, 63, 2}, {60, 64, 4}, {61, 64, 8}, {0, 1, 1}, {127, 127, 8}, {60.4f, 63.7f, 1}};
    for (unsigned i = 0; i < ROWS(notes); i++) {
        const struct event on = sampler_rig_on(0, notes[i].key, notes[i].velocity);
        float *x = play(&made, &rig, &on, 1, 100);
        ck_assert_float_eq_tol(x[50], notes[i].heard, 1e-5f);
        over(&made, &rig, x);
        made.instrument.of_key = NULL;
    }
}
END_TEST

START_TEST(zones_that_meet_one_note_sound_together)
{
    struct sampler_rig made = {0};
    struct rig rig;
    add_level(&made, 1);
    add_level(&made, 2);
    const struct event on = sampler_rig_on(0, 60, 100);
    float *x = play(&made, &rig, &on, 1, 100);
    ck_assert_float_eq(x[0], 3);
    over(&made, &rig, x);
}
END_TEST

START_TEST(louder_is_the_square_of_velocity)
{
    struct sampler_rig made = {0};
    struct rig rig;
    add_level(&made, 1)->velocity_track = 1;
    add_level(&made, 10)->velocity_track = -1;
    const struct event on = sampler_rig_on(0, 60, 63.5f);
    float *x = play(&made, &rig, &on, 1, 100);
    ck_assert_float_eq_tol(x[0], 0.25f + 10 * 0.25f, 1e-4f);
    over(&made, &rig, x);
}
END_TEST

/* Two layers of one recording add up to it wherever the velocity is; of two different ones the powers do. */
START_TEST(layers_of_velocity_lead_over_to_one_another)
{
    for (unsigned straight = 0; straight < 2; straight++)
        for (float velocity = 1; velocity < 128; velocity += 7) {
            struct sampler_rig made = {0};
            struct rig rig;
            struct instrument_zone *soft = add_level(&made, 1), *hard = add_level(&made, 100);
            soft->velocity_fade = (struct instrument_fade){0, 0, 40, 80, straight};
            hard->velocity_fade = (struct instrument_fade){40, 80, 127, 127, straight};
            const struct event on = sampler_rig_on(0, 60, velocity);
            float part = fminf(fmaxf((velocity - 40) / 40, 0), 1), left[2] = {1 - part, part};
            float *x = play(&made, &rig, &on, 1, 100);
            float wanted = straight ? left[0] + 100 * left[1] : sqrtf(left[0]) + 100 * sqrtf(left[1]);
            ck_assert_float_eq_tol(x[50], wanted, 1e-3f);
            over(&made, &rig, x);
        }
}
END_TEST

START_TEST(zones_lead_over_from_key_to_key_and_edges_stay_edges)
{
    static const struct {
        float key, heard;
    } notes[] = {{40, 1}, {48, 1}, {54, 0.5f}, {60, 4}, {61, 4}, {72, 4}, {73, 0}};
    for (unsigned i = 0; i < ROWS(notes); i++) {
        struct sampler_rig made = {0};
        struct rig rig;
        add_level(&made, 1)->key_fade = (struct instrument_fade){0, 0, 48, 60, true};
        add_level(&made, 4)->key_fade = (struct instrument_fade){60, 60, 72, 72, true};
        const struct event on = sampler_rig_on(0, notes[i].key, 100);
        float *x = play(&made, &rig, &on, 1, 100);
        ck_assert_float_eq_tol(x[50], notes[i].heard, 1e-5f);
        over(&made, &rig, x);
    }
}
END_TEST

/* Two ways to play, chosen by the lowest keys; a third zone does not care. */
START_TEST(key_switches_choose_what_is_played)
{
    struct sampler_rig made = {0};
    struct rig rig;
    for (uint8_t i = 0; i < 2; i++) {
        struct instrument_zone *zone = add_level(&made, 1 + i);
        zone->key_low = 40;
        zone->has_switch = true;
        zone->switch_key = 24 + i;
        zone->key_switch = (struct instrument_switch){24, 25, 25};
    }
    add_level(&made, 10)->key_low = 40;
    const struct event events[] = {
        sampler_rig_on(0, 60, 100),    sampler_rig_off(900, 60),      sampler_rig_on(2000, 24, 1),
        sampler_rig_off(2000, 24),     sampler_rig_on(3000, 60, 100), sampler_rig_off(3900, 60),
        sampler_rig_on(5000, 61, 100), sampler_rig_on(5000, 25, 1),   sampler_rig_off(5001, 25)};
    float *x = play(&made, &rig, events, ROWS(events), 6000);
    ck_assert_float_eq(x[500], 12);
    ck_assert_float_eq(x[2500], 0);
    ck_assert_float_eq(x[3500], 11);
    ck_assert_float_eq(x[5500], 12); /* both in one frame: the switch first */
    over(&made, &rig, x);
}
END_TEST

/* Without a range, all keys that switch are one; nothing is pressed at first. */
START_TEST(switches_without_a_range_switch_one_another_off)
{
    struct sampler_rig made = {0};
    struct rig rig;
    for (uint8_t i = 0; i < 3; i++) {
        struct instrument_zone *zone = add_level(&made, (float)(1 << i));
        zone->key_low = 40;
        zone->has_switch = true;
        zone->switch_key = 20 + 5 * i;
        zone->key_switch = (struct instrument_switch){127, 0, INSTRUMENT_KEYS};
    }
    const struct event events[] = {sampler_rig_on(0, 60, 100),    sampler_rig_off(900, 60),  sampler_rig_on(1900, 30, 1),
                                   sampler_rig_on(2000, 60, 100), sampler_rig_off(2900, 60), sampler_rig_on(3900, 20, 1),
                                   sampler_rig_on(4000, 60, 100)};
    float *x = play(&made, &rig, events, ROWS(events), 5000);
    ck_assert_float_eq(x[500], 0);
    ck_assert_float_eq(x[2500], 4);
    ck_assert_float_eq(x[4500], 1);
    over(&made, &rig, x);
}
END_TEST

START_TEST(zones_of_a_round_take_turns)
{
    struct sampler_rig made = {0};
    struct rig rig;
    struct event notes[12];
    for (uint8_t i = 0; i < 3; i++) {
        struct instrument_zone *zone = add_level(&made, (float)(i + 1));
        zone->n_turns = 3;
        zone->turn = i;
    }
    for (unsigned i = 0; i < 6; i++) {
        notes[2 * i] = sampler_rig_on(1000 * i, 60, 100);
        notes[2 * i + 1] = sampler_rig_off(1000 * i + 100, 60);
    }
    float *x = play(&made, &rig, notes, 12, 6000);
    for (unsigned i = 0; i < 6; i++)
        ck_assert_float_eq(x[1000 * i + 50], (float)(i % 3 + 1));
    over(&made, &rig, x);
}
END_TEST

START_TEST(draws_are_as_even_as_they_are_said_to_be)
{
    struct sampler_rig made = {0};
    struct event notes[2000];
    unsigned n_low = 0;
    add_level(&made, 1)->chance_high = 0.25f;
    add_level(&made, 2)->chance_low = 0.25f;
    for (unsigned i = 0; i < 1000; i++) {
        notes[2 * i] = sampler_rig_on(1000 * i, 60, 100);
        notes[2 * i + 1] = sampler_rig_off(1000 * i + 100, 60);
    }
    struct rig rig;
    float *x = play(&made, &rig, notes, 2000, 1000000);
    for (unsigned i = 0; i < 1000; i++) {
        float heard = x[1000 * i + 50];
        ck_assert(heard == 1 || heard == 2);
        n_low += heard == 1;
    }
    ck_assert_uint_gt(n_low, 200);
    ck_assert_uint_lt(n_low, 300);
    over(&made, &rig, x);
}
END_TEST

START_TEST(a_closed_hi_hat_ends_the_open_one_without_a_click)
{
    struct sampler_rig made = {0};
    struct rig rig;
    struct instrument_zone *open = add_level(&made, 1), *closed = add_level(&made, 0.25f);
    open->key_low = open->key_high = 46;
    closed->key_low = closed->key_high = 42;
    open->group = open->off_by = closed->group = 1;
    const struct event notes[] = {sampler_rig_on(0, 46, 100), sampler_rig_on(1000, 42, 100), sampler_rig_on(2000, 46, 100),
                                  sampler_rig_off(2500, 46), sampler_rig_on(4000, 46, 100)};
    float *x = play(&made, &rig, notes, 5, 5000);
    ck_assert_float_eq(x[999], 1);
    ck_assert_float_eq_tol(x[1000], 1.25f, 0.02f);
    ck_assert_float_eq(x[1200], 0.25f);
    ck_assert_float_lt((float)largest_step(x + 1002, 500), 0.01f);
    ck_assert_float_eq(x[2300], 1.25f); /* the open one does not end the closed one, which ends nothing by being held */
    over(&made, &rig, x);
}
END_TEST

START_TEST(a_slow_choke_takes_the_release)
{
    struct sampler_rig made = {0};
    struct rig rig;
    struct instrument_zone *low = add_level(&made, 1), *high = add_level(&made, 0);
    low->key_high = 60;
    high->key_low = 61;
    low->off_by = high->group = -7;
    low->off_is_slow = true;
    low->envelope.release_s = 0.1f;
    const struct event notes[] = {sampler_rig_on(0, 60, 100), sampler_rig_on(1000, 61, 100)};
    float *x = play(&made, &rig, notes, 2, 8000);
    ck_assert_float_gt(x[1000 + 400], 0.1f);
    ck_assert_float_gt(x[1000 + 4799], 0);
    ck_assert_float_eq(x[1000 + 4800], 0);
    over(&made, &rig, x);
}
END_TEST

START_TEST(a_one_shot_rings_however_short_its_note)
{
    struct sampler_rig made = {0};
    struct rig rig;
    add_level(&made, 1)->loop_mode = INSTRUMENT_ONE_SHOT;
    const struct event notes[] = {sampler_rig_on(0, 60, 100), sampler_rig_off(10, 60)};
    float *x = play(&made, &rig, notes, 2, LONG + 100);
    ck_assert_float_eq(x[LONG - 1], 1);
    ck_assert_float_eq(x[LONG], 0);
    ck_assert_float_eq(rig_reading(&rig, "playing"), 0);
    over(&made, &rig, x);
}
END_TEST

START_TEST(a_zone_of_the_release_sounds_where_the_note_ends)
{
    struct sampler_rig made = {0};
    struct rig rig;
    add_level(&made, 1);
    add_level(&made, 4)->on_release = true;
    const struct event notes[] = {sampler_rig_on(0, 60, 100), sampler_rig_off(1000, 60)};
    float *x = play(&made, &rig, notes, 2, 4000);
    ck_assert_float_eq(x[999], 1);
    ck_assert_float_ge(x[1000], 4);
    ck_assert_float_eq(x[3000], 4);
    over(&made, &rig, x);
}
END_TEST

/* Frames of noise that would click: nothing moves faster than the sound itself while notes are stolen all the time. */
START_TEST(stealing_does_not_click)
{
    struct sampler_rig made = {0};
    struct event notes[40];
    struct rig rig;
    float *samples = malloc(LONG * sizeof *samples);
    sine_fill(samples, LONG, 100, RATE, 0.5);
    struct instrument_zone *zone = sampler_rig_add(&made, samples, LONG, 1, RATE);
    zone->envelope.attack_s = 0.01f;
    for (unsigned i = 0; i < 40; i++)
        notes[i] = sampler_rig_on(500 * i, (float)(40 + i), 127);
    rig = sampler_rig_node(&made);
    rig_set(&rig, "voices", 2);
    rig_start(&rig);
    float *x = sampler_rig_play(&rig, notes, 40, 20000, NULL);
    ck_assert_float_lt((float)largest_step(x, 20000), 0.15f);
    ck_assert_float_le(rig_reading(&rig, "playing"), 4);
    free(samples);
    over(&made, &rig, x);
}
END_TEST

START_TEST(the_pedal_holds_and_the_wheel_bends)
{
    struct sampler_rig made = {0};
    float *samples = malloc(4 * LONG * sizeof *samples);
    sine_fill(samples, 4 * LONG, 1000, RATE, 1);
    sampler_rig_add(&made, samples, 4 * LONG, 1, RATE);
    struct rig rig = sampler_rig_node(&made);
    rig_start(&rig);
    const struct event events[] = {sampler_rig_on(0, 60, 127),
                                   {.offset = 10, .kind = EVENT_CONTROL, .number = CONTROL_PEDAL, .value = 127},
                                   sampler_rig_off(100, 60),
                                   {.offset = 200, .kind = EVENT_BEND, .value = 1}};
    float *x = sampler_rig_play(&rig, events, 4, 40000, NULL);
    ck_assert_double_eq_tol(tone_amplitude(x + 2000, 32768, 1000 * exp2(2 / 12.0), RATE), 1, 0.001);
    free(samples);
    over(&made, &rig, x);
}
END_TEST

START_TEST(without_an_instrument_it_is_silent)
{
    struct rig rig = rig_new("sampler", RATE, 0);
    rig_start(&rig);
    const struct event on = sampler_rig_on(0, 60, 100);
    float *x = sampler_rig_play(&rig, &on, 1, 1000, NULL);
    ck_assert_double_eq(peak(x, 1000), 0);
    free(x);
    rig_free(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {keys_and_velocities_choose_the_zone,
                                  zones_that_meet_one_note_sound_together,
                                  louder_is_the_square_of_velocity,
                                  layers_of_velocity_lead_over_to_one_another,
                                  zones_lead_over_from_key_to_key_and_edges_stay_edges,
                                  key_switches_choose_what_is_played,
                                  switches_without_a_range_switch_one_another_off,
                                  zones_of_a_round_take_turns,
                                  draws_are_as_even_as_they_are_said_to_be,
                                  a_closed_hi_hat_ends_the_open_one_without_a_click,
                                  a_slow_choke_takes_the_release,
                                  a_one_shot_rings_however_short_its_note,
                                  a_zone_of_the_release_sounds_where_the_note_ends,
                                  stealing_does_not_click,
                                  the_pedal_holds_and_the_wheel_bends,
                                  without_an_instrument_it_is_silent};
    return suite_run("sampler_zones", 20, tests, sizeof tests / sizeof tests[0]);
}
