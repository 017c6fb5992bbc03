/* Row S5: whatever clients send, of no kind the log has more than ten lines in any second, wherever that second begins; and of
 * what was refused, not one is missing from what it shows and the numbers of what it does not.
 * Lane: busy */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "graph/node.h"
#include "tests/suite.h"
#include "tests/system/studio.h"

#define FLOOD_S      3.0
#define ALLOWED      10 /* lines of a kind in a second */
#define KINDS_MOST   32
#define LINES_MOST   60000
#define KIND_LETTERS 8 /* by which lines are told apart; what is refused is one kind by its form */

struct kind {
    char name[64];
    unsigned n_lines, n_suppressed; /* lines, and those that only their number is known of */
    /* When each was written, at the earliest; the latest is the time of the look that found it. */
    double from_s[LINES_MOST], to_s[LINES_MOST];
};

struct reader {
    FILE *file;
    double looked_s;
    unsigned n_kinds;
    struct kind kinds[KINDS_MOST];
};

/* ---- what the log says ---------------------------------------------------------------------------------------------- */

/* "/graph/remove: no_such_node: …" */
static bool is_refusal(const char *text)
{
    size_t n = strcspn(text, ":"), m = text[n] ? strspn(text + n + 2, "abcdefghijklmnopqrstuvwxyz_") : 0;
    return m && strncmp(text + n + 2 + m, ": ", 2) == 0 &&
           (*text == '/' || *text == '#' || strncmp(text, "a packet", n) == 0);
}

static struct kind *kind_find(struct reader *reader, const char *level, const char *text)
{
    char name[64];
    snprintf(name, sizeof name, "%.10s %.*s", level, is_refusal(text) ? 7 : KIND_LETTERS,
             is_refusal(text) ? "refusal" : text);
    for (unsigned i = 0; i < reader->n_kinds; i++)
        if (strcmp(reader->kinds[i].name, name) == 0)
            return &reader->kinds[i];
    if (reader->n_kinds == KINDS_MOST)
        rig_fail("the log has more kinds of lines than was thought of: %s", text);
    struct kind *kind = &reader->kinds[reader->n_kinds++];
    snprintf(kind->name, sizeof kind->name, "%s", name);
    return kind;
}

/* A line behind "dawd: ". */
static void take_line(struct reader *reader, char *line, double now_s)
{
    static const char like[] = " more lines like \"", times[] = "repeated ";
    char *text = strchr(line, ':'), *sample;
    if (!text)
        return;
    *text = '\0';
    text += 2;
    unsigned n_suppressed = 0;
    if (isdigit((unsigned char)*text) && (sample = strstr(text, like))) {
        n_suppressed = (unsigned)strtoul(text, NULL, 10);
        text = sample + sizeof like - 1;
    } else if (strncmp(text, times, sizeof times - 1) == 0 && (sample = strstr(text, " times: "))) {
        n_suppressed = (unsigned)strtoul(text + sizeof times - 1, NULL, 10);
        text = sample + 8;
    }
    struct kind *kind = kind_find(reader, line, text);
    if (kind->n_lines == LINES_MOST)
        return;
    kind->from_s[kind->n_lines] = reader->looked_s;
    kind->to_s[kind->n_lines++] = now_s;
    /* A count is a line of its kind, but stands for others. */
    kind->n_suppressed += n_suppressed - (n_suppressed > 0);
}

static void look(struct reader *reader)
{
    char line[2048];
    double now = now_s();
    for (long at = ftell(reader->file); fgets(line, sizeof line, reader->file); at = ftell(reader->file)) {
        if (!strchr(line, '\n')) { /* half of one: the rest comes with the next look */
            fseek(reader->file, at, SEEK_SET);
            break;
        }
        if (strncmp(line, "dawd: ", 6) == 0)
            take_line(reader, line + 6, now);
    }
    clearerr(reader->file);
    reader->looked_s = now;
}

/* The most lines that are sure to have come within one second. */
static unsigned most_in_a_second(const struct kind *kind)
{
    unsigned most = 0;
    for (unsigned first = 0, end = 0; first < kind->n_lines; first++) {
        while (end < kind->n_lines && kind->to_s[end] - kind->from_s[first] < 1)
            end++;
        most = end > first && end - first > most ? end - first : most;
    }
    return most;
}

/* ---- the flood ------------------------------------------------------------------------------------------------------ */

