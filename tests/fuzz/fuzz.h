/* What is fuzzed: functions that take any bytes at all, and abort when something does not hold.
 *
 *     libFuzzer ──mutate──▶ run, run, … 256 inputs on one daemon that lives on ──reset──▶ run, …        (fuzz.c)
 *     unit tests ─────────▶ run of each line of corpus/NAME.txt, a reset after each                     (test_corpus.c)
 *
 * A target that keeps something from input to input writes down what it was given since the last reset: with DAWD_FUZZ_PAST
 * that file holds them as one input, with which a finding comes again.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "osc/bytes.h"

/* How inputs are best changed. */
enum fuzz_kind {
    FUZZ_PACKET, /* a packet behind n_head bytes */
    FUZZ_LINES,  /* lines of text form, behind those */
    FUZZ_STREAM, /* packets as SLIP frames, likewise */
    FUZZ_MIDI,   /* a standard MIDI file */
};

struct fuzz_target {
    const char *name;
    enum fuzz_kind kind;
    unsigned n_head;
    void (*run)(const uint8_t *bytes, size_t n);
    void (*reset)(void); /* to what it was before the first input; null: nothing is kept */
};

extern const struct fuzz_target packet_target, dispatch_target, session_target, text_target, stream_target, sfz_target,
    midi_target;

/* Aborts with the sentence when it does not hold. */
void fuzz_expect(bool truth, const char *what);

/* An input that differs from the one of n bytes, in its own way; in `bytes` with room for `max`. Returns how long it is. */
size_t fuzz_mutate(const struct fuzz_target *target, uint32_t seed, uint8_t *bytes, size_t n, size_t max);

/* ---- corpora -------------------------------------------------------------------------------------------------------- */

/* Reads the next line of a corpus that is not empty and no comment, "…" with \xHH, \0 \n \r \t \e \" \\ in it, into *input (replaced).
 * False at the end; aborts where the line is none. */
bool fuzz_corpus_read(const char **at, struct bytes *input);
/* Appends the line that reads as these bytes, with its newline. */
void fuzz_corpus_write(const uint8_t *bytes, size_t n, struct bytes *text);
