#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE 48000
#define N    1000

enum { ADD, SUBTRACT, MULTIPLY, DIVIDE, MODULO, POWER, MIN, MAX, GREATER, ABS, N_OPS };

static void run(int op, double add_a, double add_b, const float *a, const float *b, float *out)
{
    struct rig rig = rig_new("math", RATE, 0);
    rig_set(&rig, "op", (float)op);
    rig_set(&rig, "add_a", (float)add_a);
    rig_set(&rig, "add_b", (float)add_b);
    rig_start(&rig);
    rig_process(&rig, (const float *const[]){a, b}, (float *const[]){out}, N);
    rig_free(&rig);
}

static double expected(int op, double a, double b)
{
    switch (op) {
    case ADD:
        return a + b;
    case SUBTRACT:
        return a - b;
    case MULTIPLY:
        return a * b;
    case DIVIDE:
        return a / b;
    case MODULO:
        return a - b * floor(a / b);
    case POWER:
        return copysign(pow(fabs(a), b), a);
    case MIN:
        return fmin(a, b);
    case MAX:
        return fmax(a, b);
    case GREATER:
        return a > b;
    default:
        return fabs(a);
    }
}

/* Where the modulus wraps, rounding decides on which side. */
static bool agree(int op, double found, double wanted, double b)
{
    double off = fabs(found - wanted);
    return off <= 2e-6 * fmax(1, fabs(wanted)) || (op == MODULO && fabs(off - fabs(b)) < 1e-5);
}

START_TEST(every_operation_is_what_it_is_called)
{
    float a[N], b[N], out[N];
    noise_fill(a, N, 5, 1);
    noise_fill(b, N, 5, 2);
    for (int op = 0; op < N_OPS; op++) {
        run(op, 0, 0, a, b, out);
        for (size_t i = 0; i < N; i++)
            ck_assert_msg(agree(op, out[i], expected(op, a[i], b[i]), b[i]), "op %d of %g and %g: %g", op, (double)a[i],
                          (double)b[i], (double)out[i]);
    }
}
END_TEST

START_TEST(an_operand_that_is_not_connected_is_what_is_added)
{
    float a[N], out[N];
    noise_fill(a, N, 1, 1);
    run(MULTIPLY, 0.5, 3, a, NULL, out);
    for (size_t i = 0; i < N; i++)
        ck_assert_double_eq_tol(out[i], 3 * (a[i] + 0.5), 1e-6);
}
END_TEST

START_TEST(what_has_no_answer_is_0)
{
    float a[N] = {1, -1, 0, 0, 0, 1e20f}, out[N];
    run(DIVIDE, 0, 0, a, NULL, out);
    ck_assert_double_eq(peak(out, N), 0);
    run(MODULO, 0, 0, a, NULL, out);
    ck_assert_double_eq(peak(out, N), 0);
    run(POWER, 0, -2, a, NULL, out);
    ck_assert(out[0] == 1 && out[2] == 0 && out[3] == 0);
}
END_TEST

START_TEST(another_operation_is_faded_over_to)
{
    struct rig rig = rig_new("math", RATE, 0);
    float op[N], x[N], *out[] = {x};
    rig_set(&rig, "add_a", 3);
    rig_set(&rig, "add_b", 4);
    rig_start(&rig);
    for (size_t i = 0; i < N; i++)
        op[i] = i < 100 ? 0 : 2;
    rig_curve(&rig, "op", op);
    rig_process(&rig, NULL, out, N);
    for (size_t i = 0; i < N; i++) {
        double way = i < 100 ? 0 : fmin(1, (double)(i - 100) / (1 + RATE / 100));
        ck_assert_double_eq_tol((double)x[i], 7 + 5 * way, 1e-5);
    }
    rig_free(&rig);
}
END_TEST

START_TEST(the_result_is_finite_whatever_comes)
{
    static const float odd[] = {0, -0.0f, NAN, INFINITY, -INFINITY, 1e29f, -1e29f, 1e-40f, 3e38f, 1, -1, 0.5f, 1e6f};
    float a[N], b[N], out[N];
    for (size_t i = 0; i < N; i++) {
        a[i] = odd[i % ROWS(odd)];
        b[i] = odd[i / ROWS(odd) % ROWS(odd)];
    }
    for (int op = 0; op < N_OPS; op++) {
        run(op, 0, 0, a, b, out);
        ck_assert_msg(peak(out, N) < 2e30, "op %d", op);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_operation_is_what_it_is_called,
        an_operand_that_is_not_connected_is_what_is_added,
        what_has_no_answer_is_0,
        another_operation_is_faded_over_to,
        the_result_is_finite_whatever_comes,
    };
    TCase *tcase = tcase_create("math");
    tcase_set_timeout(tcase, 120);
    for (size_t i = 0; i < ROWS(tests); i++)
        tcase_add_test(tcase, tests[i]);
    return suite_run_case("math", tcase);
}
