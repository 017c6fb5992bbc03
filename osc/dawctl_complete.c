/* dawctl complete WORD...: what may stand in the place of the last word, one per line. Without a daemon all but its nodes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "osc/complete.h"
#include "osc/dawctl.h"
#include "osc/fetch.h"

#define PATIENCE_S 0.5 /* nobody waits longer for a key to take effect */

static void print(void *user, const char *word)
{
    (void)user;
    puts(word);
}

/* Pairs of name and type behind the count; they borrow the link's packet. */
static struct complete_node *nodes_read(struct message *answer, unsigned *n)
{
    struct complete_node *nodes = calloc(answer->n_args + 1, sizeof *nodes);
    struct arg name, type;
    if (!message_next(answer, &name))
        return nodes;
    while (nodes && message_next(answer, &name) && message_next(answer, &type))
        if (arg_string(&name) && arg_string(&type))
            nodes[(*n)++] = (struct complete_node){name.s, type.s};
    return nodes;
}

/* Other words than an address are the subcommands'. */
static void first_offer(const char *typed)
{
    for (unsigned i = 0; i < n_subcommands; i++)
        if (strncmp(subcommands[i]->name, typed, strlen(typed)) == 0)
            puts(subcommands[i]->name);
}

static int complete_line(const struct dawctl *dawctl, char **words)
{
    struct dawctl quiet = *dawctl;
    struct complete complete = {.offer = print};
    struct complete_node *nodes = NULL;
    struct ask ask = {.link = {.fd = -1}};
    struct message answer;
    struct error error;
    unsigned n = 0;
    while (words[n])
        n++;
    quiet.quiet = true;
    quiet.timeout_s = PATIENCE_S;
    if (n == 1 && **words != '/')
        first_offer(*words);
    if (!dawctl_try(&ask, &quiet, &error) && fetch(&ask, "/graph/list", &answer) == ASK_DONE)
        complete.nodes = nodes = nodes_read(&answer, &complete.n_nodes);
    complete_words(&complete, (const char *const *)words, n);
    link_close(&ask.link);
    free(nodes);
    return ASK_DONE;
}

const struct subcommand complete_subcommand = {"complete", "WORD...", "what may stand for the last word, for shells",
                                               1,          1000,      complete_line};
