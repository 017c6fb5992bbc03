/* dawctl watch PATTERN: prints whatever becomes another value, a line for each, in text form. */
#include <stdio.h>

#include "osc/text.h"
#include "osc/watching.h"

struct watch {
    long left; /* lines to print; negative: without end */
};

static bool print_line(void *user, const struct message *message)
{
    struct watch *watch = user;
    struct bytes line = {0};
    text_format((const uint8_t *)message->address, &line); /* with which it begins */
    bytes_add_byte(&line, '\n');
    fwrite(line.data, 1, line.n, stdout);
    bytes_deinit(&line);
    watch->left -= watch->left > 0;
    return !watch->left;
}

static int watch_pattern(const struct dawctl *dawctl, char **words)
{
    struct watch watch = {dawctl->count ? dawctl->count : -1};
    struct watching watching = {.take = print_line, .user = &watch};
    int next = watching_open(&watching, dawctl);
    if (next != DAWCTL_GO_ON)
        return next;
    next = watching_subscribe(&watching, *words, dawctl->per_second);
    if (next == DAWCTL_GO_ON)
        next = watching_run(&watching);
    watching_close(&watching);
    return next;
}

const struct subcommand watch_subcommand = {"watch", "PATTERN", "print what matches, and then whatever changes",
                                            1,       1,         watch_pattern};
