/* Denormal numbers off: a decaying filter would cost twenty times as much in its tail, and nobody hears 1e-38.
 * JACK leaves the processor's default on, so every cycle sets this for its thread. */
#pragma once

#include "graph/thread.h"

/* For the calling thread, until somebody sets the register again. Without effect on processors of which nothing is known
 * here: the sound is the same, its tails cost more. */
#if defined(__SSE2__)
#include <xmmintrin.h>

DAWD_RT static inline void denormals_off_rt(void)
{
    _mm_setcsr(_mm_getcsr() | 0x8040); /* bit 15: results are flushed to zero; bit 6: operands are */
}
#elif defined(__aarch64__)
DAWD_RT static inline void denormals_off_rt(void)
{
    unsigned long fpcr;
    __asm__ volatile("mrs %0, fpcr" : "=r"(fpcr));
    /* Bit 24, FZ: both at once. */
    __asm__ volatile("msr fpcr, %0" : : "r"(fpcr | 1ul << 24));
}
#else
DAWD_RT static inline void denormals_off_rt(void)
{
}
#endif
