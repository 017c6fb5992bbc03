/* Names are checked by hand and not by regular expressions or the locale's letters: the same bytes are legal everywhere, and
 * the text of a refusal can say which rule was broken. */
#include "graph/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Not isalpha(): names must not depend on the locale. */
static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool part_is_legal(const char *part, size_t bytes)
{
    if (bytes == 0 || bytes >= NAME_PART_BYTES || !is_letter(part[0]))
        return false;
    for (size_t i = 1; i < bytes; i++)
        if (!is_letter(part[i]) && !is_digit(part[i]) && part[i] != '.' && part[i] != '-')
            return false;
    return true;
}

int name_check(const char *name, struct error *error)
{
    if (strlen(name) >= NAME_BYTES)
        return error_set(error, ERROR_BAD_VALUE, "the name \"%.40s…\" has %zu bytes, %d are the most", name, strlen(name),
                         NAME_BYTES - 1);
    unsigned n_parts = 0;
    for (const char *part = name;; n_parts++) {
        size_t bytes = strcspn(part, "/");
        if (!part_is_legal(part, bytes))
            return error_set(error, ERROR_BAD_VALUE,
                             "\"%s\" is no name: a letter or _ first, then letters, digits, _ . or -, at most 63 bytes "
                             "between slashes",
                             name);
        if (!part[bytes])
            break;
        part += bytes + 1;
    }
    if (n_parts >= NAME_PARTS_MAX)
        return error_set(error, ERROR_BAD_VALUE, "the name \"%s\" has more than %d parts", name, NAME_PARTS_MAX);
    return 0;
}

/* Reads a channel number from 1 to 8 at *text and moves behind it; 0 when there is none. */
static unsigned channel_parse(const char **text)
{
    if (**text < '1' || **text > '8' || is_digit((*text)[1]))
        return 0;
    return (unsigned)(*(*text)++ - '0');
}

static int channels_parse(const char *text, const char *whole, struct port_ref *ref, struct error *error)
{
    const char *at = text;
    unsigned first = channel_parse(&at), last = first;
    if (first && *at == '-') {
        at++;
        last = channel_parse(&at);
    }
    if (!first || last < first || *at)
        return error_set(error, ERROR_BAD_VALUE, "\"%s\" in \"%s\" selects no channels: write .2 or .3-4 (1 to 8)", text,
                         whole);
    ref->first = first - 1;
    ref->n_channels = last - first + 1;
    return 0;
}

int port_ref_parse(const char *text, struct port_ref *ref, struct error *error)
{
    *ref = (struct port_ref){0};
    size_t node_bytes = strcspn(text, ":");
    if (node_bytes >= NAME_BYTES)
        return error_set(error, ERROR_BAD_VALUE, "the name in \"%.40s…\" is longer than %d bytes", text, NAME_BYTES - 1);
    memcpy(ref->node, text, node_bytes);
    if (name_check(ref->node, error))
        return (int)error->code;
    if (!text[node_bytes])
        return 0;
    const char *port = text + node_bytes + 1;
    size_t port_bytes = strcspn(port, ".");
    if (!part_is_legal(port, port_bytes))
        return error_set(error, ERROR_BAD_VALUE, "\"%s\" names no port: write node:port, as in lp:cutoff or in:out.2",
                         text);
    memcpy(ref->port, port, port_bytes);
    return port[port_bytes] ? channels_parse(port + port_bytes + 1, text, ref, error) : 0;
}

unsigned names_slashes(const char *text)
{
    unsigned n = 0;
    for (; *text; text++)
        n += *text == '/';
    return n;
}

/* One row of the usual table is enough: what lies above left is kept aside before it is written over. */
unsigned names_distance(const char *a, const char *b)
{
    unsigned row[NAME_PART_BYTES + 1];
    size_t n = strlen(a), m = strlen(b);
    if (n > NAME_PART_BYTES || m > NAME_PART_BYTES)
        return NAME_BYTES;
    /* What both begin and end with costs nothing: names of one family are told apart in their few other letters. */
    for (; n && m && *a == *b; a++, b++, n--, m--)
        continue;
    for (; n && m && a[n - 1] == b[m - 1]; n--, m--)
        continue;
    for (unsigned j = 0; j <= m; j++)
        row[j] = j;
    for (unsigned i = 1; i <= n; i++) {
        unsigned diagonal = row[0];
        row[0] = i;
        for (unsigned j = 1; j <= m; j++) {
            unsigned best = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            best = diagonal + 1 < best ? diagonal + 1 : best;
            row[j] = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
        }
    }
    return row[m];
}

#define MORE ", ..." /* behind a list that has no room for the rest */

void names_add(char *list, size_t bytes, const char *word)
{
    size_t at = strlen(list);
    if (at >= sizeof MORE && strcmp(list + at + 1 - sizeof MORE, MORE) == 0)
        return;
    bool fits = at + strlen(word) + sizeof ", " + sizeof MORE <= bytes;
    snprintf(list + at, bytes - at, "%s%s", !fits ? MORE : at ? ", " : "", fits ? word : "");
}

/* At most two slips of the finger, and fewer than the word has letters: else it was no slip. */
#define WORD_LEAST 3 /* letters of a word that can be mistyped anyhow */

struct guess guess_begin(const char *written)
{
    size_t n = strlen(written);
    return (struct guess){.written = written, .least = 2 * (n < WORD_LEAST ? (unsigned)n : WORD_LEAST)};
}

/* What the word begins with was meant as a short form of it: nearer than any other word of so many edits, and near at all. */
static bool is_beginning(const char *written, const char *word)
{
    size_t n = strlen(written);
    return n >= WORD_LEAST && strncmp(word, written, n) == 0 && !strchr(word + n, '/');
}

void guess_offer(struct guess *guess, const char *word)
{
    unsigned edits = names_distance(guess->written, word);
    bool begins = is_beginning(guess->written, word);
    unsigned cost = 2 * (begins && edits >= WORD_LEAST ? WORD_LEAST - 1 : edits) - (begins && edits);
    if (cost >= guess->least)
        return;
    guess->least = cost;
    guess->nearest = word;
}

const char *guess_ask(const struct guess *guess, const char *otherwise, char text[GUESS_BYTES])
{
    if (!guess->nearest)
        return otherwise;
    snprintf(text, GUESS_BYTES, "; did you mean \"%s\"?", guess->nearest);
    return text;
}
