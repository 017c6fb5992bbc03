/* Row O10: every command that takes the name of a file, with every name that should not work, and a folder that is swapped for
 * a link all the while; strace tells what the daemon has in fact opened. */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "daemon/files.h"
#include "graph/node.h"
#include "osc/command.h"
#include "osc/row.h"
#include "tests/system/hostile_names.h"
#include "tests/system/net_rows.h"

#define NAMES_LEAST 64
#define RACES       1000   /* requests while the folder is swapped */
#define RACES_ALONE 100000 /* openings, likewise */
#define ATTACH_S    5.0
#define LINE_BYTES  16384 /* of strace: a name of 4 kB, each byte of which may take four */
#define ROOT_BYTES  200
#define EXCHANGE    2 /* of renameat2 */

struct paths {
    struct studio *studio;
    struct process strace;
    char root[ROOT_BYTES];
    struct stat inside; /* the file that the race is about */
    unsigned n_commands, n_names, n_asked, n_done, n_unanswered, n_dirty;
    unsigned n_in, n_refused;    /* requests of the race: those that found the folder, and those that found the link */
    unsigned n_in_alone;         /* likewise, without the daemon */
    unsigned n_calls, n_outside; /* of the kernel: with a name, and those that reached something outside */
    atomic_bool stop;
    unsigned n_swaps;
};

/* ---- what takes a name ----------------------------------------------------------------------------------------------- */

static bool is_path(const struct row_word *word)
{
    static const char *const words[] = {"file", "path", "folder", "directory"};
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
        if (word->type == 's' && strcmp(word->name, words[i]) == 0)
            return true;
    return false;
}

/* Arguments in front of the name, which must be there or stand before it. */
static void add_something(lo_message message, char type)
{
    if (type == 'i')
        lo_message_add_int32(message, 1);
    else if (type == 'd' || type == 'p')
        lo_message_add_float(message, 1);
    else if (type == 'b')
        lo_message_add_true(message);
    else
        lo_message_add_string(message, "something");
}

/* The command with `name` for argument `place`; null when that is no name of a file. */
static lo_message message_for(const struct command *command, unsigned place, const char *name)
{
    lo_message message = lo_message_new();
    struct row_word word = {0};
    const char *at = command->args;
    bool is_one = false;
    for (unsigned i = 0; row_arg_next(&at, &word); i++) {
        bool is_it = i == place && is_path(&word);
        is_one |= is_it;
        if (is_it && word.is_keyword)
            lo_message_add_string(message, word.name);
        if (is_it)
            lo_message_add_string(message, name);
        else if (!word.is_keyword && !word.is_rest && (i < place || !word.is_optional))
            add_something(message, word.type);
    }
    if (is_one)
        return message;
    lo_message_free(message);
    return NULL;
}

static void ask(struct paths *paths, const char *address, lo_message message)
{
    const struct answer *answer = client_ask_message(&paths->studio->client, address, message);
    paths->n_asked++;
    paths->n_done += answer->done;
    paths->n_unanswered += !answer->came;
    for (const char *at = answer->text; *at; at++)
        paths->n_dirty += (unsigned char)*at < ' ';
}

static void ask_commands(struct paths *paths, const char *name, bool counts)
{
    for (unsigned f = 0; f < n_command_families; f++)
        for (unsigned c = 0; c < command_families[f]->n_commands; c++)
            for (unsigned place = 0; place < COMMAND_ARGS_MAX; place++) {
                const struct command *command = &command_families[f]->commands[c];
                lo_message message = message_for(command, place, name);
                paths->n_commands += counts && message;
                if (message)
                    ask(paths, command->address, message);
            }
}

static lo_message words(const char *a, const char *b, const char *c, const char *d)
{
    lo_message message = lo_message_new();
    const char *const all[] = {a, b, c, d};
    for (unsigned i = 0; i < 4 && all[i]; i++)
        lo_message_add_string(message, all[i]);
    return message;
}

/* A parameter that names a file: of a new node, and of one that takes its place. */
static void ask_param(struct paths *paths, const struct node_class *class, const struct param_info *param, const char *name)
{
    char address[128];
    ask(paths, "/graph/add", words(class->name, "n", param->name, name));
    snprintf(address, sizeof address, "/node/%s/%s", class->name, param->name);
    ask(paths, address, words(name, NULL, NULL, NULL));
    ask(paths, "/graph/replace", words("honest", class->name, param->name, name));
}

static void ask_params(struct paths *paths, const char *name, bool counts)
{
    for (unsigned i = 0; i < n_node_registry; i++)
        for (unsigned p = 0; p < node_registry[i]->n_params; p++) {
            const struct param_info *param = &node_registry[i]->params[p];
            if (!param_is_path(param))
                continue;
            paths->n_commands += counts ? 3 : 0;
            ask_param(paths, node_registry[i], param, name);
        }
}

