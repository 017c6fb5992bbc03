#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node_rig.h"
#include "tests/spectrum.h"

#define N 5000

START_TEST(what_arrives_comes_out_bit_by_bit)
{
    struct rig rig = rig_new("input", 48000, 0);
    float left[N], right[N], x[2][N], *device[] = {left, right}, *out[] = {x[0], x[1]};
    noise_fill(left, N, 1, 1);
    noise_fill(right, N, 4, 2);
    rig.block = 0;
    rig.device = device;
    rig_start(&rig);
    rig_process(&rig, NULL, out, N);
    ck_assert_uint_eq(rig.n_out, 2);
    ck_assert_mem_eq(x[0], left, sizeof left);
    ck_assert_mem_eq(x[1], right, sizeof right);
    rig_free(&rig);
}
END_TEST

START_TEST(a_channel_without_a_port_is_silence)
{
    struct rig rig = rig_new("input", 48000, 3);
    float sound[N], x[3][N], *device[] = {NULL, sound, NULL}, *out[] = {x[0], x[1], x[2]};
    noise_fill(sound, N, 1, 1);
    rig.device = device;
    rig_start(&rig);
    rig_process(&rig, NULL, out, N);
    ck_assert_double_eq(peak(x[0], N), 0);
    ck_assert_mem_eq(x[1], sound, sizeof sound);
    ck_assert_double_eq(peak(x[2], N), 0);
    rig_free(&rig);
}
END_TEST

START_TEST(it_has_as_many_channels_as_asked_for)
{
    for (unsigned channels = 1; channels <= PORT_CHANNELS_MAX; channels++) {
        struct rig rig = rig_new("input", 48000, channels);
        float sound[PORT_CHANNELS_MAX][N], x[PORT_CHANNELS_MAX][N], *device[PORT_CHANNELS_MAX], *out[PORT_CHANNELS_MAX];
        for (unsigned c = 0; c < channels; c++) {
            noise_fill(device[c] = sound[c], N, 1, c);
            out[c] = x[c];
        }
        rig.device = device;
        rig_start(&rig);
        rig_process(&rig, NULL, out, N);
        ck_assert_uint_eq(rig.n_out, channels);
        ck_assert_mem_eq(sound, x, channels * sizeof x[0]);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(it_is_a_device_of_the_engine)
{
    const struct node_class *class = node_class_find("input");
    ck_assert_int_eq(class->device, DEVICE_INPUT);
    ck_assert_uint_eq(class->channels, 2);
    ck_assert_uint_eq(class->channels_max, PORT_CHANNELS_MAX);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("input");
    TCase *tests = tcase_create("input");
    tcase_add_test(tests, what_arrives_comes_out_bit_by_bit);
    tcase_add_test(tests, a_channel_without_a_port_is_silence);
    tcase_add_test(tests, it_has_as_many_channels_as_asked_for);
    tcase_add_test(tests, it_is_a_device_of_the_engine);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
