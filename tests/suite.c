#include "tests/suite.h"

int suite_run_case(const char *name, TCase *tests)
{
    Suite *suite = suite_create(name);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

int suite_run(const char *name, double timeout_s, const TTest *const *tests, unsigned n)
{
    TCase *tcase = tcase_create("live");
    tcase_set_timeout(tcase, timeout_s);
    for (unsigned i = 0; i < n; i++)
        tcase_add_test(tcase, tests[i]);
    return suite_run_case(name, tcase);
}
