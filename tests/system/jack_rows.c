#include "tests/system/jack_rows.h"

#include <stdarg.h>
#include <stdio.h>

const char *const *jack_row_environment(const struct jack_row *row)
{
    static char flaw[64];
    static const char *environment[2];
    snprintf(flaw, sizeof flaw, "DAWD_MUTANT=%s", row->mutant ? row->mutant : "");
    environment[0] = row->mutant ? flaw : NULL;
    return environment;
}

void jack_row_print(const struct jack_row *row, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    if (!row->quiet)
        vprintf(format, values);
    va_end(values);
    fflush(stdout);
}
