/* Instead of trying one way after the other, all ways are followed at once: a set holds the places of the address that the
 * pattern read so far can end at, and each piece of the pattern moves the set on. A failed try costs nothing, so that
 * "*a*a*a*a*b" costs as much as any pattern of its length.
 *
 *     pattern  l*p   address  lowpass      before l: {0}   after l: {1}   after *: {1..7}   after p: {4}   not at 7: no match
 */
#include "osc/pattern.h"

#include <string.h>

#include "osc/packet.h"

#define SPECIAL "?*[]{}"

bool pattern_is(const char *address)
{
    return strpbrk(address, SPECIAL) != NULL;
}

int pattern_check(const char *pattern, struct error *error)
{
    if (strlen(pattern) > PACKET_ADDRESS_MAX_BYTES)
        return error_set(error, ERROR_TOO_BIG, "the pattern is longer than an address, %d bytes", PACKET_ADDRESS_MAX_BYTES);
    for (const char *at = pattern; (at = strpbrk(at, "[]{}")); at++) {
        const char *close = *at == '[' ? "]" : "}";
        if (*at == ']' || *at == '}')
            return error_set(error, ERROR_BAD_ADDRESS, "the %c at byte %zu of the pattern closes nothing", *at,
                             (size_t)(at - pattern));
        const char *end = at + 1 + strcspn(at + 1, "/?*[]{}");
        if (*end != *close)
            return error_set(error, ERROR_BAD_ADDRESS,
                             "the %c at byte %zu of the pattern needs a %s, before any of / ? * [ ] { }", *at,
                             (size_t)(at - pattern), close);
        at = end;
    }
    return 0;
}

/* ---- pieces of a pattern ------------------------------------------------------------------------------------------- */

/* Whether the set between the brackets holds the character; a '-' that has no two sides is itself. */
static bool is_in_set(const char *set, const char *end, char c)
{
    bool is_negated = set < end && *set == '!', is_found = false;
    for (const char *at = set + is_negated; at < end; at++) {
        bool is_range = end - at > 2 && at[1] == '-';
        is_found |= is_range ? at[0] <= c && c <= at[2] : *at == c;
        at += is_range ? 2 : 0;
    }
    return c != '/' && is_found != is_negated;
}

/* Where the pattern can be in the address: at[i] is 1 when what was read of it matches the first i characters. */
struct reach {
    const char *address;
    size_t n; /* characters of it */
    unsigned char at[PACKET_ADDRESS_MAX_BYTES + 1];
};

static void pass_any(struct reach *reach)
{
    for (size_t i = 0; i < reach->n; i++)
        reach->at[i + 1] |= reach->at[i] & (reach->address[i] != '/');
}

/* From the end on, so that each place is read before it is written. */
static void pass_char(struct reach *reach, char c)
{
    for (size_t i = reach->n; i-- > 0;)
        reach->at[i + 1] = reach->at[i] & (c == '?' ? reach->address[i] != '/' : reach->address[i] == c);
    reach->at[0] = 0;
}

static void pass_set(struct reach *reach, const char *set, const char *end)
{
    for (size_t i = reach->n; i-- > 0;)
        reach->at[i + 1] = reach->at[i] && is_in_set(set, end, reach->address[i]);
    reach->at[0] = 0;
}

/* Texts of different lengths lead to different places, one of none to where it stands. */
static void pass_texts(struct reach *reach, const char *texts, const char *end)
{
    unsigned char from[sizeof reach->at];
    memcpy(from, reach->at, reach->n + 1);
    memset(reach->at, 0, reach->n + 1);
    for (const char *text = texts; text <= end;) {
        size_t n = (size_t)(end - text);
        const char *comma = memchr(text, ',', n);
        n = comma ? (size_t)(comma - text) : n;
        for (size_t i = 0; i + n <= reach->n; i++)
            reach->at[i + n] |= from[i] && memcmp(reach->address + i, text, n) == 0;
        text += n + 1;
    }
}

bool pattern_match(const char *pattern, const char *address)
{
    struct reach reach;
    struct error error;
    /* What stands in front of the first piece decides most comparisons. */
    size_t n_plain = strcspn(pattern, SPECIAL);
    if (strncmp(pattern, address, n_plain) != 0)
        return false;
    reach.address = address + n_plain;
    reach.n = strlen(reach.address);
    if (reach.n > PACKET_ADDRESS_MAX_BYTES || pattern_check(pattern, &error))
        return false;
    memset(reach.at, 0, reach.n + 1);
    reach.at[0] = 1;
    for (const char *at = pattern + n_plain; *at; at++) {
        if (*at == '*') {
            pass_any(&reach);
        } else if (*at == '[' || *at == '{') {
            const char *end = at + strcspn(at, *at == '[' ? "]" : "}");
            (*at == '[' ? pass_set : pass_texts)(&reach, at + 1, end);
            at = end;
        } else {
            pass_char(&reach, *at);
        }
    }
    return reach.at[reach.n];
}
