#include "tests/system/cost.h"

#include <math.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b)
{
    return *(const int32_t *)a < *(const int32_t *)b ? -1 : *(const int32_t *)a > *(const int32_t *)b;
}

double cost_quantile(int32_t *numbers, unsigned n, double share)
{
    qsort(numbers, n, sizeof *numbers, ascending);
    unsigned i = (unsigned)ceil(share * n);
    return n ? numbers[i ? i - 1 : 0] : 0;
}