static void drain(struct client *client)
{
    char bytes[65536];
    while (recv(client->fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
        continue;
}

/* One of each thing that the log has a word for, all of them different. */
static void send_round(struct client *udp, struct client *stream, unsigned i)
{
    char bytes[64];
    for (unsigned k = 0; k < 20; k++) {
        client_tell(udp, "/graph/remove nobody%u_%u", i, k);
        size_t n = (size_t)snprintf(bytes, sizeof bytes, "/no%uosc%u", i, k);
        client_send(udp, bytes, n & ~(size_t)3);
    }
    client_tell(stream, "/graph/add record r%u file take%u.wav on T", i, i);
    client_tell(stream, "/node/r%u/on F", i);
    client_tell(stream, "/graph/add record s%u file take%u.wav on T", i, i); /* which is there */
    client_tell(stream, "/session/load nothing%u", i);
    client_tell(stream, "/log/level odd%u", i);
    if (i % 2)
        client_tell(stream, "/session/new");
    drain(udp);
    drain(stream);
}

/* A figure of /stats. */
static double stat_of(struct client *client, const char *name)
{
    const struct answer *answer = client_do(client, "/stats");
    for (int i = 0; i + 1 < answer_count(answer); i++)
        if (strcmp(answer_string(answer, i), name) == 0)
            return answer_number(answer, i + 1);
    rig_fail("/stats has no \"%s\"", name);
}

/* Refusals that the log has shown or counted. */
static unsigned accounted(const struct reader *reader)
{
    unsigned n = 0;
    for (unsigned i = 0; i < reader->n_kinds; i++)
        if (strstr(reader->kinds[i].name, " refusal"))
            n += reader->kinds[i].n_lines + reader->kinds[i].n_suppressed;
    return n;
}

static bool is_accounted(struct studio *studio, const struct reader *reader)
{
    return accounted(reader) == (unsigned)stat_of(&studio->client, "failures");
}

static void flood(struct studio *studio, struct reader *reader)
{
    struct client udp, stream;
    client_open_udp(&udp, studio->port);
    client_open_unix(&stream, studio->socket);
    unsigned i = 0;
    for (double end = now_s() + FLOOD_S; now_s() < end; i++) {
        send_round(&udp, &stream, i);
        look(reader);
        pause_s(0.003);
    }
    /* What was held back is told a second later, or when the daemon comes to it. */
    for (double end = now_s() + 1.5; now_s() < end || (now_s() < end + 15 && !is_accounted(studio, reader));
         pause_s(0.01)) {
        drain(&udp);
        drain(&stream);
        look(reader);
    }
    client_close(&udp);
    client_close(&stream);
}

START_TEST(hostile_input_does_not_fill_the_log_and_what_is_held_back_is_counted)
{
    static struct reader reader;
    struct studio *studio = studio_open(&(struct studio_options){.period = 256});
    reader.file = fopen(studio->dawd.log, "r");
    ck_assert_ptr_nonnull(reader.file);
    reader.looked_s = now_s();
    flood(studio, &reader);
    double n_refused = stat_of(&studio->client, "failures");
    unsigned worst = 0, n_flooded = 0, n_told = 0, n_accounted = accounted(&reader);
    for (unsigned i = 0; i < reader.n_kinds; i++) {
        const struct kind *kind = &reader.kinds[i];
        unsigned most = most_in_a_second(kind);
        worst = most > worst ? most : worst;
        n_flooded += most >= ALLOWED;
        n_told += most >= ALLOWED && kind->n_suppressed;
        printf("%-28s %6u lines, at most %u in a second, %u told of\n", kind->name, kind->n_lines, most,
               kind->n_suppressed);
    }
    bool is_told = n_flooded && n_told == n_flooded && n_accounted == (unsigned)n_refused;
    bool pass = worst <= ALLOWED && n_flooded >= 4 && is_told;
    printf("REL S5 kinds=%u flooded=%u lines_per_s_max=%u refused=%.0f accounted=%u suppressed_told=%s %s\n",
           reader.n_kinds, n_flooded, worst, n_refused, n_accounted, is_told ? "yes" : "no", pass ? "PASS" : "FAIL");
    fflush(stdout);
    fclose(reader.file);
    studio_close(studio);
    ck_assert(pass);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {hostile_input_does_not_fill_the_log_and_what_is_held_back_is_counted};
    return suite_run("log flood", 60, tests, ROWS(tests));
}
