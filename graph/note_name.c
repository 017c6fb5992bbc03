#include "graph/note_name.h"

#include <ctype.h>
#include <string.h>

#define NOTE_MOST 127

static bool octave_read(const char *text, int *octave)
{
    if (strcmp(text, "-1") == 0)
        *octave = -1;
    else if (isdigit((unsigned char)text[0]) && !text[1])
        *octave = text[0] - '0';
    else
        return false;
    return true;
}

bool note_name_parse(const char *text, double *note)
{
    static const char letters[] = "c d ef g a b";
    const char *letter = isalpha((unsigned char)*text) ? strchr(letters, tolower((unsigned char)*text)) : NULL;
    int octave, accidental = 0;
    if (!letter)
        return false;
    text++;
    if (*text == '#' || *text == 'b')
        accidental = *text++ == '#' ? 1 : -1;
    if (!octave_read(text, &octave))
        return false;
    *note = 12 * (octave + 1) + (int)(letter - letters) + accidental;
    return *note >= 0 && *note <= NOTE_MOST;
}
