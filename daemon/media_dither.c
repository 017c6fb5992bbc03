#include "daemon/media_dither.h"

#include <math.h>

#define DITHERED_BITS 16       /* and fewer */
#define ROUNDING      0x1.8p52 /* beside it a double has no fraction left; rint would be a call for each sample */
#define WHOLE_MOST    0x1p40   /* beyond any full scale, and far below that */

void media_dither_init(struct media_dither *dither, unsigned bits)
{
    *dither = (struct media_dither){.bits = bits};
}

/* The sum of two even distributions, -1..1 step. Random bits by splitmix64 (Steele, Lea, Flood, OOPSLA 2014), both halves
 * of which are good. */
static double triangle(struct media_dither *dither)
{
    uint64_t x = dither->state += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    x ^= x >> 31;
    return ((double)(x >> 32) + (double)(uint32_t)x) * 0x1p-32 - 1;
}

void media_dither_run(struct media_dither *dither, const float *in, int32_t *out, size_t n)
{
    double full = ldexp(1, (int)dither->bits - 1);
    int32_t unit = (int32_t)1 << (32 - dither->bits);
    for (size_t i = 0; i < n; i++) {
        double x = (double)in[i] * full + (dither->bits <= DITHERED_BITS ? triangle(dither) : 0);
        x = x < WHOLE_MOST ? x : WHOLE_MOST;
        x = x > -WHOLE_MOST ? x : -WHOLE_MOST;
        double whole = x + ROUNDING - ROUNDING;
        dither->n_clipped += whole > full - 1 || whole < -full;
        whole = whole < full - 1 ? whole : full - 1;
        whole = whole > -full ? whole : -full;
        out[i] = (int32_t)whole * unit;
    }
}
