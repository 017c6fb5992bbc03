#include <check.h>
#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/acoustics.h"
#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE_HZ 48000

/* The room alone, at once, and undamped, unless told otherwise afterwards. */
static struct rig reverb_new(float decay_s)
{
    struct rig rig = rig_new("reverb", RATE_HZ, 0);
    rig_set(&rig, "decay", decay_s);
    rig_set(&rig, "damping", 20000);
    rig_set(&rig, "predelay", 0);
    rig_set(&rig, "mix", 1);
    return rig;
}

/* Two channels. */
struct sound {
    size_t n;
    float *side[2];
};

static struct sound sound_new(size_t n)
{
    struct sound sound = {n, {calloc(n, sizeof(float)), calloc(n, sizeof(float))}};
    ck_assert(sound.side[0] && sound.side[1]);
    return sound;
}

static void sound_free(struct sound *sound)
{
    free(sound->side[0]);
    free(sound->side[1]);
}

static struct sound run(struct rig *rig, const struct sound *in)
{
    struct sound out = sound_new(in->n);
    rig_process(rig, (const float *const *)in->side, out.side, in->n);
    return out;
}

/* What a room that was not yet started gives back of an impulse on both sides, or on one. */
static struct sound answer(struct rig *rig, double seconds, bool both)
{
    struct sound in = sound_new((size_t)(seconds * RATE_HZ));
    in.side[0][0] = 1;
    in.side[1][0] = both;
    rig_start(rig);
    struct sound out = run(rig, &in);
    sound_free(&in);
    return out;
}

static void check_time(const struct sound *room, double hz, double expected_s, double tolerance)
{
    for (unsigned side = 0; side < 2; side++) {
        double heard_s = reverberation_time(room->side[side], room->n, hz, RATE_HZ);
        ck_assert_msg(fabs(heard_s / expected_s - 1) < tolerance, "%g Hz: %.3f s, not %.3f", hz, heard_s, expected_s);
    }
}

START_TEST(sound_dies_in_the_time_that_is_told)
{
    static const float decays_s[] = {0.3f, 1, 3, 10, 30}, sizes[] = {0, 0.5f, 1};
    for (unsigned d = 0; d < ROWS(decays_s); d++)
        for (unsigned k = 0; k < ROWS(sizes); k++) {
            struct rig rig = reverb_new(decays_s[d]);
            rig_set(&rig, "size", sizes[k]);
            rig_set(&rig, "modulation", 0.3f * (float)k);
            /* A decay that is hardly longer than the way through a hall is no straight line. */
            if (decays_s[d] < 1 && sizes[k] > 0.5f)
                continue;
            struct sound room = answer(&rig, 0.7 * (double)decays_s[d] + 0.5, true);
            for (double hz = 500; hz <= 8000; hz *= 2)
                check_time(&room, hz, (double)decays_s[d], 0.1);
            sound_free(&room);
            rig_free(&rig);
        }
}
END_TEST

