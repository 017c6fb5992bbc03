/* All that is locked is worked out anew from the map, by whole numbers: so it does not matter how time is cut into blocks, and a
 * tempo that was set in between counts from where it holds. */
#include "graph/dsp/grid.h"

#include "graph/dsp/phase.h"
#include "graph/tempo_shared.h"

#include "graph/rt_only.h"

#define TICK_Q 20

/* ---- the piece ------------------------------------------------------------------------------------------------------ */

static int64_t frame_of_q20(const struct tempo_map *map, int64_t tick_q20)
{
    return tempo_frame_of_place(map, &(struct tempo_place){1, tick_q20});
}

static int64_t q20_of_frame(const struct tempo_map *map, int64_t frame)
{
    struct tempo_place place = tempo_place_of_frame(map, frame);
    return (tempo_tick_of_bars(map, &(struct bars){place.bar, 1, 0}) << TICK_Q) + place.ticks_q20;
}

/* The nearest 2^-20 of a tick, so that thirds of a step of whole ticks are whole ticks again. */
static int64_t q20_of_place(const struct grid *grid, const struct grid_place *place)
{
    unsigned __int128 part = (unsigned __int128)place->part * grid->ticks + ((unsigned __int128)1 << (63 - TICK_Q));
    return ((grid->base + place->step * (int64_t)grid->ticks) << TICK_Q) + (int64_t)(part >> (64 - TICK_Q));
}

/* The frame in the piece; one beyond where the grid ends is that. */
static int64_t frame_of_place(const struct grid *grid, const struct tempo_map *map, const struct grid_place *place)
{
    bool is_within = place->step < (INT64_MAX >> TICK_Q) / grid->ticks - grid->base / grid->ticks - 1;
    int64_t q20 = is_within ? q20_of_place(grid, place) : INT64_MAX;
    if (grid->end < (INT64_MAX >> TICK_Q) && q20 >= grid->end << TICK_Q)
        q20 = grid->end << TICK_Q;
    return q20 == INT64_MAX ? INT64_MAX : frame_of_q20(map, q20);
}

/* Which grid the frame lies in. */
static void base_find(struct grid *grid, const struct music *music, unsigned bars, unsigned i)
{
    int64_t tick = tempo_tick_of_frame(music->map, music->position + i);
    const struct tempo_meter *meter = tempo_meter_at(music->map, tick);
    int64_t ticks = bars * tempo_bar_ticks(meter->numerator, meter->denominator);
    bool is_last = meter + 1 == music->map->meters + music->map->n_meters;
    grid->base = meter->tick;
    grid->end = is_last ? INT64_MAX : meter[1].tick;
    if (!bars)
        return;
    grid->base += (tick - meter->tick) / ticks * ticks;
    if (grid->base + ticks < grid->end)
        grid->end = grid->base + ticks;
}

/* Within a frame of where it was to be: a tempo that was set puts the piece on the frame nearest to its place. */
static bool is_expected(const struct grid *grid, const struct node_io *io, unsigned i)
{
    int64_t off = frame_of_q20(io->music->map, grid->expected_q20) - (io->music->position + i);
    return grid->seen == io->frame + i && off >= -1 && off <= 1;
}

static bool turn_locked(struct grid *grid, const struct node_io *io, uint32_t ticks, unsigned bars, unsigned i)
{
    struct grid before = *grid;
    bool is_same = before.is_locked && before.ticks == ticks && is_expected(grid, io, i);
    grid->is_locked = true;
    grid->ticks = ticks;
    base_find(grid, io->music, bars, i);
    return !is_same || grid->base != before.base;
}

/* A free clock goes on from where the piece stopped. */
static bool turn_free(struct grid *grid)
{
    if (!grid->is_locked)
        return false;
    int64_t past_q20 = grid->expected_q20 - (grid->base << TICK_Q), step_q20 = (int64_t)grid->ticks << TICK_Q;
    past_q20 = past_q20 > 0 ? past_q20 : 0;
    double part = (double)(past_q20 % step_q20) / (double)step_q20;
    grid->now = grid_later((struct grid_place){past_q20 / step_q20, 0}, part);
    grid->is_locked = false;
    return true;
}

bool grid_turn_rt(struct grid *grid, const struct node_io *io, uint32_t ticks, unsigned bars, unsigned i)
{
    if (!io->music->is_rolling || !ticks)
        return turn_free(grid);
    return turn_locked(grid, io, ticks, bars, i);
}

/* ---- a clock of its own --------------------------------------------------------------------------------------------- */

/* 2^-64 steps per frame. */
static uint64_t pace(const struct grid *grid, const struct param *rate, unsigned i)
{
    return phase_step(param_at(rate, i) * grid->frame_s);
}

static struct grid_place moved(struct grid_place place, uint64_t parts)
{
    bool carry = place.part + parts < parts;
    return (struct grid_place){place.step + carry, place.part + parts};
}

/* A frame stands for the half frames around it. */
static bool is_due_free(const struct grid_place *now, const struct grid_place *place, uint64_t step)
{
    struct grid_place last = moved(*now, step / 2);
    return !grid_is_before(&last, place);
}

static unsigned run_free(struct grid *grid, const struct param *rate, const struct grid_place *place, unsigned i,
                         unsigned n)
{
    unsigned run = 0;
    while (run < n && !is_due_free(&grid->now, place, pace(grid, rate, i + run))) {
        grid->now = moved(grid->now, pace(grid, rate, i + run));
        run++;
    }
    return run;
}

/* ---- both ----------------------------------------------------------------------------------------------------------- */

bool grid_is_due_rt(const struct grid *grid, const struct node_io *io, unsigned rate_row, const struct grid_place *place,
                    unsigned i)
{
    if (grid->is_locked)
        return frame_of_place(grid, io->music->map, place) <= io->music->position + i;
    return is_due_free(&grid->now, place, pace(grid, &io->param[rate_row], i));
}

int64_t grid_next_rt(const struct grid *grid, const struct node_io *io, double swing, unsigned i)
{
    int64_t step = grid->now.step;
    if (grid->is_locked)
        step = (tempo_tick_of_frame(io->music->map, io->music->position + i) - grid->base) / grid->ticks;
    /* At the frame itself counts, so it is asked of the one before; two steps are further apart than that. */
    for (step = step > 0 ? step - 1 : 0;; step++) {
        struct grid_place place = grid_place_of(step, swing);
        bool is_past = grid->is_locked ? frame_of_place(grid, io->music->map, &place) < io->music->position + i
                                       : grid_is_before(&place, &grid->now);
        if (!is_past)
            return step;
    }
}

unsigned grid_run_rt(struct grid *grid, const struct node_io *io, unsigned rate_row, const struct grid_place *place,
                     unsigned i, unsigned n)
{
    if (!grid->is_locked)
        return run_free(grid, &io->param[rate_row], place, i, n);
    int64_t at = io->music->position + i, frames = frame_of_place(grid, io->music->map, place) - at;
    unsigned run = frames < 0 ? 0 : frames < n ? (unsigned)frames : n;
    grid->seen = io->frame + i + run;
    grid->expected_q20 = q20_of_frame(io->music->map, at + run);
    return run;
}
