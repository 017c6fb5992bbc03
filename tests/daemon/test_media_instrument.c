/* Instruments as the loader makes them: what is found where, kept and streamed, and what is refused with its place. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/instrument_rig.h"
#include "tests/sound_file.h"
#include "tests/suite.h"

#define RATE_HZ 48000

static struct instrument_rig rig;

static struct instrument *loaded(struct media *media)
{
    ck_assert_msg(media != NULL, "%s", rig.error.text);
    ck_assert_int_eq(media->kind, MEDIA_INSTRUMENT);
    ck_assert_uint_eq(media_bytes(media), media->instrument->bytes);
    return media->instrument;
}

static void refused(struct media *media, enum error_code code, const char *part1, const char *part2)
{
    ck_assert_ptr_null(media);
    ck_assert_int_eq(rig.error.code, code);
    ck_assert_msg(strstr(rig.error.text, part1) && strstr(rig.error.text, part2), "%s", rig.error.text);
}

START_TEST(a_sound_alone_is_one_zone_over_all_keys)
{
    rig = instrument_rig_new();
    instrument_rig_sine(&rig, "a.wav", 440, 44100, 1000);
    struct media *media = instrument_rig_load(&rig, "a.wav");
    struct instrument *instrument = loaded(media);
    ck_assert_uint_eq(instrument->n_zones, 1);
    const struct instrument_zone *zone = instrument->zones;
    ck_assert(zone->key_low == 0 && zone->key_high == 127 && zone->root == 60);
    ck_assert_int_eq(zone->loop_mode, INSTRUMENT_PLAYS_ONCE);
    ck_assert_uint_eq(zone->end, 1000);
    ck_assert_double_eq(instrument->sounds[0].media->rate_hz, 44100);
    ck_assert_uint_eq(instrument->by_key[INSTRUMENT_KEYS], 128);
    media_unref(media);
    instrument_rig_free(&rig);
}
END_TEST

START_TEST(what_a_region_says_reaches_its_zone)
{
    rig = instrument_rig_new();
    instrument_rig_sine(&rig, "a.wav", 440, 44100, 1000);
    struct media *media =
        instrument_rig_text(&rig, "a.sfz",
                            "<region> sample=a.wav xfin_lovel=10 xfin_hivel=20 xfout_lovel=30 xfout_hivel=40 "
                            "xf_velcurve=gain xfin_lokey=c1 xfin_hikey=c2 xfout_lokey=c3 xfout_hikey=c4\n"
                            "<region> sample=a.wav\n"
                            "<region> sample=a.wav fil_type=bpf_2p cutoff=900 resonance=6 fil_keytrack=50 "
                            "fil_keycenter=c5 fil_veltrack=-100 fileg_depth=1200 fileg_attack=0.5 "
                            "fileg_sustain=25 fileg_release=2\n"
                            "<region> sample=a.wav fil_type=lpf_4p cutoff=900\n"
                            "<region> sample=a.wav sw_lokey=c0 sw_hikey=c1 sw_last=13 sw_default=14\n");
    const struct instrument_zone *zone = loaded(media)->zones;
    const struct instrument_fade velocity = zone[0].velocity_fade, key = zone[0].key_fade, none = zone[1].key_fade;
    ck_assert(velocity.in_low == 10 && velocity.in_high == 20 && velocity.out_low == 30 && velocity.out_high == 40);
    ck_assert(key.in_low == 24 && key.in_high == 36 && key.out_low == 48 && key.out_high == 60);
    ck_assert(velocity.is_straight && !key.is_straight);
    ck_assert(none.in_high == 0 && none.out_low == 127);
    const struct instrument_filter *filter = &zone[2].filter;
    ck_assert_int_eq(zone[0].filter.kind, INSTRUMENT_NO_FILTER);
    ck_assert_int_eq(filter->kind, INSTRUMENT_BANDPASS);
    ck_assert(filter->cutoff_hz == 900 && filter->key_cents == 50 && filter->key_center == 72);
    ck_assert_float_eq_tol(filter->q, 1.4109f, 1e-3f);
    ck_assert(filter->velocity_cents == -100 && filter->depth_cents == 1200);
    ck_assert(filter->envelope.attack_s == 0.5f && filter->envelope.sustain == 0.25f && filter->envelope.release_s == 2);
    ck_assert_int_eq(zone[3].filter.kind, INSTRUMENT_NO_FILTER);
    ck_assert_msg(strstr(rig.load.warning, "lpf_4p"), "%s", rig.load.warning);
    const struct instrument_switch keys = media->instrument->switches[0];
    ck_assert_uint_eq(media->instrument->n_switches, 1);
    ck_assert(keys.key_low == 12 && keys.key_high == 24 && keys.initial == 14);
    ck_assert(zone[4].has_switch && zone[4].switch_key == 13 && !zone[0].has_switch);
    media_unref(media);
    instrument_rig_free(&rig);
}
END_TEST

START_TEST(root_and_loop_come_from_the_sounds_own_chunk)
{
    float samples[1000] = {0};
    rig = instrument_rig_new();
    instrument_rig_marked(&rig, "a.wav", samples, 1000, 57, 200, 700);
    struct media *media = instrument_rig_load(&rig, "a.wav");
    const struct instrument_zone *zone = loaded(media)->zones;
    ck_assert_double_eq(zone->root, 57);
    ck_assert_int_eq(zone->loop_mode, INSTRUMENT_LOOPS);
    ck_assert_uint_eq(zone->loop_start, 200);
    ck_assert_uint_eq(zone->loop_end, 700);
    media_unref(media);
    media = instrument_rig_text(&rig, "a.sfz",
                                "<region> sample=a.wav loop_mode=loop_sustain\n"
                                "<region> sample=a.wav pitch_keycenter=sample loop_end=599\n"
                                "<region> sample=a.wav loop_mode=no_loop loop_crossfade=1\n");
    zone = loaded(media)->zones;
    ck_assert_double_eq(zone[0].root, 60);
    ck_assert_int_eq(zone[0].loop_mode, INSTRUMENT_SUSTAINS);
    ck_assert_uint_eq(zone[0].loop_end, 700);
    ck_assert_double_eq(zone[1].root, 57);
    ck_assert_uint_eq(zone[1].loop_end, 600);
    ck_assert_int_eq(zone[2].loop_mode, INSTRUMENT_PLAYS_ONCE);
    ck_assert_uint_eq(zone[2].crossfade_frames, 200); /* as much as there is before the loop */
    ck_assert_uint_eq(media->instrument->n_sounds, 1);
    media_unref(media);
    instrument_rig_free(&rig);
}
END_TEST

