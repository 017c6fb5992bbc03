/* UTF-8, as the Unicode Standard's table of well-formed sequences (3-7) has it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "graph/thread.h"

/* Bytes of the character that a terminated text begins with: 0 when they are none. Not longer than needed, no surrogates,
 * nothing beyond U+10FFFF. */
DAWD_ANY static inline unsigned utf8_bytes(const uint8_t *at)
{
    uint8_t first = at[0];
    unsigned n = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    for (unsigned i = 1; i < n; i++)
        if ((at[i] & 0xc0) != 0x80) /* the terminator too */
            return 0;
    bool is_long = (first == 0xe0 && at[1] < 0xa0) || (first == 0xf0 && at[1] < 0x90);
    bool is_beyond = (first == 0xed && at[1] > 0x9f) || (first == 0xf4 && at[1] > 0x8f);
    return is_long || is_beyond ? 0 : n;
}
