/* The main of a test program: runs its tests one after the other, each in a process of its own. */
#pragma once

#include <check.h>

/* Returns the exit status: 0 when all n tests passed. A test that takes longer than timeout_s is ended and has failed. */
int suite_run(const char *name, double timeout_s, const TTest *const *tests, unsigned n);
/* The same of tests that have a fixture, or run several times. */
int suite_run_case(const char *name, TCase *tests);
