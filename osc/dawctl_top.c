/* dawctl top: what each node costs, the dearest first, again and again. */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "graph/clock_shared.h"
#include "osc/fetch.h"
#include "osc/watching.h"

#define ROWS_MOST  1000 /* of a file or pipe; a datagram has room for some more */
#define HEAD_LINES 3
#define MEASURE_S  1.0
#define HOME_CLEAR "\033[H\033[J"

/* What /stats tells of the whole. */
struct whole {
    int64_t nodes, xruns, overruns;
    double worst_us;
};

static int fetch_whole(struct ask *ask, struct whole *whole)
{
    struct message answer;
    struct arg name, value;
    int outcome = (int)fetch(ask, "/stats", &answer);
    while (outcome == ASK_DONE && message_next(&answer, &name) && message_next(&answer, &value)) {
        const char *what = arg_string(&name);
        if (!what)
            continue;
        if (strcmp(what, "nodes") == 0)
            arg_integer(&value, &whole->nodes);
        else if (strcmp(what, "xruns") == 0)
            arg_integer(&value, &whole->xruns);
        else if (strcmp(what, "overruns") == 0)
            arg_integer(&value, &whole->overruns);
        else if (strcmp(what, "process_max_us") == 0)
            arg_number(&value, &whole->worst_us);
    }
    return outcome;
}

static unsigned rows_that_fit(bool is_terminal)
{
    struct winsize size = {0};
    if (!is_terminal || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || size.ws_row <= HEAD_LINES + 1)
        return ROWS_MOST;
    return size.ws_row - HEAD_LINES - 1u;
}

static void print_rows(struct message *answer)
{
    struct arg row[4]; /* node, type, block_ns, period_percent */
    double ns, percent;
    printf("%10s %9s  %-32s %s\n", "NS/BLOCK", "% PERIOD", "NODE", "TYPE");
    while (message_next(answer, &row[0]) && message_next(answer, &row[1]) && message_next(answer, &row[2]) &&
           message_next(answer, &row[3]))
        if (arg_string(&row[0]) && arg_string(&row[1]) && arg_number(&row[2], &ns) && arg_number(&row[3], &percent))
            printf("%10.0f %9.3f  %-32s %s\n", ns, percent, row[0].s, row[1].s);
}

/* The sum of what is told of: with more nodes than that, the dearest of them. */
static double percent_in(struct message answer)
{
    struct arg row[4];
    double percent, sum = 0;
    while (message_next(&answer, &row[0]) && message_next(&answer, &row[1]) && message_next(&answer, &row[2]) &&
           message_next(&answer, &row[3]))
        sum += arg_number(&row[3], &percent) ? percent : 0;
    return sum;
}

static int look(struct ask *ask, bool is_terminal)
{
    struct whole whole = {0};
    struct message answer;
    struct writer args;
    struct arg head[2];
    int outcome = fetch_whole(ask, &whole);
    if (outcome != ASK_DONE)
        return outcome;
    writer_init(&args);
    writer_double(&args, MEASURE_S);
    writer_int(&args, 0);
    writer_int(&args, (int32_t)rows_that_fit(is_terminal));
    outcome = (int)fetch_with(ask, "/stats/profile", &args, &answer);
    if (outcome != ASK_DONE || !message_next(&answer, &head[0]) || !message_next(&answer, &head[1]))
        return outcome;
    if (is_terminal)
        fputs(HOME_CLEAR, stdout);
    printf("%lld nodes, %.1f %% of the period; worst cycle %.0f us; %lld xruns, %lld overruns\n\n", (long long)whole.nodes,
           percent_in(answer), whole.worst_us, (long long)whole.xruns, (long long)whole.overruns);
    print_rows(&answer);
    fflush(stdout);
    return ASK_DONE;
}

static int top(const struct dawctl *dawctl, char **words)
{
    struct watching watching = {0};
    int64_t start_ms = clock_ms();
    (void)words;
    int next = watching_open(&watching, dawctl);
    if (next != DAWCTL_GO_ON)
        return next;
    do {
        next = look(&watching.ask, isatty(STDOUT_FILENO) && !dawctl->once);
    } while (next == ASK_DONE && !dawctl->once && !watching_interrupted() && !ferror(stdout) &&
             !(dawctl->seconds > 0 && (double)(clock_ms() - start_ms) >= dawctl->seconds * 1000));
    watching_close(&watching);
    return next;
}

const struct subcommand top_subcommand = {"top", "", "what each node costs, the dearest first", 0, 0, top};