START_TEST(treble_dies_twice_as_fast_at_the_damping_frequency)
{
    static const float dampings_hz[] = {1000, 4000, 8000};
    for (unsigned k = 0; k < ROWS(dampings_hz); k++) {
        struct rig rig = reverb_new(3);
        rig_set(&rig, "damping", dampings_hz[k]);
        struct sound room = answer(&rig, 3, true);
        check_time(&room, (double)dampings_hz[k], 1.5, 0.12);
        check_time(&room, 125, 3, 0.1);
        sound_free(&room);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(the_bass_has_a_time_of_its_own)
{
    static const float ratios[] = {0.5f, 2};
    for (unsigned k = 0; k < ROWS(ratios); k++) {
        struct rig rig = reverb_new(2);
        rig_set(&rig, "low_decay", ratios[k]);
        rig_set(&rig, "crossover", 1000);
        struct sound room = answer(&rig, 5, true);
        check_time(&room, 125, 2 * (double)ratios[k], 0.12);
        check_time(&room, 8000, 2, 0.06);
        sound_free(&room);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(echoes_become_a_dense_tail_within_two_rounds_and_stay_one)
{
    static const float sizes[] = {0, 0.5f, 1};
    for (unsigned k = 0; k < ROWS(sizes); k++) {
        struct rig rig = reverb_new(2);
        rig_set(&rig, "size", sizes[k]);
        struct sound room = answer(&rig, 2, true);
        double rounds_s = 2 * 0.01 * pow(10, (double)sizes[k]);
        for (double at_s = rounds_s; at_s < 1.5; at_s += 0.02) {
            double density = echo_density(room.side[0] + (size_t)(at_s * RATE_HZ), RATE_HZ / 50);
            ck_assert_msg(density > 0.7, "size %g, after %.0f ms: %.2f", (double)sizes[k], 1000 * at_s, density);
        }
        sound_free(&room);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(the_sway_takes_the_single_tones_out_of_the_tail)
{
    static const float modulations[] = {0, 0.3f, 1};
    double flatness[3];
    for (unsigned k = 0; k < ROWS(modulations); k++) {
        struct rig rig = reverb_new(2);
        rig_set(&rig, "modulation", modulations[k]);
        struct sound room = answer(&rig, 2, true);
        flatness[k] = flatness_db(room.side[0] + RATE_HZ / 2, 65536, 2, RATE_HZ);
        sound_free(&room);
        rig_free(&rig);
    }
    ck_assert_msg(flatness[0] + 1 < flatness[1] && flatness[1] + 1 < flatness[2], "%.2f %.2f %.2f dB", flatness[0],
                  flatness[1], flatness[2]);
    ck_assert_msg(flatness[1] > -7, "%.2f dB", flatness[1]);
}
END_TEST

START_TEST(one_signal_on_both_sides_becomes_a_room_all_around)
{
    for (unsigned both = 0; both <= 1; both++) {
        struct rig rig = reverb_new(2);
        struct sound room = answer(&rig, 1, both);
        for (size_t at = 0; at + RATE_HZ / 5 <= room.n; at += RATE_HZ / 5) {
            double alike = cross_correlation(room.side[0] + at, room.side[1] + at, RATE_HZ / 5, RATE_HZ / 1000);
            ck_assert_msg(alike < 0.15, "%u sides, from frame %zu on: %.2f", both + 1, at, alike);
        }
        ck_assert_double_eq_tol(decibel(rms(room.side[0], room.n) / rms(room.side[1], room.n)), 0, both ? 0.5 : 2.5);
        sound_free(&room);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(width_0_is_the_middle)
{
    struct rig rig = reverb_new(1);
    rig_set(&rig, "width", 0);
    struct sound room = answer(&rig, 0.5, false);
    ck_assert_mem_eq(room.side[0], room.side[1], room.n * sizeof(float));
    ck_assert(peak(room.side[0], room.n) > 0);
    sound_free(&room);
    rig_free(&rig);
}
END_TEST

START_TEST(mix_0_is_the_very_input)
{
    struct rig rig = reverb_new(1);
    struct sound in = sound_new(5000);
    for (unsigned side = 0; side < 2; side++)
        noise_fill(in.side[side], in.n, 1, side + 1);
    rig_set(&rig, "mix", 0);
    rig_start(&rig);
    struct sound out = run(&rig, &in);
    for (unsigned side = 0; side < 2; side++)
        ck_assert_mem_eq(out.side[side], in.side[side], in.n * sizeof(float));
    sound_free(&in);
    sound_free(&out);
    rig_free(&rig);
}
END_TEST

START_TEST(before_the_predelay_is_over_nothing_of_the_room_is_heard)
{
    static const float predelays_ms[] = {0, 12.5f, 250, 500};
    for (unsigned k = 0; k < ROWS(predelays_ms); k++) {
        struct rig rig = reverb_new(1);
        rig_set(&rig, "predelay", predelays_ms[k]);
        struct sound room = answer(&rig, 1, true);
        size_t before = (size_t)(predelays_ms[k] * 48);
        ck_assert(peak(room.side[0], before) == 0 && peak(room.side[1], before) == 0);
        ck_assert(peak(room.side[0] + before, RATE_HZ / 20) > 0);
        sound_free(&room);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(noise_is_as_loud_in_any_room)
{
    static const float decays_s[] = {0.1f, 0.5f, 3}, sizes[] = {0, 0.5f, 1};
    for (unsigned d = 0; d < ROWS(decays_s); d++)
        for (unsigned k = 0; k < ROWS(sizes); k++) {
            struct rig rig = reverb_new(decays_s[d]);
            rig_set(&rig, "size", sizes[k]);
            struct sound room = answer(&rig, 4, true);
            /* All energy that an impulse leaves is the power that noise is changed by; here the sides hear the same. */
            double gain_db = decibel(rms(room.side[0], room.n) * sqrt((double)room.n));
            ck_assert_msg(fabs(gain_db) < 2, "decay %g, size %g: %.2f dB", (double)decays_s[d], (double)sizes[k], gain_db);
            sound_free(&room);
            rig_free(&rig);
        }
}
END_TEST

/* What is left of a 1 kHz sine's wet sound besides the sine, while a parameter moves between two values for two seconds. */
static double stray_db(const char *param, double from, double to)
{
    enum { N = 131072, WINDOW = 65536 };
    static float curve[N];
    struct rig rig = reverb_new(0.5f);
    struct sound in = sound_new(N);
    for (unsigned side = 0; side < 2; side++)
        sine_fill(in.side[side], N, 1000, RATE_HZ, 0.5);
    rig_set(&rig, "modulation", 0);
    rig_set(&rig, param, (float)from);
    rig_start(&rig);
    line_fill(curve, N, from, to);
    rig_curve(&rig, param, curve);
    struct sound out = run(&rig, &in);
    double *bins = spectrum(out.side[0] + N - WINDOW, WINDOW), near = 0, far = 0;
    for (unsigned k = 0; k <= WINDOW / 2; k++) {
        double hz = (double)k * RATE_HZ / WINDOW;
        *(fabs(hz - 1000) < 100 ? &near : &far) += bins[k] * bins[k];
    }
    free(bins);
    sound_free(&in);
    sound_free(&out);
    rig_free(&rig);
    return 10 * log10(far / near);
}

START_TEST(a_gliding_room_bends_no_pitch_and_adds_no_zipper)
{
    static const struct {
        const char *param;
        double from, to;
    } glides[] = {{"size", 0.2, 0.9}, {"size", 0.9, 0.2}, {"decay", 0.1, 3}, {"predelay", 0, 100}, {"diffusion", 0, 1}};
    for (unsigned k = 0; k < ROWS(glides); k++) {
        double db = stray_db(glides[k].param, glides[k].from, glides[k].to);
        ck_assert_msg(db < -40, "%s: %.1f dB", glides[k].param, db);
    }
}
END_TEST

START_TEST(the_longest_decay_falls_for_ever_however_much_it_sways_and_hops)
{
    enum { SECONDS = 40 };
    struct rig rig = reverb_new(30);
    struct sound in = sound_new(RATE_HZ * SECONDS);
    float *size = calloc(in.n, sizeof *size);
    rig_set(&rig, "modulation", 1);
    rig_set(&rig, "rate", 5);
    rig_set(&rig, "low_decay", 2);
    noise_fill(in.side[0], RATE_HZ, 1, 3);
    noise_fill(in.side[1], RATE_HZ, 1, 4);
    for (size_t i = 0; i < in.n; i++)
        size[i] = 0.5f + 0.5f * sinf((float)i * 1e-4f);
    rig_start(&rig);
    rig_curve(&rig, "size", size);
    struct sound out = run(&rig, &in);
    for (size_t s = 2; s < SECONDS; s++)
        ck_assert_double_le(rms(out.side[0] + s * RATE_HZ, RATE_HZ), rms(out.side[0] + (s - 1) * RATE_HZ, RATE_HZ));
    free(size);
    sound_free(&in);
    sound_free(&out);
    rig_free(&rig);
}
END_TEST

START_TEST(the_tail_ends_in_zeros)
{
    struct rig rig = reverb_new(0.5f);
    struct sound room = answer(&rig, 3, true);
    ck_assert(peak(room.side[0] + 2 * RATE_HZ, RATE_HZ) == 0);
    ck_assert(peak(room.side[1] + 2 * RATE_HZ, RATE_HZ) == 0);
    sound_free(&room);
    rig_free(&rig);
}
END_TEST

START_TEST(what_is_not_sound_leaves_no_echo)
{
    static const float poisons[] = {NAN, INFINITY, -INFINITY, 1e38f};
    for (unsigned k = 0; k < ROWS(poisons); k++) {
        struct rig rig = reverb_new(30);
        struct sound in = sound_new(RATE_HZ);
        in.side[0][100] = in.side[1][200] = poisons[k];
        rig_set(&rig, "low_cut", 100);
        rig_set(&rig, "high_cut", 5000);
        rig_start(&rig);
        struct sound out = run(&rig, &in);
        ck_assert(peak(out.side[0] + 201, in.n - 201) == 0 && peak(out.side[1] + 201, in.n - 201) == 0);
        sound_free(&in);
        sound_free(&out);
        rig_free(&rig);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        sound_dies_in_the_time_that_is_told,
        treble_dies_twice_as_fast_at_the_damping_frequency,
        the_bass_has_a_time_of_its_own,
        echoes_become_a_dense_tail_within_two_rounds_and_stay_one,
        the_sway_takes_the_single_tones_out_of_the_tail,
        one_signal_on_both_sides_becomes_a_room_all_around,
        width_0_is_the_middle,
        mix_0_is_the_very_input,
        before_the_predelay_is_over_nothing_of_the_room_is_heard,
        noise_is_as_loud_in_any_room,
        a_gliding_room_bends_no_pitch_and_adds_no_zipper,
        the_longest_decay_falls_for_ever_however_much_it_sways_and_hops,
        the_tail_ends_in_zeros,
        what_is_not_sound_leaves_no_echo,
    };
    return suite_run("reverb", 60, tests, ROWS(tests));
}
