/* The network of the reverb and its lines, by themselves. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "graph/dsp/diffuser.h"
#include "graph/dsp/fdn.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE_HZ 48000

static struct arena arena;

/* ---- lines -------------------------------------------------------------------------------------------------------------- */

/* The value of a frame that was written at this time. */
static float value_at(uint64_t clock)
{
    return (float)(clock % 100003 + 1);
}

/* One cell: reads the tap, and writes. What is read, of the cell's first frame. */
static float cell(struct hop_line *line, struct hop_tap *tap, uint64_t clock, unsigned wanted)
{
    float room[HOP_ROOM];
    if (clock % HOP_APART == 0)
        hop_line_want(line, hop_tap_turn(tap, line, clock, wanted));
    const float *x = hop_read(line, tap, clock, room, HOP_CELL);
    float first = x[0];
    for (unsigned i = 1; i < HOP_CELL && tap->now == tap->before && clock > tap->now; i++)
        ck_assert_float_eq(x[i], value_at(clock + i - tap->now));
    for (unsigned i = 0; i < HOP_CELL; i++)
        hop_line_now(line)[i] = value_at(clock + i);
    hop_line_close(line, HOP_CELL);
    hop_line_advance(line, HOP_CELL);
    return first;
}

START_TEST(a_line_gives_back_what_it_was_given_wherever_it_turns_back)
{
    static const unsigned lengths[] = {129, 700, 131, 2999, 3000, 255, 256, 1024, 129};
    struct hop_line line;
    struct hop_tap tap = {200, 200, 3};
    uint64_t clock = 0;
    ck_assert(hop_line_init(&line, &arena, 3000, true));
    for (unsigned k = 0; k < ROWS(lengths); k++) {
        for (unsigned c = 0; c < 200; c++, clock += HOP_CELL)
            cell(&line, &tap, clock, lengths[k]);
        ck_assert_uint_eq(tap.now, lengths[k]);
        ck_assert_uint_le(line.wrap, lengths[k] + HOP_CELL);
    }
    arena_deinit(&arena);
}
END_TEST

START_TEST(a_hop_goes_straight_from_the_one_place_to_the_other)
{
    struct hop_line line;
    struct hop_tap tap = {500, 500, 0};
    float room[HOP_ROOM], last = 1;
    ck_assert(hop_line_init(&line, &arena, 1000, false));
    /* The line holds 1 up to 700 frames ago, then 0: the share of the old place is heard. */
    for (unsigned i = 0; i < 1000; i++)
        line.frames[i] = i < 400 ? 0 : 1;
    line.at = line.heard = 1000;
    hop_tap_turn(&tap, &line, 0, 800);
    for (unsigned at = 0; at < HOP_FADE; at += HOP_CELL) {
        const float *x = hop_read(&line, &tap, at, room, HOP_CELL);
        for (unsigned i = 0; i < HOP_CELL; i++) {
            ck_assert(x[i] <= last && last - x[i] < 2.0f / HOP_FADE);
            last = x[i];
        }
    }
    ck_assert_float_lt(last, 1e-4f);
    arena_deinit(&arena);
}
END_TEST

static void line_write(struct hop_line *line, float value, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        hop_line_now(line)[i] = value;
    hop_line_close(line, n);
    hop_line_advance(line, n);
}

/* Growing again, it goes over what it held when it was long before. */
START_TEST(time_that_goes_on_in_silence_brings_nothing_back)
{
    struct hop_line line;
    ck_assert(hop_line_init(&line, &arena, 3000, true));
    for (unsigned c = 0; c < 50; c++)
        line_write(&line, 1, HOP_CELL);
    hop_line_want(&line, 300);
    for (unsigned c = 0; c < 100; c++)
        line_write(&line, 0, HOP_CELL);
    hop_line_want(&line, 3000);
    while (line.at < 1000)
        line_write(&line, 0, HOP_CELL);
    hop_line_skip(&line, 100);
    const float *x = hop_line_ago(&line, 100, 28);
    for (unsigned i = 0; i < 28; i++)
        ck_assert_float_eq(x[i], 0);
    arena_deinit(&arena);
}
END_TEST

/* Whatever lies there, nobody touches it: neither the line when it is made, nor when it begins anew. */
START_TEST(what_a_line_has_not_heard_is_not_looked_at)
{
    struct hop_line line;
    ck_assert(hop_line_init(&line, &arena, 3000, true));
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < line.size; i++)
            line.frames[i] = NAN;
        if (round)
            hop_line_clear(&line);
        for (unsigned c = 0; c < 20; c++) {
            struct hop_tap tap = {.now = 2000, .before = 2000};
            const float *x = hop_read(&line, &tap, 0, NULL, HOP_CELL);
            unsigned heard = c * HOP_CELL;
            for (unsigned i = 0; i < HOP_CELL; i++)
                ck_assert_float_eq(x[i], heard + i >= 2000 ? 1 : 0);
            bool is_of_line = x >= line.frames && x < line.frames + line.size;
            ck_assert(is_of_line == (heard + HOP_CELL > 2000));
            line_write(&line, 1, HOP_CELL);
        }
    }
    arena_deinit(&arena);
}
END_TEST