static void ask_all(struct paths *paths)
{
    const char *name;
    for (unsigned i = 0; (name = hostile_name(paths->studio, i)); i++) {
        ask_commands(paths, name, i == 0);
        ask_params(paths, name, i == 0);
        paths->n_names++;
    }
    /* A zero within a string is no string, and is refused before anybody sees a name. */
    static const char cut[] = "/req/999999/session/load\0\0\0\0,s\0\0a\0b/../../outside/s.dawd\0";
    client_send(&paths->studio->client, cut, sizeof cut - 1 - (sizeof cut - 1) % 4);
    paths->n_unanswered += !client_await(&paths->studio->client, 0, 5)->came;
}

/* ---- the race -------------------------------------------------------------------------------------------------------- */

/* "door" is a folder with a session, and the next moment a link to the one outside. */
static void *swap(void *self)
{
    struct paths *paths = self;
    char door[ROOT_BYTES + 16], other[ROOT_BYTES + 16];
    snprintf(door, sizeof door, "%s/door", paths->root);
    snprintf(other, sizeof other, "%s/other", paths->root);
    while (!atomic_load(&paths->stop))
        paths->n_swaps += syscall(SYS_renameat2, AT_FDCWD, door, AT_FDCWD, other, EXCHANGE) == 0;
    return NULL;
}

static pthread_t start_swapping(struct paths *paths)
{
    pthread_t thread;
    atomic_store(&paths->stop, false);
    if (pthread_create(&thread, NULL, swap, paths))
        rig_fail("no thread for the race");
    return thread;
}

static void stop_swapping(struct paths *paths, pthread_t thread)
{
    atomic_store(&paths->stop, true);
    pthread_join(thread, NULL);
}

static void race(struct paths *paths)
{
    static const char *const formats[] = {"/session/load door/s.dawd fade 0.0", "/session/save door/s.dawd",
                                          "/graph/add player p%u file door/sound.wav", "/session/save door/new%u.dawd",
                                          "/graph/add record r%u file door/take%u.wav on T"};
    pthread_t thread = start_swapping(paths);
    for (unsigned i = 0; i < RACES; i++) {
        char line[128];
        snprintf(line, sizeof line, formats[i % 5], i, i);
        const struct answer *answer = client_ask(&paths->studio->client, "%s", line);
        paths->n_unanswered += !answer->came;
        paths->n_in += answer->done;
        paths->n_refused += strcmp(answer->symbol, "denied") == 0;
        if (i % 100 == 99)
            client_ask(&paths->studio->client, "/graph/clear");
    }
    stop_swapping(paths, thread);
}

/* The same without a daemon between, many times as fast: what is open is always one of the files beneath the root. */
static void race_alone(struct paths *paths)
{
    struct files files;
    struct error error;
    struct stat found;
    if (files_init(&files, (const char *const[]){paths->root}, 1, &error))
        rig_fail("the root cannot be opened: %s", error.text);
    pthread_t thread = start_swapping(paths);
    for (unsigned i = 0; i < RACES_ALONE; i++) {
        int fd = files_open(&files, i % 2 ? "door/sound.wav" : "door/../door/./sound.wav", &error);
        if (fd < 0)
            continue;
        paths->n_in_alone++;
        paths->n_outside += fstat(fd, &found) || found.st_ino != paths->inside.st_ino;
        close(fd);
    }
    stop_swapping(paths, thread);
    files_deinit(&files);
}

/* ---- what the kernel saw --------------------------------------------------------------------------------------------- */

/* Descriptors stand in the log with their paths, "4</dev/shm/...>": whether one of those of the line lies outside. */
static bool reaches_out(const struct paths *paths, const char *at)
{
    size_t n = strlen(paths->root);
    while ((at = strchr(at, '<'))) {
        bool is_path = at[1] == '/' && at[-1] >= '0' && at[-1] <= '9';
        if (is_path && (strncmp(at + 1, paths->root, n) || (at[1 + n] != '/' && at[1 + n] != '>')))
            return true;
        at++;
    }
    return false;
}

/* What opens tells where it came to behind the last " = "; what makes or removes, in which folder. Only to look is harmless. */
static void judge(struct paths *paths, const char *line)
{
    static const char *const changes[] = {"rename", "unlink", "mkdir", "link", "truncate",
                                          "chmod",  "chown",  "mknod", "rmdir"};
    const char *result = NULL;
    for (const char *at = line; (at = strstr(at, ") = ")); at++)
        result = at + 4;
    bool failed = result && *result == '-';
    paths->n_calls++;
    if (failed)
        return;
    bool opens = strstr(line, " open") || strstr(line, " creat(") || strstr(line, "... open");
    bool is_change = false;
    for (unsigned i = 0; i < sizeof changes / sizeof *changes; i++)
        is_change |= strstr(line, changes[i]) && strstr(line, changes[i]) < line + 20;
    bool out =
        opens && result ? reaches_out(paths, result) : is_change && (reaches_out(paths, line) || strstr(line, "AT_FDCWD"));
    paths->n_outside += out;
}

