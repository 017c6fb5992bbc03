/* When a MIDI player plays what: against times in rational numbers. */
#include <check.h>
#include <stdlib.h>

#include "tests/piece_rig.h"
#include "tests/smf_rig.h"
#include "tests/suite.h"

#define RATE 48000

enum { TEMPO_FILE, TEMPO_TRANSPORT };

/* A note of 100 ticks every `every` ticks, n of them, on channel 1, from key 60 up; ends with the last. */
static struct bytes scale_file(unsigned n, uint32_t every, unsigned division)
{
    struct bytes file = {0};
    smf_header(&file, 0, 1, division);
    size_t track = smf_track_open(&file);
    for (unsigned i = 0; i < n; i++) {
        char on[3] = {(char)0x90, (char)(60 + i % 12), 64}, off[3] = {(char)0x80, (char)(60 + i % 12), 64};
        smf_put(&file, i ? every - 100 : 0, on, 3);
        smf_put(&file, 100, off, 3);
    }
    smf_track_close(&file, track, every - 100);
    return file;
}

/* ---- time ----------------------------------------------------------------------------------------------------------- */

START_TEST(every_event_comes_in_the_frame_nearest_to_its_time)
{
    static const uint32_t rates_hz[] = {44100, 48000, 96000, 192000};
    struct bytes file = smf_song();
    struct media media = smf_media(&file);
    const struct smf *smf = media.midi;
    for (unsigned r = 0; r < 4; r++) {
        struct rig rig = smf_player(&media, rates_hz[r]);
        rig_start(&rig);
        smf_player_run(&rig, 3 * rates_hz[r]);
        ck_assert_uint_ge(rig.n_played, smf->n_events);
        for (uint32_t i = 0; i < smf->n_events; i++) {
            uint32_t tick = smf->events[smf->order[i].serial].tick;
            ck_assert_int_eq((int64_t)rig.played[i].offset, smf_frame_of_tick(smf, &smf->sequences[0], tick, rates_hz[r]));
        }
        ck_assert_float_eq(rig_reading(&rig, "playing"), 0);
        rig_free(&rig);
    }
    free(media.midi);
}
END_TEST

START_TEST(at_another_rate_times_are_those_of_the_file_divided)
{
    struct bytes file = scale_file(40, 137, 480);
    struct media media = smf_media(&file);
    struct rig rig = smf_player(&media, RATE);
    rig_set(&rig, "rate", 1.5f);
    rig_start(&rig);
    smf_player_run(&rig, 4 * RATE);
    for (unsigned i = 0; i < 40; i++) {
        /* i * 137 ticks of 500000 / 480 us, at 1.5: a frame is 1 / 48000 s. */
        int64_t frame = (2ll * i * 137 * 500000 * RATE / 480 * 2 / 3 + 1000000) / 2000000;
        ck_assert_int_eq((int64_t)rig.played[2 * i].offset, frame);
    }
    smf_player_close(&rig, &media);
}
END_TEST

START_TEST(a_loop_goes_round_without_a_gap_or_a_drift)
{
    /* A round lasts 2 * 137 * 500000 / 480 us: 13700 frames at 48 kHz, 12586.875 at 44.1 kHz. */
    struct bytes file = scale_file(2, 137, 480);
    struct media media = smf_media(&file);
    struct rig rig = smf_player(&media, 44100);
    rig_set(&rig, "loop", 1);
    rig_start(&rig);
    smf_player_run(&rig, 300 * 12586);
    unsigned round = 0;
    for (size_t i = 0; i < rig.n_played; i++) {
        const struct event *event = &rig.played[i];
        if (event->kind != EVENT_NOTE_ON || event->note != 60)
            continue;
        ck_assert_int_eq((int64_t)event->offset, (12586875ll * round + 500) / 1000);
        round++;
    }
    ck_assert_uint_eq(round, 300);
    ck_assert_float_eq(rig_reading(&rig, "playing"), 1);
    smf_player_close(&rig, &media);
}
END_TEST

START_TEST(by_the_transport_s_tempo_quarters_last_as_long_as_those_of_the_piece)
{
    static const struct piece_mark marks[] = {{1, 1, 0, 97000, 4, 4}, {2, 1, 0, 61333, 0, 0}, {4, 3, 0, 211000, 0, 0}};
    struct bytes file = scale_file(60, 160, 480);
    struct media media = smf_media(&file);
    struct rig rig = smf_player(&media, RATE);
    struct tempo_map *map = piece_map(marks, 3, RATE);
    rig.map = map;
    rig.is_rolling = true;
    rig_set(&rig, "tempo", TEMPO_TRANSPORT);
    rig_start(&rig);
    smf_player_run(&rig, 14 * RATE);
    for (unsigned i = 0; i < 60; i++)
        ck_assert_int_le(llabs((int64_t)rig.played[2 * i].offset - tempo_frame_of_tick(map, 320 * i)), 1);
    free(map);
    smf_player_close(&rig, &media);
}
END_TEST

START_TEST(another_tempo_goes_on_from_where_it_is)
{
    struct bytes file = smf_song();
    struct media media = smf_media(&file);
    struct rig rig = smf_player(&media, RATE);
    rig_start(&rig);
    for (unsigned i = 0; i < 20; i++) {
        float before = rig_reading(&rig, "position");
        rig_set(&rig, "tempo", i % 2 ? TEMPO_FILE : TEMPO_TRANSPORT);
        rig.block = 1;
        smf_player_run(&rig, 1);
        ck_assert_float_le(rig_reading(&rig, "position") - before, 2.1f / RATE);
        ck_assert_float_ge(rig_reading(&rig, "position") - before, 0);
        rig.block = 0;
        smf_player_run(&rig, 3001);
    }
    smf_player_run(&rig, 3 * RATE);
    ck_assert_uint_ge(rig.n_played, media.midi->n_events);
    played_check_ends(&rig);
    smf_player_close(&rig, &media);
}
END_TEST

START_TEST(a_glide_of_the_rate_loses_no_event_and_depends_on_no_blocks)
{
    struct bytes file = smf_song();
    struct media media = smf_media(&file);
    float *rate = malloc(RATE * sizeof *rate);
    for (unsigned i = 0; i < RATE; i++)
        rate[i] = 0.5f + 3.5f * (float)i / RATE;
    struct rig one = smf_player(&media, RATE), other = smf_player(&media, RATE);
    one.block = 1, other.block = 256;
    rig_start(&one), rig_start(&other);
    rig_curve(&one, "rate", rate), rig_curve(&other, "rate", rate);
    smf_player_run(&one, RATE), smf_player_run(&other, RATE);
    ck_assert_uint_ge(one.n_played, media.midi->n_events);
    ck_assert_uint_eq(one.n_played, other.n_played);
    for (size_t i = 0; i < one.n_played; i++) {
        const struct event *a = &one.played[i], *b = &other.played[i];
        ck_assert(a->offset == b->offset && a->kind == b->kind && a->channel == b->channel && a->number == b->number);
        ck_assert(a->note == b->note && a->value == b->value);
    }
    free(rate);
    rig_free(&one);
    smf_player_close(&other, &media);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {every_event_comes_in_the_frame_nearest_to_its_time,
                                  at_another_rate_times_are_those_of_the_file_divided,
                                  a_loop_goes_round_without_a_gap_or_a_drift,
                                  by_the_transport_s_tempo_quarters_last_as_long_as_those_of_the_piece,
                                  another_tempo_goes_on_from_where_it_is,
                                  a_glide_of_the_rate_loses_no_event_and_depends_on_no_blocks};
    return suite_run("midi_player: time", 20, tests, sizeof tests / sizeof *tests);
}
