/* The table of what a region can be told, and how values are read. Ranges are those of the format where it has some, and
 * wide where it has none: they keep numbers out that no instrument has. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "daemon/sfz.h"
#include "graph/note_name.h"

#define FRAMES_MAX 1e12 /* of a file, exact as a double */
#define TIME_MAX_S 1000
#define TEXT_MAX   32 /* bytes of a number or a word */

const struct sfz_opcode_info sfz_opcodes[SFZ_OPCODES] = {
    [SFZ_LOKEY] = {"lokey", NULL, SFZ_KEY, -1, 127, 0},
    [SFZ_HIKEY] = {"hikey", NULL, SFZ_KEY, -1, 127, 127},
    [SFZ_KEYCENTER] = {"pitch_keycenter", NULL, SFZ_KEY, -1, 127, 60},
    [SFZ_KEYTRACK] = {"pitch_keytrack", NULL, SFZ_NUMBER, -1200, 1200, 100},
    [SFZ_LOVEL] = {"lovel", NULL, SFZ_WHOLE, 0, 127, 0},
    [SFZ_HIVEL] = {"hivel", NULL, SFZ_WHOLE, 0, 127, 127},
    [SFZ_LORAND] = {"lorand", NULL, SFZ_NUMBER, 0, 1, 0},
    [SFZ_HIRAND] = {"hirand", NULL, SFZ_NUMBER, 0, 1, 1},
    [SFZ_SEQ_LENGTH] = {"seq_length", NULL, SFZ_WHOLE, 1, 100, 1},
    [SFZ_SEQ_POSITION] = {"seq_position", NULL, SFZ_WHOLE, 1, 100, 1},
    [SFZ_XFIN_LOVEL] = {"xfin_lovel", NULL, SFZ_WHOLE, 0, 127, 0},
    [SFZ_XFIN_HIVEL] = {"xfin_hivel", NULL, SFZ_WHOLE, 0, 127, 0},
    [SFZ_XFOUT_LOVEL] = {"xfout_lovel", NULL, SFZ_WHOLE, 0, 127, 127},
    [SFZ_XFOUT_HIVEL] = {"xfout_hivel", NULL, SFZ_WHOLE, 0, 127, 127},
    [SFZ_XF_VELCURVE] = {"xf_velcurve", NULL, SFZ_WORD, 0, 1, SFZ_CURVE_POWER, {"gain", "power"}},
    [SFZ_XFIN_LOKEY] = {"xfin_lokey", NULL, SFZ_KEY, -1, 127, 0},
    [SFZ_XFIN_HIKEY] = {"xfin_hikey", NULL, SFZ_KEY, -1, 127, 0},
    [SFZ_XFOUT_LOKEY] = {"xfout_lokey", NULL, SFZ_KEY, -1, 127, 127},
    [SFZ_XFOUT_HIKEY] = {"xfout_hikey", NULL, SFZ_KEY, -1, 127, 127},
    [SFZ_XF_KEYCURVE] = {"xf_keycurve", NULL, SFZ_WORD, 0, 1, SFZ_CURVE_POWER, {"gain", "power"}},
    [SFZ_SW_LOKEY] = {"sw_lokey", NULL, SFZ_KEY, -1, 127, -1},
    [SFZ_SW_HIKEY] = {"sw_hikey", NULL, SFZ_KEY, -1, 127, -1},
    [SFZ_SW_LAST] = {"sw_last", NULL, SFZ_KEY, -1, 127, -1},
    [SFZ_SW_DEFAULT] = {"sw_default", NULL, SFZ_KEY, -1, 127, -1},
    [SFZ_TRIGGER] = {"trigger", NULL, SFZ_WORD, 0, 1, SFZ_TRIGGER_ATTACK, {"attack", "release"}},
    [SFZ_LOOP_MODE] =
        {"loop_mode", "loopmode", SFZ_WORD, 0, 3, SFZ_NO_LOOP, {"no_loop", "one_shot", "loop_continuous", "loop_sustain"}},
    [SFZ_LOOP_START] = {"loop_start", "loopstart", SFZ_WHOLE, 0, FRAMES_MAX, 0},
    [SFZ_LOOP_END] = {"loop_end", "loopend", SFZ_WHOLE, 0, FRAMES_MAX, 0},
    [SFZ_LOOP_CROSSFADE] = {"loop_crossfade", NULL, SFZ_NUMBER, 0, 60, 0},
    [SFZ_OFFSET] = {"offset", NULL, SFZ_WHOLE, 0, FRAMES_MAX, 0},
    [SFZ_END] = {"end", NULL, SFZ_WHOLE, -1, FRAMES_MAX, 0},
    [SFZ_TUNE] = {"tune", "pitch", SFZ_NUMBER, -9600, 9600, 0},
    [SFZ_TRANSPOSE] = {"transpose", NULL, SFZ_WHOLE, -127, 127, 0},
    [SFZ_VOLUME] = {"volume", NULL, SFZ_NUMBER, -144, 48, 0},
    [SFZ_PAN] = {"pan", NULL, SFZ_NUMBER, -100, 100, 0},
    [SFZ_VELTRACK] = {"amp_veltrack", NULL, SFZ_NUMBER, -100, 100, 100},
    [SFZ_DELAY] = {"ampeg_delay", NULL, SFZ_NUMBER, 0, TIME_MAX_S, 0},
    [SFZ_ATTACK] = {"ampeg_attack", NULL, SFZ_NUMBER, 0, TIME_MAX_S, 0},
    [SFZ_HOLD] = {"ampeg_hold", NULL, SFZ_NUMBER, 0, TIME_MAX_S, 0},
    [SFZ_DECAY] = {"ampeg_decay", NULL, SFZ_NUMBER, 0, TIME_MAX_S, 0},
    [SFZ_SUSTAIN] = {"ampeg_sustain", NULL, SFZ_NUMBER, 0, 100, 100},
    [SFZ_RELEASE] = {"ampeg_release", NULL, SFZ_NUMBER, 0, TIME_MAX_S, 0.001},
    [SFZ_CUTOFF] = {"cutoff", NULL, SFZ_NUMBER, 0, 200000, 0},
    [SFZ_RESONANCE] = {"resonance", NULL, SFZ_NUMBER, 0, 40, 0},
    [SFZ_FIL_TYPE] = {"fil_type", "filtype", SFZ_WORD, 0, 4, SFZ_LPF_2P, {"lpf_2p", "hpf_2p", "bpf_2p", "brf_2p", "none"}},
    [SFZ_FIL_KEYTRACK] = {"fil_keytrack", NULL, SFZ_NUMBER, -1200, 1200, 0},
    [SFZ_FIL_KEYCENTER] = {"fil_keycenter", NULL, SFZ_KEY, -1, 127, 60},
    [SFZ_FIL_VELTRACK] = {"fil_veltrack", NULL, SFZ_NUMBER, -9600, 9600, 0},
    [SFZ_FILEG_DEPTH] = {"fileg_depth", NULL, SFZ_NUMBER, -12000, 12000, 0},
    [SFZ_FILEG_DELAY] = {"fileg_delay", NULL, SFZ_NUMBER, 0, TIME_MAX_S, 0},
    [SFZ_FILEG_ATTACK] = {"fileg_attack", NULL, SFZ_NUMBER, 0, TIME_MAX_S, 0},
    [SFZ_FILEG_HOLD] = {"fileg_hold", NULL, SFZ_NUMBER, 0, TIME_MAX_S, 0},
    [SFZ_FILEG_DECAY] = {"fileg_decay", NULL, SFZ_NUMBER, 0, TIME_MAX_S, 0},
    [SFZ_FILEG_SUSTAIN] = {"fileg_sustain", NULL, SFZ_NUMBER, 0, 100, 100},
    [SFZ_FILEG_RELEASE] = {"fileg_release", NULL, SFZ_NUMBER, 0, TIME_MAX_S, 0},
    [SFZ_GROUP] = {"group", NULL, SFZ_WHOLE, -2147483648.0, 4294967295.0, 0},
    [SFZ_OFF_BY] = {"off_by", "offby", SFZ_WHOLE, -2147483648.0, 4294967295.0, 0},
    [SFZ_OFF_MODE] = {"off_mode", NULL, SFZ_WORD, 0, 1, SFZ_OFF_FAST, {"fast", "normal"}},
};

