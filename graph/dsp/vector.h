/* Vectors without intrinsics: what the loops of the nodes need beyond plain C.
 *
 * Most loops are plain and the compiler vectorises them. DAWD_CLONES before a function compiles it for the plain
 * instruction set, for AVX2 and for AVX-512, chosen when the program is loaded; contraction is off, so all give the same
 * bits.
 * The width is fixed at 8 where it shows in the result: 64-byte vectors cost three times as much on AVX2.
 */
#pragma once

#include <string.h>

#include "graph/thread.h"

/* The resolver runs before the sanitizers are up, hence none there; other architectures have no clones in gcc 12. Tests
 * that compare instruction sets compile with DAWD_ONE_SET, for the one that they name. */
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(DAWD_ONE_SET)
#define DAWD_CLONES __attribute__((target_clones("arch=x86-64-v4", "avx2", "default")))
#else
#define DAWD_CLONES
#endif

#define VECTOR_WIDTH 8
#define FLOAT8       __attribute__((vector_size(8 * sizeof(float)))) float
#define INT8         __attribute__((vector_size(8 * sizeof(int)))) int
#define FLOAT4       __attribute__((vector_size(4 * sizeof(float)))) float
#define DOUBLE2      __attribute__((vector_size(2 * sizeof(double)))) double
#define DOUBLE4      __attribute__((vector_size(4 * sizeof(double)))) double

/* Eight times a where the bits of `where` are set, b where they are not: what a comparison of vectors is good for. */
#define VECTOR_CHOOSE(where, a, b) ((FLOAT8)(((where) & (INT8)(a)) | (~(where) & (INT8)(b))))

/* Before a loop that at frame i touches nothing but frame i: its buffers may be the same, but need no check. (Without it
 * the compiler tests for overlap, and takes the slow loop whenever a node works in place.) */
#define DAWD_FRAMES_APART _Pragma("GCC ivdep")

/* In place of `static inline`: compiled anew wherever it is used, so that what is asked inside is mostly known by then. */
#define DAWD_INLINE static inline __attribute__((always_inline))

/* Before a loop whose values are all to stay in registers. */
#define DAWD_UNROLLED _Pragma("GCC unroll 16")

/* Eight frames as doubles. Converted one by one, each would wait for what its register held before. */
DAWD_ANY static inline void vector_widen(DOUBLE4 wide[2], const float *x)
{
    FLOAT4 half[2];
    memcpy(half, x, sizeof half);
    wide[0] = __builtin_convertvector(half[0], DOUBLE4);
    wide[1] = __builtin_convertvector(half[1], DOUBLE4);
}