START_TEST(paths_go_from_the_texts_own_folder)
{
    rig = instrument_rig_new();
    instrument_rig_mkdir(&rig, "kit");
    instrument_rig_mkdir(&rig, "kit/wav");
    instrument_rig_sine(&rig, "kit/wav/a b.wav", 440, RATE_HZ, 100);
    instrument_rig_sine(&rig, "up.wav", 440, RATE_HZ, 100);
    struct media *media = instrument_rig_text(&rig, "kit/k.sfz",
                                              "<control> default_path=wav\\\n<region> sample=a b.wav\n"
                                              "<control> default_path=\n<region> sample=../up.wav\n");
    ck_assert_uint_eq(loaded(media)->n_sounds, 2);
    media_unref(media);
    refused(instrument_rig_text(&rig, "kit/k.sfz", "<region> sample=../../../etc/passwd"), ERROR_DENIED, "line 1",
            "leads out");
    symlink("../up.wav", instrument_rig_path(&rig, "kit/link.wav"));
    refused(instrument_rig_text(&rig, "kit/k.sfz", "\n<region> sample=link.wav"), ERROR_DENIED, "line 2", "links");
    instrument_rig_free(&rig);
}
END_TEST

START_TEST(what_is_missing_names_region_line_and_path)
{
    rig = instrument_rig_new();
    refused(instrument_rig_text(&rig, "k.sfz", "<group>\n\n<region> sample=none.wav"), ERROR_NO_FILE, "region of line 3",
            "none.wav");
    refused(
        instrument_rig_text(&rig, "k.sfz",
                            "<region> sample=a.wav\n<region> sample=b.wav\n<region> sample=a.wav\n<region> sample=c.wav"),
        ERROR_NO_FILE, "region of line 1: there is no file \"a.wav\"", "; 2 more samples are missing");
    refused(instrument_rig_text(&rig, "k.sfz", "<region> sample=k.sfz"), ERROR_BAD_FILE, "region of line 1", "k.sfz");
    refused(instrument_rig_text(&rig, "k.sfz", "<region> lokey=q"), ERROR_BAD_FILE, "k.sfz", "line 1");
    refused(instrument_rig_text(&rig, "k.wav", "<region> lokey=q"), ERROR_BAD_FILE, "\"k.wav\" cannot",
            "it takes a sound, or an .sfz text");
    instrument_rig_free(&rig);
}
END_TEST

