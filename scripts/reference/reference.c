/* usage: reference SOURCE      writes the page to stdout */
#include "scripts/reference/reference.h"

#include <stdbool.h>
#include <string.h>

static const struct piece pieces[] = {
    {"nodes index", nodes_index_md}, {"nodes", nodes_md},        {"commands", commands_md},    {"errors", errors_md},
    {"man commands", commands_man},  {"man errors", errors_man}, {"man options", options_man}, {"man limits", limits_man},
    {"man nodes", nodes_man},        {"events", events_md},      {"roles", roles_md},          {"limits", limits_md},
};

/* The piece that a line stands for, or null; *wrong when it looks like one and is none. */
static const struct piece *piece_of(const char *line, bool *wrong)
{
    size_t n = strcspn(line, "\n");
    *wrong = false;
    if (n < 3 || line[0] != '@' || line[n - 1] != '@')
        return NULL;
    for (unsigned i = 0; i < sizeof pieces / sizeof *pieces; i++)
        if (strlen(pieces[i].name) == n - 2 && strncmp(pieces[i].name, line + 1, n - 2) == 0)
            return &pieces[i];
    *wrong = true;
    return NULL;
}

static int page_write(FILE *source, const char *path)
{
    char line[4096];
    for (unsigned n = 1; fgets(line, sizeof line, source); n++) {
        bool wrong;
        const struct piece *piece = piece_of(line, &wrong);
        if (wrong) {
            fprintf(stderr, "%s:%u: there is no piece %s", path, n, line);
            return 1;
        }
        if (piece)
            piece->write(stdout);
        else
            fputs(line, stdout);
    }
    return ferror(source) || fflush(stdout) ? 1 : 0;
}

int main(int argc, char **argv)
{
    FILE *source = argc == 2 ? fopen(argv[1], "re") : NULL;
    if (!source) {
        fprintf(stderr, "usage: reference SOURCE, a page that can be read\n");
        return 2;
    }
    int failed = page_write(source, argv[1]);
    fclose(source);
    return failed;
}
