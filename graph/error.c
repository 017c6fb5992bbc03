#include "graph/error.h"

#include <stdarg.h>
#include <stdio.h>

/* From the list that the enum is made of: no code is without its symbol. */
static const char *const symbols[] = {[ERROR_NONE] = "none",
#define X(code, symbol, help) [ERROR_##code] = symbol,
                                      ERROR_CODES(X)
#undef X
};

int error_set(struct error *error, enum error_code code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    error->code = code;
    vsnprintf(error->text, sizeof error->text, format, args);
    va_end(args);
    return (int)code;
}

const char *error_symbol(enum error_code code)
{
    return code < ERROR_END ? symbols[code] : "unknown";
}
