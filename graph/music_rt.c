/* Cycles so far are a ratio of whole numbers, like all of musical time (tempo_rt.c). Within a stretch they grow by the same amount
 * per frame; that is worked out to 2^-128 of a cycle, from the first frame of the stretch on. Rounded down, always: where a
 * cycle begins half way between two frames, the later one has it.
 *
 *     stretch   |first frame ......... | row .............. | row ..... f ....... | row        next stretch
 *               phase                                       phase + rows * step   + steps of 64 bits
 */
#include "graph/music.h"

#include "graph/tempo_shared.h"

#include "graph/rt_only.h"

/* From one of these to the next, counted from the first frame of a stretch, 64 bits are enough: 2^12 roundings of 2^-64. */
#define ROW_FRAMES 4096

/* rest / by, which is below 1, in 2^-128. */
static unsigned __int128 fraction(uint64_t rest, uint64_t by)
{
    unsigned __int128 wide = (unsigned __int128)rest << 64, high = wide / by, low = ((wide - high * by) << 64) / by;
    return high << 64 | low;
}

/* Whole cycles are left out: they wrap. */
static unsigned __int128 phase_at_first(const struct tempo_stretch *stretch, unsigned __int128 past_q40, uint32_t ticks,
                                        uint64_t frames)
{
    unsigned __int128 product = past_q40 * stretch->micro_bpm, whole = product / frames;
    uint64_t before = (uint64_t)stretch->tick % ticks;
    return fraction(before, ticks) + (whole << 88) + (fraction((uint64_t)(product - whole * frames), frames) >> 40);
}

struct music_line music_line(const struct music *music, uint32_t ticks, unsigned from, unsigned n)
{
    const struct tempo_map *map = music->map;
    int64_t frame = music->position + from;
    const struct tempo_stretch *stretch = tempo_stretch_of_frame(map, frame);
    int64_t first = tempo_frame_of_tick(map, stretch->tick), end = tempo_stretch_end(map, stretch);
    /* A cycle takes so many frames at a millionth of a bpm. */
    uint64_t frames = (uint64_t)map->rate_hz * 62500 * ticks;
    unsigned __int128 step = fraction(stretch->micro_bpm % frames, frames);
    unsigned __int128 phase = phase_at_first(stretch, tempo_last_of_frame_q40(first) - stretch->frame_q40, ticks, frames);
    uint64_t gone = (uint64_t)(frame - first), in_row = gone % ROW_FRAMES, left = ROW_FRAMES - in_row;
    left = left < (uint64_t)(end - frame) ? left : (uint64_t)(end - frame);
    uint64_t step_64 = (uint64_t)(step >> 64);
    phase += (gone - in_row) * step;
    return (struct music_line){(uint64_t)(phase >> 64) + in_row * step_64, step_64, left < n ? (unsigned)left : n};
}
