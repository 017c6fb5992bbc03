/* The notation of a command's row (osc/command.h), read word by word. */
#pragma once

#include <stdbool.h>

#include "graph/thread.h"

/* One argument or result as it stands there. */
struct row_word {
    char name[32];
    char type;         /* as in the notation; 0: a keyword alone, or what "..." takes */
    char unit[16];     /* "" where it has none */
    char choices[100]; /* the words that may stand there, with commas between; "": any */
    bool is_optional, is_keyword, is_rest;
    bool is_repeated;     /* of results: part of the group that may come any number of times */
    unsigned alternative; /* of results: how many | stand before it */
};

/* Each reads the next word of a row's arguments or results, from *at on; false at the end. To begin, *word is zero. */
DAWD_ANY bool row_arg_next(const char **at, struct row_word *word);
DAWD_ANY bool row_result_next(const char **at, struct row_word *word);

/* Finds the keyword of that name among the arguments, and its place. */
DAWD_ANY bool row_keyword_find(const char *args, const char *name, struct row_word *word, unsigned *place);

/* Whether the word is one of the choices, or there are none. */
DAWD_ANY bool row_takes(const struct row_word *word, const char *given);

/* What an argument of the type is called: "a whole number". */
DAWD_ANY const char *row_type_text(char type);
/* One word for it: "integer". */
DAWD_ANY const char *row_type_name(char type);
