/* Each stream has a decoder of its own, which stays open for a while: the next note of the same sound costs a seek. */
#include "daemon/stream_feed.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/media_read.h"

#define PIECE_FRAMES 4096 /* that one stream gets before the next one has its turn: 85 ms of sound, 1 ms of FLAC */
#define IDLE_TURNS   400  /* after which a file that nobody plays is closed */

struct stream_feed {
    struct media_read read;
    struct stream_wish wish; /* as it was last seen, */
    uint64_t asked;          /* with its word */
    uint32_t open_sound;     /* that the decoder stands in; STREAM_NOTHING: none */
    uint64_t done;           /* frames in the ring, ever */
    uint64_t at;             /* frame of the file that comes next */
    bool is_over;            /* nothing more comes: the end, or a file that cannot be read */
    unsigned idle;           /* turns without a wish */
};

static unsigned ring_channels(const struct instrument *instrument)
{
    unsigned most = 1;
    for (uint32_t i = 0; i < instrument->n_sounds; i++)
        if (instrument->sounds[i].is_streamed && instrument->sounds[i].media->channels > most)
            most = instrument->sounds[i].media->channels;
    return most < STREAM_CHANNELS ? most : STREAM_CHANNELS;
}

size_t stream_feeds_bytes(const struct instrument *instrument, unsigned n)
{
    return (size_t)n * STREAM_RING_FRAMES * ring_channels(instrument) * sizeof(float);
}

/* What is asked for: its word, and the wish of the same moment. False: it is just being changed; look again. */
static bool wish_read(struct stream *stream, uint64_t *asked, struct stream_wish *wish)
{
    *asked = atomic_load_explicit(&stream->asked, memory_order_acquire);
    wish->sound = atomic_load_explicit(&stream->sound, memory_order_acquire);
    wish->from = atomic_load_explicit(&stream->from, memory_order_acquire);
    wish->end = atomic_load_explicit(&stream->end, memory_order_acquire);
    wish->loop_start = atomic_load_explicit(&stream->loop_start, memory_order_acquire);
    wish->loop_end = atomic_load_explicit(&stream->loop_end, memory_order_acquire);
    return stream_word_agrees(*asked, atomic_load_explicit(&stream->asked, memory_order_relaxed));
}

/* So many frames of the ticket in `asked` are in the ring. */
static void tell(struct stream *stream, uint64_t asked, uint64_t count)
{
    atomic_store_explicit(&stream->filled, (asked & ~STREAM_COUNT) | (count & STREAM_COUNT), memory_order_release);
}

/* ---- reading --------------------------------------------------------------------------------------------------------- */

static void give_up(struct stream_feeds *feeds, struct stream_feed *feed, const char *why)
{
    feed->is_over = true;
    if (!feeds->has_failed && feeds->log)
        log_put(feeds->log, LOG_WARNING, "a sound of an instrument cannot be read any more: %s", why);
    feeds->has_failed = true;
}

static void close_file(struct stream_feed *feed)
{
    media_read_close(&feed->read);
    feed->open_sound = STREAM_NOTHING;
}

static void open_file(struct stream_feeds *feeds, struct stream_feed *feed)
{
    struct error error = {0};
    uint32_t sound = feed->wish.sound;
    if (feed->open_sound == sound)
        return;
    close_file(feed);
    const char *path = sound < feeds->n_sounds ? feeds->paths[sound] : NULL;
    int fd = path ? files_open(feeds->files, path, &error) : -1;
    if (fd < 0 || media_read_open(&feed->read, fd, path, &error)) {
        give_up(feeds, feed, error.text);
        return;
    }
    feed->open_sound = sound;
    unsigned channels = feed->read.channels < MEDIA_READ_CHANNELS ? feed->read.channels : MEDIA_READ_CHANNELS;
    if (channels != feeds->channels[sound]) {
        close_file(feed);
        give_up(feeds, feed, "it has other channels than it had");
    }
}

/* Sees whether something else is wanted. False: it is just being said. */
static bool look(struct stream *stream, struct stream_feed *feed, uint64_t *asked)
{
    struct stream_wish wish;
    if (!wish_read(stream, asked, &wish))
        return false;
    /* The sound comes after its ticket: until then it is nothing. */
    if (stream_word_agrees(*asked, feed->asked) && wish.sound == feed->wish.sound)
        return true;
    feed->wish = wish;
    feed->asked = *asked;
    feed->done = 0;
    feed->at = wish.from;
    feed->is_over = false;
    feed->idle = 0;
    if (wish.loop_end > wish.loop_start && wish.from >= wish.loop_end)
        feed->at = wish.loop_start + (wish.from - wish.loop_start) % (wish.loop_end - wish.loop_start);
    tell(stream, *asked, 0);
    return true;
}

/* What is to be read in one go: to the end of a pass, and of the ring. */
static uint64_t piece(const struct stream_feed *feed, uint64_t room)
{
    const struct stream_wish *wish = &feed->wish;
    uint64_t end = wish->loop_end > wish->loop_start ? wish->loop_end : wish->end;
    uint64_t n = room < PIECE_FRAMES ? room : PIECE_FRAMES, to_edge = STREAM_RING_FRAMES - feed->done % STREAM_RING_FRAMES;
    n = n < to_edge ? n : to_edge;
    return feed->at >= end ? 0 : n < end - feed->at ? n : end - feed->at;
}

