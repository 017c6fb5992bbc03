#include "daemon/check.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/files.h"
#include "daemon/jack_rights.h"
#include "daemon/jack_shm.h"
#include "daemon/listen.h"
#include "daemon/render.h"
#include "daemon/token.h"

#define AUDIO_PRIORITY 5 /* that a client of a JACK server with its own defaults gets */

enum verdict { CHECK_OK, CHECK_WARNING, CHECK_ERROR, CHECK_VERDICTS };

struct check {
    const struct options *options;
    unsigned n[CHECK_VERDICTS];
};

static __attribute__((format(printf, 3, 4))) void find(struct check *check, enum verdict verdict, const char *format, ...)
{
    static const char *const words[] = {"ok", "warning", "error"};
    va_list args;
    va_start(args, format);
    printf("%-8s ", words[verdict]);
    vprintf(format, args);
    putchar('\n');
    va_end(args);
    check->n[verdict]++;
}

static void check_roots(struct check *check)
{
    const struct options *options = check->options;
    struct error error = {0};
    struct files files;
    if (files_init(&files, options->roots, options->n_roots, &error)) {
        find(check, CHECK_ERROR, "%s", error.text);
        return;
    }
    for (unsigned i = 0; i < files.n_roots; i++)
        find(check, CHECK_OK, "root %s", files.roots[i].real);
    if (faccessat(files.roots[0].fd, ".", W_OK | X_OK, AT_EACCESS))
        find(check, CHECK_WARNING, "root %s: nothing can be recorded or saved in it: %s", files.roots[0].real,
             strerror(errno));
    files_deinit(&files);
}

static void check_token(struct check *check)
{
    struct error error = {0};
    char token[CLIENT_TOKEN_BYTES];
    if (!check->options->token_file)
        return;
    if (token_read(check->options->token_file, token, &error))
        find(check, CHECK_ERROR, "%s", error.text);
    else
        find(check, CHECK_OK, "token %s", check->options->token_file);
    explicit_bzero(token, sizeof token);
}

/* What listens there already may well be the daemon itself. */
static void check_sockets(struct check *check)
{
    const struct options *options = check->options;
    struct error error = {0};
    struct net *net = NULL;
    if (listen_start(options, NULL, &net, &error) == 0)
        find(check, CHECK_OK, "port %u, socket %s", options->port, *options->socket ? options->socket : "none");
    else
        find(check, error.code == ERROR_BUSY ? CHECK_WARNING : CHECK_ERROR, "%s", error.text);
    net_close(net);
}

static void check_priority(struct check *check)
{
    const struct sched_param wanted = {AUDIO_PRIORITY}, usual = {0};
    char text[JACK_CAUSE_BYTES];
    if (sched_setscheduler(0, SCHED_FIFO, &wanted) == 0) {
        sched_setscheduler(0, SCHED_OTHER, &usual);
        find(check, CHECK_OK, "real-time priority %u", AUDIO_PRIORITY);
        return;
    }
    jack_rights_refused(AUDIO_PRIORITY, errno, text);
    find(check, CHECK_WARNING, "%s", text);
}

static void check_memory(struct check *check)
{
    struct jack_rights rights = {0};
    jack_rights_lock_memory(&rights);
    munlockall();
    if (rights.memory_locked)
        find(check, CHECK_OK, "locked memory");
    else
        find(check, CHECK_WARNING, "%s", rights.memory_cause);
}

static void check_shared_memory(struct check *check)
{
    struct jack_shm shm;
    char text[JACK_CAUSE_BYTES];
    const char *server = check->options->server ? check->options->server : "default";
    if (!jack_shm_look(JACK_SHM_FOLDER, server, &shm))
        find(check, CHECK_WARNING, "there is no %s, which JACK servers and clients share memory in", JACK_SHM_FOLDER);
    else if (jack_shm_explain(&shm, server, text) != JACK_CAUSE_NO_SERVER)
        find(check, CHECK_WARNING, "%s", text);
    else
        find(check, CHECK_OK, "shared memory for JACK: %llu MiB free", (unsigned long long)(shm.free_bytes >> 20));
}

static void check_session(struct check *check)
{
    struct error error = {0};
    if (!check->options->session)
        return;
    if (render_load(check->options, &error))
        find(check, CHECK_ERROR, "session %s: %s", check->options->session, error.text);
    else
        find(check, CHECK_OK, "session %s", check->options->session);
}

enum options_exit check_run(const struct options *options)
{
    struct check check = {.options = options};
    check_roots(&check);
    check_token(&check);
    check_sockets(&check);
    if (!options->no_jack) {
        check_priority(&check);
        check_memory(&check);
        check_shared_memory(&check);
    }
    if (!check.n[CHECK_ERROR]) /* it needs the roots */
        check_session(&check);
    printf("%u errors, %u warnings\n", check.n[CHECK_ERROR], check.n[CHECK_WARNING]);
    return check.n[CHECK_ERROR] ? OPTIONS_EXIT_FAILED : OPTIONS_EXIT_DONE;
}
