/* Where a pair has the same ratio, it has the same detune: else the lower side band falls below what is heard, and only takes
 * room. Levels of modulators are told in dB: -12 is an index of 3.2, -18 of 1.6, -22 of 1, -30 of 0.4 (graph/dsp/fm.h). */
#include "synth/fm_presets.h"

#include "graph/rt_only.h"

const struct preset fm_presets_rt[FM_PRESETS] = {
    {"electric_piano", "A tine and a reed; what is struck hard, barks.",
     "algorithm 5 feedback 0.08 level -14.5 wheel 20 "
     "level1 -9 velocity1 14 attack1 0.001 decay1 1.5 middle1 0.45 fall1 7 release1 0.25 rate1 0.4 "
     "ratio2 14 level2 -25 velocity2 26 attack2 0 decay2 0.35 middle2 0.08 fall2 1.5 release2 0.2 right2 -15 rate2 0.4 "
     "level3 -6 velocity3 14 attack3 0.001 decay3 2 middle3 0.5 fall3 9 release3 0.3 rate3 0.4 detune3 3 "
     "detune4 3 level4 -17 velocity4 20 attack4 0 decay4 1.6 middle4 0.4 fall4 6 release4 0.3 right4 -4 rate4 0.4 "
     "level5 -12 velocity5 16 attack5 0.001 decay5 1.2 middle5 0.4 fall5 6 release5 0.25 rate5 0.4 detune5 -4 "
     "detune6 -4 level6 -12 velocity6 24 attack6 0 decay6 0.7 middle6 0.3 fall6 3 release6 0.25 right6 -6 rate6 0.4"},
    {"tines", "A softer electric piano that trembles.",
     "algorithm 5 feedback 0 level -10.5 lfo_rate 5.2 tremolo 0.3 wheel 20 "
     "level1 -6 velocity1 12 attack1 0.002 decay1 2 middle1 0.5 fall1 9 release1 0.35 rate1 0.4 tremolo2 0 tremolo4 0 "
     "ratio2 1 level2 -24 velocity2 18 attack2 0 decay2 1.2 middle2 0.4 fall2 5 release2 0.3 right2 -3 rate2 0.4 "
     "level3 -16 velocity3 24 ratio3 4 attack3 0 decay3 0.6 middle3 0.1 fall3 2 release3 0.2 rate3 0.5 "
     "ratio4 8 level4 -32 velocity4 20 attack4 0 decay4 0.2 middle4 0 fall4 0 release4 0.1 right4 -9 level5 -120 level6 "
     "-120"},
    {"bass", "Round below, with a bite that opens with velocity.",
     "algorithm 5 feedback 0.25 level -11.5 mode mono wheel 15 "
     "level1 -4 velocity1 10 attack1 0.001 decay1 1.2 middle1 0.7 fall1 6 release1 0.12 "
     "level2 -8 velocity2 20 attack2 0 decay2 0.6 middle2 0.35 fall2 2 release2 0.12 right2 -4 "
     "ratio3 0.5 level3 -9 velocity3 6 attack3 0.001 decay3 1.5 middle3 0.8 fall3 8 release3 0.12 "
     "ratio4 1 level4 -19 velocity4 14 attack4 0 decay4 0.25 middle4 0.3 fall4 2 release4 0.12 "
     "level5 -18 velocity5 20 attack5 0 decay5 0.12 middle5 0.2 fall5 0.5 release5 0.1 "
     "ratio6 3 level6 -16 velocity6 24 attack6 0 decay6 0.08 middle6 0 fall6 0 release6 0.1"},
    {"bell", "Cast in bronze: a strike of many partials, a hum that stays.",
     "algorithm 5 feedback 0 level -15 wheel 10 "
     "level1 -6 velocity1 14 attack1 0.001 decay1 3 middle1 0.35 fall1 12 release1 6 rate1 0.3 "
     "ratio2 3.5 level2 -15 velocity2 14 attack2 0 decay2 2 middle2 0.35 fall2 9 release2 5 right2 -5 rate2 0.3 "
     "ratio3 2 detune3 5 level3 -11 velocity3 16 attack3 0.001 decay3 2 middle3 0.25 fall3 8 release3 4 rate3 0.3 "
     "ratio4 2.76 level4 -17 velocity4 16 attack4 0 decay4 1.2 middle4 0.2 fall4 6 release4 3 right4 -5 rate4 0.3 "
     "ratio5 0.5 level5 -15 velocity5 8 attack5 0.002 decay5 6 middle5 0.5 fall5 16 release5 8 rate5 0.3 "
     "ratio6 5.4 level6 -26 velocity6 20 attack6 0 decay6 0.5 middle6 0.05 fall6 2 release6 2 right6 -6 rate6 0.3"},
    {"brass", "A section that swells open, brighter the harder it is blown.",
     "algorithm 5 feedback 0.12 level -15 pitch_from -40 pitch_time 0.09 lfo_rate 5 lfo_delay 0.9 vibrato 6 "
     "pressure_brightness 9 "
     "level1 -7 velocity1 9 attack1 0.05 decay1 0.3 middle1 0.85 fall1 2 sustain1 0.8 release1 0.14 "
     "level2 -8 velocity2 22 attack2 0.07 decay2 0.35 middle2 0.7 fall2 2 sustain2 0.6 release2 0.12 right2 -5 "
     "level3 -8 velocity3 9 detune3 5 attack3 0.045 decay3 0.3 middle3 0.85 fall3 2 sustain3 0.8 release3 0.14 "
     "level4 -7 velocity4 20 detune4 5 attack4 0.06 decay4 0.4 middle4 0.7 fall4 2 sustain4 0.6 release4 0.12 right4 -5 "
     "level5 -8 velocity5 9 detune5 -6 attack5 0.06 decay5 0.3 middle5 0.85 fall5 2 sustain5 0.8 release5 0.15 "
     "level6 -7 velocity6 22 detune6 -6 attack6 0.075 decay6 0.4 middle6 0.7 fall6 2 sustain6 0.6 release6 0.12 right6 -5"},
    {"strings", "A wide, slow section that breathes by itself.",
     "algorithm 5 feedback 0.3 level -13 lfo_rate 5.4 lfo_delay 0.6 vibrato 5 "
     "level1 -8 velocity1 8 detune1 -7 attack1 0.22 decay1 1 middle1 0.9 fall1 3 sustain1 0.85 release1 0.5 "
     "level2 -14 velocity2 10 detune2 -7 attack2 0.3 decay2 1 middle2 0.8 fall2 3 sustain2 0.7 release2 0.5 right2 -5 "
     "level3 -9 velocity3 8 detune3 7 attack3 0.25 decay3 1 middle3 0.9 fall3 3 sustain3 0.85 release3 0.55 "
     "level4 -14 velocity4 10 detune4 7 attack4 0.32 decay4 1 middle4 0.85 fall4 3 sustain4 0.75 release4 0.5 right4 -5 "
     "level5 -10 velocity5 8 detune5 13 attack5 0.3 decay5 1 middle5 0.9 fall5 3 sustain5 0.85 release5 0.6 "
     "level6 -11 velocity6 10 detune6 13 attack6 0.35 decay6 1 middle6 0.85 fall6 3 sustain6 0.75 release6 0.5 right6 -5"},
    {"glass_pad", "Thin, cold and long, with partials that drift.",
     "algorithm 5 feedback 0 level -17.5 lfo_rate 0.35 lfo_shape triangle vibrato 4 tremolo 0.25 tremolo1 0 tremolo2 0 "
     "level1 -6 velocity1 8 attack1 0.5 decay1 2 middle1 0.9 fall1 4 sustain1 0.8 release1 1.8 "
     "ratio2 3 detune2 4 level2 -25 velocity2 10 attack2 1.2 decay2 3 middle2 0.7 fall2 5 sustain2 0.5 release2 1.5 right2 "
     "-5 "
     "ratio3 2 detune3 6 level3 -13 velocity3 8 attack3 0.8 decay3 2 middle3 0.8 fall3 4 sustain3 0.7 release3 2 "
     "ratio4 7 detune4 -5 level4 -29 velocity4 10 attack4 1.5 decay4 3 middle4 0.6 fall4 5 sustain4 0.4 release4 1.5 "
     "right4 -7 "
     "ratio5 1 detune5 -8 level5 -9 velocity5 8 attack5 0.6 decay5 2 middle5 0.9 fall5 4 sustain5 0.8 release5 2 "
     "detune6 -8 level6 -24 velocity6 10 attack6 1 decay6 3 middle6 0.8 fall6 5 sustain6 0.6 release6 1.5 right6 -4"},
    {"organ", "Six drawbars and a click; the wheel turns the speaker.",
     "algorithm 32 feedback 0.05 level -22.5 lfo_rate 6.6 wheel 18 "
     "ratio1 0.5 level1 -6 velocity1 3 attack1 0.003 decay1 0 middle1 1 fall1 0 sustain1 1 release1 0.02 "
     "ratio2 1 level2 -4 velocity2 3 attack2 0.003 decay2 0 middle2 1 fall2 0 sustain2 1 release2 0.02 "
     "ratio3 1.5 level3 -10 velocity3 3 attack3 0.003 decay3 0 middle3 1 fall3 0 sustain3 1 release3 0.02 "
     "ratio4 2 level4 -8 velocity4 3 attack4 0.003 decay4 0 middle4 1 fall4 0 sustain4 1 release4 0.02 "
     "ratio5 3 level5 -14 velocity5 12 attack5 0 decay5 0.25 middle5 0.3 fall5 0 sustain5 0.3 release5 0.02 "
     "ratio6 4 level6 -15 velocity6 6 attack6 0 decay6 0.06 middle6 0.6 fall6 0 sustain6 0.6 release6 0.02"},
    {"marimba", "Rosewood under a soft mallet.",
     "algorithm 5 feedback 0 level -10 wheel 0 "
     "level1 -5 velocity1 12 attack1 0.001 decay1 1 middle1 0.2 fall1 1.2 release1 0.4 rate1 0.6 "
     "ratio2 3.93 level2 -19 velocity2 22 attack2 0 decay2 0.12 middle2 0.1 fall2 0.3 release2 0.2 right2 -6 rate2 0.6 "
     "ratio3 3.93 level3 -17 velocity3 18 attack3 0 decay3 0.25 middle3 0.1 fall3 0.3 release3 0.15 rate3 0.6 "
     "ratio4 2.4 level4 -22 velocity4 22 attack4 0 decay4 0.05 middle4 0 fall4 0 release4 0.05 right4 -6 "
     "ratio5 9.2 level5 -28 velocity5 26 attack5 0 decay5 0.07 middle5 0 fall5 0 release5 0.05 right5 -6 level6 -120"},
    {"vibraphone", "Metal bars with their motor on.",
     "algorithm 5 feedback 0 level -10.5 lfo_rate 4.6 tremolo 0.45 wheel 0 tremolo2 0 tremolo4 0 "
     "level1 -5 velocity1 14 attack1 0.001 decay1 2.5 middle1 0.4 fall1 5 release1 0.6 rate1 0.3 "
     "ratio2 4 level2 -26 velocity2 22 attack2 0 decay2 0.25 middle2 0.15 fall2 1 release2 0.3 right2 -7 rate2 0.3 "
     "ratio3 4 level3 -16 velocity3 20 attack3 0 decay3 0.9 middle3 0.2 fall3 2 release3 0.4 rate3 0.3 "
     "ratio4 2.5 level4 -27 velocity4 24 attack4 0 decay4 0.08 middle4 0 fall4 0 release4 0.1 right4 -7 "
     "ratio5 10 level5 -30 velocity5 24 attack5 0 decay5 0.25 middle5 0 fall5 0 release5 0.2 right5 -7 level6 -120"},
    {"clavinet", "Strings struck under the key: dry, nasal and quick.",
     "algorithm 3 feedback 0.3 level -14 wheel 15 "
     "level1 -6 velocity1 12 attack1 0 decay1 0.9 middle1 0.4 fall1 3 release1 0.05 rate1 0.4 "
     "ratio2 3 level2 -11 velocity2 18 attack2 0 decay2 0.7 middle2 0.4 fall2 2 release2 0.05 right2 -6 rate2 0.4 "
     "ratio3 1 level3 -17 velocity3 18 attack3 0 decay3 0.3 middle3 0.4 fall3 1.5 release3 0.05 right3 -5 "
     "level4 -9 velocity4 12 attack4 0 decay4 0.7 middle4 0.35 fall4 2.5 release4 0.05 rate4 0.4 detune4 3 "
     "ratio5 2 detune5 3 level5 -10 velocity5 18 attack5 0 decay5 0.5 middle5 0.4 fall5 2 release5 0.05 right5 -6 rate5 "
     "0.4 "
     "ratio6 5 detune6 3 level6 -19 velocity6 20 attack6 0 decay6 0.15 middle6 0.2 fall6 1 release6 0.05 right6 -8"},
    {"flute", "Breath first, then a tone that comes to life.",
     "algorithm 5 feedback 1 level -16 lfo_rate 5.1 lfo_delay 0.8 vibrato 9 tremolo 0.12 pitch_from -30 pitch_time 0.06 "
     "level1 -4 velocity1 8 attack1 0.06 decay1 0.3 middle1 0.9 fall1 2 sustain1 0.85 release1 0.12 "
     "ratio2 1 level2 -25 velocity2 12 attack2 0.09 decay2 0.4 middle2 0.8 fall2 2 sustain2 0.7 release2 0.1 right2 -3 "
     "ratio3 2 level3 -18 velocity3 10 attack3 0.05 decay3 0.2 middle3 0.7 fall3 2 sustain3 0.6 release3 0.1 "
     "ratio4 1 level4 -28 velocity4 8 attack4 0.08 decay4 0.3 middle4 0.7 fall4 2 sustain4 0.6 release4 0.1 right4 -3 "
     "ratio5 3 level5 -19 velocity5 14 attack5 0.01 decay5 0.12 middle5 0.3 fall5 0.6 sustain5 0.2 release5 0.08 "
     "ratio6 2.1 level6 0 velocity6 6 attack6 0.005 decay6 0.1 middle6 0.9 fall6 1 sustain6 0.9 release6 0.1"},
    {"log_drum", "A slit in a hollow trunk: a knock and a low voice.",
     "algorithm 5 feedback 0 level -11.5 pitch_from 150 pitch_time 0.08 wheel 0 "
     "level1 -4 velocity1 11 attack1 0.001 decay1 0.8 middle1 0.2 fall1 1 release1 0.4 rate1 0.3 "
     "ratio2 0.71 level2 -16 velocity2 26 attack2 0 decay2 0.15 middle2 0.15 fall2 0.4 release2 0.2 right2 -4 "
     "ratio3 1.99 level3 -12 velocity3 26 attack3 0 decay3 0.25 middle3 0.1 fall3 0.3 release3 0.2 "
     "ratio4 1.41 level4 -15 velocity4 28 attack4 0 decay4 0.06 middle4 0 fall4 0 release4 0.1 right4 -4 "
     "fixed5 1 freq5 310 level5 -20 velocity5 22 attack5 0 decay5 0.05 middle5 0 fall5 0 release5 0.05 "
     "fixed6 1 freq6 840 level6 -14 velocity6 16 attack6 0 decay6 0.03 middle6 0 fall6 0 release6 0.03"},
    {"lead", "One voice, two saws that beat, gliding from key to key.",
     "algorithm 5 feedback 0.3 level -13 mode legato glide 0.06 lfo_rate 5.6 lfo_delay 0.5 vibrato 7 wheel 40 "
     "level1 -6 velocity1 11 attack1 0.004 decay1 0.5 middle1 0.9 fall1 2 sustain1 0.85 release1 0.12 "
     "ratio2 1 level2 -9 velocity2 12 attack2 0.006 decay2 0.5 middle2 0.7 fall2 2 sustain2 0.6 release2 0.12 right2 -5 "
     "ratio3 1 detune3 7 level3 -8 velocity3 11 attack3 0.004 decay3 0.5 middle3 0.9 fall3 2 sustain3 0.85 release3 0.12 "
     "ratio4 2 level4 -14 velocity4 12 attack4 0.006 decay4 0.5 middle4 0.7 fall4 2 sustain4 0.6 release4 0.12 right4 -5 "
     "ratio5 1 detune5 -8 level5 -9 velocity5 11 attack5 0.004 decay5 0.5 middle5 0.9 fall5 2 sustain5 0.85 release5 0.12 "
     "detune6 -8 level6 -9 velocity6 10 attack6 0.006 decay6 0.5 middle6 0.8 fall6 2 sustain6 0.7 release6 0.12 right6 -5"},
};
