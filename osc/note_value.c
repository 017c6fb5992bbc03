#include "osc/note_value.h"

#include "graph/follow.h"
#include "graph/transport.h"
#include "graph/tx.h"

/* Later, the tempo may take it beyond its range, and it is held there. But who asks for it now expects it. */
static int range_check(const struct ctl *ctl, const struct param_info *info, const char *text, struct error *error)
{
    struct tempo_state state;
    if (transport_state(ctl, &state, error))
        return (int)error->code;
    double length = note_length(info, note_ticks(note_parse(text)), state.micro_bpm);
    if ((float)length >= info->min && (float)length <= info->max)
        return 0;
    return error_set(error, ERROR_RANGE, "%s %s is %g %s at %g bpm, outside its range %g to %g %s", info->name, text,
                     length, info->unit, (double)state.micro_bpm / TEMPO_MICRO, (double)info->min, (double)info->max,
                     info->unit);
}

int note_value_take(const struct ctl *ctl, const struct param_info *info, const char *text, struct base *base,
                    struct error *error)
{
    base->note = note_parse(text);
    if (!base->note)
        return error_set(error, ERROR_BAD_TYPE,
                         "%s takes a number in %s, or a note value such as \"1/8\", \"1/4t\" or \"1/2d\", not \"%.100s\"",
                         info->name, info->unit, text);
    if (!tx_restores(ctl) && range_check(ctl, info, text, error))
        return (int)error->code;
    return follow_now(ctl, info, base, error);
}
