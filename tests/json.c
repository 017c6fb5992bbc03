/* As RFC 8259 has it. */
#include "tests/json.h"

#include <check.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool json_value(struct json *json);

static void json_space(struct json *json)
{
    json->at += strspn(json->at, " \t\r\n");
}

static bool json_take(struct json *json, char c)
{
    json_space(json);
    if (*json->at != c)
        return false;
    json->at++;
    return true;
}

static bool json_string(struct json *json, char *value, size_t bytes)
{
    size_t n = 0;
    if (!json_take(json, '"'))
        return false;
    for (; *json->at != '"'; json->at++) {
        if ((unsigned char)*json->at < ' ')
            return false;
        if (*json->at == '\\' && !strchr("\"\\/bfnrtu", *++json->at))
            return false;
        if (*json->at == 'u' && json->at[-1] == '\\')
            for (unsigned i = 0; i < 4; i++)
                if (!isxdigit((unsigned char)*++json->at))
                    return false;
        if (n + 1 < bytes)
            value[n++] = *json->at;
    }
    value[n] = '\0';
    json->at++;
    return true;
}

/* -?(0|[1-9][0-9]*)(.[0-9]+)?([eE][+-]?[0-9]+)? */
static bool json_number(struct json *json)
{
    static const char digits[] = "0123456789";
    const char *at = json->at + (*json->at == '-');
    size_t n = strspn(at, digits);
    if (n == 0 || (n > 1 && *at == '0'))
        return false;
    at += n;
    if (*at == '.') {
        if (!(n = strspn(++at, digits)))
            return false;
        at += n;
    }
    if (*at == 'e' || *at == 'E') {
        at++;
        at += *at == '+' || *at == '-';
        if (!(n = strspn(at, digits)))
            return false;
        at += n;
    }
    json->at = at;
    return true;
}

static bool json_object(struct json *json)
{
    size_t before = strlen(json->path);
    if (json_take(json, '}'))
        return true;
    do {
        char key[100];
        if (!json_string(json, key, sizeof key) || !json_take(json, ':'))
            return false;
        snprintf(json->path + before, sizeof json->path - before, "%s%s", before ? "." : "", key);
        if (!json_value(json))
            return false;
        json->path[before] = '\0';
    } while (json_take(json, ','));
    return json_take(json, '}');
}

static bool json_array(struct json *json)
{
    size_t before = strlen(json->path);
    unsigned i = 0;
    if (json_take(json, ']'))
        return true;
    do {
        snprintf(json->path + before, sizeof json->path - before, "[%u]", i++);
        if (!json_value(json))
            return false;
        json->path[before] = '\0';
    } while (json_take(json, ','));
    return json_take(json, ']');
}

static bool json_literal(struct json *json)
{
    static const char *const words[] = {"true", "false", "null"};
    for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strncmp(json->at, words[i], strlen(words[i])) == 0) {
            json->at += strlen(words[i]);
            return true;
        }
    return json_number(json);
}

static struct json_leaf *leaf_add(struct json *json)
{
    if (json->n == json->n_capacity) {
        json->n_capacity = 2 * json->n_capacity + 256;
        json->leaves = realloc(json->leaves, json->n_capacity * sizeof *json->leaves);
        ck_assert_ptr_nonnull(json->leaves);
    }
    return &json->leaves[json->n++];
}

static bool json_value(struct json *json)
{
    json_space(json);
    if (json_take(json, '{'))
        return json_object(json);
    if (json_take(json, '['))
        return json_array(json);
    struct json_leaf *leaf = leaf_add(json);
    snprintf(leaf->path, sizeof leaf->path, "%.127s", json->path);
    leaf->is_string = *json->at == '"';
    const char *start = json->at;
    if (leaf->is_string)
        return json_string(json, leaf->value, sizeof leaf->value);
    if (!json_literal(json))
        return false;
    snprintf(leaf->value, sizeof leaf->value, "%.*s", (int)(json->at - start), start);
    return true;
}

bool json_read(struct json *json, const char *text)
{
    free(json->leaves);
    *json = (struct json){.at = text};
    if (!json_value(json))
        return false;
    json_space(json);
    return !*json->at;
}

const char *json_find(const struct json *json, const char *path)
{
    for (unsigned k = 0; k < json->n; k++)
        if (strcmp(json->leaves[k].path, path) == 0)
            return json->leaves[k].value;
    return NULL;
}

void json_free(struct json *json)
{
    free(json->leaves);
    *json = (struct json){0};
}
