/* Any bytes at all, as what a connection receives: in whatever pieces they come, the same frames come out of them, none longer
 * than the limit, and what is framed again is read as the same.
 *
 * The first byte chooses the limit, the second the pieces.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "osc/stream.h"
#include "tests/fuzz/fuzz.h"
#include "tests/graph_rig.h"

/* What came out: each frame behind its length, each refusal as a number of its own. */
static void note(struct bytes *story, enum slip_event event, const struct bytes *frame)
{
    bytes_add_u32(story, event == SLIP_FRAME ? (uint32_t)frame->n : 0xffffff00u + (uint32_t)event);
    if (event == SLIP_FRAME)
        bytes_add(story, frame->data, frame->n);
}

/* Decodes a piece that lies alone in memory, so that a step beyond its end is seen. */
static void decode_piece(struct slip *slip, const uint8_t *bytes, size_t n, struct bytes *story)
{
    size_t at = 0;
    enum slip_event event;
    uint8_t *piece = malloc(n + !n);
    memcpy(piece, bytes, n);
    while ((event = slip_read(slip, piece, n, &at)) != SLIP_MORE) {
        fuzz_expect(event != SLIP_NO_MEMORY, "memory ran out for a frame");
        fuzz_expect(event != SLIP_FRAME || (slip->frame.n && slip->frame.n <= slip->max_bytes),
                    "a frame is too long or empty");
        note(story, event, &slip->frame);
    }
    fuzz_expect(at == n, "the decoder stopped before the end");
    free(piece);
}

/* In pieces of at most `most` bytes. */
static void decode(const uint8_t *bytes, size_t n, size_t max_bytes, unsigned most, struct bytes *story)
{
    struct slip slip;
    uint32_t seed = most;
    slip_init(&slip, max_bytes);
    while (n) {
        size_t piece = 1 + dice_below(&seed, most);
        piece = piece < n ? piece : n;
        decode_piece(&slip, bytes, piece, story);
        bytes += piece;
        n -= piece;
    }
    slip_deinit(&slip);
}

static bool is_same(const struct bytes *a, const struct bytes *b)
{
    return a->n == b->n && (!a->n || memcmp(a->data, b->data, a->n) == 0);
}

/* The bytes as one packet: framed, and read again. */
static void check_framing(const uint8_t *bytes, size_t n, unsigned most)
{
    struct bytes stream = {0}, story = {0}, expected = {0};
    slip_write(&stream, bytes, n);
    fuzz_expect(stream.n <= 2 * n + 2, "a frame has become too long");
    decode(stream.data, stream.n, n, most, &story);
    bytes_add_u32(&expected, (uint32_t)n);
    bytes_add(&expected, bytes, n);
    fuzz_expect(is_same(&story, &expected), "a frame is read as another");
    bytes_deinit(&stream);
    bytes_deinit(&story);
    bytes_deinit(&expected);
}

/* The same through a connection: as many frames and refusals as the decoder tells of, and then the end. */
static void check_connection(const uint8_t *bytes, size_t n, const struct stream_limits *limits,
                             const struct bytes *expected)
{
    int fds[2];
    unsigned reads = 1000;
    enum stream_event event;
    struct error error;
    struct bytes story = {0}, told = {0};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) || write(fds[1], bytes, n) != (ssize_t)n)
        abort();
    close(fds[1]);
    struct stream *stream = stream_new(fds[0], 1, limits);
    while (!stream->ended && reads)
        while ((event = stream_next(stream, &reads, &error)) != STREAM_IDLE)
            note(event == STREAM_FRAME ? &story : &told, event == STREAM_FRAME ? SLIP_FRAME : SLIP_BAD,
                 &stream->slip.frame);
    fuzz_expect(stream->ended, "a connection does not end");
    fuzz_expect(story.n + told.n == expected->n, "a connection reads other frames");
    stream_free(stream);
    bytes_deinit(&story);
    bytes_deinit(&told);
}

static void run(const uint8_t *bytes, size_t n)
{
    if (n < 3)
        return;
    struct stream_limits limits = {.packet_max_bytes = 8u << bytes[0] % 10, .queue_max_bytes = 65536, .stall_ms = 1000};
    unsigned most = 1 + bytes[1] % 64;
    struct bytes whole = {0}, pieces = {0};
    bytes += 2;
    n -= 2;
    decode(bytes, n, limits.packet_max_bytes, 1u << 30, &whole);
    decode(bytes, n, limits.packet_max_bytes, most, &pieces);
    fuzz_expect(is_same(&whole, &pieces), "other frames come out of other pieces");
    check_framing(bytes, n, most);
    if (most % 8 == 0)
        check_connection(bytes, n, &limits, &whole);
    bytes_deinit(&whole);
    bytes_deinit(&pieces);
}

const struct fuzz_target stream_target = {"stream", FUZZ_STREAM, 2, run, NULL};
