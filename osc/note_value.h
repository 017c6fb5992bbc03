/* Note values as lengths of time: "1/8" is an eighth, "1/8d" a dotted one (half as long again), "1/8t" one of a triplet (three
 * in the time of two). Times and rates may be given so; what they come to is decided when they are set. */
#pragma once

#include "graph/ctl.h"

/* Whether the parameter takes them: one in s, ms or Hz. */
DAWD_ANY bool note_value_fits(const struct param_info *info);

/* Reads one, in quarter notes. False for anything else: both numbers are whole, 1 to 64, the second a power of two. */
DAWD_ANY bool note_value_parse(const char *text, double *quarters);

/* Takes a note value at the tempo of the place where the transport is, in the unit of the parameter: its length, or how often
 * a second it fits. 0; bad_type for what is none, range, internal. */
DAWD_CTL int note_value_take(const struct ctl *ctl, const struct param_info *info, const char *text, float *value,
                             struct error *error);
