#include "daemon/options.h"

void options_print_help(FILE *file)
{
    fprintf(file, "usage: dawd [options] [SESSION]\n\nA DAW engine for JACK without a face, driven by OSC.\n\n");
    struct option_words words;
    for (unsigned i = 0; options_words(i, &words); i++) {
        char left[40];
        snprintf(left, sizeof left, "--%s %s", words.name, words.argument ? words.argument : "");
        fprintf(file, "  %-23s %s%s%s%s\n", left, words.help, words.initial ? " (default " : "",
                words.initial ? words.initial : "", words.initial ? ")" : "");
    }
    fprintf(file, "\nlimits:\n");
    for (const struct limit_info *info = limit_infos; info < limit_infos + N_LIMITS; info++) {
        char left[40];
        snprintf(left, sizeof left, "%s=%llu%s%s", info->name, (unsigned long long)info->initial, *info->unit ? " " : "",
                 info->unit);
        fprintf(file, "  %-23s %s\n", left, info->help);
    }
    fprintf(file, "\nexit: 0 done, 1 failure, 2 usage\n");
}
