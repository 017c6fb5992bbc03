/* A pattern has slashes where the address has them, so it falls into parts, as names do: each node is compared with as many
 * parts as its name has, and what is left with the names in the tables of its class. */
#include "osc/match.h"

#include <stdio.h>
#include <string.h>

#include "osc/notes_on.h"
#include "osc/pattern.h"

struct search {
    const struct server *server;
    enum match_use use;
    int (*take)(void *user, const char *address, const struct target *target);
    void *user;
    struct error *error;
    const struct node *node; /* the current one */
    unsigned n_taken;        /* matches */
    char heads[NAME_PARTS_MAX]
              [MATCH_BYTES_MOST + 1];  /* the first parts of the pattern, 1 to 4 of them; "" beyond its end */
    const char *rests[NAME_PARTS_MAX]; /* what follows each; null: nothing */
};

static void parts_read(struct search *search, const char *pattern)
{
    const char *end = pattern;
    for (unsigned i = 0; i < NAME_PARTS_MAX && end; i++) {
        end = strchr(end + (i > 0), '/');
        size_t n = end ? (size_t)(end - pattern) : strlen(pattern);
        memcpy(search->heads[i], pattern, n);
        search->rests[i] = end ? end + 1 : NULL;
    }
}

/* Takes the value at this path beneath the node, if it is one and wanted. 0, or what ends the search. */
static int offer(struct search *search, const char *path)
{
    char address[PACKET_ADDRESS_MAX_BYTES];
    struct target target;
    struct error unused = {0};
    snprintf(address, sizeof address, TARGET_PREFIX "%s%s%s", search->node->name, path ? "/" : "", path ? path : "");
    /* "a/b" may be a node besides "a": then that is its own match. */
    if (target_find(search->server, address, &target, &unused) || target.node != search->node)
        return 0;
    if (search->use == MATCH_SET && !target_is_settable(&target))
        return 0;
    if (search->n_taken++ == MATCH_MOST)
        return error_set(search->error, ERROR_TOO_BIG, "the pattern means more than %d values", MATCH_MOST);
    return search->take(search->user, address, &target);
}

/* What stands in the tables under a name that the pattern matches; `tail` is "/norm" or "". */
static int names_offer(struct search *search, const char *pattern, const char *tail)
{
    const struct node_class *class = search->node->class;
    char path[NAME_PART_BYTES + sizeof "/norm"];
    int code = 0;
    for (unsigned i = 0; i < class->n_params + class->n_readings && !code; i++) {
        const char *name = i < class->n_params ? class->params[i].name : class->readings[i - class->n_params].name;
        if ((*tail && i >= class->n_params) || !pattern_match(pattern, name))
            continue;
        snprintf(path, sizeof path, "%.63s%s", name, tail);
        code = offer(search, path);
    }
    bool has_notes = !*tail && notes_on_has(class) && pattern_match(pattern, NOTES_NAME);
    return code || !has_notes ? code : offer(search, NOTES_NAME);
}

static int levels_offer(struct search *search, const char *pattern)
{
    char path[NAME_PART_BYTES + 8];
    int code = 0;
    for (unsigned i = 0; !code && level_address(search->node->class, i, path, sizeof path); i++)
        if (pattern_match(pattern, path))
            code = offer(search, path);
    return code;
}

static int values_offer(struct search *search, const char *rest)
{
    char param[MATCH_BYTES_MOST + 1];
    if (!rest)
        return offer(search, NULL);
    if (!pattern_is(rest))
        return offer(search, rest);
    const char *slash = strchr(rest, '/');
    if (!slash)
        return names_offer(search, rest, "");
    if (strcmp(slash, "/norm") != 0)
        return levels_offer(search, rest);
    snprintf(param, sizeof param, "%.*s", (int)(slash - rest), rest);
    return names_offer(search, param, slash);
}

static int nodes_offer(struct search *search)
{
    int code = 0;
    for (const struct node *node = search->server->ctl->model.first; node && !code; node = node->next) {
        unsigned i = names_slashes(node->name);
        if (!node->live || !*search->heads[i] || !pattern_match(search->heads[i], node->name))
            continue;
        search->node = node;
        code = values_offer(search, search->rests[i]);
    }
    return code;
}

int match_each(const struct server *server, const char *pattern, enum match_use use,
               int (*take)(void *user, const char *address, const struct target *target), void *user, struct error *error)
{
    struct search search = {.server = server, .use = use, .take = take, .user = user, .error = error};
    if (pattern_check(pattern, error))
        return (int)error->code;
    if (strlen(pattern) > MATCH_BYTES_MOST)
        return error_set(error, ERROR_TOO_BIG, "the pattern is longer than %d bytes", MATCH_BYTES_MOST);
    parts_read(&search, pattern + sizeof TARGET_PREFIX - 1);
    int code = nodes_offer(&search);
    if (code || search.n_taken)
        return code;
    return error_set(error, ERROR_NO_MATCH, "\"%s\" means no value that can be %s; /graph/list names the nodes", pattern,
                     use == MATCH_SET ? "set" : "read");
}
