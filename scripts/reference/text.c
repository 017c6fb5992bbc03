#include "scripts/reference/reference.h"

void text_md(const char *text, FILE *to)
{
    for (; *text; text++) {
        /* A bar ends a cell, an asterisk or an angle may begin something. */
        if (*text == '|' || *text == '*' || *text == '<')
            fputc('\\', to);
        fputc(*text, to);
    }
}

void text_man(const char *text, FILE *to)
{
    /* A point or an apostrophe first on a line begins a request; \& in front takes that from it. */
    if (*text == '.' || *text == '\'')
        fputs("\\&", to);
    for (; *text; text++) {
        if (*text == '\\')
            fputs("\\e", to);
        else if (*text == '-')
            fputs("\\-", to); /* a hyphen that can be copied */
        else
            fputc(*text, to);
    }
}
