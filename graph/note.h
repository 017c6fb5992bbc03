/* Note values as lengths of time: "1/8" is an eighth, "1/8d" a dotted one (half as long again), "1/8t" one of a triplet (three
 * in the time of two). Times and rates may be given so, and follow the tempo then (graph/follow_rt.h).
 *
 * In the model one is a code of 16 bits, which keeps how it was written; 0 is none. For the audio thread it is a whole number of
 * ticks: the shortest, "1/64t", has 40.
 */
#pragma once

#include "graph/node.h"

/* What a parameter was set to. */
struct base {
    float value;   /* in its unit */
    uint16_t note; /* that the value follows; 0: it is this number */
};

DAWD_ANY static inline bool base_is_same(const struct base *a, const struct base *b)
{
    return a->note == b->note && (a->note || a->value == b->value);
}

#define NOTE_BYTES 8 /* "64/64d" and its end */

/* Whether the parameter takes them: a continuous one in s, ms or Hz that can be set. */
DAWD_ANY bool note_fits(const struct param_info *info);

/* Reads one; 0 for anything else: both numbers are whole, 1 to 64, the second a power of two. */
DAWD_ANY uint16_t note_parse(const char *text);
DAWD_ANY void note_print(uint16_t note, char text[NOTE_BYTES]);

/* Its length, 960 to the quarter; 0 of none. */
DAWD_ANY uint32_t note_ticks(uint16_t note);

/* What so many ticks come to at a tempo, in the unit of the parameter: how long they last or, in Hz, how often a second they
 * fit. It may be beyond the parameter's range. */
DAWD_ANY static inline double note_length(const struct param_info *info, uint32_t ticks, uint32_t micro_bpm)
{
    double seconds = ticks * 62500.0 / micro_bpm; /* 60e6 millionths of a beat a minute, 960 ticks to the beat */
    return info->unit[0] == 'H' ? 1 / seconds : info->unit[0] == 'm' ? 1e3 * seconds : seconds;
}

/* The same, held in the range. */
DAWD_ANY static inline float note_value(const struct param_info *info, uint32_t ticks, uint32_t micro_bpm)
{
    float value = (float)note_length(info, ticks, micro_bpm);
    return value < info->min ? info->min : value > info->max ? info->max : value;
}
