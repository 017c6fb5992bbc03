/* The sounds that the analog synthesiser comes with. */
#pragma once

#include "graph/node.h"

#define ANALOG_PRESETS 12

extern const struct preset analog_presets_rt[ANALOG_PRESETS];
