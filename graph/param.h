/* Parameter values as clients write them: checked against the table, converted to what the engine runs with. */
#pragma once

#include "graph/node.h"

/* Takes a number in the parameter's unit. ERROR_RANGE outside the table's range or between its steps, ERROR_BAD_VALUE for
 * what is no number (NaN) or no whole number where one is needed, ERROR_BAD_TYPE for a file parameter. */
DAWD_ANY int param_from_number(const struct param_info *info, double number, float *value, struct error *error);

/* Takes a word: the name of a choice. ERROR_BAD_VALUE with the choices there are, ERROR_BAD_TYPE where a number is needed. */
DAWD_ANY int param_from_word(const struct param_info *info, const char *word, float *value, struct error *error);

/* Highest index of a choice parameter, which the tables also give as its max. */
DAWD_ANY unsigned param_choice_last(const struct param_info *info);

/* Where a value lies between min (0) and max (1), along the curve; choices, switches and integers too. Not for paths. */
DAWD_ANY float param_to_norm(const struct param_info *info, float value);
/* The value at such a place (0 to 1), the nearest one where there are steps. */
DAWD_ANY float param_from_norm(const struct param_info *info, double norm);
