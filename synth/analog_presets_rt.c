/* Levels are such that the same phrase is as loud in all of them, and in those of fm: -21.5 LUFS at a velocity of 100 in the range
 * that they are for (tests/graph/test_presets.c). */
#include "synth/analog_presets.h"

#include "graph/rt_only.h"

const struct preset analog_presets_rt[ANALOG_PRESETS] = {
    {"bass", "Round and tight, with a square an octave below; a hard touch bites.",
     "mode mono wave1 saw wave2 pulse fine2 4 width2 0.35 level2 0.5 sub 0.5 cutoff 260 q 1.4 drive 9 env 3 bright 2.2 key "
     "0.4 f_attack 0.002 f_decay 0.22 f_sustain 0.15 f_release 0.15 attack 0.002 decay 0.5 sustain 0.7 release 0.09 spread "
     "0 level -16"},
    {"acid", "One saw through a filter that sings, and glides between keys that overlap.",
     "mode legato glide 0.06 glides legato wave1 saw level2 0 cutoff 400 q 5 drive 12 env 3.2 bright 1.5 key 0.2 f_attack "
     "0.001 f_decay 0.3 f_sustain 0.05 f_release 0.1 attack 0.001 decay 0.4 sustain 0.8 release 0.06 touch 0.85 spread 0 "
     "level -18"},
    {"lead", "Two saws in legato, with vibrato that comes in late.",
     "mode legato glide 0.05 glides legato wave1 saw wave2 saw fine1 -6 fine2 6 level2 0.9 cutoff 1800 q 1.2 drive 6 env "
     "1.6 f_decay 0.4 f_sustain 0.5 attack 0.005 decay 0.4 sustain 0.85 release 0.2 rate 5.5 delay 0.6 lfo_pitch 0.18 "
     "spread 0 level -18.5"},
    {"pad", "Wide, slow and never still, four voices to a note.",
     "unison 4 detune 14 spread 0.9 wave1 saw wave2 pulse width2 0.4 fine2 5 level2 0.6 rate 0.35 lfo_width 0.3 lfo_cutoff "
     "0.35 cutoff 700 q 0.8 env 1.5 f_attack 1.2 f_decay 2 f_sustain 0.6 f_release 1.8 attack 0.7 decay 1.5 sustain 0.9 "
     "release 1.6 curve 0.3 touch 0.4 level -21"},
    {"strings", "An ensemble of saws, three to a note.",
     "unison 3 detune 11 spread 0.8 wave1 saw wave2 saw fine2 9 level2 0.8 cutoff 2600 slope 12 q 0.7071 env 0.5 f_attack "
     "0.3 f_decay 1 f_sustain 0.8 f_release 0.5 attack 0.28 decay 0.8 sustain 0.9 release 0.45 curve 0.2 rate 5.2 delay "
     "0.5 lfo_pitch 0.07 level -20"},
    {"keys", "A reed piano: mellow when played softly, with a growl when hard, and its tremolo on.",
     "wave1 triangle wave2 saw fine2 2 level2 0.45 cutoff 520 slope 12 q 0.8 drive 4 env 3.4 bright 4 key 0.7 f_attack "
     "0.001 f_decay 0.7 f_sustain 0.15 f_release 0.3 attack 0.002 decay 3.5 sustain 0 release 0.25 curve 0.8 touch 0.6 "
     "rate 5.2 lfo_level 0.25 spread 0.5 level -17"},
    {"pluck", "Short and bright, like a string that is plucked.",
     "wave1 saw wave2 pulse width2 0.25 fine2 6 level2 0.6 cutoff 450 q 1.4 env 4 bright 2 key 0.7 f_attack 0.001 f_decay "
     "0.3 f_sustain 0 f_release 0.3 attack 0.001 decay 1.3 sustain 0 release 0.5 curve 0.8 touch 0.5 spread 0.5 level "
     "-18.5"},
    {"brass", "A section whose filter opens a little after the note, and farther the harder it is blown.",
     "wave1 saw wave2 saw fine1 -4 fine2 5 level2 0.9 cutoff 420 q 1.1 drive 4 env 3.4 bright 2.6 press 1.5 key 0.6 "
     "f_attack 0.09 f_decay 0.5 f_sustain 0.65 f_release 0.2 attack 0.04 decay 0.3 sustain 0.9 release 0.15 curve 0.3 rate "
     "5 delay 0.5 lfo_pitch 0.08 spread 0.4 level -21.5"},
    {"bell", "The product of two sines that are no octave apart; what is struck hard is brighter, and mellows as it rings.",
     "wave1 sine wave2 sine coarse2 19 fine2 -38 level1 0.5 level2 0.2 ring 0.7 cutoff 700 slope 12 q 0.7071 env 2.6 "
     "bright 2.5 key 1 f_attack 0.001 f_decay 2 f_sustain 0.2 f_release 2 attack 0.001 decay 4 sustain 0 release 2.5 curve "
     "0.9 touch 0.5 spread 0.7 level -16.5"},
    {"organ", "Even and full: two drawbars over a square, and a speaker that turns.",
     "wave1 sine wave2 sine coarse2 12 fine2 0 level1 0.9 level2 0.6 sub 0.3 cutoff 4000 slope 12 q 0.7071 env 0 bright 0 "
     "key 1 attack 0.004 decay 0.1 sustain 1 release 0.05 touch 0 rate 6.3 lfo_level 0.12 lfo_pitch 0.05 spread 0.2 level "
     "-24.5"},
    {"sweep", "A pulse that sways, and noise, through a filter that opens for seconds.",
     "unison 2 detune 9 spread 0.8 wave1 pulse wave2 pulse coarse2 -12 fine2 4 level2 0.8 lfo_width 0.6 rate 0.6 noise "
     "0.12 cutoff 180 q 3.5 env 5 f_attack 2.5 f_decay 3 f_sustain 0.4 f_release 2 attack 0.4 decay 1 sustain 1 release 2 "
     "curve 0.2 touch 0.75 level -26"},
    {"supersaw", "Five saws to a note, as wide as it goes.",
     "unison 5 detune 22 spread 1 wave1 saw wave2 saw coarse2 12 fine2 0 level2 0.35 cutoff 5000 slope 12 q 0.7071 env 1 "
     "f_decay 0.4 f_sustain 0.6 attack 0.004 decay 0.5 sustain 0.9 release 0.25 level -19.5"},
};
