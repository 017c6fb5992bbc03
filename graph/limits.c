#include "graph/limits.h"

const struct limit_info limit_infos[N_LIMITS] = {
#define X(word, name, unit, lowest, highest, initial, help) {name, unit, lowest, highest, initial, help},
    LIMITS(X)
#undef X
};

struct limits limits_default(void)
{
    struct limits limits;
    for (unsigned i = 0; i < N_LIMITS; i++)
        limits.most[i] = limit_infos[i].initial;
    return limits;
}
