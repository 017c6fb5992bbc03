#include "osc/slip.h"

/*     a frame:  END  bytes, with ESC ESC_END for END and ESC ESC_ESC for ESC  END
 */
enum { END = 0xc0, ESC = 0xdb, ESC_END = 0xdc, ESC_ESC = 0xdd };

#define KEPT_BYTES 65536 /* memory that a decoder keeps between frames */

void slip_init(struct slip *slip, size_t max_bytes)
{
    *slip = (struct slip){.max_bytes = max_bytes};
}

void slip_deinit(struct slip *slip)
{
    bytes_deinit(&slip->frame);
}

static bool is_special(uint8_t byte)
{
    return byte == END || byte == ESC;
}

/* The number of bytes from `bytes` on that stand for themselves. */
static size_t plain_run(const uint8_t *bytes, size_t n)
{
    size_t i = 0;
    while (i < n && !is_special(bytes[i]))
        i++;
    return i;
}

static enum slip_event skip(struct slip *slip, enum slip_event why)
{
    slip->skipping = true;
    slip->escaped = false;
    bytes_clear(&slip->frame, 0);
    return why;
}

static enum slip_event take(struct slip *slip, const uint8_t *bytes, size_t n)
{
    if (slip->skipping)
        return SLIP_MORE;
    /* Before anything is stored: an endless frame costs no more memory than the longest that is allowed. */
    if (n > slip->max_bytes - slip->frame.n)
        return skip(slip, SLIP_TOO_BIG);
    bytes_add(&slip->frame, bytes, n);
    return slip->frame.failed ? skip(slip, SLIP_NO_MEMORY) : SLIP_MORE;
}

static enum slip_event end_frame(struct slip *slip)
{
    /* ESC right before END: the frame lost its last byte on the way. */
    bool cut = slip->escaped && !slip->skipping;
    bool whole = !cut && !slip->skipping && slip->frame.n;
    slip->escaped = slip->skipping = false;
    slip->complete = true;
    if (cut)
        return SLIP_BAD;
    return whole ? SLIP_FRAME : SLIP_MORE;
}

/* The bad byte may itself be anything; only END is looked for until the frame is over, which resynchronises. */
static enum slip_event take_escaped(struct slip *slip, uint8_t byte)
{
    static const uint8_t end = END, esc = ESC;
    slip->escaped = false;
    if (byte == ESC_END || byte == ESC_ESC)
        return take(slip, byte == ESC_END ? &end : &esc, 1);
    return slip->skipping ? SLIP_MORE : skip(slip, SLIP_BAD);
}

static enum slip_event step(struct slip *slip, const uint8_t *bytes, size_t n, size_t *at)
{
    /* Most bytes of a packet stand for themselves: they are taken in runs, not one by one. */
    size_t run = slip->escaped ? 0 : plain_run(bytes + *at, n - *at);
    if (run) {
        *at += run;
        return take(slip, bytes + *at - run, run);
    }
    uint8_t byte = bytes[(*at)++];
    if (byte == END)
        return end_frame(slip);
    if (slip->escaped)
        return take_escaped(slip, byte);
    slip->escaped = true;
    return SLIP_MORE;
}

enum slip_event slip_read(struct slip *slip, const uint8_t *bytes, size_t n, size_t *at)
{
    enum slip_event event = SLIP_MORE;
    while (event == SLIP_MORE && *at < n) {
        if (slip->complete)
            bytes_clear(&slip->frame, KEPT_BYTES);
        slip->complete = false;
        event = step(slip, bytes, n, at);
    }
    return event;
}

void slip_write(struct bytes *stream, const uint8_t *packet, size_t n)
{
    /* Counted first: a packet of 16 MB is laid out in one piece of just the right size. */
    size_t n_frame = n + 2;
    for (size_t i = 0; i < n; i++)
        n_frame += is_special(packet[i]);
    uint8_t *to = bytes_grow(stream, n_frame);
    if (!to)
        return;
    *to++ = END;
    for (size_t i = 0; i < n; i++) {
        bool special = is_special(packet[i]);
        if (special)
            *to++ = ESC;
        *to++ = !special ? packet[i] : packet[i] == END ? ESC_END : ESC_ESC;
    }
    *to = END;
}
