#include <check.h>
#include <string.h>

#include "tests/node_rig.h"
#include "tests/suite.h"

#define N 1000

/* Noise made of all bits that there are, numbers or not. */
static void fill_with_bits(float (*x)[N], unsigned channels)
{
    uint32_t bits = 1;
    for (unsigned c = 0; c < channels; c++)
        for (unsigned i = 0; i < N; i++) {
            bits = bits * 1664525u + 1013904223u;
            memcpy(&x[c][i], &bits, sizeof bits);
        }
}

static void check_copies(unsigned outputs, unsigned channels, bool in_place)
{
    static float in[PORT_CHANNELS_MAX][N], out[RIG_CHANNELS_MAX][N];
    const float *ins[PORT_CHANNELS_MAX];
    float *outs[RIG_CHANNELS_MAX];
    struct rig rig = rig_new("splitter", 48000, channels);
    fill_with_bits(in, channels);
    for (unsigned c = 0; c < channels; c++)
        ins[c] = in[c];
    for (unsigned c = 0; c < RIG_CHANNELS_MAX; c++)
        outs[c] = out[c];
    rig.in_place = in_place;
    rig_set(&rig, "outputs", (float)outputs);
    rig_start(&rig);
    ck_assert_uint_eq(rig.n_out, outputs * channels);
    rig_process(&rig, ins, outs, N);
    for (unsigned k = 0; k < rig.n_out; k++)
        ck_assert_mem_eq(out[k], in[k % channels], sizeof in[0]);
    rig_free(&rig);
}

START_TEST(every_output_is_a_copy_bit_by_bit)
{
    for (unsigned outputs = 2; outputs <= 8; outputs++)
        for (unsigned channels = 1; channels <= PORT_CHANNELS_MAX; channels++)
            for (int in_place = 0; in_place <= 1; in_place++)
                check_copies(outputs, channels, in_place);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("physics");
    tcase_add_test(tcase, every_output_is_a_copy_bit_by_bit);
    return suite_run_case("splitter", tcase);
}
