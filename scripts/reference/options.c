/* The options of dawd(1). */
#include <ctype.h>

#include "daemon/options.h"
#include "scripts/reference/reference.h"

void options_man(FILE *to)
{
    struct option_words words;
    fputs(".Bl -tag -width 4n\n", to);
    for (unsigned i = 0; options_words(i, &words); i++) {
        fprintf(to, ".It Fl \\-%s%s%s\n", words.name, words.argument ? " Ar " : "", words.argument ? words.argument : "");
        fputc(toupper((unsigned char)*words.help), to); /* alone on its line in --help, a sentence here */
        text_man(words.help + 1, to);
        if (words.initial) {
            fputs(" (default ", to);
            text_man(words.initial, to);
            fputc(')', to);
        }
        fputs(".\n", to);
    }
    fputs(".El\n", to);
}
