/* Whom the transport follows, as the line that says so: in sessions, in the journal, in the history. */
#pragma once

#include "graph/chase.h"
#include "osc/bytes.h"

DAWD_CTL void sync_text(const struct sync *sync, struct bytes *text);
