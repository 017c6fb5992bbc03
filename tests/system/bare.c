#include "tests/system/bare.h"

#include <string.h>

/* Each a little faster than the one before, as the tracks of a session are. */
static void sound_read(struct bare *bare, unsigned i)
{
    SRC_DATA data = {.data_in = bare->in,
                     .data_out = bare->out,
                     .input_frames = BARE_FRAMES * 3 / 4,
                     .output_frames = BARE_FRAMES,
                     .src_ratio = 0.9 + 0.003 * i};
    src_process(bare->sounds[i], &data);
}

static int work(uint32_t n_frames, void *user)
{
    struct bare *bare = user;
    (void)n_frames;
    for (unsigned round = 0, n = atomic_load(&bare->rounds); round < n; round++)
        sound_read(bare, round % BARE_SOUNDS);
    return 0;
}

static int measured(jack_nframes_t n_frames, void *user)
{
    struct bare *bare = user;
    return cost_run(&bare->seen, work, n_frames, bare);
}

void bare_open(struct bare *bare, const struct studio *studio)
{
    memset(bare, 0, sizeof *bare); /* all of it is there before it is measured */
    for (unsigned i = 0; i < BARE_FRAMES; i++)
        bare->in[i] = i % 16 / 16.0f;
    for (unsigned i = 0; i < BARE_SOUNDS; i++)
        if (!(bare->sounds[i] = src_new(SRC_SINC_MEDIUM_QUALITY, 1, &(int){0})))
            rig_fail("no memory for a sound");
    bare->jack = jack_client_open("bare", JackNoStartServer | JackServerName, NULL, studio->server);
    if (!bare->jack || jack_set_process_callback(bare->jack, measured, bare) || jack_activate(bare->jack))
        rig_fail("no client can be opened beside the daemon");
}

void bare_close(struct bare *bare)
{
    jack_client_close(bare->jack);
    for (unsigned i = 0; i < BARE_SOUNDS; i++)
        src_delete(bare->sounds[i]);
}
