#include "tests/player_rig.h"

struct media player_media(float *samples, size_t n_frames, unsigned channels, double rate_hz)
{
    return (struct media){.samples = samples, .n_frames = n_frames, .channels = channels, .rate_hz = rate_hz};
}

struct rig player_new(const struct media *media)
{
    struct rig rig = rig_new("player", PLAYER_RIG_RATE, 0);
    rig_media(&rig, "file", media);
    return rig;
}

void player_run(struct rig *rig, float *left, float *right, size_t n)
{
    float *out[] = {left, right};
    rig_process(rig, NULL, out, n);
}
