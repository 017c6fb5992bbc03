#include "tests/loud_rig.h"

#include <check.h>

#include "daemon/loudness_measure.h"

struct rig loud_meter(unsigned channels)
{
    static struct loudness_service at_once;
    at_once = loudness_measure_at_once();
    struct rig rig = rig_new("meter", LOUD_RATE, channels);
    rig.loudness = &at_once;
    rig_start(&rig);
    return rig;
}

void loud_play(struct rig *rig, struct play *play, double dbfs, double seconds)
{
    static float buffers[PORT_CHANNELS_MAX][LOUD_RATE];
    const float *ins[PORT_CHANNELS_MAX];
    float *outs[PORT_CHANNELS_MAX] = {NULL};
    double factors[PORT_CHANNELS_MAX];
    for (unsigned c = 0; c < rig->channels; c++) {
        factors[c] = dbfs > -200 ? pow(10, (dbfs + (play->trim_db ? play->trim_db[c] : 0)) / 20) : 0;
        ins[c] = buffers[c];
    }
    for (size_t left = (size_t)lround(seconds * LOUD_RATE), n; left; left -= n) {
        n = left < LOUD_RATE ? left : LOUD_RATE;
        for (size_t i = 0; i < n; i++, play->phase += (double)LOUD_HZ / LOUD_RATE) {
            double x = sin(2 * M_PI * play->phase);
            for (unsigned c = 0; c < rig->channels; c++)
                buffers[c][i] = (float)(factors[c] * x);
        }
        rig_process(rig, ins, outs, n);
        play->phase -= floor(play->phase);
    }
}

void loud_play_all(struct rig *rig, const struct tone *tones, unsigned n)
{
    struct play at = {0};
    for (unsigned i = 0; i < n; i++)
        loud_play(rig, &at, tones[i].dbfs, tones[i].seconds);
}

void loud_reads(struct rig *rig, const char *name, double value, double tolerance)
{
    double is = (double)rig_reading(rig, name);
    ck_assert_msg(fabs(is - value) <= tolerance, "%s is %.3f, not %.3f", name, is, value);
}