START_TEST(what_is_odd_is_told_once_and_plays_all_the_same)
{
    rig = instrument_rig_new();
    instrument_rig_sine(&rig, "a.wav", 440, RATE_HZ, 100);
    struct media *media = instrument_rig_text(&rig, "k.sfz",
                                              "<region> sample=a.wav lfo9_freq=1 lfo9_freq=2\n"
                                              "<region> sample=a.wav loop_mode=loop_continuous loop_end=100\n"
                                              "<region> sample=a.wav offset=100\n<region> sample=a.wav lokey=5 hikey=4\n");
    struct instrument *instrument = loaded(media);
    ck_assert_uint_eq(instrument->n_zones, 2);
    ck_assert_int_eq(instrument->zones[1].loop_mode, INSTRUMENT_PLAYS_ONCE);
    ck_assert_msg(strstr(rig.load.warning, "2 words") && strstr(rig.load.warning, "lfo9_freq"), "%s", rig.load.warning);
    ck_assert_msg(strstr(rig.load.warning, "3 regions") && strstr(rig.load.warning, "line 2"), "%s", rig.load.warning);
    media_unref(media);
    instrument_rig_free(&rig);
}
END_TEST

START_TEST(of_what_does_not_fit_a_head_is_kept_at_each_place_that_is_played_from)
{
    const size_t n = 100000;
    rig = instrument_rig_new();
    float *samples = malloc(n * sizeof *samples);
    for (size_t i = 0; i < n; i++)
        samples[i] = (float)i / (float)n;
    instrument_rig_sound(&rig, "long.wav", RATE_HZ, 1, samples, n);
    instrument_rig_sound(&rig, "short.wav", RATE_HZ, 1, samples, 1000);
    static const char text[] = "<region> sample=long.wav\n<region> sample=long.wav offset=50000\n"
                               "<region> sample=long.wav offset=50000\n<region> sample=short.wav offset=500\n";
    struct media *media = instrument_rig_text(&rig, "k.sfz", text);
    ck_assert_uint_eq(loaded(media)->n_sounds, 2);
    ck_assert(!media->instrument->has_streams);
    media_unref(media);
    rig.load.limit_bytes = 300000;
    media = instrument_rig_text(&rig, "k.sfz", text);
    const struct instrument *instrument = loaded(media);
    ck_assert_uint_eq(instrument->n_sounds, 3);
    ck_assert(instrument->has_streams && instrument->bytes <= 300000);
    const struct instrument_sound *sound = &instrument->sounds[instrument->zones[1].sound];
    ck_assert(sound->is_streamed && sound->first == 50000 - INSTRUMENT_LEAD_FRAMES && sound->n_frames == n);
    ck_assert_uint_eq(sound->media->n_frames, INSTRUMENT_HEAD_FRAMES);
    ck_assert_float_eq(sound->media->samples[7], samples[50007 - INSTRUMENT_LEAD_FRAMES]);
    ck_assert_uint_eq(instrument->zones[1].sound, instrument->zones[2].sound);
    ck_assert(!instrument->sounds[instrument->zones[3].sound].is_streamed);
    media_unref(media);
    rig.load.limit_bytes = 60000;
    refused(instrument_rig_load(&rig, "k.sfz"), ERROR_TOO_BIG, "line 1", "limit");
    free(samples);
    instrument_rig_free(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_sound_alone_is_one_zone_over_all_keys,
                                  what_a_region_says_reaches_its_zone,
                                  root_and_loop_come_from_the_sounds_own_chunk,
                                  paths_go_from_the_texts_own_folder,
                                  what_is_missing_names_region_line_and_path,
                                  what_is_odd_is_told_once_and_plays_all_the_same,
                                  of_what_does_not_fit_a_head_is_kept_at_each_place_that_is_played_from};
    return suite_run("media_instrument", 10, tests, sizeof tests / sizeof tests[0]);
}
