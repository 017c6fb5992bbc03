/* The options and limits of dawd(1). */
#include <ctype.h>

#include "daemon/options.h"
#include "graph/limits.h"
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

void limits_md(FILE *to)
{
    fputs("| limit | by default | at most so much |\n|---|---|---|\n", to);
    for (const struct limit_info *info = limit_infos; info < limit_infos + N_LIMITS; info++) {
        fprintf(to, "| `%s` | %llu%s%s | ", info->name, (unsigned long long)info->initial, *info->unit ? " " : "",
                info->unit);
        text_md(info->help, to);
        fputs(" |\n", to);
    }
}

void limits_man(FILE *to)
{
    fputs(".Bl -tag -width 4n\n", to);
    for (const struct limit_info *info = limit_infos; info < limit_infos + N_LIMITS; info++) {
        fprintf(to, ".It Cm %s Ns = Ns %llu\n", info->name, (unsigned long long)info->initial);
        text_man(info->help, to);
        fprintf(to, "%s%s;\n%llu to %llu.\n", *info->unit ? ", in " : "", info->unit, (unsigned long long)info->lowest,
                (unsigned long long)info->highest);
    }
    fputs(".El\n", to);
}
