/* Messages and the clock, there and back. */
#include "tests/system/midi_rows.h"

#include <stdlib.h>
#include <string.h>

#include "graph/node.h"
#include "tests/system/midi_stage.h"

static const unsigned periods[] = {64, 1024};

static void wait_until(jack_nframes_t frame)
{
    while ((int)(jack_frame_time(midi_feeder.jack) - frame) < 0)
        pause_s(0.02);
}

/* ---- M1 --------------------------------------------------------------------------------------------------------------- */

#define N_MESSAGES 1000
#define N_NOTES    10

/* Messages of the feeder's that are not heard so much later, as they were. */
static unsigned n_wrong(const struct hand *hand, size_t n, unsigned later)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < n; i++)
        wrong += hand->heard[i].frame != midi_feeder.play[i].frame + later ||
                 memcmp(&hand->heard[i].message, &midi_feeder.play[i].message, sizeof(struct midi_message)) != 0;
    return wrong;
}

/* There at once, and back one period later, which is JACK's. */
static unsigned loop_wrong(unsigned period)
{
    jack_nframes_t at = jack_frame_time(midi_feeder.jack) + 9600;
    for (unsigned i = 0; i < N_MESSAGES; i++, at += 1 + i * 7919 % 61)
        hand_play(&midi_feeder, at, i % 2 ? 0x80 : 0x90, (uint8_t)(20 + i / 2 % 100), (uint8_t)(1 + i % 127));
    if (!hand_hears(&midi_taker, N_MESSAGES) || !hand_hears(&midi_feeder, N_MESSAGES))
        return N_MESSAGES;
    pause_s(0.05);
    return n_wrong(&midi_taker, N_MESSAGES, 0) + n_wrong(&midi_feeder, N_MESSAGES, period) +
           (unsigned)(atomic_load(&midi_taker.n_heard) - N_MESSAGES);
}

/* How late the worst of some notes is heard; its gate is sound enough. */
static int sound_late(struct studio *studio)
{
    int worst = 0;
    client_do(&studio->client, "/graph/add midi_cv voice");
    client_do(&studio->client, "/graph/connect keys voice");
    client_do(&studio->client, "/graph/connect voice:gate out");
    client_do(&studio->client, "/jack/connect out_1 taker:ear");
    pause_s(0.2);
    for (unsigned i = 0; i < N_NOTES; i++) {
        size_t before = atomic_load(&midi_taker.n_heard);
        jack_nframes_t at = jack_frame_time(midi_feeder.jack) + 4800 + i * 331;
        hand_play(&midi_feeder, at, 0x90, 60, 100);
        hand_play(&midi_feeder, at + 2400, 0x80, 60, 0);
        atomic_store(&midi_taker.listens, true);
        if (!hand_hears(&midi_taker, before + 2) || atomic_load(&midi_taker.listens))
            return INT32_MAX;
        int late = (int)(atomic_load(&midi_taker.loud_at) - at);
        worst = abs(late) > abs(worst) ? late : worst;
    }
    return worst;
}

bool midi_row_m1(const struct jack_row *row)
{
    unsigned wrong = 0;
    int worst = 0;
    for (unsigned i = 0; i < ROWS(periods); i++) {
        struct studio *studio = midi_stage_open(row, periods[i]);
        wrong += loop_wrong(periods[i]);
        int late = sound_late(studio);
        worst = abs(late) > abs(worst) ? late : worst;
        midi_stage_close(studio);
    }
    bool pass = !wrong && !worst;
    jack_row_print(row, "REL M1 periods=64,1024 messages=%u wrong_frames=%u notes=%u note_to_sound_frames=%d %s\n",
                   (unsigned)ROWS(periods) * 2 * N_MESSAGES, wrong, (unsigned)ROWS(periods) * N_NOTES, worst,
                   pass ? "PASS" : "FAIL");
    return pass;
}

/* ---- M2 --------------------------------------------------------------------------------------------------------------- */

#define CLOCK_FRAMES 1000 /* 120 bpm at 48 kHz */
#define STEP_FRAMES  900  /* 133 bpm */
#define N_STANDING   30
#define N_ROLLING    90  /* before the step */
#define N_STEPPED    200 /* behind it */
#define N_SETTLED    140 /* of these, 2.6 s, by when it has to be there again */
#define JITTER       48  /* frames, a millisecond either way */
#define SMOOTHED     8   /* how many times less of it comes out */
#define N_PLACES     2

/* What was heard of the daemon's clock while it followed one. */
struct following {
    int started;             /* frames behind the start that it was told; INT32_MAX: it did not */
    unsigned n_clocks;       /* behind that */
    int late, late_stepped;  /* frames off the clocks without their jitter, the worst; before the step and behind it */
    int jitter;              /* of one clock from the last, less what it is without */
    unsigned out, out_wrong; /* clocks by JACK's transport, and those of them at another frame, or missing before them */
};

/* Where clock i is without its jitter, from the first one on. */
static unsigned clock_at(unsigned i)
{
    unsigned n_before = i < N_STANDING + N_ROLLING ? i : N_STANDING + N_ROLLING;
    return n_before * CLOCK_FRAMES + (i - n_before) * STEP_FRAMES;
}

/* Some clocks, a start, and more of them, which become faster. The frame of the start. */
static jack_nframes_t clocks_play(jack_nframes_t begin)
{
    jack_nframes_t first = 0;
    for (unsigned i = 0; i < N_STANDING + N_ROLLING + N_STEPPED; i++) {
        jack_nframes_t at = begin + clock_at(i) + i * 7919 % (2 * JITTER + 1) - JITTER;
        if (i == N_STANDING)
            hand_say(&midi_feeder, first = at, (struct midi_message){1, {MIDI_START}});
        hand_say(&midi_feeder, at, (struct midi_message){1, {MIDI_CLOCK}});
    }
    return first;
}

