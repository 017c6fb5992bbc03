/* The sounds that the fm comes with: what each row of synth/fm_params.h is to be, where it is not as it is initially. Programs 1 to
 * FM_PRESETS of MIDI. */
#pragma once

#include "graph/node.h"

#define FM_PRESETS 14

/* Alike in loudness: a chord of four notes, struck well, is at -20 dB rms where it is
 * loudest; what only knocks, at some dB less (docs/sound/fm.md). */
extern const struct preset fm_presets_rt[FM_PRESETS];
