#include "graph/cable.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/batch.h"

enum cable_wish cable_wish(const struct node *node, unsigned channel, const char *other)
{
    for (unsigned i = 0; node->cables && i < node->cables->n; i++) {
        const struct cable *cable = &node->cables->cables[i];
        if (cable->channel == channel && strcmp(cable->other, other) == 0)
            return cable->is_cut ? CABLE_CUT : CABLE_MADE;
    }
    return CABLE_NONE;
}

bool cable_is_pattern(const char *other)
{
    return strpbrk(other, "*?");
}

/* Goes back to the last asterisk only: what an earlier one took is no worse than what it could take instead. */
bool cable_fits(const char *other, const char *name)
{
    const char *star = NULL, *mark = NULL;
    while (*name) {
        if (*other == '*') {
            star = other++;
            mark = name;
        } else if (*other == '?' || *other == *name) {
            other++;
            name++;
        } else if (star) {
            other = star + 1;
            name = ++mark;
        } else {
            return false;
        }
    }
    return other[strspn(other, "*")] == '\0';
}

bool cable_is_wished(const struct node *node, unsigned channel, const char *other)
{
    bool is_wished = false;
    for (unsigned i = 0; node->cables && i < node->cables->n; i++) {
        const struct cable *cable = &node->cables->cables[i];
        if (cable->channel != channel || !cable_fits(cable->other, other))
            continue;
        if (cable->is_cut)
            return false;
        is_wished = true;
    }
    return is_wished;
}

/* Puts a list in the place of the node's, which the step keeps for the way back. */
static int exchange(struct tx *tx, struct node *node, struct cables *cables, struct error *error)
{
    struct op *op = tx_op_next(tx, error);
    if (!op) {
        free(cables);
        return (int)error->code;
    }
    *op = (struct op){.kind = OP_CABLE, .node = node, .old_cables = node->cables};
    node->cables = cables;
    tx_op_done(tx);
    return 0;
}

/* A list with room for one more, that holds what is wished besides this connection. Null when memory ran out. */
static struct cables *without(const struct node *node, unsigned channel, const char *other)
{
    unsigned n = node->cables ? node->cables->n : 0;
    struct cables *cables = calloc(1, sizeof *cables + (n + 1) * sizeof cables->cables[0]);
    for (unsigned i = 0; cables && i < n; i++) {
        const struct cable *cable = &node->cables->cables[i];
        bool is_it = (channel == CABLE_ALL || cable->channel == channel) && (!other || strcmp(cable->other, other) == 0);
        if (!is_it)
            cables->cables[cables->n++] = *cable;
    }
    return cables;
}

int tx_set_cable(struct tx *tx, struct node *node, unsigned channel, const char *other, enum cable_wish wish,
                 struct error *error)
{
    if (strlen(other) >= DEVICE_OTHER_BYTES)
        return error_set(error, ERROR_TOO_BIG, "a port's name of %zu bytes, %d are the most", strlen(other),
                         DEVICE_OTHER_BYTES - 1);
    struct cables *cables = without(node, channel, other);
    if (!cables)
        return error_set(error, ERROR_INTERNAL, "memory ran out for the connection");
    if (wish != CABLE_NONE) {
        struct cable *cable = &cables->cables[cables->n++];
        *cable = (struct cable){.channel = channel, .is_cut = wish == CABLE_CUT};
        snprintf(cable->other, sizeof cable->other, "%s", other);
    }
    return exchange(tx, node, cables, error);
}

int tx_put_cables(struct tx *tx, struct node *node, const void *wishes, unsigned n, struct error *error)
{
    struct cables *cables = calloc(1, sizeof *cables + (n + 1) * sizeof cables->cables[0]);
    if (!cables)
        return error_set(error, ERROR_INTERNAL, "memory ran out for the connections");
    memcpy(cables->cables, wishes, n * sizeof cables->cables[0]);
    for (unsigned i = 0; i < n; i++)
        if (cables->cables[i].channel < node->channels)
            cables->cables[cables->n++] = cables->cables[i];
    return exchange(tx, node, cables, error);
}

int tx_clear_cables(struct tx *tx, struct node *node, unsigned channel, struct error *error)
{
    if (!node->cables || !node->cables->n)
        return 0;
    struct cables *cables = without(node, channel, NULL);
    if (!cables)
        return error_set(error, ERROR_INTERNAL, "memory ran out for the connections");
    return exchange(tx, node, cables, error);
}
