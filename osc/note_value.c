#include "osc/note_value.h"

#include <stdlib.h>
#include <string.h>

#include "graph/param.h"
#include "graph/transport.h"

#define NUMBER_MAX 64

bool note_value_fits(const struct param_info *info)
{
    return info->kind == PARAM_CONTINUOUS &&
           (strcmp(info->unit, "s") == 0 || strcmp(info->unit, "ms") == 0 || strcmp(info->unit, "Hz") == 0);
}

/* A whole number from 1, without a sign or spaces; 0: none, or too large. */
static unsigned number_read(const char **at)
{
    char *end;
    if (**at < '1' || **at > '9')
        return 0;
    unsigned long number = strtoul(*at, &end, 10);
    *at = end;
    return number <= NUMBER_MAX ? (unsigned)number : 0;
}

bool note_value_parse(const char *text, double *quarters)
{
    unsigned n = number_read(&text);
    if (!n || *text++ != '/')
        return false;
    unsigned of = number_read(&text);
    bool is_dotted = *text == 'd', is_triplet = *text == 't';
    if (!of || (of & (of - 1)) || text[is_dotted || is_triplet])
        return false;
    *quarters = 4.0 * n / of * (is_dotted ? 1.5 : is_triplet ? 2.0 / 3 : 1);
    return true;
}

int note_value_take(const struct ctl *ctl, const struct param_info *info, const char *text, float *value,
                    struct error *error)
{
    struct tempo_state state;
    double quarters;
    if (!note_value_parse(text, &quarters))
        return error_set(error, ERROR_BAD_TYPE,
                         "%s takes a number in %s, or a note value such as \"1/8\", \"1/4t\" or \"1/2d\", not \"%.100s\"",
                         info->name, info->unit, text);
    if (transport_state(ctl, &state, error))
        return (int)error->code;
    double seconds = quarters * 60 * TEMPO_MICRO / state.micro_bpm;
    double number = strcmp(info->unit, "Hz") == 0 ? 1 / seconds : strcmp(info->unit, "ms") == 0 ? 1e3 * seconds : seconds;
    return param_from_number(info, number, value, error);
}
