#include "graph/dsp/fm_routes.h"

#include "graph/rt_only.h"

/* By their numbers for musicians. */
enum { A = 1, B = 2, C = 4, D = 8, E = 16, F = 32 };

/* What operators 1 to 5 hear (nobody modulates the sixth), what is heard, and from where to where it feeds back. */
#define ROUTE(a, b, c, d, e, out, from, to)                                                                                \
    {                                                                                                                      \
        {a, b, c, d, e, 0}, out, (from)-1, (to)-1                                                                          \
    }

const struct fm_route fm_routes_rt[FM_ALGORITHMS] = {
    ROUTE(B, 0, D, E, F, A | C, 6, 6),
    ROUTE(B, 0, D, E, F, A | C, 2, 2),
    ROUTE(B, C, 0, E, F, A | D, 6, 6),
    ROUTE(B, C, 0, E, F, A | D, 4, 6),
    ROUTE(B, 0, D, 0, F, A | C | E, 6, 6),
    ROUTE(B, 0, D, 0, F, A | C | E, 5, 6),
    ROUTE(B, 0, D | E, 0, F, A | C, 6, 6),
    ROUTE(B, 0, D | E, 0, F, A | C, 4, 4),
    ROUTE(B, 0, D | E, 0, F, A | C, 2, 2),
    ROUTE(B, C, 0, E | F, 0, A | D, 3, 3),
    ROUTE(B, C, 0, E | F, 0, A | D, 6, 6),
    ROUTE(B, 0, D | E | F, 0, 0, A | C, 2, 2),
    ROUTE(B, 0, D | E | F, 0, 0, A | C, 6, 6),
    ROUTE(B, 0, D, E | F, 0, A | C, 6, 6),
    ROUTE(B, 0, D, E | F, 0, A | C, 2, 2),
    ROUTE(B | C | E, 0, D, 0, F, A, 6, 6),
    ROUTE(B | C | E, 0, D, 0, F, A, 2, 2),
    ROUTE(B | C | D, 0, 0, E, F, A, 3, 3),
    ROUTE(B, C, 0, F, F, A | D | E, 6, 6),
    ROUTE(C, C, 0, E | F, 0, A | B | D, 3, 3),
    ROUTE(C, C, 0, F, F, A | B | D | E, 3, 3),
    ROUTE(B, 0, F, F, F, A | C | D | E, 6, 6),
    ROUTE(0, C, 0, F, F, A | B | D | E, 6, 6),
    ROUTE(0, 0, F, F, F, A | B | C | D | E, 6, 6),
    ROUTE(0, 0, 0, F, F, A | B | C | D | E, 6, 6),
    ROUTE(0, C, 0, E | F, 0, A | B | D, 6, 6),
    ROUTE(0, C, 0, E | F, 0, A | B | D, 3, 3),
    ROUTE(B, 0, D, E, 0, A | C | F, 5, 5),
    ROUTE(0, 0, D, 0, F, A | B | C | E, 6, 6),
    ROUTE(0, 0, D, E, 0, A | B | C | F, 5, 5),
    ROUTE(0, 0, 0, 0, F, A | B | C | D | E, 6, 6),
    ROUTE(0, 0, 0, 0, 0, A | B | C | D | E | F, 6, 6),
};