static int farther(int worst, int off)
{
    return abs(off) > worst ? abs(off) : worst;
}

static void clock_judge(struct following *following, jack_nframes_t begin, const struct timed *heard, jack_nframes_t before)
{
    unsigned n = following->n_clocks++;
    int off = (int)(heard->frame - begin - clock_at(N_STANDING + n)), each = n < N_ROLLING ? CLOCK_FRAMES : STEP_FRAMES;
    bool is_stepped = n > N_ROLLING + N_SETTLED && n < N_ROLLING + N_STEPPED - 5;
    if (n > N_ROLLING / 4 && n < N_ROLLING)
        following->late = farther(following->late, off);
    if (is_stepped)
        following->late_stepped = farther(following->late_stepped, off);
    if (is_stepped || (n > N_ROLLING / 2 && n < N_ROLLING))
        following->jitter = farther(following->jitter, (int)(heard->frame - before) - each);
}

static void midi_follow(struct studio *studio, struct following *following)
{
    client_do(&studio->client, "/transport/sync midi keys");
    client_do(&studio->client, "/node/wire/clock 1");
    jack_nframes_t begin = jack_frame_time(midi_feeder.jack) + 9600, first = clocks_play(begin), before = 0;
    wait_until(begin + clock_at(N_STANDING + N_ROLLING + N_STEPPED));
    bool has_started = false;
    *following = (struct following){.started = INT32_MAX};
    for (size_t i = 0; i < atomic_load(&midi_taker.n_heard); i++) {
        const struct timed *heard = &midi_taker.heard[i];
        if (heard->message.bytes[0] == MIDI_START)
            following->started = (int)(heard->frame - first);
        has_started |= heard->message.bytes[0] == MIDI_START;
        if (heard->message.bytes[0] != MIDI_CLOCK)
            continue;
        if (has_started)
            clock_judge(following, begin, heard, before);
        before = heard->frame;
    }
}

/* One ticks where JACK's transport has a clock's place, each time. */
static void piece_judge(struct following *following, size_t from)
{
    bool rolls = false;
    jack_nframes_t before = 0;
    for (size_t i = from; i < atomic_load(&midi_taker.n_heard); i++) {
        const struct timed *heard = &midi_taker.heard[i];
        uint8_t status = heard->message.bytes[0];
        before = rolls ? before : 0;
        rolls = status == MIDI_CONTINUE || (rolls && status != MIDI_STOP);
        if (!rolls || status != MIDI_CLOCK)
            continue;
        following->out++;
        following->out_wrong += ((int64_t)heard->frame + atomic_load(&midi_taker.piece)) % CLOCK_FRAMES != 0 ||
                                (before && heard->frame - before != CLOCK_FRAMES);
        before = heard->frame;
    }
}

static bool jack_follow(struct studio *studio, struct following *following)
{
    client_do(&studio->client, "/transport/clear");
    client_do(&studio->client, "/transport/sync jack");
    client_do(&studio->client, "/node/wire/clock 1");
    pause_s(0.1);
    for (unsigned k = 0; k < N_PLACES; k++) {
        size_t from = atomic_load(&midi_taker.n_heard);
        jack_transport_locate(midi_feeder.jack, 480000 + 12345 * k);
        jack_transport_start(midi_feeder.jack);
        pause_s(1);
        jack_transport_stop(midi_feeder.jack);
        pause_s(0.1);
        piece_judge(following, from);
    }
    return strcmp(answer_string(client_do(&studio->client, "/transport/sync"), 2), "stands") == 0;
}

static double ms(int frames)
{
    return frames / 48.0;
}

bool midi_row_m2(const struct jack_row *row)
{
    bool pass = true;
    struct following worst = {0};
    for (unsigned i = 0; i < ROWS(periods); i++) {
        struct following now;
        struct studio *studio = midi_stage_open(row, periods[i]);
        midi_follow(studio, &now);
        pass &= jack_follow(studio, &now) && now.started == 0 && now.n_clocks > N_ROLLING + N_STEPPED - 5 &&
                now.out > N_PLACES * 40;
        worst.started = farther(worst.started, now.started);
        worst.n_clocks += now.n_clocks;
        worst.late = farther(worst.late, now.late);
        worst.late_stepped = farther(worst.late_stepped, now.late_stepped);
        worst.jitter = farther(worst.jitter, now.jitter);
        worst.out += now.out;
        worst.out_wrong += now.out_wrong;
        midi_stage_close(studio);
    }
    pass &= worst.late < JITTER * 3 / 2 && worst.late_stepped < JITTER * 3 / 2 && worst.jitter <= 2 * JITTER / SMOOTHED &&
            !worst.out_wrong;
    jack_row_print(row,
                   "REL M2 periods=64,1024 start_off_frames=%d clocks=%u jitter_in_ms=%.1f late_ms_max=%.2f "
                   "interval_off_in_ms=%.2f interval_off_out_ms=%.2f tempo_step_percent=11.1 late_after_step_ms=%.2f "
                   "clocks_out=%u out_wrong_frames=%u %s\n",
                   worst.started, worst.n_clocks, ms(JITTER), ms(worst.late), ms(2 * JITTER), ms(worst.jitter),
                   ms(worst.late_stepped), worst.out, worst.out_wrong, pass ? "PASS" : "FAIL");
    return pass;
}
