/* dawctl run FILE: sends a file in text form, line by line, each answer awaited. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "osc/dawctl.h"
#include "osc/script.h"

static int run_file(const struct dawctl *dawctl, char **words)
{
    const char *name = *words;
    bool is_stdin = strcmp(name, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(name, "re");
    struct ask ask;
    if (!file) {
        fprintf(stderr, "dawctl: %s: %s\n", name, strerror(errno));
        return ASK_FAILED;
    }
    int outcome = dawctl_open(&ask, dawctl);
    if (outcome == DAWCTL_GO_ON) {
        outcome = (int)script_run(&ask, file, is_stdin ? "stdin" : name, dawctl->keep_going);
        link_close(&ask.link);
    }
    if (!is_stdin)
        fclose(file);
    return outcome;
}

const struct subcommand run_subcommand = {"run", "FILE", "send a file in text form, - for stdin", 1, 1, run_file};
