#include "graph/note.h"

#include <string.h>

#define NUMBER_MAX 64

enum { PLAIN, DOTTED, TRIPLET };

/* n | log2 of the lower number | kind */
static uint16_t code_of(unsigned n, unsigned of, unsigned kind)
{
    unsigned log2_of = (unsigned)__builtin_ctz(of);
    return (uint16_t)(n | log2_of << 7 | kind << 10);
}

bool note_fits(const struct param_info *info)
{
    return info->kind == PARAM_CONTINUOUS && !(info->flags & PARAM_AT_CREATION) &&
           (strcmp(info->unit, "s") == 0 || strcmp(info->unit, "ms") == 0 || strcmp(info->unit, "Hz") == 0);
}

/* A whole number from 1, without a sign or spaces; 0: none, or too large. */
static unsigned number_read(const char **at)
{
    unsigned number = 0;
    if (**at < '1' || **at > '9')
        return 0;
    for (; **at >= '0' && **at <= '9'; ++*at)
        number = number > NUMBER_MAX ? number : 10 * number + (unsigned)(**at - '0');
    return number <= NUMBER_MAX ? number : 0;
}

uint16_t note_parse(const char *text)
{
    unsigned n = number_read(&text);
    if (!n || *text++ != '/')
        return 0;
    unsigned of = number_read(&text), kind = *text == 'd' ? DOTTED : *text == 't' ? TRIPLET : PLAIN;
    if (!of || (of & (of - 1)) || text[kind != PLAIN])
        return 0;
    return code_of(n, of, kind);
}

static char *number_print(unsigned number, char *at)
{
    if (number >= 10)
        *at++ = (char)('0' + number / 10);
    *at++ = (char)('0' + number % 10);
    return at;
}

void note_print(uint16_t note, char text[NOTE_BYTES])
{
    unsigned kind = note >> 10;
    char *at = number_print(note & 0x7f, text);
    *at++ = '/';
    at = number_print(1u << (note >> 7 & 7), at);
    if (kind != PLAIN)
        *at++ = kind == DOTTED ? 'd' : 't';
    *at = '\0';
}

uint32_t note_ticks(uint16_t note)
{
    uint32_t plain = (note & 0x7fu) * 3840 >> (note >> 7 & 7);
    unsigned kind = note >> 10;
    return kind == DOTTED ? plain / 2 * 3 : kind == TRIPLET ? plain / 3 * 2 : plain;
}
