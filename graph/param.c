/* Ranges are compared in single precision, the tables' own: a client that sends the 0.1 it read back must not be told
 * that it is out of range. */
#include "graph/param.h"

#include <string.h>

#include "graph/names.h"

unsigned param_choice_last(const struct param_info *info)
{
    unsigned n = 0;
    while (info->choices[n])
        n++;
    return n - 1;
}

static void choices_list(const struct param_info *info, char *list, size_t bytes)
{
    *list = '\0';
    for (unsigned i = 0; info->choices[i]; i++)
        names_add(list, bytes, info->choices[i]);
}

int param_from_number(const struct param_info *info, double number, float *value, struct error *error)
{
    const char *space = *info->unit ? " " : "";
    if (info->kind == PARAM_FILE)
        return error_set(error, ERROR_BAD_TYPE, "%s takes the path of a file as a string, not the number %g", info->name,
                         number);
    if (isnan(number))
        return error_set(error, ERROR_BAD_VALUE, "%s was given something that is not a number (NaN)", info->name);
    /* Compared as float: 0.1f sent by a client is the 0.1f of the table. */
    if (info->kind == PARAM_CHOICE && !(number >= 0 && number <= (double)info->max)) {
        char list[300];
        choices_list(info, list, sizeof list);
        return error_set(error, ERROR_RANGE, "%s %g is outside its range 0 to %g, which mean: %s", info->name, number,
                         (double)info->max, list);
    }
    if (!((float)number >= info->min && (float)number <= info->max))
        return error_set(error, ERROR_RANGE, "%s %g%s%s is outside its range %g to %g%s%s", info->name, number, space,
                         info->unit, (double)info->min, (double)info->max, space, info->unit);
    if (info->kind != PARAM_CONTINUOUS && number != (double)(long)number)
        return error_set(error, ERROR_BAD_VALUE, "%s %g is no whole number", info->name, number);
    if (info->step && (unsigned)number % info->step)
        return error_set(error, ERROR_RANGE, "%s %g is no multiple of %u: %u or %u would be", info->name, number,
                         info->step, (unsigned)number / info->step * info->step,
                         ((unsigned)number / info->step + 1) * info->step);
    *value = (float)number;
    return 0;
}

int param_from_word(const struct param_info *info, const char *word, float *value, struct error *error)
{
    char list[300];
    if (info->kind != PARAM_CHOICE)
        return error_set(error, ERROR_BAD_TYPE, "%s takes %s%s%s, not \"%s\"", info->name,
                         info->kind == PARAM_SWITCH    ? "T or F"
                         : info->kind == PARAM_INTEGER ? "a whole number"
                                                       : "a number",
                         *info->unit ? " in " : "", info->unit, word);
    for (unsigned i = 0; info->choices[i]; i++)
        if (strcmp(info->choices[i], word) == 0) {
            *value = (float)i;
            return 0;
        }
    choices_list(info, list, sizeof list);
    return error_set(error, ERROR_BAD_VALUE, "%s \"%s\" is none of: %s", info->name, word, list);
}

float param_to_norm(const struct param_info *info, float value)
{
    double min = (double)info->min, max = (double)info->max;
    if (!(min < max))
        return 0;
    return (float)(info->curve == CURVE_LOG ? log((double)value / min) / log(max / min)
                                            : ((double)value - min) / (max - min));
}

/* What multiplying and taking powers leaves beside the ends is held inside. */
float param_from_norm(const struct param_info *info, double norm)
{
    double min = (double)info->min, max = (double)info->max;
    double value = info->curve == CURVE_LOG ? min * pow(max / min, norm) : min + norm * (max - min);
    double step = info->step ? info->step : 1;
    if (info->kind != PARAM_CONTINUOUS)
        value = step * round(value / step);
    return (float)fmin(fmax(value, min), max);
}
