#include "osc/row.h"

#include <stdio.h>
#include <string.h>

/* Copies n bytes and what closes them is passed: "(dB)", "{a,b}". */
static void bracket_read(const char **at, const char *end, char open, char close, char *text, size_t bytes)
{
    *text = '\0';
    if (*at == end || **at != open)
        return;
    const char *start = ++*at;
    while (*at < end && **at != close)
        ++*at;
    snprintf(text, bytes, "%.*s", (int)(*at - start), start);
    *at += *at < end;
}

/* "name:d(dB)", "level:s{error,info}", "gain=d", "feedback!", without brackets around. */
static void word_read(const char *at, const char *end, struct row_word *word)
{
    word->is_rest = strncmp(at, "...", 3) == 0;
    const char *mark = at + strcspn(at, ":=! ]");
    snprintf(word->name, sizeof word->name, "%.*s", (int)(mark - at), at);
    word->is_keyword = *mark == '=' || *mark == '!';
    word->type = *mark == ':' || *mark == '=' ? mark[1] : '\0';
    at = word->type ? mark + 2 : end;
    bracket_read(&at, end, '(', ')', word->unit, sizeof word->unit);
    bracket_read(&at, end, '{', '}', word->choices, sizeof word->choices);
}

bool row_arg_next(const char **at, struct row_word *word)
{
    *at += strspn(*at, " ");
    if (!**at)
        return false;
    const char *end = *at + strcspn(*at, " ");
    *word = (struct row_word){.is_optional = **at == '['};
    word_read(*at + word->is_optional, end, word);
    *at = end;
    return true;
}

bool row_result_next(const char **at, struct row_word *word)
{
    *at += strspn(*at, " ");
    if (!**at)
        return false;
    if (**at == '|') {
        *word = (struct row_word){.alternative = word->alternative + 1};
        *at += 1;
        return row_result_next(at, word);
    }
    bool opens = **at == '[', was_open = word->is_repeated;
    const char *end = *at + strcspn(*at, " ");
    *word = (struct row_word){.is_repeated = opens || was_open, .alternative = word->alternative};
    word_read(*at + opens, end, word);
    *at = end;
    return true;
}

bool row_keyword_find(const char *args, const char *name, struct row_word *word, unsigned *place)
{
    for (*place = 0; row_arg_next(&args, word); ++*place)
        if (word->is_keyword && strcmp(word->name, name) == 0)
            return true;
    return false;
}

bool row_takes(const struct row_word *word, const char *given)
{
    size_t n = strlen(given);
    for (const char *at = word->choices; *at; at += strspn(at, ",")) {
        size_t n_choice = strcspn(at, ",");
        if (n_choice == n && strncmp(at, given, n) == 0)
            return true;
        at += n_choice;
    }
    return !*word->choices;
}

/* ---- types ---------------------------------------------------------------------------------------------------------- */

static const struct {
    char type;
    const char *name, *text;
} types[] = {
    {'s', "string", "a string"},
    {'i', "integer", "a whole number"},
    {'d', "number", "a finite number"},
    {'k', "note", "a note (0 to 127, or its name: C4 is 60, c#4, Bb3)"},
    {'b', "truth", "T or F"},
    {'n', "string or integer", "a name or a whole number"},
    {'m', "MIDI message", "a MIDI message (type m)"},
    {'p', "position", "a position (seconds, frames as 480000h, or bars as \"17:1:0\")"},
};

static unsigned type_find(char type)
{
    unsigned i = 0;
    while (i + 1 < sizeof types / sizeof types[0] && types[i].type != type)
        i++;
    return i;
}

const char *row_type_name(char type)
{
    return types[type_find(type)].name;
}

const char *row_type_text(char type)
{
    return types[type_find(type)].text;
}
