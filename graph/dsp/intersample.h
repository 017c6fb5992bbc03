/* How far a sound swings between its samples: its true peak, frame by frame.
 *
 *          x[i]            x[i + 1]              seven eighths of the way by a long kernel, and the four points of
 *           |  . . . . . . .  |                  ITU-R BS.1770-4, Annex 2, which lie at 1/8, 3/8, 5/8 and 7/8
 *           +--+--+--+--+--+--+
 *
 * The long kernel is a sinc of INTERSAMPLE_SIDE crossings to either side, five times as long as the one of Annex 2, under a
 * Kaiser window that hardly fades (b = 2). So it sees as much of what lies near half the rate as one of twice its length under
 * a window that does; what it lets through instead, of tones that belong elsewhere, is a matter of 0.01 dB in a peak. Annex 2
 * is looked at besides, because meters do. At eight points per frame the largest that can hide between two of them is 0.17 dB,
 * for a tone at half the rate (Annex 2 has the formula; it is 0.69 dB at four).
 *
 * Points that lie mirrored (1/8 and 7/8) have mirrored weights, so both come from one sum over what is even and one over what
 * is odd about the middle: even + odd and even - odd. The larger of them is |even| + |odd|.
 */
#pragma once

#include "graph/thread.h"

#define INTERSAMPLE_SIDE  32   /* frames that are looked at, before and behind the middle */
#define INTERSAMPLE_ANNEX 6    /* the same of Annex 2 */
#define INTERSAMPLE_MOST  3.3f /* no point exceeds the largest sample around it by more: the sum of |weights|, rounded up */

/* Weights of the long kernel at 1/8, 2/8, 3/8 and 4/8 (which is even alone), and of Annex 2 at 1/8 and 3/8, for the frame
 * that is k before the middle together with its mirror image. */
struct intersample {
    float even[4][INTERSAMPLE_SIDE], odd[3][INTERSAMPLE_SIDE];
    float annex_even[2][INTERSAMPLE_ANNEX], annex_odd[2][INTERSAMPLE_ANNEX];
};

DAWD_CTL void intersample_init(struct intersample *by);

/* Raises most[i] to the largest magnitude from x[i] on until before x[i + 1]. Reads x[-INTERSAMPLE_SIDE] to
 * x[n - 1 + INTERSAMPLE_SIDE], which must be finite. Where it cannot be above `floor` it may be left lower than it is: what is
 * known to be soft costs little. */
DAWD_RT void intersample_raise(const struct intersample *by, const float *x, float floor, float *most, unsigned n);
