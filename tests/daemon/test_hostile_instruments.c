/* Instruments with a few bytes changed, texts and sounds: each is loaded or refused, zones lie within their sounds, and what is
 * played of them is finite. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/stream_feed.h"
#include "tests/graph_rig.h"
#include "tests/instrument_rig.h"
#include "tests/sampler_rig.h"
#include "tests/sound_file.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define ROUNDS      RIG_ROUNDS(3000, 300)
#define FRAMES      600
#define LIMIT_BYTES (4u << 20)

static const char text[] = "<control> default_path=\n<global> ampeg_release=0.1 amp_veltrack=50\n"
                           "<group> seq_length=2 loop_mode=loop_continuous loop_crossfade=0.001\n"
                           "<region> sample=a.wav key=60 loop_start=100 loop_end=500 seq_position=1\n"
                           "<region> sample=a.wav lokey=c3 hikey=c5 offset=50 end=400 lovel=10 hivel=100 tune=-30\n"
                           "<region> sample=a.wav lorand=0.5 hirand=1 trigger=release group=1 off_by=1 pan=-20\n";

static void mutate(uint8_t *bytes, size_t n, uint32_t *seed)
{
    static const char likely[] = "0123456789-=<>.\n a/*e";
    for (unsigned i = 0, flips = 1 + dice_below(seed, 4); i < flips; i++)
        bytes[dice_below(seed, (unsigned)n)] =
            dice_below(seed, 3) ? (uint8_t)likely[dice_below(seed, sizeof likely - 1)] : (uint8_t)(dice(seed) >> 16);
}

static void judge(const struct instrument *instrument)
{
    ck_assert_uint_le(instrument->bytes, LIMIT_BYTES + (1u << 20));
    for (uint32_t i = 0; i < instrument->n_zones; i++) {
        const struct instrument_zone *zone = &instrument->zones[i];
        const struct instrument_sound *sound = &instrument->sounds[zone->sound];
        ck_assert_uint_lt(zone->sound, instrument->n_sounds);
        ck_assert(zone->key_low <= zone->key_high && zone->key_high < INSTRUMENT_KEYS);
        ck_assert(zone->start < zone->end && zone->end <= sound->n_frames);
        bool loops = zone->loop_mode == INSTRUMENT_LOOPS || zone->loop_mode == INSTRUMENT_SUSTAINS;
        ck_assert(!loops || (zone->start <= zone->loop_start && zone->loop_start < zone->loop_end &&
                             zone->loop_end <= zone->end && zone->crossfade_frames <= zone->loop_end - zone->loop_start));
    }
}

static void play(const struct media *media, const struct stream_service *streams)
{
    struct rig rig = rig_new("sampler", SAMPLER_RIG_RATE, 0);
    rig_media(&rig, "file", media);
    rig_set(&rig, "voices", 4);
    rig.streams = streams;
    rig_start(&rig);
    const struct event events[] = {sampler_rig_on(0, 60, 90), sampler_rig_on(10, 50, 20), sampler_rig_on(20, 72, 127),
                                   sampler_rig_off(1000, 60)};
    float *x = sampler_rig_play(&rig, events, ROWS(events), 3000, NULL);
    ck_assert(all_finite(x, 3000));
    free(x);
    rig_free(&rig);
}

START_TEST(a_damaged_instrument_is_played_or_refused)
{
    struct instrument_rig files = instrument_rig_new();
    struct stream_service streams = stream_feeds_at_once(&files.files);
    float samples[FRAMES];
    static uint8_t sound[8192], bad[8192];
    char words[sizeof text];
    uint32_t seed = 1;
    unsigned n_loaded = 0;
    sine_fill(samples, FRAMES, 440, 48000, 0.5);
    instrument_rig_marked(&files, "a.wav", samples, FRAMES, 60, 10, 300);
    size_t n = sound_file_read_bytes(instrument_rig_path(&files, "a.wav"), sound, sizeof sound);
    files.load.limit_bytes = LIMIT_BYTES;
    for (unsigned i = 0; i < ROUNDS; i++) {
        memcpy(words, text, sizeof text);
        memcpy(bad, sound, n);
        if (i % 2)
            mutate((uint8_t *)words, sizeof text - 1, &seed);
        else
            mutate(bad, 200, &seed); /* all its chunks' heads */
        sound_file_write_bytes(instrument_rig_path(&files, "a.wav"), bad, n);
        sound_file_write_bytes(instrument_rig_path(&files, "k.sfz"), words, sizeof text - 1);
        struct media *media = instrument_rig_load(&files, "k.sfz");
        ck_assert_msg(media || files.error.text[0], "refused without a word");
        n_loaded += media != NULL;
        if (media)
            judge(media->instrument);
        if (media && i % 8 < 2)
            play(media, &streams);
        media_unref(media);
    }
    ck_assert_uint_gt(n_loaded, ROUNDS / 10);
    ck_assert_uint_lt(n_loaded, ROUNDS);
    instrument_rig_free(&files);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_damaged_instrument_is_played_or_refused};
    return suite_run("hostile instruments", 60, tests, ROWS(tests));
}
