#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

START_TEST(the_signal_is_the_value)
{
    static const float values[] = {-1e6f, -0.3f, 0, 1, 440, 1e6f};
    for (size_t k = 0; k < ROWS(values); k++) {
        struct rig rig = rig_new("constant", 48000, 0);
        rig_set(&rig, "value", values[k]);
        rig_start(&rig);
        float *x = rig_run(&rig, NULL, 1000);
        for (size_t i = 0; i < 1000; i++)
            ck_assert_float_eq(x[i], values[k]);
        free(x);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(a_moving_value_is_followed_frame_by_frame)
{
    struct rig rig = rig_new("constant", 48000, 0);
    float value[5000];
    rig_start(&rig);
    line_fill(value, 5000, -3, 7);
    rig_curve(&rig, "value", value);
    float *x = rig_run(&rig, NULL, 5000);
    ck_assert_mem_eq(x, value, sizeof value);
    free(x);
    rig_free(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_signal_is_the_value,
        a_moving_value_is_followed_frame_by_frame,
    };
    TCase *tcase = tcase_create("constant");
    tcase_set_timeout(tcase, 120);
    for (size_t i = 0; i < ROWS(tests); i++)
        tcase_add_test(tcase, tests[i]);
    return suite_run_case("constant", tcase);
}
