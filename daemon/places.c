#include "daemon/places.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "osc/inet.h"

#define HOME "127.0.0.1"

static bool is_numeric(const char *address)
{
    struct in6_addr any;
    return inet_pton(AF_INET, address, &any) == 1 || inet_pton(AF_INET6, address, &any) == 1;
}

int places_add(struct places *places, const char *word, struct error *error)
{
    char address[sizeof places->addresses[0]];
    const char *equals = strchr(word, '=');
    size_t n = equals ? (size_t)(equals - word) : strlen(word);
    snprintf(address, sizeof address, "%.*s", (int)n, word);
    if (n >= sizeof address || !is_numeric(address))
        return error_set(error, ERROR_BAD_VALUE, "--bind \"%s\": must be a numeric address such as 127.0.0.1 or ::1", word);
    enum role role = equals ? role_parse(equals + 1) : inet_is_loopback(address) ? ROLE_EDIT : ROLE_READ;
    if (role == ROLE_NONE)
        return error_set(error, ERROR_BAD_VALUE, "--bind \"%s\": the role must be read, play or edit", word);
    if (places->n == NET_PLACES_MAX - 1) /* one is kept for the loopback */
        return error_set(error, ERROR_BAD_VALUE, "--bind \"%s\": at most %d addresses can be given", word,
                         NET_PLACES_MAX - 1);
    strcpy(places->addresses[places->n], address);
    places->roles[places->n++] = role;
    return 0;
}

/* Whoever opens the daemon to a network goes on using it at home. */
static void add_home(struct places *places)
{
    for (unsigned i = 0; i < places->n; i++)
        if (inet_is_loopback(places->addresses[i]) || strcmp(places->addresses[i], "0.0.0.0") == 0)
            return;
    memmove(places->addresses + 1, places->addresses, sizeof places->addresses[0] * places->n);
    memmove(places->roles + 1, places->roles, sizeof places->roles[0] * places->n);
    strcpy(places->addresses[0], HOME);
    places->roles[0] = ROLE_EDIT;
    places->n++;
}

int places_finish(struct places *places, bool has_token, struct error *error)
{
    add_home(places);
    for (unsigned i = 0; i < places->n; i++) {
        const char *address = places->addresses[i];
        enum role role = places->roles[i];
        if (!inet_is_loopback(address) && role > ROLE_READ && !has_token)
            return error_set(
                error, ERROR_BAD_VALUE,
                "--bind %s=%s: without a token anybody on that network could do so: give a --token-file, or the "
                "role read",
                address, role_name(role));
    }
    return 0;
}

void places_format(const struct places *places, char *text, size_t n)
{
    size_t at = 0;
    for (unsigned i = 0; i < places->n && at < n; i++)
        at += (size_t)snprintf(text + at, n - at, "%s%s=%s", i ? ", " : "", places->addresses[i],
                               role_name(places->roles[i]));
}
