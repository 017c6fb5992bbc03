#include "tests/system/line.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/process.h"

/* Copies the next word without its quotes and escapes; true when it was quoted. Moves *line behind it. */
static bool take_word(const char **line, char *word, size_t bytes)
{
    const char *at = *line;
    bool quoted = *at == '"';
    size_t n = 0;
    for (at += quoted; *at && (quoted ? *at != '"' : !isspace((unsigned char)*at)) && n + 1 < bytes; at++) {
        bool escaped = quoted && *at == '\\' && at[1];
        at += escaped;
        word[n++] = escaped && *at == 'n' ? '\n' : *at;
    }
    word[n] = '\0';
    *line = at + (quoted && *at == '"');
    while (isspace((unsigned char)**line))
        ++*line;
    return quoted;
}

static void add_bare(lo_message message, const char *word)
{
    char *end_long, *end_double;
    long long whole = strtoll(word, &end_long, 10);
    double value = strtod(word, &end_double);
    bool digits = strspn(word, "+-.0123456789eE") == strlen(word) && strpbrk(word, "0123456789");
    if (strcmp(word, "T") == 0)
        lo_message_add_true(message);
    else if (strcmp(word, "F") == 0)
        lo_message_add_false(message);
    else if (end_long != word && strcmp(end_long, "h") == 0)
        lo_message_add_int64(message, whole);
    else if (end_long != word && !*end_long)
        lo_message_add_int32(message, (int)whole);
    else if (digits && !*end_double)
        lo_message_add_float(message, (float)value);
    else
        lo_message_add_string(message, word);
}

lo_message line_parse(const char *line, char *address, size_t address_bytes)
{
    if (*line != '/')
        rig_fail("not a message: %s", line);
    take_word(&line, address, address_bytes);
    lo_message message = lo_message_new();
    for (char word[4096]; *line;) {
        if (take_word(&line, word, sizeof word))
            lo_message_add_string(message, word);
        else
            add_bare(message, word);
    }
    return message;
}