static void attach(struct paths *paths)
{
    char pid[16], log[128];
    snprintf(pid, sizeof pid, "%d", paths->studio->dawd.pid);
    snprintf(log, sizeof log, "%s/strace.log", paths->studio->folder);
    const char *const argv[] = {"strace", "-f", "-y", "-s", "16", "-e", "trace=%file,openat2", "-p", pid, NULL};
    process_start(&paths->strace, log, argv, NULL);
    if (!process_says(&paths->strace, "attached", ATTACH_S))
        rig_fail("strace does not attach to the daemon: %s", process_output(&paths->strace));
}

static void detach_and_judge(struct paths *paths)
{
    static char line[LINE_BYTES];
    process_stop(&paths->strace);
    FILE *file = fopen(paths->strace.log, "r");
    while (file && fgets(line, sizeof line, file))
        if (strchr(line, '('))
            judge(paths, line);
    if (file)
        fclose(file);
}

/* ---- the row --------------------------------------------------------------------------------------------------------- */

/* A node of each type that takes a name, called like its type. */
static void add_honest_nodes(struct paths *paths)
{
    client_do(&paths->studio->client, "/graph/add gain honest");
    client_do(&paths->studio->client, "/graph/add arpeggiator something"); /* that a file can be played to */
    for (unsigned i = 0; i < n_node_registry; i++) {
        const struct node_class *class = node_registry[i];
        for (unsigned p = 0; p < class->n_params; p++)
            if (param_is_path(&class->params[p]))
                client_ask(&paths->studio->client, "/graph/add %s %s %s %s.%s", class->name, class->name,
                           class->params[p].name, class->params[p].kind == PARAM_FILE ? "honest" : class->name,
                           class->params[p].reads == MEDIA_MIDI ? "mid" : "wav");
    }
}

static void prepare(struct paths *paths, const struct net_row *row)
{
    static const char honest[] = "# dawd session 1\n# end\n";
    static const char *const arguments[] = {"--no-jack", NULL};
    char path[ROOT_BYTES + 32];
    paths->studio = studio_open(&(struct studio_options){
        .variant = row->mutant ? "mutant" : NULL,
        .environment = net_row_environment(row),
        .no_server = true,
        .no_daemon = true,
        .root = "inner",
        .arguments = arguments,
    });
    hostile_folders_make(paths->studio, paths->root, sizeof paths->root);
    snprintf(path, sizeof path, "%s/door", paths->root);
    mkdir(path, 0755);
    snprintf(path, sizeof path, "%s/other", paths->root);
    if (symlink("../outside", path))
        rig_fail("no link for the race");
    snprintf(path, sizeof path, "%s/honest.wav", paths->root);
    studio_copy(paths->studio, path, "inner/door/sound.wav");
    studio_write(paths->studio, "inner/door/s.dawd", honest, strlen(honest));
    snprintf(path, sizeof path, "%s/door/sound.wav", paths->root);
    if (stat(path, &paths->inside))
        rig_fail("no file beneath the root");
    studio_start_daemon(paths->studio);
    add_honest_nodes(paths);
}

bool net_row_o10(const struct net_row *row)
{
    static struct paths paths;
    paths = (struct paths){.n_names = 0};
    prepare(&paths, row);
    attach(&paths);
    ask_all(&paths);
    bool is_whole = hostile_outside_is_whole(paths.studio);
    race(&paths);
    detach_and_judge(&paths);
    race_alone(&paths);
    bool alive = client_ask(&paths.studio->client, "/ping")->done;
    is_whole &= hostile_outside_is_whole(paths.studio);
    bool has_raced = paths.n_in && paths.n_refused && paths.n_in_alone && paths.n_in_alone < RACES_ALONE;
    bool pass = alive && is_whole && has_raced && paths.n_names >= NAMES_LEAST && paths.n_calls > paths.n_asked &&
                paths.n_outside + paths.n_unanswered + paths.n_dirty == 0;
    net_row_print(
        row,
        "REL O10 names=%u commands=%u asked=%u opened_outside=%u hung=%u done=%u dirty=%u outside_whole=%s calls=%u "
        "races=%u found=%u refused=%u races_alone=%u found_alone=%u swaps=%u %s\n",
        paths.n_names, paths.n_commands, paths.n_asked, paths.n_outside, paths.n_unanswered, paths.n_done, paths.n_dirty,
        is_whole ? "yes" : "no", paths.n_calls, RACES, paths.n_in, paths.n_refused, RACES_ALONE, paths.n_in_alone,
        paths.n_swaps, pass ? "PASS" : "FAIL");
    studio_close(paths.studio);
    return pass;
}
