/* Instruments as text: the part of the SFZ format that is understood (docs/sound/sampler.md has the table). Pure functions
 * over text, which may be hostile: bounded in time and memory by its length.
 *
 *     <control> default_path=kit/        what the paths of samples begin with
 *     <global> <master> <group>          values for all regions below, the nearer one winning
 *     <region> sample=a b.wav lokey=c4   a value ends where the next "word=" or "<" begins, or with its line
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/error.h"
#include "graph/thread.h"

#define SFZ_TEXT_BYTES_MAX ((size_t)4 << 20)
#define SFZ_REGIONS_MAX    16384
#define SFZ_PATH_BYTES     1024
#define SFZ_TOLD_BYTES     256

/* What a region can be told, in the order of the table in sfz_opcodes.c. */
enum sfz_opcode {
    SFZ_LOKEY,
    SFZ_HIKEY,
    SFZ_KEYCENTER, /* SFZ_OF_SAMPLE: as the sample says */
    SFZ_KEYTRACK,
    SFZ_LOVEL,
    SFZ_HIVEL,
    SFZ_LORAND,
    SFZ_HIRAND,
    SFZ_SEQ_LENGTH,
    SFZ_SEQ_POSITION,
    SFZ_XFIN_LOVEL, /* crossfades: silent at the one, full at the other */
    SFZ_XFIN_HIVEL,
    SFZ_XFOUT_LOVEL,
    SFZ_XFOUT_HIVEL,
    SFZ_XF_VELCURVE,
    SFZ_XFIN_LOKEY,
    SFZ_XFIN_HIKEY,
    SFZ_XFOUT_LOKEY,
    SFZ_XFOUT_HIKEY,
    SFZ_XF_KEYCURVE,
    SFZ_SW_LOKEY, /* key switches; -1: not said */
    SFZ_SW_HIKEY,
    SFZ_SW_LAST,
    SFZ_SW_DEFAULT,
    SFZ_TRIGGER,
    SFZ_LOOP_MODE,
    SFZ_LOOP_START,
    SFZ_LOOP_END, /* the last frame of the loop */
    SFZ_LOOP_CROSSFADE,
    SFZ_OFFSET,
    SFZ_END, /* the last frame; -1: it is not played at all */
    SFZ_TUNE,
    SFZ_TRANSPOSE,
    SFZ_VOLUME,
    SFZ_PAN,
    SFZ_VELTRACK,
    SFZ_DELAY,
    SFZ_ATTACK,
    SFZ_HOLD,
    SFZ_DECAY,
    SFZ_SUSTAIN,
    SFZ_RELEASE,
    SFZ_CUTOFF, /* Hz; not given: no filter */
    SFZ_RESONANCE,
    SFZ_FIL_TYPE,
    SFZ_FIL_KEYTRACK,
    SFZ_FIL_KEYCENTER,
    SFZ_FIL_VELTRACK,
    SFZ_FILEG_DEPTH,
    SFZ_FILEG_DELAY,
    SFZ_FILEG_ATTACK,
    SFZ_FILEG_HOLD,
    SFZ_FILEG_DECAY,
    SFZ_FILEG_SUSTAIN,
    SFZ_FILEG_RELEASE,
    SFZ_GROUP,
    SFZ_OFF_BY,
    SFZ_OFF_MODE,
    SFZ_OPCODES,
};

#define SFZ_OF_SAMPLE (-100.0)

/* The values of words, in the order in which the table has them. */
enum sfz_trigger { SFZ_TRIGGER_ATTACK, SFZ_TRIGGER_RELEASE };
enum sfz_loop { SFZ_NO_LOOP, SFZ_ONE_SHOT, SFZ_LOOP_CONTINUOUS, SFZ_LOOP_SUSTAIN };
enum sfz_off { SFZ_OFF_FAST, SFZ_OFF_NORMAL };
enum sfz_filter { SFZ_LPF_2P, SFZ_HPF_2P, SFZ_BPF_2P, SFZ_BRF_2P, SFZ_NO_FILTER };
enum sfz_curve { SFZ_CURVE_GAIN, SFZ_CURVE_POWER };

/* How the value of an opcode is written. */
enum sfz_kind {
    SFZ_NUMBER,
    SFZ_WHOLE,
    SFZ_KEY,  /* 0..127 or c-1..g9, with # or b; -1 or none: no key */
    SFZ_WORD, /* one of `words`; the value is its index */
};

/* A row of the table: ranges and defaults are those of the format. What lies outside is refused, not held: a number that no
 * instrument has is a slip that somebody wants to hear of. */
struct sfz_opcode_info {
    const char *name, *alias;
    enum sfz_kind kind;
    double min, max, initial;
    const char *words[6]; /* null at the end */
};

/* By enum sfz_opcode. */
extern const struct sfz_opcode_info sfz_opcodes[SFZ_OPCODES];

/* The opcode of that name (n bytes), or of that alias; SFZ_OPCODES: there is none. Case counts. */
DAWD_ANY enum sfz_opcode sfz_opcode_find(const char *name, size_t n);
/* Reads a value of n bytes as the opcode has it. False: it is none. */
DAWD_ANY bool sfz_value_read(enum sfz_opcode opcode, const char *text, size_t n, double *value);

/* One sound and when it is played, with all that its group, its master and <global> have handed down. */
struct sfz_region {
    double value[SFZ_OPCODES]; /* in their own units */
    uint64_t given;            /* bit by opcode: it was said */
    char *sample;              /* its path from the folder of the text; owned by the outermost struct sfz */
    unsigned line;             /* of its <region> */
};

/* What a text says. */
struct sfz {
    struct sfz_region *regions;
    size_t n_regions;
    char **paths; /* owned texts, each once as it was met */
    size_t n_paths;
    unsigned n_unknown;           /* opcodes that mean nothing here */
    char unknown[SFZ_TOLD_BYTES]; /* some of their names, for people */
};

/* Reads n bytes of text, from its first header to its end; regions come in its order. What means nothing is passed over and
 * counted; what is written wrongly, and #define and #include, which need more than one text, are refused. 0, or BAD_FILE (with the line), TOO_BIG, INTERNAL; sfz_deinit in any case. */
DAWD_LOAD int sfz_parse(struct sfz *sfz, const char *text, size_t n, struct error *error);
DAWD_LOAD void sfz_deinit(struct sfz *sfz);
