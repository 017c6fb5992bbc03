/* A frame lasts units_per_s * speed / rate units, or ticks_per_quarter * micro_bpm * speed / (60e6 * rate) ticks. Places are kept
 * times the denominator and the 2^20 of the speed: below 2^56 units * 2^20 Hz * 2^20, or 2^32 ticks * 2^26 * 2^20 Hz * 2^20. */
#include "graph/smf_reader.h"

#include "graph/rt_only.h"

#define MICRO_BEATS 60000000 /* a beat, in millionths of a bpm times a second */

static __int128 scale(const struct smf_reader *reader, bool by_quarters)
{
    return ((__int128)reader->rate_hz << SMF_SPEED_BITS) * (by_quarters ? MICRO_BEATS : 1);
}

static __int128 place_of_tick(const struct smf_reader *reader, uint32_t tick)
{
    uint64_t at = reader->by_quarters ? tick : smf_units_of_tick(reader->smf, reader->sequence, tick);
    return at * scale(reader, reader->by_quarters);
}

struct smf_reader smf_reader_at(const struct smf *smf, const struct smf_sequence *sequence, uint32_t rate_hz,
                                bool by_quarters)
{
    return (struct smf_reader){smf, sequence, rate_hz, by_quarters && smf->ticks_per_quarter, 0, 0};
}

void smf_reader_turn(struct smf_reader *reader, bool by_quarters)
{
    by_quarters = by_quarters && reader->smf->ticks_per_quarter;
    if (by_quarters == reader->by_quarters)
        return;
    __int128 place = reader->place > 0 ? reader->place : 0, by_time = scale(reader, false), by_beat = scale(reader, true);
    if (by_quarters) {
        const struct smf_tempo *tempo = smf_tempo_of_units(reader->smf, reader->sequence, (uint64_t)(place / by_time));
        reader->place = tempo->at.tick * by_beat + (place - tempo->units * by_time) * MICRO_BEATS / tempo->units_per_tick;
    } else {
        const struct smf_tempo *tempo = smf_tempo_at(reader->smf, reader->sequence, (uint32_t)(place / by_beat));
        reader->place = tempo->units * by_time + (place - tempo->at.tick * by_beat) * tempo->units_per_tick / MICRO_BEATS;
    }
    reader->by_quarters = by_quarters;
}

__int128 smf_reader_step(const struct smf_reader *reader, double speed, uint32_t micro_bpm)
{
    __int128 frame = reader->by_quarters ? (__int128)reader->smf->ticks_per_quarter * micro_bpm : reader->smf->units_per_s;
    int64_t speed_q20 = (int64_t)(speed * (1 << SMF_SPEED_BITS) + 0.5);
    return frame * (speed_q20 > 0 ? speed_q20 : 1);
}

/* Where the next event is, or the end. */
static __int128 due(const struct smf_reader *reader)
{
    const struct smf_sequence *sequence = reader->sequence;
    uint32_t tick = sequence->end_tick;
    if (reader->next < sequence->n_events)
        tick = reader->smf->order[sequence->first_event + reader->next].tick;
    return place_of_tick(reader, tick);
}

/* It is due in frame f when it lies less than half a step behind the place of that. */
unsigned smf_reader_until(const struct smf_reader *reader, __int128 step, unsigned n)
{
    __int128 twice = 2 * (due(reader) - reader->place) - step;
    if (twice < 0)
        return 0;
    return twice >= 2 * step * (n - 1) ? n : (unsigned)(twice / (2 * step)) + 1;
}

const struct smf_event *smf_reader_take(struct smf_reader *reader)
{
    const struct smf_sequence *sequence = reader->sequence;
    if (reader->next == sequence->n_events)
        return NULL;
    return &reader->smf->events[reader->smf->order[sequence->first_event + reader->next++].serial];
}

bool smf_reader_again(struct smf_reader *reader, __int128 step)
{
    __int128 end = place_of_tick(reader, reader->sequence->end_tick);
    if (end < step)
        return false;
    reader->place -= end;
    reader->next = 0;
    return true;
}

double smf_reader_time_s(const struct smf_reader *reader)
{
    struct smf_reader by_time = *reader;
    smf_reader_turn(&by_time, false);
    return by_time.place > 0 ? (double)by_time.place / (double)scale(&by_time, false) / (double)reader->smf->units_per_s
                             : 0;
}
