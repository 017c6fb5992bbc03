#include "graph/smf_shared.h"

#include "graph/rt_only.h"

const struct smf_tempo *smf_tempo_at(const struct smf *smf, const struct smf_sequence *sequence, uint32_t tick)
{
    const struct smf_tempo *tempos = smf->tempos + sequence->first_tempo;
    uint32_t low = 0, high = sequence->n_tempos;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (tempos[middle].at.tick <= tick)
            low = middle;
        else
            high = middle;
    }
    return &tempos[low];
}

const struct smf_tempo *smf_tempo_of_units(const struct smf *smf, const struct smf_sequence *sequence, uint64_t units)
{
    const struct smf_tempo *tempos = smf->tempos + sequence->first_tempo;
    uint32_t low = 0, high = sequence->n_tempos;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (tempos[middle].units <= units)
            low = middle;
        else
            high = middle;
    }
    return &tempos[low];
}

uint64_t smf_units_of_tick(const struct smf *smf, const struct smf_sequence *sequence, uint32_t tick)
{
    const struct smf_tempo *tempo = smf_tempo_at(smf, sequence, tick);
    return tempo->units + (uint64_t)(tick - tempo->at.tick) * tempo->units_per_tick;
}

int64_t smf_frame_of_tick(const struct smf *smf, const struct smf_sequence *sequence, uint32_t tick, uint32_t rate_hz)
{
    unsigned __int128 units = smf_units_of_tick(smf, sequence, tick);
    return (int64_t)((2 * units * rate_hz + smf->units_per_s) / (2 * smf->units_per_s));
}
