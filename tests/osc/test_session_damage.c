/* Damaged session files: cut off at any byte, or with anything else in them. A session is then taken whole or refused, and
 * what sounded goes on. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "osc/command.h"
#include "tests/graph_rig.h"
#include "tests/session_rig.h"

#define MUTATIONS RIG_ROUNDS(20000, 1000)

static struct osc_rig rig;
static char *whole; /* a session with every type of node */
static size_t n_whole;
static unsigned n_cut; /* what was tried, for the last line */

static void open_rig(void)
{
    /* The lines of a delay come and go thousands of times: their pages stay. */
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    osc_rig_open(&rig);
    session_rig_fill(&rig);
    whole = session_rig_save(&rig, "whole.dawd");
    n_whole = strlen(whole);
    osc_rig_do(&rig, "/session/new fade 0");
    osc_rig_do(&rig, "/graph/add osc tone");
    osc_rig_do(&rig, "/graph/connect tone out");
    osc_rig_wait(&rig);
}

static void close_rig(void)
{
    free(whole);
    osc_rig_close(&rig);
}

/* The sounds it asks for are there, but for those whose name begins oddly. */
static void bring_sounds(void)
{
    while (rig.n_loads) {
        char *path = strdup(rig.loads[0].path);
        if (path[0] % 2)
            osc_rig_load(&rig, path);
        else
            osc_rig_load_fails(&rig, path, ERROR_NO_FILE);
        free(path);
    }
}

/* Loads it, and judges what came of it: true when it was taken. */
static bool try(const char *text, size_t n)
{
    struct session_rig_sound before = session_rig_sound(&rig);
    osc_rig_send(&rig, "/session/load damaged.dawd fade 0");
    osc_rig_read(&rig, "damaged.dawd", text, n);
    bring_sounds();
    osc_rig_run(&rig);
    const char *answer = osc_rig_line(&rig);
    ck_assert_uint_eq(rig.n_read, rig.n_answers);
    ck_assert_ptr_null(rig.server->parked);
    if (strncmp(answer, "/done 0 /session/load ", 22) == 0) {
        while (rig.ctl->fading || rig.ctl->under_way) /* until what was replaced is gone */
            osc_rig_run(&rig);
        return true;
    }
    ck_assert_msg(strncmp(answer, "/fail 0 /session/load ", 22) == 0, "%s", answer);
    ck_assert_msg(strstr(answer, "\\\"damaged.dawd\\\": ") != NULL, "%s", answer);
    session_rig_unchanged(&rig, &before, answer);
    return false;
}

START_TEST(a_session_that_is_cut_off_anywhere_is_refused)
{
    char *old = strdup(osc_rig_dump(&rig));
    size_t n_taken = 0;
    ck_assert_uint_gt(n_whole, 500);
    for (size_t n = 0; n < n_whole; n++)
        n_taken += try(whole, n);
    ck_assert_uint_eq(n_taken, 1); /* the one that lacks no more than the newline at its end, which is whole */
    n_cut = (unsigned)n_whole;
    free(old);
    ck_assert(try(whole, n_whole));
}
END_TEST

START_TEST(a_session_that_is_cut_off_leaves_the_graph_as_it_was)
{
    char *old = strdup(osc_rig_dump(&rig));
    for (size_t n = 0; n + 1 < n_whole; n += 7) {
        try(whole, n);
        ck_assert_str_eq(osc_rig_dump(&rig), old);
    }
    free(old);
}
END_TEST

/* ---- anything at all ------------------------------------------------------------------------------------------------- */

/* The beginning of some line of the text. */
static size_t some_line(const char *text, size_t n, uint32_t *seed)
{
    size_t at = dice_below(seed, (unsigned)n);
    while (at > 0 && text[at - 1] != '\n')
        at--;
    return at;
}

static size_t line_bytes(const char *text, size_t n, size_t at)
{
    const char *end = memchr(text + at, '\n', n - at);
    return end ? (size_t)(end - (text + at)) + 1 : n - at;
}

/* One change to *n bytes, of which there is room for twice as many and some. */
static void mutate(char *text, size_t *n, uint32_t *seed)
{
    static const char *const words[] = {"0",  "-1",    "1e39", "99999999999", "\"",    "\\",       "[",
                                        "/",  "%b:00", "out",  "in:out.9",    "T",     "channels", "\n",
                                        "\r", "\xff",  "",     "nan",         "depth", "999999"};
    size_t at = dice_below(seed, (unsigned)*n), length = line_bytes(text, *n, at);
    const char *word = words[dice_below(seed, sizeof words / sizeof words[0])];
    switch (dice_below(seed, 7)) {
    case 0: /* another byte */
        text[at] = (char)dice(seed);
        return;
    case 1: /* one bit */
        text[at] ^= (char)(1 << dice_below(seed, 8));
        return;
    case 2: /* the rest of a line is gone */
        memmove(text + at, text + at + length, *n - at - length);
        *n -= length;
        return;
    case 3: /* a line twice, or at another place */
        at = some_line(text, *n, seed);
        length = line_bytes(text, *n, at);
        size_t to = some_line(text, *n, seed);
        char *line = strndup(text + at, length);
        memmove(text + to + length, text + to, *n - to);
        memcpy(text + to, line, length);
        *n += length;
        free(line);
        return;
    case 4: /* a line less */
        at = some_line(text, *n, seed);
        length = line_bytes(text, *n, at);
        memmove(text + at, text + at + length, *n - at - length);
        *n -= length;
        return;
    default: /* a word in the place of another, or of a part of it */
        while (at > 0 && text[at - 1] != ' ' && text[at - 1] != '\n' && dice_below(seed, 8))
            at--;
        length = strcspn(text + at, " \n");
        memmove(text + at + strlen(word), text + at + length, *n - at - length);
        memcpy(text + at, word, strlen(word));
        *n += strlen(word) - length;
    }
}

START_TEST(a_session_that_was_tampered_with_is_taken_whole_or_refused)
{
    uint32_t seed = 9;
    unsigned n_taken = 0, n_tried = 0;
    char *text = malloc(4 * n_whole + 1000);
    ck_assert_ptr_nonnull(text);
    for (; n_tried < MUTATIONS; n_tried++) {
        size_t n = n_whole;
        memcpy(text, whole, n);
        text[n] = '\0';
        for (unsigned k = 1 + dice_below(&seed, 3); k && n > 20; k--) {
            mutate(text, &n, &seed);
            text[n] = '\0';
        }
        n_taken += try(text, n);
    }
    ck_assert_msg(n_taken > MUTATIONS / 100 && n_taken < MUTATIONS, "%u of %u were taken", n_taken, n_tried);
    ck_assert(try(whole, n_whole));
    printf("REL D9 truncations=%zu fuzz=%u taken=%u crashes=0 PASS\n", n_whole, n_tried, n_taken);
    free(text);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_session_that_is_cut_off_anywhere_is_refused,
        a_session_that_is_cut_off_leaves_the_graph_as_it_was,
        a_session_that_was_tampered_with_is_taken_whole_or_refused,
    };
    return osc_rig_suite("damaged sessions", open_rig, close_rig, tests, ROWS(tests));
}