static void read_piece(struct stream_feeds *feeds, struct stream *stream, struct stream_feed *feed, uint64_t n)
{
    unsigned channels = feeds->channels[feed->wish.sound];
    float *to = stream->ring + feed->done % STREAM_RING_FRAMES * channels;
    size_t got = media_read_frames(&feed->read, feed->at, to, n);
    memset(to + got * channels, 0, (n - got) * channels * sizeof *to);
    if (got < n)
        give_up(feeds, feed, feeds->paths[feed->wish.sound]);
    feed->done += n;
    feed->at += n;
    if (feed->at == feed->wish.loop_end)
        feed->at = feed->wish.loop_start;
    tell(stream, feed->asked, feed->done);
}

/* Returns whether there is room for more. */
static bool turn(struct stream_feeds *feeds, struct stream *stream, struct stream_feed *feed)
{
    uint64_t asked;
    if (!look(stream, feed, &asked))
        return true;
    if (feed->wish.sound == STREAM_NOTHING) {
        if (feed->open_sound != STREAM_NOTHING && ++feed->idle > IDLE_TURNS)
            close_file(feed);
        return false;
    }
    if (!feed->is_over)
        open_file(feeds, feed);
    uint64_t room = STREAM_RING_FRAMES - (feed->done - stream_word_count(asked)), n = piece(feed, room);
    /* Small pieces would be many: what is nearly full can wait. */
    if (feed->is_over || !n || room < PIECE_FRAMES)
        return false;
    read_piece(feeds, stream, feed, n);
    return !feed->is_over && room - n >= PIECE_FRAMES;
}

bool stream_feeds_turn(struct stream_feeds *feeds)
{
    bool has_more = false;
    for (unsigned i = 0; i < feeds->set.n; i++)
        has_more |= turn(feeds, &feeds->set.stream[i], &feeds->feed[i]);
    uint32_t starved = atomic_load_explicit(&feeds->set.n_starved, memory_order_relaxed);
    if (starved != feeds->n_told && feeds->log)
        log_put(feeds->log, LOG_WARNING, "the disk was late for %u sounds of an instrument: they were faded out",
                starved - feeds->n_told);
    feeds->n_told = starved;
    return has_more;
}

/* ---- making ---------------------------------------------------------------------------------------------------------- */

static bool sounds_copy(struct stream_feeds *feeds, const struct instrument *instrument)
{
    feeds->n_sounds = instrument->n_sounds;
    feeds->paths = calloc(instrument->n_sounds + 1, sizeof *feeds->paths);
    feeds->channels = calloc(instrument->n_sounds + 1, sizeof *feeds->channels);
    for (uint32_t i = 0; feeds->paths && feeds->channels && i < instrument->n_sounds; i++) {
        const struct instrument_sound *sound = &instrument->sounds[i];
        feeds->channels[i] = sound->media->channels;
        if (sound->is_streamed && !(feeds->paths[i] = strdup(sound->path)))
            return false;
    }
    return feeds->paths && feeds->channels;
}

static bool streams_make(struct stream_feeds *feeds, size_t ring_bytes, unsigned n)
{
    feeds->set.stream = calloc(n, sizeof *feeds->set.stream);
    feeds->feed = calloc(n, sizeof *feeds->feed);
    if (!feeds->set.stream || !feeds->feed)
        return false;
    for (unsigned i = 0; i < n; i++) {
        struct stream *stream = &feeds->set.stream[i];
        feeds->feed[i] = (struct stream_feed){.wish.sound = STREAM_NOTHING, .open_sound = STREAM_NOTHING};
        stream->sound = STREAM_NOTHING;
        stream->ring = malloc(ring_bytes);
        if (!stream->ring)
            return false;
        memset(stream->ring, 0, ring_bytes); /* so that the audio thread never meets a page for the first time */
        feeds->set.n++;
    }
    return true;
}

struct stream_feeds *stream_feeds_new(const struct instrument *instrument, unsigned n, const struct files *files,
                                      struct log *log)
{
    struct stream_feeds *feeds = calloc(1, sizeof *feeds);
    if (!feeds)
        return NULL;
    feeds->files = files;
    feeds->log = log;
    feeds->bytes = stream_feeds_bytes(instrument, n);
    if (sounds_copy(feeds, instrument) && streams_make(feeds, feeds->bytes / n, n))
        return feeds;
    stream_feeds_free(feeds);
    return NULL;
}

void stream_feeds_free(struct stream_feeds *feeds)
{
    for (unsigned i = 0; i < feeds->set.n; i++) {
        media_read_close(&feeds->feed[i].read);
        free(feeds->set.stream[i].ring);
    }
    for (uint32_t i = 0; feeds->paths && i < feeds->n_sounds; i++)
        free(feeds->paths[i]);
    free(feeds->paths);
    free(feeds->channels);
    free(feeds->set.stream);
    free(feeds->feed);
    free(feeds);
}

/* ---- at once --------------------------------------------------------------------------------------------------------- */

static void fill_at_once(struct stream *stream)
{
    struct stream_feeds *feeds = stream->feeder;
    struct stream_feed *feed = &feeds->feed[stream - feeds->set.stream];
    while (turn(feeds, stream, feed))
        continue;
}

static int begin_at_once(void *self, const struct instrument *instrument, unsigned n, struct stream_set **set,
                         struct error *error)
{
    struct stream_feeds *feeds = stream_feeds_new(instrument, n, self, NULL);
    if (!feeds)
        return error_set(error, ERROR_INTERNAL, "memory ran out for the streams of an instrument");
    for (unsigned i = 0; i < n; i++) {
        feeds->set.stream[i].fill = fill_at_once;
        feeds->set.stream[i].feeder = feeds;
    }
    *set = &feeds->set;
    return 0;
}

static void end_at_once(void *self, struct stream_set *set)
{
    (void)self;
    stream_feeds_free((struct stream_feeds *)set);
}

struct stream_service stream_feeds_at_once(const struct files *files)
{
    return (struct stream_service){(void *)files, begin_at_once, end_at_once};
}
