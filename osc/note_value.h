/* Note values as clients write them (graph/note.h). */
#pragma once

#include "graph/ctl.h"

/* Takes one for a parameter that takes them, with what it comes to at the tempo that holds where the transport is. 0; bad_type for what is none;
 * range where that is beyond the parameter's, unless the transaction brings back what was there before; internal. */
DAWD_CTL int note_value_take(const struct ctl *ctl, const struct param_info *info, const char *text, struct base *base,
                             struct error *error);
