/* An allocator that fails on request, in the place of the C library's: for the one source of a test program that includes this.
 *
 *     no_memory_from(n, false);          from here on the nth allocation fails (true: that and all behind it)
 *     ...
 *     bool was = no_memory_pause();      what the test itself does
 *     no_memory_go_on(was);
 *     ...
 *     if (no_memory_ends()) ...          whether an allocation has failed since
 */
#pragma once

#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define NO_MEMORY_REAL(function) __interceptor_##function
void *__interceptor_aligned_alloc(size_t align, size_t bytes);
size_t __sanitizer_get_current_allocated_bytes(void);
#else
#define NO_MEMORY_REAL(function) __libc_##function
void *__libc_memalign(size_t align, size_t bytes);
#define __libc_aligned_alloc     __libc_memalign
#endif
void *NO_MEMORY_REAL(malloc)(size_t bytes);
void *NO_MEMORY_REAL(calloc)(size_t n, size_t bytes);
void *NO_MEMORY_REAL(realloc)(void *memory, size_t bytes);

static struct {
    bool is_armed;
    bool has_failed;
    unsigned n_calls, fails_at, fails_until;
    bool (*spares)(const void *caller); /* allocations that this code asks for never fail; null: all may */
} no_memory;

#define NO_TSAN __attribute__((no_sanitize("thread"))) /* called before that sanitizer is ready for it */

NO_TSAN static bool no_memory_now(const void *caller)
{
    if (!no_memory.is_armed || (no_memory.spares && no_memory.spares(caller)) || ++no_memory.n_calls < no_memory.fails_at ||
        no_memory.n_calls > no_memory.fails_until)
        return false;
    no_memory.has_failed = true;
    return true;
}

NO_TSAN void *malloc(size_t bytes)
{
    return no_memory_now(__builtin_return_address(0)) ? NULL : NO_MEMORY_REAL(malloc)(bytes);
}

NO_TSAN void *calloc(size_t n, size_t bytes)
{
    return no_memory_now(__builtin_return_address(0)) ? NULL : NO_MEMORY_REAL(calloc)(n, bytes);
}

NO_TSAN void *realloc(void *memory, size_t bytes)
{
    return no_memory_now(__builtin_return_address(0)) ? NULL : NO_MEMORY_REAL(realloc)(memory, bytes);
}

NO_TSAN void *aligned_alloc(size_t align, size_t bytes)
{
    return no_memory_now(__builtin_return_address(0)) ? NULL : NO_MEMORY_REAL(aligned_alloc)(align, bytes);
}

static inline void no_memory_from(unsigned n, bool for_good)
{
    no_memory.n_calls = 0;
    no_memory.has_failed = false;
    no_memory.fails_at = n;
    no_memory.fails_until = for_good ? UINT32_MAX : n;
    no_memory.is_armed = true;
}

static inline bool no_memory_pause(void)
{
    bool was = no_memory.is_armed;
    no_memory.is_armed = false;
    return was;
}

static inline void no_memory_go_on(bool was)
{
    no_memory.is_armed = was;
}

static inline bool no_memory_ends(void)
{
    no_memory.is_armed = false;
    return no_memory.has_failed;
}

/* Bytes that are allocated now. glibc counts what its caches keep as well: GLIBC_TUNABLES takes these away. */
static inline size_t no_memory_used(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return __sanitizer_get_current_allocated_bytes();
#else
    return mallinfo2().uordblks;
#endif
}
