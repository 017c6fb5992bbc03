#include "daemon/loudness_library.h"

#include <ebur128.h>
#include <math.h>

#define WINDOW_S 0.4 /* that it keeps of the weighted sound, in doubles */

/* It knows the first six by their order, with a bass channel among six. */
static void channels_set(ebur128_state *state, unsigned n_channels)
{
    static const int at_the_back[][2] = {{EBUR128_Mp180, EBUR128_UNUSED}, {EBUR128_Mp135, EBUR128_Mm135}};
    static const int at_the_side[] = {EBUR128_Mp090, EBUR128_Mm090};
    for (unsigned i = 6; i < n_channels; i++)
        ebur128_set_channel(state, i, at_the_back[n_channels - 7][i - 6]);
    for (unsigned i = 4; n_channels == 8 && i < 6; i++)
        ebur128_set_channel(state, i, at_the_side[i - 4]);
}

struct loudness_library *loudness_library_new(unsigned channels, double rate_hz)
{
    ebur128_state *state = ebur128_init(channels, (unsigned long)rate_hz, EBUR128_MODE_M | EBUR128_MODE_TRUE_PEAK);
    if (state)
        channels_set(state, channels);
    return (struct loudness_library *)state;
}

void loudness_library_free(struct loudness_library *library)
{
    ebur128_state *state = (ebur128_state *)library;
    if (state)
        ebur128_destroy(&state);
}

size_t loudness_library_bytes(unsigned channels, double rate_hz)
{
    return (size_t)(WINDOW_S * rate_hz) * channels * sizeof(double);
}

double loudness_library_add(struct loudness_library *library, const float *frames, size_t n)
{
    ebur128_state *state = (ebur128_state *)library;
    double most = 0;
    ebur128_add_frames_float(state, frames, n);
    for (unsigned c = 0; c < state->channels; c++) {
        double peak = 0;
        ebur128_prev_true_peak(state, c, &peak);
        most = fmax(most, peak);
    }
    return most;
}

double loudness_library_window(struct loudness_library *library, unsigned ms)
{
    double lufs = -HUGE_VAL;
    ebur128_loudness_window((ebur128_state *)library, ms, &lufs);
    return lufs;
}
