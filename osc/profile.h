/* /stats/profile: what each node costs, measured for as long as is asked. */
#pragma once

#include "osc/command.h"

/* Runs the command: args seconds, offset, count. CALL_LATER, or an error. */
DAWD_CTL int profile_run(struct call *call);