enum sfz_opcode sfz_opcode_find(const char *name, size_t n)
{
    for (enum sfz_opcode i = 0; i < SFZ_OPCODES; i++) {
        const struct sfz_opcode_info *info = &sfz_opcodes[i];
        bool is_alias = info->alias && strlen(info->alias) == n && memcmp(info->alias, name, n) == 0;
        if (is_alias || (strlen(info->name) == n && memcmp(info->name, name, n) == 0))
            return i;
    }
    return SFZ_OPCODES;
}

/* Decimal and nothing else: strtod would take "nan", "inf" and "0x1p9" too. */
static bool number_read(const char *text, double *value)
{
    char *end;
    if (!*text || strspn(text, "+-.0123456789eE") != strlen(text))
        return false;
    *value = strtod(text, &end);
    return !*end && isfinite(*value);
}

static bool key_read(const char *text, double *value)
{
    if (strcmp(text, "none") == 0) {
        *value = -1;
        return true;
    }
    if (number_read(text, value))
        return *value == floor(*value);
    return note_name_parse(text, value);
}

static bool word_read(const struct sfz_opcode_info *info, const char *text, double *value)
{
    for (unsigned i = 0; info->words[i]; i++) {
        *value = i;
        if (strcmp(info->words[i], text) == 0)
            return true;
    }
    return false;
}

bool sfz_value_read(enum sfz_opcode opcode, const char *text, size_t n, double *value)
{
    const struct sfz_opcode_info *info = &sfz_opcodes[opcode];
    char copy[TEXT_MAX + 1];
    if (n > TEXT_MAX)
        return false;
    memcpy(copy, text, n);
    copy[n] = '\0';
    if (info->kind == SFZ_WORD)
        return word_read(info, copy, value);
    if (opcode == SFZ_KEYCENTER && strcmp(copy, "sample") == 0) {
        *value = SFZ_OF_SAMPLE;
        return true;
    }
    if (info->kind == SFZ_KEY ? !key_read(copy, value) : !number_read(copy, value))
        return false;
    return *value >= info->min && *value <= info->max && (info->kind == SFZ_NUMBER || *value == floor(*value));
}
