#include "tests/system/net_rows.h"

#include <stdarg.h>
#include <stdio.h>

const char *const *net_row_environment(const struct net_row *row)
{
    static char flaw[64];
    static const char *list[] = {flaw, NULL};
    snprintf(flaw, sizeof flaw, "DAWD_MUTANT=%s", row->mutant ? row->mutant : "");
    return row->mutant ? list : NULL;
}

void net_row_print(const struct net_row *row, const char *format, ...)
{
    va_list args;
    if (row->quiet)
        return;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    fflush(stdout);
}
