#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "osc/slip.h"
#include "tests/fuzz/fuzz.h"
#include "tests/graph_rig.h"
#include "tests/wild.h"

void fuzz_expect(bool truth, const char *what)
{
    if (truth)
        return;
    fprintf(stderr, "%s\n", what);
    abort();
}

static void change_packet(uint32_t *seed, const uint8_t *bytes, size_t n, struct bytes *out)
{
    struct error error;
    unsigned how = dice_below(seed, 8);
    if (how < 4 && n && packet_check(bytes, n, WILD_ELEMENTS_MAX, &error) == 0) {
        wild_change(seed, bytes, n, out);
    } else if (how < 7) {
        wild_request(seed, out);
    } else {
        bytes_add(out, bytes, n);
        out->n = wild_damage(seed, out->data, out->n);
    }
}

/* One line more, less, or in the place of another. */
static void change_lines(uint32_t *seed, const uint8_t *bytes, size_t n, struct bytes *out)
{
    unsigned n_lines = 1, at, how = dice_below(seed, 4);
    for (size_t i = 0; i < n; i++)
        n_lines += bytes[i] == '\n';
    at = dice_below(seed, n_lines);
    for (unsigned i = 0; i < n_lines; i++) {
        const uint8_t *end = n ? memchr(bytes, '\n', n) : NULL;
        size_t length = end ? (size_t)(end - bytes) : n;
        if (i == at && how) {
            wild_line(seed, out);
            bytes_add_byte(out, '\n');
        }
        if (i != at || how > 1)
            bytes_add(out, bytes, length + (end != NULL));
        n -= length + (end != NULL);
        bytes += length + (end != NULL);
    }
}

static void change_stream(uint32_t *seed, const uint8_t *bytes, size_t n, struct bytes *out)
{
    struct bytes packet = {0};
    unsigned how = dice_below(seed, 4);
    bytes_add(out, bytes, n);
    if (how == 0) {
        out->n = wild_damage(seed, out->data, out->n);
        return;
    }
    if (how == 1)
        out->n = dice_below(seed, (unsigned)n + 1);
    wild_request(seed, &packet);
    slip_write(out, packet.data, packet.n);
    bytes_deinit(&packet);
}

/* One event or chunk more, some bytes less, or damage; then mostly with the lengths that its tracks have. */
static void change_midi(uint32_t *seed, const uint8_t *bytes, size_t n, struct bytes *out)
{
#define PIECE(text)                                                                                                        \
    {                                                                                                                      \
        text, sizeof(text) - 1                                                                                             \
    }
    static const struct {
        const char *bytes;
        size_t n;
    } pieces[] = {PIECE("MThd\0\0\0\6\0\1\0\3\0\x60"),
                  PIECE("MTrk\0\0\0\4\0\xff\x2f\0"),
                  PIECE("MTrk\0\0\0\0"),
                  PIECE("XFIH\0\0\0\1x"),
                  PIECE("\0\xff\x2f\0"),
                  PIECE("\0\x90\x40\x40"),
                  PIECE("\x10\x40\0"),
                  PIECE("\x81\x80\x80\0\xc5\1"),
                  PIECE("\x83\x60\xff\x51\3\x07\xa1\x20"),
                  PIECE("\0\xff\x58\4\6\3\x18\x08"),
                  PIECE("\0\xff\3\4name"),
                  PIECE("\0\xff\3\x50"),
                  PIECE("\0\xf0\3\x7e\x7f\xf7"),
                  PIECE("\xff\xff\xff\x7f\xd3\1")};
    unsigned how = dice_below(seed, 8), piece = dice_below(seed, ROWS(pieces));
    size_t at = dice_below(seed, (unsigned)n + 1), gone = how < 2 ? dice_below(seed, (unsigned)(n - at) + 1) : 0;
    bytes_add(out, bytes, at);
    if (how > 1)
        bytes_add(out, pieces[piece].bytes, pieces[piece].n);
    bytes_add(out, bytes + at + gone, n - at - gone);
    if (how == 7)
        out->n = wild_damage(seed, out->data, out->n);
    for (size_t next = out->n, i = out->n; how < 6 && i-- > 8;)
        if (memcmp(out->data + i - 8, "MTrk\0\0", 6) == 0) {
            out->data[i - 2] = (uint8_t)((next - i) >> 8);
            out->data[i - 1] = (uint8_t)(next - i);
            next = i - 8;
        }
}

