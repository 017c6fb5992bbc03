/* The sounds that the fm comes with: what each row of synth/fm_params.h is to be, where it is not as it is initially. Programs 1 to
 * FM_PRESETS of MIDI. */
#pragma once

#include "graph/node.h"

#define FM_PRESETS 14

/* Alike in loudness, as those of analog are: a phrase at a velocity of 100 is -21.5 LUFS. What is struck and soon over, and
 * hence has the higher peaks, at 1.5 dB less, so that no chord clips. */
extern const struct preset fm_presets_rt[FM_PRESETS];
