/* Plays a file from memory, once or in a loop, at any speed.
 *
 *     play, start, loop, rate -> reader over the file -> fade -> gain -> out
 *
 * At the speed of the recording the frames pass bit by bit. Stops fade out, and so does the old sound before playing starts
 * anew. A fade follows the switch and not the file: the end of a file is as abrupt as it was recorded.
 */
#include "graph/node.h"

#include <string.h>

#include "graph/dsp/control.h"
#include "graph/dsp/decibel.h"
#include "graph/dsp/reader.h"
#include "graph/dsp/run.h"
#include "graph/dsp/vector.h"
#include "graph/rt_only.h"

#define FADE_S 0.005 /* too short for a fade, too long for a click */

enum { SOUND, PLAY, LOOP, START, RATE, GAIN };
enum { POSITION, PLAYING };

static const struct param_info params[] = {
    [SOUND] = {"file", "", "The sound; a mono file plays on both sides, of more than two channels the first two.",
               .kind = PARAM_FILE, .flags = PARAM_REBUILD | PARAM_NEEDED},
    [PLAY] = {"play", "", "Switched on, plays from the start; switched off, stops.", NULL, 0, 1, 1, .kind = PARAM_SWITCH,
              .flags = PARAM_PLAYS},
    [LOOP] = {"loop", "", "At the end, goes on from the start instead of stopping.", NULL, 0, 1, 0, .kind = PARAM_SWITCH},
    [START] = {"start", "s", "Where in the file playing, and every round of a loop, begins.", NULL, 0, 86400, 0},
    [RATE] = {"rate", "", "Speed, and pitch with it: 1 is as recorded, 2 an octave up.", NULL, 0.25f, 4, 1, 0.05f,
              .curve = CURVE_LOG},
    [GAIN] = {"gain", "dB", "Level; -120 is silence.", NULL, DECIBEL_OFF, 24, 0, 0.02f},
};

static const struct port_info outputs[] = {{"out", "Left and right.", 2}};

static const struct reading_info readings[] = {
    [POSITION] = {"position", "s", "Where in the file it is."},
    [PLAYING] = {"playing", "", "1 while it plays, 0 when it was stopped or has come to the end."},
};

struct player {
    struct reader reader;       /* media null: silence */
    double unit;                /* frames of the file per frame of the engine at rate 1 */
    unsigned fade, fade_frames; /* gain is their ratio */
    bool sounding;
    bool play;  /* the switch, one frame ago */
    bool armed; /* switched on, but the old sound is still fading out */
};

static int player_init(void *state, const struct node_init *init, struct error *error)
{
    struct player *player = state;
    (void)error;
    player->fade_frames = (unsigned)ceil(FADE_S * init->rate_hz);
    /* A connection that is made fades in by itself: what plays from the beginning starts at its full level. */
    player->fade = init->param[PLAY] > 0 ? player->fade_frames : 0;
    player->reader.media = init->media[SOUND];
    player->unit = init->media[SOUND] ? init->media[SOUND]->rate_hz / init->rate_hz : 0;
    return 0;
}

static void stop(struct player *player)
{
    player->sounding = false;
    player->fade = 0;
}

static void begin(struct player *player, float start_s)
{
    int64_t frame = player->reader.media ? reader_frame_at(&player->reader, start_s) : READER_NOWHERE;
    player->armed = false;
    if (frame == READER_NOWHERE) {
        stop(player);
        return;
    }
    player->sounding = true;
    reader_place(&player->reader, frame);
    if (frame == 0) /* the attack of a sound is part of it; a cut into its middle is faded in */
        player->fade = player->fade_frames;
}

/* Follows the switch, frame by frame. */
static void turn(struct player *player, bool play, float start_s)
{
    player->armed = play && (player->armed || !player->play);
    player->play = play;
    if (player->armed && !player->sounding)
        begin(player, start_s);
}

/* Fades n frames that were read, in or out; stops at the end of a fade out. */
static void fade(struct player *player, bool out, float *left, float *right, unsigned n)
{
    float scale = 1 / (float)player->fade_frames;
    for (unsigned i = 0; i < n && (out || player->fade < player->fade_frames); i++) {
        float gain = scale * (float)(out ? --player->fade : player->fade++);
        left[i] *= gain;
        right[i] *= gain;
    }
    if (player->fade == 0)
        stop(player);
}

/* Plays some of the next n frames, in which only the rate changes, and returns how many. */
static unsigned sound(struct player *player, const struct node_io *io, const double *speed, unsigned at, unsigned n)
{
    struct reader *reader = &player->reader;
    float *left = io->out[0] + at, *right = io->out[1] + at;
    bool loop = param_at(&io->param[LOOP], at) > 0, out = !player->play || player->armed;
    int64_t next = loop ? reader_frame_at(reader, param_at(&io->param[START], at)) : READER_NOWHERE;
    if (out && n > player->fade)
        n = player->fade;
    if (reader->fraction == 0 && param_is_constant(&io->param[RATE]) && speed[0] == 1)
        n = reader_copy(reader, next, left, right, n);
    else
        n = reader_read(reader, speed + at, next, left, right, n);
    fade(player, out, left, right, n);
    if (!reader_wrap(reader, next))
        stop(player);
    return n;
}

static unsigned silence(const struct node_io *io, unsigned at, unsigned n)
{
    memset(io->out[0] + at, 0, n * sizeof(float));
    memset(io->out[1] + at, 0, n * sizeof(float));
    return n;
}

/* Frames from `at` on in which neither a switch nor, where it is needed, the start of the next round changes. */
static unsigned steady(const struct param *param, unsigned at, unsigned n)
{
    unsigned end = at + run_length(&param[PLAY], at, n);
    end = at + run_length(&param[LOOP], at, end);
    return param_at(&param[LOOP], at) > 0 ? run_length(&param[START], at, end) : end - at;
}

DAWD_CLONES static void level(const struct node_io *io, struct param db)
{
    float *left = io->out[0], *right = io->out[1];
    for (unsigned i = 0, n = io->n; i < n; i++) {
        float gain = decibel_level(param_at(&db, i));
        left[i] *= gain;
        right[i] *= gain;
    }
}

static void player_process(void *state, const struct node_io *io)
{
    struct player *player = state;
    double speed[BLOCK_MAX];
    bool sounded = false;
    for (unsigned i = 0; i < io->n; i++)
        speed[i] = param_at(&io->param[RATE], i) * player->unit;
    for (unsigned i = 0; i < io->n;) {
        unsigned n = steady(io->param, i, io->n);
        turn(player, param_at(&io->param[PLAY], i) > 0, param_at(&io->param[START], i));
        sounded |= player->sounding;
        i += player->sounding ? sound(player, io, speed, i, n) : silence(io, i, n);
    }
    if (!sounded)
        silence_tell(io);
    else if (!control_rests_at(&io->param[GAIN], 0))
        level(io, io->param[GAIN]);
    reading_set(io, POSITION, player->reader.media ? (float)reader_time_s(&player->reader) : 0);
    reading_set(io, PLAYING, player->sounding);
}

const struct node_class player_node = {
    .name = "player",
    .help = "Plays a file, once or in a loop, at any speed.",
    .params = params,
    .outputs = outputs,
    .readings = readings,
    .n_params = ROWS(params),
    .n_outputs = ROWS(outputs),
    .n_readings = ROWS(readings),
    .channels = 2,
    .state_bytes = sizeof(struct player),
    .init = player_init,
    .process = player_process,
};