/* ---- network ------------------------------------------------------------------------------------------------------------ */

/* The energy in all lines that is still to come, where each holds as much as its tap says. */
static double energy(const struct fdn *fdn)
{
    double sum = 0;
    for (unsigned l = 0; l < FDN_LINES; l++)
        for (unsigned i = 1; i <= fdn->tap[l].now; i++) {
            double x = (double)*hop_line_ago(&fdn->line[l], i, 1);
            sum += x * x;
        }
    return sum;
}

/* Lets a network sound that was given noise, and tells by how many decibels its energy has changed in so many seconds. */
static double change_db(float decay_s, float depth, uint32_t phase_step, double seconds)
{
    struct fdn fdn = {0};
    struct fdn_decay decay = {decay_s, 1, 250, 20000};
    float in[8][HOP_ROOM] = {{0}}, out[FDN_OUTPUTS][HOP_ROOM];
    double before = 0;
    ck_assert(fdn_init(&fdn, &arena, RATE_HZ, 1000, 1000));
    for (unsigned c = 0; c < 8; c++)
        noise_fill(in[c], HOP_CELL, 0.5, c);
    uint32_t phase = 0;
    for (uint64_t clock = 0; clock < (uint64_t)((seconds + 1) * RATE_HZ); clock += HOP_CELL, phase += phase_step) {
        fdn_size(&fdn, 1000, clock);
        fdn_absorb(&fdn, &decay, clock == 0);
        fdn_turn(&fdn, phase, depth);
        fdn_run(&fdn, clock, (const float(*)[HOP_ROOM])in, out, HOP_CELL);
        if (clock == RATE_HZ / HOP_CELL * HOP_CELL)
            before = energy(&fdn);
        for (unsigned c = 0; c < 8; c++)
            noise_fill(in[c], HOP_CELL, clock < RATE_HZ / 2 ? 0.5 : 0, (uint32_t)clock + c);
    }
    double db = 10 * log10(energy(&fdn) / before);
    arena_deinit(&arena);
    return db;
}

START_TEST(without_loss_the_energy_stays_whatever_sways)
{
    static const float depths[] = {0, 0.4f, 1};
    for (unsigned d = 0; d < ROWS(depths); d++)
        for (uint32_t step = 1 << 16; step <= 1 << 26; step <<= 5) {
            /* a billion seconds: the gain of a round is 1 to the precision of a float */
            double db = change_db(1e9f, depths[d], step, 60);
            ck_assert_msg(fabs(db) < 0.15, "depth %g, step %u: %.3f dB", (double)depths[d], step, db);
        }
}
END_TEST

START_TEST(with_loss_it_falls_by_60_decibels_in_the_time_told)
{
    ck_assert_double_eq_tol(change_db(10, 0, 0, 10), -60, 0.5);
    ck_assert_double_eq_tol(change_db(10, 1, 1 << 20, 10), -60, 0.5);
    ck_assert_double_eq_tol(change_db(30, 0.5f, 1 << 18, 15), -30, 0.2);
}
END_TEST

/* ---- diffuser ----------------------------------------------------------------------------------------------------------- */

START_TEST(the_diffuser_gives_all_the_energy_that_it_is_given)
{
    static const float amounts[] = {0, 0.3f, 1};
    for (unsigned k = 0; k < ROWS(amounts); k++) {
        struct diffuser diffuser = {0};
        float in[2][HOP_ROOM] = {{1}}, early[DIFFUSER_SIDES][HOP_ROOM], out[DIFFUSER_CHANNELS][HOP_ROOM];
        double sum = 0;
        ck_assert(diffuser_init(&diffuser, &arena, 1000, 77, 1000, 77));
        diffuser_angle(&diffuser, amounts[k], true);
        for (uint64_t clock = 0; clock < 4096; clock += HOP_CELL, in[0][0] = 0) {
            diffuser_size(&diffuser, 1000, 77, clock);
            diffuser_run(&diffuser, clock, (const float *const[]){in[0], in[1]}, early, out, HOP_CELL);
            for (unsigned c = 0; c < DIFFUSER_CHANNELS; c++)
                for (unsigned i = 0; i < HOP_CELL; i++)
                    sum += (double)(out[c][i] * out[c][i]);
        }
        ck_assert_double_eq_tol(sum, 1, 1e-5);
        arena_deinit(&arena);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_line_gives_back_what_it_was_given_wherever_it_turns_back,
        a_hop_goes_straight_from_the_one_place_to_the_other,
        time_that_goes_on_in_silence_brings_nothing_back,
        what_a_line_has_not_heard_is_not_looked_at,
        without_loss_the_energy_stays_whatever_sways,
        with_loss_it_falls_by_60_decibels_in_the_time_told,
        the_diffuser_gives_all_the_energy_that_it_is_given,
    };
    return suite_run("feedback delay network", 60, tests, ROWS(tests));
}