size_t fuzz_mutate(const struct fuzz_target *target, uint32_t seed, uint8_t *bytes, size_t n, size_t max)
{
    static void (*const change[])(uint32_t *, const uint8_t *, size_t, struct bytes *) = {[FUZZ_PACKET] = change_packet,
                                                                                          [FUZZ_LINES] = change_lines,
                                                                                          [FUZZ_STREAM] = change_stream,
                                                                                          [FUZZ_MIDI] = change_midi};
    struct bytes out = {0};
    unsigned n_head = target->n_head;
    if (n < n_head) {
        memset(bytes + n, 0, n_head - n);
        n = n_head;
    }
    for (unsigned i = 0; i < n_head; i++)
        if (dice_below(&seed, 6) == 0)
            bytes[i] = (uint8_t)dice_below(&seed, 256);
    change[target->kind](&seed, bytes + n_head, n - n_head, &out);
    n = out.n < max - n_head ? out.n : max - n_head;
    if (n)
        memcpy(bytes + n_head, out.data, n);
    bytes_deinit(&out);
    return n_head + n;
}

/* ---- corpora -------------------------------------------------------------------------------------------------------- */

static const char escapes[] = "0\0n\nr\rt\te\033\"\"\\\\"; /* pairs: what stands behind \, and what it means */

static unsigned hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = c ? strchr(digits, c) : NULL;
    fuzz_expect(found, "a corpus has \\x without two digits");
    return (unsigned)(found - digits);
}

/* What an escape behind its \ means; moves *at behind it. */
static uint8_t unescape(const char **at)
{
    char c = *(*at)++;
    if (c == 'x') {
        unsigned high = hex_digit(*(*at)++), low = hex_digit(*(*at)++);
        return (uint8_t)(high << 4 | low);
    }
    for (unsigned i = 0; i + 1 < sizeof escapes; i += 2)
        if (escapes[i] == c)
            return (uint8_t)escapes[i + 1];
    fuzz_expect(false, "a corpus has an escape that is none");
    return 0;
}

bool fuzz_corpus_read(const char **at, struct bytes *input)
{
    input->n = 0;
    while (**at == '\n' || **at == '#')
        *at += strcspn(*at, "\n") + (**at == '\n' || strchr(*at, '\n') != NULL);
    if (!**at)
        return false;
    fuzz_expect(*(*at)++ == '"', "a line of a corpus does not begin with a quote");
    while (**at != '"') {
        char c = *(*at)++;
        fuzz_expect(c && c != '\n', "a line of a corpus has no end");
        bytes_add_byte(input, c == '\\' ? unescape(at) : (uint8_t)c);
    }
    *at += strcspn(*at, "\n");
    return true;
}

void fuzz_corpus_write(const uint8_t *bytes, size_t n, struct bytes *text)
{
    bytes_add_byte(text, '"');
    for (size_t i = 0; i < n; i++) {
        unsigned k = 0;
        while (k + 1 < sizeof escapes && (uint8_t)escapes[k + 1] != bytes[i])
            k += 2;
        if (k + 1 < sizeof escapes)
            bytes_print(text, "\\%c", escapes[k]);
        else if (bytes[i] >= ' ' && bytes[i] <= '~')
            bytes_add_byte(text, bytes[i]);
        else
            bytes_print(text, "\\x%02x", bytes[i]);
    }
    bytes_print(text, "\"\n");
}
