/* Pictures of nodes for the reference: a description becomes sound by way of the language and the real engine, the sound is
 * measured, and gnuplot draws it.
 *
 *     docs/pictures/filter.txt --> take (language, engine) --> measure --> gnuplot program on stdout
 *
 * A description is text, a word and its values per line:
 *
 *     # The title, which is the picture's caption
 *     measure response        response, spectrum, density, wave, level or transfer
 *     input impulse           impulse | noise DB | sine HZ DB [FROM TO] | none; transfer brings its own
 *     seconds 1               how long is listened
 *     from 0.5                what comes before is not measured
 *     x 20 20000              borders of the axes
 *     y -60 20
 *     curve lowpass           a curve and its name; `channel 2` takes the other output, `input …` gives it another input
 *     /graph/add …            the graph of this curve: OSC messages in text form, sounding from the first frame on;
 *                             files are named from the top folder, build/release/tone.wav is a tone of 1 kHz
 *     session a/file.dawd     the graph of a session file
 *     at 0.25                 what follows is sent so many seconds later
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#define RATE_HZ     48000
#define LINES_BYTES 8192
#define EVENTS_MAX  16
#define CURVES_MAX  8
#define CHANNELS    2

struct plot_event {
    double at_s;
    char lines[LINES_BYTES];
};

struct curve {
    char name[80], input[80];
    unsigned channel;                     /* from 1 */
    struct plot_event events[EVENTS_MAX]; /* the first builds the graph */
    unsigned n_events;
};

struct picture {
    char measure[16], input[80]; /* of all curves that name none */
    double seconds, from_s;
    double x[2], y[2];
    struct curve curves[CURVES_MAX];
    unsigned n_curves;
};

/* Reads a description; what is wrong with it ends the program with its place. */
void picture_read(struct picture *picture, FILE *file, const char *path);

/* Plays a curve's graph with n frames of input on both channels of `in` (null: silence) and returns what reaches `out` in
 * the curve's channel; free(). */
float *take(const struct curve *curve, const float *input, size_t n);

/* Writes the points of a curve: x and y, a pair per line. */
void measure(const struct picture *picture, const struct curve *curve, FILE *to);

_Noreturn __attribute__((format(printf, 1, 2))) void give_up(const char *format, ...);
